package dynamic

import (
	"fmt"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// Graph is a recorded run: nodes in the order in which they ran.
type Graph struct {
	Name      string // for people; may be empty
	Inputs    []*Value
	Outputs   []*Value
	Params    []*Value // tensors that existed before: weights first seen first
	Constants []*Value // tensors that the function made without an op
	Nodes     []*Node
	Decisions []Decision

	f  func([]*eager.Tensor) []*eager.Tensor
	in []*eager.Tensor
}

// Value is a tensor of the graph: an input, a parameter, a constant, or what a node computes.
type Value struct {
	Name   string // unique within the graph
	Shape  Shape
	DType  eager.DType
	From   *Node         // nil unless computed
	Tensor *eager.Tensor // the numbers of a parameter or constant, else nil
}

// Free stands in a Shape for a size that is chosen anew at each run.
const Free = -1

// Shape is the size of each axis; Free prints as N.
type Shape []int

// String prints the shape as (N,784).
func (s Shape) String() string {
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = fmt.Sprint(d)
		if d == Free {
			parts[i] = "N"
		}
	}
	return "(" + strings.Join(parts, ",") + ")"
}

// Node is one op that ran.
type Node struct {
	Op    *eager.Op
	At    any // the op's attributes
	In    []*Value
	Out   *Value
	Where eager.Place
}

// Decision is a place where Go code read the value of a tensor that depends on an input.
type Decision struct {
	Kind  string // the method that read it: Item, Bool, At, Values, ...
	Of    *Value
	Value string // what was read
	Where eager.Place
}

// String says what was decided and where.
func (d Decision) String() string {
	if d.Kind == "Assign" {
		return fmt.Sprintf("%s: %s%v was changed in place", d.Where, d.Of.Name, d.Of.Shape)
	}
	return fmt.Sprintf("%s: %s of %s%v was read, its value was %s", d.Where, d.Kind, d.Of.Name, d.Of.Shape, d.Value)
}

// String prints the graph as text, one node a line.
func (g *Graph) String() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace("graph " + g.Name))
	for _, v := range g.Inputs {
		fmt.Fprintf(&b, "\n  input  %s", v)
	}
	for _, v := range g.Params {
		fmt.Fprintf(&b, "\n  param  %s", v)
	}
	for _, v := range g.Constants {
		fmt.Fprintf(&b, "\n  const  %s", v)
	}
	for _, n := range g.Nodes {
		fmt.Fprintf(&b, "\n  %s", n)
	}
	for _, v := range g.Outputs {
		fmt.Fprintf(&b, "\n  output %s", v)
	}
	for _, d := range g.Decisions {
		fmt.Fprintf(&b, "\n  decision, %s", d)
	}
	return b.String()
}

// String is the value's name, dtype and shape: x f32(N,784).
func (v *Value) String() string { return fmt.Sprintf("%s %s%s", v.Name, v.DType, v.Shape) }

// String is the node as an assignment, with its place.
func (n *Node) String() string {
	names := make([]string, len(n.In))
	for i, v := range n.In {
		names[i] = v.Name
	}
	s := fmt.Sprintf("%s = %s(%s)", n.Out, n.Op.Name, strings.Join(names, ", "))
	if at := n.Where.String(); at != "" {
		s += "  // " + at
	}
	return s
}
