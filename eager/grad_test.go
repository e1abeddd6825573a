package eager

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestGradientsOfIntermediatesAndSharedTensors(t *testing.T) {
	x := Param("x", New([]float64{1, 2, 3}, 3))
	h := x.Square()
	y := h.Mul(x).Add(h).Sum() // x³ + x²
	g := Grad(y, x, h, y, x)
	close64(t, "dy/dx", g[0], []float64{5, 16, 33}, 1e-6)
	close64(t, "dy/dh", g[1], []float64{2, 3, 4}, 1e-6)
	close64(t, "dy/dy", g[2], []float64{1}, 0)
	close64(t, "dy/dx again", g[3], []float64{5, 16, 33}, 1e-6)
	if g[0].RequiresGrad() || g[0].a.Store == g[3].a.Store {
		t.Error("results of Grad are plain numbers and share none")
	}
	close64(t, "a second time", Grad(y, x)[0], []float64{5, 16, 33}, 1e-6)
}

func TestHigherDerivatives(t *testing.T) {
	x := Param("x", FromFloat64([]float64{2}, 1))
	y := x.PowScalar(4).Sum()
	for order, want := range []float64{32, 48, 48, 24, 0} {
		g := GradGraph(y, x)[0]
		close64(t, fmt.Sprint("derivative ", order+1), g, []float64{want}, 1e-12)
		y = g.Sum()
		if order == 3 { // the fifth is 0 times x^0
			break
		}
	}
}

// TestGradientPenalty is the pattern of WGAN-GP: the gradient of a norm of a gradient.
func TestGradientPenalty(t *testing.T) {
	r := NewRand(1)
	w1, w2 := Param("w1", r.Normal(3, 8).To(Float64)), Param("w2", r.Normal(8, 1).To(Float64))
	mid := r.Normal(5, 3).To(Float64)
	penalty := func(w1, w2 *Tensor) *Tensor {
		x := Param("x", mid)
		slope := GradGraph(x.MatMul(w1).Tanh().MatMul(w2).Sum(), x)[0]
		return slope.Square().Sum(1).Sqrt().Shift(-1).Square().Mean()
	}
	grads := Grad(penalty(w1, w2), w1, w2)
	const eps = 1e-6
	for k, w := range []*Tensor{w1, w2} {
		d := like64(r, w)
		move := func(side float64) float64 {
			ws := []*Tensor{w1, w2}
			ws[k] = Param("w", w.Add(d.Scale(side*eps)))
			return penalty(ws[0], ws[1]).Item()
		}
		want := (move(1) - move(-1)) / (2 * eps)
		if got := grads[k].Mul(d).Sum().Item(); !(got-want < 1e-6 && want-got < 1e-6) {
			t.Errorf("w%d: got %g, want %g", k+1, got, want)
		}
	}
}

func TestGradOfTakesAVectorAndUnusedArguments(t *testing.T) {
	x, z := Param("x", New([]float64{1, 2}, 2)), Param("z", New([]float64{1}, 1))
	y := x.Square()
	g := GradOf(y, New([]float64{10, 100}, 2), []*Tensor{x, z, Zeros(1)}, false, true)
	close64(t, "vector-Jacobian product", g[0], []float64{20, 400}, 1e-6)
	if g[1] != nil || g[2] != nil {
		t.Errorf("unused arguments have gradients %v %v", g[1], g[2])
	}
	if err := Try(func() { GradOf(y, New([]float64{1}, 1), []*Tensor{x}, false, false) }); err == nil || !strings.Contains(err.Error(), "f32(1) for a result f32(2)") {
		t.Errorf("a gradient of another shape: %v", err)
	}
}

func TestBackwardAddsUpInLeavesOnly(t *testing.T) {
	x, w := Param("x", New([]float64{3}, 1)), Param("w", New([]float64{2}, 1))
	h := x.Mul(w)
	h.Square().Sum().Backward()
	close64(t, "x", x.Grad(), []float64{24}, 1e-6)
	close64(t, "w", w.Grad(), []float64{36}, 1e-6)
	if h.Grad() != nil {
		t.Error("an intermediate tensor has a gradient")
	}
	h.Sum().Backward()
	close64(t, "x twice", x.Grad(), []float64{26}, 1e-6)
	x.ZeroGrad()
	if x.Grad() != nil || w.Grad() == nil {
		t.Error("ZeroGrad drops the gradient of its tensor")
	}
	w.SetGrad(Zeros(1))
	close64(t, "w set", w.Grad(), []float64{0}, 0)
}

func TestNoGradAndDetachStopRecording(t *testing.T) {
	x := Param("x", Ones(2))
	NoGrad(func() {
		if x.Exp().RequiresGrad() {
			t.Error("NoGrad records")
		}
		if GradGraph(scalarOf(x), x)[0].RequiresGrad() == false {
			t.Error("GradGraph records its result, even inside NoGrad")
		}
	})
	if x.Detach().RequiresGrad() || x.Greater(Zeros(1)).RequiresGrad() || x.ArgMax(0).RequiresGrad() || x.To(Int64).RequiresGrad() {
		t.Error("Detach, comparisons and whole numbers have no gradient")
	}
	func() {
		defer func() { _ = recover() }()
		NoGrad(func() { panic("stop") })
	}()
	if !x.Exp().RequiresGrad() {
		t.Error("NoGrad outlives a panic")
	}
}

// scalarOf records x², whatever the mode.
func scalarOf(x *Tensor) (y *Tensor) {
	with(nil, func() { y = x.Square().Sum() })
	return y
}

func TestNoGradHoldsForOneGoroutine(t *testing.T) {
	x := Param("x", Ones(2))
	inside, done := make(chan bool), make(chan bool)
	go NoGrad(func() {
		close(inside)
		<-done
		if x.Exp().RequiresGrad() {
			t.Error("NoGrad was ended by another goroutine")
		}
		done <- true
	})
	<-inside
	if !x.Exp().RequiresGrad() {
		t.Error("NoGrad of another goroutine holds here")
	}
	done <- true
	<-done
}

func TestChangedArgumentsAreFound(t *testing.T) {
	w := Param("w", New([]float64{2, 3}, 2))
	loss := w.Square().Sum()
	w.Assign(w.Scale(0.5))
	err := Try(func() { Grad(loss, w) })
	if err == nil || !strings.Contains(err.Error(), "w (2) was changed in place after Square had used it") {
		t.Errorf("got %v", err)
	}
	// Ops that do not look at their arguments' numbers again do not mind.
	sum := w.Add(w).Scale(3).Sum()
	w.Assign(w.Scale(0.5))
	close64(t, "gradient of a sum", Grad(sum, w)[0], []float64{6, 6}, 1e-6)
	view := w.Detach()
	y := w.Exp().Mul(view).Sum()
	w.Assign(w.Shift(1))
	if Try(func() { Grad(y, w) }) == nil {
		t.Error("a change seen through a view went unnoticed")
	}
}

func TestManyGoroutinesShareParameters(t *testing.T) {
	r := NewRand(1)
	w, b := Param("w", r.Normal(20, 30)), Param("b", r.Normal(30))
	x := r.Normal(10, 20)
	shared := x.Linear(w, b) // its tape is walked by all of them at once
	want := Grad(shared.Tanh().Sum(), w, b)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 30 {
				g := Grad(shared.Tanh().Sum(), w, b)
				for i := range g {
					close64(t, "a gradient taken beside others", g[i], want[i].Values(), 0)
				}
			}
			shared.Tanh().Sum().Backward()
		})
	}
	wg.Wait()
	close64(t, "the sum of eight Backwards", w.Grad(), want[0].Scale(8).Values(), 1e-6)
}

func TestDeepGraphs(t *testing.T) {
	x := Param("x", Scalar(1))
	y := x
	for range 100_000 {
		y = y.Shift(1)
	}
	if g := Grad(y, x)[0].Item(); g != 1 {
		t.Errorf("got %g", g)
	}
}

func TestGradientsOnlyTouchWhatIsAskedFor(t *testing.T) {
	// The weights of a frozen half get no gradient: the trace shows no product for them.
	x, critic, gen := Param("x", Ones(4, 3)), Param("critic", Ones(3, 1)), Param("gen", Ones(3, 3))
	loss := x.MatMul(gen).MatMul(critic).Sum()
	events := Trace(func() { Grad(loss, gen) })
	products := 0
	for _, e := range events {
		if e.Op == opMatMul.op {
			products++
		}
	}
	if products != 2 { // g by critic', x' by that
		t.Errorf("%d products, want 2", products)
	}
}

// A call that is recorded notes less than one by hand, which the checks of all ops make.
func TestMaxPoolsFastGradientIsItsFormula(t *testing.T) {
	for _, c := range []struct{ h, w, k, stride int }{{8, 12, 2, 2}, {9, 35, 2, 2}, {9, 11, 3, 2}} {
		for _, d := range []DType{Float32, Float64} {
			x := Param("x", NewRand(4).Normal(2, 3, c.h, c.w).To(d))
			y := x.MaxPool2d(c.k, c.stride)
			g := NewRand(5).Normal(y.Shape()...).To(d)
			fast, formula := GradOf(y, g, []*Tensor{x}, false, false)[0], GradOf(y, g, []*Tensor{x}, true, false)[0]
			close64(t, fmt.Sprint(c, d), fast, formula.Values(), 1e-6)
		}
	}
}

// TestGradientsChangedInPlaceAreThoseOfTheFormula is about gradients large enough for the pool: rules write over them where nobody
// else needs them, and only there.
func TestGradientsChangedInPlaceAreThoseOfTheFormula(t *testing.T) {
	r := NewRand(5)
	for _, d := range []DType{Float32, Float64} {
		x, w := Param("x", r.Normal(40, 50).To(d)), r.Normal(40, 50).To(d)
		a := x.Relu()
		b := a.LeakyRelu(0.3)
		c := b.Reshape(50, 40).Relu().Reshape(40, 50)
		sum := a.Add(b).Add(c).Add(x.LeakyRelu(1.5)) // one gradient for all
		e := sum.Relu().Mul(w).Add(b.Relu()).Add(sum)
		y := e.T().LeakyRelu(0.5).Sum()
		xs := []*Tensor{x, a, b, c, sum, e}
		for i, g := range Grad(y, xs...) {
			want := GradGraph(y, xs...)[i]
			close64(t, fmt.Sprint(d, " gradient ", i), g, want.Values(), 1e-6)
		}
		var seen *Tensor
		remove := a.OnGrad(func(g *Tensor) *Tensor { seen = g; return nil })
		all := Grad(y, x, a)
		close64(t, "what a hook saw", seen, all[1].Values(), 0)
		remove()
		y.Backward()
		close64(t, "of Backward", x.Grad(), all[0].Values(), 0)
	}
}
