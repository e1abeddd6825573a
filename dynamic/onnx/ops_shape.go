package onnx

import (
	"slices"

	"github.com/tapir-go/tapir/eager"
)

var shapes = map[string]operator{
	"Identity":  func(c *call) *eager.Tensor { c.more(c.value(0)); return nil },
	"Reshape":   reshape,
	"Flatten":   func(c *call) *eager.Tensor { return flat(c.x(0), c.int("axis", 1)) },
	"Transpose": transpose,
	"Expand":    expand,
	"Squeeze":   squeeze,
	"Unsqueeze": unsqueeze,
	"Slice":     slice,
	"Concat":    func(c *call) *eager.Tensor { return eager.Concat(c.int("axis", 1), c.all()) },
	"Split":     split,
	"Pad":       pad,
	"Tile":      tile,
	"Trilu":     trilu,

	"DepthToSpace":    depthToSpace,
	"SpaceToDepth":    spaceToDepth,
	"ReverseSequence": reverseSequence,
	"CenterCropPad":   centerCropPad,

	"Shape": shape,
	"Size": func(c *call) *eager.Tensor {
		c.as = Int64
		return eager.FromInts([]int{c.x(0).Size()})
	},
	"Cast":     func(c *call) *eager.Tensor { return cast(c, ElemType(c.int("to", 0))) },
	"CastLike": func(c *call) *eager.Tensor { return cast(c, c.value(1).t) },
}

func shape(c *call) *eager.Tensor {
	c.as = Int64
	s := []int(c.x(0).Shape())
	from, to := within(c.int("start", 0), len(s)), within(c.int("end", int64(len(s))), len(s))
	return indices(s[from:max(from, to)])
}

// cast cuts off fractions on the way to whole numbers.
func cast(c *call, to ElemType) *eager.Tensor {
	d, err := dtype(to)
	if err != nil {
		refuse("%v", err)
	}
	c.as = to
	x := c.x(0)
	if d == eager.Uint8 && x.DType() != eager.Bool {
		return x.To(eager.Int64) // wraps around like the other whole numbers
	}
	return x.To(d)
}

// reshape reads 0 as the size of the same axis, and -1 as what is left.
func reshape(c *call) *eager.Tensor {
	x, to := c.x(0), c.list(1, "shape")
	for i, d := range to {
		if d == 0 && c.int("allowzero", 0) == 0 {
			if i >= x.Rank() {
				refuse("shape %v keeps axis %d, which %v does not have", to, i, x.Shape())
			}
			to[i] = x.Dim(i)
		}
	}
	return x.Reshape(to...)
}

func transpose(c *call) *eager.Tensor {
	perm := c.ints("perm")
	if perm == nil {
		perm = every(c.x(0))
		slices.Reverse(perm)
	}
	return c.x(0).Transpose(perm...)
}

// expand broadcasts in both directions, as ONNX has it.
func expand(c *call) *eager.Tensor {
	x := c.x(0)
	return x.Expand(wanted(broadcastShape(x.Shape(), c.x(1).Ints()))...)
}

func squeeze(c *call) *eager.Tensor {
	x, axes := c.x(0), c.list(1, "axes")
	if axes == nil {
		for i, d := range x.Shape() {
			if d == 1 {
				axes = append(axes, i)
			}
		}
	}
	return drop(x, axes)
}

func unsqueeze(c *call) *eager.Tensor {
	x, axes := c.x(0), c.list(1, "axes")
	for _, a := range axesOf(axes, x.Rank()+len(axes)) {
		x = x.Unsqueeze(a)
	}
	return x
}

// slice has its bounds as inputs or, before version 10, as attributes.
func slice(c *call) *eager.Tensor {
	x, starts, ends := c.x(0), c.list(1, "starts"), c.list(2, "ends")
	axes, steps := c.list(3, "axes"), c.list(4, "")
	if axes == nil {
		for i := range starts {
			axes = append(axes, i)
		}
	}
	if len(ends) != len(starts) || len(axes) != len(starts) || steps != nil && len(steps) != len(starts) {
		refuse("%d starts, %d ends, %d axes and %d steps: want as many of each", len(starts), len(ends), len(axes), len(steps))
	}
	for i, a := range axes {
		a = axis(a, x.Rank())
		step := 1
		if steps != nil {
			step = steps[i]
		}
		x = cut(x, a, starts[i], ends[i], step)
	}
	return x
}

// cut is every step-th place of an axis from start to before end.
func cut(x *eager.Tensor, a, start, end, step int) *eager.Tensor {
	n := x.Dim(a)
	if step == 1 {
		lo := within(start, n)
		return x.Slice(a, lo, max(lo, within(end, n)))
	}
	if step == 0 {
		refuse("a step of 0")
	}
	var places []int
	if step > 0 {
		for i := within(start, n); i < within(end, n); i += step {
			places = append(places, i)
		}
	} else {
		if start < 0 {
			start += n
		}
		if end < 0 {
			end += n
		}
		for i := min(start, n-1); i >= 0 && i > end; i += step {
			places = append(places, i)
		}
	}
	return x.Take(a, indices(places))
}

// within turns an ONNX bound, which may be negative or past the end, into 0..n.
func within(i, n int) int {
	if i < 0 {
		i += n
	}
	return max(0, min(i, n))
}

// split cuts an axis into as many parts as the node has outputs, of given or of nearly equal sizes.
func split(c *call) *eager.Tensor {
	x := c.x(0)
	a := axis(c.int("axis", 0), x.Rank())
	sizes := c.list(1, "split")
	if sizes == nil {
		n := wanted([]int{max(c.int("num_outputs", 0), len(c.node.Out), 1)})[0]
		each := (x.Dim(a) + n - 1) / n
		for i := range n {
			sizes = append(sizes, max(0, min(each, x.Dim(a)-i*each)))
		}
	}
	at := 0
	for _, n := range sizes {
		c.more(of(x.Slice(a, at, at+n), c.in[0].t))
		at += n
	}
	if at != x.Dim(a) {
		refuse("the parts %v do not make up the axis of %d", sizes, x.Dim(a))
	}
	return nil
}

// pad has its sizes as an input or, before version 11, as an attribute.
func pad(c *call) *eager.Tensor {
	x, pads := c.x(0), c.list(1, "pads")
	axes := every(x)
	if v := c.optional(3); v != nil {
		axes = v.Ints()
	}
	if len(pads) != 2*len(axes) {
		refuse("%d sizes for %d axes", len(pads), len(axes))
	}
	mode, value := c.text("mode", "constant"), c.number(2, c.float("value", 0))
	for i, a := range axes {
		a = axis(a, x.Rank())
		before, after := pads[i], pads[i+len(axes)]
		if before < 0 || after < 0 { // what is cut off
			x = x.Slice(a, max(0, -before), x.Dim(a)-max(0, -after))
			before, after = max(0, before), max(0, after)
		}
		if before == 0 && after == 0 {
			continue
		}
		to := []int(x.Shape())
		to[a] += wanted([]int{before})[0] + wanted([]int{after})[0]
		wanted(to)
		if mode == "constant" {
			x = padWith(x, a, before, after, value)
		} else {
			x = x.Take(a, indices(mirrored(mode, x.Dim(a), before, after)))
		}
	}
	return x
}

// padWith sets v before and after the elements of an axis.
func padWith(x *eager.Tensor, a, before, after int, v float64) *eager.Tensor {
	y := x.Pad(a, before, after)
	if v == 0 {
		return y
	}
	inside := eager.Ones(x.Dim(a)).Pad(0, before, after).To(eager.Bool)
	for range y.Rank() - 1 - a {
		inside = inside.Unsqueeze(-1)
	}
	return eager.Where(inside, y, scalar(x, v))
}

// mirrored is the places of an axis of n that padding repeats.
func mirrored(mode string, n, before, after int) []int {
	places := make([]int, 0, n+before+after)
	if n == 0 {
		refuse("an axis of no elements is padded with its own")
	}
	for i := -before; i < n+after; i++ {
		k := i
		switch mode {
		case "edge":
			k = max(0, min(i, n-1))
		case "wrap":
			k = ((i % n) + n) % n
		case "reflect":
			k = reflected(i, n)
		default:
			refuse("padding mode %q is not supported", mode)
		}
		places = append(places, k)
	}
	return places
}

// reflected is the place that i is the mirror image of, between 0 and n-1, whose ends are not repeated.
func reflected(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i = ((i % period) + period) % period
	return min(i, period-i)
}

func tile(c *call) *eager.Tensor {
	x, times := c.x(0), c.x(1).Ints()
	if len(times) != x.Rank() {
		refuse("%d repeats for %d axes", len(times), x.Rank())
	}
	for a, n := range times {
		wanted(append([]int{n}, x.Shape()...)[:min(x.Rank()+1, maxRank)])
		places := make([]int, 0, n*x.Dim(a))
		for range n {
			for i := range x.Dim(a) {
				places = append(places, i)
			}
		}
		if n != 1 {
			x = x.Take(a, indices(places))
		}
	}
	return x
}

// trilu keeps a triangle of each matrix, from the k-th diagonal on.
func trilu(c *call) *eager.Tensor {
	x, k, upper := c.x(0), int(c.number(1, 0)), c.int("upper", 1) != 0
	if x.Rank() < 2 {
		refuse("it needs matrices, got %v", x.Shape())
	}
	rows, columns := x.Dim(-2), x.Dim(-1)
	keep := make([]bool, rows*columns)
	for i := range rows {
		for j := range columns {
			keep[i*columns+j] = upper && j-i >= k || !upper && j-i <= k
		}
	}
	return eager.Where(eager.FromBool(keep, rows, columns), x, scalar(x, 0))
}

func depthToSpace(c *call) *eager.Tensor {
	x, b := c.x(0), c.int("blocksize", 0)
	if x.Rank() != 4 || b < 1 || x.Dim(1)%(b*b) != 0 {
		refuse("%v cannot be spread in blocks of %d", x.Shape(), b)
	}
	n, d, h, w := x.Dim(0), x.Dim(1)/(b*b), x.Dim(2), x.Dim(3)
	if c.text("mode", "DCR") == "CRD" {
		x = x.Reshape(n, d, b, b, h, w).Transpose(0, 1, 4, 2, 5, 3)
	} else {
		x = x.Reshape(n, b, b, d, h, w).Transpose(0, 3, 4, 1, 5, 2)
	}
	return x.Reshape(n, d, h*b, w*b)
}

func spaceToDepth(c *call) *eager.Tensor {
	x, b := c.x(0), c.int("blocksize", 0)
	if x.Rank() != 4 || b < 1 || x.Dim(2)%b != 0 || x.Dim(3)%b != 0 {
		refuse("%v has no blocks of %d", x.Shape(), b)
	}
	n, d, h, w := x.Dim(0), x.Dim(1), x.Dim(2)/b, x.Dim(3)/b
	return x.Reshape(n, d, h, b, w, b).Transpose(0, 3, 5, 1, 2, 4).Reshape(n, d*b*b, h, w)
}

// reverseSequence turns round the first elements of each sequence.
func reverseSequence(c *call) *eager.Tensor {
	x, lengths := c.x(0), c.x(1).Ints()
	batch, time := c.int("batch_axis", 1), c.int("time_axis", 0)
	if x.Rank() < 2 || batch+time != 1 || len(lengths) != x.Dim(batch) {
		refuse("%d lengths for %v, batch axis %d and time axis %d", len(lengths), x.Shape(), batch, time)
	}
	return turned(x, batch, lengths)
}

// turned reverses the first lengths[i] elements of sequence i; the batch axis is 0 or 1, the time axis the other.
func turned(x *eager.Tensor, batch int, lengths []int) *eager.Tensor {
	parts := make([]*eager.Tensor, len(lengths))
	for i, n := range lengths {
		places := make([]int, x.Dim(1-batch))
		for t := range places {
			places[t] = t
		}
		if n < 0 || n > len(places) {
			refuse("a length of %d in sequences of %d", n, len(places))
		}
		slices.Reverse(places[:n])
		parts[i] = x.Slice(batch, i, i+1).Take(1-batch, indices(places))
	}
	return eager.Concat(batch, parts)
}

// centerCropPad cuts or pads both ends of axes to given sizes.
func centerCropPad(c *call) *eager.Tensor {
	x, to := c.x(0), c.x(1).Ints()
	axes := c.ints("axes")
	if axes == nil {
		axes = every(x)
	}
	if len(axes) != len(to) {
		refuse("%d sizes for %d axes", len(to), len(axes))
	}
	wanted(to)
	for i, a := range axes {
		a = axis(a, x.Rank())
		if n := x.Dim(a); n > to[i] {
			from := (n - to[i]) / 2
			x = x.Slice(a, from, from+to[i])
		} else if n < to[i] {
			before := (to[i] - n) / 2
			x = x.Pad(a, before, to[i]-n-before)
		}
	}
	return x
}
