package onnx

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/eager"
)

// Report says what was exported and how far the written model is from the
// function that it came from.
type Report struct {
	Path       string
	Bytes      int
	Nodes      int
	Parameters int // numbers in the initializers
	Operators  map[string]int
	Input      []string
	Output     []string
	Checks     []Check
	Largest    float64 // the largest difference of all checks
	Opset      int
}

// Check is one comparison of the model with the function.
type Check struct {
	Rows    int
	Largest float64 // largest absolute difference of any output
}

// tolerance is what float32 sums in another order may differ by, relative to
// the largest output.
const tolerance = 1e-4

// Save exports g to path with the usual options; see SaveWith.
func Save(g *dynamic.Graph, path string) (*Report, error) { return SaveWith(g, path, Options{}) }

// SaveWith exports g, reads the bytes back, runs what was read beside the
// recorded function on several numbers of rows, and writes the file whole or
// not at all. It fails as Export does, and when the two disagree.
func SaveWith(g *dynamic.Graph, path string, o Options) (*Report, error) {
	m, err := Export(g, o)
	if err != nil {
		return nil, err
	}
	report, err := verify(g, m, o)
	if err != nil {
		return nil, err
	}
	m.Metadata = append(m.Metadata,
		Property{"tapir.largest_difference", fmt.Sprintf("%.3g", report.Largest)},
		Property{"tapir.rows_checked", fmt.Sprint(report.rows())})
	b := m.Marshal()
	report.Path, report.Bytes = path, len(b)
	if err := writeFile(path, b); err != nil {
		return nil, fmt.Errorf("onnx: writing %s: %w", path, err)
	}
	return report, nil
}

// writeFile writes to a temporary name in the same folder, syncs and renames.
func writeFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(b)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// verify runs the bytes of m beside g's function.
func verify(g *dynamic.Graph, m *Model, o Options) (*Report, error) {
	back, err := Unmarshal(m.Marshal())
	if err != nil {
		return nil, fmt.Errorf("onnx: the written model cannot be read back: %w", err)
	}
	runner, err := NewModule(back)
	if err != nil {
		return nil, err
	}
	r := describe(m)
	for _, in := range samples(g, o) {
		c := Check{}
		if len(in) > 0 && in[0].Rank() > 0 {
			c.Rows = in[0].Dim(0)
		}
		want := g.Call(in)
		got, err := runner.Run(in)
		if err != nil {
			return nil, fmt.Errorf("onnx: checking the model with %d rows: %w", c.Rows, err)
		}
		for i := range want {
			d, scale, err := difference(want[i], got[i])
			if err != nil {
				return nil, fmt.Errorf("onnx: checking output %d with %d rows: %w", i, c.Rows, err)
			}
			if d > tolerance*max(1, scale) {
				return nil, fmt.Errorf("onnx: the model differs from the function by %.3g in output %d with %d rows; nothing was written", d, i, c.Rows)
			}
			c.Largest = max(c.Largest, d)
		}
		r.Checks = append(r.Checks, c)
		r.Largest = max(r.Largest, c.Largest)
	}
	return r, nil
}

// samples are inputs to check with: the recorded ones, and, where the batch is
// free, one row of them and several copies, slightly changed.
func samples(g *dynamic.Graph, o Options) [][]*eager.Tensor {
	given := g.Given()
	all := [][]*eager.Tensor{given}
	if o.FixedBatch {
		return all
	}
	rows := given[0].Dim(0)
	rng := eager.NewRand(1)
	one, many := make([]*eager.Tensor, len(given)), make([]*eager.Tensor, len(given))
	for i, x := range given {
		one[i], many[i] = x, x
		if x.Rank() > 0 && x.Dim(0) == rows {
			one[i] = x.Slice(0, 0, 1)
			many[i] = eager.Concat(0, []*eager.Tensor{x, x, x})
			if x.DType().IsFloat() {
				noise := rng.Normal(many[i].Shape()...).Scale(0.01).To(x.DType())
				many[i] = many[i].Add(noise)
			}
		}
	}
	return append(all, one, many)
}

// difference is the largest absolute difference of two tensors, and the
// largest absolute value of the first.
func difference(want, got *eager.Tensor) (largest, scale float64, err error) {
	if want.DType() != got.DType() || want.Shape().String() != got.Shape().String() {
		return 0, 0, fmt.Errorf("the function gives %s%s, the model %s%s", want.DType(), want.Shape(), got.DType(), got.Shape())
	}
	w, v := want.Values(), got.Values()
	for i := range w {
		if math.IsNaN(w[i]) && math.IsNaN(v[i]) || w[i] == v[i] {
			continue
		}
		d := math.Abs(w[i] - v[i])
		if math.IsNaN(d) {
			d = math.Inf(1)
		}
		largest = max(largest, d)
		scale = max(scale, math.Abs(w[i]))
	}
	return largest, scale, nil
}

func describe(m *Model) *Report {
	r := &Report{Nodes: len(m.Graph.Nodes), Operators: map[string]int{}, Opset: int(m.Opset)}
	for _, n := range m.Graph.Nodes {
		r.Operators[n.Kind]++
	}
	for _, t := range m.Graph.Initializers {
		r.Parameters += len(t.Raw) / max(1, t.Type.Size())
	}
	for i := range m.Graph.Inputs {
		r.Input = append(r.Input, m.Graph.Inputs[i].Name+" "+m.Graph.Inputs[i].String())
	}
	for i := range m.Graph.Outputs {
		r.Output = append(r.Output, m.Graph.Outputs[i].Name+" "+m.Graph.Outputs[i].String())
	}
	return r
}

func (r *Report) rows() (rows []int) {
	for _, c := range r.Checks {
		rows = append(rows, c.Rows)
	}
	return rows
}

// String is the report as text.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ONNX opset %d, %d bytes, %d nodes, %d numbers\n", filepath.Base(r.Path), r.Opset, r.Bytes, r.Nodes, r.Parameters)
	fmt.Fprintf(&b, "  input   %s\n  output  %s", strings.Join(r.Input, ", "), strings.Join(r.Output, ", "))
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "\n  %3d rows: largest difference from the function %.2g", c.Rows, c.Largest)
	}
	return b.String()
}
