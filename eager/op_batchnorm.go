package eager

import (
	"github.com/tapir-go/tapir/eager/internal/array"
)

var opBatchNorm, opBatchNormWith *prim[normAt]

// byChannel is the shape rule of batch normalisations: all arguments but the first are (c).
func byChannel(_ normAt, in []Shape) (Shape, error) {
	x := in[0]
	if len(x) < 2 {
		return nil, refusal("", "cannot normalise %v: want (n,c) or (n,c,...)", x)
	}
	for i, s := range in[1:] {
		if !array.Equal(s, x[1:2]) {
			return nil, refusal("", "cannot normalise %v with a %s of shape %v: want (%d)", x, [...]string{"weight", "bias", "mean", "variance"}[i], s, x[1])
		}
	}
	return x, nil
}

// channelAxes are all axes of x but that of channels, and the shape of a vector of channels beside it.
func channelAxes(x Shape) (axes, vector []int) {
	axes, vector = []int{0}, []int{x[1]}
	for i := 2; i < len(x); i++ {
		axes, vector = append(axes, i), append(vector, 1)
	}
	return axes, vector
}

// batchNormGrad is the formula of the gradients of BatchNorm.
func batchNormGrad(a normAt, i int, in []*Tensor, g *Tensor) *Tensor {
	x, w := in[0], in[1]
	axes, vector := channelAxes(x.shape())
	if i == 2 {
		return g.Sum(axes...).Reshape(w.a.Shape...)
	}
	c := x.Sub(x.Mean(axes...))
	inv := c.Square().Mean(axes...).Shift(a.Eps).PowScalar(-0.5)
	h := c.Mul(inv)
	if i == 1 {
		return g.Mul(h).Sum(axes...).Reshape(w.a.Shape...)
	}
	return g.Sub(g.Mean(axes...)).Sub(h.Mul(g.Mul(h).Mean(axes...))).Mul(inv.Mul(w.Reshape(vector...)))
}

// batchNormWithGrad is the formula of the gradients of BatchNormWith.
func batchNormWithGrad(a normAt, i int, in []*Tensor, g *Tensor) *Tensor {
	x, w, mean, variance := in[0], in[1], in[3], in[4]
	axes, vector := channelAxes(x.shape())
	inv := variance.Shift(a.Eps).PowScalar(-0.5)
	sum := func(y *Tensor) *Tensor { return y.Sum(axes...).Reshape(w.a.Shape...) }
	switch i {
	case 0:
		return g.Mul(w.Mul(inv).Reshape(vector...))
	case 2:
		return sum(g)
	case 3:
		return sum(g).Mul(w).Mul(inv).Neg()
	}
	moved := sum(g.Mul(x.Sub(mean.Reshape(vector...))))
	if i == 1 {
		return moved.Mul(inv)
	}
	return moved.Mul(w).Mul(inv).Div(variance.Shift(a.Eps)).Scale(-0.5)
}

func init() {
	opBatchNorm = define(def[normAt]{
		Name: "BatchNorm", Args: "fff",
		Shape: func(a normAt, in []Shape) (Shape, error) {
			if y, err := byChannel(a, in); err != nil || y.Size() > 0 {
				return y, err
			}
			return nil, refusal("", "shape %v has nothing to normalise", in[0])
		},
		Eval: func(a normAt, in []*array.Array, _ Shape) array.Array {
			y, _ := array.BatchNorm(in[0], in[1], in[2], a.Eps)
			return y
		},
		Save: func(a normAt, in []*array.Array, _ Shape) (y, stats array.Array) {
			return array.BatchNorm(in[0], in[1], in[2], a.Eps)
		},
		Grad: func(a normAt, i int, in []*Tensor, _, g *Tensor) *Tensor { return batchNormGrad(a, i, in, g) },
		Together: func(a normAt, in []*Tensor, y, g *Tensor) []*Tensor {
			x, w := &in[0].a, &in[1].a
			var stats array.Array
			if y.node != nil && y.node.saved != nil {
				y.node.saved.check("Grad")
				stats = y.node.saved.a
			} else { // applied by hand
				_, stats = array.BatchNorm(x, w, &in[2].a, a.Eps)
			}
			dx, dw, db := array.BatchNormGrad(x, w, &g.a, &stats, a.Eps)
			m := modes.Get()
			return []*Tensor{result(m, dx), result(m, dw), result(m, db)}
		},
		ONNX: func(e Emitter, a normAt, in []Value, _ Value) string {
			// The statistics of the batch: formats have them only for training, which few programs that run models know.
			axes, vector := channelAxes(in[0].Shape)
			over := []Attr{{"axes", axes}, {"keepdims", 1}}
			beside := func(v Value) string {
				return e.Node("Reshape", []string{v.Name, axesConst(e, vector...)}, []Attr{{"allowzero", 0}})
			}
			centred := e.Node("Sub", []string{in[0].Name, e.Node("ReduceMean", names(in[:1]), over)}, nil)
			variance := e.Node("ReduceMean", []string{e.Node("Mul", []string{centred, centred}, nil)}, over)
			root := e.Node("Sqrt", []string{e.Node("Add", []string{variance, like(e, in[0], a.Eps)}, nil)}, nil)
			scaled := e.Node("Mul", []string{e.Node("Div", []string{centred, root}, nil), beside(in[1])}, nil)
			return e.Node("Add", []string{scaled, beside(in[2])}, nil)
		},
		Cases: []sample[normAt]{
			{at: normAt{1e-3}, in: []Shape{{4, 3}, {3}, {3}}}, {at: normAt{0.1}, in: []Shape{{2, 3, 2, 2}, {3}, {3}}},
		},
	})
	opBatchNormWith = define(def[normAt]{
		Name: "BatchNormWith", Args: "fffff", Shape: byChannel,
		Eval: func(a normAt, in []*array.Array, _ Shape) array.Array {
			return array.ShiftChannels(in[0], in[1], in[2], in[3], in[4], a.Eps)
		},
		Grad: func(a normAt, i int, in []*Tensor, _, g *Tensor) *Tensor { return batchNormWithGrad(a, i, in, g) },
		ONNX: func(e Emitter, a normAt, in []Value, _ Value) string {
			return e.Node("BatchNormalization", names(in), []Attr{{"epsilon", a.Eps}})
		},
		Cases: []sample[normAt]{
			{at: normAt{1e-3}, in: []Shape{{4, 3}, {3}, {3}, {3}, {3}}, lo: 0.5, hi: 2},
			{at: normAt{0.1}, in: []Shape{{2, 3, 2, 2}, {3}, {3}, {3}, {3}}, lo: 0.5, hi: 2},
		},
	})
}

// BatchNorm brings each channel of x (n,c) or (n,c,...) to mean 0 and variance 1 over the batch and all positions, then multiplies
// by w (c) and adds b (c) (Ioffe and Szegedy 2015); y has the shape of x. eps is added to the variance, which divides by the count.
// It also returns mean (c) and variance (c), without gradients, for running statistics. It panics when the shapes do not fit.
func (x *Tensor) BatchNorm(w, b *Tensor, eps float64) (y, mean, variance *Tensor) {
	const op = "BatchNorm"
	x.check(op)
	if m := modes.Get(); m != nil && m.trace != nil {
		// Who records wants to see how the statistics come about.
		y = opBatchNorm.three(normAt{eps}, x, w, b)
		axes, _ := channelAxes(x.shape())
		NoGrad(func() {
			mean, variance = x.Mean(axes...).Reshape(w.a.Shape...), x.Var(axes...).Reshape(w.a.Shape...)
		})
		return y, mean, variance
	}
	begin()
	in := []*Tensor{x, w, b}
	opBatchNorm.check(in)
	shape := opBatchNorm.shape(normAt{eps}, []Shape{x.a.Shape, w.a.Shape, b.a.Shape})
	out, stats := opBatchNorm.Save(normAt{eps}, []*array.Array{&x.a, &w.a, &b.a}, shape)
	y = finish(opBatchNorm, normAt{eps}, out, in)
	saved := result(modes.Get(), stats)
	if y.node != nil {
		y.node.saved = saved
	}
	row := func(i int) *Tensor {
		at := stats
		at.Shape, at.Offset = w.a.Shape, stats.Offset+i*w.Size()
		return result(modes.Get(), array.Contiguous(&at))
	}
	return y, row(0), row(1)
}

// BatchNormWith is (x-mean)/sqrt(variance+eps)*w + b for each channel of x (n,c) or (n,c,...), with given statistics: w, b, mean
// and variance are (c), the result has the shape of x. It panics when the shapes do not fit.
func (x *Tensor) BatchNormWith(w, b, mean, variance *Tensor, eps float64) *Tensor {
	return opBatchNormWith.many(normAt{eps}, []*Tensor{x, w, b, mean, variance})
}
