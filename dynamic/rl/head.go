package rl

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// head makes actions of what a policy gives for states. A Discrete of n has a score (logit) for each action; a Box of n
// numbers has either the n numbers themselves, or n means and then n logarithms of standard deviations of normal
// distributions; several spaces together have theirs one after the other.
type head struct {
	op           string
	space        Space
	parts        []part
	narrow, wide int // numbers for a state, without and with the standard deviations of Boxes
}

// part is one space of a head: n scores from start on, or the numbers of a box.
type part struct {
	n, start int
	box      *Box
}

func newHead(op string, space Space) *head {
	h := &head{op: op, space: space}
	h.add(space)
	return h
}

func (h *head) add(space Space) {
	switch s := space.(type) {
	case *Discrete:
		h.discrete(s.N, s.Start)
	case *MultiDiscrete:
		for i, n := range s.N {
			h.discrete(n, s.Start[i])
		}
	case *Box:
		h.parts = append(h.parts, part{n: s.Size(), box: s})
		h.narrow, h.wide = h.narrow+s.Size(), h.wide+2*s.Size()
	case *Tuple:
		for _, one := range s.Spaces {
			h.add(one)
		}
	default:
		panic(&eager.Error{Op: h.op, Text: fmt.Sprintf("the action space is %v: wants a Discrete, a Box, a MultiDiscrete or a Tuple of these", space)})
	}
}

func (h *head) discrete(n, start int) {
	h.parts = append(h.parts, part{n: n, start: start})
	h.narrow, h.wide = h.narrow+n, h.wide+n
}

// wants says in words what a policy must give for n states.
func (h *head) wants(n int) string {
	narrow, wide := eager.Shape{n, h.narrow}, eager.Shape{n, h.wide}
	switch h.space.(type) {
	case *Discrete:
		return fmt.Sprintf("a score for each action, %v", narrow)
	case *Box:
		return fmt.Sprintf("the action, %v, or means and logarithms of standard deviations, %v", narrow, wide)
	}
	if h.wide == h.narrow {
		return narrow.String()
	}
	return fmt.Sprintf("%v, or with standard deviations %v", narrow, wide)
}

// choose runs a policy, without recording, on n states in row-major order and gives an action of each. It draws them from
// random, or takes the likeliest where random is nil.
func (h *head) choose(policy func(states *eager.Tensor) *eager.Tensor, states []float32, n int, random *eager.Rand) [][]float32 {
	var out *eager.Tensor
	eager.NoGrad(func() { out = policy(eager.FromFloat32(states, n, len(states)/n)) })
	width := out.Size() / n
	if out.Size()%n != 0 || width != h.narrow && width != h.wide {
		given := "states"
		if n == 1 {
			given = "a state"
		}
		panic(&eager.Error{Op: h.op, Text: fmt.Sprintf("the policy gave %v for %s %v: wants %s",
			out.Shape(), given, eager.Shape{n, len(states) / n}, h.wants(n))})
	}
	values, actions := out.Float32s(), make([][]float32, n)
	for i := range actions {
		actions[i] = h.action(values[i*width:(i+1)*width], random)
	}
	return actions
}

// action makes one of a row.
func (h *head) action(row []float32, random *eager.Rand) []float32 {
	for _, v := range row {
		if v != v {
			panic(&eager.Error{Op: h.op, Text: "the policy gave NaN for an action's score",
				Hint: "training has diverged: try a lower rate"})
		}
	}
	spread := len(row) > h.narrow
	action := make([]float32, 0, h.space.Size())
	for _, p := range h.parts {
		switch {
		case p.box != nil:
			for i := range p.n {
				x := row[i]
				if spread && random != nil {
					x += float32(math.Exp(float64(row[p.n+i])) * random.NormFloat64())
				}
				action = append(action, min(max(x, p.box.Low[i]), p.box.High[i]))
			}
			if row = row[p.n:]; spread {
				row = row[p.n:]
			}
		case random != nil:
			action = append(action, float32(p.start+pick(row[:p.n], random.Float64())))
			row = row[p.n:]
		default:
			action = append(action, float32(p.start+likeliest(row[:p.n])))
			row = row[p.n:]
		}
	}
	return action
}

// pick is the place of a score drawn with the chances softmax(scores) by one uniform number.
func pick(scores []float32, uniform float64) int {
	top := float64(scores[likeliest(scores)])
	sum := 0.0
	for _, s := range scores {
		sum += math.Exp(float64(s) - top)
	}
	left := uniform * sum
	for i, s := range scores {
		if left -= math.Exp(float64(s) - top); left < 0 {
			return i
		}
	}
	return likeliest(scores) // what is left by rounding
}

// likeliest is the place of the highest score, the first of equals.
func likeliest(scores []float32) int {
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	return best
}
