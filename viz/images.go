package viz

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// maxImages is how many images a grid shows.
const maxImages = 400

// Grid is a grid of small images. Every setter changes it and returns it.
type Grid struct {
	pixels         []float32
	n, h, w        int
	rgb            bool
	columns, scale int
	labels         []string
	marked         []bool
	title          string
	over           span
}

// Images shows n images of h by w grey pixels, pixels[(i*h+y)*w+x], scaled by a
// whole number. The least and greatest value are black and white; values within
// 0..1 are taken as 0..1, within -1..1 as -1..1, and whole ones within 0..255 as
// 0..255. Of more than 400 images the first 400 are shown. It panics with *Error
// unless there are n*h*w values, one of them finite.
func Images(pixels []float32, n, h, w int) *Grid { return newGrid("Images", pixels, n, h, w, 1) }

// ImagesRGB shows n images in colour, pixels (n,3,h,w); otherwise like Images.
func ImagesRGB(pixels []float32, n, h, w int) *Grid { return newGrid("ImagesRGB", pixels, n, h, w, 3) }

func newGrid(op string, pixels []float32, n, h, w, channels int) *Grid {
	shape := fmt.Sprintf("%d images of %d by %d", n, h, w)
	if channels == 3 {
		shape += " by 3 colours"
	}
	if n <= 0 || h <= 0 || w <= 0 || h > 4096 || w > 4096 || n > len(pixels) || n*channels*h*w != len(pixels) {
		fail(op, "give the pixels of all images, one after the other, and their number, height and width", "%d values are not %s", len(pixels), shape)
	}
	g := &Grid{pixels: slices.Clone(pixels), n: n, h: h, w: w, rgb: channels == 3, over: empty()}
	whole := true
	for _, v := range pixels {
		f := float64(v)
		g.over = g.over.with(f)
		whole = whole && f == math.Trunc(f)
	}
	switch {
	case !g.over.ok():
		fail(op, "check the values for NaN and Inf", "none of %d values is a finite number", len(pixels))
	case g.over.lo >= 0 && g.over.hi <= 1:
		g.over = span{0, 1}
	case g.over.lo >= -1 && g.over.hi <= 1:
		g.over = span{-1, 1}
	case whole && g.over.lo >= 0 && g.over.hi <= 255:
		g.over = span{0, 255}
	}
	return g
}

// Columns sets how many images stand in a row.
func (g *Grid) Columns(k int) *Grid {
	if k < 1 {
		fail("Grid.Columns", "", "%d columns", k)
	}
	g.columns = k
	return g
}

// Labels writes a text under every image.
func (g *Grid) Labels(labels []string) *Grid {
	if len(labels) != g.n {
		fail("Grid.Labels", "give one label an image", "%d labels for %d images", len(labels), g.n)
	}
	g.labels = slices.Clone(labels)
	return g
}

// Marked puts the images for which it is true in a red frame, with red labels:
// those that a classifier got wrong, for example.
func (g *Grid) Marked(marked []bool) *Grid {
	if len(marked) != g.n {
		fail("Grid.Marked", "give one truth value an image", "%d marks for %d images", len(marked), g.n)
	}
	g.marked = slices.Clone(marked)
	return g
}

// Title sets the title.
func (g *Grid) Title(s string) *Grid { g.title = s; return g }

// Scale sets how many pixels of the page a pixel is wide and high.
func (g *Grid) Scale(k int) *Grid {
	if k < 1 || k > 64 {
		fail("Grid.Scale", "give 1 to 64", "a scale of %d", k)
	}
	g.scale = k
	return g
}

// Range sets the values of black and white.
func (g *Grid) Range(lo, hi float64) *Grid { g.over = *limits("Grid.Range", lo, hi, false); return g }

// MIME is the grid for a notebook: PNG and text.
func (g *Grid) MIME() map[string]any {
	return map[string]any{"image/png": g.PNG(), "text/plain": g.String()}
}

// String describes the grid in a line.
func (g *Grid) String() string {
	what := "images"
	if g.n == 1 {
		what = "image"
	}
	s := fmt.Sprintf("%d %s of %d by %d", g.n, what, g.h, g.w)
	if g.rgb {
		s += " in colour"
	}
	if g.title != "" {
		s += fmt.Sprintf(" %q", g.title)
	}
	real := empty()
	for _, v := range g.pixels {
		real = real.with(float64(v))
	}
	return s + fmt.Sprintf(", values %v", real)
}

// PNG is Image as a PNG file.
func (g *Grid) PNG() []byte { return toPNG(g.Image()) }

// Image is the grid as pixels.
func (g *Grid) Image() image.Image {
	n := min(g.n, maxImages)
	cols, scale := g.arrange(n)
	rows := (n + cols - 1) / cols
	gap := 4
	if g.w*scale < 24 {
		gap = 2
	}
	label := 0
	if g.labels != nil {
		label = 16
		gap = 8
	}
	cw, ch := g.w*scale+gap, g.h*scale+gap+label
	const side = 12
	top := side
	if g.title != "" {
		top += 24
	}
	width := max(cols*cw-gap, 0) + 2*side
	if g.title != "" {
		width = max(width, min(int(widthOf(titleStyle(), g.title))+2*side+2, cardWidth))
	}
	var out draw.Image
	area := image.Rect(0, 0, width, top+rows*ch-gap+side)
	if g.rgb || g.marked != nil {
		out = image.NewNRGBA(area)
	} else {
		out = image.NewGray(area)
	}
	draw.Draw(out, area, image.White, image.Point{}, draw.Src)
	if g.title != "" {
		st := titleStyle()
		letters(out, st.Font, side, side+13, shorten(st, g.title, vg.Length(width-2*side)), inkTitle)
	}
	for i := range n {
		x, y := side+i%cols*cw, top+i/cols*ch
		ink := inkLabel
		if g.marked != nil && g.marked[i] {
			ink = hex("#c92a2a")
			draw.Draw(out, image.Rect(x-2, y-2, x+g.w*scale+2, y+g.h*scale+2), image.NewUniform(ink), image.Point{}, draw.Src)
		}
		g.one(out, i, x, y, scale)
		if g.labels != nil {
			st := tickStyle()
			s := shorten(st, g.labels[i], vg.Length(cw-2))
			letters(out, st.Font, x+(g.w*scale-int(widthOf(st, s)))/2, y+g.h*scale+13, s, ink)
		}
	}
	return out
}

// arrange chooses columns and scale so that the grid is at most as wide as a card.
func (g *Grid) arrange(n int) (cols, scale int) {
	cols, scale = g.columns, g.scale
	room := cardWidth - 24
	least := g.w
	if g.labels != nil {
		least = max(least, 30)
	}
	if cols == 0 {
		most := max(room/(least*max(scale, 1)+4), 1)
		cols = min(n, most, max(int(math.Ceil(math.Sqrt(float64(n)*2))), 8))
		if rows := (n + cols - 1) / cols; rows > 1 {
			cols = (n + rows - 1) / rows // even rows
		}
	}
	if scale == 0 {
		scale = min(max((room/cols-4)/g.w, 1), max(160/max(g.w, g.h), 1))
	}
	return cols, scale
}

// one draws image i with its corner at (x,y).
func (g *Grid) one(out draw.Image, i, x, y, scale int) {
	size := g.h * g.w
	tone := func(at int) uint8 {
		t := g.over.place(float64(g.pixels[at]))
		if math.IsNaN(t) {
			return 0
		}
		return uint8(min(max(t, 0), 1)*255 + 0.5)
	}
	for py := range g.h {
		for px := range g.w {
			var k color.Color
			if g.rgb {
				at := i*3*size + py*g.w + px
				k = color.NRGBA{tone(at), tone(at + size), tone(at + 2*size), 255}
			} else {
				k = color.Gray{tone(i*size + py*g.w + px)}
			}
			for dy := range scale {
				for dx := range scale {
					out.Set(x+px*scale+dx, y+py*scale+dy, k)
				}
			}
		}
	}
}

// letters writes s with the left end of its base line at (x,y).
func letters(out draw.Image, f font.Font, x, y int, s string, ink color.Color) {
	face := font.DefaultCache.Lookup(f, f.Size)
	d := xfont.Drawer{Dst: out, Src: image.NewUniform(ink), Face: face.FontFace(72), Dot: fixed.P(x, y)}
	d.DrawString(s)
}
