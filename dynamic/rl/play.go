package rl

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// Play plays whole episodes until there are steps of them or more. policy gets states (n,size). For a Discrete action
// space it gives a score (a logit) for each action, (n,actions); the action is drawn with the chances softmax(score)
// from random, one number a step. For a Box of k numbers it gives either the actions themselves, (n,k), or means and
// after them logarithms of standard deviations, (n,2k), of normal distributions to draw from; what is beyond the bounds
// is cut. For a MultiDiscrete or a Tuple it gives what each part wants, one after the other. A nil policy draws from
// the action space instead. Episodes begin with Reset(Keep): seed the environment with one Reset before.
//
// steps below 1, and what a policy gives that is NaN or of another shape are errors.
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
		p.episode(Keep, random, nil)
	}
	return p.run
}

// Evaluate plays a number of episodes (1 or more) in which the policy takes its likeliest action at every step: the
// highest score, the mean. The errors are those of Play.
func Evaluate(env Env, policy func(states *eager.Tensor) *eager.Tensor, episodes int) *Run {
	p := newPlayer("Evaluate", env, policy)
	if episodes < 1 {
		p.fail("wants 1 episode or more, not %d", episodes)
	}
	for range episodes {
		p.episode(Keep, nil, nil)
	}
	return p.run
}

// player plays episodes into a run.
type player struct {
	op     string
	env    Env
	policy func(*eager.Tensor) *eager.Tensor
	space  Space // of the actions
	head   *head
	run    *Run
}

func newPlayer(op string, env Env, policy func(*eager.Tensor) *eager.Tensor) *player {
	p := &player{op: op, env: env, policy: policy}
	if env == nil {
		p.fail("the environment is nil")
	}
	p.space = env.ActionSpace()
	p.head = newHead(op, p.space)
	p.run = &Run{Size: env.ObservationSpace().Size(), ActionSize: p.space.Size()}
	if discrete, ok := p.space.(*Discrete); ok {
		p.run.discrete = discrete
	}
	return p
}

func (p *player) fail(format string, values ...any) {
	panic(&eager.Error{Op: p.op, Text: fmt.Sprintf(format, values...)})
}

// episode plays one: it draws actions from random or, where that is nil, takes the likeliest. each is called with the
// number of the step that follows.
func (p *player) episode(seed int, random *eager.Rand, each func(step int)) {
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
			action = p.head.choose(p.policy, state, 1, random)[0]
		}
		next, reward, terminated, truncated, _ := p.env.Step(action)
		p.run.add(state, action, reward)
		if over = terminated || truncated; over {
			p.run.end(terminated)
		}
		state = next
	}
}
