package gan

import (
	"math"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

// exact is the best possible prediction for normal data of spread s: what a perfect network would learn.
type exact func(x *eager.Tensor, t float64) *eager.Tensor

func (e exact) Predict(x, t *eager.Tensor) *eager.Tensor { return e(x, t.At(0)) }
func (e exact) Params() []*eager.Tensor                  { return nil }

// With perfect predictions the samples have the spread of the data: this is about the samplers alone. 20,000 numbers give
// it within 0.5 %; 1,000 steps are away from their limit by as much.
func TestSamplersAreRightForNormalData(t *testing.T) {
	const s = 0.5
	random, d := eager.NewRand(1), NewDiffusion(1000)
	noise := exact(func(x *eager.Tensor, t float64) *eager.Tensor {
		a := d.kept[int(math.Round(t*1000))]
		return x.Scale(math.Sqrt(1-a) / (a*s*s + 1 - a))
	})
	velocity := exact(func(x *eager.Tensor, t float64) *eager.Tensor {
		return x.Scale((t - (1-t)*s*s) / ((1-t)*(1-t)*s*s + t*t))
	})
	for name, x := range map[string]*eager.Tensor{
		"DDPM": d.Sample(noise, 10000, []int{2}, 0, random),
		"DDIM": d.SampleDDIM(noise, 10000, []int{2}, 500, 0, random),
		"flow": Flow{}.Sample(velocity, 10000, []int{2}, 30, random),
	} {
		if got := x.Std().Item(); math.Abs(got/s-1) > 0.015 || x.RequiresGrad() || x.Shape().String() != "(10000,2)" {
			t.Errorf("%s: samples %v spread by %v, want %v", name, x.Shape(), got, s)
		}
	}
	if top := d.Sample(noise, 1000, []int{2}, 0.3, random).Abs().Max().Item(); top > 0.3+1e-6 {
		t.Errorf("with a limit of 0.3 a sample is %v", top)
	}
	a, b := d.SampleDDIM(noise, 4, []int{2}, 10, 0, eager.NewRand(5)), d.SampleDDIM(noise, 4, []int{2}, 10, 0, eager.NewRand(5))
	if a.Sub(b).Abs().Max().Item() != 0 {
		t.Error("DDIM makes other samples of the same noise")
	}
}

func TestScheduleGoesFromDataToNoise(t *testing.T) {
	d := NewDiffusion(50)
	for k := 1; k <= 50; k++ {
		if !(d.kept[k] < d.kept[k-1]) {
			t.Fatalf("step %d leaves %v after %v", k, d.kept[k], d.kept[k-1])
		}
	}
	if d.kept[0] != 1 || d.kept[1] < 0.99 || d.kept[50] > 0.001 {
		t.Errorf("it goes from %v over %v to %v", d.kept[0], d.kept[1], d.kept[50])
	}
	for want, f := range map[string]func(){
		"NewDiffusion: 1 steps: wants 2 or more": func() { NewDiffusion(1) },
		"SampleDDIM: 51 steps: wants 1 to 50":    func() { d.SampleDDIM(nil, 1, nil, 51, 0, eager.NewRand(1)) },
		"Flow.Sample: 0 steps: wants 1 or more":  func() { Flow{}.Sample(nil, 1, nil, 0, eager.NewRand(1)) },
	} {
		if err := eager.Try(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// The bar is 95 % within six sigmas after 4,000 steps (see TestLongPlaneDiffusion); a quarter of them gets this far.
func TestPlaneDiffusionFindsTheRing(t *testing.T) {
	random, m, d := eager.NewRand(1), Ring(8, 2, 0.02), NewDiffusion(100)
	net, slow := denoise(m, 1000, random, func(net Denoiser, x *eager.Tensor) *eager.Tensor { return d.Loss(net, x, random) })
	slow.Use(func() {
		x := d.Sample(net, 1000, []int{2}, 0, random)
		if c := m.Cover(x); c.Covered != 8 || within(m, x, 6) < 0.9 {
			t.Errorf("%v; %.1f %% within six sigmas", c, 100*within(m, x, 6))
		}
	})
}

func TestImageDenoiserLearnsAndKeepsShapes(t *testing.T) {
	random := eager.NewRand(1)
	net := NewImageDenoiser(random, 4)
	x := eager.Full(0.5, 4, 1, 28, 28)
	d := NewDiffusion(20)
	opt := fall(net.Params(), 0.005, 0.9, 0.999, 150)
	mean := func() (sum float64) {
		for range 10 {
			sum += d.Loss(net, x, random).Item() / 10
		}
		return sum
	}
	first := mean()
	for range 150 {
		eager.Scope(func() { opt.Minimize(d.Loss(net, x, random)) })
	}
	if last := mean(); last > first/3 {
		t.Errorf("the loss goes from %v to %v", first, last)
	}
	if s := (Flow{}).Sample(net, 2, []int{1, 28, 28}, 2, random).Shape().String(); s != "(2,1,28,28)" {
		t.Errorf("samples are %v", s)
	}
}
