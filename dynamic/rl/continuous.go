package rl

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// Bounded is a policy for the numbers of a Box with two bounds each: what a network gives goes through tanh and is
// stretched to lie within the bounds.
type Bounded struct {
	Net          nn.Layer      // states (n,size) to (n,k), or (n,2k) of which the first k count
	Middle, Half *eager.Tensor // (k): of each number's range, its middle and half its width
}

// newBounded is a policy for the action space of env, which must be a Box with two bounds for each number. The network gives
// so many numbers for each number of an action.
func newBounded(op string, random *eager.Rand, env Env, hidden []int, each int) *Bounded {
	box, ok := env.ActionSpace().(*Box)
	for i := 0; ok && i < box.Size(); i++ {
		ok = !math.IsInf(float64(box.Low[i]), 0) && !math.IsInf(float64(box.High[i]), 0)
	}
	if !ok {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("the action space is %v: wants a Box with two bounds for each number", env.ActionSpace())})
	}
	features := NewFeatures(env.ObservationSpace())
	sizes := append([]int{features.Width}, hidden...)
	b := &Bounded{Net: nn.NewSeq([]nn.Layer{features, nn.MLP(random, nn.Relu, append(sizes, each*box.Size())...)})}
	middle, half := make([]float64, box.Size()), make([]float64, box.Size())
	for i := range middle {
		middle[i] = (float64(box.Low[i]) + float64(box.High[i])) / 2
		half[i] = (float64(box.High[i]) - float64(box.Low[i])) / 2
	}
	b.Middle, b.Half = eager.New(middle, len(middle)), eager.New(half, len(half))
	return b
}

// Forward takes states (n,size) to actions (n,k), without chance.
func (b *Bounded) Forward(x *eager.Tensor) *eager.Tensor {
	return b.small(x).Mul(b.Half).Add(b.Middle)
}

// small is Forward with each number within -1 and 1.
func (b *Bounded) small(x *eager.Tensor) *eager.Tensor {
	out := b.Net.Forward(x)
	if k := b.Half.Size(); out.Dim(1) > k {
		out = out.Slice(1, 0, k)
	}
	return out.Tanh()
}

// Params are those of the network.
func (b *Bounded) Params() []*eager.Tensor { return b.Net.Params() }

// Buffers are Middle and Half.
func (b *Bounded) Buffers() []*eager.Tensor { return []*eager.Tensor{b.Middle, b.Half} }

// twins are two networks that say what an action is worth in a state. Each errs upwards where it is used to find the
// best action, and the smaller of two errs less (Fujimoto et al. 2018).
type twins struct {
	Features      *Features
	First, Second *nn.Seq
}

func newTwins(random *eager.Rand, env Env, hidden []int) *twins {
	t := &twins{Features: NewFeatures(env.ObservationSpace())}
	sizes := append(append([]int{t.Features.Width + env.ActionSpace().Size()}, hidden...), 1)
	t.First, t.Second = nn.MLP(random, nn.Relu, sizes...), nn.MLP(random, nn.Relu, sizes...)
	return t
}

// both are the worths (n,1) of actions (n,k), within -1 and 1, in states (n,size).
func (t *twins) both(states, actions *eager.Tensor) (first, second *eager.Tensor) {
	x := eager.Concat(1, []*eager.Tensor{t.Features.Forward(states), actions})
	return t.First.Forward(x), t.Second.Forward(x)
}

// loss is half the sum of the two mean squared errors.
func (t *twins) loss(b *Batch, target *eager.Tensor) *eager.Tensor {
	first, second := t.both(b.States, b.Actions)
	return nn.MSE(first, target).Add(nn.MSE(second, target)).Scale(0.5)
}

// Forward is the smaller worth (n,1) of states and actions side by side.
func (t *twins) Forward(x *eager.Tensor) *eager.Tensor {
	return t.First.Forward(x).Minimum(t.Second.Forward(x))
}

// Params are those of both networks.
func (t *twins) Params() []*eager.Tensor { return append(t.First.Params(), t.Second.Params()...) }

// practise plays Steps steps of an environment, by pure chance at first and then by act, which gives actions within -1
// and 1; it keeps what happened in the replay and calls learn after every step beyond warmup.
func (c *Common) practise(env Env, policy *Bounded, replay *Replay, journal *journal, seed, warmup int, random *eager.Rand,
	act func(state *eager.Tensor) []float32, learn func(step int)) {
	middle, half := policy.Middle.Float32s(), policy.Half.Float32s()
	state, _ := env.Reset(seed)
	sum := 0.0
	for step := 1; step <= c.Steps; step++ {
		var small []float32
		if step <= warmup {
			small = make([]float32, len(half))
			for i := range small {
				small[i] = float32(2*random.Float64() - 1)
			}
		} else {
			eager.NoGrad(func() { small = act(eager.FromFloat32(state, 1, len(state))) })
		}
		action := make([]float32, len(half))
		for i, x := range small {
			action[i] = middle[i] + half[i]*x
		}
		next, reward, terminated, truncated, _ := env.Step(action)
		replay.Add(state, small, reward, next, terminated)
		sum += reward
		if state = next; terminated || truncated {
			journal.ended(step, sum)
			state, _ = env.Reset(Keep)
			sum = 0
		}
		if step > warmup {
			eager.Scope(func() { learn(step) })
		}
		journal.at(step)
	}
}
