package onnx

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// Convolutions and poolings. Signals (n,c,l) are images of one row.

// positions are the axes of x behind its channels.
func positions(x *eager.Tensor) (axes []int) {
	for axis := 2; axis < x.Rank(); axis++ {
		axes = append(axes, axis)
	}
	return axes
}

// image is x as images, and what undoes that.
func image(x *eager.Tensor) (y *eager.Tensor, back func(*eager.Tensor) *eager.Tensor) {
	if x.Rank() == 3 {
		return x.Unsqueeze(2), func(y *eager.Tensor) *eager.Tensor { return y.Squeeze(2) }
	}
	return x, func(y *eager.Tensor) *eager.Tensor { return y }
}

// pair is an attribute of one number an axis, such as strides; first is that of the row of a signal.
func (c *call) pair(name string, first, otherwise int) [2]int {
	v := c.ints(name)
	switch len(v) {
	case 0:
		if c.x(0).Rank() == 3 {
			return [2]int{first, otherwise}
		}
		return [2]int{otherwise, otherwise}
	case 1:
		return [2]int{first, v[0]}
	case 2:
		return [2]int{v[0], v[1]}
	}
	panic(badNode(fmt.Sprintf("attribute %q has %d values: only one and two axes are supported", name, len(v))))
}

// pads is the padding before and after two axes of images of size h, for windows of k.
func (c *call) pads(size, k, stride, dilation [2]int) (before, after [2]int) {
	v := c.ints("pads")
	switch auto := attr(c, "auto_pad", "NOTSET"); auto {
	case "NOTSET", "":
		switch len(v) {
		case 0:
		case 2:
			before[1], after[1] = v[0], v[1]
		case 4:
			before, after = [2]int{v[0], v[1]}, [2]int{v[2], v[3]}
		default:
			panic(badNode(fmt.Sprintf("pads %v: only one and two axes are supported", v)))
		}
	case "VALID":
	case "SAME_UPPER", "SAME_LOWER": // as many windows as steps; an odd zero goes to the end or the beginning
		for i := range 2 {
			windows := (size[i] + stride[i] - 1) / stride[i]
			all := max(0, (windows-1)*stride[i]+(k[i]-1)*dilation[i]+1-size[i])
			before[i], after[i] = all/2, all-all/2
			if auto == "SAME_LOWER" {
				before[i], after[i] = after[i], before[i]
			}
		}
	default:
		panic(badNode(fmt.Sprintf("auto_pad %q is not supported", auto)))
	}
	return before, after
}

// equalPads is pads where both ends must have the same.
func (c *call) equalPads(size, k, stride, dilation [2]int) [2]int {
	before, after := c.pads(size, k, stride, dilation)
	if before != after {
		panic(badNode(fmt.Sprintf("padding %v before and %v after is not supported: want the same at both ends", before, after)))
	}
	return before
}

func sizes(x *eager.Tensor) [2]int { return [2]int{x.Dim(2), x.Dim(3)} }

func (c *call) convOptions() eager.ConvOptions {
	return eager.ConvOptions{Stride: c.pair("strides", 1, 1), Dilation: c.pair("dilations", 1, 1), Groups: c.int("group", 1)}
}

func conv(c *call) *eager.Tensor {
	o := c.convOptions()
	x, back := image(c.x(0))
	w, _ := image(c.x(1))
	before, after := c.pads(sizes(x), sizes(w), o.Stride, o.Dilation)
	if before == after {
		o.Pad = before
	} else {
		x = x.Pad(2, before[0], after[0]).Pad(3, before[1], after[1])
	}
	return back(x.Conv2dWith(w, c.optional(2), o))
}

func convTranspose(c *call) *eager.Tensor {
	if auto := attr(c, "auto_pad", "NOTSET"); c.ints("output_shape") != nil || auto != "NOTSET" && auto != "VALID" {
		panic(badNode("a shape of the result that is given, or follows from auto_pad, is not supported"))
	}
	o := c.convOptions()
	x, back := image(c.x(0))
	w, _ := image(c.x(1))
	o.Pad = c.equalPads(sizes(x), sizes(w), o.Stride, o.Dilation)
	return back(x.ConvTranspose2dWith(w, c.optional(2), c.pair("output_padding", 0, 0), o))
}

// pool is images, what undoes that, and the settings of a pooling of them.
func (c *call) pool() (x *eager.Tensor, back func(*eager.Tensor) *eager.Tensor, o eager.PoolOptions) {
	one := [2]int{1, 1}
	if c.int("ceil_mode", 0) != 0 || c.pair("dilations", 1, 1) != one {
		panic(badNode("ceil_mode and dilations are not supported"))
	}
	o = eager.PoolOptions{K: c.pair("kernel_shape", 1, 0), Stride: c.pair("strides", 1, 1)}
	x, back = image(c.x(0))
	o.Pad = c.equalPads(sizes(x), o.K, o.Stride, one)
	return x, back, o
}

// maxPool has the indices of the values as its second result.
func maxPool(c *call) *eager.Tensor {
	x, back, o := c.pool()
	if len(c.node.Out) > 1 {
		c.more = []*eager.Tensor{back(x.MaxPool2dIndicesWith(o))}
	}
	return back(x.MaxPool2dWith(o))
}

func averagePool(c *call) *eager.Tensor {
	x, back, o := c.pool()
	o.CountPad = c.int("count_include_pad", 0) != 0
	return back(x.AvgPool2dWith(o))
}
