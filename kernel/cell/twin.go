package cell

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
)

// twin is the source of the generic parts of a compiled package: the package's own, or ours where that uses internals.
func (w *World) twin(path string) (*pkgInfo, error) {
	if t := w.twins[path]; t != nil {
		return t, nil
	}
	fset := token.NewFileSet()
	var files []*ast.File
	own := map[string]bool{}
	parse := func(name, text string) error {
		f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("source of %s: %w", path, err)
		}
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil {
				own[fd.Name.Name] = true
			}
		}
		files = append(files, f)
		return nil
	}
	if text := shims[path]; text != "" {
		if err := parse(path+"/shim.go", text); err != nil {
			return nil, err
		}
	}
	if w.imp.lib != nil {
		for name, text := range w.imp.lib.Source(path) {
			f, err := parser.ParseFile(fset, path+"/"+name, text, parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("source of %s: %w", path, err)
			}
			kept := f.Decls[:0]
			for _, d := range f.Decls {
				if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil && own[fd.Name.Name] {
					continue
				}
				kept = append(kept, d)
			}
			f.Decls = kept
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no source of package %s: %w", path, errNoPackage)
	}
	info := newInfo()
	var first error
	conf := types.Config{Importer: w.imp, Sizes: types.SizesFor("gc", "amd64"), Error: func(err error) {
		if te, ok := err.(types.Error); ok && te.Soft {
			return
		}
		if first == nil {
			first = err
		}
	}}
	p, _ := conf.Check(path, fset, files, info)
	if first != nil {
		return nil, fmt.Errorf("source of %s: %w", path, first)
	}
	var decls []*ast.FuncDecl
	for _, f := range files {
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				decls = append(decls, fd)
			}
		}
	}
	l := &lowerer{src: map[*types.Package]*pkgInfo{}}
	t := l.add(p, info, fset, decls)
	t.twin = true
	w.twins[path] = t
	return t, nil
}

func (l *lowerer) twinOf(c *emitter, pos token.Pos, path, what string) *pkgInfo {
	t, err := l.w.twin(path)
	if err != nil {
		c.stop(pos, what+" is generic and cannot be used in a cell: "+err.Error(), "")
	}
	l.src[t.types] = t
	return t
}

// twinFunc is the function of a twin that stands for a generic function of a compiled package.
func (l *lowerer) twinFunc(c *emitter, pos token.Pos, f *types.Func) *types.Func {
	t := l.twinOf(c, pos, f.Pkg().Path(), f.FullName())
	g, ok := t.types.Scope().Lookup(f.Name()).(*types.Func)
	if !ok {
		c.stop(pos, f.FullName()+" is generic and cannot be used in a cell", "")
	}
	return g
}

// twinType is the type of a twin that stands for an instance of a generic type of a compiled package.
func (l *lowerer) twinType(c *emitter, n *types.Named) *types.Named {
	t := l.twinOf(c, token.NoPos, n.Obj().Pkg().Path(), n.String())
	o, ok := t.types.Scope().Lookup(n.Obj().Name()).(*types.TypeName)
	if !ok {
		c.stop(token.NoPos, n.String()+" is generic and cannot be used in a cell", "")
	}
	return instantiate(o.Type(), typeList(n.TypeArgs())).(*types.Named)
}

// twinMethod is the method of the twin of a generic type.
func (l *lowerer) twinMethod(c *emitter, n *types.Named, m *types.Func) (*types.Named, *types.Func) {
	t := l.twinType(c, n)
	o, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, t.Obj().Pkg(), m.Name())
	f, ok := o.(*types.Func)
	if !ok {
		c.stop(token.NoPos, n.String()+"."+m.Name()+" cannot be used in a cell", "")
	}
	return t, f
}
