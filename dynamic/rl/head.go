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

// draw draws an action from a row with standard deviations, does not cut it at the bounds of a Box, and gives the logarithm
// of its probability, or of its density.
func (h *head) draw(row []float32, random *eager.Rand, action []float32) (logp float64) {
	for _, p := range h.parts {
		if p.box != nil {
			for i := range p.n {
				log, z := float64(row[p.n+i]), random.NormFloat64()
				action[i] = row[i] + float32(math.Exp(log)*z)
				logp -= float64(z*z)/2 + log + halfLogTau
			}
			row, action = row[2*p.n:], action[p.n:]
			continue
		}
		scores := row[:p.n]
		place := pick(scores, random.Float64())
		sum, top := 0.0, float64(scores[likeliest(scores)])
		for _, s := range scores {
			sum += math.Exp(float64(s) - top)
		}
		logp += float64(scores[place]) - top - math.Log(sum)
		action[0] = float32(p.start + place)
		row, action = row[p.n:], action[1:]
	}
	if math.IsNaN(logp) {
		panic(&eager.Error{Op: h.op, Text: "the policy gave NaN for an action's score", Hint: "training has diverged: try a lower rate"})
	}
	return logp
}

// halfLogTau is log(2π)/2, of the density of the normal distribution.
const halfLogTau = 0.91893853320467274178

// cut copies an action to one that the environment takes: within the bounds of each Box.
func (h *head) cut(to, action []float32) {
	copy(to, action)
	for _, p := range h.parts {
		if p.box == nil {
			to = to[1:]
			continue
		}
		for i := range p.n {
			to[i] = min(max(to[i], p.box.Low[i]), p.box.High[i])
		}
		to = to[p.n:]
	}
}

// judge gives, for what a policy gave for n states (n,wide) and n actions as draw makes them, the logarithms of their
// probabilities or densities, (n,1), and the mean entropy of the distributions, a scalar.
func (h *head) judge(out *eager.Tensor, actions []float32) (logp, entropy *eager.Tensor) {
	n, size := out.Dim(0), len(actions)/out.Dim(0)
	column, at := 0, 0
	take := func(width int) *eager.Tensor {
		column += width
		if width == out.Dim(1) {
			return out
		}
		return out.Slice(1, column-width, column)
	}
	add := func(l, e *eager.Tensor) {
		if logp == nil {
			logp, entropy = l, e
		} else {
			logp, entropy = logp.Add(l), entropy.Add(e)
		}
	}
	for _, p := range h.parts {
		if p.box == nil {
			labels := make([]int, n)
			for i := range labels {
				labels[i] = int(actions[i*size+at]) - p.start
			}
			at++
			log := take(p.n).LogSoftmax(1) // (n,actions)
			add(log.Pick(labels), log.Exp().Mul(log).Sum(1).Mean().Neg())
			continue
		}
		values := make([]float32, 0, n*p.n)
		for i := range n {
			values = append(values, actions[i*size+at:i*size+at+p.n]...)
		}
		at += p.n
		mean, log := take(p.n), take(p.n)
		z := eager.FromFloat32(values, n, p.n).Sub(mean).Mul(log.Neg().Exp())
		density := z.Square().Scale(0.5).Add(log).Shift(halfLogTau).Neg() // (n,k)
		add(density.Sum(1).Reshape(n, 1), log.Shift(0.5+halfLogTau).Sum(1).Mean())
	}
	return logp, entropy
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
func likeliest[T float32 | float64](scores []T) int {
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	return best
}
