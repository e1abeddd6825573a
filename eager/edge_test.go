package eager

import (
	"math"
	"math/bits"
	"strings"
	"testing"
)

// TestEdges holds ops to what PyTorch says where a formula taken literally has no answer, or a bad one. Each row has the result
// and the gradient of its sum.
func TestEdges(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	log2 := math.Log(2)
	to := func(y float64) func(*Tensor) *Tensor {
		return func(x *Tensor) *Tensor { return x.Pow(number(x.DType(), y)) }
	}
	first := func(x *Tensor) *Tensor { y, _ := x.TopK(2); return y }
	cases := []struct {
		name      string
		f         func(*Tensor) *Tensor
		x, y, dx  []float64
		tolerance float64
	}{
		{"x to the 0", to(0), []float64{0, 1, -2}, []float64{1, 1, 1}, []float64{0, 0, 0}, 0},
		{"x to the 1", to(1), []float64{0, 1, -2}, []float64{0, 1, -2}, []float64{1, 1, 1}, 0},
		{"Std of equal numbers", func(x *Tensor) *Tensor { return x.Std() }, []float64{2, 2}, []float64{0}, []float64{0, 0}, 0},
		{"Norm of zeros", (*Tensor).Norm, []float64{0, 0}, []float64{0}, []float64{0, 0}, 0},
		{"Norm", (*Tensor).Norm, []float64{3, 4}, []float64{5}, []float64{0.6, 0.8}, 1e-7},
		{"LogSoftmax of large numbers", func(x *Tensor) *Tensor { return x.LogSoftmax(0) },
			[]float64{1e4, -inf, 1e4}, []float64{-log2, -inf, -log2}, []float64{-0.5, 1, -0.5}, 1e-7},
		{"LogSoftmax with infinity", func(x *Tensor) *Tensor { return x.LogSoftmax(0) }, []float64{inf, 0}, []float64{nan, nan}, []float64{nan, nan}, 0},
		{"Softmax with infinity", func(x *Tensor) *Tensor { return x.Softmax(0) }, []float64{inf, 1}, []float64{nan, nan}, []float64{nan, nan}, 0},
		{"TopK with NaN", first, []float64{1, nan, 3, 2}, []float64{nan, 3}, []float64{0, 1, 1, 0}, 0},
		{"Abs of 0", (*Tensor).Abs, []float64{0, -1}, []float64{0, 1}, []float64{0, -1}, 0},
		{"Max of equal numbers", func(x *Tensor) *Tensor { return x.Max() }, []float64{1, 3, 3}, []float64{3}, []float64{0, 0.5, 0.5}, 0},
		{"Prod with 0", func(x *Tensor) *Tensor { return x.Prod() }, []float64{0, 2, 3}, []float64{0}, []float64{6, 0, 0}, 1e-6},
		{"Softplus far out", (*Tensor).Softplus, []float64{1000, -1000}, []float64{1000, 0}, []float64{1, 0}, 0},
	}
	for _, c := range cases {
		for _, d := range []DType{Float32, Float64} {
			x := Param("x", FromFloat64(c.x, len(c.x)).To(d))
			y := c.f(x)
			near(t, d.String()+" "+c.name, y, c.y, c.tolerance)
			near(t, d.String()+" "+c.name+", gradient", Grad(y.Sum(), x)[0], c.dx, c.tolerance)
			near(t, d.String()+" "+c.name+", recorded gradient", GradGraph(y.Sum(), x)[0], c.dx, c.tolerance)
		}
	}
}

// near compares number by number.
func near(t *testing.T, what string, x *Tensor, want []float64, tolerance float64) {
	t.Helper()
	for i, got := range x.Values() {
		same := got == want[i] || math.IsNaN(got) && math.IsNaN(want[i])
		if !same && !(math.Abs(got-want[i]) <= tolerance) {
			t.Errorf("%s is %v, want %v", what, x.Values(), want)
			return
		}
	}
}

// TestSizesThatOverflow are shapes whose number of elements, or of bytes, is beyond int: as plain products they could come out
// as 0.
func TestSizesThatOverflow(t *testing.T) {
	const half = 1 << (bits.UintSize / 2)
	for name, f := range map[string]func() *Tensor{
		"Zeros":  func() *Tensor { return Zeros(half, half) },
		"bytes":  func() *Tensor { return Zeros(1 << (bits.UintSize - 3)) },
		"Expand": func() *Tensor { return Zeros(1).Expand(half, half) },
		"Pad":    func() *Tensor { return Zeros(1).Pad(0, half*half/4, half*half/4) },
		"MatMul": func() *Tensor { return Zeros(1).Expand(half, 1).MatMul(Zeros(1).Expand(1, half)) },
		"Add":    func() *Tensor { return Zeros(1).Expand(half, 1).Add(Zeros(1).Expand(1, half)) },
		"Conv2d": func() *Tensor { return Zeros(1, 1, 4, 4).Conv2d(Zeros(1, 1, 3, 3), nil, 1, half*64) },
	} {
		if err := Try(func() { f() }); err == nil || !strings.Contains(err.Error(), "has more elements than any memory") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestKernelsWiderThanImages has windows of which whole columns are padding.
func TestKernelsWiderThanImages(t *testing.T) {
	for _, d := range []DType{Float32, Float64} {
		x, w := Param("x", FromFloat64([]float64{2}, 1, 1, 1, 1).To(d)), Param("w", FromFloat64([]float64{3, 5, 7}, 1, 1, 1, 3).To(d))
		y := x.Conv2dWith(w, nil, ConvOptions{Pad: [2]int{0, 2}, Dilation: [2]int{1, 2}})
		near(t, d.String(), y, []float64{10}, 0)
		g := Grad(y.Sum(), x, w)
		near(t, d.String()+", by x", g[0], []float64{5}, 0)
		near(t, d.String()+", by w", g[1], []float64{0, 2, 0}, 0)
	}
}

// TestProductsOverNothing have gradients of the right shapes.
func TestProductsOverNothing(t *testing.T) {
	x, w := Param("x", Zeros(2, 3, 0)), Param("w", Zeros(0, 4))
	g := Grad(x.MatMul(w).Sum(), x, w)
	if got := g[0].Shape().String() + g[1].Shape().String(); got != "(2,3,0)(0,4)" {
		t.Errorf("gradients of shapes %s", got)
	}
}
