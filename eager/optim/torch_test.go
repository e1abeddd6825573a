package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/optim"
)

// asTorch are this package's optimisers with the settings of testdata/make_torch.py.
var asTorch = map[string]func(ps []*eager.Tensor) optim.Optimizer{
	"SGD":          func(ps []*eager.Tensor) optim.Optimizer { return sgd(ps, 0, false, 0, 0, 0) },
	"SGD decay":    func(ps []*eager.Tensor) optim.Optimizer { return sgd(ps, 0, false, 0.05, 0, 0) },
	"SGD momentum": func(ps []*eager.Tensor) optim.Optimizer { return sgd(ps, 0.9, false, 0.05, 0, 0) },
	"SGD nesterov": func(ps []*eager.Tensor) optim.Optimizer { return sgd(ps, 0.8, true, 0.05, 0, 0) },
	"SGD clip value": func(ps []*eager.Tensor) optim.Optimizer {
		return sgd(ps, 0.9, false, 0.05, 0.3, 0)
	},
	"SGD clip both": func(ps []*eager.Tensor) optim.Optimizer { return sgd(ps, 0, false, 0, 0.3, 0.5) },
	"Adam":          func(ps []*eager.Tensor) optim.Optimizer { return optim.NewAdam(ps, 0.02) },
	"Adam decay": func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewAdam(ps, 0.02)
		o.Beta1, o.Beta2, o.Eps, o.Decay = 0.8, 0.95, 1e-4, 0.1
		return o
	},
	"Adam clip norm": func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewAdam(ps, 0.02)
		o.Eps, o.ClipNorm = 0.1, 0.5
		return o
	},
	"AdamW": func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewAdamW(ps, 0.02)
		o.Decay = 0.2
		return o
	},
	"AdamW clip norm": func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewAdamW(ps, 0.02)
		o.Eps, o.Decay, o.ClipNorm = 0.1, 0.2, 0.5
		return o
	},
	"RMSprop": func(ps []*eager.Tensor) optim.Optimizer { return optim.NewRMSprop(ps, 0.01) },
	"RMSprop momentum": func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewRMSprop(ps, 0.01)
		o.Alpha, o.Eps, o.Momentum, o.Decay = 0.9, 1e-4, 0.5, 0.1
		return o
	},
	"RMSprop clip norm": func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewRMSprop(ps, 0.01)
		o.Eps, o.Momentum, o.ClipNorm = 0.1, 0.5, 0.5
		return o
	},
}

func sgd(ps []*eager.Tensor, momentum float64, nesterov bool, decay, clipValue, clipNorm float64) optim.Optimizer {
	o := optim.NewSGD(ps, 0.1)
	o.Momentum, o.Nesterov, o.Decay, o.ClipValue, o.ClipNorm = momentum, nesterov, decay, clipValue, clipNorm
	return o
}

// TestStepsEndWherePyTorchsDo compares with numbers that PyTorch made, in both kinds of float.
func TestStepsEndWherePyTorchsDo(t *testing.T) {
	text, err := os.ReadFile("testdata/torch.json")
	if err != nil {
		t.Fatal(err)
	}
	var torch struct {
		Start     [][]float64
		Gradients [][][]float64
		Ends      map[string][][]float64
	}
	if err := json.Unmarshal(text, &torch); err != nil {
		t.Fatal(err)
	}
	if len(torch.Ends) != len(asTorch) {
		t.Errorf("%d cases of PyTorch, %d here", len(torch.Ends), len(asTorch))
	}
	for name, ends := range torch.Ends {
		for _, kind := range []eager.DType{eager.Float32, eager.Float64} {
			var ps []*eager.Tensor
			for _, s := range torch.Start {
				ps = append(ps, eager.Param("p", eager.FromFloat64(s, len(s)).To(kind)))
			}
			o := asTorch[name](ps)
			for _, step := range torch.Gradients {
				var gs []*eager.Tensor
				for _, g := range step {
					gs = append(gs, eager.FromFloat64(g, len(g)).To(kind))
				}
				o.Apply(gs)
			}
			for i, p := range ps {
				for k, v := range p.Values() {
					// Six steps of some roundings of float32 each, in PyTorch at least.
					if want := ends[i][k]; !(math.Abs(v-want) <= 2e-6*max(1, math.Abs(want))) {
						t.Errorf("%s, %v: parameter %d, number %d is %v, PyTorch's is %v", name, kind, i, k, v, want)
					}
				}
			}
		}
	}
}
