package rl

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// Without -long the networks and budgets are small; what is wanted is what random play is far from: 22 on CartPole, -1200
// on Pendulum.

func TestDQNLearnsCartPole(t *testing.T) {
	dqn, least := ZooDQN("CartPole-v1"), 500.0
	if !*long {
		dqn.Steps, dqn.Hidden, dqn.EvalEvery, least = 25_000, []int{64, 64}, 500, 400
	}
	learns(t, dqn, "CartPole-v1", 100, least)
}

func TestDQNWithItsImprovementsLearnsCartPole(t *testing.T) {
	dqn := ZooDQN("CartPole-v1")
	dqn.Double, dqn.Dueling, dqn.Prioritized = true, true, true
	dqn.Steps, dqn.Hidden, dqn.EvalEvery = 15_000, []int{64, 64}, 500
	learns(t, dqn, "CartPole-v1", 100, 300)
}

func TestDQNLearnsMountainCar(t *testing.T) {
	if !*long {
		t.Skip("takes long: -long")
	}
	learns(t, ZooDQN("MountainCar-v0"), "MountainCar-v0", 100, -110)
}

func TestDQNLearnsAcrobot(t *testing.T) {
	if !*long {
		t.Skip("takes long: -long")
	}
	learns(t, ZooDQN("Acrobot-v1"), "Acrobot-v1", 100, -90)
}

func TestSACLearnsPendulum(t *testing.T) {
	sac, least := ZooSAC("Pendulum-v1"), -170.0
	if !*long {
		sac.Steps, sac.Hidden, sac.Batch, sac.EvalEvery, least = 5000, []int{64, 64}, 64, 500, -250
	}
	learns(t, sac, "Pendulum-v1", 100, least)
}

func TestTD3LearnsPendulum(t *testing.T) {
	td3, least := ZooTD3("Pendulum-v1"), -170.0
	if !*long {
		td3.Steps, td3.Warmup, td3.Hidden, td3.Batch, td3.EvalEvery, least = 10_000, 1000, []int{64, 64}, 64, 500, -300
	}
	learns(t, td3, "Pendulum-v1", 100, least)
}

func TestOffPolicyAlgorithmsGiveTheSameBytesForTheSameSeed(t *testing.T) {
	for id, makers := range map[string][]func() Algorithm{
		"CartPole-v1": {func() Algorithm {
			dqn := ZooDQN("CartPole-v1")
			dqn.Steps, dqn.Hidden, dqn.Dueling, dqn.Prioritized, dqn.Double, dqn.EvalEvery = 1600, []int{16}, true, true, true, 400
			return dqn
		}},
		"Pendulum-v1": {func() Algorithm {
			sac := ZooSAC("Pendulum-v1")
			sac.Steps, sac.Hidden, sac.EvalEvery = 400, []int{16}, 200
			return sac
		}, func() Algorithm {
			td3 := ZooTD3("Pendulum-v1")
			td3.Steps, td3.Warmup, td3.Hidden, td3.EvalEvery = 400, 100, []int{16}, 200
			return td3
		}},
	} {
		for _, fresh := range makers {
			bytes := func(seed int) (*Training, [][]float32) {
				learned := fresh().Train(Maker(id), seed)
				var weights [][]float32
				for _, p := range learned.Policy.Params() {
					weights = append(weights, p.Float32s())
				}
				for i := range learned.Curve { // NaN is not equal to itself
					if math.IsNaN(learned.Curve[i].Recent) {
						learned.Curve[i].Recent = 0
					}
				}
				return learned, weights
			}
			first, w1 := bytes(3)
			second, w2 := bytes(3)
			if !reflect.DeepEqual(w1, w2) || !reflect.DeepEqual(first.Curve, second.Curve) || !slices.Equal(first.Sums, second.Sums) {
				t.Errorf("%s: the same seed gave two trainings:\n%v\n%v", first.Algorithm, first.Curve, second.Curve)
			}
			if _, w3 := bytes(4); reflect.DeepEqual(w1, w3) {
				t.Errorf("%s: seeds 3 and 4 gave the same weights", first.Algorithm)
			}
			if first.Seed != 3 || first.Steps != first.Curve[len(first.Curve)-1].Step {
				t.Errorf("%s: seed %d, %d steps, curve %v", first.Algorithm, first.Seed, first.Steps, first.Curve)
			}
		}
	}
}

func TestReplayForgetsTheOldestAndKnowsWhatEnded(t *testing.T) {
	r := NewReplay(3, 2, 1)
	for i := range 5 {
		v := float32(i)
		r.Add([]float32{v, -v}, []float32{10 * v}, float64(v)/2, []float32{v + 1, -v - 1}, i == 3)
	}
	if r.Len() != 3 {
		t.Fatalf("%d transitions, want 3", r.Len())
	}
	b := r.Sample(eager.NewRand(1), 3000)
	count := map[float32]int{}
	for k := range 3000 {
		v := b.States.Float32s()[2*k]
		count[v]++
		if going := b.Going.Float32s()[k]; (going == 0) != (v == 3) || b.Actions.Float32s()[k] != 10*v || b.Rewards.Float32s()[k] != v/2 ||
			b.Next.Float32s()[2*k+1] != -v-1 {
			t.Fatalf("transition %d is mixed up", k)
		}
		if k > 50 {
			break
		}
	}
	count = map[float32]int{}
	for _, i := range b.Places {
		count[r.states[2*i]]++
	}
	for v := float32(2); v <= 4; v++ { // 1000 of 3000 each; the standard deviation is 26
		if count[v] < 870 || count[v] > 1130 || len(count) != 3 {
			t.Errorf("drawn %v, want each of 2, 3, 4 about 1000 times", count)
		}
	}
}

func TestPrioritiesGiveChancesAndWeights(t *testing.T) {
	r := NewPrioritizedReplay(4, 1, 1)
	r.Alpha, r.Beta = 1, 1
	for i := range 4 {
		r.Add([]float32{float32(i)}, []float32{0}, 0, []float32{0}, false)
	}
	r.Update([]int{0, 1, 2, 3}, []float32{1, -2, 3, 4})
	b := r.Sample(eager.NewRand(2), 10_000) // one from each ten-thousandth of the sum: 1000, 2000, 3000, 4000 at most one off
	count := make([]int, 4)
	for _, i := range b.Places {
		count[i]++
	}
	for i, n := range count {
		if math.Abs(float64(n-1000*(i+1))) > 2 {
			t.Errorf("drawn %v times, want 1000, 2000, 3000, 4000", count)
			break
		}
	}
	for k, w := range b.Weights.Float32s() { // 1/chance, the largest 1
		if want := 1 / float64(b.Places[k]+1); math.Abs(float64(w)-want) > 1e-6 {
			t.Fatalf("the weight of transition %d is %v, want %v", b.Places[k], w, want)
		}
	}
	// The newest has the highest priority so far, 4: half of 8, now that those of 0 to 3 are 1, 2, 0 (forgotten) and 1.
	r.Update([]int{3}, []float32{1})
	r.Add([]float32{9}, []float32{0}, 0, []float32{0}, false)
	if got := r.tree.at(0); math.Abs(got-4) > 1e-5 {
		t.Errorf("a new transition has priority %v, want 4", got)
	}
}

func TestSumTreeFindsByRunningSum(t *testing.T) {
	tree, values := newSumTree(5), []float64{0.5, 0, 2, 1, 0.25}
	for i, v := range values {
		tree.set(i, v)
	}
	if tree.sum() != 3.75 {
		t.Errorf("sum %v, want 3.75", tree.sum())
	}
	for mass, want := range map[float64]int{0: 0, 0.499: 0, 0.5: 2, 2.49: 2, 2.5: 3, 3.49: 3, 3.5: 4, 3.74: 4, 3.75: 4, 9: 4} {
		if got := tree.find(mass); got != want {
			t.Errorf("at %v it finds %d, want %d", mass, got, want)
		}
	}
}

// A cut episode must not look like an end. Every step pays 1 for ever, and the time limit cuts after 5 steps: the worth
// is 1/(1-Gamma) = 10 in every state; who takes the cut for the end learns at most 4.1 (and who ignores ends is caught by the twin that
// does end: there the first step's worth is 1+0.9+0.81+0.729+0.6561 = 4.0951).
type endless struct {
	at   int
	ends bool
}

func (e *endless) Reset(int) ([]float32, Info) { e.at = 0; return []float32{0}, nil }
func (e *endless) Step([]float32) ([]float32, float64, bool, bool, Info) {
	e.at++
	return []float32{float32(e.at) / 5}, 1, e.ends && e.at == 5, false, nil
}
func (e *endless) ObservationSpace() Space { return NewBox([]float32{0}, []float32{1}) }
func (e *endless) ActionSpace() Space      { return NewDiscrete(2) }

func TestDQNBootstrapsWhatWasTruncatedAndNotWhatTerminated(t *testing.T) {
	for _, ends := range []bool{false, true} {
		dqn := NewDQN(4000)
		dqn.Gamma, dqn.Rate, dqn.Batch, dqn.Every, dqn.Copy, dqn.Hidden, dqn.Capacity = 0.9, 3e-3, 64, 2, 50, []int{32}, 2000
		learned := dqn.Train(func() Env { return NewTimeLimit(&endless{ends: ends}, 5) }, 1)
		var worth float64
		eager.NoGrad(func() { worth = learned.Policy.Forward(eager.Zeros(1, 1)).Max().Item() })
		want, near := 10.0, 1.5
		if ends {
			want, near = 4.0951, 0.3
		}
		if math.Abs(worth-want) > near {
			t.Errorf("ends %v: the worth of the first state is %.2f, want %.2f", ends, worth, want)
		}
	}
}

func TestMisuseOfOffPolicyAlgorithmsIsNamed(t *testing.T) {
	zero := NewSAC(10)
	zero.Tau = 0
	for want, f := range map[string]func(){
		"ZooDQN: no settings for \"Pong\"":                          func() { ZooDQN("Pong") },
		"ZooSAC: no settings for \"Pong\"":                          func() { ZooSAC("Pong") },
		"ZooTD3: no settings for \"Pong\"":                          func() { ZooTD3("Pong") },
		"DQN.Train: the action space is Box":                        func() { NewDQN(10).Train(Maker("Pendulum-v1"), 1) },
		"DQN.Train: Batch 0":                                        func() { (&DQN{Common: Common{Steps: 1}}).Train(Maker("CartPole-v1"), 1) },
		"SAC.Train: the action space is Discrete(2): wants a Box":   func() { NewSAC(10).Train(Maker("CartPole-v1"), 1) },
		"SAC.Train: Batch 256, Capacity 1000000, Warmup 100, Tau 0": func() { zero.Train(Maker("Pendulum-v1"), 1) },
		"TD3.Train: Steps is 0":                                     func() { NewTD3(0).Train(Maker("Pendulum-v1"), 1) },
		"NewReplay: 0 transitions":                                  func() { NewReplay(0, 1, 1) },
		"Replay.Sample: 4 of 0 transitions":                         func() { NewReplay(1, 1, 1).Sample(eager.NewRand(1), 4) },
		"Replay.Add: states of 2 and 1 numbers":                     func() { NewReplay(1, 1, 1).Add([]float32{1, 2}, []float32{1}, 0, []float32{1}, false) },
		"Replay.Update: 1 errors for 2 transitions":                 func() { NewReplay(1, 1, 1).Update([]int{0, 0}, []float32{1}) },
	} {
		var fault *eager.Error
		if err := eager.Try(f); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q in it", err, want)
		}
	}
}

// The density that SAC works with is that of the actions which it draws: it integrates to 1 over them.
func TestSACDrawsWithTheDensityItSays(t *testing.T) {
	policy := newBounded("test", eager.NewRand(1), Make("Pendulum-v1"), []int{8}, 2)
	a := &sac{policy: policy, random: eager.NewRand(2)}
	state := eager.New([]float64{0.3, -0.2, 1}, 1, 3).Expand(20_000, 3)
	actions, logp := a.draw(state)
	chances := logp.Float32s()
	low, high := 0, 0
	inverse := 0.0 // the mean of 1/density over draws is the length of the interval
	for i, x := range actions.Float32s() {
		if x < -1 || x > 1 {
			t.Fatalf("drew %v", x)
		}
		if x > -0.8 && x < 0.8 {
			inverse += math.Exp(-float64(chances[i])) / 20_000
		}
		if x < 0 {
			low++
		} else {
			high++
		}
	}
	if math.Abs(inverse-1.6) > 0.05 {
		t.Errorf("the mean of 1/density within ±0.8 is %.3f, want 1.6", inverse)
	}
	if low == 0 || high == 0 {
		t.Errorf("%d draws below 0, %d above", low, high)
	}
	if got := policy.Forward(state).Float32s()[0]; math.Abs(float64(got)) > 2 {
		t.Errorf("without chance the action is %v, want it within ±2", got)
	}
	if names := nn.Names(policy); !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, "half") }) {
		t.Errorf("the range of the actions is not saved: %v", names)
	}
}
