package rl

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// steer is a task with a Box: a reward of 1 less the squared distance of the action from (0.5, -1), which is cut at the
// bounds. It ends after two steps.
type steer struct{ at int }

func (s *steer) Reset(int) ([]float32, Info) { s.at = 0; return []float32{0}, nil }
func (s *steer) Step(a []float32) ([]float32, float64, bool, bool, Info) {
	s.at++
	x, y := float64(a[0])-0.5, float64(a[1])+1
	return []float32{float32(s.at)}, 1 - x*x - y*y, s.at == 2, false, nil
}
func (s *steer) ObservationSpace() Space { return NewBox([]float32{0}, []float32{2}) }
func (s *steer) ActionSpace() Space      { return NewBox([]float32{-1, -1}, []float32{1, 1}) }

func TestPlayTakesActionsOfABox(t *testing.T) {
	exact := func(x *eager.Tensor) *eager.Tensor { return eager.New([]float64{0.5, -1}, 1, 2) }
	run := Evaluate(&steer{}, exact, 2)
	if run.MeanReward() != 2 || run.Actions != nil || !slices.Equal(run.Taken, []float32{0.5, -1, 0.5, -1, 0.5, -1, 0.5, -1}) {
		t.Errorf("the actions themselves: %v, %v", run, run.Taken)
	}
	if got := run.Values(); got.Shape().String() != "(4,2)" {
		t.Errorf("the actions are %v, want (4,2)", got.Shape())
	}
	// Means 0 and -9, standard deviations 0.1 and e^-20: the first is drawn, the second cut at its bound.
	normal := func(x *eager.Tensor) *eager.Tensor { return eager.New([]float64{0, -9, math.Log(0.1), -20}, 1, 4) }
	if run := Evaluate(&steer{}, normal, 1); !slices.Equal(run.Taken, []float32{0, -1, 0, -1}) {
		t.Errorf("without chance: %v, want the means within the bounds", run.Taken)
	}
	run = Play(&steer{}, normal, 4000, eager.NewRand(1))
	sum, squares := 0.0, 0.0
	for i := 0; i < len(run.Taken); i += 2 {
		x := float64(run.Taken[i])
		sum, squares = sum+x, squares+x*x
		if run.Taken[i+1] != -1 {
			t.Fatalf("action %v, want -1 as its second number", run.Taken[i:i+2])
		}
	}
	// 4000 draws: the standard error of the mean is 0.0016, that of the deviation 0.0011.
	if m, s := sum/4000, math.Sqrt(squares/4000); math.Abs(m) > 0.008 || math.Abs(s-0.1) > 0.006 {
		t.Errorf("drawn with mean %.4f and deviation %.4f, want 0 and 0.1", m, s)
	}
}

func TestHeadsTakeSpacesTogether(t *testing.T) {
	space := NewTuple([]Space{&Discrete{N: 2, Start: 5}, NewBox([]float32{-1}, []float32{1}), &MultiDiscrete{N: []int{3, 2}, Start: []int{0, 1}}})
	h := newHead("test", space)
	if got := h.action([]float32{0, 1, 0.25, 3, 2, 1, 0, 9}, nil); !slices.Equal(got, []float32{6, 0.25, 0, 2}) {
		t.Errorf("likeliest %v, want 6 0.25 0 2", got)
	}
	random := eager.NewRand(1)
	for range 50 {
		if got := h.action([]float32{0, 1, 0.25, -1, 3, 2, 1, 0, 9}, random); !space.Contains(got) {
			t.Fatalf("%v is not in %v", got, space)
		}
	}
	for want, f := range map[string]func(){
		"the policy gave (1,3) for a state (1,1): wants the action, (1,2), or means and logarithms of standard deviations, (1,4)": func() {
			Evaluate(&steer{}, func(x *eager.Tensor) *eager.Tensor { return eager.Zeros(1, 3) }, 1)
		},
		"wants (1,8), or with standard deviations (1,9)": func() {
			h.choose(func(x *eager.Tensor) *eager.Tensor { return eager.Zeros(1, 4) }, []float32{1}, 1, nil)
		},
		"the policy gave NaN": func() { h.action([]float32{0, 1, 0, 1, 1, 1, 1, float32(math.NaN())}, nil) },
	} {
		var fault *eager.Error
		if err := eager.Try(f); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q in it", err, want)
		}
	}
}

// pushed is a policy for CartPole that one number decides: above 0 it balances, else it pushes to the left.
type pushed struct{ Weight *eager.Tensor }

func (p *pushed) Params() []*eager.Tensor { return []*eager.Tensor{p.Weight} }
func (p *pushed) Forward(x *eager.Tensor) *eager.Tensor {
	lean := x.MatMul(eager.New([]float64{0.1, 0.2, 3, 1}, 4, 1)) // (n,1)
	right := lean.Mul(p.Weight.Relu()).Shift(0)
	return eager.Concat(1, []*eager.Tensor{eager.Full(1e-9, x.Dim(0), 1), right})
}

func TestJournalKeepsTheBestPolicy(t *testing.T) {
	policy := &pushed{Weight: eager.Param("weight", eager.New([]float64{-1}, 1))}
	var told []Point
	c := &Common{Steps: 40, Gamma: 1, EvalEvery: 10, EvalEpisodes: 3, Each: func(p Point) { told = append(told, p) }}
	j := c.open("test", Maker("CartPole-v1"), 4, policy, nil)
	for step := 1; step <= 40; step++ {
		if step == 15 {
			policy.Weight.Assign(eager.New([]float64{1}, 1))
			j.ended(step, 7)
		}
		if step == 33 {
			policy.Weight.Assign(eager.New([]float64{-2}, 1))
			j.ended(step, 9)
		}
		j.at(step)
	}
	got := j.close()
	steps := []int{}
	for _, p := range got.Curve {
		steps = append(steps, p.Step)
	}
	if !slices.Equal(steps, []int{10, 20, 30, 40}) || !slices.Equal(told, got.Curve[:]) && !math.IsNaN(told[0].Recent) {
		t.Errorf("evaluations at %v, told %v", steps, told)
	}
	if got.Best.Step != 30 || got.Best.Reward < 400 || got.Curve[3].Reward > 12 || policy.Weight.Item() != 1 {
		t.Errorf("the best is %+v with weight %v, want that of step 30 with weight 1; curve %v", got.Best, policy.Weight.Item(), got.Curve)
	}
	if r := got.Curve[3].Recent; r != 8 || !math.IsNaN(got.Curve[0].Recent) || got.Recent(1, 40) != 9 {
		t.Errorf("recent rewards %v, want 8: the mean of 7 and 9", r)
	}
	if want := "test, seed 4: 40 steps, 2 episodes, best evaluation"; !strings.HasPrefix(got.String(), want) {
		t.Errorf("it prints as %q, want %q at its start", got, want)
	}
}

func TestCommonSettingsAreChecked(t *testing.T) {
	fine := Common{Steps: 1, Gamma: 1}
	layer := nn.NewFlatten()
	for want, f := range map[string]func(){
		"test.Train: Steps is 0":            func() { (&Common{Gamma: 1}).open("test", Maker("CartPole-v1"), 0, layer, nil) },
		"test.Train: Gamma is 2":            func() { (&Common{Steps: 1, Gamma: 2}).open("test", Maker("CartPole-v1"), 0, layer, nil) },
		"test.Train: the seed is -1":        func() { fine.open("test", Maker("CartPole-v1"), -1, layer, nil) },
		"test.Train: wants a function that": func() { fine.open("test", nil, 1, layer, nil) },
		`no environment "Pong"`:             func() { Maker("Pong") },
	} {
		var fault *eager.Error
		if err := eager.Try(f); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q in it", err, want)
		}
	}
}
