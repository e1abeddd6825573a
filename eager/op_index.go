package eager

import (
	"github.com/tapir-go/tapir/eager/internal/array"
)

var (
	opTake, opGatherElements, opScatterAdd *prim[axisAt]
	opPutAdd                               *prim[putAt]
	opTopK                                 *prim[topAt]
)

// putAt are the attributes of PutAdd: the axis and its size in the result.
type putAt struct{ Axis, N int }

// topAt is the attribute of the indices of TopK.
type topAt struct{ K int }

// checkIndex panics unless the numbers of idx are places on an axis of size n.
func checkIndex(op string, idx *array.Array, axis, n int, s Shape) {
	if idx.Size() == 0 {
		return
	}
	lo, hi := array.Range(idx)
	if bad := lo; lo < 0 || hi >= int64(n) {
		if lo >= 0 {
			bad = hi
		}
		fail(op, "", "index %d is outside axis %d of shape %v: want 0 to %d", bad, axis, s, n-1)
	}
}

// plain is a contiguous form of an index array, which is small.
func plain(idx *array.Array) *array.Array {
	if idx.Strides == nil {
		return idx
	}
	c := array.Contiguous(idx)
	return &c
}

func init() {
	opTake = define(def[axisAt]{
		Name: "Take", Args: "ai",
		Shape: func(a axisAt, in []Shape) (Shape, error) {
			s := append(append(append(Shape{}, in[0][:a.Axis]...), in[1]...), in[0][a.Axis+1:]...)
			if len(s) > array.MaxRank {
				return nil, refusal("", "shape %v has %d axes: at most %d", s, len(s), array.MaxRank)
			}
			return s, nil
		},
		Eval: func(a axisAt, in []*array.Array, _ Shape) array.Array {
			idx := plain(in[1])
			checkIndex("Take", idx, a.Axis, in[0].Shape[a.Axis], in[0].Shape)
			return array.Take(in[0], a.Axis, idx)
		},
		Grad: func(a axisAt, i int, in []*Tensor, _, g *Tensor) *Tensor {
			return opPutAdd.two(putAt{a.Axis, in[0].a.Shape[a.Axis]}, g, in[1])
		},
		ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string {
			return e.Node("Gather", names(in), []Attr{{"axis", a.Axis}})
		},
		Cases: []sample[axisAt]{{at: axisAt{0}, in: []Shape{{4, 2}, {3}}, below: 4}, {at: axisAt{1}, in: []Shape{{2, 3, 2}, {2, 2}}, below: 3}, {at: axisAt{0}, in: []Shape{{3}, {}}, below: 3}},
	})
	opPutAdd = define(def[putAt]{
		Name: "PutAdd", Args: "fi",
		Shape: func(a putAt, in []Shape) (Shape, error) {
			return append(append(append(Shape{}, in[0][:a.Axis]...), a.N), in[0][a.Axis+len(in[1]):]...), nil
		},
		Eval: func(a putAt, in []*array.Array, out Shape) array.Array {
			idx := plain(in[1])
			checkIndex("PutAdd", idx, a.Axis, a.N, out)
			return array.PutAdd(in[0], a.Axis, a.N, idx)
		},
		Grad: func(a putAt, _ int, in []*Tensor, _, g *Tensor) *Tensor { return g.Take(a.Axis, in[1]) },
		ONNX: func(e Emitter, a putAt, in []Value, out Value) string {
			// ScatterElements wants an index for every element: the axes of idx become one, which is expanded to the shape of g.
			r := len(in[1].Shape)
			flat := make([]int, len(in[0].Shape)-r+1)
			copy(flat[:a.Axis], in[0].Shape[:a.Axis])
			flat[a.Axis] = in[1].Shape.Size()
			copy(flat[a.Axis+1:], in[0].Shape[a.Axis+r:])
			side := make([]int, len(flat))
			for i := range side {
				side[i] = 1
			}
			side[a.Axis] = flat[a.Axis]
			idx := e.Node("Reshape", []string{in[1].Name, axesConst(e, side...)}, []Attr{{"allowzero", 0}})
			idx = e.Node("Expand", []string{idx, axesConst(e, flat...)}, nil)
			g := e.Node("Reshape", []string{in[0].Name, axesConst(e, flat...)}, []Attr{{"allowzero", 0}})
			zeros := e.Const(ZerosOf(out.DType, out.Shape...))
			return e.Node("ScatterElements", []string{zeros, idx, g}, []Attr{{"axis", a.Axis}, {"reduction", "add"}})
		},
		Cases: []sample[putAt]{{at: putAt{0, 4}, in: []Shape{{3, 2}, {3}}, below: 4}, {at: putAt{1, 3}, in: []Shape{{2, 2, 2, 2}, {2, 2}}, below: 3}},
	})
	opGatherElements = define(def[axisAt]{
		Name: "GatherElements", Args: "ai",
		Shape: func(a axisAt, in []Shape) (Shape, error) { return in[1], sameBut(a.Axis, in[0], in[1]) },
		Eval: func(a axisAt, in []*array.Array, _ Shape) array.Array {
			idx := plain(in[1])
			checkIndex("GatherElements", idx, a.Axis, in[0].Shape[a.Axis], in[0].Shape)
			return array.Gather(in[0], a.Axis, idx)
		},
		Grad: func(a axisAt, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			return zeros(g.dtype(), in[0].shape()).ScatterAdd(a.Axis, in[1], g)
		},
		ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string {
			return e.Node("GatherElements", names(in), []Attr{{"axis", a.Axis}})
		},
		Cases: []sample[axisAt]{{at: axisAt{0}, in: []Shape{{4, 2}, {3, 2}}, below: 4}, {at: axisAt{1}, in: []Shape{{3, 3}, {3, 1}}, below: 3}},
	})
	opScatterAdd = define(def[axisAt]{
		Name: "ScatterAdd", Args: "nin", Blind: true,
		Shape: func(a axisAt, in []Shape) (Shape, error) {
			if !array.Equal(in[1], in[2]) {
				return nil, refusal("", "indices of shape %v for values of shape %v: want the same", in[1], in[2])
			}
			return in[0], sameBut(a.Axis, in[0], in[1])
		},
		Eval: func(a axisAt, in []*array.Array, _ Shape) array.Array {
			idx := plain(in[1])
			checkIndex("ScatterAdd", idx, a.Axis, in[0].Shape[a.Axis], in[0].Shape)
			return array.ScatterAdd(in[0], a.Axis, idx, in[2])
		},
		Grad: func(a axisAt, i int, in []*Tensor, _, g *Tensor) *Tensor {
			if i == 0 {
				return g
			}
			return g.GatherElements(a.Axis, in[1])
		},
		ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string {
			return e.Node("ScatterElements", names(in), []Attr{{"axis", a.Axis}, {"reduction", "add"}})
		},
		Cases: []sample[axisAt]{{at: axisAt{0}, in: []Shape{{4, 2}, {3, 2}, {3, 2}}, below: 4}, {at: axisAt{1}, in: []Shape{{3, 3}, {3, 1}, {3, 1}}, below: 3}},
	})
	opTopK = define(def[topAt]{
		Name: "TopK", Args: "n",
		Shape: func(a topAt, in []Shape) (Shape, error) {
			s := append(Shape{}, in[0]...)
			if len(s) == 0 || a.K < 0 || a.K > s[len(s)-1] {
				return nil, refusal("", "cannot take the %d largest of the last axis of shape %v", a.K, in[0])
			}
			s[len(s)-1] = a.K
			return s, nil
		},
		Eval: func(a topAt, in []*array.Array, out Shape) array.Array { return array.TopK(in[0], a.K, out) },
		ONNX: func(e Emitter, a topAt, in []Value, _ Value) string {
			return e.Nodes("TopK", []string{in[0].Name, axesConst(e, a.K)}, []Attr{{"axis", -1}, {"largest", 1}, {"sorted", 1}}, 2)[1]
		},
		Cases: []sample[topAt]{{at: topAt{2}, in: []Shape{{3, 4}}}},
	})
}

// sameBut wants indices with the axes of x, and sizes no larger than those of x on every axis but one.
func sameBut(axis int, x, idx Shape) error {
	ok := len(x) == len(idx) && axis < len(x)
	for k := 0; ok && k < len(x); k++ {
		ok = k == axis || idx[k] <= x[k]
	}
	if !ok {
		return refusal("", "indices of shape %v for shape %v along axis %d: want as many axes, and no size larger elsewhere", idx, x, axis)
	}
	return nil
}

// Take picks places along an axis by an i64 tensor of any shape, which replaces the axis: rows idx of a table (n,c) are
// x.Take(0, idx), of shape (...,c). It panics when an index is not in 0 to size-1. ONNX calls it Gather.
func (x *Tensor) Take(axis int, idx *Tensor) *Tensor {
	return opTake.two(axisAt{x.axis("Take", axis)}, x, idx)
}

// GatherElements picks one element for each element of idx, an i64 tensor: for axis 1 of a matrix y[i,j] = x[i,idx[i,j]]. The
// result has the shape of idx. It panics when an index is not in 0 to size-1.
func (x *Tensor) GatherElements(axis int, idx *Tensor) *Tensor {
	return opGatherElements.two(axisAt{x.axis("GatherElements", axis)}, x, idx)
}

// ScatterAdd is x with the elements of src added at the places that GatherElements would read: for axis 1 of a matrix
// y[i,idx[i,j]] += src[i,j]. idx is an i64 tensor with the shape of src; the result has the shape of x.
func (x *Tensor) ScatterAdd(axis int, idx, src *Tensor) *Tensor {
	return opScatterAdd.three(axisAt{x.axis("ScatterAdd", axis)}, x, idx, src)
}

// Pick takes one element of each row of (n,c): element labels[i] of row i, as (n,1). It panics when a label is not in 0 to c-1.
func (x *Tensor) Pick(labels []int) *Tensor { return x.PickT(FromInts(labels, len(labels))) }

// PickT is Pick with the labels as an i64 tensor (n).
func (x *Tensor) PickT(idx *Tensor) *Tensor {
	x.check("Pick")
	idx.check("Pick")
	if x.Rank() != 2 || idx.Rank() != 1 || idx.Size() != x.a.Shape[0] {
		fail("Pick", "", "labels of shape %v for rows of shape %v: want (n) and (n,c)", idx.shape(), x.shape())
	}
	return x.GatherElements(1, idx.Unsqueeze(1))
}

// TopK is the k largest elements of the last axis, largest first, and their indices, an i64 tensor; both have size k there. Of
// equal elements the first comes first; NaN is larger than all.
func (x *Tensor) TopK(k int) (values, indices *Tensor) {
	indices = opTopK.one(topAt{k}, x)
	return x.GatherElements(-1, indices), indices
}
