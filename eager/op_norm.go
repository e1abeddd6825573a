package eager

import (
	"github.com/tapir-go/tapir/eager/internal/array"
)

var opLayerNorm, opRMSNorm *prim[normAt]

// normAt is the attribute of normalisations.
type normAt struct{ Eps float64 }

// normalised is the shape rule of normalisations: weight, and bias where there is one, have the shape of the last axes.
func normalised(_ normAt, in []Shape) (Shape, error) {
	x, w := in[0], in[1]
	if len(w) == 0 || len(w) > len(x) || !array.Equal(x[len(x)-len(w):], w) {
		return nil, refusal("", "cannot normalise %v: want last axes %v", x, w)
	}
	if len(in) == 3 && !array.Equal(in[2], w) {
		return nil, refusal("", "bias of shape %v for a weight %v: want the same", in[2], w)
	}
	if w.Size() == 0 {
		return nil, refusal("", "shape %v has nothing to normalise", x)
	}
	return x, nil
}

// lastAxes are the last n axes of x.
func lastAxes(x *Tensor, n int) []int {
	axes := make([]int, n)
	for i := range axes {
		axes[i] = x.Rank() - n + i
	}
	return axes
}

// normGrad is the formula of the gradients: those of (x-mean)*inv*w + b, or of x*inv*w where the mean stays.
func normGrad(a normAt, i int, in []*Tensor, g *Tensor, square bool) *Tensor {
	x, w := in[0], in[1]
	if i == 2 {
		return g.sumTo(w.shape())
	}
	axes := lastAxes(x, w.Rank())
	c := x
	if !square {
		c = x.Sub(x.Mean(axes...))
	}
	inv := c.Square().Mean(axes...).Shift(a.Eps).PowScalar(-0.5)
	h := c.Mul(inv)
	if i == 1 {
		return g.Mul(h).sumTo(w.shape())
	}
	gw := g.Mul(w)
	d := gw.Sub(h.Mul(gw.Mul(h).Mean(axes...)))
	if !square {
		d = d.Sub(gw.Mean(axes...))
	}
	return d.Mul(inv)
}

func init() {
	norm := func(name string, square bool, args string, cases []sample[normAt], export func(Emitter, normAt, []Value, Value) string) *prim[normAt] {
		return define(def[normAt]{
			Name: name, Args: args, Shape: normalised, Cases: cases, ONNX: export,
			Eval: func(a normAt, in []*array.Array, _ Shape) array.Array {
				var b *array.Array
				if !square {
					b = in[2]
				}
				return array.Norm{Eps: a.Eps, Square: square}.Forward(in[0], in[1], b)
			},
			Grad: func(a normAt, i int, in []*Tensor, _, g *Tensor) *Tensor { return normGrad(a, i, in, g, square) },
			Together: func(a normAt, in []*Tensor, _, g *Tensor) []*Tensor {
				dx, dw, db := array.Norm{Eps: a.Eps, Square: square}.Backward(&in[0].a, &in[1].a, &g.a)
				m := modes.Get()
				return []*Tensor{result(m, dx), result(m, dw), result(m, db)}[:len(in)]
			},
		})
	}
	opLayerNorm = norm("LayerNorm", false, "fff",
		[]sample[normAt]{{at: normAt{1e-3}, in: []Shape{{3, 4}, {4}, {4}}}, {at: normAt{0.1}, in: []Shape{{2, 3, 2}, {3, 2}, {3, 2}}}},
		func(e Emitter, a normAt, in []Value, _ Value) string {
			return e.Node("LayerNormalization", names(in), []Attr{{"axis", -len(in[1].Shape)}, {"epsilon", a.Eps}, {"stash_type", 1}})
		})
	opRMSNorm = norm("RMSNorm", true, "ff",
		[]sample[normAt]{{at: normAt{1e-3}, in: []Shape{{3, 4}, {4}}}, {at: normAt{0.1}, in: []Shape{{2, 3, 2}, {3, 2}}}},
		func(e Emitter, a normAt, in []Value, _ Value) string {
			axes := make([]int, len(in[1].Shape))
			for i := range axes {
				axes[i] = i - len(axes)
			}
			x := in[0].Name
			mean := e.Node("ReduceMean", []string{e.Node("Mul", []string{x, x}, nil)}, []Attr{{"axes", axes}, {"keepdims", 1}})
			root := e.Node("Sqrt", []string{e.Node("Add", []string{mean, like(e, in[0], a.Eps)}, nil)}, nil)
			return e.Node("Mul", []string{e.Node("Div", []string{x, root}, nil), in[1].Name}, nil)
		})
}

// LayerNorm brings the numbers of the last axes of x, which have the shape of the weight w, to mean 0 and variance 1, then
// multiplies by w and adds the bias b, which has the shape of w (Ba, Kiros and Hinton 2016); the result has the shape of x. eps is
// added to the variance, which divides by n. It panics when the shapes do not fit.
func (x *Tensor) LayerNorm(w, b *Tensor, eps float64) *Tensor {
	return opLayerNorm.three(normAt{eps}, x, w, b)
}

// RMSNorm divides the numbers of the last axes of x, which have the shape of the weight w, by the root of their mean square, then
// multiplies by w (Zhang and Sennrich 2019); the result has the shape of x. eps is added to the mean square. It panics when the
// shapes do not fit.
func (x *Tensor) RMSNorm(w *Tensor, eps float64) *Tensor { return opRMSNorm.two(normAt{eps}, x, w) }
