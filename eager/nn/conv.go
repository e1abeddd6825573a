package nn

import (
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// Conv2d is a convolution over images: x (n,in,h,w) to (n,out,h',w'), h' = (h+2*pad-k)/stride + 1 with kernels of k x k.
type Conv2d struct {
	Weight *eager.Tensor // (out,in/groups,k,k)
	Bias   *eager.Tensor // (out), or nil
	// Options are stride, padding, dilation and groups.
	Options eager.ConvOptions
}

// NewConv2d makes a convolution with kernels of k x k, stride 1 and no padding. Weight and bias are uniform within
// 1/sqrt(in*k*k), as in PyTorch.
func NewConv2d(rng *eager.Rand, in, out, k int) *Conv2d {
	return NewConv2dWith(rng, in, out, k, eager.ConvOptions{})
}

// NewConv2dPad makes a convolution of that stride and padding: with pad k/2 for odd k and stride 1 images keep their size.
func NewConv2dPad(rng *eager.Rand, in, out, k, stride, pad int) *Conv2d {
	return NewConv2dWith(rng, in, out, k, eager.ConvOptions{Stride: [2]int{stride, stride}, Pad: [2]int{pad, pad}})
}

// NewConv2dWith makes a convolution with all options; 0 for stride, dilation or groups stands for 1.
func NewConv2dWith(rng *eager.Rand, in, out, k int, o eager.ConvOptions) *Conv2d {
	seeded("NewConv2d", rng)
	positive("NewConv2d", "in", in)
	positive("NewConv2d", "out", out)
	positive("NewConv2d", "k", k)
	o = defaults(o)
	if in%o.Groups != 0 || out%o.Groups != 0 {
		panic(&eager.Error{Op: "NewConv2d", Text: fmt.Sprintf("%d groups do not divide %d input and %d output channels", o.Groups, in, out)})
	}
	a := 1 / math.Sqrt(float64(in/o.Groups*k*k))
	return &Conv2d{
		Weight:  eager.Param("weight", rng.Uniform(-a, a, out, in/o.Groups, k, k)),
		Bias:    eager.Param("bias", rng.Uniform(-a, a, out)),
		Options: o,
	}
}

func defaults(o eager.ConvOptions) eager.ConvOptions {
	for i := range 2 {
		if o.Stride[i] == 0 {
			o.Stride[i] = 1
		}
		if o.Dilation[i] == 0 {
			o.Dilation[i] = 1
		}
	}
	if o.Groups == 0 {
		o.Groups = 1
	}
	return o
}

// Forward is the convolution of x (n,in,h,w).
func (l *Conv2d) Forward(x *eager.Tensor) *eager.Tensor {
	return x.Conv2dWith(l.Weight, l.Bias, l.Options)
}

// Params are weight and bias.
func (l *Conv2d) Params() []*eager.Tensor { return given(l.Weight, l.Bias) }

// Conv1d is a convolution over signals: x (n,in,l) to (n,out,l'), l' = (l+2*pad-k)/stride + 1 with kernels of k.
type Conv1d struct {
	Weight *eager.Tensor // (out,in/groups,k)
	Bias   *eager.Tensor // (out), or nil
	// Options are stride, padding, dilation and groups.
	Options eager.Conv1dOptions
}

// NewConv1d makes a convolution with kernels of k; 0 for stride, dilation or groups stands for 1. Weight and bias are uniform
// within 1/sqrt(in/groups*k), as in PyTorch.
func NewConv1d(rng *eager.Rand, in, out, k int, o eager.Conv1dOptions) *Conv1d {
	seeded("NewConv1d", rng)
	positive("NewConv1d", "in", in)
	positive("NewConv1d", "out", out)
	positive("NewConv1d", "k", k)
	groups := max(o.Groups, 1)
	if in%groups != 0 || out%groups != 0 {
		panic(&eager.Error{Op: "NewConv1d", Text: fmt.Sprintf("%d groups do not divide %d input and %d output channels", groups, in, out)})
	}
	a := 1 / math.Sqrt(float64(in/groups*k))
	return &Conv1d{
		Weight:  eager.Param("weight", rng.Uniform(-a, a, out, in/groups, k)),
		Bias:    eager.Param("bias", rng.Uniform(-a, a, out)),
		Options: o,
	}
}

// Forward is the convolution of x (n,in,l).
func (l *Conv1d) Forward(x *eager.Tensor) *eager.Tensor {
	return x.Conv1dWith(l.Weight, l.Bias, l.Options)
}

// Params are weight and bias.
func (l *Conv1d) Params() []*eager.Tensor { return given(l.Weight, l.Bias) }

// ConvTranspose2d is the transpose of a convolution, which makes images larger: x (n,in,h,w) to (n,out,h',w'),
// h' = (h-1)*stride - 2*pad + k + extra.
type ConvTranspose2d struct {
	Weight *eager.Tensor // (in,out/groups,k,k)
	Bias   *eager.Tensor // (out), or nil
	// Options are stride, padding, dilation and groups.
	Options eager.ConvOptions
	Extra   [2]int // rows and columns that the last windows do not reach, fewer than the stride: PyTorch's output_padding
}

// NewConvTranspose2d makes a transposed convolution with kernels of k x k; k 4, stride 2, pad 1 doubles the size. Weight
// and bias are uniform within 1/sqrt(out*k*k), as in PyTorch.
func NewConvTranspose2d(rng *eager.Rand, in, out, k, stride, pad int) *ConvTranspose2d {
	positive("NewConvTranspose2d", "stride", stride)
	return NewConvTranspose2dWith(rng, in, out, k, [2]int{}, eager.ConvOptions{Stride: [2]int{stride, stride}, Pad: [2]int{pad, pad}})
}

// NewConvTranspose2dWith makes a transposed convolution with all options; 0 for stride, dilation or groups stands for 1. Weight
// and bias are uniform within 1/sqrt(out/groups*k*k), as in PyTorch.
func NewConvTranspose2dWith(rng *eager.Rand, in, out, k int, extra [2]int, o eager.ConvOptions) *ConvTranspose2d {
	seeded("NewConvTranspose2d", rng)
	positive("NewConvTranspose2d", "in", in)
	positive("NewConvTranspose2d", "out", out)
	positive("NewConvTranspose2d", "k", k)
	o = defaults(o)
	if in%o.Groups != 0 || out%o.Groups != 0 {
		panic(&eager.Error{Op: "NewConvTranspose2d", Text: fmt.Sprintf("%d groups do not divide %d input and %d output channels", o.Groups, in, out)})
	}
	a := 1 / math.Sqrt(float64(out/o.Groups*k*k))
	return &ConvTranspose2d{
		Weight:  eager.Param("weight", rng.Uniform(-a, a, in, out/o.Groups, k, k)),
		Bias:    eager.Param("bias", rng.Uniform(-a, a, out)),
		Options: o,
		Extra:   extra,
	}
}

// Forward is the transposed convolution of x (n,in,h,w).
func (l *ConvTranspose2d) Forward(x *eager.Tensor) *eager.Tensor {
	return x.ConvTranspose2dWith(l.Weight, l.Bias, l.Extra, l.Options)
}

// Params are weight and bias.
func (l *ConvTranspose2d) Params() []*eager.Tensor { return given(l.Weight, l.Bias) }

// MaxPool2d takes the largest of each k x k window: x (n,c,h,w) to (n,c,h',w'), h' = (h+2*pad-k)/stride + 1.
type MaxPool2d struct{ K, Stride, Pad int }

// NewMaxPool2d makes a pooling layer with windows of k x k that are stride apart.
func NewMaxPool2d(k, stride int) *MaxPool2d { return NewMaxPool2dPad(k, stride, 0) }

// NewMaxPool2dPad makes a pooling layer with padding, which is never the largest: at most k/2.
func NewMaxPool2dPad(k, stride, pad int) *MaxPool2d {
	pooling("NewMaxPool2d", k, stride, pad)
	return &MaxPool2d{k, stride, pad}
}

// pooling checks the settings of a pooling layer.
func pooling(op string, k, stride, pad int) {
	positive(op, "k", k)
	positive(op, "stride", stride)
	if pad < 0 || pad > k/2 {
		panic(&eager.Error{Op: op, Text: fmt.Sprintf("padding %d: want 0 to half a window of %d", pad, k)})
	}
}

// Forward is the largest of each window.
func (l *MaxPool2d) Forward(x *eager.Tensor) *eager.Tensor {
	return x.MaxPool2dWith(eager.PoolOptions{K: [2]int{l.K, l.K}, Stride: [2]int{l.Stride, l.Stride}, Pad: [2]int{l.Pad, l.Pad}})
}

// Params are none.
func (*MaxPool2d) Params() []*eager.Tensor { return nil }

// AvgPool2d takes the mean of each k x k window: x (n,c,h,w) to (n,c,h',w'), h' = (h+2*pad-k)/stride + 1.
type AvgPool2d struct{ K, Stride, Pad int }

// NewAvgPool2d makes a pooling layer with windows of k x k that are stride apart.
func NewAvgPool2d(k, stride int) *AvgPool2d { return NewAvgPool2dPad(k, stride, 0) }

// NewAvgPool2dPad makes a pooling layer with padding, at most k/2, which counts as zeros, as in PyTorch.
func NewAvgPool2dPad(k, stride, pad int) *AvgPool2d {
	pooling("NewAvgPool2d", k, stride, pad)
	return &AvgPool2d{k, stride, pad}
}

// Forward is the mean of each window.
func (l *AvgPool2d) Forward(x *eager.Tensor) *eager.Tensor {
	return x.AvgPool2dWith(eager.PoolOptions{K: [2]int{l.K, l.K}, Stride: [2]int{l.Stride, l.Stride}, Pad: [2]int{l.Pad, l.Pad}, CountPad: true})
}

// Params are none.
func (*AvgPool2d) Params() []*eager.Tensor { return nil }
