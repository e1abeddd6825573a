package gan

import (
	"flag"
	"testing"
	"time"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/data"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// long adds the trainings that take minutes: go test ./dynamic/gan -run Long -v -long
var long = flag.Bool("long", false, "run the trainings that take minutes, and say how good they are")

func onlyLong(t *testing.T) {
	if !*long {
		t.Skip("it takes minutes: go test ./dynamic/gan -run Long -v -long")
	}
}

// fall is Adam whose rate falls to 0 over steps.
func fall(params []*eager.Tensor, rate, beta1, beta2 float64, steps int) *optim.Adam {
	opt := optim.NewAdam(params, rate)
	opt.Beta1, opt.Beta2 = beta1, beta2
	opt.Schedule = optim.Linear{Start: rate, End: 0, Steps: steps}
	return opt
}

// plane is a game for points in the plane, both networks with three hidden layers.
func plane(critic *nn.Seq, width, steps, rounds int, random *eager.Rand) *Game {
	generator := nn.MLP(random, nn.Relu, 2, width, width, width, 2)
	return &Game{
		Generator: generator, Critic: critic, Noise: 2, Rounds: rounds, Random: random,
		OptG: fall(generator.Params(), 0.003, 0.5, 0.9, steps), OptC: fall(critic.Params(), 0.003, 0.5, 0.9, rounds*steps),
	}
}

func (g *Game) play(m *Mixture, steps, batch int) *Coverage {
	for range steps {
		g.Round(func() *eager.Tensor { return m.Sample(batch, g.Random) })
	}
	return m.Cover(Sample(g.Generator.Forward, 2500, g.Noise, g.Random))
}

func TestLongRing(t *testing.T) {
	onlyLong(t)
	for seed := uint64(1); seed <= 5; seed++ {
		began := time.Now()
		random := eager.NewRand(seed)
		const steps = 2500
		g := plane(nn.MLP(random, nn.Relu, 2, 64, 64, 64, 1), 64, steps, 1, random)
		g.LossC, g.LossG = LogisticD, LogisticG
		g.Penalty = func(real, fake *eager.Tensor) *eager.Tensor { return R1(g.Critic.Forward, real).Scale(0.05) }
		c := g.play(Ring(8, 2, 0.02), steps, 256)
		t.Logf("GAN with R1, ring, seed %d: %v, %v", seed, c, time.Since(began).Round(10*time.Millisecond))
		if c.Covered != 8 || c.Good < 0.8 {
			t.Errorf("seed %d: %v; want 8 of 8 and 80 %%", seed, c)
		}
	}
}

func TestLongGrid(t *testing.T) {
	onlyLong(t)
	for seed := uint64(1); seed <= 5; seed++ {
		began := time.Now()
		random := eager.NewRand(seed)
		const steps = 6000
		g := plane(nn.MLP(random, nn.Relu, 2, 128, 128, 128, 1), 128, steps, 2, random)
		g.OptG = fall(g.Generator.Params(), 0.002, 0.5, 0.9, steps)
		g.OptC = fall(g.Critic.Params(), 0.002, 0.5, 0.9, 2*steps)
		g.LossC, g.LossG = WassersteinD, WassersteinG
		g.Penalty = func(real, fake *eager.Tensor) *eager.Tensor {
			return GradientPenalty(g.Critic.Forward, real, fake, random).Scale(0.1)
		}
		c := g.play(Grid(5, 2, 0.05), steps, 256)
		t.Logf("WGAN-GP, grid, seed %d: %v, %v", seed, c, time.Since(began).Round(10*time.Millisecond))
		if c.Covered < 24 {
			t.Errorf("seed %d: %v; want 24 of 25", seed, c)
		}
	}
}

// denoise trains net on points of m, and gives its average.
func denoise(m *Mixture, steps int, random *eager.Rand, loss func(net Denoiser, x *eager.Tensor) *eager.Tensor) (*PlaneDenoiser, *Average) {
	net := NewPlaneDenoiser(random, 128)
	opt, slow := fall(net.Params(), 0.002, 0.9, 0.999, steps), NewAverage(net.Params(), 0.995)
	for range steps {
		eager.Scope(func() { opt.Minimize(loss(net, m.Sample(256, random))) })
		slow.Update()
	}
	return net, slow
}

// within is the share of points no farther than some sigmas from a mode.
func within(m *Mixture, points *eager.Tensor, sigmas float64) float64 {
	wide := &Mixture{m.Xs, m.Ys, m.Sigma * sigmas / 3}
	return wide.Cover(points).Good
}

func TestLongPlaneDiffusion(t *testing.T) {
	onlyLong(t)
	for seed := uint64(1); seed <= 3; seed++ {
		random, m, d := eager.NewRand(seed), Ring(8, 2, 0.02), NewDiffusion(100)
		began := time.Now()
		net, slow := denoise(m, 4000, random, func(net Denoiser, x *eager.Tensor) *eager.Tensor { return d.Loss(net, x, random) })
		slow.Use(func() {
			x, y := d.Sample(net, 2500, []int{2}, 0, random), d.SampleDDIM(net, 2500, []int{2}, 50, 0, random)
			t.Logf("diffusion, ring: %.1f %% within 6 sigma, %v; DDIM %.1f %%; %v", 100*within(m, x, 6), m.Cover(x), 100*within(m, y, 6), time.Since(began))
			if within(m, x, 6) < 0.95 {
				t.Errorf("diffusion, seed %d: want 95 %% within 6 sigma", seed)
			}
		})
		began = time.Now()
		net, slow = denoise(m, 4000, random, func(net Denoiser, x *eager.Tensor) *eager.Tensor { return Flow{}.Loss(net, x, random) })
		slow.Use(func() {
			x := Flow{}.Sample(net, 2500, []int{2}, 50, random)
			t.Logf("flow, ring: %.1f %% within 6 sigma, %v; %v", 100*within(m, x, 6), m.Cover(x), time.Since(began))
			if within(m, x, 6) < 0.95 {
				t.Errorf("flow, seed %d: want 95 %% within 6 sigma", seed)
			}
		})
	}
}

// digits is MNIST with pixels of -1 to 1, and a classifier of it.
func digits(t *testing.T, random *eager.Rand) (images *eager.Tensor, labels []int, judge *LeNet, heldOut *eager.Tensor) {
	t.Helper()
	train, test, err := data.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	images, heldOut = train.X.Scale(2).Shift(-1), test.X.Scale(2).Shift(-1)
	judge = NewLeNet(random, 10)
	judge.Learn(images, train.Labels, 2, random)
	t.Logf("the classifier is right in %.2f %% of held-out digits", 100*nn.Accuracy(nn.Predict(judge, heldOut, 256), test.Labels))
	return images, train.Labels, judge, heldOut
}

// rows picks images and labels.
func rows(images *eager.Tensor, labels []int, which []int) (*eager.Tensor, []int) {
	var these []int
	for _, k := range which {
		these = append(these, labels[k])
	}
	return images.Take(0, eager.FromInts(which, len(which))), these
}

func TestLongDCGAN(t *testing.T) {
	onlyLong(t)
	random := eager.NewRand(1)
	images, _, judge, heldOut := digits(t, random)
	generator, critic := NewDCGenerator(random, 64, 32), NewDCCritic(random, 1, 32, false)
	g := &Game{Generator: generator, Critic: critic, Noise: 64, Random: random, LossC: LogisticD, LossG: LogisticG,
		OptG: optim.NewAdam(generator.Params(), 0.0005), OptC: optim.NewAdam(critic.Params(), 0.0002), Average: NewAverage(generator.Params(), 0.99)}
	g.OptG.(*optim.Adam).Beta1, g.OptC.(*optim.Adam).Beta1 = 0.5, 0.5
	real := heldOut.Slice(0, 0, 5000)
	t.Logf("FID-LeNet of other digits %.2f", judge.FIDLeNet(real, heldOut.Slice(0, 5000, 10000)))
	began := time.Now()
	for epoch := 1; epoch <= 2; epoch++ {
		order := random.Perm(60000)
		for lo := 0; lo+64 <= len(order); lo += 64 {
			g.Round(func() *eager.Tensor { return images.Take(0, eager.FromInts(order[lo:lo+64], 64)) })
		}
		took := time.Since(began)
		fake := nn.Predict(generator, random.Normal(5000, 64), 250)
		fid := judge.FIDLeNet(real, fake)
		if epoch == 2 && fid > 40 { // 22.8 when it was written
			t.Errorf("FID-LeNet is %.2f after two epochs; want 40 at most", fid)
		}
		t.Logf("epoch %d, %v: FID-LeNet %.2f, %v", epoch, took, fid, Compare(judge.Features(real.Slice(0, 0, 500)), judge.Features(fake.Slice(0, 0, 500))))
	}
}

func TestLongConditional(t *testing.T) {
	onlyLong(t)
	random := eager.NewRand(1)
	images, labels, judge, _ := digits(t, random)
	const epochs, batch, noise, classes = 1, 64, 64, 10
	generator, critic := NewDCGenerator(random, noise+classes, 32), NewAuxiliary(random, 32, classes)
	optG, optC := fall(generator.Params(), 0.001, 0.5, 0.999, epochs*937), fall(critic.Params(), 0.0003, 0.5, 0.999, epochs*937)
	make := func(labels []int) *eager.Tensor {
		return generator.Forward(WithLabels(random.Normal(len(labels), noise), labels, classes))
	}
	began := time.Now()
	for range epochs {
		order := random.Perm(len(labels))
		for lo := 0; lo+batch <= len(order); lo += batch {
			eager.Scope(func() {
				real, these := rows(images, labels, order[lo:lo+batch])
				var fake *eager.Tensor
				eager.NoGrad(func() { fake = make(these) })
				optC.Minimize(critic.LossD(real, fake, these))
				optG.Minimize(critic.LossG(make(these), these))
			})
		}
	}
	took := time.Since(began)
	var want []int
	for k := range 2000 {
		want = append(want, k%classes)
	}
	fake := nn.Predict(generator, WithLabels(random.Normal(len(want), noise), want, classes), 250)
	agrees := nn.Accuracy(nn.Predict(judge, fake, 250), want)
	t.Logf("conditional GAN, %d epochs, %v: the classifier agrees in %.1f %%", epochs, took, 100*agrees)
	if agrees < 0.95 {
		t.Errorf("the classifier agrees in %.1f %%; want 95 %%", 100*agrees)
	}
}
