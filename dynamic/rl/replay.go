package rl

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Replay keeps the latest transitions for algorithms that learn from what any policy did (Lin 1992). It draws them with
// equal chances or, as a prioritised one, those more often from which more was to learn (Schaul et al. 2016).
type Replay struct {
	Alpha float64 // how much priorities count: 0 not at all
	Beta  float64 // how much of the bias by unequal chances the weights take back: 1 all

	capacity, size, width int       // transitions; numbers a state, an action
	states, next          []float32 // (capacity,size)
	actions               []float32 // (capacity,width)
	rewards, going        []float32 // (capacity); going is 0 where the task ended the episode, else 1
	length, at            int       // how many there are; where the next one goes
	tree                  *sumTree  // of the priorities to the power of Alpha; nil: equal chances
	highest               float64   // of all priorities so far
}

// Batch is n transitions.
type Batch struct {
	States, Next *eager.Tensor // (n,size): before the action and after it
	Actions      *eager.Tensor // (n,width)
	Rewards      *eager.Tensor // (n,1)
	Going        *eager.Tensor // (n,1): 0 where the task ended the episode, so that nothing follows; else 1, also where it was truncated
	Weights      *eager.Tensor // (n,1): for the loss of each, at most 1; nil where chances were equal
	Places       []int         // in the replay, for Update
}

// NewReplay keeps up to capacity transitions of states and actions of that many numbers, and draws each with equal
// chances. Numbers below 1 are errors.
func NewReplay(capacity, stateSize, actionSize int) *Replay {
	if capacity < 1 || stateSize < 1 || actionSize < 1 {
		panic(&eager.Error{Op: "NewReplay", Text: fmt.Sprintf("%d transitions of states of %d and actions of %d numbers: wants 1 or more of each",
			capacity, stateSize, actionSize)})
	}
	return &Replay{capacity: capacity, size: stateSize, width: actionSize,
		states: make([]float32, capacity*stateSize), next: make([]float32, capacity*stateSize),
		actions: make([]float32, capacity*actionSize), rewards: make([]float32, capacity), going: make([]float32, capacity)}
}

// NewPrioritizedReplay is a Replay that draws each with a chance in proportion to its priority to the power of Alpha, 0.6
// at first, and corrects for it with Beta, 0.4 at first (the paper's values of its proportional variant).
func NewPrioritizedReplay(capacity, stateSize, actionSize int) *Replay {
	r := NewReplay(capacity, stateSize, actionSize)
	r.Alpha, r.Beta, r.tree, r.highest = 0.6, 0.4, newSumTree(capacity), 1
	return r
}

// Len is how many transitions there are.
func (r *Replay) Len() int { return r.length }

// Add takes in a transition and, when full, forgets the oldest. terminated says that the task ended the episode; it is
// false where the episode was only truncated, since from next on more would have followed. A transition that is new has
// the highest priority of all.
func (r *Replay) Add(state, action []float32, reward float64, next []float32, terminated bool) {
	if len(state) != r.size || len(next) != r.size || len(action) != r.width {
		panic(&eager.Error{Op: "Replay.Add", Text: fmt.Sprintf("states of %d and %d numbers and an action of %d: wants %d, %d and %d",
			len(state), len(next), len(action), r.size, r.size, r.width)})
	}
	i := r.at
	copy(r.states[i*r.size:], state)
	copy(r.next[i*r.size:], next)
	copy(r.actions[i*r.width:], action)
	r.rewards[i], r.going[i] = float32(reward), 1
	if terminated {
		r.going[i] = 0
	}
	if r.tree != nil {
		r.tree.set(i, math.Pow(r.highest, r.Alpha))
	}
	r.at = (i + 1) % r.capacity
	r.length = max(r.length, i+1)
}

// Sample draws n transitions (1 or more), the same one perhaps more than once. There must be one.
func (r *Replay) Sample(random *eager.Rand, n int) *Batch {
	if n < 1 || r.length == 0 || random == nil {
		panic(&eager.Error{Op: "Replay.Sample", Text: fmt.Sprintf("%d of %d transitions: wants 1 or more, and a source of random numbers", n, r.length)})
	}
	b := &Batch{Places: make([]int, n)}
	if r.tree == nil {
		for k := range b.Places {
			b.Places[k] = random.Intn(r.length)
		}
	} else {
		b.Weights = r.draw(random, b.Places)
	}
	states, next := make([]float32, 0, n*r.size), make([]float32, 0, n*r.size)
	actions, rewards, going := make([]float32, 0, n*r.width), make([]float32, n), make([]float32, n)
	for k, i := range b.Places {
		states = append(states, r.states[i*r.size:(i+1)*r.size]...)
		next = append(next, r.next[i*r.size:(i+1)*r.size]...)
		actions = append(actions, r.actions[i*r.width:(i+1)*r.width]...)
		rewards[k], going[k] = r.rewards[i], r.going[i]
	}
	b.States, b.Next = eager.FromFloat32(states, n, r.size), eager.FromFloat32(next, n, r.size)
	b.Actions = eager.FromFloat32(actions, n, r.width)
	b.Rewards, b.Going = eager.FromFloat32(rewards, n, 1), eager.FromFloat32(going, n, 1)
	return b
}

// draw chooses places by priority, one from each of as many equal parts of the sum of all, and gives the weights that
// correct for it: (length · chance)^-Beta, divided by the largest of them (Schaul et al. 2016, section 3.4).
func (r *Replay) draw(random *eager.Rand, places []int) *eager.Tensor {
	weights, most := make([]float64, len(places)), 0.0
	part := r.tree.sum() / float64(len(places))
	for k := range places {
		i := min(r.tree.find((float64(k)+random.Float64())*part), r.length-1)
		places[k] = i
		weights[k] = math.Pow(float64(r.length)*r.tree.at(i)/r.tree.sum(), -r.Beta)
		most = max(most, weights[k])
	}
	for k := range weights {
		weights[k] /= most
	}
	return eager.New(weights, len(places), 1)
}

// Update gives the transitions of a batch new priorities: how wrong the estimate of each was (its sign does not
// matter), plus 1e-6. Without priorities it does nothing.
func (r *Replay) Update(places []int, errors []float32) {
	if len(places) != len(errors) {
		panic(&eager.Error{Op: "Replay.Update", Text: fmt.Sprintf("%d errors for %d transitions", len(errors), len(places))})
	}
	if r.tree == nil {
		return
	}
	for k, i := range places {
		priority := math.Abs(float64(errors[k])) + 1e-6
		r.highest = max(r.highest, priority)
		r.tree.set(i, math.Pow(priority, r.Alpha))
	}
}

// sumTree keeps numbers of 0 or more, finds one by a running sum and changes one, in log2(n) steps: a binary tree in a
// slice, each node the sum of its two children. Node 1 is the root, the children of i are 2i and 2i+1.
type sumTree struct {
	nodes  []float64
	leaves int // a power of 2
}

func newSumTree(n int) *sumTree {
	leaves := 1
	for leaves < n {
		leaves *= 2
	}
	return &sumTree{nodes: make([]float64, 2*leaves), leaves: leaves}
}

func (t *sumTree) sum() float64     { return t.nodes[1] }
func (t *sumTree) at(i int) float64 { return t.nodes[t.leaves+i] }

func (t *sumTree) set(i int, v float64) {
	i += t.leaves
	t.nodes[i] = v
	for i /= 2; i >= 1; i /= 2 {
		t.nodes[i] = t.nodes[2*i] + t.nodes[2*i+1]
	}
}

// find is the first i at which the sum of the numbers 0 to i exceeds mass; never one that is 0, unless all are.
func (t *sumTree) find(mass float64) int {
	i := 1
	for i < t.leaves {
		i *= 2
		if left := t.nodes[i]; mass >= left && t.nodes[i+1] > 0 {
			mass -= left
			i++
		}
	}
	return i - t.leaves
}
