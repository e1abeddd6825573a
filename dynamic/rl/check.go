package rl

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// CheckEnv tries an environment of your own and gives an error that lists what it does against the rules of Env, or
// nil. It resets the environment and takes some hundred random steps.
//
// It checks that observations belong to the observation space and are new slices, that the same seed and actions give
// the same episode, that rewards are finite numbers and that every action of the action space is taken.
func CheckEnv(env Env) error {
	var faults []error
	fault := func(format string, values ...any) { faults = append(faults, fmt.Errorf(format, values...)) }
	err := eager.Try(func() {
		if env.ObservationSpace() == nil || env.ActionSpace() == nil {
			fault("ObservationSpace or ActionSpace is nil")
			return
		}
		first, second := walk(env, fault), walk(env, func(string, ...any) {})
		if !slices.EqualFunc(first, second, slices.Equal[[]float32]) {
			fault("the same seed and the same actions gave two different episodes: draw all random numbers from a rl.Generator that Reset seeds")
		}
	})
	if err != nil {
		fault("it failed: %w", err)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%T as an environment: %w", Inside(env), errors.Join(faults...))
	}
	return nil
}

// walk plays random actions from one seed. Each fault is told once.
func walk(env Env, fault func(string, ...any)) (seen [][]float32) {
	space, actions := env.ObservationSpace(), env.ActionSpace()
	actions.Seed(123)
	told := map[string]bool{}
	tell := func(format string, values ...any) {
		if !told[format] {
			told[format] = true
			fault(format, values...)
		}
	}
	var before []float32
	look := func(from string, observation []float32) {
		if !space.Contains(observation) {
			tell(from+" gave the observation %v, which is not in %v", observation, space)
		}
		if len(observation) > 0 && len(before) > 0 && &observation[0] == &before[0] {
			tell(from + " gave the same slice as the call before: give a new one each time")
		}
		before = observation
		seen = append(seen, slices.Clone(observation))
	}
	observation, _ := env.Reset(123)
	look("Reset", observation)
	for range 200 {
		action := actions.Sample()
		kept := slices.Clone(action)
		observation, reward, terminated, truncated, _ := env.Step(action)
		look("Step", observation)
		if math.IsNaN(reward) || math.IsInf(reward, 0) {
			tell("Step gave the reward %v", reward)
		}
		if !slices.Equal(action, kept) {
			tell("Step changed the action %v that it was given", kept)
		}
		seen = append(seen, []float32{float32(reward)})
		if terminated || truncated {
			observation, _ = env.Reset(Keep)
			look("Reset", observation)
		}
	}
	return seen
}
