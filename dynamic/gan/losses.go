package gan

import "github.com/tapir-go/tapir/eager"

// A name that ends in D is the loss of the discriminator or critic, one that ends in G that of the generator. All take
// scores of any one shape, mostly (n,1), before any sigmoid, and give a scalar to minimise.

// LogisticD is the discriminator's loss of the first GAN: the cross entropy of telling real from fake,
// mean(softplus(-real)) + mean(softplus(fake)); ln 4 when it cannot tell (Goodfellow et al. 2014, equation 1).
func LogisticD(real, fake *eager.Tensor) *eager.Tensor {
	return real.Neg().Softplus().Mean().Add(fake.Softplus().Mean())
}

// LogisticG is the non-saturating loss of the generator, mean(softplus(-fake)) = -mean(ln D): its gradient is steep
// where the discriminator is sure that a sample is fake (Goodfellow et al. 2014, section 3).
func LogisticG(fake *eager.Tensor) *eager.Tensor { return fake.Neg().Softplus().Mean() }

// SaturatingG is the generator's loss of the minimax game itself, -mean(softplus(fake)) = mean(ln(1-D)). Its gradient
// vanishes where the discriminator is sure that a sample is fake: it is here to be compared with LogisticG.
func SaturatingG(fake *eager.Tensor) *eager.Tensor { return fake.Softplus().Mean().Neg() }

// WassersteinD is the critic's loss, mean(fake) - mean(real): less the estimate of the distance by which the samples
// would have to be moved. It means something only for a critic whose slope is bounded: add a GradientPenalty (Arjovsky
// et al. 2017).
func WassersteinD(real, fake *eager.Tensor) *eager.Tensor { return fake.Mean().Sub(real.Mean()) }

// WassersteinG is the generator's loss against such a critic, -mean(fake).
func WassersteinG(fake *eager.Tensor) *eager.Tensor { return fake.Mean().Neg() }

// HingeD is mean(relu(1-real)) + mean(relu(1+fake)): only samples that are not yet told apart by a margin count (Lim
// and Ye 2017; Miyato et al. 2018). The generator's loss beside it is WassersteinG.
func HingeD(real, fake *eager.Tensor) *eager.Tensor {
	return real.Neg().Shift(1).Relu().Mean().Add(fake.Shift(1).Relu().Mean())
}
