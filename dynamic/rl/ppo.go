package rl

import (
	"fmt"
	"math"
	"slices"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/optim"
)

// PPO is proximal policy optimisation (Schulman et al. 2017): play a while in several environments, then learn from all
// of it several times over, as long as the policy stays near the one that played. The details are those that Huang et
// al. 2022 ("The 37 Implementation Details of PPO") count: orthogonal first weights, generalised advantages, advantages
// normalised in each batch, the gradient cut at a norm, Adam with epsilon 1e-5, rate and clip that may fall to 0.
type PPO struct {
	Common
	Envs    int // that play at once
	Length  int // steps in each of them before it learns
	Batch   int // steps from which a gradient is taken
	Epochs  int // how often it goes through all steps
	Lambda  float64
	Rate    float64 // of learning
	Clip    float64 // by how much the chance of an action may change, as a part of it
	Falling bool    // Rate falls to 0 in a straight line
	ClipToo bool    // and so does Clip

	EntropyWeight float64 // of the mean entropy, which is raised
	ValueWeight   float64 // of the mean squared error of the values
	ValueClip     bool    // a value's error counts as if it had moved by Clip at most, where that is the larger one
	MaxNorm       float64 // of the gradient; 0 does not cut
	Raw           bool    // advantages are not normalised
	Standardize   bool    // states are standardised, rewards scaled by the spread of their discounted sums
	LogStd        float64 // of a Box's actions, at first
	Hidden        []int   // widths of the hidden layers, in each of two networks
}

// NewPPO has the settings of stable-baselines3 for a number of steps of the environments in all.
func NewPPO(steps int) *PPO {
	return &PPO{Common: Common{Steps: steps, Gamma: 0.99}, Envs: 1, Length: 2048, Batch: 64, Epochs: 10, Lambda: 0.95,
		Rate: 3e-4, Clip: 0.2, ValueWeight: 0.5, MaxNorm: 0.5, Hidden: []int{64, 64}}
}

// ZooPPO has the settings of rl-baselines3-zoo for an environment: CartPole-v1, Acrobot-v1, MountainCar-v0, Pendulum-v1
// (without the zoo's exploration that depends on the state). Another id is an error.
func ZooPPO(id string) *PPO {
	p := NewPPO(100_000)
	switch id {
	case "CartPole-v1":
		p.Envs, p.Length, p.Batch, p.Epochs = 8, 32, 256, 20
		p.Gamma, p.Lambda, p.Rate, p.Falling, p.ClipToo = 0.98, 0.8, 1e-3, true, true
	case "Acrobot-v1":
		p.Steps, p.Standardize, p.Envs, p.Length, p.Lambda, p.Epochs = 1_000_000, true, 16, 256, 0.94, 4
	case "MountainCar-v0":
		p.Steps, p.Standardize, p.Envs, p.Length, p.Lambda, p.Epochs = 1_000_000, true, 16, 16, 0.98, 4
	case "Pendulum-v1":
		p.Envs, p.Length, p.Gamma, p.Rate = 4, 1024, 0.9, 1e-3
	default:
		panic(&eager.Error{Op: "ZooPPO", Text: fmt.Sprintf("no settings for %q; there are those of CartPole-v1, Acrobot-v1, MountainCar-v0, Pendulum-v1", id),
			Hint: "begin with rl.NewPPO(steps)"})
	}
	return p
}

// CleanPPO has the settings of CleanRL's ppo.py: 4 environments of 128 steps, 4 batches, 4 epochs.
func CleanPPO(steps int) *PPO {
	p := NewPPO(steps)
	p.Envs, p.Length, p.Batch, p.Epochs = 4, 128, 128, 4
	p.Rate, p.Falling, p.EntropyWeight, p.ValueWeight, p.ValueClip = 2.5e-4, true, 0.01, 0.25, true
	return p
}

// Train learns in Envs fresh environments. The action space is a Discrete, a MultiDiscrete or a Box; settings without
// sense are errors.
func (p *PPO) Train(fresh func() Env, seed int) *Training {
	p.check("PPO", fresh, seed)
	size := p.Envs * p.Length
	if p.Envs < 1 || p.Length < 1 || p.Epochs < 1 || p.Batch < 1 || p.Batch > size || size/p.Batch*p.Batch != size {
		panic(&eager.Error{Op: "PPO.Train", Text: fmt.Sprintf("%d environments of %d steps, batches of %d, %d epochs: wants 1 or more of each, and whole batches",
			p.Envs, p.Length, p.Batch, p.Epochs)})
	}
	random := eager.NewRand(uint64(seed))
	envs := NewVector(fresh, p.Envs, SameStep)
	agent := newActorCritic("PPO.Train", random, envs.Envs[0], p.Hidden, p.Standardize, p.LogStd)
	opt := optim.NewAdam(agent.params(), p.Rate)
	opt.Eps, opt.ClipNorm = 1e-5, p.MaxNorm
	journal := p.open("PPO", fresh, seed, agent.whole(agent.actor), agent.whole(agent.critic))
	play := newRollout(envs, agent, p.Length, random, seed)
	if p.Standardize {
		play.scale = newRewardScale(p.Gamma, p.Envs)
	}

	updates, clip := (p.Steps+size-1)/size, p.Clip
	for update := range updates {
		left := 1 - float64(update)/float64(updates)
		if p.Falling {
			opt.Rate = p.Rate * left
		}
		if p.ClipToo {
			clip = p.Clip * left
		}
		play.collect(journal)
		play.estimate(p.Gamma, p.Lambda)
		for range p.Epochs {
			order := random.Perm(size)
			for batch := range slices.Chunk(order, p.Batch) {
				opt.Minimize(p.loss(play, batch, clip))
			}
		}
		if agent.scale != nil {
			agent.scale.Learn(play.states, size)
		}
		journal.at(play.steps)
	}
	return journal.close()
}

// loss is PPO's for some steps of a rollout (Schulman et al. 2017, equation 9 with its sign turned).
func (p *PPO) loss(r *rollout, steps []int, clip float64) *eager.Tensor {
	x, actions := r.batch(steps)
	logp, entropy := r.agent.judge(x, actions)
	advantages := pickFrom(r.advantages, steps)
	if !p.Raw {
		normalize(advantages)
	}
	a := eager.New(advantages, len(steps), 1)
	ratio := logp.Sub(eager.New(pickFrom(r.logp, steps), len(steps), 1)).Exp() // (n,1)
	gain := ratio.Mul(a).Minimum(ratio.Clip(1-clip, 1+clip).Mul(a)).Mean()

	target := eager.New(pickFrom(r.returns, steps), len(steps), 1)
	value := r.agent.critic.Forward(x) // (n,1)
	wrong := value.Sub(target).Square()
	if p.ValueClip {
		old := eager.New(pickFrom(r.values, steps), len(steps), 1)
		near := old.Add(value.Sub(old).Clip(-clip, clip))
		wrong = wrong.Maximum(near.Sub(target).Square())
	}
	loss := wrong.Mean().Scale(p.ValueWeight).Sub(gain)
	if p.EntropyWeight == 0 {
		return loss
	}
	return loss.Sub(entropy.Scale(p.EntropyWeight))
}

// normalize brings values to mean 0 and spread 1, the spread by n-1 as PyTorch has it; a single one stays.
func normalize(values []float64) {
	if len(values) < 2 {
		return
	}
	m, squares := mean(values), 0.0
	for _, v := range values {
		squares += float64((v - m) * (v - m))
	}
	spread := math.Sqrt(squares/float64(len(values)-1)) + 1e-8
	for i, v := range values {
		values[i] = (v - m) / spread
	}
}
