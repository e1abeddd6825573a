package dynamic

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// Run is the reference runner: it computes the graph's outputs by running node
// after node with the attributes of the recording. The inputs have the shapes
// of the recording, since attributes such as the target of a Reshape may be
// made for them; a model that takes any batch comes from an export.
func (g *Graph) Run(in []*eager.Tensor) (out []*eager.Tensor, err error) {
	if len(in) != len(g.Inputs) {
		return nil, fmt.Errorf("run: the graph has %d inputs, %d were given", len(g.Inputs), len(in))
	}
	values := map[*Value]*eager.Tensor{}
	for i, v := range g.Inputs {
		given := Shape(g.in[i].Shape())
		if in[i].DType() != v.DType || given.String() != in[i].Shape().String() {
			return nil, fmt.Errorf("run: input %s was recorded as %s%s, got %s%s",
				v.Name, v.DType, given, in[i].DType(), in[i].Shape())
		}
		values[v] = in[i]
	}
	for _, list := range [][]*Value{g.Params, g.Constants} {
		for _, v := range list {
			values[v] = v.Tensor
		}
	}
	for _, n := range g.Nodes {
		args := make([]*eager.Tensor, len(n.In))
		for i, v := range n.In {
			args[i] = values[v]
		}
		err := eager.Try(func() {
			eager.NoGrad(func() { values[n.Out] = n.Op.Apply(n.At, args) })
		})
		if err != nil {
			return nil, fmt.Errorf("run: %s: %w", n, err)
		}
	}
	for _, v := range g.Outputs {
		out = append(out, values[v])
	}
	return out, nil
}
