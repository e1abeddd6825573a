package array

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestLargeLoopsAgreeWithIndexArithmetic is TestLoopsAgreeWithIndexArithmetic for arrays of which several processors take a part, in
// every way of lying in memory; results do not depend on how many there are. All numbers are whole, so that sums are exact.
func TestLargeLoopsAgreeWithIndexArithmetic(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	draw := func(d DType, shape ...int) Array {
		a := New(Float64, shape)
		for i := range Flat[float64](&a) {
			Flat[float64](&a)[i] = float64(r.IntN(9))
		}
		return Cast(&a, d)
	}
	const n, m = 181, 401
	views := map[string]func(d DType) Array{
		"whole":    func(d DType) Array { return draw(d, n, m) },
		"turned":   func(d DType) Array { a := draw(d, m, n); return a.Transpose([]int{1, 0}) },
		"cut":      func(d DType) Array { a := draw(d, n+3, m+9); a = a.Slice(0, 2, n+2); return a.Slice(1, 5, m+5) },
		"backward": func(d DType) Array { a := draw(d, n, m); return a.Flip(1) },
		"row":      func(d DType) Array { return draw(d, m) },
		"column":   func(d DType) Array { return draw(d, n, 1) },
		"number":   func(d DType) Array { return draw(d) },
		"batch":    func(d DType) Array { a := draw(d, m, n, 1); return a.Transpose([]int{2, 1, 0}) },
	}
	for nameA, viewA := range views {
		for nameB, viewB := range views {
			for _, d := range []DType{Float32, []DType{Float64, Int64, Uint8}[r.IntN(3)]} {
				a, b, c := viewA(d), viewB(d), views["turned"](Bool)
				shape, ok := Broadcast(a.Shape, b.Shape)
				if !ok || Size(shape) < n*m {
					continue
				}
				x, y, z := a.Expand(shape), b.Expand(shape), c
				z = z.Expand(shape)
				p, q, s := numbers(&x), numbers(&y), numbers(&z)
				free := func(as ...Array) {
					for _, a := range as {
						a.Store.Free()
					}
				}
				all := onThreads(t, nameA+" and "+nameB, func() []Array {
					return []Array{
						Mul.Apply(&a, &b, shape), Compare(Below, &a, &b, shape), Compare(Equals, &a, &b, shape),
						Compare(AtMost, &a, &b, shape), Compare(Differs, &a, &b, shape), Where(&c, &a, &b, shape), Contiguous(&x),
					}
				})
				for i, v := range p {
					w := q[i]
					chosen := w
					if s[i] != 0 {
						chosen = v
					}
					for k, want := range []float64{v * w, float64(flag(v < w)), float64(flag(v == w)), float64(flag(v <= w)), float64(flag(v != w)), chosen, v} {
						if got := all[k].At(i); got != want {
							t.Fatalf("%s and %s of kind %d: number %d of result %d is %g, want %g", nameA, nameB, d, i, k, got, want)
						}
					}
				}
				free(all...)
			}
		}
	}
}

func TestLargeReductionsAreExactForWholeNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, shape := range [][]int{{1, 200_000, 1}, {3, 70_000, 2}, {2, 1000, 130}, {1, 3, 100_000}, {300, 5, 700}, {1, 130, 4096}} {
		v := make([]float32, Size(shape))
		for i := range v {
			v[i] = float32(r.IntN(17) - 8)
		}
		a := Of(Float32, v, shape)
		for _, f := range []Reducer{Total, Largest, Smallest} {
			for axis := range shape {
				axes := make([]bool, 3)
				axes[axis] = true
				y := onThreads(t, fmt.Sprint(shape), func() []Array { return []Array{Reduce(f, &a, axes)} })[0]
				outer, n, inner := split(shape, axis)
				for o := range outer {
					for i := range inner {
						want := v[o*n*inner+i]
						for k := 1; k < n; k++ {
							x := v[(o*n+k)*inner+i]
							want = [...]float32{want + x, max(want, x), min(want, x)}[f]
						}
						if got := y.F32()[o*inner+i]; got != want {
							t.Fatalf("reduction %d of axis %d of %v: number (%d,%d) is %g, want %g", f, axis, shape, o, i, got, want)
						}
					}
				}
			}
		}
		all := Reduce(Total, &a, []bool{true, true, true})
		want := 0.0
		for _, x := range v {
			want += float64(x)
		}
		if got := all.At(0); got != want {
			t.Fatalf("sum of all of %v is %g, want %g", shape, got, want)
		}
	}
}

// TestIndexingAndLossesOnManyProcessors holds take, put, log-sum-exp and cross-entropy of float32 against float64, at any number of
// threads.
func TestIndexingAndLossesOnManyProcessors(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, c := range [][3]int{{1, 50, 3}, {500, 7, 96}, {3000, 1000, 64}, {400, 3, 1}, {90_000, 11, 1}} {
		rows, table, width := c[0], c[1], c[2]
		at := make([]int64, rows)
		for i := range at {
			at[i] = r.Int64N(int64(table))
		}
		idx := Of(Int64, at, []int{rows})
		x, wideX := noise(r, 0, table, width)
		g, wideG := noise(r, 0, rows, width)
		got := onThreads(t, "Take and PutAdd", func() []Array { return []Array{Take(&x, 0, &idx), PutAdd(&g, 0, table, &idx)} })
		y, z := Take(&wideX, 0, &idx), PutAdd(&wideG, 0, table, &idx)
		nearly(t, "Take", &got[0], &y, 0)
		nearly(t, "PutAdd", &got[1], &z, 1e-4) // sums of up to 10,000 numbers in order

		logits, wide := noise(r, 2, rows, table)
		got = onThreads(t, "losses", func() []Array {
			return []Array{LogSumExp(&logits, 1), CrossEntropy(&logits, &idx), CrossEntropyGrad(&logits, &idx, 3)}
		})
		y = LogSumExp(&wide, 1)
		nearly(t, "LogSumExp", &got[0], &y, 1e-6)
		y = CrossEntropy(&wide, &idx)
		nearly(t, "CrossEntropy", &got[1], &y, 1e-6)
		y = CrossEntropyGrad(&wide, &idx, 3)
		nearly(t, "CrossEntropyGrad", &got[2], &y, 1e-6)
	}
}
