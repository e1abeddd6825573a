package onnx

import (
	"fmt"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/dynamic/lift"
	"github.com/tapir-go/tapir/eager"
)

// ExportProgram makes an ONNX model of a lifted function. Its ifs become If and its loops become Loop, which carry on what
// the loop changes; the bodies are subgraphs that use the values around them. Axes that have a name are free. It fails
// when an op has no ONNX form.
func ExportProgram(p *lift.Program, o Options) (*Model, error) {
	m := &Model{IRVersion: irVersion, Producer: "tapir", Version: "0.1", Doc: o.Doc, Opset: Opset}
	m.Graph.Name = p.Name
	w := &flow{
		emitter: emitter{g: &m.Graph, top: &m.Graph, taken: map[string]bool{}, consts: map[string]string{}},
		names:   map[*lift.Value]string{},
	}
	for _, v := range p.Inputs {
		w.names[v] = w.unique(v.Name)
		m.Graph.Inputs = append(m.Graph.Inputs, w.info(w.names[v], v))
	}
	for _, v := range p.Params {
		w.names[v] = w.unique(v.Name)
		m.Graph.Initializers = append(m.Graph.Initializers, encode(w.names[v], v.Tensor))
	}
	if err := w.nodes(p.Body); err != nil {
		return nil, err
	}
	for i, v := range p.Body.Out {
		name := "y"
		if len(p.Body.Out) > 1 {
			name = fmt.Sprintf("y%d", i)
		}
		w.output(v, w.unique(name))
	}
	return m, nil
}

// flow writes the blocks of a program.
type flow struct {
	emitter
	names   map[*lift.Value]string
	unnamed int // axes that have no name of their own
}

// info declares a value.
func (w *flow) info(name string, v *lift.Value) ValueInfo {
	t := ValueInfo{Name: name, Type: elemType(v.DType)}
	for i, n := range v.Shape {
		d := Dim{Size: int64(n)}
		if n == dynamic.Free {
			d = Dim{}
			if i < len(v.Axes) {
				d.Name = v.Axes[i]
			}
			if d.Name == "" {
				w.unnamed++
				d.Name = fmt.Sprintf("axis%d", w.unnamed)
			}
		}
		t.Dims = append(t.Dims, d)
	}
	return t
}

// output makes a value a result of the graph that is being written. The result has a node of its own: it may not be a
// value from around the graph.
func (w *flow) output(v *lift.Value, name string) {
	w.add("Identity", []string{w.names[v]}, nil, []string{name})
	w.g.Outputs = append(w.g.Outputs, w.info(name, v))
}

func (w *flow) nodes(b *lift.Block) error {
	for _, n := range b.Nodes {
		w.node = &dynamic.Node{Where: n.Where}
		var err error
		switch n.Kind {
		case lift.If:
			err = w.fork(n)
		case lift.Loop:
			err = w.loop(n)
		default:
			err = w.step(n)
		}
		if err != nil {
			return err
		}
	}
	w.node = nil
	return nil
}

// step writes a node that is no fork.
func (w *flow) step(n *lift.Node) error {
	in := make([]eager.Value, len(n.In))
	for i, v := range n.In {
		in[i] = eager.Value{Name: w.names[v], Shape: eager.Shape(v.Shape), DType: v.DType}
	}
	list := func(ints ...int) string { return w.Const(eager.FromInts(ints, len(ints))) }
	row := func(name string) string { return w.Node("Unsqueeze", []string{name, list(0)}, nil) }
	var name string
	switch n.Kind {
	case lift.Size:
		size := w.Node("Shape", []string{in[0].Name}, []eager.Attr{{Name: "start", Value: n.Axis}, {Name: "end", Value: n.Axis + 1}})
		name = w.Node("Squeeze", []string{size, list(0)}, nil)
	case lift.Reshape:
		name = w.Node("Reshape", []string{in[0].Name, in[1].Name}, []eager.Attr{{Name: "allowzero", Value: 1}})
	case lift.Expand:
		name = w.Node("Expand", []string{in[0].Name, in[1].Name}, nil)
	case lift.Slice:
		name = w.Node("Slice", []string{in[0].Name, row(in[1].Name), row(in[2].Name), list(n.Axis)}, nil)
	case lift.Index:
		name = w.Node("Gather", []string{in[0].Name, in[1].Name}, []eager.Attr{{Name: "axis", Value: n.Axis}})
	case lift.Range:
		name = w.Node("Range", []string{w.Const(eager.FromInts([]int{0})), in[0].Name, w.Const(eager.FromInts([]int{1}))}, nil)
	default:
		if n.Op.Export == nil {
			return fmt.Errorf("onnx: %s: the op %s has no ONNX form", n.Where, n.Op.Name)
		}
		out := n.Out[0]
		name = n.Op.Export(w, n.At, in, eager.Value{Name: out.Name, Shape: eager.Shape(out.Shape), DType: out.DType})
	}
	w.names[n.Out[0]] = name
	return nil
}

// within writes a subgraph.
func (w *flow) within(name string, write func() error) (*Graph, error) {
	outer, node := w.g, w.node
	g := &Graph{Name: w.unique(name)}
	w.g = g
	err := write()
	w.g, w.node = outer, node
	return g, err
}

// results gives a fork's results their names and returns these.
func (w *flow) results(n *lift.Node) []string {
	out := make([]string, len(n.Out))
	for i, v := range n.Out {
		out[i] = w.unique(v.Name)
		w.names[v] = out[i]
	}
	return out
}

// block writes the nodes and outputs of b into the graph at hand.
func (w *flow) block(b *lift.Block) error {
	if err := w.nodes(b); err != nil {
		return err
	}
	for _, v := range b.Out {
		w.output(v, w.unique(v.Name))
	}
	return nil
}

func (w *flow) fork(n *lift.Node) error {
	var branches [2]*Graph
	for i, b := range n.Blocks {
		g, err := w.within([]string{"then", "else"}[i], func() error { return w.block(b) })
		if err != nil {
			return err
		}
		branches[i] = g
	}
	w.add("If", []string{w.names[n.In[0]]}, []Attribute{{Name: "then_branch", Value: branches[0]}, {Name: "else_branch", Value: branches[1]}}, w.results(n))
	return nil
}

func (w *flow) loop(n *lift.Node) error {
	b := n.Blocks[0]
	g, err := w.within("body", func() error {
		w.g.Inputs = append(w.g.Inputs, ValueInfo{Name: w.unique("round"), Type: Int64}, ValueInfo{Name: w.unique("going"), Type: Bool})
		for _, v := range b.In {
			w.names[v] = w.unique(v.Name)
			w.g.Inputs = append(w.g.Inputs, w.info(w.names[v], v))
		}
		return w.block(b)
	})
	if err != nil {
		return err
	}
	in := []string{""} // no limit to the rounds
	for _, v := range n.In {
		in = append(in, w.names[v])
	}
	w.add("Loop", in, []Attribute{{Name: "body", Value: g}}, w.results(n))
	return nil
}
