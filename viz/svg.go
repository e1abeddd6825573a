package viz

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/font"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// fontStack names fonts with the widths of Liberation Sans, by which the text is laid out.
const fontStack = "Liberation Sans,Arimo,Arial,Helvetica,Nimbus Sans,DejaVu Sans Condensed,sans-serif"

// svgCanvas is a vg.Canvas that writes small SVG: one unit is one CSS pixel,
// coordinates are whole hundredths, neighbours of one style share a group.
type svgCanvas struct {
	w, h  vg.Length
	body  strings.Builder
	state []svgState
	group string // the attributes of the open group
	dots  int    // dots drawn
	seen  map[dotPlace]bool
}

type svgState struct {
	m     [6]float64 // x' = m0 x + m2 y + m4, y' = m1 x + m3 y + m5; y upwards
	ink   color.Color
	width vg.Length
	dash  []vg.Length
}

type dotPlace struct {
	x, y int
	fill color.Color
}

func newSVG(w, h vg.Length) *svgCanvas {
	c := &svgCanvas{w: w, h: h, seen: map[dotPlace]bool{}}
	c.state = []svgState{{m: [6]float64{1, 0, 0, 1, 0, 0}, ink: color.Black, width: 1}}
	return c
}

// Size is the size of the canvas in CSS pixels.
func (c *svgCanvas) Size() (w, h vg.Length) { return c.w, c.h }

func (c *svgCanvas) top() *svgState { return &c.state[len(c.state)-1] }

func (c *svgCanvas) SetLineWidth(w vg.Length) { c.top().width = w }
func (c *svgCanvas) SetColor(k color.Color)   { c.top().ink = k }
func (c *svgCanvas) SetLineDash(d []vg.Length, _ vg.Length) {
	c.top().dash = d
}

func (c *svgCanvas) Push() { c.state = append(c.state, *c.top()) }
func (c *svgCanvas) Pop()  { c.state = c.state[:len(c.state)-1] }

func (c *svgCanvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.apply([6]float64{cos, sin, -sin, cos, 0, 0})
}

func (c *svgCanvas) Translate(p vg.Point) {
	c.apply([6]float64{1, 0, 0, 1, float64(p.X), float64(p.Y)})
}

func (c *svgCanvas) Scale(x, y float64) { c.apply([6]float64{x, 0, 0, y, 0, 0}) }

func (c *svgCanvas) apply(n [6]float64) {
	m := c.top().m
	c.top().m = [6]float64{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

// at is a point in hundredths of a pixel, y downwards.
func (c *svgCanvas) at(p vg.Point) (x, y int) {
	m := c.top().m
	fx := m[0]*float64(p.X) + m[2]*float64(p.Y) + m[4]
	fy := m[1]*float64(p.X) + m[3]*float64(p.Y) + m[5]
	return hundredths(fx), hundredths(float64(c.h) - fy)
}

func hundredths(v float64) int { return int(math.Floor(v*100 + 0.5)) }

// cents writes a number of hundredths as short as it goes: 1250 is 12.5, -50 is -.5.
func cents(n int) string {
	if n == 0 {
		return "0"
	}
	s := strconv.FormatFloat(float64(n)/100, 'f', -1, 64)
	s = strings.Replace(s, "-0.", "-.", 1)
	if strings.HasPrefix(s, "0.") {
		s = s[1:]
	}
	return s
}

// in opens a group with these attributes unless it is open.
func (c *svgCanvas) in(attrs string) {
	if c.group == attrs {
		return
	}
	c.close()
	c.group = attrs
	c.body.WriteString("<g " + attrs + ">")
}

func (c *svgCanvas) close() {
	if c.group != "" {
		c.body.WriteString("</g>\n")
		c.group = ""
	}
}

// Stroke draws the outline of p.
func (c *svgCanvas) Stroke(p vg.Path) {
	s := c.top()
	if s.width <= 0 || len(p) == 0 {
		return
	}
	attrs := `fill="none" ` + paint("stroke", s.ink) + ` stroke-width="` + cents(hundredths(float64(s.width))) + `"`
	if len(s.dash) > 0 {
		var d []string
		for _, v := range s.dash {
			d = append(d, cents(hundredths(float64(v))))
		}
		attrs += ` stroke-dasharray="` + strings.Join(d, " ") + `"`
	}
	c.in(attrs)
	c.path(p)
}

// Fill fills p.
func (c *svgCanvas) Fill(p vg.Path) {
	if len(p) == 0 {
		return
	}
	c.in(paint("fill", c.top().ink))
	c.path(p)
}

func (c *svgCanvas) path(p vg.Path) {
	w := &pathWriter{out: &c.body}
	c.body.WriteString(`<path d="`)
	for _, s := range p {
		switch s.Type {
		case vg.MoveComp:
			w.move(c.at(s.Pos))
		case vg.LineComp:
			w.line(c.at(s.Pos))
		case vg.ArcComp:
			const n = 48
			for i := 0; i <= n; i++ {
				sin, cos := math.Sincos(s.Start + s.Angle*float64(i)/n)
				w.line(c.at(vg.Point{X: s.Pos.X + s.Radius*vg.Length(cos), Y: s.Pos.Y + s.Radius*vg.Length(sin)}))
			}
		case vg.CurveComp:
			for _, q := range append(append([]vg.Point{}, s.Control...), s.Pos) {
				w.line(c.at(q))
			}
		case vg.CloseComp:
			c.body.WriteByte('z')
			w.x, w.y = w.x0, w.y0
			w.last = 'z'
		}
	}
	c.body.WriteString(`"/>`)
}

// pathWriter writes path data in relative steps between rounded points, so
// that rounding does not add up.
type pathWriter struct {
	out          *strings.Builder
	x, y, x0, y0 int
	begun        bool
	last         byte
}

func (w *pathWriter) move(x, y int) {
	w.out.WriteString("M" + cents(x) + pair(cents(y)))
	w.x, w.y, w.x0, w.y0, w.begun, w.last = x, y, x, y, true, 'M'
}

func (w *pathWriter) line(x, y int) {
	dx, dy := x-w.x, y-w.y
	switch {
	case !w.begun:
		w.move(x, y)
		return
	case dx == 0 && dy == 0 && w.last != 'M':
		return
	case dy == 0:
		w.step('h', cents(dx))
	case dx == 0:
		w.step('v', cents(dy))
	default:
		w.step('l', cents(dx)+pair(cents(dy)))
	}
	w.x, w.y = x, y
}

func (w *pathWriter) step(kind byte, s string) {
	if w.last == kind {
		s = pair(s)
	} else {
		w.out.WriteByte(kind)
	}
	w.last = kind
	w.out.WriteString(s)
}

// pair puts a space before a number that does not begin with a sign.
func pair(s string) string {
	if s[0] == '-' {
		return s
	}
	return " " + s
}

// dot draws a disc with an edge; a second one of the same colour within half a
// pixel is left out, for it cannot be seen.
func (c *svgCanvas) dot(p vg.Point, r vg.Length, fill, edge color.Color, width vg.Length) {
	x, y := c.at(p)
	place := dotPlace{x / 50, y / 50, fill}
	if c.seen[place] {
		return
	}
	c.seen[place] = true
	c.dots++
	attrs := paint("fill", fill)
	if edge != nil {
		attrs += " " + paint("stroke", edge) + ` stroke-width="` + cents(hundredths(float64(width))) + `"`
	}
	c.in(attrs)
	fmt.Fprintf(&c.body, `<circle cx="%s" cy="%s" r="%s"/>`, cents(x), cents(y), cents(hundredths(float64(r))))
}

// FillString writes text with its left end of the base line at p. The width
// that was laid out is written too, for machines with other fonts.
func (c *svgCanvas) FillString(f plotfont.Face, p vg.Point, text string) {
	if f.Font.Size <= 0 || text == "" {
		return
	}
	s := c.top()
	attrs := paint("fill", s.ink) + ` font-size="` + cents(hundredths(float64(f.Font.Size))) + `"`
	if f.Font.Weight > font.WeightNormal {
		attrs += ` font-weight="bold"`
	}
	c.in(attrs)
	x, y := c.at(p)
	place := fmt.Sprintf(`x="%s" y="%s"`, cents(x), cents(y))
	if turn := math.Atan2(s.m[1], s.m[0]); math.Abs(turn) > 1e-6 {
		deg := hundredths(-turn * 180 / math.Pi)
		place = fmt.Sprintf(`transform="translate(%s %s)rotate(%s)"`, cents(x), cents(y), cents(deg))
	}
	if w := f.Width(text); known(text) && w > 0 {
		place += ` textLength="` + cents(hundredths(float64(w))) + `" lengthAdjust="spacingAndGlyphs"`
	}
	fmt.Fprintf(&c.body, `<text %s>%s</text>`, place, escape(text))
}

// known says whether the layout font surely has all characters of s.
func known(s string) bool {
	for _, r := range s {
		if r > 0x24f && (r < 0x370 || r > 0x4ff) {
			return false
		}
	}
	return true
}

// DrawImage draws an image with hard pixels.
func (c *svgCanvas) DrawImage(r vg.Rectangle, m image.Image) { c.image(r, m, false) }

func (c *svgCanvas) image(r vg.Rectangle, m image.Image, smooth bool) {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic("internal error: encoding a picture of " + m.Bounds().String() + ": " + err.Error())
	}
	c.close()
	x, y := c.at(vg.Point{X: r.Min.X, Y: r.Max.Y})
	x1, y1 := c.at(vg.Point{X: r.Max.X, Y: r.Min.Y})
	style := ` style="image-rendering:pixelated"`
	if smooth {
		style = ""
	}
	fmt.Fprintf(&c.body, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none"%s xlink:href="data:image/png;base64,%s"/>`+"\n",
		cents(x), cents(y), cents(x1-x), cents(y1-y), style, base64.StdEncoding.EncodeToString(b.Bytes()))
}

// document is the whole SVG: a white card with rounded corners under the drawing.
func (c *svgCanvas) document(title string) string {
	c.close()
	w, h := cents(hundredths(float64(c.w))), cents(hundredths(float64(c.h)))
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="%s" height="%s" viewBox="0 0 %s %s" font-family="%s" stroke-linejoin="round" role="img">`+"\n",
		w, h, w, h, fontStack)
	if title != "" {
		fmt.Fprintf(&b, "<title>%s</title>\n", escape(title))
	}
	fmt.Fprintf(&b, `<rect width="%s" height="%s" rx="6" fill="#fff"/>`+"\n", w, h)
	b.WriteString(c.body.String())
	b.WriteString("</svg>\n")
	return b.String()
}

// paint is the attribute for a colour, with its opacity where it has one.
func paint(what string, k color.Color) string {
	if k == nil {
		k = color.Black
	}
	n := color.NRGBAModel.Convert(k).(color.NRGBA)
	s := fmt.Sprintf(`%s="#%02x%02x%02x"`, what, n.R, n.G, n.B)
	if n.A < 255 {
		s += fmt.Sprintf(` %s-opacity="%s"`, what, cents(hundredths(float64(n.A)/255)))
	}
	return s
}

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// escape makes s safe between tags and in attributes, and drops what XML cannot hold.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return xmlEscaper.Replace(s)
}
