package viz

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

type histMark struct {
	common
	over    span
	counts  []float64
	n, left int  // values counted, values left out
	overlay bool // others lie in the same plot
}

func (m *histMark) kind() string { return "histogram" }

func (m *histMark) describe() string {
	s := fmt.Sprintf("%d values in %d bins, %v", m.n, len(m.counts), m.over)
	if m.left > 0 {
		s += fmt.Sprintf(" (%d not finite)", m.left)
	}
	if k := spark(m.counts, 32); k != "" {
		s += "  " + k
	}
	return s
}

func (m *histMark) extent(_, logY bool) (x, y span) {
	y = spanOf(m.counts, logY)
	if !logY {
		y = y.with(0)
	}
	return m.over, y
}

func (m *histMark) draw(f *frame) {
	a := 0.9
	if m.overlay {
		a = 0.55
	}
	n := len(m.counts)
	for i, v := range m.counts {
		at := func(k int) float64 { return m.over.lo + (m.over.hi-m.over.lo)*float64(k)/float64(n) }
		x0, x1 := f.x(at(i)), f.x(at(i+1))
		if gap := vg.Length(0.5); !m.overlay && x1-x0 > 4 {
			x0, x1 = x0+gap, x1-gap
		}
		f.column(x0, x1, v, m.b.color(a))
	}
}

func (m *histMark) sample(c draw.Canvas, x, y vg.Length) { patch(c, x, y, m.b.color(0.8)) }

// column fills from the floor of the plot (zero where it is in view) to v.
func (f *frame) column(x0, x1 vg.Length, v float64, k colorOf) {
	top := f.y(v)
	foot := f.y(0)
	if !finite(float64(foot)) {
		foot = f.c.Min.Y
	}
	if !finite(float64(top)) || top == foot || !finite(float64(x0)) || !finite(float64(x1)) {
		return
	}
	lo, hi := max(min(top, foot), f.c.Min.Y), min(max(top, foot), f.c.Max.Y)
	x0, x1 = max(x0, f.c.Min.X), min(x1, f.c.Max.X)
	if lo >= hi || x0 >= x1 {
		return
	}
	f.c.SetColor(k)
	f.c.Fill(box(x0, lo, x1, hi))
}

// patch is a square for a legend.
func patch(c draw.Canvas, x, y vg.Length, k colorOf) {
	c.SetColor(k)
	c.Fill(box(x, y-5, x+10, y+5))
}

// barMark is one series of bars; slot of slots says where it stands among the
// others, names is for its text.
type barMark struct {
	common
	values      []float64
	slot, slots int
}

func (m *barMark) kind() string { return "bars" }

func (m *barMark) describe() string {
	var parts []string
	for i, v := range m.values {
		if i == 12 && len(m.values) > 13 {
			parts = append(parts, fmt.Sprintf("… %d in all", len(m.values)))
			break
		}
		parts = append(parts, num(v))
	}
	return strings.Join(parts, " ")
}

func (m *barMark) extent(_, logY bool) (x, y span) {
	y = spanOf(m.values, logY)
	if !logY {
		y = y.with(0)
	}
	return span{-0.5, float64(len(m.values)) - 0.5}, y
}

func (m *barMark) draw(f *frame) {
	const share = 0.74 // of the room of a name that its bars fill
	each := share / float64(max(m.slots, 1))
	for i, v := range m.values {
		x := float64(i) - share/2 + each*float64(m.slot)
		x0, x1 := f.x(x), f.x(x+each)
		if m.slots > 1 && x1-x0 > 4 {
			x0, x1 = x0+0.5, x1-0.5
		}
		f.column(x0, x1, v, m.b.color(0.92))
	}
}

func (m *barMark) sample(c draw.Canvas, x, y vg.Length) { patch(c, x, y, m.b.color(0.92)) }

// ruleMark is a line across the whole plot.
type ruleMark struct {
	common
	at      float64
	upright bool
}

func (m *ruleMark) kind() string { return "rule" }

func (m *ruleMark) describe() string {
	if m.upright {
		return "x = " + num(m.at)
	}
	return "y = " + num(m.at)
}

func (m *ruleMark) extent(logX, logY bool) (x, y span) {
	x, y = empty(), empty()
	if m.upright {
		x = spanOf([]float64{m.at}, logX)
	} else {
		y = spanOf([]float64{m.at}, logY)
	}
	return x, y
}

func (m *ruleMark) draw(f *frame) {
	st := draw.LineStyle{Color: m.b.color(0.9), Width: 1.2, Dashes: []vg.Length{5, 4}}
	words := lettering(11, false, m.b.ink)
	if m.upright {
		x := f.x(m.at)
		if !finite(float64(x)) || x < f.c.Min.X || x > f.c.Max.X {
			return
		}
		f.c.StrokeLine2(st, x, f.c.Min.Y, x, f.c.Max.Y)
		if x+5+widthOf(words, m.b.name) <= f.c.Max.X {
			write(f.c, words, draw.XLeft, x+5, f.c.Max.Y-11, m.b.name)
		} else {
			write(f.c, words, draw.XRight, x-5, f.c.Max.Y-11, m.b.name)
		}
		return
	}
	y := f.y(m.at)
	if !finite(float64(y)) || y < f.c.Min.Y || y > f.c.Max.Y {
		return
	}
	f.c.StrokeLine2(st, f.c.Min.X, y, f.c.Max.X, y)
	if y+5+words.Font.Size <= f.c.Max.Y+4 {
		write(f.c, words, draw.XLeft, f.c.Min.X+6, y+5, m.b.name)
	} else {
		write(f.c, words, draw.XLeft, f.c.Min.X+6, y-13, m.b.name)
	}
}

func (m *ruleMark) sample(draw.Canvas, vg.Length, vg.Length) {}
