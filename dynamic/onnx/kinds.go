package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

type operator func(c *call) *eager.Tensor

// kinds holds how the engine computes each ONNX operator that the runner knows.
var kinds map[string]operator

func init() {
	kinds = map[string]operator{
		"Identity": func(c *call) *eager.Tensor { return c.x(0) },
		"Constant": constant,
		"Cast":     cast,
		"Shape":    shape,

		"Add": two((*eager.Tensor).Add), "Sub": two((*eager.Tensor).Sub),
		"Mul": two((*eager.Tensor).Mul), "Div": two((*eager.Tensor).Div),
		"Pow": two((*eager.Tensor).Pow), "Max": two((*eager.Tensor).Maximum), "Min": two((*eager.Tensor).Minimum),
		"Equal": two((*eager.Tensor).Equal), "Less": two((*eager.Tensor).Less), "LessOrEqual": two((*eager.Tensor).LessEqual),
		"Greater": two((*eager.Tensor).Greater), "GreaterOrEqual": two((*eager.Tensor).GreaterEqual),
		"And": two((*eager.Tensor).And), "Or": two((*eager.Tensor).Or),
		"Where": func(c *call) *eager.Tensor { return eager.Where(c.x(0), c.x(1), c.x(2)) },

		"Neg": one((*eager.Tensor).Neg), "Exp": one((*eager.Tensor).Exp), "Log": one((*eager.Tensor).Log),
		"Sqrt": one((*eager.Tensor).Sqrt), "Abs": one((*eager.Tensor).Abs), "Sign": one((*eager.Tensor).Sign),
		"Sin": one((*eager.Tensor).Sin), "Cos": one((*eager.Tensor).Cos), "Tanh": one((*eager.Tensor).Tanh),
		"Sigmoid": one((*eager.Tensor).Sigmoid), "Relu": one((*eager.Tensor).Relu), "Softplus": one((*eager.Tensor).Softplus),
		"Erf": one((*eager.Tensor).Erf), "Floor": one((*eager.Tensor).Floor), "Ceil": one((*eager.Tensor).Ceil),
		"Round": one((*eager.Tensor).Round), "Reciprocal": one((*eager.Tensor).Reciprocal),
		"Not": one((*eager.Tensor).Not), "IsNaN": one((*eager.Tensor).IsNaN),
		"LeakyRelu": func(c *call) *eager.Tensor { return c.x(0).LeakyRelu(c.float("alpha", 0.01)) },
		"Elu":       func(c *call) *eager.Tensor { return c.x(0).Elu(c.float("alpha", 1)) },
		"Clip":      clip,

		"ReduceSum": reduce((*eager.Tensor).Sum), "ReduceMean": reduce((*eager.Tensor).Mean), "ReduceMax": reduce((*eager.Tensor).Max),
		"ReduceMin": reduce((*eager.Tensor).Min), "ReduceProd": reduce((*eager.Tensor).Prod),
		"ReduceLogSumExp":         logSumExp,
		"SoftmaxCrossEntropyLoss": crossEntropy,
		"TopK":                    topK,
		"ArgMax":                  argOf((*eager.Tensor).ArgMax),
		"ArgMin":                  argOf((*eager.Tensor).ArgMin),
		"Softmax":                 func(c *call) *eager.Tensor { return c.x(0).Softmax(c.int("axis", -1)) },
		"LogSoftmax":              func(c *call) *eager.Tensor { return c.x(0).LogSoftmax(c.int("axis", -1)) },
		"CumSum":                  cumSum,

		"LayerNormalization": layerNorm,
		"BatchNormalization": batchNorm,

		"Reshape":   reshape,
		"Flatten":   flatten,
		"Transpose": transpose,
		"Expand":    expand,
		"Squeeze":   func(c *call) *eager.Tensor { return drop(c.x(0), c.axes(1)) },
		"Unsqueeze": unsqueeze,
		"Slice":     slice,
		"Concat":    func(c *call) *eager.Tensor { return eager.Concat(c.int("axis", 0), c.in) },
		"Pad":       pad,
		"Trilu":     trilu,

		"Gather":          func(c *call) *eager.Tensor { return c.x(0).Take(c.int("axis", 0), c.x(1)) },
		"GatherElements":  func(c *call) *eager.Tensor { return c.x(0).GatherElements(c.int("axis", 0), c.x(1)) },
		"ScatterElements": scatter,

		"MatMul":        two((*eager.Tensor).MatMul),
		"Gemm":          gemm,
		"Conv":          conv,
		"ConvTranspose": convTranspose,
		"MaxPool":       maxPool,
		"AveragePool":   averagePool,

		"GlobalAveragePool": func(c *call) *eager.Tensor { return c.x(0).Mean(positions(c.x(0))...) },
		"GlobalMaxPool":     func(c *call) *eager.Tensor { return c.x(0).Max(positions(c.x(0))...) },
		"LSTM":              lstm,
		"GRU":               gru,
	}
}

func one(f func(x *eager.Tensor) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor { return f(c.x(0)) }
}

func two(f func(x, y *eager.Tensor) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor { return f(c.x(0), c.x(1)) }
}

// reduce is a reduction whose axes are its second input or an attribute.
func reduce(f func(x *eager.Tensor, axes ...int) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor {
		x, axes := c.x(0), c.axes(1)
		if len(axes) == 0 {
			for i := range x.Rank() {
				axes = append(axes, i)
			}
		}
		y := f(x, axes...)
		if c.int("keepdims", 1) == 0 {
			y = drop(y, axes)
		}
		return y
	}
}

func argOf(f func(x *eager.Tensor, axis int) *eager.Tensor) operator {
	return func(c *call) *eager.Tensor {
		axis := c.int("axis", 0)
		y := f(c.x(0), axis)
		if c.int("keepdims", 1) == 0 {
			y = y.Squeeze(axis)
		}
		return y
	}
}

// logSumExp reduces one axis, which is what the engine has.
func logSumExp(c *call) *eager.Tensor {
	axes := c.axes(1)
	if len(axes) != 1 || c.int("keepdims", 1) == 0 {
		panic(badNode(fmt.Sprintf("axes %v: only one axis that is kept is supported", axes)))
	}
	return c.x(0).LogSumExp(axes[0])
}

func crossEntropy(c *call) *eager.Tensor {
	if r := attr(c, "reduction", "mean"); r != "mean" {
		panic(badNode(fmt.Sprintf("reduction %q is not supported, only mean", r)))
	}
	return c.x(0).CrossEntropyT(c.x(1))
}

// layerNorm normalises the axes from axis on.
func layerNorm(c *call) *eager.Tensor {
	x, w := c.x(0), c.x(1)
	if axis := c.int("axis", -1); axis != -w.Rank() && axis != x.Rank()-w.Rank() {
		panic(badNode(fmt.Sprintf("a scale of shape %v for axes from %d on is not supported: want their shape", w.Shape(), axis)))
	}
	b := c.optional(2)
	if b == nil {
		b = eager.ZerosLike(w)
	}
	return x.LayerNorm(w, b, c.float("epsilon", 1e-5))
}

// batchNorm normalises channels with given statistics or, in training, with those of the batch, and then has two more
// results: the given ones moved towards those of the batch.
func batchNorm(c *call) *eager.Tensor {
	x, w, b, mean, variance, eps := c.x(0), c.x(1), c.x(2), c.x(3), c.x(4), c.float("epsilon", 1e-5)
	if c.int("training_mode", 0) == 0 {
		return x.BatchNormWith(w, b, mean, variance, eps)
	}
	y, m, v := x.BatchNorm(w, b, eps)
	keep := c.float("momentum", 0.9)
	moved := func(old, now *eager.Tensor) *eager.Tensor { return old.Scale(keep).Add(now.Scale(1 - keep)) }
	c.more = []*eager.Tensor{moved(mean, m), moved(variance, v)}
	return y
}

// topK has two results, the values and the indices.
func topK(c *call) *eager.Tensor {
	x, k := c.x(0), int(c.x(1).Item())
	if axis := c.int("axis", -1); axis != -1 && axis != x.Rank()-1 || c.int("largest", 1) == 0 {
		panic(badNode("only the largest of the last axis are supported"))
	}
	values, indices := x.TopK(k)
	c.more = []*eager.Tensor{indices}
	return values
}

func constant(c *call) *eager.Tensor {
	t := attr[*Tensor](c, "value", nil)
	if t == nil {
		panic(badNode("only a constant with the attribute value is supported"))
	}
	x, err := decode(t)
	if err != nil {
		panic(badNode(err.Error()))
	}
	return x
}

func cast(c *call) *eager.Tensor {
	d, err := dtype(ElemType(c.int("to", 0)))
	if err != nil {
		panic(badNode(err.Error()))
	}
	return c.x(0).To(d)
}

func shape(c *call) *eager.Tensor {
	s := c.x(0).Shape()
	return eager.FromInts(s, len(s))
}

func clip(c *call) *eager.Tensor {
	lo, hi := math.Inf(-1), math.Inf(1)
	if x := c.optional(1); x != nil {
		lo = x.Item()
	}
	if x := c.optional(2); x != nil {
		hi = x.Item()
	}
	return c.x(0).Clip(lo, hi)
}

func cumSum(c *call) *eager.Tensor {
	if c.int("exclusive", 0) != 0 || c.int("reverse", 0) != 0 {
		panic(badNode("exclusive and reverse sums are not supported"))
	}
	return c.x(0).CumSum(int(c.x(1).Item()))
}

// reshape reads 0 as the size of the same axis, and -1 as what is left.
func reshape(c *call) *eager.Tensor {
	x, to := c.x(0), c.x(1).Ints()
	for i, d := range to {
		if d == 0 && c.int("allowzero", 0) == 0 {
			if i >= x.Rank() {
				panic(badNode(fmt.Sprintf("shape %v keeps axis %d, which %v does not have", to, i, x.Shape())))
			}
			to[i] = x.Dim(i)
		}
	}
	return x.Reshape(to...)
}

func flatten(c *call) *eager.Tensor {
	x, axis := c.x(0), c.int("axis", 1)
	if axis < 0 {
		axis += x.Rank()
	}
	rows := 1
	for _, d := range x.Shape()[:axis] {
		rows *= d
	}
	return x.Reshape(rows, -1)
}

func transpose(c *call) *eager.Tensor {
	perm := c.ints("perm")
	if perm == nil {
		perm = permuted(c.x(0).Rank())
	}
	return c.x(0).Transpose(perm...)
}

// expand broadcasts in both directions, as ONNX has it.
func expand(c *call) *eager.Tensor {
	x, to := c.x(0), c.x(1).Ints()
	for i := 1; i <= min(len(to), x.Rank()); i++ {
		if to[len(to)-i] == 1 {
			to[len(to)-i] = x.Dim(x.Rank() - i)
		}
	}
	for len(to) < x.Rank() {
		to = slices.Insert(to, 0, x.Dim(x.Rank()-len(to)-1))
	}
	return x.Expand(to...)
}

func unsqueeze(c *call) *eager.Tensor {
	x, axes := c.x(0), slices.Clone(c.axes(1))
	for i, a := range axes {
		if a < 0 {
			axes[i] = a + x.Rank() + len(axes)
		}
	}
	slices.Sort(axes)
	for _, a := range axes {
		x = x.Unsqueeze(a)
	}
	return x
}

func slice(c *call) *eager.Tensor {
	x, starts, ends := c.x(0), c.x(1).Ints(), c.x(2).Ints()
	axes := make([]int, len(starts))
	for i := range axes {
		axes[i] = i
	}
	if v := c.optional(3); v != nil {
		axes = v.Ints()
	}
	if v := c.optional(4); v != nil {
		for _, step := range v.Ints() {
			if step == -1 && len(starts) == 1 {
				return x.Flip(axes[0])
			}
			if step != 1 {
				panic(badNode(fmt.Sprintf("a step of %d is not supported", step)))
			}
		}
	}
	for i, a := range axes {
		n := x.Dim(a)
		x = x.Slice(a, within(starts[i], n), within(ends[i], n))
	}
	return x
}

// within turns an ONNX bound, which may be negative or past the end, into 0..n.
func within(i, n int) int {
	if i < 0 {
		i += n
	}
	return max(0, min(i, n))
}

func pad(c *call) *eager.Tensor {
	if mode := attr(c, "mode", "constant"); mode != "constant" {
		panic(badNode(fmt.Sprintf("padding mode %q is not supported", mode)))
	}
	if v := c.optional(2); v != nil && v.Item() != 0 {
		panic(badNode("only padding by zeros is supported"))
	}
	x, pads := c.x(0), c.x(1).Ints()
	for a := range x.Rank() {
		if before, after := pads[a], pads[a+x.Rank()]; before != 0 || after != 0 {
			x = x.Pad(a, before, after)
		}
	}
	return x
}

func trilu(c *call) *eager.Tensor {
	if k := c.optional(1); k != nil && k.Item() != 0 {
		panic(badNode("only the main diagonal is supported"))
	}
	if c.int("upper", 1) != 0 {
		return c.x(0).Triu()
	}
	return c.x(0).Tril()
}

func scatter(c *call) *eager.Tensor {
	if mode := attr(c, "reduction", "none"); mode != "add" {
		panic(badNode(fmt.Sprintf("reduction %q is not supported, only add", mode)))
	}
	return c.x(0).ScatterAdd(c.int("axis", 0), c.x(1), c.x(2))
}

func gemm(c *call) *eager.Tensor {
	a, b := c.x(0), c.x(1)
	if c.int("transA", 0) != 0 {
		a = a.T()
	}
	if c.int("transB", 0) != 0 {
		b = b.T()
	}
	y := a.MatMul(b)
	if alpha := c.float("alpha", 1); alpha != 1 {
		y = y.Scale(alpha)
	}
	if bias := c.optional(2); bias != nil {
		if beta := c.float("beta", 1); beta != 1 {
			bias = bias.Scale(beta)
		}
		y = y.Add(bias)
	}
	return y
}
