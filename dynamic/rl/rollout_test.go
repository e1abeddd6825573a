package rl

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

func TestGAEIsItsFormula(t *testing.T) {
	// delta: 1+0.5·4-2 = 1, 2-4 = -2 (an end), 3+0.5·6-8 = -2; each adds 0.5·0.5 of the one after, but not over the end.
	got := GAE([]float64{1, 2, 3}, []float64{2, 4, 8, 6}, []bool{false, true, false}, 0.5, 0.5)
	if want := []float64{1 - 0.25*2, -2, -2}; !slices.Equal(got, want) {
		t.Errorf("GAE is %v, want %v", got, want)
	}
	// With lambda 1 and values of 0 it is the return.
	got = GAE([]float64{1, 2, 3}, make([]float64, 4), make([]bool, 3), 0.5, 1)
	if want := []float64{1 + 1 + 0.75, 2 + 1.5, 3}; !slices.Equal(got, want) {
		t.Errorf("GAE is %v, want the returns %v", got, want)
	}
	if err := eager.Try(func() { GAE([]float64{1}, []float64{1}, []bool{true}, 1, 1) }); err == nil || !strings.Contains(err.Error(), "GAE: 1 rewards, 1 values and 1 ends") {
		t.Errorf("got %v", err)
	}
}

// level is a critic that takes 10 times the first number of a state for its value.
func level() nn.Layer {
	return nn.Func(func(x *eager.Tensor) *eager.Tensor { return x.Slice(1, 0, 1).Scale(10) })
}

// The corridor's states count 0 1 2 3, and its last step ends the episode by itself. With a limit of 3 steps it is cut
// instead, in state 3, whose value counts.
func TestRolloutsBootstrapWhatWasTruncatedAndNotWhatEnded(t *testing.T) {
	collect := func(limit int) *rollout {
		envs := NewVector(func() Env { return NewTimeLimit(&corridor{}, limit) }, 2, SameStep)
		agent := &actorCritic{head: newHead("test", envs.Envs[0].ActionSpace()), critic: level(),
			actor: nn.Func(func(x *eager.Tensor) *eager.Tensor { // to the right
				return eager.New([]float64{-50, 50, -50, 50}, 2, 2)
			})}
		r := newRollout(envs, agent, 5, eager.NewRand(1), 0)
		j := (&Common{Steps: 10, Gamma: 1}).open("test", func() Env { return &corridor{} }, 0, agent.actor, nil)
		r.collect(j)
		r.estimate(0.5, 0)
		if len(j.training.Sums) != 2 || j.training.Ends[0] != 2*min(limit, 4) {
			t.Errorf("limit %d: episodes ended at %v with %v", limit, j.training.Ends, j.training.Sums)
		}
		return r
	}
	// One step ahead, gamma 0.5: reward -1 (0 values no matter) plus half the next value, 10 times the state.
	for limit, want := range map[int][]float64{
		10: {-1 + 5, -1 + 10, -1 + 15, -1, -1 + 5},      // terminated in step 3
		3:  {-1 + 5, -1 + 10, -1 + 15, -1 + 5, -1 + 10}, // truncated in step 2, in state 3
	} {
		r := collect(limit)
		if got := append(slices.Clone(r.returns[:5]), r.returns[5:]...); !slices.Equal(got[:5], want) || !slices.Equal(got[5:], want) {
			t.Errorf("limit %d: returns %v, want %v in each environment", limit, got, want)
		}
		if want := []float32{0, 1, 2, 3, 0}; limit == 10 && !slices.Equal(r.inputs, append(want, want...)) {
			t.Errorf("inputs %v, want %v twice", r.inputs, want)
		}
	}
}

// What is drawn has the log-probability that judge finds for it, for every kind of part; and entropies are their formulas.
func TestJudgeFindsWhatDrawGave(t *testing.T) {
	h := newHead("test", NewTuple([]Space{&Discrete{N: 3, Start: 2}, NewBox([]float32{-1, -1}, []float32{1, 1})}))
	random := eager.NewRand(3)
	const n = 50
	rows, actions, drawn := random.Normal(n, 7), make([]float32, n*3), make([]float64, n)
	values := rows.Float32s()
	for i := range n {
		drawn[i] = h.draw(values[i*7:(i+1)*7], random, actions[i*3:(i+1)*3])
	}
	logp, entropy := h.judge(rows, actions)
	if logp.Shape().String() != "(50,1)" || entropy.Size() != 1 {
		t.Fatalf("shapes %v and %v", logp.Shape(), entropy.Shape())
	}
	for i, got := range logp.Values() {
		if math.Abs(got-drawn[i]) > 2e-5 {
			t.Errorf("row %d: judge finds %v for what was drawn with %v", i, got, drawn[i])
		}
	}
	want := Entropy(rows.Slice(1, 0, 3)).Item()
	for i, row := range values {
		if i%7 >= 5 {
			want += (float64(row) + 0.5*math.Log(2*math.Pi*math.E)) / n
		}
	}
	if math.Abs(entropy.Item()-want) > 1e-4 {
		t.Errorf("entropy %v, want %v", entropy.Item(), want)
	}
	cut := make([]float32, 3)
	if h.cut(cut, []float32{4, -3, 0.5}); !slices.Equal(cut, []float32{4, -1, 0.5}) {
		t.Errorf("cut to %v, want 4 -1 0.5", cut)
	}
}

func TestFeaturesAreOneHotForWholeNumbers(t *testing.T) {
	f := NewFeatures(NewTuple([]Space{&Discrete{N: 3, Start: 1}, NewBox([]float32{0}, []float32{9}), &MultiDiscrete{N: []int{2}, Start: []int{0}}}))
	got := f.Forward(eager.New([]float64{3, 7.5, 0, 1, 2, 1}, 2, 3))
	if want := []float64{0, 0, 1, 7.5, 1, 0, 1, 0, 0, 2, 0, 1}; !slices.Equal(got.Values(), want) || got.Dim(1) != f.Width || f.Size != 3 {
		t.Errorf("features %v %v, want %v", got.Shape(), got.Values(), want)
	}
	x := eager.Ones(1, 2)
	if plain := NewFeatures(NewBox([]float32{0, 0}, []float32{1, 1})); plain.Forward(x) != x {
		t.Error("the numbers of a Box are their own features")
	}
}

func TestStandardizeHasTheMomentsOfAllThatItSaw(t *testing.T) {
	s := NewStandardize(2)
	s.Learn([]float32{1, 100, 2, 200}, 2)
	s.Learn([]float32{3, 300, 6, 600}, 2)
	if got := s.Mean.Values(); !slices.Equal(got, []float64{3, 300}) {
		t.Errorf("means %v, want 3 and 300", got)
	}
	if got := s.Variance.Values(); !slices.Equal(got, []float64{3.5, 35000}) {
		t.Errorf("variances %v, want 3.5 and 35000", got)
	}
	got := s.Forward(eager.New([]float64{3 + math.Sqrt(3.5), -1e6}, 1, 2)).Values()
	if math.Abs(got[0]-1) > 1e-6 || got[1] != -10 {
		t.Errorf("brought to %v, want 1 and, cut, -10", got)
	}
	scale := newRewardScale(0.5, 2)
	scale.of(0, 1, false)
	scale.of(1, 2, true)
	if got := scale.of(0, 4, false); scale.sums[1] != 0 || math.Abs(got-4/math.Sqrt(26.0/12)) > 1e-6 {
		t.Errorf("a reward of 4 became %v; the sums 1, 2 and 4.5 have mean 2.5 and variance 26/12", got)
	}
}

func TestSettingsWithoutSenseAreNamed(t *testing.T) {
	cart := Maker("CartPole-v1")
	lot, long, whole := NewPPO(100), NewA2C(100), NewREINFORCE(100)
	lot.Batch, long.Length, whole.Batch = 100, 0, 0
	wild := NewQLearning(100)
	wild.Explore = 2
	for want, f := range map[string]func(){
		"PPO.Train: 1 environments of 2048 steps, batches of 100, 10 epochs": func() { lot.Train(cart, 1) },
		"A2C.Train: 8 environments of 0 steps":                               func() { long.Train(cart, 1) },
		"REINFORCE.Train: action space Discrete(2), batches of 0 steps":      func() { whole.Train(cart, 1) },
		"REINFORCE.Train: action space Box(-2, 2":                            func() { NewREINFORCE(10).Train(Maker("Pendulum-v1"), 1) },
		"QLearning.Train: Rate 0.5 to 0.01, Explore 2 to 0.05":               func() { wild.Train(Maker("Taxi-v4"), 1) },
		"SARSA.Train: the observation space is Box(":                         func() { NewSARSA(10).Train(cart, 1) },
		`ZooPPO: no settings for "Pong-v5"`:                                  func() { ZooPPO("Pong-v5") },
		`ZooA2C: no settings for "Taxi-v4"`:                                  func() { ZooA2C("Taxi-v4") },
		"Repeat: algorithm *rl.PPO, 0 seeds":                                 func() { Repeat(NewPPO(10), cart, 0) },
		"PPO.Train: Steps is -1":                                             func() { Repeat(NewPPO(-1), cart, 3) },
		"Study.Quantile: q is 2":                                             func() { (&Study{}).Quantile(2) },
		"NewFeatures: the space is <nil>":                                    func() { NewFeatures(nil) },
		"Standardize.Learn: 3 numbers for 2 states: wants 2 for each":        func() { NewStandardize(2).Learn(make([]float32, 3), 2) },
	} {
		var fault *eager.Error
		if err := eager.Try(f); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q in it", err, want)
		}
	}
}

func TestStudiesTellMedianAndBand(t *testing.T) {
	training := func(seed int, rewards ...float64) *Training {
		t := &Training{Algorithm: "PPO", Seed: seed, Steps: 20, Ends: []int{5, 15}, Sums: []float64{1, 2}}
		for i, r := range rewards {
			p := Point{Seed: seed, Step: 10 * (i + 1), Reward: r, Recent: 1.25}
			t.Curve = append(t.Curve, p)
			if r >= t.Best.Reward {
				t.Best = p
			}
		}
		return t
	}
	s := &Study{Trainings: []*Training{training(1, 5, 9), training(2, 1, 30), training(3, 3, 7)}}
	if !slices.Equal(s.Steps(), []float64{10, 20}) || !slices.Equal(s.Quantile(0.5), []float64{3, 9}) ||
		!slices.Equal(s.Quantile(0.25), []float64{2, 8}) || !slices.Equal(s.Quantile(1), []float64{5, 30}) || !slices.Equal(s.Best(), []float64{9, 30, 7}) {
		t.Errorf("steps %v, median %v, lower quarter %v, highest %v, best %v", s.Steps(), s.Quantile(0.5), s.Quantile(0.25), s.Quantile(1), s.Best())
	}
	want := `PPO, 3 seeds
  seed  steps  episodes  best evaluation  at step  last evaluation  last 100 episodes
     1     20         2                9       20                9               1.25
     2     20         2               30       20               30               1.25
     3     20         2                7       20                7               1.25
median     20         2                9       20                9               1.25
`
	if s.String() != want {
		t.Errorf("it prints as\n%s\nwant\n%s", s, want)
	}
	if html := s.MIME()["text/html"].(string); strings.Count(html, "<tr>") != 5 || !strings.Contains(html, "<td>median</td><td>20</td>") {
		t.Errorf("as HTML: %s", html)
	}
	if html := s.Trainings[1].MIME()["text/html"].(string); !strings.Contains(html, "<tr><td>20</td><td>30.00</td><td>1.25</td></tr>") {
		t.Errorf("a training as HTML: %s", html)
	}
}
