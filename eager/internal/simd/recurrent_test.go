package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRecurrentKernelsAreAsTheirPlainTwins runs each on random numbers, and holds all it writes against float64.
func TestRecurrentKernelsAreAsTheirPlainTwins(t *testing.T) {
	cells := []struct {
		name   string
		slices int
		f      func(x [][]float32)
		plain  func(x [][]float64)
	}{
		{"LSTMCell", 7, func(x [][]float32) { LSTMCell(LSTMGates[float32]{x[0], x[1], x[2], x[3]}, x[4], x[5], x[6]) },
			func(x [][]float64) { LSTMCell64(LSTMGates[float64]{x[0], x[1], x[2], x[3]}, x[4], x[5], x[6]) }},
		{"LSTMGrad", 12, func(x [][]float32) {
			LSTMGrad(LSTMGates[float32]{x[8], x[9], x[10], x[11]}, LSTMGates[float32]{x[0], x[1], x[2], x[3]}, x[4], x[5], x[6], x[7])
		}, func(x [][]float64) {
			LSTMGrad64(LSTMGates[float64]{x[8], x[9], x[10], x[11]}, LSTMGates[float64]{x[0], x[1], x[2], x[3]}, x[4], x[5], x[6], x[7])
		}},
		{"GRUCell", 8, func(x [][]float32) { GRUCell(GRUGates[float32]{x[0], x[1], x[2], x[3]}, x[4], x[5], x[6], x[7]) },
			func(x [][]float64) { GRUCell64(GRUGates[float64]{x[0], x[1], x[2], x[3]}, x[4], x[5], x[6], x[7]) }},
		{"GRUGrad", 10, func(x [][]float32) {
			GRUGrad(GRUGates[float32]{x[6], x[7], x[8], x[9]}, GRUGates[float32]{x[0], x[1], x[2], x[3]}, x[4], x[5])
		}, func(x [][]float64) {
			GRUGrad64(GRUGates[float64]{x[6], x[7], x[8], x[9]}, GRUGates[float64]{x[0], x[1], x[2], x[3]}, x[4], x[5])
		}},
	}
	levels(t, func(t *testing.T) {
		for _, c := range cells {
			for _, n := range sizes() {
				r := rand.New(rand.NewPCG(8, uint64(n)))
				got, want := make([][]float32, c.slices), make([][]float64, c.slices)
				intact := make([]func() bool, c.slices)
				for j := range got {
					got[j], intact[j] = guarded(n, j)
					want[j] = make([]float64, n)
					for i := range got[j] {
						got[j][i] = float32(r.NormFloat64())
						want[j][i] = float64(got[j][i])
					}
				}
				c.f(got)
				c.plain(want)
				for j := range got {
					for i, w := range want[j] {
						// A dozen roundings of terms that may cancel, the largest of some 30.
						if !(math.Abs(float64(got[j][i])-w) <= 1e-5*(1+math.Abs(w))) {
							t.Fatalf("%s of %d: slice %d, element %d is %v, want %v", c.name, n, j, i, got[j][i], w)
						}
					}
					if !intact[j]() {
						t.Fatalf("%s of %d writes outside of slice %d", c.name, n, j)
					}
				}
			}
		}
	})
}
