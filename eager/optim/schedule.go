package optim

import "math"

// A Schedule says what the learning rate is at each step, counted from 0.
type Schedule interface {
	Rate(step int) float64
}

// Constant is one rate for all steps.
type Constant struct{ Value float64 }

// Rate is Value.
func (s Constant) Rate(int) float64 { return s.Value }

// StepDecay starts at Start and multiplies the rate by Factor every Every steps.
type StepDecay struct {
	Start, Factor float64
	Every         int
}

// Rate is Start*Factor^(step/Every).
func (s StepDecay) Rate(step int) float64 {
	return s.Start * math.Pow(s.Factor, float64(step/max(s.Every, 1)))
}

// Exponential starts at Start and multiplies the rate by Factor at every step.
type Exponential struct{ Start, Factor float64 }

// Rate is Start*Factor^step.
func (s Exponential) Rate(step int) float64 { return s.Start * math.Pow(s.Factor, float64(step)) }

// Linear goes from Start to End in a straight line in Steps steps, and stays there.
type Linear struct {
	Start, End float64
	Steps      int
}

// Rate is Start + (End-Start)*step/Steps, and End from Steps on.
func (s Linear) Rate(step int) float64 {
	if step >= s.Steps {
		return s.End
	}
	return s.Start + (s.End-s.Start)*float64(step)/float64(s.Steps)
}

// Cosine goes from Start to End along half a cosine in Steps steps, and stays there (Loshchilov and Hutter 2017).
type Cosine struct {
	Start, End float64
	Steps      int
}

// Rate is End + (Start-End)*(1+cos(pi*step/Steps))/2, and End from Steps on.
func (s Cosine) Rate(step int) float64 {
	if step >= s.Steps {
		return s.End
	}
	return s.End + (s.Start-s.End)*(1+math.Cos(math.Pi*float64(step)/float64(s.Steps)))/2
}

// WarmUp raises the rate in a straight line, in Steps steps, to that with which Then begins, and goes on with Then.
type WarmUp struct {
	Steps int
	Then  Schedule
}

// Rate is Then.Rate(0)*(step+1)/Steps while step is below Steps, then Then.Rate(step-Steps).
func (s WarmUp) Rate(step int) float64 {
	if step < s.Steps {
		return s.Then.Rate(0) * float64(step+1) / float64(s.Steps)
	}
	return s.Then.Rate(step - s.Steps)
}

type ownSchedule struct{ f func(step int) float64 }

func (s ownSchedule) Rate(step int) float64 { return s.f(step) }

// NewSchedule makes a schedule of a function.
func NewSchedule(f func(step int) float64) Schedule { return ownSchedule{f} }
