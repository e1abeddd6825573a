package rl

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/tapir-go/tapir/eager/nn"
)

// long makes the tests of learning run on five seeds, and those that take their time at all:
//
//	go test ./dynamic/rl -long -run Learns -v
var long = flag.Bool("long", false, "learn on five seeds, and what takes long at all")

// learns trains from seed 1, with -long from 1 to 5, and wants at least a mean reward in new episodes each time.
func learns(t *testing.T, a Algorithm, id string, episodes int, atLeast float64) {
	t.Helper()
	seeds := 1
	if *long {
		seeds = 5
	}
	for seed := 1; seed <= seeds; seed++ {
		start := time.Now()
		learned := a.Train(Maker(id), seed)
		took := time.Since(start).Seconds()
		env := NewTimeLimit(Make(id), 1000)
		env.Reset(1000 * seed)
		got := Evaluate(env, learned.Policy.Forward, episodes).MeanReward()
		t.Logf("%s: %v; %.2f in %d new episodes; %.2f s, %.0f steps/s", id, learned, got, episodes, took, float64(learned.Steps)/took)
		if got < atLeast {
			t.Errorf("%s: %v; %.2f in %d new episodes, want %v", id, learned, got, episodes, atLeast)
		}
	}
}

func TestPPOLearnsCartPole(t *testing.T) { learns(t, ZooPPO("CartPole-v1"), "CartPole-v1", 100, 500) }

func TestPPOLearnsAcrobot(t *testing.T) {
	ppo := ZooPPO("Acrobot-v1")
	if !*long {
		ppo.Steps = 150_000
	}
	learns(t, ppo, "Acrobot-v1", 100, -90)
}

func TestPPOLearnsPendulum(t *testing.T) {
	if !*long {
		t.Skip("takes long: -long")
	}
	learns(t, ZooPPO("Pendulum-v1"), "Pendulum-v1", 100, -250)
}

// A Box of two numbers, whose best are inside and at a bound; no network is needed but the means.
func TestPPOLearnsABox(t *testing.T) {
	ppo := NewPPO(20_000)
	ppo.Envs, ppo.Length, ppo.Rate, ppo.Hidden = 8, 32, 3e-3, []int{8}
	learned := ppo.Train(func() Env { return &steer{} }, 1)
	if got := Evaluate(&steer{}, learned.Policy.Forward, 1).MeanReward(); got < 1.99 {
		t.Errorf("%v: %v in a new episode, want 2", learned, got)
	}
}

func TestA2CLearnsCartPole(t *testing.T) {
	learns(t, ZooA2C("CartPole-v1"), "CartPole-v1", 100, 500)
}

func TestREINFORCELearnsCartPole(t *testing.T) {
	learns(t, NewREINFORCE(200_000), "CartPole-v1", 100, 475)
}

// Its states are whole numbers, which the networks take one-hot.
func TestPPOLearnsFrozenLake(t *testing.T) {
	ppo := NewPPO(60_000)
	ppo.Envs, ppo.Length, ppo.Batch, ppo.Rate, ppo.EntropyWeight, ppo.EvalEpisodes = 8, 128, 256, 1e-3, 0.05, 200
	if *long {
		ppo.Steps = 200_000
	}
	learns(t, ppo, "FrozenLake-v1", 1000, 0.65)
}

func TestQLearningLearnsFrozenLake(t *testing.T) {
	learns(t, NewQLearning(300_000), "FrozenLake-v1", 2000, 0.70)
}

func TestQLearningLearnsTaxi(t *testing.T) {
	q := NewQLearning(400_000)
	q.Rate, q.RateEnd = 1, 1 // the taxi does what it is told
	learns(t, q, "Taxi-v4", 1000, 7.5)
}

// Sutton and Barto 2018, example 6.6, with a chance of exploring that stays: Q-learning finds the shortest way, along the
// edge; SARSA the safe one, which is four steps longer. Without the best checkpoint, which would be the shorter.
func TestQLearningWalksAlongTheCliffAndSARSAKeepsAway(t *testing.T) {
	q, s := NewQLearning(300_000), NewSARSA(300_000)
	for _, settings := range []*Tabular{&q.Tabular, &s.Tabular} {
		settings.Gamma, settings.Explore, settings.ExploreEnd = 1, 0.1, 0.1
		settings.EvalEpisodes, settings.EvalEvery = 1, settings.Steps
	}
	learns(t, q, "CliffWalking-v1", 1, -13)
	learned := s.Train(Maker("CliffWalking-v1"), 1)
	if learned.Best.Reward >= -13 || learned.Best.Reward < -17 {
		t.Errorf("%v: want 15 to 17 steps", learned)
	}
}

// The same seed gives the same numbers, one training by itself or several at once; another seed gives others.
func TestTrainingsAreTheSameFromTheSameSeed(t *testing.T) {
	ppo, a2c := ZooPPO("CartPole-v1"), ZooA2C("CartPole-v1")
	ppo.Steps, a2c.Steps = 2000, 2000
	standard := ZooA2C("Acrobot-v1")
	standard.Steps = 2000
	box := NewPPO(1000)
	box.Length = 250
	box.Batch = 50
	for i, c := range []struct {
		a  Algorithm
		id string
	}{
		{ppo, "CartPole-v1"}, {a2c, "CartPole-v1"}, {standard, "Acrobot-v1"}, {box, "Pendulum-v1"},
		{NewREINFORCE(3000), "CartPole-v1"}, {NewQLearning(3000), "FrozenLake-v1"}, {NewSARSA(3000), "Taxi-v4"},
	} {
		study := Repeat(c.a, Maker(c.id), 2)
		again := c.a.Train(Maker(c.id), 2)
		if got, want := exactly(study.Trainings[1]), exactly(again); got != want {
			t.Errorf("%d, %s: seed 2 gave %q and then %q", i, c.id, got, want)
		}
		if exactly(study.Trainings[0]) == exactly(again) {
			t.Errorf("%d, %s: seeds 1 and 2 gave the same", i, c.id)
		}
	}
}

// exactly is all that a training gave, to the bit.
func exactly(t *Training) string {
	text := fmt.Sprintln(t.Curve, t.Best, t.Ends, t.Sums)
	for _, layer := range []nn.Layer{t.Policy, t.Value} {
		if layer != nil {
			state := nn.State(layer)
			for _, name := range slices.Sorted(maps.Keys(state)) {
				text += fmt.Sprintln(name, state[name].Float32s())
			}
		}
	}
	return text
}
