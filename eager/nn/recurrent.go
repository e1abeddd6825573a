package nn

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// LSTM is layers of long short-term memories over sequences x (n,t,in), n of them, t long; the result is (n,t,hidden), or
// (n,t,2 hidden) when it also runs from the end to the start (Hochreiter and Schmidhuber 1997). Formulas, shapes and names of
// the weights are those of PyTorch's layer; the batch axis is the first here.
type LSTM struct{ Recurrent }

// GRU is layers of gated recurrent units over sequences x (n,t,in), n of them, t long; the result is (n,t,hidden), or
// (n,t,2 hidden) when it also runs from the end to the start (Cho et al. 2014). Formulas, shapes and names of the weights are
// those of PyTorch's layer; the batch axis is the first here.
type GRU struct{ Recurrent }

// Recurrent is what LSTM and GRU have in common.
type Recurrent struct {
	In, Hidden    int
	Layers        int
	Bidirectional bool
	Weights       []eager.RecurrentWeights // of each layer, forwards; with Bidirectional each is followed by that from the end
}

// NewLSTM makes that many layers, the first of in inputs. Weights and biases are uniform within 1/sqrt(hidden), as in PyTorch.
func NewLSTM(rng *eager.Rand, in, hidden, layers int, bidirectional bool) *LSTM {
	return &LSTM{newRecurrent(rng, "NewLSTM", 4, in, hidden, layers, bidirectional)}
}

// NewGRU makes that many layers, the first of in inputs. Weights and biases are uniform within 1/sqrt(hidden), as in PyTorch.
func NewGRU(rng *eager.Rand, in, hidden, layers int, bidirectional bool) *GRU {
	return &GRU{newRecurrent(rng, "NewGRU", 3, in, hidden, layers, bidirectional)}
}

func newRecurrent(rng *eager.Rand, op string, gates, in, hidden, layers int, bidirectional bool) Recurrent {
	seeded(op, rng)
	positive(op, "in", in)
	positive(op, "hidden", hidden)
	positive(op, "layers", layers)
	l := Recurrent{In: in, Hidden: hidden, Layers: layers, Bidirectional: bidirectional}
	a := 1 / math.Sqrt(float64(hidden))
	for layer := range layers {
		for _, end := range []string{"", "_reverse"}[:l.directions()] {
			draw := func(name string, shape ...int) *eager.Tensor {
				return eager.Param(fmt.Sprintf("%s_l%d%s", name, layer, end), rng.Uniform(-a, a, shape...))
			}
			l.Weights = append(l.Weights, eager.RecurrentWeights{
				Input: draw("weight_ih", gates*hidden, in), Hidden: draw("weight_hh", gates*hidden, hidden),
				InputBias: draw("bias_ih", gates*hidden), HiddenBias: draw("bias_hh", gates*hidden),
			})
		}
		in = hidden * l.directions()
	}
	return l
}

func (l *Recurrent) directions() int {
	if l.Bidirectional {
		return 2
	}
	return 1
}

// Params are the weights and biases, layer by layer.
func (l *Recurrent) Params() []*eager.Tensor {
	var all []*eager.Tensor
	for _, w := range l.Weights {
		all = append(all, given(w.Input, w.Hidden, w.InputBias, w.HiddenBias)...)
	}
	return all
}

// children are none: the parameters keep their own names, which are PyTorch's.
func (l *Recurrent) children() []Layer { return nil }

// run goes through all layers; one runs one direction of one, number i, over x (t,n,k).
func (l *Recurrent) run(op string, x *eager.Tensor, one func(i int, x *eager.Tensor, reverse bool) *eager.Tensor) *eager.Tensor {
	if x.Rank() != 3 || x.Dim(2) != l.In {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("cannot go through %v: want (n,t,%d)", x.Shape(), l.In)})
	}
	x = x.Transpose(1, 0, 2) // (t,n,in)
	for i := 0; i < len(l.Weights); i += l.directions() {
		y := one(i, x, false)
		if l.Bidirectional {
			y = eager.Concat(2, []*eager.Tensor{y, one(i+1, x, true)})
		}
		x = y
	}
	return x.Transpose(1, 0, 2)
}

// state is number i of states (m,n,hidden), nil if there are none. It panics unless there is one for each direction of each layer.
func (l *Recurrent) state(op string, states *eager.Tensor, i int) *eager.Tensor {
	if states == nil {
		return nil
	}
	if states.Rank() != 3 || states.Dim(0) != len(l.Weights) || states.Dim(2) != l.Hidden {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("states of shape %v: want (%d,n,%d)", states.Shape(), len(l.Weights), l.Hidden)})
	}
	return states.Slice(0, i, i+1).Squeeze(0)
}

// together joins the last states of each direction of each layer.
func together(states []*eager.Tensor) *eager.Tensor {
	up := make([]*eager.Tensor, len(states))
	for i, s := range states {
		up[i] = s.Unsqueeze(0)
	}
	return eager.Concat(0, up)
}

// Forward goes through x (n,t,in) from states of zeros: the states of the last layer at each place.
func (l *LSTM) Forward(x *eager.Tensor) *eager.Tensor {
	return l.run("LSTM", x, func(i int, x *eager.Tensor, reverse bool) *eager.Tensor {
		y, _, _ := x.LSTM(l.Weights[i], nil, nil, reverse)
		return y
	})
}

// Run is Forward from the states h and c, nil for zeros, and returns the last ones as well. Both are (m,n,hidden), with m the
// number of layers, or twice that with Bidirectional.
func (l *LSTM) Run(x, h, c *eager.Tensor) (y, hn, cn *eager.Tensor) {
	var hs, cs []*eager.Tensor
	y = l.run("LSTM", x, func(i int, x *eager.Tensor, reverse bool) *eager.Tensor {
		y, hn, cn := x.LSTM(l.Weights[i], l.state("LSTM", h, i), l.state("LSTM", c, i), reverse)
		hs, cs = append(hs, hn), append(cs, cn)
		return y
	})
	return y, together(hs), together(cs)
}

// Forward goes through x (n,t,in) from states of zeros: the states of the last layer at each place.
func (l *GRU) Forward(x *eager.Tensor) *eager.Tensor {
	return l.run("GRU", x, func(i int, x *eager.Tensor, reverse bool) *eager.Tensor {
		y, _ := x.GRU(l.Weights[i], nil, reverse)
		return y
	})
}

// Run is Forward from the states h, nil for zeros, and returns the last ones as well. They are (m,n,hidden), with m the number
// of layers, or twice that with Bidirectional.
func (l *GRU) Run(x, h *eager.Tensor) (y, hn *eager.Tensor) {
	var hs []*eager.Tensor
	y = l.run("GRU", x, func(i int, x *eager.Tensor, reverse bool) *eager.Tensor {
		y, hn := x.GRU(l.Weights[i], l.state("GRU", h, i), reverse)
		hs = append(hs, hn)
		return y
	})
	return y, together(hs)
}
