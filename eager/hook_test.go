package eager

import (
	"strings"
	"testing"
)

func TestOnGradSeesAndReplacesWholeGradients(t *testing.T) {
	x := Param("x", New([]float64{1, 2}, 2))
	h := x.Square()
	var seen []*Tensor
	remove := h.OnGrad(func(g *Tensor) *Tensor { seen = append(seen, g); return g.Scale(10) })
	y := h.Mul(h).Sum() // two ways into h
	g := Grad(y, x, h)
	close64(t, "dy/dx", g[0], []float64{40, 320}, 0)
	close64(t, "dy/dh", g[1], []float64{20, 80}, 0)
	close64(t, "what the hook saw", seen[0], []float64{2, 8}, 0)
	leaf := x.OnGrad(func(g *Tensor) *Tensor { return nil })
	y.Backward()
	close64(t, "the leaf's gradient", x.Grad(), []float64{40, 320}, 0)
	// 2x 10 g(h) with g(h) = 2h: 40h directly, and 10 times 40x through h, where the hook works again, times 2x
	close64(t, "recorded", Grad(GradGraph(y, x)[0].Sum(), x)[0], []float64{840, 3360}, 0)
	remove()
	leaf()
	close64(t, "without hooks", Grad(y, x)[0], []float64{4, 32}, 0)
	big := Param("big", Ones(300, 300))
	var kept *Tensor
	s := big.Square()
	s.OnGrad(func(g *Tensor) *Tensor { kept = g; return nil })
	Grad(s.Square().Sum(), big)
	if kept.Sum().Item() != 2*90000 {
		t.Error("what a hook has seen does not live on")
	}
}

func TestOnGradRefuses(t *testing.T) {
	if err := Try(func() { Ones(1).OnGrad(nil) }); err == nil || !strings.Contains(err.Error(), "OnGrad: (1) does not require a gradient") {
		t.Error(err)
	}
	x := Param("x", Ones(2))
	x.OnGrad(func(*Tensor) *Tensor { return Ones(3) })
	if err := Try(func() { Grad(x.Sum(), x) }); err == nil || !strings.Contains(err.Error(), "OnGrad: a gradient f32(3) for a tensor f32(2): want the same") {
		t.Error(err)
	}
}
