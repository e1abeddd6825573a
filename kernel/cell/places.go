package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// place is one of the indices in brackets: x[lo], or x[lo:hi:max] where any may be nil.
type place struct {
	lo, hi, max ast.Expr
	slice       bool
}

// places takes an indexed expression apart. The parser has read x[i, a:b] as x[i][a:b], with the second bracket in src.commas.
func (o *operators) places(x ast.Expr) (base ast.Expr, at token.Pos, all []place, several bool) {
	for {
		switch n := x.(type) {
		case *ast.IndexExpr:
			base, at = n.X, n.Lbrack
			all = append([]place{{lo: n.Index}}, all...)
		case *ast.SliceExpr:
			base, at = n.X, n.Lbrack
			all = append([]place{{n.Low, n.High, n.Max, true}}, all...)
		case *ast.IndexListExpr:
			for _, i := range n.Indices {
				all = append(all, place{lo: i})
			}
			_, function := o.typeOf(n.X).(*types.Signature)
			return n.X, n.Lbrack, all, !function && !o.c.info.Types[n.X].IsType()
		}
		if !o.c.src.commas[at] {
			return base, at, all, several
		}
		several = true
		x = base
	}
}

// part is the call that stands for an indexed expression, nil if there is none.
func (o *operators) part(x ast.Expr) ast.Expr {
	if o.inner[x] {
		return nil
	}
	base, at, all, several := o.places(x)
	t := o.typeOf(base)
	if t == nil {
		return nil
	}
	parts := []ast.Expr{base}
	for _, p := range all {
		parts = append(parts, p.lo, p.hi, p.max)
	}
	if !o.algebra(t) || !indexable(t, all) {
		if !several {
			return nil
		}
		p := o.c.problem(x.Pos(), "invalid operation: more than one index in "+o.c.spelled(x))
		p.Hint = o.apart(base, all)
		return o.refuse(p, parts...)
	}
	for _, p := range all {
		if p.max != nil {
			return o.refuse(o.c.problem(x.Pos(), "invalid operation: 3-index slice of "+o.c.typeText(t)), parts...)
		}
	}
	if o.targets[x] {
		spelled := o.c.spelled(x)
		p := o.c.problem(x.Pos(), "cannot assign to "+spelled+" (neither addressable nor a map index expression)")
		if assignable(t) {
			p.Hint = spelled + ".Assign(y) changes it in place"
		}
		return o.refuse(p, parts...)
	}
	start, end := x.Pos(), x.End()
	cut := func(x ast.Expr, p place, axis int, last bool) ast.Expr {
		name, args := "Index", []ast.Expr{p.lo}
		switch {
		case !p.slice:
		case p.hi != nil:
			name, args = "Slice", []ast.Expr{p.lo, p.hi}
			if p.lo == nil {
				args[0] = o.literal(at, 0)
			}
		case p.lo != nil:
			name = "SliceFrom"
		case last:
			name, args[0] = "SliceFrom", o.literal(at, 0)
		default:
			return x // all of an axis that others follow
		}
		c := o.call(start, x, name, at, end, append([]ast.Expr{o.literal(at, axis)}, args...)...)
		o.indexed = append(o.indexed, c)
		return c
	}
	calls := 0
	for _, p := range parts[1:] {
		if p != nil && o.calling(p) {
			calls++
		}
	}
	y, n := base, len(all)
	if calls < 2 { // from the last axis, so that errors count axes as the author does
		for k := n - 1; k >= 0; k-- {
			y = cut(y, all[k], k, k == n-1)
		}
		return y
	}
	axis := 0
	for k, p := range all {
		y = cut(y, p, axis, k == n-1)
		if p.slice {
			axis++
		}
	}
	return y
}

// literal is a whole number.
func (o *operators) literal(at token.Pos, v int) ast.Expr {
	l := &ast.BasicLit{ValuePos: at, Kind: token.INT, Value: strconv.Itoa(v)}
	o.made[l] = true
	o.types[l] = types.Typ[types.UntypedInt]
	return l
}

// indexable tells whether a type has the methods for all indices.
func indexable(t types.Type, all []place) bool {
	for _, p := range all {
		ok := false
		switch {
		case !p.slice:
			ok = hasMethod(t, "Index", intType, intType)
		case p.hi != nil:
			ok = hasMethod(t, "Slice", intType, intType, intType)
		default:
			ok = hasMethod(t, "SliceFrom", intType, intType)
		}
		if !ok {
			return false
		}
	}
	return true
}

// assignable tells whether a type has the method Assign(T).
func assignable(t types.Type) bool {
	m, _, _ := types.LookupFieldOrMethod(t, false, nil, "Assign")
	f, ok := m.(*types.Func)
	return ok && f.Signature().Params().Len() == 1 && types.Identical(f.Signature().Params().At(0).Type(), t)
}

// apart is the hint for several indices where Go wants one.
func (o *operators) apart(base ast.Expr, all []place) string {
	var b strings.Builder
	for _, p := range all {
		if p.slice {
			return ""
		}
		b.WriteString("[" + o.c.spelled(p.lo) + "]")
	}
	return "write " + o.c.spelled(base) + b.String()
}

// integer is an index as an int, where its type is known to be another of whole numbers.
func (o *operators) integer(x ast.Expr) ast.Expr {
	t := o.typeOf(x)
	if t == nil {
		return x
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 || b.Info()&types.IsUntyped != 0 || types.Identical(t, intType) || !o.free("int") {
		return x
	}
	o.changed = true
	return o.convert("int", ast.Unparen(x))
}
