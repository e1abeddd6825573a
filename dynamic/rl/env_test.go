package rl

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

// corridor is an environment as a notebook's cell would write it: walk to the right end of five fields.
type corridor struct{ at int }

func (c *corridor) Reset(seed int) ([]float32, Info) { c.at = 0; return []float32{0}, nil }
func (c *corridor) Step(action []float32) ([]float32, float64, bool, bool, Info) {
	c.at = max(0, c.at+2*int(action[0])-1)
	return []float32{float32(c.at)}, -1, c.at == 4, false, nil
}
func (c *corridor) ObservationSpace() Space { return NewDiscrete(5) }
func (c *corridor) ActionSpace() Space      { return corridorActions }

var corridorActions = NewDiscrete(2)

// forgetful breaks the rules: a slice used twice, an observation outside of its space, chance without a seed, a NaN.
type forgetful struct {
	corridor
	buffer []float32
	draws  *Generator
}

func (f *forgetful) Reset(int) ([]float32, Info) {
	f.buffer[0] = 7
	return f.buffer, nil
}

func (f *forgetful) Step([]float32) ([]float32, float64, bool, bool, Info) {
	f.buffer[0] = float32(f.draws.Intn(5))
	return f.buffer, math.NaN(), false, false, nil
}

func TestCheckEnvPassesGoodAndListsFaults(t *testing.T) {
	for _, env := range []Env{&corridor{}, NewTimeLimit(&corridor{}, 9), Make("CartPole-v1"), Make("FrozenLake-v1"),
		NewFrozenLake(RandomLake(6, 0.8, 3), false)} {
		if err := CheckEnv(env); err != nil {
			t.Errorf("CheckEnv(%T): %v", Inside(env), err)
		}
	}
	err := CheckEnv(&forgetful{buffer: make([]float32, 1), draws: NewGenerator(1)})
	if err == nil {
		t.Fatal("CheckEnv passed an environment that breaks the rules")
	}
	for _, want := range []string{"*rl.forgetful as an environment", "Reset gave the observation [7], which is not in Discrete(5)",
		"Step gave the same slice", "Step gave the reward NaN", "two different episodes"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("CheckEnv says\n%v\nwithout %q", err, want)
		}
	}
}

func TestMisuseNamesWhatWasWrong(t *testing.T) {
	cart, lake := NewCartPole(), NewFrozenLake(Lake4x4(), true)
	begun := Make("CartPole-v1")
	begun.Reset(1)
	scores := func(n int, v float64) func(*eager.Tensor) *eager.Tensor {
		return func(x *eager.Tensor) *eager.Tensor { return eager.Full(v, x.Dim(0), n) }
	}
	random := eager.NewRand(1)
	for _, c := range []struct {
		want string
		f    func()
	}{
		{`Make: no environment "CartPol-v1"; there are ` + strings.Join(IDs(), ", ") + "\n" +
			`hint: did you mean "CartPole-v1"?`, func() { Make("CartPol-v1") }},
		{`did you mean "CartPole-v1"?`, func() { Make("CartPole-v2") }},
		{`did you mean "FrozenLake8x8-v1"?`, func() { Make("frozenlake8x8-V1") }},
		{`Make: no environment "Pendulum"; there are`, func() { Make("Pendulum") }},
		{"CartPole.Step: no episode has begun\nhint: call Reset first", func() { cart.Step(Action(0)) }},
		{"FrozenLake.Step: no episode has begun", func() { lake.Step(Action(0)) }},
		{"CartPole.Step: action [2] is not in Discrete(2)", func() { begun.Step(Action(2)) }},
		{"CartPole.Step: action [0.5] is not in Discrete(2)", func() { begun.Step([]float32{0.5}) }},
		{"CartPole.Step: action [] is not in Discrete(2)", func() { begun.Step(nil) }},
		{"CartPole.Reset: Low 1 is not at most High 0.05", func() { (&CartPole{Low: 1, High: 0.05}).Reset(1) }},
		{"Seed: a seed must be 0 or more, not -2", func() { begun.Reset(-2) }},
		{"NewTimeLimit: wants a limit of 1 step or more, not 0", func() { NewTimeLimit(cart, 0) }},
		{"NewDiscrete: wants between 1 and 16777216 values, not 0", func() { NewDiscrete(0) }},
		{"NewBox: 2 low and 1 high bounds for 2 numbers of shape (2)", func() { NewBox([]float32{1, 2}, []float32{3}) }},
		{"NewBox: 2 low and 2 high bounds for 6 numbers of shape (2,3)", func() { NewBox([]float32{1, 2}, []float32{3, 4}, 2, 3) }},
		{"NewBox: number 1: low 2 is not at most high 1", func() { NewBox([]float32{1, 2}, []float32{3, 1}) }},
		{"Intn: wants a bound of 1 or more, not 0", func() { NewGenerator(1).Intn(0) }},
		{"NewFrozenLake: the map is empty", func() { NewFrozenLake(nil, true) }},
		{"NewFrozenLake: row 1 has 2 fields, row 0 has 3", func() { NewFrozenLake([]string{"SFG", "FF"}, true) }},
		{`NewFrozenLake: row 1, column 2: unknown letter "X"`, func() { NewFrozenLake([]string{"SFG", "FFX"}, true) }},
		{"NewFrozenLake: the map has no start S", func() { NewFrozenLake([]string{"FFG"}, true) }},
		{"NewFrozenLake: Success 2 is not a chance", func() { NewFrozenLakeWith(LakeOptions{Map: Lake4x4(), Success: 2}) }},
		{"RandomLake: size 1, frozen 0.8", func() { RandomLake(1, 0.8, 0) }},
		{"NewScore: wants 1 episode or more, not 0", func() { NewScore(0) }},
		{"Play: wants 1 step or more, not 0", func() { Play(begun, nil, 0, nil) }},
		{"Play: wants a source of random numbers", func() { Play(begun, scores(2, 0), 1, nil) }},
		{"Play: the policy gave (1,3) for a state (1,4): wants a score for each action, (1,2)", func() { Play(begun, scores(3, 0), 1, random) }},
		{"Play: the policy gave NaN for an action's score", func() { Play(begun, scores(2, math.NaN()), 1, random) }},
		{"Evaluate: wants 1 episode or more, not 0", func() { Evaluate(begun, scores(2, 0), 0) }},
		{"Watch: *rl.corridor cannot draw itself", func() { Watch(&corridor{}, nil, 1) }},
		{"NewFilm: wants 1 to 100 pictures a second, not 0", func() { NewFilm(0) }},
		{"Film.Add: a picture of 256x256 in a film of 600x400", func() {
			film := NewFilm(5)
			film.Add(NewCartPole().Render())
			film.Add(lake.Render())
		}},
		{"Returns: gamma is 1.5: wants 0 to 1", func() { (&Run{}).Returns(1.5) }},
	} {
		var fault *eager.Error
		if err := eager.Try(c.f); !errors.As(err, &fault) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v\nwant %q in it", err, c.want)
		}
	}
}

func TestUnseededEnvironmentsAndSpacesRepeat(t *testing.T) {
	for _, id := range IDs() {
		a, b := Make(id), Make(id)
		first, _ := a.Reset(Keep)
		second, _ := b.Reset(0)
		if !slices.Equal(first, second) {
			t.Errorf("%s: Reset(Keep) at the start gave %v, Reset(0) %v", id, first, second)
		}
		if x, y := a.ObservationSpace().Sample(), b.ObservationSpace().Sample(); !slices.Equal(x, y) {
			t.Errorf("%s: first samples of two fresh spaces are %v and %v", id, x, y)
		}
	}
}

func TestSpacesContainWhatTheySample(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, space := range []Space{NewDiscrete(5), &Discrete{N: 3, Start: -1},
		NewBox([]float32{-1, 0}, []float32{1, 9}), NewBox([]float32{-inf, 3, -inf, 2}, []float32{inf, inf, 1, 2}, 2, 2)} {
		for range 500 {
			if v := space.Sample(); !space.Contains(v) || len(v) != space.Size() {
				t.Fatalf("%v sampled %v, which it does not contain", space, v)
			}
		}
	}
	nan := float32(math.NaN())
	for _, v := range [][]float32{{2}, {-2}, {0.5}, {nan}, {}, {0, 0}} {
		if (&Discrete{N: 3, Start: -1}).Contains(v) {
			t.Errorf("Discrete(3, start=-1) contains %v", v)
		}
	}
	for _, v := range [][]float32{{1.1, 0}, {0}, {nan, 0}} {
		if NewBox([]float32{-1, 0}, []float32{1, 9}).Contains(v) {
			t.Errorf("the box contains %v", v)
		}
	}
	for space, want := range map[Space]string{
		NewDiscrete(4):                                       "Discrete(4)",
		&Discrete{N: 3, Start: -1}:                           "Discrete(3, start=-1)",
		NewBox([]float32{-1, 0}, []float32{1, 1}):            "Box([-1 0], 1, (2))",
		NewBox(make([]float32, 4), make([]float32, 4), 2, 2): "Box(0, 0, (2,2))",
		Make("CartPole-v1").ObservationSpace():               "Box([-4.8 -Inf -0.418879 -Inf], [4.8 +Inf 0.418879 +Inf], (4))",
	} {
		if space.String() != want {
			t.Errorf("a space prints as %q, want %q", space, want)
		}
	}
}

// The chance of reaching the goal of FrozenLake-v1 in 100 steps is 0.74 at best (Gymnasium's registration says so).
func TestFrozenLakeCanBeWonAsOftenAsItShould(t *testing.T) {
	best := []int{0, 3, 3, 3, 0, 0, 0, 0, 3, 1, 0, 0, 0, 2, 1, 0} // by value iteration
	env := Make("FrozenLake-v1")
	env.Reset(5)
	policy := func(x *eager.Tensor) *eager.Tensor {
		scores := make([]float64, 4)
		scores[best[int(x.Item())]] = 1
		return eager.New(scores, 1, 4)
	}
	if run := Evaluate(env, policy, 2000); math.Abs(run.MeanReward()-0.74) > 0.03 {
		t.Errorf("the best policy wins %.3f of 2000 episodes, want 0.74", run.MeanReward())
	}
}

// The sums were taken from runs equal to Gymnasium's, so that this can be told on any processor and without Python: 1500
// steps of balanced CartPole, in which a single last bit would show, and 500 of a slippery lake.
func TestEpisodesAreThoseRecorded(t *testing.T) {
	sum := func(env Env, steps int, act func(observation []float32) []float32) uint32 {
		h := crc32.NewIEEE()
		observation, _ := env.Reset(42)
		for range steps {
			next, reward, terminated, truncated, _ := env.Step(act(observation))
			if err := binary.Write(h, binary.LittleEndian, append(next, float32(reward))); err != nil {
				t.Fatal(err)
			}
			if observation = next; terminated || truncated {
				observation, _ = env.Reset(Keep)
			}
		}
		return h.Sum32()
	}
	balance := func(o []float32) []float32 {
		if float64(3*float64(o[2]))+float64(o[3])+float64(0.1*float64(o[0]))+float64(0.2*float64(o[1])) > 0 {
			return Action(1)
		}
		return Action(0)
	}
	if got := sum(Make("CartPole-v1"), 1500, balance); got != 0xa5741f3 {
		t.Errorf("CartPole-v1: the check sum of 1500 steps is %#x", got)
	}
	lake := Make("FrozenLake8x8-v1")
	lake.ActionSpace().Seed(42)
	if got := sum(lake, 500, func([]float32) []float32 { return lake.ActionSpace().Sample() }); got != 0x6a07d062 {
		t.Errorf("FrozenLake8x8-v1: the check sum of 500 steps is %#x", got)
	}
}
