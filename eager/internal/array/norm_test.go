package array

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// noise is an array of normal numbers around shift, and the same in float64.
func noise(r *rand.Rand, shift float64, shape ...int) (a, wide Array) {
	v := make([]float64, Size(shape))
	for i := range v {
		v[i] = float64(float32(r.NormFloat64() + shift))
	}
	wide = Of(Float64, v, shape)
	return Cast(&wide, Float32), wide
}

// nearly holds float32 numbers against float64 ones, relative to the largest.
func nearly(t *testing.T, what string, got, want *Array, tolerance float64) {
	t.Helper()
	g, w := Float64s(got), Float64s(want)
	size := 0.0
	for _, v := range w {
		size = max(size, math.Abs(v))
	}
	for i, v := range w {
		if !(math.Abs(g[i]-v) <= tolerance*size) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, g[i], v)
		}
	}
}

// onThreads runs f at 1, 2 and 4 threads and holds the bits of its results to be the same.
func onThreads(t *testing.T, what string, f func() []Array) []Array {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []Array
	var want [][]float64
	for _, n := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(n)
		now := f()
		for k := range now {
			got := Float64s(&now[k])
			if first == nil {
				want = append(want, got)
				continue
			}
			for i := range got {
				if got[i] != want[k][i] {
					t.Fatalf("%s: element %d of result %d is %v at %d threads, %v at 1", what, i, k, got[i], n, want[k][i])
				}
			}
			now[k].Store.Free()
		}
		if first == nil {
			first = now
		}
	}
	return first
}

func TestNormOfFloat32IsThatOfFloat64(t *testing.T) {
	for _, square := range []bool{false, true} {
		for _, shape := range [][2]int{{1, 1}, {3, 5}, {700, 128}, {129, 1000}, {2, 40000}} {
			r := rand.New(rand.NewPCG(1, uint64(shape[0])))
			x, wideX := noise(r, 3, shape[0], shape[1])
			w, wideW := noise(r, 1, shape[1])
			b, wideB := noise(r, 0, shape[1])
			g, wideG := noise(r, 0, shape[0], shape[1])
			m := Norm{Eps: 1e-5, Square: square}
			if shape[1] == 1 {
				m.Eps = 1 // else a variance of 0 is a matter of rounding
			}
			bias, wideBias := &b, &wideB
			if square {
				bias, wideBias = nil, nil
			}
			all := onThreads(t, "Norm", func() []Array {
				y := m.Forward(&x, &w, bias)
				dx, dw, db := m.Backward(&x, &w, &g)
				return []Array{y, dx, dw, db}
			})
			y := m.Forward(&wideX, &wideW, wideBias)
			dx, dw, db := m.Backward(&wideX, &wideW, &wideG)
			// A sum of n terms in float32, of which lanes keep parts.
			nearly(t, "result", &all[0], &y, 3e-6)
			nearly(t, "dx", &all[1], &dx, 1e-5)
			nearly(t, "dw", &all[2], &dw, 1e-5)
			nearly(t, "db", &all[3], &db, 1e-5)
		}
	}
	empty := New(Float32, []int{0, 3})
	w := Zeros(Float32, []int{3})
	if y := (Norm{}).Forward(&empty, &w, &w); y.Size() != 0 {
		t.Error("no rows make no rows")
	}
	if _, dw, _ := (Norm{}).Backward(&empty, &w, &empty); dw.Size() != 3 {
		t.Error("no rows have a gradient of 0")
	}
}
