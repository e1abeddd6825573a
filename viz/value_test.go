package viz

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

func TestTicksAreRoundNumbers(t *testing.T) {
	cases := []struct {
		t      steps
		lo, hi float64
		want   string
	}{
		{steps{count: 5}, 0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{steps{count: 5}, -1, 1, "−1.0 −0.5 0.0 0.5 1.0"},
		{steps{count: 4}, 0, 20000, "0 5k 10k 15k 20k"},
		{steps{count: 4}, 0.1, 0.3, "0.10 0.15 0.20 0.25 0.30"},
		{steps{count: 4}, 0, 2e-5, "0 5e-6 1e-5 1.5e-5 2e-5"},
		{steps{count: 4}, 0, 4e6, "0 1e6 2e6 3e6 4e6"},
		{steps{count: 4}, 1000, 1004, "1000 1001 1002 1003 1004"},
		{steps{count: 5, log: true}, 0.01, 100, "0.01 0.1 1 10 100"},
		{steps{count: 4, log: true}, 0.02, 2, "0.02 0.05 0.1 0.2 0.5 1 2"},
		{steps{count: 4, log: true}, 1e-9, 1e3, "1e-9 1e-5 0.1 1000"},
		{steps{count: 4, log: true}, 2.1, 2.4, "2.1 2.2 2.3 2.4"},
		{steps{count: 4, step: 5}, -7, 7, "−5 0 5"},
	}
	for _, c := range cases {
		var got []string
		for _, m := range c.t.Ticks(c.lo, c.hi) {
			got = append(got, m.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v to %v (%+v): %s, want %s", c.lo, c.hi, c.t, s, c.want)
		}
	}
}

func TestSparkShowsTheCourse(t *testing.T) {
	cases := []struct {
		vs   []float64
		want string
	}{
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, "▁▂▃▄▅▆▇█"},
		{[]float64{1, 1}, "▄▄"},
		{[]float64{0, math.NaN(), 1}, "▁ █"},
		{[]float64{5}, ""},
		{nil, ""},
	}
	for _, c := range cases {
		if got := spark(c.vs, 32); got != c.want {
			t.Errorf("%v: %q, want %q", c.vs, got, c.want)
		}
	}
	if n := len([]rune(spark(ramp(1000), 32))); n != 32 {
		t.Errorf("1000 values are %d characters", n)
	}
}

func TestThinKeepsEndsAndPeaks(t *testing.T) {
	ps := points2(10_000, func(i int) (float64, float64) {
		y := math.Sin(float64(i) / 500)
		if i == 4321 {
			y = 9
		}
		return float64(i) / 100, y
	})
	out := thin(ps)
	if len(out) > 4*201 {
		t.Errorf("%d of %d points are left on 100 pixels", len(out), len(ps))
	}
	if out[0] != ps[0] || out[len(out)-1] != ps[len(ps)-1] {
		t.Error("an end is gone")
	}
	found := false
	for i := range out {
		found = found || out[i].Y == 9
		if i > 0 && out[i].X < out[i-1].X {
			t.Fatal("the order has changed")
		}
	}
	if !found {
		t.Error("the peak is gone")
	}
}

func TestHistogramCountsEveryValueOnce(t *testing.T) {
	p := Histogram([]float64{0, 0, 0.5, 1, 2, 4, math.NaN()}, 4)
	m := p.marks[0].(*histMark)
	if !reflect.DeepEqual(m.counts, []float64{3, 1, 1, 1}) || m.n != 6 || m.left != 1 {
		t.Errorf("counts %v of %d, %d left out", m.counts, m.n, m.left)
	}
	if s := p.String(); s != "histogram: 6 values in 4 bins, 0..4 (1 not finite)  █▁▁▁" {
		t.Errorf("text %q", s)
	}
	if m := Histogram([]float64{3, 3, 3}, 0).marks[0].(*histMark); m.over != (span{2.5, 3.5}) {
		t.Errorf("equal values lie over %v", m.over)
	}
}

func TestSurfaceIsLinearBetweenItsPoints(t *testing.T) {
	m := Surface([]float64{0, 1, 2, 3}, 2, 2, 0, 1, 0, 1).marks[0].(*surfaceMark)
	for _, c := range [][3]float64{{0, 0, 0}, {1, 0, 1}, {0, 1, 2}, {1, 1, 3}, {0.5, 0.5, 1.5}, {0.25, 0, 0.25}} {
		if got := m.value(c[0], c[1]); math.Abs(got-c[2]) > 1e-12 {
			t.Errorf("at (%v,%v) %v, want %v", c[0], c[1], got, c[2])
		}
	}
}

func TestTableAlignsNumbersAndFillsShortRows(t *testing.T) {
	tab := Table([]string{"model", "accuracy", "note"}, [][]string{{"MLP", "97.51 %"}, {"CNN & co", "9.9 %", "slow"}})
	want := "model     accuracy  note\n────────  ────────  ────\nMLP        97.51 %\nCNN & co     9.9 %  slow"
	if got := tab.String(); got != want {
		t.Errorf("text\n%s\nwant\n%s", got, want)
	}
	html := tab.MIME()["text/html"].(string)
	for _, s := range []string{`<td style="text-align:right">97.51 %</td>`, "CNN &amp; co", `<th style="text-align:left">model</th>`} {
		if !strings.Contains(html, s) {
			t.Errorf("no %s in %s", s, html)
		}
	}
	if n := strings.Count(html, "<td"); n != 6 {
		t.Errorf("%d cells, want 6", n)
	}
	many := Table(nil, make([][]string, 300))
	if s := many.String(); !strings.HasSuffix(s, "… and 100 more rows") {
		t.Errorf("a long table ends in %q", s[len(s)-40:])
	}
}

func decodePNG(t *testing.T, b map[string]any) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(b["image/png"].([]byte)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestImagesAreScaledWholePixels(t *testing.T) {
	g := Images([]float32{0, 1, 0.5, 0, 1, 1, 1, 1}, 2, 2, 2).Scale(10)
	m := decodePNG(t, g.MIME())
	// Border 12, images 20 wide, gap 2 (small images).
	if got, want := m.Bounds().Size(), image.Pt(12+20+2+20+12, 12+20+12); got != want {
		t.Fatalf("size %v, want %v", got, want)
	}
	grey := func(x, y int) uint8 { return color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y }
	for _, c := range []struct {
		x, y int
		want uint8
	}{{0, 0, 255}, {12, 12, 0}, {21, 21, 0}, {22, 12, 255}, {12, 22, 128}, {31, 31, 0}, {34, 12, 255}} {
		if got := grey(c.x, c.y); got != c.want {
			t.Errorf("pixel (%d,%d) is %d, want %d", c.x, c.y, got, c.want)
		}
	}
	if s := g.String(); s != "2 images of 2 by 2, values 0..1" {
		t.Errorf("text %q", s)
	}
}

func TestImageRangesAreGuessedAsDocumented(t *testing.T) {
	for _, c := range []struct {
		pixels []float32
		want   span
	}{
		{[]float32{0.2, 0.8}, span{0, 1}},
		{[]float32{-0.2, 0.8}, span{-1, 1}},
		{[]float32{0, 200}, span{0, 255}},
		{[]float32{0.5, 200}, span{0.5, 200}},
		{[]float32{-3, 2, float32(math.NaN())}, span{-3, 2}},
	} {
		if got := Images(c.pixels, 1, 1, len(c.pixels)).over; got != c.want {
			t.Errorf("%v: %v, want %v", c.pixels, got, c.want)
		}
	}
}

func TestImagesInColourMarkedAndMany(t *testing.T) {
	m := decodePNG(t, ImagesRGB([]float32{1, 0, 0, 1, 0, 0}, 1, 1, 2).Scale(10).MIME())
	if got := m.At(13, 13); !sameColor(got, color.RGBA{255, 0, 0, 255}) {
		t.Errorf("first pixel %v, want red", got)
	}
	if got := m.At(23, 13); !sameColor(got, color.RGBA{0, 255, 0, 255}) {
		t.Errorf("second pixel %v, want green", got)
	}
	marked := decodePNG(t, Images(make([]float32, 8), 2, 2, 2).Scale(10).Marked([]bool{false, true}).MIME())
	if r, g, _, _ := marked.At(33, 12).RGBA(); r < 2*g {
		t.Error("a marked image has no red frame")
	}
	many := decodePNG(t, Images(make([]float32, 1000*28*28), 1000, 28, 28).MIME())
	if s := many.Bounds().Size(); s.X > cardWidth || s.Y > 2500 {
		t.Errorf("a thousand images are %v", s)
	}
	named := Images(make([]float32, 3*4), 3, 2, 2).Labels([]string{"one", "two", "a name that is too long by far"})
	if named.Columns(2).Image().Bounds().Dy() <= Images(make([]float32, 3*4), 3, 2, 2).Columns(3).Image().Bounds().Dy() {
		t.Error("two columns and labels are no higher than three columns without")
	}
}

func sameColor(a, b color.Color) bool {
	r, g, bl, al := a.RGBA()
	r2, g2, bl2, al2 := b.RGBA()
	return r == r2 && g == g2 && bl == bl2 && al == al2
}

func TestAnimationIsAGIFOfAllFrames(t *testing.T) {
	var frames []image.Image
	for i := range 3 {
		m := image.NewGray(image.Rect(0, 0, 20, 10))
		m.SetGray(i, 0, color.Gray{200})
		frames = append(frames, m)
	}
	mov := Animation(frames, 80)
	g, err := gif.DecodeAll(bytes.NewReader(mov.MIME()["image/gif"].([]byte)))
	if err != nil || len(g.Image) != 3 || g.Delay[1] != 8 {
		t.Fatalf("GIF: %v, %+v", err, g)
	}
	if !sameColor(g.Image[2].At(2, 0), color.Gray{200}) || !sameColor(g.Image[2].At(1, 0), color.Black) {
		t.Error("a frame of few colours is not exact")
	}
	if mov.String() != "animation: 3 frames of 20 by 10, 80 ms each" {
		t.Errorf("text %q", mov.String())
	}
	Animation([]image.Image{Line(nil, ramp(3)).Image()}, 100)
	noisy := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range noisy.Pix {
		noisy.Pix[i] = uint8(i*7919>>3) | 1
	}
	if m := Animation([]image.Image{noisy}, 100); len(m.GIF()) == 0 {
		t.Error("no GIF of many colours")
	}
}

type withHTML struct{}

func (withHTML) HTML() string { return "<p>one<br>two &lt; 3</p><style>p{}</style>" }

type withSVG struct{}

func (withSVG) SVG() string { return "<svg/>" }

func TestShowTakesAnyValue(t *testing.T) {
	r := onRecord(t)
	for _, c := range []struct {
		v    any
		want map[string]any
	}{
		{42, map[string]any{"text/plain": "42"}},
		{nil, map[string]any{"text/plain": "nil"}},
		{errors.New("gone"), map[string]any{"text/plain": "gone"}},
		{withHTML{}, map[string]any{"text/html": withHTML{}.HTML(), "text/plain": "one\ntwo < 3"}},
		{withSVG{}, map[string]any{"image/svg+xml": "<svg/>", "text/plain": "SVG picture"}},
		{Table(nil, [][]string{{"a"}}), Table(nil, [][]string{{"a"}}).MIME()},
	} {
		Show(c.v)
		es := r.all()
		if e := es[len(es)-1]; !reflect.DeepEqual(e.bundle, c.want) || e.kind != "show" || e.id != "" {
			t.Errorf("Show(%v) sends %v", c.v, e)
		}
	}
	Show(image.NewGray(image.Rect(0, 0, 3, 2)))
	if r.last() != "image of 2 by 3" {
		t.Errorf("an image is %q", r.last())
	}
	id := NewID()
	if id == NewID() {
		t.Error("two ids are equal")
	}
	ShowID("a", id)
	Update("b", id)
	Markdown("# head")
	HTML("<b>bold</b>")
	Clear(true)
	var got []string
	for _, e := range r.all()[7:] {
		got = append(got, e.kind+" "+strings.ReplaceAll(e.id, id, "ID"))
	}
	if s := strings.Join(got, ", "); s != "show ID, update ID, show , show , clear " {
		t.Errorf("messages %s", s)
	}
}

func TestTheTerminalPrintsText(t *testing.T) {
	var out bytes.Buffer
	SetScreen(newTerminal(&out))
	defer SetScreen(nil)
	Show(Line(nil, []float64{1, 2, 3}).Title("up"))
	Markdown("**hello**")
	current().Show(map[string]any{"image/png": []byte{}}, "")
	if out.String() != "line plot \"up\": 3 points, y 1..3  ▁▅█\n**hello**\noutput of image/png\n" {
		t.Errorf("printed %q", out.String())
	}
}

func points2(n int, at func(int) (x, y float64)) []vg.Point {
	ps := make([]vg.Point, n)
	for i := range ps {
		x, y := at(i)
		ps[i] = vg.Point{X: vg.Length(x), Y: vg.Length(y)}
	}
	return ps
}
