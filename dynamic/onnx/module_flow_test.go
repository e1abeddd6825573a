package onnx_test

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tapir-go/tapir/dynamic/lift"
	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
)

//go:embed module_flow_test.go
var moduleSource string

var doubled = eager.Param("doubled", eager.New([]float64{1, 2, 3}, 3))

// grow doubles until the sum is large, and turns what was negative.
func grow(x *eager.Tensor) *eager.Tensor {
	y := x.Mul(doubled)
	if y.Sum().Item() < 0 {
		y = y.Neg()
	}
	for y.Sum().Item() < 100 {
		y = y.Add(y)
	}
	return y
}

// A model with If and Loop that we export decides after loading as the function did, and its gradients are the function's.
func TestLoadedProgramsDecideAndLearn(t *testing.T) {
	p, err := lift.Lift(lift.Source{File: "module_flow_test.go", Text: moduleSource, Func: "grow", Values: map[string]any{"doubled": doubled}},
		[]lift.Input{{X: eager.Ones(2, 3), Axes: []string{"N"}}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnx.ExportProgram(p, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "grow.onnx")
	if err := os.WriteFile(path, m.Marshal(), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := onnx.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	rng := eager.NewRand(2)
	for n := 1; n < 20; n++ {
		x := rng.Normal(n, 3)
		want, got := grow(x), r.Forward(x)
		if fmt.Sprint(got.Shape(), got.Values()) != fmt.Sprint(want.Shape(), want.Values()) {
			t.Fatalf("of %d rows it gives %v, want %v", n, got, want)
		}
		a, b := eager.Grad(want.Sum(), doubled)[0], eager.Grad(got.Sum(), r.Params()[0])[0]
		if fmt.Sprint(a.Values()) != fmt.Sprint(b.Values()) {
			t.Fatalf("of %d rows its gradient is %v, want %v", n, b, a)
		}
	}
}
