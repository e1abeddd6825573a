package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/dynamic/onnx"
)

// pageScreen keeps what cells print.
type pageScreen struct{ out strings.Builder }

func (s *pageScreen) Stream(_ int, _ string, text []byte)       { s.out.Write(text) }
func (s *pageScreen) Display(int, map[string]any, string, bool) {}
func (s *pageScreen) Clear(int, bool)                           {}

// TestCellsBecomeModels: a function of a cell, with methods, variables and operators of other cells, becomes an ONNX file
// that decides at run time; what cannot be static is refused with cell and line.
func TestCellsBecomeModels(t *testing.T) {
	page := &pageScreen{}
	s, err := newSession(page, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	path := filepath.Join(t.TempDir(), "model.onnx")
	for i, c := range []struct{ cell, want string }{
		{`
type Net struct {
	W, b  *eager.Tensor
	depth int
}

func (n *Net) layer(x *eager.Tensor) *eager.Tensor { return (x.MatMul(n.W) + n.b).Tanh() }`, ""},
		{`
rng := eager.NewRand(1)
net := &Net{W: eager.Param("W", rng.Normal(4, 4)), b: eager.Param("b", rng.Normal(4)), depth: 6}
const sure = 0.9`, ""},
		{`
func forward(x *eager.Tensor) (*eager.Tensor, int) {
	steps := 0
	for steps < net.depth && x.Abs().Max().Item() < sure {
		x = net.layer(x)*0.9 + 0.01
		steps++
	}
	if x[0][0].Item() < 0 {
		return -x, steps
	}
	return x / 2, steps
}`, ""},
		{`
x := rng.Uniform(-1, 1, 3, 4)
p, err := lift.Function("forward", []lift.Input{lift.Free(x, "N")})
if err != nil {
	panic(err)
}
report, err := onnx.SaveProgram(p, forward, nil, "` + filepath.ToSlash(path) + `")
fmt.Println(err, report.Inputs > 100, report.Taken > 2, report.Trips.Most > 1)`, "<nil> true true true\n"},
		{`
func bad(x *eager.Tensor) *eager.Tensor {
	if x.Sum().Item() > 0 {
		fmt.Println("positive")
	}
	return x
}`, ""},
		{`
_, err = lift.Function("bad", []lift.Input{lift.Free(x)})
fmt.Println(err)`, "lift: cell 5, line 4: fmt.Println is input or output, which has no place in a static model\nways out: return the value instead; do it outside of the function that is exported\n"},
	} {
		page.out.Reset()
		r := s.Run(context.Background(), i+1, c.cell)
		if r.Failure != nil {
			t.Fatalf("cell %d: %s: %s (line %d)", i+1, r.Failure.Name, r.Failure.Text, r.Failure.Line)
		}
		if got := page.out.String(); got != c.want {
			t.Errorf("cell %d printed %q, want %q", i+1, got, c.want)
		}
	}
	m, err := onnx.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Metadata) < 4 {
		t.Errorf("the model's metadata is %v", m.Metadata)
	}
}
