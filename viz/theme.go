package viz

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	_ "gonum.org/v1/plot/font/liberation" // the fonts by which text is measured
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// The one look of all figures; lengths are CSS pixels.
const (
	cardWidth  = 640
	cardHeight = 400
	rowWidth   = 880
	edge       = 16 // empty border of a card
	maxDots    = 6000
	pngScale   = 2 // a PNG has this many pixels for one of the page
)

var (
	inkTitle = hex("#1f2933")
	inkLabel = hex("#3e4c59")
	inkTick  = hex("#616e7c")
	inkFaint = hex("#9aa5b1")
	inkGrid  = hex("#e4e8ec")
	inkAxis  = hex("#9aa5b1")
	white    = color.NRGBA{255, 255, 255, 255}
)

// palette is that of doc.go, in the order in which series take their colours.
var palette = []color.NRGBA{
	hex("#3f90da"), hex("#ffa90e"), hex("#bd1f01"), hex("#94a4a2"), hex("#832db6"),
	hex("#a96b59"), hex("#e76300"), hex("#b9ac70"), hex("#717581"), hex("#92dadd"),
}

func series(i int) color.NRGBA { return palette[((i%len(palette))+len(palette))%len(palette)] }

// hex reads "#rrggbb"; it is for constants of this package.
func hex(s string) color.NRGBA {
	k, ok := parseHex(s)
	if !ok {
		panic("internal error: bad colour " + s)
	}
	return k
}

func parseHex(s string) (color.NRGBA, bool) {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil || len(s) != 7 || s[0] != '#' {
		return color.NRGBA{}, false
	}
	return color.NRGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}, true
}

// faded is k with the given opacity, 0 to 1.
func faded(k color.NRGBA, a float64) color.NRGBA {
	k.A = uint8(a*float64(k.A) + 0.5)
	return k
}

// type sizes: title 15 bold, labels 12, ticks 11.
func lettering(size vg.Length, bold bool, ink color.Color) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: ink, Font: f, XAlign: draw.XLeft, YAlign: draw.YBottom, Handler: text.Plain{Fonts: font.DefaultCache}}
}

func titleStyle() text.Style { return lettering(15, true, inkTitle) }
func labelStyle() text.Style { return lettering(12, false, inkLabel) }
func tickStyle() text.Style  { return lettering(11, false, inkTick) }

// capHeight is the height of a capital letter, by which text is centred.
func capHeight(s text.Style) vg.Length { return s.Font.Size * 0.716 }

// write puts s with its base line at y; align is draw.XLeft, XCenter or XRight.
func write(c draw.Canvas, st text.Style, align text.XAlignment, x, y vg.Length, s string) {
	if s == "" {
		return
	}
	face := font.DefaultCache.Lookup(st.Font, st.Font.Size)
	c.SetColor(st.Color)
	c.FillString(face, vg.Point{X: x + vg.Length(align)*face.Width(s), Y: y}, s)
}

// writeUp puts s turned a quarter to the left, centred on y, with its base line at x.
func writeUp(c draw.Canvas, st text.Style, x, y vg.Length, s string) {
	if s == "" {
		return
	}
	c.Push()
	c.Translate(vg.Point{X: x, Y: y})
	c.Rotate(math.Pi / 2)
	write(c, st, draw.XCenter, 0, 0, s)
	c.Pop()
}

func widthOf(st text.Style, s string) vg.Length {
	face := font.DefaultCache.Lookup(st.Font, st.Font.Size)
	return face.Width(s)
}

// shorten cuts s so that it is at most w wide.
func shorten(st text.Style, s string, w vg.Length) string {
	if widthOf(st, s) <= w {
		return s
	}
	r := []rune(s)
	for len(r) > 1 && widthOf(st, string(r)+"…") > w {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

func box(x0, y0, x1, y1 vg.Length) vg.Path {
	var p vg.Path
	p.Move(vg.Point{X: x0, Y: y0})
	p.Line(vg.Point{X: x1, Y: y0})
	p.Line(vg.Point{X: x1, Y: y1})
	p.Line(vg.Point{X: x0, Y: y1})
	p.Close()
	return p
}

// svgUnder is the SVG canvas that c draws on, or nil; gonum wraps canvases in canvases.
func svgUnder(c draw.Canvas) *svgCanvas {
	for under := c.Canvas; ; {
		switch u := under.(type) {
		case *svgCanvas:
			return u
		case draw.Canvas:
			under = u.Canvas
		case *draw.Canvas:
			under = u.Canvas
		default:
			return nil
		}
	}
}

// dot draws a disc with an edge on whatever canvas.
func dot(c draw.Canvas, p vg.Point, r vg.Length, fill, edge color.Color, width vg.Length) {
	if s := svgUnder(c); s != nil {
		s.dot(p, r, fill, edge, width)
		return
	}
	var o vg.Path
	o.Move(vg.Point{X: p.X + r, Y: p.Y})
	o.Arc(p, r, 0, 2*math.Pi)
	o.Close()
	c.SetColor(fill)
	c.Fill(o)
	if edge != nil && width > 0 {
		c.SetLineStyle(draw.LineStyle{Color: edge, Width: width})
		c.Stroke(o)
	}
}

// picture draws an image on whatever canvas.
func picture(c draw.Canvas, r vg.Rectangle, m image.Image, smooth bool) {
	if s := svgUnder(c); s != nil {
		s.image(r, m, smooth)
		return
	}
	w := int(math.Ceil(float64(r.Size().X))) * pngScale
	h := int(math.Ceil(float64(r.Size().Y))) * pngScale
	c.DrawImage(r, nearest(m, w, h))
}

// nearest scales m to w by h, keeping hard pixels.
func nearest(m image.Image, w, h int) image.Image {
	b := m.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.Set(x, y, m.At(b.Min.X+x*b.Dx()/w, b.Min.Y+y*b.Dy()/h))
		}
	}
	return out
}

// painter draws itself into a card of a known size.
type painter interface {
	size() (w, h int)
	paint(c draw.Canvas)
	heading() string
}

func toSVG(p painter) (svg string, dots int) {
	w, h := p.size()
	c := newSVG(vg.Length(w), vg.Length(h))
	p.paint(draw.New(c))
	return c.document(p.heading()), c.dots
}

func toImage(p painter) image.Image {
	w, h := p.size()
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(w), vg.Length(h)), vgimg.UseDPI(72*pngScale))
	p.paint(draw.New(c))
	return c.Image()
}

func toPNG(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic("internal error: encoding a picture of " + m.Bounds().String() + ": " + err.Error())
	}
	return b.Bytes()
}

// bundle shows a painter as SVG. Where that would hold very many dots, the SVG
// holds one raster picture of the whole card, so that it keeps its size on the page.
func bundle(p painter, text string) map[string]any {
	svg, dots := toSVG(p)
	if dots > maxDots {
		w, h := p.size()
		c := newSVG(vg.Length(w), vg.Length(h))
		c.image(vg.Rectangle{Max: vg.Point{X: c.w, Y: c.h}}, toImage(p), true)
		svg = c.document(p.heading())
	}
	return map[string]any{"image/svg+xml": svg, "text/plain": text}
}
