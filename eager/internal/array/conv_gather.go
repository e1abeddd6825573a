package array

import (
	"github.com/tapir-go/tapir/eager/internal/simd"
)

// gathering is the gradient of the weights of many maps: at each pixel the numbers of a vector of maps, which lie together
// in a copy, times those of the pixel's window.
type gathering struct {
	*layout
	k      *simd.Gather
	off    []int
	width  int // maps of a block
	blocks int // of a group's maps
	sums   []float32
}

// suitsGather says whether maps fill vectors.
func (p *ConvParams) suitsGather(k *simd.Gather) bool {
	og := p.O / p.Groups
	return og*8 >= (og+k.Lanes-1)/k.Lanes*k.Lanes*5
}

// convWeightGather is Conv2dWeight32 for many maps. It takes as many images at a time, or rows of one, as stay in the cache
// when copied; every weight adds them up in order.
func convWeightGather(k *simd.Gather, dw, x, g []float32, p ConvParams) {
	cg, og, places, pixels := p.column()
	down, rs := forwardAxis(p.H, p.KH, p.Stride[0], p.Pad[0], p.Dilation[0])
	across, ss := forwardAxis(p.W, p.KW, p.Stride[1], p.Pad[1], p.Dilation[1])
	c := &gathering{k: k, width: k.Lanes}
	if vectors := (og + k.Lanes - 1) / k.Lanes; vectors%2 == 0 {
		c.width = 2 * k.Lanes
	}
	c.blocks = (og + c.width - 1) / c.width
	maps, all, cols := p.Groups*c.blocks*c.width, p.OutH(), p.OutW()
	rows, block := all, max(1, min(p.N, (1<<18)/(p.C*p.H*p.W+maps*pixels)))
	if row := p.C*p.Stride[0]*p.W + maps*cols; row*all > 1<<19 {
		rows, block = max(1, min(all, (1<<18)/row)), 1
	}
	c.layout = newLayout(cg, down, across, all, rows, cols)
	c.off = c.offsets(rs, ss)
	size := c.size() * p.Groups
	most := size + maps*rows*cols // of an image's copies
	s, copies := scratch[float32](block*most + maps*places)
	defer s.Free()
	images, grads := copies[:block*size], copies[block*size:block*most]
	c.sums = copies[block*most:]
	clear(c.sums)
	tiles := (places + k.Taps - 1) / k.Taps
	first := func(tile int) int { return tile*(places/tiles) + min(tile, places%tiles) }
	for n0 := 0; n0 < p.N; n0 += block {
		n := min(block, p.N-n0)
		for row := 0; row < all; row += rows {
			r := min(rows, all-row)
			in, next := x[n0*p.C*p.H*p.W:], p.C*p.H*p.W
			if c.direct {
				in = in[row*c.pitch:]
			} else {
				c.fillAll(images, in, n*p.Groups, row, n0 > 0 && rows == all)
				in, next = images, size
			}
			c.turn(grads, g[n0*p.O*pixels+row*cols:], n, p.Groups, og, pixels, r*cols)
			Parallel(p.Groups*c.blocks*tiles, 1+(1<<13)/(n*r*cols), func(lo, hi int) {
				for i := lo; i < hi; i++ {
					b, tap := i/tiles, first(i%tiles)
					c.add(grads[b*n*r*cols*c.width:], in[b/c.blocks*(next/p.Groups):], n, r, next, b, tap, first(i%tiles+1)-tap)
				}
			})
		}
	}
	Parallel(p.O, 1+(1<<14)/places, func(lo, hi int) {
		for o := lo; o < hi; o++ {
			m := o % og
			from := c.sums[((o/og*c.blocks+m/c.width)*places)*c.width+m%c.width:]
			for t := range places {
				dw[o*places+t] = from[t*c.width]
			}
		}
	})
}

// turn copies count numbers of each plane of the gradients of n images so that the maps of a block lie together at each
// pixel, block by block.
func (c *gathering) turn(dst, g []float32, n, groups, og, pixels, count int) {
	tile, lanes := simd.Tile32(), c.k.Lanes
	parts := c.width / lanes
	const most = 2048 // of a call
	calls := (count + most - 1) / most
	Parallel(groups*c.blocks*n*calls, 1+(1<<15)/(c.width*min(count, most)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			b, im, px := i/calls/n, i/calls%n, i%calls*most
			for part := range parts {
				m := b%c.blocks*c.width + part*lanes
				from := g[(im*groups*og+b/c.blocks*og+m)*pixels+px:]
				to := dst[(i/calls*count+px)*c.width+part*lanes:]
				transpose(tile, to, from, pixels, min(lanes, og-m), min(most, count-px), c.width)
			}
		}
	})
}

// mostPixels is how many pixels one kernel call takes at most: some 50 microseconds.
const mostPixels = 1 << 13

// add adds to the weights of a block of maps and some places from tap on what rows of n images give, which are next apart in
// x.
func (c *gathering) add(g, x []float32, n, rows, next, b, tap, taps int) {
	kernel := c.k.Apply[c.width/c.k.Lanes-1][taps]
	to := &c.sums[(b*len(c.off)+tap)*c.width]
	call := func(image, row, col, images, count, cols int) {
		kernel(images, count, cols, &g[((image*rows+row)*c.cols+col)*c.width], &x[image*next+row*c.pitch+col],
			c.pitch-cols, next-count*c.pitch, &c.off[tap], to)
	}
	switch pixels := rows * c.cols; {
	case pixels <= mostPixels:
		for i, step := 0, mostPixels/pixels; i < n; i += step {
			call(i, 0, 0, min(step, n-i), rows, c.cols)
		}
	case c.cols <= mostPixels:
		for i := range n {
			for r, step := 0, mostPixels/c.cols; r < rows; r += step {
				call(i, r, 0, 1, min(step, rows-r), c.cols)
			}
		}
	default:
		for i := range n * rows {
			for j := 0; j < c.cols; j += mostPixels {
				call(i/rows, i%rows, j, 1, 1, min(mostPixels, c.cols-j))
			}
		}
	}
}
