package cell

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
)

// large is the number of bytes from which the runtime is asked whether there is room before make is: what no machine has ends
// the process.
const large = 1 << 30

// rooms writes checks of the sizes that a statement makes something of.
func (c *emitter) rooms(nodes ...ast.Node) {
	if c.info == nil || c.p.twin {
		return
	}
	for _, n := range nodes {
		if n == nil {
			continue
		}
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.BlockStmt:
				return false
			case *ast.CallExpr:
				if size, each := c.made(n); size != nil && c.simple(size) {
					c.room(size, each)
				}
			}
			return true
		})
	}
}

// room writes the check of a size.
func (c *emitter) room(size ast.Expr, each int64) {
	if v := c.tv(size).Value; v != nil {
		if n, ok := constant.Int64Val(constant.ToInt(v)); !ok || n <= large/each {
			return
		}
		c.w("%s(%s, %d)\n", c.l.rt("Room"), c.constant(types.Typ[types.Int], v), each)
		return
	}
	n := c.indexValue(size)
	c.w("if %s > %d { %s(%s, %d) }\n", n, large/each, c.l.rt("Room"), n, each)
}

// made is the size that a call of make is given, and the bytes that each element takes; nil if it is none, or gives no size.
func (c *emitter) made(e *ast.CallExpr) (size ast.Expr, each int64) {
	id, ok := ast.Unparen(e.Fun).(*ast.Ident)
	if !ok || id.Name != "make" || !c.tv(e.Fun).IsBuiltin() || len(e.Args) < 2 {
		return nil, 0
	}
	sizes := types.SizesFor("gc", "amd64")
	switch t := c.typeOf(e.Args[0]).Underlying().(type) {
	case *types.Slice:
		each = sizes.Sizeof(c.subst(t.Elem()))
	case *types.Chan:
		each = sizes.Sizeof(c.subst(t.Elem()))
	case *types.Map:
		each = 1 + sizes.Sizeof(c.subst(t.Key())) + sizes.Sizeof(c.subst(t.Elem()))
	}
	if each <= 0 {
		return nil, 0
	}
	return e.Args[len(e.Args)-1], each // the capacity is not less than the length
}

// checked is the text of a size that no check stands before.
func (c *emitter) checked(text string, e *ast.CallExpr, i int) string {
	size, each := c.made(e)
	if size == nil || size != e.Args[i] || c.simple(size) || c.p.twin || c.info == nil {
		return text
	}
	for _, l := range c.loops {
		if l.kind == "for" { // a call takes as long as making a small slice does
			return text
		}
	}
	return fmt.Sprintf("%s(%s, %d)", c.l.rt("Len"), text, each)
}
