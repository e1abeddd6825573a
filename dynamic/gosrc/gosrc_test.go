package gosrc_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/dynamic/gosrc"
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// models are functions that together need all that there is source for.
func models(rng *eager.Rand) map[string]*dynamic.Graph {
	flatten := nn.Func(func(x *eager.Tensor) *eager.Tensor { return x.Flatten(1) })
	mlp := nn.NewSeq([]nn.Layer{nn.NewLinear(rng, 7, 33), nn.Func(nn.Relu), nn.NewLinear(rng, 33, 5)})
	cnn := nn.NewSeq([]nn.Layer{
		nn.NewConv2dPad(rng, 1, 6, 3, 1, 1), nn.NewBatchNorm(6), nn.Func(nn.Relu),
		nn.Func(func(x *eager.Tensor) *eager.Tensor { return x.MaxPool2d(2, 2) }),
		nn.NewConv2dWith(rng, 6, 8, 3, eager.ConvOptions{Stride: [2]int{2, 1}, Pad: [2]int{1, 0}, Groups: 2}), nn.Func(nn.Silu),
		nn.Func(func(x *eager.Tensor) *eager.Tensor { return x.AvgPool2d(2, 1) }), flatten, nn.NewLinear(rng, 16, 10),
	})
	nn.Eval(cnn)
	attention := nn.NewSeq([]nn.Layer{
		nn.NewLayerNorm(6), nn.NewMultiHeadAttention(rng, 6, 3, true), nn.Func(nn.GeluTanh), nn.NewRMSNorm(6), nn.NewLinear(rng, 6, 2),
	})
	up := eager.Param("up", rng.Normal(2, 3, 2, 2))
	table := eager.Param("table", rng.Normal(5, 3))
	generator := func(x *eager.Tensor) *eager.Tensor { return x.ConvTranspose2d(up, nil, 2, 1).Tanh() }
	many := func(in []*eager.Tensor) []*eager.Tensor {
		x, i := in[0], in[1] // (n,4,3), (n,2)
		one := x.Exp().Shift(1).Log().Sub(x.Sigmoid()).Mul(x.Abs().Sqrt()).Div(x.Square().Shift(1))
		two := eager.Where(x.Greater(one), x.Softplus(), x.Elu(0.5).Clip(-0.3, 2)).Add(x.LeakyRelu(0.1)).Add(x.Erf())
		rounded := x.Scale(3).Floor().Add(x.Ceil()).Add(x.Round()).Add(x.Sign()).Add(x.Sin()).Add(x.Cos()).Add(x.Neg().Maximum(x.Scale(0.5)))
		sums := x.Sum(1).Add(x.Mean(2).Sum(1)).Add(x.Max(1)).Add(x.Min(1, 2)).Add(x.LogSumExp(1)).Add(x.CumSum(1).Slice(1, 3, 4))
		moved := x.Transpose(0, 2, 1).Pad(2, 1, 2).Flip(1).Slice(2, 1, 5).Transpose(0, 2, 1)
		values, places := x.TopK(2)
		picked := table.Take(0, i).Sum(1) // (n,1,3)
		return []*eager.Tensor{
			one.Add(two).Add(rounded), eager.Concat(2, []*eager.Tensor{moved, values, x.LogSoftmax(2)}), sums, picked,
			places.Add(x.ArgMax(1).Slice(2, 0, 1)), x.Greater(one).Or(x.Less(two).Not()),
			x.MatMul(x.Transpose(0, 2, 1)).Tril().Softmax(1), x.GatherElements(2, places),
			x.Pow(eager.Scalar(2)).Reciprocal(),
		}
	}
	return map[string]*dynamic.Graph{
		"mlp":       dynamic.Record(mlp.Forward, rng.Normal(5, 7)),
		"cnn":       dynamic.Record(cnn.Forward, rng.Normal(3, 1, 8, 10)),
		"attention": dynamic.Record(attention.Forward, rng.Normal(3, 5, 6)),
		"generator": dynamic.Record(generator, rng.Normal(2, 2, 3, 4)),
		"many":      dynamic.RecordAll(many, []*eager.Tensor{rng.Normal(3, 4, 3), rng.Ints(5, 3, 2)}),
	}
}

// A generated package builds with the go command alone, is vetted and formatted, computes in its own test what the engine did,
// to 1e-5, and allocates nothing.
func TestGeneratedPackagesPassTheirTests(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example\n\ngo 1.22\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, g := range models(eager.NewRand(4)) {
		r, err := gosrc.Write(g, filepath.Join(dir, name), gosrc.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Log(r)
	}
	for _, name := range []string{"mlp", "cnn", "attention"} {
		if err := os.WriteFile(filepath.Join(dir, name, "rows_test.go"), []byte("package "+name+rowsTest), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"build", "./..."}, {"vet", "./..."}, {"test", "./..."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	if out, err := exec.Command("gofmt", "-l", dir).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("gofmt -l: %v: %s", err, out)
	}
}

// rowsTest holds a package to its golden numbers with other numbers of rows than it was recorded with.
const rowsTest = `

import "testing"

func TestAnyRows(t *testing.T) {
	m := New(8)
	rows := map[int]int{35: 5, 3 * 80: 3, 3 * 30: 3}[len(goldenX)]
	in, out := len(goldenX)/rows, len(goldenY)/rows
	for n := 0; n <= 8; n++ {
		x, y := make([]float32, n*in), make([]float32, n*out)
		for i := 0; i < n; i++ {
			copy(x[i*in:], goldenX[i%rows*in:(i%rows+1)*in])
		}
		if err := m.Predict(y, x, n); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < n; i++ {
			compare(t, "y", y[i*out:(i+1)*out], goldenY[i%rows*out:(i%rows+1)*out])
		}
	}
	if err := m.Predict(make([]float32, 9*out), make([]float32, 9*in), 9); err == nil {
		t.Error("9 rows fit a model for 8")
	}
}
`

// What has no source is refused with the operator, and nothing is written.
func TestRefusals(t *testing.T) {
	rng := eager.NewRand(1)
	for want, f := range map[string]func(x *eager.Tensor) *eager.Tensor{
		"ScatterElements": func(x *eager.Tensor) *eager.Tensor {
			return x.ScatterAdd(0, eager.FromInts([]int{0, 1, 0}, 1, 3), eager.Ones(1, 3))
		},
		"f64": func(x *eager.Tensor) *eager.Tensor { return x.To(eager.Float64).Softmax(1) },
		"Item": func(x *eager.Tensor) *eager.Tensor {
			if x.Sum().Item() > 0 {
				return x.Neg()
			}
			return x.Exp()
		},
	} {
		dir := filepath.Join(t.TempDir(), "net")
		_, err := gosrc.Write(dynamic.Record(f, rng.Normal(2, 3)), dir, gosrc.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error that says so", want, err)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s: a folder was left: %v", want, err)
		}
	}
}

func ExampleWrite() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	w := eager.Param("w", eager.New([]float64{1, 2, 3, 4, 5, 6}, 3, 2))
	f := func(x *eager.Tensor) *eager.Tensor { return x.MatMul(w).Relu() }
	report, err := gosrc.Write(dynamic.Record(f, eager.Ones(2, 3)), filepath.Join(dir, "net"), gosrc.Options{Module: "example.com/net"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Files, report.Weights)
	// Output: [go.mod model.go model_test.go testdata/golden.bin weights.bin] 6
}
