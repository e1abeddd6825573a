package viz

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Heat is a table of numbers as colours: a confusion matrix, weights, attention.
// Every setter changes it and returns it.
type Heat struct {
	values                []float64
	rows, cols            int
	rowNames, colNames    []string
	title, xlabel, ylabel string
	over                  span
	ramp                  []colorOf
	numbers               int // 0 where there is room, 1 always, -1 never
}

// HeatMap shows values[row*cols+col] as coloured cells, row 0 at the top, with
// the numbers in the cells where there is room. Values that are not finite are
// grey. It panics with *Error unless there are rows*cols values, one of them finite.
func HeatMap(values []float64, rows, cols int) *Heat {
	grid("HeatMap", len(values), rows, cols)
	over := spanOf(values, false)
	if !over.ok() {
		fail("HeatMap", "check the values for NaN and Inf", "none of %d values is a finite number", len(values))
	}
	h := &Heat{values: slices.Clone(values), rows: rows, cols: cols, over: over, ramp: ramps["blues"]}
	if over.lo < 0 && over.hi > 0 {
		r := max(-over.lo, over.hi)
		h.over, h.ramp = span{-r, r}, ramps["balance"]
	}
	return h
}

// Title sets the title.
func (h *Heat) Title(s string) *Heat { h.title = s; return h }

// XLabel sets the text under the columns.
func (h *Heat) XLabel(s string) *Heat { h.xlabel = s; return h }

// YLabel sets the text beside the rows.
func (h *Heat) YLabel(s string) *Heat { h.ylabel = s; return h }

// Names names rows and columns alike, as a confusion matrix needs.
func (h *Heat) Names(names []string) *Heat { return h.RowNames(names).ColNames(names) }

// RowNames names the rows from the top.
func (h *Heat) RowNames(names []string) *Heat {
	if len(names) != h.rows {
		fail("Heat.RowNames", "", "%d names for %d rows", len(names), h.rows)
	}
	h.rowNames = slices.Clone(names)
	return h
}

// ColNames names the columns from the left.
func (h *Heat) ColNames(names []string) *Heat {
	if len(names) != h.cols {
		fail("Heat.ColNames", "", "%d names for %d columns", len(names), h.cols)
	}
	h.colNames = slices.Clone(names)
	return h
}

// Numbers says whether the cells show their numbers.
func (h *Heat) Numbers(show bool) *Heat {
	h.numbers = -1
	if show {
		h.numbers = 1
	}
	return h
}

// Colors sets the colour scale: blues, viridis, balance, classes or gray.
func (h *Heat) Colors(scale string) *Heat { h.ramp = rampNamed("Heat.Colors", scale); return h }

// Range sets the values that have the first and the last colour.
func (h *Heat) Range(lo, hi float64) *Heat { h.over = *limits("Heat.Range", lo, hi, false); return h }

// MIME is the heat map for a notebook: SVG and text.
func (h *Heat) MIME() map[string]any { return bundle(h, h.String()) }

// SVG is the heat map as an SVG document.
func (h *Heat) SVG() string { s, _ := toSVG(h); return s }

// Image is the heat map as pixels, two for each one of the page.
func (h *Heat) Image() image.Image { return toImage(h) }

// PNG is Image as a PNG file.
func (h *Heat) PNG() []byte { return toPNG(toImage(h)) }

// String describes the heat map; a small one is written out as a table.
func (h *Heat) String() string {
	s := "heat map"
	if h.title != "" {
		s += fmt.Sprintf(" %q", h.title)
	}
	s += fmt.Sprintf(": %d by %d, %v", h.rows, h.cols, spanOf(h.values, false))
	if h.rows > 16 || h.cols > 16 {
		return s
	}
	names := func(given []string, i int) string {
		if given == nil {
			return ""
		}
		return given[i]
	}
	table := make([][]string, h.rows)
	for r := range table {
		table[r] = []string{names(h.rowNames, r)}
		for c := range h.cols {
			table[r] = append(table[r], num(h.values[r*h.cols+c]))
		}
	}
	var head []string
	if h.colNames != nil {
		head = append([]string{""}, h.colNames...)
	}
	return s + "\n" + columns(head, table)
}

func (h *Heat) heading() string { return h.title }

// The parts of the card, in pixels.
type heatLayout struct {
	cell                     vg.Length
	left, top, bottom, right vg.Length
}

func (h *Heat) layout() heatLayout {
	st := tickStyle()
	var l heatLayout
	l.cell = min(max(min(560/vg.Length(h.cols), 440/vg.Length(h.rows)), 0.5), 42)
	if l.cell > 2 {
		l.cell = vg.Length(math.Floor(float64(l.cell)))
	}
	for _, n := range h.rowNames {
		l.left = max(l.left, min(widthOf(st, n), 140))
	}
	l.left += edge + 8
	if h.ylabel != "" {
		l.left += 20
	}
	l.top = edge
	if h.title != "" {
		l.top += 28
	}
	l.bottom = edge - 2
	if h.colNames != nil {
		l.bottom += 18
	}
	if h.xlabel != "" {
		l.bottom += 18
	}
	l.right = edge + 26
	wide := vg.Length(0)
	for _, s := range h.barMarks() {
		wide = max(wide, widthOf(st, s.Label))
	}
	l.right += wide + 8
	return l
}

func (h *Heat) size() (w, hh int) {
	l := h.layout()
	w = int(l.left + l.right + l.cell*vg.Length(h.cols) + 0.5)
	if t := int(widthOf(titleStyle(), h.title)) + 2*edge; t > w {
		w = min(t, cardWidth)
	}
	return w, int(max(l.top+l.bottom+l.cell*vg.Length(h.rows), 90) + 0.5)
}

type barTick struct {
	Value float64
	Label string
}

// barMarks are the marks of the bar of colours.
func (h *Heat) barMarks() []barTick {
	var out []barTick
	for _, t := range (steps{count: 4}).Ticks(h.over.lo, h.over.hi) {
		out = append(out, barTick{t.Value, t.Label})
	}
	if len(out) < 2 {
		out = []barTick{{h.over.lo, num(h.over.lo)}}
	}
	return out
}

func (h *Heat) paint(c draw.Canvas) {
	l := h.layout()
	if h.title != "" {
		st := titleStyle()
		write(c, st, draw.XLeft, edge, c.Max.Y-edge-st.Font.Size*0.8, shorten(st, h.title, c.Max.X-2*edge))
	}
	x0, y1 := l.left, c.Max.Y-l.top
	x1, y0 := x0+l.cell*vg.Length(h.cols), y1-l.cell*vg.Length(h.rows)
	if h.rows*h.cols > 1600 || l.cell < 6 {
		h.raster(c, vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}})
	} else {
		h.cells(c, l, x0, y1)
	}
	h.names(c, l, x0, y0, y1)
	h.bar(c, x1+16, y0, y1)
}

func (h *Heat) raster(c draw.Canvas, r vg.Rectangle) {
	m := image.NewPaletted(image.Rect(0, 0, h.cols, h.rows), levels(h.ramp))
	for i, v := range h.values {
		m.Pix[i] = level(h.over.place(v))
	}
	picture(c, r, m, false)
}

func (h *Heat) cells(c draw.Canvas, l heatLayout, x0, y1 vg.Length) {
	gap := vg.Length(0.5)
	if l.cell < 12 {
		gap = 0
	}
	words, shown := h.cellTexts(l.cell)
	// All cells before all numbers: neighbours of one colour share a group.
	for i, v := range h.values {
		x, y := x0+l.cell*vg.Length(i%h.cols), y1-l.cell*vg.Length(i/h.cols+1)
		c.SetColor(shade(h.ramp, h.over.place(v)))
		c.Fill(box(x+gap, y+gap, x+l.cell-gap, y+l.cell-gap))
	}
	if !shown {
		return
	}
	for i, v := range h.values {
		st := lettering(min(12, l.cell*0.36), false, inkTitle)
		if k := shade(h.ramp, h.over.place(v)); dark(k) {
			st.Color = white
		} else if v == 0 {
			st.Color = inkFaint
		}
		x, y := x0+l.cell*(vg.Length(i%h.cols)+0.5), y1-l.cell*(vg.Length(i/h.cols)+0.5)
		write(c, st, draw.XCenter, x, y-capHeight(st)/2, words[i])
	}
}

// cellTexts are the numbers in the cells, and whether they are shown.
func (h *Heat) cellTexts(cell vg.Length) ([]string, bool) {
	if h.numbers < 0 || h.numbers == 0 && cell < 22 {
		return nil, false
	}
	whole := true
	for _, v := range h.values {
		whole = whole && (!finite(v) || v == math.Trunc(v) && math.Abs(v) < 1e6)
	}
	st := lettering(min(12, cell*0.36), false, inkTitle)
	words := make([]string, len(h.values))
	for i, v := range h.values {
		switch {
		case !finite(v):
			words[i] = "–"
		case whole:
			words[i] = strconv.Itoa(int(v))
		case h.over.hi-h.over.lo >= 100:
			words[i] = strconv.FormatFloat(v, 'f', 0, 64)
		case h.over.hi-h.over.lo >= 0.05:
			words[i] = strings.Replace(strconv.FormatFloat(v, 'f', 2, 64), "-", "−", 1)
		default:
			words[i] = strconv.FormatFloat(v, 'g', 2, 64)
		}
		if h.numbers == 0 && widthOf(st, words[i]) > cell-3 {
			return nil, false
		}
	}
	return words, true
}

func (h *Heat) names(c draw.Canvas, l heatLayout, x0, y0, y1 vg.Length) {
	st := tickStyle()
	every := func(n int) int { return max(1, int(math.Ceil(float64(14/(l.cell*vg.Length(n)/vg.Length(n)))))) }
	for r, n := range h.rowNames {
		if r%every(h.rows) == 0 {
			y := y1 - l.cell*(vg.Length(r)+0.5)
			write(c, st, draw.XRight, x0-6, y-capHeight(st)/2, shorten(st, n, 140))
		}
	}
	wide := vg.Length(0)
	for _, n := range h.colNames {
		wide = max(wide, widthOf(st, n))
	}
	step := every(h.cols)
	if len(h.colNames) > 0 && l.cell >= 22 {
		wide = min(wide, l.cell-4)
	}
	step = max(step, int(math.Ceil(float64((wide+4)/l.cell))))
	for i, n := range h.colNames {
		if i%step == 0 {
			write(c, st, draw.XCenter, x0+l.cell*(vg.Length(i)+0.5), y0-15, shorten(st, n, l.cell*vg.Length(step)-3))
		}
	}
	ls := labelStyle()
	if h.xlabel != "" {
		write(c, ls, draw.XCenter, x0+l.cell*vg.Length(h.cols)/2, edge-4, h.xlabel)
	}
	if h.ylabel != "" {
		writeUp(c, ls, edge+10, (y0+y1)/2, h.ylabel)
	}
}

// bar is the scale of colours at the right.
func (h *Heat) bar(c draw.Canvas, x, y0, y1 vg.Length) {
	const wide = 10
	y0 = max(y0, y1-260)
	n := 64
	m := image.NewPaletted(image.Rect(0, 0, 1, n), levels(h.ramp))
	for i := range n {
		m.Pix[n-1-i] = level(float64(i) / float64(n-1))
	}
	picture(c, vg.Rectangle{Min: vg.Point{X: x, Y: y0}, Max: vg.Point{X: x + wide, Y: y1}}, m, true)
	st := tickStyle()
	for _, t := range h.barMarks() {
		y := y0 + (y1-y0)*vg.Length(h.over.place(t.Value))
		write(c, st, draw.XLeft, x+wide+5, y-capHeight(st)/2, t.Label)
	}
}
