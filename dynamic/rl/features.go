package rl

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// Features makes of states what a network can take: each whole number of a Discrete becomes N numbers, all 0 but a 1 at
// its place; the numbers of a Box stay. It learns nothing.
type Features struct {
	spaces []Space // Box or Discrete
	Size   int     // numbers a state
	Width  int     // numbers of its features
}

// NewFeatures is the layer for the states of a space: a Box, a Discrete, a MultiDiscrete or a Tuple of these.
func NewFeatures(space Space) *Features {
	f := &Features{}
	f.add(space)
	return f
}

func (f *Features) add(space Space) {
	switch s := space.(type) {
	case *Box:
		f.spaces, f.Size, f.Width = append(f.spaces, s), f.Size+s.Size(), f.Width+s.Size()
	case *Discrete:
		f.spaces, f.Size, f.Width = append(f.spaces, s), f.Size+1, f.Width+s.N
	case *MultiDiscrete:
		for i, n := range s.N {
			f.add(&Discrete{N: n, Start: s.Start[i]})
		}
	case *Tuple:
		for _, one := range s.Spaces {
			f.add(one)
		}
	default:
		panic(&eager.Error{Op: "NewFeatures", Text: fmt.Sprintf("the space is %v: wants a Box, a Discrete, a MultiDiscrete or a Tuple of these", space)})
	}
}

// plain tells whether states are their own features.
func (f *Features) plain() bool {
	for _, space := range f.spaces {
		if _, box := space.(*Box); !box {
			return false
		}
	}
	return true
}

// Forward takes states (n,Size) to features (n,Width).
func (f *Features) Forward(x *eager.Tensor) *eager.Tensor {
	if f.plain() {
		return x
	}
	var parts []*eager.Tensor
	at := 0
	for _, space := range f.spaces {
		part := x.Slice(1, at, at+space.Size())
		if at += space.Size(); space.Size() > 0 {
			if d, ok := space.(*Discrete); ok {
				places := eager.Arange(float64(d.Start), float64(d.Start+d.N), 1) // (N)
				part = part.Equal(places).To(x.DType())                           // (n,N)
			}
			parts = append(parts, part)
		}
	}
	return eager.Concat(1, parts)
}

// Params are none.
func (f *Features) Params() []*eager.Tensor { return nil }

// Standardize brings each number of a state to mean 0 and spread 1 by what Learn has seen, and cuts it at -10 and 10:
// stable-baselines3's VecNormalize as a layer, so that it is saved and exported with the policy behind it.
type Standardize struct {
	Mean     *eager.Tensor // (size), 0 at first
	Variance *eager.Tensor // (size), 1 at first

	mean, squares []float64
	count         float64
}

// NewStandardize is a layer for states of size numbers that changes nothing but what is beyond -10 and 10, until Learn.
func NewStandardize(size int) *Standardize {
	return &Standardize{Mean: eager.Zeros(size), Variance: eager.Ones(size), mean: make([]float64, size), squares: make([]float64, size)}
}

// Learn takes in states, n of them in row-major order.
func (s *Standardize) Learn(states []float32, n int) {
	size := len(s.mean)
	if len(states) != n*size {
		panic(&eager.Error{Op: "Standardize.Learn", Text: fmt.Sprintf("%d numbers for %d states: wants %d for each", len(states), n, size)})
	}
	for at := 0; at < len(states); at += size {
		s.count++ // Welford 1962
		for i, x := range states[at : at+size] {
			delta := float64(x) - s.mean[i]
			s.mean[i] += delta / s.count
			s.squares[i] += float64(delta * (float64(x) - s.mean[i]))
		}
	}
	variance := make([]float64, size)
	for i := range variance {
		variance[i] = s.squares[i] / max(1, s.count)
	}
	s.Mean.Assign(eager.New(s.mean, size))
	s.Variance.Assign(eager.New(variance, size))
}

// Forward takes states (n,size) to as many numbers.
func (s *Standardize) Forward(x *eager.Tensor) *eager.Tensor {
	return x.Sub(s.Mean).Div(s.Variance.Shift(varianceFloor).Sqrt()).Clip(-10, 10)
}

// Params are none.
func (s *Standardize) Params() []*eager.Tensor { return nil }

// Buffers are the mean and the variance.
func (s *Standardize) Buffers() []*eager.Tensor { return []*eager.Tensor{s.Mean, s.Variance} }

// Gaussian is a policy over the numbers of a Box: a network gives the means, and the logarithms of the standard
// deviations are parameters, the same in every state.
type Gaussian struct {
	Mean   nn.Layer      // states (n,size) to (n,k)
	LogStd *eager.Tensor // (k)
}

// Forward takes states (n,size) to means and after them logarithms of standard deviations, (n,2k).
func (g *Gaussian) Forward(x *eager.Tensor) *eager.Tensor {
	mean := g.Mean.Forward(x)
	return eager.Concat(1, []*eager.Tensor{mean, g.LogStd.Expand(mean.Shape()...)})
}

// Params are those of the means and LogStd.
func (g *Gaussian) Params() []*eager.Tensor { return append(g.Mean.Params(), g.LogStd) }

// orthogonal is a multilayer perceptron as policy gradients begin with it: tanh between the layers, orthogonal weights
// of gain √2, of another gain in the last layer, and biases 0 (Engstrom et al. 2020; Andrychowicz et al. 2021).
func orthogonal(random *eager.Rand, gain float64, sizes ...int) *nn.Seq {
	net := nn.MLP(random, nn.Tanh, sizes...)
	last := net.Layers[len(net.Layers)-1]
	for _, layer := range net.Layers {
		linear, ok := layer.(*nn.Linear)
		if !ok {
			continue
		}
		g := math.Sqrt2
		if layer == last {
			g = gain
		}
		linear.Weight.Assign(nn.Orthogonal(random, g, linear.Weight.Shape()...))
		linear.Bias.Assign(eager.ZerosLike(linear.Bias))
	}
	return net
}
