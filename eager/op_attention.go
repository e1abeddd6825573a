package eager

import (
	"math"

	"github.com/tapir-go/tapir/eager/internal/array"
)

var opAttention *prim[attentionAt]

// attentionAt is the attribute of Attention.
type attentionAt struct{ Causal bool }

func (a attentionAt) settings(q Shape) array.Attention {
	return array.Attention{Scale: attentionScale(q), Causal: a.Causal}
}

func attentionScale(q Shape) float64 { return 1 / math.Sqrt(float64(q[len(q)-1])) }

func (a attentionAt) shape(in []Shape) (Shape, error) {
	q, k, v := in[0], in[1], in[2]
	r := len(q)
	if r < 2 || len(k) != r || len(v) != r || !array.Equal(q[:r-2], k[:r-2]) || !array.Equal(q[:r-2], v[:r-2]) ||
		q[r-1] != k[r-1] || k[r-2] != v[r-2] {
		return nil, refusal("", "queries %v with keys %v and values %v: want (...,t,d), (...,s,d) and (...,s,e)", q, k, v)
	}
	if k[r-2] == 0 || k[r-1] == 0 {
		return nil, refusal("", "keys of shape %v: want at least one, of at least one number", k)
	}
	return append(append(Shape{}, q[:r-1]...), v[r-1]), nil
}

// hidden is a matrix (t,s) of -Inf where key j comes after query i, and 0 elsewhere.
func hidden(d DType, t, s int) *Tensor {
	return Where(onesOf(d, t, s).Tril().Equal(number(d, 0)), number(d, math.Inf(-1)), number(d, 0))
}

func onesOf(d DType, shape ...int) *Tensor { return filled(d, 1, shape) }

func init() {
	opAttention = define(def[attentionAt]{
		Name: "Attention", Args: "fff",
		Flops: func(a attentionAt, in []Shape, out Shape) float64 {
			n := 2 * float64((in[0].Size()+out.Size())*in[1][len(in[1])-2])
			if a.Causal {
				n /= 2
			}
			return n
		},
		Shape: func(a attentionAt, in []Shape) (Shape, error) { return a.shape(in) },
		Eval: func(a attentionAt, in []*array.Array, _ Shape) array.Array {
			y, logs := a.settings(in[0].Shape).Forward(in[0], in[1], in[2])
			logs.Store.Free()
			return y
		},
		Save: func(a attentionAt, in []*array.Array, _ Shape) (y, saved array.Array) {
			return a.settings(in[0].Shape).Forward(in[0], in[1], in[2])
		},
		Grad: func(a attentionAt, i int, in []*Tensor, _, g *Tensor) *Tensor {
			q, k := in[0], in[1]
			scores := q.MatMul(k.T()).Scale(attentionScale(q.shape()))
			if a.Causal {
				scores = scores.Add(hidden(q.dtype(), q.Dim(-2), k.Dim(-2)))
			}
			p := scores.Softmax(-1)
			return attentionGrad(i, p, in, g)
		},
		Together: func(a attentionAt, in []*Tensor, y, g *Tensor) []*Tensor {
			return attentionTogether(a.settings(in[0].shape()), in, y, g)
		},
		ONNX: func(e Emitter, a attentionAt, in []Value, _ Value) string {
			q, k := in[0].Shape, in[1].Shape
			turned := e.Node("Transpose", []string{in[1].Name}, []Attr{{"perm", lastTwoSwapped(len(k))}})
			scores := e.Node("Mul", []string{e.Node("MatMul", []string{in[0].Name, turned}, nil), like(e, in[0], attentionScale(q))}, nil)
			if a.Causal {
				scores = e.Node("Add", []string{scores, e.Const(hidden(in[0].DType, q[len(q)-2], k[len(k)-2]))}, nil)
			}
			return e.Node("MatMul", []string{e.Node("Softmax", []string{scores}, []Attr{{"axis", -1}}), in[2].Name}, nil)
		},
		Cases: []sample[attentionAt]{
			{in: []Shape{{3, 2}, {4, 2}, {4, 5}}}, {in: []Shape{{2, 3, 4}, {2, 3, 4}, {2, 3, 4}}, at: attentionAt{true}},
			{in: []Shape{{2, 1, 5, 2}, {2, 1, 3, 2}, {2, 1, 3, 1}}, at: attentionAt{true}},
		},
	})
}

// attentionGrad is the gradient of query, key or value i of attention with the weights p.
func attentionGrad(i int, p *Tensor, in []*Tensor, g *Tensor) *Tensor {
	if i == 2 {
		return p.T().MatMul(g)
	}
	dp := g.MatMul(in[2].T()).Mul(p)
	ds := dp.Sub(p.Mul(dp.Sum(-1))).Scale(attentionScale(in[0].shape()))
	if i == 1 {
		return ds.T().MatMul(in[0])
	}
	return ds.MatMul(in[1])
}

// attentionTogether is the gradients of queries, keys and values in one walk.
func attentionTogether(s array.Attention, in []*Tensor, y, g *Tensor) []*Tensor {
	y.check("Grad")
	logs := y.node.saved
	logs.check("Grad")
	dq, dk, dv := s.Backward(&in[0].a, &in[1].a, &in[2].a, &y.a, &logs.a, &g.a)
	m := modes.Get()
	return []*Tensor{result(m, dq), result(m, dk), result(m, dv)}
}

// lastTwoSwapped is the order of n axes with the last two swapped.
func lastTwoSwapped(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	order[n-1], order[n-2] = n-2, n-1
	return order
}

// Attention mixes values by how well their keys fit queries: softmax(q k'/sqrt(d)) v for queries q (...,t,d), keys k (...,s,d) and
// values v (...,s,e); the result is (...,t,e). With causal, query i sees keys 0 to i. The matrix of scores is never there as a
// whole. It panics when the shapes do not fit; axes before the last two are equal (Vaswani et al. 2017, equation 1; Dao et al. 2022).
func (q *Tensor) Attention(k, v *Tensor, causal bool) *Tensor {
	return opAttention.three(attentionAt{causal}, q, k, v)
}
