package nn

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// BatchNorm brings each channel to mean 0 and variance 1 over the batch and all positions, then scales and shifts it
// (Ioffe and Szegedy 2015). x is (n,c) or (n,c,...); the result has its shape. While training it uses the statistics of
// the batch and keeps running ones, which it uses when Training is off.
type BatchNorm struct {
	Weight            *eager.Tensor // (c), 1 at first
	Bias              *eager.Tensor // (c), 0 at first
	RunningMean       *eager.Tensor // (c), 0 at first
	RunningVar        *eager.Tensor // (c), 1 at first; the unbiased variance, as in PyTorch
	NumBatchesTracked *eager.Tensor // (), i64: batches seen while training; the name is PyTorch's
	Momentum          float64       // the weight of a new batch in the running statistics, 0.1
	Eps               float64       // added to the variance, 1e-5
	Training          bool
}

// NewBatchNorm makes a layer for c channels, in training mode.
func NewBatchNorm(c int) *BatchNorm {
	positive("NewBatchNorm", "c", c)
	return &BatchNorm{
		Weight:            eager.Param("weight", eager.Ones(c)),
		Bias:              eager.Param("bias", eager.Zeros(c)),
		RunningMean:       eager.Zeros(c).SetName("running_mean"),
		RunningVar:        eager.Ones(c).SetName("running_var"),
		NumBatchesTracked: eager.ZerosOf(eager.Int64).SetName("num_batches_tracked"),
		Momentum:          0.1,
		Eps:               1e-5,
		Training:          true,
	}
}

// Forward normalises x (n,c,...). It panics unless axis 1 has c entries, or when the batch has only one number a
// channel to train on.
func (l *BatchNorm) Forward(x *eager.Tensor) *eager.Tensor {
	c := l.Weight.Size()
	if x.Rank() < 2 || x.Dim(1) != c {
		panic(&eager.Error{Op: "BatchNorm", Text: fmt.Sprintf("cannot normalise %v: want (n,%d) or (n,%d,...)", x.Shape(), c, c)})
	}
	if !l.Training {
		return x.BatchNormWith(l.Weight, l.Bias, l.RunningMean, l.RunningVar, l.Eps)
	}
	count := x.Size() / max(c, 1)
	if count < 2 {
		panic(&eager.Error{Op: "BatchNorm", Text: fmt.Sprintf("a batch of shape %v has one number a channel: its variance is 0", x.Shape()),
			Hint: "train on larger batches, or call nn.Eval"})
	}
	y, mean, variance := x.BatchNorm(l.Weight, l.Bias, l.Eps)
	if eager.Recomputing() {
		return y
	}
	eager.NoGrad(func() {
		blend := func(running, now *eager.Tensor) {
			running.Assign(running.Scale(1 - l.Momentum).Add(now.Scale(l.Momentum)))
		}
		blend(l.RunningMean, mean)
		blend(l.RunningVar, variance.Scale(float64(count)/float64(count-1)))
		l.NumBatchesTracked.Assign(l.NumBatchesTracked.Add(eager.FromInts([]int{1})))
	})
	return y
}

// Params are weight and bias.
func (l *BatchNorm) Params() []*eager.Tensor { return given(l.Weight, l.Bias) }

// Buffers are the running statistics.
func (l *BatchNorm) Buffers() []*eager.Tensor {
	return given(l.RunningMean, l.RunningVar, l.NumBatchesTracked)
}

// LayerNorm brings the last axes of each example to mean 0 and variance 1, then scales and shifts them (Ba, Kiros and
// Hinton 2016). x is (...,k); the result has its shape. It does the same in training and out of it.
type LayerNorm struct {
	Weight *eager.Tensor // of the shape that is normalised, 1 at first
	Bias   *eager.Tensor // of the shape that is normalised, 0 at first
	Eps    float64       // added to the variance, 1e-5
}

// NewLayerNorm makes a layer that normalises over last axes of that shape.
func NewLayerNorm(shape ...int) *LayerNorm {
	normShape("NewLayerNorm", shape)
	return &LayerNorm{
		Weight: eager.Param("weight", eager.Ones(shape...)),
		Bias:   eager.Param("bias", eager.Zeros(shape...)),
		Eps:    1e-5,
	}
}

// Forward normalises x. It panics unless its last axes have the shape of the weight.
func (l *LayerNorm) Forward(x *eager.Tensor) *eager.Tensor {
	return x.LayerNorm(l.Weight, l.Bias, l.Eps)
}

// Params are weight and bias.
func (l *LayerNorm) Params() []*eager.Tensor { return given(l.Weight, l.Bias) }

// RMSNorm divides the last axes of each example by the root of their mean square, then scales them (Zhang and Sennrich
// 2019). x is (...,k); the result has its shape. It does the same in training and out of it.
type RMSNorm struct {
	Weight *eager.Tensor // of the shape that is normalised, 1 at first
	Eps    float64       // added to the mean square, 1e-5
}

// NewRMSNorm makes a layer that normalises over last axes of that shape.
func NewRMSNorm(shape ...int) *RMSNorm {
	return &RMSNorm{Weight: eager.Param("weight", eager.Ones(normShape("NewRMSNorm", shape)...)), Eps: 1e-5}
}

// Forward normalises x. It panics unless its last axes have the shape of the weight.
func (l *RMSNorm) Forward(x *eager.Tensor) *eager.Tensor { return x.RMSNorm(l.Weight, l.Eps) }

// Params is the weight.
func (l *RMSNorm) Params() []*eager.Tensor { return given(l.Weight) }

// normShape refuses shapes that have nothing to normalise.
func normShape(op string, shape []int) []int {
	positive(op, "the number of axes", len(shape))
	for _, n := range shape {
		positive(op, "an axis", n)
	}
	return shape
}

// Dropout sets each number to 0 with probability P while training and scales the others by 1/(1-P), so that the mean
// stays (Srivastava et al. 2014). With Training off it changes nothing.
type Dropout struct {
	P        float64
	Training bool
	Rand     *eager.Rand // draws the numbers that are dropped
}

// NewDropout makes a layer that drops with probability p, 0 or more and below 1, in training mode. It draws from a
// stream of its own that is split off rng: equal seeds drop equally.
func NewDropout(rng *eager.Rand, p float64) *Dropout {
	seeded("NewDropout", rng)
	if !(p >= 0 && p < 1) {
		panic(&eager.Error{Op: "NewDropout", Text: fmt.Sprintf("cannot drop with probability %v: want 0 or more and below 1", p)})
	}
	return &Dropout{P: p, Training: true, Rand: rng.Split()}
}

// Forward drops numbers of x, of any shape.
func (l *Dropout) Forward(x *eager.Tensor) *eager.Tensor {
	if !l.Training || l.P == 0 {
		return x
	}
	kept := l.Rand.Bernoulli(1-l.P, x.Shape()...)
	return x.Mul(kept.Scale(1 / (1 - l.P)).To(x.DType()))
}

// Params are none.
func (*Dropout) Params() []*eager.Tensor { return nil }
