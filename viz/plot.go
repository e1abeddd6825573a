package viz

import (
	"fmt"
	"image"
	"strings"
)

// Plot is a figure with axes: any number of lines, points, bands, bars,
// histograms, surfaces and rules over one pair of axes. Every setter changes the
// plot and returns it.
type Plot struct {
	title, xlabel, ylabel string
	width, height         int
	logX, logY, equal     bool
	noLegend              bool
	xlim, ylim            *span
	names                 []string // of bars
	marks                 []mark
	colors                int // colours handed out
}

// NewPlot is an empty plot; the title may be "".
func NewPlot(title string) *Plot {
	return &Plot{title: title, width: cardWidth, height: cardHeight}
}

// Line is a plot of one line through (xs[i], ys[i]). With xs nil the points are
// numbered from 0. Values that are not finite are gaps. It panics with *Error
// when the lengths differ or nothing can be drawn.
func Line(xs, ys []float64) *Plot { return NewPlot("").line("Line", "", xs, ys) }

// Scatter is a plot of the points (xs[i], ys[i]); otherwise like Line.
func Scatter(xs, ys []float64) *Plot { return NewPlot("").points("Scatter", "", xs, ys) }

// ScatterBy is a plot of the points (xs[i], ys[i]), coloured by labels[i]: the
// same label has the same colour in every figure.
func ScatterBy(xs, ys []float64, labels []int) *Plot {
	return NewPlot("").pointsBy("ScatterBy", nil, xs, ys, labels)
}

// Histogram is a plot of how many values fall into each of equal bins between
// the least and the greatest; with bins 0 a number of bins is chosen by the
// rule of Freedman and Diaconis. Values that are not finite are left out.
func Histogram(values []float64, bins int) *Plot {
	return NewPlot("").histogram("Histogram", "", values, bins)
}

// Bars is a plot of one bar a name.
func Bars(names []string, values []float64) *Plot {
	return NewPlot("").bars("Bars", "", names, values)
}

// Surface is a plot of values[row*cols+col] as colours over the rectangle from
// (x0,y0) to (x1,y1): row 0 at y0, column 0 at x0, first and last rows and
// columns on its edges. Points added later lie on top, which makes it the
// picture of a classifier's decisions.
func Surface(values []float64, rows, cols int, x0, x1, y0, y1 float64) *Plot {
	return NewPlot("").surface("Surface", values, rows, cols, x0, x1, y0, y1)
}

// Line adds a line; name is for the legend and may be "". See the function Line.
func (p *Plot) Line(name string, xs, ys []float64) *Plot { return p.line("Plot.Line", name, xs, ys) }

// Points adds points; name is for the legend and may be "". See Scatter.
func (p *Plot) Points(name string, xs, ys []float64) *Plot {
	return p.points("Plot.Points", name, xs, ys)
}

// PointsBy adds points coloured by label; names[label] is for the legend, with
// names nil the labels themselves are. See ScatterBy.
func (p *Plot) PointsBy(names []string, xs, ys []float64, labels []int) *Plot {
	return p.pointsBy("Plot.PointsBy", names, xs, ys, labels)
}

// Band fills between (xs[i], lo[i]) and (xs[i], hi[i]), for example a mean plus
// and minus its spread. It takes the colour of the next line, or of the line
// before it with the same name.
func (p *Plot) Band(name string, xs, lo, hi []float64) *Plot { return p.band(name, xs, lo, hi) }

// Histogram adds a histogram; several lie over each other, see-through. See the
// function Histogram.
func (p *Plot) Histogram(name string, values []float64, bins int) *Plot {
	return p.histogram("Plot.Histogram", name, values, bins)
}

// Bars adds one bar a name; a second series with the same names stands beside
// the first. See the function Bars.
func (p *Plot) Bars(name string, names []string, values []float64) *Plot {
	return p.bars("Plot.Bars", name, names, values)
}

// Surface adds a surface of colours. See the function Surface.
func (p *Plot) Surface(values []float64, rows, cols int, x0, x1, y0, y1 float64) *Plot {
	return p.surface("Plot.Surface", values, rows, cols, x0, x1, y0, y1)
}

// HLine adds a dashed level line at y, with a name beside it.
func (p *Plot) HLine(name string, y float64) *Plot { return p.rule("Plot.HLine", name, y, false) }

// VLine adds a dashed upright line at x, with a name beside it.
func (p *Plot) VLine(name string, x float64) *Plot { return p.rule("Plot.VLine", name, x, true) }

// Title sets the title.
func (p *Plot) Title(s string) *Plot { p.title = s; return p }

// XLabel sets the text under the x axis.
func (p *Plot) XLabel(s string) *Plot { p.xlabel = s; return p }

// YLabel sets the text beside the y axis.
func (p *Plot) YLabel(s string) *Plot { p.ylabel = s; return p }

// LogX makes the x axis logarithmic; points with x <= 0 are left out. It panics
// with *Error where a series would have no point left.
func (p *Plot) LogX() *Plot { p.logX = true; p.check("Plot.LogX"); return p }

// LogY makes the y axis logarithmic; points with y <= 0 are left out. It panics
// with *Error where a series would have no point left.
func (p *Plot) LogY() *Plot { p.logY = true; p.check("Plot.LogY"); return p }

// XRange fixes the ends of the x axis; what is outside is cut off.
func (p *Plot) XRange(lo, hi float64) *Plot {
	p.xlim = limits("Plot.XRange", lo, hi, p.logX)
	return p
}

// YRange fixes the ends of the y axis; what is outside is cut off.
func (p *Plot) YRange(lo, hi float64) *Plot {
	p.ylim = limits("Plot.YRange", lo, hi, p.logY)
	return p
}

// Equal gives both axes the same scale, so that circles are round.
func (p *Plot) Equal() *Plot { p.equal = true; return p }

// Legend says whether there is a legend; without this call there is one where
// it tells something.
func (p *Plot) Legend(show bool) *Plot { p.noLegend = !show; return p }

// Size sets width and height in CSS pixels, 640 by 400 without this call.
func (p *Plot) Size(width, height int) *Plot {
	checkSize("Plot.Size", width, height)
	p.width, p.height = width, height
	return p
}

// Color gives the series added last a colour, "#rrggbb".
func (p *Plot) Color(hex string) *Plot {
	k, ok := parseHex(hex)
	if !ok {
		fail("Plot.Color", `write it as "#rrggbb", for example "#3f90da"`, "%q is not a colour", hex)
	}
	p.last("Plot.Color").ink = k
	return p
}

// Dashed makes the series added last a dashed line.
func (p *Plot) Dashed() *Plot { p.last("Plot.Dashed").dashed = true; return p }

// Faint makes the series added last pale, to lie behind another.
func (p *Plot) Faint() *Plot { p.last("Plot.Faint").faint = true; return p }

// Colors sets the colour scale of the surface added last: blues, viridis,
// balance, classes or gray.
func (p *Plot) Colors(scale string) *Plot {
	r := rampNamed("Plot.Colors", scale)
	if len(p.marks) > 0 {
		if s, ok := p.marks[len(p.marks)-1].(*surfaceMark); ok {
			s.ramp = r
			return p
		}
	}
	fail("Plot.Colors", "call Surface first; Color sets the colour of other series", "the series added last is not a surface")
	return p
}

// MIME is the plot for a notebook: SVG and text.
func (p *Plot) MIME() map[string]any { return bundle(p, p.String()) }

// SVG is the plot as an SVG document.
func (p *Plot) SVG() string { s, _ := toSVG(p); return s }

// Image is the plot as pixels, two for each one of the page.
func (p *Plot) Image() image.Image { return toImage(p) }

// PNG is Image as a PNG file.
func (p *Plot) PNG() []byte { return toPNG(toImage(p)) }

// String describes the plot in text: every series with its number of points,
// its range, and its course in block characters.
func (p *Plot) String() string {
	title := ""
	if p.title != "" {
		title = fmt.Sprintf(" %q", p.title)
	}
	if len(p.marks) == 0 {
		return "empty plot" + title
	}
	if len(p.marks) == 1 {
		m := p.marks[0]
		return m.kind() + title + ": " + m.describe()
	}
	var b strings.Builder
	b.WriteString("plot" + title)
	wide := 0
	for _, m := range p.marks {
		wide = max(wide, len([]rune(m.base().name)))
	}
	for _, m := range p.marks {
		fmt.Fprintf(&b, "\n  %s: %s", strings.TrimRight(pad(m.base().name, wide)+"  "+m.kind(), " "), m.describe())
	}
	return b.String()
}

func (p *Plot) heading() string { return p.title }

func (p *Plot) size() (w, h int) { return p.width, p.height }

func (p *Plot) last(op string) *base {
	if len(p.marks) == 0 {
		fail(op, "add a series first", "the plot has no series yet")
	}
	return p.marks[len(p.marks)-1].base()
}

// add puts a mark on the plot, with the next colour unless it has one.
func (p *Plot) add(op string, m mark) *Plot {
	if b := m.base(); b.ink.A == 0 {
		b.ink = series(p.colors)
		p.colors++
	}
	p.marks = append(p.marks, m)
	p.slots()
	p.check(op)
	return p
}

// check panics where a series has no point on these axes.
func (p *Plot) check(op string) {
	if p.logX && p.xlim != nil {
		limits(op, p.xlim.lo, p.xlim.hi, true)
	}
	if p.logY && p.ylim != nil {
		limits(op, p.ylim.lo, p.ylim.hi, true)
	}
	for _, m := range p.marks {
		x, y := m.extent(p.logX, p.logY)
		if _, rule := m.(*ruleMark); rule {
			x, y = x.join(y), y.join(x)
		}
		if x.ok() && y.ok() {
			continue
		}
		what := "the series"
		if n := m.base().name; n != "" {
			what = fmt.Sprintf("the series %q", n)
		}
		fail(op, "a logarithmic axis shows positive values only", "%s has no point that a logarithmic axis can show", what)
	}
}

func limits(op string, lo, hi float64, log bool) *span {
	if !finite(lo) || !finite(hi) || lo >= hi {
		fail(op, "give the lower end first", "%s to %s is not a range", num(lo), num(hi))
	}
	if log && lo <= 0 {
		fail(op, "a logarithmic axis shows positive values only", "%s to %s does not fit a logarithmic axis", num(lo), num(hi))
	}
	return &span{lo, hi}
}

func checkSize(op string, w, h int) {
	if w < 80 || h < 60 || w > 4000 || h > 4000 {
		fail(op, "a size is in CSS pixels, 80 by 60 to 4000 by 4000", "%d by %d is not a size for a figure", w, h)
	}
}

// pad fills s with spaces to n characters.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-len([]rune(s))))
}
