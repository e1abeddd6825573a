package rl

import (
	"fmt"
	"math"
	"slices"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// GAE is the generalised advantage estimate of each of n steps (Schulman et al. 2016, equation 16): by how much better
// than its value a state turned out. rewards and over are of the n steps, values of the n states and of the one after;
// over says that an episode ended with the step, so that nothing flows over it. Where it was truncated and not
// terminated, what it would still have brought must be in its reward: gamma times the value of its last state.
// An advantage plus the value is what the value should have been.
func GAE(rewards, values []float64, over []bool, gamma, lambda float64) []float64 {
	if len(values) != len(rewards)+1 || len(over) != len(rewards) {
		panic(&eager.Error{Op: "GAE", Text: fmt.Sprintf("%d rewards, %d values and %d ends: wants a value more than rewards, and as many ends",
			len(rewards), len(values), len(over))})
	}
	out, following := make([]float64, len(rewards)), 0.0
	for t := len(rewards) - 1; t >= 0; t-- {
		next := values[t+1]
		if over[t] {
			next, following = 0, 0
		}
		following = rewards[t] + float64(gamma*next) - values[t] + float64(gamma*lambda*following)
		out[t] = following
	}
	return out
}

// actorCritic is two networks: one scores the actions of a state, the other says what the state will bring.
type actorCritic struct {
	front         nn.Layer // before both; nil: they take the states as they are
	scale         *Standardize
	actor, critic nn.Layer
	head          *head
}

// newActorCritic is networks of those hidden widths for an environment; those of the actor begin with all actions about
// as likely.
func newActorCritic(op string, random *eager.Rand, env Env, hidden []int, standardize bool, logStd float64) *actorCritic {
	a := &actorCritic{head: newHead(op, env.ActionSpace())}
	features := NewFeatures(env.ObservationSpace())
	var front []nn.Layer
	if !features.plain() {
		front = append(front, features)
	}
	if standardize {
		a.scale = NewStandardize(features.Width)
		front = append(front, a.scale)
	}
	if len(front) > 0 {
		a.front = nn.NewSeq(front)
	}
	sizes := append([]int{features.Width}, hidden...)
	a.actor = orthogonal(random, 0.01, append(slices.Clone(sizes), a.head.narrow)...)
	if _, box := env.ActionSpace().(*Box); box {
		a.actor = &Gaussian{Mean: a.actor, LogStd: eager.Param("log_std", eager.Full(logStd, a.head.narrow))}
	} else if a.head.wide != a.head.narrow {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("the action space is %v: wants a Discrete, a MultiDiscrete or a Box", env.ActionSpace())})
	}
	a.critic = orthogonal(random, 1, append(sizes, 1)...)
	return a
}

// params are those of both.
func (a *actorCritic) params() []*eager.Tensor { return append(a.actor.Params(), a.critic.Params()...) }

// whole is a network with what is before it.
func (a *actorCritic) whole(net nn.Layer) nn.Layer {
	if a.front == nil {
		return net
	}
	return nn.NewSeq([]nn.Layer{a.front, net})
}

// inputs are what the networks take for states (n,size).
func (a *actorCritic) inputs(states *eager.Tensor) *eager.Tensor {
	if a.front == nil {
		return states
	}
	return a.front.Forward(states)
}

// judge is what the actor thinks of actions that were taken: their log-probabilities (n,1), and the mean entropy of its
// distributions, a scalar.
func (a *actorCritic) judge(inputs *eager.Tensor, actions []float32) (logp, entropy *eager.Tensor) {
	return a.head.judge(a.actor.Forward(inputs), actions)
}

// rollout is the same number of steps in each environment of a vector, by one policy, for it to learn from.
type rollout struct {
	envs   *Vector
	agent  *actorCritic
	random *eager.Rand
	length int // steps in each environment

	steps      int       // of all environments, since the beginning
	states     []float32 // as the environments gave them, where a Standardize learns from them
	inputs     []float32 // of the networks, (envs·length,width); an environment's steps follow each other, as in all below
	width      int
	actions    []float32 // as they were drawn, before they were cut at the bounds of a Box
	logp       []float64 // their log-probabilities
	rewards    []float64
	over       []bool
	final      map[int][]float32 // of steps with which an episode was truncated: its last state
	values     []float64         // of the states, as the critic saw them then
	advantages []float64
	returns    []float64 // what the values should have been

	now   *VectorStep
	sums  []float64 // rewards of the episode that each environment is in
	scale *rewardScale
}

// newRollout makes the environments of fresh and resets them: the first by seed, the second by the next higher, and so on.
func newRollout(envs *Vector, agent *actorCritic, length int, random *eager.Rand, seed int) *rollout {
	n := len(envs.Envs)
	return &rollout{envs: envs, agent: agent, random: random, length: length, now: envs.Reset(seed), sums: make([]float64, n),
		actions: make([]float32, n*length*envs.Envs[0].ActionSpace().Size()), logp: make([]float64, n*length),
		rewards: make([]float64, n*length), over: make([]bool, n*length)}
}

// collect plays on. Episodes that end are noted in j.
func (r *rollout) collect(j *journal) {
	n, size := len(r.envs.Envs), r.envs.Envs[0].ActionSpace().Size()
	taken := make([]float32, n*size)
	r.final, r.states = map[int][]float32{}, r.states[:0]
	for t := range r.length {
		var x, out *eager.Tensor
		eager.NoGrad(func() {
			x = r.agent.inputs(eager.FromFloat32(r.now.Observations, n, r.now.Size)) // (n,width)
			out = r.agent.actor.Forward(x)
		})
		inputs, scores := x.Float32s(), out.Float32s()
		if r.width = len(inputs) / n; r.inputs == nil {
			r.inputs = make([]float32, n*r.length*r.width)
		}
		if r.agent.scale != nil {
			r.states = append(r.states, r.now.Observations...)
		}
		for i := range n {
			at := i*r.length + t
			copy(r.inputs[at*r.width:], inputs[i*r.width:(i+1)*r.width])
			own := r.actions[at*size : (at+1)*size]
			r.logp[at] = r.agent.head.draw(scores[i*len(scores)/n:(i+1)*len(scores)/n], r.random, own)
			r.agent.head.cut(taken[i*size:(i+1)*size], own)
		}
		r.now = r.envs.Step(taken)
		r.steps += n
		for i := range n {
			at, reward := i*r.length+t, r.now.Rewards[i]
			r.sums[i] += reward
			r.over[at] = r.now.Terminated[i] || r.now.Truncated[i]
			if r.scale != nil {
				reward = r.scale.of(i, reward, r.over[at])
			}
			if r.rewards[at] = reward; r.over[at] {
				j.ended(r.steps, r.sums[i])
				r.sums[i] = 0
				if !r.now.Terminated[i] {
					r.final[at] = r.now.Final[i]
				}
			}
		}
	}
}

// estimate says how much better than expected the steps turned out: advantages and returns. The last state of a truncated
// episode counts with its value, as does the state in which each environment is now.
func (r *rollout) estimate(gamma, lambda float64) {
	n := len(r.envs.Envs)
	late := make([]int, 0, len(r.final)) // the truncated steps, in order
	states := slices.Clone(r.now.Observations)
	for at := range r.over {
		if state, truncated := r.final[at]; truncated {
			late, states = append(late, at), append(states, state...)
		}
	}
	var beyond []float64
	eager.NoGrad(func() {
		r.values = r.agent.critic.Forward(eager.FromFloat32(r.inputs, n*r.length, r.width)).Values()
		beyond = r.agent.critic.Forward(r.agent.inputs(eager.FromFloat32(states, n+len(late), r.now.Size))).Values()
	})
	for i, at := range late {
		r.rewards[at] += float64(gamma * beyond[n+i])
	}
	r.advantages, r.returns = r.advantages[:0], r.returns[:0]
	for i := range n {
		from, to := i*r.length, (i+1)*r.length
		values := append(slices.Clone(r.values[from:to]), beyond[i])
		r.advantages = append(r.advantages, GAE(r.rewards[from:to], values, r.over[from:to], gamma, lambda)...)
	}
	for at, a := range r.advantages {
		r.returns = append(r.returns, a+r.values[at])
	}
}

// batch is some steps of the rollout for learning: what the networks take (n,width), and the actions that were drawn.
func (r *rollout) batch(steps []int) (inputs *eager.Tensor, actions []float32) {
	size := len(r.actions) / len(r.over)
	x := make([]float32, 0, len(steps)*r.width)
	actions = make([]float32, 0, len(steps)*size)
	for _, at := range steps {
		x = append(x, r.inputs[at*r.width:(at+1)*r.width]...)
		actions = append(actions, r.actions[at*size:(at+1)*size]...)
	}
	return eager.FromFloat32(x, len(steps), r.width), actions
}

// pickFrom is the values at some places.
func pickFrom(values []float64, places []int) []float64 {
	out := make([]float64, len(places))
	for i, at := range places {
		out[i] = values[at]
	}
	return out
}

// rewardScale divides rewards by the spread of the discounted sums of rewards of several environments, and cuts them at
// -10 and 10: stable-baselines3's VecNormalize.
type rewardScale struct {
	gamma                float64
	sums                 []float64
	count, mean, squares float64
}

func newRewardScale(gamma float64, envs int) *rewardScale {
	return &rewardScale{gamma: gamma, sums: make([]float64, envs)}
}

// of is a reward of an environment, scaled; over says that its episode ended with it.
func (s *rewardScale) of(env int, reward float64, over bool) float64 {
	s.sums[env] = float64(s.gamma*s.sums[env]) + reward
	s.count++
	delta := s.sums[env] - s.mean
	s.mean += delta / s.count
	s.squares += float64(delta * (s.sums[env] - s.mean))
	if over {
		s.sums[env] = 0
	}
	return min(max(reward/math.Sqrt(s.squares/s.count+varianceFloor), -10), 10)
}
