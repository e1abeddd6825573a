package optim

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// An Optimizer is any of this package's, for code that does not care which.
type Optimizer interface {
	Minimize(loss *eager.Tensor)
	Apply(grads []*eager.Tensor)
	Step()
	ZeroGrad()
	Params() []*eager.Tensor
	Steps() int
	State() map[string]*eager.Tensor
	LoadState(state map[string]*eager.Tensor) error
}

// Common are the settings and the methods that all optimisers have.
type Common struct {
	Rate      float64  // the learning rate; a Schedule sets it before each step
	Schedule  Schedule // nil leaves Rate as it is
	ClipNorm  float64  // gradients are scaled down together so that their norm is at most this; 0 does not clip
	ClipValue float64  // each number of a gradient is brought within -ClipValue and ClipValue; 0 does not clip

	params []*eager.Tensor
	rule   rule
	count  int                        // steps made
	counts []int                      // steps made of each parameter
	memory map[string][]*eager.Tensor // what the rule keeps of each parameter; nil before its first step
}

// A rule changes parameters. It is what distinguishes one optimiser from another.
type rule interface {
	// step changes those parameters that have a gradient, in place.
	step(s eager.Steps)
	// keeps are the names of the tensors that the rule may keep of each parameter; those that it cannot do without, with
	// the present settings, are true.
	keeps() map[string]bool
}

func newCommon(op string, params []*eager.Tensor, rate float64) Common {
	if len(params) == 0 {
		panic(&eager.Error{Op: op, Text: "there are no parameters", Hint: "give it net.Params()"})
	}
	seen := map[*eager.Tensor]int{}
	for i, p := range params {
		switch first, twice := seen[p]; {
		case p == nil:
			panic(&eager.Error{Op: op, Text: fmt.Sprintf("parameter %d is nil", i)})
		case twice:
			panic(&eager.Error{Op: op, Text: fmt.Sprintf("parameters %d and %d are the same tensor: it would be changed twice a step", first, i)})
		case !p.DType().IsFloat():
			panic(&eager.Error{Op: op, Text: fmt.Sprintf("parameter %d is %v: want f32 or f64", i, p.DType())})
		}
		seen[p] = i
	}
	return Common{
		Rate:   rate,
		params: append([]*eager.Tensor(nil), params...),
		counts: make([]int, len(params)),
		memory: map[string][]*eager.Tensor{},
	}
}

// kept is what the rule keeps of each parameter under that name, zeros at first, for those that have had a gradient.
func (c *Common) kept(name string, grads []*eager.Tensor) []*eager.Tensor {
	all := c.memory[name]
	if all == nil {
		all = make([]*eager.Tensor, len(c.params))
		c.memory[name] = all
	}
	for i, g := range grads {
		if g != nil && all[i] == nil {
			all[i] = eager.Keep(eager.ZerosLike(c.params[i]))
		}
	}
	return all
}

// Params are the parameters that it changes.
func (c *Common) Params() []*eager.Tensor { return append([]*eager.Tensor(nil), c.params...) }

// Steps is the number of steps made so far.
func (c *Common) Steps() int { return c.count }

// Minimize makes one step that lowers loss, a scalar: it takes the gradient of its own parameters and applies it.
// Parameters that loss does not depend on stay as they are. It panics when it depends on none.
func (c *Common) Minimize(loss *eager.Tensor) {
	if loss.Size() != 1 {
		panic(&eager.Error{Op: "Minimize", Text: fmt.Sprintf("the loss has shape %v: want a scalar", loss.Shape()), Hint: "reduce it first, as in loss.Mean()"})
	}
	none := &eager.Error{Op: "Minimize", Text: "the loss does not depend on any of the parameters", Hint: "was it made inside NoGrad, or through Detach, or by another network?"}
	if !loss.RequiresGrad() {
		panic(none)
	}
	eager.WithGrad(loss, c.params, func(grads []*eager.Tensor) {
		if !c.apply(grads) {
			panic(none)
		}
	})
}

// Apply makes one step with given gradients, one for each parameter, of its shape; nil leaves a parameter as it is.
func (c *Common) Apply(grads []*eager.Tensor) {
	if len(grads) != len(c.params) {
		panic(&eager.Error{Op: "Apply", Text: fmt.Sprintf("%d gradients for %d parameters", len(grads), len(c.params))})
	}
	for i, g := range grads {
		if p := c.params[i]; g != nil && (g.Shape().String() != p.Shape().String() || g.DType() != p.DType()) {
			panic(&eager.Error{Op: "Apply", Text: fmt.Sprintf("gradient %d is %v%v for a parameter %v%v: want the same", i, g.DType(), g.Shape(), p.DType(), p.Shape())})
		}
	}
	eager.Scope(func() { c.apply(grads) })
}

// Step makes one step with the gradients that Backward left in the parameters. They stay there: see ZeroGrad.
func (c *Common) Step() {
	grads := make([]*eager.Tensor, len(c.params))
	some := false
	for i, p := range c.params {
		grads[i] = p.Grad()
		some = some || grads[i] != nil
	}
	if !some {
		panic(&eager.Error{Op: "Step", Text: "no parameter has a gradient", Hint: "call loss.Backward() first, or use Minimize(loss)"})
	}
	c.Apply(grads)
}

// ZeroGrad drops the gradients that Backward left in the parameters. Without it the next Backward adds to them.
func (c *Common) ZeroGrad() {
	for _, p := range c.params {
		p.ZeroGrad()
	}
}

// apply makes a step, and tells whether there was a gradient at all.
func (c *Common) apply(grads []*eager.Tensor) (some bool) {
	for _, g := range grads {
		some = some || g != nil
	}
	if !some {
		return false
	}
	if c.Schedule != nil {
		c.Rate = c.Schedule.Rate(c.count)
	}
	c.count++
	for i, g := range grads {
		if g != nil {
			c.counts[i]++
		}
	}
	c.rule.step(eager.Steps{Params: c.params, Grads: grads, ClipValue: c.ClipValue, ClipNorm: c.ClipNorm})
	return true
}
