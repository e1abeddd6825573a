// Package gan has the parts of generative adversarial networks: losses, gradient penalties, a distance between features,
// and mixtures of Gaussians that tell how many modes a generator covers.
//
// A generator turns noise into samples; a discriminator, or critic, scores samples (n,1), high for real ones. Both are
// any functions on tensors, such as the Forward of a layer. The training loop is the reader's own, a dozen lines; see
// the examples of GradientPenalty and LogisticG.
//
// # Decisions
//
// 2026-11-23: A mode counts as covered when at least a tenth of its fair share of the samples lies within three sigmas
// of its centre. Papers often ask for a single sample (VEEGAN, Srivastava et al. 2017), which one stray of 2,500 meets.
//
// 2026-11-23: The average of a generator's weights over its last steps is not here: it is nn.Blend(average, generator,
// 0.01) after each step.
//
// 2026-11-26: Frechet takes the root of the product of covariances from a symmetric matrix with the same eigenvalues, so
// that covariances without full rank need no shift of their diagonal and no number is complex. A negative distance is
// rounding and becomes 0.
package gan
