package eager

import (
	"math"
	"strings"
	"testing"
)

// swish is x sigmoid(bx), computed in Go, with its gradient as a formula.
var swish = func(in []*Tensor) *Tensor {
	v, b := in[0].Values(), in[1].Item()
	for i, x := range v {
		v[i] = x / (1 + math.Exp(-b*x))
	}
	return FromFloat64(v, in[0].shape()...)
}

func swishGradient(in []*Tensor, y, g *Tensor) []*Tensor {
	x, b := in[0], in[1]
	s := x.Mul(b).Sigmoid()
	slope := s.Mul(s.SubFrom(1))
	return []*Tensor{g.Mul(s.Add(y.Mul(b).Mul(s.SubFrom(1)))), g.Mul(x.Square()).Mul(slope).Sum().Reshape()}
}

func TestCustomOpHasItsGradientsToSecondOrder(t *testing.T) {
	calls := 0
	op := Custom("Swish", swish, func(in []*Tensor, y, g *Tensor) []*Tensor { calls++; return swishGradient(in, y, g) })
	xs := []*Tensor{FromFloat64([]float64{-2, -0.3, 0, 1, 3}, 5), FromFloat64([]float64{1.3}).Reshape()}
	f := func(xs []*Tensor) *Tensor { return op(xs[0], xs[1]) }
	if err := CheckGrad(f, xs); err != nil {
		t.Error(err)
	}
	composed := func(xs []*Tensor) *Tensor { return xs[0].Mul(xs[0].Mul(xs[1]).Sigmoid()) }
	second := func(f func(xs []*Tensor) *Tensor) func(xs []*Tensor) *Tensor {
		return func(xs []*Tensor) *Tensor {
			_, g := VJP(func(xs []*Tensor) *Tensor { return f(xs).Square().Sum() }, xs, nil)
			return g[0].Square().Sum().Add(g[1].Square())
		}
	}
	if err := CheckGrad(second(f), xs); err != nil {
		t.Error("the gradient of the gradient: ", err)
	}
	want, got := Jacobian(second(composed), xs), Jacobian(second(f), xs)
	for i := range want {
		close64(t, "second derivative", got[i], want[i].Values(), 1e-11)
	}
	x, b := Param("x", xs[0]), Param("b", xs[1])
	calls = 0
	op(x, b).Sum().Backward()
	if calls != 1 || x.Grad() == nil || b.Grad() == nil {
		t.Errorf("one pass called the gradient function %d times, gradients %v and %v", calls, x.Grad(), b.Grad())
	}
	if y := op(x, b.Detach()); !y.RequiresGrad() {
		t.Error("a custom op of a parameter does not require a gradient")
	}
	NoGrad(func() {
		if op(x, b).RequiresGrad() {
			t.Error("NoGrad records a custom op")
		}
	})
	wrong := Custom("Swish", swish, func(in []*Tensor, y, g *Tensor) []*Tensor { return []*Tensor{g, nil} })
	if err := CheckGrad(func(xs []*Tensor) *Tensor { return wrong(xs[0], xs[1]) }, xs); err == nil {
		t.Error("CheckGrad finds nothing wrong with a wrong gradient")
	}
}

// A straight-through estimator: what goes back skips the rounding. The result may be an argument itself, or a view.
func TestCustomOpMayReturnItsArgument(t *testing.T) {
	through := Custom("Round", func(in []*Tensor) *Tensor { return in[0].Shift(0.5).Floor() },
		func(_ []*Tensor, _, g *Tensor) []*Tensor { return []*Tensor{g} })
	x := Param("x", New([]float64{0.4, 1.6}, 2))
	y := through(x)
	close64(t, "rounded", y, []float64{0, 2}, 0)
	close64(t, "through", Grad(y.Square().Sum(), x)[0], []float64{0, 4}, 0)
	reverse := Custom("Reverse", func(in []*Tensor) *Tensor { return in[0] },
		func(_ []*Tensor, _, g *Tensor) []*Tensor { return []*Tensor{g.Neg()} })
	big := Param("big", Ones(300, 300))
	h := big.Scale(3)
	Scope(func() { close64(t, "reversed", Grad(reverse(h).Sum(), big)[0].Sum(), []float64{-3 * 90000}, 0) })
	close64(t, "the argument lives on", h.Sum(), []float64{3 * 90000}, 0)
	index := Custom("Larger", func(in []*Tensor) *Tensor { return in[0].Greater(Zeros(1)) }, nil)
	if index(x).RequiresGrad() || index(x).DType() != Bool {
		t.Error("an op without a gradient function has one")
	}
}

func TestCustomOpIsRecordedAsWhatItIsMadeOf(t *testing.T) {
	op := Custom("Twice", func(in []*Tensor) *Tensor { return in[0].Add(in[0]) }, func(_ []*Tensor, _, g *Tensor) []*Tensor { return []*Tensor{g.Scale(2)} })
	x := Param("x", Ones(2))
	var y *Tensor
	events := Trace(func() { y = op(x) })
	if len(events) != 2 || events[0].Op.Name != "Add" || events[0].In[0] != x || events[1].In[0] != events[0].Out || events[1].Out != y {
		t.Errorf("recorded %v", events)
	}
}

func TestCustomOpRefusesWhatDoesNotFit(t *testing.T) {
	x := Param("x", Ones(2, 3))
	first := func(in []*Tensor) *Tensor { return in[0].Exp() }
	gives := func(d ...*Tensor) func([]*Tensor, *Tensor, *Tensor) []*Tensor {
		return func([]*Tensor, *Tensor, *Tensor) []*Tensor { return d }
	}
	for want, f := range map[string]func(){
		`Custom: name "" and forward function given: true: want both`:                    func() { Custom("", first, nil) },
		`Mine: the gradient function returned 2 gradients for 1 arguments`:               func() { Grad(Custom("Mine", first, gives(x, x))(x).Sum(), x) },
		"Mine: the gradient function returned f32(2,3,4) for argument 0, f32(2,3): want": func() { Grad(Custom("Mine", first, gives(Ones(2, 3, 4)))(x).Sum(), x) },
		"hint: sum it over the axes along which the argument was repeated":               func() { Grad(Custom("Mine", first, gives(Ones(2, 3, 4)))(x).Sum(), x) },
		"Mine: the forward function returned i64(2,1): want a float tensor, or no":       func() { Custom("Mine", func(in []*Tensor) *Tensor { return in[0].ArgMax(1) }, gives(x))(x) },
		"Mine: a tensor is nil":                                                            func() { Custom("Mine", func(in []*Tensor) *Tensor { return nil }, nil)(x) },
		"Grad: the result does not depend on argument 0":                                   func() { Grad(Custom("Mine", first, gives(nil))(x).Sum(), x) },
		"Grad: x (2,3) was changed in place after Mine had used it, so its gradient would": func() { y := Custom("Mine", first, gives(x))(x).Sum(); x.Assign(Zeros(2, 3)); Grad(y, x) },
	} {
		if err := Try(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
