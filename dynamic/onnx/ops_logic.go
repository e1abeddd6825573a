package onnx

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

var logic = map[string]operator{
	"Equal": two((*eager.Tensor).Equal), "Less": compare((*eager.Tensor).Less), "LessOrEqual": compare((*eager.Tensor).LessEqual),
	"Greater": compare((*eager.Tensor).Greater), "GreaterOrEqual": compare((*eager.Tensor).GreaterEqual),
	"And": two((*eager.Tensor).And), "Or": two((*eager.Tensor).Or), "Not": one((*eager.Tensor).Not),
	"Xor":   two(func(x, y *eager.Tensor) *eager.Tensor { return x.And(y.Not()).Or(x.Not().And(y)) }),
	"IsNaN": one((*eager.Tensor).IsNaN),
	"IsInf": isInf,
	"Where": func(c *call) *eager.Tensor {
		c.as = c.value(1).t
		return eager.Where(c.x(0), c.x(1), c.x(2))
	},

	"BitShift":   bitShift,
	"BitwiseAnd": bits(func(a, b int) int { return a & b }), "BitwiseOr": bits(func(a, b int) int { return a | b }),
	"BitwiseXor": bits(func(a, b int) int { return a ^ b }),
	"BitwiseNot": func(c *call) *eager.Tensor {
		return whole(c.x(0), scalarOf(eager.Int64, -1), func(a, b int) int { return a ^ b })
	},
}

func compare(f func(x, y *eager.Tensor) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor { return f(c.ordered(0), c.ordered(1)) }
}

func bits(f func(a, b int) int) operator {
	return func(c *call) *eager.Tensor { return whole(c.x(0), c.x(1), f) }
}

// largest is the largest finite number of x's kind.
func largest(x *eager.Tensor) float64 {
	if x.DType() == eager.Float32 {
		return math.MaxFloat32
	}
	return math.MaxFloat64
}

func isInf(c *call) *eager.Tensor {
	x := c.x(0)
	up, down := x.Greater(scalar(x, largest(x))), x.Less(scalar(x, -largest(x)))
	none := x.IsNaN().And(x.IsNaN().Not())
	if c.int("detect_positive", 1) == 0 {
		up = none
	}
	if c.int("detect_negative", 1) == 0 {
		down = none
	}
	return up.Or(down)
}

// bitShift moves the bits of numbers without a sign.
func bitShift(c *call) *eager.Tensor {
	left := false
	switch d := c.text("direction", ""); d {
	case "LEFT":
		left = true
	case "RIGHT":
	default:
		refuse("the direction %q is neither LEFT nor RIGHT", d)
	}
	return whole(c.x(0), c.x(1), func(a, b int) int {
		if left {
			return int(uint64(a) << uint64(b))
		}
		return int(uint64(a) >> uint64(b))
	})
}
