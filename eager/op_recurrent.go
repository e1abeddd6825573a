package eager

import (
	"github.com/tapir-go/tapir/eager/internal/array"
)

// RecurrentWeights are the parameters of one direction of a recurrent layer of h numbers over inputs of k numbers, in PyTorch's
// layout: gates one below the other, four for an LSTM (input, forget, candidate, output), three for a GRU (reset, update, candidate).
type RecurrentWeights struct {
	Input      *Tensor // (4h,k) or (3h,k): weight_ih
	Hidden     *Tensor // (4h,h) or (3h,h): weight_hh
	InputBias  *Tensor // (4h) or (3h): bias_ih
	HiddenBias *Tensor // (4h) or (3h): bias_hh
}

// recurrentAt is the attribute of recurrent ops: they go from the end of the sequence to its start.
type recurrentAt struct{ Reverse bool }

var opLSTM, opGRU *prim[recurrentAt]

// recurrentFlops is that of the products with both weights.
func recurrentFlops(_ recurrentAt, in []Shape, _ Shape) float64 {
	return 2 * float64(in[0][0]*in[0][1]*(in[1].Size()+in[2].Size()))
}

// recurrentShape checks the arguments of a recurrent op: x, two weights, two biases, then all states or none, with that many gates.
func recurrentShape(in []Shape, gates, states int) error {
	if len(in) != 5 && len(in) != 5+states {
		return refusal("", "got %d tensors: want 5, or %d with states", len(in), 5+states)
	}
	x, wih, whh := in[0], in[1], in[2]
	if len(x) != 3 || x[0] == 0 {
		return refusal("", "cannot go through %v: want (t,n,k), with t at least 1", x)
	}
	if len(whh) != 2 || whh[1] == 0 || whh[0] != gates*whh[1] {
		return refusal("", "hidden weights %v: want (%dh,h)", whh, gates)
	}
	n, k, h := x[1], x[2], whh[1]
	for _, c := range []struct {
		what      string
		got, want Shape
	}{
		{"input weights", wih, Shape{gates * h, k}}, {"input bias", in[3], Shape{gates * h}}, {"hidden bias", in[4], Shape{gates * h}},
	} {
		if !array.Equal(c.got, c.want) {
			return refusal("", "%s %v for inputs %v and hidden weights %v: want %v", c.what, c.got, x, whh, c.want)
		}
	}
	for _, s := range in[5:] {
		if !array.Equal(s, Shape{n, h}) {
			return refusal("", "a state %v for inputs %v and hidden weights %v: want %v", s, x, whh, Shape{n, h})
		}
	}
	return nil
}

// atTime is place t of axis 0.
func (x *Tensor) atTime(t int) *Tensor { return x.Slice(0, t, t+1).Squeeze(0) }

// gate is gate number i of (n,gates*h).
func (x *Tensor) gate(i, h int) *Tensor { return x.Slice(1, i*h, (i+1)*h) }

// stack joins tensors of one shape along a new first axis.
func stack(xs []*Tensor) *Tensor {
	up := make([]*Tensor, len(xs))
	for i, x := range xs {
		up[i] = x.Unsqueeze(0)
	}
	return Concat(0, up)
}

// firstState is argument i, a state (n,h), or zeros if there is none.
func firstState(in []*Tensor, i int) *Tensor {
	if i < len(in) {
		return in[i]
	}
	return zeros(in[0].dtype(), Shape{in[0].Dim(1), in[2].Dim(1)})
}

// times are the places in the order in which they are gone through.
func (a recurrentAt) times(n int) []int {
	order := make([]int, n)
	for s := range order {
		order[s] = s
		if a.Reverse {
			order[s] = n - 1 - s
		}
	}
	return order
}

// lstmGrad is the formula of the gradients, step by step: those of all arguments share the way back.
func lstmGrad(a recurrentAt, i int, in []*Tensor, g *Tensor) *Tensor {
	x, wih, whh, bih, bhh := in[0], in[1], in[2], in[3], in[4]
	h, n := whh.Dim(1), x.Dim(0)
	type step struct{ i, f, g, o, c, before, state *Tensor } // before and state are c and h before the step
	steps := make([]step, n)
	state := firstState(in, 5)
	c := firstState(in, 6)
	for _, t := range a.times(n) {
		gates := x.atTime(t).MatMul(wih.T()).Add(bih).Add(state.MatMul(whh.T()).Add(bhh))
		s := step{i: gates.gate(0, h).Sigmoid(), f: gates.gate(1, h).Sigmoid(), g: gates.gate(2, h).Tanh(), o: gates.gate(3, h).Sigmoid(), before: c, state: state}
		c = s.f.Mul(c).Add(s.i.Mul(s.g))
		s.c = c
		state = s.o.Mul(c.Tanh())
		steps[t] = s
	}
	slopes, states := make([]*Tensor, n), make([]*Tensor, n)
	dh, dc := ZerosLike(state), g.atTime(n)
	order := a.times(n)
	for k := n - 1; k >= 0; k-- {
		t := order[k]
		s := steps[t]
		dh = dh.Add(g.atTime(t))
		tanh := s.c.Tanh()
		dc = dc.Add(dh.Mul(s.o).Mul(tanh.Square().SubFrom(1)))
		slopes[t] = Concat(1, []*Tensor{
			dc.Mul(s.g).Mul(s.i).Mul(s.i.SubFrom(1)), dc.Mul(s.before).Mul(s.f).Mul(s.f.SubFrom(1)),
			dc.Mul(s.i).Mul(s.g.Square().SubFrom(1)), dh.Mul(tanh).Mul(s.o).Mul(s.o.SubFrom(1)),
		})
		states[t] = s.state
		dc = dc.Mul(s.f)
		dh = slopes[t].MatMul(whh)
	}
	if i == 6 {
		return dc
	}
	return recurrentGrad(i, in, stack(slopes), stack(slopes), states, dh)
}

// gruGrad is the formula of the gradients, step by step.
func gruGrad(a recurrentAt, i int, in []*Tensor, g *Tensor) *Tensor {
	x, wih, whh, bih, bhh := in[0], in[1], in[2], in[3], in[4]
	h, n := whh.Dim(1), x.Dim(0)
	type step struct{ r, z, n, hn, state *Tensor } // state is that before the step
	steps := make([]step, n)
	state := firstState(in, 5)
	for _, t := range a.times(n) {
		gx, gh := x.atTime(t).MatMul(wih.T()).Add(bih), state.MatMul(whh.T()).Add(bhh)
		s := step{r: gx.gate(0, h).Add(gh.gate(0, h)).Sigmoid(), z: gx.gate(1, h).Add(gh.gate(1, h)).Sigmoid(), hn: gh.gate(2, h), state: state}
		s.n = gx.gate(2, h).Add(s.r.Mul(s.hn)).Tanh()
		state = s.n.Add(s.z.Mul(state.Sub(s.n)))
		steps[t] = s
	}
	ofInput, ofState, states := make([]*Tensor, n), make([]*Tensor, n), make([]*Tensor, n)
	dh := ZerosLike(state)
	order := a.times(n)
	for k := n - 1; k >= 0; k-- {
		t := order[k]
		s := steps[t]
		dh = dh.Add(g.atTime(t))
		dn := dh.Mul(s.z.SubFrom(1)).Mul(s.n.Square().SubFrom(1))
		dz := dh.Mul(s.state.Sub(s.n)).Mul(s.z).Mul(s.z.SubFrom(1))
		dhn := dn.Mul(s.r)
		dr := dhn.Mul(s.hn).Mul(s.r.SubFrom(1))
		ofInput[t], ofState[t] = Concat(1, []*Tensor{dr, dz, dn}), Concat(1, []*Tensor{dr, dz, dhn})
		states[t] = s.state
		dh = dh.Mul(s.z).Add(ofState[t].MatMul(whh))
	}
	return recurrentGrad(i, in, stack(ofInput), stack(ofState), states, dh)
}

// recurrentGrad is the gradient of argument i, from those of the products of x and of the states.
func recurrentGrad(i int, in []*Tensor, ofInput, ofState *Tensor, states []*Tensor, dh *Tensor) *Tensor {
	switch i {
	case 0:
		return ofInput.MatMul(in[1])
	case 1:
		return rows(ofInput).T().MatMul(rows(in[0]))
	case 2:
		return rows(ofState).T().MatMul(rows(stack(states)))
	case 3:
		return ofInput.Sum(0, 1).Reshape(-1)
	case 4:
		return ofState.Sum(0, 1).Reshape(-1)
	}
	return dh
}

// recurrentNode writes a recurrent operator, whose weights have the gates in ONNX's order, and returns its results.
func recurrentNode(e Emitter, kind string, a recurrentAt, in []Value, gates []int, attrs []Attr, results int) []string {
	h := in[2].Shape[1]
	reorder := func(name string) string {
		parts := make([]string, len(gates))
		for i, g := range gates {
			parts[i] = e.Node("Slice", []string{name, axesConst(e, g*h), axesConst(e, (g+1)*h), axesConst(e, 0), axesConst(e, 1)}, nil)
		}
		return e.Node("Concat", parts, []Attr{{"axis", 0}})
	}
	up := func(name string) string { return e.Node("Unsqueeze", []string{name, axesConst(e, 0)}, nil) }
	bias := e.Node("Concat", []string{reorder(in[3].Name), reorder(in[4].Name)}, []Attr{{"axis", 0}})
	args := []string{in[0].Name, up(reorder(in[1].Name)), up(reorder(in[2].Name)), up(bias), ""}
	for _, s := range in[5:] {
		args = append(args, up(s.Name))
	}
	if len(in) == 5 {
		args = args[:4]
	}
	direction := "forward"
	if a.Reverse {
		direction = "reverse"
	}
	attrs = append([]Attr{{"direction", direction}, {"hidden_size", h}}, attrs...)
	return e.Nodes(kind, args, attrs, results)
}

func init() {
	together := func(back func(in []*array.Array, y, kept, g *array.Array, reverse, wantX bool) []array.Array) func(recurrentAt, []*Tensor, *Tensor, *Tensor) []*Tensor {
		return func(a recurrentAt, in []*Tensor, y, g *Tensor) []*Tensor {
			y.check("Grad")
			kept := y.node.saved
			kept.check("Grad")
			arrays := make([]*array.Array, len(in))
			for i, x := range in {
				arrays[i] = &x.a
			}
			grads := make([]*Tensor, len(in))
			for i, d := range back(arrays, &y.a, &kept.a, &g.a, a.Reverse, in[0].grad) {
				if i > 0 || in[0].grad {
					grads[i] = result(modes.Get(), d)
				}
			}
			return grads
		}
	}
	eval := func(f func(in []*array.Array, reverse bool) (y, kept array.Array)) func(recurrentAt, []*array.Array, Shape) array.Array {
		return func(a recurrentAt, in []*array.Array, _ Shape) array.Array {
			y, kept := f(in, a.Reverse)
			kept.Store.Free()
			return y
		}
	}
	save := func(f func(in []*array.Array, reverse bool) (y, kept array.Array)) func(recurrentAt, []*array.Array, Shape) (y, saved array.Array) {
		return func(a recurrentAt, in []*array.Array, _ Shape) (y, saved array.Array) { return f(in, a.Reverse) }
	}
	opLSTM = define(def[recurrentAt]{
		Name: "LSTM", Args: "f*", Flops: recurrentFlops, Eval: eval(array.LSTM), Save: save(array.LSTM), Together: together(array.LSTMGrad),
		Shape: func(_ recurrentAt, in []Shape) (Shape, error) {
			if err := recurrentShape(in, 4, 2); err != nil {
				return nil, err
			}
			return Shape{in[0][0] + 1, in[0][1], in[2][1]}, nil
		},
		Grad: func(a recurrentAt, i int, in []*Tensor, _, g *Tensor) *Tensor { return lstmGrad(a, i, in, g) },
		ONNX: func(e Emitter, a recurrentAt, in []Value, _ Value) string {
			out := recurrentNode(e, "LSTM", a, in, []int{0, 3, 1, 2}, []Attr{{"input_forget", 0}}, 3)
			return e.Node("Concat", []string{e.Node("Squeeze", []string{out[0], axesConst(e, 1)}, nil), out[2]}, []Attr{{"axis", 0}})
		},
		Cases: []sample[recurrentAt]{
			{in: []Shape{{3, 2, 4}, {12, 4}, {12, 3}, {12}, {12}, {2, 3}, {2, 3}}},
			{in: []Shape{{2, 1, 1}, {4, 1}, {4, 1}, {4}, {4}}, at: recurrentAt{true}},
		},
	})
	opGRU = define(def[recurrentAt]{
		Name: "GRU", Args: "f*", Flops: recurrentFlops, Eval: eval(array.GRU), Save: save(array.GRU), Together: together(array.GRUGrad),
		Shape: func(_ recurrentAt, in []Shape) (Shape, error) {
			if err := recurrentShape(in, 3, 1); err != nil {
				return nil, err
			}
			return Shape{in[0][0], in[0][1], in[2][1]}, nil
		},
		Grad: func(a recurrentAt, i int, in []*Tensor, _, g *Tensor) *Tensor { return gruGrad(a, i, in, g) },
		ONNX: func(e Emitter, a recurrentAt, in []Value, _ Value) string {
			out := recurrentNode(e, "GRU", a, in, []int{1, 0, 2}, []Attr{{"linear_before_reset", 1}}, 1)
			return e.Node("Squeeze", []string{out[0], axesConst(e, 1)}, nil)
		},
		Cases: []sample[recurrentAt]{
			{in: []Shape{{3, 2, 4}, {9, 4}, {9, 3}, {9}, {9}, {2, 3}}},
			{in: []Shape{{2, 1, 1}, {3, 1}, {3, 1}, {3}, {3}}, at: recurrentAt{true}},
		},
	})
}

// LSTM runs a long short-term memory over sequences x (t,n,k), n of them, from the states h0 and c0 (n,h), nil for zeros; with
// reverse from the end to the start. y (t,n,h) is the state after each place; hn and cn (n,h) are both states after the last place
// that it came to. It panics when the shapes do not fit (Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000).
func (x *Tensor) LSTM(w RecurrentWeights, h0, c0 *Tensor, reverse bool) (y, hn, cn *Tensor) {
	if h0 == nil && c0 != nil {
		h0 = ZerosLike(c0)
	}
	if c0 == nil && h0 != nil {
		c0 = ZerosLike(h0)
	}
	all := opLSTM.many(recurrentAt{reverse}, w.arguments(x, h0, c0))
	n := x.a.Shape[0]
	y = all.Slice(0, 0, n)
	return y, y.lastState(reverse), all.atTime(n)
}

// GRU runs gated recurrent units over sequences x (t,n,k), n of them, from the state h0 (n,h), nil for zeros; with reverse from the
// end to the start. y (t,n,h) is the state after each place, hn (n,h) that after the last place that it came to. The reset gate
// acts after the product with the hidden weights, as in PyTorch. It panics when the shapes do not fit (Cho et al. 2014).
func (x *Tensor) GRU(w RecurrentWeights, h0 *Tensor, reverse bool) (y, hn *Tensor) {
	y = opGRU.many(recurrentAt{reverse}, w.arguments(x, h0))
	return y, y.lastState(reverse)
}

// arguments are those of a recurrent op, with states unless they are nil.
func (w RecurrentWeights) arguments(x *Tensor, states ...*Tensor) []*Tensor {
	in := []*Tensor{x, w.Input, w.Hidden, w.InputBias, w.HiddenBias}
	if states[0] != nil {
		in = append(in, states...)
	}
	return in
}

// lastState is the state after the last place that a run came to.
func (y *Tensor) lastState(reverse bool) *Tensor {
	if reverse {
		return y.atTime(0)
	}
	return y.atTime(y.a.Shape[0] - 1)
}
