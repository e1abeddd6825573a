package rl

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// Renderer is an environment that can draw its state. All of Make can.
type Renderer interface {
	Render() image.Image
}

var (
	white     = color.RGBA{255, 255, 255, 255}
	black     = color.RGBA{0, 0, 0, 255}
	poleWood  = color.RGBA{202, 152, 101, 255}
	axleBlue  = color.RGBA{129, 132, 203, 255}
	iceBlue   = color.RGBA{223, 238, 250, 255}
	shoreGrey = color.RGBA{180, 200, 230, 255}
	holeBlue  = color.RGBA{40, 80, 140, 255}
	goalGreen = color.RGBA{60, 160, 80, 255}
	rodTeal   = color.RGBA{0, 204, 204, 255}
	walkerRed = color.RGBA{200, 50, 50, 255}
)

// Render draws cart, pole and track at 600x400 pixels, in Gymnasium's proportions and colours.
func (c *CartPole) Render() image.Image {
	const (
		width, height          = 600, 400
		cartWidth, cartHeight  = 50.0, 30.0
		poleWidth, top, middle = 10.0, 300.0, width / 2.0
	)
	scale := width / (cartEdge * 2)
	picture := newCanvas(width, height)
	x := c.x*scale + middle
	picture.rectangle(black, 0, top, width, top+1)
	picture.rectangle(black, x-cartWidth/2, top-cartHeight/2, x+cartWidth/2, top+cartHeight/2)

	axle, length := top-cartHeight/4, scale*2*poleHalf
	sin, cos := math.Sincos(c.angle)
	tipX, tipY := x+length*sin, axle-length*cos
	picture.fill(poleWood, func(px, py float64) bool {
		dx, dy := px-x, axle-py
		along, across := dx*sin+dy*cos, dx*cos-dy*sin
		return math.Abs(across) <= poleWidth/2 && along >= -poleWidth/2 && along <= length-poleWidth/2
	}, min(x, tipX)-poleWidth, min(axle, tipY)-poleWidth, max(x, tipX)+poleWidth, max(axle, tipY)+poleWidth)
	picture.disc(axleBlue, x, axle, poleWidth/2)
	return picture.RGBA
}

// Render draws the fields of the lake, at most 64 pixels each: holes dark, the goal green, the walker red.
func (l *FrozenLake) Render() image.Image {
	tile := min(64, max(8, 512/max(l.columns, len(l.options.Map))))
	picture := newCanvas(l.columns*tile, len(l.options.Map)*tile)
	size := float64(tile)
	for r, row := range l.options.Map {
		for c, letter := range row {
			x, y := float64(c)*size, float64(r)*size
			picture.rectangle(shoreGrey, x, y, x+size, y+size)
			picture.rectangle(iceBlue, x+1, y+1, x+size-1, y+size-1)
			switch letter {
			case 'H':
				picture.disc(holeBlue, x+size/2, y+size/2, size*0.42)
			case 'G':
				picture.rectangle(goalGreen, x+size/4, y+size/4, x+size*3/4, y+size*3/4)
			case 'S':
				picture.rectangle(shoreGrey, x+size/4, y+size/4, x+size*3/4, y+size*3/4)
			}
		}
	}
	if l.begun {
		x, y := float64(l.field%l.columns)*size, float64(l.field/l.columns)*size
		picture.disc(walkerRed, x+size/2, y+size/2, size*0.22)
	}
	return picture.RGBA
}

// canvas is a picture that shapes are filled into.
type canvas struct{ *image.RGBA }

func newCanvas(width, height int) canvas {
	c := canvas{image.NewRGBA(image.Rect(0, 0, width, height))}
	for i := range c.Pix {
		c.Pix[i] = 255
	}
	return c
}

func (c canvas) rectangle(ink color.RGBA, left, top, right, bottom float64) {
	whole := image.Rect(int(left), int(top), int(right), int(bottom))
	if float64(whole.Min.X) == left && float64(whole.Min.Y) == top && float64(whole.Max.X) == right && float64(whole.Max.Y) == bottom {
		draw.Draw(c.RGBA, whole, image.NewUniform(ink), image.Point{}, draw.Src)
		return
	}
	c.fill(ink, func(px, py float64) bool { return left <= px && px < right && top <= py && py < bottom }, left, top, right, bottom)
}

func (c canvas) disc(ink color.RGBA, x, y, radius float64) {
	c.fill(ink, func(px, py float64) bool { return math.Hypot(px-x, py-y) <= radius }, x-radius, y-radius, x+radius, y+radius)
}

// line is a straight one with square ends.
func (c canvas) line(ink color.RGBA, x0, y0, x1, y1, width float64) {
	length := math.Hypot(x1-x0, y1-y0)
	dx, dy := (x1-x0)/length, (y1-y0)/length
	c.fill(ink, func(px, py float64) bool {
		along, across := (px-x0)*dx+(py-y0)*dy, (px-x0)*dy-(py-y0)*dx
		return along >= 0 && along <= length && math.Abs(across) <= width/2
	}, min(x0, x1)-width, min(y0, y1)-width, max(x0, x1)+width, max(y0, y1)+width)
}

// fill paints the points of which inside says so, within a rectangle. Each pixel is tried at 16 points, so that edges
// are smooth.
func (c canvas) fill(ink color.RGBA, inside func(x, y float64) bool, left, top, right, bottom float64) {
	area := image.Rect(int(math.Floor(left)), int(math.Floor(top)), int(math.Ceil(right)), int(math.Ceil(bottom))).Intersect(c.Rect)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			hits := 0
			for i := range 16 {
				if inside(float64(x)+float64(2*(i%4)+1)/8, float64(y)+float64(2*(i/4)+1)/8) {
					hits++
				}
			}
			if hits == 0 {
				continue
			}
			old := c.RGBAAt(x, y)
			mix := func(under, over uint8) uint8 { return uint8((int(under)*(16-hits) + int(over)*hits) / 16) }
			c.SetRGBA(x, y, color.RGBA{mix(old.R, ink.R), mix(old.G, ink.G), mix(old.B, ink.B), 255})
		}
	}
}
