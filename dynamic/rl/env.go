package rl

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Env is an environment: the interface of Gymnasium 1.x. A struct written in a notebook cell is one when it has
// these four methods.
//
//	env := rl.Make("CartPole-v1")
//	observation, info := env.Reset(7)
//	for over := false; !over; {
//		var terminated, truncated bool
//		observation, reward, terminated, truncated, info = env.Step(env.ActionSpace().Sample())
//		over = terminated || truncated
//	}
type Env interface {
	// Reset begins an episode and gives its first observation. A seed of 0 or more seeds the environment's own
	// random numbers first; Keep goes on with them. An environment that never got a seed begins with seed 0, so that
	// a notebook gives the same numbers every time.
	Reset(seed int) (observation []float32, info Info)
	// Step takes one action. terminated says that the task itself has ended the episode (the pole fell, the goal is
	// reached): nothing follows, so the value of the last state is 0. truncated says that it was cut short from
	// outside (a time limit) although more would have followed. After either, Reset. The observation is a new slice
	// that the caller may keep.
	Step(action []float32) (observation []float32, reward float64, terminated, truncated bool, info Info)
	// ObservationSpace says what Reset and Step give; ActionSpace what Step takes. Both are the same at every call.
	ObservationSpace() Space
	ActionSpace() Space
}

// Info is what an environment tells besides, for people to read and not for learning from. It may be nil.
type Info = map[string]any

// Keep as the seed of Reset means: no new seed, go on with the random numbers where they are.
const Keep = -1

// Action is the action number i of a Discrete space, as Step wants it: env.Step(rl.Action(1)).
func Action(i int) []float32 { return []float32{float32(i)} }

// TimeLimit truncates the episodes of an environment after Max steps, as Gymnasium's wrapper of this name. The
// environments of Make are in one already.
type TimeLimit struct {
	Env Env
	Max int // steps an episode
	at  int // steps since Reset
}

// NewTimeLimit puts a limit of max steps (1 or more) on the episodes of env.
func NewTimeLimit(env Env, max int) *TimeLimit {
	if max < 1 {
		panic(&eager.Error{Op: "NewTimeLimit", Text: fmt.Sprintf("wants a limit of 1 step or more, not %d", max)})
	}
	return &TimeLimit{Env: env, Max: max}
}

// Reset resets the environment inside and begins to count.
func (t *TimeLimit) Reset(seed int) ([]float32, Info) {
	t.at = 0
	return t.Env.Reset(seed)
}

// Step is the environment's step; from the step number Max on, it says truncated.
func (t *TimeLimit) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	observation, reward, terminated, truncated, info := t.Env.Step(action)
	t.at++
	return observation, reward, terminated, truncated || t.at >= t.Max, info
}

// ObservationSpace is that of the environment inside.
func (t *TimeLimit) ObservationSpace() Space { return t.Env.ObservationSpace() }

// ActionSpace is that of the environment inside.
func (t *TimeLimit) ActionSpace() Space { return t.Env.ActionSpace() }

func (t *TimeLimit) inside() Env { return t.Env }

// Inside is the environment without its TimeLimits and other wrappers of this package.
func Inside(env Env) Env {
	for {
		wrapper, wrapped := env.(interface{ inside() Env })
		if !wrapped {
			return env
		}
		env = wrapper.inside()
	}
}

// checkStep panics unless an episode has begun and the action is one of the space.
func checkStep(op string, begun bool, space Space, action []float32) {
	if !begun {
		panic(&eager.Error{Op: op, Text: "no episode has begun", Hint: "call Reset first"})
	}
	if !space.Contains(action) {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("action %v is not in %v", action, space)})
	}
}

// checkForce panics unless an episode has begun and the action is one number; how large it is, is cut later.
func checkForce(op string, begun bool, space Space, action []float32) {
	if len(action) == 1 && !math.IsNaN(float64(action[0])) && begun {
		return
	}
	checkStep(op, begun, space, action)
}
