package rl

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Run is a number of whole episodes, one after the other: n steps in all.
type Run struct {
	Observations []float32 // the states in which actions were taken, (n,Size) in row-major order
	Size         int       // numbers a state
	Actions      []int     // taken in each state, counted from 0; none where the action space is not Discrete
	Taken        []float32 // the actions as values of the action space, (n,ActionSize) in row-major order
	ActionSize   int       // numbers an action
	Rewards      []float64 // for each action
	Ends         []int     // for each episode, one past its last step
	Terminated   []bool    // for each episode, whether the task ended it; else it was truncated

	discrete *Discrete // the action space, where it is one
}

func (r *Run) add(state, action []float32, reward float64) {
	r.Observations = append(r.Observations, state...)
	r.Taken = append(r.Taken, action...)
	if r.discrete != nil {
		r.Actions = append(r.Actions, int(action[0])-r.discrete.Start)
	}
	r.Rewards = append(r.Rewards, reward)
}

func (r *Run) end(terminated bool) {
	r.Ends = append(r.Ends, len(r.Rewards))
	r.Terminated = append(r.Terminated, terminated)
}

// Steps is the number of steps.
func (r *Run) Steps() int { return len(r.Rewards) }

// Episodes is the number of episodes.
func (r *Run) Episodes() int { return len(r.Ends) }

// MeanLength is the mean number of steps of an episode.
func (r *Run) MeanLength() float64 { return float64(r.Steps()) / float64(r.Episodes()) }

// MeanReward is the mean of EpisodeRewards.
func (r *Run) MeanReward() float64 {
	sum := 0.0
	for _, reward := range r.Rewards {
		sum += reward
	}
	return sum / float64(r.Episodes())
}

// EpisodeRewards is the sum of the rewards of each episode, without discount.
func (r *Run) EpisodeRewards() []float64 {
	sums := make([]float64, r.Episodes())
	r.each(func(episode, from, to int) {
		for _, reward := range r.Rewards[from:to] {
			sums[episode] += reward
		}
	})
	return sums
}

// States is the observations as a tensor (n,Size).
func (r *Run) States() *eager.Tensor { return eager.FromFloat32(r.Observations, r.Steps(), r.Size) }

// Values is the actions as a tensor (n,ActionSize), as the action space has them.
func (r *Run) Values() *eager.Tensor { return eager.FromFloat32(r.Taken, r.Steps(), r.ActionSize) }

// Returns is what followed each action: its reward, plus gamma times the next, plus gamma² times the one after, to the
// end of the episode; (n,1). gamma is 0 to 1. What a truncated episode would still have brought is not in it.
func (r *Run) Returns(gamma float64) *eager.Tensor {
	return eager.New(r.returns("Returns", gamma), r.Steps(), 1)
}

func (r *Run) returns(op string, gamma float64) []float64 {
	if !(gamma >= 0 && gamma <= 1) {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("gamma is %v: wants 0 to 1", gamma)})
	}
	out := make([]float64, r.Steps())
	r.each(func(_, from, to int) {
		following := 0.0
		for t := to - 1; t >= from; t-- {
			following = r.Rewards[t] + float64(gamma*following)
			out[t] = following
		}
	})
	return out
}

// Advantages is by how much what followed each action was better than usual: its return less a baseline, divided by
// the spread of these differences over the run; (n,1). The baseline is the mean return at the same step of an episode
// over all episodes of the run, where one that has ended counts as 0. It makes the gradient of REINFORCE less noisy and
// leaves its mean nearly as it was (Williams 1992, section 3; Greensmith et al. 2004): in a batch in which all episodes
// are the same, nothing is to be learned, and all advantages are 0. A run of a single episode has none either.
func (r *Run) Advantages(gamma float64) *eager.Tensor {
	out := r.returns("Advantages", gamma)
	var baseline []float64
	r.each(func(_, from, to int) {
		for len(baseline) < to-from {
			baseline = append(baseline, 0)
		}
		for t := from; t < to; t++ {
			baseline[t-from] += out[t] / float64(r.Episodes())
		}
	})
	sum, squares := 0.0, 0.0
	r.each(func(_, from, to int) {
		for t := from; t < to; t++ {
			out[t] -= baseline[t-from]
			sum += out[t]
			squares += float64(out[t] * out[t])
		}
	})
	n := float64(r.Steps())
	spread := math.Sqrt(max(0, squares/n-float64(sum/n*(sum/n))))
	for t := range out {
		out[t] /= spread + 1e-8
	}
	return eager.New(out, r.Steps(), 1)
}

// each calls f with the number of each episode, its first step and one past its last.
func (r *Run) each(f func(episode, from, to int)) {
	from := 0
	for episode, to := range r.Ends {
		f(episode, from, to)
		from = to
	}
}

func (r *Run) String() string {
	return fmt.Sprintf("run of %d episodes, %d steps: mean length %.1f, mean reward %.2f",
		r.Episodes(), r.Steps(), r.MeanLength(), r.MeanReward())
}

// Normalize is x less its mean, divided by its spread (plus 1e-8); x may have any shape.
func Normalize(x *eager.Tensor) *eager.Tensor {
	centred := x.Sub(x.Mean())
	return centred.Div(centred.Square().Mean().Sqrt().Shift(1e-8))
}

// Entropy is the mean entropy, in nats, of the policies softmax(scores) for scores (n,actions); a scalar. Added to what
// a policy is raised for (subtracted from a loss) with a small weight, it keeps the policy from settling too early
// (Williams and Peng 1991).
func Entropy(scores *eager.Tensor) *eager.Tensor {
	log := scores.LogSoftmax(1)
	return log.Exp().Mul(log).Sum(1).Mean().Neg()
}

// Score is the mean reward of the last episodes, by which a task is judged to be solved.
type Score struct {
	Episodes int       // that count
	Rewards  []float64 // of all episodes so far
}

// NewScore looks at the last episodes (Gymnasium's tasks: 100; 1 or more).
func NewScore(episodes int) *Score {
	if episodes < 1 {
		panic(&eager.Error{Op: "NewScore", Text: fmt.Sprintf("wants 1 episode or more, not %d", episodes)})
	}
	return &Score{Episodes: episodes}
}

// Add takes in the episodes of a run.
func (s *Score) Add(run *Run) { s.Rewards = append(s.Rewards, run.EpisodeRewards()...) }

// Mean is the mean reward of the last episodes, or of those that there are; 0 without any.
func (s *Score) Mean() float64 {
	last := s.Rewards[max(0, len(s.Rewards)-s.Episodes):]
	if len(last) == 0 {
		return 0
	}
	sum := 0.0
	for _, reward := range last {
		sum += reward
	}
	return sum / float64(len(last))
}

// Reached tells whether there were enough episodes and their Mean is at least goal.
func (s *Score) Reached(goal float64) bool { return len(s.Rewards) >= s.Episodes && s.Mean() >= goal }
