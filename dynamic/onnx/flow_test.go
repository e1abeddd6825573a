package onnx_test

import (
	_ "embed"
	"os"
	"path/filepath"
	"testing"

	"github.com/tapir-go/tapir/dynamic/lift"
	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
)

//go:embed flow_test.go
var flowSource string

func flowBranch(x *eager.Tensor) *eager.Tensor {
	if x.Sum().Item() > 0 {
		return x.Relu()
	}
	return x.Neg()
}

func flowNewton(x *eager.Tensor) *eager.Tensor {
	y := eager.OnesLike(x)
	for y.Mul(y).Sub(x).Abs().Max().Item() > 1e-4 {
		y = y.Add(x.Div(y)).Scale(0.5)
	}
	return y
}

func flowStates(x *eager.Tensor) *eager.Tensor {
	h := eager.Zeros(1, 4)
	var all []*eager.Tensor
	for t := 0; t < x.Dim(0); t++ {
		h = x.Slice(0, t, t+1).MatMul(flowW).Add(h).Tanh()
		if h.Mean().Item() > 0.4 {
			break
		}
		all = append(all, h)
	}
	return eager.Concat(0, append(all, h))
}

var flowW = eager.Param("W", eager.NewRand(3).Normal(3, 4))

// TestPrograms: a function with ifs and loops decides in ONNX Runtime as it did in Go, whatever the sizes.
func TestPrograms(t *testing.T) {
	r := eager.NewRand(1)
	var cases []runtimeCase
	for _, c := range []struct {
		name   string
		f      func(x *eager.Tensor) *eager.Tensor
		sample *eager.Tensor
		input  func() *eager.Tensor
	}{
		{"flowBranch", flowBranch, r.Normal(4, 3), func() *eager.Tensor { return r.Normal(1+r.Intn(5), 3) }},
		{"flowNewton", flowNewton, r.Uniform(1, 3, 4), func() *eager.Tensor { return r.Uniform(0.1, 30, 1+r.Intn(5)) }},
		{"flowStates", flowStates, r.Normal(5, 3), func() *eager.Tensor { return r.Normal(1+r.Intn(9), 3) }},
	} {
		p, err := lift.Lift(lift.Source{File: "flow_test.go", Text: flowSource, Func: c.name, Values: map[string]any{"flowW": flowW}},
			[]lift.Input{{X: c.sample, Axes: []string{"N"}}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := onnx.ExportProgram(p, onnx.Options{})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), c.name+".onnx")
		if err := os.WriteFile(path, m.Marshal(), 0o644); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			x := c.input()
			cases = append(cases, runtimeCase{path, tensorFiles(t, []*eager.Tensor{x}), tensorFiles(t, []*eager.Tensor{c.f(x)})})
		}
	}
	for i, r := range inRuntime(t, cases) {
		if r.Error != "" || r.Largest > 1e-5 {
			t.Errorf("%s: %s, the largest difference is %g", filepath.Base(cases[i].Model), r.Error, r.Largest)
		}
	}
}
