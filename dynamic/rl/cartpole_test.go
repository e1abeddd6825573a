package rl

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/install/outside"
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

// cartPoleSpeed is how many million steps a second f makes, which makes n at a call.
func cartPoleSpeed(f func(), n int) float64 {
	start, calls := time.Now(), 0
	for time.Since(start) < 300*time.Millisecond {
		for range 16 {
			f()
		}
		calls += 16
	}
	return float64(calls*n) / time.Since(start).Seconds() / 1e6
}

// oneCartPole is a function that makes 1,000 steps, resets included.
func oneCartPole() func() {
	env := Make("CartPole-v1")
	env.Reset(0)
	actions := [2][]float32{Action(0), Action(1)}
	return func() {
		for i := range 1000 {
			if _, _, terminated, truncated, _ := env.Step(actions[i&1]); terminated || truncated {
				env.Reset(Keep)
			}
		}
	}
}

// manyCartPoles is a function that makes a step of 1,024.
func manyCartPoles() func() {
	v, i := MakeVector("CartPole-v1", 1024, NextStep), 0
	v.Reset(0)
	v.ActionSpace().Seed(1)
	actions := [2][]float32{v.ActionSpace().Sample(), v.ActionSpace().Sample()}
	return func() {
		v.Step(actions[i&1])
		i++
	}
}

// With -long, on a machine that does nothing else: medians of five rounds, in turn with Gymnasium.
func TestCartPoleIsFasterThanGymnasium(t *testing.T) {
	if !*long {
		t.Skip("measures: -long, and an idle machine")
	}
	python := outside.Python(t, "check")
	var ours, oursMany, theirs, sync, native []float64
	for range 5 {
		out, err := exec.Command(python, "testdata/gymnasium_speed.py").Output()
		var speed struct{ One, Sync, Native float64 }
		if err == nil {
			err = json.Unmarshal(out, &speed)
		}
		if err != nil {
			t.Fatal(err)
		}
		theirs, sync, native = append(theirs, speed.One/1e6), append(sync, speed.Sync/1e6), append(native, speed.Native/1e6)
		ours, oursMany = append(ours, cartPoleSpeed(oneCartPole(), 1000)), append(oursMany, cartPoleSpeed(manyCartPoles(), 1024))
	}
	median := func(v []float64) float64 {
		slices.Sort(v)
		return v[len(v)/2]
	}
	one, many, gym := median(ours), median(oursMany), median(theirs)
	t.Logf("million steps a second: one %.2f, 1,024 together %.2f; Gymnasium %.3f, 1,024 in a SyncVectorEnv %.3f, in its vector of arrays %.2f",
		one, many, gym, median(sync), median(native))
	if one < 10 || many < 20 || one < 20*gym || many < 20*median(sync) {
		t.Errorf("want 10 and 20 million at least, and 20 times Gymnasium's")
	}
}

func BenchmarkCartPole(b *testing.B) {
	f := oneCartPole()
	for b.Loop() {
		f()
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds()/1e6, "Msteps/s")
}

func BenchmarkCartPoleVector1024(b *testing.B) {
	f := manyCartPoles()
	for b.Loop() {
		f()
	}
	b.ReportMetric(1024*float64(b.N)/b.Elapsed().Seconds()/1e6, "Msteps/s")
}
