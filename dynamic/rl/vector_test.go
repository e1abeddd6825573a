package rl

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

type recordedVector struct {
	Name, Mode string
	Seed, N    int
	Start      []uint32
	Steps      []struct {
		Action, Observation, Reset []uint32
		Rewards                    []float64
		Terminated, Truncated      []bool
		Final                      [][]uint32
	}
}

func TestVectorsEqualGymnasium(t *testing.T) {
	ends := map[string]int{}
	for _, run := range gymnasiumRuns(t).Vectors {
		mode, known := map[string]Autoreset{"NextStep": NextStep, "SameStep": SameStep, "Disabled": Disabled}[run.Mode]
		if !known {
			t.Fatalf("Gymnasium has a mode %q", run.Mode)
		}
		envs := MakeVector(run.Name, run.N, mode)
		envs.ActionSpace().Seed(run.Seed)
		if err := equalVector(envs, run, ends); err != nil {
			t.Errorf("%s, %s, seed %d: %v", run.Name, run.Mode, run.Seed, err)
		}
	}
	for _, name := range []string{"CartPole-v1", "FrozenLake-v1", "Pendulum-v1"} {
		if ends[name] == 0 {
			t.Errorf("%s: no recorded episode ends, so that no reset is compared", name)
		}
	}
}

// equalVector repeats a run and tells the first difference; it counts the ends of episodes.
func equalVector(envs *Vector, run recordedVector, ends map[string]int) error {
	if got := envs.Reset(run.Seed).Observations; !slices.Equal(got, floats(run.Start)) {
		return fmt.Errorf("first observations %v, Gymnasium has %v", got, floats(run.Start))
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9 }
	for i, want := range run.Steps {
		action := envs.ActionSpace().Sample()
		if !slices.Equal(action, floats(want.Action)) {
			return fmt.Errorf("step %d: sampled actions %v, Gymnasium has %v", i, action, floats(want.Action))
		}
		got := envs.Step(action)
		if !slices.Equal(got.Observations, floats(want.Observation)) || !slices.EqualFunc(got.Rewards, want.Rewards, near) ||
			!slices.Equal(got.Terminated, want.Terminated) || !slices.Equal(got.Truncated, want.Truncated) {
			return fmt.Errorf("step %d: %+v, Gymnasium has %v, %+v", i, got, floats(want.Observation), want)
		}
		over := make([]bool, run.N)
		for e := range over {
			if over[e] = got.Terminated[e] || got.Truncated[e]; over[e] {
				ends[run.Name]++
			}
			var final []float32
			if want.Final != nil && want.Final[e] != nil {
				final = floats(want.Final[e])
			}
			if !slices.Equal(got.Final[e], final) {
				return fmt.Errorf("step %d: last observation %v, Gymnasium has %v", i, got.Final[e], final)
			}
		}
		if want.Reset != nil {
			if again := envs.ResetWhere(over, Keep).Observations; !slices.Equal(again, floats(want.Reset)) {
				return fmt.Errorf("step %d: observations after the reset %v, Gymnasium has %v", i, again, floats(want.Reset))
			}
		}
	}
	return nil
}

func TestMisuseOfVectorsIsNamed(t *testing.T) {
	disabled := MakeVector("FrozenLake-v1", 2, Disabled)
	disabled.Reset(0)
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"NewVector: 0 environments", func() { MakeVector("CartPole-v1", 0, NextStep) }},
		{"Vector.Step: no episode has begun", func() { MakeVector("CartPole-v1", 2, NextStep).Step([]float32{0, 0}) }},
		{"Vector.Step: 1 numbers as actions of 2 environments: wants 1 for each", func() { disabled.Step(Action(0)) }},
		{"Vector.ResetWhere: mask [false false]", func() { disabled.ResetWhere([]bool{false, false}, Keep) }},
		{"Vector.ResetWhere: no episode has begun", func() { MakeVector("CartPole-v1", 2, Disabled).ResetWhere([]bool{false, true}, 1) }},
		{"has ended: call ResetWhere first", func() {
			for range 200 {
				disabled.Step([]float32{1, 1})
			}
		}},
	} {
		var fault *eager.Error
		if err := eager.Try(c.f); !errors.As(err, &fault) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v\nwant %q in it", err, c.want)
		}
	}
}

func TestVectorsHaveSpacesOfAll(t *testing.T) {
	for id, want := range map[string]string{
		"FrozenLake-v1": "MultiDiscrete([16 16])", "Pendulum-v1": "Box([-1 -1 -8 -1 -1 -8], [1 1 8 1 1 8], (2,3))",
		"Blackjack-v1": "Tuple(Tuple(Discrete(32), Discrete(11), Discrete(2)), Tuple(Discrete(32), Discrete(11), Discrete(2)))",
	} {
		envs := MakeVector(id, 2, NextStep)
		step := envs.Reset(1)
		if space := envs.ObservationSpace(); space.String() != want || !space.Contains(step.Observations) {
			t.Errorf("%s: the space is %v, want %s with %v in it", id, space, want, step.Observations)
		}
		if x := step.States(); x.Dim(0) != 2 || x.Dim(1) != envs.Envs[0].ObservationSpace().Size() {
			t.Errorf("%s: the states are of %v", id, x.Shape())
		}
	}
	several := &MultiDiscrete{N: []int{2, 3}, Start: []int{0, -1}}
	for _, v := range [][]float32{{2, 0}, {0, 2}, {0, -2}, {0.5, 0}, {0}} {
		if several.Contains(v) {
			t.Errorf("%v contains %v", several, v)
		}
	}
}
