package onnx_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
)

// Every op that has an ONNX form computes the same after export: in the
// engine's reading of the written bytes, and in ONNX Runtime.
func TestEveryOpComputesTheSameInItsONNXForm(t *testing.T) {
	dir := t.TempDir()
	var cases []runtimeCase
	var names []string
	for _, op := range eager.Ops() {
		if op.Export == nil {
			if op.Differentiable && !gradientOnly[op.Name] {
				t.Errorf("%s is differentiable and has no ONNX form", op.Name)
			}
			continue
		}
		for i, c := range op.Cases {
			name := fmt.Sprintf("%s-%d", op.Name, i)
			in := c.Inputs(uint64(i)+1, eager.Float32)
			apply := func(in []*eager.Tensor) []*eager.Tensor { return []*eager.Tensor{op.Apply(c.At, in)} }
			g := dynamic.RecordAll(apply, in)
			path := filepath.Join(dir, name+".onnx")
			if _, err := onnx.SaveWith(g, path, onnx.Options{FixedBatch: true}); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			names = append(names, name)
			cases = append(cases, runtimeCase{path, tensorFiles(t, in), tensorFiles(t, g.Call(in))})
		}
	}
	for i, r := range inRuntime(t, cases) {
		// 1e-5 is the float32 rounding of results up to about 50.
		if r.Error != "" || r.Largest > 1e-5 {
			t.Errorf("%s in ONNX Runtime: largest difference %g %s", names[i], r.Largest, r.Error)
		}
	}
	t.Logf("%d cases", len(cases))
}

// gradientOnly are the ops that only gradients are made of: ONNX has no operator for them.
var gradientOnly = map[string]bool{"Conv2dWeight": true, "AvgPool2dInput": true}

// weights of a small convolutional network.
func network(rng *eager.Rand) func(x *eager.Tensor) *eager.Tensor {
	w1 := eager.Param("conv.weight", rng.Normal(4, 1, 3, 3))
	b1 := eager.Param("conv.bias", rng.Normal(4))
	w2 := eager.Param("linear.weight", rng.Normal(4*4*4, 3))
	b2 := eager.Param("linear.bias", rng.Normal(3))
	return func(x *eager.Tensor) *eager.Tensor {
		return x.Conv2d(w1, b1, 1, 1).Relu().MaxPool2d(2, 2).Flatten(1).Linear(w2, b2).Softmax(1)
	}
}

func TestExportedModelTakesAnyBatch(t *testing.T) {
	rng := eager.NewRand(3)
	f := network(rng)
	path := filepath.Join(t.TempDir(), "net.onnx")
	report, err := onnx.Save(dynamic.Record(f, rng.Normal(2, 1, 8, 8)), path)
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Input[0]; got != "x f32(N,1,8,8)" {
		t.Errorf("input is %s, want x f32(N,1,8,8)", got)
	}
	if got := report.Output[0]; got != "y f32(N,3)" {
		t.Errorf("output is %s, want y f32(N,3)", got)
	}
	var cases []runtimeCase
	for _, n := range []int{1, 2, 7, 64} {
		x := rng.Normal(n, 1, 8, 8)
		cases = append(cases, runtimeCase{path, tensorFiles(t, []*eager.Tensor{x}), tensorFiles(t, []*eager.Tensor{f(x)})})
	}
	for i, r := range inRuntime(t, cases) {
		if r.Error != "" || r.Largest > 1e-5 || !r.Same {
			t.Errorf("case %d: %+v", i, r)
		}
	}
}

// What cannot be exported is refused, with its line, and leaves no file.
func TestRefusals(t *testing.T) {
	rng := eager.NewRand(1)
	w := eager.Param("w", rng.Normal(3, 3))
	for name, c := range map[string]struct {
		f    func(x *eager.Tensor) *eager.Tensor
		want []string
	}{
		"an if on a value": {func(x *eager.Tensor) *eager.Tensor {
			y := x.MatMul(w)
			if y.Sum().Item() > 0 {
				y = y.Neg()
			}
			return y
		}, []string{"onnx_test.go:", "Item", "eager.Where"}},
		"a random number": {func(x *eager.Tensor) *eager.Tensor {
			return x.MatMul(w).Add(rng.Normal(3))
		}, []string{"onnx_test.go:", "constant", "random"}},
		"a size": {func(x *eager.Tensor) *eager.Tensor {
			return x.MatMul(w).Scale(1 / float64(x.Dim(0)))
		}, []string{"onnx_test.go:", "is made for the recorded run"}},
		"a loop over rows": {func(x *eager.Tensor) *eager.Tensor {
			y := x.MatMul(w)
			for range x.Dim(0) {
				y = y.Tanh()
			}
			return y
		}, []string{"ran differently"}},
		"a changed weight": {func(x *eager.Tensor) *eager.Tensor {
			y := x.MatMul(w)
			w.Assign(w.Detach().Scale(0.5))
			return y
		}, []string{"onnx_test.go:", "w(3,3) was changed in place"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "model.onnx")
			_, err := onnx.Save(dynamic.Record(c.f, rng.Normal(2, 3)), path)
			if err == nil {
				t.Fatal("it was exported")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%v", want, err)
				}
			}
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("a file was left: %v", err)
			}
		})
	}
}

func TestReadingAMissingOrBrokenFileNamesIt(t *testing.T) {
	if _, err := onnx.Load("missing.onnx"); err == nil || !strings.Contains(err.Error(), "missing.onnx") {
		t.Errorf("missing file: %v", err)
	}
	path := filepath.Join(t.TempDir(), "cut.onnx")
	rng := eager.NewRand(1)
	if _, err := onnx.Save(dynamic.Record(network(rng), rng.Normal(1, 1, 8, 8)), path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := onnx.Load(path); err == nil || !strings.Contains(err.Error(), "cut.onnx") || !strings.Contains(err.Error(), "byte") {
		t.Errorf("cut file: %v", err)
	}
}

func FuzzUnmarshal(f *testing.F) {
	rng := eager.NewRand(1)
	m, err := onnx.Export(dynamic.Record(network(rng), rng.Normal(2, 1, 8, 8)), onnx.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m.Marshal())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := onnx.Unmarshal(b)
		if err != nil {
			return
		}
		r, err := onnx.NewModule(m)
		if err != nil {
			return
		}
		// Whatever the bytes say, running them is an answer or an error.
		_, _ = r.Run([]*eager.Tensor{eager.Zeros(1, 1, 8, 8)})
	})
}

func ExampleSave() {
	w := eager.Param("w", eager.New([]float64{1, 2, 3, 4, 5, 6}, 3, 2))
	f := func(x *eager.Tensor) *eager.Tensor { return x.MatMul(w).Relu() }
	file := filepath.Join(os.TempDir(), "example.onnx")
	defer os.Remove(file)

	report, err := onnx.Save(dynamic.Record(f, eager.Ones(2, 3)), file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Input[0], "->", report.Output[0], report.Operators["MatMul"])
	// Output: x f32(N,3) -> y f32(N,2) 1
}
