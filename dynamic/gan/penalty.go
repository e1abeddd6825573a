package gan

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// GradientPenalty is mean((|slope|-1)²), where slope is the gradient of the critic's score by its input, at points drawn
// uniformly on the lines between each real sample and the fake one beside it; a scalar that can be differentiated by
// the critic's parameters. Added to WassersteinD with a weight (0.1 for data in the plane, 10 for images) it keeps the
// critic's slope near 1 (WGAN-GP: Gulrajani et al. 2017, equation 3).
//
// real and fake are (n,...) of one shape; gradients through either are cut. critic must score each sample by itself,
// without batch normalisation. Shapes that differ and a critic that does not depend on its input are errors.
func GradientPenalty(critic func(x *eager.Tensor) *eager.Tensor, real, fake *eager.Tensor, random *eager.Rand) *eager.Tensor {
	shape := real.Shape()
	if shape.String() != fake.Shape().String() || len(shape) == 0 {
		panic(&eager.Error{Op: "GradientPenalty", Text: fmt.Sprintf("real is %v, fake is %v: wants (n,...) of one shape", shape, fake.Shape())})
	}
	weights := make([]int, len(shape)) // (n,1,...)
	for i := range weights {
		weights[i] = 1
	}
	weights[0] = shape[0]
	var between *eager.Tensor
	eager.NoGrad(func() {
		between = fake.Add(random.Uniform(0, 1, weights...).To(real.DType()).Mul(real.Sub(fake)))
	})
	return squares(critic, between).Shift(1e-12).Sqrt().Shift(-1).Square().Mean()
}

// R1 is mean(|slope|²) of the discriminator's score at the real samples (n,...); half of it with a weight (0.1 to 10)
// added to LogisticD makes its training converge (Mescheder et al. 2018, equation 9).
func R1(discriminator func(x *eager.Tensor) *eager.Tensor, real *eager.Tensor) *eager.Tensor {
	return squares(discriminator, real).Mean()
}

// squares are the squared lengths (n,1) of the slopes of the scores at x, recorded for gradients.
func squares(score func(x *eager.Tensor) *eager.Tensor, x *eager.Tensor) *eager.Tensor {
	at := eager.Param("point", x.Detach())
	slope := eager.GradGraph(score(at).Sum(), at)[0]
	return slope.Reshape(at.Dim(0), -1).Square().Sum(1)
}
