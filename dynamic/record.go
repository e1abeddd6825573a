package dynamic

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// Record runs f on x and returns the graph of what ran. The graph holds every
// op on the way from x to f's result, whether or not gradients were wanted. It
// panics with *eager.Error when f does, and when f's result does not depend on x.
func Record(f func(x *eager.Tensor) *eager.Tensor, x *eager.Tensor) *Graph {
	return RecordAll(func(in []*eager.Tensor) []*eager.Tensor {
		return []*eager.Tensor{f(in[0])}
	}, []*eager.Tensor{x})
}

// RecordAll is Record for a function of several tensors with several results.
func RecordAll(f func(in []*eager.Tensor) []*eager.Tensor, in []*eager.Tensor) *Graph {
	return record(f, in)
}

func record(f func([]*eager.Tensor) []*eager.Tensor, in []*eager.Tensor) *Graph {
	var out []*eager.Tensor
	events := eager.Trace(func() { out = f(in) })

	r := &recorder{
		g:       &Graph{f: f, in: in},
		values:  map[*eager.Tensor]*Value{},
		depends: map[*Value]bool{},
		names:   map[string]bool{},
	}
	for i, x := range in {
		name := x.Name()
		if name == "" {
			name = "x"
			if len(in) > 1 {
				name = fmt.Sprintf("x%d", i)
			}
		}
		v := r.add(x, name)
		r.depends[v] = true
		r.g.Inputs = append(r.g.Inputs, v)
	}
	for _, e := range events {
		r.event(e)
	}
	for i, y := range out {
		v := r.values[y]
		if v == nil || !r.depends[v] {
			panic(&eager.Error{
				Op:   "Record",
				Text: fmt.Sprintf("result %d of the function does not depend on its input", i),
				Hint: "compute it from the argument with ops; values taken out with Item or Values and put back are not recorded",
			})
		}
		r.g.Outputs = append(r.g.Outputs, v)
	}
	r.g.prune()
	return r.g
}

// recorder builds a graph from the events of a trace.
type recorder struct {
	g       *Graph
	values  map[*eager.Tensor]*Value
	depends map[*Value]bool // on an input
	names   map[string]bool
}

func (r *recorder) add(x *eager.Tensor, name string) *Value {
	base := name
	for i := 2; r.names[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	r.names[name] = true
	v := &Value{Name: name, Shape: Shape(append([]int(nil), x.Shape()...)), DType: x.DType()}
	r.values[x] = v
	return v
}

// leaf finds the value of a tensor that no op of this graph made so far.
func (r *recorder) leaf(x *eager.Tensor) *Value {
	if v := r.values[x]; v != nil {
		return v
	}
	kind, list := "const", &r.g.Constants
	if x.RequiresGrad() || x.Name() != "" {
		kind, list = "param", &r.g.Params
	}
	name := x.Name()
	if name == "" {
		name = fmt.Sprintf("%s%d", kind, len(*list)+1)
	}
	v := r.add(x, name)
	v.Tensor = x
	*list = append(*list, v)
	return v
}

func (r *recorder) event(e eager.Event) {
	if e.Decision != nil {
		r.decision(e.Decision)
		return
	}
	n := &Node{Op: e.Op, At: e.At, Where: e.Where}
	depends := false
	for _, x := range e.In {
		v := r.leaf(x)
		n.In = append(n.In, v)
		depends = depends || r.depends[v]
	}
	n.Out = r.add(e.Out, fmt.Sprintf("t%d", len(r.g.Nodes)+1))
	n.Out.From = n
	r.depends[n.Out] = depends
	r.g.Nodes = append(r.g.Nodes, n)
}

// decision keeps what another run might decide differently: a value that
// depends on an input, and any tensor that the function changes in place.
func (r *recorder) decision(d *eager.Decision) {
	v := r.values[d.X]
	if d.Kind == "Assign" {
		v = r.leaf(d.X)
	} else if v == nil || !r.depends[v] {
		return
	}
	r.g.Decisions = append(r.g.Decisions, Decision{Kind: d.Kind, Of: v, Value: d.Value, Where: d.Where})
}

// prune drops nodes, parameters and constants that no output and no decision needs.
func (g *Graph) prune() {
	need := map[*Value]bool{}
	for _, v := range g.Outputs {
		need[v] = true
	}
	for _, d := range g.Decisions {
		need[d.Of] = true
	}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		if n := g.Nodes[i]; need[n.Out] {
			for _, v := range n.In {
				need[v] = true
			}
		}
	}
	keep := func(vs []*Value) (kept []*Value) {
		for _, v := range vs {
			if need[v] {
				kept = append(kept, v)
			}
		}
		return kept
	}
	g.Params, g.Constants = keep(g.Params), keep(g.Constants)
	var nodes []*Node
	for _, n := range g.Nodes {
		if need[n.Out] {
			nodes = append(nodes, n)
		}
	}
	g.Nodes = nodes
}
