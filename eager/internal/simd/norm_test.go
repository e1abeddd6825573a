package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestNormKernelsAreAsThePlainTwin compares the passes of a normalisation with float64, relative to the sizes of what they add.
func TestNormKernelsAreAsThePlainTwin(t *testing.T) {
	const shift, scale, slope, pull, move = 0.75, 1.3, 0.7, -0.4, 0.2
	levels(t, func(t *testing.T) {
		for _, n := range sizes() {
			r := rand.New(rand.NewPCG(6, uint64(n)))
			draw := func() []float32 {
				x := make([]float32, n)
				for i := range x {
					x[i] = float32(r.NormFloat64())
				}
				return x
			}
			a, w, b, g := draw(), draw(), draw(), draw()
			var moment, plain, moved, sizePlain, sizeMoved float64
			for i := range a {
				d, v := float64(a[i])-shift, float64(g[i])*float64(w[i])
				moment += d * d
				plain, sizePlain = plain+v, sizePlain+math.Abs(v)
				moved, sizeMoved = moved+v*d, sizeMoved+math.Abs(v*d)
			}
			near := func(what string, got, want, size float64) {
				t.Helper()
				if !(math.Abs(got-want) <= 1e-5*size) { // a lane adds up at most chunk/8 numbers
					t.Fatalf("%s of %d: %v, want %v", what, n, got, want)
				}
			}
			near("Moment", float64(Moment(a, shift)), moment, moment)
			p, m := NormSums(g, w, a, shift)
			near("NormSums, plain", float64(p), plain, sizePlain)
			near("NormSums, moved", float64(m), moved, sizeMoved)
			plain, moved, sizePlain, sizeMoved = 0, 0, 0, 0
			for i, v := range g {
				d := float64(v) * (float64(a[i]) - shift)
				plain, sizePlain = plain+float64(v), sizePlain+math.Abs(float64(v))
				moved, sizeMoved = moved+d, sizeMoved+math.Abs(d)
			}
			s, sm := ShiftSums(g, a, shift)
			near("ShiftSums, plain", s, plain, sizePlain)
			near("ShiftSums, moved", sm, moved, sizeMoved)

			dst, intact := guarded(n, n%5)
			dst2, intact2 := guarded(n, n%3)
			each := func(what string, got []float32, want func(i int) float64) {
				t.Helper()
				for i, v := range got {
					if w := want(i); !(math.Abs(float64(v)-w) <= 1e-6*(3+math.Abs(w))) { // a few roundings of terms of the size of 3
						t.Fatalf("%s of %d: element %d is %v, want %v", what, n, i, v, w)
					}
				}
				if !intact() || !intact2() {
					t.Fatalf("%s of %d writes outside of dst", what, n)
				}
			}
			Normalise(dst, a, w, b, shift, scale)
			each("Normalise", dst, func(i int) float64 { return (float64(a[i])-shift)*scale*float64(w[i]) + float64(b[i]) })
			NormGrad(dst, g, w, a, shift, slope, pull, move)
			each("NormGrad", dst, func(i int) float64 {
				return slope*float64(g[i])*float64(w[i]) + pull*(float64(a[i])-shift) + move
			})
			Shift(dst, a, shift, scale, move)
			each("Shift", dst, func(i int) float64 { return (float64(a[i])-shift)*scale + move })
			ShiftGrad(dst, g, a, move, shift, slope, pull)
			each("ShiftGrad", dst, func(i int) float64 { return slope*(float64(g[i])-move) + pull*(float64(a[i])-shift) })
			copy(dst, w)
			copy(dst2, b)
			NormAdd(dst, dst2, g, a, shift, scale)
			each("NormAdd", dst, func(i int) float64 { return float64(w[i]) + float64(g[i])*(float64(a[i])-shift)*scale })
			each("NormAdd", dst2, func(i int) float64 { return float64(b[i]) + float64(g[i]) })
		}
		if Moment(nil, 1) != 0 {
			t.Error("Moment of nothing is not 0")
		}
	})
}

func TestSumRowsAddsUpColumns(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(12, 1))
		for _, n := range []int{0, 1, 7, 16, 33, 127, 128, 129, 511, 512, 513, 1300} {
			for _, rows := range []int{0, 1, 2, 63, 64, 65, 200} {
				ld := n + 5
				x := make([]float32, rows*ld+n)
				for i := range x {
					x[i] = float32(r.IntN(100)) // whose sums are exact
				}
				dst, intact := guarded(n, n%7)
				want := make([]float32, n)
				for i := range dst {
					dst[i] = float32(i)
					want[i] = float32(i)
					for k := range rows {
						want[i] += x[k*ld+i]
					}
				}
				SumRows(dst, x, rows, ld)
				same(t, fmt.Sprintf("SumRows of %d by %d", rows, n), dst, want)
				if !intact() {
					t.Fatalf("SumRows of %d by %d writes outside of dst", rows, n)
				}
			}
		}
	})
}
