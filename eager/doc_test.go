package eager

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// spelled says what the user calls to run an op that has no method of its own name.
var spelled = map[string]string{
	"Conv2dBias":          "Conv2d",
	"ConvTranspose2dBias": "ConvTranspose2d",
	"Conv2dWeight":        "Conv2d", // gradients
	"MaxPoolIndex":        "MaxPool2d",
	"AvgPool2dInput":      "AvgPool2d",
	"PutAdd":              "Take",
	"Triangle":            "Tril",
}

// sources is the files of this package but its tests.
func sources(t *testing.T) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

func documented(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	for _, file := range sources(t) {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				docs[d.Name.Name] = d.Doc.Text()
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok {
						docs[s.Name.Name] = d.Doc.Text()
					}
				}
			}
		}
	}
	return docs
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for name, doc := range documented(t) {
		if ast.IsExported(name) && !strings.HasPrefix(doc, name+" ") {
			t.Errorf("%s: doc comment is %q, want one that starts with the name", name, doc)
		}
	}
}

func TestEveryOpHasADocumentedMethod(t *testing.T) {
	docs := documented(t)
	for _, op := range Ops() {
		name := op.Name
		if s, ok := spelled[name]; ok {
			name = s
		}
		if docs[name] == "" {
			t.Errorf("%s: no doc comment on a method %s", op.Name, name)
		}
	}
}

func TestNoExportedGenerics(t *testing.T) {
	for _, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.IsExported() && n.Type.TypeParams != nil {
					t.Errorf("func %s is generic: a cell could not call it", n.Name.Name)
				}
			case *ast.TypeSpec:
				if n.Name.IsExported() && n.TypeParams != nil {
					t.Errorf("type %s is generic: a cell could not use it", n.Name.Name)
				}
			}
			return true
		})
	}
}
