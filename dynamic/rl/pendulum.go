package rl

import (
	"image"
	"math"
)

// Pendulum is Gymnasium's Pendulum-v1 without its limit of 200 steps (Make puts that on): swing up a rod of 1 m and
// 1 kg by a motor at its end that is too weak to do it at once, and keep it upright.
//
//	observation  0  cosine of the angle, 1 upright   -1 .. 1
//	             1  its sine                         -1 .. 1
//	             2  angular velocity                 -8 .. 8     rad/s
//	action       the torque, -2 .. 2 N·m for 0.05 s; more is cut
//	reward       -(angle² + velocity²/10 + torque²/1000), the angle from -π to π
//	start        angle uniform in -π .. π, velocity in -1 .. 1
//	end          never terminated
type Pendulum struct {
	// Gravity is 10 m/s².
	Gravity float64

	random              *Generator
	begun               bool
	angle, turn         float64
	observation, action *Box
}

const (
	pendulumFastest, pendulumStrongest = 8, 2
	pendulumTick                       = 0.05
)

// NewPendulum is the environment with Gymnasium's settings.
func NewPendulum() *Pendulum {
	return &Pendulum{Gravity: 10, action: NewBox([]float32{-pendulumStrongest}, []float32{pendulumStrongest}),
		observation: NewBox([]float32{-1, -1, -pendulumFastest}, []float32{1, 1, pendulumFastest})}
}

// Reset draws a start.
func (p *Pendulum) Reset(seed int) ([]float32, Info) {
	p.random = reseed(p.random, seed)
	p.angle = p.random.Uniform(-math.Pi, math.Pi)
	p.turn = p.random.Uniform(-1, 1)
	p.begun = true
	return p.observe(), nil
}

// Step swings on by 0.05 s. An action that is not one number, or a Step before the first Reset, is an error.
func (p *Pendulum) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkForce("Pendulum.Step", p.begun, p.action, action)
	torque := min(max(action[0], -pendulumStrongest), pendulumStrongest)
	// The terms of the torque alone are float32, as in Gymnasium with NumPy 2.
	effort := 0.001 * float32(torque*torque)
	angle := wholeTurnsOff(p.angle)
	cost := float64(angle*angle) + float64(0.1*float64(p.turn*p.turn)) + float64(effort)

	sin, _ := sincos(p.angle)
	push := float32(3 * torque)
	p.turn += float64((float64(3*p.Gravity/2*sin) + float64(push)) * pendulumTick)
	p.turn = min(max(p.turn, -pendulumFastest), pendulumFastest)
	p.angle += float64(p.turn * pendulumTick)
	return p.observe(), -cost, false, false, nil
}

// wholeTurnsOff is the angle from -π to π, by Python's remainder, which has the sign of the divisor.
func wholeTurnsOff(angle float64) float64 {
	rest := math.Mod(angle+math.Pi, 2*math.Pi)
	if rest < 0 {
		rest += 2 * math.Pi
	}
	return rest - math.Pi
}

// ObservationSpace is a Box of three numbers.
func (p *Pendulum) ObservationSpace() Space { return p.observation }

// ActionSpace is a Box of one number, -2 to 2.
func (p *Pendulum) ActionSpace() Space { return p.action }

func (p *Pendulum) observe() []float32 {
	sin, cos := sincos(p.angle)
	return []float32{float32(cos), float32(sin), float32(p.turn)}
}

// Render draws the rod and its axle at 500x500 pixels.
func (p *Pendulum) Render() image.Image {
	const middle, metre = 250.0, 500 / 4.4
	picture := newCanvas(500, 500)
	sin, cos := math.Sincos(p.angle)
	x, y := middle-metre*sin, middle-metre*cos // angles grow to the left
	picture.line(poleWood, middle, middle, x, y, 0.2*metre)
	picture.disc(poleWood, middle, middle, 0.1*metre)
	picture.disc(poleWood, x, y, 0.1*metre)
	picture.disc(black, middle, middle, 0.05*metre)
	return picture.RGBA
}
