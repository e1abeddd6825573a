package array

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// from64 is an array of kind d.
func from64(d DType, shape []int, v []float64) Array {
	a := New(d, shape)
	for i, x := range v {
		if d == Float32 {
			a.F32()[i] = float32(x)
		} else {
			Flat[float64](&a)[i] = x
		}
	}
	return a
}

func to64(a Array) []float64 {
	if a.DType == Float64 {
		return Flat[float64](&a)
	}
	v := make([]float64, a.Size())
	for i, x := range a.F32() {
		v[i] = float64(x)
	}
	return v
}

func TestBatchNormIsItsDefinition(t *testing.T) {
	const eps = 1e-3
	for _, shape := range [][]int{{5, 3}, {64, 40}, {3, 2, 7}, {2, 5, 3, 9}, {1, 4, 6, 5}, {4, 3, 17, 19}, {2, 3, 200, 100}} {
		l := ChannelsOf(shape)
		r := rand.New(rand.NewPCG(4, 9))
		draw := func(n int, around float64) []float64 {
			v := make([]float64, n)
			for i := range v {
				v[i] = float64(float32(r.NormFloat64()*2 + around))
			}
			return v
		}
		x, w, b, g := draw(Size(shape), 4), draw(l.c, 1), draw(l.c, 0), draw(Size(shape), 1)
		at := func(i int) int { return i / l.size % l.c }
		count := float64(l.n * l.size)
		mean, variance, sum, moved := make([]float64, l.c), make([]float64, l.c), make([]float64, l.c), make([]float64, l.c)
		for i, v := range x {
			mean[at(i)] += v / count
		}
		for i, v := range x {
			variance[at(i)] += (v - mean[at(i)]) * (v - mean[at(i)]) / count
		}
		h := func(i int) float64 { return (x[i] - mean[at(i)]) / math.Sqrt(variance[at(i)]+eps) }
		for i, v := range g {
			sum[at(i)] += v
			moved[at(i)] += v * h(i)
		}
		var y, dx []float64
		for i := range x {
			c := at(i)
			y = append(y, h(i)*w[c]+b[c])
			dx = append(dx, w[c]/math.Sqrt(variance[c]+eps)*(g[i]-sum[c]/count-h(i)*moved[c]/count))
		}
		for d, tolerance := range map[DType]float64{Float32: 2e-5, Float64: 1e-11} {
			X, W, B, G := from64(d, shape, x), from64(d, []int{l.c}, w), from64(d, []int{l.c}, b), from64(d, shape, g)
			atEveryLevel(func(level simd.Level) {
				check := func(what string, got Array, want []float64) {
					t.Helper()
					largest := 0.0
					for _, v := range want {
						largest = max(largest, math.Abs(v))
					}
					for i, v := range to64(got) {
						if !(math.Abs(v-want[i]) <= tolerance*largest) {
							t.Fatalf("%s of %v, kind %d, level %v: number %d is %v, want %v", what, shape, d, level, i, v, want[i])
						}
					}
				}
				Y, stats := BatchNorm(&X, &W, &B, eps)
				check("result", Y, y)
				check("statistics", stats, append(slices.Clone(mean), variance...))
				DX, DW, DB := BatchNormGrad(&X, &W, &G, &stats, eps)
				check("gradient of x", DX, dx)
				check("gradient of w", DW, moved)
				check("gradient of b", DB, sum)
				m, v := from64(d, []int{l.c}, mean), from64(d, []int{l.c}, variance)
				check("with given statistics", ShiftChannels(&X, &W, &B, &m, &v, eps), y)
			})
		}
	}
}

func TestBatchNormIsTheSameAtAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	r := rand.New(rand.NewPCG(5, 9))
	for _, shape := range [][]int{{40, 50, 7, 7}, {3, 20, 60, 50}} {
		X, G := New(Float32, shape), New(Float32, shape)
		copy(X.F32(), normals[float32](r, X.Size()))
		copy(G.F32(), normals[float32](r, X.Size()))
		w, b := New(Float32, shape[1:2]), New(Float32, shape[1:2])
		copy(w.F32(), normals[float32](r, shape[1]))
		copy(b.F32(), normals[float32](r, shape[1]))
		var want string
		for _, threads := range []int{1, 2, 5} {
			runtime.GOMAXPROCS(threads)
			y, stats := BatchNorm(&X, &w, &b, 1e-5)
			dx, dw, db := BatchNormGrad(&X, &w, &G, &stats, 1e-5)
			got := fmt.Sprint(y.F32(), stats.F32(), dx.F32(), dw.F32(), db.F32())
			if threads == 1 {
				want = got
			} else if got != want {
				t.Fatalf("%v: %d threads give other numbers than one", shape, threads)
			}
		}
	}
}
