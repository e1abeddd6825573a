package optim_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/optim"
)

// wantPanic fails unless f panics with an *eager.Error that has that text.
func wantPanic(t *testing.T, text string, f func()) {
	t.Helper()
	err := eager.Try(f)
	var e *eager.Error
	if !errors.As(err, &e) || !strings.Contains(e.Error(), text) || e.Op == "" {
		t.Errorf("error %v, want an *eager.Error with %q", err, text)
	}
}

// memory is what an update rule keeps of one number.
type memory struct{ a, b float64 }

// cases are the rules of PyTorch's documentation for one number p with gradient g at step t, in float64, and the
// optimisers that must do the same.
var cases = []struct {
	name string
	make func(params []*eager.Tensor) optim.Optimizer
	rule func(t int, p, g float64, m *memory) float64
}{
	{"SGD", func(ps []*eager.Tensor) optim.Optimizer { return optim.NewSGD(ps, 0.1) },
		func(_ int, p, g float64, _ *memory) float64 { return p - 0.1*g }},
	{"SGD with decay", func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewSGD(ps, 0.1)
		o.Decay = 0.05
		return o
	}, func(_ int, p, g float64, _ *memory) float64 { return p - 0.1*(g+0.05*p) }},
	{"SGD with momentum", func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewSGD(ps, 0.02)
		o.Momentum, o.Decay = 0.9, 0.01
		return o
	}, func(_ int, p, g float64, m *memory) float64 {
		m.a = 0.9*m.a + g + 0.01*p
		return p - 0.02*m.a
	}},
	{"SGD with Nesterov's momentum", func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewSGD(ps, 0.02)
		o.Momentum, o.Nesterov = 0.8, true
		return o
	}, func(_ int, p, g float64, m *memory) float64 {
		m.a = 0.8*m.a + g
		return p - 0.02*(g+0.8*m.a)
	}},
	{"Adam", func(ps []*eager.Tensor) optim.Optimizer { return optim.NewAdam(ps, 0.01) },
		func(t int, p, g float64, m *memory) float64 { return adam(t, p, g, m, 0.01, 0.9, 0.999, 1e-8) }},
	{"Adam with decay and other settings", func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewAdam(ps, 0.02)
		o.Beta1, o.Beta2, o.Eps, o.Decay = 0.5, 0.9, 1e-3, 0.1
		return o
	}, func(t int, p, g float64, m *memory) float64 { return adam(t, p, g+0.1*p, m, 0.02, 0.5, 0.9, 1e-3) }},
	{"Adam without a first mean", func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewAdam(ps, 0.01)
		o.Beta1 = 0
		return o
	}, func(t int, p, g float64, m *memory) float64 { return adam(t, p, g, m, 0.01, 0, 0.999, 1e-8) }},
	{"AdamW", func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewAdamW(ps, 0.01)
		o.Decay = 0.2
		return o
	}, func(t int, p, g float64, m *memory) float64 {
		return adam(t, p*(1-0.01*0.2), g, m, 0.01, 0.9, 0.999, 1e-8)
	}},
	{"RMSprop", func(ps []*eager.Tensor) optim.Optimizer { return optim.NewRMSprop(ps, 0.01) },
		func(_ int, p, g float64, m *memory) float64 {
			m.a = 0.99*m.a + 0.01*g*g
			return p - 0.01*g/(math.Sqrt(m.a)+1e-8)
		}},
	{"RMSprop with momentum and decay", func(ps []*eager.Tensor) optim.Optimizer {
		o := optim.NewRMSprop(ps, 0.01)
		o.Alpha, o.Momentum, o.Decay, o.Eps = 0.9, 0.5, 0.1, 1e-4
		return o
	}, func(_ int, p, g float64, m *memory) float64 {
		g += 0.1 * p
		m.a = 0.9*m.a + 0.1*g*g
		m.b = 0.5*m.b + g/(math.Sqrt(m.a)+1e-4)
		return p - 0.01*m.b
	}},
}

func adam(t int, p, g float64, m *memory, rate, beta1, beta2, eps float64) float64 {
	m.a = beta1*m.a + (1-beta1)*g
	m.b = beta2*m.b + (1-beta2)*g*g
	c1, c2 := 1-math.Pow(beta1, float64(t)), 1-math.Pow(beta2, float64(t))
	return p - rate*(m.a/c1)/(math.Sqrt(m.b/c2)+eps)
}

// start are n numbers to begin with.
func start(n int) []float64 {
	p := make([]float64, n)
	for i := range p {
		p[i] = float64(float32(math.Sin(float64(3*i) + 1)))
	}
	return p
}

// gradient is what a step is made with: the parameter pulled to 2, and noise that depends on place and step.
func gradient(i, t int, p float64) float64 {
	return float64(float32(p - 2 + 0.5*math.Cos(float64(7*i+3*t))))
}

func TestEveryRuleIsPyTorchs(t *testing.T) {
	for _, c := range cases {
		for _, kind := range []eager.DType{eager.Float32, eager.Float64} {
			// 1000 numbers have full vectors and a tail; 40,000 are shared out among processors.
			for n, steps := range map[int]int{1: 60, 1000: 60, 40_000: 5} {
				want, memories := start(n), make([]memory, n)
				p := eager.Param("p", eager.FromFloat64(want, n).To(kind))
				o := c.make([]*eager.Tensor{p})
				for s := 1; s <= steps; s++ {
					g := make([]float64, n)
					for i := range g {
						g[i] = gradient(i, s, want[i])
						want[i] = c.rule(s, want[i], g[i], &memories[i])
					}
					o.Apply([]*eager.Tensor{eager.FromFloat64(g, n).To(kind)})
				}
				tolerance := 1e-12
				if kind == eager.Float32 {
					tolerance = 5e-6 // 60 steps of rounding by 6e-8 each
				}
				for i, got := range p.Values() {
					if math.Abs(got-want[i]) > tolerance*(1+math.Abs(want[i])) {
						t.Errorf("%s, %v, n=%d: number %d is %v after %d steps, want %v", c.name, kind, n, i, got, steps, want[i])
						break
					}
				}
			}
		}
	}
}

// run makes steps on two parameters, a quadratic whose minimum moves, from step lo on; before each, f is called.
func run(o optim.Optimizer, lo, hi int) {
	for s := lo; s < hi; s++ {
		a, b := o.Params()[0], o.Params()[1]
		loss := a.Shift(math.Sin(float64(s))).Square().Sum().Add(b.Mul(b).Mul(b.Square()).Mean())
		o.Minimize(loss)
	}
}

func pair() []*eager.Tensor {
	rng := eager.NewRand(6)
	return []*eager.Tensor{eager.Param("a", rng.Normal(3, 5)), eager.Param("b", rng.Normal(7))}
}

func TestResumingIsExact(t *testing.T) {
	for _, c := range cases {
		whole := c.make(pair())
		run(whole, 0, 20)

		first := c.make(pair())
		run(first, 0, 9)
		state := first.State()
		var params []*eager.Tensor
		for _, p := range first.Params() {
			params = append(params, eager.Param(p.Name(), p.Detach().Clone()))
		}
		run(first, 9, 12) // the state is a copy: going on must not change it
		second := c.make(params)
		if err := second.LoadState(state); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		run(second, 9, 20)
		for i, p := range whole.Params() {
			if !slices.Equal(p.Values(), second.Params()[i].Values()) {
				t.Errorf("%s: parameter %d differs after resuming", c.name, i)
			}
		}
		if second.Steps() != 20 {
			t.Errorf("%s: %d steps after resuming, want 20", c.name, second.Steps())
		}
		// All of the state is needed: without it the run is another.
		fresh := c.make(pair())
		run(fresh, 0, 9)
		if len(state) > 3 {
			forgetful := c.make([]*eager.Tensor{fresh.Params()[0], fresh.Params()[1]})
			run(forgetful, 9, 20)
			if slices.Equal(forgetful.Params()[0].Values(), whole.Params()[0].Values()) {
				t.Errorf("%s: without the state nothing is different: this test shows nothing", c.name)
			}
		}
	}
}

func TestLoadStateListsAllAndChangesNothing(t *testing.T) {
	o := optim.NewAdam(pair(), 0.1)
	run(o, 0, 3)
	before := o.State()
	bad := o.State()
	delete(bad, "0.m")
	delete(bad, "rate")
	bad["1.v"] = eager.Ones(2)
	bad["0.velocity"] = eager.Ones(1)
	err := o.LoadState(bad)
	want := `the state does not fit the optimiser; nothing was changed
  missing: rate ()
  missing: 0.m (3,5)
  wrong: 1.v is f32(2), want f32(7)
  unexpected: 0.velocity (1)`
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
	after := o.State()
	for name, x := range before {
		if !slices.Equal(x.Values(), after[name].Values()) {
			t.Errorf("%s was changed", name)
		}
	}
	if err := optim.NewAdam([]*eager.Tensor{pair()[0]}, 1).LoadState(before); err == nil || !strings.Contains(err.Error(), "steps is i64(2), want i64(1)") {
		t.Errorf("other parameters: error %v", err)
	}
}

func TestMinimizeTouchesItsOwnParametersOnly(t *testing.T) {
	ps := pair()
	other := eager.Param("other", eager.Ones(7))
	o := optim.NewAdam(ps, 0.1)
	a := ps[0].Values()
	o.Minimize(ps[1].Mul(other).Sum())
	if !slices.Equal(ps[0].Values(), a) {
		t.Error("a parameter that the loss does not depend on was changed")
	}
	for _, p := range []*eager.Tensor{ps[0], ps[1], other} {
		if p.Grad() != nil {
			t.Errorf("a gradient stayed in %s", p.Name())
		}
	}
	if o.Steps() != 1 {
		t.Errorf("%d steps, want 1", o.Steps())
	}
	// Its own count of steps stood still, so its first step is a first step: Adam moves by the whole rate.
	b := ps[0].Values()
	o.Minimize(ps[0].Sum())
	for i, v := range ps[0].Values() {
		if math.Abs(b[i]-0.1-v) > 1e-6 {
			t.Fatalf("number %d moved by %v, want 0.1", i, b[i]-v)
		}
	}
}

func TestFrozenParametersStay(t *testing.T) {
	ps := pair()
	o := optim.NewAdamW(ps, 0.1)
	run(o, 0, 2)
	ps[0].SetRequiresGrad(false)
	a, b := ps[0].Values(), ps[1].Values()
	run(o, 2, 4)
	if !slices.Equal(ps[0].Values(), a) {
		t.Error("a frozen parameter was changed")
	}
	if slices.Equal(ps[1].Values(), b) {
		t.Error("the other parameter was not")
	}
}

func TestBackwardAndStepMeanWhatTheyDoInPyTorch(t *testing.T) {
	p, q := pair(), pair()
	one, two := optim.NewSGD(p, 0.1), optim.NewSGD(q, 0.1)
	loss := func(ps []*eager.Tensor) *eager.Tensor { return ps[0].Square().Sum() }
	one.Minimize(loss(p))
	loss(q).Backward()
	two.Step()
	if !slices.Equal(p[0].Values(), q[0].Values()) {
		t.Error("Backward and Step do not do what Minimize does")
	}
	g := q[0].Grad().Values()
	loss(q).Backward()
	if sum := q[0].Grad().Values(); math.Abs(sum[0]-g[0]-2*q[0].Values()[0]) > 1e-6 {
		t.Error("without ZeroGrad gradients are not added up")
	}
	two.ZeroGrad()
	if q[0].Grad() != nil {
		t.Error("ZeroGrad left a gradient")
	}
	wantPanic(t, "no parameter has a gradient", two.Step)
}

func TestClippingLimitsGradients(t *testing.T) {
	grads := []*eager.Tensor{eager.New([]float64{3, 0}, 2), nil, eager.New([]float64{-4}, 1)}
	if n := optim.Norm(grads); math.Abs(n-5) > 1e-6 {
		t.Errorf("norm %v, want 5", n)
	}
	clipped := optim.ClipNorm(grads, 1)
	if n := optim.Norm(clipped); math.Abs(n-1) > 1e-5 || clipped[1] != nil {
		t.Errorf("after clipping to 1 the norm is %v", n)
	}
	if math.Abs(clipped[0].At(0)-0.6) > 1e-6 || math.Abs(clipped[1+1].At(0)+0.8) > 1e-6 {
		t.Error("clipping turned the gradient")
	}
	if optim.ClipNorm(grads, 6)[0] != grads[0] {
		t.Error("a small gradient was changed")
	}
	if v := optim.ClipValue(grads, 2); v[0].At(0) != 2 || v[2].At(0) != -2 || v[1] != nil {
		t.Errorf("clipped values %v %v", v[0].Values(), v[2].Values())
	}

	p := eager.Param("p", eager.Zeros(2))
	o := optim.NewSGD([]*eager.Tensor{p}, 1)
	o.ClipNorm = 1
	o.Apply([]*eager.Tensor{eager.New([]float64{30, 40}, 2)})
	if v := p.Values(); math.Abs(v[0]+0.6) > 1e-5 || math.Abs(v[1]+0.8) > 1e-5 {
		t.Errorf("a step clipped to norm 1 went to %v", v)
	}
	o.ClipNorm, o.ClipValue = 0, 0.5
	p.Assign(eager.Zeros(2))
	o.Apply([]*eager.Tensor{eager.New([]float64{30, -0.1}, 2)})
	if v := p.Values(); v[0] != -0.5 || math.Abs(v[1]-0.1) > 1e-7 {
		t.Errorf("a step clipped to 0.5 went to %v", v)
	}

	p.Square().Sum().Backward()
	before := optim.Norm([]*eager.Tensor{p.Grad()})
	if n := optim.ClipGrad([]*eager.Tensor{p}, 0.1); math.Abs(n-before) > 1e-9 || math.Abs(optim.Norm([]*eager.Tensor{p.Grad()})-0.1) > 1e-6 {
		t.Errorf("ClipGrad gave %v of %v and left %v", n, before, optim.Norm([]*eager.Tensor{p.Grad()}))
	}
}

func TestSchedulesGoThroughTheirPoints(t *testing.T) {
	for name, c := range map[string]struct {
		s    optim.Schedule
		want map[int]float64
	}{
		"Constant":    {optim.Constant{Value: 3}, map[int]float64{0: 3, 9: 3}},
		"StepDecay":   {optim.StepDecay{Start: 8, Factor: 0.5, Every: 10}, map[int]float64{0: 8, 9: 8, 10: 4, 25: 2}},
		"Exponential": {optim.Exponential{Start: 2, Factor: 0.5}, map[int]float64{0: 2, 1: 1, 3: 0.25}},
		"Linear":      {optim.Linear{Start: 1, End: 0.5, Steps: 10}, map[int]float64{0: 1, 5: 0.75, 10: 0.5, 99: 0.5}},
		"Cosine":      {optim.Cosine{Start: 1, End: 0.2, Steps: 6}, map[int]float64{0: 1, 2: 0.8, 3: 0.6, 6: 0.2, 99: 0.2}},
		"WarmUp": {optim.WarmUp{Steps: 4, Then: optim.Linear{Start: 1, End: 0, Steps: 4}},
			map[int]float64{0: 0.25, 3: 1, 4: 1, 6: 0.5, 8: 0}},
		"function": {optim.NewSchedule(func(step int) float64 { return float64(step * step) }), map[int]float64{3: 9}},
	} {
		for step, want := range c.want {
			if got := c.s.Rate(step); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s at step %d: %v, want %v", name, step, got, want)
			}
		}
	}
}

func TestAScheduleSetsTheRateOfEachStep(t *testing.T) {
	p := eager.Param("p", eager.Zeros(1))
	o := optim.NewSGD([]*eager.Tensor{p}, 99)
	o.Schedule = optim.StepDecay{Start: 1, Factor: 0.1, Every: 2}
	one := []*eager.Tensor{eager.Ones(1)}
	moved, rates := []float64{0}, ""
	for range 4 {
		o.Apply(one)
		moved = append(moved, p.Item())
		rates += fmt.Sprintf("%.2g ", o.Rate)
	}
	if rates != "1 1 0.1 0.1 " || math.Abs(moved[4]+2.2) > 1e-6 {
		t.Errorf("rates %s, places %v", rates, moved)
	}
	again := optim.NewSGD([]*eager.Tensor{p}, 99)
	again.Schedule = o.Schedule
	if err := again.LoadState(o.State()); err != nil {
		t.Fatal(err)
	}
	again.Apply(one)
	if math.Abs(again.Rate-0.01) > 1e-12 {
		t.Errorf("after resuming the rate is %v, want 0.01", again.Rate)
	}
}

func TestAGradientAfterAStepInPlaceIsRefused(t *testing.T) {
	ps := pair()
	loss := ps[0].Square().Sum()
	optim.NewSGD(ps, 0.1).Minimize(ps[0].Sum())
	wantPanic(t, "changed in place", func() { eager.Grad(loss, ps[0]) })
}

func TestMisuseIsExplained(t *testing.T) {
	ps := pair()
	o := optim.NewSGD(ps, 0.1)
	for text, f := range map[string]func(){
		"there are no parameters": func() { optim.NewAdam(nil, 0.1) },
		"parameter 1 is nil":      func() { optim.NewAdam([]*eager.Tensor{ps[0], nil}, 0.1) },
		"the same tensor":         func() { optim.NewSGD([]*eager.Tensor{ps[0], ps[1], ps[0]}, 0.1) },
		"want f32 or f64":         func() { optim.NewSGD([]*eager.Tensor{eager.FromInts([]int{1}, 1)}, 0.1) },
		"want a scalar":           func() { o.Minimize(ps[1].Square()) },
		"any of the parameters":   func() { o.Minimize(eager.Param("x", eager.Ones(1)).Sum()) },
		"made inside NoGrad":      func() { o.Minimize(eager.Scalar(1)) },
		"1 gradients for 2":       func() { o.Apply([]*eager.Tensor{nil}) },
		"gradient 0 is f32(2)":    func() { o.Apply([]*eager.Tensor{eager.Ones(2), nil}) },
		"want more than 0":        func() { optim.ClipNorm(nil, 0) },
	} {
		wantPanic(t, text, f)
	}
	if o.Steps() != 0 {
		t.Errorf("%d steps were counted", o.Steps())
	}
}

func TestEqualRunsGiveEqualBytesWhateverTheSize(t *testing.T) {
	result := func() []float64 {
		rng := eager.NewRand(1)
		p := eager.Param("p", rng.Normal(100_000))
		o := optim.NewAdam([]*eager.Tensor{p}, 0.01)
		for range 3 {
			o.Apply([]*eager.Tensor{rng.Normal(100_000)})
		}
		return p.Values()
	}
	if !slices.Equal(result(), result()) {
		t.Error("two equal runs differ")
	}
}
