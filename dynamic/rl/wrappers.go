package rl

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// The wrappers of this file are Gymnasium's of the same names: an environment in another, which is changed on its way.
// They go inside each other in any order; rl.Inside finds what is innermost.

// EpisodeStatistics adds up each episode: Gymnasium's RecordEpisodeStatistics. The Info of an episode's last step has
// "episode_reward", a float64, and "episode_length", an int.
type EpisodeStatistics struct {
	Env
	Rewards []float64 // the sum of rewards of every whole episode so far
	Lengths []int     // its steps

	reward float64
	steps  int
}

// NewEpisodeStatistics counts the episodes of env.
func NewEpisodeStatistics(env Env) *EpisodeStatistics { return &EpisodeStatistics{Env: env} }

// Reset begins a new sum; what an episode without end has brought is forgotten.
func (e *EpisodeStatistics) Reset(seed int) ([]float32, Info) {
	e.reward, e.steps = 0, 0
	return e.Env.Reset(seed)
}

// Step is the environment's.
func (e *EpisodeStatistics) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	observation, reward, terminated, truncated, info := e.Env.Step(action)
	e.reward += reward
	e.steps++
	if terminated || truncated {
		e.Rewards, e.Lengths = append(e.Rewards, e.reward), append(e.Lengths, e.steps)
		if info = maps.Clone(info); info == nil {
			info = Info{}
		}
		info["episode_reward"], info["episode_length"] = e.reward, e.steps
	}
	return observation, reward, terminated, truncated, info
}

func (e *EpisodeStatistics) inside() Env { return e.Env }

// NormalizeObservation shifts and scales every number of an observation to mean 0 and variance 1 over all that it has
// seen, by running moments in float32. Frozen stops their change, as for a test.
type NormalizeObservation struct {
	Env
	Frozen bool

	Mean, Variance []float32 // so far
	count          float64
	space          *Box
}

// Gymnasium's constants of both normalisations: what the count of the moments begins with, and what is added to a
// variance before its root.
const (
	momentsBegin  = 1e-4
	varianceFloor = 1e-8
)

// NewNormalizeObservation normalises the observations of env.
func NewNormalizeObservation(env Env) *NormalizeObservation {
	size, shape := env.ObservationSpace().Size(), []int(nil)
	if box, ok := env.ObservationSpace().(*Box); ok {
		shape = box.Shape
	}
	inf := float32(math.Inf(1))
	return &NormalizeObservation{Env: env, Mean: make([]float32, size), Variance: slices.Repeat([]float32{1}, size),
		count: momentsBegin, space: NewBox(slices.Repeat([]float32{-inf}, size), slices.Repeat([]float32{inf}, size), shape...)}
}

// Reset is the environment's; the moments stay.
func (n *NormalizeObservation) Reset(seed int) ([]float32, Info) {
	observation, info := n.Env.Reset(seed)
	return n.normalize(observation), info
}

// Step is the environment's.
func (n *NormalizeObservation) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	observation, reward, terminated, truncated, info := n.Env.Step(action)
	return n.normalize(observation), reward, terminated, truncated, info
}

// ObservationSpace is a Box without bounds.
func (n *NormalizeObservation) ObservationSpace() Space { return n.space }

func (n *NormalizeObservation) normalize(observation []float32) []float32 {
	out := make([]float32, len(observation))
	count, total := float32(n.count), float32(n.count+1)
	for i, x := range observation {
		if !n.Frozen {
			delta := x - n.Mean[i]
			n.Mean[i] += float32(delta / total)
			squares := float32(n.Variance[i]*count) + float32(float32(float32(delta*delta)*count)/total)
			n.Variance[i] = squares / total
		}
		out[i] = (x - n.Mean[i]) / float32(math.Sqrt(float64(n.Variance[i]+varianceFloor)))
	}
	if !n.Frozen {
		n.count++
	}
	return out
}

func (n *NormalizeObservation) inside() Env { return n.Env }

// NormalizeReward divides rewards by the spread of the discounted sum of rewards over all that it has seen. Frozen stops
// the change of that spread, as for a test.
type NormalizeReward struct {
	Env
	Gamma  float64 // the discount
	Frozen bool

	sum                   float64 // discounted, of the rewards so far
	mean, variance, count float64 // of the sums
}

// NewNormalizeReward normalises the rewards of env; gamma, the discount, is 0 to 1 (Gymnasium: 0.99).
func NewNormalizeReward(env Env, gamma float64) *NormalizeReward {
	if !(gamma >= 0 && gamma <= 1) {
		panic(&eager.Error{Op: "NewNormalizeReward", Text: fmt.Sprintf("gamma is %v: wants 0 to 1", gamma)})
	}
	return &NormalizeReward{Env: env, Gamma: gamma, variance: 1, count: momentsBegin}
}

// Step is the environment's.
func (n *NormalizeReward) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	observation, reward, terminated, truncated, info := n.Env.Step(action)
	if n.sum *= n.Gamma; terminated {
		n.sum = 0
	}
	n.sum += reward
	if !n.Frozen {
		delta, total := n.sum-n.mean, n.count+1
		n.mean += delta / total
		n.variance = (float64(n.variance*n.count) + float64(float64(delta*delta)*n.count)/total) / total
		n.count = total
	}
	return observation, reward / math.Sqrt(n.variance+varianceFloor), terminated, truncated, info
}

func (n *NormalizeReward) inside() Env { return n.Env }

// ClipReward cuts rewards at Low and High.
type ClipReward struct {
	Env
	Low, High float64
}

// NewClipReward cuts the rewards of env at low and high. A low above high is an error.
func NewClipReward(env Env, low, high float64) *ClipReward {
	if !(low <= high) {
		panic(&eager.Error{Op: "NewClipReward", Text: fmt.Sprintf("low %v is not at most high %v", low, high)})
	}
	return &ClipReward{env, low, high}
}

// Step is the environment's.
func (c *ClipReward) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	observation, reward, terminated, truncated, info := c.Env.Step(action)
	return observation, min(max(reward, c.Low), c.High), terminated, truncated, info
}

func (c *ClipReward) inside() Env { return c.Env }

// ClipAction takes every action and cuts it at the bounds of the action space.
type ClipAction struct {
	Env
	bounds, space *Box
}

// NewClipAction cuts the actions of env, whose action space must be a Box.
func NewClipAction(env Env) *ClipAction {
	box, ok := env.ActionSpace().(*Box)
	if !ok {
		panic(&eager.Error{Op: "NewClipAction", Text: fmt.Sprintf("the action space is %v: wants a Box", env.ActionSpace())})
	}
	inf := float32(math.Inf(1))
	return &ClipAction{env, box, NewBox(slices.Repeat([]float32{-inf}, box.Size()), slices.Repeat([]float32{inf}, box.Size()), box.Shape...)}
}

// Step is the environment's, with the action cut.
func (c *ClipAction) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	if len(action) != c.bounds.Size() {
		return c.Env.Step(action) // which tells what is wrong
	}
	cut := make([]float32, len(action))
	for i, x := range action {
		cut[i] = min(max(x, c.bounds.Low[i]), c.bounds.High[i])
	}
	return c.Env.Step(cut)
}

// ActionSpace is a Box without bounds.
func (c *ClipAction) ActionSpace() Space { return c.space }

func (c *ClipAction) inside() Env { return c.Env }

// FrameStack gives the last observations together, the oldest first: Gymnasium's FrameStackObservation. At the start
// of an episode, the first one stands for those before.
type FrameStack struct {
	Env
	frames [][]float32
	space  Space
}

// NewFrameStack gives the last n (1 or more) observations of env.
func NewFrameStack(env Env, n int) *FrameStack {
	if n < 1 {
		panic(&eager.Error{Op: "NewFrameStack", Text: fmt.Sprintf("wants 1 frame or more, not %d", n)})
	}
	return &FrameStack{env, make([][]float32, n), repeated(env.ObservationSpace(), n)}
}

// Reset is the environment's.
func (f *FrameStack) Reset(seed int) ([]float32, Info) {
	observation, info := f.Env.Reset(seed)
	for i := range f.frames {
		f.frames[i] = observation
	}
	return slices.Concat(f.frames...), info
}

// Step is the environment's.
func (f *FrameStack) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	observation, reward, terminated, truncated, info := f.Env.Step(action)
	f.frames = append(f.frames[1:], observation)
	return slices.Concat(f.frames...), reward, terminated, truncated, info
}

// ObservationSpace is that of n observations.
func (f *FrameStack) ObservationSpace() Space { return f.space }

func (f *FrameStack) inside() Env { return f.Env }
