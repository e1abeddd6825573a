package onnx

import (
	"fmt"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// Runner runs a model with the engine's own ops, reading it as the ONNX
// specification says: the check that a file means what was meant.
type Runner struct {
	model *Model
	init  map[string]*eager.Tensor
}

// NewRunner prepares a model. It fails when a node is of a kind that the
// runner does not know or an initializer cannot be read, and names it.
func NewRunner(m *Model) (*Runner, error) {
	r := &Runner{model: m, init: map[string]*eager.Tensor{}}
	for i := range m.Graph.Initializers {
		t := &m.Graph.Initializers[i]
		x, err := decode(t)
		if err != nil {
			return nil, fmt.Errorf("onnx: initializer %q: %w", t.Name, err)
		}
		r.init[t.Name] = x
	}
	for i, n := range m.Graph.Nodes {
		if kinds[n.Kind] == nil {
			return nil, fmt.Errorf("onnx: node %d %q: the runner has no operator %s", i, n.Name, n.Kind)
		}
	}
	return r, nil
}

// Run computes the model's outputs from its inputs, in the model's order of both.
func (r *Runner) Run(in []*eager.Tensor) (out []*eager.Tensor, err error) {
	g := &r.model.Graph
	if len(in) != len(g.Inputs) {
		return nil, fmt.Errorf("onnx: the model has %d inputs, %d were given", len(g.Inputs), len(in))
	}
	values := map[string]*eager.Tensor{}
	for name, x := range r.init {
		values[name] = x
	}
	for i, x := range in {
		if err := g.Inputs[i].accepts(x); err != nil {
			return nil, err
		}
		values[g.Inputs[i].Name] = x
	}
	for i := range g.Nodes {
		if err := run(&g.Nodes[i], values); err != nil {
			return nil, fmt.Errorf("onnx: node %d %q (%s): %w", i, g.Nodes[i].Name, g.Nodes[i].Kind, err)
		}
	}
	for _, v := range g.Outputs {
		x := values[v.Name]
		if x == nil {
			return nil, fmt.Errorf("onnx: output %q is computed by no node", v.Name)
		}
		out = append(out, x)
	}
	return out, nil
}

// accepts says whether x fits the declared type and shape.
func (v *ValueInfo) accepts(x *eager.Tensor) error {
	fits := elemType(x.DType()) == v.Type && len(v.Dims) == x.Rank()
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
	s := fmt.Sprintf("type %d", v.Type)
	if d, err := dtype(v.Type); err == nil {
		s = d.String()
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

func run(n *Node, values map[string]*eager.Tensor) (err error) {
	c := call{node: n}
	for _, name := range n.In {
		x := values[name]
		if x == nil && name != "" {
			return fmt.Errorf("its input %q is not computed before it", name)
		}
		c.in = append(c.in, x)
	}
	defer func() {
		if r := recover(); r != nil {
			bad, ok := r.(badNode)
			if !ok {
				panic(r)
			}
			err = bad
		}
	}()
	var y *eager.Tensor
	if err := eager.Try(func() { y = kinds[n.Kind](&c) }); err != nil {
		return err
	}
	if len(n.Out) == 0 {
		return fmt.Errorf("it has no output")
	}
	for i, y := range append([]*eager.Tensor{y}, c.more...) {
		if i < len(n.Out) && n.Out[i] != "" { // "" is a result that nobody wants
			values[n.Out[i]] = y
		}
	}
	return nil
}

// badNode is the panic of a node that does not hold what its operator needs.
type badNode string

func (b badNode) Error() string { return string(b) }

// call is one node being run.
type call struct {
	node *Node
	in   []*eager.Tensor
	more []*eager.Tensor // results after the first
}

// x is input i; it must be there.
func (c *call) x(i int) *eager.Tensor {
	if i >= len(c.in) || c.in[i] == nil {
		panic(badNode(fmt.Sprintf("it needs input %d", i)))
	}
	return c.in[i]
}

// optional is input i, nil when it is left out.
func (c *call) optional(i int) *eager.Tensor {
	if i >= len(c.in) {
		return nil
	}
	return c.in[i]
}

func attr[T any](c *call, name string, otherwise T) T {
	for _, a := range c.node.Attrs {
		if a.Name == name {
			v, ok := a.Value.(T)
			if !ok {
				panic(badNode(fmt.Sprintf("attribute %q is a %T, want %T", name, a.Value, otherwise)))
			}
			return v
		}
	}
	return otherwise
}

func (c *call) int(name string, otherwise int64) int { return int(attr(c, name, otherwise)) }
func (c *call) float(name string, otherwise float32) float64 {
	return float64(attr(c, name, otherwise))
}

// ints is an attribute of integers, nil when it is left out.
func (c *call) ints(name string) (v []int) {
	for _, i := range attr[[]int64](c, name, nil) {
		v = append(v, int(i))
	}
	return v
}

// axes are the axes that a reduction or squeeze names in its input i; nil for all.
func (c *call) axes(i int) []int {
	if x := c.optional(i); x != nil {
		return x.Ints()
	}
	return c.ints("axes")
}

// permuted is the default permutation of Transpose, which reverses the axes.
func permuted(rank int) []int {
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = rank - 1 - i
	}
	return perm
}

// drop removes the named axes, which have size 1.
func drop(x *eager.Tensor, axes []int) *eager.Tensor {
	axes = slices.Clone(axes)
	for i, a := range axes {
		if a < 0 {
			axes[i] = a + x.Rank()
		}
	}
	slices.Sort(axes)
	for _, a := range slices.Backward(axes) {
		x = x.Squeeze(a)
	}
	return x
}
