package viz

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// paint lays the plot out on its card: title, legend, then gonum's axes with
// the marks between them.
func (p *Plot) paint(c draw.Canvas) {
	c = draw.Crop(c, edge, -edge, edge-4, -edge)
	if p.title != "" {
		st := titleStyle()
		write(c, st, draw.XLeft, c.Min.X, c.Max.Y-st.Font.Size*0.8, shorten(st, p.title, c.Max.X-c.Min.X))
		c.Max.Y -= 26
	}
	c.Max.Y -= p.legend(c)

	g := p.axes(c)
	if p.equal {
		p.equalise(g, c)
	}
	g.Draw(c)
}

// slots tells bars and histograms about each other.
func (p *Plot) slots() {
	var bars []*barMark
	var hists []*histMark
	for _, m := range p.marks {
		switch m := m.(type) {
		case *barMark:
			bars = append(bars, m)
		case *histMark:
			hists = append(hists, m)
		}
	}
	for i, b := range bars {
		b.slot, b.slots = i, len(bars)
	}
	for _, h := range hists {
		h.overlay = len(hists) > 1
	}
}

// axes is gonum's plot with our look, ranges and marks.
func (p *Plot) axes(c draw.Canvas) *plot.Plot {
	g := plot.New()
	g.BackgroundColor = nil
	w, h := c.Max.X-c.Min.X, c.Max.Y-c.Min.Y
	x, y := p.ranges()
	g.X.Min, g.X.Max, g.Y.Min, g.Y.Max = x.lo, x.hi, y.lo, y.hi
	g.X.Tick.Marker = steps{count: max(int(w/72), 2), log: p.logX}
	g.Y.Tick.Marker = steps{count: max(int(h/44), 2), log: p.logY}
	if p.logX {
		g.X.Scale = logScale{}
	}
	if p.logY {
		g.Y.Scale = logScale{}
	}
	g.X.Label.Text, g.Y.Label.Text = p.xlabel, p.ylabel
	for _, a := range []*plot.Axis{&g.X, &g.Y} {
		xa, ya := a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = tickStyle()
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = xa, ya
		xa, ya = a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign
		a.Label.TextStyle = labelStyle()
		a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign = xa, ya
		a.Label.Padding = 5
		a.LineStyle = draw.LineStyle{Color: inkAxis, Width: 1}
		a.Tick.LineStyle = draw.LineStyle{Color: inkAxis, Width: 1}
		a.Tick.Length = 4
		a.Padding = 0
	}
	g.Y.LineStyle.Width = 0
	g.Y.Tick.LineStyle.Width = 0
	if p.names != nil {
		g.X.Tick.Marker = p.nameTicks(w)
	}
	g.Add(&layers{p})
	return g
}

// ranges is what the axes show.
func (p *Plot) ranges() (x, y span) {
	x, y = empty(), empty()
	tightX, tightY, floor := false, false, false
	for _, m := range p.marks {
		mx, my := m.extent(p.logX, p.logY)
		x, y = x.join(mx), y.join(my)
		switch m.(type) {
		case *surfaceMark:
			tightX, tightY = true, true
		case *barMark:
			tightX, floor = true, true
		case *histMark:
			floor = true
		}
	}
	data := y
	if !tightX {
		x = x.padded(0.025, p.logX)
	}
	if !tightY {
		y = y.padded(0.05, p.logY)
	}
	if floor && !p.logY && data.lo == 0 {
		y.lo = 0
	}
	if p.xlim != nil {
		x = *p.xlim
	}
	if p.ylim != nil {
		y = *p.ylim
	}
	return fit(x, p.logX), fit(y, p.logY)
}

// fit mends a range that is too narrow for the numbers of a float64 to mark it.
func fit(s span, log bool) span {
	if !s.ok() {
		return s.padded(0.05, log)
	}
	if least := max(math.Abs(s.lo), math.Abs(s.hi)) * 1e-12; !log && s.hi-s.lo < max(least, 1e-290) {
		d := max(least, 1e-290)
		return span{s.lo - d, s.hi + d}
	}
	return s
}

// equalise widens one axis so that both have the same scale.
func (p *Plot) equalise(g *plot.Plot, c draw.Canvas) {
	if p.logX || p.logY || p.names != nil {
		return
	}
	d := g.DataCanvas(c)
	perX := (g.X.Max - g.X.Min) / float64(d.Max.X-d.Min.X)
	perY := (g.Y.Max - g.Y.Min) / float64(d.Max.Y-d.Min.Y)
	if perX > perY {
		more := (perX - perY) * float64(d.Max.Y-d.Min.Y) / 2
		g.Y.Min, g.Y.Max = g.Y.Min-more, g.Y.Max+more
	} else {
		more := (perY - perX) * float64(d.Max.X-d.Min.X) / 2
		g.X.Min, g.X.Max = g.X.Min-more, g.X.Max+more
	}
	tx, ty := g.X.Tick.Marker.(steps), g.Y.Tick.Marker.(steps)
	tx.step = max(tx.auto(g.X.Min, g.X.Max), ty.auto(g.Y.Min, g.Y.Max))
	ty.step = tx.step
	g.X.Tick.Marker, g.Y.Tick.Marker = tx, ty
}

// nameTicks labels bars, every one where there is room, cut short where needed.
func (p *Plot) nameTicks(w vg.Length) plot.ConstantTicks {
	room := w / vg.Length(len(p.names))
	every := max(1, int(math.Ceil(float64(18/room))))
	var t plot.ConstantTicks
	for i, n := range p.names {
		if i%every == 0 {
			t = append(t, plot.Tick{Value: float64(i), Label: shorten(tickStyle(), n, room*vg.Length(every)-4)})
		}
	}
	return t
}

// layers is the gonum plotter that draws grid and marks.
type layers struct{ p *Plot }

func (l *layers) Plot(c draw.Canvas, g *plot.Plot) {
	p := l.p
	show := func(log bool, a *plot.Axis, place func(float64) vg.Length) func(float64) vg.Length {
		return func(v float64) vg.Length {
			if !finite(v) || log && !loggable(v) {
				return vg.Length(math.NaN())
			}
			return place(a.Norm(v))
		}
	}
	f := &frame{c: c, x: show(p.logX, &g.X, c.X), y: show(p.logY, &g.Y, c.Y)}
	l.grid(f, g)
	// Under the lines lie bands, under those surfaces.
	for _, layer := range []int{0, 1, 2} {
		for _, m := range p.marks {
			if depth(m) == layer {
				m.draw(f)
			}
		}
	}
}

func depth(m mark) int {
	switch m.(type) {
	case *surfaceMark:
		return 0
	case *bandMark:
		return 1
	}
	return 2
}

func (l *layers) grid(f *frame, g *plot.Plot) {
	st := draw.LineStyle{Color: inkGrid, Width: 1}
	for _, t := range g.Y.Tick.Marker.Ticks(g.Y.Min, g.Y.Max) {
		if y := f.y(t.Value); f.c.ContainsY(y) {
			f.c.StrokeLine2(st, f.c.Min.X, y, f.c.Max.X, y)
		}
	}
	if l.p.names != nil {
		return
	}
	for _, t := range g.X.Tick.Marker.Ticks(g.X.Min, g.X.Max) {
		if x := f.x(t.Value); f.c.ContainsX(x) {
			f.c.StrokeLine2(st, x, f.c.Min.Y, x, f.c.Max.Y)
		}
	}
}

// legend draws the legend in lines from the top of c, and is its height.
func (p *Plot) legend(c draw.Canvas) vg.Length {
	var shown []mark
	have := map[string]bool{}
	for _, m := range p.marks {
		n := m.base().name
		if _, rule := m.(*ruleMark); rule || n == "" {
			continue
		}
		if _, band := m.(*bandMark); band && p.hasLine(n) {
			continue
		}
		if !have[n] {
			shown = append(shown, m)
		}
		have[n] = true
	}
	if p.noLegend || len(shown) == 0 || len(shown) == 1 && (have[p.title] || have[p.ylabel]) {
		return 0
	}
	const line, gap = 18, 16
	st := labelStyle()
	x, y := c.Min.X, c.Max.Y-line/2
	for _, m := range shown {
		name := shorten(st, m.base().name, (c.Max.X-c.Min.X)-30)
		indent := vg.Length(24)
		if _, ok := m.(*lineMark); !ok {
			indent = 16
		}
		need := indent + widthOf(st, name)
		if x > c.Min.X && x+need > c.Max.X {
			x, y = c.Min.X, y-line
		}
		m.sample(c, x, y)
		write(c, st, draw.XLeft, x+indent, y-capHeight(st)/2, name)
		x += need + gap
	}
	return c.Max.Y - y + line/2 + 6
}

func (p *Plot) hasLine(name string) bool {
	for _, m := range p.marks {
		if _, ok := m.(*lineMark); ok && m.base().name == name {
			return true
		}
	}
	return false
}
