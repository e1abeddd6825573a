package dynamic

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// FreeBatch finds what of the graph moves with the number of rows: it runs the
// recorded function again with one row more in every input that has as many
// rows as the first, and returns both graphs with every size that moved set to
// Free. Node i of one is node i of the other. It fails, naming the line, when
// the second run took another way.
func (g *Graph) FreeBatch() (free, twin *Graph, err error) {
	if len(g.in) == 0 || g.in[0].Rank() == 0 || g.in[0].Dim(0) == 0 {
		return nil, nil, fmt.Errorf("the first input has no rows, so there is no batch axis to free")
	}
	rows := g.in[0].Dim(0)
	more := make([]*eager.Tensor, len(g.in))
	for i, x := range g.in {
		more[i] = x
		if x.Rank() > 0 && x.Dim(0) == rows {
			more[i] = eager.Concat(0, []*eager.Tensor{x, x.Slice(0, 0, 1)}).SetName(x.Name())
		}
	}
	if err := eager.Try(func() { twin = record(g.f, more) }); err != nil {
		return nil, nil, fmt.Errorf("with %d rows instead of %d the function fails: %w", rows+1, rows, err)
	}
	free = g.copied()
	if err := align(free, twin); err != nil {
		return nil, nil, fmt.Errorf("with %d rows instead of %d the function ran differently: %w", rows+1, rows, err)
	}
	return free, twin, nil
}

// Call runs the recorded function itself, eagerly and without a tape.
func (g *Graph) Call(in []*eager.Tensor) (out []*eager.Tensor) {
	eager.NoGrad(func() { out = g.f(in) })
	return out
}

// Given is the tensors that the graph was recorded with.
func (g *Graph) Given() []*eager.Tensor { return append([]*eager.Tensor(nil), g.in...) }

// copied is the graph with values and nodes of its own.
func (g *Graph) copied() *Graph {
	to := map[*Value]*Value{}
	value := func(v *Value) *Value {
		if to[v] == nil {
			c := *v
			c.Shape = append(Shape(nil), v.Shape...)
			to[v] = &c
		}
		return to[v]
	}
	values := func(vs []*Value) (c []*Value) {
		for _, v := range vs {
			c = append(c, value(v))
		}
		return c
	}
	c := *g
	c.Inputs, c.Params, c.Constants, c.Outputs = values(g.Inputs), values(g.Params), values(g.Constants), values(g.Outputs)
	c.Nodes, c.Decisions = nil, nil
	for _, n := range g.Nodes {
		m := &Node{Op: n.Op, At: n.At, In: values(n.In), Out: value(n.Out), Where: n.Where}
		m.Out.From = m
		c.Nodes = append(c.Nodes, m)
	}
	for _, d := range g.Decisions {
		d.Of = value(d.Of)
		c.Decisions = append(c.Decisions, d)
	}
	return &c
}

// align walks two graphs side by side and frees the sizes in which they differ.
func align(a, b *Graph) error {
	for i := range max(len(a.Nodes), len(b.Nodes)) {
		if i >= len(a.Nodes) || i >= len(b.Nodes) {
			longer := a
			if len(b.Nodes) > len(a.Nodes) {
				longer = b
			}
			return fmt.Errorf("%d ops ran instead of %d, the first of the others is %s", len(b.Nodes), len(a.Nodes), longer.Nodes[i])
		}
		n, m := a.Nodes[i], b.Nodes[i]
		if n.Op != m.Op || len(n.In) != len(m.In) || n.Out.DType != m.Out.DType {
			return fmt.Errorf("%s ran instead of %s", m, n)
		}
		for k := range n.In {
			if err := pair(n.In[k], m.In[k]); err != nil {
				return fmt.Errorf("argument %d of %s: %w", k, n, err)
			}
		}
		if err := pair(n.Out, m.Out); err != nil {
			return fmt.Errorf("the result of %s: %w", n, err)
		}
	}
	for i := range a.Inputs {
		if err := pair(a.Inputs[i], b.Inputs[i]); err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
	}
	return nil
}

func pair(v, w *Value) error {
	if len(v.Shape) != len(w.Shape) {
		return fmt.Errorf("its shape was %v and is %v", v.Shape, w.Shape)
	}
	for i := range v.Shape {
		if v.Shape[i] != w.Shape[i] {
			v.Shape[i], w.Shape[i] = Free, Free
		}
	}
	return nil
}
