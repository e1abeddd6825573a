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

	over                 []bool    // episodes that have ended and are not reset yet
	latest               []float32 // the observations of all, (n,size); nil before the first Reset
	size                 int       // numbers an observation
	observations, action Space
	noFinal              [][]float32 // n times nil, shared by all steps without one
	noInfos              []Info
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
	v := &Vector{Mode: mode, over: make([]bool, n), noFinal: make([][]float32, n), noInfos: make([]Info, n)}
	for range n {
		v.Envs = append(v.Envs, fresh())
	}
	v.size = v.Envs[0].ObservationSpace().Size()
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
	if v.latest == nil {
		if slices.Contains(mask, false) {
			panic(&eager.Error{Op: "Vector.ResetWhere", Text: "no episode has begun", Hint: "call Reset first"})
		}
		v.latest = make([]float32, len(v.Envs)*v.size)
	}
	for i := range v.Envs {
		if !mask[i] {
			continue
		}
		own := seed
		if seed != Keep {
			own += i
		}
		v.reset(i, own, out)
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
	if v.latest == nil {
		fail("no episode has begun: call Reset first")
	}
	if i := slices.Index(v.over, true); v.Mode == Disabled && i >= 0 {
		fail("the episode of environment %d has ended: call ResetWhere first", i)
	}
	out := v.blank()
	if v.Mode == SameStep {
		out.Final = make([][]float32, len(v.Envs))
	}
	for i := range v.Envs {
		if v.over[i] && v.Mode == NextStep {
			v.reset(i, Keep, out)
			continue
		}
		v.step(i, actions[i*size:(i+1)*size], out)
		v.over[i] = out.Terminated[i] || out.Truncated[i]
		if v.over[i] && v.Mode == SameStep {
			out.Final[i] = slices.Clone(v.place(i))
			v.reset(i, Keep, out)
		}
	}
	return v.gather(out)
}

// step takes one action in the environment i.
func (v *Vector) step(i int, action []float32, out *VectorStep) {
	if cart, limit := v.cart(i); cart != nil {
		out.Rewards[i], out.Terminated[i] = cart.move(action[0], (*[4]float32)(v.place(i)))
		limit.at++
		out.Truncated[i] = limit.at >= limit.Max
		return
	}
	observation, reward, terminated, truncated, info := v.Envs[i].Step(action)
	v.keep("Step", i, observation, info, out)
	out.Rewards[i], out.Terminated[i], out.Truncated[i] = reward, terminated, truncated
}

// cart is the environment i if it is a CartPole as Make gives it, which is stepped without an allocation; else nil.
func (v *Vector) cart(i int) (*CartPole, *TimeLimit) {
	if limit, ok := v.Envs[i].(*TimeLimit); ok {
		if cart, ok := limit.Env.(*CartPole); ok {
			return cart, limit
		}
	}
	return nil, nil
}

// reset begins an episode in the environment i.
func (v *Vector) reset(i, seed int, out *VectorStep) {
	observation, info := v.Envs[i].Reset(seed)
	v.keep("Reset", i, observation, info, out)
	v.over[i] = false
}

// place is where the latest observation of the environment i is.
func (v *Vector) place(i int) []float32 { return v.latest[i*v.size : (i+1)*v.size] }

// keep takes in what an environment gave.
func (v *Vector) keep(from string, i int, observation []float32, info Info, out *VectorStep) {
	if len(observation) != v.size {
		panic(&eager.Error{Op: "Vector." + from, Text: fmt.Sprintf("environment %d gave an observation of %d numbers: wants %d, as the observation space says",
			i, len(observation), v.size)})
	}
	copy(v.place(i), observation)
	if info != nil && &out.Infos[0] == &v.noInfos[0] {
		out.Infos = make([]Info, len(v.Envs))
	}
	if info != nil || &out.Infos[0] != &v.noInfos[0] {
		out.Infos[i] = info
	}
}

func (v *Vector) blank() *VectorStep {
	n := len(v.Envs)
	ends := make([]bool, 2*n)
	return &VectorStep{Rewards: make([]float64, n), Terminated: ends[:n:n], Truncated: ends[n:], Final: v.noFinal, Infos: v.noInfos, Size: v.size}
}

func (v *Vector) gather(out *VectorStep) *VectorStep {
	out.Observations = slices.Clone(v.latest)
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
