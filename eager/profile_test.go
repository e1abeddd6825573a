package eager

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"
)

func costOf(t *testing.T, cs []Cost, name string) Cost {
	t.Helper()
	for _, c := range cs {
		if c.Name == name {
			return c
		}
	}
	t.Errorf("nothing was measured of %s in %v", name, cs)
	return Cost{}
}

func TestProfileCountsCallsArithmeticAndMemory(t *testing.T) {
	r := NewRand(1)
	x, w, b := r.Normal(8, 100), Param("w", r.Normal(100, 50)), Param("b", Zeros(50))
	var line int
	report := Profile(func() {
		for range 3 {
			_, _, line, _ = runtime.Caller(0)
			loss := x.Linear(w, b).Tanh().Square().Mean() // one line below
			WithGrad(loss, []*Tensor{w, b}, func(g []*Tensor) {
				Steps{Params: []*Tensor{w, b}, Grads: g}.SGD(nil, 0.1, 0, false)
			})
		}
	})
	linear := costOf(t, report.Ops, "Linear")
	if linear.Calls != 3 || linear.Flops != 3*2*8*100*50 || linear.Bytes != 3*4*(8*100+100*50+50+8*50) || linear.Time <= 0 {
		t.Errorf("Linear: %+v", linear)
	}
	if linear.Allocs != 3 || linear.Taken != 3*4*8*50 {
		t.Errorf("Linear took %d pieces of memory, %d bytes", linear.Allocs, linear.Taken)
	}
	back := costOf(t, report.Parts, "Linear gradient")
	if back.Calls != 6 || back.Flops != 3*(2*8*100*50+8*50) || back.Where.Line != line+1 || !strings.HasSuffix(back.Where.File, "profile_test.go") {
		t.Errorf("the gradient of Linear, of line %d: %+v", line+1, back)
	}
	if step := costOf(t, report.Parts, "StepSGD"); step.Calls != 3 || step.Flops != 3*(100*50+50) || step.Where.Line != line+3 {
		t.Errorf("the step, of line %d: %+v", line+3, step)
	}
	total := Cost{}
	for _, c := range report.Lines {
		total.add(&c)
	}
	sum := Cost{}
	for _, c := range report.Ops {
		sum.add(&c)
	}
	if total != sum || sum.Time > report.Total {
		t.Errorf("lines add up to %+v, ops to %+v, all took %v", total, sum, report.Total)
	}
	text := report.String()
	for _, want := range []string{"op", "Linear gradient", "not in ops", "line", "profile_test.go:", "GFLOP/s"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	var trace struct {
		TraceEvents []struct {
			Name, Ph string
			Ts, Dur  float64
			Args     struct{ Line, In, Out string }
		}
	}
	if err := json.Unmarshal(report.Chrome(), &trace); err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, c := range report.Ops {
		calls += c.Calls
	}
	if len(trace.TraceEvents) != calls {
		t.Errorf("%d calls in the trace, %d in the table", len(trace.TraceEvents), calls)
	}
	if e := trace.TraceEvents[0]; e.Name != "Linear" || e.Ph != "X" || e.Args.In != "(8,100) (100,50) (50)" || e.Args.Out != "(8,50)" {
		t.Errorf("the first call of the trace: %+v", e)
	}
}

func TestProfileEndsWithItsFunction(t *testing.T) {
	x := Ones(2)
	var report *Report
	other := make(chan bool)
	func() {
		defer func() { _ = recover() }()
		Profile(func() { x.Add(Ones(3)) })
	}()
	if n := profiles.Load(); n != 0 {
		t.Fatalf("%d profiles run after one that panicked", n)
	}
	report = Profile(func() {
		go func() { x.Exp(); close(other) }()
		<-other
		if Try(func() { x.Add(Ones(3)) }) == nil { // a call that does not end
			t.Error("shapes do not fit")
		}
		x.Neg()
	})
	x.Exp()
	if len(report.Ops) != 1 || report.Ops[0].Name != "Neg" || report.Ops[0].Calls != 1 {
		t.Errorf("measured %+v: want Neg alone", report.Ops)
	}
	if report = Profile(func() {}); len(report.Ops) != 0 || !strings.Contains(report.String(), "not in ops") || !json.Valid(report.Chrome()) {
		t.Errorf("of nothing: %v", report)
	}
}

// TestProfileSharesTimeOut: a gradient made of ops does not count what these take.
func TestProfileSharesTimeOut(t *testing.T) {
	x := Param("x", NewRand(1).Normal(300, 300))
	report := Profile(func() { GradGraph(x.MatMul(x).Sum(), x) })
	inner, outer := costOf(t, report.Ops, "MatMul"), costOf(t, report.Ops, "MatMul gradient")
	if inner.Calls != 3 || outer.Calls != 2 || outer.Flops != 0 || outer.Time > inner.Time {
		t.Errorf("products %+v, gradients %+v", inner, outer)
	}
}

// TestEveryOpIsProfiled holds that each op notes its begin and its end.
func TestEveryOpIsProfiled(t *testing.T) {
	for _, op := range Ops() {
		c := op.Cases[0]
		in := c.Inputs(1, Float32)
		m := changed()
		p := &profile{parts: map[part]*Cost{}}
		m.profile = p
		profiles.Add(1)
		with(m, func() { op.Apply(c.At, in) })
		profiles.Add(-1)
		if len(p.open) != 0 || len(p.events) == 0 || p.events[len(p.events)-1].name != op.Name {
			t.Errorf("%s: %d calls are open, measured %v", op.Name, len(p.open), p.events)
		}
	}
	Profile(func() { Ones(2, 3).BatchNorm(Ones(3), Zeros(3), 1e-5) })
}
