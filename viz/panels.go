package viz

import (
	"image"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Panels are plots side by side on one card.
type Panels struct {
	plots []*Plot
	h     int
}

// Row puts plots side by side, the same width each, 880 pixels in all. It panics
// with *Error without a plot.
func Row(plots ...*Plot) *Panels {
	if len(plots) == 0 {
		fail("Row", "", "there are no plots")
	}
	h := 340
	if len(plots) > 2 {
		h = 280
	}
	return &Panels{plots: plots, h: h}
}

// Height sets the height in pixels.
func (r *Panels) Height(h int) *Panels {
	checkSize("Panels.Height", rowWidth, h)
	r.h = h
	return r
}

// MIME is the row for a notebook: SVG and text.
func (r *Panels) MIME() map[string]any { return bundle(r, r.String()) }

// SVG is the row as an SVG document.
func (r *Panels) SVG() string { s, _ := toSVG(r); return s }

// Image is the row as pixels, two for each one of the page.
func (r *Panels) Image() image.Image { return toImage(r) }

// PNG is Image as a PNG file.
func (r *Panels) PNG() []byte { return toPNG(toImage(r)) }

// String is the text of the plots, one after the other.
func (r *Panels) String() string {
	var parts []string
	for _, p := range r.plots {
		parts = append(parts, p.String())
	}
	return strings.Join(parts, "\n")
}

func (r *Panels) size() (w, h int) {
	if len(r.plots) == 1 {
		return cardWidth, r.h
	}
	return rowWidth, r.h
}

func (r *Panels) heading() string {
	var parts []string
	for _, p := range r.plots {
		if p.title != "" {
			parts = append(parts, p.title)
		}
	}
	return strings.Join(parts, ", ")
}

func (r *Panels) paint(c draw.Canvas) {
	w := (c.Max.X - c.Min.X) / vg.Length(len(r.plots))
	for i, p := range r.plots {
		part := c
		part.Min.X = c.Min.X + w*vg.Length(i)
		part.Max.X = part.Min.X + w
		p.paint(part)
	}
}
