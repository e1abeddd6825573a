package rl

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Play plays whole episodes until there are steps of them or more. policy gets states (n,size) and gives a score (a
// logit) for each action, (n,actions); the action is drawn with the chances softmax(score) from random, one number a
// step. A nil policy draws from the action space instead. Episodes begin with Reset(Keep): seed the environment with
// one Reset before.
//
// steps below 1, an action space that is not Discrete, and scores that are NaN or of another shape are errors.
// Nothing is recorded for gradients: give run.States() to the policy again for those.
func Play(env Env, policy func(states *eager.Tensor) *eager.Tensor, steps int, random *eager.Rand) *Run {
	p := newPlayer("Play", env, policy)
	if steps < 1 {
		p.fail("wants 1 step or more, not %d", steps)
	}
	if policy != nil && random == nil {
		p.fail("wants a source of random numbers: rl.Play(env, policy, steps, eager.NewRand(1))")
	}
	for len(p.run.Rewards) < steps {
		p.episode(Keep, func(scores []float32) int { return pick(scores, random.Float64()) }, nil)
	}
	return p.run
}

// Evaluate plays a number of episodes (1 or more) in which the policy takes its likeliest action at every step. The
// errors are those of Play.
func Evaluate(env Env, policy func(states *eager.Tensor) *eager.Tensor, episodes int) *Run {
	p := newPlayer("Evaluate", env, policy)
	if episodes < 1 {
		p.fail("wants 1 episode or more, not %d", episodes)
	}
	for range episodes {
		p.episode(Keep, likeliest, nil)
	}
	return p.run
}

// player plays episodes into a run.
type player struct {
	op      string
	env     Env
	policy  func(*eager.Tensor) *eager.Tensor
	space   Space // of the actions
	actions *Discrete
	run     *Run
}

func newPlayer(op string, env Env, policy func(*eager.Tensor) *eager.Tensor) *player {
	p := &player{op: op, env: env, policy: policy}
	if env == nil {
		p.fail("the environment is nil")
	}
	p.space = env.ActionSpace()
	discrete, ok := p.space.(*Discrete)
	if !ok {
		p.fail("the action space is %v: wants a Discrete", p.space)
	}
	p.actions = discrete
	p.run = &Run{Size: env.ObservationSpace().Size()}
	return p
}

func (p *player) fail(format string, values ...any) {
	panic(&eager.Error{Op: p.op, Text: fmt.Sprintf(format, values...)})
}

// episode plays one. choose gives the place of an action among the scores; each is called with the number of the step
// that follows.
func (p *player) episode(seed int, choose func(scores []float32) int, each func(step int)) {
	state, _ := p.env.Reset(seed)
	for step, over := 0, false; !over; step++ {
		if len(state) != p.run.Size {
			p.fail("the environment gave a state of %d numbers: wants %d, as its observation space says", len(state), p.run.Size)
		}
		if each != nil {
			each(step)
		}
		var action []float32
		if p.policy == nil {
			if action = p.space.Sample(); step%256 == 0 {
				eager.Zeros(1).Neg() // where no policy runs any op, this one heeds eager.Interrupt
			}
		} else {
			action = Action(p.actions.Start + choose(p.scores(state)))
		}
		next, reward, terminated, truncated, _ := p.env.Step(action)
		p.run.add(state, int(action[0])-p.actions.Start, reward)
		if over = terminated || truncated; over {
			p.run.end(terminated)
		}
		state = next
	}
}

// scores are the policy's for one state.
func (p *player) scores(state []float32) []float32 {
	var out *eager.Tensor
	eager.NoGrad(func() { out = p.policy(eager.FromFloat32(state, 1, len(state))) })
	if out.Size() != p.actions.N {
		p.fail("the policy gave %v for a state (1,%d): wants a score for each action, (1,%d)", out.Shape(), len(state), p.actions.N)
	}
	scores := out.Float32s()
	for _, s := range scores {
		if s != s {
			panic(&eager.Error{Op: p.op, Text: "the policy gave NaN for an action's score",
				Hint: "training has diverged: try a lower rate"})
		}
	}
	return scores
}

// pick is the place of a score drawn with the chances softmax(scores) by one uniform number.
func pick(scores []float32, uniform float64) int {
	top := float64(scores[likeliest(scores)])
	sum := 0.0
	for _, s := range scores {
		sum += math.Exp(float64(s) - top)
	}
	left := uniform * sum
	for i, s := range scores {
		if left -= math.Exp(float64(s) - top); left < 0 {
			return i
		}
	}
	return likeliest(scores) // what is left by rounding
}

// likeliest is the place of the highest score, the first of equals.
func likeliest(scores []float32) int {
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	return best
}
