package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// sessionFile has the live declarations of earlier cells; bodies only where they are lowered again.
func (c *Checked) sessionFile() *ast.File {
	w := c.w
	f := &ast.File{Name: ast.NewIdent("main")}
	for path, alias := range w.alias {
		f.Decls = append(f.Decls, importSpec(alias, path))
	}
	replaced := map[string]bool{}
	for _, m := range c.methods {
		if id := recvIdent(m.fn); id != nil {
			replaced[id.Name+"."+m.name] = true
		}
	}
	for _, e := range w.live {
		switch e.kind {
		case typeEntity:
			f.Decls = append(f.Decls, &ast.GenDecl{Tok: token.TYPE, Specs: []ast.Spec{e.spec}})
			for _, m := range e.methods {
				if !replaced[e.unique+"."+m.name] {
					f.Decls = append(f.Decls, bodiless(m.fn, e.generic() || c.remeth[m]))
				}
			}
		case funcEntity:
			f.Decls = append(f.Decls, bodiless(e.fn, e.generic() || c.relower[e]))
		case varEntity, constEntity:
			c.valueEntity(f, e)
		}
	}
	return f
}

func (c *Checked) valueEntity(f *ast.File, e *entity) {
	if e.kind == varEntity && e.fixed != nil {
		c.pkg.Scope().Insert(types.NewVar(token.NoPos, c.pkg, e.unique, e.fixed))
		return
	}
	s := &ast.ValueSpec{Names: []*ast.Ident{ast.NewIdent(e.unique)}, Type: e.typ}
	tok := token.VAR
	if e.kind == constEntity {
		tok = token.CONST
		s.Values = []ast.Expr{e.value}
	}
	f.Decls = append(f.Decls, &ast.GenDecl{Tok: tok, Specs: []ast.Spec{s}})
}

func bodiless(d *ast.FuncDecl, body bool) *ast.FuncDecl {
	if body {
		return d
	}
	n := *d
	n.Body = nil
	return &n
}

func importSpec(name, path string) *ast.GenDecl {
	return &ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{&ast.ImportSpec{
		Name: ast.NewIdent(name), Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(path)},
	}}}
}

// cellFile has the declarations of the cell and the imports that it needs.
func (c *Checked) cellFile() *ast.File {
	f := &ast.File{Name: ast.NewIdent("main")}
	names := map[string]string{}
	maps.Copy(names, c.imports)
	for name, used := range c.selected() {
		if names[name] != "" || c.new[name] != nil {
			continue
		}
		if o := c.w.current[name]; o != nil {
			continue
		}
		if path := c.packagePath(name, used); path != "" {
			names[name] = path
		}
	}
	for alias := range c.usedAliases() {
		names[alias] = c.w.pathOf(alias)
	}
	for name, path := range names {
		f.Decls = append(f.Decls, importSpec(name, path))
	}
	f.Decls = append(f.Decls, c.decls...)
	return f
}

// packagePath is the import path of the package that name means where nothing of that name is declared; "" if none.
func (c *Checked) packagePath(name string, used map[string]bool) string {
	if path := c.w.imports[name]; path != "" {
		return path
	}
	return c.w.imp.find(name, used)
}

// ordered tells whether the cell is of declarations alone: then variables are set in the order of their dependencies.
func (c *Checked) ordered() bool {
	if c.program {
		return true
	}
	for _, it := range c.src.Items {
		if it.Kind == Stmt {
			return false
		}
	}
	return true
}

// usedAliases are the session's names of packages that renaming has put into the cell.
func (c *Checked) usedAliases() map[string]bool {
	out := map[string]bool{}
	for _, d := range c.decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(id.Name, "p"+old) {
				out[id.Name] = true
			}
			return true
		})
	}
	return out
}

// selected gives, for each name x of an expression x.Name, the names that are selected.
func (c *Checked) selected() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, d := range c.decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := s.X.(*ast.Ident); ok {
					if out[id.Name] == nil {
						out[id.Name] = map[string]bool{}
					}
					out[id.Name][s.Sel.Name] = true
				}
			}
			return true
		})
	}
	return out
}

// earlier finds names that a step uses before the cell declares them: they mean what they meant before the cell.
// It renames them and tells whether it did.
func (c *Checked) earlier() bool {
	at := map[types.Object]int{}
	for i, s := range c.steps {
		if s.spec == nil {
			continue
		}
		for _, n := range s.spec.Names {
			if o := c.info.Defs[n]; o != nil {
				at[o] = i
			}
		}
	}
	selected := c.selected()
	ordered := c.ordered()
	renamed := false
	var problems []Problem
	look := func(i int, n ast.Node) {
		if n == nil {
			return
		}
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			o := c.info.Uses[id]
			d, ok := at[o]
			if !ok || d < i {
				return true
			}
			if ordered && d != i {
				return true
			}
			switch e := c.w.current[id.Name]; {
			case e != nil:
				id.Name = e.unique
				renamed = true
			case selected[id.Name] != nil && len(c.w.imp.named(id.Name)) > 0:
				id.Name = c.w.aliasOf(c.packagePath(id.Name, selected[id.Name]))
				renamed = true
			default:
				p := c.w.fset.Position(id.Pos())
				pr := c.src.problemAt(p.Line, p.Column, id.Name+" is used before it is declared")
				pr.Hint = "it is declared in line " + strconv.Itoa(c.line(o.Pos()))
				problems = append(problems, pr)
			}
			return true
		})
	}
	for i, s := range c.steps {
		if s.spec != nil {
			for _, v := range s.spec.Values {
				look(i, v)
			}
			continue
		}
		if s.stmt != nil {
			look(i, s.stmt)
		}
	}
	if len(problems) > 0 && !renamed {
		// the cycle that go/types sees is this problem
		c.problems = append(slices.DeleteFunc(c.problems, func(p Problem) bool {
			return strings.Contains(p.Text, "initialization cycle") || strings.Contains(p.Text, "refers to")
		}), problems...)
	}
	return renamed
}
