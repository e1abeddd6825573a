package rl

import (
	"flag"
	"testing"
	"time"
)

// long makes the tests of learning run on all five seeds with the whole budget:
//
//	go test ./dynamic/rl -long -run Learns
var long = flag.Bool("long", false, "learn on five seeds, with the whole budget")

func TestPPOLearnsCartPole(t *testing.T) {
	seeds := 1
	if *long {
		seeds = 5
	}
	for seed := 1; seed <= seeds; seed++ {
		start := time.Now()
		learned := ZooPPO("CartPole-v1").Train(Maker("CartPole-v1"), seed)
		took := time.Since(start)
		env := Make("CartPole-v1")
		env.Reset(1000 + seed)
		got := Evaluate(env, learned.Policy.Forward, 100).MeanReward()
		t.Logf("%v: %.1f in 100 new episodes, %.1f s, %.0f steps/s", learned, got, took.Seconds(), float64(learned.Steps)/took.Seconds())
		if got != 500 {
			t.Errorf("%v: %.1f in 100 new episodes, want 500", learned, got)
		}
	}
}
