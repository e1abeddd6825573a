package onnx

import (
	"fmt"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// recurrent runs f for each direction of a recurrent operator, with its weights, whose gates are brought into the order of the
// engine, and its number of states, nil where they are missing. f gives the states of all places, and the last ones.
func recurrent(c *call, gates []int, states int, f func(x *eager.Tensor, w eager.RecurrentWeights, first []*eager.Tensor, reverse bool) (y *eager.Tensor, last []*eager.Tensor)) *eager.Tensor {
	x, w, r := c.x(0), c.x(1), c.x(2)
	if c.optional(4) != nil || c.int("layout", 0) != 0 || has(c, "clip") || has(c, "activations") {
		panic(badNode("lengths of sequences, layout 1, clip and activations are not supported"))
	}
	h := r.Dim(2)
	var reverse []bool
	switch d := attr(c, "direction", "forward"); d {
	case "forward":
		reverse = []bool{false}
	case "reverse":
		reverse = []bool{true}
	case "bidirectional":
		reverse = []bool{false, true}
	default:
		panic(badNode(fmt.Sprintf("the direction %q is not supported", d)))
	}
	reorder := func(x *eager.Tensor) *eager.Tensor {
		parts := make([]*eager.Tensor, len(gates))
		for i, g := range gates {
			parts[i] = x.Slice(0, g*h, (g+1)*h)
		}
		return eager.Concat(0, parts)
	}
	var ys []*eager.Tensor
	lasts := make([][]*eager.Tensor, states)
	for d, back := range reverse {
		at := func(x *eager.Tensor) *eager.Tensor { return x.Slice(0, d, d+1).Squeeze(0) }
		p := eager.RecurrentWeights{Input: reorder(at(w)), Hidden: reorder(at(r))}
		n := len(gates) * h
		p.InputBias, p.HiddenBias = eager.ZerosOf(x.DType(), n), eager.ZerosOf(x.DType(), n)
		if b := c.optional(3); b != nil {
			p.InputBias, p.HiddenBias = reorder(at(b).Slice(0, 0, n)), reorder(at(b).Slice(0, n, 2*n))
		}
		first := make([]*eager.Tensor, states)
		for i := range first {
			if s := c.optional(5 + i); s != nil {
				first[i] = at(s)
			}
		}
		y, last := f(x, p, first, back)
		ys = append(ys, y.Unsqueeze(1))
		for i, s := range last {
			lasts[i] = append(lasts[i], s.Unsqueeze(0))
		}
	}
	c.more = nil
	for _, l := range lasts {
		c.more = append(c.more, eager.Concat(0, l))
	}
	return eager.Concat(1, ys)
}

// has says whether an attribute is given.
func has(c *call, name string) bool {
	return slices.ContainsFunc(c.node.Attrs, func(a Attribute) bool { return a.Name == name })
}

// lstm has the states of all places, and the last states h and c, as its results.
func lstm(c *call) *eager.Tensor {
	if c.int("input_forget", 0) != 0 || c.optional(7) != nil {
		panic(badNode("coupled gates and peepholes are not supported"))
	}
	return recurrent(c, []int{0, 2, 3, 1}, 2, func(x *eager.Tensor, w eager.RecurrentWeights, first []*eager.Tensor, reverse bool) (*eager.Tensor, []*eager.Tensor) {
		y, h, cell := x.LSTM(w, first[0], first[1], reverse)
		return y, []*eager.Tensor{h, cell}
	})
}

// gru has the states of all places, and the last one, as its results.
func gru(c *call) *eager.Tensor {
	if c.int("linear_before_reset", 0) != 1 {
		panic(badNode("a reset before the product is not supported: want linear_before_reset 1"))
	}
	return recurrent(c, []int{1, 0, 2}, 1, func(x *eager.Tensor, w eager.RecurrentWeights, first []*eager.Tensor, reverse bool) (*eager.Tensor, []*eager.Tensor) {
		y, h := x.GRU(w, first[0], reverse)
		return y, []*eager.Tensor{h}
	})
}
