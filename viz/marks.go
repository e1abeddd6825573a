package viz

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

type colorOf = color.NRGBA

// mark is one series on a plot.
type mark interface {
	base() *base
	kind() string                       // "line plot"
	describe() string                   // "200 points, y 0.01..2.3"
	extent(logX, logY bool) (x, y span) // the data's range
	draw(f *frame)
	sample(c draw.Canvas, x, y vg.Length) // the mark's picture in a legend, centred on y: lines are 18 wide, others 10
}

// base is what all series have.
type base struct {
	name          string
	ink           colorOf
	dashed, faint bool
}

// color is the ink, pale where the series is.
func (b *base) color(a float64) colorOf {
	if b.faint {
		a *= 0.35
	}
	return faded(b.ink, a)
}

type common struct{ b base }

func (m *common) base() *base { return &m.b }

// frame is the area of the data and the way from data to places in it.
type frame struct {
	c    draw.Canvas
	x, y func(float64) vg.Length // NaN for what the axis cannot show
}

func (f *frame) at(x, y float64) (vg.Point, bool) {
	p := vg.Point{X: f.x(x), Y: f.y(y)}
	return p, finite(float64(p.X)) && finite(float64(p.Y))
}

// inside says whether a dot at p may be drawn, with a little room at the edges.
func (f *frame) inside(p vg.Point) bool {
	const room = 2
	return p.X >= f.c.Min.X-room && p.X <= f.c.Max.X+room && p.Y >= f.c.Min.Y-room && p.Y <= f.c.Max.Y+room
}

func (f *frame) stroke(points []vg.Point, st draw.LineStyle) {
	if len(points) < 2 {
		return
	}
	for _, part := range f.c.ClipLinesXY(points) {
		if len(part) > 1 {
			f.c.StrokeLines(st, part)
		}
	}
}

type lineMark struct {
	common
	xs, ys []float64
}

func (m *lineMark) kind() string { return "line plot" }

func (m *lineMark) describe() string {
	s := fmt.Sprintf("%s, y %v", points(m.xs, m.ys), spanOf(m.ys, false))
	if k := spark(m.ys, 32); k != "" {
		s += "  " + k
	}
	return s
}

func (m *lineMark) extent(logX, logY bool) (x, y span) { return extentOf(m.xs, m.ys, logX, logY) }

func (m *lineMark) style() draw.LineStyle {
	st := draw.LineStyle{Color: m.b.color(1), Width: 1.8}
	if m.b.faint {
		st.Width = 1.2
	}
	if m.b.dashed {
		st.Dashes = []vg.Length{6, 4}
	}
	return st
}

func (m *lineMark) draw(f *frame) {
	var run []vg.Point
	flush := func() {
		if len(run) == 1 && f.inside(run[0]) {
			dot(f.c, run[0], 1.8, m.b.color(1), nil, 0)
		}
		f.stroke(thin(run), m.style())
		run = run[:0]
	}
	for i := range m.xs {
		p, ok := f.at(m.xs[i], m.ys[i])
		if !ok {
			flush()
			continue
		}
		run = append(run, p)
	}
	flush()
}

func (m *lineMark) sample(c draw.Canvas, x, y vg.Length) {
	st := m.style()
	st.Width += 0.4
	c.StrokeLine2(st, x, y, x+18, y)
}

// thin leaves out points of a line that make no difference on the page: of
// those in one half-pixel column in a row the first, lowest, highest and last
// stay, in their order.
func thin(ps []vg.Point) []vg.Point {
	if len(ps) < 500 {
		return ps
	}
	column := func(i int) int { return int(math.Floor(float64(ps[i].X) * 2)) }
	var out []vg.Point
	for i := 0; i < len(ps); {
		lo, hi, j := i, i, i+1
		for ; j < len(ps) && column(j) == column(i); j++ {
			if ps[j].Y < ps[lo].Y {
				lo = j
			}
			if ps[j].Y > ps[hi].Y {
				hi = j
			}
		}
		out = append(out, ps[i])
		a, b := min(lo, hi), max(lo, hi)
		if a > i {
			out = append(out, ps[a])
		}
		if b > a {
			out = append(out, ps[b])
		}
		if j-1 > b {
			out = append(out, ps[j-1])
		}
		i = j
	}
	return out
}

type dotMark struct {
	common
	xs, ys []float64
}

func (m *dotMark) kind() string { return "scatter plot" }

func (m *dotMark) describe() string {
	return fmt.Sprintf("%s, x %v, y %v", points(m.xs, m.ys), spanOf(m.xs, false), spanOf(m.ys, false))
}

func (m *dotMark) extent(logX, logY bool) (x, y span) { return extentOf(m.xs, m.ys, logX, logY) }

// radius is smaller where there are many points.
func (m *dotMark) radius() vg.Length {
	switch n := len(m.xs); {
	case n > 20000:
		return 1.1
	case n > 3000:
		return 1.6
	case n > 600:
		return 2.3
	}
	return 3.3
}

func (m *dotMark) draw(f *frame) {
	r, rim := m.radius(), color.Color(faded(white, 0.9))
	if len(m.xs) > 3000 {
		rim = nil
	}
	for i := range m.xs {
		if p, ok := f.at(m.xs[i], m.ys[i]); ok && f.inside(p) {
			dot(f.c, p, r, m.b.color(0.85), rim, r/5)
		}
	}
}

func (m *dotMark) sample(c draw.Canvas, x, y vg.Length) {
	dot(c, vg.Point{X: x + 5, Y: y}, 4.5, m.b.color(0.9), nil, 0)
}

type bandMark struct {
	common
	xs, lo, hi []float64
}

func (m *bandMark) kind() string { return "band" }

func (m *bandMark) describe() string {
	return fmt.Sprintf("%s, y %v", points(m.xs, m.lo), spanOf(m.lo, false).join(spanOf(m.hi, false)))
}

func (m *bandMark) extent(logX, logY bool) (x, y span) {
	x, y = extentOf(m.xs, m.lo, logX, logY)
	x2, y2 := extentOf(m.xs, m.hi, logX, logY)
	return x.join(x2), y.join(y2)
}

func (m *bandMark) draw(f *frame) {
	var lo, hi []vg.Point
	flush := func() {
		if len(lo) > 1 {
			lo, hi = thin(lo), thin(hi)
			for i := len(hi) - 1; i >= 0; i-- {
				lo = append(lo, hi[i])
			}
			f.c.FillPolygon(m.b.color(0.2), f.c.ClipPolygonXY(lo))
		}
		lo, hi = nil, nil
	}
	for i := range m.xs {
		a, ok := f.at(m.xs[i], m.lo[i])
		b, ok2 := f.at(m.xs[i], m.hi[i])
		if !ok || !ok2 {
			flush()
			continue
		}
		lo, hi = append(lo, a), append(hi, b)
	}
	flush()
}

func (m *bandMark) sample(c draw.Canvas, x, y vg.Length) {
	c.SetColor(m.b.color(0.25))
	c.Fill(box(x, y-5, x+10, y+5))
}

// surfaceMark shows values as colours.
type surfaceMark struct {
	common
	values     []float64
	rows, cols int
	x, y, over span
	ramp       []colorOf
}

func (m *surfaceMark) kind() string { return "surface" }

func (m *surfaceMark) describe() string {
	return fmt.Sprintf("%d by %d values %v over x %v, y %v", m.rows, m.cols, spanOf(m.values, false), m.x, m.y)
}

func (m *surfaceMark) extent(_, _ bool) (x, y span) { return m.x, m.y }

func (m *surfaceMark) draw(f *frame) {
	a, ok := f.at(m.x.lo, m.y.lo)
	b, ok2 := f.at(m.x.hi, m.y.hi)
	if !ok || !ok2 {
		return
	}
	c0, c1 := max(a.X, f.c.Min.X), min(b.X, f.c.Max.X)
	r0, r1 := max(a.Y, f.c.Min.Y), min(b.Y, f.c.Max.Y)
	if c0 >= c1 || r0 >= r1 {
		return
	}
	w, h := max(int(c1-c0), 1), max(int(r1-r0), 1)
	img := image.NewPaletted(image.Rect(0, 0, w, h), levels(m.ramp))
	for py := range h {
		v := float64((r1-(vg.Length(py)+0.5)/vg.Length(h)*(r1-r0))-a.Y) / float64(b.Y-a.Y)
		for px := range w {
			u := float64((c0+(vg.Length(px)+0.5)/vg.Length(w)*(c1-c0))-a.X) / float64(b.X-a.X)
			img.Pix[py*img.Stride+px] = level(m.over.place(m.value(u, v)))
		}
	}
	picture(f.c, vg.Rectangle{Min: vg.Point{X: c0, Y: r0}, Max: vg.Point{X: c1, Y: r1}}, img, true)
}

// value is the surface at (u,v) of the unit square, linear between the grid's points.
func (m *surfaceMark) value(u, v float64) float64 {
	x, y := u*float64(m.cols-1), v*float64(m.rows-1)
	i, j := min(max(int(x), 0), m.cols-2), min(max(int(y), 0), m.rows-2)
	fx, fy := x-float64(i), y-float64(j)
	at := func(j, i int) float64 { return m.values[j*m.cols+i] }
	return (at(j, i)*(1-fx)+at(j, i+1)*fx)*(1-fy) + (at(j+1, i)*(1-fx)+at(j+1, i+1)*fx)*fy
}

func (m *surfaceMark) sample(draw.Canvas, vg.Length, vg.Length) {}

// extentOf is the range of the points that can be shown.
func extentOf(xs, ys []float64, logX, logY bool) (x, y span) {
	x, y = empty(), empty()
	for i := range xs {
		if finite(xs[i]) && finite(ys[i]) && (!logX || loggable(xs[i])) && (!logY || loggable(ys[i])) {
			x, y = x.with(xs[i]), y.with(ys[i])
		}
	}
	return x, y
}

// points counts points for text, and those that are not finite.
func points(xs, ys []float64) string {
	bad := 0
	for i := range xs {
		if !finite(xs[i]) || !finite(ys[i]) {
			bad++
		}
	}
	s := fmt.Sprintf("%d points", len(xs))
	if len(xs) == 1 {
		s = "1 point"
	}
	if bad > 0 {
		s += fmt.Sprintf(" (%d not finite)", bad)
	}
	return s
}
