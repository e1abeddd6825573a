package rl

import (
	"fmt"
	"slices"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// REINFORCE plays whole episodes and then raises the log-probability of each action by how much better than usual things
// went after it (Williams 1992). "Than usual" is the mean at the same step of all episodes of the batch; see
// Run.Advantages.
type REINFORCE struct {
	Common
	Batch         int     // steps, at least, of whole episodes before it learns
	Rate          float64 // of learning, by Adam; it falls to 0 in a straight line
	EntropyWeight float64 // of the mean entropy, which is raised
	Hidden        []int   // widths of the hidden layers
}

// NewREINFORCE has settings with which CartPole-v1 is learned in 200,000 steps of the environment.
func NewREINFORCE(steps int) *REINFORCE {
	return &REINFORCE{Common: Common{Steps: steps, Gamma: 0.99}, Batch: 1000, Rate: 0.03, Hidden: []int{32}}
}

// Train learns in a fresh environment. The action space must be a Discrete; settings without sense are errors.
func (r *REINFORCE) Train(fresh func() Env, seed int) *Training {
	r.check("REINFORCE", fresh, seed)
	env := fresh()
	actions, ok := env.ActionSpace().(*Discrete)
	if !ok || r.Batch < 1 {
		panic(&eager.Error{Op: "REINFORCE.Train", Text: fmt.Sprintf("action space %v, batches of %d steps: wants a Discrete, and 1 step or more",
			env.ActionSpace(), r.Batch)})
	}
	env.Reset(seed)
	random, features := eager.NewRand(uint64(seed)), NewFeatures(env.ObservationSpace())
	var policy nn.Layer = nn.MLP(random, nn.Tanh, slices.Concat([]int{features.Width}, r.Hidden, []int{actions.N})...)
	if !features.plain() {
		policy = nn.NewSeq([]nn.Layer{features, policy})
	}
	opt := optim.NewAdam(policy.Params(), r.Rate)
	journal := r.open("REINFORCE", fresh, seed, policy, nil)

	for steps := 0; steps < r.Steps; {
		opt.Rate = r.Rate * (1 - float64(steps)/float64(r.Steps))
		run := Play(env, policy.Forward, r.Batch, random)
		scores := policy.Forward(run.States())
		gain := scores.LogSoftmax(1).Pick(run.Actions).Mul(run.Advantages(r.Gamma)).Mean()
		opt.Minimize(gain.Add(Entropy(scores).Scale(r.EntropyWeight)).Neg())
		for i, sum := range run.EpisodeRewards() {
			journal.ended(steps+run.Ends[i], sum)
		}
		steps += run.Steps()
		journal.at(steps)
	}
	return journal.close()
}
