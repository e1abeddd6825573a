package gan_test

import (
	"fmt"

	"github.com/tapir-go/tapir/dynamic/gan"
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// WGAN-GP, Gulrajani et al. 2017, for points on a ring of eight modes. With a layer more, batches of 256 and 2000 steps,
// nine of ten samples lie within three sigmas even of modes with sigma 0.02.
func Example() {
	random := eager.NewRand(1)
	ring := gan.Ring(8, 2, 0.2)
	generator, critic := nn.MLP(random, nn.Relu, 2, 64, 64, 2), nn.MLP(random, nn.Relu, 2, 64, 64, 1)
	optG, optC := optim.NewAdam(generator.Params(), 0.003), optim.NewAdam(critic.Params(), 0.003)
	optG.Beta1, optC.Beta1 = 0.5, 0.5
	const batch, steps = 128, 600
	optG.Schedule = optim.Linear{Start: 0.003, End: 0, Steps: steps}
	optC.Schedule = optim.Linear{Start: 0.003, End: 0, Steps: 2 * steps}

	for range steps {
		for range 2 {
			real, fake := ring.Sample(batch, random), gan.Sample(generator.Forward, batch, 2, random)
			gap := gan.WassersteinD(critic.Forward(real), critic.Forward(fake))
			optC.Minimize(gap.Add(gan.GradientPenalty(critic.Forward, real, fake, random).Scale(0.1)))
		}
		optG.Minimize(gan.WassersteinG(critic.Forward(generator.Forward(random.Normal(batch, 2)))))
	}
	coverage := ring.Cover(gan.Sample(generator.Forward, 2500, 2, random))
	fmt.Println(coverage.Covered, "of", len(coverage.Counts), "modes")
	// Output: 8 of 8 modes
}

func ExampleMixture_Cover() {
	ring := gan.Ring(8, 2, 0.02)
	fmt.Println(ring.Cover(eager.New([]float64{2, 0, 2, 0.01, -2, 0, 0, 0}, 4, 2)))
	// Output: 2 of 8 modes, 75.0 % of 4 samples within three sigmas
}
