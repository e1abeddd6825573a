package eager

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

const big = 200 // a matrix of big by big is a block of the pool

func TestScopeGivesBackWhatNobodyKept(t *testing.T) {
	w := Param("w", Ones(big, big))
	before := MemoryStats().Live
	var lost, kept, made *Tensor
	Scope(func() {
		lost = w.Exp()
		kept = Keep(w.Scale(2))
		made = Zeros(big, big)
		w.Square().Mean().Backward()
	})
	if err := Try(func() { lost.Sum() }); err == nil || !strings.Contains(err.Error(), "(200,200) was made inside an eager.Scope that has ended") {
		t.Errorf("using a lost tensor: %v", err)
	}
	if !strings.Contains(lost.String(), "given back") || lost.MIME()["text/plain"] == "" {
		t.Errorf("a lost tensor shows as %q", lost.String())
	}
	if kept.At(3, 3) != 2 || made.At(1, 1) != 0 || w.Grad().At(5, 5) == 0 {
		t.Error("kept tensors, leaves and gradients survive")
	}
	if got := MemoryStats().Live - before; got > 4*big*big*4 {
		t.Errorf("%d bytes stay in use after the scope", got)
	}
	runtime.KeepAlive(kept)
}

func TestScopesNest(t *testing.T) {
	x := Ones(big, big)
	var outer, inner *Tensor
	Scope(func() {
		Scope(func() { inner = Keep(x.Exp()) })
		outer = x.Exp()
		Scope(func() { outer.Add(inner) })
		if outer.At(0, 0) != inner.At(0, 0) {
			t.Error("an inner scope freed a tensor of the outer")
		}
	})
	if inner.At(0, 0) == 0 || Try(func() { outer.At(0, 0) }) == nil {
		t.Error("what is kept survives all scopes, the rest its own")
	}
}

func TestScopeEndsWithAPanic(t *testing.T) {
	x := Ones(big, big)
	var y *Tensor
	func() {
		defer func() { _ = recover() }()
		Scope(func() { y = x.Exp(); panic("stop") })
	}()
	if Try(func() { y.Sum() }) == nil {
		t.Error("memory of a scope that panicked is still in use")
	}
	if z := x.Exp(); z.At(0, 0) == 0 {
		t.Error("the scope outlives the panic")
	}
}

// TestGradientsFreeTheirIntermediates counts blocks: a pass over a chain holds a few at a time, not one for each op, and its
// results are right although the memory was used again and again.
func TestGradientsFreeTheirIntermediates(t *testing.T) {
	x := Param("x", NewRand(1).Uniform(0.5, 1, big, big))
	const n = 40
	y := x
	for range n {
		y = y.Mul(x).Reshape(big*big).Reshape(big, big).Sub(x.T().T().Scale(0.1)) // views among the gradients
	}
	loss := y.Mean()
	want := GradGraph(loss, x)[0] // made without freeing anything
	runtime.GC()
	block := int64(big * big * 4)
	before := MemoryStats()
	for range 3 {
		close64(t, "gradient", Grad(loss, x)[0], want.Values(), 1e-6)
	}
	after := MemoryStats()
	if grown := after.Live + after.Idle - before.Live - before.Idle; grown > 20*block {
		t.Errorf("three passes over %d ops took %d new blocks", 4*n, grown/block)
	}
}

func TestInterruptedGradientLosesNoMemory(t *testing.T) {
	x := Param("x", NewRand(1).Uniform(0.5, 1, big, big))
	y := x
	for range 20 {
		y = y.Mul(x).Exp().Log()
	}
	loss := y.Sum()
	defer func(old func(any, int, []*Tensor, *Tensor, *Tensor) *Tensor) { opLog.op.grad = old }(opLog.op.grad)
	count, grad := 0, opLog.op.grad
	opLog.op.grad = func(at any, i int, in []*Tensor, y, g *Tensor) *Tensor {
		if count++; count == 10 {
			panic(Interrupted)
		}
		return grad(at, i, in, y, g)
	}
	for range 50 {
		count = 0
		func() {
			defer func() { _ = recover() }()
			Grad(loss, x)
		}()
		runtime.GC()
	}
	if live := MemoryStats().Live; live > 300*big*big*4 {
		t.Errorf("%d blocks in use", live/(big*big*4))
	}
}

// TestReachableTensorsKeepTheirNumbers makes far more tensors than memory is meant for, and looks at those it held on to.
func TestReachableTensorsKeepTheirNumbers(t *testing.T) {
	x := Ones(big, big)
	var held []*Tensor
	for i := range 2000 {
		y := x.Scale(float64(i))
		if i%100 == 0 {
			held = append(held, y.T()) // a view alone keeps the numbers
		}
	}
	runtime.GC()
	for i, y := range held {
		if y.Min().Item() != float64(100*i) || y.Max().Item() != float64(100*i) {
			t.Errorf("tensor %d has changed: %v", i, y)
		}
	}
	if m := MemoryStats(); m.Live+m.Idle > 400<<20 {
		t.Errorf("2000 tensors of 160 kB, 20 held, occupy %d MB", (m.Live+m.Idle)>>20)
	}
}

func TestResultsOfGradDoNotShareNumbers(t *testing.T) {
	a, b := Param("a", Ones(big, big)), Param("b", Ones(big, big))
	g := Grad(a.Add(b).Mean(), a, b)
	g[0].Assign(g[0].Scale(5))
	if g[1].At(0, 0) == g[0].At(0, 0) {
		t.Error("two gradients share numbers")
	}
	seed := Ones(big, big)
	if h := GradOf(a.Add(b), seed, []*Tensor{a}, false, false)[0]; h.a.Store == seed.a.Store {
		t.Error("a gradient shares its numbers with the one that went in")
	}
}

func TestGradientsOfWithGradEndWithIt(t *testing.T) {
	w, b := Param("w", Ones(64, 64)), Param("b", Ones(64))
	unused := Param("unused", Ones(3))
	var lost, kept *Tensor
	WithGrad(Ones(2, 64).Linear(w, b).Square().Mean(), []*Tensor{w, b, unused}, func(grads []*Tensor) {
		if grads[2] != nil {
			t.Error("a gradient of what was not used")
		}
		lost, kept = grads[0], Keep(grads[0].Scale(2))
	})
	if err := Try(func() { lost.Sum() }); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("using a gradient afterwards: %v", err)
	}
	if v := kept.At(3, 3); v != 2*2*65/64. {
		t.Errorf("a kept one is %v", v)
	}
}

// settled is the memory of tensors when what nobody can reach has been given back, which takes a moment after a collection.
func settled() (live int64) {
	for same := 0; same < 3; same++ {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
		if now := MemoryStats().Live; now != live {
			live, same = now, 0
		}
	}
	return live
}

// TestAMemoryLimitNamesOpAndSizes runs into a limit in an op, a gradient and a maker, and goes on afterwards.
func TestAMemoryLimitNamesOpAndSizes(t *testing.T) {
	defer runtime.GC()
	x := Param("x", Ones(600, 500))
	loss := x.Tanh().Mean()
	defer SetMemoryLimit(SetMemoryLimit(settled() + 3<<20))
	for _, c := range []struct {
		f    func()
		want []string
	}{
		{func() { x.T().Expand(8, 500, 600).Exp() }, []string{"Exp: with f32[8,500,600] needs 10.5 MB more: tensors take ", " of eager.SetMemoryLimit"}},
		{func() { x.MatMul(Ones(500, 2000)) }, []string{"Ones: needs 4.2 MB more"}},
		{func() { Zeros(2000, 2000) }, []string{"Zeros: needs 16.8 MB more"}},
		{func() { SetMemoryLimit(settled() + 1<<20); loss.Backward() }, []string{"Tanh gradient: with f32[600,500] needs 1.3 MB more", "MB of the "}},
	} {
		err := Try(c.f)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v: want %q", err, want)
			}
		}
	}
	SetMemoryLimit(MemoryStats().Live + 8<<20)
	for range 100 { // what nobody can reach any more does not count
		x.Scale(2)
	}
	ResetMemoryPeak()
	loss.Backward()
	if m := MemoryStats(); x.Grad().Norm().Item() <= 0 || m.Peak < m.Live || m.Peak > m.Live+8<<20 {
		t.Errorf("after the errors: gradient %v, memory %+v", x.Grad(), m)
	}
}
