package onnx

import (
	"maps"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// An operator computes the results of a node; see call.
type operator func(c *call) *eager.Tensor

// operators holds how the engine computes each ONNX operator, by name: the
// tables of all families.
var operators = map[string]operator{}

func init() {
	for _, family := range []map[string]operator{
		elementwise, logic, reductions, shapes, makers, indexing, products, windowed, norms, losses, quantised, resizing, control, signals, steppers, random,
	} {
		maps.Copy(operators, family)
	}
}

func one(f func(x *eager.Tensor) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor { return f(c.x(0)) }
}

func two(f func(x, y *eager.Tensor) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor { return f(c.x(0), c.x(1)) }
}

// constant of a shape () and the kind of x.
func scalar(x *eager.Tensor, v float64) *eager.Tensor { return scalarOf(x.DType(), v) }

func scalarOf(d eager.DType, v float64) *eager.Tensor {
	return eager.FromFloat64([]float64{v}).To(d)
}

// filled is a tensor of v of that kind and shape.
func filled(d eager.DType, v float64, shape ...int) *eager.Tensor {
	return scalarOf(d, v).Expand(shape...)
}

// indices is whole numbers as a vector.
func indices(v []int) *eager.Tensor { return eager.FromInts(v, len(v)) }

// mostElements is how large a result may be that a model asks for by a number.
var mostElements = 1 << 31

// wanted refuses a shape that is not possible, or absurd.
func wanted(shape []int) []int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > mostElements/d {
			refuse("a result of the shape %v is not possible", shape)
		}
		n *= max(d, 1)
	}
	if len(shape) > maxRank {
		refuse("%d axes: at most %d are supported", len(shape), maxRank)
	}
	return shape
}

// broadcastShape is the shape of an elementwise result.
func broadcastShape(a, b []int) []int {
	if len(a) < len(b) {
		a, b = b, a
	}
	s := append([]int(nil), a...)
	for i := range b {
		switch k := len(a) - len(b) + i; {
		case s[k] == 1:
			s[k] = b[i]
		case b[i] != 1 && b[i] != s[k]:
			refuse("the shapes %v and %v do not broadcast", a, b)
		}
	}
	return s
}

// together is two tensors in their common shape.
func together(x, y *eager.Tensor) (*eager.Tensor, *eager.Tensor) {
	s := broadcastShape(x.Shape(), y.Shape())
	return x.Expand(s...), y.Expand(s...)
}

// fixed refuses gradients: x is computed on outside of the engine.
func fixed(x *eager.Tensor) *eager.Tensor {
	if x.RequiresGrad() {
		refuse("no gradient can flow through it")
	}
	return x
}

// numbers makes a tensor of the kind and shape of x.
func numbers(x *eager.Tensor, v []float64, shape ...int) *eager.Tensor {
	return eager.FromFloat64(v, shape...).To(x.DType())
}

// wide is x with numbers that sums and products cannot leave.
func wide(x *eager.Tensor) *eager.Tensor {
	if x.DType() == eager.Uint8 || x.DType() == eager.Bool {
		return x.To(eager.Int64)
	}
	return x
}

// ordered refuses numbers of 2^63 and more, which compare as negative ones here.
func (c *call) ordered(i int) *eager.Tensor {
	x := c.x(i)
	if c.in[i].t == Uint64 {
		for _, v := range x.Ints() {
			if v < 0 {
				refuse("numbers of 2^63 and more are not supported")
			}
		}
	}
	return x
}

// infinite is an infinity, or for whole numbers the end of their range.
func infinite(d eager.DType, sign int) float64 {
	switch {
	case d.IsFloat():
		return math.Inf(sign)
	case d == eager.Uint8:
		return max(0, float64(sign)*255)
	}
	return float64(sign) * (1 << 62)
}
