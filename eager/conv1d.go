package eager

// Conv1dOptions are the settings of a one-dimensional convolution. Zero values stand for 1, but for Pad.
type Conv1dOptions struct {
	Stride   int
	Pad      int // zeros on both sides
	Dilation int // distance of the kernel's elements
	Groups   int // parts of the channels that are convolved apart
}

// flat are the settings of the convolution of images of one row.
func (o Conv1dOptions) flat() ConvOptions {
	return ConvOptions{Stride: [2]int{1, o.Stride}, Pad: [2]int{0, o.Pad}, Dilation: [2]int{1, o.Dilation}, Groups: o.Groups}
}

// Conv1d convolves signals x (n,c,l) with kernels w (o,c,k) (without turning them round, as networks do) and adds b (o), unless it
// is nil; the result is (n,o,m) with m = (l+2 pad-k)/stride+1. It panics when the shapes do not fit.
func (x *Tensor) Conv1d(w, b *Tensor, stride, pad int) *Tensor {
	return x.Conv1dWith(w, b, Conv1dOptions{Stride: stride, Pad: pad})
}

// Conv1dWith is Conv1d with all its settings; w is (o,c/groups,k).
func (x *Tensor) Conv1dWith(w, b *Tensor, o Conv1dOptions) *Tensor {
	const op = "Conv1d"
	x.check(op)
	w.check(op)
	if x.Rank() != 3 || w.Rank() != 3 {
		fail(op, "", "cannot convolve %v with %v: want (n,c,l) and (o,c,k)", x.shape(), w.shape())
	}
	return x.Unsqueeze(2).Conv2dWith(w.Unsqueeze(2), b, o.flat()).Squeeze(2)
}

// ConvTranspose1d is the reverse of Conv1d in its shapes: x (n,c,l) with kernels w (c,o,k) and bias b (o), or nil, is (n,o,m) with
// m = (l-1) stride-2 pad+k. It panics when the shapes do not fit.
func (x *Tensor) ConvTranspose1d(w, b *Tensor, stride, pad int) *Tensor {
	return x.ConvTranspose1dWith(w, b, 0, Conv1dOptions{Stride: stride, Pad: pad})
}

// ConvTranspose1dWith is ConvTranspose1d with all settings: the kernels are (c,o/groups,k), and the result gets extra numbers at its
// end, fewer than the stride, that the last window does not reach (PyTorch's and ONNX's output_padding).
func (x *Tensor) ConvTranspose1dWith(w, b *Tensor, extra int, o Conv1dOptions) *Tensor {
	const op = "ConvTranspose1d"
	x.check(op)
	w.check(op)
	if x.Rank() != 3 || w.Rank() != 3 {
		fail(op, "", "cannot convolve %v with %v backwards: want (n,c,l) and (c,o,k)", x.shape(), w.shape())
	}
	return x.Unsqueeze(2).ConvTranspose2dWith(w.Unsqueeze(2), b, [2]int{0, extra}, o.flat()).Squeeze(2)
}
