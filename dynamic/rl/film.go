package rl

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"

	"github.com/tapir-go/tapir/eager"
)

// Film is an episode as moving pictures. A notebook shows it.
type Film struct {
	Frames []image.Image
	Rate   int     // frames a second, 1 to 100
	Reward float64 // of the whole episode
}

// Watch plays one episode from a seed (or Keep), the likeliest action at each step, and keeps a picture of every
// other state. The environment must be a Renderer; its action space a Discrete.
func Watch(env Env, policy func(states *eager.Tensor) *eager.Tensor, seed int) *Film {
	renderer, can := Inside(env).(Renderer)
	if !can {
		panic(&eager.Error{Op: "Watch", Text: fmt.Sprintf("%T cannot draw itself", Inside(env)),
			Hint: "give it a method Render() image.Image"})
	}
	p := newPlayer("Watch", env, policy)
	film := &Film{Rate: 25}
	p.episode(seed, likeliest, func(step int) {
		if step%2 == 0 {
			film.Frames = append(film.Frames, renderer.Render())
		}
	})
	film.Frames = append(film.Frames, renderer.Render())
	film.Reward = p.run.EpisodeRewards()[0]
	return film
}

// GIF is the film in the format of that name, at half the width and height.
func (f *Film) GIF() []byte {
	small := make([]*image.RGBA, len(f.Frames))
	seen := map[color.RGBA]bool{}
	var colours color.Palette
	for i, frame := range f.Frames {
		small[i] = halve(frame)
		for j := 0; j < len(small[i].Pix); j += 4 {
			c := color.RGBA{small[i].Pix[j], small[i].Pix[j+1], small[i].Pix[j+2], 255}
			if !seen[c] && len(seen) < 257 {
				seen[c] = true
				colours = append(colours, c)
			}
		}
	}
	if len(colours) > 256 {
		colours = palette.Plan9
	}
	index := map[color.RGBA]uint8{}
	out := &gif.GIF{}
	var before *image.RGBA
	for i, frame := range small {
		// Only what changed is written. An empty change is one pixel, since a frame must have some.
		area := changed(before, frame)
		picture := image.NewPaletted(area, colours)
		for y := area.Min.Y; y < area.Max.Y; y++ {
			for x := area.Min.X; x < area.Max.X; x++ {
				c := frame.RGBAAt(x, y)
				at, known := index[c]
				if !known {
					at = uint8(colours.Index(c))
					index[c] = at
				}
				picture.SetColorIndex(x, y, at)
			}
		}
		delay := max(1, 100/max(f.Rate, 1))
		if i == len(small)-1 {
			delay = 150 // look at the end for a moment, then again
		}
		out.Image, out.Delay = append(out.Image, picture), append(out.Delay, delay)
		out.Disposal = append(out.Disposal, gif.DisposalNone)
		before = frame
	}
	if len(small) > 0 {
		out.Config = image.Config{ColorModel: colours, Width: small[0].Rect.Dx(), Height: small[0].Rect.Dy()}
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, out); err != nil {
		panic("internal error: a film as GIF: " + err.Error())
	}
	return b.Bytes()
}

// MIME is how a notebook shows the film: a moving picture, and a line of text.
func (f *Film) MIME() map[string]any {
	if len(f.Frames) == 0 {
		return map[string]any{"text/plain": f.String()}
	}
	return map[string]any{"image/gif": f.GIF(), "text/plain": f.String()}
}

func (f *Film) String() string {
	return fmt.Sprintf("film of %d frames, %d a second, reward %g", len(f.Frames), f.Rate, f.Reward)
}

// halve is a picture at half the width and height.
func halve(from image.Image) *image.RGBA {
	b := from.Bounds()
	to := image.NewRGBA(image.Rect(0, 0, max(1, b.Dx()/2), max(1, b.Dy()/2)))
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			var sum [3]uint32
			for i := range 4 {
				r, g, bl, _ := from.At(b.Min.X+2*x+i%2, b.Min.Y+2*y+i/2).RGBA()
				sum[0], sum[1], sum[2] = sum[0]+r>>8, sum[1]+g>>8, sum[2]+bl>>8
			}
			// 16 levels a colour: a GIF has 256 colours in all.
			level := func(s uint32) uint8 { return uint8((s/4 + 8) / 17 * 17) }
			to.SetRGBA(x, y, color.RGBA{level(sum[0]), level(sum[1]), level(sum[2]), 255})
		}
	}
	return to
}

// changed is the smallest rectangle with all pixels that differ.
func changed(before, after *image.RGBA) image.Rectangle {
	if before == nil || before.Rect != after.Rect {
		return after.Rect
	}
	area := image.Rectangle{}
	for y := range after.Rect.Dy() {
		for x := range after.Rect.Dx() {
			if before.RGBAAt(x, y) != after.RGBAAt(x, y) {
				area = area.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if area.Empty() {
		return image.Rect(0, 0, 1, 1)
	}
	return area
}
