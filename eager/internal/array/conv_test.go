package array

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// products calls f for every product of a convolution: y[yi] takes x[xi] * w[wi].
func products(p *ConvParams, f func(yi, xi, wi int)) {
	oh, ow, cg, og := p.OutH(), p.OutW(), p.C/p.Groups, p.O/p.Groups
	for n := range p.N {
		for o := range p.O {
			for r := range oh {
				for s := range ow {
					for c := range cg {
						for i := range p.KH {
							for j := range p.KW {
								h := r*p.Stride[0] + i*p.Dilation[0] - p.Pad[0]
								w := s*p.Stride[1] + j*p.Dilation[1] - p.Pad[1]
								if h < 0 || h >= p.H || w < 0 || w >= p.W {
									continue
								}
								f(((n*p.O+o)*oh+r)*ow+s, ((n*p.C+o/og*cg+c)*p.H+h)*p.W+w, ((o*cg+c)*p.KH+i)*p.KW+j)
							}
						}
					}
				}
			}
		}
	}
}

// naive is sums of exact products.
type naive struct {
	want, size []float64
}

func newNaive(n int) *naive { return &naive{want: make([]float64, n), size: make([]float64, n)} }

func (s *naive) add(i int, v float64) {
	s.want[i] += v
	s.size[i] += math.Abs(v)
}

func conv(n, c, h, w, o, k, stride, pad, dilation, groups int) ConvParams {
	return ConvParams{N: n, C: c, H: h, W: w, O: o, KH: k, KW: k, Stride: [2]int{stride, stride}, Pad: [2]int{pad, pad},
		Dilation: [2]int{dilation, dilation}, Groups: groups}
}

var convShapes = []ConvParams{
	conv(1, 1, 1, 1, 1, 1, 1, 0, 1, 1),
	conv(2, 1, 28, 28, 6, 5, 1, 2, 1, 1),     // LeNet
	conv(2, 6, 14, 14, 16, 5, 1, 0, 1, 1),    // LeNet
	conv(3, 5, 7, 9, 4, 3, 1, 1, 1, 1),       // short rows
	conv(1, 3, 9, 33, 37, 3, 1, 1, 1, 1),     // several panels, one column too many
	conv(2, 3, 5, 5, 40, 3, 1, 1, 1, 1),      // short rows, several panels
	conv(1, 190, 5, 4, 160, 3, 1, 1, 1, 1),   // columns, not windows
	conv(2, 5, 14, 13, 30, 4, 2, 1, 1, 1),    // the transpose of what doubles images
	conv(1, 40, 41, 45, 70, 3, 2, 1, 1, 1),   // rows of one image in several tasks, odd sizes, stride
	conv(1, 40, 31, 60, 70, 3, 1, 0, 1, 1),   // the same without padding
	conv(2, 3, 1, 9, 4, 3, 2, 1, 1, 1),       // one row, fewer than the stride
	conv(2, 3, 9, 1, 4, 3, 2, 1, 1, 1),       // one column
	conv(1, 2, 11, 16, 3, 2, 1, 3, 3, 1),     // dilation, padding as large as the kernel
	conv(2, 6, 12, 30, 4, 7, 1, 0, 1, 1),     // images whose gradient is much on padding
	conv(1, 4, 13, 40, 70, 5, 1, 0, 2, 1),    // the same with dilation, several blocks of places
	conv(1, 2, 9, 30, 3, 2, 1, 0, 7, 1),      // rows in no window
	conv(2, 4, 9, 10, 4, 1, 3, 2, 1, 2),      // pixels with stride, padding and groups
	conv(1, 64, 6, 20, 15, 3, 1, 1, 1, 1),    // two blocks of k
	conv(2, 4, 11, 13, 6, 3, 2, 1, 1, 1),     // stride
	conv(1, 2, 20, 50, 3, 4, 3, 2, 1, 1),     // stride below the kernel, not dividing
	conv(1, 2, 17, 19, 3, 2, 5, 0, 1, 1),     // stride above the kernel
	conv(3, 3, 6, 7, 16, 3, 1, 1, 1, 1),      // a vector of maps
	conv(3, 2, 11, 6, 40, 3, 2, 1, 1, 1),     // three
	conv(5, 6, 9, 8, 60, 5, 1, 2, 1, 2),      // two vectors a block, not full
	conv(2, 3, 100, 90, 12, 1, 1, 0, 1, 1),   // more pixels of a row than a call takes
	conv(2, 4, 130, 131, 30, 3, 2, 1, 1, 1),  // images in several bands
	conv(1, 2, 140, 130, 30, 2, 1, 0, 1, 1),  // without padding
	conv(2, 1, 95, 100, 12, 3, 1, 1, 1, 1),   // more rows
	conv(1, 2, 12, 40, 3, 3, 1, 2, 2, 1),     // dilation
	conv(1, 2, 15, 40, 3, 3, 2, 3, 3, 1),     // dilation and stride
	conv(2, 6, 8, 16, 9, 3, 1, 1, 1, 3),      // groups
	conv(2, 6, 8, 16, 6, 3, 2, 1, 1, 6),      // by channel
	conv(2, 6, 8, 16, 12, 1, 1, 0, 1, 2),     // pixels
	conv(2, 70, 4, 5, 33, 1, 1, 0, 1, 1),     // pixels, short rows
	conv(1, 3, 9, 9, 4, 1, 2, 0, 1, 1),       // pixels with stride
	conv(1, 2, 5, 6, 3, 2, 1, 3, 1, 1),       // padding beyond the kernel
	conv(1, 2, 2, 2, 3, 3, 1, 0, 1, 1),       // no place for the kernel
	conv(0, 2, 5, 5, 3, 3, 1, 1, 1, 1),       // no image
	conv(2, 0, 5, 5, 3, 3, 1, 1, 1, 1),       // no channel
	conv(2, 2, 5, 5, 0, 3, 1, 1, 1, 1),       // no map
	conv(40, 1, 30, 30, 2, 3, 1, 1, 1, 1),    // several blocks of images
	conv(2, 32, 9, 11, 48, 4, 2, 1, 1, 1),    // channels that fill vectors, and maps, with a stride
	conv(3, 16, 12, 34, 17, 5, 1, 2, 1, 1),   // one map more than a vector
	conv(1, 16, 150, 140, 16, 2, 1, 1, 1, 1), // several bands
	conv(2, 16, 9, 10, 33, 3, 3, 4, 1, 1),    // padding beyond the kernel, and a stride
	conv(1, 16, 10, 11, 16, 3, 2, 0, 1, 1),   // pixels in no window
	{N: 2, C: 3, H: 10, W: 30, O: 5, KH: 2, KW: 4, Stride: [2]int{1, 2}, Pad: [2]int{0, 3}, Dilation: [2]int{3, 1}, Groups: 1},
	{N: 2, C: 3, H: 30, W: 18, O: 5, KH: 5, KW: 1, Stride: [2]int{2, 1}, Pad: [2]int{2, 0}, Dilation: [2]int{1, 1}, Groups: 1},
	{N: 1, C: 1, H: 200, W: 1, O: 2, KH: 3, KW: 1, Stride: [2]int{1, 1}, Pad: [2]int{1, 0}, Dilation: [2]int{1, 1}, Groups: 1},
}

func TestConvolutionsAreTheSumOfProducts(t *testing.T) {
	for _, p := range convShapes {
		testConv(t, p, Conv2d32, Conv2dInput32, Conv2dWeight32)
		testConv(t, p, Conv2d64, Conv2dInput64, Conv2dWeight64)
	}
}

type convFunc[T real] func(out, a, b []T, p ConvParams)

type biasFunc[T real] func(out, a, b, bias []T, p ConvParams)

func testConv[T real](t *testing.T, p ConvParams, forward, input biasFunc[T], weight convFunc[T]) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 9))
	ny, nx, nw := p.N*p.O*p.OutH()*p.OutW(), p.N*p.C*p.H*p.W, p.O*p.C/p.Groups*p.KH*p.KW
	x, w, g := normals[T](r, nx), normals[T](r, nw), normals[T](r, ny)
	y, dx, dw := newNaive(ny), newNaive(nx), newNaive(nw)
	products(&p, func(yi, xi, wi int) {
		y.add(yi, float64(x[xi])*float64(w[wi]))
		dx.add(xi, float64(g[yi])*float64(w[wi]))
		dw.add(wi, float64(x[xi])*float64(g[yi]))
	})
	// What the bias adds to a result of that many maps.
	bias := func(f biasFunc[T], maps, size int, plain *naive) (convFunc[T], *naive) {
		b, want := normals[T](r, maps), newNaive(len(plain.want))
		for i := range want.want {
			want.add(i, plain.want[i])
			want.size[i] = plain.size[i]
			want.add(i, float64(b[i/size%maps]))
		}
		return func(out, a, w []T, p ConvParams) { f(out, a, w, b, p) }, want
	}
	without := func(f biasFunc[T]) convFunc[T] {
		return func(out, a, w []T, p ConvParams) { f(out, a, w, nil, p) }
	}
	forwardBias, yBias := bias(forward, p.O, p.OutH()*p.OutW(), y)
	inputBias, dxBias := bias(input, p.C, p.H*p.W, dx)
	for _, c := range []struct {
		name  string
		f     convFunc[T]
		a, b  []T
		want  *naive
		terms int
	}{
		{"Conv2d", without(forward), x, w, y, p.C * p.KH * p.KW},
		{"Conv2d with bias", forwardBias, x, w, yBias, p.C*p.KH*p.KW + 1},
		{"Conv2dInput", without(input), g, w, dx, p.O * p.KH * p.KW},
		{"Conv2dInput with bias", inputBias, g, w, dxBias, p.O*p.KH*p.KW + 1},
		{"Conv2dWeight", weight, x, g, dw, p.N * p.OutH() * p.OutW()},
	} {
		atEveryLevel(func(l simd.Level) {
			out := make([]T, len(c.want.want)+3)
			for i := range out {
				out[i] = 77
			}
			what := fmt.Sprintf("%s %v %T %+v", c.name, l, x, p)
			c.f(out[:len(out)-3], c.a, c.b, p)
			near(t, what, out[:len(out)-3], c.want.want, c.want.size, c.terms)
			for _, v := range out[len(out)-3:] {
				if v != 77 {
					t.Fatalf("%s: writes beyond its result", what)
				}
			}
		})
	}
}

func TestConvolutionsAreTheSameAtAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	levels(t, func(t *testing.T) {
		for _, p := range []ConvParams{conv(5, 8, 40, 40, 20, 3, 1, 1, 1, 1), conv(33, 4, 16, 16, 8, 5, 2, 2, 1, 2), conv(20, 32, 18, 8, 64, 3, 1, 1, 1, 1), conv(4, 32, 8, 8, 70, 3, 1, 1, 1, 1), conv(9, 32, 14, 14, 64, 4, 2, 1, 1, 1)} {
			r := rand.New(rand.NewPCG(2, 9))
			ny, nx, nw := p.N*p.O*p.OutH()*p.OutW(), p.N*p.C*p.H*p.W, p.O*p.C/p.Groups*p.KH*p.KW
			x, w, g := normals[float32](r, nx), normals[float32](r, nw), normals[float32](r, ny)
			var want [3][]float32
			for _, threads := range []int{1, 2, 5} {
				runtime.GOMAXPROCS(threads)
				got := [3][]float32{make([]float32, ny), make([]float32, nx), make([]float32, nw)}
				Conv2d32(got[0], x, w, nil, p)
				Conv2dInput32(got[1], g, w, nil, p)
				Conv2dWeight32(got[2], x, g, p)
				if threads == 1 {
					want = got
				}
				for i := range got {
					for j := range got[i] {
						if got[i][j] != want[i][j] {
							t.Fatalf("%+v, result %d: %d threads give %v at %d, one gives %v", p, i, threads, got[i][j], j, want[i][j])
						}
					}
				}
			}
		}
	})
}

func TestPaddingKeepsNaNWhereItIs(t *testing.T) {
	levels(t, func(t *testing.T) {
		if simd.Window32() == nil {
			t.Skip("columns multiply padding, too")
		}
		p := conv(1, 1, 20, 20, 1, 3, 1, 1, 1, 1)
		x, w, y := make([]float32, 400), make([]float32, 9), make([]float32, 400)
		x[5*20+19] = float32(math.NaN()) // at the end of a row: its neighbours are in the row and the rows beside it
		Conv2d32(y, x, w, nil, p)
		for i, v := range y {
			if near := i/20 >= 4 && i/20 <= 6 && i%20 >= 18; near != (v != v) {
				t.Errorf("y[%d,%d] is %v", i/20, i%20, v)
			}
		}
	})
}

func BenchmarkConv(b *testing.B) {
	for _, c := range []struct {
		name string
		p    ConvParams
	}{
		{"lenet1 64x1x28x28 6 5x5", conv(64, 1, 28, 28, 6, 5, 1, 2, 1, 1)},
		{"lenet2 64x6x14x14 16 5x5", conv(64, 6, 14, 14, 16, 5, 1, 0, 1, 1)},
		{"32x64x32x32 64 3x3", conv(32, 64, 32, 32, 64, 3, 1, 1, 1, 1)},
		{"8x128x28x28 128 3x3 s2", conv(8, 128, 28, 28, 128, 3, 2, 1, 1, 1)},
		{"8x256x14x14 256 3x3", conv(8, 256, 14, 14, 256, 3, 1, 1, 1, 1)},
		{"8x512x7x7 512 3x3", conv(8, 512, 7, 7, 512, 3, 1, 1, 1, 1)},
		{"8x256x28x28 64 1x1", conv(8, 256, 28, 28, 64, 1, 1, 0, 1, 1)},
		{"8x256x32x32 64 1x1", conv(8, 256, 32, 32, 64, 1, 1, 0, 1, 1)},
		{"1x64x224x224 64 3x3", conv(1, 64, 224, 224, 64, 3, 1, 1, 1, 1)},
		{"8x512x14x14 512 3x3", conv(8, 512, 14, 14, 512, 3, 1, 1, 1, 1)},
		{"1x64x16x16 64 3x3", conv(1, 64, 16, 16, 64, 3, 1, 1, 1, 1)},
		{"1x64x56x56 64 3x3", conv(1, 64, 56, 56, 64, 3, 1, 1, 1, 1)},
		{"64x32x14x14 64 4x4 s2", conv(64, 32, 14, 14, 64, 4, 2, 1, 1, 1)},
		{"64x1x28x28 32 4x4 s2", conv(64, 1, 28, 28, 32, 4, 2, 1, 1, 1)},
		{"16x64x56x56 64 3x3", conv(16, 64, 56, 56, 64, 3, 1, 1, 1, 1)},
		{"8x64x56x56 64 3x3 by channel", conv(8, 64, 56, 56, 64, 3, 1, 1, 1, 64)},
	} {
		p := c.p
		r := rand.New(rand.NewPCG(3, 9))
		x, w, g := normals[float32](r, p.N*p.C*p.H*p.W), normals[float32](r, p.O*p.C/p.Groups*p.KH*p.KW), normals[float32](r, p.N*p.O*p.OutH()*p.OutW())
		for _, d := range []struct {
			name string
			f    func()
		}{
			{"forward", func() { Conv2d32(g, x, w, nil, p) }},
			{"input", func() { Conv2dInput32(x, g, w, nil, p) }},
			{"weight", func() { Conv2dWeight32(w, x, g, p) }},
		} {
			b.Run(c.name+"/"+d.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					d.f()
				}
				b.ReportMetric(2*float64(len(g)*p.C/p.Groups*p.KH*p.KW)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
