package cell

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// Plain is the text of the cell as Go has it: with calls in place of operators on values that have methods for them. It is the text
// itself where there are none.
func (c *Checked) Plain() string {
	var edits []edit
	for _, d := range c.decls {
		edits = append(edits, c.ops.edits(d)...)
	}
	return patched(c.src.Text, 0, edits)
}

// edit is a text in place of the bytes from lo to hi.
type edit struct {
	lo, hi int
	text   string
}

// patched is a text with edits, which count bytes from off before it.
func patched(text string, off int, edits []edit) string {
	slices.SortFunc(edits, func(a, b edit) int { return a.lo - b.lo })
	var b strings.Builder
	at := off
	for _, e := range edits {
		if e.lo < at {
			continue
		}
		b.WriteString(text[at-off:e.lo-off] + e.text)
		at = e.hi
	}
	return b.String() + text[at-off:]
}

// edits are what the calls in a tree change in the text.
func (o *operators) edits(root ast.Node) (es []edit) {
	ast.Inspect(root, func(n ast.Node) bool {
		text := ""
		switch n := n.(type) {
		case *ast.AssignStmt:
			if _, ok := o.assigns[n]; ok {
				text = o.source(n.Lhs[0]) + " = " + o.source(n.Rhs[0])
			}
		case *ast.ParenExpr:
			if c, ok := ast.Unparen(n).(*ast.CallExpr); ok && o.made[c] && !wrapped(c.Fun) {
				text = o.source(c)
			}
		}
		if x, ok := n.(ast.Expr); ok && text == "" && o.made[x] {
			text = o.source(x)
		}
		if text == "" {
			return true
		}
		es = append(es, edit{o.c.offset(n.Pos()), o.c.offset(n.End()), text}) // it ends with a bracket, or with a call
		return false
	})
	return es
}

// source is the text of an expression with calls.
func (o *operators) source(x ast.Expr) string {
	if !o.made[x] {
		return patched(o.c.text(x.Pos(), o.c.end(x)), o.c.offset(x.Pos()), o.edits(x))
	}
	switch x := x.(type) {
	case *ast.CallExpr:
		args := make([]string, len(x.Args))
		for i, a := range x.Args {
			args[i] = o.source(a)
		}
		return o.source(x.Fun) + "(" + strings.Join(args, ", ") + ")"
	case *ast.SelectorExpr:
		return o.source(x.X) + "." + x.Sel.Name
	case *ast.ParenExpr:
		if wrapped(x.X) {
			return "(" + o.source(x.X) + ")"
		}
		return o.source(x.X)
	case *ast.UnaryExpr:
		return "-" + o.source(x.X)
	case *ast.BasicLit:
		return x.Value
	case *ast.Ident:
		return x.Name
	case *ast.FuncLit:
		t := types.TypeString(o.c.info.Types[x].Type.(*types.Signature).Results().At(0).Type(), o.c.packageName)
		call := x.Body.List[0].(*ast.ReturnStmt).Results[0]
		return "func(v float64, x " + t + ") " + t + " { return " + types.ExprString(call) + " }"
	}
	panic("internal error: a made " + types.ExprString(x))
}

// packageName is what the cell calls a package.
func (c *Checked) packageName(p *types.Package) string {
	if p == c.pkg {
		return ""
	}
	for name, path := range c.imports {
		if path == p.Path() {
			return name
		}
	}
	for name, path := range c.w.imports {
		if path == p.Path() {
			return name
		}
	}
	return p.Name()
}
