package lift

import (
	"fmt"
	"go/ast"
	"go/constant"
	"reflect"

	"github.com/tapir-go/tapir/eager"
)

// maxDepth is how deep calls may be.
const maxDepth = 64

// callExpr carries out a call.
func (l *lifter) callExpr(n *ast.CallExpr, s *scope) value {
	defer l.line(n)()
	f := l.eval(n.Fun, s)
	if b, ok := f.(builtin); ok {
		return l.builtin(string(b), n, s)
	}
	if k, ok := f.(*kind); ok {
		if len(n.Args) != 1 {
			l.refuse("a conversion takes one value")
		}
		return l.conversion(l.eval(n.Args[0], s), k)
	}
	var args []value
	if len(n.Args) == 1 {
		if t, ok := l.evalAny(n.Args[0], s).(tuple); ok {
			args = t
		} else {
			args = []value{l.eval(n.Args[0], s)}
		}
	} else {
		for _, e := range n.Args {
			args = append(args, l.eval(e, s))
		}
	}
	return l.apply(f, args, n.Ellipsis.IsValid(), l.text(n.Fun))
}

// apply calls a function value. With spread the last argument is a slice in place of several.
func (l *lifter) apply(f value, args []value, spread bool, name string) value {
	switch f := f.(type) {
	case *closure:
		return l.call(f, l.variadic(f.typ, args, spread))
	case *method:
		return l.method(f.recv, f.name, args, spread)
	case *member:
		return f.call(l, args, spread)
	case known:
		if f.v.Kind() == reflect.Func {
			return l.compiled(name, f.v, args, spread)
		}
	case null:
		l.refuse(fmt.Sprintf("%s is nil", name))
	}
	l.refuse(fmt.Sprintf("%s is no function that can be lifted", name))
	return nil
}

// variadic makes one slice of the last arguments of a function with "...".
func (l *lifter) variadic(t *ast.FuncType, args []value, spread bool) []value {
	n := len(l.params(t))
	if n == 0 || spread {
		return args
	}
	last := t.Params.List[len(t.Params.List)-1]
	e, ok := last.Type.(*ast.Ellipsis)
	if !ok {
		return args
	}
	if len(args) < n-1 {
		l.refuse("there are too few arguments")
	}
	k := l.kindOrNil(e.Elt)
	a := &array{elem: k}
	if k != nil && isTensor(k) {
		a.elem = nil
	}
	for _, x := range args[n-1:] {
		a.elems = append(a.elems, l.variable("", l.as(x, k)))
	}
	return append(args[:n-1:n-1], a)
}

// call carries out a function of the source.
func (l *lifter) call(f *closure, args []value) value {
	names := l.params(f.typ)
	if len(args) != len(names) {
		l.refuse(fmt.Sprintf("%s gets %d arguments: want %d", f.name, len(args), len(names)))
	}
	if l.depth >= maxDepth {
		l.refuse(fmt.Sprintf("%s calls itself more than %d times: how often depends on values that are known at run time only", f.name, maxDepth), "write it as a loop")
	}
	s := inner(f.env)
	bind := func(name string, t ast.Expr, x value) {
		k := l.kindOrNil(t)
		v := l.variable(name, l.copied(l.as(x, k)))
		v.kind = k
		if name != "_" {
			s.names[name] = v
		}
	}
	if f.recv != nil && len(f.recv.List) == 1 {
		r := f.recv.List[0]
		if len(r.Names) == 1 {
			x := f.bound
			if o, ok := x.(*object); ok {
				c := *o
				_, c.pointer = r.Type.(*ast.StarExpr)
				x = l.copied(&c)
			}
			s.names[r.Names[0].Name] = l.variable(r.Names[0].Name, x)
		}
	}
	i := 0
	for _, p := range f.typ.Params.List {
		for k := range max(1, len(p.Names)) {
			name := "_"
			if k < len(p.Names) {
				name = p.Names[k].Name
			}
			bind(name, p.Type, args[i])
			i++
		}
	}
	fr := &frame{code: l.variable("left", nil)}
	fr.code.val = goesOn
	if f.typ.Results != nil {
		for _, r := range f.typ.Results.List {
			k := l.kindOrNil(r.Type)
			for i := range max(1, len(r.Names)) {
				v := l.variable("result", undefined{})
				if i < len(r.Names) {
					v.name, v.val, v.kind = r.Names[i].Name, l.zero(k), k
					if v.name != "_" {
						s.names[v.name] = v
					}
				}
				fr.results, fr.kinds = append(fr.results, v), append(fr.kinds, k)
			}
		}
	}
	outer := l.frame
	l.frame = fr
	l.depth++
	l.list(f.body.List, s)
	l.depth--
	l.frame = outer
	out := make(tuple, len(fr.results))
	for i, v := range fr.results {
		out[i] = v.val
		if _, ok := v.val.(undefined); ok {
			l.refuse(fmt.Sprintf("%s ends without a result", f.name))
		}
	}
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	return out
}

// conversion is T(x).
func (l *lifter) conversion(x value, k *kind) value {
	if k.rt != nil {
		if isNumber(x) || k.rt.Kind() == reflect.String {
			c, wasConst := x.(untyped)
			if y, ok := l.convert(x, k.rt); ok {
				return y
			}
			if wasConst {
				l.refuse(fmt.Sprintf("%s does not fit into %s", c.c, k.name))
			}
		}
		if n, ok := x.(known); ok && n.v.CanConvert(k.rt) {
			return known{n.v.Convert(k.rt)}
		}
	}
	if a, ok := x.(*array); ok && (k.elem != nil || k.rt != nil && k.rt.Kind() == reflect.Slice) {
		return a
	}
	if q, ok := x.(*sequence); ok && k.elem != nil {
		return q
	}
	l.refuse(fmt.Sprintf("%s cannot become %s in a static model", l.describe(x), k.name))
	return nil
}

// builtin carries out a function of the language.
func (l *lifter) builtin(name string, n *ast.CallExpr, s *scope) value {
	arg := func(i int) value {
		if i >= len(n.Args) {
			l.refuse(fmt.Sprintf("%s gets %d arguments", name, len(n.Args)))
		}
		return l.eval(n.Args[i], s)
	}
	switch name {
	case "len", "cap":
		switch x := arg(0).(type) {
		case *array:
			return intOf(len(x.elems))
		case *sequence:
			return l.intOfSize(x.n)
		case known:
			switch x.v.Kind() {
			case reflect.Slice, reflect.Array, reflect.String:
				return intOf(x.v.Len())
			}
		case untyped:
			if x.c.Kind() == constant.String {
				return intOf(len(constant.StringVal(x.c)))
			}
		case null:
			return intOf(0)
		}
		l.refuse(fmt.Sprintf("%s of %s cannot be lifted", name, l.text(n.Args[0])))
	case "append":
		return l.appended(n, s)
	case "make":
		return l.made(n, s)
	case "new":
		if len(n.Args) == 1 {
			if o, ok := l.zero(l.kind(n.Args[0])).(*object); ok {
				o.pointer = true
				return l.pointer(o)
			}
		}
		l.refuse("new of this type cannot be lifted")
	case "min", "max":
		x := arg(0)
		for i := range n.Args[1:] {
			x = l.extreme(name, x, arg(i+1))
		}
		return x
	case "panic":
		l.refuse("a static model cannot panic", "check the input before the function", "return a value that says so")
	case "print", "println":
		l.refuse(name+" is output, which has no place in a static model", "return the value instead")
	case "delete", "close":
		l.refuse(name + " has no place in a static model")
	}
	l.refuse(name + " cannot be lifted")
	return nil
}

// extreme is the smaller or larger of two numbers.
func (l *lifter) extreme(name string, x, y value) value {
	if !isNumber(x) || !isNumber(y) {
		l.refuse(fmt.Sprintf("%s of %s and %s", name, l.describe(x), l.describe(y)))
	}
	_, sx := x.(*number)
	_, sy := y.(*number)
	if sx || sy {
		d := l.common(0, x, y)
		f := (*eager.Tensor).Minimum
		if name == "max" {
			f = (*eager.Tensor).Maximum
		}
		if d == eager.Bool {
			l.refuse(name + " of bools")
		}
		return l.opaque(l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return f(xs[0], xs[1]) }, l.number(x, d), l.number(y, d)))
	}
	less, _ := knownBool(l.compute(lss, x, y))
	if less == (name == "min") {
		return x
	}
	return y
}

func (l *lifter) appended(n *ast.CallExpr, s *scope) value {
	if len(n.Args) == 0 {
		l.refuse("append of nothing")
	}
	base := l.eval(n.Args[0], s)
	var more []value
	for _, e := range n.Args[1:] {
		more = append(more, l.eval(e, s))
	}
	if a := knownSlice(base); a != nil {
		base = a
	}
	if _, ok := base.(null); ok {
		base = &array{}
	}
	if n.Ellipsis.IsValid() {
		if len(more) != 1 {
			l.refuse("append with ... takes one slice")
		}
		return l.appendedTo(base, more[0])
	}
	switch a := base.(type) {
	case *array:
		z := &array{elem: a.elem, elems: append([]*variable{}, a.elems...)}
		for _, x := range more {
			if a.elem != nil {
				x = l.as(x, a.elem)
			}
			v := l.variable("", l.copied(typed(x)))
			v.kind = a.elem
			z.elems = append(z.elems, v)
		}
		return z
	case *sequence:
		z := &array{elem: a.elem}
		for _, x := range more {
			z.elems = append(z.elems, l.variable("", x))
		}
		return l.appendedTo(a, z)
	}
	l.refuse(fmt.Sprintf("append to %s cannot be lifted", l.describe(base)))
	return nil
}

// appendedTo is a slice with another one at its end.
func (l *lifter) appendedTo(x, y value) value {
	if a := knownSlice(y); a != nil {
		y = a
	}
	a, ok1 := x.(*array)
	b, ok2 := y.(*array)
	if ok1 && ok2 {
		z := &array{elem: a.elem, elems: append([]*variable{}, a.elems...)}
		for _, e := range b.elems {
			z.elems = append(z.elems, l.variable("", e.val))
		}
		return z
	}
	f, ok := unify(l.formOf(x), l.formOf(y))
	if !ok || f.what != aSequence {
		l.refuse(fmt.Sprintf("%s is appended to %s", l.describe(y), l.describe(x)), "give all elements one shape")
	}
	if ok2 && len(b.elems) == 0 {
		return x
	}
	p, q := l.asSequence(f, x), l.asSequence(f, y)
	if f.rank > 0 && !equalDims(p.dims, q.dims) {
		l.refuse(fmt.Sprintf("elements of shape %s are appended to a slice of elements of shape %s", shapeOf(q.dims), shapeOf(p.dims)),
			"give all elements one shape", "join the tensors with eager.Concat along the axis that differs")
	}
	n := p.n.plus(q.n, 1)
	t := l.concat(0, []*tensor{{v: p.v, block: p.block, dims: append([]size{p.n}, p.dims...)}, {v: q.v, block: q.block, dims: append([]size{q.n}, q.dims...)}})
	return &sequence{v: t.v, block: t.block, n: n, dims: p.dims, elem: f.elem}
}

// concat joins tensors along an axis.
func (l *lifter) concat(axis int, ts []*tensor) *tensor {
	return l.trace("append", ts, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{eager.Concat(axis, xs)} })[0]
}

func (l *lifter) made(n *ast.CallExpr, s *scope) value {
	if len(n.Args) == 0 {
		l.refuse("make of nothing")
	}
	switch n.Args[0].(type) {
	case *ast.MapType:
		l.refuse("a map has no place in a static model", "use a slice")
	case *ast.ChanType:
		l.refuse("a channel has no place in a static model", "give what it carries as an argument")
	}
	k := l.kind(n.Args[0])
	if k.elem == nil || k.ptr || len(n.Args) < 2 {
		l.refuse("make of this type cannot be lifted")
	}
	count := typed(l.eval(n.Args[1], s))
	if c, ok := count.(known); ok && isNumber(count) && !isBool(count) && !isFloat(count) {
		k.length = int(reflect.Indirect(c.v).Convert(reflect.TypeFor[int]()).Int())
		if k.length < 0 || k.length > 1<<16 {
			l.refuse(fmt.Sprintf("a slice of %d elements", k.length))
		}
		a := l.zero(k).(*array)
		a.fixed = false
		return a
	}
	d, ok := eager.DType(0), false
	if k.elem.rt != nil {
		d, ok = dtypeOfKind(k.elem.rt.Kind())
	}
	if _, staged := count.(*number); !staged || !ok {
		l.refuse("a slice whose length depends on the input is made with elements that are no numbers", "append the elements one by one")
	}
	dims := []size{l.sizeOf(count)}
	t := l.expand(&tensor{v: l.placeholder(d, nil)}, dims)
	return &sequence{v: t.v, block: t.block, n: dims[0], elem: k.elem}
}

// plain is x as a compiled function takes it, when it is known.
func (l *lifter) plain(x value, t reflect.Type) (reflect.Value, bool) {
	switch y := x.(type) {
	case untyped:
		if t.Kind() == reflect.Interface {
			return l.plain(typed(x), t)
		}
		if k, ok := fromConstant(y.c, t); ok {
			return k.(known).v, true
		}
	case known:
		if y.v.Type().AssignableTo(t) {
			return y.v, true
		}
		if t.Kind() == reflect.Slice && y.v.Kind() == reflect.Slice && y.v.Type().ConvertibleTo(t) {
			return y.v.Convert(t), true
		}
	case null:
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Func, reflect.Interface:
			return reflect.Zero(t), true
		}
	case *array:
		if t.Kind() != reflect.Slice {
			break
		}
		v := reflect.MakeSlice(t, len(y.elems), len(y.elems))
		for i, e := range y.elems {
			x, ok := l.plain(e.val, t.Elem())
			if !ok {
				return reflect.Value{}, false
			}
			v.Index(i).Set(x)
		}
		return v, true
	}
	return reflect.Value{}, false
}

// compiled calls a function that is no part of the source: the ops that it runs on tensors become nodes.
func (l *lifter) compiled(name string, f reflect.Value, args []value, spread bool) value {
	t := f.Type()
	if !spread && t.IsVariadic() && len(args) >= t.NumIn()-1 {
		a := &array{}
		for _, x := range args[t.NumIn()-1:] {
			a.elems = append(a.elems, &variable{val: x})
		}
		args = append(args[:t.NumIn()-1:t.NumIn()-1], a)
	}
	if len(args) != t.NumIn() {
		l.refuse(fmt.Sprintf("%s gets %d arguments: want %d", name, len(args), t.NumIn()))
	}
	// Each argument is a function of the tensors of the program among all of them.
	var in []*tensor
	place := map[*tensor]int{}
	tensorAt := func(t *tensor) int {
		if _, ok := place[t]; !ok {
			place[t] = len(in)
			in = append(in, t)
		}
		return place[t]
	}
	makers := make([]func(xs []*eager.Tensor) reflect.Value, len(args))
	for i, x := range args {
		want := t.In(i)
		if v, ok := l.plain(x, want); ok {
			makers[i] = func([]*eager.Tensor) reflect.Value { return v }
			continue
		}
		switch y := x.(type) {
		case *tensor:
			if tensorType.AssignableTo(want) {
				at := tensorAt(y)
				makers[i] = func(xs []*eager.Tensor) reflect.Value { return reflect.ValueOf(xs[at]) }
			}
		case *array:
			if want.Kind() != reflect.Slice || want.Elem() != tensorType {
				break
			}
			ats, leaves := make([]int, len(y.elems)), make([]*eager.Tensor, len(y.elems))
			good := true
			for k, e := range y.elems {
				ats[k] = -1
				if et, ok := e.val.(*tensor); ok {
					ats[k] = tensorAt(et)
				} else if leaves[k] = knownTensor(e.val); leaves[k] == nil {
					good = false
				}
			}
			if good {
				makers[i] = func(xs []*eager.Tensor) reflect.Value {
					v := make([]*eager.Tensor, len(ats))
					for k, at := range ats {
						if v[k] = leaves[k]; at >= 0 {
							v[k] = xs[at]
						}
					}
					return reflect.ValueOf(v)
				}
			}
		}
		if makers[i] == nil {
			if _, ok := x.(*number); ok {
				l.refuse(fmt.Sprintf("argument %d of %s depends on the input, but is fixed in a static model", i, name), "make it a constant", "write it with ops on tensors")
			}
			l.refuse(fmt.Sprintf("argument %d of %s is %s: it cannot be given to a compiled function in a static model", i, name, l.describe(x)))
		}
	}
	return l.traced(name, f, makers, in, spread || t.IsVariadic())
}

// traced runs a compiled function on samples and takes its results.
func (l *lifter) traced(name string, f reflect.Value, makers []func([]*eager.Tensor) reflect.Value, in []*tensor, slice bool) value {
	var results [][]reflect.Value
	var broke any
	run := func(xs []*eager.Tensor) (out []*eager.Tensor) {
		args := make([]reflect.Value, len(makers))
		for i, m := range makers {
			args[i] = m(xs)
		}
		var rs []reflect.Value
		func() {
			defer func() {
				if r := recover(); r != nil {
					if e, ok := r.(*eager.Error); ok {
						panic(e)
					}
					broke = r
				}
			}()
			if slice {
				rs = f.CallSlice(args)
			} else {
				rs = f.Call(args)
			}
		}()
		results = append(results, rs)
		for _, r := range rs {
			switch v := r.Interface().(type) {
			case *eager.Tensor:
				out = append(out, v)
			case []*eager.Tensor:
				out = append(out, v...)
			}
		}
		return out
	}
	if len(in) == 0 { // everything is known: it is computed now
		for range 2 {
			if err := eager.Try(func() { eager.NoGrad(func() { run(nil) }) }); err != nil {
				l.refuse(fmt.Sprintf("%s fails: %v", name, err))
			}
			if broke != nil {
				l.refuse(fmt.Sprintf("%s panics: %v", name, broke))
			}
		}
		var out tuple
		for i, r := range results[0] {
			if !alike(r, results[1][i]) {
				l.refuse(fmt.Sprintf("%s gives other values each time", name), "call it outside and give the value as an input")
			}
			out = append(out, l.captured(r))
		}
		return untuple(out)
	}
	ts := l.trace(name, in, run)
	if broke != nil {
		l.refuse(fmt.Sprintf("%s panics: %v", name, broke))
	}
	var out tuple
	for i, r := range results[0] {
		switch v := r.Interface().(type) {
		case *eager.Tensor:
			out, ts = append(out, l.folded(ts[0])), ts[1:]
		case []*eager.Tensor:
			a := &array{}
			for range v {
				a.elems, ts = append(a.elems, l.variable("", l.folded(ts[0]))), ts[1:]
			}
			out = append(out, a)
		default:
			if !alike(r, results[1][i]) {
				l.refuse(fmt.Sprintf("%s gives a %s that depends on a size", name, r.Type()))
			}
			out = append(out, l.captured(r))
		}
	}
	return untuple(out)
}

// folded is a tensor of the program as a known one when it is.
func (l *lifter) folded(t *tensor) value {
	if t.v.Tensor != nil {
		return known{reflect.ValueOf(t.v.Tensor)}
	}
	return t
}

func untuple(t tuple) value {
	switch len(t) {
	case 0:
		return nil
	case 1:
		return t[0]
	}
	return t
}

// alike says whether two results of a function are the same.
func alike(a, b reflect.Value) bool {
	if x, ok := a.Interface().(*eager.Tensor); ok {
		y := b.Interface().(*eager.Tensor)
		return x == y || x != nil && y != nil && same(x, y)
	}
	if a.Kind() == reflect.Slice && a.Len() == b.Len() {
		for i := range a.Len() {
			if !alike(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}
