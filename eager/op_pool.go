package eager

import (
	"fmt"
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// PoolOptions are the settings of a pooling, each down and across.
type PoolOptions struct {
	K        [2]int // size of the windows
	Stride   [2]int // from window to window; zero values stand for K
	Pad      [2]int // around the image, at most half a window; it is never the largest
	CountPad bool   // means count padding as zeros; else they leave it out
}

// poolAt are the attributes of pooling, with no zero left but in Pad.
type poolAt struct {
	K, Stride, Pad [2]int
	CountPad       bool
}

// square are the attributes of windows of k by k in steps of stride.
func square(k, stride int) poolAt {
	return poolAt{K: [2]int{k, k}, Stride: [2]int{stride, stride}}
}

// poolInputAt are those of the gradient of an average pooling, with the size of the image.
type poolInputAt struct {
	poolAt
	H, W int
}

var (
	opMaxPool2d      *prim[poolAt]
	opMaxPoolIndex   *prim[poolAt]
	opAvgPool2d      *prim[poolAt]
	opAvgPool2dInput *prim[poolInputAt]
)

func (a poolAt) params(x Shape) array.PoolParams {
	return array.PoolParams{N: x[0], C: x[1], H: x[2], W: x[3], KH: a.K[0], KW: a.K[1], Stride: a.Stride, Pad: a.Pad, CountPad: a.CountPad}
}

func pooled(a poolAt, in []Shape) (Shape, error) {
	x := in[0]
	if len(x) != 4 {
		return nil, refusal("", "cannot pool %v: want (n,c,h,w)", x)
	}
	for i := range 2 {
		if a.K[i] < 1 || a.Stride[i] < 1 || a.Pad[i] < 0 || a.Pad[i] > a.K[i]/2 {
			return nil, refusal("", "windows of %s in steps of %s with padding %s: want sizes and steps of 1 or more, and padding of at most half a window",
				pairText(a.K), pairText(a.Stride), pairText(a.Pad))
		}
	}
	p := a.params(x)
	if x[2]*x[3] == 0 || p.OutH() == 0 || p.OutW() == 0 {
		return nil, refusal("", "windows of %s in steps of %s do not fit into %v", pairText(a.K), pairText(a.Stride), x)
	}
	return Shape{x[0], x[1], p.OutH(), p.OutW()}, nil
}

// pairText is two numbers, or the one that both are.
func pairText(v [2]int) string {
	if v[0] == v[1] {
		return fmt.Sprint(v[0])
	}
	return fmt.Sprintf("%d by %d", v[0], v[1])
}

func (a poolAt) attrs() []Attr {
	return []Attr{{"auto_pad", "NOTSET"}, {"ceil_mode", 0}, {"kernel_shape", a.K[:]}, {"pads", []int{a.Pad[0], a.Pad[1], a.Pad[0], a.Pad[1]}}, {"strides", a.Stride[:]}}
}

// averageAttrs are attrs for a mean.
func (a poolAt) averageAttrs() []Attr {
	count := 0
	if a.CountPad {
		count = 1
	}
	return append(a.attrs(), Attr{"count_include_pad", count})
}

// planes is x (n,c,h,w) as one vector.
func planes(x *Tensor) *Tensor { return x.Reshape(-1) }

func init() {
	padded := poolAt{K: [2]int{3, 2}, Stride: [2]int{2, 1}, Pad: [2]int{1, 1}}
	counted := padded
	counted.CountPad = true
	cases := []sample[poolAt]{
		{at: square(2, 2), in: []Shape{{2, 2, 4, 5}}}, {at: square(3, 1), in: []Shape{{1, 2, 4, 4}}}, {at: padded, in: []Shape{{1, 2, 5, 4}}},
	}
	contiguous := func(x *array.Array, f func(x *array.Array)) { pack(x, x, func(x, _ *array.Array) { f(x) }) }
	both := func(a poolAt, in []*array.Array, out Shape) (y, idx array.Array) {
		y, idx = array.New(in[0].DType, out), array.New(array.Int64, out)
		contiguous(in[0], func(x *array.Array) {
			if x.DType == array.Float32 {
				array.MaxPool2d32(y.F32(), array.Flat[int64](&idx), x.F32(), a.params(x.Shape))
			} else {
				array.MaxPool2d64(array.Flat[float64](&y), array.Flat[int64](&idx), array.Flat[float64](x), a.params(x.Shape))
			}
		})
		return y, idx
	}
	opMaxPoolIndex = define(def[poolAt]{
		Name: "MaxPoolIndex", Args: "f", Shape: pooled, Cases: cases,
		Eval: func(a poolAt, in []*array.Array, out Shape) array.Array {
			y, idx := both(a, in, out)
			y.Store.Free()
			return idx
		},
		ONNX: func(e Emitter, a poolAt, in []Value, _ Value) string {
			return e.Nodes("MaxPool", names(in), append(a.attrs(), Attr{"dilations", []int{1, 1}}, Attr{"storage_order", 0}), 2)[1]
		},
	})
	opMaxPool2d = define(def[poolAt]{
		Name: "MaxPool2d", Args: "f", Shape: pooled, Cases: cases,
		Save: func(a poolAt, in []*array.Array, out Shape) (y, saved array.Array) {
			p := a.params(in[0].Shape)
			if in[0].DType != array.Float32 || !p.Halves() {
				return both(a, in, out)
			}
			y, saved = array.New(array.Float32, out), array.New(array.Uint8, p.Choices())
			contiguous(in[0], func(x *array.Array) { array.MaxPoolHalves(y.F32(), array.Flat[uint8](&saved), x.F32(), p) })
			return y, saved
		},
		Eval: func(a poolAt, in []*array.Array, out Shape) array.Array {
			y := array.New(in[0].DType, out)
			contiguous(in[0], func(x *array.Array) {
				if x.DType == array.Float32 {
					array.MaxPool2d32(y.F32(), nil, x.F32(), a.params(x.Shape))
				} else {
					array.MaxPool2d64(array.Flat[float64](&y), nil, array.Flat[float64](x), a.params(x.Shape))
				}
			})
			return y
		},
		Grad: func(a poolAt, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			idx := opMaxPoolIndex.one(a, in[0])
			flat := zeros(g.dtype(), Shape{in[0].Size()}).ScatterAdd(0, planes(idx), planes(g))
			return flat.Reshape(in[0].a.Shape...)
		},
		Fast: func(a poolAt, _ int, in []*Tensor, y, g *Tensor) *Tensor {
			idx := y.node.saved
			if idx == nil { // applied by hand
				idx = opMaxPoolIndex.one(a, in[0])
			}
			idx.check("Grad")
			dx := array.New(g.a.DType, in[0].a.Shape)
			contiguous(&g.a, func(g *array.Array) {
				if idx.a.DType == array.Uint8 {
					array.MaxPoolHalvesInput(dx.F32(), g.F32(), array.Flat[uint8](&idx.a), a.params(dx.Shape))
				} else if g.DType == array.Float32 {
					array.MaxPool2dInput32(dx.F32(), g.F32(), array.Flat[int64](&idx.a), a.params(dx.Shape))
				} else {
					array.MaxPool2dInput64(array.Flat[float64](&dx), array.Flat[float64](g), array.Flat[int64](&idx.a), a.params(dx.Shape))
				}
			})
			runtime.KeepAlive(idx)
			return result(modes.Get(), dx)
		},
		ONNX: func(e Emitter, a poolAt, in []Value, _ Value) string {
			return e.Node("MaxPool", names(in), append(a.attrs(), Attr{"dilations", []int{1, 1}}, Attr{"storage_order", 0}))
		},
	})
	opAvgPool2d = define(def[poolAt]{
		Name: "AvgPool2d", Args: "f", Shape: pooled, Cases: append(cases, sample[poolAt]{at: counted, in: []Shape{{1, 2, 5, 4}}}), Blind: true,
		Eval: func(a poolAt, in []*array.Array, out Shape) array.Array {
			y := array.New(in[0].DType, out)
			contiguous(in[0], func(x *array.Array) {
				if x.DType == array.Float32 {
					array.AvgPool2d32(y.F32(), x.F32(), a.params(x.Shape))
				} else {
					array.AvgPool2d64(array.Flat[float64](&y), array.Flat[float64](x), a.params(x.Shape))
				}
			})
			return y
		},
		Grad: func(a poolAt, _ int, in []*Tensor, _, g *Tensor) *Tensor {
			s := in[0].a.Shape
			return opAvgPool2dInput.one(poolInputAt{a, s[2], s[3]}, g)
		},
		ONNX: func(e Emitter, a poolAt, in []Value, _ Value) string {
			return e.Node("AveragePool", names(in), a.averageAttrs())
		},
	})
	opAvgPool2dInput = define(def[poolInputAt]{
		Name: "AvgPool2dInput", Args: "f", Blind: true,
		Shape: func(a poolInputAt, in []Shape) (Shape, error) {
			g := in[0]
			if len(g) != 4 {
				return nil, refusal("", "cannot spread %v: want (n,c,h,w)", g)
			}
			x := Shape{g[0], g[1], a.H, a.W}
			if s, err := pooled(a.poolAt, []Shape{x}); err != nil || !array.Equal(s, g) {
				return nil, refusal("", "windows of %s in steps of %s in %v do not make %v", pairText(a.K), pairText(a.Stride), x, g)
			}
			return x, nil
		},
		Eval: func(a poolInputAt, in []*array.Array, out Shape) array.Array {
			dx := array.New(in[0].DType, out)
			contiguous(in[0], func(g *array.Array) {
				if g.DType == array.Float32 {
					array.AvgPool2dInput32(dx.F32(), g.F32(), a.params(out))
				} else {
					array.AvgPool2dInput64(array.Flat[float64](&dx), array.Flat[float64](g), a.params(out))
				}
			})
			return dx
		},
		Grad: func(a poolInputAt, _ int, _ []*Tensor, _, g *Tensor) *Tensor { return opAvgPool2d.one(a.poolAt, g) },
		ONNX: func(e Emitter, a poolInputAt, in []Value, _ Value) string {
			// Each element goes to its window in equal parts: a transposed convolution of each channel with one kernel of ones.
			s := in[0].Shape
			p := a.params(Shape{s[0], s[1], a.H, a.W})
			parts := e.Const(FromFloat64(p.Shares(), 1, 1, s[2], s[3]).To(in[0].DType))
			rest := []int{a.H + 2*a.Pad[0] - (s[2]-1)*a.Stride[0] - a.K[0], a.W + 2*a.Pad[1] - (s[3]-1)*a.Stride[1] - a.K[1]} // in no window
			ones := filled(in[0].DType, 1, Shape{s[1], 1, a.K[0], a.K[1]})
			return e.Node("ConvTranspose", []string{e.Node("Mul", []string{in[0].Name, parts}, nil), e.Const(ones)}, []Attr{
				{"auto_pad", "NOTSET"}, {"dilations", []int{1, 1}}, {"group", s[1]}, {"kernel_shape", a.K[:]},
				{"pads", []int{a.Pad[0], a.Pad[1], a.Pad[0], a.Pad[1]}}, {"strides", a.Stride[:]}, {"output_padding", rest},
			})
		},
		Cases: []sample[poolInputAt]{
			{at: poolInputAt{square(2, 2), 4, 5}, in: []Shape{{2, 2, 2, 2}}}, {at: poolInputAt{padded, 5, 4}, in: []Shape{{1, 2, 3, 5}}},
		},
	})
}

// at checks the settings and writes out what 0 stands for.
func (o PoolOptions) at() poolAt {
	a := poolAt(o)
	for i := range 2 {
		if a.Stride[i] == 0 {
			a.Stride[i] = a.K[i]
		}
	}
	return a
}

// MaxPool2d is the largest element of each window of k by k, in steps of stride: x (n,c,h,w) becomes (n,c,oh,ow) with
// oh = (h-k)/stride+1. It panics when the windows do not fit.
func (x *Tensor) MaxPool2d(k, stride int) *Tensor { return opMaxPool2d.one(square(k, stride), x) }

// MaxPool2dWith is MaxPool2d with all its settings: oh = (h+2 pad-k)/stride+1.
func (x *Tensor) MaxPool2dWith(o PoolOptions) *Tensor { return opMaxPool2d.one(o.at(), x) }

// MaxPool2dIndices is where MaxPool2d finds its values: i64 indices into x as one row, of the shape of MaxPool2d's result. Of
// equal values it is the first.
func (x *Tensor) MaxPool2dIndices(k, stride int) *Tensor {
	return opMaxPoolIndex.one(square(k, stride), x)
}

// MaxPool2dIndicesWith is MaxPool2dIndices with all settings.
func (x *Tensor) MaxPool2dIndicesWith(o PoolOptions) *Tensor { return opMaxPoolIndex.one(o.at(), x) }

// AvgPool2d is the mean of each window of k by k, in steps of stride: x (n,c,h,w) becomes (n,c,oh,ow) with oh = (h-k)/stride+1.
// It panics when the windows do not fit.
func (x *Tensor) AvgPool2d(k, stride int) *Tensor { return opAvgPool2d.one(square(k, stride), x) }

// AvgPool2dWith is AvgPool2d with all its settings: oh = (h+2 pad-k)/stride+1.
func (x *Tensor) AvgPool2dWith(o PoolOptions) *Tensor { return opAvgPool2d.one(o.at(), x) }
