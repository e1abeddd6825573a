package eager

import (
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// ConvOptions are the settings of a two-dimensional convolution, each down and across. Zero values stand for 1, but for Pad.
type ConvOptions struct {
	Stride   [2]int
	Pad      [2]int // zeros around the image
	Dilation [2]int // distance of the kernel's elements
	Groups   int    // parts of the channels that are convolved apart
}

var (
	opConv2d          *prim[convAt]      // x, w
	opConv2dBias      *prim[convAt]      // x, w, b
	opConv2dInput     *prim[convInputAt] // g, w
	opConv2dInputBias *prim[convInputAt] // g, w, b
	opConv2dWeight    *prim[convWeightAt]
)

// convAt are the attributes of Conv2d, with no zero left but in Pad.
type convAt struct {
	Stride, Pad, Dilation [2]int
	Groups                int
}

// convInputAt are the attributes of the gradient of an image, which is also the transposed convolution: those of the convolution,
// and the size of the image.
type convInputAt struct {
	convAt
	H, W int
}

// convWeightAt are the attributes of the gradient of a kernel: those of the convolution, and the size of the kernel.
type convWeightAt struct {
	convAt
	KH, KW int
}

// convFlops is what a convolution with kernels w, or a gradient of it, takes for its result y.
func convFlops(y, w Shape) float64 { return 2 * float64(y.Size()*w[1:].Size()) }

// params are the sizes of the convolution of images x (n,c,h,w) with kernels w (o,c/groups,kh,kw).
func (a convAt) params(x, w Shape) array.ConvParams {
	return array.ConvParams{N: x[0], C: x[1], H: x[2], W: x[3], O: w[0], KH: w[2], KW: w[3],
		Stride: a.Stride, Pad: a.Pad, Dilation: a.Dilation, Groups: a.Groups}
}

func (a convAt) attrs(kh, kw int) []Attr {
	return []Attr{
		{"auto_pad", "NOTSET"}, {"dilations", a.Dilation[:]}, {"group", a.Groups}, {"kernel_shape", []int{kh, kw}},
		{"pads", []int{a.Pad[0], a.Pad[1], a.Pad[0], a.Pad[1]}}, {"strides", a.Stride[:]},
	}
}

func (a convAt) shape(in []Shape) (Shape, error) {
	x, w := in[0], in[1]
	if len(x) != 4 || len(w) != 4 {
		return nil, refusal("", "cannot convolve %v with %v: want (n,c,h,w) and (o,c,kh,kw)", x, w)
	}
	if x[1] != w[1]*a.Groups {
		return nil, refusal("", "cannot convolve %v with %v in %d groups: images have %d channels, kernels want %d", x, w, a.Groups, x[1], w[1]*a.Groups)
	}
	if w[0]%a.Groups != 0 {
		return nil, refusal("", "%d kernels do not make %d equal groups", w[0], a.Groups)
	}
	if len(in) == 3 && !array.Equal(in[2], []int{w[0]}) {
		return nil, refusal("", "bias of shape %v for kernels %v: want (%d)", in[2], w, w[0])
	}
	p := a.params(x, w)
	if p.OutH() == 0 || p.OutW() == 0 {
		return nil, refusal("pad the images, or take a smaller kernel", "a kernel %v does not fit into images %v with padding %v", w, x, Shape(a.Pad[:]))
	}
	return Shape{x[0], w[0], p.OutH(), p.OutW()}, nil
}

// pack calls f with contiguous forms of two arrays.
func pack(x, w *array.Array, f func(x, w *array.Array)) {
	temporary := func(a *array.Array) (*array.Array, func()) {
		if a.Strides == nil {
			return a, func() {}
		}
		c := array.Contiguous(a)
		return &c, c.Store.Free
	}
	xs, free := temporary(x)
	defer free()
	ws, free := temporary(w)
	defer free()
	f(xs, ws)
	runtime.KeepAlive(x.Store)
	runtime.KeepAlive(w.Store)
}

func (a convAt) eval(in []*array.Array, out Shape) array.Array {
	y := array.New(in[0].DType, out)
	p := a.params(in[0].Shape, in[1].Shape)
	pack(in[0], in[1], func(x, w *array.Array) {
		if y.DType == array.Float32 {
			array.Conv2d32(y.F32(), x.F32(), w.F32(), bias[float32](in), p)
		} else {
			array.Conv2d64(array.Flat[float64](&y), array.Flat[float64](x), array.Flat[float64](w), bias[float64](in), p)
		}
	})
	return y
}

// bias is the numbers of the third argument; nil if there is none.
func bias[T array.Float](in []*array.Array) []T {
	if len(in) < 3 {
		return nil
	}
	c := array.Contiguous(in[2])
	return array.Flat[T](&c)
}

// eval is the convolution of images of shape out backwards.
func (a convInputAt) eval(in []*array.Array, out Shape) array.Array {
	dx := array.New(in[0].DType, out)
	p := a.params(out, in[1].Shape)
	pack(in[0], in[1], func(g, w *array.Array) {
		if dx.DType == array.Float32 {
			array.Conv2dInput32(dx.F32(), g.F32(), w.F32(), bias[float32](in), p)
		} else {
			array.Conv2dInput64(array.Flat[float64](&dx), array.Flat[float64](g), array.Flat[float64](w), bias[float64](in), p)
		}
	})
	return dx
}

func (a convInputAt) shape(in []Shape) (Shape, error) {
	g, w := in[0], in[1]
	if len(g) != 4 || len(w) != 4 || g[1] != w[0] {
		return nil, refusal("", "cannot convolve %v with %v backwards: want (n,o,h,w) and (o,c,kh,kw)", g, w)
	}
	x := Shape{g[0], w[1] * a.Groups, a.H, a.W}
	p := a.params(x, w)
	if p.OutH() != g[2] || p.OutW() != g[3] || w[0]%a.Groups != 0 {
		return nil, refusal("", "images %v from %v with kernels %v: a convolution of such images is (%d,%d)", x, g, w, p.OutH(), p.OutW())
	}
	if len(in) == 3 && !array.Equal(in[2], x[1:2]) {
		return nil, refusal("", "bias of shape %v for kernels %v: want (%d)", in[2], w, x[1])
	}
	return x, nil
}

func (a convInputAt) grad(i int, in []*Tensor, g *Tensor) *Tensor {
	switch i {
	case 0:
		return opConv2d.two(a.convAt, g, in[1])
	case 1:
		s := in[1].a.Shape
		return opConv2dWeight.two(convWeightAt{a.convAt, s[2], s[3]}, g, in[0])
	default:
		return g.Sum(0, 2, 3).Reshape(in[2].a.Shape...)
	}
}

func (a convInputAt) onnx(e Emitter, in []Value) string {
	w := in[1].Shape
	extra := func(axis, size, from, k int) int { // rows that the last window does not reach
		return size - ((from-1)*a.Stride[axis] - 2*a.Pad[axis] + (k-1)*a.Dilation[axis] + 1)
	}
	attrs := append(a.attrs(w[2], w[3]), Attr{"output_padding", []int{extra(0, a.H, in[0].Shape[2], w[2]), extra(1, a.W, in[0].Shape[3], w[3])}})
	return e.Node("ConvTranspose", names(in), attrs)
}

func (a convAt) grad(i int, in []*Tensor, g *Tensor) *Tensor {
	switch i {
	case 0:
		s := in[0].a.Shape
		return opConv2dInput.two(convInputAt{a, s[2], s[3]}, g, in[1])
	case 1:
		s := in[1].a.Shape
		return opConv2dWeight.two(convWeightAt{a, s[2], s[3]}, in[0], g)
	default:
		return g.Sum(0, 2, 3).Reshape(in[2].a.Shape...)
	}
}

func init() {
	plainConv := convAt{[2]int{1, 1}, [2]int{}, [2]int{1, 1}, 1}
	strided := convAt{[2]int{2, 1}, [2]int{1, 0}, [2]int{1, 1}, 1}
	grouped := convAt{[2]int{1, 1}, [2]int{2, 2}, [2]int{2, 2}, 2}
	onnxConv := func(e Emitter, a convAt, in []Value, _ Value) string {
		return e.Node("Conv", names(in), a.attrs(in[1].Shape[2], in[1].Shape[3]))
	}
	opConv2d = define(def[convAt]{
		Name: "Conv2d", Args: "ff", ONNX: onnxConv, Flops: func(_ convAt, in []Shape, out Shape) float64 { return convFlops(out, in[1]) },
		Shape: func(a convAt, in []Shape) (Shape, error) { return a.shape(in) },
		Eval:  func(a convAt, in []*array.Array, out Shape) array.Array { return a.eval(in, out) },
		Grad:  func(a convAt, i int, in []*Tensor, _, g *Tensor) *Tensor { return a.grad(i, in, g) },
		Cases: []sample[convAt]{
			{at: plainConv, in: []Shape{{2, 2, 4, 4}, {3, 2, 3, 3}}}, {at: strided, in: []Shape{{1, 2, 5, 4}, {2, 2, 3, 2}}},
			{at: grouped, in: []Shape{{1, 4, 4, 4}, {2, 2, 2, 2}}},
		},
	})
	opConv2dBias = define(def[convAt]{
		Name: "Conv2dBias", As: "Conv2d", Args: "fff", ONNX: onnxConv, Flops: func(_ convAt, in []Shape, out Shape) float64 { return convFlops(out, in[1]) },
		Shape: func(a convAt, in []Shape) (Shape, error) { return a.shape(in) },
		Eval:  func(a convAt, in []*array.Array, out Shape) array.Array { return a.eval(in, out) },
		Grad:  func(a convAt, i int, in []*Tensor, _, g *Tensor) *Tensor { return a.grad(i, in, g) },
		Cases: []sample[convAt]{{at: plainConv, in: []Shape{{2, 2, 4, 3}, {3, 2, 3, 2}, {3}}}},
	})
	transposed := func(name, args string, cases []sample[convInputAt]) *prim[convInputAt] {
		return define(def[convInputAt]{
			Name: name, As: "ConvTranspose2d", Args: args, Cases: cases,
			Flops: func(_ convInputAt, in []Shape, _ Shape) float64 { return convFlops(in[0], in[1]) },
			Shape: func(a convInputAt, in []Shape) (Shape, error) { return a.shape(in) },
			Eval:  func(a convInputAt, in []*array.Array, out Shape) array.Array { return a.eval(in, out) },
			Grad:  func(a convInputAt, i int, in []*Tensor, _, g *Tensor) *Tensor { return a.grad(i, in, g) },
			ONNX:  func(e Emitter, a convInputAt, in []Value, _ Value) string { return a.onnx(e, in) },
		})
	}
	opConv2dInput = transposed("ConvTranspose2d", "ff", []sample[convInputAt]{
		{at: convInputAt{plainConv, 4, 4}, in: []Shape{{2, 3, 2, 2}, {3, 2, 3, 3}}}, {at: convInputAt{strided, 5, 4}, in: []Shape{{1, 2, 3, 3}, {2, 2, 3, 2}}},
	})
	opConv2dInputBias = transposed("ConvTranspose2dBias", "fff", []sample[convInputAt]{
		{at: convInputAt{strided, 5, 4}, in: []Shape{{1, 2, 3, 3}, {2, 2, 3, 2}, {2}}}, {at: convInputAt{grouped, 3, 4}, in: []Shape{{1, 4, 5, 6}, {4, 1, 2, 2}, {2}}},
	})
	opConv2dWeight = define(def[convWeightAt]{
		Name: "Conv2dWeight", Args: "ff", Flops: func(_ convWeightAt, in []Shape, out Shape) float64 { return convFlops(in[1], out) },
		Shape: func(a convWeightAt, in []Shape) (Shape, error) {
			x, g := in[0], in[1]
			if len(x) != 4 || len(g) != 4 || x[0] != g[0] || x[1]%a.Groups != 0 {
				return nil, refusal("", "no kernel makes %v from %v: want (n,o,h,w) and (n,c,h,w)", g, x)
			}
			w := Shape{g[1], x[1] / a.Groups, a.KH, a.KW}
			p := a.params(x, w)
			if p.OutH() != g[2] || p.OutW() != g[3] {
				return nil, refusal("", "no kernel %v makes %v from %v", w, g, x)
			}
			return w, nil
		},
		Eval: func(a convWeightAt, in []*array.Array, out Shape) array.Array {
			dw := array.New(in[0].DType, out)
			p := a.params(in[0].Shape, out)
			pack(in[0], in[1], func(x, g *array.Array) {
				if dw.DType == array.Float32 {
					array.Conv2dWeight32(dw.F32(), x.F32(), g.F32(), p)
				} else {
					array.Conv2dWeight64(array.Flat[float64](&dw), array.Flat[float64](x), array.Flat[float64](g), p)
				}
			})
			return dw
		},
		Grad: func(a convWeightAt, i int, in []*Tensor, _, g *Tensor) *Tensor {
			if i == 0 {
				s := in[0].a.Shape
				return opConv2dInput.two(convInputAt{a.convAt, s[2], s[3]}, in[1], g)
			}
			return opConv2d.two(a.convAt, in[0], g)
		},
		ONNX: func(e Emitter, a convWeightAt, in []Value, _ Value) string {
			// A convolution whose channels are the images: x as (c/groups,groups*n,h,w) with kernels g as (o,n,oh,ow), where
			// stride and dilation have changed places. Its result (c/groups,o,...) may be larger than the kernel.
			x, g := in[0].Shape, in[1].Shape
			apart := e.Node("Reshape", []string{in[0].Name, axesConst(e, 0, a.Groups, x[1]/a.Groups, x[2], x[3])}, []Attr{{"allowzero", 0}})
			turned := e.Node("Transpose", []string{apart}, []Attr{{"perm", []int{2, 1, 0, 3, 4}}})
			images := e.Node("Reshape", []string{turned, axesConst(e, x[1]/a.Groups, -1, x[2], x[3])}, []Attr{{"allowzero", 0}})
			kernels := e.Node("Transpose", []string{in[1].Name}, []Attr{{"perm", []int{1, 0, 2, 3}}})
			swapped := convAt{a.Dilation, a.Pad, a.Stride, a.Groups}
			y := e.Node("Conv", []string{images, kernels}, swapped.attrs(g[2], g[3]))
			y = e.Node("Slice", []string{y, axesConst(e, 0, 0), axesConst(e, a.KH, a.KW), axesConst(e, 2, 3), axesConst(e, 1, 1)}, nil)
			return e.Node("Transpose", []string{y}, []Attr{{"perm", []int{1, 0, 2, 3}}})
		},
		Cases: []sample[convWeightAt]{
			{at: convWeightAt{plainConv, 3, 3}, in: []Shape{{2, 2, 4, 4}, {2, 3, 2, 2}}}, {at: convWeightAt{strided, 3, 2}, in: []Shape{{1, 2, 5, 4}, {1, 2, 3, 3}}},
		},
	})
}

// Conv2d convolves images x (n,c,h,w) with kernels w (o,c,kh,kw) (without turning them round, as networks do) and adds b (o),
// unless it is nil; the result is (n,o,oh,ow) with oh = (h+2 pad-kh)/stride+1. It panics when the shapes do not fit.
func (x *Tensor) Conv2d(w, b *Tensor, stride, pad int) *Tensor {
	return x.Conv2dWith(w, b, ConvOptions{Stride: [2]int{stride, stride}, Pad: [2]int{pad, pad}})
}

// Conv2dWith is Conv2d with all its settings; w is (o,c/groups,kh,kw).
func (x *Tensor) Conv2dWith(w, b *Tensor, o ConvOptions) *Tensor {
	a := o.at("Conv2d")
	if b == nil {
		return opConv2d.two(a, x, w)
	}
	return opConv2dBias.three(a, x, w, b)
}

// at checks the settings and writes out what 0 stands for.
func (o ConvOptions) at(op string) convAt {
	a := convAt(o)
	for i := range 2 {
		if a.Stride[i] == 0 {
			a.Stride[i] = 1
		}
		if a.Dilation[i] == 0 {
			a.Dilation[i] = 1
		}
		if a.Stride[i] < 0 || a.Dilation[i] < 0 || a.Pad[i] < 0 {
			fail(op, "", "negative setting in %+v", o)
		}
	}
	if a.Groups == 0 {
		a.Groups = 1
	}
	if a.Groups < 0 {
		fail(op, "", "negative setting in %+v", o)
	}
	return a
}

// ConvTranspose2d is the reverse of Conv2d in its shapes: x (n,c,h,w) with kernels w (c,o,kh,kw) and bias b (o), or nil, is
// (n,o,oh,ow) with oh = (h-1) stride-2 pad+kh. It panics when the shapes do not fit.
func (x *Tensor) ConvTranspose2d(w, b *Tensor, stride, pad int) *Tensor {
	o := ConvOptions{Stride: [2]int{stride, stride}, Pad: [2]int{pad, pad}}
	return x.ConvTranspose2dWith(w, b, [2]int{}, o)
}

// ConvTranspose2dWith is ConvTranspose2d with all settings: the kernels are (c,o/groups,kh,kw), and the image of the result gets
// extra rows and columns, fewer than the stride, that the last windows do not reach (PyTorch's and ONNX's output_padding).
func (x *Tensor) ConvTranspose2dWith(w, b *Tensor, extra [2]int, options ConvOptions) *Tensor {
	const op = "ConvTranspose2d"
	x.check(op)
	w.check(op)
	a := options.at(op)
	if x.Rank() != 4 || w.Rank() != 4 || x.a.Shape[1] != w.a.Shape[0] || w.a.Shape[0]%a.Groups != 0 {
		fail(op, "", "cannot convolve %v with %v backwards in %d groups: want (n,c,h,w) and (c,o/groups,kh,kw)", x.shape(), w.shape(), a.Groups)
	}
	var size [2]int
	for i := range size {
		if extra[i] < 0 || extra[i] >= a.Stride[i] && extra[i] > 0 {
			fail(op, "", "extra size %v: want 0 to the stride %v less one", extra, a.Stride)
		}
		size[i] = (x.a.Shape[i+2]-1)*a.Stride[i] - 2*a.Pad[i] + (w.a.Shape[i+2]-1)*a.Dilation[i] + 1 + extra[i]
		if size[i] <= 0 {
			fail(op, "", "padding %v leaves nothing of %v with kernels %v", a.Pad, x.shape(), w.shape())
		}
	}
	if b == nil {
		return opConv2dInput.two(convInputAt{a, size[0], size[1]}, x, w)
	}
	return opConv2dInputBias.three(convInputAt{a, size[0], size[1]}, x, w, b)
}
