package optim_test

import (
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// BenchmarkStep is a whole step of training: forward, gradient, Adam.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		name    string
		make    func(rng *eager.Rand) *nn.Seq
		shape   []int
		classes int
	}{
		{"MLP-4-64-64-2-batch1", func(rng *eager.Rand) *nn.Seq { return nn.MLP(rng, nn.Relu, 4, 64, 64, 2) }, []int{1, 4}, 2},
		{"MLP-784-256-128-10-batch64", func(rng *eager.Rand) *nn.Seq { return nn.MLP(rng, nn.Relu, 784, 256, 128, 10) }, []int{64, 784}, 10},
		{"MLP-4-64-64-2-batch256", func(rng *eager.Rand) *nn.Seq { return nn.MLP(rng, nn.Tanh, 4, 64, 64, 2) }, []int{256, 4}, 2},
		{"MLP-784-256-10-batch128", perceptron, []int{128, 1, 28, 28}, 10},
		{"CNN-16-32-batch64", convolutional, []int{64, 1, 28, 28}, 10},
	} {
		b.Run(c.name, func(b *testing.B) {
			rng := eager.NewRand(1)
			net := c.make(rng)
			opt := optim.NewAdam(net.Params(), 0.001)
			x := rng.Uniform(0, 1, c.shape...)
			labels := rng.Ints(c.classes, c.shape[0]).Ints()
			b.ReportAllocs()
			for b.Loop() {
				opt.Minimize(nn.CrossEntropy(net.Forward(x), labels))
			}
		})
	}
}

// BenchmarkUpdate is the update alone, of a million numbers.
func BenchmarkUpdate(b *testing.B) {
	const n = 1 << 20
	for name, make := range map[string]func(ps []*eager.Tensor) optim.Optimizer{
		"SGD":     func(ps []*eager.Tensor) optim.Optimizer { return optim.NewSGD(ps, 0.1) },
		"Adam":    func(ps []*eager.Tensor) optim.Optimizer { return optim.NewAdam(ps, 0.1) },
		"RMSprop": func(ps []*eager.Tensor) optim.Optimizer { return optim.NewRMSprop(ps, 0.1) },
	} {
		b.Run(name, func(b *testing.B) {
			p, g := eager.Param("p", eager.Ones(n)), []*eager.Tensor{eager.Ones(n)}
			o := make([]*eager.Tensor{p})
			b.SetBytes(4 * n)
			for b.Loop() {
				o.Apply(g)
			}
		})
	}
}
