package onnx_test

import (
	_ "embed"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/tapir-go/tapir/dynamic/lift"
	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
)

var (
	//go:embed programs_test.go
	programs string
	//go:embed algorithms_test.go
	algorithms string
)

// program is a function of programs_test.go or algorithms_test.go, and how to make inputs that reach all of it.
type program struct {
	name  string
	f     any
	text  *string
	axes  [][]string // of each input
	input func(r *eager.Rand) []*eager.Tensor
	dead  int // ways of ifs that no input takes, such as the end of a switch over all states
}

func rows(shape ...int) func(r *eager.Rand) []*eager.Tensor {
	return func(r *eager.Rand) []*eager.Tensor {
		return []*eager.Tensor{r.Normal(append([]int{1 + r.Intn(7)}, shape...)...)}
	}
}

func fixed(scale float64, shape ...int) func(r *eager.Rand) []*eager.Tensor {
	return func(r *eager.Rand) []*eager.Tensor { return []*eager.Tensor{r.Normal(shape...).Scale(scale)} }
}

var (
	n    = [][]string{{"N"}}
	none = [][]string{nil}
)

var flows = []program{
	{"branch", branch, &programs, n, rows(3), 0},
	{"newton", newton, &programs, n, func(r *eager.Rand) []*eager.Tensor { return []*eager.Tensor{r.Uniform(0.1, 30, 1+r.Intn(5))} }, 0},
	{"halve", halve, &programs, none, func(r *eager.Rand) []*eager.Tensor {
		return []*eager.Tensor{r.Normal(4).Scale(math.Exp(8*r.Float64() - 2))}
	}, 0},
	{"recurrent", recurrent, &programs, n, rows(3), 0},
	{"states", states, &programs, n, rows(3), 0},
	{"earlyExit", earlyExit, &programs, none, fixed(2, 1, 4), 0},
	{"greedy", greedy, &programs, none, fixed(2, 1, 4), 0},
	{"beams", beams, &programs, none, fixed(2, 1, 4), 0},
	{"tree", tree, &programs, [][]string{{"N"}, {"N"}}, func(r *eager.Rand) []*eager.Tensor {
		k := 1 + r.Intn(7)
		children := make([]int, 0, 2*k)
		for i := range 2 * k {
			children = append(children, r.Intn(i/2+1)-1)
		}
		return []*eager.Tensor{r.Normal(k, 3), eager.FromInts(children, k, 2)}
	}, 0},
	{"suppress", suppress, &programs, n, func(r *eager.Rand) []*eager.Tensor {
		at := r.Uniform(0, 2, 1+r.Intn(8), 2)
		return []*eager.Tensor{eager.Concat(1, []*eager.Tensor{at, at.Add(r.Uniform(0.5, 2, at.Dim(0), 2))})}
	}, 0},
	{"ponder", ponder, &programs, none, fixed(3, 1, 4), 0},
	{"ragged", ragged, &programs, [][]string{{"N", "T"}, {"N"}}, func(r *eager.Rand) []*eager.Tensor {
		k, t := 1+r.Intn(4), 1+r.Intn(6)
		return []*eager.Tensor{r.Normal(k, t, 3), r.Ints(t+1, k)}
	}, 0},
	{"sample", sample, &programs, [][]string{nil, {"T"}}, func(r *eager.Rand) []*eager.Tensor {
		return []*eager.Tensor{r.Normal(4), r.Uniform(0, 1, 1+r.Intn(7))}
	}, 0},
	{"nested", nested, &programs, n, rows(3), 0},
	{"bySize", bySize, &programs, n, rows(3), 0},
	{"policy", policy, &programs, [][]string{nil, nil}, func(r *eager.Rand) []*eager.Tensor {
		return []*eager.Tensor{r.Normal(1, 4), r.Bernoulli(r.Float64()*0.6, 5)}
	}, 1},
	{"root", root, &programs, none, func(r *eager.Rand) []*eager.Tensor { return []*eager.Tensor{r.Uniform(0.01, 9)} }, 0},
	{"collatz", collatz, &programs, none, func(r *eager.Rand) []*eager.Tensor { return []*eager.Tensor{r.Ints(60).Shift(1)} }, 0},
	{"gcd", gcd, &programs, none, func(r *eager.Rand) []*eager.Tensor { return []*eager.Tensor{r.Ints(100, 2).Shift(1)} }, 0},
	{"bisect", bisect, &programs, none, fixed(1, 4), 0},
	{"bySwitch", bySwitch, &programs, none, fixed(1, 4), 0},

	{"firstPair", firstPair, &algorithms, n, rows(3), 0},
	{"positives", positives, &algorithms, n, rows(3), 0},
	{"welford", welford, &algorithms, n, rows(), 0},
	{"closures", closures, &algorithms, none, fixed(3, 4), 0},
	{"gated", gated, &programs, none, fixed(2, 1, 4), 0},
	{"leading", leading, &algorithms, n, func(r *eager.Rand) []*eager.Tensor { return []*eager.Tensor{r.Normal(r.Intn(6))} }, 0},
	{"power", power, &algorithms, none, fixed(1, 4, 4), 0},
	{"descend", descend, &algorithms, none, fixed(2, 3), 0},
	{"filter", filter, &algorithms, n, rows(), 0},
	{"sorted", sorted, &algorithms, n, rows(), 1},
	{"windows", windows, &algorithms, n, func(r *eager.Rand) []*eager.Tensor { return []*eager.Tensor{r.Normal(3+r.Intn(7), 2)} }, 0},
	{"scalars", scalars, &algorithms, none, fixed(2, 2), 0},
	{"integrate", integrate, &algorithms, none, fixed(3, 2), 0},
	{"experts", experts, &algorithms, n, rows(4), 0},
	{"halving", halving, &algorithms, n, rows(3), 0},
	{"edits", edits, &algorithms, [][]string{{"A"}, {"B"}}, func(r *eager.Rand) []*eager.Tensor {
		return []*eager.Tensor{r.Ints(3, 1+r.Intn(5)), r.Ints(3, 1+r.Intn(5))}
	}, 0},
	{"cached", cached, &algorithms, n, rows(3), 0},
	{"machine", machine, &algorithms, n, func(r *eager.Rand) []*eager.Tensor { return []*eager.Tensor{r.Normal(1 + r.Intn(20))} }, 1},
	{"fold", fold, &algorithms, none, fixed(3, 3), 1},
	{"viterbi", viterbi, &algorithms, n, rows(4), 0},
	{"best", best, &algorithms, n, rows(3), 0},
	{"nucleus", nucleus, &algorithms, none, fixed(2, 5), 0},
	{"collapse", collapse, &algorithms, n, rows(3), 0},
	{"ema", ema, &algorithms, n, func(r *eager.Rand) []*eager.Tensor {
		return []*eager.Tensor{r.Normal(1 + r.Intn(12)).Scale(r.Float64())}
	}, 0},
	{"primes", primes, &algorithms, none, func(r *eager.Rand) []*eager.Tensor { return []*eager.Tensor{r.Ints(40).Shift(2)} }, 0},
	{"matched", matched, &algorithms, [][]string{{"N"}, {"N"}}, func(r *eager.Rand) []*eager.Tensor {
		k := 1 + r.Intn(6)
		return []*eager.Tensor{r.Normal(k, 3), r.Ints(3, k)}
	}, 0},
	{"layers", layers, &algorithms, none, fixed(1, 2, 4), 0},
	{"spread", spread, &algorithms, [][]string{{"N", "C"}}, func(r *eager.Rand) []*eager.Tensor { return []*eager.Tensor{r.Normal(1+r.Intn(4), 1+r.Intn(4))} }, 0},
}

// eagerly runs the function itself; numbers are tensors of shape ().
func (p *program) eagerly(in []*eager.Tensor) (out []*eager.Tensor) {
	args := make([]reflect.Value, len(in))
	for i, x := range in {
		args[i] = reflect.ValueOf(x)
	}
	for _, y := range reflect.ValueOf(p.f).Call(args) {
		switch v := y.Interface().(type) {
		case *eager.Tensor:
			out = append(out, v)
		case int:
			out = append(out, eager.FromInts([]int{v}))
		case float64:
			out = append(out, eager.FromFloat64([]float64{v}))
		case bool:
			out = append(out, eager.FromBool([]bool{v}))
		default:
			panic(fmt.Sprintf("a result of type %T", v))
		}
	}
	return out
}

func (p *program) lift(x []*eager.Tensor) (*lift.Program, error) {
	in := make([]lift.Input, len(x))
	for i := range x {
		in[i] = lift.Input{X: x[i], Axes: p.axes[i]}
	}
	return lift.Lift(lift.Source{File: "programs.go", Text: *p.text, Func: p.name, Values: map[string]any{"net": net}}, in)
}

// apart is the largest difference of two tensors, relative to numbers above 1; it is infinite for tensors of other shapes.
func apart(x, y *eager.Tensor) (d float64) {
	if x.Shape().String() != y.Shape().String() || x.DType() != y.DType() {
		return math.Inf(1)
	}
	v, w := x.Values(), y.Values()
	for i := range v {
		if v[i] != w[i] && (v[i] == v[i] || w[i] == w[i]) {
			d = max(d, math.Abs(v[i]-w[i])/max(1, math.Abs(v[i])))
		}
	}
	return d
}

// TestFlows: functions with ifs and loops decide in the lifted program and in ONNX Runtime as they do in Go, on 100 random
// inputs each, which reach every way of every if and several numbers of rounds of every loop.
func TestFlows(t *testing.T) {
	var cases []runtimeCase
	for _, c := range flows {
		r := eager.NewRand(1)
		p, err := c.lift(c.input(r))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		m, err := onnx.ExportProgram(p, onnx.Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		back, err := onnx.Unmarshal(m.Marshal())
		if err != nil {
			t.Fatal(err)
		}
		module, err := onnx.NewModule(back)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		path := filepath.Join(t.TempDir(), c.name+".onnx")
		if err := os.WriteFile(path, m.Marshal(), 0o644); err != nil {
			t.Fatal(err)
		}
		var seen lift.Coverage
		for range 100 {
			in := c.input(r)
			want := c.eagerly(in)
			got, err := p.RunCounted(in, &seen)
			if err != nil {
				t.Errorf("%s of %v: %v", c.name, in, err)
				break
			}
			far := 0.0
			for i := range want {
				far = max(far, apart(want[i], got[i]))
			}
			if far > 1e-5 || len(want) != len(got) {
				t.Errorf("%s of %v: %v, want %v", c.name, in, got, want)
				break
			}
			if got, err = module.Run(in); err != nil {
				t.Errorf("%s of %v, read back: %v", c.name, in, err)
				break
			}
			for i := range want {
				far = max(far, apart(want[i], got[i]))
			}
			if far > 1e-5 {
				t.Errorf("%s of %v, read back: %v, want %v", c.name, in, got, want)
				break
			}
			cases = append(cases, runtimeCase{path, tensorFiles(t, in), tensorFiles(t, want)})
		}
		dead := 0
		for i, f := range p.Forks {
			if f.Kind == lift.If && (seen.Taken[i][0] == 0 || seen.Taken[i][1] == 0) {
				dead++
				if dead > c.dead {
					t.Errorf("%s: the if at %s was true %d times and false %d times", c.name, f.Where, seen.Taken[i][0], seen.Taken[i][1])
				}
			}
			if f.Kind == lift.Loop && seen.Trips[i].Least == seen.Trips[i].Most {
				t.Errorf("%s: the loop at %s always made %d rounds", c.name, f.Where, seen.Trips[i].Most)
			}
		}
	}
	wrong := map[string]bool{}
	for i, r := range inRuntime(t, cases) {
		name := filepath.Base(cases[i].Model)
		if (r.Error != "" || r.Largest > 1e-5) && !wrong[name] {
			wrong[name] = true
			t.Errorf("%s in ONNX Runtime: %s, the largest difference is %g", name, r.Error, r.Largest)
		}
	}
}
