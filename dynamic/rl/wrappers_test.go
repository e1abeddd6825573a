package rl

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

func TestWrappersKeepTheRulesOfEnv(t *testing.T) {
	for _, env := range []Env{
		NewEpisodeStatistics(Make("CartPole-v1")), NewClipReward(Make("Pendulum-v1"), -1, 1), NewClipAction(Make("Pendulum-v1")),
		NewFrameStack(Make("FrozenLake-v1"), 4), NewFrameStack(Make("Blackjack-v1"), 2),
		NewFrameStack(NewEpisodeStatistics(Make("MountainCar-v0")), 1),
	} {
		if err := CheckEnv(env); err != nil {
			t.Errorf("%T: %v", env, err)
		}
	}
	cart := NewCartPole()
	if got := Inside(NewClipReward(NewEpisodeStatistics(NewTimeLimit(NewFrameStack(NewNormalizeReward(
		NewNormalizeObservation(cart), 1), 2), 5)), 0, 1)); got != Env(cart) {
		t.Errorf("inside of seven is %T", got)
	}
}

func TestFrozenMomentsStay(t *testing.T) {
	observe := NewNormalizeObservation(Make("MountainCarContinuous-v0"))
	env := NewNormalizeReward(observe, 0.9)
	env.ActionSpace().Seed(1)
	env.Reset(1)
	step := func() (float64, []float32) {
		observation, reward, _, _, _ := env.Step([]float32{0.5})
		return reward, observation
	}
	for range 50 {
		step()
	}
	observe.Frozen, env.Frozen = true, true
	mean, variance := slices.Clone(observe.Mean), slices.Clone(observe.Variance)
	first, _ := step()
	second, observation := step()
	if first != second || !slices.Equal(mean, observe.Mean) || !slices.Equal(variance, observe.Variance) {
		t.Errorf("frozen moments change: rewards %v and %v, means %v and %v", first, second, mean, observe.Mean)
	}
	inner := Inside(env).(*MountainCarContinuous)
	want := (inner.x - float64(mean[0])) / math.Sqrt(float64(variance[0])+1e-8)
	if math.Abs(float64(observation[0])-want) > 1e-4 {
		t.Errorf("position %v with mean %v and variance %v is %v, want %v", inner.x, mean[0], variance[0], observation[0], want)
	}
	env.Frozen = false
	if third, _ := step(); third == second {
		t.Error("the spread of rewards stays frozen")
	}
}

func TestMisuseOfWrappersIsNamed(t *testing.T) {
	cart := Make("CartPole-v1")
	short := NewClipAction(Make("Pendulum-v1"))
	short.Reset(0)
	for want, f := range map[string]func(){
		"NewNormalizeReward: gamma is 2: wants 0 to 1":          func() { NewNormalizeReward(cart, 2) },
		"NewClipReward: low 1 is not at most high 0":            func() { NewClipReward(cart, 1, 0) },
		"NewClipAction: the action space is Discrete(2)":        func() { NewClipAction(cart) },
		"NewFrameStack: wants 1 frame or more, not 0":           func() { NewFrameStack(cart, 0) },
		"Pendulum.Step: action [1 2] is not in Box(-2, 2, (1))": func() { short.Step([]float32{1, 2}) },
	} {
		var fault *eager.Error
		if err := eager.Try(f); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q in it", err, want)
		}
	}
}
