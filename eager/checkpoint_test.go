package eager

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// block is a layer with a residual path, dropout, and its input and weight used several times.
func block(w *Tensor, r *Rand) func(x *Tensor) *Tensor {
	return func(x *Tensor) *Tensor {
		h := x.MatMul(w).Tanh().Mul(r.Bernoulli(0.8, x.shape()...))
		return x.Add(h.MatMul(w).Scale(0.5)).Add(x.Sigmoid().Mul(w.Sum()).Scale(0.01))
	}
}

// tower runs blocks, each through wrap.
func tower(x *Tensor, ws []*Tensor, r *Rand, wrap func(f func(x *Tensor) *Tensor, x *Tensor) *Tensor) *Tensor {
	for _, w := range ws {
		x = wrap(block(w, r), x)
		x = x.Add(x.Square().Mul(w.Mean()).Scale(0.1)) // the weight is used outside too
	}
	return x.Square().Mean()
}

func plainly(f func(x *Tensor) *Tensor, x *Tensor) *Tensor { return f(x) }

func sameTensors(t *testing.T, what string, got, want []*Tensor) {
	t.Helper()
	for i := range want {
		if !slices.Equal(got[i].Values(), want[i].Values()) {
			t.Errorf("%s %d is not the same bits: %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestCheckpointGradientsAreTheSameBits(t *testing.T) {
	make := func() (xs []*Tensor) {
		r := NewRand(3)
		xs = append(xs, Param("x", r.Normal(5, 8)))
		for range 3 {
			xs = append(xs, Param("w", r.Normal(8, 8).Scale(0.5)))
		}
		return xs
	}
	nested := func(f func(x *Tensor) *Tensor, x *Tensor) *Tensor {
		return Checkpoint(func(x *Tensor) *Tensor { return Checkpoint(f, x).Mul(x).Add(Checkpoint(f, x)) }, x)
	}
	twice := func(f func(x *Tensor) *Tensor, x *Tensor) *Tensor { return f(x).Mul(x).Add(f(x)) }
	for name, pair := range map[string][2]func(f func(x *Tensor) *Tensor, x *Tensor) *Tensor{
		"one": {plainly, Checkpoint}, "nested": {twice, nested},
	} {
		xs, ra, rb := make(), NewRand(9), NewRand(9)
		a, b := tower(xs[0], xs[1:], ra, pair[0]), tower(xs[0], xs[1:], rb, pair[1])
		sameTensors(t, name+" value", []*Tensor{b}, []*Tensor{a})
		sameTensors(t, name+" gradient", Grad(b, xs...), Grad(a, xs...))
		sameTensors(t, name+" gradient once more", Grad(b, xs...), Grad(a, xs...))
		for i, g := range GradGraph(b, xs...) {
			want := GradGraph(a, xs...)[i]
			sameTensors(t, name+" recorded gradient", []*Tensor{g}, []*Tensor{want})
			second, wanted := Grad(g.Square().Sum(), xs...), Grad(want.Square().Sum(), xs...)
			for k := range second { // its sums run in another order
				close64(t, name+" second gradient", second[k], wanted[k].Values(), 1e-5)
			}
		}
		b.Backward()
		got := []*Tensor{}
		for _, x := range xs {
			got = append(got, x.Grad())
			x.ZeroGrad()
		}
		sameTensors(t, name+" Backward", got, Grad(a, xs...))
		if ra.Float64() != rb.Float64() {
			t.Error(name + ": the numbers that follow are not those without")
		}
	}
}

// TestCheckpointTakesLessMemory runs 16 blocks of ten tensors each: without, all are there when the gradient begins.
func TestCheckpointTakesLessMemory(t *testing.T) {
	const n, blocks = 256, 16
	x := Param("x", NewRand(1).Normal(n, n))
	deep := func(x *Tensor) *Tensor {
		for range 10 {
			x = x.Sin()
		}
		return x
	}
	peak := func(wrap func(f func(x *Tensor) *Tensor, x *Tensor) *Tensor) (int64, *Tensor) {
		runtime.GC()
		before := MemoryStats().Live
		ResetMemoryPeak()
		var g *Tensor
		Scope(func() {
			y := x
			for range blocks {
				y = wrap(deep, y)
			}
			g = Keep(Grad(y.Sum(), x)[0])
		})
		return (MemoryStats().Peak - before) / (n * n * 4), g
	}
	plain, want := peak(plainly)
	less, got := peak(Checkpoint)
	sameTensors(t, "gradient", []*Tensor{got}, []*Tensor{want})
	if plain < 10*blocks || less > blocks+10+6 {
		t.Errorf("at most %d matrices at a time with Checkpoint, %d without: want at most %d, and %d or more", less, plain, blocks+16, 10*blocks)
	}
}

func TestCheckpointKnowsWhatItsFunctionUses(t *testing.T) {
	w := Param("w", FromFloat64([]float64{3}, 1))
	h := w.Square() // an intermediate result from outside, whose own gradient must not be counted twice
	x := FromFloat64([]float64{2}, 1)
	y := Checkpoint(func(x *Tensor) *Tensor { return x.Mul(h).Mul(w) }, x).Sum() // 2 w³
	g := Grad(y, w, h)
	close64(t, "by the weight", g[0], []float64{54}, 0)
	close64(t, "by what was made of it", g[1], []float64{6}, 0)
	seen := 0
	hooked := Checkpoint(func(x *Tensor) *Tensor {
		a := x.Mul(w)
		a.OnGrad(func(g *Tensor) *Tensor { seen++; return g.Scale(10) })
		return a.Exp()
	}, x).Sum()
	close64(t, "through a hook inside", Grad(hooked, w)[0], []float64{20 * math.Exp(6)}, 0)
	if seen != 1 {
		t.Errorf("the hook ran %d times", seen)
	}
	penalty := Checkpoint(func(x *Tensor) *Tensor { // a gradient inside
		at := Param("at", x)
		return GradGraph(at.Square().Mul(w).Sum(), at)[0].Square().Sum() // 4 x² w²
	}, x)
	close64(t, "of a gradient", Grad(penalty, w)[0], []float64{96}, 1e-12)
	if y := Checkpoint(func(x *Tensor) *Tensor { return x }, w); y != w {
		t.Error("a function that returns its argument")
	}
	if Checkpoint(func(x *Tensor) *Tensor { return x.Exp() }, x).RequiresGrad() {
		t.Error("a result of constants requires a gradient")
	}
	events := Trace(func() { Checkpoint(func(x *Tensor) *Tensor { return x.Mul(w).Exp() }, x) })
	if len(events) != 2 {
		t.Errorf("a trace sees %d ops, want 2", len(events))
	}
	again := []bool{}
	Grad(Checkpoint(func(x *Tensor) *Tensor { again = append(again, Recomputing()); return x.Exp() }, w).Sum(), w)
	if !slices.Equal(again, []bool{false, true}) || Recomputing() {
		t.Errorf("Recomputing says %v", again)
	}
}

func TestCheckpointRefusesAFunctionThatChanges(t *testing.T) {
	w, v := Param("w", Ones(2)), Param("v", Ones(2))
	n := 0.0
	for want, f := range map[string]func(x *Tensor) *Tensor{
		"Checkpoint: the function returned other numbers than before, of shape (2)": func(x *Tensor) *Tensor { n++; return x.Scale(n) },
		"Checkpoint: the function returned f32(2), and now f32(2,1)": func(x *Tensor) *Tensor {
			if Recomputing() {
				return x.Exp().Reshape(2, 1)
			}
			return x.Exp()
		},
		"Checkpoint: the function now uses v (2), which it did not use before": func(x *Tensor) *Tensor {
			if Recomputing() {
				return x.Mul(v)
			}
			return x.Mul(w)
		},
		"what it did not compute from anything that requires a gradient": func(x *Tensor) *Tensor {
			if Recomputing() {
				return x.Exp().Detach()
			}
			return x.Exp()
		},
	} {
		y := Checkpoint(f, w).Sum()
		if err := Try(func() { Grad(y, w) }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	y := Checkpoint(func(x *Tensor) *Tensor { return x.Mul(w) }, w).Sum()
	w.Assign(Zeros(2))
	if err := Try(func() { Grad(y, w) }); err == nil || !strings.Contains(err.Error(), "w (2) was changed in place after Checkpoint had used it") {
		t.Error(err)
	}
	big := Ones(300, 300).SetRequiresGrad(true)
	var inside *Tensor
	Checkpoint(func(x *Tensor) *Tensor { inside = x.Exp(); return inside.Sum() }, big)
	if err := Try(func() { inside.Sum() }); err == nil {
		t.Error("what a function made on the way can be used after it")
	}
}
