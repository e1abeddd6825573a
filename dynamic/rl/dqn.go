package rl

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// DQN learns what each action is worth, Q(state, action), from a replay of what it did (Mnih et al. 2015): the worth is
// the reward and Gamma times the best worth of what follows, as a copy of the network saw it some steps ago. Nothing
// follows where the task ended the episode; where it was truncated, the worth of its last state does.
//
// Double, Dueling and Prioritized are three of the improvements that Hessel et al. 2018 put together.
type DQN struct {
	Common
	Rate     float64 // of learning, by Adam
	Batch    int     // transitions a gradient
	Capacity int     // transitions that the replay keeps
	Warmup   int     // steps of pure chance before it learns
	Every    int     // steps played before it learns again
	Updates  int     // gradients then
	Copy     int     // steps after which the copy is renewed
	Explore  float64 // part of Steps in which the chance of a random action falls from 1 to Least, in a straight line
	Least    float64
	MaxNorm  float64 // of the gradient; 0 does not cut
	Hidden   []int   // widths of the hidden layers, with Relu between

	// Double lets the network choose the best action of what follows, and the copy say what that is worth (van Hasselt et
	// al. 2016): the maximum of guesses would be too high.
	Double bool
	// Dueling has one head for the worth of the state and one for the advantage of each action (Wang et al. 2016).
	Dueling bool
	// Prioritized draws by the last error of each transition (Schaul et al. 2016); what chances it has are corrected for
	// more and more, wholly at the end.
	Prioritized bool
}

// NewDQN has the settings of stable-baselines3 for vectors of a few numbers, for a number of steps.
func NewDQN(steps int) *DQN {
	return &DQN{Common: Common{Steps: steps, Gamma: 0.99}, Rate: 1e-4, Batch: 32, Capacity: 1_000_000, Warmup: 100, Every: 4, Updates: 1,
		Copy: 10_000, Explore: 0.1, Least: 0.05, MaxNorm: 10, Hidden: []int{64, 64}}
}

// ZooDQN has the settings of rl-baselines3-zoo for an environment: CartPole-v1, MountainCar-v0, Acrobot-v1. Another id is
// an error.
func ZooDQN(id string) *DQN {
	d := NewDQN(0)
	d.Hidden = []int{256, 256}
	switch id {
	case "CartPole-v1":
		d.Steps, d.Rate, d.Batch, d.Capacity, d.Warmup = 50_000, 2.3e-3, 64, 100_000, 1000
		d.Every, d.Updates, d.Copy, d.Explore, d.Least = 256, 128, 10, 0.16, 0.04
	case "MountainCar-v0":
		d.Steps, d.Rate, d.Batch, d.Capacity, d.Warmup, d.Gamma = 120_000, 4e-3, 128, 10_000, 1000, 0.98
		d.Every, d.Updates, d.Copy, d.Explore, d.Least = 16, 8, 600, 0.2, 0.07
		d.EvalEvery, d.EvalEpisodes = 1000, 20 // its policies are good for moments only
		d.Double = true                        // which the zoo does without, and two seeds of five then learn little
	case "Acrobot-v1":
		d.Steps, d.Rate, d.Batch, d.Capacity, d.Warmup = 100_000, 6.3e-4, 128, 50_000, 0
		d.Every, d.Updates, d.Copy, d.Explore, d.Least = 4, 4, 250, 0.12, 0.1
	default:
		panic(&eager.Error{Op: "ZooDQN", Text: fmt.Sprintf("no settings for %q; there are those of CartPole-v1, MountainCar-v0, Acrobot-v1", id),
			Hint: "begin with rl.NewDQN(steps)"})
	}
	return d
}

// Train learns in one fresh environment, whose action space is a Discrete. Settings without sense are errors.
func (d *DQN) Train(fresh func() Env, seed int) *Training {
	d.check("DQN", fresh, seed)
	if d.Batch < 1 || d.Capacity < 1 || d.Every < 1 || d.Updates < 1 || d.Copy < 1 || d.Warmup < 0 {
		panic(&eager.Error{Op: "DQN.Train", Text: fmt.Sprintf("Batch %d, Capacity %d, Every %d, Updates %d, Copy %d, Warmup %d: wants 1 or more of each, and Warmup 0",
			d.Batch, d.Capacity, d.Every, d.Updates, d.Copy, d.Warmup)})
	}
	env, random := fresh(), eager.NewRand(uint64(seed))
	actions, ok := env.ActionSpace().(*Discrete)
	if !ok {
		panic(&eager.Error{Op: "DQN.Train", Text: fmt.Sprintf("the action space is %v: wants a Discrete", env.ActionSpace())})
	}
	net, copied := d.network(random, env, actions.N), d.network(random, env, actions.N)
	nn.Blend(copied, net, 1)
	opt := optim.NewAdam(net.Params(), d.Rate)
	opt.ClipNorm = d.MaxNorm
	size := env.ObservationSpace().Size()
	replay := NewReplay(d.Capacity, size, 1)
	if d.Prioritized {
		replay = NewPrioritizedReplay(d.Capacity, size, 1)
	}
	head := newHead("DQN.Train", actions)
	journal := d.open("DQN", fresh, seed, net, nil)

	state, _ := env.Reset(seed)
	sum, stale := 0.0, false
	for step := 1; step <= d.Steps; step++ {
		var action []float32
		if step <= d.Warmup || random.Float64() < d.chance(step) {
			action = Action(actions.Start + random.Intn(actions.N))
		} else {
			action = head.choose(net.Forward, state, 1, nil)[0]
		}
		next, reward, terminated, truncated, _ := env.Step(action)
		replay.Add(state, []float32{action[0] - float32(actions.Start)}, reward, next, terminated)
		sum += reward
		if state = next; terminated || truncated {
			journal.ended(step, sum)
			state, _ = env.Reset(Keep)
			sum = 0
		}
		if stale && step%d.Copy == 0 {
			nn.Blend(copied, net, 1)
			stale = false
		}
		if step > d.Warmup && step%d.Every == 0 {
			if d.Prioritized {
				replay.Beta = 0.4 + 0.6*float64(step)/float64(d.Steps)
			}
			for range d.Updates {
				eager.Scope(func() { d.learn(replay, random, net, copied, opt) })
			}
			stale = true
		}
		journal.at(step)
	}
	return journal.close()
}

// learn makes one step of gradient descent on the Huber loss of a batch.
func (d *DQN) learn(replay *Replay, random *eager.Rand, net, copied nn.Layer, opt *optim.Adam) {
	b := replay.Sample(random, d.Batch)
	var target *eager.Tensor // (n,1)
	eager.NoGrad(func() {
		after := copied.Forward(b.Next) // (n,actions)
		best := after.Max(1)
		if d.Double {
			best = after.PickT(net.Forward(b.Next).ArgMax(1).Reshape(d.Batch))
		}
		target = b.Rewards.Add(b.Going.Mul(best).Scale(d.Gamma))
	})
	worth := net.Forward(b.States).PickT(b.Actions.To(eager.Int64).Reshape(d.Batch)) // (n,1)
	wrong := worth.Sub(target)
	near := wrong.Clip(-1, 1)
	loss := near.Mul(wrong).Sub(near.Square().Scale(0.5)) // Huber's, of each
	if b.Weights != nil {
		loss = loss.Mul(b.Weights)
	}
	opt.Minimize(loss.Mean())
	if d.Prioritized {
		replay.Update(b.Places, wrong.Float32s())
	}
}

// chance is that of a random action at a step.
func (d *DQN) chance(step int) float64 {
	fall := d.Explore * float64(d.Steps)
	return math.Max(d.Least, 1-(1-d.Least)*float64(step)/max(fall, 1))
}

// network takes states (n,size) to the worth of each action, (n,actions).
func (d *DQN) network(random *eager.Rand, env Env, actions int) nn.Layer {
	features := NewFeatures(env.ObservationSpace())
	sizes := append([]int{features.Width}, d.Hidden...)
	layers := []nn.Layer{features}
	if d.Dueling {
		last := sizes[len(sizes)-1]
		if len(sizes) > 1 {
			layers = append(layers, nn.MLP(random, nn.Relu, sizes...), nn.Func(nn.Relu))
		}
		layers = append(layers, &Duel{Value: nn.NewLinear(random, last, 1), Advantage: nn.NewLinear(random, last, actions)})
	} else {
		layers = append(layers, nn.MLP(random, nn.Relu, append(sizes, actions)...))
	}
	return nn.NewSeq(layers)
}

// Duel is the two heads of a duelling network: the worth of a state, and by how much each action is better than their mean
// (Wang et al. 2016, equation 9).
type Duel struct {
	Value, Advantage *nn.Linear // (n,width) to (n,1) and (n,actions)
}

// Forward takes (n,width) to the worth of each action, (n,actions).
func (d *Duel) Forward(x *eager.Tensor) *eager.Tensor {
	advantage := d.Advantage.Forward(x)
	return d.Value.Forward(x).Add(advantage.Sub(advantage.Mean(1)))
}

// Params are those of the two heads.
func (d *Duel) Params() []*eager.Tensor { return append(d.Value.Params(), d.Advantage.Params()...) }
