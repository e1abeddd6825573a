package eager

import (
	"strings"
	"testing"
)

// functionals are functions with their Jacobians by hand, at (0.5,-1.5,2).
var functionals = []struct {
	name string
	f    func(xs []*Tensor) *Tensor
	want func(x []float64) []float64
}{
	{"squares", func(xs []*Tensor) *Tensor { return xs[0].Square() },
		func(x []float64) []float64 { return []float64{2 * x[0], 0, 0, 0, 2 * x[1], 0, 0, 0, 2 * x[2]} }},
	{"neighbours", func(xs []*Tensor) *Tensor { return xs[0].Slice(0, 0, 2).Mul(xs[0].Slice(0, 1, 3)) },
		func(x []float64) []float64 { return []float64{x[1], x[0], 0, 0, x[2], x[1]} }},
	{"linear", func(xs []*Tensor) *Tensor {
		return FromFloat64([]float64{1, 2, 3, 4, 5, 6}, 2, 3).MatMul(xs[0].Reshape(3, 1)).Reshape(2)
	}, func([]float64) []float64 { return []float64{1, 2, 3, 4, 5, 6} }},
	{"product", func(xs []*Tensor) *Tensor {
		return xs[0].Index(0, 0).Mul(xs[0].Index(0, 1)).Mul(xs[0].Index(0, 2)).Reshape(1)
	}, func(x []float64) []float64 { return []float64{x[1] * x[2], x[0] * x[2], x[0] * x[1]} }},
	{"constant", func([]*Tensor) *Tensor { return ZerosOf(Float64, 2) },
		func([]float64) []float64 { return make([]float64, 6) }},
}

func TestJacobianVJPAndJVPFollowTheFormulas(t *testing.T) {
	at, dir := []float64{0.5, -1.5, 2}, []float64{1, -2, 0.25}
	for _, c := range functionals {
		x, v := FromFloat64(at, 3), FromFloat64(dir, 3)
		want := c.want(at)
		m := len(want) / 3
		j := Jacobian(c.f, []*Tensor{x})[0]
		close64(t, c.name+" Jacobian", j.Want(m, 3), want, 1e-14)
		u, pulled, pushed := make([]float64, m), make([]float64, 3), make([]float64, m)
		for i := range m {
			u[i] = float64(i) - 0.75
			for k := range 3 {
				pulled[k] += u[i] * want[3*i+k]
				pushed[i] += want[3*i+k] * dir[k]
			}
		}
		y, g := VJP(c.f, []*Tensor{x}, FromFloat64(u, m))
		close64(t, c.name+" value", y, c.f([]*Tensor{x}).Values(), 0)
		close64(t, c.name+" VJP", g[0].Want(3), pulled, 1e-14)
		y, dy := JVP(c.f, []*Tensor{x}, []*Tensor{v})
		close64(t, c.name+" value", y, c.f([]*Tensor{x}).Values(), 0)
		close64(t, c.name+" JVP", dy.Want(m), pushed, 1e-14)
		for _, r := range []*Tensor{j, y, g[0], dy} {
			if r.RequiresGrad() {
				t.Errorf("%s: a result is recorded where nothing outside requires a gradient", c.name)
			}
		}
	}
}

// TestHessianAndHVPFollowTheFormula is x'Ax + x'b c with x (2), b (2) and c ().
func TestHessianAndHVPFollowTheFormula(t *testing.T) {
	a := FromFloat64([]float64{1, 2, 3, 5}, 2, 2)
	f := func(xs []*Tensor) *Tensor {
		x, b, c := xs[0].Reshape(2, 1), xs[1].Reshape(2, 1), xs[2]
		return x.T().MatMul(a).MatMul(x).Add(x.Mul(b).Sum().Mul(c)).Sum()
	}
	xs := []*Tensor{FromFloat64([]float64{0.5, -1}, 2), FromFloat64([]float64{3, 4}, 2), FromFloat64([]float64{7})}
	h := Hessian(f, xs)
	for _, w := range []struct {
		i, j  int
		shape []int
		want  []float64
	}{
		{0, 0, []int{2, 2}, []float64{2, 5, 5, 10}}, {0, 1, []int{2, 2}, []float64{7, 0, 0, 7}}, {0, 2, []int{2}, []float64{3, 4}},
		{1, 0, []int{2, 2}, []float64{7, 0, 0, 7}}, {1, 1, []int{2, 2}, make([]float64, 4)}, {1, 2, []int{2}, []float64{0.5, -1}},
		{2, 0, []int{2}, []float64{3, 4}}, {2, 1, []int{2}, []float64{0.5, -1}}, {2, 2, nil, []float64{0}},
	} {
		close64(t, "Hessian", h[w.i][w.j].Want(w.shape...), w.want, 1e-13)
	}
	vs := []*Tensor{FromFloat64([]float64{1, 2}, 2), FromFloat64([]float64{-1, 1}, 2), FromFloat64([]float64{0.5})}
	y, hv := HVP(f, xs, vs)
	close64(t, "value", y, f(xs).Values(), 0)
	close64(t, "HVP x", hv[0], []float64{2 + 10 - 7 + 1.5, 5 + 20 + 7 + 2}, 1e-13)
	close64(t, "HVP b", hv[1], []float64{7 + 0.25, 14 - 0.5}, 1e-13)
	close64(t, "HVP c", hv[2], []float64{3 + 8 - 0.5 - 1}, 1e-13)
}

// TestDerivativesCanBeDifferentiated is sin(w x): every derivative is taken for w once more, and inside each other.
func TestDerivativesCanBeDifferentiated(t *testing.T) {
	w, x := Param("w", FromFloat64([]float64{0.7})), FromFloat64([]float64{1.3})
	f := func(xs []*Tensor) *Tensor { return xs[0].Mul(w).Sin() }
	xs, one := []*Tensor{x}, []*Tensor{FromFloat64([]float64{1})}
	s, c := x.Mul(w.Detach()).Sin().Item(), x.Mul(w.Detach()).Cos().Item()
	slope := c - 0.7*1.3*s // d/dw (w cos(wx))
	_, g := VJP(f, xs, nil)
	close64(t, "d VJP/dw", Grad(g[0], w)[0], []float64{slope}, 1e-14)
	_, dy := JVP(f, xs, one)
	close64(t, "d JVP/dw", Grad(dy, w)[0], []float64{slope}, 1e-14)
	close64(t, "d Jacobian/dw", Grad(Jacobian(f, xs)[0], w)[0], []float64{slope}, 1e-14)
	curve := -2*0.7*s - 0.7*0.7*1.3*c // d/dw (-w² sin(wx))
	_, hv := HVP(f, xs, one)
	close64(t, "d HVP/dw", Grad(hv[0], w)[0], []float64{curve}, 1e-14)
	close64(t, "d Hessian/dw", Grad(Hessian(f, xs)[0][0], w)[0], []float64{curve}, 1e-14)
	third := Jacobian(func(xs []*Tensor) *Tensor {
		return Jacobian(func(xs []*Tensor) *Tensor { return Jacobian(f, xs)[0] }, xs)[0]
	}, xs)[0]
	close64(t, "third derivative", third, []float64{-0.7 * 0.7 * 0.7 * c}, 1e-14)
	NoGrad(func() {
		_, g := VJP(f, xs, nil)
		close64(t, "inside NoGrad", g[0], []float64{0.7 * c}, 1e-14)
		if g[0].RequiresGrad() {
			t.Error("a result of NoGrad is recorded")
		}
	})
	p := Param("p", x) // the argument itself is also used by f, as something else
	_, g = VJP(func(xs []*Tensor) *Tensor { return xs[0].Mul(p) }, []*Tensor{p}, nil)
	close64(t, "only what came in by the argument", g[0], []float64{1.3}, 0)
}

func TestDerivativesRefuse(t *testing.T) {
	f := func(xs []*Tensor) *Tensor { return xs[0].Square() }
	x := []*Tensor{Ones(2)}
	for want, call := range map[string]func(){
		"VJP: got no vector for a result of shape (2)":                         func() { VJP(f, x, nil) },
		"VJP: a vector f32(3) for the result f32(2): want the same":            func() { VJP(f, x, Ones(3)) },
		"JVP: 0 vectors for 1 arguments: want one for each":                    func() { JVP(f, x, nil) },
		"JVP: a vector f64(2) for an argument f32(2): want the same":           func() { JVP(f, x, []*Tensor{ZerosOf(Float64, 2)}) },
		"HVP: the function returned shape (2): want a scalar":                  func() { HVP(f, x, x) },
		"Hessian: the function returned shape (2): want a scalar":              func() { Hessian(f, x) },
		"Jacobian: argument 0, i64(1), has no derivative: want a float tensor": func() { Jacobian(f, []*Tensor{FromInts([]int{1}, 1)}) },
		"Jacobian: a tensor is nil":                                            func() { Jacobian(func([]*Tensor) *Tensor { return nil }, x) },
		"Jacobian: the function returned bool(2): want a float tensor":         func() { Jacobian(func(xs []*Tensor) *Tensor { return xs[0].Greater(xs[0]) }, x) },
	} {
		if err := Try(call); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
