package lift

import (
	"fmt"
	"go/token"
	"reflect"

	"github.com/tapir-go/tapir/eager"
)

const lss = token.LSS

// method calls a method of a tensor.
func (l *lifter) method(recv value, name string, args []value, spread bool) value {
	if why := refused[name]; why != "" {
		l.refuse(name+" "+why.what(), why.ways()...)
	}
	t, staged := recv.(*tensor)
	if !staged && name != "Item" && l.fixed(args) {
		return l.compiled(name, reflect.ValueOf(knownTensor(recv)).MethodByName(name), args, spread)
	}
	if !staged {
		t = l.leaf(knownTensor(recv))
	}
	if spread && len(args) > 0 {
		if a, ok := args[len(args)-1].(*array); ok {
			args = args[: len(args)-1 : len(args)-1]
			for _, e := range a.elems {
				args = append(args, e.val)
			}
			spread = false
		}
	}
	if staged || !l.fixed(args) {
		if f := special[name]; f != nil {
			if y := f(l, t, args); y != nil {
				return y
			}
		}
	}
	m := tensorType
	method, ok := m.MethodByName(name)
	if !ok {
		l.refuse(fmt.Sprintf("tensors have no method %s", name))
	}
	if t.v.Tensor != nil && !staged {
		return l.compiled(name, reflect.ValueOf(t.v.Tensor).MethodByName(name), args, spread)
	}
	return l.compiled(name, method.Func, append([]value{t}, args...), spread)
}

// fixed says whether no argument depends on the input.
func (l *lifter) fixed(args []value) bool {
	for _, x := range args {
		switch y := x.(type) {
		case *tensor, *number, *sequence:
			return false
		case *array:
			for _, e := range y.elems {
				if !l.fixed([]value{e.val}) {
					return false
				}
			}
		}
	}
	return true
}

type refusal string

func (r refusal) what() string { return "cannot be part of a static model: " + string(r) }

func (r refusal) ways() []string { return []string{"do it outside of the function that is exported"} }

// refused are methods that change something or belong to training.
var refused = map[string]refusal{
	"Assign": "it changes a tensor in place", "Backward": "it computes gradients", "Grad": "it reads a gradient", "SetGrad": "it changes a gradient",
	"ZeroGrad": "it changes a gradient", "SetRequiresGrad": "it changes a tensor", "OnGrad": "it is for training", "MIME": "it is output", "String": "it is text",
}

// special are the methods that read a tensor's numbers or sizes, or whose arguments may depend on the input. One that
// returns nil leaves the call to the compiled method.
var special map[string]func(l *lifter, t *tensor, args []value) value

func init() {
	special = map[string]func(l *lifter, t *tensor, args []value) value{
		"Item": func(l *lifter, t *tensor, args []value) value {
			return l.numberOf(l.reshape(t, nil), eager.Float64)
		},
		"Bool": func(l *lifter, t *tensor, args []value) value {
			return l.numberOf(l.reshape(t, nil), eager.Bool)
		},
		"At": func(l *lifter, t *tensor, args []value) value {
			if len(args) != len(t.dims) {
				l.refuse(fmt.Sprintf("At with %d indices for shape %s", len(args), t.v.Shape))
			}
			for _, i := range args {
				t = l.node(Index, 0, t.v.DType, t.dims[1:], t.v, l.number(i, eager.Int64).v)
			}
			return l.numberOf(t, eager.Float64)
		},
		"Values":   func(l *lifter, t *tensor, _ []value) value { return l.flat(t, "float64") },
		"Float32s": func(l *lifter, t *tensor, _ []value) value { return l.flat(t, "float32") },
		"Ints":     func(l *lifter, t *tensor, _ []value) value { return l.flat(t, "int") },
		"Size":     func(l *lifter, t *tensor, _ []value) value { return l.intOfSize(l.productOf(t.dims)) },
		"Rank":     func(l *lifter, t *tensor, _ []value) value { return intOf(len(t.dims)) },
		"DType":    func(l *lifter, t *tensor, _ []value) value { return known{reflect.ValueOf(t.v.DType)} },
		"Name":     func(l *lifter, t *tensor, _ []value) value { return known{reflect.ValueOf("")} },
		"Shape": func(l *lifter, t *tensor, _ []value) value {
			a := &array{elem: basics["int"]}
			for i := range t.dims {
				a.elems = append(a.elems, l.variable("", l.dim(t, i)))
			}
			return a
		},
		"Dim": func(l *lifter, t *tensor, args []value) value {
			if axis, ok := l.axis(t, args, 0); ok {
				return l.dim(t, axis)
			}
			return nil
		},
		"Index": func(l *lifter, t *tensor, args []value) value {
			axis, ok := l.axis(t, args, 0)
			if !ok || len(args) != 2 || l.fixed(args[1:]) {
				return nil
			}
			dims := append(append([]size{}, t.dims[:axis]...), t.dims[axis+1:]...)
			z := l.node(Index, axis, t.v.DType, dims, t.v, l.number(args[1], eager.Int64).v)
			l.provide(z)
			return z
		},
		"Slice": func(l *lifter, t *tensor, args []value) value {
			axis, ok := l.axis(t, args, 0)
			if !ok || len(args) != 3 || l.fixed(args[1:]) {
				return nil
			}
			return l.cut(t, axis, args[1], args[2])
		},
		"SliceFrom": func(l *lifter, t *tensor, args []value) value {
			axis, ok := l.axis(t, args, 0)
			if !ok || len(args) != 2 || l.fixed(args[1:]) {
				return nil
			}
			return l.cut(t, axis, args[1], l.dim(t, axis))
		},
		"Reshape": func(l *lifter, t *tensor, args []value) value {
			if l.fixed(args) {
				return nil
			}
			z := l.reshape(t, l.sizesOf(args))
			l.provide(z)
			return z
		},
		"Expand": func(l *lifter, t *tensor, args []value) value {
			if l.fixed(args) {
				return nil
			}
			z := l.expand(t, l.sizesOf(args))
			l.provide(z)
			return z
		},
		"Scale":      withNumber((*eager.Tensor).Mul),
		"Shift":      withNumber((*eager.Tensor).Add),
		"DivScalar":  withNumber((*eager.Tensor).Div),
		"SubFrom":    withNumber(func(x, v *eager.Tensor) *eager.Tensor { return v.Sub(x) }),
		"DivInto":    withNumber(func(x, v *eager.Tensor) *eager.Tensor { return v.Div(x) }),
		"PowScalar":  withNumber((*eager.Tensor).Pow),
		"LeakyRelu":  withNumber(func(x, v *eager.Tensor) *eager.Tensor { return x.Relu().Sub(x.Neg().Relu().Mul(v)) }),
		"MaskedFill": maskedFill,
		"Clip": func(l *lifter, t *tensor, args []value) value {
			if len(args) != 2 || l.fixed(args) {
				return nil
			}
			return l.with(l.with(t, args[0], (*eager.Tensor).Maximum), args[1], (*eager.Tensor).Minimum)
		},
		"Pick": func(l *lifter, t *tensor, args []value) value {
			if len(args) != 1 || l.fixed(args) {
				return nil
			}
			return l.compiled("PickT", methodOf("PickT"), []value{t, l.vector(args[0], eager.Int64)}, false)
		},
	}
}

func methodOf(name string) reflect.Value {
	m, _ := tensorType.MethodByName(name)
	return m.Func
}

// axis is the axis that argument i names.
func (l *lifter) axis(t *tensor, args []value, i int) (int, bool) {
	if i >= len(args) {
		return 0, false
	}
	v, ok := l.plain(args[i], reflect.TypeFor[int]())
	if !ok {
		l.refuse("an axis depends on the input", "make it a constant")
	}
	a := int(v.Int())
	if a < 0 {
		a += len(t.dims)
	}
	if a < 0 || a >= len(t.dims) {
		l.refuse(fmt.Sprintf("no axis %d in shape %s", v.Int(), t.v.Shape))
	}
	return a, true
}

// dim is the size of an axis as a Go int.
func (l *lifter) dim(t *tensor, axis int) value {
	d := t.dims[axis]
	if d.isConst() {
		return intOf(d.k)
	}
	if !l.visible(d) {
		l.found(d, t, axis)
		if !l.visible(d) { // the axis itself tells
			n := l.node(Size, axis, eager.Int64, nil, t.v)
			return &number{v: n.v, block: n.block, size: &d}
		}
	}
	return l.intOfSize(d)
}

func (l *lifter) sizesOf(args []value) []size {
	dims := make([]size, len(args))
	for i, x := range args {
		dims[i] = l.sizeOf(x)
	}
	return dims
}

// numberOf is a tensor of shape () as a Go number.
func (l *lifter) numberOf(t *tensor, d eager.DType) value {
	return l.opaque(l.cast(&number{v: t.v, block: t.block}, d))
}

// flat is all numbers of a tensor as a slice.
func (l *lifter) flat(t *tensor, name string) value {
	d, _ := dtypeOfKind(basics[name].rt.Kind())
	n := l.productOf(t.dims)
	f := t
	if len(t.dims) != 1 {
		f = l.node(Reshape, 0, t.v.DType, []size{n}, t.v, l.sizes([]size{whole(-1)}))
		l.provide(f)
	}
	if f.v.DType != d {
		f = l.trace(name, []*tensor{f}, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{xs[0].To(d)} })[0]
	}
	return &sequence{v: f.v, block: f.block, n: n, elem: basics[name]}
}

// with applies an op to a tensor and a number.
func (l *lifter) with(t *tensor, x value, f func(x, v *eager.Tensor) *eager.Tensor) *tensor {
	if !isNumber(x) {
		l.refuse(fmt.Sprintf("%s is no number", l.describe(x)))
	}
	n := l.number(l.float(x), eager.Float64)
	return l.trace("an op with a number", []*tensor{t, {v: n.v, block: n.block}}, func(xs []*eager.Tensor) []*eager.Tensor {
		return []*eager.Tensor{f(xs[0], xs[1].To(xs[0].DType()))}
	})[0]
}

// withNumber is a method of a tensor and a float64.
func withNumber(f func(x, v *eager.Tensor) *eager.Tensor) func(l *lifter, t *tensor, args []value) value {
	return func(l *lifter, t *tensor, args []value) value {
		if len(args) != 1 || l.fixed(args) {
			return nil
		}
		return l.with(t, args[0], f)
	}
}

func maskedFill(l *lifter, t *tensor, args []value) value {
	if len(args) != 2 || l.fixed(args[1:]) {
		return nil
	}
	mask, n := l.asTensorOrNil(args[0]), l.number(l.float(args[1]), eager.Float64)
	if mask == nil {
		l.refuse("MaskedFill without a mask")
	}
	return l.trace("MaskedFill", []*tensor{t, mask, {v: n.v, block: n.block}}, func(xs []*eager.Tensor) []*eager.Tensor {
		return []*eager.Tensor{eager.Where(xs[1], xs[2].To(xs[0].DType()), xs[0])}
	})[0]
}

// vector is a slice of numbers as a tensor of one axis of kind d.
func (l *lifter) vector(x value, d eager.DType) *tensor {
	f := l.formOf(x)
	if f.what == anArray {
		g, ok := f.sequence(&form{what: anArray, elem: f.elem})
		if !ok {
			l.refuse(fmt.Sprintf("%s are no numbers", l.describe(x)))
		}
		f = g
	}
	if f.what != aSequence || f.elem == nil {
		l.refuse(fmt.Sprintf("%s: want a slice of numbers", l.describe(x)))
	}
	s := l.asSequence(f, x)
	t := &tensor{v: s.v, block: s.block, dims: []size{s.n}}
	if t.v.DType == d {
		return t
	}
	return l.trace("a slice", []*tensor{t}, func(xs []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{xs[0].To(d)} })[0]
}
