package eager

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// TestConvolutionsAndPoolsOfAnySettings compares float32 at every level, which goes many ways by size and setting, with float64 in
// plain Go: results, gradients, and the gradients as they are recorded.
func TestConvolutionsAndPoolsOfAnySettings(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 30
	}
	r := rand.New(rand.NewPCG(7, 8))
	sizes := []int{1, 1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 20, 28, 33}
	pick := func(n ...int) int { return n[r.IntN(len(n))] }
	for round := 0; round < rounds; {
		var call func(x []*Tensor) *Tensor
		var shapes []Shape
		n, h, w := pick(1, 1, 2, 3, 5), sizes[r.IntN(len(sizes))], sizes[r.IntN(len(sizes))]
		what := ""
		switch kind := r.IntN(6); {
		case kind < 4:
			groups := pick(1, 1, 1, 2, 3, 8)
			in, out := groups*pick(1, 1, 2, 3, 8, 17), groups*pick(1, 1, 2, 4, 15, 32)
			o := ConvOptions{Stride: [2]int{pick(1, 1, 1, 2, 3), pick(1, 1, 1, 2, 4)}, Pad: [2]int{pick(0, 0, 1, 2, 3), pick(0, 0, 1, 2, 3)},
				Dilation: [2]int{pick(1, 1, 1, 2, 3), pick(1, 1, 1, 2)}, Groups: groups}
			kh, kw := pick(1, 2, 3, 3, 5, 7), pick(1, 2, 3, 3, 5, 7)
			x := Shape{n, in, h, w}
			if kind < 3 {
				shapes = []Shape{x, {out, in / groups, kh, kw}, {out}}
				call = func(x []*Tensor) *Tensor { return x[0].Conv2dWith(x[1], x[2], o) }
				what = fmt.Sprintf("Conv2d %+v", o)
			} else {
				extra := [2]int{r.IntN(o.Stride[0]), r.IntN(o.Stride[1])}
				shapes = []Shape{x, {in, out / groups, kh, kw}, {out}}
				call = func(x []*Tensor) *Tensor { return x[0].ConvTranspose2dWith(x[1], x[2], extra, o) }
				what = fmt.Sprintf("ConvTranspose2d %+v, %v more", o, extra)
			}
		default:
			k, stride := pick(1, 2, 2, 3, 5), pick(1, 2, 2, 3, 5)
			shapes = []Shape{{n, pick(1, 2, 7), h, w}}
			call = func(x []*Tensor) *Tensor { return x[0].MaxPool2d(k, stride) }
			what = fmt.Sprintf("MaxPool2d %d %d", k, stride)
			if kind == 5 {
				call = func(x []*Tensor) *Tensor { return x[0].AvgPool2d(k, stride) }
				what = fmt.Sprintf("AvgPool2d %d %d", k, stride)
			}
		}
		what += fmt.Sprint(" ", shapes)
		seed := r.Uint64()
		all := func(d DType) []*Tensor {
			s := NewRand(seed)
			xs := make([]*Tensor, len(shapes))
			for i, shape := range shapes {
				xs[i] = Param("x", s.Uniform(-1, 1, shape...).To(d))
			}
			y := call(xs)
			g := s.Uniform(-1, 1, y.Shape()...).To(d)
			return slices.Concat([]*Tensor{y}, GradOf(y, g, xs, false, true), GradOf(y, g, xs, true, true))
		}
		var want []*Tensor
		func() {
			defer simd.Use(simd.Generic)()
			if Try(func() { want = all(Float64) }) == nil {
				round++
			}
		}()
		if want == nil {
			continue // windows that do not fit
		}
		for _, l := range simd.Levels() {
			func() {
				defer simd.Use(l)()
				for i, got := range all(Float32) {
					close64(t, fmt.Sprintf("%s: %v, result or gradient %d", what, l, i), got, want[i].Values(), 3e-5)
				}
			}()
		}
	}
}
