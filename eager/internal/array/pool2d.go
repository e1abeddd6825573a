package array

import "github.com/tapir-go/tapir/eager/internal/simd"

// PoolParams are the sizes of a two-dimensional pooling: x (N,C,H,W), y (N,C,OutH,OutW).
type PoolParams struct {
	N, C, H, W int
	KH, KW     int
	Stride     [2]int // down, across; 1 or more
	Pad        [2]int // above and below, left and right; at most half the window
	CountPad   bool   // averages count padding as zeros, else they leave it out
}

// OutH is the height of the result, 0 if the window is larger than the padded image.
func (p *PoolParams) OutH() int { return windows(p.H, p.KH, p.Stride[0], p.Pad[0], 1) }

// OutW is the width of the result, 0 if the window is larger than the padded image.
func (p *PoolParams) OutW() int { return windows(p.W, p.KW, p.Stride[1], p.Pad[1], 1) }

// MaxPool2d32 sets y to the largest number of each window of x, and index (nil: not wanted) to where in x, counted flat
// over the whole of x, the first such number is. A NaN is larger than any number. Padding takes no part.
func MaxPool2d32(y []float32, index []int64, x []float32, p PoolParams) {
	if index == nil && p.Halves() {
		MaxPoolHalves(y, nil, x, p)
		return
	}
	p.planes(func(c int) { maxPool32(y, index, x, c, &p) })
}

// MaxPool2dInput32 sets dx to the gradient of the input of a max pooling: g where index points, added up, else 0.
func MaxPool2dInput32(dx, g []float32, index []int64, p PoolParams) { maxPoolInput(dx, g, index, p) }

// Halves says whether windows are of two by two and lie side by side, without padding.
func (p *PoolParams) Halves() bool {
	two := [2]int{2, 2}
	return p.KH == 2 && p.KW == 2 && p.Stride == two && p.Pad == [2]int{}
}

// Choices is the shape of what MaxPoolHalves notes.
func (p *PoolParams) Choices() []int { return []int{p.N * p.C * p.OutH(), simd.WhichPitch(p.OutW())} }

// MaxPoolHalves is MaxPool2d32 for halves. which (nil: not wanted) has the shape Choices and is for MaxPoolHalvesInput.
func MaxPoolHalves(y []float32, which []uint8, x []float32, p PoolParams) {
	oh, ow, size := p.OutH(), p.OutW(), p.H*p.W
	noted := oh * simd.WhichPitch(ow)
	p.planes(func(c int) {
		var note []uint8
		if which != nil {
			note = which[c*noted:][:noted]
		}
		simd.Halve(y[c*oh*ow:][:oh*ow], note, x[c*size:][:size], p.W, ow, oh)
	})
}

// MaxPoolHalvesInput is MaxPool2dInput32 for halves, from what MaxPoolHalves noted.
func MaxPoolHalvesInput(dx, g []float32, which []uint8, p PoolParams) {
	oh, ow, size := p.OutH(), p.OutW(), p.H*p.W
	noted := oh * simd.WhichPitch(ow)
	p.planes(func(c int) {
		plane := dx[c*size:][:size]
		simd.HalveGrad(plane, p.W, g[c*oh*ow:][:oh*ow], which[c*noted:][:noted], ow, oh)
		clear(plane[2*oh*p.W:])
		if p.W%2 != 0 {
			for i := range 2 * oh {
				plane[i*p.W+p.W-1] = 0
			}
		}
	})
}

// AvgPool2d32 sets y to the mean of each window of x.
func AvgPool2d32(y, x []float32, p PoolParams) { p.planes(func(c int) { avgPool32(y, x, c, &p) }) }

// AvgPool2dInput32 sets dx to the gradient of the input of an average pooling with gradient g of the result.
func AvgPool2dInput32(dx, g []float32, p PoolParams) {
	p.planes(func(c int) { avgPoolInput32(dx, g, c, &p) })
}

// MaxPool2d64 is MaxPool2d32 for float64.
func MaxPool2d64(y []float64, index []int64, x []float64, p PoolParams) {
	p.planes(func(c int) {
		for i := range p.OutH() {
			maxPool(y, index, x, c, i, 0, p.OutW(), &p)
		}
	})
}

// MaxPool2dInput64 is MaxPool2dInput32 for float64.
func MaxPool2dInput64(dx, g []float64, index []int64, p PoolParams) { maxPoolInput(dx, g, index, p) }

// AvgPool2d64 is AvgPool2d32 for float64.
func AvgPool2d64(y, x []float64, p PoolParams) { avgPool(y, x, p) }

// AvgPool2dInput64 is AvgPool2dInput32 for float64.
func AvgPool2dInput64(dx, g []float64, p PoolParams) { avgPoolInput(dx, g, p) }

// planes runs f over the planes of a pooling, in parallel: each has its own part of x and y.
func (p *PoolParams) planes(f func(plane int)) {
	work := p.OutH() * p.OutW() * p.KH * p.KW
	if p.Halves() {
		work /= 8
	}
	Parallel(p.N*p.C, 1+(10<<10)/(1+work), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i)
		}
	})
}

// span is the part of window i along an axis of n numbers that lies on them.
func span(i, n, k, stride, pad int) (lo, hi int) {
	lo = i*stride - pad
	return max(lo, 0), min(lo+k, n)
}

// maxPool pools in plain Go the windows j0 to j1 of row i of plane c.
func maxPool[T real](y []T, index []int64, x []T, c, i, j0, j1 int, p *PoolParams) {
	out, base := (c*p.OutH()+i)*p.OutW(), c*p.H*p.W
	h0, h1 := span(i, p.H, p.KH, p.Stride[0], p.Pad[0])
	for j := j0; j < j1; j++ {
		w0, w1 := span(j, p.W, p.KW, p.Stride[1], p.Pad[1])
		at := base + h0*p.W + w0
		best := x[at]
		for h := h0; h < h1; h++ {
			for w := w0; w < w1; w++ {
				if v := x[base+h*p.W+w]; v > best || v != v && best == best {
					best, at = v, base+h*p.W+w
				}
			}
		}
		y[out+j] = best
		if index != nil {
			index[out+j] = int64(at)
		}
	}
}

// maxPool32 pools plane c, with vectors where windows are whole from left to right.
func maxPool32(y []float32, index []int64, x []float32, c int, p *PoolParams) {
	oh, ow := p.OutH(), p.OutW()
	j0, j1 := p.whole()
	off := make([]int, p.KH*p.KW)
	for i := range oh {
		maxPool(y, index, x, c, i, 0, j0, p)
		if j0 < j1 {
			h0, h1 := span(i, p.H, p.KH, p.Stride[0], p.Pad[0])
			for t := range (h1 - h0) * p.KW {
				off[t] = t/p.KW*p.W + t%p.KW
			}
			from := (c*p.H+h0)*p.W + j0*p.Stride[1] - p.Pad[1]
			to := (c*oh+i)*ow + j0
			var at *int64
			if index != nil {
				at = &index[to]
			}
			if !simd.MaxWindows(&y[to], at, from, &x[from], &off[0], (h1-h0)*p.KW, p.Stride[1], j1-j0) {
				maxPool(y, index, x, c, i, j0, j1, p)
			}
		}
		maxPool(y, index, x, c, i, j1, ow, p)
	}
}

func maxPoolInput[T real](dx, g []T, index []int64, p PoolParams) {
	out, size := p.OutH()*p.OutW(), p.H*p.W
	p.planes(func(c int) {
		clear(dx[c*size:][:size])
		for i := c * out; i < (c+1)*out; i++ {
			dx[index[i]] += g[i]
		}
	})
}

// share is the weight of each number of a window of h by w.
func (p *PoolParams) share(h, w int) float64 {
	if p.CountPad {
		return 1 / float64(p.KH*p.KW)
	}
	return 1 / float64(h*w)
}

// Shares are the weights of the numbers of each window of a plane (OutH,OutW).
func (p *PoolParams) Shares() []float64 {
	var s []float64
	for i := range p.OutH() {
		h0, h1 := span(i, p.H, p.KH, p.Stride[0], p.Pad[0])
		for j := range p.OutW() {
			w0, w1 := span(j, p.W, p.KW, p.Stride[1], p.Pad[1])
			s = append(s, p.share(h1-h0, w1-w0))
		}
	}
	return s
}

func avgPool[T real](y, x []T, p PoolParams) {
	p.planes(func(c int) {
		for i := range p.OutH() {
			avgPoolRow(y, x, c, i, 0, p.OutW(), &p)
		}
	})
}

// avgPoolRow pools the windows j0 to j1 of row i of plane c.
func avgPoolRow[T real](y, x []T, c, i, j0, j1 int, p *PoolParams) {
	out, base := (c*p.OutH()+i)*p.OutW(), c*p.H*p.W
	h0, h1 := span(i, p.H, p.KH, p.Stride[0], p.Pad[0])
	for j := j0; j < j1; j++ {
		w0, w1 := span(j, p.W, p.KW, p.Stride[1], p.Pad[1])
		var s T
		for h := h0; h < h1; h++ {
			for _, v := range x[base+h*p.W:][w0:w1] {
				s += v
			}
		}
		y[out+j] = s * T(p.share(h1-h0, w1-w0))
	}
}

func avgPoolInput[T real](dx, g []T, p PoolParams) {
	size := p.H * p.W
	p.planes(func(c int) {
		clear(dx[c*size:][:size])
		for i := range p.OutH() {
			avgPoolInputRow(dx, g, c, i, 0, p.OutW(), &p)
		}
	})
}

// avgPoolInputRow adds the gradients of the windows j0 to j1 of row i of plane c.
func avgPoolInputRow[T real](dx, g []T, c, i, j0, j1 int, p *PoolParams) {
	out, base := (c*p.OutH()+i)*p.OutW(), c*p.H*p.W
	h0, h1 := span(i, p.H, p.KH, p.Stride[0], p.Pad[0])
	for j := j0; j < j1; j++ {
		w0, w1 := span(j, p.W, p.KW, p.Stride[1], p.Pad[1])
		v := g[out+j] * T(p.share(h1-h0, w1-w0))
		for h := h0; h < h1; h++ {
			row := dx[base+h*p.W:][w0:w1]
			for w := range row {
				row[w] += v
			}
		}
	}
}

// whole is the windows j0 to j1 that lie on the image from left to right.
func (p *PoolParams) whole() (j0, j1 int) {
	ow := p.OutW()
	j0 = min(ow, (p.Pad[1]+p.Stride[1]-1)/p.Stride[1])
	j1 = j0
	if room := p.W + p.Pad[1] - p.KW; room >= 0 {
		j1 = max(j0, min(ow, room/p.Stride[1]+1))
	}
	return j0, j1
}

// one says whether one window is the whole plane.
func (p *PoolParams) one() bool { return p.KH == p.H && p.KW == p.W && p.Pad == [2]int{} }

// avgPool32 pools plane c, with vectors where windows are whole from left to right and one or two numbers apart.
func avgPool32(y, x []float32, c int, p *PoolParams) {
	if p.one() {
		y[c] = simd.Sum(x[c*p.H*p.W:][:p.H*p.W]) * float32(p.share(p.H, p.W))
		return
	}
	oh, ow, step := p.OutH(), p.OutW(), p.Stride[1]
	j0, j1 := p.whole()
	if j1-j0 < 4 || step > 2 {
		j1 = j0
	}
	var seconds [64]float32
	for i := range oh {
		avgPoolRow(y, x, c, i, 0, j0, p)
		h0, h1 := span(i, p.H, p.KH, p.Stride[0], p.Pad[0])
		for j := j0; j < j1; j += len(seconds) {
			to := y[(c*oh+i)*ow+j:][:min(len(seconds), j1-j)]
			clear(to)
			for t := range (h1 - h0) * p.KW {
				from := x[(c*p.H+h0+t/p.KW)*p.W+j*step-p.Pad[1]+t%p.KW:]
				if step == 2 {
					simd.PickRows(seconds[:], 0, from, 0, len(to), 1)
					from = seconds[:]
				}
				simd.Add(to, to, from)
			}
			simd.MulS(to, to, float32(p.share(h1-h0, p.KW)))
		}
		avgPoolRow(y, x, c, i, j1, ow, p)
	}
}

// avgPoolInput32 is the gradient for plane c, with vectors where windows are whole from left to right and one number apart, or
// of two numbers and lie side by side.
func avgPoolInput32(dx, g []float32, c int, p *PoolParams) {
	size := p.H * p.W
	plane := dx[c*size:][:size]
	if p.one() {
		v := g[c] * float32(p.share(p.H, p.W))
		for i := range plane {
			plane[i] = v
		}
		return
	}
	clear(plane)
	oh, ow, step := p.OutH(), p.OutW(), p.Stride[1]
	j0, j1 := p.whole()
	if j1-j0 < 4 || step > 2 || step == 2 && p.KW != 2 {
		j1 = j0
	}
	var parts, twice [64]float32
	for i := range oh {
		avgPoolInputRow(dx, g, c, i, 0, j0, p)
		h0, h1 := span(i, p.H, p.KH, p.Stride[0], p.Pad[0])
		for j := j0; j < j1; j += len(parts) / 2 {
			n := min(len(parts)/2, j1-j)
			simd.MulS(parts[:n], g[(c*oh+i)*ow+j:][:n], float32(p.share(h1-h0, p.KW)))
			if step == 2 {
				simd.ZipRows(twice[:], 0, parts[:], parts[:], 0, n, 1)
			}
			for h := h0; h < h1; h++ {
				row := plane[h*p.W+j*step-p.Pad[1]:]
				if step == 2 {
					simd.Add(row[:2*n], row, twice[:])
					continue
				}
				for s := range p.KW {
					simd.Add(row[s:s+n], row[s:], parts[:])
				}
			}
		}
		avgPoolInputRow(dx, g, c, i, j1, ow, p)
	}
}
