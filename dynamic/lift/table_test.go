package lift_test

import (
	_ "embed"
	"math"
	"testing"

	"github.com/tapir-go/tapir/dynamic/lift"
	"github.com/tapir-go/tapir/eager"
)

//go:embed programs_test.go
var programs string

// program is one of the table: a function of programs_test.go, and how to make inputs that reach all of it.
type program struct {
	name  string
	axes  []string
	input func(r *eager.Rand) *eager.Tensor
	f     func(x *eager.Tensor) []*eager.Tensor
}

func one(f func(x *eager.Tensor) *eager.Tensor) func(x *eager.Tensor) []*eager.Tensor {
	return func(x *eager.Tensor) []*eager.Tensor { return []*eager.Tensor{f(x)} }
}

var table = []program{
	{"branch", []string{"N"}, func(r *eager.Rand) *eager.Tensor { return r.Normal(1+r.Intn(4), 3) }, one(branch)},
	{"newton", []string{"N"}, func(r *eager.Rand) *eager.Tensor { return r.Uniform(1, 30, 1+r.Intn(4)) }, one(newton)},
	{"halve", nil, func(r *eager.Rand) *eager.Tensor { return r.Normal(4).Scale(100) }, func(x *eager.Tensor) []*eager.Tensor {
		y, n := halve(x)
		return []*eager.Tensor{y, eager.FromInts([]int{n})}
	}},
	{"rnn", []string{"T"}, func(r *eager.Rand) *eager.Tensor { return r.Normal(1+r.Intn(6), 3) }, one(rnn)},
	{"states", []string{"T"}, func(r *eager.Rand) *eager.Tensor { return r.Normal(1+r.Intn(6), 3) }, one(states)},
}

// TestTable: every program gives what its function gives, on 100 random inputs.
func TestTable(t *testing.T) {
	for _, c := range table {
		r := eager.NewRand(1)
		x := c.input(r)
		p, err := lift.Lift(lift.Source{File: "programs_test.go", Text: programs, Func: c.name, Values: map[string]any{"cell": cell}}, []lift.Input{{X: x, Axes: c.axes}})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for range 100 {
			x := c.input(r)
			got, err := p.Run([]*eager.Tensor{x})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				break
			}
			for i, want := range c.f(x) {
				if d := apart(want, got[i]); d > 1e-5 {
					t.Errorf("%s: result %d differs by %g for x = %v", c.name, i, d, x)
				}
			}
		}
	}
}

// apart is the largest difference of two tensors; it is infinite for tensors of other shapes.
func apart(x, y *eager.Tensor) (d float64) {
	if x.Shape().String() != y.Shape().String() || x.DType() != y.DType() {
		return math.Inf(1)
	}
	v, w := x.Values(), y.Values()
	for i := range v {
		if v[i] != w[i] && (v[i] == v[i] || w[i] == w[i]) {
			d = max(d, math.Abs(v[i]-w[i]))
		}
	}
	return d
}
