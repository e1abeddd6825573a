package onnx_test

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

// The programs of the table in flow_test.go. Their text is what is lifted, and they are what is run beside it.

// weights is what the programs capture.
type weights struct {
	W, U, V *eager.Tensor
	Bias    *eager.Tensor
	Layers  []*eager.Tensor
	Exits   []*eager.Tensor
	Eps     float64
	Steps   int
}

var net = func() *weights {
	r := eager.NewRand(7)
	w := &weights{W: eager.Param("W", r.Normal(3, 4)), U: eager.Param("U", r.Normal(4, 4).Scale(0.5)), V: eager.Param("V", r.Normal(4, 5)), Bias: eager.Param("Bias", r.Normal(4)), Eps: 1e-3, Steps: 5}
	for range 3 {
		w.Layers = append(w.Layers, eager.Param("Layer", r.Normal(4, 4).Scale(0.7)))
		w.Exits = append(w.Exits, eager.Param("Exit", r.Normal(4, 2)))
	}
	return w
}()

func (w *weights) cell(x, h *eager.Tensor) *eager.Tensor {
	return x.MatMul(w.W).Add(h.MatMul(w.U)).Add(w.Bias).Tanh()
}

func (w *weights) gates(x *eager.Tensor) (i, o *eager.Tensor) {
	z := x.MatMul(w.U)
	return z.Sigmoid(), z.Tanh()
}

func branch(x *eager.Tensor) *eager.Tensor {
	if x.Sum().Item() > 0 {
		return x.Relu()
	}
	return x.Neg()
}

func newton(x *eager.Tensor) *eager.Tensor {
	y := eager.OnesLike(x)
	for y.Mul(y).Sub(x).Abs().Max().Item() > 1e-4 {
		y = y.Add(x.Div(y)).Scale(0.5)
	}
	return y
}

func halve(x *eager.Tensor) (*eager.Tensor, int) {
	n := 0
	for x.Norm().Item() > 1 {
		x = x.Scale(0.5)
		n++
		if n == 8 {
			break
		}
	}
	return x, n
}

func recurrent(x *eager.Tensor) *eager.Tensor {
	h := eager.Zeros(1, 4)
	for t := 0; t < x.Dim(0); t++ {
		h = net.cell(x.Slice(0, t, t+1), h)
	}
	return h
}

func states(x *eager.Tensor) *eager.Tensor {
	h := eager.Zeros(1, 4)
	var all []*eager.Tensor
	for t := range x.Dim(0) {
		h = net.cell(x.Index(0, t).Unsqueeze(0), h)
		all = append(all, h.Squeeze(0))
	}
	return eager.Stack(0, all)
}

// earlyExit leaves at the first layer that is sure.
func earlyExit(x *eager.Tensor) (*eager.Tensor, int) {
	for i, layer := range net.Layers {
		x = x.MatMul(layer).Tanh()
		p := x.MatMul(net.Exits[i]).Softmax(-1)
		if p.Max().Item() > 0.8 {
			return p, i
		}
	}
	return x.MatMul(net.Exits[2]).Softmax(-1), -1
}

// greedy writes tokens until it writes 0, or twelve of them.
func greedy(h *eager.Tensor) *eager.Tensor {
	tokens := []int{}
	for len(tokens) < 12 {
		token := int(h.MatMul(net.V).ArgMax(1).Item())
		if token == 0 {
			break
		}
		tokens = append(tokens, token)
		h = h.MatMul(net.U).Shift(0.1 * float64(token)).Tanh()
	}
	tokens = append(tokens, 0)
	return eager.FromInts(tokens, len(tokens))
}

// beams keeps the two best of all continuations, for a number of steps that depends on the input.
func beams(x *eager.Tensor) (*eager.Tensor, *eager.Tensor) {
	scores := eager.New([]float64{0, -1e9}, 2)
	h := x.Expand(2, 4)
	seqs := eager.FromInts([]int{0, 0}, 2, 1)
	for t := 0; t < 6; t++ {
		logp := h.MatMul(net.V).LogSoftmax(-1)
		values, at := logp.Add(scores.Unsqueeze(1)).Reshape(10).TopK(2)
		from := at.To(eager.Float32).DivScalar(5).Floor().To(eager.Int64)
		token := at.Sub(from.Scale(5))
		scores = values
		seqs = eager.Concat(1, []*eager.Tensor{seqs.Take(0, from), token.Unsqueeze(1)})
		h = h.Take(0, from).MatMul(net.U).Add(token.To(eager.Float32).Scale(0.2).Unsqueeze(1)).Tanh()
		if token.At(0) == 3 {
			break
		}
	}
	return seqs, scores
}

// tree runs a cell up a binary tree: children (n,2) are the numbers of earlier nodes, or -1 for a leaf.
func tree(x, children *eager.Tensor) *eager.Tensor {
	var hs []*eager.Tensor
	for i := 0; i < x.Dim(0); i++ {
		left, right := int(children.At(i, 0)), int(children.At(i, 1))
		h := x.Index(0, i).Unsqueeze(0).MatMul(net.W)
		if left >= 0 {
			h = h.Add(hs[left].MatMul(net.U))
		}
		if right >= 0 {
			h = h.Sub(hs[right].MatMul(net.U))
		}
		hs = append(hs, h.Tanh())
	}
	return hs[len(hs)-1]
}

// suppress is non-maximum suppression: boxes (n,4) as corners, best first.
func suppress(boxes *eager.Tensor) *eager.Tensor {
	var keep []int
	for i := 0; i < boxes.Dim(0); i++ {
		fine := true
		for _, k := range keep {
			if overlap(boxes.Index(0, i), boxes.Index(0, k)) > 0.3 {
				fine = false
				break
			}
		}
		if fine {
			keep = append(keep, i)
		}
	}
	return boxes.Take(0, eager.FromInts(keep, len(keep)))
}

func overlap(a, b *eager.Tensor) float64 {
	w := math.Min(a.At(2), b.At(2)) - math.Max(a.At(0), b.At(0))
	h := math.Min(a.At(3), b.At(3)) - math.Max(a.At(1), b.At(1))
	if w <= 0 || h <= 0 {
		return 0
	}
	area := func(x *eager.Tensor) float64 { return (x.At(2) - x.At(0)) * (x.At(3) - x.At(1)) }
	return w * h / (area(a) + area(b) - w*h)
}

// ponder is adaptive computation time: it halts when the halting probabilities sum to 1.
func ponder(x *eager.Tensor) (*eager.Tensor, float64) {
	sum, steps := 0.0, 0.0
	rate := x.Mean().Sigmoid().Item() * 0.3
	out := eager.ZerosLike(x)
	for steps < 10 {
		x = x.MatMul(net.U).Add(net.Bias).Tanh()
		p := rate * (1.5 + x.Mean().Item()) / 2
		steps++
		if sum+p >= 1-net.Eps {
			return out.Add(x.Scale(1 - sum)), steps
		}
		sum += p
		out = out.Add(x.Scale(p))
	}
	return out, steps
}

// ragged runs rows of different lengths.
func ragged(x, lengths *eager.Tensor) *eager.Tensor {
	var rows []*eager.Tensor
	for n := range x.Dim(0) {
		h := eager.Zeros(1, 4)
		for t := 0; t < int(lengths.At(n)); t++ {
			h = net.cell(x.Index(0, n).Slice(0, t, t+1), h)
		}
		rows = append(rows, h)
	}
	return eager.Concat(0, rows)
}

// sample draws one of the classes with the random number u of each step, until it draws the last one.
func sample(logits, u *eager.Tensor) (*eager.Tensor, int) {
	p := logits.Softmax(-1)
	drawn := []int{}
	for t := 0; t < u.Dim(0); t++ {
		left, k := u.At(t), 0
		for k < p.Dim(0)-1 && left >= p.At(k) {
			left -= p.At(k)
			k++
		}
		drawn = append(drawn, k)
		if k == p.Dim(0)-1 {
			break
		}
	}
	return eager.FromInts(drawn, len(drawn)), len(drawn)
}

// nested has ifs in a loop in an if.
func nested(x *eager.Tensor) *eager.Tensor {
	if x.Max().Item() > 1 {
		for i := 0; i < x.Dim(0); i++ {
			row := x.Index(0, i)
			if row.Sum().Item() > 0 {
				if row.Max().Item() > 2 {
					x = x.Scale(0.5)
				} else {
					x = x.Shift(-0.1)
				}
			} else if row.Min().Item() < -1 {
				x = x.Clip(-1, 1)
			}
		}
		return x
	}
	return x.Exp()
}

// bySize decides by the number of rows.
func bySize(x *eager.Tensor) *eager.Tensor {
	n := x.Dim(0)
	if n == 1 {
		return x.Squeeze(0)
	}
	if n > 4 {
		x = x.Slice(0, 0, 4)
	}
	if n%2 == 0 {
		return x.Mean(0).Squeeze(0)
	}
	return x.Max(0).Squeeze(0)
}

// policy normalises an observation and takes the best action that is allowed.
func policy(obs, allowed *eager.Tensor) (int, *eager.Tensor) {
	obs = obs.Sub(net.Bias).DivScalar(2).Clip(-1, 1)
	logits := obs.MatMul(net.V).Squeeze(0)
	best, action := math.Inf(-1), -1
	for a := range logits.Dim(0) {
		if allowed.At(a) == 0 {
			continue
		}
		if v := logits.At(a); v > best {
			best, action = v, a
		}
	}
	if action < 0 {
		return 0, eager.ZerosLike(logits)
	}
	return action, logits.Softmax(-1)
}

// root is Newton's iteration on a Go number.
func root(x *eager.Tensor) float64 {
	a := x.Item()
	y := a
	if a < 1 {
		y = 1
	}
	for math.Abs(y*y-a) > 1e-9 {
		y = (y + a/y) / 2
	}
	return y
}

func collatz(x *eager.Tensor) (int, int) {
	n, steps, top := int(x.Item()), 0, 0
	for n != 1 {
		if n%2 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
		top = max(top, n)
		steps++
	}
	return steps, top
}

func gcd(x *eager.Tensor) int {
	a, b := int(x.At(0)), int(x.At(1))
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// bisect finds a zero of a cubic, or says that there is no sign change.
func bisect(c *eager.Tensor) (float64, bool) {
	f := func(x float64) float64 { return ((c.At(0)*x+c.At(1))*x+c.At(2))*x + c.At(3) }
	lo, hi := -4.0, 4.0
	if f(lo)*f(hi) > 0 {
		return 0, false
	}
	for math.Abs(f((lo+hi)/2)) > 1e-4 {
		mid := (lo + hi) / 2
		if f(lo)*f(mid) < 0 {
			hi = mid
		} else {
			lo = mid
		}
	}
	return (lo + hi) / 2, true
}

// bySwitch takes a way for each class.
func bySwitch(x *eager.Tensor) *eager.Tensor {
	switch x.ArgMax(0).Item() {
	case 0:
		x = x.Scale(2)
	case 1, 2:
		if x.Max().Item() > 1 {
			break
		}
		x = x.Neg()
	default:
		return x.Softmax(0)
	}
	return x.Shift(1)
}

// gated uses several results of a method.
func gated(x *eager.Tensor) *eager.Tensor {
	c := eager.ZerosLike(x)
	for range net.Steps {
		i, o := net.gates(x)
		c = c.Mul(i).Add(o)
		if c.Norm().Item() > 1.2 {
			c = c.Scale(0.5)
		}
		x = c.Tanh()
	}
	return x
}
