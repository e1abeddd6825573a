package cell

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// expr is the text of an expression.
func (c *emitter) expr(e ast.Expr) string {
	if s, ok := c.froze[e]; ok {
		return s
	}
	tv := c.tv(e)
	switch {
	case tv.IsType():
		return c.typ(tv.Type)
	case tv.Value != nil:
		return c.constant(tv.Type, tv.Value)
	case tv.IsNil():
		return "nil"
	}
	switch e := e.(type) {
	case *ast.Ident:
		return c.ident(e)
	case *ast.ParenExpr:
		return "(" + c.expr(e.X) + ")"
	case *ast.FuncLit:
		return c.funcLit(e)
	case *ast.CompositeLit:
		return c.composite(e)
	case *ast.SelectorExpr:
		return c.selector(e)
	case *ast.IndexExpr:
		return c.index(e)
	case *ast.IndexListExpr:
		return c.expr(e.X)
	case *ast.SliceExpr:
		return c.slice(e)
	case *ast.TypeAssertExpr:
		_, two := tv.Type.(*types.Tuple)
		return c.assert(c.operand(e.X), c.typeOf(e.X), c.typeOf(e.Type), !two)
	case *ast.CallExpr:
		return c.call(e)
	case *ast.StarExpr:
		if c.recursive(tv.Type) {
			return "(*" + c.base(e.X) + ")"
		}
		return "*" + c.base(e.X)
	case *ast.UnaryExpr:
		return c.unary(e)
	case *ast.BinaryExpr:
		return c.binary(e)
	case *ast.KeyValueExpr:
		return c.expr(e.Key) + ": " + c.expr(e.Value)
	}
	c.stop(e.Pos(), "this expression cannot be run", "")
	return ""
}

// operand is an expression that can stand before a selector or beside an operator.
func (c *emitter) operand(e ast.Expr) string {
	s := c.expr(e)
	switch ast.Unparen(e).(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr, *ast.StarExpr, *ast.FuncLit:
		if !strings.HasPrefix(s, "(") || !strings.HasSuffix(s, ")") {
			return "(" + s + ")"
		}
	}
	return s
}

// base is the text of an operand as what its type is made of.
func (c *emitter) base(e ast.Expr) string { return c.under(c.operand(e), c.typeOf(e)) }

// local is the name of a variable of a function.
func (c *emitter) local(o types.Object) string {
	if n, ok := c.names[o]; ok {
		return n
	}
	base := o.Name()
	if base == "_" {
		return "_"
	}
	base = ident(base)
	n := base
	for c.taken[n] || c.l.w.nameTaken[n] || types.Universe.Lookup(n) != nil || reserved[n] || importLike(c, n) {
		n = c.l.fresh(base)
	}
	c.taken[n] = true
	c.names[o] = n
	return n
}

// importLike tells a name that a compiled package has: its import may come later in the text.
func importLike(c *emitter, n string) bool { return len(c.l.w.imp.named(n)) > 0 }

var reserved = map[string]bool{"rt": true, "ty": true, "init": true, "main": true, "stop__": true}

func (c *emitter) ident(id *ast.Ident) string {
	switch o := c.p.info.ObjectOf(id).(type) {
	case *types.Var:
		if o.Pkg() != nil && o.Parent() == o.Pkg().Scope() {
			return c.packageVar(o)
		}
		return c.local(o)
	case *types.Func:
		var args []types.Type
		t := c.typeOf(id)
		if in, ok := c.p.info.Instances[id]; ok {
			args, t = typeList(in.TypeArgs), in.Type
		}
		n := c.funcName(id.Pos(), o, args)
		if c.l.src[o.Pkg()] != nil { // the interpreter mixes up a function with its value
			n = c.closure(n, c.typ(t))
		}
		return n
	case *types.Nil:
		return "nil"
	case *types.Builtin:
		return o.Name()
	case *types.TypeName:
		return c.typ(o.Type())
	}
	if id.Name == "_" {
		return "_"
	}
	c.stop(id.Pos(), "internal error: name "+id.Name, "")
	return ""
}

// packageVar is the text of a package-level variable.
func (c *emitter) packageVar(v *types.Var) string {
	p := c.l.src[v.Pkg()]
	if p == nil {
		if v.Pkg().Path() == "os" {
			switch v.Name() {
			case "Stdout", "Stderr", "Stdin":
				return c.l.rt(v.Name() + "File()")
			case "Args":
				return c.l.rt("Args()")
			}
		}
		if p := c.compiledVar(v); p != "" {
			return "(*" + p + ")"
		}
		return c.l.importName(v.Pkg().Path()) + "." + v.Name()
	}
	if e := c.l.obj.entity[v]; e != nil {
		if !c.top {
			c.l.held[e] = true
		}
		return e.emit
	}
	if n := c.l.vname[v]; n != "" {
		return n
	}
	c.stop(v.Pos(), "internal error: variable "+v.Name(), "")
	return ""
}

// isStdin tells os.Stdin, which in an interface is a reader of what the front end asks its user for: there is no file.
func (c *emitter) isStdin(e ast.Expr) bool {
	s, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || c.froze[e] != "" {
		return false
	}
	v, ok := c.p.info.Uses[s.Sel].(*types.Var)
	return ok && v.Pkg() != nil && v.Pkg().Path() == "os" && v.Name() == "Stdin" && v.Parent() == v.Pkg().Scope()
}

// compiledVar is the address of a variable of a compiled package whose type is a basic one, which the interpreter would take
// for a constant; "" for other variables.
func (c *emitter) compiledVar(v *types.Var) string {
	if _, ok := v.Type().Underlying().(*types.Basic); !ok || v.IsField() || v.Pkg() == nil || v.Parent() != v.Pkg().Scope() || c.l.src[v.Pkg()] != nil {
		return ""
	}
	return c.helper("at", fmt.Sprintf("() *%s { return &%s.%s }", c.typ(v.Type()), c.l.importName(v.Pkg().Path()), v.Name())) + "()"
}

func (c *emitter) unary(e *ast.UnaryExpr) string {
	switch e.Op {
	case token.AND:
		c.hold(e.X)
		if s, ok := ast.Unparen(e.X).(*ast.SelectorExpr); ok {
			if v, ok := c.p.info.Uses[s.Sel].(*types.Var); ok {
				if p := c.compiledVar(v); p != "" {
					return p
				}
			}
		}
		if cl, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
			if c.froze[cl] != "" {
				return "&" + c.froze[cl]
			}
			return "&" + c.composite(cl)
		}
	case token.ARROW:
		return c.receive(e, false)
	}
	if b, ok := c.typeOf(e).Underlying().(*types.Basic); ok && e.Op == token.SUB && b.Info()&(types.IsFloat|types.IsComplex) != 0 {
		return c.operand(e.X) + " * " + c.constant(c.typeOf(e), constant.MakeInt64(-1)) // the interpreter takes it from zero, which has no sign
	}
	return e.Op.String() + c.operand(e.X)
}

func (c *emitter) index(e *ast.IndexExpr) string {
	if c.tv(e.Index).IsType() {
		return c.expr(e.X) // an instance: info has it at the identifier
	}
	xt := c.typeOf(e.X)
	switch u := xt.Underlying().(type) {
	case *types.Map:
		return c.base(e.X) + "[" + c.mapKey(e.Index, u.Key()) + "]"
	case *types.Pointer:
		return "(*" + c.base(e.X) + ")[" + c.indexValue(e.Index) + "]"
	case *types.Signature:
		return c.expr(e.X)
	}
	return c.base(e.X) + "[" + c.checkedIndex(e) + "]"
}

// checkedIndex is an index of a slice, an array or a string; one that calls functions cannot be checked before the statement.
func (c *emitter) checkedIndex(e *ast.IndexExpr) string {
	i := c.indexValue(e.Index)
	if !c.p.twin && c.callsCells(e.Index) && c.simple(e.X) && c.checks() {
		return fmt.Sprintf("%s(%s, len(%s))", c.l.rt("Index"), i, c.base(e.X))
	}
	return i
}

// mapKey is an index of a map; the interpreter wants a nil of the type.
func (c *emitter) mapKey(e ast.Expr, t types.Type) string {
	s := c.conv(e, t)
	if s == "nil" && !isInterface(c.subst(t)) {
		return paren(c.typ(t)) + "(nil)"
	}
	return s
}

// indexValue is an index: the interpreter wants an int.
func (c *emitter) indexValue(e ast.Expr) string {
	if v := c.tv(e).Value; v != nil {
		return c.constant(types.Typ[types.Int], v)
	}
	s := c.expr(e)
	if b, ok := c.typeOf(e).Underlying().(*types.Basic); ok && b.Kind() != types.Int {
		return "int(" + s + ")"
	}
	return s
}

// hold notes that the address of what e names is taken: its value must stay when the name means something else.
func (c *emitter) hold(e ast.Expr) {
	if x := c.l.obj.entity[c.root(e)]; x != nil {
		c.l.held[x] = true
	}
}

// holdFor is hold for what a method is called of: a method of pointers may keep the address.
func (c *emitter) holdFor(m *types.Func, e ast.Expr) {
	if r := m.Origin().Signature().Recv(); r != nil && !isInterface(c.typeOf(e)) {
		if _, ok := types.Unalias(r.Type()).(*types.Pointer); ok {
			c.hold(e)
		}
	}
}

func (c *emitter) slice(e *ast.SliceExpr) string {
	if _, ok := c.typeOf(e.X).Underlying().(*types.Array); ok {
		c.hold(e.X)
	}
	x := c.base(e.X)
	if _, ok := c.typeOf(e.X).Underlying().(*types.Pointer); ok {
		x = "(*" + x + ")"
	}
	s := x + "["
	if e.Low != nil {
		s += c.indexValue(e.Low)
	}
	s += ":"
	if e.High != nil {
		s += c.indexValue(e.High)
	}
	if e.Max != nil {
		s += ":" + c.indexValue(e.Max)
	}
	return c.over(s+"]", c.typeOf(e))
}

func (c *emitter) binary(e *ast.BinaryExpr) string {
	op := e.Op.String()
	x, y := c.typeOf(e.X), c.typeOf(e.Y)
	switch e.Op {
	case token.SHL, token.SHR:
		t := c.typeOf(e)
		l := ""
		if v := c.tv(e.X).Value; v != nil {
			l = c.constant(t, v)
		} else {
			l = c.operand(e.X)
		}
		return l + " " + op + " " + c.shiftCount(e.Y)
	case token.EQL, token.NEQ:
		return c.equal(e, x, y)
	}
	l, r := c.operand(e.X), c.operand(e.Y)
	if v := c.tv(e.X).Value; v != nil {
		l = bare(c.constant(y, v))
	}
	if v := c.tv(e.Y).Value; v != nil {
		r = bare(c.constant(x, v))
	}
	if e.Op == token.LAND || e.Op == token.LOR {
		return l + " " + op + " " + r
	}
	return l + " " + op + " " + r
}

// bare is a float64 beside an operand of that type: the interpreter would convert it each time.
func bare(constant string) string {
	if s, ok := strings.CutPrefix(constant, "float64("); ok && s[0] != '-' {
		return strings.TrimSuffix(s, ")")
	}
	return constant
}

func (c *emitter) equal(e *ast.BinaryExpr, x, y types.Type) string {
	op, not := e.Op.String(), ""
	if e.Op == token.NEQ {
		not = "!"
	}
	xn, yn := c.tv(e.X).IsNil(), c.tv(e.Y).IsNil()
	if xn || yn {
		return c.base(e.X) + " " + op + " " + c.base(e.Y)
	}
	if c.recursive(x) && c.recursive(y) {
		return c.base(e.X) + " " + op + " " + c.base(e.Y)
	}
	if isInterface(x) || isInterface(y) {
		return not + c.l.rt("Equal") + "(" + c.conv(e.X, anyType) + ", " + c.conv(e.Y, anyType) + ")"
	}
	switch x.Underlying().(type) {
	case *types.Struct, *types.Array:
		return not + c.l.rt("Same") + "(" + c.expr(e.X) + ", " + c.expr(e.Y) + ")"
	}
	l, r := c.operand(e.X), c.operand(e.Y)
	if v := c.tv(e.X).Value; v != nil {
		l = c.constant(y, v)
	}
	if v := c.tv(e.Y).Value; v != nil {
		r = c.constant(x, v)
	}
	if c.tv(e.X).Value == nil && c.tv(e.Y).Value == nil {
		l, r = c.alike(l, r, x, y)
	}
	return l + " " + op + " " + r
}

// alike makes the sides of a comparison have one type.
func (c *emitter) alike(l, r string, x, y types.Type) (string, string) {
	if tx, ty := c.typ(x), c.typ(y); tx != ty {
		if types.AssignableTo(x, y) {
			return paren(ty) + "(" + l + ")", r
		}
		return l, paren(tx) + "(" + r + ")"
	}
	return l, r
}

var anyType = types.NewInterfaceType(nil, nil).Complete()

// paren makes a type the operator of a conversion.
func paren(t string) string {
	for _, p := range []string{"*", "<-", "func", "chan", "interface"} {
		if strings.HasPrefix(t, p) {
			return "(" + t + ")"
		}
	}
	return t
}

// shiftCount is the right side of a shift, as the interpreter wants it; a negative count panics.
func (c *emitter) shiftCount(y ast.Expr) string {
	if v := c.tv(y).Value; v != nil {
		return "uint64(" + c.constantInt(v) + ")"
	}
	if b := c.typeOf(y).Underlying().(*types.Basic); b.Info()&types.IsUnsigned != 0 {
		return "uint64(" + c.expr(y) + ")"
	}
	n := c.helper("count", "(n int64) uint64 { if n < 0 { "+c.l.rt("NegativeShift")+"() }; return uint64(n) }")
	return n + "(int64(" + c.expr(y) + "))"
}

// composite is a composite literal.
func (c *emitter) composite(e *ast.CompositeLit) string {
	t := c.typeOf(e)
	amp := ""
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t, amp = p.Elem(), "&"
	}
	var b strings.Builder
	if c.recursive(t) {
		b.WriteString(amp + c.typ(t) + "{V: " + c.underTyp(t) + "{")
		c.elements(&b, e, t)
		return b.String() + "}}"
	}
	b.WriteString(amp + c.typ(t) + "{")
	if u, ok := t.Underlying().(*types.Struct); ok {
		var fs []string
		for i, el := range e.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				name := kv.Key.(*ast.Ident).Name
				for j := range u.NumFields() {
					if u.Field(j).Name() == name {
						fs = append(fs, c.fieldIn(t, j)+": "+c.field(kv.Value, u.Field(j).Type()))
					}
				}
				continue
			}
			if u.Field(i).Name() == "_" && !c.acts(el) {
				continue // it stays zero
			}
			fs = append(fs, c.fieldIn(t, i)+": "+c.field(el, u.Field(i).Type()))
		}
		return b.String() + strings.Join(fs, ", ") + "}"
	}
	c.elements(&b, e, t)
	return b.String() + "}"
}

// field is the value of a field in a literal.
func (c *emitter) field(e ast.Expr, t types.Type) string {
	s := c.conv(e, t)
	if _, ok := ast.Unparen(e).(*ast.FuncLit); ok && !c.recursive(t) {
		return c.closure(s, c.typ(c.typeOf(e)))
	}
	return s
}

// fieldIn is the name of field i of a struct type in the interpreter.
func (c *emitter) fieldIn(t types.Type, i int) string {
	s := t.Underlying().(*types.Struct)
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && c.l.src[n.Obj().Pkg()] == nil && n.TypeArgs().Len() == 0 {
		return s.Field(i).Name()
	}
	return fieldName(s, i)
}

// elements are those of a literal of a slice, an array or a map.
func (c *emitter) elements(b *strings.Builder, e *ast.CompositeLit, t types.Type) {
	var kt, et types.Type
	switch u := t.Underlying().(type) {
	case *types.Map:
		kt, et = u.Key(), u.Elem()
	case *types.Slice:
		et = u.Elem()
	case *types.Array:
		et = u.Elem()
	}
	keys := map[string]bool{}
	for i, el := range e.Elts {
		if i > 0 {
			b.WriteString(", ")
		}
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			if kt != nil {
				k := c.mapKey(kv.Key, kt)
				if keys[k] { // the interpreter takes it for a mistake
					k = c.helper("same", fmt.Sprintf("(v %s) %s { return v }", c.typ(kt), c.typ(kt))) + "(" + k + ")"
				}
				keys[k] = true
				b.WriteString(k)
			} else {
				b.WriteString(c.constantInt(c.tv(kv.Key).Value))
			}
			b.WriteString(": ")
			el = kv.Value
		}
		b.WriteString(c.conv(el, et))
	}
}

// fieldPath is the text of x followed by the fields of an index path, and the type that it ends in.
func (c *emitter) fieldPath(x string, t types.Type, index []int) (string, types.Type) {
	for _, i := range index {
		if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
			x = c.under(x, t)
			t = p.Elem()
		}
		s := t.Underlying().(*types.Struct)
		if n, ok := types.Unalias(t).(*types.Named); !ok || s.Field(i).Exported() || n.Obj().Pkg() == nil || c.l.src[n.Obj().Pkg()] != nil {
			x += "." + c.fieldIn(t, i)
		} // a compiled type's embedded field that only its package can name: what comes next is promoted
		t = c.subst(s.Field(i).Type())
	}
	return x, t
}

// selector is x.Name: a name of a package, a field, a method value or a method expression.
func (c *emitter) selector(e *ast.SelectorExpr) string {
	sel := c.p.info.Selections[e]
	if sel == nil {
		if v, ok := c.p.info.ObjectOf(e.Sel).(*types.Var); ok {
			return c.packageVar(v)
		}
		return c.ident(e.Sel)
	}
	recv := c.subst(sel.Recv())
	obj, index, _ := types.LookupFieldOrMethod(recv, true, sel.Obj().Pkg(), sel.Obj().Name())
	if obj == nil {
		c.stop(e.Pos(), "internal error: selection "+sel.String(), "")
	}
	switch sel.Kind() {
	case types.FieldVal:
		x := e.X
		_, whole := recv.Underlying().(*types.Struct)
		if star, ok := ast.Unparen(x).(*ast.StarExpr); ok && whole && c.froze[x] == "" { // a field of (*p) without a look at the whole of it
			x, recv = star.X, c.typeOf(star.X)
		}
		s, _ := c.fieldPath(c.operand(x), recv, index)
		return s
	case types.MethodExpr:
		return c.methodExpr(e, recv, obj.(*types.Func), index)
	}
	return c.methodValue(e, recv, obj.(*types.Func), index)
}
