package array

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// recurrences are the recurrent ops: their gates, their states, and how many places more than x their result has.
var recurrences = []struct {
	name                string
	gates, states, more int
	run                 func(in []*Array, reverse bool) (y, kept Array)
	back                func(in []*Array, y, kept, g *Array, reverse, wantX bool) []Array
}{
	{"LSTM", 4, 2, 1, LSTM, LSTMGrad},
	{"GRU", 3, 1, 0, GRU, GRUGrad},
}

// TestRecurrencesOfFloat32AreThoseOfFloat64 also holds that results do not depend on threads, nor on whether x lies by time or by
// example in memory.
func TestRecurrencesOfFloat32AreThoseOfFloat64(t *testing.T) {
	for _, f := range recurrences {
		for _, c := range []struct {
			t, n, k, h int
			reverse    bool
		}{{1, 1, 1, 1, false}, {5, 3, 7, 9, true}, {7, 40, 20, 33, false}, {3, 17, 64, 70, true}, {4, 0, 3, 2, false}} {
			for l := simd.Generic; l <= simd.AVX512; l++ {
				t.Run(fmt.Sprint(f.name, c, l), func(t *testing.T) {
					defer simd.Use(l)()
					r := rand.New(rand.NewPCG(9, uint64(c.h)))
					var in, wide []*Array
					for _, shape := range [][]int{{c.t, c.n, c.k}, {f.gates * c.h, c.k}, {f.gates * c.h, c.h}, {f.gates * c.h}, {f.gates * c.h}, {c.n, c.h}, {c.n, c.h}}[:5+f.states] {
						a, w := noise(r, 0, shape...)
						in, wide = append(in, &a), append(wide, &w)
					}
					g, wideG := noise(r, 0, c.t+f.more, c.n, c.h)
					run := func() []Array {
						y, kept := f.run(in, c.reverse)
						return append([]Array{y}, f.back(in, &y, &kept, &g, c.reverse, true)...)
					}
					all := onThreads(t, f.name, run)
					y, kept := f.run(wide, c.reverse)
					for i, w := range append([]Array{y}, f.back(wide, &y, &kept, &wideG, c.reverse, true)...) {
						// Rounding of float32 over some steps of sums of some 70 terms of the size of 1, in order at the generic level.
						nearly(t, fmt.Sprint("result ", i), &all[i], &w, 3e-5)
						if !Equal(all[i].Shape, w.Shape) {
							t.Fatalf("result %d has shape %v, want %v", i, all[i].Shape, w.Shape)
						}
					}
					x := in[0].Transpose([]int{1, 0, 2})
					x = Contiguous(&x)
					x = x.Transpose([]int{1, 0, 2})
					in[0] = &x
					for i, a := range run() {
						nearly(t, fmt.Sprint("by example, result ", i), &a, &all[i], 1e-6)
					}
				})
			}
		}
	}
}

// A state that is missing is zeros.
func TestMissingStatesAreZeros(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 1))
	for _, f := range recurrences {
		var in []*Array
		for _, shape := range [][]int{{3, 2, 4}, {f.gates * 5, 4}, {f.gates * 5, 5}, {f.gates * 5}, {f.gates * 5}} {
			a, _ := noise(r, 0, shape...)
			in = append(in, &a)
		}
		g, _ := noise(r, 0, 3+f.more, 2, 5)
		y, kept := f.run(in, false)
		grads := f.back(in, &y, &kept, &g, false, true)
		if len(grads) != 5 {
			t.Fatalf("%s: %d gradients for 5 arguments", f.name, len(grads))
		}
		zero := Zeros(Float32, []int{2, 5})
		in = append(in, &zero, &zero)[:5+f.states]
		y2, kept2 := f.run(in, false)
		nearly(t, f.name, &y, &y2, 0)
		for i, d := range f.back(in, &y2, &kept2, &g, false, false)[:5] {
			if i == 0 {
				if d.Store != nil {
					t.Errorf("%s: a gradient of x that nobody wants", f.name)
				}
				continue
			}
			nearly(t, fmt.Sprint(f.name, " gradient ", i), &grads[i], &d, 0)
		}
	}
}

// BenchmarkRecurrent is 64 steps of 32 examples, from 64 numbers to 128.
func BenchmarkRecurrent(b *testing.B) {
	r := rand.New(rand.NewPCG(11, 1))
	for _, f := range recurrences {
		var in []*Array
		for _, shape := range [][]int{{64, 32, 64}, {f.gates * 128, 64}, {f.gates * 128, 128}, {f.gates * 128}, {f.gates * 128}} {
			a, _ := noise(r, 0, shape...)
			a = Scale(&a, 0.1)
			in = append(in, &a)
		}
		g, _ := noise(r, 0, 64+f.more, 32, 128)
		free := func(as ...Array) {
			for _, a := range as {
				a.Store.Free()
			}
		}
		b.Run(f.name+" forward", func(b *testing.B) {
			for b.Loop() {
				y, kept := f.run(in, false)
				free(y, kept)
			}
		})
		y, kept := f.run(in, false)
		b.Run(f.name+" backward", func(b *testing.B) {
			for b.Loop() {
				free(f.back(in, &y, &kept, &g, false, true)...)
			}
		})
	}
}
