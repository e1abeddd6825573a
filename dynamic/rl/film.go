package rl

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"

	"github.com/tapir-go/tapir/eager"
)

// Film is moving pictures of an environment. A notebook shows it. Pictures are kept at half their width and height
// and only where they differ from the one before, in at most 256 colours.
type Film struct {
	Rate   int     // pictures a second, 1 to 100
	Reward float64 // of the whole episode, where Watch made the film

	size    image.Point
	frames  []*image.Paletted // the changed rectangle of each picture
	last    *image.RGBA
	colours color.Palette
	index   map[color.RGBA]uint8
}

// NewFilm is a film without pictures yet, of rate pictures a second (1 to 100).
func NewFilm(rate int) *Film {
	if rate < 1 || rate > 100 {
		panic(&eager.Error{Op: "NewFilm", Text: fmt.Sprintf("wants 1 to 100 pictures a second, not %d", rate)})
	}
	return &Film{Rate: rate, index: map[color.RGBA]uint8{}}
}

// Watch plays one episode from a seed (or Keep), the likeliest action at each step, and keeps a picture of every
// other state and of the last. The environment must be a Renderer.
func Watch(env Env, policy func(states *eager.Tensor) *eager.Tensor, seed int) *Film {
	p := newPlayer("Watch", env, policy)
	renderer, can := Inside(env).(Renderer)
	if !can {
		p.fail("%T cannot draw itself: wants a method Render() image.Image", Inside(env))
	}
	film := NewFilm(25)
	p.episode(seed, nil, func(step int) {
		if step%2 == 0 {
			film.Add(renderer.Render())
		}
	})
	film.Add(renderer.Render())
	film.Reward = p.run.EpisodeRewards()[0]
	return film
}

// Len is the number of pictures.
func (f *Film) Len() int { return len(f.frames) }

// Add puts a picture at the end. All are of the size of the first; another is an error.
func (f *Film) Add(picture image.Image) {
	size := picture.Bounds().Size()
	if len(f.frames) == 0 {
		f.size = size
	}
	if size != f.size || size.X < 2 || size.Y < 2 {
		panic(&eager.Error{Op: "Film.Add", Text: fmt.Sprintf("a picture of %dx%d in a film of %dx%d: wants one size, 2x2 or more",
			size.X, size.Y, f.size.X, f.size.Y)})
	}
	small := halve(picture)
	area := changed(f.last, small)
	frame := image.NewPaletted(area, nil)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			frame.SetColorIndex(x, y, f.colour(small.RGBAAt(x, y)))
		}
	}
	f.frames, f.last = append(f.frames, frame), small
}

// colour is the index of a colour in the palette, or of the nearest one when that is full.
func (f *Film) colour(c color.RGBA) uint8 {
	at, known := f.index[c]
	if !known {
		if len(f.colours) < 256 {
			f.colours = append(f.colours, c)
		}
		at = uint8(f.colours.Index(c))
		f.index[c] = at
	}
	return at
}

// GIF is the film in the format of that name. It rests on the last picture for a moment and begins again.
func (f *Film) GIF() []byte {
	out := &gif.GIF{Config: image.Config{ColorModel: f.colours, Width: f.size.X / 2, Height: f.size.Y / 2}}
	for _, frame := range f.frames {
		frame.Palette = f.colours
		out.Image, out.Delay = append(out.Image, frame), append(out.Delay, 100/f.Rate)
		out.Disposal = append(out.Disposal, gif.DisposalNone)
	}
	if len(out.Delay) > 0 {
		out.Delay[len(out.Delay)-1] = 150
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, out); err != nil {
		panic(&eager.Error{Op: "Film.GIF", Text: err.Error()})
	}
	return b.Bytes()
}

// MIME is how a notebook shows the film: a moving picture, and a line of text.
func (f *Film) MIME() map[string]any {
	bundle := map[string]any{"text/plain": f.String()}
	if len(f.frames) > 0 {
		bundle["image/gif"] = f.GIF()
	}
	return bundle
}

func (f *Film) String() string {
	return fmt.Sprintf("film of %d pictures, %d a second, reward %g", len(f.frames), f.Rate, f.Reward)
}

// halve is a picture at half the width and height, with 16 levels a colour, since there is room for 256 colours in all.
func halve(picture image.Image) *image.RGBA {
	b := picture.Bounds()
	from, ok := picture.(*image.RGBA)
	if !ok {
		from = image.NewRGBA(b)
		draw.Draw(from, b, picture, b.Min, draw.Src)
	}
	to := image.NewRGBA(image.Rect(0, 0, b.Dx()/2, b.Dy()/2))
	for y := range to.Rect.Dy() {
		upper, lower := from.Pix[from.PixOffset(b.Min.X, b.Min.Y+2*y):], from.Pix[from.PixOffset(b.Min.X, b.Min.Y+2*y+1):]
		row := to.Pix[to.PixOffset(0, y):]
		for x := range to.Rect.Dx() {
			for c := range 3 {
				i := 8*x + c
				sum := int(upper[i]) + int(upper[i+4]) + int(lower[i]) + int(lower[i+4])
				row[4*x+c] = uint8((sum/4 + 8) / 17 * 17)
			}
			row[4*x+3] = 255
		}
	}
	return to
}

// changed is the smallest rectangle with all pixels that differ. Where none does it is one pixel, since a GIF's picture
// must have some.
func changed(before, after *image.RGBA) image.Rectangle {
	if before == nil {
		return after.Rect
	}
	area := image.Rectangle{}
	for y := range after.Rect.Dy() {
		old, row := before.Pix[before.PixOffset(0, y):][:before.Stride], after.Pix[after.PixOffset(0, y):][:after.Stride]
		if bytes.Equal(old, row) {
			continue
		}
		left, right := 0, after.Rect.Dx()
		for bytes.Equal(old[4*left:4*left+4], row[4*left:4*left+4]) {
			left++
		}
		for bytes.Equal(old[4*right-4:4*right], row[4*right-4:4*right]) {
			right--
		}
		area = area.Union(image.Rect(left, y, right, y+1))
	}
	if area.Empty() {
		return image.Rect(0, 0, 1, 1)
	}
	return area
}
