package array

import (
	"github.com/tapir-go/tapir/eager/internal/pool"
	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Convolution by windows: images are copied once, with their padding, so that an element of a window is at one distance
// from the window's start, and the kernels take windows side by side from there. The gradient of the input is such a
// convolution, too, of the gradient of the result; where windows move in steps it is one for each remainder.

// filter is a convolution of images with kernels that have been packed.
type filter struct {
	*layout
	images, groups int
	maps           int // of a group's result
	h, w           int // of the result
	sh, sw         int // between the numbers of a part of the result
	all            int // rows of windows
	parts          []part
	bias           []float32 // of each map, nil for none
	// ranges are the places of each row of windows that are not all on padding, from one to before another; nil: all are
	// taken. Places lie row by row of the kernel then.
	ranges [][2]int
}

// part is the numbers of the result from one on, in steps.
type part struct {
	row, col   int // the first number
	rows, cols int
	off        []int
	packed     []float32 // for each panel and each place the weights of the panel's maps
}

// first is the first map of a panel: panels are of nearly equal height.
func (v *filter) first(panel, panels int) int {
	return cut(v.maps, panels, panel)
}

// convWindows is Conv2d32 by windows.
func convWindows(t *simd.Window, y, x, w, bias []float32, p ConvParams) {
	cg, og, k, pixels := p.column()
	down, rs := forwardAxis(p.H, p.KH, p.Stride[0], p.Pad[0], p.Dilation[0])
	across, ss := forwardAxis(p.W, p.KW, p.Stride[1], p.Pad[1], p.Dilation[1])
	v := &filter{images: p.N, groups: p.Groups, maps: og, h: p.OutH(), w: p.OutW(), sh: 1, sw: 1, all: p.OutH(), bias: bias}
	rows := v.band(og*k*pixels, cg*(p.W+p.KW))
	v.layout = newLayout(cg, down, across, v.all, rows, v.w)
	s, packed := scratch[float32](p.O * k)
	defer s.Free()
	v.parts = []part{{rows: v.h, cols: v.w, off: v.offsets(rs, ss), packed: packed}}
	v.eachPanel(t, func(tile *simd.Tile[float32], g, o, h int) {
		packPanel(tile, packed[(g*og+o)*k:], w[(g*og+o)*k:], h, k)
	})
	v.run(t, y, x)
}

// convInputWindows is Conv2dInput32 by windows.
func convInputWindows(t *simd.Window, dx, g, w, bias []float32, p ConvParams) {
	cg, og, k, pixels := p.column()
	down, parts := inputAxis(p.H, p.OutH(), p.KH, p.Stride[0], p.Pad[0], p.Dilation[0])
	across, cols := inputAxis(p.W, p.OutW(), p.KW, p.Stride[1], p.Pad[1], p.Dilation[1])
	v := &filter{images: p.N, groups: p.Groups, maps: cg, h: p.H, w: p.W, sh: len(parts), sw: len(cols), bias: bias}
	v.ranges = p.inputRanges()
	v.all = (p.H + v.sh - 1) / v.sh
	wide := (p.W + v.sw - 1) / v.sw
	rows := v.band(og*k*pixels, og*(p.OutW()+p.KW))
	v.layout = newLayout(og, down, across, v.all, rows, wide)
	s, packed := scratch[float32](p.C * og * p.KH * p.KW)
	defer s.Free()
	taps := make([][]int, 0, v.sh*v.sw) // of each part, in one number
	for i, rs := range parts {
		for j, ss := range cols {
			n := og * len(rs) * len(ss)
			one := part{row: i, col: j, rows: (p.H - i + v.sh - 1) / v.sh, cols: (p.W - j + v.sw - 1) / v.sw, off: make([]int, 0, n), packed: packed[:p.C*n]}
			packed = packed[p.C*n:]
			var at []int
			for _, r := range rs {
				for _, s := range ss {
					at = append(at, r.r*p.KW+s.r)
				}
			}
			// Places lie kernel by kernel, or row by row of the kernels.
			together := [][]tap{rs}
			if v.ranges != nil {
				together = nil
				for i := range rs {
					together = append(together, rs[i:i+1])
				}
			}
			for _, rs := range together {
				for o := range og {
					for _, r := range rs {
						for _, s := range ss {
							one.off = append(one.off, v.offset(o, r.place, s.place))
						}
					}
				}
			}
			v.parts, taps = append(v.parts, one), append(taps, at)
		}
	}
	v.eachPanel(t, func(tile *simd.Tile[float32], g, c, h int) {
		for i, part := range v.parts {
			k := len(part.off)
			to, at := part.packed[(g*cg+c)*k:][:h*k], taps[i]
			step := len(at)
			if v.ranges != nil {
				step = p.KW
			}
			for ; len(at) > 0; at, to = at[step:], to[og*step*h:] {
				packTurned(tile, to[:og*step*h], w[(g*og*cg+c)*p.KH*p.KW:], at[:step], og, h, p.KH*p.KW, cg*p.KH*p.KW)
			}
		}
	})
	v.run(t, dx, g)
}

// inputRanges is filter.ranges for the gradient of a convolution's input; nil if little is on padding.
func (p *ConvParams) inputRanges() [][2]int {
	if p.Stride != [2]int{1, 1} {
		return nil
	}
	used, row := 0, p.O/p.Groups*p.KW // places of a row of the kernels
	ranges := make([][2]int, p.H)
	for i := range ranges {
		lo, hi := p.KH, 0
		for r := range p.KH {
			if at := i + p.Pad[0] - r*p.Dilation[0]; at >= 0 && at < p.OutH() {
				lo, hi = min(lo, r), r+1
			}
		}
		lo = min(lo, hi)
		ranges[i] = [2]int{lo * row, hi * row}
		used += hi - lo
	}
	if used*8 > p.H*p.KH*7 {
		return nil
	}
	return ranges
}

// band is how many rows of windows make a task, if all of an image are work multiplications, and a row is so many numbers:
// enough tasks, none too short, with copies that stay in the cache.
func (v *filter) band(work, row int) int {
	bands := max(1, min(1+work>>23, 64/(v.images*v.groups)))
	rows := min((v.all+bands-1)/bands, (1<<18)/(1+row))
	return max(1, rows)
}

// eachPanel calls f in parallel for h maps of a group from o on: what one tile computes.
func (v *filter) eachPanel(t *simd.Window, f func(tile *simd.Tile[float32], g, o, h int)) {
	tile, panels, k := simd.Tile32(), v.panels(t), 0
	for _, part := range v.parts {
		k += len(part.off)
	}
	Parallel(v.groups*panels, 1+(1<<16)/(1+k*t.Rows), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			q := i % panels
			o := v.first(q, panels)
			f(tile, i/panels, o, v.first(q+1, panels)-o)
		}
	})
}

func (v *filter) panels(t *simd.Window) int { return (v.maps + t.Rows - 1) / t.Rows }

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

// packTurned is packPanel for weights of which those of one row of the panel are apart: of each of n kernels, size beside
// each other for each row, and apart for each kernel, it takes taps.
func packTurned(tile *simd.Tile[float32], dst, w []float32, taps []int, n, h, size, apart int) {
	for o := range n {
		from := w[o*apart:]
		// The taps in order are a transposition, which writes beyond its end: not where the panel ends.
		if len(taps) == size && len(dst) >= size*h+tile.Block {
			transpose(tile, dst, from, size, h, size, h)
			dst = dst[size*h:]
			continue
		}
		for _, at := range taps {
			for i := range h {
				dst[i] = from[i*size+at]
			}
			dst = dst[h:]
		}
	}
}

// run computes the result from images.
func (v *filter) run(t *simd.Window, dst, src []float32) {
	bands := (v.all + v.layout.rows - 1) / v.layout.rows
	work := 0
	for _, p := range v.parts {
		work += v.maps * len(p.off) * p.rows * p.cols
	}
	in, out := v.channels*v.y.n*v.x.n, v.maps*v.h*v.w
	inRows := len(v.parts) == 1 && v.rowByRow(t)
	each := v.images * v.groups
	Parallel(each*bands, 1+(1<<20)*bands/(1+work), func(lo, hi int) {
		var copied *pool.Block
		var image, sums []float32
		size := v.size()
		if !inRows {
			size += len(v.parts) * t.Rows * v.across(v.rows)
		}
		if size > 0 {
			copied, image = scratch[float32](size)
			defer copied.Free()
			image, sums = image[:v.size()], image[v.size():]
		}
		last := -1
		for i := lo; i < hi; i++ {
			n, row := i%each, i/each*v.rows // an image's group, and the first row
			from, to, g := src[n*in:][:in], dst[n*out:][:out], n%v.groups
			if v.direct {
				from = from[row*v.pitch:]
			} else {
				v.fill(image, from, row, row == last)
				from, last = image, row
			}
			if inRows {
				v.byRow(t, to, from, g, row)
			} else {
				v.atOnce(t, to, from, sums, g, row)
			}
			if v.bias != nil {
				first, last := row*v.sh*v.w, min((row+v.rows)*v.sh, v.h)*v.w
				for o, b := range v.bias[g*v.maps:][:v.maps] {
					rows := to[o*v.h*v.w:][first:last]
					simd.AddS(rows, rows, b)
				}
			}
		}
	})
}

// rowByRow says whether it costs less to compute each row of the result by itself, with vectors that rows do not fill,
// than all as one row, with what lies between the rows, and then to copy what counts.
func (v *filter) rowByRow(t *simd.Window) bool {
	h := v.first(1, v.panels(t))
	k := float64(len(v.parts[0].off))
	byRow := float64(v.rows) * cycles(t, h, v.cols)
	if v.ranges != nil {
		used := 0
		for _, r := range v.ranges {
			used += r[1] - r[0]
		}
		byRow *= float64(used) / (k * float64(len(v.ranges)))
	}
	atOnce := cycles(t, h, v.across(v.rows))
	copies := float64(h * v.rows * (4 + v.cols*2/t.Cols))
	return k*byRow <= k*atOnce+copies
}

// cycles is about what a place of the windows costs for h maps of n numbers: multiplications or loads, two at a time, and
// never less than the four that an addition takes.
func cycles(t *simd.Window, h, n int) float64 {
	lanes := t.Cols / 2
	kernel := func(vectors int) float64 { return max(4, float64(h*vectors)/2, float64(h+2*vectors)/2) }
	vectors, most := (n+lanes-1)/lanes, t.Strip(h)/lanes
	c := float64(vectors/most) * kernel(most)
	switch rest := vectors % most; rest {
	case 0:
	case 3:
		c += kernel(4)
	default:
		c += kernel(rest)
	}
	return c
}

// byRow computes some rows of the result, each by itself, where they belong.
func (v *filter) byRow(t *simd.Window, dst, x []float32, g, row int) {
	p := &v.parts[0]
	k, pixels, panels := len(p.off), v.h*v.w, v.panels(t)
	// Of pixels alone, numbers of one place are in so many different pages that a copy pays if it is read a few times.
	var near []float32
	var nearOff []int
	if v.direct && len(p.off) == v.channels && panels > 2 && k > 32 {
		var s *pool.Block
		s, near = scratch[float32](blockK * t.Cols)
		defer s.Free()
		for i := range min(k, blockK) {
			nearOff = append(nearOff, i*t.Cols)
		}
	}
	packed := p.packed[g*v.maps*k:]
	strip := t.Strip(v.first(1, panels)) // the first panel is the highest
	rows := min(v.rows, v.all-row)
	for k0 := 0; k0 < k; k0 += blockK {
		for r := range rows {
			first, end := 0, k
			if v.ranges != nil {
				first, end = v.ranges[row+r][0], v.ranges[row+r][1]
			}
			if first == end && k0 == 0 {
				for o := range v.maps {
					clear(dst[o*pixels+(row+r)*v.w:][:v.w])
				}
			}
			from, to := max(k0, first), min(k0+blockK, end)
			if from >= to {
				continue
			}
			acc := min(from-first, 1)
			for j := 0; j < v.w; j += strip {
				n := min(strip, v.w-j)
				pixel, off := &x[r*v.pitch+j], &p.off[from]
				if near != nil {
					simd.CopyRows(near, t.Cols, x[p.off[from]+r*v.pitch+j:], v.channel, n, to-from)
					pixel, off = &near[0], &nearOff[0]
				}
				for q := range panels {
					o := v.first(q, panels)
					h := v.first(q+1, panels) - o
					t.Kernel(h, n)(to-from, &packed[o*k+from*h], off, pixel, &dst[o*pixels+(row+r)*v.w+j], pixels, n, acc)
				}
			}
		}
	}
}

// atOnce computes some rows of the result as one row of sums, with what lies between them, and copies what counts.
func (v *filter) atOnce(t *simd.Window, dst, x, sums []float32, g, row int) {
	all, panels, apart := v.across(v.rows), v.panels(t), t.Rows*v.across(v.rows)
	for q := range panels {
		o := v.first(q, panels)
		h := v.first(q+1, panels) - o
		strip := t.Strip(h)
		for i := range v.parts {
			p := &v.parts[i]
			k, to := len(p.off), sums[i*apart:]
			rows := min(v.rows, p.rows-row)
			if rows <= 0 {
				continue
			}
			if k == 0 { // the kernel jumps over these
				clear(to[:h*all])
			}
			packed := p.packed[(g*v.maps+o)*k:]
			end := v.across(rows)
			for k0 := 0; k0 < k; k0 += blockK {
				kc, acc := min(blockK, k-k0), min(k0, 1)
				for j := 0; j < end; j += strip {
					n := min(strip, end-j)
					t.Kernel(h, n)(kc, &packed[k0*h], &p.off[k0], &x[j], &to[j], all, n, acc)
				}
			}
		}
		for i := range h {
			v.place(dst[(o+i)*v.h*v.w:][:v.h*v.w], sums[i*all:], apart, row)
		}
	}
}

// place copies the sums of one map, of which those of the parts are apart, to where they belong.
func (v *filter) place(dst, sums []float32, apart, row int) {
	for i := 0; i < len(v.parts); i += v.sw {
		p := &v.parts[i]
		rows := min(v.rows, p.rows-row)
		if rows <= 0 {
			continue
		}
		to, down, from := dst[(p.row+row*v.sh)*v.w:], v.sh*v.w, sums[i*apart:]
		switch v.sw {
		case 1:
			simd.CopyRows(to, down, from, v.pitch, p.cols, rows)
		case 2:
			odd := v.w / 2
			simd.ZipRows(to, down, from, from[apart:], v.pitch, odd, rows)
			if v.w%2 != 0 {
				for r := range rows {
					to[r*down+v.w-1] = from[r*v.pitch+odd]
				}
			}
		default:
			for j := range v.sw {
				for r := range rows {
					for c := range v.parts[i+j].cols {
						to[r*down+c*v.sw+j] = from[j*apart+r*v.pitch+c]
					}
				}
			}
		}
	}
}
