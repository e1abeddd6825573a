package onnx

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

// makers are the operators that make tensors out of little.
var makers = map[string]operator{
	"Constant":        constant,
	"ConstantOfShape": constantOfShape,
	"Range":           rangeOf,
	"EyeLike":         eyeLike,
	"OneHot":          oneHot,
}

func constant(c *call) *eager.Tensor {
	for _, a := range c.node.Attrs {
		switch v := c.attribute(a.Name).(type) {
		case *Tensor:
			x, err := decode(v)
			if err != nil {
				refuse("%v", err)
			}
			c.as = x.t
			return x.x
		case int64:
			return eager.FromInt64([]int64{v})
		case float32:
			return eager.FromFloat32([]float32{v})
		case []int64:
			return eager.FromInt64(v, len(v))
		case []float32:
			return eager.FromFloat32(v, len(v))
		default:
			refuse("a constant with the attribute %q is not supported", a.Name)
		}
	}
	refuse("it has no attribute with a value")
	return nil
}

func constantOfShape(c *call) *eager.Tensor {
	v := of(eager.Zeros(), Float)
	if t := attr[*Tensor](c, "value", nil); t != nil {
		var err error
		if v, err = decode(t); err != nil {
			refuse("%v", err)
		}
	}
	c.as = v.t
	return v.x.Reshape().Expand(wanted(c.x(0).Ints())...)
}

func rangeOf(c *call) *eager.Tensor {
	start, limit, delta := c.number(0, 0), c.number(1, 0), c.number(2, 0)
	if !(delta != 0) || math.IsNaN(limit-start) {
		refuse("from %g to %g in steps of %g", start, limit, delta)
	}
	n := max(0, math.Ceil((limit-start)/delta))
	if n > float64(mostElements) {
		refuse("%g numbers are too many", n)
	}
	v := make([]float64, int(n))
	for i := range v {
		v[i] = start + float64(i)*delta
	}
	return numbers(c.x(0), v, len(v))
}

func eyeLike(c *call) *eager.Tensor {
	x := c.x(0)
	if x.Rank() != 2 {
		refuse("it needs a matrix, got %v", x.Shape())
	}
	c.as = ElemType(c.int("dtype", int64(c.in[0].t)))
	d, err := dtype(c.as)
	if err != nil {
		refuse("%v", err)
	}
	k, columns := c.int("k", 0), x.Dim(1)
	v := make([]float64, x.Size())
	for i := range x.Dim(0) {
		if j := i + k; j >= 0 && j < columns {
			v[i*columns+j] = 1
		}
	}
	return eager.FromFloat64(v, x.Shape()...).To(d)
}

// oneHot puts the second of two values where an index, which may count from the end, is the place, else the first.
func oneHot(c *call) *eager.Tensor {
	x, depth, values := c.x(0).To(eager.Int64), int(c.number(1, 0)), c.x(2)
	c.as = c.in[2].t
	a := axis(c.int("axis", -1), x.Rank()+1)
	if depth < 1 || values.Size() != 2 {
		refuse("a depth of %d and %d values: want a depth above 0 and two values", depth, values.Size())
	}
	shape := make([]int, x.Rank()+1)
	for i := range shape {
		shape[i] = 1
	}
	shape[a] = wanted([]int{depth, max(1, x.Size())})[0]
	places := make([]int, depth)
	for i := range places {
		places[i] = i
	}
	hit := forwards(x, depth).Unsqueeze(a).Equal(eager.FromInts(places, shape...))
	values = values.Reshape(2)
	return eager.Where(hit, values.Slice(0, 1, 2).Reshape(), values.Slice(0, 0, 1).Reshape())
}

// forwards makes indices that count from the end count from the start of n places.
func forwards(idx *eager.Tensor, n int) *eager.Tensor {
	return eager.Where(idx.Less(scalar(idx, 0)), idx.Shift(float64(n)), idx)
}
