package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/kernel"
	"github.com/tapir-go/tapir/kernel/session"
)

// nowhere is a screen that shows nothing.
type nowhere struct{}

func (nowhere) Stream(int, string, []byte)                {}
func (nowhere) Display(int, map[string]any, string, bool) {}
func (nowhere) Clear(int, bool)                           {}

func TestTheKernelRunsCellsAndHelpsWithWritingThem(t *testing.T) {
	run, help, err := startKernel(nowhere{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := run.Run(context.Background(), 1, "weights := eager.Ones(2, 3)\nweights.Sum().Item()")
	if r.Failure != nil || r.Value["text/plain"] != "6" {
		t.Fatalf("got %v, %v", r.Value, r.Failure)
	}
	has := func(c kernel.Completion, text string) bool {
		return slices.ContainsFunc(c.Items, func(i kernel.CompletionItem) bool { return i.Text == text })
	}
	if c := help.Complete("weig", 4); c.Start != 0 || c.End != 4 || !has(c, "weights") {
		t.Errorf("completing a variable: %+v", c)
	}
	if c := help.Complete("weights.MatM", 12); !has(c, "MatMul") {
		t.Errorf("completing a method: %+v", c)
	}
	bundle, found := help.Inspect("eager.Zeros", 11, 0)
	text, _ := bundle["text/plain"].(string)
	if !found || !strings.Contains(text, "Zeros(shape ...int) *") {
		t.Errorf("help on a function: %v, %q", found, text)
	}
}

// TestWhatTheEngineRecordsHasItsLine holds that an op is noted where it was called, also behind the call of a cell's function
// in the same statement.
func TestWhatTheEngineRecordsHasItsLine(t *testing.T) {
	run, _, err := startKernel(nowhere{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ src, want string }{
		{"x := eager.Ones(2)\nfunc model(x *eager.Tensor) *eager.Tensor {\n\treturn x.Exp()\n}\n" +
			"func two(x *eager.Tensor) (*eager.Tensor, *eager.Tensor) {\n\treturn x.Log(), x\n}\nfunc add(a, b *eager.Tensor) *eager.Tensor { return a.Add(b) }\n" +
			"func list(f func()) (out []string) {\n\tfor _, e := range eager.Trace(f) {\n\t\tout = append(out, fmt.Sprint(e.Op.Name, \"@\", e.Where))\n\t}\n\treturn out\n}", ""},
		{"list(func() {\n\n\tmodel(x).Sub(x)\n})", "[Exp@cell 1, line 3 Sub@cell 2, line 3]"},
		{"list(func() {\n\ty := x.Mul(model(x)).Sub(model(x))\n\ty.Neg()\n})", "[Exp@cell 1, line 3 Mul@cell 3, line 2 Exp@cell 1, line 3 Sub@cell 3, line 2 Neg@cell 3, line 3]"},
		{"list(func() {\n\tadd(two(x)).Exp()\n})", "[Log@cell 1, line 6 Add@cell 1, line 8 Exp@cell 4, line 2]"},
	} {
		r := run.Run(context.Background(), i+1, c.src)
		if got, _ := r.Value["text/plain"].(string); r.Failure != nil || got != c.want {
			t.Errorf("%s\ngives %s %v, want %s", c.src, got, r.Failure, c.want)
		}
	}
}

// TestAProfileShowsLinesOfCells holds that what is measured stands beside its cell's line, gradients beside that of their op.
func TestAProfileShowsLinesOfCells(t *testing.T) {
	run, _, err := startKernel(nowhere{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, src := range []string{
		"w := eager.Param(\"w\", eager.Ones(20, 20))",
		"r := eager.Profile(func() {\n\ty := w.MatMul(w)\n\ty.Mean().Backward()\n})",
		"for _, c := range r.Parts {\n\tif c.Name == \"MatMul\" || c.Name == \"MatMul gradient\" {\n\t\tfmt.Println(c.Name, c.Where, c.Calls)\n\t}\n}\nr",
	} {
		r := run.Run(context.Background(), i+1, src)
		if r.Failure != nil {
			t.Fatalf("%s\n%v", src, r.Failure)
		}
		if text, _ := r.Value["text/plain"].(string); i == 2 && (!strings.Contains(text, "cell 2, line 2") || !strings.Contains(text, "MatMul gradient")) {
			t.Errorf("the report shows as %q", text)
		}
	}
}

// TestMemoryOfALoopInACellIsFlat trains a convolutional network in a plain loop, without Scope, and holds that its later steps need
// no more memory than its first.
func TestMemoryOfALoopInACellIsFlat(t *testing.T) {
	run, _, err := startKernel(nowhere{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, src := range []string{
		"rng := eager.NewRand(1)\n" +
			"net := nn.NewSeq([]nn.Layer{nn.NewConv2dPad(rng, 1, 8, 3, 1, 1), nn.Func(nn.Relu), nn.NewMaxPool2d(2, 2), nn.NewFlatten(), nn.NewLinear(rng, 8*10*10, 10)})\n" +
			"opt := optim.NewAdam(net.Params(), 0.001)\n" +
			"x, labels := rng.Uniform(0, 1, 16, 1, 20, 20), rng.Ints(10, 16).Ints()\n" +
			"func train(steps int) (peak int64) {\n\teager.ResetMemoryPeak()\n\tfor range steps {\n\t\ty := net.Forward(x)\n\t\tloss := nn.CrossEntropy(y, labels)\n" +
			"\t\topt.Minimize(loss)\n\t}\n\treturn eager.MemoryStats().Peak\n}\n" +
			"first := train(500)",
		"later := train(1500)\nfmt.Sprint(later <= first+first/4, first > 0, opt.Steps())",
	} {
		r := run.Run(context.Background(), i+1, src)
		if r.Failure != nil {
			t.Fatalf("%s\n%v", src, r.Failure)
		}
		if text, _ := r.Value["text/plain"].(string); i == 1 && text != "true true 2000" {
			t.Errorf("the loop gives %s: want memory that does not grow, after 2000 steps; it was %+v", text, eager.MemoryStats())
		}
	}
}

// TestAnInterruptStopsOneCellsTraining holds that an interrupt reaches the engine, and leaves alone what other cells compute.
func TestAnInterruptStopsOneCellsTraining(t *testing.T) {
	run, _, err := startKernel(nowhere{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cell := func(ctx context.Context, n int, src string) session.Result {
		r := run.Run(ctx, n, src)
		if r.Failure != nil && ctx.Err() == nil {
			t.Fatalf("cell %d: %v", n, r.Failure)
		}
		return r
	}
	cell(context.Background(), 1, "x := eager.Ones(8, 8)\nbeat, quit := make(chan float64), make(chan bool)\n"+
		"go func() {\n\tfor {\n\t\ty := x.MatMul(x).Sum().Item()\n\t\tselect {\n\t\tcase beat <- y:\n\t\tcase <-quit:\n\t\t\treturn\n\t\t}\n\t}\n}()")
	for n := 2; n < 12; n += 2 {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(10*time.Millisecond, cancel)
		r := cell(ctx, n, "for { x.MatMul(x); select { case <-beat: default: } }")
		if r.Failure == nil || r.Failure.Name != "interrupted" {
			t.Fatalf("the failure is %v, want interrupted", r.Failure)
		}
		if r := cell(context.Background(), n+1, "<-beat"); r.Value["text/plain"] != "512" {
			t.Fatalf("the other cell computes %v", r.Value)
		}
	}
	cell(context.Background(), 20, "close(quit)")
}

func TestAKernelWithoutItsConnectionFileSaysSo(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none.json")
	if code, _, err := tapir("kernel", none); code != 1 || !strings.Contains(err, none) {
		t.Errorf("exit code %d, %q", code, err)
	}
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, err := tapir("kernel", bad); code != 1 || !strings.Contains(err, bad) {
		t.Errorf("exit code %d, %q", code, err)
	}
}
