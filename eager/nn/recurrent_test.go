package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// widen makes the weights of a recurrent layer float64 ones.
func widen(l *nn.Recurrent) {
	for i, w := range l.Weights {
		for k, p := range []**eager.Tensor{&w.Input, &w.Hidden, &w.InputBias, &w.HiddenBias} {
			*p = eager.Param(fmt.Sprint("p", i, k), (*p).To(eager.Float64))
		}
		l.Weights[i] = w
	}
}

func TestRecurrentLayersHaveRightGradientsToSecondOrder(t *testing.T) {
	rng := eager.NewRand(8)
	x := eager.Param("x", rng.Normal(2, 3, 2).To(eager.Float64))
	h, c := eager.Param("h", rng.Normal(2, 2, 2).To(eager.Float64)), eager.Param("c", rng.Normal(2, 2, 2).To(eager.Float64))
	lstm := nn.NewLSTM(rng, 2, 2, 1, true)
	widen(&lstm.Recurrent)
	checkGradients(t, "LSTM", func() *eager.Tensor {
		y, hn, cn := lstm.Run(x, h, c)
		return eager.Concat(0, []*eager.Tensor{y.Reshape(-1), hn.Reshape(-1), cn.Reshape(-1)})
	}, append(lstm.Params(), x, h, c)...)
	gru := nn.NewGRU(rng, 2, 2, 2, false)
	widen(&gru.Recurrent)
	checkGradients(t, "GRU", func() *eager.Tensor {
		y, hn := gru.Run(x, h)
		return eager.Concat(0, []*eager.Tensor{y.Reshape(-1), hn.Reshape(-1)})
	}, append(gru.Params(), x, h)...)
}

// Both layers by loops, from the formulas that PyTorch documents, gates in its order.
func TestRecurrentLayersAreTheFormulasOfPyTorch(t *testing.T) {
	const places, in, hidden = 4, 3, 5
	rng := eager.NewRand(14)
	x := rng.Normal(1, places, in)
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	// affine is row of w times v, with its bias.
	affine := func(w, b *eager.Tensor, row int, v []float64) float64 {
		sum := b.At(row)
		for k, x := range v {
			sum += w.At(row, k) * x
		}
		return sum
	}
	lstm, gru := nn.NewLSTM(rng, in, hidden, 1, false), nn.NewGRU(rng, in, hidden, 1, false)
	var wantLSTM, wantGRU []float64
	h, c, g := make([]float64, hidden), make([]float64, hidden), make([]float64, hidden)
	for t := range places {
		v := x.Slice(1, t, t+1).Values()
		w := lstm.Weights[0]
		next := make([]float64, hidden)
		for k := range hidden {
			gate := func(i int) float64 {
				return affine(w.Input, w.InputBias, i*hidden+k, v) + affine(w.Hidden, w.HiddenBias, i*hidden+k, h)
			}
			c[k] = sigmoid(gate(1))*c[k] + sigmoid(gate(0))*math.Tanh(gate(2))
			next[k] = sigmoid(gate(3)) * math.Tanh(c[k])
		}
		h = next
		wantLSTM = append(wantLSTM, h...)

		w, next = gru.Weights[0], make([]float64, hidden)
		for k := range hidden {
			ofInput := func(i int) float64 { return affine(w.Input, w.InputBias, i*hidden+k, v) }
			ofState := func(i int) float64 { return affine(w.Hidden, w.HiddenBias, i*hidden+k, g) }
			r, z := sigmoid(ofInput(0)+ofState(0)), sigmoid(ofInput(1)+ofState(1))
			next[k] = (1-z)*math.Tanh(ofInput(2)+r*ofState(2)) + z*g[k]
		}
		g = next
		wantGRU = append(wantGRU, g...)
	}
	near(t, "LSTM", lstm.Forward(x), "(1,4,5)", wantLSTM)
	near(t, "GRU", gru.Forward(x), "(1,4,5)", wantGRU)
}

// A sequence that is gone through in two pieces, with the states carried over, comes out as in one.
func TestStatesCarryASequenceOn(t *testing.T) {
	rng := eager.NewRand(9)
	x := rng.Normal(3, 10, 4)
	first, second := x.Slice(1, 0, 6), x.Slice(1, 6, 10)
	lstm, gru := nn.NewLSTM(rng, 4, 5, 2, false), nn.NewGRU(rng, 4, 5, 2, false)

	whole, wantH, wantC := lstm.Run(x, nil, nil)
	near(t, "LSTM, Forward", lstm.Forward(x), "(3,10,5)", whole.Values())
	_, h, c := lstm.Run(first, nil, nil)
	y, h, c := lstm.Run(second, h, c)
	near(t, "LSTM, second piece", y, "(3,4,5)", whole.Slice(1, 6, 10).Values())
	near(t, "LSTM, h", h, "(2,3,5)", wantH.Values())
	near(t, "LSTM, c", c, "(2,3,5)", wantC.Values())

	whole, wantH = gru.Run(x, nil)
	near(t, "GRU, Forward", gru.Forward(x), "(3,10,5)", whole.Values())
	_, h = gru.Run(first, nil)
	y, h = gru.Run(second, h)
	near(t, "GRU, second piece", y, "(3,4,5)", whole.Slice(1, 6, 10).Values())
	near(t, "GRU, h", h, "(2,3,5)", wantH.Values())
}

// The half that runs from the end is the other one on the sequence turned round.
func TestBidirectionalLayersRunFromBothEnds(t *testing.T) {
	rng := eager.NewRand(10)
	x := rng.Normal(2, 7, 3)
	both, back := nn.NewLSTM(rng, 3, 4, 1, true), nn.NewLSTM(rng, 3, 4, 1, false)
	back.Weights = both.Weights[1:]
	y, hn, _ := both.Run(x, nil, nil)
	turned, last, _ := back.Run(x.Flip(1), nil, nil)
	near(t, "y", y.Slice(2, 4, 8), "(2,7,4)", turned.Flip(1).Values())
	near(t, "hn", hn.Slice(0, 1, 2), "(1,2,4)", last.Values())
}

// A recurrent layer learns to tell whether a sequence of bits began with a one.
func TestRecurrentLayersRemember(t *testing.T) {
	rng := eager.NewRand(11)
	bits := rng.Bernoulli(0.5, 64, 6, 1).To(eager.Float32)
	labels := bits.Slice(1, 0, 1).Reshape(64).To(eager.Int64)
	for name, l := range map[string]nn.Layer{"LSTM": nn.NewLSTM(rng, 1, 8, 1, false), "GRU": nn.NewGRU(rng, 1, 8, 1, false)} {
		head := nn.NewLinear(rng, 8, 2)
		params := append(l.Params(), head.Params()...)
		loss := 0.0
		for range 1000 {
			x := head.Forward(l.Forward(bits).Slice(1, 5, 6).Squeeze(1)).CrossEntropyT(labels)
			loss = x.Item()
			for i, g := range eager.Grad(x, params...) {
				params[i].Assign(params[i].Detach().Sub(g.Clip(-1, 1)))
			}
		}
		if loss > 0.05 {
			t.Errorf("%s: the loss is still %.3f", name, loss)
		}
	}
}
