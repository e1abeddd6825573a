package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// bounds writes checks of the indexes in a statement, so that an index out of range can be reported with its numbers. The
// interpreter checks every index itself, but does not tell them; a check of ours takes half as long again as the access,
// so there is none in loops, but for plain loops at the top level of a cell and those that call functions, which takes longer.
func (c *emitter) bounds(nodes ...ast.Node) {
	c.rooms(nodes...)
	if !c.checks() {
		return
	}
	for _, n := range nodes {
		if n != nil && !c.callsCells(n) {
			c.boundsIn(n)
		}
	}
}

// checks tells whether there is time to check indexes here.
func (c *emitter) checks() bool {
	depth, calls := 0, true
	for _, l := range c.loops {
		if l.kind == "for" {
			depth++
			calls = l.calls
		}
	}
	return c.info != nil && (calls || depth == 1 && c.top)
}

// acting tells whether an expression receives from a channel or makes a call of that kind, other than in a literal.
func acting(n ast.Node, kind func(*ast.CallExpr) bool) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.CallExpr:
			found = found || kind(n)
		}
		return !found
	})
	return found
}

// callsCells tells whether functions of cells, or unknown ones, run in a statement: they may change what is indexed.
func (c *emitter) callsCells(n ast.Node) bool {
	return acting(n, func(e *ast.CallExpr) bool {
		if tv := c.tv(e.Fun); tv.IsType() || tv.IsBuiltin() {
			return false
		}
		f := c.callee(e)
		return f == nil || f.Pkg() == nil || c.l.src[f.Pkg()] != nil || f.Signature().TypeParams().Len() > 0
	})
}

func (c *emitter) boundsIn(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.BlockStmt:
			return false
		case *ast.AssignStmt:
			if len(n.Lhs) > 1 { // what is left of one that fails is assigned
				for _, e := range append(n.Lhs[:1:1], n.Rhs...) {
					c.boundsIn(e)
				}
				return false
			}
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				c.boundsIn(n.X) // the right side may not run
				return false
			}
		case *ast.IndexExpr:
			if !c.p.twin {
				c.boundsOf(n)
			}
		case *ast.SliceExpr:
			c.sliceBounds(n)
		}
		return true
	})
}

func (c *emitter) boundsOf(e *ast.IndexExpr) {
	if c.tv(e.Index).IsType() || !c.simple(e.X) || !c.simple(e.Index) {
		return
	}
	switch u := c.typeOf(e.X).Underlying().(type) {
	case *types.Slice:
	case *types.Basic:
		if u.Info()&types.IsString == 0 {
			return
		}
	case *types.Array:
		if c.tv(e.Index).Value != nil {
			return
		}
	default:
		return
	}
	i, x := c.indexValue(e.Index), "len("+c.base(e.X)+")"
	low := ""
	if c.tv(e.Index).Value == nil {
		low = i + " < 0 || "
	}
	fail := "IndexFail"
	if c.wide(e.Index) {
		fail, i = "WideIndexFail", "uint64("+c.expr(e.Index)+")"
		c.w("if %s >= uint64(%s) { %s(%s, %s) }\n", i, x, c.l.rt(fail), i, x)
		return
	}
	c.w("if %s%s >= %s { %s(%s, %s) }\n", low, i, x, c.l.rt(fail), i, x)
}

// wide tells an index that may be larger than an int can be.
func (c *emitter) wide(e ast.Expr) bool {
	b, ok := c.typeOf(e).Underlying().(*types.Basic)
	return ok && c.tv(e).Value == nil && (b.Kind() == types.Uint64 || b.Kind() == types.Uint || b.Kind() == types.Uintptr)
}

// sliceBounds writes the check of a slice expression.
func (c *emitter) sliceBounds(e *ast.SliceExpr) {
	x := c.base(e.X)
	size, word := "cap("+x+")", "capacity"
	switch u := c.typeOf(e.X).Underlying().(type) {
	case *types.Slice:
	case *types.Array:
		size, word = fmt.Sprint(u.Len()), "length"
	case *types.Basic:
		size, word = "len("+x+")", "length"
	default:
		return
	}
	bounds := []string{"nil", "nil", "nil"} // as the runtime is told of them
	last, unknown := "", false
	var conds []string
	for i, b := range []ast.Expr{e.Low, e.High, e.Max} {
		if b == nil {
			continue
		}
		if !c.simple(b) {
			return
		}
		bounds[i] = c.expr(b)
		v := c.indexValue(b)
		constant := c.tv(b).Value != nil
		switch {
		case last == "" && !constant:
			conds = append(conds, v+" < 0")
		case last != "" && (unknown || !constant):
			conds = append(conds, last+" > "+v)
		}
		last, unknown = v, unknown || !constant
	}
	if last == "" || !c.simple(e.X) {
		return
	}
	if e.High == nil {
		size = "len(" + x + ")"
	}
	conds = append(conds, last+" > "+size)
	c.w("if %s { %s(%q, len(%s), %s, %s) }\n", strings.Join(conds, " || "), c.l.rt("SliceFail"), word, x, size, strings.Join(bounds, ", "))
}

// simple tells an expression that can be evaluated twice: variables, their fields and arithmetic.
func (c *emitter) simple(e ast.Expr) bool {
	if c.tv(e).Value != nil {
		return true
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return c.simple(e.X)
	case *ast.Ident:
		v, ok := c.p.info.Uses[e].(*types.Var)
		return ok && v.Name() != "_"
	case *ast.SelectorExpr:
		sel := c.p.info.Selections[e]
		return sel != nil && sel.Kind() == types.FieldVal && c.simple(e.X)
	case *ast.BinaryExpr:
		return (e.Op == token.ADD || e.Op == token.SUB || e.Op == token.MUL) && c.simple(e.X) && c.simple(e.Y)
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		return ok && id.Name == "len" && c.tv(e.Fun).IsBuiltin() && c.simple(e.Args[0])
	}
	return false
}
