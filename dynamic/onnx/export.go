package onnx

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/eager"
)

// Opset is the version of ONNX's operators that is written, and irVersion the
// version of the file format that goes with it.
const (
	Opset     = 17
	irVersion = 8
)

// Options are the choices of an export; the zero value is the usual one.
type Options struct {
	FixedBatch bool   // keep the recorded number of rows instead of freeing it
	BatchName  string // of the free axis; "N" when empty
	Doc        string // stored as the model's description
}

// Export makes an ONNX model of g, as Save does, without writing or checking it.
//
// It fails, and names the line, when the function decided something by a value
// that depends on its input, when an op has no ONNX form, or when something in
// the graph is made for the recorded number of rows or changes from run to run.
func Export(g *dynamic.Graph, o Options) (*Model, error) {
	if err := undecided(g); err != nil {
		return nil, err
	}
	if o.FixedBatch {
		model, _, err := write(g, o)
		return model, err
	}
	free, twin, err := g.FreeBatch()
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	model, from, err := write(free, o)
	if err != nil {
		return nil, err
	}
	other, _, err := write(twin, o)
	if err != nil {
		return nil, err
	}
	if err := same(model, other, from); err != nil {
		return nil, err
	}
	return model, nil
}

// undecided fails when the recorded run decided anything by its input.
func undecided(g *dynamic.Graph) error {
	if len(g.Decisions) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "onnx: the function decides by values that a static model cannot see (%d):", len(g.Decisions))
	for _, d := range g.Decisions {
		fmt.Fprintf(&b, "\n  %s", d)
	}
	b.WriteString("\nways out: choose between tensors with eager.Where, move the reading out of the recorded function, or evaluate the network with nn.Eval if a layer changes its statistics")
	return errors.New(b.String())
}

// write emits the nodes of g. from is the graph's node that each ONNX node came from.
func write(g *dynamic.Graph, o Options) (*Model, []*dynamic.Node, error) {
	if o.BatchName == "" {
		o.BatchName = "N"
	}
	m := &Model{IRVersion: irVersion, Producer: "tapir", Version: "0.1", Doc: o.Doc, Opset: Opset}
	m.Graph.Name = g.Name
	if m.Graph.Name == "" {
		m.Graph.Name = "main"
	}
	e := &emitter{g: &m.Graph, top: &m.Graph, taken: map[string]bool{}, consts: map[string]string{}}
	names := map[*dynamic.Value]string{}
	for _, v := range g.Inputs {
		names[v] = e.unique(v.Name)
		m.Graph.Inputs = append(m.Graph.Inputs, info(names[v], v, o.BatchName))
	}
	for _, list := range [][]*dynamic.Value{g.Params, g.Constants} {
		for _, v := range list {
			names[v] = e.unique(v.Name)
			m.Graph.Initializers = append(m.Graph.Initializers, encode(names[v], v.Tensor))
		}
	}
	operand := func(v *dynamic.Value) eager.Value {
		return eager.Value{Name: names[v], Shape: eager.Shape(v.Shape), DType: v.DType}
	}
	for _, n := range g.Nodes {
		if n.Op.Export == nil {
			return nil, nil, fmt.Errorf("onnx: %s: the op %s has no ONNX form", n.Where, n.Op.Name)
		}
		in := make([]eager.Value, len(n.In))
		for i, v := range n.In {
			in[i] = operand(v)
		}
		e.node = n
		names[n.Out] = n.Op.Export(e, n.At, in, operand(n.Out))
	}
	for i, v := range g.Outputs {
		name := "y"
		if len(g.Outputs) > 1 {
			name = fmt.Sprintf("y%d", i)
		}
		name = e.unique(name)
		e.add("Identity", []string{names[v]}, nil, []string{name})
		m.Graph.Outputs = append(m.Graph.Outputs, info(name, v, o.BatchName))
	}
	return m, e.from, nil
}

func info(name string, v *dynamic.Value, batch string) ValueInfo {
	t := ValueInfo{Name: name, Type: elemType(v.DType)}
	for _, d := range v.Shape {
		if d == dynamic.Free {
			t.Dims = append(t.Dims, Dim{Name: batch})
		} else {
			t.Dims = append(t.Dims, Dim{Size: int64(d)})
		}
	}
	return t
}

// same fails when two exports of the same function, recorded with different
// numbers of rows, differ: what differs would have been baked in.
func same(a, b *Model, from []*dynamic.Node) error {
	baked := func(i int, what string) error {
		n := from[min(i, len(from)-1)]
		return fmt.Errorf("onnx: %s: %s of %s is made for the recorded run and differs with one more row\n"+
			"ways out: give it as an input, write the number of rows as -1, take random numbers and counts out of the function, or export with Options.FixedBatch", n.Where, what, n.Op.Name)
	}
	for i := range max(len(a.Graph.Nodes), len(b.Graph.Nodes)) {
		if i >= len(a.Graph.Nodes) || i >= len(b.Graph.Nodes) {
			return baked(i, "the number of operators")
		}
		x, y := a.Graph.Nodes[i], b.Graph.Nodes[i]
		x.Doc, y.Doc = "", ""
		if !bytes.Equal(x.marshal(), y.marshal()) {
			return baked(i, "an attribute")
		}
	}
	other := map[string]*Tensor{}
	for i := range b.Graph.Initializers {
		other[b.Graph.Initializers[i].Name] = &b.Graph.Initializers[i]
	}
	for i := range a.Graph.Initializers {
		t := &a.Graph.Initializers[i]
		if o := other[t.Name]; o == nil || !bytes.Equal(t.marshal(), o.marshal()) {
			return baked(user(a, t.Name), fmt.Sprintf("the constant %q", t.Name))
		}
	}
	return nil
}

// user is the first node that reads the named value.
func user(m *Model, name string) int {
	for i, n := range m.Graph.Nodes {
		for _, in := range n.In {
			if in == name {
				return i
			}
		}
	}
	return 0
}

// emitter collects the nodes that ops write.
type emitter struct {
	g      *Graph        // that nodes go to
	top    *Graph        // the model's own, which has the constants
	node   *dynamic.Node // whose export is running
	from   []*dynamic.Node
	taken  map[string]bool
	consts map[string]string // by content
}

func (e *emitter) unique(name string) string {
	if name == "" {
		name = "v"
	}
	base := name
	for i := 2; e.taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	e.taken[name] = true
	return name
}

func (e *emitter) add(kind string, in []string, attrs []Attribute, out []string) {
	n := Node{Name: fmt.Sprintf("%s_%d", kind, len(e.g.Nodes)), Kind: kind, In: in, Out: out, Attrs: attrs}
	if e.node != nil {
		n.Doc = e.node.Where.String()
	}
	e.g.Nodes = append(e.g.Nodes, n)
	e.from = append(e.from, e.node)
}

// Node writes one operator with one result.
func (e *emitter) Node(kind string, in []string, attrs []eager.Attr) string {
	return e.Nodes(kind, in, attrs, 1)[0]
}

// Nodes writes one operator with several results.
func (e *emitter) Nodes(kind string, in []string, attrs []eager.Attr, results int) []string {
	out := make([]string, results)
	for i := range out {
		out[i] = e.unique(strings.ToLower(kind))
	}
	e.add(kind, in, attributes(attrs), out)
	return out
}

// Const writes a constant; equal ones are written once.
func (e *emitter) Const(x *eager.Tensor) string {
	t := encode("", x)
	key := string(t.marshal())
	if name := e.consts[key]; name != "" {
		return name
	}
	t.Name = e.unique("c")
	e.consts[key] = t.Name
	e.top.Initializers = append(e.top.Initializers, t)
	return t.Name
}

func attributes(attrs []eager.Attr) (out []Attribute) {
	for _, a := range attrs {
		b := Attribute{Name: a.Name}
		switch v := a.Value.(type) {
		case int:
			b.Value = int64(v)
		case float64:
			b.Value = float32(v)
		case string:
			b.Value = v
		case []int:
			ints := make([]int64, len(v))
			for i, d := range v {
				ints[i] = int64(d)
			}
			b.Value = ints
		case []float64:
			floats := make([]float32, len(v))
			for i, f := range v {
				floats[i] = float32(f)
			}
			b.Value = floats
		case eager.DType:
			b.Value = int64(elemType(v))
		case *eager.Tensor:
			t := encode(a.Name, v)
			b.Value = &t
		default:
			panic(fmt.Sprintf("internal error: attribute %q has the type %T", a.Name, a.Value))
		}
		out = append(out, b)
	}
	return out
}
