package onnx_test

import (
	"math"

	"github.com/tapir-go/tapir/eager"
)

// firstPair finds the first two rows that nearly agree, and leaves both loops.
func firstPair(x *eager.Tensor) (int, int) {
	a, b := -1, -1
search:
	for i := 0; i < x.Dim(0); i++ {
		for k := i + 1; k < x.Dim(0); k++ {
			if x.Index(0, i).Sub(x.Index(0, k)).Norm().Item() < 0.8 {
				a, b = i, k
				break search
			}
			if x.At(k, 0) > 2 {
				continue search
			}
		}
	}
	return a, b
}

// positives is the mean of the positive rows.
func positives(x *eager.Tensor) (*eager.Tensor, int) {
	sum, n := eager.Zeros(3), 0
	for i := range x.Dim(0) {
		row := x.Index(0, i)
		if row.Sum().Item() <= 0 {
			continue
		}
		sum = sum.Add(row)
		n++
	}
	if n == 0 {
		return sum, 0
	}
	return sum.DivScalar(float64(n)), n
}

// moments is Welford's mean and variance, in a struct.
type moments struct {
	n    int
	mean float64
	m2   float64
}

func (m *moments) add(x float64) {
	m.n++
	d := x - m.mean
	m.mean += d / float64(m.n)
	m.m2 += d * (x - m.mean)
}

func (m moments) variance() float64 {
	if m.n < 2 {
		return 0
	}
	return m.m2 / float64(m.n-1)
}

func welford(x *eager.Tensor) (float64, float64) {
	var m moments
	for _, v := range x.Values() {
		if v < -2 {
			continue
		}
		m.add(v)
	}
	return m.mean, m.variance()
}

// closures changes a variable from a function in it.
func closures(x *eager.Tensor) (*eager.Tensor, int) {
	calls := 0
	step := func(x *eager.Tensor, by float64) *eager.Tensor {
		calls++
		if x.Sum().Item() > by {
			return x.Scale(0.5)
		}
		return x.Shift(by)
	}
	for calls < 6 && x.Abs().Max().Item() < 10 {
		x = step(step(x, 1), 2)
	}
	return x, calls
}

// leading counts the positive numbers at the start; the second condition is looked at only when the first holds.
func leading(x *eager.Tensor) int {
	i := 0
	for i < x.Dim(0) && x.At(i) > 0 {
		i++
	}
	return i
}

// power is power iteration until the vector stands still.
func power(a *eager.Tensor) (*eager.Tensor, int) {
	a = a.MatMul(a.T()).Add(eager.Eye(4))
	v, n := eager.Ones(4, 1), 0
	for {
		w := a.MatMul(v)
		w = w.Div(w.Norm())
		n++
		if w.Sub(v).Norm().Item() < 1e-3 || n >= 40 {
			return w.Mul(w), n
		}
		v = w
	}
}

// descend is gradient descent on a quadratic with backtracking.
func descend(x *eager.Tensor) (*eager.Tensor, float64) {
	f := func(x *eager.Tensor) float64 { return x.Mul(x).Sum().Item() + math.Sin(x.Sum().Item()) }
	rate := 1.0
	for range 2 {
		g := x.Scale(2).Shift(math.Cos(x.Sum().Item()))
		before := f(x)
		for f(x.Sub(g.Scale(rate))) > before-0.3*rate*g.Square().Sum().Item() && rate > 1e-3 {
			rate *= 0.5
		}
		x = x.Sub(g.Scale(rate))
	}
	return x, rate
}

// filter keeps the numbers above the mean.
func filter(x *eager.Tensor) *eager.Tensor {
	mean := x.Mean().Item()
	var out []float64
	for _, v := range x.Values() {
		if v > mean {
			out = append(out, v)
		}
	}
	return eager.New(out, len(out))
}

// sorted is insertion sort.
func sorted(x *eager.Tensor) *eager.Tensor {
	v := x.Values()
	for i := 1; i < len(v); i++ {
		for k := i; k > 0 && v[k-1] > v[k]; k-- {
			v[k-1], v[k] = v[k], v[k-1]
		}
	}
	return eager.New(v, len(v))
}

// windows is the means of windows whose width depends on the length.
func windows(x *eager.Tensor) *eager.Tensor {
	n := x.Dim(0)
	w := 2
	if n > 5 {
		w = 3
	}
	var means []*eager.Tensor
	for i := 0; i+w <= n; i++ {
		means = append(means, x.Slice(0, i, i+w).Mean(0))
	}
	return eager.Concat(0, means)
}

// scalars computes with package math.
func scalars(x *eager.Tensor) (float64, float64) {
	a, b := x.At(0), x.At(1)
	y := math.Sqrt(math.Abs(a)) + math.Exp(-math.Abs(b)) + math.Tanh(a*b) + math.Floor(a) - math.Ceil(b)
	if math.Max(a, b) > 1 {
		y = math.Pow(math.Abs(y), 0.3) + math.Log(1+b*b)
	}
	return y, min(max(y, -1), 2) + math.Round(a) + math.Trunc(3*b) + math.Cos(a)*math.Sin(b)
}

// integrate solves x' = -k x + sin t with steps that fit the error.
func integrate(p *eager.Tensor) (float64, int) {
	k, x, t, h, n := p.At(0), p.At(1), 0.0, 0.5, 0
	f := func(x, t float64) float64 { return -k*x + math.Sin(t) }
	for t < 2 && n < 200 {
		if t+h > 2 {
			h = 2 - t
		}
		k1 := f(x, t)
		k2 := f(x+h*k1, t+h)
		euler, heun := x+h*k1, x+h*(k1+k2)/2
		n++
		if math.Abs(heun-euler) > 0.01 && h > 1e-2 {
			h *= 0.5
			continue
		}
		x, t = heun, t+h
		h *= 1.5
	}
	return x, n
}

// experts sends each row to the expert that the gate chooses.
func experts(x *eager.Tensor) *eager.Tensor {
	var out []*eager.Tensor
	for i := range x.Dim(0) {
		row := x.Slice(0, i, i+1)
		e := int(row.Slice(1, 0, 3).ArgMax(1).Item())
		out = append(out, row.MatMul(net.Layers[e]))
	}
	return eager.Concat(0, out)
}

// halving adds neighbours until one row is left; an odd row is kept.
func halving(x *eager.Tensor) *eager.Tensor {
	for x.Dim(0) > 1 {
		n := x.Dim(0)
		if n%2 == 1 {
			x = eager.Concat(0, []*eager.Tensor{x, eager.Zeros(1, 3)})
			n++
		}
		x = x.Reshape(n/2, 2, 3).Sum(1).Squeeze(1)
	}
	return x
}

// edits is the edit distance of two sequences of numbers.
func edits(a, b *eager.Tensor) int {
	x, y := a.Ints(), b.Ints()
	row := make([]int, len(y)+1)
	for k := range row {
		row[k] = k
	}
	for i := range x {
		last := row[0]
		row[0] = i + 1
		for k := range y {
			cost := last
			if x[i] != y[k] {
				cost = min(last, row[k], row[k+1]) + 1
			}
			last = row[k+1]
			row[k+1] = cost
		}
	}
	return row[len(y)]
}

// cached is attention over keys and values that grow by the step.
func cached(x *eager.Tensor) *eager.Tensor {
	keys, values := x.Slice(0, 0, 1).MatMul(net.W), x.Slice(0, 0, 1)
	y := values
	for t := 1; t < x.Dim(0); t++ {
		q := x.Slice(0, t, t+1)
		keys = eager.Concat(0, []*eager.Tensor{keys, q.MatMul(net.W)})
		values = eager.Concat(0, []*eager.Tensor{values, q})
		y = q.MatMul(net.W).MatMul(keys.T()).Softmax(-1).MatMul(values)
	}
	return y
}

// machine is a state machine over a signal: 0 is idle, 1 rising, 2 falling.
func machine(x *eager.Tensor) (int, int) {
	state, peaks := 0, 0
	for i := range x.Dim(0) {
		v := x.At(i)
		switch state {
		case 0:
			if v > 0.5 {
				state = 1
			}
		case 1:
			if v < -0.5 {
				state = 2
				peaks++
			}
		case 2:
			switch {
			case v > 1:
				state = 1
			case v > 0:
				state = 0
			}
		}
	}
	return state, peaks
}

// fold calls itself: how often is known.
func fold(x *eager.Tensor) *eager.Tensor { return foldTo(x, 3) }

func foldTo(x *eager.Tensor, depth int) *eager.Tensor {
	if depth == 0 {
		return x
	}
	if x.Sum().Item() > 0 {
		return foldTo(x.Shift(-0.7), depth-1)
	}
	return foldTo(x.Shift(1), depth-1)
}

// viterbi is the best path through states.
func viterbi(x *eager.Tensor) (*eager.Tensor, float64) {
	score := x.Index(0, 0)
	var back []*eager.Tensor
	for t := 1; t < x.Dim(0); t++ {
		all := score.Unsqueeze(1).Add(net.U)
		back = append(back, all.ArgMax(0).Squeeze(0))
		score = all.Max(0).Squeeze(0).Add(x.Index(0, t))
	}
	at := int(score.ArgMax(0).Item())
	path := []int{at}
	for t := len(back) - 1; t >= 0; t-- {
		at = int(back[t].At(at))
		path = append(path, at)
	}
	return eager.FromInts(path, len(path)).Flip(0), score.Max().Item()
}

// best is the row with the largest norm; there is none before the first.
func best(x *eager.Tensor) *eager.Tensor {
	var found *eager.Tensor
	largest := -1.0
	for i := range x.Dim(0) {
		if n := x.Index(0, i).Norm().Item(); n > largest {
			found, largest = x.Index(0, i), n
		}
	}
	return found
}

// nucleus is how many of the most likely classes have the probability 0.7 together.
func nucleus(x *eager.Tensor) (int, *eager.Tensor) {
	p, at := x.Softmax(-1).TopK(5)
	sum, n := 0.0, 0
	for _, v := range p.Values() {
		sum += v
		n++
		if sum > 0.7 {
			break
		}
	}
	return n, at.Slice(0, 0, n)
}

// collapse reads the best path of connectionist temporal classification.
func collapse(x *eager.Tensor) *eager.Tensor {
	out, last := []int{-1}, -1
	for _, k := range x.ArgMax(1).Squeeze(1).Ints() {
		if k != last && k != 0 {
			out = append(out, k)
		}
		last = k
	}
	return eager.FromInts(out, len(out))
}

// ema stops when the mean settles; the arrays have a fixed length.
func ema(x *eager.Tensor) (float64, float64) {
	var window [3]float64
	slow := 0.0
	for i := range x.Dim(0) {
		window[i%3] = x.At(i)
		slow = 0.9*slow + 0.1*x.At(i)
		fast := (window[0] + window[1] + window[2]) / 3
		if i > 3 && math.Abs(fast-slow) < 0.05 {
			return fast, slow
		}
	}
	return window[0], slow
}

// primes counts with a sieve of bools as long as the number says.
func primes(x *eager.Tensor) (int, int) {
	n := int(x.Item())
	composite := make([]bool, n)
	count, last := 0, 0
	for i := 2; i < n; i++ {
		if composite[i] {
			continue
		}
		count, last = count+1, i
		for k := i * i; k < n; k += i {
			composite[k] = true
		}
	}
	return count, last
}

// matched compares dtypes: float64 and int64 tensors too.
func matched(x, labels *eager.Tensor) (*eager.Tensor, float64) {
	right := 0
	for i, k := range labels.Ints() {
		if int(x.Index(0, i).ArgMax(0).Item()) == k {
			right++
		}
	}
	loss := x.CrossEntropyT(labels)
	if float64(right)/float64(labels.Size()) > 0.5 {
		return loss.Scale(0.5), float64(right)
	}
	return loss, float64(right)
}

// layers chooses by a known setting, which is no decision of the input, and by a value.
func layers(x *eager.Tensor) *eager.Tensor {
	for i, w := range net.Layers {
		if i == 1 && net.Steps > 3 {
			x = x.MatMul(w).Relu()
			continue
		}
		if x.Mean().Item() > 0 {
			x = x.MatMul(w).Tanh()
		} else {
			x = x.MatMul(w).Sigmoid()
		}
	}
	return x
}

// spread uses sizes as numbers.
func spread(x *eager.Tensor) *eager.Tensor {
	n, c := x.Dim(0), x.Dim(1)
	ramp := eager.Arange(0, float64(n), 1).DivScalar(float64(n)).Unsqueeze(1).Expand(n, c)
	if x.Sum().Item() > float64(n*c)/10 {
		return x.Add(ramp).Reshape(n*c, 1)
	}
	return x.Sub(ramp.Reshape(n, c)).Reshape(-1, 1)
}
