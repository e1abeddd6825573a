package array

import "github.com/tapir-go/tapir/eager/internal/simd"

// axis is how a copy of an image lies along one of its axes: with zeros around it, and cut into phases if windows move in
// steps: numbers with the same remainder lie together. Then every element of a window is at one distance from the
// window's start, whichever window it is.
type axis struct {
	n      int   // numbers of the image
	step   int   // 1: one phase, which is all
	lead   int   // zeros before the image; negative: so many of its numbers are left out
	phases []int // remainders that some element of the window is in
	reach  int   // from a window's start to its last element, within a phase
}

// place is where an element of a window is from the window's start.
type place struct{ phase, at int }

// forwardAxis is the axis of a convolution's input, and the places of the elements of its kernel.
func forwardAxis(n, k, stride, pad, dilation int) (axis, []place) {
	a := axis{n: n, step: stride, lead: pad}
	index := map[int]int{}
	places := make([]place, k)
	for r := range places {
		at := r * dilation
		phase, ok := index[at%stride]
		if !ok {
			phase = len(a.phases)
			index[at%stride] = phase
			a.phases = append(a.phases, at%stride)
		}
		places[r] = place{phase, at / stride}
		a.reach = max(a.reach, at/stride)
	}
	return a, places
}

// tap is an element of a kernel at its place.
type tap struct {
	r int
	place
}

// inputAxis is the axis of the gradient of a convolution's result, of which there are out numbers, as the gradient of the
// input is made from it: numbers of the input with the same remainder by stride are one convolution of the gradient, with
// the elements of the kernel that meet them. parts[i] are those for remainder i.
func inputAxis(n, out, k, stride, pad, dilation int) (a axis, parts [][]tap) {
	a = axis{n: out, step: 1, phases: []int{0}}
	parts = make([][]tap, min(stride, n))
	lo, hi := 0, 0
	some := false
	for i := range parts {
		for r := range k {
			at := i + pad - r*dilation
			if at%stride != 0 {
				continue
			}
			at /= stride
			if !some {
				lo, hi, some = at, at, true
			}
			lo, hi = min(lo, at), max(hi, at)
			parts[i] = append(parts[i], tap{r, place{0, at}})
		}
	}
	for _, p := range parts {
		for i := range p {
			p[i].at -= lo
		}
	}
	a.lead, a.reach = -lo, hi-lo
	return a, parts
}

// span is the numbers j0 to j1 of a phase's first n that lie on the image: number j is number j*step+from of it.
func (a *axis) span(phase, first, n int) (j0, j1, from int) {
	from = first*a.step + a.phases[phase] - a.lead
	if from < 0 {
		j0 = min(n, (-from+a.step-1)/a.step)
	}
	j1 = j0
	if last := a.n - 1 - from; last >= 0 {
		j1 = max(j0, min(n, last/a.step+1))
	}
	return j0, j1, from
}

// layout is where the numbers of a padded image lie, for some rows of windows.
type layout struct {
	channels   int
	y, x       axis
	rows, cols int  // windows
	direct     bool // the image itself will do
	pitch      int  // from row to row of a phase
	height     int  // rows of a phase
	channel    int  // from channel to channel
}

// newLayout is the layout for rows of windows of the all that there are.
func newLayout(channels int, y, x axis, all, rows, cols int) *layout {
	l := &layout{channels: channels, y: y, x: x, rows: rows, cols: cols}
	l.height, l.pitch = rows+y.reach, cols+x.reach
	if y.step == 1 && x.step == 1 && y.lead == 0 && x.lead == 0 && all+y.reach <= y.n && cols+x.reach <= x.n {
		l.direct, l.height, l.pitch = true, y.n, x.n
	}
	l.channel = len(y.phases) * len(x.phases) * l.height * l.pitch
	return l
}

// size is the numbers of an image's copy.
func (l *layout) size() int {
	if l.direct {
		return 0
	}
	return l.channels * l.channel
}

// offset is where an element of a window is from the window's start.
func (l *layout) offset(channel int, y, x place) int {
	return channel*l.channel + ((y.phase*len(l.x.phases)+x.phase)*l.height+y.at)*l.pitch + x.at
}

// across is the numbers from the first window's start to the last's, in rows rows of windows.
func (l *layout) across(rows int) int { return (rows-1)*l.pitch + l.cols }

// offsets is where the elements of a window are, channel by channel.
func (l *layout) offsets(ys, xs []place) []int {
	off := make([]int, 0, l.channels*len(ys)*len(xs))
	for c := range l.channels {
		for _, y := range ys {
			for _, x := range xs {
				off = append(off, l.offset(c, y, x))
			}
		}
	}
	return off
}

// fillAll copies what the windows from row first on need of n images, in parallel.
func (l *layout) fillAll(dst, in []float32, n, first int, clean bool) {
	one, image := *l, l.y.n*l.x.n
	one.channels = 1
	Parallel(n*l.channels, 1+(1<<15)/l.channel, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			one.fill(dst[i*l.channel:][:l.channel], in[i*image:][:image], first, clean)
		}
	})
}

// fill copies what the windows from row first on need of an image. The padding is cleared unless it is clean: what was
// there before was made for the same rows.
func (l *layout) fill(dst, in []float32, first int, clean bool) {
	for a := range l.y.phases {
		i0, i1, row := l.y.span(a, first, l.height)
		for b := range l.x.phases {
			j0, j1, col := l.x.span(b, 0, l.pitch)
			planes := dst[l.offset(0, place{a, 0}, place{b, 0}):]
			if i0 == i1 || j0 == j1 {
				for c := 0; c < l.channels && !clean; c++ {
					clear(planes[c*l.channel:][:l.height*l.pitch])
				}
				continue
			}
			start, apart, n, rows := (row+i0*l.y.step)*l.x.n+col+j0*l.x.step, l.y.step*l.x.n, j1-j0, i1-i0
			for c := range l.channels {
				plane := planes[c*l.channel:][:l.height*l.pitch]
				if !clean {
					l.clearAround(plane, i0, i1, j0, j1)
				}
				from, to := in[c*l.y.n*l.x.n+start:], plane[i0*l.pitch+j0:]
				switch l.x.step {
				case 1:
					simd.CopyRows(to, l.pitch, from, apart, n, rows)
				case 2:
					simd.PickRows(to, l.pitch, from, apart, n, rows)
				default:
					for i := range rows {
						for j := range n {
							to[i*l.pitch+j] = from[i*apart+j*l.x.step]
						}
					}
				}
			}
		}
	}
}

// clearAround clears a plane but for rows i0 to i1 of columns j0 to j1.
func (l *layout) clearAround(plane []float32, i0, i1, j0, j1 int) {
	clear(plane[:i0*l.pitch+j0])
	for i := i0 + 1; i < i1; i++ { // from the end of a row to the start of the next
		for j := i*l.pitch - l.pitch + j1; j < i*l.pitch+j0; j++ {
			plane[j] = 0
		}
	}
	clear(plane[(i1-1)*l.pitch+j1:])
}
