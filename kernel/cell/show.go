package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// prints tells a call of the print functions of fmt: what they give is of no interest.
func (c *emitter) prints(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	f := c.callee(call)
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == "fmt" && (strings.HasPrefix(f.Name(), "Print") || strings.HasPrefix(f.Name(), "Fprint"))
}

// show is the text that shows the value of the last expression; it tells whether there is a value.
func (c *emitter) show(e ast.Expr) bool {
	t := c.typeOf(e)
	tv := c.tv(e)
	switch {
	case tv.IsVoid():
		c.w("%s\n", c.expr(e))
		return false
	case tv.IsType():
		c.stop(e.Pos(), c.people(t)+" is a type, not a value", "")
	}
	if tu, ok := t.(*types.Tuple); ok {
		if tu.Len() == 0 || c.prints(e) {
			c.w("%s\n", c.expr(e))
			return false
		}
		var ts, vs []string
		for i := range tu.Len() {
			n := c.l.fresh("v")
			ts = append(ts, n)
			vs = append(vs, c.convText(n, tu.At(i).Type(), anyType))
		}
		c.w("%s := %s\n%s(%s)\n", strings.Join(ts, ", "), c.expr(e), c.l.rt("Show"), strings.Join(vs, ", "))
		return true
	}
	if tv.IsNil() {
		c.w("%s(nil)\n", c.l.rt("Show"))
		return true
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		c.w("v_show := %s\n%s(%s)\n", c.expr(e), c.l.rt("Show"), c.convText("v_show", t, anyType))
		return true
	}
	c.w("%s(%s)\n", c.l.rt("Show"), c.conv(e, anyType))
	return true
}
