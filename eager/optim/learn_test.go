package optim_test

import (
	"math"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/data"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// learn trains net to tell the classes of train apart, and gives its accuracy on test.
func learn(net nn.Layer, opt optim.Optimizer, train, test *data.Set, batch, epochs int, rng *eager.Rand) float64 {
	loader := data.NewLoader(train, batch, rng)
	for range epochs {
		for it := loader.Epoch(); it.Next(); {
			x, labels := it.Batch()
			opt.Minimize(nn.CrossEntropy(net.Forward(x), labels))
		}
	}
	return nn.Accuracy(nn.Predict(net, test.X, 1000), test.Labels)
}

func TestAnMLPLearnsTheMoons(t *testing.T) {
	for seed := uint64(1); seed <= 3; seed++ {
		rng := eager.NewRand(seed)
		train, test := data.Moons(rng, 1000, 0.1).Split(0.7, rng)
		net := nn.MLP(rng, nn.Tanh, 2, 16, 16, 2)
		if got := learn(net, optim.NewAdam(net.Params(), 0.01), train, test, 50, 20, rng); got < 0.97 {
			t.Errorf("seed %d: accuracy %.3f after 20 epochs, want 0.97", seed, got)
		}
	}
}

func TestEveryOptimiserLearnsTheSpiral(t *testing.T) {
	for name, make := range map[string]func(ps []*eager.Tensor) optim.Optimizer{
		"SGD": func(ps []*eager.Tensor) optim.Optimizer {
			o := optim.NewSGD(ps, 0.1)
			o.Momentum, o.Nesterov = 0.9, true
			o.ClipNorm = 1
			return o
		},
		"Adam":  func(ps []*eager.Tensor) optim.Optimizer { return optim.NewAdam(ps, 0.01) },
		"AdamW": func(ps []*eager.Tensor) optim.Optimizer { return optim.NewAdamW(ps, 0.01) },
		"RMSprop": func(ps []*eager.Tensor) optim.Optimizer {
			o := optim.NewRMSprop(ps, 0.003)
			o.Schedule = optim.Cosine{Start: 0.003, End: 0, Steps: 60 * 12}
			return o
		},
	} {
		rng := eager.NewRand(1)
		train, test := data.Spiral(rng, 800, 3, 0.02).Split(0.75, rng)
		net := nn.MLP(rng, nn.Relu, 2, 64, 64, 3)
		if got := learn(net, make(net.Params()), train, test, 50, 60, rng); got < 0.9 {
			t.Errorf("%s: accuracy %.3f after 60 epochs, want 0.9", name, got)
		}
	}
}

func TestNormAndDropoutNetworksLearnIris(t *testing.T) {
	rng := eager.NewRand(3)
	train, test := data.Iris().Split(0.7, rng)
	test.X = train.Normalise().Apply(test.X)
	net := nn.NewSeq([]nn.Layer{
		nn.NewLinear(rng, 4, 32), nn.NewBatchNorm(32), nn.Func(nn.Silu), nn.NewDropout(rng, 0.1),
		nn.NewLinear(rng, 32, 32), nn.NewLayerNorm(32), nn.Func(nn.Gelu), nn.NewLinear(rng, 32, 3),
	})
	if got := learn(net, optim.NewAdamW(net.Params(), 0.003), train, test, 21, 30, rng); got < 0.9 {
		t.Errorf("accuracy %.3f after 30 epochs, want 0.9", got)
	}
}

func TestRegressionFindsTheLine(t *testing.T) {
	rng := eager.NewRand(4)
	set := data.Line(rng, 200, 2, -1, 0.01)
	line := nn.NewLinear(rng, 1, 1)
	opt := optim.NewSGD(line.Params(), 0.3)
	loader := data.NewLoader(set, 20, rng)
	for range 20 {
		for it := loader.Epoch(); it.Next(); {
			x, y := it.Pair()
			opt.Minimize(nn.MSE(line.Forward(x), y))
		}
	}
	if w, b := line.Weight.Item(), line.Bias.Item(); math.Abs(w-2) > 0.01 || math.Abs(b+1) > 0.01 {
		t.Errorf("slope %v, offset %v, want 2 and -1", w, b)
	}
}

// TestTrainingResumesExactly interrupts a training with dropout, norm and shuffling in the middle, and continues it from
// saved states.
func TestTrainingResumesExactly(t *testing.T) {
	set := data.Moons(eager.NewRand(1), 300, 0.1)
	type run struct {
		net    *nn.Seq
		drop   *nn.Dropout
		opt    *optim.Adam
		loader *data.Loader
	}
	start := func(seed uint64) run {
		rng := eager.NewRand(seed)
		drop := nn.NewDropout(rng, 0.2)
		net := nn.NewSeq([]nn.Layer{nn.NewLinear(rng, 2, 16), nn.NewBatchNorm(16), nn.Func(nn.Relu), drop, nn.NewLinear(rng, 16, 2)})
		opt := optim.NewAdam(net.Params(), 0.01)
		opt.Schedule = optim.Linear{Start: 0.01, End: 0.001, Steps: 40}
		return run{net, drop, opt, data.NewLoader(set, 32, rng.Split())}
	}
	epochs := func(r run, n int) {
		for range n {
			for it := r.loader.Epoch(); it.Next(); {
				x, labels := it.Batch()
				r.opt.Minimize(nn.CrossEntropy(r.net.Forward(x), labels))
			}
		}
	}
	whole := start(1)
	epochs(whole, 4)

	half := start(1)
	epochs(half, 2)
	net, opt, shuffle, drop := nn.State(half.net), half.opt.State(), half.loader.Rand.State(), half.drop.Rand.State()

	rest := start(2)
	for _, err := range []error{nn.LoadState(rest.net, net), rest.opt.LoadState(opt), rest.loader.Rand.SetState(shuffle), rest.drop.Rand.SetState(drop)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	epochs(rest, 2)
	want := nn.State(whole.net)
	for name, got := range nn.State(rest.net) {
		if d := got.Sub(want[name]).Abs().Max().Item(); d != 0 {
			t.Errorf("%s differs by %v", name, d)
		}
	}
}
