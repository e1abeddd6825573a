package eager

import (
	"math"

	"github.com/tapir-go/tapir/eager/internal/array"
)

var (
	opAdd, opSub, opMul, opDiv, opPow, opMaximum, opMinimum *prim[none]
	opScale, opShift, opPowScalar                           *prim[scalarAt]
	opClip                                                  *prim[bounds]
)

// scalarAt is the attribute of ops with one number.
type scalarAt struct{ Value float64 }

// bounds are the attributes of Clip.
type bounds struct{ Lo, Hi float64 }

// broadcast is the shape rule of elementwise ops of two arguments.
func broadcast[A any](_ A, in []Shape) (Shape, error) { return broadcastOf(in[0], in[1]) }

func broadcastOf(x, y Shape) (Shape, error) {
	s, ok := array.Broadcast(x, y)
	if ok {
		if len(s) > array.MaxRank {
			return nil, refusal("", "shapes %v and %v make %d axes: at most %d", x, y, len(s), array.MaxRank)
		}
		return s, nil
	}
	for i := 1; ; i++ {
		a, b := x[len(x)-i], y[len(y)-i]
		if a != b && a != 1 && b != 1 {
			return nil, refusal("sizes are compared from the last axis; they must be equal, or one of them 1",
				"shapes %v and %v do not broadcast: %d and %d at axis -%d", x, y, a, b, i)
		}
	}
}

// promote brings two tensors to one kind of numbers, the higher of bool, u8, i64, f32, f64.
func promote(x, y *Tensor) (*Tensor, *Tensor) {
	if x == nil || y == nil || x.a.DType == y.a.DType {
		return x, y
	}
	if order(x.dtype()) < order(y.dtype()) {
		return x.To(y.dtype()), y
	}
	return x, y.To(x.dtype())
}

func order(d DType) int { return [...]int{3, 4, 2, 1, 0}[d] }

var (
	twoShapes = []sample[none]{{in: []Shape{{3, 2}, {3, 2}}}, {in: []Shape{{3, 2}, {2}}}, {in: []Shape{{}, {3, 1}}}, {in: []Shape{{3, 1}, {1, 2}}}}
	twoAbove0 = []sample[none]{{in: []Shape{{3, 2}, {3, 2}}, lo: 0.5, hi: 2}, {in: []Shape{{3, 2}, {2}}, lo: 0.5, hi: 2}}
)

func init() {
	binary := func(name, args string, b *array.Binary, cases []sample[none], blind bool, grad func(i int, x, y, z, g *Tensor) *Tensor) *prim[none] {
		return define(def[none]{
			Name: name, Args: args, Shape: broadcast[none], Blind: blind, ONNX: onnx(name), Cases: cases, binary: b.F32.VV,
			Eval: func(_ none, in []*array.Array, out Shape) array.Array { return b.Apply(in[0], in[1], out) },
			Grad: func(_ none, i int, in []*Tensor, z, g *Tensor) *Tensor {
				return grad(i, in[0], in[1], z, g).sumTo(in[i].shape())
			},
		})
	}
	opAdd = binary("Add", "nn", &array.Add, twoShapes, true, func(_ int, _, _, _, g *Tensor) *Tensor { return g })
	opSub = binary("Sub", "nn", &array.Sub, twoShapes, true, func(i int, _, _, _, g *Tensor) *Tensor {
		if i == 1 {
			return g.Neg()
		}
		return g
	})
	opMul = binary("Mul", "nn", &array.Mul, twoShapes, false, func(i int, x, y, _, g *Tensor) *Tensor {
		if i == 1 {
			return g.Mul(x)
		}
		return g.Mul(y)
	})
	opDiv = binary("Div", "ff", &array.Div, twoAbove0, false, func(i int, _, y, z, g *Tensor) *Tensor {
		if i == 1 {
			return g.Mul(z).Div(y).Neg()
		}
		return g.Div(y)
	})
	opPow = binary("Pow", "ff", &array.Pow, twoAbove0, false, func(i int, x, y, z, g *Tensor) *Tensor {
		if i == 1 {
			zero := number(x.dtype(), 0)
			still := x.Equal(zero).And(y.GreaterEqual(zero)) // 0 to any power from 0 on does not change with it
			return Where(still, zero, g.Mul(z).Mul(x.Log()))
		}
		power := Where(y.Equal(number(y.dtype(), 0)), number(y.dtype(), 1), y) // x to the 0 does not change, even at 0
		return g.Mul(y).Mul(x.Pow(power.Shift(-1)))
	})
	// larger is 1 where a > b or one is NaN, a half where they are equal, else 0.
	larger := func(a, b *Tensor) *Tensor {
		return a.Less(b).To(a.dtype()).Add(a.Equal(b).To(a.dtype()).Scale(0.5)).SubFrom(1)
	}
	opMaximum = binary("Maximum", "nn", &array.Max, twoShapes, false, func(i int, x, y, _, g *Tensor) *Tensor {
		if i == 1 {
			return g.Mul(larger(y, x))
		}
		return g.Mul(larger(x, y))
	})
	opMaximum.op.Export = exportAs("Max")
	opMinimum = binary("Minimum", "nn", &array.Min, twoShapes, false, func(i int, x, y, _, g *Tensor) *Tensor {
		if i == 1 {
			return g.Mul(larger(x, y))
		}
		return g.Mul(larger(y, x))
	})
	opMinimum.op.Export = exportAs("Min")

	withConst := func(kind string) func(Emitter, scalarAt, []Value, Value) string {
		return func(e Emitter, a scalarAt, in []Value, _ Value) string {
			return e.Node(kind, []string{in[0].Name, like(e, in[0], a.Value)}, nil)
		}
	}
	opScale = define(def[scalarAt]{
		Name: "Scale", Args: "n", Shape: same[scalarAt], Blind: true, ONNX: withConst("Mul"),
		Eval:  func(a scalarAt, in []*array.Array, _ Shape) array.Array { return array.Scale(in[0], a.Value) },
		Grad:  func(a scalarAt, _ int, _ []*Tensor, _, g *Tensor) *Tensor { return g.Scale(a.Value) },
		Cases: []sample[scalarAt]{{at: scalarAt{-1.5}, in: []Shape{{3, 2}}}},
	})
	opShift = define(def[scalarAt]{
		Name: "Shift", Args: "n", Shape: same[scalarAt], Blind: true, ONNX: withConst("Add"),
		Eval:  func(a scalarAt, in []*array.Array, _ Shape) array.Array { return array.Shift(in[0], a.Value) },
		Grad:  func(_ scalarAt, _ int, _ []*Tensor, _, g *Tensor) *Tensor { return g },
		Cases: []sample[scalarAt]{{at: scalarAt{0.5}, in: []Shape{{3, 2}}}},
	})
	opPowScalar = define(def[scalarAt]{
		Name: "PowScalar", Args: "f", Shape: same[scalarAt], ONNX: withConst("Pow"),
		Eval: func(a scalarAt, in []*array.Array, _ Shape) array.Array {
			switch a.Value {
			case 2:
				return array.Square.Apply(in[0])
			case 0.5:
				return array.Sqrt.Apply(in[0])
			case -1:
				return array.Reciprocal.Apply(in[0])
			}
			u := array.Unary{F: func(v float64) float64 { return math.Pow(v, a.Value) }}
			return u.Apply(in[0])
		},
		Grad: func(a scalarAt, _ int, in []*Tensor, y, g *Tensor) *Tensor {
			switch a.Value {
			case 0:
				return ZerosLike(g)
			case 0.5:
				return g.Div(y).Scale(0.5)
			}
			return g.Mul(in[0].PowScalar(a.Value - 1)).Scale(a.Value)
		},
		Cases: []sample[scalarAt]{{at: scalarAt{2.5}, in: []Shape{{3, 2}}, lo: 0.3, hi: 2}, {at: scalarAt{3}, in: []Shape{{3}}}},
	})
	opClip = define(def[bounds]{
		Name: "Clip", Args: "n", Shape: same[bounds],
		Eval: func(a bounds, in []*array.Array, _ Shape) array.Array {
			return array.Clip(in[0], a.Lo, a.Hi)
		},
		Grad: func(a bounds, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			d := g.dtype()
			return g.Mul(in[0].Greater(number(d, a.Lo)).And(in[0].Less(number(d, a.Hi))).To(d))
		},
		ONNX: func(e Emitter, a bounds, in []Value, _ Value) string {
			return e.Node("Clip", []string{in[0].Name, like(e, in[0], a.Lo), like(e, in[0], a.Hi)}, nil)
		},
		Cases: []sample[bounds]{{at: bounds{-0.7, 1.1}, in: []Shape{{3, 4}}}},
	})
}

// exportAs is the Export of an op that has another name in ONNX.
func exportAs(kind string) func(Emitter, any, []Value, Value) string {
	return func(e Emitter, _ any, in []Value, _ Value) string { return e.Node(kind, names(in), nil) }
}

// Add is x+y for each element; the shapes broadcast.
func (x *Tensor) Add(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opAdd.two(none{}, x, y)
}

// Sub is x-y for each element; the shapes broadcast.
func (x *Tensor) Sub(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opSub.two(none{}, x, y)
}

// Mul is x y for each element; the shapes broadcast.
func (x *Tensor) Mul(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opMul.two(none{}, x, y)
}

// Div is x/y for each element; the shapes broadcast. Both are floats.
func (x *Tensor) Div(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opDiv.two(none{}, x, y)
}

// Pow is x to the power of y for each element; the shapes broadcast. Both are floats.
func (x *Tensor) Pow(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opPow.two(none{}, x, y)
}

// Maximum is the larger of x and y for each element; the shapes broadcast. Where they are equal each has half of the gradient.
func (x *Tensor) Maximum(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opMaximum.two(none{}, x, y)
}

// Minimum is the smaller of x and y for each element; the shapes broadcast. Where they are equal each has half of the gradient.
func (x *Tensor) Minimum(y *Tensor) *Tensor {
	x, y = promote(x, y)
	return opMinimum.two(none{}, x, y)
}

// Scale is x v for each element; the result has the shape and kind of x. It panics when x is whole numbers and v is not.
func (x *Tensor) Scale(v float64) *Tensor {
	x.checkWhole("Scale", v)
	return opScale.one(scalarAt{v}, x)
}

// Shift is x+v for each element; the result has the shape and kind of x. It panics when x is whole numbers and v is not.
func (x *Tensor) Shift(v float64) *Tensor {
	x.checkWhole("Shift", v)
	return opShift.one(scalarAt{v}, x)
}

// DivScalar is x/v for each element; the result has the shape and kind of x, which is of floats.
func (x *Tensor) DivScalar(v float64) *Tensor {
	opDiv.check([]*Tensor{x})
	return opDiv.two(none{}, x, number(x.dtype(), v))
}

// SubFrom is v-x for each element; the result has the shape and kind of x. It panics when x is whole numbers and v is not.
func (x *Tensor) SubFrom(v float64) *Tensor { return x.after(opSub, v) }

// DivInto is v/x for each element; the result has the shape and kind of x, which is of floats.
func (x *Tensor) DivInto(v float64) *Tensor { return x.after(opDiv, v) }

// after is the op of the number v and x.
func (x *Tensor) after(op *prim[none], v float64) *Tensor {
	op.check([]*Tensor{x})
	x.checkWhole(op.As, v)
	return op.two(none{}, number(x.dtype(), v), x)
}

func (x *Tensor) checkWhole(op string, v float64) {
	if x != nil && !x.dtype().IsFloat() && v != math.Trunc(v) {
		fail(op, "x.To(eager.Float32)", "cannot use %g with %v%v: want a whole number", v, x.dtype(), x.shape())
	}
}

// PowScalar is x to the power of v for each element; the result has the shape of x.
func (x *Tensor) PowScalar(v float64) *Tensor { return opPowScalar.one(scalarAt{v}, x) }

// Clip moves each element into lo to hi; the result has the shape of x. Its gradient is 0 outside and at the bounds. It panics when
// lo > hi.
func (x *Tensor) Clip(lo, hi float64) *Tensor {
	if !(lo <= hi) {
		fail("Clip", "", "lo %g is above hi %g", lo, hi)
	}
	x.checkWhole("Clip", lo)
	x.checkWhole("Clip", hi)
	return opClip.one(bounds{lo, hi}, x)
}
