package onnx

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

// signals are windows, Fourier transforms and what goes with them.
var signals = map[string]operator{
	"HannWindow":      func(c *call) *eager.Tensor { return cosines(c, 0.5, 0.5, 0) },
	"HammingWindow":   func(c *call) *eager.Tensor { return cosines(c, 25.0/46, 21.0/46, 0) },
	"BlackmanWindow":  func(c *call) *eager.Tensor { return cosines(c, 0.42, 0.5, 0.08) },
	"DFT":             dft,
	"STFT":            stft,
	"MelWeightMatrix": melWeights,
}

// kind is the engine's kind for the type that an attribute names.
func (c *call) kind(name string, otherwise ElemType) eager.DType {
	c.as = ElemType(c.int(name, int64(otherwise)))
	d, err := dtype(c.as)
	if err != nil {
		refuse("%v", err)
	}
	return d
}

// cosines is a window a - b cos + c cos of twice the angle.
func cosines(c *call, a, b, twice float64) *eager.Tensor {
	n := wanted([]int{int(c.number(0, 0))})[0]
	around := float64(n)
	if c.int("periodic", 1) == 0 {
		around--
	}
	v := make([]float64, n)
	for i := range v {
		angle := 2 * math.Pi * float64(i) / around
		v[i] = a - b*math.Cos(angle) + twice*math.Cos(2*angle)
	}
	return eager.FromFloat64(v, n).To(c.kind("output_datatype", Float))
}

// fourier multiplies the last axis of a real and an imaginary part, nil for zeros, with the matrix of a transform of n.
func fourier(re, im *eager.Tensor, n, out int, inverse bool) (*eager.Tensor, *eager.Tensor) {
	wanted([]int{n, out})
	from := re.Dim(-1)
	cos, sin := make([]float64, from*out), make([]float64, from*out)
	sign, scale := -1.0, 1.0
	if inverse {
		sign, scale = 1, 1/float64(n)
	}
	for t := range from {
		for f := range out {
			s, k := math.Sincos(2 * math.Pi * float64(t*f%n) / float64(n))
			cos[t*out+f], sin[t*out+f] = k*scale, sign*s*scale
		}
	}
	c, s := numbers(re, cos, from, out), numbers(re, sin, from, out)
	a, b := re.MatMul(c), re.MatMul(s)
	if im != nil {
		a, b = a.Sub(im.MatMul(s)), b.Add(im.MatMul(c))
	}
	return a, b
}

// parts are the real and the imaginary part of the last axis.
func parts(x *eager.Tensor) (re, im *eager.Tensor) {
	re = x.Slice(-1, 0, 1).Squeeze(-1)
	if x.Dim(-1) == 2 {
		im = x.Slice(-1, 1, 2).Squeeze(-1)
	}
	return re, im
}

func dft(c *call) *eager.Tensor {
	x := c.x(0)
	if x.Rank() < 2 || x.Dim(-1) != 1 && x.Dim(-1) != 2 {
		refuse("its last axis must be of 1 or 2, got %v", x.Shape())
	}
	at := c.int("axis", 1)
	if c.env.opset >= 20 {
		at = int(c.number(2, -2))
	}
	a := axis(at, x.Rank())
	if a == x.Rank()-1 {
		refuse("the axis of the parts cannot be transformed")
	}
	n := int(c.number(1, float64(x.Dim(a))))
	wanted([]int{n, n})
	if n < 1 {
		refuse("a length of %d", n)
	}
	if d := x.Dim(a); d > n {
		x = x.Slice(a, 0, n)
	} else if d < n {
		x = x.Pad(a, 0, n-d)
	}
	out := n
	if c.int("onesided", 0) != 0 {
		out = n/2 + 1
	}
	re, im := parts(x)
	perm := swapped(re.Rank(), a)
	re = re.Transpose(perm...)
	if im != nil {
		im = im.Transpose(perm...)
	}
	re, im = fourier(re, im, n, out, c.int("inverse", 0) != 0)
	return eager.Stack(re.Rank(), []*eager.Tensor{re.Transpose(perm...), im.Transpose(perm...)})
}

// stft transforms windows of a signal (n,length) or (n,length,1 or 2): (n,frames,frequencies,2).
func stft(c *call) *eager.Tensor {
	x, step := c.x(0), int(c.number(1, 0))
	if x.Rank() == 2 {
		x = x.Unsqueeze(2)
	}
	if x.Rank() != 3 || x.Dim(2) != 1 && x.Dim(2) != 2 || step < 1 {
		refuse("%v in steps of %d: want (n,length), (n,length,1) or (n,length,2)", x.Shape(), step)
	}
	window := c.optional(2)
	length := x.Dim(1)
	switch v := c.optional(3); {
	case v != nil:
		length = int(v.Reshape().Item())
	case window != nil:
		length = window.Size()
	}
	frames := (x.Dim(1)-length)/step + 1
	if length < 1 || length > x.Dim(1) {
		refuse("frames of %d of a signal of %d", length, x.Dim(1))
	}
	var places []int
	for f := range frames {
		for t := range length {
			places = append(places, f*step+t)
		}
	}
	out := length
	if c.int("onesided", 1) != 0 {
		out = length/2 + 1
	}
	at := eager.FromInts(places, frames, length)
	re, im := parts(x)
	cut := func(x *eager.Tensor) *eager.Tensor {
		if x == nil {
			return nil
		}
		x = x.Take(1, at)
		if window != nil {
			x = x.Mul(window)
		}
		return x
	}
	re, im = fourier(cut(re), cut(im), length, out, false)
	return eager.Stack(3, []*eager.Tensor{re, im})
}

// melWeights is the triangles (frequencies,mels) that turn a spectrum into one by pitch.
func melWeights(c *call) *eager.Tensor {
	mels, length, rate := int(c.number(0, 0)), int(c.number(1, 0)), c.number(2, 0)
	lo, hi := c.number(3, 0), c.number(4, 0)
	rows := length/2 + 1
	wanted([]int{rows, mels})
	mel := func(f float64) float64 { return 2595 * math.Log10(1+f/700) }
	bins := make([]int, mels+2)
	step := (mel(hi) - mel(lo)) / float64(mels+2)
	for i := range bins {
		f := 700 * (math.Pow(10, (mel(lo)+float64(i)*step)/2595) - 1)
		bins[i] = int(math.Floor(float64(length+1) * f / rate))
	}
	v := make([]float64, rows*mels)
	for m := range mels {
		left, top, right := bins[m], bins[m+1], bins[m+2]
		put := func(row int, w float64) {
			if row < 0 || row >= rows {
				refuse("frequency %d of %d", row, rows)
			}
			v[row*mels+m] = w
		}
		if top == left {
			put(top, 1)
		}
		for j := left; j <= top && top > left; j++ {
			put(j, float64(j-left)/float64(top-left))
		}
		for j := top; j < right; j++ {
			put(j, float64(right-j)/float64(right-top))
		}
	}
	return eager.FromFloat64(v, rows, mels).To(c.kind("output_datatype", Float))
}
