package rl

import (
	"encoding/json"
	"flag"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// beside is a Python with PyTorch and Gymnasium; the packages of tests have no PyTorch.
//
//	pip install torch gymnasium==1.4.0
//	go test ./dynamic/rl -run Beside -beside path/of/python -v
var beside = flag.String("beside", "", "a Python with PyTorch and Gymnasium, to compare the speed of PPO with")

// PPO makes at least four times the steps a second of CleanRL's on PyTorch, on one machine, alternating, with the settings of
// both CleanRL and rl-baselines3-zoo. What PyTorch does not do, our evaluations, is within our time.
func TestPPOIsFourTimesAsFastAsBesideOnPyTorch(t *testing.T) {
	if *beside == "" {
		t.Skip("compares with a Python with PyTorch: -beside path/of/python")
	}
	for _, c := range []struct {
		name string
		ppo  *PPO
	}{{"clean", CleanPPO(25_600)}, {"zoo", ZooPPO("CartPole-v1")}} {
		c.ppo.Steps = 25_600
		var ratios []float64
		for seed := 1; seed <= 3; seed++ {
			start := time.Now()
			ours := float64(c.ppo.Train(Maker("CartPole-v1"), seed).Steps) / time.Since(start).Seconds()
			out, err := exec.Command(*beside, "testdata/clean_ppo.py", "CartPole-v1", "25600", itoa(seed), c.name).Output()
			if err != nil {
				t.Fatalf("clean_ppo.py: %v", err)
			}
			var theirs struct {
				Rate    float64
				Torch   string
				Threads int
			}
			if err := json.Unmarshal(out, &theirs); err != nil {
				t.Fatal(err)
			}
			ratios = append(ratios, ours/theirs.Rate)
			t.Logf("%s: %.0f steps/s here, %.0f with PyTorch %s on %d threads: %.1f times", c.name, ours, theirs.Rate, theirs.Torch, theirs.Threads, ours/theirs.Rate)
		}
		if slices.Sort(ratios); ratios[1] < 4 {
			t.Errorf("%s: the median is %.1f times, want 4", c.name, ratios[1])
		}
	}
}
