package eager

import (
	"github.com/tapir-go/tapir/eager/internal/array"
)

var opCrossEntropy *prim[none]

func init() {
	opCrossEntropy = define(def[none]{
		Name: "CrossEntropy", Args: "fi",
		Shape: func(_ none, in []Shape) (Shape, error) {
			if len(in[0]) != 2 || len(in[1]) != 1 || in[0][0] != in[1][0] || in[0][1] == 0 {
				return nil, refusal("", "logits %v with labels %v: want (n,c) and (n)", in[0], in[1])
			}
			return Shape{}, nil
		},
		Eval: func(_ none, in []*array.Array, _ Shape) array.Array {
			idx := plain(in[1])
			checkIndex("CrossEntropy", idx, 1, in[0].Shape[1], in[0].Shape)
			return array.CrossEntropy(in[0], idx)
		},
		Grad: func(_ none, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			x, idx := in[0], in[1]
			n := x.a.Shape[0]
			one := OnesLike(idx).To(x.dtype()).Unsqueeze(1)
			hot := zeros(x.dtype(), x.shape()).ScatterAdd(1, idx.Unsqueeze(1), one) // 1 at each label
			return x.Softmax(1).Sub(hot).Mul(g).Scale(1 / float64(n))
		},
		Fast: func(_ none, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			return result(modes.Get(), array.CrossEntropyGrad(&in[0].a, plain(&in[1].a), g.a.At(g.a.Offset)))
		},
		ONNX: func(e Emitter, _ none, in []Value, _ Value) string {
			return e.Node("SoftmaxCrossEntropyLoss", names(in), []Attr{{"reduction", "mean"}})
		},
		Cases: []sample[none]{{in: []Shape{{4, 3}, {4}}, below: 3}},
	})
}

// CrossEntropy is the mean over the rows of logits x (n,c) of -log softmax(row)[label], of shape (). It panics when a label is
// not in 0 to c-1.
func (x *Tensor) CrossEntropy(labels []int) *Tensor {
	return opCrossEntropy.two(none{}, x, FromInts(labels, len(labels)))
}

// CrossEntropyT is CrossEntropy with the labels as an i64 tensor (n).
func (x *Tensor) CrossEntropyT(labels *Tensor) *Tensor { return opCrossEntropy.two(none{}, x, labels) }
