package rl

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tapir-go/tapir/install/outside"
)

// A recording is what testdata/gymnasium_runs.py wrote. float32 come as their bits.
type recording struct {
	Version string
	Runs    []recordedRun
	Boxes   []struct {
		Seed      int
		Low, High []uint32
		Samples   [][]uint32
	}
	Vectors []recordedVector
	Tuples  []struct {
		Seed    int
		Samples [][]float32
	}
	Maps []struct {
		Size   int
		Frozen float64
		Seed   int
		Rows   []string
	}
	Numbers []struct {
		Seed                   int
		Random, Uniform, After []float64
		Integers               [][]int
		Normal, Exponential    []uint32
	}
	Angles [][3]float64
}

type recordedRun struct {
	Name, Policy, Text string
	Seed               int
	Start              []uint32
	Steps              []struct {
		Action                []uint32
		Observation, Reset    []uint32
		Reward                float64
		Terminated, Truncated bool
		Sum                   float64 // of the episode that ended, and its length, where statistics are kept
		Length                int
	}
}

var recorded struct {
	sync.Once
	data recording
	err  error
}

// gymnasiumRuns plays in Gymnasium, once a test process.
func gymnasiumRuns(t *testing.T) *recording {
	t.Helper()
	python := outside.Python(t, "check")
	recorded.Do(func() {
		var out, complaints bytes.Buffer
		command := exec.Command(python, "testdata/gymnasium_runs.py")
		command.Stdout, command.Stderr = &out, &complaints
		if recorded.err = command.Run(); recorded.err == nil {
			recorded.err = json.Unmarshal(out.Bytes(), &recorded.data)
		} else {
			os.Stderr.Write(complaints.Bytes())
		}
	})
	if recorded.err != nil {
		t.Fatalf("testdata/gymnasium_runs.py: %v", recorded.err)
	}
	return &recorded.data
}

func floats(bits []uint32) []float32 {
	out := make([]float32, len(bits))
	for i, b := range bits {
		out[i] = math.Float32frombits(b)
	}
	return out
}

// ours is the environment of a recorded run's name.
func ours(t *testing.T, name string) Env {
	switch name {
	case "CartPole sutton_barto":
		env := NewCartPole()
		env.SuttonBarto = true
		return NewTimeLimit(env, 500)
	case "Taxi rainy":
		return NewTimeLimit(NewTaxi(true), 200)
	case "Blackjack natural":
		env := NewBlackjack()
		env.Book, env.Natural = false, true
		return env
	case "FrozenLake custom":
		return NewTimeLimit(NewFrozenLakeWith(LakeOptions{Map: []string{"SFHF", "FFFS", "HFFG"}, Success: 0.7,
			GoalReward: 10, HoleReward: -5, IceReward: -0.25}), 100)
	}
	if rest, lake := strings.CutPrefix(name, "FrozenLake "); lake {
		size, ice, _ := strings.Cut(rest, " ")
		rows := map[string][]string{"4x4": Lake4x4(), "8x8": Lake8x8()}[size]
		return NewTimeLimit(NewFrozenLake(rows, ice == "slippery"), 100)
	}
	id, wrapper, wrapped := strings.Cut(name, ", ")
	env := Make(id)
	if !wrapped {
		return env
	}
	switch wrapper {
	case "statistics":
		return NewEpisodeStatistics(env)
	case "observation":
		return NewNormalizeObservation(env)
	case "reward":
		return NewNormalizeReward(env, 0.9)
	case "clip reward":
		return NewClipReward(env, -0.5, 0.25)
	case "clip action":
		return NewClipAction(env)
	case "stack":
		return NewFrameStack(env, 3)
	}
	t.Fatalf("no wrapper %q", wrapper)
	return nil
}

// sameLibm tells whether Python's sine and cosine are those that CartPole follows (Decisions in doc.go). Elsewhere
// balanced episodes may part from ours after some hundred steps.
func sameLibm(r *recording) (differing int) {
	for _, a := range r.Angles {
		if sin, cos := sincos(a[0]); sin != a[1] || cos != a[2] {
			differing++
		}
	}
	return differing
}

func TestEnvironmentsEqualGymnasiumBitForBit(t *testing.T) {
	all := gymnasiumRuns(t)
	if !strings.HasPrefix(all.Version, "1.4.") {
		t.Errorf("Gymnasium is %s, want 1.4", all.Version)
	}
	differing := sameLibm(all)
	longest := map[string]int{}
	for _, run := range all.Runs {
		if run.Policy == "balance" && differing > 0 {
			t.Logf("%s, seed %d: balanced episodes are left out, since this C library's sine or cosine differs from glibc's at %d of %d angles",
				run.Name, run.Seed, differing, len(all.Angles))
			continue
		}
		longest[run.Name] = max(longest[run.Name], repeat(t, run))
	}
	for name, steps := range map[string]int{"CartPole-v1": 500, "CartPole-v0": 200, "FrozenLake 4x4 calm": 100,
		"MountainCar-v0": 200, "MountainCarContinuous-v0": 999, "Taxi-v4": 200,
		"Pendulum-v1": 200, "Acrobot-v1": 500} {
		if differing == 0 && longest[name] != steps {
			t.Errorf("%s: the longest recorded episode has %d steps; want one of %d, so that its truncation is compared",
				name, longest[name], steps)
		}
	}
}

// repeat plays a run's actions here and gives the length of its longest episode.
func repeat(t *testing.T, run recordedRun) (longest int) {
	env := ours(t, run.Name)
	env.ActionSpace().Seed(run.Seed)
	wrong := 0
	same := func(step int, what string, got []float32, want []uint32) {
		if !slices.Equal(got, floats(want)) {
			if wrong++; wrong == 1 {
				t.Errorf("%s, seed %d, %s, step %d: %s %v, Gymnasium has %v", run.Name, run.Seed, run.Policy, step, what, got, floats(want))
			}
		}
	}
	observation, _ := env.Reset(run.Seed)
	same(0, "first observation", observation, run.Start)
	length := 0
	for i, step := range run.Steps {
		if sample := env.ActionSpace().Sample(); run.Policy == "random" {
			same(i, "sampled action", sample, step.Action)
		}
		observation, reward, terminated, truncated, info := env.Step(floats(step.Action))
		length++
		same(i, "observation", observation, step.Observation)
		near := 0.0
		if strings.HasPrefix(run.Name, "Pendulum-v1") {
			near = 1e-9 // it squares by the C library's pow, which errs by a last bit for one number in a thousand
		}
		if math.Abs(reward-step.Reward) > near || terminated != step.Terminated || truncated != step.Truncated {
			if wrong++; wrong == 1 {
				t.Errorf("%s, seed %d, step %d: reward %v, terminated %v, truncated %v, Gymnasium has %v, %v, %v",
					run.Name, run.Seed, i, reward, terminated, truncated, step.Reward, step.Terminated, step.Truncated)
			}
		}
		if strings.HasSuffix(run.Name, "statistics") && (step.Terminated || step.Truncated) && (info["episode_reward"] != step.Sum || info["episode_length"] != step.Length) {
			t.Errorf("%s, seed %d, step %d: the episode's statistics are %v, Gymnasium has %v in %d steps", run.Name, run.Seed, i, info, step.Sum, step.Length)
		}
		if step.Terminated || step.Truncated {
			observation, _ = env.Reset(Keep)
			same(i, "observation after the reset", observation, step.Reset)
			longest, length = max(longest, length), 0
		}
	}
	if run.Text != "" {
		if text := Inside(env).(interface{ Text() string }).Text(); text != run.Text {
			t.Errorf("%s, seed %d: text %q, Gymnasium has %q", run.Name, run.Seed, text, run.Text)
		}
	}
	return longest
}

func TestBoxSamplesEqualGymnasium(t *testing.T) {
	for _, box := range gymnasiumRuns(t).Boxes {
		space := NewBox(floats(box.Low), floats(box.High))
		space.Seed(box.Seed)
		for i, want := range box.Samples {
			if got := space.Sample(); !slices.Equal(got, floats(want)) {
				t.Errorf("%v, seed %d, sample %d: %v, Gymnasium has %v", space, box.Seed, i, got, floats(want))
				break
			}
		}
	}
}

func TestTupleSamplesEqualGymnasium(t *testing.T) {
	for _, want := range gymnasiumRuns(t).Tuples {
		space := NewBlackjack().ObservationSpace()
		space.Seed(want.Seed)
		for i, value := range want.Samples {
			if got := space.Sample(); !slices.Equal(got, value) {
				t.Errorf("%v, seed %d, sample %d: %v, Gymnasium has %v", space, want.Seed, i, got, value)
				break
			}
		}
	}
}

func TestRandomLakesEqualGymnasium(t *testing.T) {
	for _, m := range gymnasiumRuns(t).Maps {
		if got := RandomLake(m.Size, m.Frozen, m.Seed); !slices.Equal(got, m.Rows) {
			t.Errorf("RandomLake(%d, %v, %d) is %v, Gymnasium has %v", m.Size, m.Frozen, m.Seed, got, m.Rows)
		}
	}
}

func TestGeneratorEqualsNumPy(t *testing.T) {
	for _, want := range gymnasiumRuns(t).Numbers {
		g := NewGenerator(want.Seed)
		check := func(what string, draw func() float64, values []float64) {
			for i, v := range values {
				if got := draw(); got != v {
					t.Errorf("seed %d, %s %d: %v, NumPy has %v", want.Seed, what, i, got, v)
				}
			}
		}
		check("random", g.Float64, want.Random)
		check("uniform", func() float64 { return g.Uniform(-3, 5) }, want.Uniform)
		for _, row := range want.Integers {
			for i, v := range row[1:] {
				if got := g.Intn(row[0]); got != v {
					t.Errorf("seed %d, integers(%d) %d: %d, NumPy has %d", want.Seed, row[0], i, got, v)
				}
			}
		}
		check("random after integers", g.Float64, want.After)
		single := func(what string, draw func() float64, values []uint32) {
			for i, v := range floats(values) {
				if got := draw(); float32(got) != v {
					t.Errorf("seed %d, %s %d: %v, NumPy has %v", want.Seed, what, i, float32(got), v)
				}
			}
		}
		single("normal", g.Normal, want.Normal)
		single("exponential", g.Exponential, want.Exponential)
	}
}
