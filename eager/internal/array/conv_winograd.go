package array

import "github.com/tapir-go/tapir/eager/internal/simd"

// Convolution with kernels of 3 by 3 as Winograd's minimal filtering F(4x4,3x3) (Lavin and Gray, Fast Algorithms for
// Convolutional Neural Networks, 2016): squares of 6 by 6 numbers of the image, which lie 4 apart, and the kernels are
// transformed to 36 planes each, which are matrix products over the channels, 4 times fewer multiplications; what comes out
// is transformed to squares of 4 by 4 numbers of the result. Vectors hold one number of each of so many channels: images are
// turned for that, and the result is turned back.

const (
	step   = 4  // from square to square
	planes = 36 // numbers of a transformed square
	// squaresAtOnce is how many squares a task transforms and multiplies at a time if there are few channels.
	squaresAtOnce = 64
	// channelBlock is how many channels are added up at a time. Sums of more would be less exact.
	channelBlock = 256
	// squaresOfCall is how many a call of a kernel takes at most: some 50 microseconds.
	squaresOfCall = 1 << 10
)

// winograd is one such convolution.
type winograd struct {
	t    *simd.Tile[float32]
	k    *simd.Winograd
	in   squares // of the image
	maps int     // of the result
	h, w int     // of the result
	bias []float32
}

// suitsWinograd tells a convolution of so many channels, maps and pixels that the transformations are little beside the
// products. Kernels take 4 times their memory when transformed.
func (p *ConvParams) suitsWinograd() bool {
	one := [2]int{1, 1}
	h, w := p.OutH(), p.OutW()
	return simd.Winograd32() != nil && p.KH == 3 && p.KW == 3 && p.Groups == 1 && p.Stride == one && p.Dilation == one &&
		p.C >= 32 && p.O >= 32 && p.C*p.O <= 1<<19 && h >= 4 && w >= 8 && p.N*h*w >= 256 && w <= 1<<10 && p.W <= 1<<10
}

// winogradForward is Conv2d32.
func winogradForward(y, x, w, bias []float32, p ConvParams) {
	v := newWinograd(p.N, p.C, p.O, p.H, p.W, p.OutH(), p.OutW(), p.Pad, bias)
	v.run(y, x, false, func(dst []float32, o, maps int) {
		transpose(v.t, dst, w[o*p.C*9:], p.C*9, maps, p.C*9, v.k.Lanes)
	})
}

// winogradInput is Conv2dInput32: the convolution of the gradient with the turned kernels.
func winogradInput(dx, g, w, bias []float32, p ConvParams) {
	v := newWinograd(p.N, p.O, p.C, p.OutH(), p.OutW(), p.H, p.W, [2]int{2 - p.Pad[0], 2 - p.Pad[1]}, bias)
	v.run(dx, g, true, func(dst []float32, c, maps int) {
		for o := range p.O {
			transpose(v.t, dst[o*9*v.k.Lanes:], w[(o*p.C+c)*9:], 9, maps, 9, v.k.Lanes)
		}
	})
}

func newWinograd(images, channels, maps, inH, inW, h, w int, pad [2]int, bias []float32) *winograd {
	v := &winograd{t: simd.Tile32(), k: simd.Winograd32(), maps: maps, h: h, w: w, bias: bias}
	v.in = squares{f: v.k.Image, t: v.t, lanes: v.k.Lanes, side: 6, images: images, channels: channels, h: inH, w: inW,
		top: pad[0], left: pad[1], rows: (h + step - 1) / step, cols: (w + step - 1) / step}
	return v
}

// squares is how images are cut.
type squares struct {
	f                simd.SquareFunc
	t                *simd.Tile[float32]
	lanes            int
	side             int // of a square
	images, channels int
	h, w             int
	top, left        int // zeros before the image, or less than 0: so much of it is left out
	rows, cols       int // of squares
}

// apart is the distance of planes of n numbers, a multiple of cache lines that puts the same places of all planes into
// different sets of the cache.
func apart(n int) int { return (n+15)/16*16 | 16 }

// width is the numbers of a row of squares and of what lies beyond the last.
func (s *squares) width() int { return step*s.cols + s.side - step }

// strip is the numbers that rows rows of squares of a vector of channels need.
func (s *squares) strip(rows int) int { return (step*rows + s.side - step) * s.width() * s.lanes }

// ld is the numbers of all channels in whole vectors.
func (s *squares) ld() int { return (s.channels + s.lanes - 1) / s.lanes * s.lanes }

// runs calls f for rows from to to of squares, counted through all images: for rows of one image at a time, of which there are n
// from row on. at is how many rows came before.
func (s *squares) runs(from, to int, f func(image, row, n, at int)) {
	for u := from; u < to; {
		row := u % s.rows
		n := min(s.rows-row, to-u)
		f(u/s.rows, row, n, u-from)
		u += n
	}
}

// transform sets planes, apart numbers from one to the next, to the transformed squares of rows from to to of squares, counted
// through all images. A plane has ld numbers for each square, of which it sets those of channels c0 to c1, c0 a multiple of
// the lanes. memory is a strip and room for a square.
func (s *squares) transform(dst []float32, apart, ld int, src []float32, c0, c1, from, to int, memory []float32) {
	room, strip := memory[:planes*s.lanes], memory[planes*s.lanes:]
	for c := c0; c < c1; c += s.lanes {
		s.runs(from, to, func(image, row, n, at int) {
			s.turn(strip, s.lanes, src[(image*s.channels+c)*s.h*s.w:], min(s.lanes, s.channels-c), step*row-s.top, step*n+s.side-step, s.width())
			line := s.width() * s.lanes
			for r := range n {
				s.f(&dst[(at+r)*s.cols*ld+c-c0], 6*apart, apart, ld, &strip[r*step*line], line, s.lanes, step*s.lanes, &room[0], s.cols)
			}
		})
	}
}

// turn copies rows rows of channels planes, from row first on, which may lie before the image or behind it, so that the
// channels of a pixel lie together. Pixels are ds numbers apart, and a row has width of them.
func (s *squares) turn(dst []float32, ds int, src []float32, channels, first, rows, width int) {
	lead := min(width, max(0, s.left))
	count := max(0, min(width-lead, s.w+min(0, s.left)))
	zeros := func(line []float32, from, to int) {
		for ; from < to; from++ {
			clear(line[from*ds:][:s.lanes])
		}
	}
	for i := range rows {
		line := dst[i*width*ds:]
		y := first + i
		if y < 0 || y >= s.h || count == 0 {
			zeros(line, 0, width)
			continue
		}
		zeros(line, 0, lead)
		transpose(s.t, line[lead*ds:], src[y*s.w+max(0, -s.left):], s.h*s.w, channels, count, ds)
		zeros(line, lead+count, width)
	}
}

// rowsAtOnce is how many rows of squares a task takes at a time: as many as keep the kernels' panels busy and, transformed, in
// the second cache.
func (s *squares) rowsAtOnce() int {
	n := min(squaresAtOnce, max(32, (1<<18)/(planes*s.ld())))
	return max(1, (n+s.cols/2)/s.cols)
}

// run computes the result from images. pack writes the kernels of some maps, a vector of them at most, from one on, so that
// the maps lie together; turned tells that the last number of a kernel is to be the first.
func (v *winograd) run(dst, src []float32, turned bool, pack func(dst []float32, first, maps int)) {
	panels := v.panels()
	size := planes * apart(v.in.channels*v.t.Cols) // of a panel's kernels
	s, kernels := scratch[float32](panels * size)
	defer s.Free()
	v.transformKernels(kernels, size, turned, pack)
	units, rows := v.in.images*v.in.rows, v.in.rowsAtOnce()
	tasks := (units + rows - 1) / rows
	Parallel(tasks, 1, func(lo, hi int) {
		t, ld := rows*v.in.cols, v.in.ld()
		in, out := apart(t*ld), apart(t*v.t.Cols)
		s, memory := scratch[float32](planes*(in+out) + planes*v.k.Lanes + v.in.strip(rows))
		defer s.Free()
		images, memory := memory[:planes*in], memory[planes*in:]
		sums, memory := memory[:planes*out], memory[planes*out:]
		for i := lo; i < hi; i++ {
			from, to := cut(units, tasks, i), cut(units, tasks, i+1)
			v.in.transform(images, in, ld, src, 0, v.in.channels, from, to, memory)
			for q := range panels {
				v.products(sums, images, kernels[q*size:], out, in, q, (to-from)*v.in.cols)
				v.place(dst, sums, out, q, from, to, memory)
			}
		}
	})
}

// transformKernels transforms the kernels of all panels, which are size numbers apart.
func (v *winograd) transformKernels(kernels []float32, size int, turned bool, pack func(dst []float32, first, maps int)) {
	lanes, channels := v.k.Lanes, v.in.channels
	Parallel((v.maps+lanes-1)/lanes, 1+(1<<8)/channels, func(lo, hi int) {
		s, memory := scratch[float32](planes*lanes + 9*channels*lanes)
		defer s.Free()
		room, from := memory[:planes*lanes], memory[planes*lanes:]
		start, row, column := 0, 3*lanes, lanes
		if turned {
			start, row, column = 8*lanes, -row, -column
		}
		for i := lo; i < hi; i++ {
			o := i * lanes
			pack(from, o, min(lanes, v.maps-o))
			q := o / v.t.Cols
			width := v.panel(q)
			to := kernels[q*size+o%v.t.Cols:]
			for c := 0; c < channels; c += squaresOfCall {
				v.k.Kernel(&to[c*width], 6*apart(channels*width), apart(channels*width), width, &from[c*9*lanes+start], row, column,
					9*lanes, &room[0], min(squaresOfCall, channels-c))
			}
		}
	})
}

// panels is the number of panels of maps.
func (v *winograd) panels() int { return (v.maps + v.t.Cols - 1) / v.t.Cols }

// panel is how many maps panel q has, in whole vectors.
func (v *winograd) panel(q int) int {
	return panelWidth(v.maps, q, v.t.Cols, v.k.Lanes)
}

// products multiplies the planes of n squares with those of the kernels of panel q.
func (v *winograd) products(sums, images, kernels []float32, out, in, q, n int) {
	width, channels, ld := v.panel(q), v.in.channels, v.in.ld()
	kernel := &v.t.Edge[(width-1)/(v.t.Cols/2)]
	strips := (n + v.t.Rows - 1) / v.t.Rows
	blocks := (channels + channelBlock - 1) / channelBlock
	for p := range planes {
		for block := range blocks {
			k := cut(channels, blocks, block)
			kc, acc := cut(channels, blocks, block+1)-k, min(block, 1)
			b := &kernels[p*apart(channels*width)+k*width]
			for i := range strips {
				j := cut(n, strips, i)
				h := cut(n, strips, i+1) - j
				kernel[h](kc, &images[p*in+j*ld+k], ld, 1, b, width, &sums[p*out+j*width], width, width, acc)
			}
		}
	}
}

// place transforms the sums of panel q to the result, of rows from to to of squares.
func (v *winograd) place(dst, sums []float32, out, q, from, to int, memory []float32) {
	lanes, cols, width := v.k.Lanes, v.in.cols, v.panel(q)
	room, square := memory[:planes*lanes], memory[planes*lanes:]
	var plus [maxLanes]float32
	for part := 0; part < width; part += lanes {
		o := q*v.t.Cols + part
		maps := min(lanes, v.maps-o)
		addends(&plus, v.bias, o, maps)
		v.in.runs(from, to, func(image, row, n, at int) {
			for r := range n {
				v.k.Result(&square[0], step*cols*lanes, lanes, step*lanes, &sums[(at+r)*cols*width+part], 6*out, out, width, &room[0], cols)
				y := (row + r) * step
				for i := range min(step, v.h-y) {
					v.k.Turn(&dst[((image*v.maps+o)*v.h+y+i)*v.w], v.h*v.w, &square[i*step*cols*lanes], lanes, &plus[0], maps, v.w)
				}
			}
		})
	}
}

// maxLanes is the most float32 of a vector at any level.
const maxLanes = 16
