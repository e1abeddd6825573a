package lift

import (
	"fmt"
	"reflect"

	"github.com/tapir-go/tapir/eager"
)

// form is what values have in common that one variable holds: at the end of either block of an If, or from round to round
// of a loop. A value of a form is a list of tensors, its leaves.
type form struct {
	what  shape
	d     eager.DType // of a number, tensor or sequence
	elem  *kind       // of an array or sequence
	fixed bool        // an array
	kind  *kind       // of an object
	parts []*form     // of an array or object
	same  value       // of what is known
	rank  int         // of a tensor or of the elements of a sequence
	dims  []size      // the sizes that were seen there
	maybe bool        // a tensor that may be nil
}

type shape uint8

const (
	aNumber shape = iota
	aTensor
	aSequence
	anArray
	anObject
	aKnown
	anything // of a result that nobody has given: any form
)

// leaf is one tensor of a value; v is nil when the value is undefined.
type leaf struct {
	v     *Value
	block *Block
	dims  []size
}

// formOf is the form of one value.
func (l *lifter) formOf(x value) *form {
	switch y := x.(type) {
	case undefined:
		return &form{what: anything}
	case null:
		return &form{what: anything, maybe: true}
	case *sequence:
		return &form{what: aSequence, d: y.v.DType, elem: y.elem, rank: len(y.dims), dims: y.dims}
	case *array:
		f := &form{what: anArray, elem: y.elem, fixed: y.fixed}
		for _, e := range y.elems {
			f.parts = append(f.parts, l.formOf(e.val))
		}
		return f
	case *object:
		if y.pointer {
			return &form{what: aKnown, same: x}
		}
		f := &form{what: anObject, kind: y.kind}
		for _, e := range y.fields {
			f.parts = append(f.parts, l.formOf(e.val))
		}
		return f
	case *tensor:
		return &form{what: aTensor, d: y.v.DType, rank: len(y.dims), dims: y.dims, maybe: y.maybe}
	}
	if isNumber(x) {
		if d, ok := dtypeOf(x); ok {
			return &form{what: aNumber, d: d}
		}
	}
	if t := knownTensor(x); t != nil {
		return l.formOf(l.leaf(t))
	}
	if a := knownSlice(x); a != nil {
		return l.formOf(a)
	}
	return &form{what: aKnown, same: x}
}

// unify is the form that holds the values of both.
func unify(a, b *form) (*form, bool) {
	switch {
	case a.what == anything && b.what == anything:
		return &form{what: aKnown, same: null{}}, true
	case a.what == anything:
		c := *b
		c.maybe = c.maybe || a.maybe
		return &c, true
	case b.what == anything:
		return unify(b, a)
	}
	switch {
	case a.what == aNumber && b.what == aNumber:
		return a, a.d == b.d
	case a.what == aTensor && b.what == aTensor:
		c := *a
		c.maybe = a.maybe || b.maybe
		return &c, a.d == b.d && a.rank == b.rank
	case a.what == aKnown && b.what == aKnown:
		return a, identical(a.same, b.same)
	case a.what == anObject && b.what == anObject && a.kind == b.kind, a.what == anArray && b.what == anArray && len(a.parts) == len(b.parts):
		c := *a
		c.parts = nil
		for i := range a.parts {
			p, ok := unify(a.parts[i], b.parts[i])
			if !ok {
				return nil, false
			}
			c.parts = append(c.parts, p)
		}
		return &c, true
	case a.what == aSequence && b.what == aSequence:
		return a, a.d == b.d && a.rank == b.rank && (a.elem == nil) == (b.elem == nil)
	case a.what == anArray && !a.fixed && b.what == aSequence:
		for _, p := range a.parts {
			if !p.element(b) {
				return nil, false
			}
		}
		return b, true
	case a.what == aSequence:
		return unify(b, a)
	case a.what == anArray && b.what == anArray && !a.fixed && !b.fixed:
		s, ok := a.sequence(b)
		if !ok {
			return nil, false
		}
		return s, true
	}
	return nil, false
}

// element says whether values of form p are elements of sequence s.
func (p *form) element(s *form) bool {
	if s.elem != nil {
		return p.what == aNumber && p.d == s.d
	}
	return p.what == aTensor && p.d == s.d && p.rank == s.rank
}

// sequence is the form of slices that are a or b, of different lengths.
func (a *form) sequence(b *form) (*form, bool) {
	all := append(append([]*form{}, a.parts...), b.parts...)
	if len(all) == 0 {
		return nil, false
	}
	s := &form{what: aSequence, d: all[0].d, rank: all[0].rank, dims: all[0].dims, elem: a.elem}
	if all[0].what == aTensor {
		s.elem = nil
	} else if s.elem == nil {
		if s.elem = b.elem; s.elem == nil {
			s.elem = kindOfNumber(all[0].d)
		}
	}
	for _, p := range all {
		if !p.element(s) {
			return nil, false
		}
	}
	return s, true
}

func kindOfNumber(d eager.DType) *kind {
	return basics[map[eager.DType]string{eager.Int64: "int", eager.Float64: "float64", eager.Float32: "float32", eager.Bool: "bool"}[d]]
}

// leaf is the dtype of leaf i.
func (f *form) leaf(i int) eager.DType { return f.leaves()[i] }

// leaves are the dtypes of the leaves.
func (f *form) leaves() (d []eager.DType) {
	switch f.what {
	case aNumber, aTensor, aSequence:
		return []eager.DType{f.d}
	}
	for _, p := range f.parts {
		d = append(d, p.leaves()...)
	}
	return d
}

// stage is x as leaves of form f, made where it is called.
func (l *lifter) stage(f *form, x value) []leaf {
	switch x.(type) {
	case undefined, null:
		return make([]leaf, len(f.leaves()))
	}
	switch f.what {
	case aNumber:
		n := l.number(x, f.d)
		return []leaf{{v: n.v, block: n.block}}
	case aTensor:
		t := l.asTensor(x)
		return []leaf{{t.v, t.block, t.dims}}
	case aSequence:
		s := l.asSequence(f, x)
		return []leaf{{s.v, s.block, append([]size{s.n}, s.dims...)}}
	case anArray, anObject:
		var elems []*variable
		switch y := x.(type) {
		case *array:
			elems = y.elems
		case *object:
			elems = y.fields
		default:
			elems = knownSlice(x).elems
		}
		var all []leaf
		for i, p := range f.parts {
			all = append(all, l.stage(p, elems[i].val)...)
		}
		return all
	}
	return nil
}

// unstage makes a value of leaves, and returns those that are left.
func (l *lifter) unstage(f *form, leaves []leaf) (value, []leaf) {
	switch f.what {
	case aNumber:
		return l.opaque(&number{v: leaves[0].v, block: leaves[0].block}), leaves[1:]
	case aTensor, aSequence:
		x := leaves[0]
		t := &tensor{v: x.v, block: x.block, dims: x.dims, maybe: f.maybe}
		l.provide(t)
		if f.what == aTensor {
			return t, leaves[1:]
		}
		return &sequence{v: x.v, block: x.block, n: x.dims[0], dims: x.dims[1:], elem: f.elem}, leaves[1:]
	case anArray:
		a := &array{elem: f.elem, fixed: f.fixed}
		for _, p := range f.parts {
			var x value
			x, leaves = l.unstage(p, leaves)
			a.elems = append(a.elems, l.variable("", x))
		}
		return a, leaves
	case anObject:
		o := &object{kind: f.kind}
		for i, p := range f.parts {
			var x value
			x, leaves = l.unstage(p, leaves)
			o.fields = append(o.fields, l.variable(f.kind.fields[i].name, x))
		}
		return o, leaves
	}
	return f.same, leaves
}

// given is a leaf as a value: what stands there when it is undefined is never looked at.
func (l *lifter) given(x leaf, d eager.DType, dims []size) *Value {
	if x.v == nil {
		return l.placeholder(d, dims)
	}
	return x.v
}

// knownTensor is a tensor with known numbers, or nil.
func knownTensor(x value) *eager.Tensor {
	k, ok := x.(known)
	if !ok || !k.v.CanInterface() {
		return nil
	}
	t, _ := k.v.Interface().(*eager.Tensor)
	return t
}

// knownSlice is a captured slice or array as one of the source; nil for anything else.
func knownSlice(x value) *array {
	k, ok := x.(known)
	if !ok || k.v.Kind() != reflect.Slice && k.v.Kind() != reflect.Array {
		return nil
	}
	a := &array{elem: kindOfType(k.v.Type().Elem()), fixed: k.v.Kind() == reflect.Array}
	for i := range k.v.Len() {
		a.elems = append(a.elems, &variable{val: known{k.v.Index(i)}})
	}
	return a
}

func kindOfType(t reflect.Type) *kind {
	if t == tensorType {
		return nil
	}
	return &kind{name: t.String(), rt: t, length: -1}
}

// asTensorOrNil is x as a tensor of the program, nil when it is none.
func (l *lifter) asTensorOrNil(x value) *tensor {
	if t, ok := x.(*tensor); ok {
		return t
	}
	if t := knownTensor(x); t != nil {
		return l.leaf(t)
	}
	return nil
}

// asTensor is x as a tensor of the program; numbers become tensors of shape (). nil when it is none.
func (l *lifter) asTensor(x value) *tensor {
	if t := l.asTensorOrNil(x); t != nil {
		return t
	}
	if s, ok := x.(*sequence); ok {
		return &tensor{v: s.v, block: s.block, dims: append([]size{s.n}, s.dims...)}
	}
	if isNumber(x) {
		if d, ok := dtypeOf(x); ok {
			n := l.number(x, d)
			return &tensor{v: n.v, block: n.block}
		}
	}
	return nil
}

// asSequence is a slice as stacked elements, as form f has it.
func (l *lifter) asSequence(f *form, x value) *sequence {
	if s, ok := x.(*sequence); ok {
		return s
	}
	a, ok := x.(*array)
	if !ok {
		a = knownSlice(x)
	}
	s := &sequence{n: whole(len(a.elems)), elem: f.elem}
	if len(a.elems) == 0 {
		s.dims = f.dims
		shape := make([]int, 1+f.rank)
		for i, d := range s.dims {
			if d.isConst() {
				shape[i+1] = d.k
			}
		}
		s.v = l.constant(fmt.Sprint("zeros", f.d, shape), func() *eager.Tensor { return eager.ZerosOf(f.d, shape...) })
		if len(unknown(s.dims)) > 0 {
			t := l.node(Expand, 0, f.d, append([]size{whole(0)}, s.dims...), l.placeholderOne(f.d), l.sizes(append([]size{whole(0)}, s.dims...)))
			s.v, s.block = t.v, t.block
		}
		return s
	}
	var parts []*tensor
	for _, e := range a.elems {
		if f.elem != nil {
			n := l.number(e.val, f.d)
			parts = append(parts, &tensor{v: n.v, block: n.block})
		} else {
			parts = append(parts, l.asTensor(e.val))
		}
	}
	for _, p := range parts {
		if !equalDims(p.dims, parts[0].dims) {
			l.refuse(fmt.Sprintf("an element is chosen at run time of a slice with elements of shapes %s and %s", parts[0].v.Shape, p.v.Shape), "give all elements one shape")
		}
	}
	t := l.trace("a slice of tensors, stacked,", parts, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{eager.Stack(0, xs)} })[0]
	s.v, s.block, s.dims = t.v, t.block, t.dims[1:]
	return s
}

// placeholderOne is a zero of shape ().
func (l *lifter) placeholderOne(d eager.DType) *Value { return l.placeholder(d, nil) }
