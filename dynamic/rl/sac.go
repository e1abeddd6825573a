package rl

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// SAC is the soft actor-critic (Haarnoja et al. 2018) for a Box of actions: it learns from a replay what actions are
// worth, where the surprise of the policy is worth something too, and a policy that draws actions of high worth. How much
// surprise is worth, the temperature, is learned as well, so that the policy's entropy stays near a target ("Soft
// Actor-Critic Algorithms and Applications", section 5).
type SAC struct {
	Common
	Rate     float64 // of learning, for both and for the temperature, by Adam
	Batch    int     // transitions a gradient
	Capacity int     // transitions that the replay keeps
	Warmup   int     // steps of pure chance before it learns
	Tau      float64 // how far the slow copy of the worths follows in each step
	Entropy  float64 // the target, in nats; 0: less the number of an action's numbers
	Hidden   []int   // widths of the hidden layers, with Relu between
}

// NewSAC has the settings of stable-baselines3 for a number of steps.
func NewSAC(steps int) *SAC {
	return &SAC{Common: Common{Steps: steps, Gamma: 0.99}, Rate: 3e-4, Batch: 256, Capacity: 1_000_000, Warmup: 100, Tau: 0.005, Hidden: []int{256, 256}}
}

// ZooSAC has the settings of rl-baselines3-zoo for Pendulum-v1. Another id is an error.
func ZooSAC(id string) *SAC {
	if id != "Pendulum-v1" {
		panic(&eager.Error{Op: "ZooSAC", Text: fmt.Sprintf("no settings for %q; there are those of Pendulum-v1", id), Hint: "begin with rl.NewSAC(steps)"})
	}
	s := NewSAC(20_000)
	s.Rate = 1e-3
	return s
}

// sac is what SAC learns.
type sac struct {
	*SAC
	policy          *Bounded // its network gives means and logarithms of standard deviations
	worth, slow     *twins
	temperature     *eager.Tensor // its logarithm, (1)
	acting, judging *optim.Adam
	warming         *optim.Adam
	random          *eager.Rand
	entropy         float64
}

// Train learns in one fresh environment, whose action space is a Box with two bounds for each number. Settings without
// sense are errors.
func (s *SAC) Train(fresh func() Env, seed int) *Training {
	s.check("SAC", fresh, seed)
	if s.Batch < 1 || s.Capacity < 1 || s.Warmup < 1 || !(s.Tau > 0 && s.Tau <= 1) {
		panic(&eager.Error{Op: "SAC.Train", Text: fmt.Sprintf("Batch %d, Capacity %d, Warmup %d, Tau %v: wants 1 or more of each, and Tau above 0 to 1",
			s.Batch, s.Capacity, s.Warmup, s.Tau)})
	}
	env, random := fresh(), eager.NewRand(uint64(seed))
	a := &sac{SAC: s, random: random, policy: newBounded("SAC.Train", random, env, s.Hidden, 2), entropy: s.Entropy}
	a.worth, a.slow = newTwins(random, env, s.Hidden), newTwins(random, env, s.Hidden)
	nn.Blend(a.slow, a.worth, 1)
	a.temperature = eager.Param("temperature", eager.Zeros(1))
	size := env.ActionSpace().Size()
	if s.Entropy == 0 {
		a.entropy = -float64(size)
	}
	a.acting, a.judging = optim.NewAdam(a.policy.Params(), s.Rate), optim.NewAdam(a.worth.Params(), s.Rate)
	a.warming = optim.NewAdam([]*eager.Tensor{a.temperature}, s.Rate)
	replay := NewReplay(s.Capacity, env.ObservationSpace().Size(), size)
	journal := s.open("SAC", fresh, seed, a.policy, nil)
	s.practise(env, a.policy, replay, journal, seed, s.Warmup, random, func(state *eager.Tensor) []float32 {
		action, _ := a.draw(state)
		return action.Float32s()
	}, func(int) { a.learn(replay.Sample(random, s.Batch)) })
	return journal.close()
}

// draw draws actions (n,k), within -1 and 1, for states (n,size), and gives the logarithms of their densities, (n,1). The
// gradient goes through both: an action is a function of the mean, the deviation and a number drawn beside them.
func (a *sac) draw(states *eager.Tensor) (actions, logp *eager.Tensor) {
	out, k := a.policy.Net.Forward(states), a.policy.Half.Size()
	mean, log := out.Slice(1, 0, k), out.Slice(1, k, 2*k).Clip(-20, 2) // (n,k)
	z := a.random.Normal(mean.Shape()...)
	raw := mean.Add(log.Exp().Mul(z))
	density := log.Add(z.Square().Scale(0.5)).Shift(halfLogTau).Neg()
	// By the change of variables less log(1-tanh²(raw)), which is 2 (log 2 - raw - log(1 + exp(-2 raw))).
	slope := raw.Add(raw.Scale(-2).Softplus()).Neg().Shift(math.Ln2).Scale(2)
	return raw.Tanh(), density.Sub(slope).Sum(1)
}

// learn makes a step of each: the worths, then the policy, then the temperature, then the slow copy.
func (a *sac) learn(b *Batch) {
	heat := math.Exp(a.temperature.Item())
	var target *eager.Tensor // (n,1)
	eager.NoGrad(func() {
		actions, logp := a.draw(b.Next)
		first, second := a.slow.both(b.Next, actions)
		follows := first.Minimum(second).Sub(logp.Scale(heat))
		target = b.Rewards.Add(b.Going.Mul(follows).Scale(a.Gamma))
	})
	a.judging.Minimize(a.worth.loss(b, target))

	actions, logp := a.draw(b.States)
	first, second := a.worth.both(b.States, actions)
	a.acting.Minimize(logp.Scale(heat).Sub(first.Minimum(second)).Mean())

	surplus := logp.Detach().Mean().Shift(a.entropy) // of what the policy is sure of
	a.warming.Minimize(a.temperature.Mul(surplus).Neg().Sum())
	nn.Blend(a.slow, a.worth, a.Tau)
}
