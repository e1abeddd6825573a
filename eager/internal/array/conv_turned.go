package array

import (
	"math"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Convolution with channels together: images are turned so that the channels of a pixel lie together, with their padding, and
// then the windows of a row of pixels are rows of a matrix whose columns, for each row of the kernel, are next to each other:
// they are multiplied in place. The gradient of the input is such a convolution of the gradient of the result, one for each
// remainder of the step. It suits rows of any length; convolution by windows needs rows that fill vectors.

// turnedConv is one such convolution.
type turnedConv struct {
	t      *simd.Tile[float32]
	k      *simd.Winograd
	in     squares // how images are turned; their squares say nothing
	down   int     // of the image, from a row of windows to the next
	across int     // and from window to window
	reach  int     // rows of a window
	width  int     // pixels of a turned row
	maps   int     // of the result
	h, w   int     // of the result
	sh, sw int     // between numbers of a part of the result
	all    int     // rows of windows
	parts  []residue
	bias   []float32
}

// residue is the numbers of the result from one on, in steps.
type residue struct {
	row, col   int // the first number
	rows, cols int
	places     [][2]int // row and column where rows of the window start
	run        int      // pixels of a row of the window
	first      int      // number of all windows
}

// suitsTurned tells a convolution whose channels and maps fill vectors, unless rows are long enough for windows.
func (p *ConvParams) suitsTurned(channels, maps int) bool {
	w := simd.Winograd32()
	return w != nil && p.Groups == 1 && p.Dilation == [2]int{1, 1} && channels%w.Lanes == 0 && maps >= w.Lanes &&
		p.Stride[0] <= p.KH && p.Stride[1] <= p.KW && p.KH*p.KW > 1 && !p.heavy() &&
		p.W <= 1<<7 && p.OutW() <= 1<<7
}

// turnedForward is Conv2d32.
func turnedForward(y, x, w, bias []float32, p ConvParams) {
	v := newTurned(p.N, p.C, p.O, p.H, p.W, p.OutH(), p.OutW(), p.Pad, bias)
	v.down, v.across, v.reach = p.Stride[0], p.Stride[1], p.KH
	v.sh, v.sw, v.all = 1, 1, v.h
	v.width = max(p.W+2*p.Pad[1], (v.w-1)*v.across+p.KW)
	one := residue{rows: v.h, cols: v.w, run: p.KW}
	for r := range p.KH {
		one.places = append(one.places, [2]int{r, 0})
	}
	v.parts = []residue{one}
	at := make([]int, p.KH*p.KW)
	for i := range at {
		at[i] = i
	}
	v.run(y, x, at, func(dst []float32, o, maps, c int) {
		transpose(v.t, dst, w[(o*p.C+c)*p.KH*p.KW:], p.C*p.KH*p.KW, maps, p.KH*p.KW, v.k.Lanes)
	})
}

// turnedInput is Conv2dInput32.
func turnedInput(dx, g, w, bias []float32, p ConvParams) {
	down, rows := inputAxis(p.H, p.OutH(), p.KH, p.Stride[0], p.Pad[0], 1)
	across, cols := inputAxis(p.W, p.OutW(), p.KW, p.Stride[1], p.Pad[1], 1)
	v := newTurned(p.N, p.O, p.C, p.OutH(), p.OutW(), p.H, p.W, [2]int{down.lead, across.lead}, bias)
	v.down, v.across, v.reach = 1, 1, down.reach+1
	v.sh, v.sw = len(rows), len(cols)
	v.all = (p.H + v.sh - 1) / v.sh
	v.width = (p.W+v.sw-1)/v.sw + across.reach
	at := make([]int, p.KH*p.KW) // of each number of a kernel among those of all windows
	n := 0
	for i, rs := range rows {
		for j, ss := range cols {
			one := residue{row: i, col: j, rows: (p.H - i + v.sh - 1) / v.sh, cols: (p.W - j + v.sw - 1) / v.sw, run: len(ss), first: n}
			for _, r := range rs {
				one.places = append(one.places, [2]int{r.at, ss[len(ss)-1].at})
				for k := range ss { // the last is the first in a row of the window
					at[r.r*p.KW+ss[len(ss)-1-k].r] = n
					n++
				}
			}
			v.parts = append(v.parts, one)
		}
	}
	v.run(dx, g, at, func(dst []float32, c, maps, o int) {
		transpose(v.t, dst, w[(o*p.C+c)*p.KH*p.KW:], p.KH*p.KW, maps, p.KH*p.KW, v.k.Lanes)
	})
}

func newTurned(images, channels, maps, inH, inW, h, w int, lead [2]int, bias []float32) *turnedConv {
	v := &turnedConv{t: simd.Tile32(), k: simd.Winograd32(), maps: maps, h: h, w: w, bias: bias}
	v.in = squares{t: v.t, lanes: v.k.Lanes, images: images, channels: channels, h: inH, w: inW, top: lead[0], left: lead[1]}
	return v
}

// run computes the result. at is where the numbers of a kernel are among those of the parts' windows; pack writes, for one
// channel and some maps from one on, a vector at most, the kernels number by number so that the maps lie together.
func (v *turnedConv) run(dst, src []float32, at []int, pack func(dst []float32, first, maps, channel int)) {
	lanes, channels := v.k.Lanes, v.in.channels
	panels := (v.maps + v.t.Cols - 1) / v.t.Cols
	size := len(at) * channels * v.t.Cols
	s, kernels := scratch[float32](panels * size)
	defer s.Free()
	Parallel((v.maps+lanes-1)/lanes, 1+(1<<11)/(channels*len(at)), func(lo, hi int) {
		s, from := scratch[float32](len(at) * lanes)
		defer s.Free()
		for i := lo; i < hi; i++ {
			o := i * lanes
			q := o / v.t.Cols
			width := panelWidth(v.maps, q, v.t.Cols, lanes)
			to := kernels[q*size+o%v.t.Cols:]
			for c := range channels {
				pack(from, o, min(lanes, v.maps-o), c)
				for k, n := range at {
					copy(to[(n*channels+c)*width:][:lanes], from[k*lanes:])
				}
			}
		}
	})
	// Some 200 thousand products of vectors a task, and no more than the second cache holds of an image.
	rows := max(1, min(v.all, (1<<18)/(v.down*v.width*channels), (1<<22)/(v.w*v.sh*len(at)/(v.sh*v.sw)*channels*v.maps/lanes+1)))
	bands := (v.all + rows - 1) / rows
	Parallel(v.in.images*bands, 1, func(lo, hi int) {
		rows := (v.all + bands - 1) / bands
		strip := ((rows-1)*v.down + v.reach) * v.width * channels
		s, memory := scratch[float32](strip + rows*v.sh*v.w*v.t.Cols)
		defer s.Free()
		image, sums := memory[:strip], memory[strip:]
		for i := lo; i < hi; i++ {
			first := cut(v.all, bands, i%bands)
			n := cut(v.all, bands, i%bands+1) - first
			for c := 0; c < channels; c += lanes {
				v.in.turn(image[c:], channels, src[(i/bands*channels+c)*v.in.h*v.in.w:], lanes, first*v.down-v.in.top, (n-1)*v.down+v.reach, v.width)
			}
			for q := range panels {
				width := panelWidth(v.maps, q, v.t.Cols, lanes)
				v.products(sums, image, kernels[q*size:], first, n, width)
				v.place(dst, sums, i/bands, first*v.sh, min(n*v.sh, v.h-first*v.sh), q, width)
			}
		}
	})
}

// products computes n rows of windows of all parts, from row first on.
func (v *turnedConv) products(sums, image, kernels []float32, first, n, width int) {
	channels := v.in.channels
	kernel := &v.t.Edge[(width-1)/(v.t.Cols/2)]
	for _, part := range v.parts {
		pieces := (part.cols + v.t.Rows - 1) / v.t.Rows
		run := part.run * channels
		for k, p := range part.places {
			b := &kernels[(part.first*channels+k*run)*width]
			for y := range min(n, part.rows-first) {
				a := image[((y*v.down+p[0])*v.width+p[1])*channels:]
				c := sums[((y*v.sh+part.row)*v.w+part.col)*width:]
				for i := range pieces {
					j := cut(part.cols, pieces, i)
					h := cut(part.cols, pieces, i+1) - j
					kernel[h](run, &a[j*v.across*channels], v.across*channels, 1, b, width, &c[j*v.sw*width], v.sw*width, width, min(k, 1))
				}
			}
		}
	}
}

// place turns n rows of the result of panel q, from row on, of an image.
func (v *turnedConv) place(dst, sums []float32, image, row, n, q, width int) {
	var plus [maxLanes]float32
	for part := 0; part < width; part += v.k.Lanes {
		o := q*v.t.Cols + part
		maps := min(v.k.Lanes, v.maps-o)
		addends(&plus, v.bias, o, maps)
		for y := range n {
			v.k.Turn(&dst[((image*v.maps+o)*v.h+row+y)*v.w], v.h*v.w, &sums[y*v.w*width+part], width, &plus[0], maps, v.w)
		}
	}
}

// panelWidth is how many of the maps panel q has, in whole vectors.
func panelWidth(maps, q, cols, lanes int) int {
	return min(cols, (maps-q*cols+lanes-1)/lanes*lanes)
}

// addends sets plus to the bias of some maps, or to -0, which adds nothing, not even to -0.
func addends(plus *[maxLanes]float32, bias []float32, first, maps int) {
	for i := range plus {
		plus[i] = float32(math.Copysign(0, -1))
	}
	if bias != nil {
		copy(plus[:], bias[first:first+maps])
	}
}
