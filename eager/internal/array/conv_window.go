package array

import (
	"github.com/tapir-go/tapir/eager/internal/pool"
	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Convolution by windows: each image is copied once, with its padding, and cut into phases if there is a stride: rows and
// columns with the same remainder lie together. Then every place of a window is at one distance from its pixel, and the
// kernels take pixels side by side from there.

// layout is where the numbers of a padded image lie, for some rows of the result.
type layout struct {
	p        *ConvParams
	direct   bool // the image itself will do
	rows     int  // of the result
	sh, sw   int  // phases
	height   int  // rows of a phase
	width    int  // columns of a phase
	pitch    int  // from row to row of a phase
	channel  int  // from channel to channel
	off      []int
	outH     int
	outW     int
	usedRows []bool // phases that some place is in
	usedCols []bool
}

func newLayout(p *ConvParams, rows int) *layout {
	l := &layout{p: p, rows: rows, sh: p.Stride[0], sw: p.Stride[1], outH: p.OutH(), outW: p.OutW()}
	l.height = rows + (p.KH-1)*p.Dilation[0]/l.sh
	l.width = l.outW + (p.KW-1)*p.Dilation[1]/l.sw
	l.pitch = l.sw * l.width
	l.channel = l.sh * l.height * l.pitch
	if p.Stride == [2]int{1, 1} && p.Pad == [2]int{} {
		l.direct, l.pitch, l.channel = true, p.W, p.H*p.W
	}
	l.usedRows, l.usedCols = make([]bool, l.sh), make([]bool, l.sw)
	for c := range p.C / p.Groups {
		for r := range p.KH {
			for s := range p.KW {
				h, w := r*p.Dilation[0], s*p.Dilation[1]
				l.usedRows[h%l.sh], l.usedCols[w%l.sw] = true, true
				l.off = append(l.off, c*l.channel+(h%l.sh*l.height+h/l.sh)*l.pitch+w%l.sw*l.width+w/l.sw)
			}
		}
	}
	return l
}

// size is the numbers of an image's copy.
func (l *layout) size() int {
	if l.direct {
		return 0
	}
	return l.p.C / l.p.Groups * l.channel
}

// fill copies what rows of the result from first on need of an image's group.
func (l *layout) fill(dst, in []float32, first int) {
	p := l.p
	clear(dst[:l.size()])
	for c := range p.C / p.Groups {
		for a := range l.sh {
			if !l.usedRows[a] {
				continue
			}
			for i := range l.height {
				h := (first+i)*l.sh + a - p.Pad[0]
				if h < 0 || h >= p.H {
					continue
				}
				to := dst[c*l.channel+(a*l.height+i)*l.pitch:][:l.pitch]
				l.fillRow(to, in[(c*p.H+h)*p.W:][:p.W])
			}
		}
	}
}

func (l *layout) fillRow(to, row []float32) {
	pad := l.p.Pad[1]
	if l.sw == 1 {
		copy(to[min(pad, len(to)):], row)
		return
	}
	for b := range l.sw {
		if !l.usedCols[b] {
			continue
		}
		phase := to[b*l.width:][:l.width]
		j := 0
		if b < pad {
			j = (pad - b + l.sw - 1) / l.sw
		}
		for w := j*l.sw + b - pad; j < l.width && w < len(row); j, w = j+1, w+l.sw {
			phase[j] = row[w]
		}
	}
}

// convWindows is Conv2d32 by windows.
func convWindows(t *simd.Window, y, x, w []float32, p ConvParams) {
	if p.flat() {
		p.W, p.H = p.H*p.W, 1
	}
	cg, og, k, pixels := p.column()
	oh := p.OutH()
	// A task is some rows of one image's result in one group: about a million multiplications, or several images.
	work := og * k * pixels
	bands := min(oh, 1+work>>22)
	rows := (oh + bands - 1) / bands
	bands = (oh + rows - 1) / rows
	l := newLayout(&p, rows)
	s, packed := scratch[float32](p.O * k)
	defer s.Free()
	tile := simd.Tile32()
	panels := (og + t.Rows - 1) / t.Rows
	first := func(q int) int { return q*(og/panels) + min(q, og%panels) } // the first map of a panel
	Parallel(p.Groups*panels, 1+(1<<16)/(k*t.Rows), func(lo, hi int) {
		for q := lo; q < hi; q++ {
			o := q/panels*og + first(q%panels)
			h := first(q%panels+1) - first(q%panels)
			packPanel(tile, packed[o*k:], w[o*k:], h, k)
		}
	})
	Parallel(p.N*p.Groups*bands, 1+(1<<20)*bands/work, func(lo, hi int) {
		var copied *pool.Block
		var image []float32
		if !l.direct {
			copied, image = scratch[float32](l.size())
			defer copied.Free()
		}
		for i := lo; i < hi; i++ {
			n, g, band := i/bands/p.Groups, i/bands%p.Groups, i%bands
			r0 := band * rows
			in := x[(n*p.C+g*cg)*p.H*p.W:][:cg*p.H*p.W]
			from := image
			if l.direct {
				from = in[r0*l.pitch:]
			} else {
				l.fill(image, in, r0)
			}
			l.apply(t, y[(n*p.O+g*og)*pixels+r0*l.outW:], from, packed[g*og*k:], min(rows, oh-r0), panels, first)
		}
	})
}

// packPanel copies h rows of k weights so that the numbers of one place lie together. It writes nothing else: other
// threads are at the panels beside it.
func packPanel(tile *simd.Tile[float32], dst, w []float32, h, k int) {
	whole := max(0, k-tile.Block) // beyond that, transpose would run over the end
	if whole > 0 {
		transpose(tile, dst, w, k, h, whole, h)
	}
	for i := range h {
		for j := whole; j < k; j++ {
			dst[j*h+i] = w[i*k+j]
		}
	}
}

// apply computes rows rows of the result of one image and group.
func (l *layout) apply(t *simd.Window, y, x, packed []float32, rows, panels int, first func(int) int) {
	k, pixels := len(l.off), l.outH*l.outW
	for k0 := 0; k0 < k; k0 += blockK {
		kc, acc := min(blockK, k-k0), 0
		if k0 > 0 {
			acc = 1
		}
		for r := range rows {
			for j := 0; j < l.outW; j += t.Cols {
				n := min(t.Cols, l.outW-j)
				kernels := &t.Apply[(n-1)/(t.Cols/2)]
				for q := range panels {
					o := first(q)
					h := first(q+1) - o
					kernels[h](kc, &packed[o*k+k0*h], &l.off[k0], &x[r*l.pitch+j], &y[o*pixels+r*l.outW+j], pixels, n, acc)
				}
			}
		}
	}
}

// convWeightWindows is Conv2dWeight32 by windows. It takes as many images at a time as stay in the cache when copied;
// every weight adds up its images in order.
func convWeightWindows(t *simd.Window, dw, x, g []float32, p ConvParams) {
	if p.flat() {
		p.W, p.H = p.H*p.W, 1
	}
	cg, og, k, pixels := p.column()
	l := newLayout(&p, p.OutH())
	size := l.size()
	block := max(1, min(p.N, (1<<18)/(1+size*p.Groups)))
	vectors := l.outH * ((l.outW + t.Lanes - 1) / t.Lanes)
	block = max(1, min(block, maxVectors/vectors))
	var image []float32
	if !l.direct {
		var s *pool.Block
		s, image = scratch[float32](block * p.Groups * size)
		defer s.Free()
	}
	for len(l.off)%t.Taps != 0 {
		l.off = append(l.off, l.off[0]) // counts for nothing
	}
	clear(dw)
	tilesO, tilesK := (og+t.Maps-1)/t.Maps, len(l.off)/t.Taps
	for n0 := 0; n0 < p.N; n0 += block {
		images := min(block, p.N-n0)
		if !l.direct {
			Parallel(images*p.Groups, 1+(1<<15)/size, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					l.fill(image[i*size:], x[(n0*p.Groups+i)*cg*p.H*p.W:][:cg*p.H*p.W], 0)
				}
			})
		}
		grain := 1 + 1500/(images*vectors)
		Parallel(p.Groups*tilesO*tilesK, grain, func(lo, hi int) {
			sums := make([]float32, t.Maps*t.Taps)
			for i := lo; i < hi; i++ {
				gr, o, tap := i/tilesK/tilesO, i/tilesK%tilesO*t.Maps, i%tilesK*t.Taps
				from, next := x[(n0*p.C+gr*cg)*p.H*p.W:], p.C*p.H*p.W
				if !l.direct {
					from, next = image[gr*size:], p.Groups*size
				}
				l.correlate(t, dw[(gr*og+o)*k+tap:], g[(n0*p.O+gr*og+o)*pixels:], from, images, min(t.Maps, og-o), tap, min(t.Taps, k-tap), next, sums)
			}
		})
	}
}

// maxVectors is how many vectors of each map one call of the correlation kernel takes at most: some 50 microseconds.
const maxVectors = 20000

// correlate adds to a tile of weights what some images give: maps maps from g on by taps places from tap on. Copies of
// images are next apart.
func (l *layout) correlate(t *simd.Window, dw, g, x []float32, images, maps, tap, taps, next int, sums []float32) {
	clear(sums)
	k, pixels := l.p.C/l.p.Groups*l.p.KH*l.p.KW, l.outH*l.outW
	whole := l.outW / t.Lanes * t.Lanes
	rows := max(1, min(l.outH, maxVectors/(l.outW/t.Lanes+1)/images))
	if images > 1 {
		rows = l.outH
	}
	for r := 0; r < l.outH; r += rows {
		n := min(rows, l.outH-r)
		t.Correlate[maps](images, n, l.outW, &g[r*l.outW], pixels, l.outW-whole, l.p.O*pixels-n*l.outW,
			&x[r*l.pitch], l.pitch-whole, next-n*l.pitch, &l.off[tap], &sums[0], t.Taps)
	}
	for i := range maps {
		for j := range taps {
			dw[i*k+j] += sums[i*t.Taps+j]
		}
	}
}
