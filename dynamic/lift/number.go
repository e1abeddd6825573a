package lift

import (
	"fmt"
	"go/constant"
	"go/token"
	"math"
	"reflect"

	"github.com/tapir-go/tapir/eager"
)

// Arithmetic of Go's numbers. What is known is computed; what is not becomes ops on tensors of shape ().

func intOf(n int) known    { return known{reflect.ValueOf(n)} }
func boolOf(b bool) known  { return known{reflect.ValueOf(b)} }
func truth(b bool) untyped { return untyped{constant.MakeBool(b)} }

// isNumber says whether x is a number or bool, known or not.
func isNumber(x value) bool {
	switch x := x.(type) {
	case *number:
		return true
	case untyped:
		return x.c.Kind() != constant.String
	case known:
		switch k := x.v.Kind(); {
		case k == reflect.Bool, k >= reflect.Int && k <= reflect.Uint64, k == reflect.Float32, k == reflect.Float64:
			return true
		}
	}
	return false
}

// dtypeOf is the dtype of a Go number in the program; ok is false for kinds that programs have not.
func dtypeOf(x value) (d eager.DType, ok bool) {
	switch x := x.(type) {
	case *number:
		return x.v.DType, true
	case untyped:
		switch x.c.Kind() {
		case constant.Bool:
			return eager.Bool, true
		case constant.Int:
			return eager.Int64, true
		case constant.Float:
			return eager.Float64, true
		}
	case known:
		return dtypeOfKind(x.v.Kind())
	}
	return 0, false
}

func dtypeOfKind(k reflect.Kind) (eager.DType, bool) {
	switch k {
	case reflect.Bool:
		return eager.Bool, true
	case reflect.Int, reflect.Int64:
		return eager.Int64, true
	case reflect.Float64:
		return eager.Float64, true
	case reflect.Float32:
		return eager.Float32, true
	}
	return 0, false
}

// typed gives a constant the type that it has in a variable of its own.
func typed(x value) value {
	c, ok := x.(untyped)
	if !ok {
		return x
	}
	switch c.c.Kind() {
	case constant.Bool:
		return boolOf(constant.BoolVal(c.c))
	case constant.String:
		return known{reflect.ValueOf(constant.StringVal(c.c))}
	case constant.Int:
		if n, ok := constant.Int64Val(c.c); ok {
			return intOf(int(n))
		}
	}
	f, _ := constant.Float64Val(constant.ToFloat(c.c))
	return known{reflect.ValueOf(f)}
}

// convert makes x a number of type t; ok is false when Go has no such conversion or it is not supported.
func (l *lifter) convert(x value, t reflect.Type) (value, bool) {
	switch x := x.(type) {
	case untyped:
		return fromConstant(x.c, t)
	case known:
		if t.Kind() == reflect.String && x.v.Kind() != reflect.String {
			return nil, false
		}
		if !x.v.CanConvert(t) {
			return nil, false
		}
		return known{x.v.Convert(t)}, true
	case *number:
		d, ok := dtypeOfKind(t.Kind())
		if !ok || (d == eager.Bool) != (x.v.DType == eager.Bool) {
			return nil, false
		}
		return l.cast(x, d), true
	}
	return nil, false
}

func fromConstant(c constant.Value, t reflect.Type) (value, bool) {
	v := reflect.New(t).Elem()
	switch k := t.Kind(); {
	case k == reflect.Bool && c.Kind() == constant.Bool:
		v.SetBool(constant.BoolVal(c))
	case k == reflect.String && c.Kind() == constant.String:
		v.SetString(constant.StringVal(c))
	case k >= reflect.Int && k <= reflect.Int64 && numeric(c):
		n, ok := constant.Int64Val(constant.ToInt(c))
		if !ok || v.OverflowInt(n) {
			return nil, false
		}
		v.SetInt(n)
	case k >= reflect.Uint && k <= reflect.Uint64 && numeric(c):
		n, ok := constant.Uint64Val(constant.ToInt(c))
		if !ok || v.OverflowUint(n) {
			return nil, false
		}
		v.SetUint(n)
	case (k == reflect.Float32 || k == reflect.Float64) && numeric(c):
		f, _ := constant.Float64Val(constant.ToFloat(c))
		v.SetFloat(f)
	default:
		return nil, false
	}
	return known{v}, true
}

func numeric(c constant.Value) bool { return c.Kind() == constant.Int || c.Kind() == constant.Float }

// number is x in the program, as dtype d.
func (l *lifter) number(x value, d eager.DType) *number {
	if n, ok := x.(*number); ok {
		return l.cast(n, d)
	}
	t := map[eager.DType]reflect.Type{eager.Bool: reflect.TypeFor[bool](), eager.Int64: reflect.TypeFor[int](), eager.Float64: reflect.TypeFor[float64](), eager.Float32: reflect.TypeFor[float32]()}[d]
	y, ok := l.convert(x, t)
	if !ok {
		l.refuse(fmt.Sprintf("%s is no %s", l.describe(x), d))
	}
	v := y.(known).v
	n := &number{}
	switch d {
	case eager.Bool:
		n.v = l.constant(fmt.Sprint("bool", v.Bool()), func() *eager.Tensor { return eager.FromBool([]bool{v.Bool()}) })
		b := v.Bool()
		n.test = func(int) bool { return b }
	case eager.Int64:
		s := whole(int(v.Int()))
		n.v, n.size = l.sizeValue(s), &s
	case eager.Float32:
		f := float32(v.Float())
		n.v = l.constant(fmt.Sprint("f32 ", math.Float32bits(f)), func() *eager.Tensor { return eager.FromFloat32([]float32{f}) })
	default:
		f := v.Float()
		n.v = l.constant(fmt.Sprint("f64 ", math.Float64bits(f)), func() *eager.Tensor { return eager.FromFloat64([]float64{f}) })
	}
	return n
}

func (l *lifter) cast(n *number, d eager.DType) *number {
	if n.v.DType == d {
		return n
	}
	return l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return xs[0].To(d) }, n)
}

// scalar computes a number from numbers by ops.
func (l *lifter) scalar(f func(xs []*eager.Tensor) *eager.Tensor, in ...*number) *number {
	ts := make([]*tensor, len(in))
	for i, n := range in {
		ts[i] = &tensor{v: n.v, block: n.block}
	}
	t := l.trace("arithmetic", ts, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{f(xs)} })[0]
	return &number{v: t.v, block: t.block}
}

// common is the dtype in which an operator computes.
func (l *lifter) common(op token.Token, x, y value) eager.DType {
	dx, ok1 := dtypeOf(x)
	dy, ok2 := dtypeOf(y)
	_, ux := x.(untyped)
	_, uy := y.(untyped)
	if !ok1 || !ok2 {
		l.refuse(fmt.Sprintf("%s %s %s: programs have int, float64, float32 and bool", l.describe(x), op, l.describe(y)))
	}
	switch {
	case ux && !uy:
		return dy
	case uy && !ux, dx == dy:
		return dx
	case ux && uy:
		return max(dx, dy)
	}
	l.refuse(fmt.Sprintf("%s of %s and %s: the types differ", op, dx, dy))
	return 0
}

// arithmetic is x op y for numbers and bools.
func (l *lifter) arithmetic(op token.Token, x, y value) value {
	_, sx := x.(*number)
	_, sy := y.(*number)
	if !sx && !sy {
		return l.compute(op, x, y)
	}
	d := l.common(op, x, y)
	a, b := l.opaque(l.number(x, d)), l.opaque(l.number(y, d))
	if a.size != nil && b.size != nil {
		if z := l.sized(op, *a.size, *b.size); z != nil {
			return z
		}
	}
	var z *number
	switch op {
	case token.ADD:
		z = l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Add(xs[1]) }, a, b)
	case token.SUB:
		z = l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Sub(xs[1]) }, a, b)
	case token.MUL:
		z = l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Mul(xs[1]) }, a, b)
	case token.QUO:
		if d == eager.Int64 {
			return l.divide(a, b)
		}
		z = l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Div(xs[1]) }, a, b)
	case token.REM:
		if d != eager.Int64 {
			l.refuse("% of floats")
		}
		q := l.divide(a, b)
		z = l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Sub(xs[1].Mul(xs[2])) }, a, q, b)
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		z = l.compare(op, a, b)
	case token.LAND:
		z = l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return xs[0].And(xs[1]) }, a, b)
	case token.LOR:
		z = l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Or(xs[1]) }, a, b)
	default:
		l.refuse(fmt.Sprintf("the operator %s has no place in a static model", op), "compute it before, from known numbers")
	}
	if a.test != nil && b.test != nil {
		switch op {
		case token.LAND:
			z.test = func(side int) bool { return a.test(side) && b.test(side) }
		case token.LOR:
			z.test = func(side int) bool { return a.test(side) || b.test(side) }
		}
	}
	return z
}

// sized is op on ints that are sums of sizes: another one, or a comparison that knows what it says about sizes.
func (l *lifter) sized(op token.Token, a, b size) value {
	var s size
	switch op {
	case token.ADD:
		s = a.plus(b, 1)
	case token.SUB:
		s = a.plus(b, -1)
	case token.MUL:
		s = l.times(a, b)
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		if d := a.plus(b, -1); d.isConst() {
			return truth(compareInts(op, d.k, 0))
		}
		z := l.compare(op, &number{v: l.sizeValue(a)}, &number{v: l.sizeValue(b)})
		z.test = func(side int) bool { return compareInts(op, a.at(side), b.at(side)) }
		return z
	default:
		return nil
	}
	return l.intOfSize(s)
}

// compare is a comparison of numbers of one dtype.
func (l *lifter) compare(op token.Token, a, b *number) *number {
	f := map[token.Token]func(x, y *eager.Tensor) *eager.Tensor{
		token.EQL: (*eager.Tensor).Equal, token.NEQ: (*eager.Tensor).NotEqual, token.LSS: (*eager.Tensor).Less,
		token.LEQ: (*eager.Tensor).LessEqual, token.GTR: (*eager.Tensor).Greater, token.GEQ: (*eager.Tensor).GreaterEqual,
	}[op]
	if a.v.DType == eager.Bool { // programs compare numbers
		a, b = l.cast(a, eager.Int64), l.cast(b, eager.Int64)
	}
	return l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return f(xs[0], xs[1]) }, a, b)
}

func compareInts(op token.Token, a, b int) bool {
	switch op {
	case token.EQL:
		return a == b
	case token.NEQ:
		return a != b
	case token.LSS:
		return a < b
	case token.LEQ:
		return a <= b
	case token.GTR:
		return a > b
	}
	return a >= b
}

// intOfSize is a size as a Go int.
func (l *lifter) intOfSize(s size) value {
	if s.isConst() {
		return intOf(s.k)
	}
	return &number{v: l.sizeValue(s), block: l.block(), size: &s}
}

// opaque is an int of the program that has no expression in sizes: a symbol of its own.
func (l *lifter) opaque(n *number) *number {
	if n.v.DType != eager.Int64 || n.size != nil {
		return n
	}
	s := l.counter()
	s.from = append(s.from, source{n.v, n.block, -1})
	n.size = &size{terms: []term{{s, 1}}}
	return n
}

// divide is the quotient of ints, cut towards 0 as Go does. Numbers below 2^53 divide as floats without an error.
func (l *lifter) divide(a, b *number) *number {
	return l.scalar(func(xs []*eager.Tensor) *eager.Tensor {
		return xs[0].To(eager.Float64).Div(xs[1].To(eager.Float64)).To(eager.Int64)
	}, a, b)
}

// not is !x.
func (l *lifter) not(x value) value {
	switch x := x.(type) {
	case *number:
		if x.v.DType == eager.Bool {
			z := l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return xs[0].Not() }, x)
			if x.test != nil {
				z.test = func(side int) bool { return !x.test(side) }
			}
			return z
		}
	case untyped:
		if x.c.Kind() == constant.Bool {
			return truth(!constant.BoolVal(x.c))
		}
	case known:
		if x.v.Kind() == reflect.Bool {
			return boolOf(!x.v.Bool())
		}
	}
	l.refuse(fmt.Sprintf("! of %s", l.describe(x)))
	return nil
}

// compute is x op y for what is known.
func (l *lifter) compute(op token.Token, x, y value) value {
	a, ua := x.(untyped)
	b, ub := y.(untyped)
	if ua && ub {
		return l.computeConstants(op, a.c, b.c)
	}
	kx, okx := x.(known)
	ky, oky := y.(known)
	var ok bool
	switch {
	case ua && oky:
		var v value
		v, ok = fromConstant(a.c, ky.v.Type())
		kx, _ = v.(known)
	case ub && okx:
		var v value
		v, ok = fromConstant(b.c, kx.v.Type())
		ky, _ = v.(known)
	default:
		ok = okx && oky
	}
	if !ok || kx.v.Kind() != ky.v.Kind() {
		l.refuse(fmt.Sprintf("%s %s %s has no meaning here", l.describe(x), op, l.describe(y)))
	}
	z, ok := computeKnown(op, kx.v, ky.v)
	if !ok {
		l.refuse(fmt.Sprintf("%s %s %s has no meaning here", l.describe(x), op, l.describe(y)))
	}
	return z
}

func (l *lifter) computeConstants(op token.Token, a, b constant.Value) (z value) {
	bad := func() { l.refuse(fmt.Sprintf("%s %s %s has no meaning", a, op, b)) }
	switch op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		if (a.Kind() == constant.Bool || b.Kind() == constant.Bool) && op != token.EQL && op != token.NEQ || numeric(a) != numeric(b) || !numeric(a) && a.Kind() != b.Kind() {
			bad()
		}
		return truth(constant.Compare(a, op, b))
	case token.LAND, token.LOR:
		if a.Kind() != constant.Bool || b.Kind() != constant.Bool {
			bad()
		}
		return untyped{constant.BinaryOp(a, op, b)}
	case token.SHL, token.SHR:
		n, ok := constant.Uint64Val(b)
		if a.Kind() != constant.Int || !ok || n > 62 {
			bad()
		}
		return untyped{constant.Shift(a, op, uint(n))}
	case token.ADD:
		if a.Kind() == constant.String && b.Kind() == constant.String {
			return untyped{constant.BinaryOp(a, op, b)}
		}
	}
	if !numeric(a) || !numeric(b) || op == token.AND_NOT {
		bad()
	}
	whole := a.Kind() == constant.Int && b.Kind() == constant.Int
	switch op {
	case token.ADD, token.SUB, token.MUL:
	case token.QUO:
		if constant.Sign(b) == 0 {
			bad()
		}
		if whole {
			op = token.QUO_ASSIGN
		}
	case token.REM, token.AND, token.OR, token.XOR:
		if !whole || op == token.REM && constant.Sign(b) == 0 {
			bad()
		}
	default:
		bad()
	}
	return untyped{constant.BinaryOp(a, op, b)}
}

func computeKnown(op token.Token, a, b reflect.Value) (value, bool) {
	t := a.Type()
	ints := func(v int64) (value, bool) {
		r := reflect.New(t).Elem()
		r.SetInt(v)
		return known{r}, true
	}
	compare := func(less, equal bool) (value, bool) {
		switch op {
		case token.EQL:
			return boolOf(equal), true
		case token.NEQ:
			return boolOf(!equal), true
		case token.LSS:
			return boolOf(less), true
		case token.LEQ:
			return boolOf(less || equal), true
		case token.GTR:
			return boolOf(!less && !equal), true
		case token.GEQ:
			return boolOf(!less), true
		}
		return nil, false
	}
	switch k := t.Kind(); {
	case k == reflect.Bool:
		x, y := a.Bool(), b.Bool()
		switch op {
		case token.LAND:
			return boolOf(x && y), true
		case token.LOR:
			return boolOf(x || y), true
		case token.EQL:
			return boolOf(x == y), true
		case token.NEQ:
			return boolOf(x != y), true
		}
	case k >= reflect.Int && k <= reflect.Int64:
		x, y := a.Int(), b.Int()
		switch op {
		case token.ADD:
			return ints(x + y)
		case token.SUB:
			return ints(x - y)
		case token.MUL:
			return ints(x * y)
		case token.AND:
			return ints(x & y)
		case token.OR:
			return ints(x | y)
		case token.XOR:
			return ints(x ^ y)
		case token.QUO, token.REM:
			if y == 0 {
				return nil, false
			}
			if op == token.QUO {
				return ints(x / y)
			}
			return ints(x % y)
		case token.SHL, token.SHR:
			if y < 0 {
				return nil, false
			}
			if op == token.SHL {
				return ints(x << uint64(y))
			}
			return ints(x >> uint64(y))
		}
		return compare(x < y, x == y)
	case k >= reflect.Uint && k <= reflect.Uint64:
		x, y := a.Uint(), b.Uint()
		r := reflect.New(t).Elem()
		switch op {
		case token.ADD:
			r.SetUint(x + y)
		case token.SUB:
			r.SetUint(x - y)
		case token.MUL:
			r.SetUint(x * y)
		case token.QUO, token.REM:
			if y == 0 {
				return nil, false
			}
			if r.SetUint(x / y); op == token.REM {
				r.SetUint(x % y)
			}
		default:
			return compare(x < y, x == y)
		}
		return known{r}, true
	case k == reflect.Float32 || k == reflect.Float64:
		x, y := a.Float(), b.Float()
		r := reflect.New(t).Elem()
		switch op {
		case token.ADD:
			r.SetFloat(x + y)
		case token.SUB:
			r.SetFloat(x - y)
		case token.MUL:
			r.SetFloat(x * y)
		case token.QUO:
			r.SetFloat(x / y)
		case token.GEQ:
			return boolOf(x >= y), true // false for NaN
		case token.GTR:
			return boolOf(x > y), true
		default:
			return compare(x < y, x == y)
		}
		return known{r}, true
	case k == reflect.String:
		x, y := a.String(), b.String()
		if op == token.ADD {
			return known{reflect.ValueOf(x + y).Convert(t)}, true
		}
		return compare(x < y, x == y)
	}
	return nil, false
}
