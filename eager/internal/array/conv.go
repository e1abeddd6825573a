package array

import "github.com/tapir-go/tapir/eager/internal/simd"

// ConvParams are the sizes of a two-dimensional convolution: x (N,C,H,W), w (O,C/Groups,KH,KW), y (N,O,OutH,OutW).
type ConvParams struct {
	N, C, H, W int
	O, KH, KW  int
	Stride     [2]int // down, across; 1 or more
	Pad        [2]int // zeros above and below, left and right
	Dilation   [2]int // 1 or more
	Groups     int    // 1 or more; divides C and O
}

// OutH is the height of the result, 0 if the kernel is larger than the padded image.
func (p *ConvParams) OutH() int {
	return windows(p.H, p.KH, p.Stride[0], p.Pad[0], p.Dilation[0])
}

// OutW is the width of the result, 0 if the kernel is larger than the padded image.
func (p *ConvParams) OutW() int {
	return windows(p.W, p.KW, p.Stride[1], p.Pad[1], p.Dilation[1])
}

// windows is how many places a window of k has in n numbers with pad zeros on both sides.
func windows(n, k, stride, pad, dilation int) int {
	room := n + 2*pad - ((k-1)*dilation + 1)
	if room < 0 || k == 0 {
		return 0
	}
	return room/stride + 1
}

// Conv2d32 sets y to the convolution (cross-correlation, as networks mean it) of x with w, plus the bias of each map, nil for
// none. Like the other convolutions it adds up in an order that depends on the sizes alone.
func Conv2d32(y, x, w, bias []float32, p ConvParams) {
	y = y[:p.N*p.O*p.OutH()*p.OutW()]
	switch t := simd.Window32(); {
	case p.empty() || len(y) == 0:
		clear(y)
	case t != nil && p.suitsWinograd():
		winogradForward(y, x, w, bias, p)
		return
	case t != nil && p.suitsTurned(p.C, p.O):
		turnedForward(y, x, w, bias, p)
		return
	case t != nil && !p.heavy():
		convWindows(t, y, x, w, bias, p.oneRow())
		return
	default:
		convColumns(y, x, w, p, MatMul32)
	}
	addChannels(y, bias, p.OutH()*p.OutW())
}

// Conv2dInput32 sets dx to the gradient of a convolution's input, from g, the gradient of its result, and w, plus a bias for
// each channel, nil for none.
func Conv2dInput32(dx, g, w, bias []float32, p ConvParams) {
	dx = dx[:p.N*p.C*p.H*p.W]
	switch t := simd.Window32(); {
	case p.empty() || p.OutH()*p.OutW() == 0:
		clear(dx)
	case t != nil && p.suitsWinograd():
		winogradInput(dx, g, w, bias, p)
		return
	case t != nil && p.suitsTurned(p.O, p.C):
		turnedInput(dx, g, w, bias, p)
		return
	case t != nil && !p.heavy():
		convInputWindows(t, dx, g, w, bias, p.oneRow())
		return
	default:
		convInputColumns(dx, g, w, p, MatMul32)
	}
	addChannels(dx, bias, p.H*p.W)
}

// addChannels adds the bias of each channel, nil for none, to planes of size numbers.
func addChannels[T real](y, bias []T, size int) {
	if bias == nil || size == 0 {
		return
	}
	Parallel(len(y)/size, 1+(1<<15)/size, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			v, plane := bias[i%len(bias)], y[i*size:][:size]
			if f, ok := any(plane).([]float32); ok {
				simd.AddS(f, f, float32(v))
				continue
			}
			for k := range plane {
				plane[k] += v
			}
		}
	})
}

// Conv2dWeight32 sets dw to the gradient of a convolution's weights, from its input x and g, the gradient of its result.
func Conv2dWeight32(dw, x, g []float32, p ConvParams) {
	dw = dw[:p.O*p.C/p.Groups*p.KH*p.KW]
	switch t := simd.Window32(); {
	case p.empty() || p.OutH()*p.OutW() == 0:
		clear(dw)
	case t != nil && p.suitsWinograd():
		winogradWeight(dw, x, g, p)
	case t != nil && p.suitsGather(simd.Gather32()):
		convWeightGather(simd.Gather32(), dw, x, g, p.oneRow())
	case t != nil && !p.heavy():
		convWeightWindows(t, dw, x, g, p.oneRow())
	default:
		convWeightColumns(dw, x, g, p, MatMul32)
	}
}

// Conv2d64 is Conv2d32 for float64.
func Conv2d64(y, x, w, bias []float64, p ConvParams) {
	y = y[:p.N*p.O*p.OutH()*p.OutW()]
	if p.empty() || len(y) == 0 {
		clear(y)
	} else {
		convColumns(y, x, w, p, MatMul64)
	}
	addChannels(y, bias, p.OutH()*p.OutW())
}

// Conv2dInput64 is Conv2dInput32 for float64.
func Conv2dInput64(dx, g, w, bias []float64, p ConvParams) {
	dx = dx[:p.N*p.C*p.H*p.W]
	if p.empty() || p.OutH()*p.OutW() == 0 {
		clear(dx)
	} else {
		convInputColumns(dx, g, w, p, MatMul64)
	}
	addChannels(dx, bias, p.H*p.W)
}

// Conv2dWeight64 is Conv2dWeight32 for float64.
func Conv2dWeight64(dw, x, g []float64, p ConvParams) {
	dw = dw[:p.O*p.C/p.Groups*p.KH*p.KW]
	if p.empty() || p.OutH()*p.OutW() == 0 {
		clear(dw)
		return
	}
	convWeightColumns(dw, x, g, p, MatMul64)
}

// empty says whether there is nothing to add up.
func (p *ConvParams) empty() bool { return p.N*p.C*p.H*p.W*p.O*p.KH*p.KW == 0 }

// flat says whether a pixel's window is the pixel.
func (p *ConvParams) flat() bool {
	return p.KH == 1 && p.KW == 1 && p.Stride == [2]int{1, 1} && p.Pad == [2]int{}
}

// heavy says whether images are so small, and kernels so many, that what matters is to read the kernels no more than once.
func (p *ConvParams) heavy() bool {
	_, og, k, pixels := p.column()
	return og*k > 1<<18 && pixels < 100 && p.Stride == [2]int{1, 1}
}

// oneRow is p with images as one row if a pixel's window is the pixel.
func (p ConvParams) oneRow() ConvParams {
	if p.flat() {
		p.W, p.H = p.H*p.W, 1
	}
	return p
}
