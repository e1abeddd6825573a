package gosrc

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// emit writes one step.
func (w *writer) emit(s *step, inline map[*step]bool) {
	kind := s.node.Kind
	if elementwise[kind] != nil {
		w.fused(s, inline)
		return
	}
	f := nodes[kind]
	if f == nil {
		known := slices.Concat(slices.Collect(maps.Keys(elementwise)), slices.Collect(maps.Keys(nodes)), aliases)
		slices.Sort(known)
		w.refuse("there is no Go source for this operator; there is for %s", strings.Join(known, " "))
	}
	for k, v := range append(slices.Clone(s.in[:1]), s.out[0]) {
		if v.kind == eager.Float64 {
			w.refuse("value %d is of float64: export float32", k)
		}
	}
	f(w, s)
}

// nodes is how the other operators are written.
var nodes = map[string]func(w *writer, s *step){
	"Gemm":               gemm,
	"MatMul":             matMul,
	"Conv":               conv,
	"ConvTranspose":      convTranspose,
	"MaxPool":            func(w *writer, s *step) { pool(w, s, "maxPool") },
	"AveragePool":        func(w *writer, s *step) { pool(w, s, "meanPool") },
	"GlobalAveragePool":  func(w *writer, s *step) { reduce(w, s, positions(s.in[0]), "mean") },
	"GlobalMaxPool":      func(w *writer, s *step) { reduce(w, s, positions(s.in[0]), "max") },
	"Softmax":            func(w *writer, s *step) { alongAxis(w, s, "softmax", -1, ", false") },
	"LogSoftmax":         func(w *writer, s *step) { alongAxis(w, s, "softmax", -1, ", true") },
	"ReduceLogSumExp":    reduceLogSumExp,
	"ReduceSum":          func(w *writer, s *step) { reduce(w, s, w.list(1, "axes"), "sum") },
	"ReduceMean":         func(w *writer, s *step) { reduce(w, s, w.list(1, "axes"), "mean") },
	"ReduceMax":          func(w *writer, s *step) { reduce(w, s, w.list(1, "axes"), "max") },
	"ReduceMin":          func(w *writer, s *step) { reduce(w, s, w.list(1, "axes"), "min") },
	"ReduceProd":         func(w *writer, s *step) { reduce(w, s, w.list(1, "axes"), "product") },
	"ArgMax":             func(w *writer, s *step) { alongAxis(w, s, "argMax", 0, ", 1") },
	"ArgMin":             func(w *writer, s *step) { alongAxis(w, s, "argMax", 0, ", -1") },
	"CumSum":             cumulate,
	"TopK":               topRanks,
	"LayerNormalization": layerNormal,
	"Transpose":          transpose,
	"Expand":             func(w *writer, s *step) { w.copied(s.out[0], s.in[0], w.stretched(s), "") },
	"Slice":              slice,
	"Concat":             concat,
	"Pad":                pad,
	"Gather":             gatherPlaces,
	"GatherElements":     gatherSingly,
	"Trilu":              trilu,
}

func positions(v *val) (axes []int) {
	for a := 2; a < len(v.dims); a++ {
		axes = append(axes, a)
	}
	return axes
}

func gemm(w *writer, s *step) {
	a, b, y := s.in[0], s.in[1], s.out[0]
	if w.float("alpha", 1) != 1 || w.float("beta", 1) != 1 {
		w.refuse("alpha and beta other than 1")
	}
	if len(y.dims) != 2 || y.kind != eager.Float32 {
		w.refuse("a result of shape %s", shapeText(y.dims))
	}
	n, m := y.dims[0], y.dims[1]
	k := a.dims[1]
	from := w.ref(a)
	if w.int("transA", 0) != 0 {
		k = a.dims[0]
		from = w.turned(a, 0)
	}
	by := ""
	switch {
	case w.int("transB", 0) == 0:
		by = w.ref(b)
	case b.data != nil:
		by = w.constant(b.name+"_turned", b.data.T().Contiguous())
	case w.int("transA", 0) != 0:
		w.refuse("both factors turned over")
	default:
		by = w.turned(b, 0)
	}
	add := false
	if len(s.in) > 2 && s.in[2] != nil {
		c := s.in[2]
		if text(c.dims) != m.String() {
			w.refuse("a bias of shape %s for %s", shapeText(c.dims), shapeText(y.dims))
		}
		w.line("for i := 0; i < %s; i++ {\ncopy(%s[i*%s:], %s)\n}", n, y.expr, m, w.ref(c))
		add = true
	}
	w.call("product", "%s, %s, %s, %s, %s, %s, %v", y.expr, from, by, n, k, m, add)
}

// turned writes a matrix turned over into the scratch memory.
func (w *writer) turned(v *val, _ int) string {
	to := w.room(v.dims...)
	w.call("transposed", "%s, %s, %s, %s", to, w.ref(v), v.dims[0], v.dims[1])
	return to
}

// matMul multiplies matrices, or batches of them, which broadcast.
func matMul(w *writer, s *step) {
	a, b, y := s.in[0], s.in[1], s.out[0]
	if len(a.dims) < 2 || len(b.dims) < 2 || y.kind != eager.Float32 {
		w.refuse("%s by %s", shapeText(a.dims), shapeText(b.dims))
	}
	ra, rb, ry := len(a.dims), len(b.dims), len(y.dims)
	n, k, m := a.dims[ra-2], a.dims[ra-1], b.dims[rb-1]
	if rb == 2 {
		w.call("product", "%s, %s, %s, %s, %s, %s, false", y.expr, w.ref(a), w.ref(b), text(a.dims[:ra-1]), k, m)
		return
	}
	lead := y.dims[:ry-2]
	w.line("{\nat := 0")
	for i, d := range lead {
		w.line("for i%d := 0; i%d < %s; i%d++ {", i, i, d, i)
	}
	w.call("product", "%s[at:], %s[%s:], %s[%s:], %s, %s, %s, false", y.expr,
		w.ref(a), broadcastIndex(lead, a.dims[:ra-2], text(a.dims[ra-2:])), w.ref(b), broadcastIndex(lead, b.dims[:rb-2], text(b.dims[rb-2:])), n, k, m)
	w.line("at += %s\n%s}", text([]size{n, m}), strings.Repeat("}\n", len(lead)))
}

// broadcastIndex is where, in a value of the leading axes dims, the element of the loop over lead begins; each has unit numbers.
func broadcastIndex(lead, dims []size, unit string) string {
	var terms []string
	for a := range dims {
		if dims[a] == (size{0, 1}) {
			continue
		}
		term := fmt.Sprintf("i%d", a+len(lead)-len(dims))
		if t := text(dims[a+1:]); t != "1" {
			term += "*" + t
		}
		if unit != "1" {
			term += "*" + unit
		}
		terms = append(terms, term)
	}
	if terms == nil {
		return "0"
	}
	return strings.Join(terms, "+")
}

// window is the settings of a convolution or pooling, of an image (h,w) and windows of k, with oh by ow results.
func (w *writer) window(image, result []size, k []int) string {
	one := func(v []int, otherwise int) []int {
		if v == nil {
			v = slices.Repeat([]int{otherwise}, len(k))
		}
		return v
	}
	if auto := w.word("auto_pad", "NOTSET"); auto != "NOTSET" && auto != "VALID" {
		w.refuse("auto_pad %s", auto)
	}
	if w.int("ceil_mode", 0) != 0 {
		w.refuse("ceil_mode")
	}
	s, d, p := one(w.ints("strides"), 1), one(w.ints("dilations"), 1), w.ints("pads")
	if p == nil {
		p = make([]int, 2*len(k))
	}
	if len(k) == 1 { // a signal is an image of one row
		image, result = append([]size{{0, 1}}, image...), append([]size{{0, 1}}, result...)
		k, s, d, p = []int{1, k[0]}, []int{1, s[0]}, []int{1, d[0]}, []int{0, p[0]}
	}
	if len(k) != 2 {
		w.refuse("windows along %d axes", len(k))
	}
	return fmt.Sprintf("window{h: %s, w: %s, kh: %d, kw: %d, sh: %d, sw: %d, dh: %d, dw: %d, top: %d, left: %d, oh: %s, ow: %s}",
		image[0], image[1], k[0], k[1], s[0], s[1], d[0], d[1], p[0], p[1], result[0], result[1])
}

// fixed is sizes that do not grow with the rows.
func (w *writer) fixed(dims []size) []int {
	v := make([]int, len(dims))
	for i, d := range dims {
		if d.rows != 0 {
			w.refuse("axis %d of %s grows with the rows", i, shapeText(dims))
		}
		v[i] = d.more
	}
	return v
}

func conv(w *writer, s *step) {
	x, k, y := s.in[0], s.in[1], s.out[0]
	bias := "nil"
	if len(s.in) > 2 && s.in[2] != nil {
		bias = w.ref(s.in[2])
	}
	groups := w.int("group", 1)
	kernel := w.fixed(k.dims)
	inner := 1
	for _, d := range kernel[1:] {
		inner *= d
	}
	cols := w.room(append([]size{{0, inner}}, y.dims[2:]...)...)
	w.kernels["columns"], w.kernels["product"], w.kernels["window"] = true, true, true
	w.call("convolve", "%s, %s, %s, %s, %s, %s, %s, %d, %d, %s", y.expr, w.ref(x), w.ref(k), bias, cols, x.dims[0], x.dims[1], kernel[0], groups,
		w.window(x.dims[2:], y.dims[2:], kernel[2:]))
}

func convTranspose(w *writer, s *step) {
	x, k, y := s.in[0], s.in[1], s.out[0]
	bias := "nil"
	if len(s.in) > 2 && s.in[2] != nil {
		bias = w.ref(s.in[2])
	}
	if w.ints("output_shape") != nil {
		w.refuse("output_shape")
	}
	kernel := w.fixed(k.dims)
	w.kernels["window"] = true
	w.call("spread", "%s, %s, %s, %s, %s, %d, %s, %d, %s", y.expr, w.ref(x), w.ref(k), bias, x.dims[0], kernel[0], y.dims[1], w.int("group", 1),
		w.window(y.dims[2:], x.dims[2:], kernel[2:]))
}

func pool(w *writer, s *step, kernel string) {
	x, y := s.in[0], s.out[0]
	if len(s.out) > 1 && s.out[1] != nil {
		w.refuse("the indices of the largest numbers")
	}
	counted := ""
	if kernel == "meanPool" {
		counted = fmt.Sprintf("%v, ", w.int("count_include_pad", 0) != 0)
	}
	w.kernels["window"] = true
	w.call(kernel, "%s, %s, %s, %s%s", y.expr, w.ref(x), text(x.dims[:2]), counted, w.window(x.dims[2:], y.dims[2:], w.ints("kernel_shape")))
}

// alongAxis calls a function of (outer,size,inner).
func alongAxis(w *writer, s *step, kernel string, otherwise int, more string) {
	x := s.in[0]
	if x.kind != eager.Float32 {
		w.refuse("numbers of kind %v", x.kind)
	}
	outer, at, inner := around(x.dims, w.axis("axis", otherwise, len(x.dims)))
	w.call(kernel, "%s, %s, %s, %s, %s%s", s.out[0].expr, w.ref(x), outer, at, inner, more)
}

func reduceLogSumExp(w *writer, s *step) {
	x, axes := s.in[0], w.list(1, "axes")
	if len(axes) != 1 {
		w.refuse("axes %v: only one axis", axes)
	}
	outer, at, inner := around(x.dims, (axes[0]+len(x.dims))%len(x.dims))
	w.call("logSumExp", "%s, %s, %s, %s, %s", s.out[0].expr, w.ref(x), outer, at, inner)
}

// loops opens a loop over each axis; the variables are i0, i1 and so on.
func (w *writer) loops(dims []size) {
	for a, d := range dims {
		w.line("for i%d := 0; i%d < %s; i%d++ {", a, a, d, a)
	}
}

func (w *writer) close(dims []size) { w.line("%s", strings.Repeat("}\n", len(dims))) }

// strides are how far the next element along each axis is.
func strides(dims []size) []string {
	v := make([]string, len(dims))
	for a := range dims {
		v[a] = text(dims[a+1:])
	}
	return v
}

// place is the index that the loop variables give with those strides; "0" is an axis that does not count.
func place(by []string) string {
	var terms []string
	for a, s := range by {
		switch s {
		case "0":
		case "1":
			terms = append(terms, fmt.Sprintf("i%d", a))
		default:
			terms = append(terms, fmt.Sprintf("i%d*%s", a, s))
		}
	}
	if terms == nil {
		return "0"
	}
	return strings.Join(terms, "+")
}

// reduce folds axes of a tensor.
func reduce(w *writer, s *step, axes []int, how string) {
	x, y := s.in[0], s.out[0]
	if len(axes) == 0 {
		for a := range x.dims {
			axes = append(axes, a)
		}
	}
	if x.kind != eager.Float32 && how != "sum" {
		w.refuse("the %s of numbers of kind %v", how, x.kind)
	}
	kept := slices.Clone(x.dims)
	var folded []size
	for i, a := range axes {
		axes[i] = (a + len(x.dims)) % len(x.dims)
		folded = append(folded, kept[axes[i]])
		kept[axes[i]] = size{0, 1}
	}
	by := strides(kept)
	for _, a := range axes {
		by[a] = "0"
	}
	first, step := "0", "+= v"
	switch how {
	case "max":
		first, step = "float32(math.Inf(-1))", "= max(%s, v)"
	case "min":
		first, step = "float32(math.Inf(1))", "= min(%s, v)"
	case "product":
		first, step = "1", "*= v"
	}
	w.line("for i := range %s[:%s] {\n%s[i] = %s\n}", y.expr, text(y.dims), y.expr, first)
	to := fmt.Sprintf("%s[%s]", y.expr, place(by))
	if strings.Contains(step, "%s") {
		step = fmt.Sprintf(step, to)
	}
	w.line("{\nat := 0")
	w.loops(x.dims)
	w.line("v := %s[at]\nat++\n%s %s", w.ref(x), to, step)
	w.close(x.dims)
	w.line("}")
	if how == "mean" {
		w.line("for i := range %s[:%s] {\n%s[i] /= float32(%s)\n}", y.expr, text(y.dims), y.expr, text(folded))
	}
}

func cumulate(w *writer, s *step) {
	x := s.in[0]
	if w.int("exclusive", 0) != 0 || w.int("reverse", 0) != 0 || x.kind != eager.Float32 {
		w.refuse("exclusive, reverse and whole-number sums")
	}
	a := w.list(1, "")[0]
	outer, at, inner := around(x.dims, (a+len(x.dims))%len(x.dims))
	w.call("cumSum", "%s, %s, %s, %s, %s", s.out[0].expr, w.ref(x), outer, at, inner)
}

func topRanks(w *writer, s *step) {
	x, rank := s.in[0], len(s.in[0].dims)
	if w.axis("axis", -1, rank) != rank-1 || w.int("largest", 1) == 0 || s.out[0] == nil || s.out[1] == nil || x.kind != eager.Float32 {
		w.refuse("anything but the largest float32 numbers of the last axis and their places")
	}
	w.order = append(w.order, x.dims[rank-1:])
	w.kernels["ranking"] = true
	w.call("topK", "%s, %s, %s, &m.order, %s, %s, %s", s.out[0].expr, s.out[1].expr, w.ref(x), text(x.dims[:rank-1]), x.dims[rank-1], s.out[0].dims[rank-1])
}

func layerNormal(w *writer, s *step) {
	x, scale := s.in[0], s.in[1]
	a := w.axis("axis", -1, len(x.dims))
	if len(s.out) > 1 && (s.out[1] != nil || len(s.out) > 2) || !slices.Equal(scale.dims, x.dims[a:]) {
		w.refuse("a scale of shape %s for %s from axis %d on", shapeText(scale.dims), shapeText(x.dims), a)
	}
	shift := "nil"
	if len(s.in) > 2 && s.in[2] != nil {
		shift = w.ref(s.in[2])
	}
	w.call("layerNorm", "%s, %s, %s, %s, %s, %v", s.out[0].expr, w.ref(x), w.ref(scale), shift, text(x.dims[:a]), w.float("epsilon", 1e-5))
}

// copied writes y, element after element, from the places of x that the strides give, and an offset.
func (w *writer) copied(y, x *val, by []string, offset string) {
	w.line("{\nat := 0")
	w.loops(y.dims)
	w.line("%s[at] = %s[%s%s]\nat++", y.expr, w.ref(x), place(by), offset)
	w.close(y.dims)
	w.line("}")
}

func transpose(w *writer, s *step) {
	x, perm := s.in[0], w.ints("perm")
	if perm == nil {
		for a := range x.dims {
			perm = append([]int{a}, perm...)
		}
	}
	from := strides(x.dims)
	by := make([]string, len(perm))
	for i, a := range perm {
		by[i] = from[a]
	}
	w.copied(s.out[0], x, by, "")
}

// stretched are the strides of an input that broadcasts to the result.
func (w *writer) stretched(s *step) []string {
	x, y := s.in[0], s.out[0]
	from := strides(x.dims)
	by := slices.Repeat([]string{"0"}, len(y.dims))
	for i, d := range x.dims {
		if d != (size{0, 1}) {
			by[i+len(y.dims)-len(x.dims)] = from[i]
		}
	}
	return by
}

func slice(w *writer, s *step) {
	x, y := s.in[0], s.out[0]
	starts, axes := w.list(1, "starts"), w.list(3, "axes")
	steps := slices.Repeat([]int{1}, len(starts))
	if len(s.in) > 4 && s.in[4] != nil {
		steps = w.list(4, "")
	}
	by, offset := strides(x.dims), ""
	for i, start := range starts {
		a := i
		if axes != nil {
			a = (axes[i] + len(x.dims)) % len(x.dims)
		}
		unit := by[a]
		d := x.dims[a]
		first := fmt.Sprint(start)
		switch {
		case steps[i] < 0 && (start < 0 || d.rows == 0 && start >= d.more || d.rows != 0):
			if start >= 0 && d.rows != 0 && start < 1<<30 {
				w.refuse("a slice from %d backwards of an axis that grows with the rows", start)
			}
			back := 1
			if start < 0 {
				back = -start
			}
			first = fmt.Sprintf("(%s-%d)", d, back)
		case start < 0:
			first = fmt.Sprintf("(%s-%d)", d, -start)
			if d.rows == 0 && -start > d.more {
				first = "0"
			}
		}
		if first != "0" {
			offset += "+" + first + "*" + unit
		}
		if steps[i] != 1 {
			by[a] = fmt.Sprintf("%d*%s", steps[i], unit)
			if steps[i] < 0 {
				by[a] = fmt.Sprintf("(%d)*%s", steps[i], unit)
			}
		}
	}
	w.copied(y, x, by, offset)
}

func concat(w *writer, s *step) {
	y := s.out[0]
	a := w.axis("axis", 0, len(y.dims))
	outer := text(y.dims[:a])
	w.line("{\nat := 0\nfor i := 0; i < %s; i++ {", outer)
	for _, v := range s.in {
		n := text(v.dims[a:])
		w.line("copy(%s[at:], %s[i*%s:(i+1)*%s])\nat += %s", y.expr, w.ref(v), n, n, n)
	}
	w.line("}\n}")
}

func pad(w *writer, s *step) {
	x, y, pads := s.in[0], s.out[0], w.list(1, "pads")
	if mode := w.word("mode", "constant"); mode != "constant" || len(s.in) > 3 && s.in[3] != nil || slices.Min(pads) < 0 {
		w.refuse("the mode %s, chosen axes, and cutting off", mode)
	}
	fill := "0"
	if len(s.in) > 2 && s.in[2] != nil {
		fill = w.literal(s.in[2].data.To(eager.Float64).Item(), x.kind)
	} else if x.kind == eager.Bool {
		fill = "false"
	}
	w.line("for i := range %s[:%s] {\n%s[i] = %s\n}", y.expr, text(y.dims), y.expr, fill)
	by, offset := strides(y.dims), ""
	for a := range x.dims {
		if pads[a] != 0 {
			offset += fmt.Sprintf("+%d*%s", pads[a], by[a])
		}
	}
	w.line("{\nat := 0")
	w.loops(x.dims)
	w.line("%s[%s%s] = %s[at]\nat++", y.expr, place(by), offset, w.ref(x))
	w.close(x.dims)
	w.line("}")
}

func gatherPlaces(w *writer, s *step) {
	x, idx := s.in[0], s.in[1]
	outer, at, inner := around(x.dims, w.axis("axis", 0, len(x.dims)))
	w.call("gather", "%s, %s, %s[:%s], %s, %s, %s", s.out[0].expr, w.ref(x), w.ref(idx), text(idx.dims), outer, at, inner)
}

func gatherSingly(w *writer, s *step) {
	x, idx := s.in[0], s.in[1]
	a := w.axis("axis", 0, len(x.dims))
	for i := range x.dims {
		if i != a && x.dims[i] != idx.dims[i] {
			w.refuse("places %s of %s", shapeText(idx.dims), shapeText(x.dims))
		}
	}
	if x.kind != eager.Float32 {
		w.refuse("numbers of kind %v", x.kind)
	}
	outer, at, inner := around(x.dims, a)
	w.call("gatherElements", "%s, %s, %s, %s, %s, %s, %s", s.out[0].expr, w.ref(x), w.ref(idx), outer, idx.dims[a], at, inner)
}

func trilu(w *writer, s *step) {
	x, rank, d := s.in[0], len(s.in[0].dims), 0
	if x.kind != eager.Float32 {
		w.refuse("numbers of kind %v", x.kind)
	}
	if len(s.in) > 1 && s.in[1] != nil {
		d = w.list(1, "")[0]
	}
	w.call("triangle", "%s, %s, %s, %s, %s, %d, %v", s.out[0].expr, w.ref(x), text(x.dims[:rank-2]), x.dims[rank-2], x.dims[rank-1], d, w.int("upper", 1) != 0)
}
