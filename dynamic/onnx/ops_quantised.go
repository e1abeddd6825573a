package onnx

import (
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// quantised are the operators on numbers of 8 bits: whole numbers with a scale and a zero point. What is rounded passes no
// gradient on.
var quantised = map[string]operator{
	"QuantizeLinear":        quantizeLinear,
	"DequantizeLinear":      dequantizeLinear,
	"DynamicQuantizeLinear": dynamicQuantize,
	"MatMulInteger":         matMulInteger,
	"ConvInteger":           convInteger,
	"QLinearMatMul":         qLinearMatMul,
	"QLinearConv":           qLinearConv,
}

// along is a setting of one number, or of one for each place of an axis of x, in a shape that broadcasts.
func along(v, x *eager.Tensor, a int) *eager.Tensor {
	if v.Size() == 1 {
		return v.Reshape()
	}
	if v.Rank() != 1 {
		return v
	}
	a = axis(a, x.Rank())
	if v.Size() != x.Dim(a) {
		refuse("%d scales or zero points for the axis of %d", v.Size(), x.Dim(a))
	}
	shape := slices.Repeat([]int{1}, x.Rank())
	shape[a] = v.Size()
	return v.Reshape(shape...)
}

// blocked repeats a setting for each block of an axis.
func (c *call) blocked(v, x *eager.Tensor) *eager.Tensor {
	a := c.int("axis", 1)
	block := c.int("block_size", 0)
	if block == 0 {
		return along(v, x, a)
	}
	a = axis(a, x.Rank())
	if v.Rank() != x.Rank() || block < 1 || v.Dim(a) != (x.Dim(a)+block-1)/block {
		refuse("scales %v for %v in blocks of %d", v.Shape(), x.Shape(), block)
	}
	places := make([]int, x.Dim(a))
	for i := range places {
		places[i] = i / block
	}
	return v.Take(a, indices(places))
}

// quantize rounds x to whole numbers of type t, which end at its limits.
func quantize(x, scale, zero *eager.Tensor, t ElemType) *eager.Tensor {
	lo, hi := t.limits()
	y := x.Div(scale).Round()
	if zero != nil {
		y = y.Add(zero.To(y.DType()))
	}
	return y.Clip(lo, hi).To(eager.Int64)
}

func quantizeLinear(c *call) *eager.Tensor {
	x, scale := c.x(0).To(eager.Float32), c.x(1).To(eager.Float32)
	c.as = Uint8
	var zero *eager.Tensor
	if v := c.optional(2); v != nil {
		c.as, zero = c.in[2].t, c.blocked(v, x)
	} else if t := c.int("output_dtype", 0); t != 0 {
		c.as = ElemType(t)
	}
	if _, err := dtype(c.as); err != nil || !c.as.whole() {
		refuse("numbers of %s are not supported", c.as)
	}
	return quantize(x, c.blocked(scale, x), zero, c.as)
}

func dequantizeLinear(c *call) *eager.Tensor {
	x, scale := c.x(0), c.x(1)
	c.as = c.in[1].t
	if v := c.optional(2); v != nil {
		x = wide(x).Sub(wide(c.blocked(v, x)))
	}
	return x.To(scale.DType()).Mul(c.blocked(scale, x))
}

// dynamicQuantize finds a scale and a zero point that fit the numbers and 0 into 8 bits.
func dynamicQuantize(c *call) *eager.Tensor {
	x := c.x(0)
	none := scalar(x, 0)
	lo, hi := x.Min().Minimum(none), x.Max().Maximum(none)
	scale := hi.Sub(lo).Scale(1.0 / 255)
	scale = eager.Where(scale.Equal(none), scalar(x, 1), scale)
	zero := lo.Neg().Div(scale).Round().Clip(0, 255)
	c.as = Uint8
	c.more(of(scale, Float), of(narrow(zero.To(eager.Int64), Uint8), Uint8))
	return quantize(x, scale, zero, Uint8)
}

// centred is whole numbers without their zero point, in float64, in which sums of products below 2^53 are exact.
func centred(x, zero *eager.Tensor, a int) *eager.Tensor {
	x = x.To(eager.Float64)
	if zero == nil {
		return x
	}
	return x.Sub(along(zero, x, a).To(eager.Float64))
}

func matMulInteger(c *call) *eager.Tensor {
	c.as = Int32
	a, b := c.x(0), c.x(1)
	return centred(a, c.optional(2), -2).MatMul(centred(b, c.optional(3), -1)).To(eager.Int64)
}

func convInteger(c *call) *eager.Tensor {
	c.as = Int32
	return convolve(c, centred(c.x(0), c.optional(2), 1), centred(c.x(1), c.optional(3), 0), nil).To(eager.Int64)
}

func qLinearMatMul(c *call) *eager.Tensor {
	a, b := c.x(0), c.x(3)
	c.as = c.value(7).t
	y := centred(a, c.x(2), -2).MatMul(centred(b, c.x(5), -1))
	y = y.Mul(along(c.x(1), a, -2).To(eager.Float64)).Mul(along(c.x(4), b, -1).To(eager.Float64))
	return quantize(y, along(c.x(6), y, -2).To(eager.Float64), along(c.x(7), y, -2), c.as)
}

func qLinearConv(c *call) *eager.Tensor {
	x, w := c.x(0), c.x(3)
	c.as = c.value(7).t
	var bias *eager.Tensor
	if v := c.optional(8); v != nil {
		bias = v.To(eager.Float64)
	}
	y := convolve(c, centred(x, c.x(2), 1), centred(w, c.x(5), 0), bias)
	y = y.Mul(c.x(1).Reshape().To(eager.Float64)).Mul(along(c.x(4), y, 1).To(eager.Float64))
	return quantize(y, c.x(6).Reshape().To(eager.Float64), c.x(7).Reshape(), c.as)
}
