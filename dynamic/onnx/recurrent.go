package onnx

import (
	"slices"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// recurrence is what the recurrent operators have in common: inputs (t,n,k), weights of each direction, first states.
type recurrence struct {
	c       *call
	x       *eager.Tensor
	h       int // numbers of a state
	lengths []int
	reverse []bool // for each direction
	acts    [][]string
}

// recurrent reads the settings of a node whose directions have those activations.
func recurrent(c *call, acts []string) *recurrence {
	r := &recurrence{c: c, x: c.x(0), h: c.x(2).Dim(-1)}
	if r.x.Rank() != 3 || c.x(1).Rank() != 3 || c.x(2).Rank() != 3 {
		refuse("inputs %v, weights %v and %v: want three axes each", r.x.Shape(), c.x(1).Shape(), c.x(2).Shape())
	}
	if c.int("layout", 0) != 0 {
		r.x = r.x.Transpose(1, 0, 2)
	}
	switch d := c.text("direction", "forward"); d {
	case "forward":
		r.reverse = []bool{false}
	case "reverse":
		r.reverse = []bool{true}
	case "bidirectional":
		r.reverse = []bool{false, true}
	default:
		refuse("the direction %q is not supported", d)
	}
	if v := c.optional(4); v != nil {
		r.lengths = v.Ints()
		full := true
		for _, n := range r.lengths {
			full = full && n == r.x.Dim(0)
		}
		if full {
			r.lengths = nil
		} else if len(r.lengths) != r.x.Dim(1) {
			refuse("%d lengths of %d sequences", len(r.lengths), r.x.Dim(1))
		}
	}
	given := attr[[]string](c, "activations", nil)
	for d := range r.reverse {
		own := slices.Clone(acts)
		for i := range own {
			if k := d*len(acts) + i; k < len(given) {
				own[i] = given[k]
			}
		}
		r.acts = append(r.acts, own)
	}
	return r
}

// usual says whether the engine's own op computes direction d: with the usual activations, and without lengths or a clip.
func (r *recurrence) usual(d int, acts []string) bool {
	same := slices.EqualFunc(r.acts[d], acts, strings.EqualFold)
	return same && r.lengths == nil && !has(r.c, "clip")
}

// at is the part of direction d of input i, nil when it is left out.
func (r *recurrence) at(i, d int) *eager.Tensor {
	x := r.c.optional(i)
	if x == nil {
		return nil
	}
	if r.c.int("layout", 0) != 0 && i >= 5 && i < 7 { // states (n,directions,h)
		x = x.Transpose(1, 0, 2)
	}
	return x.Slice(0, d, d+1).Squeeze(0)
}

// first is the first state i, zeros when it is left out.
func (r *recurrence) first(i, d int) *eager.Tensor {
	if x := r.at(i, d); x != nil {
		return x
	}
	return eager.ZerosOf(r.x.DType(), r.x.Dim(1), r.h)
}

// biases are the two halves of input 3, zeros when it is left out.
func (r *recurrence) biases(d, gates int) (input, hidden *eager.Tensor) {
	n := gates * r.h
	if b := r.at(3, d); b != nil {
		return b.Slice(0, 0, n), b.Slice(0, n, 2*n)
	}
	return eager.ZerosOf(r.x.DType(), n), eager.ZerosOf(r.x.DType(), n)
}

// weights are those of direction d in the order of gates.
func (r *recurrence) weights(d int, gates []int) eager.RecurrentWeights {
	reorder := func(x *eager.Tensor) *eager.Tensor {
		parts := make([]*eager.Tensor, len(gates))
		for i, g := range gates {
			parts[i] = x.Slice(0, g*r.h, (g+1)*r.h)
		}
		return eager.Concat(0, parts)
	}
	in, hidden := r.biases(d, len(gates))
	return eager.RecurrentWeights{Input: reorder(r.at(1, d)), Hidden: reorder(r.at(2, d)), InputBias: reorder(in), HiddenBias: reorder(hidden)}
}

// activation applies activation i of direction d, after the clip.
func (r *recurrence) activation(d, i int, x *eager.Tensor) *eager.Tensor {
	if most := r.c.float("clip", 0); most > 0 {
		x = x.Clip(-most, most)
	}
	setting := func(name string, otherwise float64) float64 {
		if v := attr[[]float32](r.c, "activation_"+name, nil); d*len(r.acts[d])+i < len(v) {
			return float64(v[d*len(r.acts[d])+i])
		}
		return otherwise
	}
	switch strings.ToLower(r.acts[d][i]) {
	case "sigmoid":
		return x.Sigmoid()
	case "tanh":
		return x.Tanh()
	case "relu":
		return x.Relu()
	case "affine":
		return x.Scale(setting("alpha", 1)).Shift(setting("beta", 0))
	case "leakyrelu":
		return x.LeakyRelu(setting("alpha", 0.01))
	case "elu":
		return x.Elu(setting("alpha", 1))
	case "hardsigmoid":
		return hardSigmoid(x, setting("alpha", 0.2), setting("beta", 0.5))
	case "scaledtanh":
		return x.Scale(setting("beta", 1)).Tanh().Scale(setting("alpha", 1))
	case "softsign":
		return x.Div(x.Abs().Shift(1))
	case "softplus":
		return x.Softplus()
	}
	refuse("the activation %q is not supported", r.acts[d][i])
	return nil
}

// steps runs step over the time of direction d. States stay as they are after the end of a sequence, where y is zeros.
func (r *recurrence) steps(d int, states []*eager.Tensor, step func(x *eager.Tensor, states []*eager.Tensor) []*eager.Tensor) (y *eager.Tensor, last []*eager.Tensor) {
	n := r.x.Dim(0)
	ys := make([]*eager.Tensor, n)
	for k := range n {
		t := k
		if r.reverse[d] {
			t = n - 1 - k
		}
		now := step(r.x.Slice(0, t, t+1).Squeeze(0), states)
		ys[t] = now[0]
		if r.lengths != nil {
			in := make([]bool, len(r.lengths))
			for i, l := range r.lengths {
				in[i] = t < l
			}
			mask := eager.FromBool(in, len(in), 1)
			for i := range now {
				now[i] = eager.Where(mask, now[i], states[i])
			}
			ys[t] = eager.Where(mask, now[0], scalar(now[0], 0))
		}
		states = now
	}
	if n == 0 {
		refuse("sequences of no elements")
	}
	return eager.Stack(0, ys), states
}

// results joins the directions: all states, then the last ones.
func (r *recurrence) results(run func(d int) (y *eager.Tensor, last []*eager.Tensor)) *eager.Tensor {
	var ys []*eager.Tensor
	var lasts [][]*eager.Tensor
	for d := range r.reverse {
		y, last := run(d)
		ys = append(ys, y)
		for i, s := range last {
			if d == 0 {
				lasts = append(lasts, nil)
			}
			lasts[i] = append(lasts[i], s)
		}
	}
	back := func(x *eager.Tensor, perm ...int) *eager.Tensor {
		if r.c.int("layout", 0) != 0 {
			return x.Transpose(perm...)
		}
		return x
	}
	for _, l := range lasts {
		r.c.more(of(back(eager.Stack(0, l), 1, 0, 2), r.c.in[0].t))
	}
	return back(eager.Stack(1, ys), 2, 0, 1, 3)
}

// gate is part i of the columns of x.
func (r *recurrence) gate(x *eager.Tensor, i int) *eager.Tensor { return x.Slice(1, i*r.h, (i+1)*r.h) }

// rnn has the states of all places, and the last one, as its results.
func rnn(c *call) *eager.Tensor {
	r := recurrent(c, []string{"Tanh"})
	return r.results(func(d int) (*eager.Tensor, []*eager.Tensor) {
		w := r.weights(d, []int{0})
		b := w.InputBias.Add(w.HiddenBias)
		return r.steps(d, []*eager.Tensor{r.first(5, d)}, func(x *eager.Tensor, s []*eager.Tensor) []*eager.Tensor {
			return []*eager.Tensor{r.activation(d, 0, x.MatMul(w.Input.T()).Add(s[0].MatMul(w.Hidden.T())).Add(b))}
		})
	})
}

// lstm has the states of all places, and the last states h and c, as its results.
func lstm(c *call) *eager.Tensor {
	acts := []string{"Sigmoid", "Tanh", "Tanh"}
	r := recurrent(c, acts)
	coupled := c.int("input_forget", 0) != 0
	return r.results(func(d int) (*eager.Tensor, []*eager.Tensor) {
		peep := r.at(7, d)
		if r.usual(d, acts) && !coupled && peep == nil {
			y, h, cell := r.x.LSTM(r.weights(d, []int{0, 2, 3, 1}), r.at(5, d), r.at(6, d), r.reverse[d])
			return y, []*eager.Tensor{h, cell}
		}
		w := r.weights(d, []int{0, 1, 2, 3}) // input, output, forget, cell
		b := w.InputBias.Add(w.HiddenBias)
		look := func(g, cell *eager.Tensor, i int) *eager.Tensor {
			if peep == nil {
				return g
			}
			return g.Add(cell.Mul(peep.Slice(0, i*r.h, (i+1)*r.h)))
		}
		return r.steps(d, []*eager.Tensor{r.first(5, d), r.first(6, d)}, func(x *eager.Tensor, s []*eager.Tensor) []*eager.Tensor {
			g := x.MatMul(w.Input.T()).Add(s[0].MatMul(w.Hidden.T())).Add(b)
			in := r.activation(d, 0, look(r.gate(g, 0), s[1], 0))
			keep := r.activation(d, 0, look(r.gate(g, 2), s[1], 2))
			if coupled {
				keep = in.Neg().Shift(1)
			}
			cell := keep.Mul(s[1]).Add(in.Mul(r.activation(d, 1, r.gate(g, 3))))
			out := r.activation(d, 0, look(r.gate(g, 1), cell, 1))
			return []*eager.Tensor{out.Mul(r.activation(d, 2, cell)), cell}
		})
	})
}

// gru has the states of all places, and the last one, as its results.
func gru(c *call) *eager.Tensor {
	acts := []string{"Sigmoid", "Tanh"}
	r := recurrent(c, acts)
	after := c.int("linear_before_reset", 0) != 0
	return r.results(func(d int) (*eager.Tensor, []*eager.Tensor) {
		if r.usual(d, acts) && after {
			y, h := r.x.GRU(r.weights(d, []int{1, 0, 2}), r.at(5, d), r.reverse[d])
			return y, []*eager.Tensor{h}
		}
		w := r.weights(d, []int{0, 1, 2}) // update, reset, candidate
		hidden := w.Hidden.T()
		return r.steps(d, []*eager.Tensor{r.first(5, d)}, func(x *eager.Tensor, s []*eager.Tensor) []*eager.Tensor {
			in, from := x.MatMul(w.Input.T()).Add(w.InputBias), s[0].MatMul(hidden).Add(w.HiddenBias)
			update := r.activation(d, 0, r.gate(in, 0).Add(r.gate(from, 0)))
			reset := r.activation(d, 0, r.gate(in, 1).Add(r.gate(from, 1)))
			old := reset.Mul(r.gate(from, 2))
			if !after {
				old = reset.Mul(s[0]).MatMul(r.gate(hidden, 2)).Add(w.HiddenBias.Slice(0, 2*r.h, 3*r.h))
			}
			candidate := r.activation(d, 1, r.gate(in, 2).Add(old))
			return []*eager.Tensor{update.Neg().Shift(1).Mul(candidate).Add(update.Mul(s[0]))}
		})
	})
}
