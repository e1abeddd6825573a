package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// builtin is the text of a call of a predeclared function.
func (c *emitter) builtin(e *ast.CallExpr) string {
	name := ""
	switch f := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		name = c.p.info.ObjectOf(f).Name()
	case *ast.SelectorExpr:
		name = "unsafe." + f.Sel.Name
	}
	t := c.typeOf(e)
	arg := func(i int) types.Type { return c.typeOf(e.Args[i]) }
	switch name {
	case "append":
		return c.appendCall(e, t)
	case "copy", "close":
		var as []string
		for _, a := range e.Args {
			as = append(as, c.base(a))
		}
		return name + "(" + strings.Join(as, ", ") + ")"
	case "delete":
		m := arg(0).Underlying().(*types.Map)
		return "delete(" + c.base(e.Args[0]) + ", " + c.mapKey(e.Args[1], m.Key()) + ")"
	case "make":
		return c.makeCall(e, t)
	case "new":
		if c.tv(e.Args[0]).IsType() {
			return "new(" + c.typ(arg(0)) + ")"
		}
		et := t.Underlying().(*types.Pointer).Elem()
		ts := c.typ(et)
		return c.helper("newOf", fmt.Sprintf("(v %s) *%s { p := new(%s); *p = v; return p }", ts, ts, ts)) + "(" + c.conv(e.Args[0], et) + ")"
	case "min", "max":
		return c.minMax(e, name, t)
	case "clear":
		return c.l.rt("Clear") + "(" + c.base(e.Args[0]) + ")"
	case "print", "println":
		var r []string
		for _, a := range e.Args {
			switch {
			case c.tv(a).IsNil():
				r = append(r, "nil")
			case isInterface(c.typeOf(a)):
				r = append(r, c.conv(a, anyType))
			default:
				r = append(r, c.expr(a))
			}
		}
		return c.l.rt(strings.ToUpper(name[:1])+name[1:]) + "(" + strings.Join(r, ", ") + ")"
	case "recover":
		return c.l.rt("Recover") + "(" + c.recoverable() + ")"
	case "panic":
		return c.l.rt("Panic") + "(" + c.conv(e.Args[0], anyType) + ")"
	case "complex":
		ft := "float64"
		if b, ok := t.Underlying().(*types.Basic); ok && b.Kind() == types.Complex64 {
			ft = "float32"
		}
		return "complex(" + ft + "(" + c.expr(e.Args[0]) + "), " + ft + "(" + c.expr(e.Args[1]) + "))"
	case "real", "imag":
		return name + "(" + c.expr(e.Args[0]) + ")"
	case "len", "cap":
		if _, ok := arrayOf(arg(0)); ok {
			return c.arrayLen(e.Args[0])
		}
		return name + "(" + c.base(e.Args[0]) + ")"
	case "unsafe.Sizeof", "unsafe.Alignof", "unsafe.Offsetof":
		return c.helper("size", fmt.Sprintf("() uintptr { return %d }", c.size(name, e.Args[0]))) + "()"
	}
	if s, ok := c.unsafeCall(e, name, t); ok {
		return s
	}
	c.stop(e.Pos(), name+" cannot be used in a cell", "")
	return ""
}

// arrayOf is the array type that a type is, or points to.
func arrayOf(t types.Type) (*types.Array, bool) {
	u := t.Underlying()
	if p, ok := u.(*types.Pointer); ok {
		u = p.Elem().Underlying()
	}
	a, ok := u.(*types.Array)
	return a, ok
}

// arrayLen is the length of an array or of what points to one, which may be nil; the operand is evaluated only if it
// calls or receives.
func (c *emitter) arrayLen(e ast.Expr) string {
	a, _ := arrayOf(c.typeOf(e))
	if !c.acts(e) {
		return fmt.Sprint(a.Len())
	}
	return c.helper("lenOf", fmt.Sprintf("(x %s) int { return %d }", c.underTyp(c.typeOf(e)), a.Len())) + "(" + c.base(e) + ")"
}

// acts tells whether an expression calls a function or receives from a channel.
func (c *emitter) acts(e ast.Expr) bool {
	return acting(e, func(n *ast.CallExpr) bool { return c.tv(n).Value == nil && !c.tv(n.Fun).IsType() })
}

// size is what a function of package unsafe says of an expression whose type depends on type parameters.
func (c *emitter) size(name string, e ast.Expr) int64 {
	sizes := types.SizesFor("gc", "amd64")
	if name == "unsafe.Sizeof" {
		return sizes.Sizeof(c.typeOf(e))
	}
	se, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if name == "unsafe.Alignof" {
		return sizes.Alignof(c.typeOf(e))
	}
	if !ok || c.p.info.Selections[se] == nil {
		c.stop(e.Pos(), "internal error: offset of this expression", "")
	}
	sel := c.p.info.Selections[se]
	t := c.subst(sel.Recv())
	_, index, _ := types.LookupFieldOrMethod(t, true, sel.Obj().Pkg(), sel.Obj().Name())
	var off int64
	for _, i := range index {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st := t.Underlying().(*types.Struct)
		var fs []*types.Var
		for f := range st.Fields() {
			fs = append(fs, types.NewField(f.Pos(), f.Pkg(), f.Name(), c.subst(f.Type()), f.Embedded()))
		}
		off += sizes.Offsetsof(fs)[i]
		t = fs[i].Type()
	}
	return off
}

// unsafeCall is a call of a function of package unsafe.
func (c *emitter) unsafeCall(e *ast.CallExpr, name string, t types.Type) (string, bool) {
	x := c.expr(e.Args[0])
	n := ""
	if len(e.Args) > 1 {
		n = c.indexValue(e.Args[1])
	}
	switch name {
	case "unsafe.Add":
		return c.l.rt("UnsafeAdd") + "(" + x + ", " + n + ")", true
	case "unsafe.String":
		return c.l.rt("UnsafeString") + "(" + x + ", " + n + ")", true
	case "unsafe.StringData":
		return c.l.rt("UnsafeStringData") + "(" + x + ")", true
	case "unsafe.Slice":
		return c.l.rt("UnsafeSlice") + "(" + x + ", " + n + ").(" + c.typ(t) + ")", true
	case "unsafe.SliceData":
		return c.l.rt("UnsafeSliceData") + "(" + x + ").(" + c.typ(t) + ")", true
	}
	return "", false
}

func (c *emitter) makeCall(e *ast.CallExpr, t types.Type) string {
	s := "make(" + c.underTyp(t)
	ch, oneWay := t.Underlying().(*types.Chan)
	if oneWay = oneWay && ch.Dir() != types.SendRecv; oneWay {
		s = "make(" + c.typ(types.NewChan(types.SendRecv, ch.Elem()))
	}
	for i, a := range e.Args[1:] {
		switch v := c.tv(a).Value; {
		case v != nil:
			s += ", " + c.constant(types.Typ[types.Int], v)
		case i == 1: // the interpreter does not tell which of the two is too large
			s += ", " + c.checked(c.l.rt("Cap")+"("+c.indexValue(a)+")", e, 2)
		default:
			s += ", " + c.checked(c.indexValue(a), e, i+1)
		}
	}
	s += ")"
	if oneWay {
		s = paren(c.underTyp(t)) + "(" + s + ")"
	}
	return c.over(s, t)
}

func (c *emitter) appendCall(e *ast.CallExpr, t types.Type) string {
	el := t.Underlying().(*types.Slice).Elem()
	first := c.base(e.Args[0])
	if first == "nil" {
		first = c.underTyp(t) + "(nil)"
	}
	r := []string{first}
	for i, a := range e.Args[1:] {
		if e.Ellipsis != token.NoPos && i == len(e.Args)-2 {
			s := c.base(a)
			if b, ok := c.typeOf(a).Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
				s = "[]byte(" + s + ")"
			}
			r = append(r, s+"...")
			continue
		}
		x := c.conv(a, el)
		_, index := ast.Unparen(a).(*ast.IndexExpr)
		if _, cut := ast.Unparen(e.Args[0]).(*ast.SliceExpr); cut && index && i > 0 { // an element that the ones before it may overwrite
			x = c.helper("same", fmt.Sprintf("(v %s) %s { return v }", c.typ(el), c.typ(el))) + "(" + x + ")"
		}
		if x == "nil" && !isInterface(el) { // several in one function would have the type of the first
			x = paren(c.typ(el)) + "(nil)"
		}
		r = append(r, x)
	}
	if len(r) == 1 {
		return c.over(first, t)
	}
	return c.over("append("+strings.Join(r, ", ")+")", t)
}

func (c *emitter) minMax(e *ast.CallExpr, name string, t types.Type) string {
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		t = types.Default(t)
	}
	ts := c.typ(t)
	n := ""
	switch ts {
	case "int", "float64", "float32":
		n = c.l.rt(strings.ToUpper(name[:1]) + name[1:] + strings.ToUpper(ts[:1]) + ts[1:])
	default:
		op := map[string]string{"min": "<", "max": ">"}[name]
		n = c.helper(name, fmt.Sprintf("(a, b %s) %s { if a %s b { return a }; return b }", ts, ts, op))
	}
	s := c.conv(e.Args[0], t)
	for _, a := range e.Args[1:] {
		s = n + "(" + s + ", " + c.conv(a, t) + ")"
	}
	return s
}

// receive is a receive expression; two tells whether the second value is wanted.
func (c *emitter) receive(e *ast.UnaryExpr, two bool) string {
	ch := c.typeOf(e.X).Underlying().(*types.Chan)
	x := c.base(e.X)
	et := c.subst(ch.Elem())
	if two {
		return c.helper("receive2", fmt.Sprintf("(ch %s) (%s, bool) { v, ok := %s(ch); %s; return r, ok }", c.underTyp(c.typeOf(e.X)), c.typ(et), c.l.rt("Receive"), c.received("r", "v", et))) + "(" + x + ")"
	}
	return c.helper("receive", fmt.Sprintf("(ch %s) %s { v, _ := %s(ch); %s; return r }", c.underTyp(c.typeOf(e.X)), c.typ(et), c.l.rt("Receive"), c.received("r", "v", et))) + "(" + x + ")"
}

// received makes r, of type t, of the interface value v that the runtime took from a channel.
func (c *emitter) received(r, v string, t types.Type) string {
	if c.erased(t) {
		return r + " := " + v
	}
	if st, ok := t.Underlying().(*types.Struct); ok && st.NumFields() == 0 {
		return "var " + r + " " + c.typ(t)
	}
	if isInterface(t) { // the interpreter cannot assert nil
		return "var " + r + " " + c.typ(t) + "; if " + v + " != nil { " + r + " = " + v + ".(" + c.typ(t) + ") }"
	}
	return r + " := " + v + ".(" + c.typ(t) + ")"
}
