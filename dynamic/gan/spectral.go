package gan

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// Spectral is a linear or convolutional layer whose weight is divided by its largest singular value, so that no input
// grows by more than itself: a critic of such layers and of activations with slopes up to 1 has a slope of at most 1
// (Miyato et al. 2018, algorithm 1). A convolution's weight (out,in,k,k) counts as the matrix (out,in k k). The singular
// value comes from one step of the power method a call, which goes on from the call before; gradients flow through the
// value, not through the vectors. In Eval the vectors stay.
type Spectral struct {
	Linear   *nn.Linear // one of the two
	Conv     *nn.Conv2d
	Left     *eager.Tensor // (rows,1), of length 1: what the power method has come to
	Training bool
}

// NewSpectral wraps an *nn.Linear or *nn.Conv2d, in training mode. Any other layer is an error.
func NewSpectral(layer nn.Layer, random *eager.Rand) *Spectral {
	s := &Spectral{Training: true}
	switch l := layer.(type) {
	case *nn.Linear:
		s.Linear = l
	case *nn.Conv2d:
		s.Conv = l
	default:
		panic(&eager.Error{Op: "NewSpectral", Text: fmt.Sprintf("a layer of type %T: wants *nn.Linear or *nn.Conv2d", layer)})
	}
	s.Left = eager.Keep(unit(random.Normal(s.matrix().Dim(0), 1))).SetName("left")
	for range 10 { // so that the first value is near the true one
		s.step()
	}
	return s
}

func (s *Spectral) matrix() *eager.Tensor {
	if s.Linear != nil {
		return s.Linear.Weight
	}
	return s.Conv.Weight.Flatten(1)
}

// step moves Left on, and returns the vector of the other side (columns,1).
func (s *Spectral) step() (right *eager.Tensor) {
	eager.NoGrad(func() {
		w := s.matrix()
		right = unit(w.T().MatMul(s.Left))
		if s.Training && !eager.Recomputing() {
			s.Left.Assign(unit(w.MatMul(right)))
		}
	})
	return right
}

func unit(x *eager.Tensor) *eager.Tensor { return x.Div(x.Norm().Shift(1e-12)) }

// Forward is the layer with its weight divided by the value.
func (s *Spectral) Forward(x *eager.Tensor) *eager.Tensor {
	right := s.step()
	sigma := s.Left.Clone().T().MatMul(s.matrix()).MatMul(right).Reshape()
	if s.Linear != nil {
		return x.Linear(s.Linear.Weight.Div(sigma), s.Linear.Bias)
	}
	return x.Conv2dWith(s.Conv.Weight.Div(sigma), s.Conv.Bias, s.Conv.Options)
}

// Params are those of the layer.
func (s *Spectral) Params() []*eager.Tensor {
	if s.Linear != nil {
		return s.Linear.Params()
	}
	return s.Conv.Params()
}

// Buffers is Left.
func (s *Spectral) Buffers() []*eager.Tensor { return []*eager.Tensor{s.Left} }

// SpectralMLP is nn.MLP with Spectral layers.
func SpectralMLP(random *eager.Rand, act func(x *eager.Tensor) *eager.Tensor, sizes ...int) *nn.Seq {
	net := nn.MLP(random, act, sizes...)
	for i, l := range net.Layers {
		if l, ok := l.(*nn.Linear); ok {
			net.Layers[i] = NewSpectral(l, random)
		}
	}
	return net
}
