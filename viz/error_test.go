package viz

import (
	"image"
	"math"
	"testing"
)

// caught is the *Error with which f panics, as text.
func caught(t *testing.T, f func()) (text string) {
	t.Helper()
	defer func() {
		switch e := recover().(type) {
		case nil:
			t.Error("no panic")
		case *Error:
			text = e.Error()
		default:
			t.Errorf("panic with %T: %v", e, e)
		}
	}()
	f()
	return ""
}

func TestMisuseSaysWhatWasGivenAndHowToMendIt(t *testing.T) {
	nan := math.NaN()
	cases := []struct {
		f    func()
		want string
	}{
		{func() { Line([]float64{1, 2}, []float64{1}) },
			"Line: 2 x values and 1 y values\nhint: give as many x as y values; xs may be nil to count from 0"},
		{func() { Line(nil, nil) }, "Line: there are no points"},
		{func() { Scatter(nil, []float64{nan, nan}) },
			"Scatter: none of 2 points is finite\nhint: check the values for NaN and Inf"},
		{func() { ScatterBy(nil, []float64{1, 2}, []int{0}) },
			"ScatterBy: 2 points and 1 labels\nhint: give one label a point"},
		{func() { NewPlot("").PointsBy([]string{"a"}, nil, []float64{1}, []int{1}) },
			"Plot.PointsBy: label 1 with 1 names\nhint: give a name for every label from 0, or nil"},
		{func() { NewPlot("").Band("", nil, []float64{1}, nil) },
			"Plot.Band: 1 lower and 0 upper values\nhint: give as many lower as upper values"},
		{func() { Histogram([]float64{nan}, 0) },
			"Histogram: none of 1 values is a finite number\nhint: check the values for NaN and Inf"},
		{func() { Histogram([]float64{1}, -1) },
			"Histogram: -1 bins\nhint: give 1 to 10000 bins, or 0 to have a number chosen"},
		{func() { Bars([]string{"a"}, nil) }, "Bars: 1 names and 0 values\nhint: give one name a bar"},
		{func() {
			NewPlot("").Bars("", []string{"a"}, []float64{1}).Bars("", []string{"b"}, []float64{1})
		}, "Plot.Bars: the names [\"b\"] differ from those before, [\"a\"]\nhint: give all series of bars the same names in the same order"},
		{func() { Surface(make([]float64, 6), 2, 2, 0, 1, 0, 1) },
			"Surface: 6 values do not fill 2 rows by 2 columns\nhint: give rows*cols values, row by row"},
		{func() { Surface(make([]float64, 4), 2, 2, 1, 0, 0, 1) },
			"Surface: (1,0) to (0,1) is not a rectangle\nhint: give x0 < x1 and y0 < y1"},
		{func() { Line(nil, []float64{-1, 0}).LogY() },
			"Plot.LogY: the series has no point that a logarithmic axis can show\nhint: a logarithmic axis shows positive values only"},
		{func() { NewPlot("").LogY().Line("loss", nil, []float64{0}) },
			"Plot.Line: the series \"loss\" has no point that a logarithmic axis can show\nhint: a logarithmic axis shows positive values only"},
		{func() { Line(nil, []float64{1}).YRange(0, 1).LogY() },
			"Plot.LogY: 0 to 1 does not fit a logarithmic axis\nhint: a logarithmic axis shows positive values only"},
		{func() { NewPlot("").XRange(2, 1) }, "Plot.XRange: 2 to 1 is not a range\nhint: give the lower end first"},
		{func() { NewPlot("").Size(0, 9) },
			"Plot.Size: 0 by 9 is not a size for a figure\nhint: a size is in CSS pixels, 80 by 60 to 4000 by 4000"},
		{func() { NewPlot("").Dashed() }, "Plot.Dashed: the plot has no series yet\nhint: add a series first"},
		{func() { Line(nil, []float64{1}).Color("red") },
			"Plot.Color: \"red\" is not a colour\nhint: write it as \"#rrggbb\", for example \"#3f90da\""},
		{func() { Line(nil, []float64{1}).Colors("blues") },
			"Plot.Colors: the series added last is not a surface\nhint: call Surface first; Color sets the colour of other series"},
		{func() { HeatMap([]float64{1}, 1, 1).Colors("jet") },
			"Heat.Colors: no colour scale is called \"jet\"\nhint: the colour scales are blues, viridis, balance, classes, gray"},
		{func() { HeatMap([]float64{1, 2}, 2, 2) },
			"HeatMap: 2 values do not fill 2 rows by 2 columns\nhint: give rows*cols values, row by row"},
		{func() { HeatMap(nil, math.MaxInt, 2) },
			"HeatMap: 0 values do not fill 9223372036854775807 rows by 2 columns\nhint: give rows*cols values, row by row"},
		{func() { HeatMap([]float64{1, 2}, 1, 2).RowNames([]string{"a", "b"}) }, "Heat.RowNames: 2 names for 1 rows"},
		{func() { Images(make([]float32, 10), 2, 2, 2) },
			"Images: 10 values are not 2 images of 2 by 2\nhint: give the pixels of all images, one after the other, and their number, height and width"},
		{func() { ImagesRGB(make([]float32, 4), 1, 2, 2) },
			"ImagesRGB: 4 values are not 1 images of 2 by 2 by 3 colours\nhint: give the pixels of all images, one after the other, and their number, height and width"},
		{func() { Images(make([]float32, 4), 1, 2, 2).Labels(nil) },
			"Grid.Labels: 0 labels for 1 images\nhint: give one label an image"},
		{func() { Table([]string{"a"}, [][]string{{"1"}, {"1", "2"}}) },
			"Table: row 1 has 2 cells and the header 1\nhint: give every column a name, or no header at all"},
		{func() { Row() }, "Row: there are no plots"},
		{func() { Animation(nil, 100) }, "Animation: there are no frames"},
		{func() {
			Animation([]image.Image{image.NewGray(image.Rect(0, 0, 2, 3)), image.NewGray(image.Rect(0, 0, 2, 2))}, 100)
		}, "Animation: frame 1 is 2 by 2 and frame 0 is 2 by 3\nhint: make all frames of one size"},
		{func() { NewProgress(-1, "") },
			"NewProgress: -1 steps\nhint: give 0 where the number of steps is not known"},
		{func() { NewCurve() }, "NewCurve: there are no names\nhint: name what you will add: NewCurve(\"loss\")"},
		{func() { NewCurve("loss", "accuracy").Add(1, 0.5) },
			"Curve.Add: 1 values for 2 names: loss, accuracy\nhint: give one value a name, math.NaN() for one that is missing"},
		{func() { NewCurve("loss").Smooth(1) },
			"Curve.Smooth: a weight of 1\nhint: give 0 for none, 0.9 for about the last ten values"},
	}
	for _, c := range cases {
		if got := caught(t, c.f); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

// A figure keeps what it was made from, whatever becomes of the user's slices.
func TestFiguresKeepTheirOwnNumbers(t *testing.T) {
	xs, ys := []float64{1, 2, 3}, []float64{3, 1, 2}
	pixels := []float32{0, 1, 0.5, 0.25}
	p, h, g := Line(xs, ys), HeatMap(ys, 1, 3), Images(pixels, 1, 2, 2)
	before := p.SVG() + h.SVG() + string(g.PNG())
	xs[0], ys[0], pixels[0] = 100, 100, 1
	if p.SVG()+h.SVG()+string(g.PNG()) != before {
		t.Error("changing the slice after the call changes the figure")
	}
}
