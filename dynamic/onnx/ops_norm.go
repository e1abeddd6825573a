package onnx

import (
	"slices"

	"github.com/tapir-go/tapir/eager"
)

var norms = map[string]operator{
	"BatchNormalization":        batchNorm,
	"LayerNormalization":        layerNorm,
	"InstanceNormalization":     instanceNorm,
	"GroupNormalization":        groupNorm,
	"MeanVarianceNormalization": meanVariance,
	"LpNormalization":           lpNorm,
	"LRN":                       localNorm,
	"LSTM":                      lstm,
	"GRU":                       gru,
	"RNN":                       rnn,
}

// layerNorm normalises the axes from axis on; its other results are the mean and one over the deviation.
func layerNorm(c *call) *eager.Tensor {
	x, w := c.x(0), c.x(1)
	a := axis(c.int("axis", -1), x.Rank())
	b, eps := c.optional(2), c.float("epsilon", 1e-5)
	if len(c.node.Out) == 1 && slices.Equal(w.Shape(), x.Shape()[a:]) {
		if b == nil {
			b = eager.ZerosLike(w)
		}
		if slices.Equal(b.Shape(), w.Shape()) {
			return x.LayerNorm(w, b, eps)
		}
	}
	y, mean, inverse := normalised(x, every(x)[a:], eps)
	y = y.Mul(w)
	if b != nil {
		y = y.Add(b)
	}
	c.more(plain(mean), plain(inverse))
	return y
}

// normalised brings the numbers along axes to mean 0 and variance 1.
func normalised(x *eager.Tensor, axes []int, eps float64) (y, mean, inverse *eager.Tensor) {
	mean = x.Mean(axes...)
	d := x.Sub(mean)
	inverse = d.Square().Mean(axes...).Shift(eps).Sqrt().Reciprocal()
	return d.Mul(inverse), mean, inverse
}

// batchNorm normalises channels with given statistics or, in training, with those of the batch, and then has two more
// results: the given ones moved towards those of the batch.
func batchNorm(c *call) *eager.Tensor {
	x, w, b, mean, variance, eps := c.x(0), c.x(1), c.x(2), c.x(3), c.x(4), c.float("epsilon", 1e-5)
	if c.int("training_mode", 0) == 0 {
		if c.env.opset < 9 && c.int("spatial", 1) == 0 {
			refuse("statistics of each place (spatial 0) are not supported")
		}
		return x.BatchNormWith(w, b, mean, variance, eps)
	}
	y, m, v := x.BatchNorm(w, b, eps)
	keep := c.float("momentum", 0.9)
	moved := func(old, now *eager.Tensor) *eager.Tensor { return old.Scale(keep).Add(now.Scale(1 - keep)) }
	c.more(plain(moved(mean, m)), plain(moved(variance, v)))
	return y
}

func instanceNorm(c *call) *eager.Tensor {
	x, w, b := c.x(0), c.x(1), c.x(2)
	y, _, _ := normalised(x, positions(x), c.float("epsilon", 1e-5))
	return y.Mul(byChannel(w, x.Rank())).Add(byChannel(b, x.Rank()))
}

// groupNorm has a weight for each channel, before version 21 for each group.
func groupNorm(c *call) *eager.Tensor {
	x, w, b, groups := c.x(0), c.x(1), c.x(2), c.int("num_groups", 0)
	if x.Rank() < 2 || groups < 1 || x.Dim(1)%groups != 0 {
		refuse("%d groups of %v", groups, x.Shape())
	}
	y, _, _ := normalised(x.Reshape(x.Dim(0), groups, -1), []int{2}, c.float("epsilon", 1e-5))
	if w.Size() == groups && groups != x.Dim(1) {
		return y.Mul(byChannel(w, 3)).Add(byChannel(b, 3)).Reshape(x.Shape()...)
	}
	return y.Reshape(x.Shape()...).Mul(byChannel(w, x.Rank())).Add(byChannel(b, x.Rank()))
}

func meanVariance(c *call) *eager.Tensor {
	x, axes := c.x(0), c.ints("axes")
	if axes == nil {
		axes = []int{0, 2, 3}
	}
	d := x.Sub(x.Mean(axesOf(axes, x.Rank())...))
	deviation := d.Square().Mean(axesOf(axes, x.Rank())...).Sqrt()
	return d.Div(deviation.Shift(1e-9))
}

func lpNorm(c *call) *eager.Tensor {
	x := c.x(0)
	a := axis(c.int("axis", -1), x.Rank())
	if c.int("p", 2) == 1 {
		return x.Div(x.Abs().Sum(a))
	}
	return x.Div(x.Square().Sum(a).Sqrt())
}

// localNorm divides by the squares of the channels around each.
func localNorm(c *call) *eager.Tensor {
	x, n := c.x(0), c.int("size", 0)
	if x.Rank() < 2 || n < 1 || n > 2*x.Dim(1) {
		refuse("%d channels of %v", n, x.Shape())
	}
	before := (n - 1) / 2
	padded := x.Square().Pad(1, before, n-1-before)
	sum := padded.Slice(1, 0, x.Dim(1))
	for i := 1; i < n; i++ {
		sum = sum.Add(padded.Slice(1, i, i+x.Dim(1)))
	}
	base := sum.Scale(c.float("alpha", 0.0001) / float64(n)).Shift(c.float("bias", 1))
	return x.Div(base.PowScalar(c.float("beta", 0.75)))
}
