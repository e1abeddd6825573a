package optim

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// State is a copy of all that the optimiser has gathered, by name: "step" and "steps" (of each parameter), "rate", and
// for parameter 0 "0.m" or what else the rule keeps. Saved beside the state of the network, it continues a run exactly.
func (c *Common) State() map[string]*eager.Tensor {
	state := map[string]*eager.Tensor{
		"step":  eager.FromInts([]int{c.count}),
		"steps": eager.FromInts(c.counts, len(c.counts)),
		"rate":  eager.FromFloat64([]float64{c.Rate}),
	}
	for name, all := range c.memory {
		for i, x := range all {
			if x != nil {
				state[place(i, name)] = x.Detach().Clone()
			}
		}
	}
	for _, x := range state {
		eager.Keep(x)
	}
	return state
}

func place(i int, name string) string { return fmt.Sprintf("%d.%s", i, name) }

// LoadState takes over what State gave, also the rate. Where the state is of another kind of optimiser or of other
// parameters, nothing is changed and the error lists all that does not fit.
func (c *Common) LoadState(state map[string]*eager.Tensor) error {
	var wrong []error
	fit := func(name string, d eager.DType, shape eager.Shape) bool {
		x := state[name]
		switch {
		case x == nil:
			wrong = append(wrong, fmt.Errorf("  missing: %s %v", name, shape))
		case x.DType() != d || !slices.Equal(x.Shape(), shape):
			wrong = append(wrong, fmt.Errorf("  wrong: %s is %v%v, want %v%v", name, x.DType(), x.Shape(), d, shape))
		default:
			return true
		}
		return false
	}
	known := map[string]bool{"step": true, "steps": true, "rate": true}
	var counts []int
	if fit("steps", eager.Int64, eager.Shape{len(c.params)}) {
		counts = state["steps"].Ints()
	}
	fit("step", eager.Int64, eager.Shape{})
	fit("rate", eager.Float64, eager.Shape{})
	memory := map[string][]*eager.Tensor{}
	keeps := c.rule.keeps()
	for _, name := range slices.Sorted(maps.Keys(keeps)) {
		memory[name] = make([]*eager.Tensor, len(c.params))
		for i, p := range c.params {
			at := place(i, name)
			known[at] = true
			wanted := keeps[name] && counts != nil && counts[i] > 0
			if (wanted || state[at] != nil) && fit(at, p.DType(), p.Shape()) {
				memory[name][i] = eager.Keep(state[at].Detach().Clone())
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(state)) {
		if !known[name] {
			wrong = append(wrong, fmt.Errorf("  unexpected: %s %v", name, state[name].Shape()))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the state does not fit the optimiser; nothing was changed\n%w", errors.Join(wrong...))
	}
	c.count, c.counts, c.memory = int(state["step"].Item()), counts, memory
	c.Rate = state["rate"].Item()
	return nil
}
