package lift

import (
	"fmt"
	"strings"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/eager"
)

// Program is a function as a static model: what it computes, and the ifs and loops by which it decides at run time.
type Program struct {
	Name   string
	Inputs []*Value // those of Body
	Params []*Value // tensors that were there before, and constants: those with numbers
	Body   *Block
	Forks  []*Node // the If and Loop nodes; Node.ID counts them from 0

	inputs []Input
}

// Block is a list of nodes in the order in which they run. It may use values of the blocks around it.
type Block struct {
	In    []*Value
	Nodes []*Node
	Out   []*Value
}

// Value is a tensor of a program. Go's numbers are tensors of shape (): int is i64, float64 f64, float32 f32, bool bool.
type Value struct {
	Name   string // unique within the program
	DType  eager.DType
	Shape  dynamic.Shape // Free where the size is known at run time only
	Axes   []string      // the names of axes that have one, "" for the others
	Tensor *eager.Tensor // the numbers of a parameter or constant, else nil
}

// Kind is what a node does.
type Kind uint8

// The kinds of nodes. The numbers of In that hold sizes and places are i64.
const (
	// Call is an op of the engine: Node.Op with attributes Node.At.
	Call Kind = iota
	// Size is the size of axis Node.Axis of In[0], shape ().
	Size
	// Reshape gives In[0] the shape that In[1] (k) holds; one size may be -1.
	Reshape
	// Expand repeats In[0] to the shape that In[1] (k) holds.
	Expand
	// Slice is the elements In[1] <= i < In[2] of axis Node.Axis of In[0]; both are (), negative ones count from the end.
	Slice
	// Index is part In[1] () of axis Node.Axis of In[0], which goes; a negative one counts from the end.
	Index
	// Range is 0, 1, ... below In[0] (): an i64 tensor of one axis.
	Range
	// If has the condition In[0], bool (), and two blocks without In: that for true and that for false. Out is what the
	// one that runs has in Out.
	If
	// Loop has the condition In[0], bool (), then what it carries. Its block takes what is carried in In, and leaves the next
	// condition and what is carried on in Out. It runs as long as the condition holds; Out is what is carried at the end.
	Loop
)

// String is the kind's name.
func (k Kind) String() string {
	return [...]string{"Call", "Size", "Reshape", "Expand", "Slice", "Index", "Range", "If", "Loop"}[k]
}

// Node is one step of a block.
type Node struct {
	Kind   Kind
	Op     *eager.Op // of a Call
	At     any       // its attributes
	Axis   int       // of Size, Slice and Index
	In     []*Value
	Out    []*Value
	Blocks []*Block // of If and Loop
	Where  eager.Place
	ID     int // of If and Loop: its place in Program.Forks
}

// String prints the program as text, one node a line, blocks indented.
func (p *Program) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "program %s", p.Name)
	for _, v := range p.Inputs {
		fmt.Fprintf(&b, "\n  input  %s", v)
	}
	for _, v := range p.Params {
		fmt.Fprintf(&b, "\n  param  %s", v)
	}
	p.Body.print(&b, "  ")
	fmt.Fprintf(&b, "\n  output %s", list(p.Body.Out))
	return b.String()
}

// String is the value's name, dtype and shape: x f32(N,784).
func (v *Value) String() string { return fmt.Sprintf("%s %s%s", v.Name, v.DType, v.Shape) }

func list(vs []*Value) string {
	s := make([]string, len(vs))
	for i, v := range vs {
		s[i] = v.Name
	}
	return strings.Join(s, ", ")
}

func (b *Block) print(w *strings.Builder, indent string) {
	for _, n := range b.Nodes {
		w.WriteString("\n" + indent)
		for i, v := range n.Out {
			if i > 0 {
				w.WriteString(", ")
			}
			w.WriteString(v.String())
		}
		name := n.Kind.String()
		switch n.Kind {
		case Call:
			name = n.Op.Name
		case Size, Slice, Index:
			name = fmt.Sprintf("%s[%d]", name, n.Axis)
		}
		fmt.Fprintf(w, " = %s(%s)", name, list(n.In))
		if at := n.Where.String(); at != "" {
			w.WriteString("  // " + at)
		}
		for i, in := range n.Blocks {
			switch {
			case n.Kind == Loop:
				fmt.Fprintf(w, "\n%s  do(%s)", indent, list(in.In))
			case i == 0:
				fmt.Fprintf(w, "\n%s  then", indent)
			default:
				fmt.Fprintf(w, "\n%s  else", indent)
			}
			in.print(w, indent+"    ")
			fmt.Fprintf(w, "\n%s    -> %s", indent, list(in.Out))
		}
	}
}
