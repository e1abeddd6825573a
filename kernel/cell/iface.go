package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strings"
)

// conv is the text of e where a value of type target is wanted.
func (c *emitter) conv(e ast.Expr, target types.Type) string {
	if target == nil {
		return c.expr(e)
	}
	target = c.subst(target)
	if isInterface(target) && c.isStdin(e) {
		return c.l.rt("Stdin") + "()"
	}
	tv := c.tv(e)
	if tv.IsNil() && c.froze[e] == "" {
		if c.recursive(target) {
			return c.typ(target) + "{}"
		}
		if n, ok := types.Unalias(target).(*types.Named); ok && isInterface(n) && !c.erased(n) && n.Obj().Pkg() != nil {
			return c.none(n)
		}
		return "nil"
	}
	if tv.Value != nil {
		if _, ok := target.Underlying().(*types.Basic); ok {
			return c.constant(target, tv.Value)
		}
	}
	st := c.typeOf(e)
	s := c.expr(e)
	if b, ok := st.Underlying().(*types.Basic); ok && tv.Value == nil && isInterface(target) && unsettled(e, b) {
		st = types.Default(st)
		s = c.helper("value", "(x "+c.typ(st)+") "+c.typ(st)+" { return x }") + "(" + s + ")"
	}
	return c.convText(s, st, target)
}

// none is nil of an interface type of a compiled package: the interpreter finds no type for the word.
func (c *emitter) none(t types.Type) string {
	ts := c.typ(t)
	return c.helper("none", "() "+ts+" { var z "+ts+"; return z }") + "()"
}

// unsettled tells an operation whose result the interpreter sets as a value of its kind, also where that is to go into an
// interface.
func unsettled(e ast.Expr, t *types.Basic) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return t.Info()&types.IsBoolean != 0 || e.Op == token.REM || e.Op == token.SHL || e.Op == token.SHR
	case *ast.UnaryExpr:
		return e.Op != token.ARROW && e.Op != token.AND && (e.Op != token.SUB || t.Info()&types.IsInteger != 0) // else it is a product
	}
	return false
}

// convText is the text s of a value of type st as a value of type target.
func (c *emitter) convText(s string, st, target types.Type) string {
	if _, ok := st.(*types.Tuple); ok {
		return s
	}
	if b, ok := st.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		return s
	}
	if isInterface(target) {
		switch {
		case c.erased(target) && c.erased(st):
			return s
		case c.erased(target) && isInterface(st):
			return c.l.rt("Up") + "(" + s + ")"
		case c.erased(target):
			return c.box(s, st)
		case c.erased(st):
			return c.assert(s, st, target, true)
		case isInterface(st):
			return s
		}
		return c.wrap(s, st, target)
	}
	from, to := c.typ(st), c.typ(target)
	if from == to {
		return s
	}
	if c.recursive(st) {
		s, from = c.under(s, st), c.underTyp(st)
	}
	if c.recursive(target) {
		if to = c.underTyp(target); from != to {
			s = paren(to) + "(" + s + ")"
		}
		if strings.HasPrefix(s, "func(") {
			s = c.closure(s, to)
		}
		return c.over(s, target)
	}
	if from == to {
		return s
	}
	if b, ok := st.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 && to == types.Default(b).String() {
		return s
	}
	return paren(to) + "(" + s + ")"
}

// box is a value in an interface of the cell: with its type, if that is one of a cell.
func (c *emitter) box(s string, t types.Type) string {
	if !c.mentions(t) {
		return s
	}
	d := c.desc(t)
	c.l.boxed[d] = true
	return fmt.Sprintf("%s(%d, %s)", c.l.rt("B"), d.ID, s)
}

// wrap is a value of a type of a cell in an interface of a compiled package: its type at run time has the methods.
func (c *emitter) wrap(s string, st, target types.Type) string {
	if !c.mentions(st) {
		return s
	}
	return c.compiled(c.box(s, st), target)
}

// compiled is the text of a value that is known to have the methods of a compiled interface, as one of that interface.
func (c *emitter) compiled(s string, target types.Type) string {
	if types.Unalias(target).(*types.Named).Obj().Pkg() == nil {
		return c.l.rt("Error") + "(" + s + ")"
	}
	return s + ".(" + c.typ(target) + ")"
}

// assert is the text of the assertion that s, of interface type from, holds a t: one value that panics, or two.
func (c *emitter) assert(s string, from, t types.Type, must bool) string {
	if !c.mentions(t) && !exact(t) && !isInterface(t) {
		return s + ".(" + c.typ(t) + ")"
	}
	if !c.erased(from) {
		s = c.l.rt("Up") + "(" + s + ")"
	}
	var n string
	ts := c.typ(t)
	switch {
	case c.erased(t):
		n = c.helper("asInterface", fmt.Sprintf("(x interface{}) (interface{}, bool) { if %s(x, %d) { return x, true }; return nil, false }", c.l.rt("Impl"), c.id(t)))
	case isInterface(t) && types.Unalias(t).(*types.Named).Obj().Pkg() == nil:
		n = c.l.rt("AsError")
	case !c.mentions(t) && exact(t):
		n = c.helper("as", fmt.Sprintf("(x interface{}) (%s, bool) { var z %s; if %s(x, z) { r := x.(%s); return r, true }; return z, false }", ts, ts, c.l.rt("Exact"), ts))
	case !c.mentions(t):
		n = c.helper("as", fmt.Sprintf("(x interface{}) (%s, bool) { var z %s; if x == nil { return z, false }; if r, ok := x.(%s); ok { return r, true }; return z, false }", ts, ts, ts))
	default:
		id := c.desc(t).ID
		if st, ok := t.Underlying().(*types.Struct); ok && st.NumFields() == 0 { // the interpreter cannot assert it
			n = c.helper("as", fmt.Sprintf("(x interface{}) (%s, bool) { var z %s; return z, %s(x) == %d }", ts, ts, c.l.rt("ID"), id))
			break
		}
		n = c.helper("as", fmt.Sprintf("(x interface{}) (%s, bool) { if %s(x) == %d { r := %s(x).(%s); return r, true }; var z %s; return z, false }", ts, c.l.rt("ID"), id, c.l.rt("V"), ts, ts))
	}
	if must {
		n = c.helper("must", fmt.Sprintf("(x interface{}) %s { r, ok := %s(x); if !ok { %s(x, %q, %q, %d, %q) }; return r }", ts, n, c.l.rt("AssertFail"), c.people(from), c.people(t), c.id(t), methodNames(t)))
	}
	return n + "(" + s + ")"
}

// exact tells a type without a name: values of types that are named and made of it are not of the type, as the
// interpreter would have it.
func exact(t types.Type) bool {
	switch types.Unalias(t).(type) {
	case *types.Named, *types.Basic:
		return false
	}
	return true
}

// id is the number of a type at run time, 0 if it is a compiled one.
func (c *emitter) id(t types.Type) int {
	if d := c.describe(t); d != nil {
		return d.ID
	}
	return 0
}

// methodNames are the names of the methods of an interface, in order.
func methodNames(t types.Type) string {
	u, ok := t.Underlying().(*types.Interface)
	if !ok {
		return ""
	}
	var ms []string
	for m := range u.Methods() {
		ms = append(ms, m.Name())
	}
	sort.Strings(ms)
	return strings.Join(ms, " ")
}
