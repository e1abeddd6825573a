package eager

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// TestSeedsGiveTheSameNumbersForEver holds the documented algorithm: these numbers are in people's notebooks.
func TestSeedsGiveTheSameNumbersForEver(t *testing.T) {
	r := NewRand(42)
	got := fmt.Sprintf("%.4f %.4f %v %v %v", r.Normal(2).Values(), r.Uniform(-1, 1, 2).Values(), r.Ints(10, 5).Ints(), r.Perm(5), r.Categorical(Ones(3, 4)))
	const want = "[-0.7441 -0.7237] [-0.3229 0.8985] [7 9 1 8 3] [4 0 2 3 1] [0 2 1]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestStateResumes(t *testing.T) {
	r := NewRand(7)
	r.Normal(3)
	state := r.State()
	want := r.Normal(5).Values()
	other := NewRand(0)
	if err := other.SetState(state); err != nil {
		t.Fatal(err)
	}
	if got := other.Normal(5).Values(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := other.SetState([]byte("pcg")); err == nil {
		t.Error("a broken state was taken")
	}
}

func TestSplitsAreIndependent(t *testing.T) {
	r := NewRand(1)
	a, b := r.Split(), r.Split()
	x, y := a.Normal(20000), b.Normal(20000)
	if c := x.Dot(y).Item() / 20000; math.Abs(c) > 0.03 {
		t.Errorf("correlation %g", c)
	}
	if slices.Equal(NewRand(1).Split().Normal(4).Values(), NewRand(1).Normal(4).Values()) {
		t.Error("a split source repeats its parent")
	}
}

func TestDistributionsHaveTheirMoments(t *testing.T) {
	r := NewRand(3)
	const n = 100_000
	for what, c := range map[string]struct {
		x         *Tensor
		mean, std float64
	}{
		"Normal": {r.Normal(n), 0, 1}, "Uniform": {r.Uniform(2, 4, n), 3, 2 / math.Sqrt(12)}, "Bernoulli": {r.Bernoulli(0.3, n), 0.3, math.Sqrt(0.21)},
		"Ints": {r.Ints(5, n).To(Float32), 2, math.Sqrt(2)},
	} {
		if m, s := c.x.Mean().Item(), c.x.Std().Item(); math.Abs(m-c.mean) > 0.015 || math.Abs(s-c.std) > 0.015 {
			t.Errorf("%s: mean %g and std %g, want %g and %g", what, m, s, c.mean, c.std)
		}
	}
	counts := make([]float64, 3)
	for _, k := range r.Categorical(New([]float64{1, 0, 3}, 1, 3).Expand(n, 3)) {
		counts[k]++
	}
	if counts[1] != 0 || math.Abs(counts[0]/n-0.25) > 0.01 {
		t.Errorf("Categorical: %v", counts)
	}
}
