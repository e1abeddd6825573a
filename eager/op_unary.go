package eager

import (
	"math"

	"github.com/tapir-go/tapir/eager/internal/array"
)

var (
	opNeg, opExp, opLog, opLog1p, opSqrt, opAbs, opSign, opSin, opCos, opErf, opReciprocal, opSquare *prim[none]
	opTanh, opSigmoid, opRelu, opGelu, opGeluTanh, opSilu, opSoftplus, opFloor, opCeil, opRound      *prim[none]
	opLeakyRelu, opElu                                                                               *prim[second]
)

// second is the attribute of rectifiers with a second slope.
type second struct{ Alpha float64 }

// same is the shape rule of ops that keep the shape of their first argument.
func same[A any](_ A, in []Shape) (Shape, error) { return in[0], nil }

func elementwise(u array.Unary) func(none, []*array.Array, Shape) array.Array {
	return func(_ none, in []*array.Array, _ Shape) array.Array { return u.Apply(in[0]) }
}

// fused is a gradient in one pass over the result of an op and its gradient.
func fused(f *array.Fused) func(none, int, []*Tensor, *Tensor, *Tensor) *Tensor {
	return func(_ none, _ int, _ []*Tensor, y, g *Tensor) *Tensor {
		y.check("Grad")
		return slope(f, y, g)
	}
}

// slope is f of x and the gradient g of the only argument of an op; it takes the place of g where nobody else needs that.
func slope(f *array.Fused, x, g *Tensor) *Tensor {
	m := modes.Get()
	if m != nil && m.keeper != nil {
		if s, ok := m.keeper.(*sweep); ok && s.last && s.alone(g) {
			f.Into(&g.a, &x.a, &g.a)
			return g
		}
	}
	return result(m, f.Apply(&x.a, &g.a))
}

var (
	anyShape = []sample[none]{{in: []Shape{{3, 2}}}, {in: []Shape{{}}}}
	above0   = []sample[none]{{in: []Shape{{3, 2}}, lo: 0.3, hi: 3}}
)

func init() {
	unary := func(name string, u array.Unary, kind string, cases []sample[none], grad func(x, y, g *Tensor) *Tensor) *prim[none] {
		d := def[none]{Name: name, Args: "f", Shape: same[none], Eval: elementwise(u), Cases: cases, unary: u.F32, ONNX: onnx(kind)}
		switch name {
		case "Relu":
			d.Fast = fused(&array.ReluGrad)
		case "Tanh":
			d.Fast = fused(&array.TanhGrad)
		case "Sigmoid":
			d.Fast = fused(&array.SigmoidGrad)
		}
		if grad != nil {
			d.Grad = func(_ none, _ int, in []*Tensor, y, g *Tensor) *Tensor { return grad(in[0], y, g) }
		}
		return define(d)
	}
	opExp = unary("Exp", array.Exp, "Exp", anyShape, func(_, y, g *Tensor) *Tensor { return g.Mul(y) })
	opLog = unary("Log", array.Log, "Log", above0, func(x, _, g *Tensor) *Tensor { return g.Div(x) })
	opSqrt = unary("Sqrt", array.Sqrt, "Sqrt", above0, func(_, y, g *Tensor) *Tensor { return g.Div(y).Scale(0.5) })
	opSin = unary("Sin", array.Unary{F: math.Sin}, "Sin", anyShape, func(x, _, g *Tensor) *Tensor { return g.Mul(x.Cos()) })
	opCos = unary("Cos", array.Unary{F: math.Cos}, "Cos", anyShape, func(x, _, g *Tensor) *Tensor { return g.Mul(x.Sin()).Neg() })
	opErf = unary("Erf", array.Erf, "Erf", anyShape, func(x, _, g *Tensor) *Tensor {
		return g.Mul(x.Square().Neg().Exp()).Scale(2 / math.SqrtPi)
	})
	opReciprocal = unary("Reciprocal", array.Reciprocal, "Reciprocal", above0, func(_, y, g *Tensor) *Tensor { return g.Mul(y).Mul(y).Neg() })
	opTanh = unary("Tanh", array.Tanh, "Tanh", anyShape, func(_, y, g *Tensor) *Tensor { return g.Sub(g.Mul(y).Mul(y)) })
	opSigmoid = unary("Sigmoid", array.Sigmoid, "Sigmoid", anyShape, func(_, y, g *Tensor) *Tensor { return g.Mul(y).Mul(y.Neg().Shift(1)) })
	opSoftplus = unary("Softplus", array.Softplus, "Softplus", anyShape, func(x, _, g *Tensor) *Tensor { return g.Mul(x.Sigmoid()) })
	opRelu = unary("Relu", array.Relu, "Relu", anyShape, func(_, y, g *Tensor) *Tensor { return g.Mul(y.Sign()) }) // y is never below 0
	opFloor = unary("Floor", array.Floor, "Floor", anyShape, nil)
	opCeil = unary("Ceil", array.Ceil, "Ceil", anyShape, nil)
	opRound = unary("Round", array.Round, "Round", anyShape, nil)

	opLog1p = define(def[none]{
		Name: "Log1p", Args: "f", Shape: same[none], Eval: elementwise(array.Log1p), unary: array.Log1p.F32, Cases: above0,
		Grad: func(_ none, _ int, in []*Tensor, _, g *Tensor) *Tensor { return g.Div(in[0].Shift(1)) },
		ONNX: func(e Emitter, _ none, in []Value, _ Value) string {
			return e.Node("Log", []string{e.Node("Add", []string{in[0].Name, like(e, in[0], 1)}, nil)}, nil)
		},
	})
	opSquare = define(def[none]{
		Name: "Square", Args: "n", Shape: same[none], Cases: anyShape, unary: array.Square.F32,
		Eval: func(_ none, in []*array.Array, out Shape) array.Array {
			if in[0].DType > array.Float64 {
				return array.Mul.Apply(in[0], in[0], out)
			}
			return array.Square.Apply(in[0])
		},
		Grad: func(_ none, _ int, in []*Tensor, _, g *Tensor) *Tensor { return g.Mul(in[0]).Scale(2) },
		ONNX: func(e Emitter, _ none, in []Value, _ Value) string {
			return e.Node("Mul", []string{in[0].Name, in[0].Name}, nil)
		},
	})
	numbers := func(name string, u array.Unary, whole func(int64) int64, grad func(_ none, _ int, in []*Tensor, y, g *Tensor) *Tensor) *prim[none] {
		return define(def[none]{
			Name: name, Args: "n", Shape: same[none], Grad: grad, ONNX: onnx(name), Cases: anyShape, unary: u.F32,
			Eval: func(_ none, in []*array.Array, _ Shape) array.Array {
				if in[0].DType > array.Float64 {
					return array.Whole(in[0], whole)
				}
				return u.Apply(in[0])
			},
		})
	}
	opNeg = numbers("Neg", array.Neg, func(v int64) int64 { return -v }, func(_ none, _ int, _ []*Tensor, _, g *Tensor) *Tensor { return g.Neg() })
	opAbs = numbers("Abs", array.Abs, func(v int64) int64 { return max(v, -v) }, func(_ none, _ int, in []*Tensor, _, g *Tensor) *Tensor { return g.Mul(in[0].Sign()) })
	opSign = numbers("Sign", array.Sign, func(v int64) int64 { return min(max(v, -1), 1) }, nil)

	onArgument := func(f *array.Fused) func(none, int, []*Tensor, *Tensor, *Tensor) *Tensor {
		return func(_ none, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			return slope(f, in[0], g)
		}
	}
	opGelu = define(def[none]{
		Name: "Gelu", Args: "f", Shape: same[none], Eval: elementwise(array.Gelu), Cases: anyShape, unary: array.Gelu.F32,
		Grad: func(_ none, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			x := in[0]
			below := x.Scale(math.Sqrt2 / 2).Erf().Shift(1).Scale(0.5)              // share of the normal distribution below x
			density := x.Square().Scale(-0.5).Exp().Scale(1 / math.Sqrt(2*math.Pi)) // of the normal distribution at x
			return g.Mul(below.Add(x.Mul(density)))
		},
		Fast: onArgument(&array.GeluGrad),
		ONNX: func(e Emitter, _ none, in []Value, _ Value) string {
			x := in[0].Name
			erf := e.Node("Erf", []string{e.Node("Mul", []string{x, like(e, in[0], math.Sqrt2/2)}, nil)}, nil)
			twice := e.Node("Mul", []string{x, e.Node("Add", []string{erf, like(e, in[0], 1)}, nil)}, nil)
			return e.Node("Mul", []string{twice, like(e, in[0], 0.5)}, nil)
		},
	})
	opGeluTanh = define(def[none]{
		Name: "GeluTanh", Args: "f", Shape: same[none], Eval: elementwise(array.GeluTanh), Cases: anyShape, unary: array.GeluTanh.F32,
		Grad: func(_ none, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			x := in[0]
			square := x.Square()
			s := x.Mul(square.Scale(geluB).Shift(geluA)).Sigmoid()
			slope := square.Scale(3 * geluB).Shift(geluA)
			return g.Mul(s).Mul(s.SubFrom(1).Mul(x).Mul(slope).Shift(1))
		},
		Fast: onArgument(&array.GeluTanhGrad),
		ONNX: func(e Emitter, _ none, in []Value, _ Value) string {
			x := in[0].Name
			times := func(a, b string) string { return e.Node("Mul", []string{a, b}, nil) }
			plus := e.Node("Add", []string{times(times(x, x), like(e, in[0], geluB)), like(e, in[0], geluA)}, nil)
			return times(x, e.Node("Sigmoid", []string{times(x, plus)}, nil))
		},
	})
	opSilu = define(def[none]{
		Name: "Silu", Args: "f", Shape: same[none], Eval: elementwise(array.Silu), Cases: anyShape, unary: array.Silu.F32,
		Grad: func(_ none, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			s := in[0].Sigmoid()
			return g.Mul(s).Mul(s.SubFrom(1).Mul(in[0]).Shift(1))
		},
		Fast: onArgument(&array.SiluGrad),
		ONNX: func(e Emitter, _ none, in []Value, _ Value) string {
			return e.Node("Mul", []string{in[0].Name, e.Node("Sigmoid", names(in), nil)}, nil)
		},
	})
	opLeakyRelu = define(def[second]{
		Name: "LeakyRelu", Args: "f", Shape: same[second], Cases: []sample[second]{{at: second{0.1}, in: []Shape{{3, 2}}}},
		Eval: func(a second, in []*array.Array, _ Shape) array.Array {
			u := array.LeakyRelu(a.Alpha)
			return u.Apply(in[0])
		},
		Grad: func(a second, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			d := g.dtype()
			return g.Mul(Where(in[0].Greater(number(d, 0)), number(d, 1), number(d, a.Alpha)))
		},
		Fast: func(a second, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			f := array.LeakyReluGrad(a.Alpha)
			return slope(&f, in[0], g)
		},
		ONNX: func(e Emitter, a second, in []Value, _ Value) string {
			return e.Node("LeakyRelu", names(in), []Attr{{"alpha", a.Alpha}})
		},
	})
	opElu = define(def[second]{
		Name: "Elu", Args: "f", Shape: same[second], Cases: []sample[second]{{at: second{0.7}, in: []Shape{{3, 2}}}},
		Eval: func(a second, in []*array.Array, _ Shape) array.Array {
			u := array.Elu(a.Alpha)
			return u.Apply(in[0])
		},
		Grad: func(a second, _ int, in []*Tensor, y, g *Tensor) *Tensor {
			return Where(in[0].Greater(number(y.dtype(), 0)), g, g.Mul(y.Shift(a.Alpha)))
		},
		ONNX: func(e Emitter, a second, in []Value, _ Value) string {
			return e.Node("Elu", names(in), []Attr{{"alpha", a.Alpha}})
		},
	})
}

// The tanh form of gelu is x sigmoid(x (geluA + geluB x x)): 2 sqrt(2/pi), and that times 0.044715.
const (
	geluA = 1.5957691216057308
	geluB = 0.07135481627159286
)

// Neg is -x for each element; the result has the shape of x.
func (x *Tensor) Neg() *Tensor { return opNeg.one(none{}, x) }

// Exp is e to the power of each element; the result has the shape of x.
func (x *Tensor) Exp() *Tensor { return opExp.one(none{}, x) }

// Log is the natural logarithm of each element; the result has the shape of x.
func (x *Tensor) Log() *Tensor { return opLog.one(none{}, x) }

// Log1p is log(1+x) for each element, exact for small x; the result has the shape of x.
func (x *Tensor) Log1p() *Tensor { return opLog1p.one(none{}, x) }

// Sqrt is the square root of each element; the result has the shape of x.
func (x *Tensor) Sqrt() *Tensor { return opSqrt.one(none{}, x) }

// Abs is the absolute value of each element; the result has the shape of x.
func (x *Tensor) Abs() *Tensor { return opAbs.one(none{}, x) }

// Sign is -1, 0 or 1 for each element; the result has the shape of x and no gradient.
func (x *Tensor) Sign() *Tensor { return opSign.one(none{}, x) }

// Sin is the sine of each element, in radians; the result has the shape of x.
func (x *Tensor) Sin() *Tensor { return opSin.one(none{}, x) }

// Cos is the cosine of each element, in radians; the result has the shape of x.
func (x *Tensor) Cos() *Tensor { return opCos.one(none{}, x) }

// Tanh is the hyperbolic tangent of each element; the result has the shape of x.
func (x *Tensor) Tanh() *Tensor { return opTanh.one(none{}, x) }

// Sigmoid is 1/(1+exp(-x)) for each element; the result has the shape of x.
func (x *Tensor) Sigmoid() *Tensor { return opSigmoid.one(none{}, x) }

// Relu is max(x,0) for each element; the result has the shape of x. Its gradient at 0 is 0.
func (x *Tensor) Relu() *Tensor { return opRelu.one(none{}, x) }

// LeakyRelu is x where x > 0 and a x elsewhere; the result has the shape of x.
func (x *Tensor) LeakyRelu(a float64) *Tensor { return opLeakyRelu.one(second{a}, x) }

// Elu is x where x > 0 and a (exp(x)-1) elsewhere; the result has the shape of x (Clevert, Unterthiner and Hochreiter 2016).
func (x *Tensor) Elu(a float64) *Tensor { return opElu.one(second{a}, x) }

// Gelu is x times the share of the standard normal distribution below x, for each element; the result has the shape of x
// (Hendrycks and Gimpel 2016, the exact form with erf).
func (x *Tensor) Gelu() *Tensor { return opGelu.one(none{}, x) }

// GeluTanh is the approximation x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) of Gelu, for each element; the result has the shape
// of x (Hendrycks and Gimpel 2016; PyTorch's gelu with approximate="tanh").
func (x *Tensor) GeluTanh() *Tensor { return opGeluTanh.one(none{}, x) }

// Silu is x sigmoid(x) for each element; the result has the shape of x.
func (x *Tensor) Silu() *Tensor { return opSilu.one(none{}, x) }

// Softplus is log(1+exp(x)) for each element, without overflow; the result has the shape of x.
func (x *Tensor) Softplus() *Tensor { return opSoftplus.one(none{}, x) }

// Erf is the error function of each element; the result has the shape of x.
func (x *Tensor) Erf() *Tensor { return opErf.one(none{}, x) }

// Square is x x for each element; the result has the shape of x.
func (x *Tensor) Square() *Tensor { return opSquare.one(none{}, x) }

// Reciprocal is 1/x for each element; the result has the shape of x.
func (x *Tensor) Reciprocal() *Tensor { return opReciprocal.one(none{}, x) }

// Floor is the largest whole number not above each element; the result has the shape of x and no gradient.
func (x *Tensor) Floor() *Tensor { return opFloor.one(none{}, x) }

// Ceil is the smallest whole number not below each element; the result has the shape of x and no gradient.
func (x *Tensor) Ceil() *Tensor { return opCeil.one(none{}, x) }

// Round is the whole number nearest to each element, the even one of two; the result has the shape of x and no gradient.
func (x *Tensor) Round() *Tensor { return opRound.one(none{}, x) }
