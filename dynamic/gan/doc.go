// Package gan has generative models and what tells how good they are. Adversarial ones: losses, gradient penalties, spectral
// normalisation, weight clipping, the game of two networks and two optimisers, networks for images, labels. Others: a
// variational autoencoder, diffusion and flow matching. Measures: modes of a mixture that are covered and the share of
// samples that lie well, the Fréchet distance of features (FID-LeNet), an alarm for collapse, memorised samples.
//
// A generator turns noise into samples; a discriminator, or critic, scores samples (n,1), high for real ones. Both are
// any layers, or any functions on tensors. A Game makes rounds of training; the loop can as well be the reader's own, a
// dozen lines: see the examples of GradientPenalty and LogisticG.
//
// The trainings that take minutes, with their scores, are tests: go test ./dynamic/gan -run Long -v -long.
//
// # Decisions
//
// 2026-11-23: A mode counts as covered when at least a tenth of its fair share of the samples lies within three sigmas
// of its centre. Papers often ask for a single sample (VEEGAN, Srivastava et al. 2017), which one stray of 2,500 meets.
//
// 2026-11-26: Frechet takes the root of the product of covariances from a symmetric matrix with the same eigenvalues, so
// that covariances without full rank need no shift of their diagonal and no number is complex. A negative distance is
// rounding and becomes 0.
//
// 2026-11-26: An Average belongs to parameters and not to a layer, so that it serves denoisers too, and it stands in place of
// the parameters while a function runs, so that no second network has to be made. Running statistics of batch
// normalisation are not averaged.
//
// 2026-11-26: The alarm compares distances of nearest neighbours in both directions, so it needs no modes, and tells a
// generator that makes good samples of one kind from one that does not make good samples yet.
//
// 2026-11-26: A Denoiser is told a time of 0 to 1 and not a step, so that one network serves diffusion of any number of steps
// and flow matching.
package gan
