package rl

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// Tabular are the settings of the methods that keep a number for every state and action.
type Tabular struct {
	Common
	Rate, RateEnd       float64 // of learning: how far a number moves, 0 to 1; from one to the other in a straight line
	Explore, ExploreEnd float64 // chance of an action by lot instead of the best, 0 to 1; likewise
	Initial             float64 // what every number is at first; above what can be reached, it makes for curiosity
}

// QLearning moves the number of a state and an action towards the reward plus Gamma times the best number of the next
// state (Watkins 1989; Sutton and Barto 2018, section 6.5).
type QLearning struct{ Tabular }

// SARSA moves the number of a state and an action towards the reward plus Gamma times the number of the next state and
// of the action that is really taken there (Rummery and Niranjan 1994; Sutton and Barto 2018, section 6.4). It so learns
// what its own exploring costs: next to a cliff it keeps away from the edge.
type SARSA struct{ Tabular }

// NewQLearning explores less and less, and learns with a rate from 0.5 down to 0.01.
func NewQLearning(steps int) *QLearning { return &QLearning{newTabular(steps)} }

// NewSARSA explores less and less, and learns with a rate from 0.5 down to 0.01.
func NewSARSA(steps int) *SARSA { return &SARSA{newTabular(steps)} }

func newTabular(steps int) Tabular {
	return Tabular{Common: Common{Steps: steps, Gamma: 0.99, EvalEpisodes: 200}, Rate: 0.5, RateEnd: 0.01, Explore: 1, ExploreEnd: 0.05}
}

// Train learns in a fresh environment whose observations and actions are whole numbers.
func (q *QLearning) Train(fresh func() Env, seed int) *Training {
	return q.train("QLearning", fresh, seed, func(next []float64, _ int) float64 { return next[likeliest(next)] })
}

// Train learns in a fresh environment whose observations and actions are whole numbers.
func (s *SARSA) Train(fresh func() Env, seed int) *Training {
	return s.train("SARSA", fresh, seed, func(next []float64, action int) float64 { return next[action] })
}

// train learns. worth is what a state is taken to bring, of which the numbers and the action to come are given.
func (s *Tabular) train(op string, fresh func() Env, seed int, worth func(next []float64, action int) float64) *Training {
	s.check(op, fresh, seed)
	for _, chance := range []float64{s.Rate, s.RateEnd, s.Explore, s.ExploreEnd} {
		if !(chance >= 0 && chance <= 1) {
			panic(&eager.Error{Op: op + ".Train", Text: fmt.Sprintf("Rate %v to %v, Explore %v to %v: wants 0 to 1", s.Rate, s.RateEnd, s.Explore, s.ExploreEnd)})
		}
	}
	env, random := fresh(), eager.NewRand(uint64(seed))
	table := newTable(op+".Train", env, s.Initial)
	journal := s.open(op, fresh, seed, table, nil)
	explore := func(row []float64, part float64) int {
		if random.Float64() < s.Explore+part*(s.ExploreEnd-s.Explore) {
			return random.Intn(len(row))
		}
		return likeliest(row)
	}

	state, _ := env.Reset(seed)
	row := table.row(state)
	action, sum := explore(row, 0), 0.0
	for step := 1; step <= s.Steps; step++ {
		part := float64(step) / float64(s.Steps)
		next, reward, terminated, truncated, _ := env.Step(Action(table.start + action))
		after := table.row(next)
		coming := explore(after, part)
		target := reward
		if !terminated { // what is truncated would have gone on
			target += float64(s.Gamma * worth(after, coming))
		}
		row[action] += float64((s.Rate + part*(s.RateEnd-s.Rate)) * (target - row[action]))
		row, action, sum = after, coming, sum+reward
		if terminated || truncated {
			journal.ended(step, sum)
			state, _ = env.Reset(Keep)
			row, sum = table.row(state), 0
			action = explore(row, part)
		}
		if step >= journal.next || step == s.Steps {
			table.show()
		}
		journal.at(step)
	}
	return journal.close()
}

// Table is a policy that looks up its scores: a row of numbers for every state.
type Table struct {
	Q *eager.Tensor // (states,actions)

	values []float64 // of Q while it learns, exactly
	spaces []*Discrete
	start  int // the first action
}

// maxStates is how many states a Table has at most.
const maxStates = 1 << 22

func newTable(op string, env Env, initial float64) *Table {
	t, states := &Table{}, 1
	features := NewFeatures(env.ObservationSpace())
	for _, space := range features.spaces {
		d, ok := space.(*Discrete)
		if !ok || states > maxStates/d.N {
			panic(&eager.Error{Op: op, Text: fmt.Sprintf("the observation space is %v: wants whole numbers, %d states at most", env.ObservationSpace(), maxStates),
				Hint: "a network learns from other spaces: rl.NewPPO"})
		}
		t.spaces, states = append(t.spaces, d), states*d.N
	}
	actions, ok := env.ActionSpace().(*Discrete)
	if !ok {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("the action space is %v: wants a Discrete", env.ActionSpace())})
	}
	t.start, t.values = actions.Start, make([]float64, states*actions.N)
	for i := range t.values {
		t.values[i] = initial
	}
	t.Q = eager.Param("q", eager.New(t.values, states, actions.N))
	return t
}

// row is the numbers of a state.
func (t *Table) row(state []float32) []float64 {
	at := 0
	for i, d := range t.spaces {
		at = at*d.N + int(state[i]) - d.Start
	}
	actions := t.Q.Dim(1)
	return t.values[at*actions : (at+1)*actions]
}

// show brings Q up to date.
func (t *Table) show() { t.Q.Assign(eager.New(t.values, t.Q.Shape()...)) }

// Forward takes states (n,size) to their rows (n,actions).
func (t *Table) Forward(x *eager.Tensor) *eager.Tensor {
	at := eager.Zeros(x.Dim(0), 1) // f32 counts the states that there may be exactly
	for i, d := range t.spaces {
		at = at.Scale(float64(d.N)).Add(x.Slice(1, i, i+1).Shift(-float64(d.Start)))
	}
	return t.Q.Take(0, at.Reshape(x.Dim(0)).To(eager.Int64))
}

// Params is the table.
func (t *Table) Params() []*eager.Tensor { return []*eager.Tensor{t.Q} }
