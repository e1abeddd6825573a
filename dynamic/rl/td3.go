package rl

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// TD3 is the twin delayed deep deterministic policy gradient (Fujimoto et al. 2018) for a Box of actions: it learns from a
// replay what actions are worth and a policy whose action has the highest worth. Three things keep the worths from growing
// beyond what is true: the smaller of two counts, the actions that follow are blurred, and the policy learns less often.
type TD3 struct {
	Common
	Rate     float64 // of learning, for both, by Adam
	Batch    int     // transitions a gradient
	Capacity int     // transitions that the replay keeps
	Warmup   int     // steps of pure chance before it learns
	Tau      float64 // how far the slow copies follow each time that the policy learns
	Noise    float64 // standard deviation of what is added to actions when playing, of half their range
	Blur     float64 // and of what is added to those that follow, in learning
	BlurMost float64 // where that is cut
	Delay    int     // the policy learns at every such step
	Hidden   []int   // widths of the hidden layers, with Relu between
}

// NewTD3 has the settings of the paper and of stable-baselines3 for a number of steps.
func NewTD3(steps int) *TD3 {
	return &TD3{Common: Common{Steps: steps, Gamma: 0.99}, Rate: 1e-3, Batch: 256, Capacity: 1_000_000, Warmup: 100, Tau: 0.005,
		Noise: 0.1, Blur: 0.2, BlurMost: 0.5, Delay: 2, Hidden: []int{400, 300}}
}

// ZooTD3 has the settings of rl-baselines3-zoo for Pendulum-v1. Another id is an error.
func ZooTD3(id string) *TD3 {
	if id != "Pendulum-v1" {
		panic(&eager.Error{Op: "ZooTD3", Text: fmt.Sprintf("no settings for %q; there are those of Pendulum-v1", id), Hint: "begin with rl.NewTD3(steps)"})
	}
	t := NewTD3(20_000)
	t.Gamma, t.Capacity, t.Warmup = 0.98, 200_000, 10_000
	return t
}

// Train learns in one fresh environment, whose action space is a Box with two bounds for each number. Settings without
// sense are errors.
func (t *TD3) Train(fresh func() Env, seed int) *Training {
	t.check("TD3", fresh, seed)
	if t.Batch < 1 || t.Capacity < 1 || t.Warmup < 1 || t.Delay < 1 || !(t.Tau > 0 && t.Tau <= 1) || t.Noise < 0 || t.Blur < 0 || t.BlurMost < 0 {
		panic(&eager.Error{Op: "TD3.Train", Text: fmt.Sprintf("Batch %d, Capacity %d, Warmup %d, Delay %d, Tau %v, Noise %v, Blur %v, BlurMost %v: wants 1 or more of the first four, Tau above 0 to 1, the others 0 or more",
			t.Batch, t.Capacity, t.Warmup, t.Delay, t.Tau, t.Noise, t.Blur, t.BlurMost)})
	}
	env, random := fresh(), eager.NewRand(uint64(seed))
	policy, slowPolicy := newBounded("TD3.Train", random, env, t.Hidden, 1), newBounded("TD3.Train", random, env, t.Hidden, 1)
	worth, slow := newTwins(random, env, t.Hidden), newTwins(random, env, t.Hidden)
	nn.Blend(slowPolicy, policy, 1)
	nn.Blend(slow, worth, 1)
	acting, judging := optim.NewAdam(policy.Params(), t.Rate), optim.NewAdam(worth.Params(), t.Rate)
	replay := NewReplay(t.Capacity, env.ObservationSpace().Size(), env.ActionSpace().Size())
	journal := t.open("TD3", fresh, seed, policy, nil)

	act := func(state *eager.Tensor) []float32 {
		action := policy.small(state)
		return action.Add(random.Normal(action.Shape()...).Scale(t.Noise)).Clip(-1, 1).Float32s()
	}
	learn := func(step int) {
		b := replay.Sample(random, t.Batch)
		var target *eager.Tensor // (n,1)
		eager.NoGrad(func() {
			blur := random.Normal(b.Actions.Shape()...).Scale(t.Blur).Clip(-t.BlurMost, t.BlurMost)
			first, second := slow.both(b.Next, slowPolicy.small(b.Next).Add(blur).Clip(-1, 1))
			target = b.Rewards.Add(b.Going.Mul(first.Minimum(second)).Scale(t.Gamma))
		})
		judging.Minimize(worth.loss(b, target))
		if step%t.Delay != 0 {
			return
		}
		x := eager.Concat(1, []*eager.Tensor{worth.Features.Forward(b.States), policy.small(b.States)})
		acting.Minimize(worth.First.Forward(x).Mean().Neg())
		nn.Blend(slowPolicy, policy, t.Tau)
		nn.Blend(slow, worth, t.Tau)
	}
	t.practise(env, policy, replay, journal, seed, t.Warmup, random, act, learn)
	return journal.close()
}
