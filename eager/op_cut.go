package eager

import (
	"math"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// Ops that cut tensors and join them.
var (
	opSlice          *prim[sliceAt]
	opPad            *prim[padAt]
	opFlip, opConcat *prim[axisAt]
	opTriangle       *prim[triangleAt]
)

// sliceAt is the attribute of Slice, with 0 <= Lo <= Hi.
type sliceAt struct{ Axis, Lo, Hi int }

// padAt is the attribute of Pad.
type padAt struct{ Axis, Before, After int }

// triangleAt is the attribute of Tril and Triu.
type triangleAt struct{ Upper bool }

func init() {
	opSlice = define(def[sliceAt]{
		Name: "Slice", Args: "a", Blind: true,
		Shape: func(a sliceAt, in []Shape) (Shape, error) {
			if a.Axis >= len(in[0]) || a.Lo < 0 || a.Lo > a.Hi || a.Hi > in[0][a.Axis] {
				return nil, refusal("", "cannot take %d to %d of axis %d of shape %v", a.Lo, a.Hi, a.Axis, in[0])
			}
			s := append(Shape{}, in[0]...)
			s[a.Axis] = a.Hi - a.Lo
			return s, nil
		},
		Eval: func(a sliceAt, in []*array.Array, _ Shape) array.Array { return in[0].Slice(a.Axis, a.Lo, a.Hi) },
		Grad: func(a sliceAt, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			return g.Pad(a.Axis, a.Lo, in[0].a.Shape[a.Axis]-a.Hi)
		},
		ONNX: func(e Emitter, a sliceAt, in []Value, _ Value) string {
			return e.Node("Slice", []string{in[0].Name, axesConst(e, a.Lo), axesConst(e, a.Hi), axesConst(e, a.Axis), axesConst(e, 1)}, nil)
		},
		Cases: []sample[sliceAt]{{at: sliceAt{0, 1, 3}, in: []Shape{{4, 2}}}, {at: sliceAt{1, 0, 2}, in: []Shape{{2, 3, 2}}}},
	})
	opPad = define(def[padAt]{
		Name: "Pad", Args: "a", Blind: true,
		Shape: func(a padAt, in []Shape) (Shape, error) {
			if a.Axis >= len(in[0]) || a.Before < 0 || a.After < 0 {
				return nil, refusal("x.Slice cuts", "cannot pad axis %d of shape %v by %d and %d", a.Axis, in[0], a.Before, a.After)
			}
			s := append(Shape{}, in[0]...)
			s[a.Axis] += a.Before + a.After
			return s, nil
		},
		Eval: func(a padAt, in []*array.Array, _ Shape) array.Array {
			return array.Pad(in[0], a.Axis, a.Before, a.After)
		},
		Grad: func(a padAt, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			return g.Slice(a.Axis, a.Before, a.Before+in[0].a.Shape[a.Axis])
		},
		ONNX: func(e Emitter, a padAt, in []Value, _ Value) string {
			r := len(in[0].Shape)
			pads := make([]int, 2*r)
			pads[a.Axis], pads[r+a.Axis] = a.Before, a.After
			return e.Node("Pad", []string{in[0].Name, axesConst(e, pads...), like(e, in[0], 0)}, []Attr{{"mode", "constant"}})
		},
		Cases: []sample[padAt]{{at: padAt{0, 1, 2}, in: []Shape{{3, 2}}}, {at: padAt{1, 0, 1}, in: []Shape{{2, 2}}}},
	})
	opFlip = define(def[axisAt]{
		Name: "Flip", Args: "a", Shape: onAxis, Blind: true,
		Eval: func(a axisAt, in []*array.Array, _ Shape) array.Array {
			v := in[0].Flip(a.Axis)
			return array.Contiguous(&v)
		},
		Grad: func(a axisAt, _ int, _ []*Tensor, _, g *Tensor) *Tensor { return g.Flip(a.Axis) },
		ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string { // from the last element to before the first
			const before = math.MinInt32 // below any size
			return e.Node("Slice", []string{in[0].Name, axesConst(e, -1), axesConst(e, before), axesConst(e, a.Axis), axesConst(e, -1)}, nil)
		},
		Cases: []sample[axisAt]{{at: axisAt{0}, in: []Shape{{3, 2}}}, {at: axisAt{1}, in: []Shape{{2, 3, 2}}}},
	})
	opConcat = define(def[axisAt]{
		Name: "Concat", Args: "a*", Blind: true,
		Shape: func(a axisAt, in []Shape) (Shape, error) {
			s := append(Shape{}, in[0]...)
			for i, t := range in[1:] {
				fits := len(t) == len(s)
				for k := 0; fits && k < len(t); k++ {
					fits = k == a.Axis || t[k] == s[k]
				}
				if !fits {
					return nil, refusal("", "cannot join %v and %v (argument %d) along axis %d: want equal sizes elsewhere", in[0], t, i+1, a.Axis)
				}
				s[a.Axis] += t[a.Axis]
			}
			return s, nil
		},
		Eval: func(a axisAt, in []*array.Array, _ Shape) array.Array { return array.Join(in, a.Axis) },
		Grad: func(a axisAt, i int, in []*Tensor, _, g *Tensor) *Tensor {
			at := 0
			for _, x := range in[:i] {
				at += x.a.Shape[a.Axis]
			}
			return g.Slice(a.Axis, at, at+in[i].a.Shape[a.Axis])
		},
		ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string {
			return e.Node("Concat", names(in), []Attr{{"axis", a.Axis}})
		},
		Cases: []sample[axisAt]{{at: axisAt{0}, in: []Shape{{3, 2}, {1, 2}}}, {at: axisAt{1}, in: []Shape{{2, 1}, {2, 3}, {2, 2}}}},
	})
	opTriangle = define(def[triangleAt]{
		Name: "Triangle", Args: "a", Blind: true,
		Shape: func(_ triangleAt, in []Shape) (Shape, error) {
			if len(in[0]) < 2 {
				return nil, refusal("", "shape %v has no rows and columns", in[0])
			}
			return in[0], nil
		},
		Eval: func(a triangleAt, in []*array.Array, _ Shape) array.Array { return array.Triangle(in[0], 0, a.Upper) },
		Grad: func(a triangleAt, _ int, _ []*Tensor, _, g *Tensor) *Tensor { return opTriangle.one(a, g) },
		ONNX: func(e Emitter, a triangleAt, in []Value, _ Value) string {
			upper := 0
			if a.Upper {
				upper = 1
			}
			return e.Node("Trilu", names(in), []Attr{{"upper", upper}})
		},
		Cases: []sample[triangleAt]{{at: triangleAt{}, in: []Shape{{3, 3}}}, {at: triangleAt{true}, in: []Shape{{2, 3, 4}}}},
	})
}

// Slice is the elements lo <= i < hi of an axis, sharing the numbers of x. Negative lo and hi count from the end. It panics
// when they are outside.
func (x *Tensor) Slice(axis, lo, hi int) *Tensor {
	axis = x.axis("Slice", axis)
	a, n := sliceAt{axis, lo, hi}, x.a.Shape[axis]
	if lo < 0 {
		a.Lo += n
	}
	if hi < 0 {
		a.Hi += n
	}
	if a.Lo < 0 || a.Lo > a.Hi || a.Hi > n {
		fail("Slice", "", "cannot take %d to %d of axis %d of shape %v", lo, hi, axis, x.shape())
	}
	return opSlice.one(a, x)
}

// SliceFrom is the elements of an axis from lo on, sharing the numbers of x. A negative lo counts from the end. It panics when
// lo is outside.
func (x *Tensor) SliceFrom(axis, lo int) *Tensor {
	axis = x.axis("Slice", axis)
	return x.Slice(axis, lo, x.a.Shape[axis])
}

// Index is the i-th part of an axis, which goes: of (n,c) row i is (c). A negative i counts from the end.
func (x *Tensor) Index(axis, i int) *Tensor {
	axis = x.axis("Index", axis)
	n, k := x.a.Shape[axis], i
	if k < 0 {
		k += n
	}
	if k < 0 || k >= n {
		fail("Index", "", "index %d is outside axis %d of shape %v", i, axis, x.shape())
	}
	return x.Slice(axis, k, k+1).Squeeze(axis)
}

// Flip reverses an axis; the result has the shape of x.
func (x *Tensor) Flip(axis int) *Tensor { return opFlip.one(axisAt{x.axis("Flip", axis)}, x) }

// Pad sets zeros before and after the elements of an axis.
func (x *Tensor) Pad(axis, before, after int) *Tensor {
	return opPad.one(padAt{x.axis("Pad", axis), before, after}, x)
}

// Concat joins tensors along an axis; they have equal sizes elsewhere.
func Concat(axis int, xs []*Tensor) *Tensor {
	if len(xs) == 0 {
		fail("Concat", "", "nothing to join")
	}
	for _, x := range xs {
		x.check("Concat")
	}
	return opConcat.many(axisAt{xs[0].axis("Concat", axis)}, xs)
}

// Stack joins n tensors of one shape along a new axis of size n.
func Stack(axis int, xs []*Tensor) *Tensor {
	if len(xs) == 0 {
		fail("Stack", "", "nothing to join")
	}
	ys := make([]*Tensor, len(xs))
	for i, x := range xs {
		x.check("Stack")
		if !array.Equal(x.a.Shape, xs[0].a.Shape) {
			fail("Stack", "", "cannot stack %v and %v (argument %d): want one shape", xs[0].shape(), x.shape(), i)
		}
		ys[i] = x.Unsqueeze(axis)
	}
	if axis < 0 {
		axis += ys[0].Rank()
	}
	return Concat(axis, ys)
}

// Split cuts an axis into n equal parts. It panics when its size is not a multiple of n.
func (x *Tensor) Split(axis, n int) []*Tensor {
	axis = x.axis("Split", axis)
	size := x.a.Shape[axis]
	if n <= 0 || size%n != 0 {
		fail("Split", "", "cannot cut axis %d of shape %v into %d equal parts", axis, x.shape(), n)
	}
	out := make([]*Tensor, n)
	for i := range out {
		out[i] = x.Slice(axis, i*size/n, (i+1)*size/n)
	}
	return out
}

// Tril keeps the lower triangle of the last two axes, with the diagonal; the rest is 0.
func (x *Tensor) Tril() *Tensor { return opTriangle.one(triangleAt{}, x) }

// Triu keeps the upper triangle of the last two axes, with the diagonal; the rest is 0.
func (x *Tensor) Triu() *Tensor { return opTriangle.one(triangleAt{true}, x) }
