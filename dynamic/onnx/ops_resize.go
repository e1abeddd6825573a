package onnx

import (
	"math"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

var resizing = map[string]operator{
	"Resize":     resize,
	"Upsample":   upsample,
	"GridSample": gridSample,
	"RoiAlign":   roiAlign,
}

// scaling is how one axis of n is resized to out.
type scaling struct {
	n, out     int
	scale      float64 // of the size, as it was given
	start, end float64 // of the region, for tf_crop_and_resize
	mode       string  // nearest, linear or cubic
	transform  string
	nearest    string
	cubic      float64
	exclude    bool // weights of places outside count for nothing
	antialias  bool
}

func upsample(c *call) *eager.Tensor {
	x := c.x(0)
	var scales []float64
	if v := c.optional(1); v != nil {
		scales = v.Values()
	} else {
		for _, f := range attr[[]float32](c, "scales", nil) {
			scales = append(scales, float64(f))
		}
	}
	if len(scales) != x.Rank() {
		refuse("%d scales for %d axes", len(scales), x.Rank())
	}
	for a, f := range scales {
		s := scaling{n: x.Dim(a), scale: f, out: scaledSize(x.Dim(a), f), mode: c.text("mode", "nearest"), transform: "asymmetric", nearest: "floor"}
		x = s.apply(c, x, a)
	}
	return x
}

// scaledSize is the size of an axis of n times f.
func scaledSize(n int, f float64) int {
	out := math.Floor(float64(n) * f)
	if !(f > 0) || out > float64(mostElements) {
		refuse("a scale of %g", f)
	}
	return wanted([]int{int(out)})[0]
}

func resize(c *call) *eager.Tensor {
	x := c.x(0)
	base := scaling{mode: c.text("mode", "nearest"), transform: c.text("coordinate_transformation_mode", "half_pixel"),
		nearest: c.text("nearest_mode", "round_prefer_floor"), cubic: c.float("cubic_coeff_a", -0.75),
		exclude: c.int("exclude_outside", 0) != 0, antialias: c.int("antialias", 0) != 0}
	at := 2 // of the scales, after the regions
	if c.env.opset < 11 {
		at, base.transform, base.nearest = 1, "asymmetric", "floor"
	}
	axes := c.ints("axes")
	if axes == nil {
		axes = every(x)
	}
	axes = slices.Clone(axes)
	for i, a := range axes {
		axes[i] = axis(a, x.Rank())
	}
	scales, sizes := make([]float64, len(axes)), make([]int, len(axes))
	if v := c.optional(at); v != nil && v.Size() > 0 {
		if v.Size() != len(axes) {
			refuse("%d scales for %d axes", v.Size(), len(axes))
		}
		scales = v.Values()
		for i, a := range axes {
			sizes[i] = scaledSize(x.Dim(a), scales[i])
		}
	} else if v := c.optional(at + 1); v != nil {
		if sizes = wanted(v.Ints()); len(sizes) != len(axes) {
			refuse("%d sizes for %d axes", len(sizes), len(axes))
		}
		for i, a := range axes {
			scales[i] = float64(sizes[i]) / float64(max(1, x.Dim(a)))
		}
		if policy := c.text("keep_aspect_ratio_policy", "stretch"); policy != "stretch" {
			f := slices.Min(scales)
			if policy == "not_smaller" {
				f = slices.Max(scales)
			}
			for i, a := range axes {
				scales[i], sizes[i] = f, int(math.Floor(float64(x.Dim(a))*f+0.5))
			}
		}
	} else {
		refuse("it has neither scales nor sizes")
	}
	region := []float64(nil)
	if base.transform == "tf_crop_and_resize" {
		if region = c.x(1).Values(); len(region) != 2*len(axes) {
			refuse("a region of %d numbers for %d axes", len(region), len(axes))
		}
	}
	for i, a := range axes {
		s := base
		s.n, s.out, s.scale, s.end = x.Dim(a), sizes[i], scales[i], 1
		if region != nil {
			s.start, s.end = region[i], region[i+len(axes)]
		}
		x = s.apply(c, x, a)
	}
	return x
}

// apply resizes axis a of x.
func (s *scaling) apply(c *call, x *eager.Tensor, a int) *eager.Tensor {
	if s.n < 1 {
		refuse("an axis of no elements is resized")
	}
	if s.out == s.n && s.scale == 1 && s.transform != "tf_crop_and_resize" {
		return x
	}
	from := make([]float64, s.out)
	var outside []bool
	for i := range from {
		from[i] = s.source(i)
	}
	if s.transform == "tf_crop_and_resize" {
		outside = make([]bool, s.out)
		for i, p := range from {
			outside[i] = p < 0 || p > float64(s.n-1)
		}
	}
	if s.mode == "nearest" {
		places := make([]int, s.out)
		for i, p := range from {
			places[i] = max(0, min(s.n-1, s.round(p)))
		}
		x = x.Take(a, indices(places))
	} else {
		kind, exact := x.DType(), x
		if !kind.IsFloat() {
			exact = x.To(eager.Float32)
		}
		weights := make([]float64, s.n*s.out) // (n,out)
		for i, p := range from {
			s.weigh(p, func(k int, w float64) { weights[k*s.out+i] += w })
		}
		perm := swapped(x.Rank(), a)
		x = exact.Transpose(perm...).MatMul(numbers(exact, weights, s.n, s.out)).Transpose(perm...)
		if !kind.IsFloat() {
			x = x.Round().To(kind)
		}
	}
	if slices.Contains(outside, true) {
		mask := eager.FromBool(outside, s.out)
		for range x.Rank() - 1 - a {
			mask = mask.Unsqueeze(-1)
		}
		x = eager.Where(mask, scalar(x, c.float("extrapolation_value", 0)), x)
	}
	return x
}

// source is the place in the old axis that place i of the new one is made of.
func (s *scaling) source(i int) float64 {
	p, n := float64(i), float64(s.n)
	length := n * s.scale // not rounded, as the specification's own cases have it
	switch s.transform {
	case "half_pixel":
		return (p+0.5)/s.scale - 0.5
	case "half_pixel_symmetric":
		adjust := float64(s.out) / length
		return n/2*(1-adjust) + (p+0.5)/s.scale - 0.5
	case "pytorch_half_pixel":
		if s.out == 1 {
			return 0
		}
		return (p+0.5)/s.scale - 0.5
	case "align_corners":
		if s.out == 1 {
			return 0
		}
		return p * (n - 1) / (length - 1)
	case "asymmetric":
		return p / s.scale
	case "tf_half_pixel_for_nn":
		return (p + 0.5) / s.scale
	case "tf_crop_and_resize":
		if s.out == 1 {
			return 0.5 * (s.start + s.end) * (n - 1)
		}
		return s.start*(n-1) + p*(s.end-s.start)*(n-1)/(length-1)
	}
	refuse("the coordinates %q are not supported", s.transform)
	return 0
}

// round is the place nearest to p.
func (s *scaling) round(p float64) int {
	switch s.nearest {
	case "round_prefer_floor":
		return int(math.Ceil(p - 0.5))
	case "round_prefer_ceil":
		return int(math.Floor(p + 0.5))
	case "floor":
		return int(math.Floor(p))
	case "ceil":
		return int(math.Ceil(p))
	}
	refuse("the rounding %q is not supported", s.nearest)
	return 0
}

// weigh hands the places around p, and how much each counts, to use.
func (s *scaling) weigh(p float64, use func(place int, weight float64)) {
	reach, kernel := 1.0, func(d float64) float64 { return max(0, 1-math.Abs(d)) }
	switch s.mode {
	case "linear":
	case "cubic":
		reach, kernel = 2, func(d float64) float64 { return cubic(math.Abs(d), s.cubic) }
	default:
		refuse("the mode %q is not supported", s.mode)
	}
	stretch := 1.0
	if s.antialias && s.scale < 1 { // as many places as one of the new axis covers
		stretch = 1 / s.scale
	}
	wanted([]int{int(min(stretch, 1<<40)), s.out})
	first, last := int(math.Ceil(p-reach*stretch)), int(math.Floor(p+reach*stretch))
	var places []int
	var weights []float64
	total := 0.0
	for k := first; k <= last; k++ {
		w := kernel((float64(k) - p) / stretch)
		if w == 0 || s.exclude && (k < 0 || k >= s.n) {
			continue
		}
		places, weights, total = append(places, max(0, min(s.n-1, k))), append(weights, w), total+w
	}
	for i, k := range places {
		use(k, weights[i]/total)
	}
}

// cubic is Keys' convolution kernel at a distance.
func cubic(d, a float64) float64 {
	switch {
	case d <= 1:
		return ((a+2)*d-(a+3))*d*d + 1
	case d < 2:
		return ((a*d-5*a)*d+8*a)*d - 4*a
	}
	return 0
}

// gridSample reads images at given places, which run from -1 to 1. What is given as places gets no gradient.
func gridSample(c *call) *eager.Tensor {
	x, grid := c.x(0), fixed(c.x(1))
	if x.Rank() != 4 || grid.Rank() != 4 || grid.Dim(3) != 2 || grid.Dim(0) != x.Dim(0) {
		refuse("a grid %v for %v: want images (n,c,h,w) and a grid (n,h,w,2)", grid.Shape(), x.Shape())
	}
	n, h, w := x.Dim(0), x.Dim(2), x.Dim(3)
	gh, gw := grid.Dim(1), grid.Dim(2)
	mode, padding, corners := c.text("mode", "bilinear"), c.text("padding_mode", "zeros"), c.int("align_corners", 0) != 0
	if n < 1 || h < 1 || w < 1 {
		refuse("no images: %v", x.Shape())
	}
	place := func(g float64, size int) float64 {
		if corners {
			return (g + 1) / 2 * float64(size-1)
		}
		return ((g+1)*float64(size) - 1) / 2
	}
	// inside is where place k of an axis is read, false for nowhere.
	inside := func(k, size int) (int, bool) {
		if k >= 0 && k < size {
			return k, true
		}
		switch padding {
		case "zeros":
			return 0, false
		case "border":
			return max(0, min(size-1, k)), true
		case "reflection":
			return mirror(k, size, corners), true
		}
		refuse("the padding %q is not supported", padding)
		return 0, false
	}
	taps := func(p float64) (first int, weights []float64) {
		low := math.Floor(p)
		f := p - low
		switch mode {
		case "nearest":
			return int(math.RoundToEven(p)), []float64{1}
		case "bilinear", "linear":
			return int(low), []float64{1 - f, f}
		case "bicubic", "cubic":
			return int(low) - 1, []float64{cubic(1+f, -0.75), cubic(f, -0.75), cubic(1-f, -0.75), cubic(2-f, -0.75)}
		}
		refuse("the mode %q is not supported", mode)
		return 0, nil
	}
	v := grid.Values()
	points := gh * gw
	parts := make([]*eager.Tensor, n)
	for b := range n {
		weights := map[int][]float64{} // by tap: of each point
		places := map[int][]int{}
		for i := range points {
			g := v[(b*points+i)*2:]
			px, py := place(g[0], w), place(g[1], h)
			for _, p := range []float64{px, py} {
				if !(math.Abs(p) < 1<<30) {
					refuse("the place %g of the grid", p)
				}
			}
			if padding != "zeros" { // places outside are moved before they are read between
				px, py = moved(px, w, padding, corners), moved(py, h, padding, corners)
			}
			x0, wx := taps(px)
			y0, wy := taps(py)
			for ky := range wy {
				for kx := range wx {
					tap := ky*len(wx) + kx
					row, in := inside(y0+ky, h)
					column, in2 := inside(x0+kx, w)
					weight := wy[ky] * wx[kx]
					if !in || !in2 {
						weight = 0
					}
					weights[tap], places[tap] = append(weights[tap], weight), append(places[tap], row*w+column)
				}
			}
		}
		img := x.Slice(0, b, b+1).Reshape(x.Dim(1), h*w)
		var sum *eager.Tensor
		for tap := range len(weights) {
			y := img.Take(1, indices(places[tap])).Mul(numbers(x, weights[tap], points))
			if sum == nil {
				sum = y
			} else {
				sum = sum.Add(y)
			}
		}
		if sum == nil {
			sum = eager.ZerosOf(x.DType(), x.Dim(1), 0)
		}
		parts[b] = sum.Reshape(1, x.Dim(1), gh, gw)
	}
	return eager.Concat(0, parts)
}

// moved brings a place into its axis by the padding.
func moved(p float64, size int, padding string, corners bool) float64 {
	if padding == "border" {
		return max(0, min(float64(size-1), p))
	}
	lo, hi := -0.5, float64(size)-0.5
	if corners {
		lo, hi = 0, float64(size-1)
	}
	if hi <= lo {
		return 0
	}
	period := 2 * (hi - lo)
	d := math.Mod(math.Mod(p-lo, period)+period, period)
	return lo + min(d, period-d)
}

// mirror is the place that k is the image of: mirrored at the middle of the last places, or at their outer ends.
func mirror(k, size int, corners bool) int {
	if corners {
		return reflected(k, size)
	}
	k = ((k % (2 * size)) + 2*size) % (2 * size)
	return min(k, 2*size-1-k)
}

// roiAlign pools regions of images into grids of one size.
func roiAlign(c *call) *eager.Tensor {
	x, rois, batch := c.x(0), fixed(c.x(1)).Values(), c.x(2).Ints()
	if x.Rank() != 4 || len(rois) != 4*len(batch) {
		refuse("%d numbers for %d regions of %v", len(rois), len(batch), x.Shape())
	}
	h, w, channels := x.Dim(2), x.Dim(3), x.Dim(1)
	oh, ow := c.int("output_height", 1), c.int("output_width", 1)
	ratio, scale, largest := c.int("sampling_ratio", 0), c.float("spatial_scale", 1), c.text("mode", "avg") == "max"
	wanted([]int{len(batch), channels, oh, ow})
	wanted([]int{ratio, ratio, oh, ow})
	shift := 0.5
	if c.env.opset < 16 || c.text("coordinate_transformation_mode", "half_pixel") == "output_half_pixel" {
		shift = 0
	}
	fixed(x)
	img := x.Values()
	out := make([]float64, 0, len(batch)*channels*oh*ow)
	for r, b := range batch {
		if b < 0 || b >= x.Dim(0) {
			refuse("a region of image %d of %d", b, x.Dim(0))
		}
		box := rois[r*4:]
		x1, y1 := box[0]*scale-shift, box[1]*scale-shift
		rw, rh := box[2]*scale-shift-x1, box[3]*scale-shift-y1
		if shift == 0 {
			rw, rh = max(rw, 1), max(rh, 1)
		}
		if !(math.Abs(rw)+math.Abs(rh) < 1<<24) {
			refuse("a region of %g by %g", rw, rh)
		}
		bw, bh := rw/float64(ow), rh/float64(oh)
		ny, nx := ratio, ratio
		if ratio == 0 {
			ny, nx = max(0, int(math.Ceil(bh))), max(0, int(math.Ceil(bw)))
		}
		wanted([]int{ny, nx, oh, ow, channels})
		for ch := range channels {
			plane := img[(b*channels+ch)*h*w:][:h*w]
			for i := range oh {
				for j := range ow {
					sum, top, count := 0.0, math.Inf(-1), 0
					for sy := range ny {
						for sx := range nx {
							py := y1 + float64(i)*bh + (float64(sy)+0.5)*bh/float64(ny)
							px := x1 + float64(j)*bw + (float64(sx)+0.5)*bw/float64(nx)
							v, most := between(plane, h, w, py, px)
							sum, top, count = sum+v, max(top, most), count+1
						}
					}
					switch {
					case count == 0:
						out = append(out, 0)
					case largest:
						out = append(out, top)
					default:
						out = append(out, sum/float64(count))
					}
				}
			}
		}
	}
	return numbers(x, out, len(batch), channels, oh, ow)
}

// between reads a plane at a place between its elements: the weighted sum of four, and the largest of the weighted.
func between(plane []float64, h, w int, y, x float64) (sum, most float64) {
	if y < -1 || y > float64(h) || x < -1 || x > float64(w) {
		return 0, 0
	}
	y, x = max(y, 0), max(x, 0)
	y0, x0 := int(y), int(x)
	if y0 >= h-1 {
		y0, y = h-1, float64(h-1)
	}
	if x0 >= w-1 {
		x0, x = w-1, float64(w-1)
	}
	y2, x2 := min(y0+1, h-1), min(x0+1, w-1)
	fy, fx := y-float64(y0), x-float64(x0)
	most = math.Inf(-1)
	for _, t := range []float64{(1 - fy) * (1 - fx) * plane[y0*w+x0], (1 - fy) * fx * plane[y0*w+x2], fy * (1 - fx) * plane[y2*w+x0], fy * fx * plane[y2*w+x2]} {
		sum, most = sum+t, max(most, t)
	}
	return sum, most
}
