package lift

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"reflect"
	"unsafe"

	"github.com/tapir-go/tapir/eager"
)

// eval is the value of an expression.
func (l *lifter) eval(e ast.Expr, s *scope) value {
	x := l.evalAny(e, s)
	switch y := x.(type) {
	case nil:
		l.refuse(fmt.Sprintf("%s gives no value", l.text(e)))
	case tuple:
		if len(y) == 1 {
			return y[0]
		}
		l.refuse(fmt.Sprintf("%s gives %d values", l.text(e), len(y)))
	case undefined:
		l.refuse(fmt.Sprintf("%s has no value yet", l.text(e)))
	}
	return x
}

// evalAny is eval for an expression that may give several values, or none.
func (l *lifter) evalAny(e ast.Expr, s *scope) value {
	switch n := e.(type) {
	case *ast.ParenExpr:
		return l.evalAny(n.X, s)
	case *ast.BasicLit:
		c := constant.MakeFromLiteral(n.Value, n.Kind, 0)
		if c.Kind() == constant.Unknown || c.Kind() == constant.Complex {
			l.refuse(fmt.Sprintf("the constant %s cannot be lifted", n.Value))
		}
		return untyped{c}
	case *ast.Ident:
		return l.ident(n, s)
	case *ast.UnaryExpr:
		return l.unary(n, s)
	case *ast.BinaryExpr:
		if n.Op == token.LAND || n.Op == token.LOR {
			return l.shortcut(n, s)
		}
		return l.binary(n.Op, l.eval(n.X, s), l.eval(n.Y, s))
	case *ast.CallExpr:
		return l.callExpr(n, s)
	case *ast.SelectorExpr:
		return l.selector(n, s)
	case *ast.IndexExpr:
		x := l.eval(n.X, s)
		if k, ok := x.(known); ok && k.v.Kind() == reflect.Map {
			l.refuse("a map has no place in a static model", "use a slice", "take the element out before the function")
		}
		return l.index(x, l.eval(n.Index, s))
	case *ast.SliceExpr:
		return l.sliceExpr(n, s)
	case *ast.CompositeLit:
		return l.composite(n, s)
	case *ast.FuncLit:
		return &closure{name: "a function", typ: n.Type, body: n.Body, env: s, depth: l.depth}
	case *ast.StarExpr:
		switch x := l.eval(n.X, s).(type) {
		case *object:
			c := *x
			c.pointer = false
			return &c
		case known:
			if x.v.Kind() == reflect.Pointer && !x.v.IsNil() && x.v.Type() != tensorType {
				return known{x.v.Elem()}
			}
		}
		l.refuse(fmt.Sprintf("%s cannot be lifted", l.text(n)))
	case *ast.TypeAssertExpr:
		l.refuse("a type assertion has no place in a static model", "give the variable its type")
	}
	if k := l.kindOrNil(e); k != nil {
		return k
	}
	if _, ok := e.(*ast.MapType); ok {
		l.refuse("a map has no place in a static model", "use a slice")
	}
	if _, ok := e.(*ast.ChanType); ok {
		l.refuse("a channel has no place in a static model", "give what it carries as an argument")
	}
	l.refuse(fmt.Sprintf("%s cannot be lifted", l.text(e)))
	return nil
}

func (l *lifter) ident(n *ast.Ident, s *scope) value {
	if v := s.find(n.Name); v != nil {
		return v.val
	}
	if v, ok := l.src.Values[n.Name]; ok {
		return l.captured(v)
	}
	if d := l.funcs[n.Name]; d != nil && d.Body != nil {
		if d.Type.TypeParams != nil {
			l.refuse(fmt.Sprintf("%s has type parameters", n.Name), "write it for tensors")
		}
		return &closure{name: n.Name, typ: d.Type, body: d.Body}
	}
	if e, ok := l.decls[n.Name]; ok {
		if l.consts[n.Name] && e != nil {
			if l.looking[n.Name] {
				l.refuse(n.Name + " is declared by itself")
			}
			l.looking[n.Name] = true
			defer delete(l.looking, n.Name)
			x := l.eval(e, nil)
			if t := l.decl[n.Name]; t != nil {
				x = l.as(x, l.kind(t))
			}
			return x
		}
		if l.consts[n.Name] {
			l.refuse("a constant without a value cannot be lifted")
		}
		l.refuse(fmt.Sprintf("the variable %s is declared outside of the function, its value is not known", n.Name), fmt.Sprintf("give it in Values as %q", n.Name), "make it an argument")
	}
	switch n.Name {
	case "true", "false":
		return truth(n.Name == "true")
	case "nil":
		return null{}
	case "len", "append", "make", "min", "max", "panic", "print", "println", "cap", "copy", "new", "delete", "clear", "close", "recover", "complex", "real", "imag":
		return builtin(n.Name)
	}
	if p := l.pkgs[n.Name]; p != "" {
		return pkg(p)
	}
	if k := l.kindOrNil(n); k != nil {
		return k
	}
	if p := implied[n.Name]; p != "" {
		return pkg(p)
	}
	l.refuse(fmt.Sprintf("%s is not known here", n.Name), fmt.Sprintf("give it in Values as %q", n.Name))
	return nil
}

// captured is a Go value from outside.
func (l *lifter) captured(x any) value {
	if x == nil {
		return null{}
	}
	v, ok := x.(reflect.Value)
	if !ok {
		v = reflect.ValueOf(x)
	}
	for v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return null{}
	}
	return known{v}
}

func (l *lifter) unary(n *ast.UnaryExpr, s *scope) value {
	switch n.Op {
	case token.NOT:
		return l.not(l.eval(n.X, s))
	case token.ADD:
		return l.eval(n.X, s)
	case token.SUB:
		x := l.eval(n.X, s)
		if isTensorValue(x) {
			return l.method(x, "Neg", nil, false)
		}
		if c, ok := x.(untyped); ok {
			if !numeric(c.c) {
				l.refuse(fmt.Sprintf("- of %s", c.c))
			}
			return untyped{constant.UnaryOp(token.SUB, c.c, 0)}
		}
		if isFloat(x) {
			return l.arithmetic(token.MUL, x, untyped{constant.MakeInt64(-1)})
		}
		return l.arithmetic(token.SUB, untyped{constant.MakeInt64(0)}, x)
	case token.AND:
		x := l.eval(n.X, s)
		if o, ok := x.(*object); ok {
			c := *o
			c.pointer = true
			return l.pointer(&c)
		}
		if k, ok := x.(known); ok && k.v.CanAddr() {
			return known{k.v.Addr()}
		}
	case token.ARROW:
		l.refuse("a channel has no place in a static model", "give what it carries as an argument")
	}
	l.refuse(fmt.Sprintf("%s cannot be lifted", l.text(n)))
	return nil
}

// pointer gives pointers to one struct one identity.
func (l *lifter) pointer(o *object) value {
	if len(o.fields) > 0 {
		if p := l.pointers[o.fields[0]]; p != nil {
			return p
		}
		l.pointers[o.fields[0]] = o
	}
	return o
}

func isFloat(x value) bool {
	d, ok := dtypeOf(x)
	return ok && d.IsFloat()
}

func isTensorValue(x value) bool {
	_, ok := x.(*tensor)
	return ok || knownTensor(x) != nil
}

// shortcut is x && y or x || y, where y is looked at only when x does not decide.
func (l *lifter) shortcut(n *ast.BinaryExpr, s *scope) value {
	x := l.eval(n.X, s)
	if !isBool(x) {
		l.refuse(fmt.Sprintf("%s of %s", n.Op, l.describe(x)))
	}
	if b, ok := knownBool(x); ok {
		if b == (n.Op == token.LOR) {
			return x
		}
		y := l.eval(n.Y, s)
		if !isBool(y) {
			l.refuse(fmt.Sprintf("%s of %s", n.Op, l.describe(y)))
		}
		return y
	}
	cond := x.(*number)
	var y value
	b := &Block{}
	j := l.aside(b, func() {
		if y = l.eval(n.Y, s); !isBool(y) {
			l.refuse(fmt.Sprintf("%s of %s", n.Op, l.describe(y)))
		}
	})
	if len(j.order) == 0 && harmless(b) {
		l.adopt(l.block(), b, j)
		return l.arithmetic(n.Op, x, y)
	}
	z := l.variable("", nil)
	z.val = truth(n.Op == token.LOR)
	look := func() { l.set(z, l.number(l.eval(n.Y, s), eager.Bool)) }
	if n.Op == token.LAND {
		l.choose(cond, look, func() {}, nil)
	} else {
		l.choose(cond, func() {}, look, nil)
	}
	return z.val
}

// harmless says whether the nodes of a block may run when nobody needs them: arithmetic of single numbers.
func harmless(b *Block) bool {
	for _, n := range b.Nodes {
		if n.Kind != Call && n.Kind != Size {
			return false
		}
		if n.Kind == Call && (len(n.Out[0].Shape) != 0 || n.Op.Name == "Take") {
			return false
		}
	}
	return true
}

// binary is x op y.
func (l *lifter) binary(op token.Token, x, y value) value {
	if isTensorValue(x) || isTensorValue(y) {
		if op != token.EQL && op != token.NEQ {
			return l.algebra(op, x, y)
		}
	}
	if op == token.EQL || op == token.NEQ {
		return l.equal(op, x, y)
	}
	if !isNumber(x) || !isNumber(y) {
		return l.compute(op, x, y)
	}
	return l.arithmetic(op, x, y)
}

// algebra is an operator of cells on tensors.
func (l *lifter) algebra(op token.Token, x, y value) value {
	if isTensorValue(x) && isTensorValue(y) {
		if name := map[token.Token]string{token.ADD: "Add", token.SUB: "Sub", token.MUL: "Mul", token.QUO: "Div"}[op]; name != "" {
			return l.method(x, name, []value{y}, false)
		}
	} else if isTensorValue(x) && isNumber(y) {
		switch op {
		case token.ADD:
			return l.method(x, "Shift", []value{l.float(y)}, false)
		case token.SUB:
			return l.method(x, "Shift", []value{l.arithmetic(token.MUL, l.float(y), untyped{constant.MakeInt64(-1)})}, false)
		case token.MUL:
			return l.method(x, "Scale", []value{l.float(y)}, false)
		case token.QUO:
			return l.method(x, "DivScalar", []value{l.float(y)}, false)
		}
	} else if isNumber(x) {
		if name := map[token.Token]string{token.ADD: "Shift", token.SUB: "SubFrom", token.MUL: "Scale", token.QUO: "DivInto"}[op]; name != "" {
			return l.method(y, name, []value{l.float(x)}, false)
		}
	}
	l.refuse(fmt.Sprintf("%s %s %s has no meaning", l.describe(x), op, l.describe(y)))
	return nil
}

// float is a number as a float64.
func (l *lifter) float(x value) value {
	y, ok := l.convert(x, reflect.TypeFor[float64]())
	if !ok {
		l.refuse(fmt.Sprintf("%s is no number", l.describe(x)))
	}
	return y
}

// equal is x == y or x != y.
func (l *lifter) equal(op token.Token, x, y value) value {
	if isNumber(x) && isNumber(y) {
		return l.arithmetic(op, x, y)
	}
	_, nx := x.(null)
	_, ny := y.(null)
	if nx || ny {
		other := x
		if nx {
			other = y
		}
		_, both := other.(null)
		if t, ok := other.(*tensor); ok && t.maybe {
			l.refuse("whether this tensor is nil is known at run time only", "keep a bool beside it that says so")
		}
		return truth(both == (op == token.EQL))
	}
	if isTensorValue(x) && isTensorValue(y) {
		l.refuse("pointers to tensors are compared", "compare their numbers with x.Equal(y)")
	}
	a, ok1 := x.(known)
	b, ok2 := y.(known)
	if ok1 && ok2 && a.v.Type() == b.v.Type() && a.v.Comparable() && b.v.Comparable() {
		return truth(a.v.Equal(b.v) == (op == token.EQL))
	}
	return l.compute(op, x, y)
}

func (l *lifter) selector(n *ast.SelectorExpr, s *scope) value {
	x := l.eval(n.X, s)
	name := n.Sel.Name
	switch y := x.(type) {
	case pkg:
		return l.member(string(y), name)
	case *object:
		if v := y.field(name); v != nil {
			if v.val == nil {
				l.refuse(fmt.Sprintf("the field %s has a type that has no place in a static model", name))
			}
			return v.val
		}
		if d := l.funcs[y.kind.name+"."+name]; d != nil && d.Body != nil {
			return &closure{name: name, typ: d.Type, body: d.Body, recv: d.Recv, bound: x}
		}
		for i, f := range y.kind.fields { // of embedded structs
			if o, ok := y.fields[i].val.(*object); ok && f.kind != nil && o.kind.name == f.name {
				if v := o.field(name); v != nil {
					return v.val
				}
				if d := l.funcs[o.kind.name+"."+name]; d != nil && d.Body != nil {
					return &closure{name: name, typ: d.Type, body: d.Body, recv: d.Recv, bound: o}
				}
			}
		}
		l.refuse(fmt.Sprintf("%s has no field or method %s", y.kind.name, name))
	case known:
		if isTensorValue(x) {
			return &method{x, name}
		}
		return l.field(y.v, name)
	case *tensor:
		return &method{x, name}
	case null:
		l.refuse(fmt.Sprintf("%s of nil", name))
	}
	l.refuse(fmt.Sprintf("%s of %s cannot be lifted", name, l.describe(x)))
	return nil
}

// field is a field or method of a captured value.
func (l *lifter) field(v reflect.Value, name string) value {
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if d := l.funcs[t.Name()+"."+name]; d != nil && d.Body != nil && t.Name() != "" {
		return &closure{name: name, typ: d.Type, body: d.Body, recv: d.Recv, bound: known{v}}
	}
	if m := v.MethodByName(name); m.IsValid() {
		if t == reflect.TypeFor[eager.Rand]() {
			l.refuse("random numbers are drawn", "draw them outside and give them as an input")
		}
		return known{m}
	}
	w := v
	if w.Kind() == reflect.Pointer && !w.IsNil() {
		w = w.Elem()
	}
	if w.Kind() == reflect.Struct {
		if f := w.FieldByName(name); f.IsValid() {
			return l.captured(readable(w, f))
		}
	}
	l.refuse(fmt.Sprintf("a %s has no field or method %s that is known", v.Type(), name))
	return nil
}

// readable is field f of w, also when it is not exported.
func readable(w, f reflect.Value) reflect.Value {
	if f.CanInterface() {
		return f
	}
	if !f.CanAddr() {
		c := reflect.New(f.Type()).Elem()
		switch k := f.Kind(); {
		case k == reflect.Bool:
			c.SetBool(f.Bool())
		case k >= reflect.Int && k <= reflect.Int64:
			c.SetInt(f.Int())
		case k >= reflect.Uint && k <= reflect.Uint64:
			c.SetUint(f.Uint())
		case k == reflect.Float32, k == reflect.Float64:
			c.SetFloat(f.Float())
		case k == reflect.String:
			c.SetString(f.String())
		case k == reflect.Pointer:
			return reflect.NewAt(f.Type().Elem(), f.UnsafePointer())
		default:
			return f
		}
		return c
	}
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

// position is a known index, which is checked.
func (l *lifter) position(i value, n int) (int, bool) {
	if c, ok := i.(untyped); ok {
		i, _ = fromConstant(c.c, reflect.TypeFor[int]())
	}
	k, ok := i.(known)
	if !ok {
		if _, staged := i.(*number); !staged {
			l.refuse(fmt.Sprintf("%s is no index", l.describe(i)))
		}
		return 0, false
	}
	var at int
	switch kind := k.v.Kind(); {
	case kind >= reflect.Int && kind <= reflect.Int64:
		at = int(k.v.Int())
	case kind >= reflect.Uint && kind <= reflect.Uint64:
		at = int(k.v.Uint())
	default:
		l.refuse(fmt.Sprintf("%s is no index", l.describe(i)))
	}
	if at < 0 || at >= n {
		l.refuse(fmt.Sprintf("index %d is outside of %d elements", at, n))
	}
	return at, true
}

// index is x[i].
func (l *lifter) index(x, i value) value {
	switch y := x.(type) {
	case *array:
		if k, ok := l.position(i, len(y.elems)); ok {
			return y.elems[k].val
		}
		if len(y.elems) == 0 {
			l.impossible("an element of a slice is chosen that is empty here")
		}
		f := l.formOf(y)
		g, ok := f.sequence(&form{what: anArray, elem: y.elem})
		if !ok {
			l.refuse(fmt.Sprintf("an element of %s is chosen at run time", l.describe(x)), "give all elements one shape")
		}
		return l.index(l.asSequence(g, x), i)
	case *sequence:
		t := l.node(Index, 0, y.v.DType, y.dims, y.v, l.number(i, eager.Int64).v)
		if y.elem != nil {
			return l.opaque(&number{v: t.v, block: t.block})
		}
		l.provide(t)
		return t
	case known:
		if a := knownSlice(x); a != nil {
			if k, ok := l.position(i, len(a.elems)); ok {
				return l.captured(y.v.Index(k))
			}
			return l.index(a, i)
		}
	}
	if isTensorValue(x) {
		return l.method(x, "Index", []value{intOf(0), i}, false)
	}
	l.refuse(fmt.Sprintf("%s has no elements", l.describe(x)))
	return nil
}

func (l *lifter) sliceExpr(n *ast.SliceExpr, s *scope) value {
	x := l.eval(n.X, s)
	var lo value = intOf(0)
	if n.Low != nil {
		lo = typed(l.eval(n.Low, s))
	}
	var hi value
	if n.High != nil {
		hi = typed(l.eval(n.High, s))
	}
	if n.Slice3 {
		l.refuse("a slice with a capacity cannot be lifted")
	}
	if isTensorValue(x) {
		if hi == nil {
			return l.method(x, "SliceFrom", []value{intOf(0), lo}, false)
		}
		return l.method(x, "Slice", []value{intOf(0), lo, hi}, false)
	}
	if a := knownSlice(x); a != nil {
		x = a
	}
	if a, ok := x.(*array); ok {
		if hi == nil {
			hi = intOf(len(a.elems))
		}
		i, ok1 := l.position(lo, len(a.elems)+1)
		k, ok2 := l.position(hi, len(a.elems)+1)
		if ok1 && ok2 {
			if i > k {
				l.refuse(fmt.Sprintf("cannot take elements %d to %d", i, k))
			}
			return &array{elem: a.elem, elems: a.elems[i:k:k]}
		}
		f, ok := l.formOf(a).sequence(&form{what: anArray, elem: a.elem})
		if !ok {
			l.refuse(fmt.Sprintf("a part of %s is chosen at run time", l.describe(x)), "give all elements one shape")
		}
		x = l.asSequence(f, a)
	}
	q, ok := x.(*sequence)
	if !ok {
		l.refuse(fmt.Sprintf("%s has no elements", l.describe(x)))
	}
	if hi == nil {
		hi = l.intOfSize(q.n)
	}
	whole := &tensor{v: q.v, block: q.block, dims: append([]size{q.n}, q.dims...)}
	t := l.cut(whole, 0, lo, hi)
	return &sequence{v: t.v, block: t.block, n: t.dims[0], dims: q.dims, elem: q.elem}
}

// sizeOf is an int as a size.
func (l *lifter) sizeOf(x value) size {
	return *l.opaque(l.number(x, eager.Int64)).size
}

// cut is part lo to hi of an axis; negative ones that are known count from the end.
func (l *lifter) cut(t *tensor, axis int, lo, hi value) *tensor {
	end := func(x value) size {
		s := l.sizeOf(x)
		if s.isConst() && s.k < 0 {
			s = t.dims[axis].plus(s, 1)
		}
		return s
	}
	z := l.slice(t, axis, end(lo), end(hi))
	l.provide(z)
	return z
}

// composite is a literal of a slice, array or struct.
func (l *lifter) composite(n *ast.CompositeLit, s *scope) value {
	if n.Type == nil {
		l.refuse("a literal without a type cannot be lifted here")
	}
	if _, ok := n.Type.(*ast.MapType); ok {
		l.refuse("a map has no place in a static model", "use a slice")
	}
	return l.literal(n, l.kind(n.Type), s)
}

func (l *lifter) literal(n *ast.CompositeLit, k *kind, s *scope) value {
	element := func(e ast.Expr, k *kind) value {
		if c, ok := e.(*ast.CompositeLit); ok && c.Type == nil && k != nil {
			if k.ptr {
				if o, ok := l.literal(c, k.elem, s).(*object); ok {
					o.pointer = true
					return l.pointer(o)
				}
			}
			return l.literal(c, k, s)
		}
		return l.copied(l.as(l.eval(e, s), k))
	}
	switch {
	case k.fields != nil:
		o := l.zero(k).(*object)
		for i, e := range n.Elts {
			v := (*variable)(nil)
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if id, ok := kv.Key.(*ast.Ident); ok {
					v = o.field(id.Name)
				}
				e = kv.Value
			} else if i < len(o.fields) {
				v = o.fields[i]
			}
			if v == nil {
				l.refuse(fmt.Sprintf("%s has no such field", k.name))
			}
			v.val = element(e, v.kind)
		}
		return o
	case k.elem != nil && !k.ptr:
		a := &array{elem: k.elem, fixed: k.length >= 0 || k.length == -2}
		if isTensor(k.elem) {
			a.elem = nil
		}
		for _, e := range n.Elts {
			if _, ok := e.(*ast.KeyValueExpr); ok {
				l.refuse("a literal with indices cannot be lifted")
			}
			v := l.variable("", element(e, k.elem))
			v.kind = k.elem
			a.elems = append(a.elems, v)
		}
		for k.length > len(a.elems) {
			v := l.variable("", l.zero(k.elem))
			v.kind = k.elem
			a.elems = append(a.elems, v)
		}
		return a
	case k.rt != nil && k.rt.Kind() == reflect.Struct:
		v := reflect.New(k.rt).Elem()
		for _, e := range n.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				l.refuse(fmt.Sprintf("%s wants the names of its fields", k.name))
			}
			id, _ := kv.Key.(*ast.Ident)
			f := reflect.Value{}
			if id != nil && id.IsExported() {
				f = v.FieldByName(id.Name)
			}
			if !f.IsValid() {
				l.refuse(fmt.Sprintf("%s has no such field", k.name))
			}
			x, ok := l.plain(l.eval(kv.Value, s), f.Type())
			if !ok {
				l.refuse(fmt.Sprintf("the setting %s of %s depends on the input", id.Name, k.name), "make it a constant")
			}
			f.Set(x)
		}
		return known{v}
	case k.rt == reflect.TypeFor[eager.Shape]():
		a := &array{elem: basics["int"]}
		for _, e := range n.Elts {
			a.elems = append(a.elems, l.variable("", element(e, basics["int"])))
		}
		return a
	}
	l.refuse(fmt.Sprintf("a literal of %s cannot be lifted", k.name))
	return nil
}
