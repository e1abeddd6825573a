package nn

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Linear is an affine map of the last axis: x (...,in) to x@Weight + Bias (...,out).
type Linear struct {
	Weight *eager.Tensor // (in,out)
	Bias   *eager.Tensor // (out), or nil
}

// NewLinear makes a linear layer. Weight and bias are uniform within 1/sqrt(in), as in PyTorch.
func NewLinear(rng *eager.Rand, in, out int) *Linear {
	seeded("NewLinear", rng)
	positive("NewLinear", "in", in)
	positive("NewLinear", "out", out)
	a := 1 / math.Sqrt(float64(in))
	return &Linear{
		Weight: eager.Param("weight", rng.Uniform(-a, a, in, out)),
		Bias:   eager.Param("bias", rng.Uniform(-a, a, out)),
	}
}

// NewLinearNoBias makes a linear layer without a bias. The weight is as in NewLinear.
func NewLinearNoBias(rng *eager.Rand, in, out int) *Linear {
	l := NewLinear(rng, in, out)
	l.Bias = nil
	return l
}

// Forward is x@Weight + Bias. It panics unless the last axis of x is in.
func (l *Linear) Forward(x *eager.Tensor) *eager.Tensor { return x.Linear(l.Weight, l.Bias) }

// Params are weight and bias.
func (l *Linear) Params() []*eager.Tensor { return given(l.Weight, l.Bias) }

// MLP makes a multilayer perceptron: linear layers between the given sizes, with act between them and none after the
// last. MLP(rng, nn.Tanh, 4, 32, 2) takes (n,4) to (n,2).
func MLP(rng *eager.Rand, act func(x *eager.Tensor) *eager.Tensor, sizes ...int) *Seq {
	if len(sizes) < 2 {
		panic(&eager.Error{Op: "MLP", Text: fmt.Sprintf("%d sizes make no layer: want the input's, the output's, and any between", len(sizes))})
	}
	var layers []Layer
	for i := 0; i+1 < len(sizes); i++ {
		if i > 0 {
			layers = append(layers, Func(act))
		}
		layers = append(layers, NewLinear(rng, sizes[i], sizes[i+1]))
	}
	return NewSeq(layers)
}

// Embedding is a table with a row for each of n things: indices (...) to rows (...,size).
type Embedding struct {
	Weight *eager.Tensor // (n,size)
}

// NewEmbedding makes a table of n rows, with standard normal values.
func NewEmbedding(rng *eager.Rand, n, size int) *Embedding {
	seeded("NewEmbedding", rng)
	positive("NewEmbedding", "n", n)
	positive("NewEmbedding", "size", size)
	return &Embedding{eager.Param("weight", rng.Normal(n, size))}
}

// Forward takes indices, an i64 tensor of any shape (...), to their rows (...,size).
func (l *Embedding) Forward(x *eager.Tensor) *eager.Tensor { return l.Weight.Take(0, x) }

// Params is the table.
func (l *Embedding) Params() []*eager.Tensor { return given(l.Weight) }

// given are the tensors that are not nil.
func given(xs ...*eager.Tensor) []*eager.Tensor {
	var out []*eager.Tensor
	for _, x := range xs {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}

// positive panics unless n is 1 or more.
func positive(op, what string, n int) {
	if n < 1 {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("%s is %d: want 1 or more", what, n)})
	}
}

// seeded panics when there is no source of initial values.
func seeded(op string, rng *eager.Rand) {
	if rng == nil {
		panic(&eager.Error{Op: op, Text: "there is no rand to draw from: it is nil", Hint: "give it eager.NewRand(seed)"})
	}
}
