package gan

import (
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// VAE is a variational autoencoder of what has numbers of 0 to 1, such as images in black and white (Kingma and Welling
// 2014): an encoder says where in a space of few dimensions a sample may come from, a decoder what comes from there.
type VAE struct {
	Encoder, Decoder *nn.Seq
	Size             int // dimensions of the space between
}

// NewVAE makes one for rows of inputs numbers, with one hidden layer each way; size 2 to 20 does for digits.
func NewVAE(random *eager.Rand, inputs, hidden, size int) *VAE {
	return &VAE{nn.MLP(random, nn.Relu, inputs, hidden, 2*size), nn.MLP(random, nn.Relu, size, hidden, inputs), size}
}

// Encode gives mean and logarithm of the variance, (n,size) each, of where rows x (n,inputs) may come from.
func (v *VAE) Encode(x *eager.Tensor) (mean, logVar *eager.Tensor) {
	parts := v.Encoder.Forward(x).Split(1, 2)
	return parts[0], parts[1]
}

// Loss is the negative bound on the log likelihood of rows x (n,inputs), in nats for a row: the cross entropy of what is
// decoded from one draw for each row, and the Kullback-Leibler divergence of the draws from a standard normal distribution
// (Kingma and Welling, equation 10).
func (v *VAE) Loss(x *eager.Tensor, random *eager.Rand) *eager.Tensor {
	n := float64(x.Dim(0))
	mean, logVar := v.Encode(x)
	z := mean.Add(logVar.Scale(0.5).Exp().Mul(random.Normal(mean.Shape()...)))
	wrong := nn.BCEWithLogits(v.Decoder.Forward(z), x).Scale(float64(x.Dim(1)))
	divergence := mean.Square().Add(logVar.Exp()).Sub(logVar).Shift(-1).Sum().Scale(0.5 / n)
	return wrong.Add(divergence)
}

// Sample decodes n draws from the standard normal distribution: the probabilities of ones, (n,inputs).
func (v *VAE) Sample(n int, random *eager.Rand) *eager.Tensor {
	return Sample(v.Decoder.Forward, n, v.Size, random).Sigmoid()
}

// Params are those of encoder and decoder.
func (v *VAE) Params() []*eager.Tensor { return append(v.Encoder.Params(), v.Decoder.Params()...) }
