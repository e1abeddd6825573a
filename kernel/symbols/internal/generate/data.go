package generate

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// fromSource are the packages whose generic functions the front end lowers from the Go source.
var fromSource = map[string]bool{"slices": true, "cmp": true}

// Index is the first entry of a data file: the packages in it and what cells call them.
type Index struct {
	Path, Name string
}

// Data is a zip file with the export data, documentation and, for generic packages, the source of packages.
// That of the standard library has the version of Go in its comment.
func Data(pkgs []*Package) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	put := func(name string, text []byte) error {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	}
	var index []Index
	for _, p := range pkgs {
		index = append(index, Index{p.Path, p.Name})
	}
	text, err := json.Marshal(index)
	if err != nil {
		return nil, err
	}
	if err := put("index", text); err != nil {
		return nil, err
	}
	for _, p := range pkgs {
		var e bytes.Buffer
		if err := gcexportdata.Write(&e, token.NewFileSet(), p.Types); err != nil {
			return nil, fmt.Errorf("export data of %s: %w", p.Path, err)
		}
		docs, err := Docs(p)
		if err != nil {
			return nil, err
		}
		if err := put("export/"+p.Path, e.Bytes()); err != nil {
			return nil, err
		}
		if err := put("doc/"+p.Path, docs); err != nil {
			return nil, err
		}
		if !fromSource[p.Path] {
			continue
		}
		for _, f := range p.Files {
			src, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				return nil, err
			}
			if err := put("source/"+p.Path+"/"+f, src); err != nil {
				return nil, err
			}
		}
	}
	if len(pkgs) > 0 && pkgs[0].Std {
		if err := z.SetComment(runtime.Version()); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Docs is the documentation of the exported names of a package, as a JSON object from name to text.
// A method or field is named Type.Name, the package itself "".
func Docs(p *Package) ([]byte, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.Files {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("documentation of %s: %w", p.Path, err)
		}
		files = append(files, f)
	}
	d, err := doc.NewFromFiles(fset, files, p.Path)
	if err != nil {
		return nil, fmt.Errorf("documentation of %s: %w", p.Path, err)
	}
	out := map[string]string{}
	add := func(name, text string) {
		if text = strings.TrimSpace(text); text != "" {
			out[name] = text
		}
	}
	values := func(vs []*doc.Value) {
		for _, v := range vs {
			for _, s := range v.Decl.Specs {
				vs := s.(*ast.ValueSpec)
				text := vs.Doc.Text()
				if text == "" {
					text = vs.Comment.Text()
				}
				if text == "" {
					text = v.Doc
				}
				for _, n := range vs.Names {
					add(n.Name, text)
				}
			}
		}
	}
	funcs := func(prefix string, fs []*doc.Func) {
		for _, f := range fs {
			add(prefix+f.Name, f.Doc)
		}
	}
	add("", d.Doc)
	values(d.Consts)
	values(d.Vars)
	funcs("", d.Funcs)
	for _, t := range d.Types {
		add(t.Name, t.Doc)
		values(t.Consts)
		values(t.Vars)
		funcs("", t.Funcs)
		funcs(t.Name+".", t.Methods)
		for _, s := range t.Decl.Specs {
			members(s.(*ast.TypeSpec), add)
		}
	}
	return json.Marshal(out)
}

// members adds the comments of fields and interface methods.
func members(ts *ast.TypeSpec, add func(name, text string)) {
	var list []*ast.Field
	switch t := ts.Type.(type) {
	case *ast.StructType:
		list = t.Fields.List
	case *ast.InterfaceType:
		list = t.Methods.List
	}
	for _, f := range list {
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		for _, n := range f.Names {
			if n.IsExported() {
				add(ts.Name.Name+"."+n.Name, text)
			}
		}
	}
}
