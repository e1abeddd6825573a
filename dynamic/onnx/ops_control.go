package onnx

import (
	"github.com/tapir-go/tapir/eager"
)

// control is control flow, and the sequences and optional values that go with it.
var control = map[string]operator{
	"If":   ifElse,
	"Loop": loop,
	"Scan": scan,

	"SequenceEmpty":      func(c *call) *eager.Tensor { c.more(value{kind: sequence}); return nil },
	"SequenceConstruct":  func(c *call) *eager.Tensor { c.more(value{kind: sequence, list: c.in}); return nil },
	"SequenceLength":     func(c *call) *eager.Tensor { return eager.FromInts([]int{len(c.sequence(0))}) },
	"SequenceAt":         sequenceAt,
	"SequenceInsert":     sequenceInsert,
	"SequenceErase":      sequenceErase,
	"SequenceMap":        sequenceMap,
	"ConcatFromSequence": concatFromSequence,
	"SplitToSequence":    splitToSequence,

	"Optional":           optional,
	"OptionalHasElement": func(c *call) *eager.Tensor { return eager.FromBool([]bool{len(c.in) > 0 && c.in[0].kind != empty}) },
	"OptionalGetElement": optionalGet,
}

// truth is one bool.
func truth(x *eager.Tensor) bool { return x.Reshape().Bool() }

// within runs a graph of the node.
func (c *call) within(g *Graph, in []value) []value {
	out, err := g.run(c.env, c.scope, in)
	if err != nil {
		refuse("%v", err)
	}
	return out
}

func ifElse(c *call) *eager.Tensor {
	branch := "else_branch"
	if truth(c.x(0)) {
		branch = "then_branch"
	}
	c.more(c.within(c.graph(branch), nil)...)
	return nil
}

// loop runs its body as long as the condition holds, at most as often as the count says. What the body carries comes first
// among its results; what it gives besides is stacked.
func loop(c *call) *eager.Tensor {
	body := c.graph("body")
	carried := []value(nil)
	if len(c.in) > 2 {
		carried = c.in[2:]
	}
	n := len(carried)
	if len(body.Inputs) != n+2 || len(body.Outputs) < n+1 {
		refuse("its body has %d inputs and %d outputs for %d carried values", len(body.Inputs), len(body.Outputs), n)
	}
	going := true
	if x := c.optional(1); x != nil {
		going = truth(x)
	}
	most, bounded := int(c.number(0, 0)), c.optional(0) != nil
	collected := make([][]value, len(body.Outputs)-n-1)
	for i := 0; going && (!bounded || i < most); i++ {
		in := append([]value{of(eager.FromInts([]int{i}), Int64), of(eager.FromBool([]bool{true}), Bool)}, carried...)
		out := c.within(body, in)
		if out[0].kind != tensor {
			refuse("the condition of its body is %v", out[0])
		}
		going = truth(out[0].x)
		carried = out[1 : n+1]
		for k := range collected {
			collected[k] = append(collected[k], out[n+1+k])
		}
	}
	c.more(carried...)
	for k, vs := range collected {
		c.more(stacked(vs, 0, body.Outputs[n+1+k]))
	}
	return nil
}

// stacked is tensors along a new axis; none give what their declaration says, with 0 for sizes that it leaves open.
func stacked(vs []value, a int, declared ValueInfo) value {
	if len(vs) == 0 {
		d, err := dtype(declared.Type)
		if err != nil || declared.AnyShape {
			refuse("no pass was made, and the type of the result %q is not declared", declared.Name)
		}
		shape := []int{0}
		for _, dim := range declared.Dims {
			shape = append(shape, int(dim.Size))
		}
		return of(eager.ZerosOf(d, wanted(shape)...), declared.Type)
	}
	xs := make([]*eager.Tensor, len(vs))
	for i, v := range vs {
		if v.kind != tensor {
			refuse("the result %q is %v, which cannot be stacked", declared.Name, v)
		}
		xs[i] = v.x
	}
	if a < 0 {
		a += xs[0].Rank() + 1
	}
	return of(eager.Stack(a, xs), vs[0].t)
}

// scan runs its body over slices of its inputs.
func scan(c *call) *eager.Tensor {
	body, m := c.graph("body"), c.int("num_scan_inputs", 0)
	in := c.in
	if c.env.opset < 9 { // with a batch axis, which is run one by one, and lengths
		return batchScan(c, body, m)
	}
	n := len(in) - m
	if m < 1 || n < 0 || len(body.Inputs) != len(in) || len(body.Outputs) < n {
		refuse("%d of %d inputs are scanned by a body with %d inputs and %d outputs", m, len(in), len(body.Inputs), len(body.Outputs))
	}
	k := len(body.Outputs) - n
	axes, backwards := c.each("scan_input_axes", m, 0), c.each("scan_input_directions", m, 0)
	outAxes, outBackwards := c.each("scan_output_axes", k, 0), c.each("scan_output_directions", k, 0)
	c.more(c.scanned(body, in[:n], in[n:], axes, backwards, outAxes, outBackwards)...)
	return nil
}

func (c *call) scanned(body *Graph, carried, over []value, axes, backwards, outAxes, outBackwards []int) []value {
	n, k := len(carried), len(outAxes)
	length := -1
	for i := range over {
		if over[i].kind != tensor {
			refuse("it scans %v", over[i])
		}
		axes[i] = axis(axes[i], over[i].x.Rank())
		d := over[i].x.Dim(axes[i])
		if length >= 0 && d != length {
			refuse("it scans axes of %d and %d", length, d)
		}
		length = d
	}
	collected := make([][]value, k)
	for t := range length {
		in := append([]value(nil), carried...)
		for i, v := range over {
			at := t
			if backwards[i] != 0 {
				at = length - 1 - t
			}
			in = append(in, of(v.x.Slice(axes[i], at, at+1).Squeeze(axes[i]), v.t))
		}
		out := c.within(body, in)
		carried = out[:n]
		for i := range collected {
			collected[i] = append(collected[i], out[n+i])
		}
	}
	results := append([]value(nil), carried...)
	for i, vs := range collected {
		if outBackwards[i] != 0 {
			for a, b := 0, len(vs)-1; a < b; a, b = a+1, b-1 {
				vs[a], vs[b] = vs[b], vs[a]
			}
		}
		results = append(results, stacked(vs, outAxes[i], body.Outputs[n+i]))
	}
	return results
}

// batchScan is version 8: lengths first, and an axis of batches before all others.
func batchScan(c *call, body *Graph, m int) *eager.Tensor {
	if len(c.in) < 2 || c.in[0].kind != missing {
		refuse("lengths of sequences are not supported")
	}
	in := c.in[1:]
	n := len(in) - m
	if m < 1 || n < 0 || len(body.Outputs) < n || in[n].kind != tensor || in[n].x.Rank() < 2 {
		refuse("%d of %d inputs are scanned by a body with %d outputs", m, len(in), len(body.Outputs))
	}
	k := len(body.Outputs) - n
	rows := make([][]value, n+k)
	for b := range in[n].x.Dim(0) {
		one := make([]value, len(in))
		for i, v := range in {
			if v.kind != tensor {
				refuse("its input %d is %v", i+1, v)
			}
			one[i] = of(v.x.Slice(0, b, b+1).Squeeze(0), v.t)
		}
		out := c.scanned(body, one[:n], one[n:], make([]int, m), c.each("directions", m, 0), make([]int, k), make([]int, k))
		for i, v := range out {
			rows[i] = append(rows[i], v)
		}
	}
	for i, vs := range rows {
		c.more(stacked(vs, 0, body.Outputs[i]))
	}
	return nil
}

// sequence is input i as a list.
func (c *call) sequence(i int) []value {
	v := c.value(i)
	if v.kind != sequence {
		refuse("its input %d is %v, want a sequence", i, v)
	}
	return v.list
}

// place is input i as a place in a sequence, which may count from the end; otherwise when it is left out.
func (c *call) place(i, otherwise, n int) int {
	at := int(c.number(i, float64(otherwise)))
	if at < -n || at > n {
		refuse("place %d of a sequence of %d", at, n)
	}
	if at < 0 {
		at += n
	}
	return at
}

func sequenceAt(c *call) *eager.Tensor {
	list := c.sequence(0)
	at := c.place(1, 0, len(list))
	if at == len(list) {
		refuse("place %d of a sequence of %d", at, len(list))
	}
	c.more(list[at])
	return nil
}

func sequenceInsert(c *call) *eager.Tensor {
	list, v := c.sequence(0), c.value(1)
	at := c.place(2, len(list), len(list))
	longer := append(append([]value(nil), list[:at]...), v)
	c.more(value{kind: sequence, list: append(longer, list[at:]...)})
	return nil
}

func sequenceErase(c *call) *eager.Tensor {
	list := c.sequence(0)
	at := c.place(1, len(list)-1, len(list))
	if at == len(list) {
		refuse("place %d of a sequence of %d", at, len(list))
	}
	c.more(value{kind: sequence, list: append(append([]value(nil), list[:at]...), list[at+1:]...)})
	return nil
}

// sequenceMap runs its body on each element; inputs that are no sequences are given whole each time.
func sequenceMap(c *call) *eager.Tensor {
	body, list := c.graph("body"), c.sequence(0)
	out := make([]value, len(body.Outputs))
	for k := range out {
		out[k].kind = sequence
	}
	for i := range list {
		in := append([]value(nil), c.in...)
		for k, v := range in {
			if v.kind != sequence {
				continue
			}
			if len(v.list) != len(list) {
				refuse("sequences of %d and %d", len(list), len(v.list))
			}
			in[k] = v.list[i]
		}
		for k, v := range c.within(body, in) {
			out[k].list = append(out[k].list, v)
		}
	}
	c.more(out...)
	return nil
}

func concatFromSequence(c *call) *eager.Tensor {
	list := c.sequence(0)
	xs := make([]*eager.Tensor, len(list))
	for i, v := range list {
		if v.kind != tensor {
			refuse("element %d is %v", i, v)
		}
		xs[i], c.as = v.x, v.t
	}
	if len(xs) == 0 {
		refuse("the sequence is empty")
	}
	a := c.int("axis", 0)
	if c.int("new_axis", 0) != 0 {
		return eager.Stack(axis(a, xs[0].Rank()+1), xs)
	}
	return eager.Concat(a, xs)
}

func splitToSequence(c *call) *eager.Tensor {
	x := c.x(0)
	a := axis(c.int("axis", 0), x.Rank())
	n := x.Dim(a)
	each, keep := []int{}, true
	switch v := c.optional(1); {
	case v == nil:
		for range n {
			each = append(each, 1)
		}
		keep = c.int("keepdims", 1) != 0
	case v.Rank() == 0:
		step := int(v.Item())
		if step < 1 {
			refuse("parts of %d", step)
		}
		for at := 0; at < n; at += step {
			each = append(each, min(step, n-at))
		}
	default:
		each = v.Ints()
	}
	out, at := value{kind: sequence}, 0
	for _, k := range each {
		y := x.Slice(a, at, at+k)
		if !keep {
			y = y.Squeeze(a)
		}
		out.list = append(out.list, of(y, c.in[0].t))
		at += k
	}
	if at != n {
		refuse("the parts %v do not make up the axis of %d", each, n)
	}
	c.more(out)
	return nil
}

func optional(c *call) *eager.Tensor {
	if len(c.in) == 0 || c.in[0].kind == missing {
		c.more(value{kind: empty})
	} else {
		c.more(c.in[0])
	}
	return nil
}

func optionalGet(c *call) *eager.Tensor {
	v := c.value(0)
	if v.kind == empty {
		refuse("the optional is empty")
	}
	c.more(v)
	return nil
}
