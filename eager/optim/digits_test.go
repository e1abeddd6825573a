package optim_test

import (
	"testing"
	"time"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/data"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
	"github.com/tapir-go/tapir/install/outside"
)

// digits are the handwritten digits, or the end of a test that needs them.
func digits(t testing.TB) (train, test *data.Set) {
	t.Helper()
	train, test, err := data.MNIST()
	if err != nil {
		if outside.CI() {
			t.Fatal(err)
		}
		t.Skip("this needs the digits: ", err)
	}
	return train, test
}

func perceptron(rng *eager.Rand) *nn.Seq {
	return nn.NewSeq([]nn.Layer{nn.NewFlatten(), nn.MLP(rng, nn.Relu, 784, 256, 10)})
}

func convolutional(rng *eager.Rand) *nn.Seq {
	return nn.NewSeq([]nn.Layer{
		nn.NewConv2dPad(rng, 1, 16, 3, 1, 1), nn.Func(nn.Relu), nn.NewMaxPool2d(2, 2),
		nn.NewConv2dPad(rng, 16, 32, 3, 1, 1), nn.Func(nn.Relu), nn.NewMaxPool2d(2, 2),
		nn.NewFlatten(), nn.NewLinear(rng, 32*7*7, 10),
	})
}

func TestAConvolutionalNetLearnsDigitsFromAFewThousand(t *testing.T) {
	train, test := digits(t)
	rng := eager.NewRand(1)
	net := convolutional(rng)
	if got := learn(net, optim.NewAdam(net.Params(), 0.003), train.First(4000), test.First(2000), 64, 2, rng); got < 0.93 {
		t.Errorf("accuracy %.4f, want 0.93", got)
	}
}

// BenchmarkDigits trains on all 60,000 digits until the accuracy on the 10,000 of the test is as good as one expects:
// 97.5 % for a perceptron with 256 hidden units, 98.5 % for a small convolutional net.
func BenchmarkDigits(b *testing.B) {
	train, test := digits(b)
	for _, c := range []struct {
		name   string
		make   func(rng *eager.Rand) *nn.Seq
		rate   float64
		batch  int
		epochs int
		want   float64
	}{
		{"MLP", perceptron, 0.002, 128, 5, 0.975},
		{"CNN", convolutional, 0.003, 64, 2, 0.985},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				rng := eager.NewRand(1)
				net := c.make(rng)
				opt := optim.NewAdam(net.Params(), c.rate)
				opt.Schedule = optim.Cosine{Start: c.rate, Steps: c.epochs * (train.Len() + c.batch - 1) / c.batch}
				begin := time.Now()
				got := learn(net, opt, train, test, c.batch, c.epochs, rng)
				b.ReportMetric(time.Since(begin).Seconds()/float64(c.epochs), "s/epoch")
				b.ReportMetric(100*got, "%correct")
				if got < c.want {
					b.Errorf("accuracy %.4f, want %v", got, c.want)
				}
			}
		})
	}
}
