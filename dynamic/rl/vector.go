package rl

import (
	"fmt"
	"math"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// Autoreset says when a Vector resets an environment whose episode has ended: Gymnasium's AutoresetMode.
type Autoreset int

const (
	// NextStep resets instead of the next step: that ignores its action, has reward 0 and ends nothing. A step after
	// an end is thus no transition and not to be learned from.
	NextStep Autoreset = iota
	// SameStep resets at once: Observations are those of the new episode, and the last one of the old is in Final.
	SameStep
	// Disabled leaves it to ResetWhere; a Step before that is an error.
	Disabled
)

// Vector is several environments of one kind, stepped together: Gymnasium's SyncVectorEnv.
type Vector struct {
	Envs []Env
	Mode Autoreset

	over                 []bool // episodes that have ended and are not reset yet
	latest               [][]float32
	observations, action Space
}

// VectorStep is what a Vector of n environments gives: one of each for every environment, in order.
type VectorStep struct {
	Observations          []float32 // (n,Size) in row-major order
	Rewards               []float64
	Terminated, Truncated []bool
	Final                 [][]float32 // under SameStep the last observation of an episode that ended, else nil
	Infos                 []Info      // of the step; where a SameStep has reset, of the reset
	Size                  int         // numbers an observation
}

// States is the observations as a tensor (n,Size).
func (s *VectorStep) States() *eager.Tensor {
	return eager.FromFloat32(slices.Clone(s.Observations), len(s.Rewards), s.Size)
}

// MakeVector is n (1 or more) environments of an id, as Make gives them.
func MakeVector(id string, n int, mode Autoreset) *Vector {
	return NewVector(func() Env { return Make(id) }, n, mode)
}

// NewVector is n (1 or more) environments that fresh makes.
func NewVector(fresh func() Env, n int, mode Autoreset) *Vector {
	if n < 1 || mode < NextStep || mode > Disabled {
		panic(&eager.Error{Op: "NewVector", Text: fmt.Sprintf("%d environments in mode %d: wants 1 or more, and a known mode", n, mode)})
	}
	v := &Vector{Mode: mode, over: make([]bool, n), latest: make([][]float32, n)}
	for range n {
		v.Envs = append(v.Envs, fresh())
	}
	v.observations, v.action = repeated(v.Envs[0].ObservationSpace(), n), repeated(v.Envs[0].ActionSpace(), n)
	return v
}

// Reset begins an episode in every environment. A seed of 0 or more seeds the first one by it, the second by the next
// higher and so on; with Keep all go on with their random numbers.
func (v *Vector) Reset(seed int) *VectorStep {
	all := make([]bool, len(v.Envs))
	for i := range all {
		all[i] = true
	}
	return v.ResetWhere(all, seed)
}

// ResetWhere is Reset for the environments where mask (one for each) is true; the others stay as they are.
func (v *Vector) ResetWhere(mask []bool, seed int) *VectorStep {
	if len(mask) != len(v.Envs) || !slices.Contains(mask, true) {
		panic(&eager.Error{Op: "Vector.ResetWhere", Text: fmt.Sprintf("mask %v: wants one for each of the %d environments, and one that is true", mask, len(v.Envs))})
	}
	out := v.blank()
	for i, env := range v.Envs {
		if !mask[i] {
			if v.latest[i] == nil {
				panic(&eager.Error{Op: "Vector.ResetWhere", Text: "no episode has begun", Hint: "call Reset first"})
			}
			continue
		}
		own := seed
		if seed != Keep {
			own += i
		}
		v.latest[i], out.Infos[i] = env.Reset(own)
		v.over[i] = false
	}
	return v.gather(out)
}

// Step takes one action in every environment: actions are the values of the action space one after the other. A wrong
// number of them, a Step before the first Reset and, with Disabled, one of an ended episode are errors.
func (v *Vector) Step(actions []float32) *VectorStep {
	fail := func(format string, values ...any) {
		panic(&eager.Error{Op: "Vector.Step", Text: fmt.Sprintf(format, values...)})
	}
	size := v.Envs[0].ActionSpace().Size()
	if len(actions) != size*len(v.Envs) {
		fail("%d numbers as actions of %d environments: wants %d for each", len(actions), len(v.Envs), size)
	}
	if v.latest[0] == nil {
		fail("no episode has begun: call Reset first")
	}
	if i := slices.Index(v.over, true); v.Mode == Disabled && i >= 0 {
		fail("the episode of environment %d has ended: call ResetWhere first", i)
	}
	out := v.blank()
	for i, env := range v.Envs {
		if v.over[i] && v.Mode == NextStep {
			v.latest[i], out.Infos[i] = env.Reset(Keep)
			v.over[i] = false
			continue
		}
		v.latest[i], out.Rewards[i], out.Terminated[i], out.Truncated[i], out.Infos[i] = env.Step(actions[i*size : (i+1)*size])
		v.over[i] = out.Terminated[i] || out.Truncated[i]
		if v.over[i] && v.Mode == SameStep {
			out.Final[i] = v.latest[i]
			v.latest[i], out.Infos[i] = env.Reset(Keep)
			v.over[i] = false
		}
	}
	return v.gather(out)
}

func (v *Vector) blank() *VectorStep {
	n := len(v.Envs)
	return &VectorStep{Rewards: make([]float64, n), Terminated: make([]bool, n), Truncated: make([]bool, n),
		Final: make([][]float32, n), Infos: make([]Info, n), Size: v.Envs[0].ObservationSpace().Size()}
}

func (v *Vector) gather(out *VectorStep) *VectorStep {
	out.Observations = slices.Concat(v.latest...)
	return out
}

// ObservationSpace is that of all observations together.
func (v *Vector) ObservationSpace() Space { return v.observations }

// ActionSpace is that of all actions together: v.Step(v.ActionSpace().Sample()).
func (v *Vector) ActionSpace() Space { return v.action }

// repeated is the space of n values of a space.
func repeated(space Space, n int) Space {
	switch one := space.(type) {
	case *Discrete:
		many := &MultiDiscrete{N: make([]int, n), Start: make([]int, n)}
		for i := range n {
			many.N[i], many.Start[i] = one.N, one.Start
		}
		return many
	case *Box:
		return NewBox(slices.Repeat(one.Low, n), slices.Repeat(one.High, n), append([]int{n}, one.Shape...)...)
	}
	return NewTuple(slices.Repeat([]Space{space}, n))
}

// MultiDiscrete is several whole numbers, each one of the N[i] from Start[i].
type MultiDiscrete struct {
	N, Start []int
	random   *Generator
}

// Sample draws every number, each value as likely as the others.
func (m *MultiDiscrete) Sample() []float32 {
	if m.random == nil {
		m.Seed(0)
	}
	out := make([]float32, len(m.N))
	for i, n := range m.N {
		out[i] = float32(m.Start[i] + int(m.random.Float64()*float64(n)))
	}
	return out
}

// Seed begins the draws of this seed anew.
func (m *MultiDiscrete) Seed(seed int) { m.random = NewGenerator(seed) }

// Contains tells whether value is one whole number of each of the N.
func (m *MultiDiscrete) Contains(value []float32) bool {
	if len(value) != len(m.N) {
		return false
	}
	for i, x := range value {
		if at := float64(x) - float64(m.Start[i]); at != math.Trunc(at) || at < 0 || at >= float64(m.N[i]) {
			return false
		}
	}
	return true
}

// Size is how many numbers there are.
func (m *MultiDiscrete) Size() int { return len(m.N) }

func (m *MultiDiscrete) String() string {
	return fmt.Sprintf("MultiDiscrete(%v)", m.N)
}
