package onnx

import (
	"math"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// Convolutions and poolings over any number of axes. What the engine has ops for, images and signals (n,c,l) as images of
// one row with equal padding at both ends, goes to these; the rest is taken apart into windows.

var windowed = map[string]operator{
	"Conv":              conv,
	"ConvTranspose":     convTranspose,
	"MaxPool":           maxPool,
	"AveragePool":       averagePool,
	"LpPool":            lpPool,
	"GlobalAveragePool": func(c *call) *eager.Tensor { return c.x(0).Mean(positions(c.x(0))...) },
	"GlobalMaxPool":     func(c *call) *eager.Tensor { return c.x(0).Max(positions(c.x(0))...) },
	"GlobalLpPool":      globalLpPool,
	"MaxUnpool":         maxUnpool,
}

// positions are the axes of x behind its channels.
func positions(x *eager.Tensor) (axes []int) {
	for axis := 2; axis < x.Rank(); axis++ {
		axes = append(axes, axis)
	}
	if axes == nil {
		refuse("it needs axes behind the channels, got %v", x.Shape())
	}
	return axes
}

// window is the settings of a convolution or pooling, one number for each axis behind the channels.
type window struct {
	size, k, stride, dilation []int
	before, after             []int // padding
	ceil                      bool
	given                     bool // padding that auto_pad has not found out
}

// window reads the settings of a node for x with kernels of k.
func (c *call) window(x *eager.Tensor, k []int) window {
	n := len(positions(x))
	w := window{size: x.Shape()[2:], k: k, ceil: c.int("ceil_mode", 0) != 0, given: true}
	if len(k) != n {
		refuse("windows %v in %v", k, x.Shape())
	}
	w.stride, w.dilation = c.each("strides", n, 1), c.each("dilations", n, 1)
	for i := range k {
		if k[i] < 1 || w.stride[i] < 1 || w.dilation[i] < 1 {
			refuse("windows %v, strides %v and dilations %v must be above 0", k, w.stride, w.dilation)
		}
		wanted([]int{k[i], w.dilation[i]})
	}
	pads := c.each("pads", 2*n, 0)
	w.before, w.after = pads[:n], pads[n:]
	whole := []int(x.Shape())
	for i, p := range pads {
		if p < 0 {
			refuse("padding by %v", pads)
		}
		whole[2+i%n] += wanted([]int{p})[0]
	}
	wanted(whole)
	return w
}

// each is an attribute of n integers, all otherwise when it is left out.
func (c *call) each(name string, n, otherwise int) []int {
	v := c.ints(name)
	if v == nil {
		return slices.Repeat([]int{otherwise}, n)
	}
	if len(v) != n {
		refuse("attribute %q has %d values, want %d", name, len(v), n)
	}
	return v
}

// reach is how far a window reaches.
func (w *window) reach(i int) int { return (w.k[i]-1)*w.dilation[i] + 1 }

// auto finds the padding that auto_pad asks for: with SAME as many windows as steps, an odd zero at the end or the beginning.
func (w *window) auto(c *call) {
	switch auto := c.text("auto_pad", "NOTSET"); auto {
	case "NOTSET", "":
	case "VALID":
		w.before, w.after = make([]int, len(w.k)), make([]int, len(w.k))
	case "SAME_UPPER", "SAME_LOWER":
		w.before, w.after = make([]int, len(w.k)), make([]int, len(w.k))
		for i, n := range w.size {
			all := max(0, ((n+w.stride[i]-1)/w.stride[i]-1)*w.stride[i]+w.reach(i)-n)
			w.before[i], w.after[i] = all/2, all-all/2
			if auto == "SAME_LOWER" {
				w.before[i], w.after[i] = w.after[i], w.before[i]
			}
		}
	default:
		refuse("auto_pad %q is not supported", auto)
	}
}

// count is the number of windows along axis i; with ceil the last one may reach out over the end, if it begins before that.
func (w *window) count(i int) int {
	room := w.size[i] + w.before[i] + w.after[i] - w.reach(i)
	n := 0
	if room >= 0 {
		n = room/w.stride[i] + 1
		if w.ceil && room%w.stride[i] != 0 && n*w.stride[i] < w.size[i]+w.before[i] {
			n++
		}
	}
	if n < 1 {
		refuse("windows of %d do not fit into %d with padding %d and %d", w.reach(i), w.size[i], w.before[i], w.after[i])
	}
	return n
}

// counts is the number of windows along each axis.
func (w *window) counts() []int {
	n := make([]int, len(w.k))
	for i := range n {
		n[i] = w.count(i)
	}
	return n
}

// places is, for windows along axis i one after the other, the place of each of their elements, which may be in the padding.
func (w *window) places(i int) []int {
	var v []int
	for o := range w.count(i) {
		for j := range w.k[i] {
			v = append(v, o*w.stride[i]+j*w.dilation[i]-w.before[i])
		}
	}
	return v
}

// cutOut is all windows of x: (n,c,o1,...,ok,k1,...,kk), with fill where they reach out of x.
func (w *window) cutOut(x *eager.Tensor, fill float64) *eager.Tensor {
	dims := len(w.k)
	if 2+2*dims > maxRank {
		refuse("windows along %d axes are not supported, at most %d", dims, (maxRank-2)/2)
	}
	wanted(slices.Concat([]int{x.Dim(0), x.Dim(1)}, w.counts(), w.k))
	for i := range dims {
		a := 2 + 2*i // the axes before are two each by now
		v := w.places(i)
		lo, hi := min(0, slices.Min(v)), max(w.size[i]-1, slices.Max(v))
		if lo < 0 || hi >= w.size[i] {
			x = padWith(x, a, -lo, hi-(w.size[i]-1), fill)
		}
		for j := range v {
			v[j] -= lo
		}
		x = x.Take(a, eager.FromInts(v, w.count(i), w.k[i]))
	}
	perm := []int{0, 1}
	for i := range dims {
		perm = append(perm, 2+2*i)
	}
	for i := range dims {
		perm = append(perm, 3+2*i)
	}
	return x.Transpose(perm...)
}

// last is the last n axes of x.
func last(x *eager.Tensor, n int) []int { return every(x)[x.Rank()-n:] }

// image is x as images, and what undoes that.
func image(x *eager.Tensor) (y *eager.Tensor, back func(*eager.Tensor) *eager.Tensor) {
	if x.Rank() == 3 {
		return x.Unsqueeze(2), func(y *eager.Tensor) *eager.Tensor { return y.Squeeze(2) }
	}
	return x, func(y *eager.Tensor) *eager.Tensor { return y }
}

// pair is a setting of one or two axes; first is that of the row of a signal.
func pair(v []int, first int) [2]int {
	if len(v) == 1 {
		return [2]int{first, v[0]}
	}
	return [2]int{v[0], v[1]}
}

func (w *window) options(groups int) eager.ConvOptions {
	return eager.ConvOptions{Stride: pair(w.stride, 1), Dilation: pair(w.dilation, 1), Groups: groups}
}

func conv(c *call) *eager.Tensor {
	x, weight := c.x(0), c.x(1)
	if weight.Rank() != x.Rank() {
		refuse("kernels %v for %v", weight.Shape(), x.Shape())
	}
	return convolve(c, x, weight, c.optional(2))
}

// convolve is the convolution of x with the settings of the node.
func convolve(c *call, x, weight, bias *eager.Tensor) *eager.Tensor {
	w := c.window(x, weight.Shape()[2:])
	w.auto(c)
	groups := c.int("group", 1)
	if len(w.k) > 2 {
		return w.product(x, weight, bias, groups)
	}
	o := w.options(groups)
	x, back := image(x)
	weight, _ = image(weight)
	if slices.Equal(w.before, w.after) {
		o.Pad = pair(w.before, 0)
	} else {
		for i := range w.k {
			x = x.Pad(x.Rank()-len(w.k)+i, w.before[i], w.after[i])
		}
	}
	return back(x.Conv2dWith(weight, bias, o))
}

// product multiplies the windows of x with kernels (o,c/groups,k...).
func (w *window) product(x, weight, bias *eager.Tensor, groups int) *eager.Tensor {
	n, channels, out := x.Dim(0), x.Dim(1), weight.Dim(0)
	if groups < 1 || channels%groups != 0 || out%groups != 0 || weight.Dim(1) != channels/groups {
		refuse("%d groups of kernels %v for %v", groups, weight.Shape(), x.Shape())
	}
	counts := w.counts()
	inputs, each := size(w.k), size(counts)
	cut := w.cutOut(x, 0).Reshape(n, groups, channels/groups, each, inputs).Transpose(0, 1, 3, 2, 4).Reshape(n, groups, each, -1)
	kernels := weight.Reshape(1, groups, out/groups, -1).Transpose(0, 1, 3, 2)
	y := cut.MatMul(kernels).Transpose(0, 1, 3, 2).Reshape(append([]int{n, out}, counts...)...)
	if bias == nil {
		return y
	}
	return y.Add(byChannel(bias, y.Rank()))
}

// byChannel is a vector with an entry for each channel, in a shape that broadcasts.
func byChannel(v *eager.Tensor, rank int) *eager.Tensor {
	for range rank - 2 {
		v = v.Unsqueeze(-1)
	}
	return v
}

// convTranspose spreads x by zeros and convolves it with the kernels turned round, unless the engine's op does.
func convTranspose(c *call) *eager.Tensor {
	x, weight, bias, groups := c.x(0), c.x(1), c.optional(2), c.int("group", 1)
	if weight.Rank() != x.Rank() || groups < 1 || x.Dim(1)%groups != 0 || weight.Dim(0) != x.Dim(1) {
		refuse("kernels %v for %v in %d groups", weight.Shape(), x.Shape(), groups)
	}
	w := c.window(x, weight.Shape()[2:])
	extra := c.each("output_padding", len(w.k), 0)
	whole := []int{x.Dim(0), wanted([]int{groups, weight.Dim(1)})[0] * weight.Dim(1)}
	for i := range w.k {
		whole = append(whole, (w.size[i]-1)*w.stride[i]+w.reach(i)+wanted([]int{extra[i]})[0])
	}
	wanted(whole)
	shape, auto := c.ints("output_shape"), c.text("auto_pad", "NOTSET")
	if len(shape) > len(w.k) {
		shape = shape[len(shape)-len(w.k):]
	}
	for i := range w.k {
		full := (w.size[i]-1)*w.stride[i] + w.reach(i) + extra[i]
		same := auto == "SAME_UPPER" || auto == "SAME_LOWER"
		switch {
		case auto == "VALID":
			w.before[i], w.after[i] = 0, 0
		case shape == nil && !same:
			continue
		default:
			to := w.size[i] * w.stride[i]
			if len(shape) == len(w.k) {
				to = shape[i]
			}
			wanted(append(slices.Clone(whole[:2]), to))
			all := full - to
			if all < 0 { // more is wanted than there is: zeros at the end
				extra[i], all = extra[i]-all, 0
			}
			w.before[i], w.after[i] = all-all/2, all/2
			if auto == "SAME_UPPER" {
				w.before[i], w.after[i] = all/2, all-all/2
			}
		}
	}
	if slices.Equal(w.before, w.after) && len(w.k) <= 2 && within1(extra, w) {
		o := w.options(groups)
		o.Pad = pair(w.before, 0)
		x, back := image(x)
		weight, _ = image(weight)
		return back(x.ConvTranspose2dWith(weight, bias, pair(extra, 0), o))
	}
	spread := window{k: w.k, stride: slices.Repeat([]int{1}, len(w.k)), dilation: w.dilation}
	for i := range w.k {
		x = spreadOut(x, 2+i, w.stride[i])
		before, after := w.reach(i)-1-w.before[i], w.reach(i)-1-w.after[i]+extra[i]
		if n := x.Dim(2 + i); before < 0 || after < 0 {
			if n+min(before, 0)+min(after, 0) < 1 {
				refuse("padding %d and %d leaves nothing", w.before[i], w.after[i])
			}
			x = x.Slice(2+i, max(0, -before), n-max(0, -after))
		}
		spread.before, spread.after = append(spread.before, max(0, before)), append(spread.after, max(0, after))
		spread.size = append(spread.size, x.Dim(2+i))
		weight = weight.Flip(2 + i)
	}
	in, out := weight.Dim(0), weight.Dim(1)
	rest := w.k
	weight = weight.Reshape(append([]int{groups, in / groups, out}, rest...)...)
	perm := every(weight)
	perm[1], perm[2] = 2, 1
	weight = weight.Transpose(perm...).Reshape(append([]int{groups * out, in / groups}, rest...)...)
	return spread.product(x, weight, bias, groups)
}

// within1 says whether the engine takes this output padding.
func within1(extra []int, w window) bool {
	for i, e := range extra {
		if e < 0 || e > 0 && e >= max(w.stride[i], w.dilation[i]) {
			return false
		}
	}
	return true
}

// spreadOut puts step-1 zeros between the elements of an axis.
func spreadOut(x *eager.Tensor, a, step int) *eager.Tensor {
	if step == 1 {
		return x
	}
	n := x.Dim(a)
	shape := []int(x.Shape())
	shape[a] = wanted([]int{n, step})[0] * step
	return x.Unsqueeze(a+1).Pad(a+1, 0, step-1).Reshape(shape...).Slice(a, 0, (n-1)*step+1)
}

// pool is the settings of a pooling of x.
func (c *call) pool(x *eager.Tensor) window {
	k := c.ints("kernel_shape")
	w := c.window(x, k)
	w.auto(c)
	return w
}

// simple says whether the engine has a pooling of these settings.
func (w *window) simple(x *eager.Tensor) bool {
	for i := range w.k {
		if w.before[i] > w.k[i]/2 || w.dilation[i] != 1 {
			return false
		}
	}
	return x.DType().IsFloat() && len(w.k) <= 2 && !w.ceil && slices.Equal(w.before, w.after)
}

func (w *window) poolOptions() eager.PoolOptions {
	return eager.PoolOptions{K: pair(w.k, 1), Stride: pair(w.stride, 1), Pad: pair(w.before, 0)}
}

// maxPool has the indices of the values as its second result.
func maxPool(c *call) *eager.Tensor {
	x := c.x(0)
	w := c.pool(x)
	wantIndices, byColumn := len(c.node.Out) > 1 && c.node.Out[1] != "", c.int("storage_order", 0) != 0
	if w.simple(x) && !byColumn {
		x, back := image(x)
		if wantIndices {
			c.more(of(back(x.MaxPool2dIndicesWith(w.poolOptions())), Int64))
		}
		return back(x.MaxPool2dWith(w.poolOptions()))
	}
	dims := len(w.k)
	cut := w.cutOut(wide(x), lowest(x))
	y := cut.Max(last(cut, dims)...)
	if wantIndices {
		place := numbersOf(x, byColumn)
		where := w.cutOut(place, -1).Reshape(append(slices.Clone(cut.Shape()[:2+dims]), -1)...)
		best := cut.Reshape(where.Shape()...).ArgMax(where.Rank() - 1)
		c.more(of(where.GatherElements(where.Rank()-1, best).Squeeze(-1), Int64))
	}
	return drop(y, last(cut, dims))
}

// lowest is what no element of x is below.
func lowest(x *eager.Tensor) float64 {
	if x.DType().IsFloat() {
		return math.Inf(-1)
	}
	return -(1 << 62)
}

// numbersOf counts the elements of x, row by row or with the first position axis running fastest.
func numbersOf(x *eager.Tensor, byColumn bool) *eager.Tensor {
	shape := []int(x.Shape())
	total, stride := eager.ZerosOf(eager.Int64, shape...), 1
	axes := every(x)
	slices.Reverse(axes)
	if byColumn {
		slices.Reverse(axes[:len(axes)-2])
	}
	for _, a := range axes {
		total = total.Add(counting(shape, a).Scale(float64(stride)))
		stride *= shape[a]
	}
	return total
}

func averagePool(c *call) *eager.Tensor {
	x := c.x(0)
	w := c.pool(x)
	counted := c.int("count_include_pad", 0) != 0
	if w.simple(x) {
		x, back := image(x)
		o := w.poolOptions()
		o.CountPad = counted
		return back(x.AvgPool2dWith(o))
	}
	dims := len(w.k)
	ones := eager.OnesLike(x.Slice(0, 0, min(1, x.Dim(0))).Slice(1, 0, min(1, x.Dim(1))))
	inner := w
	if counted { // what windows reach out over the padding counts for nothing all the same
		for i := range w.k {
			ones = padWith(ones, 2+i, w.before[i], w.after[i], 1)
		}
		inner.size = ones.Shape()[2:]
		inner.before, inner.after = make([]int, dims), make([]int, dims)
	}
	cut, counts := w.cutOut(x, 0), inner.cutOut(ones, 0)
	axes := last(cut, dims)
	return drop(cut.Sum(axes...).Div(counts.Sum(axes...)), axes)
}

func lpPool(c *call) *eager.Tensor {
	x, p := c.x(0), float64(c.int("p", 2))
	w := c.pool(x)
	cut := w.cutOut(x, 0)
	axes := last(cut, len(w.k))
	return drop(cut.Abs().PowScalar(p).Sum(axes...).PowScalar(1/p), axes)
}

func globalLpPool(c *call) *eager.Tensor {
	x, p := c.x(0), float64(c.int("p", 2))
	return x.Abs().PowScalar(p).Sum(positions(x)...).PowScalar(1 / p)
}

// maxUnpool puts each number where MaxPool found it, among zeros.
func maxUnpool(c *call) *eager.Tensor {
	x, where := c.x(0), c.x(1).Reshape(-1)
	w := c.window(x, c.ints("kernel_shape"))
	shape := []int(x.Shape())
	for i := range w.k {
		shape[2+i] = (w.size[i]-1)*w.stride[i] - w.before[i] - w.after[i] + w.k[i]
	}
	inner := wanted(shape)
	if v := c.optional(2); v != nil {
		shape = wanted(v.Ints())
		if len(shape) != x.Rank() {
			refuse("a result of the shape %v from %v", shape, x.Shape())
		}
	}
	if size(inner) != size(shape) && slices.Equal(inner[:2], shape[:2]) { // indices are those of the smaller result
		v := where.Ints()
		for i, p := range v {
			at, stride := 0, 1
			for a := len(inner) - 1; a >= 0; a-- {
				at += p % inner[a] * stride
				p /= inner[a]
				stride *= shape[a]
			}
			v[i] = at
		}
		where = indices(v)
	}
	n := size(shape)
	if where.Size() > 0 && (where.Min().Item() < 0 || int(where.Max().Item()) >= n) {
		refuse("indices are not in a result of the shape %v", shape)
	}
	zeros := eager.ZerosOf(x.DType(), n)
	return zeros.ScatterAdd(0, where, x.Reshape(-1)).Reshape(shape...)
}
