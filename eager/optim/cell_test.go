package optim_test

import (
	"reflect"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/data"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

func TestTrainingWorksInACell(t *testing.T) {
	value := reflect.ValueOf
	i := interp.New(interp.Options{})
	if err := i.Use(interp.Exports{
		"github.com/tapir-go/tapir/eager/eager": {"NewRand": value(eager.NewRand), "Tensor": value((*eager.Tensor)(nil))},
		"github.com/tapir-go/tapir/eager/data/data": {
			"Moons": value(data.Moons), "NewLoader": value(data.NewLoader), "RingCentres": value(data.RingCentres),
		},
		"github.com/tapir-go/tapir/eager/nn/nn": {
			"MLP": value(nn.MLP), "Tanh": value(nn.Tanh), "CrossEntropy": value(nn.CrossEntropy), "Accuracy": value(nn.Accuracy), "Predict": value(nn.Predict),
		},
		"github.com/tapir-go/tapir/eager/optim/optim": {
			"NewAdam": value(optim.NewAdam), "Cosine": value((*optim.Cosine)(nil)), "WarmUp": value((*optim.WarmUp)(nil)),
			"NewSchedule": value(optim.NewSchedule), "Schedule": value((*optim.Schedule)(nil)), "ClipGrad": value(optim.ClipGrad),
		},
		"test/test": {"Errorf": value(t.Errorf)},
	}); err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{`
import (
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/data"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
	"test"
)`, `
rng := eager.NewRand(1)
train, rest := data.Moons(rng, 600, 0.1).Split(0.5, rng)
net := nn.MLP(rng, nn.Tanh, 2, 16, 16, 2)
opt := optim.NewAdam(net.Params(), 0.01)
opt.Schedule = optim.WarmUp{Steps: 5, Then: optim.Cosine{Start: 0.02, End: 0.001, Steps: 300}}
opt.ClipNorm = 5
opt.Beta2 = 0.99
loader := data.NewLoader(train, 30, rng)
loader.DropLast = true`, `
func train30() {
	for epoch := 0; epoch < 30; epoch++ {
		for it := loader.Epoch(); it.Next(); {
			x, labels := it.Batch()
			opt.Minimize(nn.CrossEntropy(net.Forward(x), labels))
		}
	}
}`, `
train30()
if a := nn.Accuracy(nn.Predict(net, rest.X, 100), rest.Labels); a < 0.97 {
	test.Errorf("accuracy %v", a)
}
if opt.Rate > 0.002 || opt.Steps() != 300 {
	test.Errorf("rate %v after %d steps", opt.Rate, opt.Steps())
}`, `
opt.Schedule = optim.NewSchedule(func(step int) float64 { return 0.125 })
nn.CrossEntropy(net.Forward(train.X), train.Labels).Backward()
optim.ClipGrad(net.Params(), 1)
opt.Step()
opt.ZeroGrad()
if opt.Rate != 0.125 {
	test.Errorf("rate %v", opt.Rate)
}`} {
		if _, err := i.Eval(src); err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
	}
}
