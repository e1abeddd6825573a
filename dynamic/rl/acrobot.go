package rl

import (
	"image"
	"math"
)

// Acrobot is Gymnasium's Acrobot-v1 without its limit of 500 steps (Make puts that on): two rods of 1 m and 1 kg hang
// from a fixed joint, and a motor at the joint between them shall swing their end up above a line (Sutton 1996).
// Make("Acrobot-v1") counts as solved at a mean of -100.
//
//	observation  0, 1  cosine and sine of the upper rod's angle, 0 hanging down
//	             2, 3  those of the lower rod's angle to the upper one
//	             4     the upper one's angular velocity  -4π .. 4π   rad/s
//	             5     the lower one's                   -9π .. 9π   rad/s
//	action       torque: 0 is -1 N·m, 1 none, 2 is 1 N·m, for 0.2 s
//	reward       -1 for every step, 0 for the one that ends the episode
//	start        angles and velocities uniform in -0.1 .. 0.1
//	end          terminated when the end is 1 m above the fixed joint
type Acrobot struct {
	random      *Generator
	begun       bool
	state       [4]float64 // both angles, both velocities
	observation *Box
	action      *Discrete
}

// What the laws of motion need, in SI units. They are variables so that their products are rounded as in Python.
var (
	acrobotGravity = 9.8
	acrobotTick    = 0.2
	rodMass        = 1.0
	rodLength      = 1.0
	rodCentre      = 0.5 // of mass, from its joint
	rodMoment      = 1.0
)

// NewAcrobot is the environment with Gymnasium's settings.
func NewAcrobot() *Acrobot {
	high := []float32{1, 1, 1, 1, 4 * math.Pi, 9 * math.Pi}
	low := make([]float32, len(high))
	for i := range high {
		low[i] = -high[i]
	}
	return &Acrobot{observation: NewBox(low, high), action: NewDiscrete(3)}
}

// Reset draws a start.
func (a *Acrobot) Reset(seed int) ([]float32, Info) {
	a.random = reseed(a.random, seed)
	var start [4]float32
	for i := range start {
		start[i] = float32(a.random.Uniform(-0.1, 0.1))
		a.state[i] = float64(start[i])
	}
	a.begun = true
	sin1, cos1 := smallSincos32(start[0])
	sin2, cos2 := smallSincos32(start[1])
	return []float32{cos1, sin1, cos2, sin2, start[2], start[3]}, nil
}

// Step swings on by 0.2 s: one step of Runge and Kutta's method of fourth order. An action other than 0 to 2, or a Step
// before the first Reset, is an error.
func (a *Acrobot) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkStep("Acrobot.Step", a.begun, a.action, action)
	torque := float64(action[0]) - 1
	add := func(state [4]float64, by float64, change [4]float64) [4]float64 {
		for i := range state {
			state[i] += float64(by * change[i])
		}
		return state
	}
	half := acrobotTick / 2
	k1 := acrobotChange(a.state, torque)
	k2 := acrobotChange(add(a.state, half, k1), torque)
	k3 := acrobotChange(add(a.state, half, k2), torque)
	k4 := acrobotChange(add(a.state, acrobotTick, k3), torque)
	a.state = add(a.state, acrobotTick/6, add(add(add(k1, 2, k2), 2, k3), 1, k4))
	for i, fastest := range [2]float64{4 * math.Pi, 9 * math.Pi} {
		angle := &a.state[i]
		for *angle > math.Pi {
			*angle -= 2 * math.Pi
		}
		for *angle < -math.Pi {
			*angle += 2 * math.Pi
		}
		a.state[2+i] = min(max(a.state[2+i], -fastest), fastest)
	}

	sin1, cos1 := sincos(a.state[0])
	sin2, cos2 := sincos(a.state[1])
	_, both := sincos(a.state[1] + a.state[0])
	terminated, reward := -cos1-both > 1, -1.0
	if terminated {
		reward = 0
	}
	return []float32{float32(cos1), float32(sin1), float32(cos2), float32(sin2),
		float32(a.state[2]), float32(a.state[3])}, reward, terminated, false, nil
}

// acrobotChange is the state's change a second: the equations of Sutton and Barto's book, each product rounded by
// itself and in the order of Gymnasium.
func acrobotChange(s [4]float64, torque float64) [4]float64 {
	sin2, cos2 := sincos(s[1])
	_, lean2 := sincos(s[0] + s[1] - math.Pi/2)
	_, lean1 := sincos(s[0] - math.Pi/2)
	turn1, turn2 := s[2], s[3]
	d1 := rodMass*rodCentre*rodCentre + rodMass*(rodLength*rodLength+rodCentre*rodCentre+float64(2*rodLength*rodCentre*cos2)) +
		rodMoment + rodMoment
	d2 := rodMass*(rodCentre*rodCentre+float64(rodLength*rodCentre*cos2)) + rodMoment
	phi2 := float64(rodMass * rodCentre * acrobotGravity * lean2)
	phi1 := float64(-rodMass*rodLength*rodCentre*float64(turn2*turn2)*sin2) -
		float64(2*rodMass*rodLength*rodCentre*turn2*turn1*sin2) +
		float64((rodMass*rodCentre+rodMass*rodLength)*acrobotGravity*lean1) + phi2
	turning2 := (torque + float64(d2/d1*phi1) - float64(rodMass*rodLength*rodCentre*float64(turn1*turn1)*sin2) - phi2) /
		(rodMass*rodCentre*rodCentre + rodMoment - float64(d2*d2)/d1)
	turning1 := -(float64(d2*turning2) + phi1) / d1
	return [4]float64{turn1, turn2, turning1, turning2}
}

// smallSincos32 is the sine and cosine of a float32 of at most 0.1, rounded as NumPy does: a state fresh from Reset is
// float32 in Gymnasium, so that NumPy's functions of that precision observe it.
func smallSincos32(x float32) (sin, cos float32) {
	poly := func(at float32, coefficients ...float32) float32 {
		sum := coefficients[0]
		for _, c := range coefficients[1:] {
			sum = float32(math.FMA(float64(sum), float64(at), float64(c)))
		}
		return sum
	}
	xx := x * x
	cos = poly(xx, 0x1.98e616p-16, -0x1.6c06dcp-10, 0x1.55553cp-05, -0.5, 1)
	odd := poly(xx, 0x1.7d3bbcp-19, -0x1.a06bbap-13, 0x1.11119ap-07, -0x1.555556p-03, 0)
	return float32(math.FMA(float64(odd), float64(x), float64(x))), cos
}

// ObservationSpace is a Box of six numbers.
func (a *Acrobot) ObservationSpace() Space { return a.observation }

// ActionSpace is Discrete(3).
func (a *Acrobot) ActionSpace() Space { return a.action }

// Render draws both rods, their joints and the line at 500x500 pixels.
func (a *Acrobot) Render() image.Image {
	const middle, metre = 250.0, 500 / 4.4
	picture := newCanvas(500, 500)
	picture.rectangle(black, 0, middle-metre-1, 500, middle-metre+1)
	x, y, angle := middle, middle, 0.0
	for i := range 2 {
		angle += a.state[i]
		sin, cos := math.Sincos(angle)
		toX, toY := x+metre*sin, y+metre*cos
		picture.line(rodTeal, x, y, toX, toY, 0.2*metre)
		picture.disc(flagYellow, x, y, 0.1*metre)
		x, y = toX, toY
	}
	return picture.RGBA
}
