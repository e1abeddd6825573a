package cell

import (
	"fmt"
	"go/types"
	"reflect"
	"regexp"
	"strings"
)

// Type is a type that depends on the declarations of cells, as the runtime sees it. The interpreter has no names of types
// and no methods, and other fields; where a value goes into an interface the runtime gives it a type that has them.
type Type struct {
	ID      int
	Key     string
	Name    string            // as %T prints it
	Package string            // the path of the package that declares it; "" for a type without a name
	Shape   *Shape            // what it is to the interpreter
	Under   *Shape            // what it is made of; types of cells in it are referred to
	Methods map[string]Method // of interfaces; those of other types come as MethodSets
	known   bool              // the runtime has its methods
	boxed   bool              // cells put values of it into interfaces
	calls   map[string]string // how dispatchers call its methods, by name and signature
}

// Method is a method of a type of a cell.
type Method struct {
	Key string // tells signatures apart
	Sig *Shape // of its type, without the receiver
}

// desc is the description of a type for the runtime, nil if no cell has a part in it. Its methods are registered with it,
// and those of what its values hold.
func (c *emitter) desc(t types.Type) *Type {
	t = c.own(t)
	d := c.describe(t)
	if d == nil || d.known || c.l.known[d] {
		return d
	}
	c.l.known[d] = true
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			c.desc(f.Type())
		}
	case *types.Pointer:
		c.desc(u.Elem())
	case *types.Slice:
		c.desc(u.Elem())
	case *types.Array:
		c.desc(u.Elem())
	case *types.Chan:
		c.desc(u.Elem())
	case *types.Map:
		c.desc(u.Key())
		c.desc(u.Elem())
	case *types.Interface:
		return d
	}
	c.l.registerLater(c, d, t)
	if p := types.NewPointer(t); types.NewMethodSet(p).Len() > 0 {
		c.desc(p)
	}
	return d
}

// own is a type as it is lowered: the twin of an instance of a compiled generic struct.
func (c *emitter) own(t types.Type) types.Type {
	t = types.Unalias(c.subst(t))
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.TypeArgs().Len() == 0 || c.l.src[n.Obj().Pkg()] != nil {
		return t
	}
	if _, ok := n.Underlying().(*types.Struct); ok {
		return c.l.twinType(c, n)
	}
	return t
}

// describe is desc without the methods: of what is only mentioned, as the parameters of functions are.
func (c *emitter) describe(t types.Type) *Type {
	t = c.own(t)
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
	if n, ok := t.(*types.Named); ok {
		d.Package = n.Obj().Pkg().Path()
		if l.src[n.Obj().Pkg()] == l.main {
			d.Package = "main"
		}
	}
	l.byKey[key] = d
	l.descs = append(l.descs, d)
	d.Shape = c.shape(t)
	d.Under = c.real(t.Underlying(), true)
	if it, ok := t.Underlying().(*types.Interface); ok {
		d.Methods = map[string]Method{}
		for m := range it.Methods() {
			sg := c.subst(m.Type()).(*types.Signature)
			sg = types.NewSignatureType(nil, nil, nil, sg.Params(), sg.Results(), sg.Variadic())
			d.Methods[m.Name()] = Method{Key: c.key(sg), Sig: c.real(sg, true)}
		}
	}
	return d
}

// real is the shape of a type as compiled code is to see it. With open a type of a cell is taken apart, else referred to.
func (c *emitter) real(t types.Type, open bool) *Shape {
	t = types.Unalias(c.subst(t))
	if !open {
		if d := c.describe(t); d != nil {
			return &Shape{Type: d}
		}
	}
	part := func(t types.Type) *Shape { return c.real(t, false) }
	switch t := t.(type) {
	case *types.Pointer:
		return &Shape{Kind: reflect.Pointer, Elem: part(t.Elem())}
	case *types.Slice:
		return &Shape{Kind: reflect.Slice, Elem: part(t.Elem())}
	case *types.Array:
		return &Shape{Kind: reflect.Array, Elem: part(t.Elem()), Len: int(t.Len())}
	case *types.Map:
		return &Shape{Kind: reflect.Map, Key: part(t.Key()), Elem: part(t.Elem())}
	case *types.Chan:
		return &Shape{Kind: reflect.Chan, Elem: part(t.Elem()), Dir: chanDirs[t.Dir()]}
	case *types.Signature:
		s := &Shape{Kind: reflect.Func, Variadic: t.Variadic()}
		for v := range t.Params().Variables() {
			s.In = append(s.In, part(v.Type()))
		}
		for v := range t.Results().Variables() {
			s.Out = append(s.Out, part(v.Type()))
		}
		return s
	case *types.Struct:
		s := &Shape{Kind: reflect.Struct}
		for i := range t.NumFields() {
			f := t.Field(i)
			s.Fields = append(s.Fields, Field{Name: reOld.ReplaceAllString(f.Name(), "$1"), Tag: t.Tag(i), Embedded: f.Embedded(), Exported: f.Exported(), Shape: part(f.Type())})
		}
		return s
	}
	return c.shape(t)
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
		d := l.w.descs[k]
		if d == nil || seen[k] {
			return
		}
		seen[k] = true
		if d.known {
			l.registers = append(l.registers, func() { x.registerMethods(d, t) })
			x.desc(types.NewPointer(t))
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
	for len(l.registers) > 0 {
		rs := l.registers
		l.registers = nil
		for _, r := range rs {
			r()
		}
		l.drain()
	}
	l.dispatchers()
}

// registerMethods hands the runtime a function for each method of t, whose first parameter is the value in an interface.
func (c *emitter) registerMethods(d *Type, t types.Type) {
	l := c.l
	methods, calls := map[string]Method{}, map[string]string{}
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
		methods[m.Name()] = Method{Key: c.key(sg), Sig: c.real(sg, true)}
		decl, args := c.params(sg)
		decl = strings.TrimPrefix(decl, "(")
		if !strings.HasPrefix(decl, ")") {
			decl = ", " + decl
		}
		v := ts
		if st, ok := t.Underlying().(*types.Struct); ok && st.NumFields() == 0 {
			v = ""
		}
		text := c.methodCall("v", t, m, s.Index(), args)
		fmt.Fprintf(&b, "%s(%d, %q, func(x interface{}%s { %s%s%s })\n", l.rt("Method"), d.ID, m.Name(), decl, held(v, ts, l.rt("V")+"(x)"), returns(sg), text)
		if direct := c.methodCall("y.("+ts+")", t, m, s.Index(), args); v != "" && !strings.Contains(direct, ")."+m.Name()) {
			text = returns(sg) + direct
		} else {
			text = held(v, ts, "y") + returns(sg) + text
		}
		if returns(sg) == "" {
			text += "; return"
		}
		calls[m.Name()+c.key(sg)] = text
	}
	l.texts[d] = calls
	changed := false
	for key, text := range d.calls {
		changed = changed || calls[key] != text
	}
	l.prog.Methods = append(l.prog.Methods, MethodSet{d, methods, changed})
	l.inits.WriteString(b.String())
}

// held is the text that makes v the value in an interface: the interpreter cannot assert an empty struct.
func held(assert, ts, x string) string {
	if assert == "" {
		return "var v " + ts + "; "
	}
	return "v := " + x + ".(" + assert + "); "
}

// MethodSet are the methods that a type has from now on.
type MethodSet struct {
	Type    *Type
	Methods map[string]Method
	Changed bool // one of them was declared again: dispatchers of earlier cells call the former one
}

// people is a type as people write it, and as %T prints it.
func (c *emitter) people(t types.Type) string {
	s := types.TypeString(c.subst(t), func(p *types.Package) string { return p.Name() })
	return spaced(reAliases.ReplaceAllStringFunc(reOld.ReplaceAllString(s, "$1"), func(s string) string {
		for alias, name := range map[string]string{"byte": "uint8", "rune": "int32", "any": "interface{}"} {
			if before, ok := strings.CutSuffix(s, alias); ok {
				return before + name
			}
		}
		return s
	}))
}

// reAliases finds byte, rune and any, which are other names of types.
var reAliases = regexp.MustCompile(`(^|[^.\pL\pN_])(byte|rune|any)\b`)

// spaced puts the spaces of a type as go/types writes it where the runtime has them.
func spaced(s string) string {
	var b strings.Builder
	var open []string // the brackets around, with what ends them
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch == '{' && (strings.HasSuffix(s[:i], "struct") || strings.HasSuffix(s[:i], "interface")):
			if strings.HasPrefix(s[i:], "{}") {
				b.WriteString(" {}")
				i++
				continue
			}
			b.WriteString(" { ")
			open = append(open, " }")
		case ch == '(' || ch == '[':
			b.WriteByte(ch)
			open = append(open, map[byte]string{'(': ")", '[': "]"}[ch])
		case (ch == '}' || ch == ')' || ch == ']') && len(open) > 0:
			b.WriteString(open[len(open)-1])
			open = open[:len(open)-1]
		case ch == ' ' && len(open) > 0 && open[len(open)-1] == "]" && strings.HasSuffix(s[:i], ","):
		default:
			b.WriteByte(ch)
		}
	}
	return b.String()
}
