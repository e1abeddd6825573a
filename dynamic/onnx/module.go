package onnx

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/tapir-go/tapir/eager"
)

// Module is a model as something that can be called, learns on, and is saved
// again. Its float initializers are parameters, named as in the file; what an
// operator takes as a setting (the statistics of a batch norm, the bounds of a
// Clip, scales and zero points) and single numbers are not. It has the methods
// of a layer of eager/nn.
type Module struct {
	// Behind a function, so that a walk over fields, as eager/nn makes it, finds the parameters by their own names.
	in func() *inside
}

// inside is what a Module is made of.
type inside struct {
	model  *Model
	env    *env
	init   map[string]value
	params []*eager.Tensor
}

// newest is the last version of ONNX's operators that can be read.
const newest = 21

// changedAt7 are the operators whose meaning before version 7 is not known here.
var changedAt7 = []string{"Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Less", "Greater", "Gemm", "PRelu", "BatchNormalization",
	"Dropout", "Pad", "Tile", "Upsample", "Split", "Cast", "LSTM", "GRU", "RNN", "Concat", "TopK", "Clip", "Unsqueeze", "Squeeze"}

// Load reads a model from a file, with the numbers that it keeps in files
// beside it. It fails when the file is none, and when the model has operators,
// types or a version that this package does not know, all of which it names.
func Load(path string) (*Module, error) {
	m, err := Read(path)
	if err != nil {
		return nil, err
	}
	module, err := NewModule(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return module, nil
}

// Read reads the messages of a model from a file, with the numbers that it
// keeps in files beside it.
func Read(path string) (*Model, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	m, err := Unmarshal(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	files := map[string][]byte{}
	err = m.eachTensor(func(t *Tensor) error { return t.fetch(filepath.Dir(path), files) })
	if err != nil {
		return nil, fmt.Errorf("%s: onnx: %w", path, err)
	}
	return m, nil
}

// fetch reads the numbers of a tensor that are in a file of the folder dir.
func (t *Tensor) fetch(dir string, files map[string][]byte) error {
	if t.External == nil {
		return nil
	}
	n, err := t.count()
	if err != nil {
		return err
	}
	location, offset, length := "", int64(0), n*int64(t.Type.Size())
	for _, p := range t.External {
		var err error
		switch p.Key {
		case "location":
			location = p.Value
		case "offset":
			offset, err = strconv.ParseInt(p.Value, 10, 64)
		case "length":
			length, err = strconv.ParseInt(p.Value, 10, 64)
		}
		if err != nil {
			return fmt.Errorf("tensor %q: its %s: %w", t.Name, p.Key, err)
		}
	}
	if !filepath.IsLocal(location) {
		return fmt.Errorf("tensor %q: its numbers are in %q, which is not below the model's folder", t.Name, location)
	}
	b, ok := files[location]
	if !ok {
		if b, err = os.ReadFile(filepath.Join(dir, location)); err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		files[location] = b
	}
	if offset < 0 || length < 0 || offset > int64(len(b)) || length > int64(len(b))-offset {
		return fmt.Errorf("tensor %q: bytes %d to %d of %s, which has %d", t.Name, offset, offset+length, location, len(b))
	}
	t.Raw, t.External = b[offset:offset+length], nil
	return t.check()
}

// eachTensor hands every tensor of the model to f, those of attributes too.
func (m *Model) eachTensor(f func(*Tensor) error) error {
	if err := m.Graph.eachTensor(f); err != nil {
		return err
	}
	for i := range m.Functions {
		if err := eachTensor(m.Functions[i].Nodes, f); err != nil {
			return err
		}
	}
	return nil
}

func (g *Graph) eachTensor(f func(*Tensor) error) error {
	for i := range g.Initializers {
		if err := f(&g.Initializers[i]); err != nil {
			return err
		}
	}
	return eachTensor(g.Nodes, f)
}

func eachTensor(nodes []Node, f func(*Tensor) error) (err error) {
	for i := range nodes {
		for _, a := range nodes[i].Attrs {
			switch v := a.Value.(type) {
			case *Tensor:
				err = f(v)
			case *Graph:
				err = v.eachTensor(f)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// NewModule prepares a model to be called. It fails as Load does.
func NewModule(m *Model) (*Module, error) {
	if m.Opset < 0 || m.Opset > newest {
		return nil, fmt.Errorf("onnx: the model is of opset %d, want at most %d", m.Opset, newest)
	}
	r := &inside{model: m, init: map[string]value{}, env: &env{opset: int(m.Opset), functions: map[[2]string]*Function{}, rand: eager.NewRand(1)}}
	for i := range m.Functions {
		f := &m.Functions[i]
		r.env.functions[[2]string{f.Domain, f.Name}] = f
	}
	if err := r.env.known(m.Graph.Nodes); err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	for i := range m.Functions {
		if err := r.env.known(m.Functions[i].Nodes); err != nil {
			return nil, fmt.Errorf("onnx: function %q: %w", m.Functions[i].Name, err)
		}
	}
	settings := map[string]bool{}
	m.Graph.settings(settings)
	for i := range m.Graph.Initializers {
		t := &m.Graph.Initializers[i]
		v, err := decode(t)
		if err != nil {
			return nil, fmt.Errorf("onnx: initializer %q: %w", t.Name, err)
		}
		if v.x.DType().IsFloat() && v.x.Rank() > 0 && !settings[t.Name] {
			v.x = eager.Param(t.Name, v.x)
			r.params = append(r.params, v.x)
		}
		r.init[t.Name] = v
	}
	return &Module{func() *inside { return r }}, nil
}

// known fails when one of the nodes, or of the graphs within them, has an
// operator that is neither in the table nor a function.
func (e *env) known(nodes []Node) error {
	for i := range nodes {
		n := &nodes[i]
		ours := n.Domain == "" || n.Domain == "ai.onnx" || n.Domain == "ai.onnx.preview.training"
		if e.functions[[2]string{n.Domain, n.Kind}] == nil && (!ours || operators[n.Kind] == nil) {
			name := n.Kind
			if n.Domain != "" {
				name = n.Domain + "." + name
			}
			return fmt.Errorf("node %d %q: the operator %s is not supported", i, n.Name, name)
		}
		if e.opset < 7 && n.Domain == "" && (e.opset == 0 || slices.Contains(changedAt7, n.Kind)) {
			return fmt.Errorf("node %d %q: the operator %s of opset %d is not supported, only from 7 on", i, n.Name, n.Kind, e.opset)
		}
		for _, a := range n.Attrs {
			if g, ok := a.Value.(*Graph); ok {
				if err := e.known(g.Nodes); err != nil {
					return fmt.Errorf("node %d %q, %s: %w", i, n.Name, a.Name, err)
				}
			}
		}
	}
	return nil
}

// settings notes the names that nodes take as settings, which are not learned.
func (g *Graph) settings(to map[string]bool) {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for _, k := range settingInputs[n.Kind] {
			if k < len(n.In) {
				to[n.In[k]] = true
			}
		}
		for _, a := range n.Attrs {
			if g, ok := a.Value.(*Graph); ok {
				g.settings(to)
			}
		}
	}
}

// settingInputs are the inputs of operators that are settings.
var settingInputs = map[string][]int{
	"BatchNormalization": {3, 4}, "Clip": {1, 2}, "Pad": {2}, "Dropout": {1, 2}, "OneHot": {1, 2}, "Range": {0, 1, 2},
	"Resize": {1, 2, 3}, "Upsample": {1}, "QuantizeLinear": {1, 2}, "DequantizeLinear": {1, 2}, "RoiAlign": {1}, "NonMaxSuppression": {0, 1, 2, 3, 4},
	"QLinearConv": {1, 2, 4, 5, 6, 7}, "QLinearMatMul": {1, 2, 4, 5, 6, 7},
}

// Params are the parameters, in the order of the file.
func (r *Module) Params() []*eager.Tensor { return slices.Clone(r.in().params) }

// Forward computes the model's first output from its only input. It panics
// with *eager.Error where Run fails.
func (r *Module) Forward(x *eager.Tensor) *eager.Tensor {
	out, err := r.Run([]*eager.Tensor{x})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("onnx: the model has no output")
	}
	if err != nil {
		panic(&eager.Error{Op: "Forward", Text: err.Error()})
	}
	return out[0]
}

// Inputs are the names, types and shapes of what Run takes; a free axis has a name.
func (r *Module) Inputs() []ValueInfo { return r.in().inputs() }

func (r *inside) inputs() []ValueInfo {
	var in []ValueInfo
	for _, v := range r.model.Graph.Inputs {
		if _, given := r.init[v.Name]; !given { // old models name their initializers among the inputs
			in = append(in, v)
		}
	}
	return in
}

// Outputs are the names, types and shapes of what Run gives.
func (r *Module) Outputs() []ValueInfo { return slices.Clone(r.in().model.Graph.Outputs) }

// Run computes the model's outputs from its inputs, in the model's order of
// both. Numbers that the engine has no type for are in a wider one: an int32
// input is an i64 tensor, a float16 one f32. Gradients flow through.
func (r *Module) Run(in []*eager.Tensor) (out []*eager.Tensor, err error) {
	values, err := r.in().accepts(in)
	if err != nil {
		return nil, err
	}
	results, err := r.in().run(values)
	if err != nil {
		return nil, err
	}
	for i, v := range results {
		if v.kind != tensor {
			return nil, fmt.Errorf("onnx: output %q is %v, not a tensor", r.in().model.Graph.Outputs[i].Name, v)
		}
		out = append(out, v.x)
	}
	return out, nil
}

// accepts makes values of the inputs, if they fit the model.
func (r *inside) accepts(in []*eager.Tensor) ([]value, error) {
	want := r.inputs()
	if len(in) != len(want) {
		return nil, fmt.Errorf("onnx: the model has %d inputs, %d were given", len(want), len(in))
	}
	values := make([]value, len(in))
	for i, x := range in {
		if err := want[i].accepts(x); err != nil {
			return nil, err
		}
		values[i] = of(x, want[i].Type)
	}
	return values, nil
}

// Values computes, from the model's inputs, every tensor that a name of its main graph stands for: inputs, initializers and
// the results of all nodes.
func (r *Module) Values(in []*eager.Tensor) (map[string]*eager.Tensor, error) {
	values, err := r.in().accepts(in)
	if err != nil {
		return nil, err
	}
	s, _, err := r.in().through(values)
	if err != nil {
		return nil, err
	}
	all := map[string]*eager.Tensor{}
	for name, v := range s.values {
		if v.kind == tensor {
			all[name] = v.x
		}
	}
	return all, nil
}

// run computes the outputs from values for the inputs.
func (r *inside) run(in []value) ([]value, error) {
	_, out, err := r.through(in)
	return out, err
}

// through computes everything from values for the inputs.
func (r *inside) through(in []value) (*scope, []value, error) {
	s := &scope{values: map[string]value{}}
	for name, v := range r.init {
		s.values[name] = v
	}
	for i, v := range r.inputs() {
		s.values[v.Name] = in[i]
	}
	out, err := s.through(r.env, r.model.Graph.Nodes, names(r.model.Graph.Outputs))
	if err != nil {
		return nil, nil, fmt.Errorf("onnx: %w", err)
	}
	return s, out, nil
}

// Save writes the model with the parameters as they are now, whole or not at all.
func (r *Module) Save(path string) error {
	in := r.in()
	m := *in.model
	m.Graph.Initializers = slices.Clone(m.Graph.Initializers)
	for i, t := range m.Graph.Initializers {
		if v := in.init[t.Name]; slices.Contains(in.params, v.x) {
			now := encodeAs(t.Name, v.x, v.t)
			now.rest = t.rest
			m.Graph.Initializers[i] = now
		}
	}
	if err := writeFile(path, m.Marshal()); err != nil {
		return fmt.Errorf("onnx: writing %s: %w", path, err)
	}
	return nil
}

// accepts says whether x fits the declared type and shape.
func (v *ValueInfo) accepts(x *eager.Tensor) error {
	if x == nil {
		return fmt.Errorf("onnx: input %q is nil, want %s", v.Name, v)
	}
	d, err := dtype(v.Type)
	fits := err == nil && x.DType() == d && (v.AnyShape || len(v.Dims) == x.Rank())
	for i := 0; fits && i < len(v.Dims); i++ {
		fits = v.Dims[i].Name != "" || int(v.Dims[i].Size) == x.Dim(i)
	}
	if !fits {
		return fmt.Errorf("onnx: input %q: got %s%v, want %s", v.Name, x.DType(), x.Shape(), v)
	}
	return nil
}

// String is the declared type and shape, as f32(N,784).
func (v *ValueInfo) String() string {
	s := v.Type.String()
	if v.Type.Size() > 0 {
		if d, err := dtype(v.Type); err == nil && elemType(d) == v.Type {
			s = d.String()
		}
	}
	if v.AnyShape {
		return s
	}
	s += "("
	for i, d := range v.Dims {
		if i > 0 {
			s += ","
		}
		if d.Name != "" {
			s += d.Name
		} else {
			s += fmt.Sprint(d.Size)
		}
	}
	return s + ")"
}
