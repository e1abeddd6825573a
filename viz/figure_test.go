package viz

import (
	"bytes"
	"encoding/xml"
	"flag"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// drawn is what is found in an SVG.
type drawn struct {
	tags  map[string]int
	texts []string
}

func readSVG(t testing.TB, svg string) drawn {
	t.Helper()
	d := drawn{tags: map[string]int{}}
	dec := xml.NewDecoder(strings.NewReader(svg))
	open, inText := 0, false
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("the SVG is not well-formed: %v", err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			open++
			d.tags[e.Name.Local]++
			inText = e.Name.Local == "text"
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !strings.HasPrefix(a.Value, "data:image/png;base64,") {
					t.Errorf("attribute %s=%.40q has no place in a picture", a.Name.Local, a.Value)
				}
				if a.Name.Local == "d" && strings.Contains(a.Value, "NaN") || a.Name.Local == "d" && strings.Contains(a.Value, "Inf") {
					t.Errorf("attribute %s=%.60q is no number", a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			open--
			inText = false
		case xml.CharData:
			if inText {
				d.texts = append(d.texts, string(e))
			}
		}
	}
	if d.tags["script"] > 0 || d.tags["svg"] != 1 {
		t.Errorf("tags %v: want one svg and no script", d.tags)
	}
	return d
}

func (d drawn) says(t testing.TB, want ...string) {
	t.Helper()
	for _, w := range want {
		found := false
		for _, s := range d.texts {
			found = found || s == w
		}
		if !found {
			t.Errorf("no text %q among %q", w, d.texts)
		}
	}
}

func svgOf(t testing.TB, v interface{ MIME() map[string]any }) string {
	t.Helper()
	b := v.MIME()
	s, ok := b["image/svg+xml"].(string)
	if !ok {
		t.Fatalf("no SVG in the bundle, but %v", b)
	}
	if p, _ := b["text/plain"].(string); p == "" {
		t.Error("no text/plain beside the picture")
	}
	return s
}

func normal(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	vs := make([]float64, n)
	for i := range vs {
		vs[i] = r.NormFloat64()
	}
	return vs
}

func ramp(n int) []float64 {
	vs := make([]float64, n)
	for i := range vs {
		vs[i] = float64(i)
	}
	return vs
}

type figure interface {
	MIME() map[string]any
	SVG() string
	PNG() []byte
	String() string
}

// figures are one of each kind, made anew at every call.
func figures() map[string]func() figure {
	decay := func() []float64 {
		vs := ramp(200)
		for i := range vs {
			vs[i] = 2.3 * math.Exp(-vs[i]/40)
		}
		return vs
	}
	return map[string]func() figure{
		"line": func() figure {
			return NewPlot("loss").Line("train", nil, decay()).Line("validation", []float64{0, 100, 199}, []float64{2.4, 0.4, 0.2}).Dashed().XLabel("step").YLabel("cross entropy")
		},
		"log": func() figure {
			return Line(nil, decay()).Title("on a logarithmic axis").LogY().HLine("target", 0.1).VLine("here", 50)
		},
		"loglog": func() figure { return Line([]float64{1, 10, 1e5}, []float64{1e-6, 1, 1e6}).LogX().LogY() },
		"band": func() figure {
			return NewPlot("").Band("mean", nil, []float64{0, 1, 2}, []float64{2, 3, 4}).Line("mean", nil, []float64{1, 2, 3})
		},
		"scatter":   func() figure { return Scatter(normal(100, 1), normal(100, 2)).Equal() },
		"scatterby": func() figure { return ScatterBy(ramp(9), ramp(9), []int{0, 1, 2, 0, 1, 2, 0, 1, 2}) },
		"histogram": func() figure { return Histogram(normal(500, 3), 20).XLabel("weight") },
		"bars": func() figure {
			return NewPlot("accuracy").Bars("MLP", []string{"zero", "one"}, []float64{0.9, 0.95}).Bars("CNN", []string{"zero", "one"}, []float64{0.98, 0.99})
		},
		"surface": func() figure {
			return Surface(ramp(12), 3, 4, -1, 1, -2, 2).PointsBy([]string{"in", "out"}, []float64{0, 0.5}, []float64{0, 1}, []int{0, 1})
		},
		"heat": func() figure {
			return HeatMap([]float64{50, 2, 0, 48}, 2, 2).Names([]string{"cat", "dog"}).XLabel("predicted").YLabel("true").Title("confusion")
		},
		"bigheat": func() figure { return HeatMap(normal(64*64, 4), 64, 64) },
		"row":     func() figure { return Row(Line(nil, ramp(3)).Title("left"), Histogram(ramp(9), 3).Title("right")) },
	}
}

func TestFiguresAreWellFormedAndTheSameEveryTime(t *testing.T) {
	for name, make := range figures() {
		a, b := make(), make()
		svg := svgOf(t, a)
		readSVG(t, svg)
		if other := svgOf(t, b); svg != other || svg != svgOf(t, a) || svg != a.SVG() {
			t.Errorf("%s: two drawings of equal input differ", name)
		}
		if len(svg) > 60_000 {
			t.Errorf("%s: the SVG has %d bytes", name, len(svg))
		}
		file := a.PNG()
		if name == "line" && !bytes.Equal(file, b.PNG()) {
			t.Errorf("%s: two PNGs of equal input differ", name)
		}
		m, err := png.Decode(bytes.NewReader(file))
		if err != nil || m.Bounds().Dx() < 100 {
			t.Errorf("%s: PNG: %v", name, err)
		}
	}
}

func TestFiguresMayBeDrawnAtTheSameTime(t *testing.T) {
	for name, make := range figures() {
		f := make()
		want := f.SVG()
		var wg sync.WaitGroup
		for range 3 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if f.SVG() != want {
					t.Errorf("%s: drawn differently beside others", name)
				}
			}()
		}
		wg.Wait()
	}
}

// The golden files are for the eye: read what changed before committing them.
func TestFiguresAreTheGoldenOnes(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors round sums of products differently, which may move a line by a hundredth of a pixel")
	}
	for _, name := range []string{"line", "log", "bars", "heat", "surface"} {
		path := filepath.Join("testdata", name+".svg")
		svg := figures()[name]().SVG()
		if *update {
			if err := os.WriteFile(path, []byte(svg), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if svg != string(want) {
			t.Errorf("%s is drawn differently; run go test ./viz -run Golden -update, look at %s, and commit it", name, path)
		}
	}
}

func TestFiguresShowTheirWords(t *testing.T) {
	want := map[string][]string{
		"line":      {"loss", "train", "validation", "step", "cross entropy", "0", "50", "2.0"},
		"log":       {"on a logarithmic axis", "target", "here", "0.1", "1"},
		"loglog":    {"1", "1e-6", "1e6"},
		"band":      {"mean"},
		"scatterby": {"0", "1", "2"},
		"histogram": {"weight"},
		"bars":      {"accuracy", "MLP", "CNN", "zero", "one", "0.0"},
		"surface":   {"in", "out", "−2", "1.00"},
		"heat":      {"confusion", "cat", "dog", "predicted", "true", "50", "48"},
		"row":       {"left", "right"},
	}
	for name, words := range want {
		readSVG(t, figures()[name]().SVG()).says(t, words...)
	}
}

func TestEveryPointBarAndCellIsDrawn(t *testing.T) {
	count := func(name, tag string) int { return readSVG(t, figures()[name]().SVG()).tags[tag] }
	if n := count("scatter", "circle"); n != 100 {
		t.Errorf("100 points are %d circles", n)
	}
	if n := count("scatterby", "circle"); n != 9+3 {
		t.Errorf("9 points and 3 legend entries are %d circles", n)
	}
	bare := readSVG(t, NewPlot("").Bars("", []string{"a", "b", "c"}, []float64{1, 2, 3}).SVG()).tags["path"]
	none := readSVG(t, NewPlot("").Bars("", []string{"a", "b", "c"}, []float64{0, 0, 3}).SVG()).tags["path"]
	if bare-none != 2 {
		t.Errorf("two bars more are %d shapes more", bare-none)
	}
	if n := count("heat", "path"); n != 4 {
		t.Errorf("4 cells are %d shapes", n)
	}
	if n := count("bigheat", "image"); n != 2 {
		t.Errorf("a big heat map and its scale are %d raster pictures", n)
	}
	if n := count("surface", "image"); n != 1 {
		t.Errorf("a surface is %d raster pictures", n)
	}
}

func TestNaNIsAGapAndIsCounted(t *testing.T) {
	whole := Line(nil, []float64{1, 2, 3, 4, 5, 6})
	gap := Line(nil, []float64{1, 2, math.NaN(), 4, math.Inf(1), 6})
	a, b := readSVG(t, whole.SVG()).tags, readSVG(t, gap.SVG()).tags
	// One line has become a line and two single points.
	if a["circle"] != 0 || b["circle"] != 2 || a["path"] != b["path"] {
		t.Errorf("shapes %v with the gaps, %v without", b, a)
	}
	if s := gap.String(); !strings.Contains(s, "6 points (2 not finite), y 1..6") {
		t.Errorf("text %q", s)
	}
}

func TestLongSeriesAreThinnedButKeepTheirPeaks(t *testing.T) {
	ys := normal(200_000, 5)
	ys[77_777] = 40
	ys[33_333] = -40
	svg := Line(nil, ys).SVG()
	if len(svg) > 120_000 {
		t.Errorf("200,000 points are %d bytes", len(svg))
	}
	cut := Line(nil, ys).YRange(-1, 1).SVG()
	readSVG(t, cut)

	ys[77_777], ys[33_333] = 0, 0
	if other := Line(nil, ys).YRange(-50, 50).SVG(); other == Line(nil, func() []float64 { ys[77_777] = 40; return ys }()).YRange(-50, 50).SVG() {
		t.Error("a peak of one point in 200,000 is not in the picture")
	}

	xs := normal(50_000, 6)
	if d := svgOf(t, Scatter(xs, normal(50_000, 7))); len(d) > 900_000 || readSVG(t, d).tags["image"] != 1 {
		t.Errorf("50,000 points are %d bytes, in %d raster pictures", len(d), readSVG(t, d).tags["image"])
	}
}

func TestHostileNamesStayText(t *testing.T) {
	evil := `</text><script>alert("1")</script>&amp;` + "\x00\x1b\xff"
	d := readSVG(t, NewPlot(evil).Line(evil, nil, []float64{1, 2}).Line("b", nil, []float64{2, 1}).XLabel(evil).SVG())
	d.says(t, `</text><script>alert("1")</script>&amp;`+"\uFFFD")
	h := Table([]string{evil}, [][]string{{evil}}).HTML()
	if strings.Contains(h, "<script") {
		t.Errorf("the table lets a tag through: %s", h)
	}
}

func FuzzTitlesMakeWellFormedSVG(f *testing.F) {
	f.Add("loss")
	f.Add("</svg>&\x00\xff\u2028")
	f.Fuzz(func(t *testing.T, s string) {
		readSVG(t, NewPlot(s).Line(s, nil, []float64{1, 2}).YLabel(s).HLine(s, 1.5).SVG())
		readSVG(t, HeatMap([]float64{1, 2}, 1, 2).ColNames([]string{s, s}).Title(s).SVG())
	})
}

func FuzzAnyNumbersAreDrawnOrRefused(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, true)
	f.Add(math.MaxFloat64, -math.MaxFloat64, 0.0, false)
	f.Add(5e-324, 1e308, 1.0, true)
	f.Add(1e16, 1e16+2, 1e16, false)
	f.Fuzz(func(t *testing.T, a, b, c float64, log bool) {
		defer func() {
			if e := recover(); e != nil {
				if _, ok := e.(*Error); !ok {
					panic(e)
				}
			}
		}()
		p := NewPlot("").Line("", []float64{a, b, c}, []float64{b, c, a}).Points("", []float64{a}, []float64{c})
		if log {
			p.LogX().LogY()
		}
		readSVG(t, p.SVG())
		readSVG(t, Histogram([]float64{a, b, c}, 0).SVG())
		readSVG(t, Bars([]string{"a", "b", "c"}, []float64{a, b, c}).SVG())
		readSVG(t, HeatMap([]float64{a, b, c}, 1, 3).SVG())
	})
}
