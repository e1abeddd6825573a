package rl

import (
	"image"
	"strings"
)

// CliffWalking is Gymnasium's CliffWalking-v1 (Sutton and Barto 2018, example 6.6): walk from the lower left corner of
// 4x12 fields to the lower right, along the edge of a cliff. It has no limit of steps.
//
//	observation  the number of the field, row · 12 + column, counted from 0 at the upper left
//	action       0 up, 1 right, 2 down, 3 left; a step off the fields stays where it is
//	reward       -1 for every step, -100 for one off the cliff, which leads back to the start
//	end          terminated at the goal
//
// Make("CliffWalkingSlippery-v1") goes to either side of where a step was meant with the chance of a third each. Info
// has "prob", the chance of what happened.
type CliffWalking struct {
	random      *Generator
	slippery    bool
	field       int
	begun       bool
	observation *Discrete
	action      *Discrete
}

const (
	cliffRows, cliffColumns = 4, 12
	cliffStart, cliffGoal   = 36, 47
)

// NewCliffWalking is the environment; slippery makes a step go astray in two of three cases.
func NewCliffWalking(slippery bool) *CliffWalking {
	return &CliffWalking{slippery: slippery, observation: NewDiscrete(cliffRows * cliffColumns), action: NewDiscrete(4)}
}

// Reset goes to the start.
func (c *CliffWalking) Reset(seed int) ([]float32, Info) {
	c.random = reseed(c.random, seed)
	c.random.Float64() // Gymnasium draws one of the one start
	c.field, c.begun = cliffStart, true
	return []float32{cliffStart}, Info{"prob": 1.0}
}

// Step walks, or slips. An action other than 0 to 3, or a Step before the first Reset, is an error.
func (c *CliffWalking) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	checkStep("CliffWalking.Step", c.begun, c.action, action)
	direction, chances := int(action[0]), []float64{1}
	if c.slippery {
		chances = []float64{1.0 / 3, 1.0 / 3, 1.0 / 3}
		direction += 3 // a quarter turn to the left
	}
	row, column := c.field/cliffColumns, c.field%cliffColumns
	switch (direction + c.random.Choose(chances)) % 4 {
	case 0:
		row = max(row-1, 0)
	case 1:
		column = min(column+1, cliffColumns-1)
	case 2:
		row = min(row+1, cliffRows-1)
	case 3:
		column = max(column-1, 0)
	}
	reward := -1.0
	if c.field = row*cliffColumns + column; overCliff(c.field) {
		c.field, reward = cliffStart, -100
	}
	return []float32{float32(c.field)}, reward, c.field == cliffGoal, false, Info{"prob": chances[0]}
}

func overCliff(field int) bool { return field > cliffStart && field < cliffGoal }

// ObservationSpace is Discrete(48).
func (c *CliffWalking) ObservationSpace() Space { return c.observation }

// ActionSpace is Discrete(4).
func (c *CliffWalking) ActionSpace() Space { return c.action }

// Text is the fields, x where the walker is, C the cliff, T the goal: what Gymnasium renders as "ansi".
func (c *CliffWalking) Text() string {
	var b strings.Builder
	for row := range cliffRows {
		letters := make([]string, cliffColumns)
		for column := range letters {
			switch field := row*cliffColumns + column; {
			case field == c.field:
				letters[column] = "x"
			case field == cliffGoal:
				letters[column] = "T"
			case overCliff(field):
				letters[column] = "C"
			default:
				letters[column] = "o"
			}
		}
		b.WriteString(strings.Join(letters, "  ") + "\n")
	}
	return b.String() + "\n"
}

// Render draws the fields at 40 pixels each: the cliff dark, the goal green, the walker red.
func (c *CliffWalking) Render() image.Image {
	const size = 40
	picture := newCanvas(cliffColumns*size, cliffRows*size)
	for field := range cliffRows * cliffColumns {
		x, y := float64(field%cliffColumns*size), float64(field/cliffColumns*size)
		picture.rectangle(shoreGrey, x, y, x+size, y+size)
		ink := iceBlue
		switch {
		case overCliff(field):
			ink = holeBlue
		case field == cliffGoal:
			ink = goalGreen
		case field == cliffStart:
			ink = shoreGrey
		}
		picture.rectangle(ink, x+1, y+1, x+size-1, y+size-1)
	}
	if c.begun {
		picture.disc(walkerRed, float64(c.field%cliffColumns*size)+size/2, float64(c.field/cliffColumns*size)+size/2, size*0.3)
	}
	return picture.RGBA
}
