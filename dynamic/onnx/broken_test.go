package onnx

import (
	"maps"
	"slices"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

// Whatever a model's attributes and the shapes of its inputs are, running it gives results or an error and no panic: every
// operator of ONNX's own cases with each number in its attributes replaced by others, with an input left out, empty, of one
// number, or with an axis more.
func TestBrokenModelsGiveErrors(t *testing.T) {
	defer func(n int) { mostElements = n }(mostElements)
	mostElements = 1 << 16
	runs := 0
	for name, c := range nodeCases(t) {
		m, err := Unmarshal(c.model)
		if err != nil || slices.ContainsFunc(m.Graph.Nodes, func(n Node) bool { return n.Kind == "Loop" || n.Kind == "Scan" }) || len(m.Graph.Nodes) > 1 {
			continue // a loop without an end is no panic
		}
		module, err := NewModule(m)
		if err != nil {
			continue
		}
		set := c.sets[slices.Sorted(maps.Keys(c.sets))[0]]
		in, err := c.inputs(module, set)
		if err != nil {
			continue
		}
		try := func(what string, in []value) {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s with %s: panic: %v", name, what, r)
				}
			}()
			_, _ = module.in().run(in)
			runs++
		}
		n := &m.Graph.Nodes[0]
		for i, a := range n.Attrs {
			for _, v := range []int64{-1 << 40, -2, -1, 0, 1, 2, 7, 1 << 40} {
				switch given := a.Value.(type) {
				case int64:
					n.Attrs[i].Value = v
				case []int64:
					list := slices.Clone(given)
					if len(list) > 0 {
						list[len(list)-1] = v
					}
					n.Attrs[i].Value = list
				case string:
					n.Attrs[i].Value = "nonsense"
				default:
					n.Attrs[i].Value = nil
				}
				try("attribute "+a.Name, in)
			}
			n.Attrs[i].Value = a.Value
		}
		for i, v := range in {
			if v.kind != tensor {
				continue
			}
			d, _ := dtype(v.t)
			for what, x := range map[string]*eager.Tensor{
				"an empty input": eager.ZerosOf(d, 0), "one number": eager.ZerosOf(d), "many axes": eager.ZerosOf(d, 1, 1, 2, 1, 1, 1, 1, 1),
				"an axis less": v.x.Reshape(append([]int{-1}, v.x.Shape()[min(v.x.Rank(), 2):]...)...), "a row": v.x.Reshape(-1), "large numbers": filled(eager.Int64, 1<<40, v.x.Shape()...).To(d),
				"small numbers": filled(eager.Int64, -3, v.x.Shape()...).To(d), "no elements": eager.ZerosOf(d, make([]int, v.x.Rank())...),
			} {
				other := slices.Clone(in)
				other[i] = of(x, v.t)
				try(what, other)
			}
			was := n.In
			n.In = slices.Clone(was)
			if k := slices.Index(n.In, module.Inputs()[i].Name); k >= 0 {
				n.In[k] = ""
				try("an input left out", in)
			}
			n.In = was
		}
	}
	if runs < 5000 {
		t.Errorf("%d models were run, want thousands", runs)
	}
}
