package nn

import "github.com/tapir-go/tapir/eager"

// The activations are functions, so that they can be passed to MLP and Func.

// Identity is x.
func Identity(x *eager.Tensor) *eager.Tensor { return x }

// Relu is max(x,0).
func Relu(x *eager.Tensor) *eager.Tensor { return x.Relu() }

// LeakyRelu is x, or 0.01*x below 0. Leaky makes it with other slopes.
func LeakyRelu(x *eager.Tensor) *eager.Tensor { return x.LeakyRelu(0.01) }

// Leaky gives the function that is x, or slope*x below 0. GANs use slope 0.2.
func Leaky(slope float64) func(x *eager.Tensor) *eager.Tensor {
	return func(x *eager.Tensor) *eager.Tensor { return x.LeakyRelu(slope) }
}

// Elu is x, or exp(x)-1 below 0 (Clevert et al. 2015).
func Elu(x *eager.Tensor) *eager.Tensor { return x.Elu(1) }

// Gelu is x times the normal distribution function of x (Hendrycks and Gimpel 2016).
func Gelu(x *eager.Tensor) *eager.Tensor { return x.Gelu() }

// GeluTanh is the approximation of Gelu by the hyperbolic tangent, as GPT-2 has it.
func GeluTanh(x *eager.Tensor) *eager.Tensor { return x.GeluTanh() }

// Silu is x*sigmoid(x), also called swish.
func Silu(x *eager.Tensor) *eager.Tensor { return x.Silu() }

// Softplus is log(1+exp(x)).
func Softplus(x *eager.Tensor) *eager.Tensor { return x.Softplus() }

// Sigmoid is 1/(1+exp(-x)).
func Sigmoid(x *eager.Tensor) *eager.Tensor { return x.Sigmoid() }

// Tanh is the hyperbolic tangent.
func Tanh(x *eager.Tensor) *eager.Tensor { return x.Tanh() }

// Softmax makes the last axis of x probabilities: exp(x), divided by their sum.
func Softmax(x *eager.Tensor) *eager.Tensor { return x.Softmax(-1) }

// LogSoftmax is the logarithm of Softmax.
func LogSoftmax(x *eager.Tensor) *eager.Tensor { return x.LogSoftmax(-1) }
