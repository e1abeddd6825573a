package lift

import (
	"fmt"
	"reflect"

	"github.com/tapir-go/tapir/eager"
)

// sample is a tensor that stands for t on one side. Its numbers mean nothing: whatever looks at them is refused.
func (l *lifter) sample(t *tensor, side int) *eager.Tensor {
	shape := make([]int, len(t.dims))
	n := 1
	for i, d := range t.dims {
		shape[i] = d.at(side)
		if shape[i] < 0 {
			l.refuse("a size is negative here")
		}
		if shape[i] > 0 && n > maxSample/shape[i] {
			l.refuse(fmt.Sprintf("a tensor of shape %v is too large to look at", shape))
		}
		n *= shape[i]
	}
	if t.v.DType.IsFloat() {
		return eager.Full(0.5, shape...).To(t.v.DType)
	}
	return eager.ZerosOf(t.v.DType, shape...)
}

const maxSample = 1 << 28

// run is what a function of compiled code did with the samples of one side.
type run struct {
	in, out []*eager.Tensor
	events  []eager.Event
}

// trace adds to the program the ops that f runs on the tensors in. It runs f twice, on samples of two sizes: whatever
// differs is made for a size, and becomes an expression of sizes, or is refused. name is what f is, for messages.
func (l *lifter) trace(name string, in []*tensor, f func(xs []*eager.Tensor) []*eager.Tensor) []*tensor {
	var sides [2]run
	for side := range sides {
		r := &sides[side]
		for _, t := range in {
			r.in = append(r.in, l.sample(t, side))
		}
		var err error
		r.events = eager.Trace(func() {
			err = eager.Try(func() {
				eager.NoGrad(func() { r.out = f(r.in) })
			})
		})
		if err != nil {
			l.refuse(fmt.Sprintf("%s does not take these shapes: %v", name, err))
		}
	}
	a, b := sides[0], sides[1]
	if len(a.events) != len(b.events) || len(a.out) != len(b.out) {
		l.refuse(fmt.Sprintf("%s runs other ops for other sizes", name), "make that choice with an if on the size in the function itself")
	}
	m := &mapping{l: l, name: name, at: map[*eager.Tensor]*tensor{}, twin: map[*eager.Tensor]*eager.Tensor{}}
	for i, t := range in {
		m.at[a.in[i]], m.twin[a.in[i]] = t, b.in[i]
		for _, d := range t.dims {
			if !d.isConst() {
				m.among = append(m.among, d)
			}
		}
	}
	for i := range a.events {
		m.event(a.events[i], b.events[i])
	}
	out := make([]*tensor, len(a.out))
	for i := range a.out {
		out[i] = m.find(a.out[i], b.out[i])
	}
	return out
}

// mapping follows what ran on two sides.
type mapping struct {
	l     *lifter
	name  string
	at    map[*eager.Tensor]*tensor // of the first side
	twin  map[*eager.Tensor]*eager.Tensor
	among []size
}

// find is the value of a tensor that an op takes or a function returns.
func (m *mapping) find(x, y *eager.Tensor) *tensor {
	if x == nil || y == nil {
		m.l.refuse(m.name + " has a tensor that is nil")
	}
	if t := m.at[x]; t != nil {
		if m.twin[x] != y {
			m.l.refuse(m.name + " uses other tensors for other sizes")
		}
		return t
	}
	t := m.leaf(x, y)
	m.at[x], m.twin[x] = t, y
	return t
}

// leaf is a tensor that no op made: a parameter, a constant, or numbers filled in.
func (m *mapping) leaf(x, y *eager.Tensor) *tensor {
	l := m.l
	if x == y || same(x, y) {
		return l.leaf(x)
	}
	v, filled := uniform(x)
	if w, ok := uniform(y); filled && ok && v == w && x.DType() == y.DType() && x.Rank() == y.Rank() {
		dims := make([]size, x.Rank())
		for a := range dims {
			s, ok := l.match(x.Dim(a), y.Dim(a), m.among)
			if !ok {
				l.refuse(fmt.Sprintf("%s makes a tensor of a size that has no expression in the sizes of its arguments", m.name))
			}
			dims[a] = s
		}
		return l.expand(l.leaf(eager.Full(v).To(x.DType())), dims)
	}
	l.refuse(fmt.Sprintf("%s makes numbers %v that differ from run to run or with the size", m.name, x.Shape()),
		"draw random numbers outside and give them as an input", "evaluate the module with nn.Eval")
	return nil
}

// same says whether two tensors hold the same.
func same(x, y *eager.Tensor) bool {
	if x.DType() != y.DType() || x.Shape().String() != y.Shape().String() {
		return false
	}
	v, w := x.Values(), y.Values()
	for i := range v {
		if v[i] != w[i] && (v[i] == v[i] || w[i] == w[i]) {
			return false
		}
	}
	return true
}

// uniform is the number that fills x.
func uniform(x *eager.Tensor) (float64, bool) {
	v := x.Values()
	for _, n := range v {
		if n != v[0] {
			return 0, false
		}
	}
	return append(v, 0)[0], len(v) > 0
}

// leaf is a tensor with known numbers.
func (l *lifter) leaf(x *eager.Tensor) *tensor {
	v := l.leaves[x]
	if v == nil {
		name := x.Name()
		if name == "" {
			name = "c"
		}
		v = l.value(name, x.DType(), nil)
		v.Tensor = x
		l.leaves[x] = v
	}
	t := &tensor{v: v}
	for _, d := range x.Shape() {
		t.dims = append(t.dims, whole(d))
	}
	v.Shape = shapeOf(t.dims)
	return t
}

// event adds one op.
func (m *mapping) event(a, b eager.Event) {
	l := m.l
	if a.Decision != nil || b.Decision != nil {
		m.decision(a, b)
		return
	}
	if a.Op != b.Op || len(a.In) != len(b.In) || a.Out.Rank() != b.Out.Rank() || a.Out.DType() != b.Out.DType() {
		l.refuse(fmt.Sprintf("%s runs %s for one size and %s for another", m.name, a.Op.Name, b.Op.Name))
	}
	in := make([]*tensor, len(a.In))
	n := &Node{Op: a.Op, At: a.At}
	for i := range a.In {
		in[i] = m.find(a.In[i], b.In[i])
		n.In = append(n.In, in[i].v)
	}
	for _, t := range in {
		m.among = append(m.among, unknown(t.dims)...)
	}
	if !reflect.DeepEqual(a.At, b.At) {
		m.sized(a, b, in)
		return
	}
	dims := make([]size, a.Out.Rank())
	for i := range dims {
		dims[i] = l.recover(a.Out.Dim(i), b.Out.Dim(i), m.among)
	}
	n.Out = []*Value{l.value("", a.Out.DType(), dims)}
	l.add(n)
	t := &tensor{v: n.Out[0], block: l.block(), dims: dims}
	for i, d := range dims {
		l.found(d, t, i)
	}
	m.at[a.Out], m.twin[a.Out] = t, b.Out
}

// unknown are the sizes that are known at run time only.
func unknown(dims []size) (u []size) {
	for _, d := range dims {
		if !d.isConst() {
			u = append(u, d)
		}
	}
	return u
}

// found notes that the size of an axis gives a symbol's number.
func (l *lifter) found(d size, t *tensor, axis int) {
	if len(d.terms) == 1 && d.terms[0].c == 1 && d.k == 0 {
		s := d.terms[0].s
		if len(s.from) < 8 {
			s.from = append(s.from, source{t.v, t.block, axis})
		}
	}
}

// decision refuses what reads numbers, unless they are known.
func (m *mapping) decision(a, b eager.Event) {
	d := a.Decision
	if d == nil {
		d = b.Decision
	}
	known := m.at[d.X] == nil || m.at[d.X].v.Tensor != nil
	if b.Decision != nil && a.Decision == nil {
		known = false
	}
	if d.Kind == "Assign" {
		m.l.refuse(m.name + " changes a tensor in place")
	}
	if !known {
		m.l.refuse(fmt.Sprintf("%s reads numbers of a tensor with %s and may decide by them", m.name, d.Kind),
			"write the choice in the function that is exported, or choose between tensors with eager.Where")
	}
}

// sized adds an op whose attributes hold sizes that are known at run time only.
func (m *mapping) sized(a, b eager.Event, in []*tensor) {
	l := m.l
	switch a.Op.Name {
	case "Expand", "Reshape":
		to, other := attr(a, "To").(eager.Shape), attr(b, "To").(eager.Shape)
		if len(to) != len(other) {
			break
		}
		dims := make([]size, len(to))
		for i := range to {
			s, ok := l.match(to[i], other[i], m.among)
			if !ok {
				l.refuse(fmt.Sprintf("%s makes shape %v for one run and %v for another: the sizes have no expression in those of the arguments", m.name, to, other))
			}
			dims[i] = s
		}
		var t *tensor
		if a.Op.Name == "Expand" {
			t = l.expand(in[0], dims)
		} else {
			t = l.reshape(in[0], dims)
		}
		m.at[a.Out], m.twin[a.Out] = t, b.Out
		return
	case "Slice":
		lo, ok1 := l.match(attr(a, "Lo").(int), attr(b, "Lo").(int), m.among)
		hi, ok2 := l.match(attr(a, "Hi").(int), attr(b, "Hi").(int), m.among)
		if ok1 && ok2 {
			t := l.slice(in[0], attr(a, "Axis").(int), lo, hi)
			m.at[a.Out], m.twin[a.Out] = t, b.Out
			return
		}
	}
	l.refuse(fmt.Sprintf("%s is made for a size: an attribute of %s is %v for one and %v for another", m.name, a.Op.Name, a.At, b.At),
		"fix the size of that axis", "write it with ops that do not need the size")
}

func attr(e eager.Event, name string) any {
	for _, a := range e.Op.Attrs(e.At) {
		if a.Name == name {
			return a.Value
		}
	}
	panic(fmt.Sprintf("internal error: %s has no attribute %s", e.Op.Name, name))
}

// expand repeats t to a shape.
func (l *lifter) expand(t *tensor, dims []size) *tensor {
	return l.node(Expand, 0, t.v.DType, dims, t.v, l.sizes(dims))
}

// reshape gives t a shape; one size may be -1.
func (l *lifter) reshape(t *tensor, dims []size) *tensor {
	out := append([]size{}, dims...)
	for i, d := range dims {
		if d.isConst() && d.k == -1 {
			rest := l.productOf(t.dims)
			var others []size
			for k, o := range dims {
				if k != i {
					others = append(others, o)
				}
			}
			out[i] = l.quotient(rest, l.productOf(others))
		}
	}
	return l.node(Reshape, 0, t.v.DType, out, t.v, l.sizes(dims))
}

// slice cuts an axis; lo and hi are not negative.
func (l *lifter) slice(t *tensor, axis int, lo, hi size) *tensor {
	dims := append([]size{}, t.dims...)
	dims[axis] = hi.plus(lo, -1)
	if dims[axis].at(0) < 0 || dims[axis].at(1) < 0 {
		dims[axis] = l.fresh()
	}
	return l.node(Slice, axis, t.v.DType, dims, t.v, l.sizeValue(lo), l.sizeValue(hi))
}

func (l *lifter) productOf(dims []size) size {
	p := whole(1)
	for _, d := range dims {
		p = l.times(p, d)
	}
	return p
}

// quotient is a/b, where b divides a.
func (l *lifter) quotient(a, b size) size {
	if b.isConst() && b.k != 0 {
		ok := a.k%b.k == 0
		for _, t := range a.terms {
			ok = ok && t.c%b.k == 0
		}
		if ok {
			q := size{k: a.k / b.k}
			for _, t := range a.terms {
				q.terms = append(q.terms, term{t.s, t.c / b.k})
			}
			return q
		}
	}
	x, y := 0, 0
	if b.at(0) != 0 && b.at(1) != 0 {
		x, y = a.at(0)/b.at(0), a.at(1)/b.at(1)
	}
	var among []size
	for _, t := range a.terms {
		among = append(among, size{terms: []term{{t.s, 1}}})
		for _, p := range t.s.parts {
			if p != nil {
				among = append(among, *p)
			}
		}
	}
	return l.recover(x, y, among)
}

// sizes is a vector of sizes.
func (l *lifter) sizes(dims []size) *Value {
	if len(unknown(dims)) == 0 {
		ints := make([]int, len(dims))
		for i, d := range dims {
			ints[i] = d.k
		}
		return l.constant(fmt.Sprint("shape", ints), func() *eager.Tensor { return eager.FromInts(ints, len(ints)) })
	}
	parts := make([]*tensor, len(dims))
	for i, d := range dims {
		parts[i] = &tensor{v: l.sizeValue(d)}
	}
	return l.trace("a shape", parts, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{eager.Stack(0, xs)} })[0].v
}

// constant is a tensor with known numbers that is made once for a key.
func (l *lifter) constant(key string, make func() *eager.Tensor) *Value {
	v := l.numbers[key]
	if v == nil {
		v = l.leaf(make()).v
		l.numbers[key] = v
	}
	return v
}

// sizeValue is a size as a value of the program.
func (l *lifter) sizeValue(s size) *Value {
	if s.isConst() {
		return l.constant(fmt.Sprint("int", s.k), func() *eager.Tensor { return eager.FromInts([]int{s.k}) })
	}
	var sum *tensor
	for _, t := range s.terms {
		x := &tensor{v: l.symbolValue(t.s)}
		if t.c != 1 {
			c := t.c
			x = l.trace("a size", []*tensor{x}, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{xs[0].Scale(float64(c))} })[0]
		}
		if sum == nil {
			sum = x
		} else {
			sum = l.trace("a size", []*tensor{sum, x}, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{xs[0].Add(xs[1])} })[0]
		}
	}
	if s.k != 0 {
		sum = l.trace("a size", []*tensor{sum}, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{xs[0].Shift(float64(s.k))} })[0]
	}
	return sum.v
}

// symbolValue is a symbol as a value of the program.
func (l *lifter) symbolValue(s *symbol) *Value {
	for _, f := range s.from {
		if l.sees(f.in) {
			if f.axis < 0 {
				return f.v
			}
			t := l.node(Size, f.axis, eager.Int64, nil, f.v)
			s.from = append([]source{{t.v, t.block, -1}}, s.from...)
			return t.v
		}
	}
	if s.parts[0] != nil {
		x, y := &tensor{v: l.sizeValue(*s.parts[0])}, &tensor{v: l.sizeValue(*s.parts[1])}
		return l.trace("a size", []*tensor{x, y}, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{xs[0].Mul(xs[1])} })[0].v
	}
	l.refuse("a size is needed here that only another part of the function knows")
	return nil
}
