package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
)

// size is a number of elements that grows with the number of rows: rows*n + more.
type size struct{ rows, more int }

// String is the size as Go: 64, n, 2*n, 2*n+1.
func (s size) String() string {
	switch {
	case s.rows == 0:
		return fmt.Sprint(s.more)
	case s.rows == 1 && s.more == 0:
		return "n"
	case s.more == 0:
		return fmt.Sprintf("%d*n", s.rows)
	case s.rows == 1:
		return fmt.Sprintf("(n+%d)", s.more)
	}
	return fmt.Sprintf("(%d*n+%d)", s.rows, s.more)
}

func (s size) at(n int) int { return s.rows*n + s.more }

// text is a product of sizes as Go.
func text(dims []size) string {
	fixed := 1
	var parts []string
	for _, d := range dims {
		if d.rows == 0 {
			fixed *= d.more
		} else if d.rows > 1 && d.more == 0 {
			fixed *= d.rows
			parts = append(parts, "n")
		} else {
			parts = append(parts, d.String())
		}
	}
	if fixed != 1 || len(parts) == 0 {
		parts = append(parts, fmt.Sprint(fixed))
	}
	return strings.Join(parts, "*")
}

// val is a value of the model.
type val struct {
	name  string
	kind  eager.DType
	dims  []size
	data  *eager.Tensor // of a constant
	from  *step
	uses  int    // by nodes that are left
	expr  string // what it is called in the source
	alias *val   // whose numbers it has
	slot  int    // of the working memory, -1 for none
}

// root is the value whose numbers v has.
func (v *val) root() *val {
	for v.alias != nil {
		v = v.alias
	}
	return v
}

// step is a node that computes something from the inputs.
type step struct {
	node *onnx.Node
	in   []*val // nil for one that is left out
	out  []*val // nil for one that nobody wants
}

// plan is a model taken apart.
type plan struct {
	model  *onnx.Model
	values map[string]*val
	inputs []*val
	output []*val
	steps  []*step
	free   bool // whether the number of rows is free
}

// shapeOnly are the inputs of operators of which nothing but the shape of the result is needed.
var shapeOnly = map[string][]int{
	"Reshape": {1}, "Expand": {1}, "Squeeze": {1}, "Unsqueeze": {1}, "ReduceSum": {1}, "ReduceMean": {1}, "ReduceMax": {1}, "ReduceMin": {1},
	"ReduceLogSumExp": {1}, "Slice": {1, 2, 3, 4}, "Pad": {1, 2}, "CumSum": {1}, "TopK": {1}, "Trilu": {1},
}

// newPlan finds the shapes of all values by running the model with the given inputs and with other numbers of rows, and what
// is computed from the inputs at all.
func newPlan(m *onnx.Model, given []*eager.Tensor, free bool) (*plan, error) {
	module, err := onnx.NewModule(m)
	if err != nil {
		return nil, err
	}
	p := &plan{model: m, values: map[string]*val{}, free: free}
	rows := []int{1}
	if free {
		rows = []int{2, 3, 5}
	}
	var runs []map[string]*eager.Tensor
	for _, n := range rows {
		in := given
		if free {
			if in, err = withRows(m, given, n); err != nil {
				return nil, err
			}
		}
		values, err := module.Values(in)
		if err != nil {
			return nil, err
		}
		runs = append(runs, values)
	}
	depends := map[string]bool{}
	for _, v := range module.Inputs() {
		depends[v.Name] = true
	}
	for _, n := range m.Graph.Nodes {
		if n.Kind == "Shape" {
			continue // a shape is known when the source is written, or is the number of rows
		}
		for _, in := range n.In {
			if depends[in] && !slices.Contains(shapeOnly[n.Kind], slices.Index(n.In, in)) {
				for _, out := range n.Out {
					depends[out] = true
				}
			}
		}
	}
	for name, x := range runs[0] {
		v := &val{name: name, kind: x.DType(), slot: -1}
		for a := range x.Rank() {
			d, err := sizeOf(rows, runs, name, a)
			if err != nil {
				return nil, err
			}
			v.dims = append(v.dims, d)
		}
		if !depends[name] {
			v.data = x
		}
		p.values[name] = v
	}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		s := &step{node: n}
		needed := false
		for _, name := range n.Out {
			if name == "" {
				s.out = append(s.out, nil)
				continue
			}
			v := p.values[name]
			s.out = append(s.out, v)
			needed = needed || depends[name]
		}
		if !needed {
			continue
		}
		for k, name := range n.In {
			v := p.values[name]
			if v != nil && !depends[name] && !slices.Contains(shapeOnly[n.Kind], k) && !equalRuns(runs, name) {
				return nil, fmt.Errorf("gosrc: node %d %s computes with %q, which is made of the number of rows: not supported", i, n.Kind, name)
			}
			s.in = append(s.in, v)
		}
		for _, v := range s.out {
			if v != nil {
				v.from = s
			}
		}
		p.steps = append(p.steps, s)
	}
	for _, v := range module.Inputs() {
		p.inputs = append(p.inputs, p.values[v.Name])
	}
	for _, v := range module.Outputs() {
		x := p.values[v.Name]
		if x == nil || !depends[v.Name] {
			return nil, fmt.Errorf("gosrc: the output %q does not depend on the inputs", v.Name)
		}
		x.uses++
		p.output = append(p.output, x)
	}
	p.prune()
	return p, nil
}

// prune drops what no output needs, and counts uses.
func (p *plan) prune() {
	var kept []*step
	for i := len(p.steps) - 1; i >= 0; i-- {
		s := p.steps[i]
		if !slices.ContainsFunc(s.out, func(v *val) bool { return v != nil && v.uses > 0 }) {
			continue
		}
		for k, v := range s.in {
			if v != nil && !slices.Contains(shapeOnly[s.node.Kind], k) {
				v.uses++
			}
		}
		kept = append(kept, s)
	}
	slices.Reverse(kept)
	p.steps = kept
}

// withRows gives every input that has a free axis n rows, by repeating those that it has.
func withRows(m *onnx.Model, given []*eager.Tensor, n int) ([]*eager.Tensor, error) {
	in := slices.Clone(given)
	for i, v := range m.Graph.Inputs {
		for a, d := range v.Dims {
			if d.Name == "" {
				continue
			}
			if a != 0 {
				return nil, fmt.Errorf("gosrc: axis %d of the input %q is free: only the first can be", a, v.Name)
			}
			idx := make([]int, n)
			for k := range idx {
				idx[k] = k % given[i].Dim(0)
			}
			in[i] = given[i].Take(0, eager.FromInts(idx, n))
		}
	}
	return in, nil
}

// sizeOf finds axis a of a value as a multiple of the rows plus a constant, and checks that with the last run.
func sizeOf(rows []int, runs []map[string]*eager.Tensor, name string, a int) (size, error) {
	at := func(i int) int {
		if x := runs[i][name]; x != nil && a < x.Rank() {
			return x.Dim(a)
		}
		return -1
	}
	if len(runs) == 1 {
		return size{0, at(0)}, nil
	}
	k := at(1) - at(0)
	s := size{k, at(0) - k*rows[0]}
	for i, n := range rows {
		if s.at(n) != at(i) || s.rows < 0 || s.more < 0 {
			return size{}, fmt.Errorf("gosrc: axis %d of %q has sizes %d, %d and %d with %d, %d and %d rows", a, name, at(0), at(1), at(2), rows[0], rows[1], rows[2])
		}
	}
	return s, nil
}

// equalRuns says whether a value is the same in all runs.
func equalRuns(runs []map[string]*eager.Tensor, name string) bool {
	a := runs[0][name]
	for _, r := range runs[1:] {
		if b := r[name]; !slices.Equal(a.Shape(), b.Shape()) || !slices.Equal(a.Values(), b.Values()) {
			return false
		}
	}
	return true
}
