package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// action tells what a step does.
func (d *read) action(s *step) Action {
	a := Action{Item: -1, Define: -1, Init: s.init != nil}
	for i := range d.Items {
		if &d.Items[i] == s.item {
			a.Item = i
		}
	}
	switch {
	case s.init != nil || a.Item < 0:
		return a
	case s.spec != nil:
		d.variables(&a, s)
	default:
		a.Body = Span{d.Items[a.Item].Off, d.Items[a.Item].End}
		d.statement(&a, s)
	}
	return a
}

func (d *read) variables(a *Action, s *step) {
	it := d.Items[a.Item]
	for i, n := range s.spec.Names {
		v := Variable{At: Span{d.offset(n.Pos()), d.identEnd(d.offset(n.Pos()))}}
		switch {
		case s.reuse != nil && s.reuse[i] != nil:
			v.Version, v.Again = d.versions[d.c.info.Uses[s.reuse[i]]], true
		case n.Name != "_":
			v.Version = d.versions[d.c.info.Defs[n]]
		}
		a.Vars = append(a.Vars, v)
	}
	a.Body = Span{a.Vars[0].At.Off, a.Vars[len(a.Vars)-1].At.End}
	if s.spec.Type != nil {
		a.Type = d.span(s.spec.Type)
		a.Body.End = a.Type.End
	}
	a.Pure = true
	if n := len(s.spec.Values); n > 0 {
		a.Values = Span{d.span(s.spec.Values[0]).Off, d.span(s.spec.Values[n-1]).End}
		a.Body.End = a.Values.End
		for _, v := range s.spec.Values {
			a.Pure = a.Pure && d.pure(v)
		}
	}
	if as, ok := it.Stmt.(*ast.AssignStmt); ok {
		a.Define = d.offset(as.TokPos)
		a.Body = Span{it.Off, it.End}
	}
}

// pure tells whether an expression has the same value whenever it is evaluated, and evaluating it does nothing else.
func (d *read) pure(x ast.Expr) bool {
	ok := true
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.TypeAssertExpr:
			if e, isExpr := n.(ast.Expr); !isExpr || !d.c.info.Types[e].IsType() {
				ok = false
			}
		case *ast.UnaryExpr:
			ok = ok && n.Op != token.ARROW
		case *ast.BinaryExpr:
			ok = ok && (n.Op != token.QUO && n.Op != token.REM || d.c.info.Types[n].Value != nil)
		case *ast.CallExpr:
			ok = ok && d.pureCall(n)
		case *ast.Ident:
			if v, isVar := d.c.info.Uses[n].(*types.Var); isVar && !v.IsField() {
				ok = false
			}
		}
		return ok
	})
	return ok
}

// pureCall tells conversions, and calls of functions that only make a value.
func (d *read) pureCall(call *ast.CallExpr) bool {
	if tv := d.c.info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		id, _ := ast.Unparen(call.Fun).(*ast.Ident)
		return tv.IsType() || id != nil && (id.Name == "make" || id.Name == "new" || d.c.info.Types[call].Value != nil)
	}
	f := d.callee(call)
	if f == nil || f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() + "." + f.Name() {
	case "errors.New", "regexp.MustCompile", "strings.NewReplacer":
		return true
	}
	return false
}

// callee is the function that a call names, nil if it is not known before the call.
func (d *read) callee(call *ast.CallExpr) *types.Func {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		o, _ := d.c.info.Uses[f].(*types.Func)
		return o
	case *ast.SelectorExpr:
		o, _ := d.c.info.Uses[f.Sel].(*types.Func)
		return o
	}
	return nil
}

func (d *read) statement(a *Action, s *step) {
	ast.Inspect(s.stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			a.Defers = true
		case *ast.ExprStmt:
			if call, ok := n.X.(*ast.CallExpr); ok && d.exits(call) {
				a.Exits = append(a.Exits, d.span(n))
			}
		}
		return true
	})
	if s.show == nil {
		return
	}
	tv := d.c.info.Types[s.show]
	switch t := tv.Type.(type) {
	case nil:
	case *types.Tuple:
		if call, ok := ast.Unparen(s.show).(*ast.CallExpr); ok && d.prints(call) {
			return
		}
		for v := range t.Variables() {
			a.Show = append(a.Show, Shown{v.Type(), d.typeText(v.Type())})
		}
	default:
		switch {
		case tv.IsType():
			d.c.fail(s.show.Pos(), "a type is not a value")
		case tv.IsNil():
			a.Show = []Shown{{Type: t}}
		case !tv.IsVoid():
			t = types.Default(t)
			a.Show = []Shown{{t, d.typeText(t)}}
		}
	}
}

// prints tells calls of fmt's functions that print: their results are not shown.
func (d *read) prints(call *ast.CallExpr) bool {
	f := d.callee(call)
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == "fmt" && (strings.HasPrefix(f.Name(), "Print") || strings.HasPrefix(f.Name(), "Fprint"))
}

// exits tells calls that end the cell, and not the notebook.
func (d *read) exits(call *ast.CallExpr) bool {
	f := d.callee(call)
	if f == nil || f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() + "." + f.Name() {
	case "runtime.Goexit":
		return true
	case "os.Exit":
		v := d.c.info.Types[call.Args[0]].Value
		return v != nil && v.ExactString() == "0"
	}
	return false
}
