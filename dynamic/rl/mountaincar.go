package rl

import (
	"image"
	"image/color"
	"math"
)

// MountainCar is Gymnasium's MountainCar-v0 without its limit of 200 steps (Make puts that on): a car in a valley is
// too weak for the hill with the flag and has to swing up to it (Moore 1990). Make("MountainCar-v0") counts as solved
// at a mean of -110.
//
//	observation  0  position  -1.2 .. 0.6; the valley's height is sin(3 position)
//	             1  velocity  -0.07 .. 0.07, in positions a step
//	action       0 accelerate to the left, 1 not at all, 2 to the right
//	reward       -1 for every step, the last included
//	start        position uniform in -0.6 .. -0.4, at rest
//	end          terminated from position 0.5 on, at GoalVelocity or more
type MountainCar struct {
	// GoalVelocity is the least velocity at which the flag counts as reached.
	GoalVelocity float64

	random      *Generator
	begun       bool
	x, v        float64
	observation *Box
	action      *Discrete
}

// Bounds of position and velocity of both cars.
const (
	carLeft, carRight = -1.2, 0.6
	carFastest        = 0.07
)

func newCarSpace() *Box {
	return NewBox([]float32{carLeft, -carFastest}, []float32{carRight, carFastest})
}

// NewMountainCar is the environment with Gymnasium's settings.
func NewMountainCar() *MountainCar {
	return &MountainCar{observation: newCarSpace(), action: NewDiscrete(3)}
}

// Reset puts the car into the valley.
func (m *MountainCar) Reset(seed int) ([]float32, Info) {
	m.random = reseed(m.random, seed)
	m.x, m.v, m.begun = m.random.Uniform(-0.6, -0.4), 0, true
	return []float32{float32(m.x), float32(m.v)}, nil
}

// Step drives on. An action other than 0 to 2, or a Step before the first Reset, is an error.
func (m *MountainCar) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkStep("MountainCar.Step", m.begun, m.action, action)
	const force, gravity = 0.001, 0.0025
	_, slope := sincos(3 * m.x)
	m.v += float64((float64(action[0])-1)*force) + float64(slope*-gravity)
	m.v = min(max(m.v, -carFastest), carFastest)
	m.x = min(max(m.x+m.v, carLeft), carRight)
	if m.x == carLeft && m.v < 0 {
		m.v = 0
	}
	terminated := m.x >= 0.5 && m.v >= m.GoalVelocity
	return []float32{float32(m.x), float32(m.v)}, -1, terminated, false, nil
}

// ObservationSpace is a Box of two numbers.
func (m *MountainCar) ObservationSpace() Space { return m.observation }

// ActionSpace is Discrete(3).
func (m *MountainCar) ActionSpace() Space { return m.action }

// Render draws the hills, the car and the flag at 600x400 pixels.
func (m *MountainCar) Render() image.Image { return drawCar(m.x, 0.5) }

// MountainCarContinuous is Gymnasium's MountainCarContinuous-v0 without its limit of 999 steps (Make puts that on):
// MountainCar with a force of any strength, which is to be spared. Make("MountainCarContinuous-v0") counts as solved at
// a mean of 90.
//
//	observation  as MountainCar
//	action       the force, -1 .. 1; more is cut
//	reward       -force²/10 for every step, and 100 for the one that reaches the flag
//	end          terminated from position 0.45 on, at GoalVelocity or more
//
// From an episode's second step on, the state is rounded to float32, as in Gymnasium with NumPy 2.
type MountainCarContinuous struct {
	// GoalVelocity is the least velocity at which the flag counts as reached.
	GoalVelocity float64

	random              *Generator
	begun, first        bool // an episode; before its first step
	x, v                float64
	observation, action *Box
}

// NewMountainCarContinuous is the environment with Gymnasium's settings.
func NewMountainCarContinuous() *MountainCarContinuous {
	return &MountainCarContinuous{observation: newCarSpace(), action: NewBox([]float32{-1}, []float32{1})}
}

// Reset puts the car into the valley.
func (m *MountainCarContinuous) Reset(seed int) ([]float32, Info) {
	m.random = reseed(m.random, seed)
	m.x, m.v, m.begun, m.first = m.random.Uniform(-0.6, -0.4), 0, true, true
	return []float32{float32(m.x), float32(m.v)}, nil
}

// Step drives on. An action that is not one number, or a Step before the first Reset, is an error.
func (m *MountainCarContinuous) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkForce("MountainCarContinuous.Step", m.begun, m.action, action)
	const power, gravity = 0.0015, 0.0025
	angle := 3 * m.x
	if !m.first {
		angle = float64(float32(angle))
	}
	_, slope := sincos(angle)
	down := gravity * slope
	var gain float64
	switch force := action[0]; { // a cut force is a number of Python, any other one of NumPy's float32
	case force < -1:
		gain = -power - down
	case force > 1:
		gain = power - down
	default:
		gain = float64(float32(force*power) - float32(down))
	}
	if m.first {
		m.v += gain
		m.x += m.v
	} else {
		v := min(max(float32(m.v)+float32(gain), -carFastest), carFastest)
		x := min(max(float32(m.x)+v, carLeft), carRight)
		if x == carLeft && v < 0 {
			v = 0
		}
		m.x, m.v = float64(x), float64(v)
	}
	m.first = false
	x, v := float32(m.x), float32(m.v)
	m.x, m.v = float64(x), float64(v)
	terminated := x >= 0.45 && v >= float32(m.GoalVelocity)
	reward := 0.0
	if terminated {
		reward = 100
	}
	reward -= float64(float64(action[0]) * float64(action[0]) * 0.1)
	return []float32{x, v}, reward, terminated, false, nil
}

// ObservationSpace is a Box of two numbers.
func (m *MountainCarContinuous) ObservationSpace() Space { return m.observation }

// ActionSpace is a Box of one number, -1 to 1.
func (m *MountainCarContinuous) ActionSpace() Space { return m.action }

// Render draws the hills, the car and the flag at 600x400 pixels.
func (m *MountainCarContinuous) Render() image.Image { return drawCar(m.x, 0.45) }

var flagYellow = color.RGBA{204, 204, 0, 255}

func drawCar(at, flag float64) image.Image {
	const width, height = 600, 400
	scale := width / (carRight - carLeft)
	picture := newCanvas(width, height)
	place := func(x float64) (px, py float64) {
		return (x - carLeft) * scale, height - (math.Sin(3*x)*0.45+0.55)*scale
	}
	const pieces = 100
	for i := range pieces {
		x0, y0 := place(carLeft + (carRight-carLeft)*float64(i)/pieces)
		x1, y1 := place(carLeft + (carRight-carLeft)*float64(i+1)/pieces)
		picture.line(black, x0, y0, x1, y1, 2)
	}
	x, y := place(flag)
	picture.line(black, x, y, x, y-50, 2)
	picture.rectangle(flagYellow, x, y-50, x+25, y-38)

	x, y = place(at)
	slope := math.Cos(3*at) * 3 * 0.45
	along := math.Hypot(1, slope)
	dx, dy := 1/along, -slope/along // along the road, to the right
	nx, ny := dy, -dx               // away from it
	picture.line(black, x-17*dx+20*nx, y-17*dy+20*ny, x+17*dx+20*nx, y+17*dy+20*ny, 18)
	for _, wheel := range []float64{-10, 10} {
		picture.disc(axleBlue, x+wheel*dx+8*nx, y+wheel*dy+8*ny, 8)
	}
	return picture.RGBA
}
