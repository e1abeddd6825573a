package array

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// TestWinograd: convolutions whose kernels are transformed, and their gradients, are those of float64.
func TestWinograd(t *testing.T) { levels(t, testWinograd) }

func testWinograd(t *testing.T) {
	if simd.Winograd32() == nil {
		t.Skip("this level has no kernels for it, and convolves otherwise")
	}
	for _, p := range []ConvParams{
		{N: 4, C: 32, H: 8, W: 8, O: 33, Pad: [2]int{1, 1}},
		{N: 3, C: 37, H: 9, W: 13, O: 32, Pad: [2]int{1, 0}},
		{N: 4, C: 32, H: 7, W: 12, O: 45, Pad: [2]int{0, 2}},
		{N: 5, C: 600, H: 5, W: 9, O: 32, Pad: [2]int{2, 1}},
		{N: 1, C: 64, H: 70, W: 40, O: 32, Pad: [2]int{1, 1}},
		{N: 2, C: 32, H: 6, W: 9, O: 140, Pad: [2]int{4, 3}},
		{N: 6, C: 40, H: 33, W: 21, O: 34, Pad: [2]int{1, 1}},
	} {
		p.KH, p.KW, p.Stride, p.Dilation, p.Groups = 3, 3, [2]int{1, 1}, [2]int{1, 1}, 1
		if !p.suitsWinograd() {
			t.Fatalf("%+v is not transformed", p)
		}
		x, x64 := both(p.N * p.C * p.H * p.W)
		w, w64 := both(p.O * p.C * 9)
		b, b64 := both(p.O)
		n := p.N * p.O * p.OutH() * p.OutW()
		y, y64 := make([]float32, n), make([]float64, n)
		Conv2d32(y, x, w, b, p)
		Conv2d64(y64, x64, w64, b64, p)
		within(t, fmt.Sprintf("%+v", p), y, y64)
		bx, bx64 := both(p.C)
		dx, dx64 := make([]float32, len(x)), make([]float64, len(x))
		Conv2dInput32(dx, y, w, bx, p)
		for i, v := range y {
			y64[i] = float64(v)
		}
		Conv2dInput64(dx64, y64, w64, bx64, p)
		within(t, fmt.Sprintf("%+v, gradient", p), dx, dx64)
		dw, dw64 := make([]float32, len(w)), make([]float64, len(w))
		Conv2dWeight32(dw, x, y, p)
		Conv2dWeight64(dw64, x64, y64, p)
		within(t, fmt.Sprintf("%+v, gradient of the kernels", p), dw, dw64)
	}
}

// both is n numbers as float32 and as float64.
func both(n int) (a []float32, b []float64) {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	a, b = make([]float32, n), make([]float64, n)
	for i := range a {
		a[i] = float32(r.NormFloat64())
		b[i] = float64(a[i])
	}
	return a, b
}

// within tells if numbers are further from what they should be than float32 explains.
func within(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	scale := 0.0
	for _, v := range want {
		scale = max(scale, math.Abs(v))
	}
	for i, v := range want {
		if d := math.Abs(float64(got[i]) - v); !(d <= 2e-6*scale) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, got[i], v)
		}
	}
}
