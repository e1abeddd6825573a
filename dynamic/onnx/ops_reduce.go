package onnx

import (
	"github.com/tapir-go/tapir/eager"
)

var reductions = map[string]operator{
	"ReduceSum":       reduce((*eager.Tensor).Sum),
	"ReduceMean":      reduce(mean),
	"ReduceMax":       reduce((*eager.Tensor).Max),
	"ReduceMin":       reduce((*eager.Tensor).Min),
	"ReduceProd":      reduce((*eager.Tensor).Prod),
	"ReduceSumSquare": reduce(func(x *eager.Tensor, axes ...int) *eager.Tensor { return x.Square().Sum(axes...) }),
	"ReduceL1":        reduce(func(x *eager.Tensor, axes ...int) *eager.Tensor { return absolute(x).Sum(axes...) }),
	"ReduceL2":        reduce(func(x *eager.Tensor, axes ...int) *eager.Tensor { return x.Square().Sum(axes...).Sqrt() }),
	"ReduceLogSum":    reduce(func(x *eager.Tensor, axes ...int) *eager.Tensor { return x.Sum(axes...).Log() }),
	"ReduceLogSumExp": reduce(logSumExp),
	"ArgMax":          argOf((*eager.Tensor).ArgMax),
	"ArgMin":          argOf((*eager.Tensor).ArgMin),
	"TopK":            topK,
	"CumSum":          cumSum,
	"Softmax":         coerced((*eager.Tensor).Softmax),
	"LogSoftmax":      coerced((*eager.Tensor).LogSoftmax),
	"Hardmax":         coerced(hardmax),
}

// reduce is a reduction whose axes are its second input or an attribute; without any it is over all axes, or over none
// with noop_with_empty_axes.
func reduce(f func(x *eager.Tensor, axes ...int) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor {
		x, axes := c.x(0), c.list(1, "axes")
		if x.DType() == eager.Uint8 || x.DType() == eager.Bool {
			if x.DType() == eager.Bool {
				c.as = Bool
			}
			x = wide(x)
		}
		if len(axes) == 0 {
			if c.int("noop_with_empty_axes", 0) != 0 {
				return c.x(0)
			}
			axes = every(x)
		}
		axes = axesOf(axes, x.Rank())
		y := x
		if len(axes) > 0 {
			y = f(x, axes...)
		} else if x.Rank() == 0 {
			y = f(x.Unsqueeze(0), 0).Squeeze(0)
		}
		if c.as == Bool {
			y = y.To(eager.Bool)
		}
		if c.int("keepdims", 1) == 0 {
			y = drop(y, axes)
		}
		return y
	}
}

// every is all axes of x.
func every(x *eager.Tensor) []int {
	axes := make([]int, x.Rank())
	for i := range axes {
		axes[i] = i
	}
	return axes
}

func mean(x *eager.Tensor, axes ...int) *eager.Tensor {
	if x.DType().IsFloat() {
		return x.Mean(axes...)
	}
	n := 1
	for _, a := range axes {
		n *= x.Dim(a)
	}
	return whole(x.Sum(axes...), scalarOf(eager.Int64, float64(max(n, 1))), func(a, b int) int { return a / b })
}

// logSumExp takes the largest number out of the sum, unless that is infinite.
func logSumExp(x *eager.Tensor, axes ...int) *eager.Tensor {
	if len(axes) == 1 {
		return x.LogSumExp(axes[0])
	}
	top := x.Max(axes...).Detach()
	top = eager.Where(top.Abs().LessEqual(scalar(x, largest(x))), top, scalar(x, 0))
	return x.Sub(top).Exp().Sum(axes...).Log().Add(top)
}

func argOf(f func(x *eager.Tensor, axis int) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor {
		c.as = Int64
		x := c.ordered(0)
		a := axis(c.int("axis", 0), x.Rank())
		var y *eager.Tensor
		if c.int("select_last_index", 0) != 0 {
			y = f(x.Flip(a), a).Neg().Shift(float64(x.Dim(a) - 1))
		} else {
			y = f(x, a)
		}
		if c.int("keepdims", 1) == 0 {
			y = y.Squeeze(a)
		}
		return y
	}
}

// topK has two results, the values and the indices.
func topK(c *call) *eager.Tensor {
	x := wide(c.ordered(0))
	a := axis(c.int("axis", -1), x.Rank())
	k := 0
	if c.env.opset < 10 {
		k = c.int("k", 0)
	} else {
		k = int(c.number(1, 0))
	}
	least := c.int("largest", 1) == 0
	if least {
		x = x.Neg()
	}
	values, which := x.Transpose(swapped(x.Rank(), a)...).TopK(k)
	if least {
		values = values.Neg()
	}
	c.more(of(which.Transpose(swapped(x.Rank(), a)...), Int64))
	return values.Transpose(swapped(x.Rank(), a)...)
}

// swapped is the permutation that exchanges an axis with the last one.
func swapped(rank, a int) []int {
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = i
	}
	perm[a], perm[rank-1] = rank-1, a
	return perm
}

func cumSum(c *call) *eager.Tensor {
	x := wide(c.x(0))
	a := axis(int(c.number(1, 0)), x.Rank())
	reverse := c.int("reverse", 0) != 0
	if reverse {
		x = x.Flip(a)
	}
	y := x.CumSum(a)
	if c.int("exclusive", 0) != 0 {
		y = y.Pad(a, 1, 0).Slice(a, 0, x.Dim(a))
	}
	if reverse {
		y = y.Flip(a)
	}
	return y
}

// coerced applies f along an axis; before version 13 along all axes from that one on.
func coerced(f func(x *eager.Tensor, axis int) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor {
		x := c.x(0)
		if c.env.opset >= 13 {
			return f(x, axis(c.int("axis", -1), x.Rank()))
		}
		return f(flat(x, c.int("axis", 1)), 1).Reshape(x.Shape()...)
	}
}

// flat is x as a matrix: the axes before a, and those from a on.
func flat(x *eager.Tensor, a int) *eager.Tensor {
	if a != x.Rank() {
		a = axis(a, x.Rank())
	}
	rows, columns := 1, 1
	for i, d := range x.Shape() {
		if i < a {
			rows *= d
		} else {
			columns *= d
		}
	}
	return x.Reshape(rows, columns)
}

// hardmax is 1 at the first largest number, else 0.
func hardmax(x *eager.Tensor, a int) *eager.Tensor {
	shape := make([]int, x.Rank())
	for i := range shape {
		shape[i] = 1
	}
	shape[a] = x.Dim(a)
	places := make([]int, x.Dim(a))
	for i := range places {
		places[i] = i
	}
	return x.ArgMax(a).Equal(eager.FromInts(places, shape...)).To(x.DType())
}
