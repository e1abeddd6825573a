package nn

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// MultiHeadAttention lets each place of a sequence look at others, in several ways at once (Vaswani et al. 2017, section
// 3.2.2). Sequences are (n,t,size): n of them, t long. Weights have the shapes and names of PyTorch's layer, and its batch
// axis is the first here.
type MultiHeadAttention struct {
	InProjWeight *eager.Tensor // (3 size,size): of queries, keys and values, one below the other
	InProjBias   *eager.Tensor // (3 size), 0 at first
	OutProj      *Linear       // size to size
	Heads        int
	Causal       bool // a place sees itself and those before, none behind
}

// NewMultiHeadAttention makes a layer with that many heads, which divides size. Its weights are as in PyTorch: Xavier
// uniform, and those of OutProj uniform within 1/sqrt(size), all biases 0.
func NewMultiHeadAttention(rng *eager.Rand, size, heads int, causal bool) *MultiHeadAttention {
	const op = "NewMultiHeadAttention"
	seeded(op, rng)
	positive(op, "size", size)
	positive(op, "heads", heads)
	if size%heads != 0 {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("%d numbers do not make %d equal heads", size, heads)})
	}
	a := math.Sqrt(6 / float64(4*size))
	l := &MultiHeadAttention{
		InProjWeight: eager.Param("in_proj_weight", rng.Uniform(-a, a, 3*size, size)),
		InProjBias:   eager.Param("in_proj_bias", eager.Zeros(3*size)),
		OutProj:      NewLinear(rng, size, size),
		Heads:        heads,
		Causal:       causal,
	}
	l.OutProj.Bias.Assign(eager.Zeros(size))
	return l
}

// Forward lets x (n,t,size) look at itself; the result has its shape.
func (l *MultiHeadAttention) Forward(x *eager.Tensor) *eager.Tensor { return l.Attend(x, x, x) }

// Attend lets queries (n,t,size) look at keys (n,s,size), and take from values (n,s,size); the result is (n,t,size). It
// panics when the shapes do not fit.
func (l *MultiHeadAttention) Attend(queries, keys, values *eager.Tensor) *eager.Tensor {
	return l.attend(queries, keys, values, func(q, k, v *eager.Tensor) *eager.Tensor { return q.Attention(k, v, l.Causal) })
}

// AttendMasked is Attend in which mask, a bool tensor that broadcasts to (n,heads,t,s), says which keys each query sees: for
// sequences that end early, true where there is a key, of shape (n,1,1,s). With Causal those behind a query stay hidden.
func (l *MultiHeadAttention) AttendMasked(queries, keys, values, mask *eager.Tensor) *eager.Tensor {
	return l.attend(queries, keys, values, func(q, k, v *eager.Tensor) *eager.Tensor {
		if l.Causal {
			mask = mask.And(eager.Ones(q.Dim(2), k.Dim(2)).Tril().To(eager.Bool))
		}
		return q.AttentionMasked(k, v, mask)
	})
}

func (l *MultiHeadAttention) attend(queries, keys, values *eager.Tensor, mix func(q, k, v *eager.Tensor) *eager.Tensor) *eager.Tensor {
	size := l.InProjWeight.Dim(1)
	var heads [3]*eager.Tensor
	for i, x := range []*eager.Tensor{queries, keys, values} {
		if x.Rank() != 3 || x.Dim(2) != size {
			panic(&eager.Error{Op: "MultiHeadAttention", Text: fmt.Sprintf("cannot attend to %v: want (n,t,%d)", x.Shape(), size)})
		}
		w, b := l.InProjWeight.Slice(0, i*size, (i+1)*size), l.InProjBias.Slice(0, i*size, (i+1)*size)
		heads[i] = x.Linear(w.T(), b).Reshape(-1, x.Dim(1), l.Heads, size/l.Heads).Transpose(0, 2, 1, 3) // (n,heads,t,size/heads)
	}
	y := mix(heads[0], heads[1], heads[2])
	return l.OutProj.Forward(y.Transpose(0, 2, 1, 3).Reshape(-1, queries.Dim(1), size))
}

// Params are the weights and biases, those of OutProj last.
func (l *MultiHeadAttention) Params() []*eager.Tensor {
	return append(given(l.InProjWeight, l.InProjBias), l.OutProj.Params()...)
}
