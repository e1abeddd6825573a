package eager

import (
	"fmt"
	"strings"
	"testing"
)

// listing is the events of a trace in short.
func listing(events []Event) string {
	var s []string
	for _, e := range events {
		if e.Decision != nil {
			s = append(s, e.Decision.Kind+"="+e.Decision.Value)
		} else {
			s = append(s, e.Op.Name)
		}
	}
	return strings.Join(s, " ")
}

func TestTraceSeesOpsAndDecisionsInOrder(t *testing.T) {
	x := Param("x", New([]float64{1, 2}, 2))
	events := Trace(func() {
		y := x.Square().Sum()
		if y.Item() > 4 {
			y = y.Neg()
		}
		NoGrad(func() { y.Exp() })
		_ = y.Less(Scalar(0)).Bool()
		_ = x.At(1)
		_ = x.Values()
		_ = x.ArgMax(0).Ints()
		_ = x.Float32s()
		x.Detach()
		x.Assign(x)
		Param("p", x)
		NewRand(1).Normal(1)
		_ = x.String()
	})
	const want = "Square Sum Item=5 Neg Exp Less Bool=true At=2 Values=[1 2] ArgMax Ints=[1] Float32s=[1 2] Detach Assign= Detach Rand.Normal=random numbers"
	if got := listing(events); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	first := events[0]
	if first.In[0] != x || first.Out.Size() != 2 || !strings.HasPrefix(first.Where.String(), "trace_test.go:") {
		t.Errorf("first event: %+v", first)
	}
	if d := events[2].Decision; d.Where.Line == 0 || d.X != events[1].Out {
		t.Errorf("decision: %+v", d)
	}
	nested := Trace(func() { x.Neg(); Trace(func() { x.Abs() }); x.Exp() })
	if got := listing(nested); got != "Neg Abs Exp" {
		t.Errorf("a trace in a trace: %s", got)
	}
	if got := listing(Trace(func() {})); got != "" {
		t.Errorf("a trace of nothing has %s", got)
	}
}

func TestTraceBelongsToOneGoroutine(t *testing.T) {
	x := Ones(2)
	events := Trace(func() {
		done := make(chan bool)
		go func() { x.Exp(); close(done) }()
		<-done
		x.Log()
	})
	if got := listing(events); got != "Log" {
		t.Errorf("got %s", got)
	}
}

func TestLocatorNamesTheCell(t *testing.T) {
	defer SetLocator(nil)
	SetLocator(func() (int, int) { return 7, 3 })
	events := Trace(func() { Ones(2).Exp() })
	if got := events[0].Where.String(); got != "cell 7, line 3" {
		t.Errorf("got %s", got)
	}
	SetLocator(func() (int, int) { return 0, 0 })
	events = Trace(func() { Ones(2).Exp() })
	if got := events[0].Where.String(); !strings.HasPrefix(got, "trace_test.go:") {
		t.Errorf("outside any cell: %s", got)
	}
}

// TestTracesCanBeRunAgain runs what was recorded, gradients included, on other numbers, and compares with the function itself.
func TestTracesCanBeRunAgain(t *testing.T) {
	r := NewRand(1)
	params := []*Tensor{
		r.Normal(4, 1, 3, 3), r.Normal(4), r.Normal(16, 3), r.Normal(3), r.Normal(4), r.Normal(4),
	}
	labels := FromInts([]int{0, 2}, 2)
	f := func(x *Tensor) []*Tensor {
		p := make([]*Tensor, len(params))
		for i := range p {
			p[i] = params[i].Detach().SetRequiresGrad(true)
		}
		h, mean, variance := x.Conv2d(p[0], p[1], 1, 1).Gelu().MaxPool2d(2, 2).BatchNorm(p[4], p[5], 1e-5)
		loss := h.Flatten(1).Linear(p[2], p[3]).CrossEntropyT(labels)
		return append(Grad(loss, p...), loss, mean, variance)
	}
	x1, x2 := r.Normal(2, 1, 4, 4), r.Normal(2, 1, 4, 4)
	var out []*Tensor
	events := Trace(func() { out = f(x1) })
	values := map[*Tensor]*Tensor{x1: x2}
	for _, e := range events {
		if e.Decision != nil {
			t.Fatalf("a decision: %+v", e.Decision)
		}
		in := make([]*Tensor, len(e.In))
		for i, x := range e.In {
			if in[i] = values[x]; in[i] == nil {
				in[i] = x
			}
		}
		values[e.Out] = e.Op.Apply(e.At, in)
	}
	for i, want := range f(x2) {
		got := values[out[i]]
		if got == nil {
			t.Fatalf("result %d was not made by a recorded op", i)
		}
		close64(t, fmt.Sprint("result ", i), got, want.Values(), 1e-5)
	}
}
