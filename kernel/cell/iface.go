package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// conv is the text of e where a value of type target is wanted.
func (c *emitter) conv(e ast.Expr, target types.Type) string {
	if target == nil {
		return c.expr(e)
	}
	target = c.subst(target)
	tv := c.tv(e)
	if tv.IsNil() && c.froze[e] == "" {
		if c.recursive(target) {
			return c.typ(target) + "{}"
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
	if b, ok := st.Underlying().(*types.Basic); ok && b.Info()&types.IsBoolean != 0 && tv.Value == nil && isInterface(target) {
		switch ast.Unparen(e).(type) {
		case *ast.BinaryExpr, *ast.UnaryExpr: // the interpreter would set the interface as a bool
			s = c.helper("truth", "(b bool) bool { return b }") + "(" + s + ")"
			st = types.Default(st)
		}
	}
	return c.convText(s, st, target)
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
	return fmt.Sprintf("%s(%d, %s)", c.l.rt("B"), c.desc(t).ID, s)
}

// wrap is a value of a type of a cell in an interface of a compiled package.
func (c *emitter) wrap(s string, st, target types.Type) string {
	if !c.mentions(st) {
		return s
	}
	if !c.hasOwnMethods(st) {
		return s
	}
	n := types.Unalias(target).(*types.Named)
	b := c.box(s, st)
	if n.Obj().Pkg() == nil {
		return c.l.rt("Error") + "(" + b + ")"
	}
	return fmt.Sprintf("%s(%q, %q, %s).(%s)", c.l.rt("Wrap"), n.Obj().Pkg().Path(), n.Obj().Name(), b, c.typ(n))
}

// hasOwnMethods tells whether the methods of a type are not the compiled ones of its own.
func (c *emitter) hasOwnMethods(t types.Type) bool {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	return !ok || n.Obj().Pkg() != nil && (c.l.src[n.Obj().Pkg()] != nil || n.TypeArgs().Len() > 0)
}

// dispatcher is the function that calls method m of a value in an interface of the cell.
func (c *emitter) dispatcher(m *types.Func) string {
	l := c.l
	s := c.subst(m.Signature()).(*types.Signature)
	key := m.Name() + c.key(s)
	if n := l.calls[key]; n != "" {
		return n
	}
	if n := l.w.calls[key]; n != "" {
		return n
	}
	n := l.global("call_" + m.Name())
	l.calls[key] = n
	decl, args := c.params(s)
	withX := strings.TrimPrefix(decl, "(")
	own := strings.TrimPrefix(c.sig(s, nil), "(")
	if !strings.HasPrefix(withX, ")") {
		withX, own = ", "+withX, ", "+own
	}
	ret, end := "return ", ""
	if s.Results().Len() == 0 {
		ret, end = "", "; return"
	}
	fmt.Fprintf(&l.funcs, "func %s(x interface{}%s { if %s(x) { %s%s(x, %q).(func(interface{}%s)(%s)%s }; %s%s(x, %q).(func%s)(%s) }\n",
		n, withX, l.rt("Boxed"), ret, l.rt("Dyn"), m.Name(), own, strings.Join(append([]string{"x"}, args...), ", "), end,
		ret, l.rt("Bound"), m.Name(), c.sig(s, nil), strings.Join(args, ", "))
	return n
}

// assert is the text of the assertion that s, of interface type from, holds a t: one value that panics, or two.
func (c *emitter) assert(s string, from, t types.Type, must bool) string {
	if !c.erased(from) {
		if !isInterface(t) && !c.mentions(t) {
			return s + ".(" + c.typ(t) + ")"
		}
		s = c.l.rt("Up") + "(" + s + ")"
	}
	var n string
	ts := c.typ(t)
	switch {
	case c.erased(t):
		n = c.helper("asInterface", fmt.Sprintf("(x interface{}) (interface{}, bool) { if %s(x, %q) { return x, true }; return nil, false }", c.l.rt("Impl"), c.methodNames(t)))
	case isInterface(t):
		obj := types.Unalias(t).(*types.Named).Obj()
		if obj.Pkg() == nil {
			n = c.l.rt("AsError")
			break
		}
		n = c.helper("asCompiled", fmt.Sprintf("(x interface{}) (%s, bool) { y := %s(%q, %q, x); r, ok := y.(%s); return r, ok }", ts, c.l.rt("Implement"), obj.Pkg().Path(), obj.Name(), ts))
	case !c.mentions(t):
		return s + ".(" + ts + ")"
	default:
		id := c.desc(t).ID
		if st, ok := t.Underlying().(*types.Struct); ok && st.NumFields() == 0 { // the interpreter cannot assert it
			n = c.helper("as", fmt.Sprintf("(x interface{}) (%s, bool) { var z %s; return z, %s(x) == %d }", ts, ts, c.l.rt("ID"), id))
			break
		}
		n = c.helper("as", fmt.Sprintf("(x interface{}) (%s, bool) { if %s(x) == %d { r := %s(x).(%s); return r, true }; var z %s; return z, false }", ts, c.l.rt("ID"), id, c.l.rt("V"), ts, ts))
	}
	if must {
		n = c.helper("must", fmt.Sprintf("(x interface{}) %s { r, ok := %s(x); if !ok { %s(x, %q) }; return r }", ts, n, c.l.rt("AssertFail"), c.people(t)))
	}
	return n + "(" + s + ")"
}

// methodNames is what the runtime is asked for: the names and signatures of the methods of an interface.
func (c *emitter) methodNames(t types.Type) string {
	var ms []string
	for m := range t.Underlying().(*types.Interface).Methods() {
		ms = append(ms, m.Name()+" "+c.key(m.Type()))
	}
	return strings.Join(ms, "\n")
}

// people is a type as people write it.
func (c *emitter) people(t types.Type) string {
	s := types.TypeString(c.subst(t), func(p *types.Package) string { return p.Name() })
	return reOld.ReplaceAllString(s, "$1")
}

// Type is a type of a cell, as the runtime sees it.
type Type struct {
	ID      int
	Key     string
	Name    string            // as %T prints it
	Kind    Kinds             // what it is made of
	Named   bool              // it has a name of its own
	Wrapped bool              // at run time it is a struct with the one field V
	Elem    *Type             // of pointers, slices, arrays, maps and channels; nil if no cell declares it
	Index   *Type             // of maps: the key; nil if no cell declares it
	Fields  []Field           // of structs
	Methods map[string]string // signature by name
}

// Kinds says what a type is made of, as far as printing needs it.
type Kinds int

// The kinds of types.
const (
	Plain Kinds = iota
	Struct
	Pointer
	Slice
	Map
	Interface
)

// Field is a field of a struct of a cell.
type Field struct {
	Name     string
	Type     *Type // nil if no cell declares it
	Exported bool
	Embedded bool
}

// desc is the description of a type for the runtime; its methods are registered with it.
func (c *emitter) desc(t types.Type) *Type {
	t = types.Unalias(c.subst(t))
	if !c.mentions(t) {
		return nil
	}
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		return nil
	}
	l := c.l
	key := c.key(t)
	if d := l.byKey[key]; d != nil {
		return d
	}
	if d := l.w.descs[key]; d != nil {
		return d
	}
	d := &Type{ID: len(l.w.byID) + len(l.descs) + 1, Key: key, Name: c.people(t)}
	l.byKey[key] = d
	l.descs = append(l.descs, d)
	if _, ok := t.(*types.Named); ok {
		d.Named = true
		d.Wrapped = c.recursive(t)
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		d.Kind = Struct
		for i := range u.NumFields() {
			f := u.Field(i)
			d.Fields = append(d.Fields, Field{Name: f.Name(), Type: c.desc(f.Type()), Exported: f.Exported(), Embedded: f.Embedded()})
		}
	case *types.Pointer:
		d.Kind, d.Elem = Pointer, c.desc(u.Elem())
	case *types.Slice:
		d.Kind, d.Elem = Slice, c.desc(u.Elem())
	case *types.Array:
		d.Kind, d.Elem = Slice, c.desc(u.Elem())
	case *types.Chan:
		d.Elem = c.desc(u.Elem())
	case *types.Map:
		d.Kind, d.Elem, d.Index = Map, c.desc(u.Elem()), c.desc(u.Key())
	case *types.Interface:
		d.Kind = Interface
	}
	if d.Kind != Interface {
		l.registerLater(c, d, t)
	}
	return d
}

func (l *lowerer) registerLater(c *emitter, d *Type, t types.Type) {
	if types.NewMethodSet(t).Len() == 0 {
		return
	}
	x := l.context(c.p, c.env, c.suffix)
	l.registers = append(l.registers, func() { x.registerMethods(d, t) })
}

// again registers the methods of a type anew, after a cell has added some.
func (l *lowerer) again(n *types.Named) {
	x := l.context(l.main, nil, "")
	seen := map[string]bool{}
	add := func(t types.Type) {
		k := x.key(t)
		if d := l.w.descs[k]; d != nil && !seen[k] {
			seen[k] = true
			l.registers = append(l.registers, func() { x.registerMethods(d, t) })
		}
	}
	add(n)
	add(types.NewPointer(n))
	for _, e := range l.w.live { // types that embed it
		if o := l.c.pkg.Scope().Lookup(e.unique); e.kind == typeEntity && o != nil && !e.generic() {
			add(o.Type())
			add(types.NewPointer(o.Type()))
		}
	}
}

// register writes the methods of the types that are new.
func (l *lowerer) register() {
	done := map[string]bool{}
	for len(l.registers) > 0 {
		rs := l.registers
		l.registers = nil
		for _, r := range rs {
			r()
		}
		l.drain()
	}
	_ = done
}

// registerMethods hands the runtime a function for each method of t, whose first parameter is the boxed value.
func (c *emitter) registerMethods(d *Type, t types.Type) {
	l := c.l
	d.Methods = map[string]string{}
	ms := types.NewMethodSet(t)
	ts := c.typ(t)
	var b strings.Builder
	for s := range ms.Methods() {
		m := s.Obj().(*types.Func)
		if !m.Exported() && l.src[m.Pkg()] == nil {
			continue
		}
		sg := c.subst(s.Type()).(*types.Signature)
		sg = types.NewSignatureType(nil, nil, nil, sg.Params(), sg.Results(), sg.Variadic())
		d.Methods[m.Name()] = c.key(sg)
		decl, args := c.params(sg)
		decl = strings.TrimPrefix(decl, "(")
		if !strings.HasPrefix(decl, ")") {
			decl = ", " + decl
		}
		v := "v := " + l.rt("V") + "(x).(" + ts + "); "
		if st, ok := t.Underlying().(*types.Struct); ok && st.NumFields() == 0 {
			v = "var v " + ts + "; "
		}
		fmt.Fprintf(&b, "%s(%d, %q, func(x interface{}%s { %s%s%s })\n", l.rt("Method"), d.ID, m.Name(), decl, v, returns(sg), c.methodCall("v", t, m, s.Index(), args))
	}
	if b.Len() > 0 {
		fmt.Fprintf(&l.inits, "%s", b.String())
	}
}

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
