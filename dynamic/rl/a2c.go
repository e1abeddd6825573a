package rl

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/optim"
)

// A2C is the advantage actor-critic (Mnih et al. 2016, its synchronous form): a few steps in several environments, one
// step of the gradient from them, and again. The details are those of stable-baselines3: RMSprop, advantages as they
// are, the gradient cut at a norm.
type A2C struct {
	Common
	Envs    int // that play at once
	Length  int // steps in each of them before it learns
	Lambda  float64
	Rate    float64 // of learning
	Falling bool    // Rate falls to 0 in a straight line

	EntropyWeight float64 // of the mean entropy, which is raised
	ValueWeight   float64 // of the mean squared error of the values
	MaxNorm       float64 // of the gradient; 0 does not cut
	Normalize     bool    // advantages are normalised in each batch
	Standardize   bool    // states are standardised, rewards scaled by the spread of their discounted sums
	LogStd        float64 // of a Box's actions, at first
	Hidden        []int   // widths of the hidden layers, in each of two networks
}

// NewA2C has the settings of stable-baselines3 for a number of steps of the environments in all.
func NewA2C(steps int) *A2C {
	return &A2C{Common: Common{Steps: steps, Gamma: 0.99}, Envs: 8, Length: 5, Lambda: 1, Rate: 7e-4, ValueWeight: 0.5,
		MaxNorm: 0.5, Hidden: []int{64, 64}}
}

// ZooA2C has the settings of rl-baselines3-zoo for CartPole-v1 or Acrobot-v1. Another id is an error.
func ZooA2C(id string) *A2C {
	a := NewA2C(500_000)
	switch id {
	case "CartPole-v1":
	case "Acrobot-v1":
		a.Standardize, a.Envs = true, 16
	default:
		panic(&eager.Error{Op: "ZooA2C", Text: fmt.Sprintf("no settings for %q; there are those of CartPole-v1, Acrobot-v1", id),
			Hint: "begin with rl.NewA2C(steps)"})
	}
	return a
}

// Train learns in Envs fresh environments. The action space is a Discrete, a MultiDiscrete or a Box; settings without
// sense are errors.
func (a *A2C) Train(fresh func() Env, seed int) *Training {
	a.check("A2C", fresh, seed)
	if a.Envs < 1 || a.Length < 1 {
		panic(&eager.Error{Op: "A2C.Train", Text: fmt.Sprintf("%d environments of %d steps: wants 1 or more of each", a.Envs, a.Length)})
	}
	random, size := eager.NewRand(uint64(seed)), a.Envs*a.Length
	envs := NewVector(fresh, a.Envs, SameStep)
	agent := newActorCritic("A2C.Train", random, envs.Envs[0], a.Hidden, a.Standardize, a.LogStd)
	opt := optim.NewRMSprop(agent.params(), a.Rate)
	opt.Alpha, opt.Eps, opt.ClipNorm = 0.99, 1e-5, a.MaxNorm
	journal := a.open("A2C", fresh, seed, agent.whole(agent.actor), agent.whole(agent.critic))
	play := newRollout(envs, agent, a.Length, random, seed)
	if a.Standardize {
		play.scale = newRewardScale(a.Gamma, a.Envs)
	}
	all := make([]int, size)
	for i := range all {
		all[i] = i
	}

	updates := (a.Steps + size - 1) / size
	for update := range updates {
		if a.Falling {
			opt.Rate = a.Rate * (1 - float64(update)/float64(updates))
		}
		play.collect(journal)
		play.estimate(a.Gamma, a.Lambda)
		opt.Minimize(a.loss(play, all))
		if agent.scale != nil {
			agent.scale.Learn(play.states, size)
		}
		journal.at(play.steps)
	}
	return journal.close()
}

// loss is that of the whole rollout (Mnih et al. 2016, section 4).
func (a *A2C) loss(r *rollout, steps []int) *eager.Tensor {
	x, actions := r.batch(steps)
	logp, entropy := r.agent.judge(x, actions)
	advantages := pickFrom(r.advantages, steps)
	if a.Normalize {
		normalize(advantages)
	}
	gain := logp.Mul(eager.New(advantages, len(steps), 1)).Mean()
	target := eager.New(r.returns, len(steps), 1)
	loss := r.agent.critic.Forward(x).Sub(target).Square().Mean().Scale(a.ValueWeight).Sub(gain)
	if a.EntropyWeight == 0 {
		return loss
	}
	return loss.Sub(entropy.Scale(a.EntropyWeight))
}
