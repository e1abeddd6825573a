package eager

import (
	"github.com/tapir-go/tapir/eager/internal/array"
)

var (
	opReshape, opExpand               *prim[shapeAt]
	opFlatten, opSqueeze, opUnsqueeze *prim[axisAt]
	opTranspose                       *prim[permAt]
	opClone, opDetach                 *prim[none]
)

// shapeAt is the attribute of Reshape, as the user wrote it, and of Expand.
type shapeAt struct{ To Shape }

// permAt is the attribute of Transpose.
type permAt struct{ Perm []int }

// reshaped is what Reshape makes of a shape: one -1 becomes what is left.
func reshaped(a shapeAt, in []Shape) (Shape, error) {
	s, free, n := append(Shape{}, a.To...), -1, 1
	for i, d := range s {
		switch {
		case d == -1 && free < 0:
			free = i
		case d < 0:
			return nil, refusal("at most one size is -1: what is left", "cannot reshape %v to %v", in[0], a.To)
		default:
			n *= d
		}
	}
	size := in[0].Size()
	switch {
	case free >= 0 && n > 0 && size%n == 0:
		s[free] = size / n
	case free >= 0:
		return nil, refusal("", "cannot reshape %v to %v: %d elements are no multiple of %d", in[0], a.To, size, n)
	case n != size:
		return nil, refusal("", "cannot reshape %v to %v: %d elements do not fill %d places", in[0], a.To, size, n)
	}
	if len(s) > array.MaxRank {
		return nil, refusal("", "shape %v has %d axes: at most %d", s, len(s), array.MaxRank)
	}
	return s, nil
}

func init() {
	view := func(_ none, in []*array.Array, _ Shape) array.Array { return *in[0] }
	reshape := func(in []*array.Array, out Shape) array.Array { return in[0].Reshape(out) }
	back := func(in []*Tensor, g *Tensor) *Tensor { return g.Reshape(in[0].shape()...) }

	opReshape = define(def[shapeAt]{
		Name: "Reshape", Args: "a", Shape: reshaped, Blind: true,
		Eval: func(_ shapeAt, in []*array.Array, out Shape) array.Array { return reshape(in, out) },
		Grad: func(_ shapeAt, _ int, in []*Tensor, _, g *Tensor) *Tensor { return back(in, g) },
		ONNX: func(e Emitter, a shapeAt, in []Value, _ Value) string {
			return e.Node("Reshape", []string{in[0].Name, axesConst(e, a.To...)}, []Attr{{"allowzero", 0}})
		},
		Cases: []sample[shapeAt]{{at: shapeAt{Shape{2, 3}}, in: []Shape{{3, 2}}}, {at: shapeAt{Shape{-1, 2}}, in: []Shape{{2, 4}}}, {at: shapeAt{Shape{}}, in: []Shape{{1, 1}}}},
	})
	opFlatten = define(def[axisAt]{
		Name: "Flatten", Args: "a", Blind: true,
		Shape: func(a axisAt, in []Shape) (Shape, error) {
			if a.Axis >= len(in[0]) {
				return nil, refusal("", "no axis %d in shape %v", a.Axis, in[0])
			}
			return append(append(Shape{}, in[0][:a.Axis]...), in[0][a.Axis:].Size()), nil
		},
		Eval: func(_ axisAt, in []*array.Array, out Shape) array.Array { return reshape(in, out) },
		Grad: func(_ axisAt, _ int, in []*Tensor, _, g *Tensor) *Tensor { return back(in, g) },
		ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string {
			if a.Axis == 1 {
				return e.Node("Flatten", names(in), []Attr{{"axis", 1}})
			}
			to := make([]int, a.Axis+1) // 0 keeps a size
			to[a.Axis] = -1
			return e.Node("Reshape", []string{in[0].Name, axesConst(e, to...)}, []Attr{{"allowzero", 0}})
		},
		Cases: []sample[axisAt]{{at: axisAt{1}, in: []Shape{{2, 3, 2}}}, {at: axisAt{0}, in: []Shape{{2, 3}}}, {at: axisAt{2}, in: []Shape{{2, 3, 2, 2}}}},
	})
	opSqueeze = define(def[axisAt]{
		Name: "Squeeze", Args: "a", Blind: true,
		Shape: func(a axisAt, in []Shape) (Shape, error) {
			if a.Axis >= len(in[0]) || in[0][a.Axis] != 1 {
				return nil, refusal("", "axis %d of shape %v: want an axis of size 1", a.Axis, in[0])
			}
			return append(append(Shape{}, in[0][:a.Axis]...), in[0][a.Axis+1:]...), nil
		},
		Eval: func(_ axisAt, in []*array.Array, out Shape) array.Array { return reshape(in, out) },
		Grad: func(_ axisAt, _ int, in []*Tensor, _, g *Tensor) *Tensor { return back(in, g) },
		ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string {
			return e.Node("Squeeze", []string{in[0].Name, axesConst(e, a.Axis)}, nil)
		},
		Cases: []sample[axisAt]{{at: axisAt{1}, in: []Shape{{2, 1, 2}}}},
	})
	opUnsqueeze = define(def[axisAt]{
		Name: "Unsqueeze", Args: "a", Blind: true,
		Shape: func(a axisAt, in []Shape) (Shape, error) {
			if a.Axis > len(in[0]) || len(in[0]) == array.MaxRank {
				return nil, refusal("", "no place %d for a new axis in shape %v", a.Axis, in[0])
			}
			return append(append(append(Shape{}, in[0][:a.Axis]...), 1), in[0][a.Axis:]...), nil
		},
		Eval: func(_ axisAt, in []*array.Array, out Shape) array.Array { return reshape(in, out) },
		Grad: func(_ axisAt, _ int, in []*Tensor, _, g *Tensor) *Tensor { return back(in, g) },
		ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string {
			return e.Node("Unsqueeze", []string{in[0].Name, axesConst(e, a.Axis)}, nil)
		},
		Cases: []sample[axisAt]{{at: axisAt{1}, in: []Shape{{2, 3}}}, {at: axisAt{0}, in: []Shape{{}}}, {at: axisAt{2}, in: []Shape{{2, 3}}}},
	})
	opTranspose = define(def[permAt]{
		Name: "Transpose", Args: "a", Blind: true,
		Shape: func(a permAt, in []Shape) (Shape, error) {
			var seen [array.MaxRank]bool
			s := make(Shape, len(a.Perm))
			ok := len(a.Perm) == len(in[0])
			for i, p := range a.Perm {
				if ok = ok && p >= 0 && p < len(in[0]) && !seen[p]; !ok {
					break
				}
				seen[p], s[i] = true, in[0][p]
			}
			if !ok {
				return nil, refusal("", "axes %v for shape %v: want each of its %d axes once", Shape(a.Perm), in[0], len(in[0]))
			}
			return s, nil
		},
		Eval: func(a permAt, in []*array.Array, _ Shape) array.Array { return in[0].Transpose(a.Perm) },
		Grad: func(a permAt, _ int, _ []*Tensor, _, g *Tensor) *Tensor {
			inverse := make([]int, len(a.Perm))
			for i, p := range a.Perm {
				inverse[p] = i
			}
			return opTranspose.one(permAt{inverse}, g)
		},
		ONNX: func(e Emitter, a permAt, in []Value, _ Value) string {
			return e.Node("Transpose", names(in), []Attr{{"perm", a.Perm}})
		},
		Cases: []sample[permAt]{{at: permAt{[]int{1, 0}}, in: []Shape{{3, 2}}}, {at: permAt{[]int{2, 0, 1}}, in: []Shape{{2, 3, 4}}}},
	})
	opExpand = define(def[shapeAt]{
		Name: "Expand", Args: "a", Blind: true,
		Shape: func(a shapeAt, in []Shape) (Shape, error) {
			if s, ok := array.Broadcast(in[0], a.To); !ok || !array.Equal(s, a.To) {
				return nil, refusal("sizes are compared from the last axis; a size that changes must be 1", "cannot expand %v to %v", in[0], a.To)
			}
			return a.To, nil
		},
		Eval: func(a shapeAt, in []*array.Array, _ Shape) array.Array { return in[0].Expand(a.To) },
		Grad: func(_ shapeAt, _ int, in []*Tensor, _, g *Tensor) *Tensor { return g.sumTo(in[0].shape()) },
		ONNX: func(e Emitter, a shapeAt, in []Value, _ Value) string {
			return e.Node("Expand", []string{in[0].Name, axesConst(e, a.To...)}, nil)
		},
		Cases: []sample[shapeAt]{{at: shapeAt{Shape{3, 2}}, in: []Shape{{2}}}, {at: shapeAt{Shape{2, 3}}, in: []Shape{{2, 1}}}, {at: shapeAt{Shape{2}}, in: []Shape{{}}}},
	})
	opClone = define(def[none]{
		Name: "Clone", Args: "a", Shape: same[none], Blind: true, ONNX: onnx("Identity"), Cases: anyShape,
		Eval: func(_ none, in []*array.Array, _ Shape) array.Array { return array.Contiguous(in[0]) },
		Grad: func(_ none, _ int, _ []*Tensor, _, g *Tensor) *Tensor { return g },
	})
	opDetach = define(def[none]{Name: "Detach", Args: "a", Shape: same[none], ONNX: onnx("Identity"), Cases: anyShape, Eval: view})
}

// Reshape is the same elements, row by row, in another shape; one size may be -1: what is left. The result shares its numbers
// with x when they lie row by row. It panics when the number of elements differs.
func (x *Tensor) Reshape(shape ...int) *Tensor {
	return opReshape.one(shapeAt{append(Shape{}, shape...)}, x)
}

// Flatten makes one axis of all axes after the first few: (n,c,h,w) becomes (n,c*h*w) with from = 1.
func (x *Tensor) Flatten(from int) *Tensor { return opFlatten.one(axisAt{x.axis("Flatten", from)}, x) }

// T swaps the last two axes: (...,n,k) becomes (...,k,n), sharing the numbers of x. It panics when x has fewer.
func (x *Tensor) T() *Tensor {
	r := x.Rank()
	if r < 2 {
		fail("T", "", "shape %v has no two axes to swap", x.shape())
	}
	perm := make([]int, r)
	for i := range perm {
		perm[i] = i
	}
	perm[r-1], perm[r-2] = r-2, r-1
	return opTranspose.one(permAt{perm}, x)
}

// Transpose puts the axes into the order perm, which names each once, sharing the numbers of x; without perm it reverses them.
func (x *Tensor) Transpose(perm ...int) *Tensor {
	p := make([]int, 0, x.Rank())
	for _, k := range perm {
		p = append(p, x.axis("Transpose", k))
	}
	if len(perm) == 0 {
		for k := x.Rank() - 1; k >= 0; k-- {
			p = append(p, k)
		}
	}
	return opTranspose.one(permAt{p}, x)
}

// Squeeze drops an axis of size 1. It panics when its size is another.
func (x *Tensor) Squeeze(axis int) *Tensor { return opSqueeze.one(axisAt{x.axis("Squeeze", axis)}, x) }

// Unsqueeze adds an axis of size 1 at the given place of the result.
func (x *Tensor) Unsqueeze(axis int) *Tensor {
	if axis < 0 {
		axis += x.Rank() + 1
	}
	if axis < 0 || axis > x.Rank() {
		fail("Unsqueeze", "", "no place %d for a new axis in shape %v", axis, x.shape())
	}
	return opUnsqueeze.one(axisAt{axis}, x)
}

// Expand repeats x to a larger shape, to which it must broadcast; the numbers are shared, not copied.
func (x *Tensor) Expand(shape ...int) *Tensor {
	return opExpand.one(shapeAt{checkShape("Expand", shape)}, x)
}

// expand is Expand for a shape that is known to be good and stays unchanged.
func (x *Tensor) expand(s Shape) *Tensor {
	if array.Equal(s, x.a.Shape) {
		return x
	}
	return opExpand.one(shapeAt{s}, x)
}

// Clone is a copy of x that shares nothing with it; gradients flow through.
func (x *Tensor) Clone() *Tensor { return opClone.one(none{}, x) }

// Contiguous is x when its numbers lie row by row, else a copy.
func (x *Tensor) Contiguous() *Tensor {
	x.check("Contiguous")
	if x.a.Strides == nil {
		return x
	}
	return x.Clone()
}

// Detach is a leaf with the numbers of x, shared, through which no gradient flows.
func (x *Tensor) Detach() *Tensor { return opDetach.one(none{}, x) }
