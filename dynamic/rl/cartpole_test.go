package rl

import (
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

// A vector on all cores gives what its environments give one after the other.
func TestManyCartPolesAreTheSameOnAllCores(t *testing.T) {
	const n = 1024
	many, random := MakeVector("CartPole-v1", n, SameStep), NewGenerator(3)
	alone := make([]Env, n)
	many.Reset(5)
	for i := range alone {
		alone[i] = Make("CartPole-v1")
		alone[i].Reset(5 + i)
	}
	ends := 0
	for step := range 60 {
		actions := make([]float32, n)
		for i := range actions {
			actions[i] = float32(random.Intn(2))
		}
		got := many.Step(actions)
		for i, env := range alone {
			observation, reward, terminated, truncated, _ := env.Step(actions[i : i+1])
			if terminated || truncated {
				ends++
				if !slices.Equal(got.Final[i], observation) {
					t.Fatalf("step %d, environment %d: the last observation is %v, alone %v", step, i, got.Final[i], observation)
				}
				observation, _ = env.Reset(Keep)
			}
			if !slices.Equal(got.Observations[4*i:4*i+4], observation) || got.Rewards[i] != reward || got.Terminated[i] != terminated || got.Truncated[i] != truncated {
				t.Fatalf("step %d, environment %d: %v %v %v, alone %v %v %v", step, i,
					got.Observations[4*i:4*i+4], got.Rewards[i], got.Terminated[i], observation, reward, terminated)
			}
		}
	}
	if ends < n {
		t.Errorf("only %d episodes ended", ends)
	}
	wrong := make([]float32, n)
	wrong[n-1] = 2
	if err := eager.Try(func() { many.Step(wrong) }); err == nil || !strings.Contains(err.Error(), "CartPole.Step: action [2] is not in Discrete(2)") {
		t.Errorf("a wrong action of the last environment: %v", err)
	}
}

func BenchmarkCartPole(b *testing.B) {
	env := Make("CartPole-v1")
	env.Reset(1)
	actions := [2][]float32{Action(0), Action(1)}
	i := 0
	for b.Loop() {
		i++
		if _, _, terminated, truncated, _ := env.Step(actions[i&1]); terminated || truncated {
			env.Reset(Keep)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Msteps/s")
}

func BenchmarkCartPoleVector1024(b *testing.B) {
	v := MakeVector("CartPole-v1", 1024, NextStep)
	v.Reset(1)
	v.ActionSpace().Seed(1)
	actions := [2][]float32{v.ActionSpace().Sample(), v.ActionSpace().Sample()}
	i := 0
	for b.Loop() {
		i++
		v.Step(actions[i&1])
	}
	b.ReportMetric(float64(b.N)*1024/b.Elapsed().Seconds()/1e6, "Msteps/s")
}
