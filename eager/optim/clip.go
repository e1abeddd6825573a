package optim

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Norm is the Euclidean norm of all gradients together. Those that are nil count nothing.
func Norm(grads []*eager.Tensor) float64 {
	sum := 0.0
	eager.NoGrad(func() {
		for _, g := range grads {
			if g != nil {
				n := g.Norm().Item()
				sum += n * n
			}
		}
	})
	return math.Sqrt(sum)
}

// ClipNorm scales all gradients by one factor so that their Norm is at most limit (Pascanu et al. 2013; PyTorch,
// clip_grad_norm_). Below limit it returns them as they are.
func ClipNorm(grads []*eager.Tensor, limit float64) []*eager.Tensor {
	checkLimit("ClipNorm", limit)
	factor := limit / (Norm(grads) + 1e-6)
	if !(factor < 1) {
		return grads
	}
	return each(grads, func(g *eager.Tensor) *eager.Tensor { return g.Scale(factor) })
}

// ClipValue brings each number of the gradients within -limit and limit (PyTorch, clip_grad_value_).
func ClipValue(grads []*eager.Tensor, limit float64) []*eager.Tensor {
	checkLimit("ClipValue", limit)
	return each(grads, func(g *eager.Tensor) *eager.Tensor { return g.Clip(-limit, limit) })
}

// ClipGrad is ClipNorm for the gradients that Backward left in the parameters; it returns their norm before.
func ClipGrad(params []*eager.Tensor, limit float64) float64 {
	grads := make([]*eager.Tensor, len(params))
	for i, p := range params {
		grads[i] = p.Grad()
	}
	norm := Norm(grads)
	for i, g := range ClipNorm(grads, limit) {
		params[i].SetGrad(g)
	}
	return norm
}

func each(grads []*eager.Tensor, f func(g *eager.Tensor) *eager.Tensor) []*eager.Tensor {
	out := make([]*eager.Tensor, len(grads))
	eager.NoGrad(func() {
		for i, g := range grads {
			if g != nil {
				out[i] = f(g)
			}
		}
	})
	return out
}

func checkLimit(op string, limit float64) {
	if !(limit > 0) {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("cannot clip to %v: want more than 0", limit)})
	}
}
