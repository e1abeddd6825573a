package eager

import (
	"github.com/tapir-go/tapir/eager/internal/array"
)

var (
	opMatMul, opLinear *prim[none]
)

func init() {
	opMatMul = define(def[none]{
		Name: "MatMul", Args: "ff", ONNX: onnx("MatMul"),
		Shape: func(_ none, in []Shape) (Shape, error) {
			x, w := in[0], in[1]
			if len(x) < 2 || len(w) < 2 || x[len(x)-1] != w[len(w)-2] {
				return nil, cannotMultiply(x, w)
			}
			batch, err := broadcastOf(x[:len(x)-2], w[:len(w)-2])
			if err != nil {
				return nil, refusal("axes before the last two must broadcast", "cannot multiply %v by %v: the batches %v and %v do not fit", x, w, x[:len(x)-2], w[:len(w)-2])
			}
			return append(append(Shape{}, batch...), x[len(x)-2], w[len(w)-1]), nil
		},
		Eval: func(_ none, in []*array.Array, out Shape) array.Array { return array.MatMul(in[0], in[1], out) },
		Grad: func(_ none, i int, in []*Tensor, _, g *Tensor) *Tensor {
			x, w := in[0], in[1]
			if i == 0 {
				return g.MatMul(w.T()).sumTo(x.shape())
			}
			if w.Rank() == 2 && x.Rank() > 2 { // one product for the whole batch
				return rows(x).T().MatMul(rows(g))
			}
			return x.T().MatMul(g).sumTo(w.shape())
		},
		Fast: func(a none, i int, in []*Tensor, y, g *Tensor) *Tensor {
			if in[0].Rank() != 2 || in[1].Rank() != 2 {
				return opMatMul.Grad(a, i, in, y, g)
			}
			return productGrad(i, in[0], in[1], g)
		},
		Flops: func(_ none, in []Shape, out Shape) float64 { return 2 * float64(out.Size()*in[0][len(in[0])-1]) },
		Cases: []sample[none]{
			{in: []Shape{{3, 4}, {4, 2}}}, {in: []Shape{{2, 3, 4}, {4, 2}}}, {in: []Shape{{2, 3, 4}, {2, 4, 2}}},
			{in: []Shape{{3, 4}, {2, 4, 2}}}, {in: []Shape{{2, 1, 3, 2}, {3, 2, 2}}},
		},
	})
	opLinear = define(def[none]{
		Name: "Linear", Args: "fff",
		Shape: func(_ none, in []Shape) (Shape, error) {
			x, w, b := in[0], in[1], in[2]
			if len(x) < 1 || len(w) != 2 || x[len(x)-1] != w[0] {
				return nil, refusal(columnsAndRows(x, w), "cannot multiply %v by %v: want (...,in) and (in,out)", x, w)
			}
			if len(b) != 1 || b[0] != w[1] {
				return nil, refusal("", "bias of shape %v for weights %v: want (%d)", b, w, w[1])
			}
			return append(append(Shape{}, x[:len(x)-1]...), w[1]), nil
		},
		Eval: func(_ none, in []*array.Array, out Shape) array.Array { return array.Linear(in[0], in[1], in[2], out) },
		Grad: func(_ none, i int, in []*Tensor, _, g *Tensor) *Tensor {
			switch i {
			case 0:
				if g.Rank() == 1 {
					return rows(g).MatMul(in[1].T()).Reshape(in[0].a.Shape...)
				}
				return g.MatMul(in[1].T())
			case 1:
				return rows(in[0]).T().MatMul(rows(g))
			default:
				return g.sumTo(in[2].shape())
			}
		},
		Fast: func(a none, i int, in []*Tensor, y, g *Tensor) *Tensor {
			switch {
			case in[0].Rank() != 2:
				return opLinear.Grad(a, i, in, y, g)
			case i == 2:
				sum := array.Reduce(array.Total, &g.a, []bool{true, false})
				return result(modes.Get(), sum.Reshape(in[2].a.Shape))
			}
			return productGrad(i, in[0], in[1], g)
		},
		ONNX: func(e Emitter, _ none, in []Value, _ Value) string {
			if len(in[0].Shape) == 2 {
				return e.Node("Gemm", names(in), []Attr{{"alpha", 1.0}, {"beta", 1.0}, {"transA", 0}, {"transB", 0}})
			}
			return e.Node("Add", []string{e.Node("MatMul", names(in[:2]), nil), in[2].Name}, nil)
		},
		Flops: func(_ none, in []Shape, out Shape) float64 { return 2 * float64(out.Size()*in[1][0]) },
		Cases: []sample[none]{{in: []Shape{{3, 4}, {4, 2}, {2}}}, {in: []Shape{{2, 3, 4}, {4, 2}, {2}}}, {in: []Shape{{4}, {4, 2}, {2}}}},
	})
}

// productGrad is the gradient of one of two matrices from that of their product.
func productGrad(i int, x, w, g *Tensor) *Tensor {
	x.check("Grad")
	w.check("Grad")
	turn := []int{1, 0}
	if i == 0 {
		t := w.a.Transpose(turn)
		return result(modes.Get(), array.MatMul(&g.a, &t, x.a.Shape))
	}
	t := x.a.Transpose(turn)
	return result(modes.Get(), array.MatMul(&t, &g.a, w.a.Shape))
}

// rows is x with all axes but the last made one.
func rows(x *Tensor) *Tensor {
	if x.Rank() == 2 {
		return x
	}
	s := x.shape()
	return x.Reshape(s[:len(s)-1].Size(), s[len(s)-1])
}

func cannotMultiply(x, w Shape) error {
	return refusal(columnsAndRows(x, w), "cannot multiply %v by %v: want (n,k) by (k,m)", x, w)
}

// columnsAndRows says which sizes of two matrices should have been equal.
func columnsAndRows(x, w Shape) string {
	if len(x) < 2 || len(w) < 2 {
		return ""
	}
	k, n := x[len(x)-1], w[len(w)-2]
	s := refusal("", "x has %d columns, w has %d rows", k, n).(*Error).Text
	switch {
	case k == w[len(w)-1]:
		s += "; x.MatMul(w.T()) would fit"
	case len(x) == 2 && x[0] == n:
		s += "; x.T().MatMul(w) would fit"
	}
	return s
}

// MatMul is the matrix product: (n,k) by (k,m) is (n,m). A vector (k) on the left is a row, on the right a column, and its axis
// is missing in the result. Axes before the last two are batches, which broadcast. It panics when the shapes do not fit.
func (x *Tensor) MatMul(w *Tensor) *Tensor {
	x.check("MatMul")
	w.check("MatMul")
	x, w = promote(x, w)
	if x.Rank() >= 2 && w.Rank() >= 2 {
		return opMatMul.two(none{}, x, w)
	}
	if x.Rank() == 0 || w.Rank() == 0 || x.a.Shape[x.Rank()-1] != w.a.Shape[max(w.Rank()-2, 0)] {
		panic(named(cannotMultiply(x.shape(), w.shape()), "MatMul"))
	}
	switch {
	case x.Rank() == 1 && w.Rank() == 1:
		return opMatMul.two(none{}, x.Unsqueeze(0), w.Unsqueeze(1)).Reshape()
	case x.Rank() == 1:
		return opMatMul.two(none{}, x.Unsqueeze(0), w).Squeeze(-2)
	default:
		return opMatMul.two(none{}, x, w.Unsqueeze(1)).Squeeze(-1)
	}
}

// Linear is x w + b in one step: x (...,in), w (in,out), b (out), or nil for none; the result is (...,out). It panics when the
// shapes do not fit.
func (x *Tensor) Linear(w, b *Tensor) *Tensor {
	if b == nil {
		return x.MatMul(w)
	}
	return opLinear.three(none{}, x, w, b)
}

// Dot is the sum of the products of two vectors (n), of shape ().
func (x *Tensor) Dot(y *Tensor) *Tensor {
	x.check("Dot")
	y.check("Dot")
	if x.Rank() != 1 || !array.Equal(x.a.Shape, y.a.Shape) {
		fail("Dot", "", "cannot multiply %v and %v: want two vectors (n)", x.shape(), y.shape())
	}
	return x.MatMul(y)
}
