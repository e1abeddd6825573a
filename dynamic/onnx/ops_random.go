package onnx

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

// random are the operators that draw numbers, from the seed of the node or else one of the module.
var random = map[string]operator{
	"Dropout":           dropout,
	"Bernoulli":         bernoulli,
	"RandomUniform":     func(c *call) *eager.Tensor { return uniform(c, c.ints("shape"), Float) },
	"RandomUniformLike": func(c *call) *eager.Tensor { return uniform(c, c.x(0).Shape(), c.in[0].t) },
	"RandomNormal":      func(c *call) *eager.Tensor { return normal(c, c.ints("shape"), Float) },
	"RandomNormalLike":  func(c *call) *eager.Tensor { return normal(c, c.x(0).Shape(), c.in[0].t) },
	"Multinomial":       multinomial,
}

// rand is the source of the node: of its seed, else of the module, which goes on from run to run.
func (c *call) rand() *eager.Rand {
	if has(c, "seed") {
		if seed, whole := c.attribute("seed").(int64); whole {
			return eager.NewRand(uint64(seed))
		}
		return eager.NewRand(uint64(math.Float32bits(attr(c, "seed", float32(0)))))
	}
	return c.env.rand
}

// dropout drops in training alone. Its second result says what was kept.
func dropout(c *call) *eager.Tensor {
	x := c.x(0)
	ratio, training := c.number(1, c.float("ratio", 0.5)), false
	if v := c.optional(2); v != nil {
		training = truth(v)
	}
	if !training || ratio == 0 {
		c.more(of(filled(eager.Bool, 1, x.Shape()...), Bool))
		return x
	}
	if !(ratio > 0 && ratio < 1) {
		refuse("a ratio of %g", ratio)
	}
	kept := c.rand().Uniform(0, 1, x.Shape()...).GreaterEqual(eager.Scalar(ratio))
	c.more(of(kept, Bool))
	return x.Mul(kept.To(x.DType())).Scale(1 / (1 - ratio))
}

func bernoulli(c *call) *eager.Tensor {
	x := c.x(0)
	d := c.kind("dtype", c.in[0].t)
	return c.rand().Uniform(0, 1, x.Shape()...).Less(x.To(eager.Float32)).To(d)
}

func uniform(c *call, shape []int, like ElemType) *eager.Tensor {
	d := c.kind("dtype", like)
	return c.rand().Uniform(c.float("low", 0), c.float("high", 1), wanted(shape)...).To(d)
}

func normal(c *call, shape []int, like ElemType) *eager.Tensor {
	d := c.kind("dtype", like)
	return c.rand().Normal(wanted(shape)...).Scale(c.float("scale", 1)).Shift(c.float("mean", 0)).To(d)
}

// multinomial draws classes by the logarithms of their probabilities.
func multinomial(c *call) *eager.Tensor {
	x, n := c.x(0), c.int("sample_size", 1)
	d := c.kind("dtype", Int32)
	if x.Rank() != 2 {
		refuse("it needs rows of classes, got %v", x.Shape())
	}
	wanted([]int{x.Dim(0), n})
	r, probs := c.rand(), x.Softmax(1).Detach()
	columns := make([]*eager.Tensor, n)
	for i := range columns {
		columns[i] = eager.FromInts(r.Categorical(probs), x.Dim(0))
	}
	if n == 0 {
		return eager.ZerosOf(d, x.Dim(0), 0)
	}
	return eager.Stack(1, columns).To(d)
}
