package eager

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math"
)

const (
	leastSide = 8    // smaller rectangles are tables, not pictures
	mostSide  = 1024 // larger ones are too much for a page
	mostTiles = 64   // of a batch
)

// picture is a PNG of a tensor that looks like an image or a batch of images, as a data URI, and the size to show it at.
func (x *Tensor) picture(v []float64) (uri string, width, height int) {
	s := x.shape()
	n, c := 1, 1
	switch {
	case len(s) == 4 && s[0] > 0 && (s[1] == 1 || s[1] == 3):
		n, c = min(s[0], mostTiles), s[1]
	case len(s) == 3 && (s[0] == 1 || s[0] == 3):
		c = s[0]
	case len(s) == 2:
	default:
		return "", 0, 0
	}
	h, w := s[len(s)-2], s[len(s)-1]
	if h < leastSide || w < leastSide || h > mostSide || w > mostSide || x.dtype() == Int64 {
		return "", 0, 0
	}
	lo, hi := x.span(v)
	across := int(math.Ceil(math.Sqrt(float64(n) * float64(h) / float64(w))))
	across = min(max(across, 1), n)
	down := (n + across - 1) / across
	gap := 0
	if n > 1 {
		gap = 1
	}
	im := image.NewRGBA(image.Rect(0, 0, across*(w+gap)-gap, down*(h+gap)-gap))
	for k := range n {
		left, top := k%across*(w+gap), k/across*(h+gap)
		for i := range h {
			for j := range w {
				at := (k*c*h+i)*w + j
				im.SetRGBA(left+j, top+i, shade(v, at, c, h*w, lo, hi))
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		return "", 0, 0
	}
	zoom := max(1, 160/max(im.Rect.Dx(), im.Rect.Dy()))
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), im.Rect.Dx() * zoom, im.Rect.Dy() * zoom
}

// span is the numbers that are black and white: 0 and 255 for bytes; 0 and 1 or -1 and 1 where all numbers lie in that; else the
// least and the largest.
func (x *Tensor) span(v []float64) (lo, hi float64) {
	s := summarise(v)
	switch {
	case x.dtype() == Uint8:
		return 0, 255
	case s.lo >= 0 && s.hi <= 1:
		return 0, 1
	case s.lo >= -1 && s.hi <= 1:
		return -1, 1
	case s.lo > s.hi:
		return 0, 1
	}
	return s.lo, s.hi
}

// shade is the colour of element at: grey for one channel, else red, green and blue, a plane apart. NaN is red.
func shade(v []float64, at, channels, plane int, lo, hi float64) color.RGBA {
	var rgb [3]uint8
	for c := range 3 {
		x := v[at+c%channels*plane]
		if math.IsNaN(x) {
			return color.RGBA{220, 0, 0, 255}
		}
		t := 0.0
		if hi > lo {
			t = min(max((x-lo)/(hi-lo), 0), 1)
		}
		rgb[c] = uint8(math.Round(255 * t))
	}
	return color.RGBA{rgb[0], rgb[1], rgb[2], 255}
}
