package viz

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	plan9 "image/color/palette"
	"image/draw"
	"image/gif"
	"slices"
)

// Movie is an animation.
type Movie struct {
	file []byte
	text string
}

// Animation is a GIF of the frames, each shown for so many milliseconds, again
// and again. Where all frames together have at most 256 colours they are exact;
// otherwise they are brought to a fixed palette. It panics with *Error without
// frames, or where frames differ in size.
func Animation(frames []image.Image, delayMS int) *Movie {
	if len(frames) == 0 {
		fail("Animation", "", "there are no frames")
	}
	if delayMS < 20 || delayMS > 60000 {
		fail("Animation", "give 20 to 60000 milliseconds", "a delay of %d ms", delayMS)
	}
	size := frames[0].Bounds().Size()
	for i, f := range frames {
		if s := f.Bounds().Size(); s != size {
			fail("Animation", "make all frames of one size", "frame %d is %d by %d and frame 0 is %d by %d", i, s.X, s.Y, size.X, size.Y)
		}
	}
	exact := colorsOf(frames)
	g := &gif.GIF{}
	for _, f := range frames {
		pal, drawer := exact, draw.Drawer(draw.Src)
		if pal == nil {
			pal, drawer = plan9.Plan9, draw.FloydSteinberg
		}
		p := image.NewPaletted(image.Rect(0, 0, size.X, size.Y), pal)
		drawer.Draw(p, p.Bounds(), f, f.Bounds().Min)
		g.Image = append(g.Image, p)
		g.Delay = append(g.Delay, (delayMS+5)/10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		panic("internal error: encoding " + size.String() + " as GIF: " + err.Error())
	}
	return &Movie{file: b.Bytes(), text: fmt.Sprintf("animation: %d frames of %d by %d, %d ms each", len(frames), size.X, size.Y, delayMS)}
}

// MIME is the animation for a notebook: GIF and text.
func (m *Movie) MIME() map[string]any {
	return map[string]any{"image/gif": m.GIF(), "text/plain": m.text}
}

// GIF is the animation as a GIF file.
func (m *Movie) GIF() []byte { return slices.Clone(m.file) }

// String describes the animation.
func (m *Movie) String() string { return m.text }

// colorsOf is the palette of all frames, nil where they have more than 256 colours.
func colorsOf(frames []image.Image) color.Palette {
	seen := map[color.RGBA]bool{}
	var p color.Palette
	for _, f := range frames {
		b := f.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				k := color.RGBAModel.Convert(f.At(x, y)).(color.RGBA)
				if seen[k] {
					continue
				}
				if len(p) == 256 {
					return nil
				}
				seen[k] = true
				p = append(p, k)
			}
		}
	}
	return p
}
