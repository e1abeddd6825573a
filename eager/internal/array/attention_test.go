package array

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// attention is the definition, for one head of float64: the result, and the gradients of q, k and v.
func attention(q, k, v, g *Array, p Attention) (y, dq, dk, dv []float64) {
	queries, d, keys, e := q.Shape[0], q.Shape[1], k.Shape[0], v.Shape[1]
	Q, K, V, G := Float64s(q), Float64s(k), Float64s(v), Float64s(g)
	y, dq, dk, dv = make([]float64, queries*e), make([]float64, queries*d), make([]float64, keys*d), make([]float64, keys*e)
	for i := range queries {
		seen := keys
		if p.Causal {
			seen = min(keys, i+1)
		}
		prob, sum := make([]float64, seen), 0.0
		for j := range prob {
			for c := range d {
				prob[j] += p.Scale * Q[i*d+c] * K[j*d+c]
			}
			prob[j] = math.Exp(prob[j])
			sum += prob[j]
		}
		slope, mean := make([]float64, seen), 0.0
		for j := range prob {
			prob[j] /= sum
			for c := range e {
				y[i*e+c] += prob[j] * V[j*e+c]
				dv[j*e+c] += prob[j] * G[i*e+c]
				slope[j] += G[i*e+c] * V[j*e+c]
			}
			mean += prob[j] * slope[j]
		}
		for j := range prob {
			ds := prob[j] * (slope[j] - mean) * p.Scale
			for c := range d {
				dq[i*d+c] += ds * K[j*d+c]
				dk[j*d+c] += ds * Q[i*d+c]
			}
		}
	}
	return y, dq, dk, dv
}

func TestAttentionIsItsDefinition(t *testing.T) {
	for _, c := range []struct {
		batch                  []int
		queries, keys, d, e    int
		causal, turned, strewn bool
	}{
		{nil, 1, 1, 1, 1, false, false, false},
		{nil, 3, 200, 7, 5, false, false, false},
		{[]int{2}, 130, 130, 33, 20, true, false, false},
		{[]int{2, 3}, 61, 40, 16, 16, true, true, false},
		{[]int{3, 2}, 40, 61, 16, 16, true, true, false},
		{[]int{2}, 57, 19, 4, 3, false, false, true},
	} {
		for l := simd.Generic; l <= simd.AVX512; l++ {
			t.Run(fmt.Sprint(c, l), func(t *testing.T) {
				defer simd.Use(l)()
				r := rand.New(rand.NewPCG(7, uint64(c.keys)))
				make2 := func(rows, columns int) (a, wide Array) {
					shape := append(append([]int{}, c.batch...), rows, columns)
					a, wide = noise(r, 0, shape...)
					switch {
					case c.turned: // heads after positions in memory, as layers have them
						x, w := a.Transpose([]int{0, 2, 1, 3}), wide.Transpose([]int{0, 2, 1, 3})
						x, w = Contiguous(&x), Contiguous(&w)
						return x.Transpose([]int{0, 2, 1, 3}), w.Transpose([]int{0, 2, 1, 3})
					case c.strewn: // gaps between the numbers of a row
						x, w := a.Transpose([]int{0, 2, 1}), wide.Transpose([]int{0, 2, 1})
						x, w = Contiguous(&x), Contiguous(&w)
						return x.Transpose([]int{0, 2, 1}), w.Transpose([]int{0, 2, 1})
					}
					return a, wide
				}
				q, wideQ := make2(c.queries, c.d)
				k, wideK := make2(c.keys, c.d)
				v, wideV := make2(c.keys, c.e)
				g, wideG := make2(c.queries, c.e)
				p := Attention{Scale: 0.4, Causal: c.causal}
				all := onThreads(t, "Attention", func() []Array {
					y, logs := p.Forward(&q, &k, &v)
					dq, dk, dv := p.Backward(&q, &k, &v, &y, &logs, &g)
					return []Array{y, dq, dk, dv}
				})
				wide, logs := p.Forward(&wideQ, &wideK, &wideV)
				dq, dk, dv := p.Backward(&wideQ, &wideK, &wideV, &wide, &logs, &wideG)
				for i, a := range []*Array{&wide, &dq, &dk, &dv} {
					what := []string{"result", "dq", "dk", "dv"}[i]
					nearly(t, what, &all[i], a, 2e-6)
					if !Equal(all[i].Shape, a.Shape) {
						t.Fatalf("%s has shape %v, want %v", what, all[i].Shape, a.Shape)
					}
				}
				if c.turned {
					if back := all[0].Transpose([]int{0, 2, 1, 3}); back.Strides != nil {
						t.Errorf("a turned result has strides %v", back.Strides)
					}
				}
				// One head of each against the definition.
				last := func(a *Array) Array {
					x := Contiguous(a)
					n := x.Size() / max(1, Size(c.batch))
					shape := a.Shape[len(a.Shape)-2:]
					return Array{DType: Float64, Shape: shape, Offset: x.Size() - n, Store: x.Store}
				}
				lq, lk, lv, lg := last(&wideQ), last(&wideK), last(&wideV), last(&wideG)
				y0, dq0, dk0, dv0 := attention(&lq, &lk, &lv, &lg, p)
				for i, want := range [][]float64{y0, dq0, dk0, dv0} {
					got := last([]*Array{&wide, &dq, &dk, &dv}[i])
					w := Of(Float64, want, got.Shape)
					nearly(t, "float64 "+[]string{"result", "dq", "dk", "dv"}[i], &got, &w, 1e-12)
				}
			})
		}
	}
}

// A mask that is a triangle is what Causal hides, however it lies in memory; a query that sees nothing has zeros, and no gradient.
func TestMaskedAttention(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 1))
	const n, queries, keys, d = 3, 70, 90, 24
	q, _ := noise(r, 0, n, queries, d)
	k, _ := noise(r, 0, n, keys, d)
	v, _ := noise(r, 0, n, keys, d)
	g, _ := noise(r, 0, n, queries, d)
	run := func(p Attention) []Array {
		return onThreads(t, "masked attention", func() []Array {
			y, logs := p.Forward(&q, &k, &v)
			dq, dk, dv := p.Backward(&q, &k, &v, &y, &logs, &g)
			return []Array{y, dq, dk, dv}
		})
	}
	want := run(Attention{Scale: 0.3, Causal: true})
	flags := make([]uint8, keys*queries) // turned
	for j := range keys {
		for i := range queries {
			flags[j*queries+i] = flag(j <= i)
		}
	}
	triangle := Of(Bool, flags, []int{keys, queries})
	triangle = triangle.Transpose([]int{1, 0})
	for i, a := range run(Attention{Scale: 0.3, Mask: &triangle}) {
		nearly(t, fmt.Sprint("triangle, result ", i), &a, &want[i], 1e-6)
	}

	blind := Zeros(Bool, []int{queries, 1})
	for i := range queries {
		Flat[uint8](&blind)[i] = flag(i != 5)
	}
	got := run(Attention{Scale: 0.3, Mask: &blind})
	want = run(Attention{Scale: 0.3})
	for _, a := range [][2]Array{{got[0], want[0]}, {got[1], want[1]}} {
		for i, x := range a[0].F32() {
			row := i / d % queries
			if y := a[1].F32()[i]; row == 5 && x != 0 || row != 5 && math.Abs(float64(x-y)) > 1e-5 {
				t.Fatalf("number %d of query %d is %v, without the mask %v", i, row, x, y)
			}
		}
	}
	for i, x := range got[3].F32() { // what a query that sees nothing adds to a value
		if x != x {
			t.Fatalf("number %d of the gradient of the values is %v", i, x)
		}
	}
}

func BenchmarkAttention(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range [][4]int{{16, 4, 128, 32}, {1, 8, 2048, 64}} {
		q, _ := noise(r, 0, c[0], c[1], c[2], c[3])
		k, _ := noise(r, 0, c[0], c[1], c[2], c[3])
		v, _ := noise(r, 0, c[0], c[1], c[2], c[3])
		p := Attention{Scale: 1 / math.Sqrt(float64(c[3])), Causal: true}
		products := float64(c[0] * c[1] * c[2] * c[2] * c[3])
		b.Run(fmt.Sprint("forward ", c), func(b *testing.B) {
			for b.Loop() {
				y, logs := p.Forward(&q, &k, &v)
				y.Store.Free()
				logs.Store.Free()
			}
			b.ReportMetric(2*products*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
		y, logs := p.Forward(&q, &k, &v)
		b.Run(fmt.Sprint("backward ", c), func(b *testing.B) {
			for b.Loop() {
				dq, dk, dv := p.Backward(&q, &k, &v, &y, &logs, &q)
				dq.Store.Free()
				dk.Store.Free()
				dv.Store.Free()
			}
			b.ReportMetric(5*products*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
	}
}
