package rl

import (
	"image"
	"image/color"
	"math"
)

// Lander is an own environment with its own physics; it is not Gymnasium's LunarLander, and scores do not compare. A craft
// above the moon shall come down softly on a pad: a rigid body in vacuum, moved by one engine below and a jet on each
// side.
//
//	observation  0, 1  place right of the middle of the pad and above it   / 20 m
//	             2, 3  velocity to the right and up                        / 10 m/s
//	             4     angle, above 0 leaning to the left, in rad
//	             5     angular velocity                                    in rad/s
//	action       0 nothing, 1 the left jet (turns to the right), 2 the main engine, 3 the right jet, for 0.05 s
//	reward       by how much nearer, slower and more upright it came, less 0.3 for the main engine and 0.03 for a jet;
//	             at the end 100 for a landing on the pad, 0 beside it, -100 for a crash or for leaving
//	start        24 m up, within 8 m of the middle, moving and leaning a little
//	end          terminated when a foot touches the ground: it has landed if it is slower than 2 m/s down and 1 m/s
//	             sideways and leans less than 0.25 rad; and when it leaves, 20 m to the sides or 30 m up
type Lander struct {
	random         *Generator
	begun, over    bool
	x, y           float64 // of the centre of mass, in m
	vx, vy         float64 // m/s
	angle, turn    float64 // rad, rad/s, anticlockwise
	fired          int     // the last action, for Render
	landed         bool
	observed, acts Space
}

// What the laws of motion of a Lander need, in SI units.
const (
	landerTick            = 0.05
	moonGravity           = 1.62
	landerMain            = 4.0 // acceleration by the main engine, along the craft
	landerSide            = 0.4 // acceleration by a jet, across the craft
	landerTwist           = 0.8 // angular acceleration by a jet
	footOut, footDown     = 1.4, 1.2
	landerFar, landerHigh = 20.0, 30.0
	padHalf               = 4.0
	softDown, softAcross  = 2.0, 1.0
	softLean              = 0.25
)

// NewLander is the environment. Make("Tapir/Lander-v0") puts a limit of 600 steps on it.
func NewLander() *Lander {
	inf := float32(math.Inf(1))
	high := []float32{inf, inf, inf, inf, inf, inf}
	return &Lander{observed: NewBox([]float32{-inf, -inf, -inf, -inf, -inf, -inf}, high), acts: NewDiscrete(4)}
}

// Reset draws a start.
func (l *Lander) Reset(seed int) ([]float32, Info) {
	l.random = reseed(l.random, seed)
	draw := l.random.Uniform
	l.x, l.y, l.vx, l.vy = draw(-8, 8), 24, draw(-3, 3), draw(-2, 0)
	l.angle, l.turn = draw(-0.2, 0.2), draw(-0.1, 0.1)
	l.begun, l.over, l.landed, l.fired = true, false, false, 0
	return l.observe(), nil
}

// Step moves the craft on by 0.05 s (Euler's method, velocities first). An action other than 0 to 3, or a Step before the
// first Reset, is an error. After the end nothing moves and nothing is paid.
func (l *Lander) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkStep("Lander.Step", l.begun, l.acts, action)
	if l.over {
		return l.observe(), 0, true, false, nil
	}
	l.fired = int(action[0])
	before := l.worth()
	along, across, twist, fuel := 0.0, 0.0, 0.0, 0.0
	switch l.fired {
	case 1:
		across, twist, fuel = landerSide, -landerTwist, 0.03
	case 2:
		along, fuel = landerMain, 0.3
	case 3:
		across, twist, fuel = -landerSide, landerTwist, 0.03
	}
	sin, cos := math.Sincos(l.angle)
	l.vx += landerTick * (across*cos - along*sin)
	l.vy += landerTick * (along*cos + across*sin - moonGravity)
	l.turn += landerTick * twist
	l.x += landerTick * l.vx
	l.y += landerTick * l.vy
	l.angle += landerTick * l.turn
	reward := l.worth() - before - fuel
	switch {
	case l.touches():
		l.over = true
		l.landed = -l.vy <= softDown && math.Abs(l.vx) <= softAcross && math.Abs(l.angle) <= softLean
		if !l.landed {
			reward -= 100
		} else if math.Abs(l.x) <= padHalf {
			reward += 100
		}
	case math.Abs(l.x) > landerFar || l.y > landerHigh:
		l.over = true
		reward -= 100
	}
	return l.observe(), reward, l.over, false, nil
}

// worth is higher the nearer, slower and more upright the craft is. The reward is its change, which leaves the best policy
// as it is (Ng, Harada and Russell 1999).
func (l *Lander) worth() float64 {
	return -100 * (math.Hypot(l.x, l.y-footDown)/20 + math.Hypot(l.vx, l.vy)/10 + math.Abs(l.angle)/2)
}

// feet are the places of the left and the right foot.
func (l *Lander) feet() [2][2]float64 {
	sin, cos := math.Sincos(l.angle)
	at := func(out float64) [2]float64 {
		return [2]float64{l.x + out*cos + footDown*sin, l.y + out*sin - footDown*cos}
	}
	return [2][2]float64{at(-footOut), at(footOut)}
}

// touches tells whether a foot, or the top of a craft that lies on its back, is at the ground.
func (l *Lander) touches() bool {
	feet := l.feet()
	return min(feet[0][1], feet[1][1], l.y+footDown*math.Cos(l.angle)) <= 0
}

func (l *Lander) observe() []float32 {
	return []float32{float32(l.x / 20), float32((l.y - footDown) / 20), float32(l.vx / 10), float32(l.vy / 10), float32(l.angle), float32(l.turn)}
}

// ObservationSpace is a Box of six numbers.
func (l *Lander) ObservationSpace() Space { return l.observed }

// ActionSpace is Discrete(4).
func (l *Lander) ActionSpace() Space { return l.acts }

// Render draws the craft, its flame and the pad at 400x300 pixels, 10 pixels a metre.
func (l *Lander) Render() image.Image {
	const width, height, ground, scale = 400, 320, 300.0, 10.0
	picture := newCanvas(width, height)
	picture.rectangle(color.RGBA{20, 20, 40, 255}, 0, 0, width, height)
	picture.rectangle(shoreGrey, 0, ground, width, height)
	picture.rectangle(goalGreen, width/2-padHalf*scale, ground, width/2+padHalf*scale, ground+5)
	sin, cos := math.Sincos(l.angle)
	at := func(out, up float64) (x, y float64) {
		return width/2 + (l.x+out*cos-up*sin)*scale, ground - (l.y+out*sin+up*cos)*scale
	}
	line := func(ink color.RGBA, out0, up0, out1, up1, thick float64) {
		x0, y0 := at(out0, up0)
		x1, y1 := at(out1, up1)
		picture.line(ink, x0, y0, x1, y1, thick)
	}
	switch l.fired {
	case 1:
		line(flagYellow, -0.9, 0.3, -1.8, 0.3, 4)
	case 2:
		line(flagYellow, 0, -0.6, 0, -2, 7)
	case 3:
		line(flagYellow, 0.9, 0.3, 1.8, 0.3, 4)
	}
	line(shoreGrey, -0.6, -0.4, -footOut, -footDown, 3)
	line(shoreGrey, 0.6, -0.4, footOut, -footDown, 3)
	line(axleBlue, 0, -0.7, 0, 0.8, 18)
	return picture.RGBA
}
