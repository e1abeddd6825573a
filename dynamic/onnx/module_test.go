package onnx_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

var _ nn.Layer = (*onnx.Module)(nil)

func save(t *testing.T, g *dynamic.Graph) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.onnx")
	if _, err := onnx.Save(g, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// A model that is loaded computes what was exported, has its parameters by name, learns on with the same gradients as the
// original, and is saved with what it learned: for us, and for ONNX Runtime.
func TestALoadedModelLearnsOnAndIsSavedAgain(t *testing.T) {
	rng := eager.NewRand(3)
	l := nn.NewSeq([]nn.Layer{
		nn.NewConv2d(rng, 1, 4, 3), nn.Func((*eager.Tensor).Relu), nn.Func(func(x *eager.Tensor) *eager.Tensor { return x.Flatten(1) }),
		nn.NewLinear(rng, 4*4*4, 3),
	})
	x, labels := rng.Normal(5, 1, 6, 6), []int{0, 1, 2, 0, 1}
	m, err := onnx.Load(save(t, dynamic.Record(l.Forward, x)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(nn.Names(m)), fmt.Sprint(nn.Names(l)); got != want {
		t.Fatalf("its parameters are %s, want %s", got, want)
	}
	step := func(l nn.Layer) float64 {
		loss := l.Forward(x).CrossEntropy(labels)
		for i, g := range eager.Grad(loss, l.Params()...) {
			p := l.Params()[i]
			p.Assign(p.Detach().Sub(g.Scale(0.1)))
		}
		return loss.Item()
	}
	first := step(m)
	step(l)
	last := first
	for range 5 {
		last = step(m)
		if want := step(l); last != want {
			t.Fatalf("its loss is %v, that of the original %v", last, want)
		}
	}
	if last >= first {
		t.Errorf("the loss went from %v to %v", first, last)
	}
	path := filepath.Join(t.TempDir(), "learned.onnx")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := onnx.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := m.Forward(x)
	if got := again.Forward(x); fmt.Sprint(got.Values()) != fmt.Sprint(want.Values()) {
		t.Error("what was saved computes something else")
	}
	r := inRuntime(t, []runtimeCase{{path, tensorFiles(t, []*eager.Tensor{x}), tensorFiles(t, []*eager.Tensor{want})}})[0]
	if r.Error != "" || r.Largest > 1e-5 {
		t.Errorf("in ONNX Runtime: %+v", r)
	}
}

// A model that nothing was changed in is written again byte for byte.
func TestAModelIsWrittenAsItWasRead(t *testing.T) {
	rng := eager.NewRand(1)
	path := save(t, dynamic.Record(network(rng), rng.Normal(2, 1, 8, 8)))
	m, err := onnx.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Save(path + "2"); err != nil {
		t.Fatal(err)
	}
	a, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path + "2")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("%d bytes became %d others", len(a), len(b))
	}
}

// What is given as a setting, and single numbers, are no parameters.
func TestSettingsAreNoParameters(t *testing.T) {
	rng := eager.NewRand(1)
	l := nn.NewSeq([]nn.Layer{nn.NewConv2d(rng, 1, 2, 3), nn.NewBatchNorm(2), nn.Func(func(x *eager.Tensor) *eager.Tensor { return x.Scale(0.5) })})
	nn.Eval(l)
	m, err := onnx.Load(save(t, dynamic.Record(l.Forward, rng.Normal(2, 1, 4, 4))))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range m.Params() {
		names = append(names, p.Name())
	}
	if want := []string{"0.bias", "0.weight", "1.bias", "1.weight"}; !slices.Equal(slices.Sorted(slices.Values(names)), want) {
		t.Errorf("the parameters are %v, want %v", names, want)
	}
}

func float(name string, dims ...int64) onnx.ValueInfo {
	v := onnx.ValueInfo{Name: name, Type: onnx.Float}
	for _, d := range dims {
		v.Dims = append(v.Dims, onnx.Dim{Size: d})
	}
	return v
}

// A function is an operator of the model's own, with attributes and optional inputs.
func TestFunctionsAreOperators(t *testing.T) {
	m := &onnx.Model{Opset: 17, Others: []onnx.Domain{{Name: "mine", Version: 1}},
		Functions: []onnx.Function{{Domain: "mine", Name: "Leak", In: []string{"x"}, Out: []string{"y"}, Attrs: []string{"by"},
			Nodes: []onnx.Node{{Kind: "LeakyRelu", In: []string{"x"}, Out: []string{"y"}, Attrs: []onnx.Attribute{{Name: "alpha", Ref: "by"}}}}}},
		Graph: onnx.Graph{
			Nodes:  []onnx.Node{{Domain: "mine", Kind: "Leak", In: []string{"a"}, Out: []string{"b"}, Attrs: []onnx.Attribute{{Name: "by", Value: float32(0.5)}}}},
			Inputs: []onnx.ValueInfo{float("a", 2)}, Outputs: []onnx.ValueInfo{float("b", 2)},
		}}
	back, err := onnx.Unmarshal(m.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	r, err := onnx.NewModule(back)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Forward(eager.New([]float64{-4, 3}, 2)).Values()); got != "[-2 3]" {
		t.Errorf("got %s, want [-2 3]", got)
	}
	m.Functions[0].Nodes[0] = onnx.Node{Domain: "mine", Kind: "Leak", In: []string{"x"}, Out: []string{"y"}} // calls itself
	if r, err = onnx.NewModule(m); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run([]*eager.Tensor{eager.Ones(2)}); err == nil || !strings.Contains(err.Error(), "nested") {
		t.Errorf("a function that calls itself: %v", err)
	}
}

// The numbers of a model may be in files beside it, and in none that is elsewhere.
func TestNumbersInOtherFiles(t *testing.T) {
	dir := t.TempDir()
	m := &onnx.Model{Opset: 17, IRVersion: 8, Graph: onnx.Graph{
		Nodes:        []onnx.Node{{Kind: "Add", In: []string{"a", "w"}, Out: []string{"b"}}},
		Initializers: []onnx.Tensor{{Name: "w", Type: onnx.Float, Dims: []int64{2}, External: []onnx.Property{{Key: "location", Value: "w.bin"}, {Key: "offset", Value: "4"}}}},
		Inputs:       []onnx.ValueInfo{float("a", 2)}, Outputs: []onnx.ValueInfo{float("b", 2)},
	}}
	path := filepath.Join(dir, "m.onnx")
	numbers := append([]byte{1, 2, 3, 4}, onnx.Raw(eager.New([]float64{10, 20}, 2))...)
	for name, c := range map[string]struct {
		location string
		length   int
		want     string
	}{
		"beside it": {"w.bin", 12, ""},
		"short":     {"w.bin", 10, "bytes 4 to 12 of w.bin, which has 10"},
		"elsewhere": {"../w.bin", 12, "not below the model's folder"},
		"missing":   {"none.bin", 12, "none.bin"},
	} {
		if err := os.WriteFile(filepath.Join(dir, "w.bin"), numbers[:c.length], 0o644); err != nil {
			t.Fatal(err)
		}
		m.Graph.Initializers[0].External[0].Value = c.location
		if err := os.WriteFile(path, m.Marshal(), 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := onnx.Load(path)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want an error that says %q", name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fmt.Sprint(r.Forward(eager.Ones(2)).Values()); got != "[11 21]" {
			t.Errorf("%s: got %s, want [11 21]", name, got)
		}
	}
}

func ExampleLoad() {
	w := eager.Param("w", eager.New([]float64{1, 2}, 2, 1))
	file := filepath.Join(os.TempDir(), "example-load.onnx")
	defer os.Remove(file)
	if _, err := onnx.Save(dynamic.Record(func(x *eager.Tensor) *eager.Tensor { return x.MatMul(w) }, eager.Ones(1, 2)), file); err != nil {
		fmt.Println(err)
		return
	}

	net, err := onnx.Load(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := eager.New([]float64{3, 4, 5, 6}, 2, 2)
	fmt.Println(net.Params()[0].Name(), net.Forward(x).Values())
	// Output: w [11 17]
}
