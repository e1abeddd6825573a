package array

import (
	"github.com/tapir-go/tapir/eager/internal/simd"
)

// maxVectors is how many vectors of each map one call of the correlation kernel takes at most: some 50 microseconds.
const maxVectors = 20000

// correlation is the gradient of a convolution's weights: numbers of the result's gradient times those of the windows,
// added up over pixels.
type correlation struct {
	t            *simd.Window
	off          []int     // of the places
	weights      int       // of a map: places that count
	g, x         []float32 // the first image of a block
	images       int       // of a block
	rows, n      int       // of g
	grow, xrow   int       // from row to row
	gnext, xnext int       // from image to image
	gmap         int       // from map to map
}

// convWeightWindows is Conv2dWeight32 by windows. It takes as many images at a time as stay in the cache when copied;
// every weight adds up its images in order.
func convWeightWindows(t *simd.Window, dw, x, g []float32, p ConvParams) {
	cg, og, k, pixels := p.column()
	down, rs := forwardAxis(p.H, p.KH, p.Stride[0], p.Pad[0], p.Dilation[0])
	across, ss := forwardAxis(p.W, p.KW, p.Stride[1], p.Pad[1], p.Dilation[1])
	oh, ow := p.OutH(), p.OutW()
	l := newLayout(cg, down, across, oh, oh, ow)
	c := &correlation{t: t, off: l.offsets(rs, ss), weights: k, rows: oh, n: ow, grow: ow, xrow: l.pitch, gmap: pixels}
	for len(c.off)%t.Taps != 0 {
		c.off = append(c.off, c.off[0]) // counts for nothing
	}
	all := l.across(oh)
	// All is one row, with zeros where windows lie across the end of a row, if that saves more than the copies cost.
	saved := (oh*((ow+t.Lanes-1)/t.Lanes) - (all+t.Lanes-1)/t.Lanes) * t.Lanes * k
	apart := saved > 16*oh*ow && all <= maxVectors*t.Lanes
	gsize := 0 // of an image's copy of g
	if apart { // all is one row, with zeros where windows lie across the end of a row
		c.n, c.rows, c.gmap, gsize = all, 1, all, p.O*all
	}
	size := l.size() * p.Groups
	block := max(1, min(p.N, (1<<18)/(p.C*p.H*p.W+p.O*pixels)))
	vectors := c.rows * ((c.n + t.Lanes - 1) / t.Lanes)
	block = max(1, min(block, maxVectors/vectors))
	s, copies := scratch[float32](block * (size + gsize))
	defer s.Free()
	images, grads := copies[:block*size], copies[block*size:]
	clear(dw)
	tilesO, tilesK := (og+t.Maps-1)/t.Maps, len(c.off)/t.Taps
	first := func(tile int) int { return cut(og, tilesO, tile) }
	for n0 := 0; n0 < p.N; n0 += block {
		c.images = min(block, p.N-n0)
		c.x, c.xnext = x[n0*p.C*p.H*p.W:], p.C*p.H*p.W
		if size > 0 {
			l.fillAll(images, c.x, c.images*p.Groups, 0, n0 > 0)
			c.x, c.xnext = images, size
		}
		c.g, c.gnext = g[n0*p.O*pixels:], p.O*pixels
		if apart {
			spread(grads, c.g, c.images*p.O, oh, ow, l.pitch)
			c.g, c.gnext = grads, gsize
		}
		group := c.xnext / p.Groups
		Parallel(p.Groups*tilesO*tilesK, 1+1500/(c.images*vectors), func(lo, hi int) {
			sums := make([]float32, t.Maps*t.Taps)
			for i := lo; i < hi; i++ {
				gr, o, tap := i/tilesK/tilesO, i/tilesK%tilesO, i%tilesK*t.Taps
				maps := first(o+1) - first(o)
				o = gr*og + first(o)
				c.add(dw[o*k+tap:], c.g[o*c.gmap:], c.x[gr*group:], maps, tap, min(t.Taps, k-tap), sums)
			}
		})
	}
}

// spread copies n planes of h by w so that rows are pitch apart, with zeros between.
func spread(dst, g []float32, n, h, w, pitch int) {
	all := (h-1)*pitch + w
	Parallel(n, 1+(1<<15)/all, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			to := dst[i*all:][:all]
			for end := w; end < all; end += pitch {
				clear(to[end : end+pitch-w])
			}
			simd.CopyRows(to, pitch, g[i*h*w:], w, w, h)
		}
	})
}

// add adds to a tile of weights what a block of images gives: maps maps from g on by taps places from tap on.
func (c *correlation) add(dw, g, x []float32, maps, tap, taps int, sums []float32) {
	clear(sums)
	lanes := c.t.Lanes
	whole := c.n / lanes * lanes
	rows := c.rows
	if c.images == 1 {
		rows = max(1, min(rows, maxVectors/(c.n/lanes+1)))
	}
	for r := 0; r < c.rows; r += rows {
		n := min(rows, c.rows-r)
		c.t.Correlate[maps](c.images, n, c.n, &g[r*c.grow], c.gmap, c.grow-whole, c.gnext-n*c.grow,
			&x[r*c.xrow], c.xrow-whole, c.xnext-n*c.xrow, &c.off[tap], &sums[0], c.t.Taps)
	}
	for i := range maps {
		for j := range taps {
			dw[i*c.weights+j] += sums[i*c.t.Taps+j]
		}
	}
}
