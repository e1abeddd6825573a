package eager

import (
	"github.com/tapir-go/tapir/eager/internal/array"
)

var opAttentionMasked *prim[none]

// unseen is the score of a key that is not seen, in formulas: so far below all others that its exponential is 0, and not infinite, so
// that a query that sees none has numbers to be multiplied by 0.
const unseen = -1e30

func init() {
	settings := func(q Shape, mask *array.Array) array.Attention {
		return array.Attention{Scale: attentionScale(q), Mask: mask}
	}
	opAttentionMasked = define(def[none]{
		Name: "AttentionMasked", Args: "fffb",
		Shape: func(_ none, in []Shape) (Shape, error) {
			out, err := attentionAt{}.shape(in[:3])
			if err != nil {
				return nil, err
			}
			scores := append(append(Shape{}, out[:len(out)-1]...), in[1][len(in[1])-2])
			if s, ok := array.Broadcast(scores, in[3]); !ok || !array.Equal(s, scores) {
				return nil, refusal("", "a mask %v for queries %v and keys %v: want one that broadcasts to %v", in[3], in[0], in[1], scores)
			}
			return out, nil
		},
		Eval: func(_ none, in []*array.Array, _ Shape) array.Array {
			y, logs := settings(in[0].Shape, in[3]).Forward(in[0], in[1], in[2])
			logs.Store.Free()
			return y
		},
		Save: func(_ none, in []*array.Array, _ Shape) (y, saved array.Array) {
			return settings(in[0].Shape, in[3]).Forward(in[0], in[1], in[2])
		},
		Grad: func(_ none, i int, in []*Tensor, _, g *Tensor) *Tensor {
			q, k, mask, d := in[0], in[1], in[3], in[0].dtype()
			p := Where(mask, q.MatMul(k.T()).Scale(attentionScale(q.shape())), number(d, unseen)).Softmax(-1).Mul(mask.To(d))
			return attentionGrad(i, p, in, g)
		},
		Together: func(_ none, in []*Tensor, y, g *Tensor) []*Tensor {
			return append(attentionTogether(settings(in[0].shape(), &in[3].a), in, y, g), nil)
		},
		ONNX: func(e Emitter, _ none, in []Value, _ Value) string {
			mul := func(a, b string) string { return e.Node("Mul", []string{a, b}, nil) }
			turned := e.Node("Transpose", []string{in[1].Name}, []Attr{{"perm", lastTwoSwapped(len(in[1].Shape))}})
			scores := mul(e.Node("MatMul", []string{in[0].Name, turned}, nil), like(e, in[0], attentionScale(in[0].Shape)))
			scores = e.Node("Where", []string{in[3].Name, scores, like(e, in[0], unseen)}, nil)
			seen := e.Node("Cast", []string{in[3].Name}, []Attr{{"to", in[0].DType}})
			p := mul(e.Node("Softmax", []string{scores}, []Attr{{"axis", -1}}), seen)
			return e.Node("MatMul", []string{p, in[2].Name}, nil)
		},
		Cases: []sample[none]{
			{in: []Shape{{3, 2}, {4, 2}, {4, 5}, {3, 4}}}, {in: []Shape{{2, 3, 2}, {2, 2, 2}, {2, 2, 2}, {2, 1, 2}}},
			{in: []Shape{{2, 2, 3, 2}, {2, 2, 3, 2}, {2, 2, 3, 1}, {3, 1}}},
		},
	})
}

// AttentionMasked is Attention in which mask, a bool tensor that broadcasts to (...,t,s), says which keys each query sees: those of
// sequences of unequal length, for example, by a mask (n,1,1,s). A query that sees none gets zeros. It panics when the shapes do not
// fit.
func (q *Tensor) AttentionMasked(k, v, mask *Tensor) *Tensor {
	return opAttentionMasked.many(none{}, []*Tensor{q, k, v, mask})
}
