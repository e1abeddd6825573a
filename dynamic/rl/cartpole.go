package rl

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// CartPole is Gymnasium's CartPole-v1 without its limit of 500 steps (Make puts that on): a pole stands on a cart by
// a free joint, and pushes to the left or right shall keep it up (Barto, Sutton and Anderson 1983). Make("CartPole-v1")
// counts as solved at a mean of 475 over 100 episodes.
//
//	observation  0  position of the cart        -4.8 .. 4.8      m
//	             1  its velocity                -inf .. inf      m/s
//	             2  angle of the pole         -0.418 .. 0.418    rad, 0 is upright
//	             3  its angular velocity        -inf .. inf      rad/s
//	action       0  push the cart to the left with 10 N, 1 to the right, for 0.02 s
//	reward       1 for every step, the last included
//	start        each of the four uniform in -0.05 .. 0.05
//	end          terminated when the position leaves ±2.4 m or the angle ±12°
type CartPole struct {
	// SuttonBarto pays 0 for every step and -1 for the one that ends the episode instead.
	SuttonBarto bool
	// Low and High bound the four numbers of the start.
	Low, High float64

	random       *Generator
	begun, ended bool
	x, v         float64 // position and velocity of the cart
	angle, turn  float64 // angle and angular velocity of the pole
	observation  *Box
	action       *Discrete
}

// What the laws of motion need, in SI units. They are variables so that their sums are rounded as in Python.
var (
	cartGravity  = 9.8
	cartMass     = 1.0
	poleMass     = 0.1
	cartPoleMass = poleMass + cartMass
	poleHalf     = 0.5 // half the pole's length
	poleMoment   = poleMass * poleHalf
	cartForce    = 10.0
	cartTick     = 0.02
	cartEdge     = 2.4
	poleFallen   = twelve * 2 * math.Pi / 360
	twelve       = 12.0
)

// NewCartPole is the environment with Gymnasium's settings.
func NewCartPole() *CartPole {
	far := float32(math.Inf(1))
	high := []float32{float32(cartEdge * 2), far, float32(poleFallen * 2), far}
	low := make([]float32, len(high))
	for i := range high {
		low[i] = -high[i]
	}
	return &CartPole{Low: -0.05, High: 0.05, observation: NewBox(low, high), action: NewDiscrete(2)}
}

// Reset draws a start. A Low that is not at most High is an error.
func (c *CartPole) Reset(seed int) ([]float32, Info) {
	if !(c.Low <= c.High) {
		panic(&eager.Error{Op: "CartPole.Reset", Text: fmt.Sprintf("Low %v is not at most High %v", c.Low, c.High)})
	}
	c.random = reseed(c.random, seed)
	for _, number := range []*float64{&c.x, &c.v, &c.angle, &c.turn} {
		*number = c.random.Uniform(c.Low, c.High)
	}
	c.begun, c.ended = true, false
	observation := new([4]float32)
	c.observe(observation)
	return observation[:], nil
}

// Step moves cart and pole on by 0.02 s (Euler's method). An action other than 0 and 1, or a Step before the first
// Reset, is an error. As in Gymnasium, steps after the end pay nothing and mean nothing.
func (c *CartPole) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	if !c.begun || len(action) != 1 {
		checkStep("CartPole.Step", c.begun, c.action, action)
	}
	observation := new([4]float32)
	reward, terminated := c.move(action[0], observation)
	return observation[:], reward, terminated, false, nil
}

// move is Step after Reset, with its observation written where it is wanted.
func (c *CartPole) move(action float32, observation *[4]float32) (reward float64, terminated bool) {
	if action != 0 && action != 1 {
		checkStep("CartPole.Step", true, c.action, []float32{action})
	}
	force := (2*float64(action) - 1) * cartForce // without a branch, which a processor would guess wrong half the time
	sin, cos := sincos(c.angle)
	// Florian (2005), Correct equations for the dynamics of the cart-pole system, without friction. Each product is
	// rounded by itself, as Python does: a float64(...) keeps the compiler from fusing it with the sum.
	push := (force + float64(poleMoment*float64(c.turn*c.turn)*sin)) / cartPoleMass
	angular := (float64(cartGravity*sin) - float64(cos*push)) /
		(poleHalf * (4.0/3.0 - float64(poleMass*float64(cos*cos))/cartPoleMass))
	linear := push - float64(poleMoment*angular*cos)/cartPoleMass

	c.x += float64(cartTick * c.v)
	c.v += float64(cartTick * linear)
	c.angle += float64(cartTick * c.turn)
	c.turn += float64(cartTick * angular)
	c.observe(observation)

	terminated = c.x < -cartEdge || c.x > cartEdge || c.angle < -poleFallen || c.angle > poleFallen
	reward = 1
	switch {
	case c.SuttonBarto && terminated:
		reward = -1
	case c.SuttonBarto || terminated && c.ended:
		reward = 0
	}
	c.ended = c.ended || terminated
	return reward, terminated
}

// ObservationSpace is a Box of four numbers.
func (c *CartPole) ObservationSpace() Space { return c.observation }

// ActionSpace is Discrete(2).
func (c *CartPole) ActionSpace() Space { return c.action }

func (c *CartPole) observe(to *[4]float32) {
	*to = [4]float32{float32(c.x), float32(c.v), float32(c.angle), float32(c.turn)}
}

// reseed is what every Reset does with the environment's generator.
func reseed(g *Generator, seed int) *Generator {
	switch {
	case seed != Keep:
		return NewGenerator(seed)
	case g == nil:
		return NewGenerator(0)
	}
	return g
}
