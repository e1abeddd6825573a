package eager

import (
	"github.com/tapir-go/tapir/eager/internal/array"
)

var (
	opSum, opMean, opMax, opMin                                        *prim[axesAt]
	opArgMax, opArgMin, opLogSumExp, opSoftmax, opLogSoftmax, opCumSum *prim[axisAt]
)

// axesAt is the attribute of reductions. All is what a call without axes means: everything, to the shape ().
type axesAt struct {
	Axes []int // from the start, rising
	All  bool
}

// axisAt is the attribute of ops along one axis.
type axisAt struct{ Axis int }

// axes reads the axes of a reduction.
func (x *Tensor) axes(op string, axes []int) axesAt {
	x.check(op)
	if len(axes) == 0 {
		return axesAt{All: true}
	}
	var marked [array.MaxRank]bool
	for _, axis := range axes {
		k := x.axis(op, axis)
		if marked[k] {
			fail(op, "", "axis %d is given twice in %v", axis, Shape(axes))
		}
		marked[k] = true
	}
	a := axesAt{Axes: make([]int, 0, len(axes))}
	for k, on := range marked {
		if on {
			a.Axes = append(a.Axes, k)
		}
	}
	return a
}

func (a axesAt) marked(rank int) []bool {
	m := make([]bool, rank)
	for _, k := range a.Axes {
		m[k] = true
	}
	if a.All {
		for k := range m {
			m[k] = true
		}
	}
	return m
}

// count is the number of elements that become one.
func (a axesAt) count(s Shape) int {
	if a.All {
		return s.Size()
	}
	n := 1
	for _, k := range a.Axes {
		n *= s[k]
	}
	return n
}

func reduced(a axesAt, in []Shape) (Shape, error) {
	if a.All {
		return Shape{}, nil
	}
	s := append(Shape{}, in[0]...)
	for _, k := range a.Axes {
		if k >= len(s) {
			return nil, refusal("", "no axis %d in shape %v", k, in[0])
		}
		s[k] = 1
	}
	return s, nil
}

func notEmpty(a axesAt, in []Shape) (Shape, error) {
	if a.count(in[0]) == 0 {
		return nil, refusal("", "shape %v has nothing to choose from", in[0])
	}
	return reduced(a, in)
}

func onAxis(a axisAt, in []Shape) (Shape, error) {
	if a.Axis >= len(in[0]) {
		return nil, refusal("", "no axis %d in shape %v", a.Axis, in[0])
	}
	return in[0], nil
}

func overAxis(a axisAt, in []Shape) (Shape, error) {
	if _, err := onAxis(a, in); err != nil {
		return nil, err
	}
	if in[0][a.Axis] == 0 {
		return nil, refusal("", "axis %d of shape %v has nothing to choose from", a.Axis, in[0])
	}
	s := append(Shape{}, in[0]...)
	s[a.Axis] = 1
	return s, nil
}

func init() {
	cases := []sample[axesAt]{
		{at: axesAt{All: true}, in: []Shape{{3, 2}}}, {at: axesAt{Axes: []int{0}}, in: []Shape{{3, 2}}},
		{at: axesAt{Axes: []int{1}}, in: []Shape{{3, 2}}}, {at: axesAt{Axes: []int{0, 2}}, in: []Shape{{2, 3, 4}}}, {at: axesAt{All: true}, in: []Shape{{}}},
	}
	fold := func(r array.Reducer) func(a axesAt, in []*array.Array, out Shape) array.Array {
		return func(a axesAt, in []*array.Array, out Shape) array.Array {
			y := array.Reduce(r, in[0], a.marked(len(in[0].Shape)))
			y.Shape = out
			return y
		}
	}
	// attributes of the reductions whose axes are an attribute in opset 17
	reduction := func(kind string) func(Emitter, axesAt, []Value, Value) string {
		return func(e Emitter, a axesAt, in []Value, _ Value) string {
			if a.All {
				return e.Node(kind, names(in), []Attr{{"keepdims", 0}})
			}
			return e.Node(kind, names(in), []Attr{{"axes", a.Axes}, {"keepdims", 1}})
		}
	}
	opSum = define(def[axesAt]{
		Name: "Sum", Args: "n", Shape: reduced, Eval: fold(array.Total), Blind: true, Cases: cases,
		Grad: func(_ axesAt, _ int, in []*Tensor, _, g *Tensor) *Tensor { return g.expand(in[0].shape()) },
		ONNX: func(e Emitter, a axesAt, in []Value, _ Value) string { // axes are an input since opset 13
			if a.All {
				return e.Node("ReduceSum", names(in), []Attr{{"keepdims", 0}, {"noop_with_empty_axes", 0}})
			}
			return e.Node("ReduceSum", []string{in[0].Name, axesConst(e, a.Axes...)}, []Attr{{"keepdims", 1}, {"noop_with_empty_axes", 0}})
		},
	})
	opMean = define(def[axesAt]{
		Name: "Mean", Args: "f", Shape: reduced, Blind: true, Cases: cases, ONNX: reduction("ReduceMean"),
		Eval: func(a axesAt, in []*array.Array, out Shape) array.Array {
			y := fold(array.Total)(a, in, out)
			n := float64(a.count(in[0].Shape))
			array.DivideBy(&y, n)
			return y
		},
		Grad: func(a axesAt, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			return g.Scale(1 / float64(a.count(in[0].shape()))).expand(in[0].shape())
		},
	})
	extreme := func(name string, r array.Reducer) *prim[axesAt] {
		return define(def[axesAt]{
			Name: name, Args: "n", Shape: notEmpty, Eval: fold(r), Cases: cases, ONNX: reduction("Reduce" + name),
			Grad: func(a axesAt, _ int, in []*Tensor, y, g *Tensor) *Tensor {
				hit := in[0].Equal(y).To(g.dtype()) // equal largest numbers share the gradient
				return hit.Mul(g.Div(hit.Sum(a.Axes...)))
			},
		})
	}
	opMax, opMin = extreme("Max", array.Largest), extreme("Min", array.Smallest)

	axisCases := []sample[axisAt]{{at: axisAt{0}, in: []Shape{{3, 2}}}, {at: axisAt{1}, in: []Shape{{3, 2}}}, {at: axisAt{1}, in: []Shape{{2, 3, 4}}}}
	arg := func(name string, smallest bool) *prim[axisAt] {
		return define(def[axisAt]{
			Name: name, Args: "n", Shape: overAxis, Cases: axisCases,
			Eval: func(a axisAt, in []*array.Array, _ Shape) array.Array { return array.Extreme(in[0], a.Axis, smallest) },
			ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string {
				return e.Node(name, names(in), []Attr{{"axis", a.Axis}, {"keepdims", 1}, {"select_last_index", 0}})
			},
		})
	}
	opArgMax, opArgMin = arg("ArgMax", false), arg("ArgMin", true)
	opLogSumExp = define(def[axisAt]{
		Name: "LogSumExp", Args: "f", Shape: overAxis, Cases: axisCases,
		Eval: func(a axisAt, in []*array.Array, _ Shape) array.Array { return array.LogSumExp(in[0], a.Axis) },
		Grad: func(_ axisAt, _ int, in []*Tensor, y, g *Tensor) *Tensor { return g.Mul(in[0].Sub(y).Exp()) },
		ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string {
			return e.Node("ReduceLogSumExp", names(in), []Attr{{"axes", []int{a.Axis}}, {"keepdims", 1}})
		},
	})
	axisNode := func(kind string) func(Emitter, axisAt, []Value, Value) string {
		return func(e Emitter, a axisAt, in []Value, _ Value) string {
			return e.Node(kind, names(in), []Attr{{"axis", a.Axis}})
		}
	}
	opSoftmax = define(def[axisAt]{
		Name: "Softmax", Args: "f", Shape: onAxis, Cases: axisCases, ONNX: axisNode("Softmax"),
		Eval: func(a axisAt, in []*array.Array, _ Shape) array.Array { return array.Softmax(in[0], a.Axis, false) },
		Grad: func(a axisAt, _ int, _ []*Tensor, y, g *Tensor) *Tensor {
			gy := g.Mul(y)
			return gy.Sub(y.Mul(gy.Sum(a.Axis)))
		},
		Fast: softmaxGrad(false),
	})
	opLogSoftmax = define(def[axisAt]{
		Name: "LogSoftmax", Args: "f", Shape: onAxis, Cases: axisCases, ONNX: axisNode("LogSoftmax"),
		Eval: func(a axisAt, in []*array.Array, _ Shape) array.Array { return array.Softmax(in[0], a.Axis, true) },
		Grad: func(a axisAt, _ int, _ []*Tensor, y, g *Tensor) *Tensor { return g.Sub(y.Exp().Mul(g.Sum(a.Axis))) },
		Fast: softmaxGrad(true),
	})
	opCumSum = define(def[axisAt]{
		Name: "CumSum", Args: "n", Shape: onAxis, Blind: true, Cases: axisCases,
		Eval: func(a axisAt, in []*array.Array, _ Shape) array.Array { return array.CumSum(in[0], a.Axis) },
		Grad: func(a axisAt, _ int, _ []*Tensor, _, g *Tensor) *Tensor {
			return g.Flip(a.Axis).CumSum(a.Axis).Flip(a.Axis)
		},
		ONNX: func(e Emitter, a axisAt, in []Value, _ Value) string {
			return e.Node("CumSum", []string{in[0].Name, like(e, Value{DType: Int64}, float64(a.Axis))}, []Attr{{"exclusive", 0}, {"reverse", 0}})
		},
	})
}

// softmaxGrad is the gradient of Softmax or LogSoftmax in one pass, where the axis is the last.
func softmaxGrad(logs bool) func(axisAt, int, []*Tensor, *Tensor, *Tensor) *Tensor {
	return func(a axisAt, i int, in []*Tensor, y, g *Tensor) *Tensor {
		if a.Axis != y.Rank()-1 {
			p := opSoftmax
			if logs {
				p = opLogSoftmax
			}
			return p.Grad(a, i, in, y, g)
		}
		y.check("Grad")
		return result(modes.Get(), array.SoftmaxGrad(&y.a, &g.a, logs))
	}
}

// Sum adds up the given axes, which stay with size 1; without axes everything, to the shape ().
func (x *Tensor) Sum(axes ...int) *Tensor { return opSum.one(x.axes("Sum", axes), x) }

// Mean is the mean over the given axes, which stay with size 1; without axes over everything, to the shape (). The mean of
// nothing is NaN.
func (x *Tensor) Mean(axes ...int) *Tensor { return opMean.one(x.axes("Mean", axes), x) }

// Max is the largest element over the given axes, which stay with size 1; without axes over everything, to the shape (). Equal
// largest elements share the gradient. It panics when there is nothing to choose from.
func (x *Tensor) Max(axes ...int) *Tensor { return opMax.one(x.axes("Max", axes), x) }

// Min is the smallest element over the given axes, which stay with size 1; without axes over everything, to the shape (). Equal
// smallest elements share the gradient. It panics when there is nothing to choose from.
func (x *Tensor) Min(axes ...int) *Tensor { return opMin.one(x.axes("Min", axes), x) }

// Prod multiplies over the given axes, which stay with size 1; without axes everything, to the shape (). Its gradient holds at
// zeros as well.
func (x *Tensor) Prod(axes ...int) *Tensor {
	a := x.axes("Prod", axes)
	if a.All {
		return x.Reshape(-1).halve(0).Reshape()
	}
	for _, k := range a.Axes {
		x = x.halve(k)
	}
	return x
}

// halve multiplies an axis down to size 1, half by half.
func (x *Tensor) halve(axis int) *Tensor {
	n := x.a.Shape[axis]
	if n == 0 {
		s := x.Shape()
		s[axis] = 1
		return filled(x.dtype(), 1, s)
	}
	for ; n > 1; n = x.a.Shape[axis] {
		half := n / 2
		y := x.Slice(axis, 0, half).Mul(x.Slice(axis, half, 2*half))
		if n%2 == 1 {
			y = Concat(axis, []*Tensor{y, x.Slice(axis, n-1, n)})
		}
		x = y
	}
	return x
}

// Var is the mean square distance from the mean over the given axes, which stay with size 1; without axes over everything, to
// the shape (). It divides by n, as BatchNorm does, not by n-1.
func (x *Tensor) Var(axes ...int) *Tensor { return x.Sub(x.Mean(axes...)).Square().Mean(axes...) }

// Std is the square root of Var. Where that is 0 so is the gradient.
func (x *Tensor) Std(axes ...int) *Tensor { return x.Var(axes...).root() }

// Norm is the square root of the sum of all squares: the length of x as one vector, of shape (). Where that is 0 so is the
// gradient.
func (x *Tensor) Norm() *Tensor { return x.Square().Sum().root() }

// root is Sqrt with the gradient 0, not infinity, where x is 0.
func (x *Tensor) root() *Tensor {
	if !x.grad {
		return x.Sqrt()
	}
	zero, at0 := number(x.dtype(), 0), x.Equal(number(x.dtype(), 0))
	return Where(at0, zero, Where(at0, number(x.dtype(), 1), x).Sqrt())
}

// ArgMax is the index of the largest element along an axis, which stays with size 1: an i64 tensor. The first of equal ones.
func (x *Tensor) ArgMax(axis int) *Tensor { return opArgMax.one(axisAt{x.axis("ArgMax", axis)}, x) }

// ArgMin is the index of the smallest element along an axis, which stays with size 1: an i64 tensor. The first of equal ones.
func (x *Tensor) ArgMin(axis int) *Tensor { return opArgMin.one(axisAt{x.axis("ArgMin", axis)}, x) }

// LogSumExp is log(sum(exp(x))) along an axis, which stays with size 1, without overflow.
func (x *Tensor) LogSumExp(axis int) *Tensor {
	return opLogSumExp.one(axisAt{x.axis("LogSumExp", axis)}, x)
}

// Softmax is exp(x)/sum(exp(x)) along an axis, without overflow; the result has the shape of x.
func (x *Tensor) Softmax(axis int) *Tensor { return opSoftmax.one(axisAt{x.axis("Softmax", axis)}, x) }

// LogSoftmax is log(Softmax(x)) along an axis, exact where Softmax is tiny; the result has the shape of x.
func (x *Tensor) LogSoftmax(axis int) *Tensor {
	return opLogSoftmax.one(axisAt{x.axis("LogSoftmax", axis)}, x)
}

// CumSum is the running total along an axis; the result has the shape of x.
func (x *Tensor) CumSum(axis int) *Tensor { return opCumSum.one(axisAt{x.axis("CumSum", axis)}, x) }

// sumTo adds up g to the shape that was broadcast to its own.
func (x *Tensor) sumTo(to Shape) *Tensor {
	s := x.shape()
	if array.Equal(s, to) {
		return x
	}
	var axes []int
	skip := len(s) - len(to)
	for i := range s {
		if s[i] != 1 && (i < skip || to[i-skip] == 1) {
			axes = append(axes, i)
		}
	}
	y := x
	if len(axes) > 0 {
		y = x.Sum(axes...)
	}
	if array.Equal(y.a.Shape, to) {
		return y
	}
	return y.Reshape(to...)
}

// SumTo adds up axes until the shape is the given one, which broadcasts to the shape of x: the reverse of Expand. It panics
// when it does not broadcast.
func (x *Tensor) SumTo(shape ...int) *Tensor {
	x.check("SumTo")
	s, ok := array.Broadcast(x.shape(), shape)
	if !ok || !array.Equal(s, x.a.Shape) {
		fail("SumTo", "", "cannot sum %v to %v: want a shape that broadcasts to %v", x.shape(), Shape(shape), x.shape())
	}
	return x.sumTo(checkShape("SumTo", shape))
}
