package array

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var poolShapes = []PoolParams{
	{N: 1, C: 1, H: 1, W: 1, KH: 1, KW: 1, Stride: [2]int{1, 1}},
	{N: 2, C: 3, H: 8, W: 12, KH: 2, KW: 2, Stride: [2]int{2, 2}},
	{N: 2, C: 3, H: 9, W: 35, KH: 2, KW: 2, Stride: [2]int{2, 2}}, // the last row and column are in no window
	{N: 1, C: 2, H: 28, W: 70, KH: 2, KW: 2, Stride: [2]int{2, 2}},
	{N: 2, C: 2, H: 7, W: 9, KH: 3, KW: 3, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}},
	{N: 2, C: 2, H: 7, W: 9, KH: 3, KW: 3, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, CountPad: true},
	{N: 1, C: 2, H: 6, W: 7, KH: 3, KW: 2, Stride: [2]int{1, 1}, Pad: [2]int{1, 0}}, // windows overlap
	{N: 1, C: 2, H: 9, W: 9, KH: 2, KW: 3, Stride: [2]int{3, 4}},                    // windows leave gaps
	{N: 1, C: 2, H: 8, W: 150, KH: 2, KW: 2, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}},
	{N: 1, C: 2, H: 9, W: 140, KH: 3, KW: 3, Stride: [2]int{1, 1}, Pad: [2]int{1, 1}},
	{N: 1, C: 2, H: 9, W: 141, KH: 3, KW: 3, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, CountPad: true},
	{N: 1, C: 5, H: 7, W: 7, KH: 7, KW: 7, Stride: [2]int{1, 1}},
	{N: 1, C: 1, H: 2, W: 2, KH: 3, KW: 3, Stride: [2]int{1, 1}}, // no place for the window
	{N: 0, C: 3, H: 4, W: 4, KH: 2, KW: 2, Stride: [2]int{2, 2}},
	{N: 2, C: 0, H: 4, W: 4, KH: 2, KW: 2, Stride: [2]int{2, 2}},
}

func TestPoolingIsAsItsDefinition(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, p := range poolShapes {
			testPooling(t, p, MaxPool2d32, MaxPool2dInput32, AvgPool2d32, AvgPool2dInput32)
			testPooling(t, p, MaxPool2d64, MaxPool2dInput64, AvgPool2d64, AvgPool2dInput64)
		}
	})
}

func testPooling[T real](t *testing.T, p PoolParams, top func(y []T, index []int64, x []T, p PoolParams),
	topInput func(dx, g []T, index []int64, p PoolParams), mean, meanInput func(out, in []T, p PoolParams)) {
	r := rand.New(rand.NewPCG(4, 4))
	oh, ow := p.OutH(), p.OutW()
	nx, ny := p.N*p.C*p.H*p.W, p.N*p.C*oh*ow
	x, g := normals[T](r, nx), normals[T](r, ny)
	for i := range x { // equal numbers, so that the first must be told from the others
		if i%3 == 0 {
			x[i] = T(math.Round(float64(x[i])))
		}
	}
	if nx > 40 {
		x[17], x[18], x[30] = T(math.NaN()), T(math.NaN()), T(math.Inf(-1))
	}
	wantTop, wantIndex, wantTopInput := make([]T, ny), make([]int64, ny), make([]float64, nx)
	wantMean, wantMeanInput := make([]float64, ny), make([]float64, nx)
	for c := range p.N * p.C {
		for i := range oh {
			for j := range ow {
				o := (c*oh+i)*ow + j
				var in []int
				for a := range p.KH {
					for b := range p.KW {
						h, w := i*p.Stride[0]+a-p.Pad[0], j*p.Stride[1]+b-p.Pad[1]
						if h >= 0 && h < p.H && w >= 0 && w < p.W {
							in = append(in, (c*p.H+h)*p.W+w)
						}
					}
				}
				best, n := in[0], len(in)
				if p.CountPad {
					n = p.KH * p.KW
				}
				for _, at := range in {
					if x[best] == x[best] && !(x[at] <= x[best]) {
						best = at
					}
					wantMean[o] += float64(x[at]) / float64(n)
					wantMeanInput[at] += float64(g[o]) / float64(n)
				}
				wantTop[o], wantIndex[o] = x[best], int64(best)
				wantTopInput[best] += float64(g[o])
			}
		}
	}
	what := fmt.Sprintf("%T %+v", x, p)
	y, index, dx := make([]T, ny), make([]int64, ny), make([]T, nx)
	top(y, index, x, p)
	for i := range y {
		if y[i] != wantTop[i] && (y[i] == y[i] || wantTop[i] == wantTop[i]) || index[i] != wantIndex[i] {
			t.Fatalf("MaxPool2d %s: element %d is %v from %d, want %v from %d", what, i, y[i], index[i], wantTop[i], wantIndex[i])
		}
	}
	again := make([]T, ny)
	top(again, nil, x, p)
	for i := range y {
		if y[i] != again[i] && (y[i] == y[i] || again[i] == again[i]) {
			t.Fatalf("MaxPool2d without index %s: element %d is %v, want %v", what, i, again[i], y[i])
		}
	}
	for i := range dx {
		dx[i] = 77
	}
	topInput(dx, g, index, p)
	closeTo(t, "MaxPool2dInput "+what, dx, wantTopInput)
	mean(y, x, p)
	closeTo(t, "AvgPool2d "+what, y, wantMean)
	for i := range dx {
		dx[i] = 77
	}
	meanInput(dx, g, p)
	closeTo(t, "AvgPool2dInput "+what, dx, wantMeanInput)
}

// closeTo fails unless got is want but for some roundings of float32 numbers of about 1.
func closeTo[T real](t *testing.T, what string, got []T, want []float64) {
	t.Helper()
	for i, v := range got {
		if w := want[i]; !(math.Abs(float64(v)-w) <= 1e-5*max(1, math.Abs(w))) && float64(v) != w && (v == v || w == w) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, v, w)
		}
	}
}

func BenchmarkPooling(b *testing.B) {
	p := PoolParams{N: 64, C: 6, H: 28, W: 28, KH: 2, KW: 2, Stride: [2]int{2, 2}}
	n := p.N * p.C
	x, y, index := normals[float32](rand.New(rand.NewPCG(5, 5)), n*28*28), make([]float32, n*14*14), make([]int64, n*14*14)
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"max", func() { MaxPool2d32(y, index, x, p) }},
		{"max values", func() { MaxPool2d32(y, nil, x, p) }},
		{"avg", func() { AvgPool2d32(y, x, p) }},
		{"avg input", func() { AvgPool2dInput32(x, y, p) }},
		{"max input", func() { MaxPool2dInput32(x, y, index, p) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.f()
			}
		})
	}
}

func TestPoolingOfHalvesIsThatOfWindows(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 4))
		for _, size := range [][2]int{{2, 2}, {7, 9}, {28, 28}, {13, 67}, {100, 90}} {
			p := PoolParams{N: 2, C: 3, H: size[0], W: size[1], KH: 2, KW: 2, Stride: [2]int{2, 2}}
			nx, ny := p.N*p.C*p.H*p.W, p.N*p.C*p.OutH()*p.OutW()
			x, g := normals[float32](r, nx), normals[float32](r, ny)
			y, wantY, index := make([]float32, ny), make([]float32, ny), make([]int64, ny)
			dx, wantDx := normals[float32](r, nx), make([]float32, nx)
			which := make([]uint8, Size(p.Choices()))
			MaxPool2d32(wantY, index, x, p)
			MaxPool2dInput32(wantDx, g, index, p)
			MaxPoolHalves(y, which, x, p)
			MaxPoolHalvesInput(dx, g, which, p)
			if !slices.Equal(y, wantY) {
				t.Errorf("%v: other maxima", size)
			}
			if !slices.Equal(dx, wantDx) {
				t.Errorf("%v: another gradient", size)
			}
		}
	})
}
