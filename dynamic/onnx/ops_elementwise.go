package onnx

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

var elementwise = map[string]operator{
	"Add": arithmetic((*eager.Tensor).Add), "Sub": arithmetic((*eager.Tensor).Sub), "Mul": arithmetic((*eager.Tensor).Mul),
	"Div": divide, "Pow": power, "Mod": modulo,
	"Max": fold((*eager.Tensor).Maximum), "Min": fold((*eager.Tensor).Minimum), "Sum": fold((*eager.Tensor).Add),
	"Mean": func(c *call) *eager.Tensor {
		return fold((*eager.Tensor).Add)(c).Scale(1 / float64(len(c.in)))
	},

	"Neg": one(negative), "Abs": one(absolute), "Sign": one((*eager.Tensor).Sign),
	"Floor": one((*eager.Tensor).Floor), "Ceil": one((*eager.Tensor).Ceil), "Round": one((*eager.Tensor).Round),
	"Exp": one((*eager.Tensor).Exp), "Log": one((*eager.Tensor).Log), "Sqrt": one((*eager.Tensor).Sqrt),
	"Reciprocal": one((*eager.Tensor).Reciprocal), "Erf": one((*eager.Tensor).Erf),
	"Clip": clip,

	"Sin": one((*eager.Tensor).Sin), "Cos": one((*eager.Tensor).Cos), "Tanh": one((*eager.Tensor).Tanh),
	"Tan":  func(c *call) *eager.Tensor { return c.x(0).Sin().Div(c.x(0).Cos()) },
	"Sinh": func(c *call) *eager.Tensor { return c.x(0).Tanh().Mul(cosh(c.x(0))) }, "Cosh": one(cosh),
	"Asin": one(asin), "Acos": one(func(x *eager.Tensor) *eager.Tensor { return asin(x).Neg().Shift(math.Pi / 2) }), "Atan": one(atan),
	"Asinh": one(asinh), "Acosh": one(acosh), "Atanh": one(atanh),

	"Sigmoid": one((*eager.Tensor).Sigmoid), "Softplus": one((*eager.Tensor).Softplus),
	"Relu":            func(c *call) *eager.Tensor { return relu(c.x(0)) },
	"Softsign":        one(func(x *eager.Tensor) *eager.Tensor { return x.Div(x.Abs().Shift(1)) }),
	"LeakyRelu":       func(c *call) *eager.Tensor { return c.x(0).LeakyRelu(c.float("alpha", 0.01)) },
	"Elu":             func(c *call) *eager.Tensor { return c.x(0).Elu(c.float("alpha", 1)) },
	"Selu":            selu,
	"Celu":            celu,
	"ThresholdedRelu": thresholdedRelu,
	"HardSigmoid":     func(c *call) *eager.Tensor { return hardSigmoid(c.x(0), c.float("alpha", 0.2), c.float("beta", 0.5)) },
	"HardSwish":       func(c *call) *eager.Tensor { return c.x(0).Mul(hardSigmoid(c.x(0), 1.0/6, 0.5)) },
	"Mish":            one(func(x *eager.Tensor) *eager.Tensor { return x.Mul(x.Softplus().Tanh()) }),
	"Gelu":            gelu,
	"PRelu": func(c *call) *eager.Tensor {
		x := wide(c.x(0))
		return eager.Where(x.Less(scalar(x, 0)), x.Mul(wide(c.x(1))), x)
	},
	"Shrink": shrink,
}

// arithmetic is an operator that whole numbers wrap around in.
func arithmetic(f func(x, y *eager.Tensor) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor { return f(wide(c.x(0)), wide(c.x(1))) }
}

// fold applies f from left to right to any number of inputs.
func fold(f func(x, y *eager.Tensor) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor {
		c.all()
		y := c.ordered(0)
		for i := range c.in[1:] {
			y = f(y, c.ordered(i+1))
		}
		return y
	}
}

// whole applies f to whole numbers, whose shapes broadcast.
func whole(x, y *eager.Tensor, f func(a, b int) int) *eager.Tensor {
	x, y = together(x, y)
	a, b := x.Ints(), y.Ints()
	for i := range a {
		a[i] = f(a[i], b[i])
	}
	return eager.FromInts(a, x.Shape()...)
}

// divide cuts off the fraction of whole numbers.
func divide(c *call) *eager.Tensor {
	x, y := c.ordered(0), c.ordered(1)
	if x.DType().IsFloat() {
		return x.Div(y)
	}
	return whole(x, y, func(a, b int) int {
		if b == 0 {
			refuse("a whole number is divided by zero")
		}
		return a / b
	})
}

func power(c *call) *eager.Tensor {
	x, y := c.ordered(0), c.ordered(1)
	if x.DType().IsFloat() {
		return x.Pow(y.To(x.DType()))
	}
	if y.DType().IsFloat() {
		return x.To(eager.Float64).Pow(y.To(eager.Float64)).To(eager.Int64)
	}
	return whole(x, y, func(a, b int) int {
		if b < 0 {
			return int(math.Pow(float64(a), float64(b)))
		}
		p := 1
		for ; b > 0; b >>= 1 {
			if b&1 == 1 {
				p *= a
			}
			a *= a
		}
		return p
	})
}

// modulo has the sign of the divisor, or with fmod that of the dividend.
func modulo(c *call) *eager.Tensor {
	x, y, fmod := c.ordered(0), c.ordered(1), c.int("fmod", 0) != 0
	if !x.DType().IsFloat() {
		return whole(x, y, func(a, b int) int {
			if b == 0 {
				refuse("a whole number is divided by zero")
			}
			r := a % b
			if !fmod && r != 0 && (r < 0) != (b < 0) {
				r += b
			}
			return r
		})
	}
	if !fmod {
		refuse("floats need fmod 1")
	}
	x, y = together(x, y)
	a, b := x.Values(), y.Values()
	for i := range a {
		a[i] = math.Mod(a[i], b[i])
	}
	r := numbers(x, a, x.Shape()...)
	if !x.RequiresGrad() && !y.RequiresGrad() {
		return r
	}
	times := x.Sub(r).Div(y).Round().Detach()
	return x.Sub(y.Mul(times))
}

func negative(x *eager.Tensor) *eager.Tensor { return wide(x).Neg() }

func absolute(x *eager.Tensor) *eager.Tensor {
	if x.DType() == eager.Uint8 {
		return x
	}
	return x.Abs()
}

// clip has its bounds as inputs or, before version 11, as attributes.
func clip(c *call) *eager.Tensor {
	x := c.ordered(0)
	lo, hi := infinite(x.DType(), -1), infinite(x.DType(), 1)
	if v := attr(c, "min", float32(math.Inf(-1))); !math.IsInf(float64(v), -1) {
		lo = float64(v)
	}
	if v := attr(c, "max", float32(math.Inf(1))); !math.IsInf(float64(v), 1) {
		hi = float64(v)
	}
	if x.DType().IsFloat() {
		lo, hi = c.number(1, lo), c.number(2, hi)
		return x.Clip(min(lo, hi), hi) // where they cross, the upper one holds
	}
	if v := c.optional(1); v != nil {
		x = x.Maximum(v.Reshape())
	}
	if v := c.optional(2); v != nil {
		x = x.Minimum(v.Reshape())
	}
	return x
}

func cosh(x *eager.Tensor) *eager.Tensor { return x.Exp().Add(x.Neg().Exp()).Scale(0.5) }

// atan is made for numbers up to 1 in size, by halving the angle twice and a series; larger ones are turned over.
func atan(x *eager.Tensor) *eager.Tensor {
	large := x.Abs().Greater(scalar(x, 1))
	z := eager.Where(large, eager.Where(large, x, scalar(x, 1)).Reciprocal(), x)
	for range 2 {
		z = z.Div(z.Square().Shift(1).Sqrt().Shift(1))
	}
	square, sum := z.Square(), scalar(x, 0)
	for k := 19; k > 0; k -= 2 {
		sum = sum.Mul(square).Shift(float64(2-k%4) / float64(k))
	}
	angle := z.Mul(sum).Scale(4)
	return eager.Where(large, x.Sign().Scale(math.Pi/2).Sub(angle), angle)
}

func asin(x *eager.Tensor) *eager.Tensor {
	return atan(x.Div(x.Square().Neg().Shift(1).Sqrt().Shift(1))).Scale(2)
}

func asinh(x *eager.Tensor) *eager.Tensor {
	a := x.Abs()
	return a.Add(a.Square().Div(a.Square().Shift(1).Sqrt().Shift(1))).Log1p().Mul(x.Sign())
}

func acosh(x *eager.Tensor) *eager.Tensor {
	t := x.Shift(-1)
	return t.Add(t.Mul(x.Shift(1)).Sqrt()).Log1p()
}

func atanh(x *eager.Tensor) *eager.Tensor { return x.Log1p().Sub(x.Neg().Log1p()).Scale(0.5) }

func relu(x *eager.Tensor) *eager.Tensor {
	if x.DType().IsFloat() {
		return x.Relu()
	}
	return x.Maximum(scalar(x, 0))
}

// selu is gamma times an Elu; the defaults are those of the specification.
func selu(c *call) *eager.Tensor {
	return c.x(0).Elu(c.float("alpha", 1.67326319217681884765625)).Scale(c.float("gamma", 1.05070102214813232421875))
}

func celu(c *call) *eager.Tensor {
	x, alpha := c.x(0), c.float("alpha", 1)
	return x.Relu().Add(x.Scale(1 / alpha).Minimum(scalar(x, 0)).Exp().Shift(-1).Scale(alpha))
}

func thresholdedRelu(c *call) *eager.Tensor {
	x := c.x(0)
	return eager.Where(x.Greater(scalar(x, c.float("alpha", 1))), x, scalar(x, 0))
}

func hardSigmoid(x *eager.Tensor, alpha, beta float64) *eager.Tensor {
	return x.Scale(alpha).Shift(beta).Clip(0, 1)
}

func gelu(c *call) *eager.Tensor {
	if c.text("approximate", "none") == "tanh" {
		return c.x(0).GeluTanh()
	}
	return c.x(0).Gelu()
}

func shrink(c *call) *eager.Tensor {
	x, bias, lambd := c.x(0), c.float("bias", 0), c.float("lambd", 0.5)
	zero := scalar(x, 0)
	above := eager.Where(x.Greater(scalar(x, lambd)), x.Shift(-bias), zero)
	return eager.Where(x.Less(scalar(x, -lambd)), x.Shift(bias), above)
}
