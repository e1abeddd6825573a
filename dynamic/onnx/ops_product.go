package onnx

import (
	"math"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

var products = map[string]operator{
	"MatMul": matMul,
	"Gemm":   gemm,
	"Einsum": einsum,
	"Det":    det,
}

func matMul(c *call) *eager.Tensor {
	x, y := c.x(0), c.x(1)
	if !x.DType().IsFloat() { // exact below 2^53
		return x.To(eager.Float64).MatMul(y.To(eager.Float64)).To(eager.Int64)
	}
	return x.MatMul(y)
}

func gemm(c *call) *eager.Tensor {
	a, b := c.x(0), c.x(1)
	whole := !a.DType().IsFloat()
	if whole {
		a, b = a.To(eager.Float64), b.To(eager.Float64)
	}
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
		if whole {
			bias = bias.To(eager.Float64)
		}
		if beta := c.float("beta", 1); beta != 1 {
			bias = bias.Scale(beta)
		}
		y = y.Add(bias)
	}
	if whole {
		y = y.To(eager.Int64)
	}
	return y
}

// einsum multiplies its inputs along common letters and adds up those that the result does not have.
func einsum(c *call) *eager.Tensor {
	equation := strings.ReplaceAll(c.text("equation", ""), " ", "")
	left, right, given := strings.Cut(equation, "->")
	terms := strings.Split(left, ",")
	xs := c.all()
	if len(terms) != len(xs) {
		refuse("the equation %q has %d terms for %d inputs", equation, len(terms), len(xs))
	}
	// Axes that an ellipsis stands for become digits, of which 9 is the last.
	dots := 0
	for i, term := range terms {
		if n := xs[i].Rank() - len(strings.Replace(term, "...", "", 1)); strings.Contains(term, "...") {
			if n < 0 || n > maxRank {
				refuse("the term %q does not fit %v", term, xs[i].Shape())
			}
			dots = max(dots, n)
			terms[i] = strings.Replace(term, "...", "23456789"[8-n:], 1)
		}
	}
	ellipsis := "23456789"[8-dots:]
	right = strings.Replace(right, "...", ellipsis, 1)
	seen := strings.Join(terms, "")
	if !given {
		letters := []byte(seen)
		slices.Sort(letters)
		right = ellipsis
		for _, l := range letters {
			if strings.Count(seen, string(l)) == 1 && l > '9' {
				right += string(l)
			}
		}
	}
	order := right // the axes of the product: those of the result, then those that are added up
	for _, l := range seen {
		if !strings.ContainsRune(order, l) {
			order += string(l)
		}
	}
	if len(order) > maxRank {
		refuse("%d letters: at most %d are supported", len(order), maxRank)
	}
	for _, l := range right {
		if !strings.ContainsRune(seen, l) || strings.Count(right, string(l)) > 1 {
			refuse("the equation %q has %q in its result", equation, l)
		}
	}
	whole := make([]int, len(order))
	for i, x := range xs {
		for k, l := range []byte(terms[i]) {
			if k < x.Rank() {
				at := strings.IndexByte(order, l)
				whole[at] = max(whole[at], x.Dim(k))
			}
		}
	}
	wanted(whole)
	var y *eager.Tensor
	for i, x := range xs {
		x = aligned(x, terms[i], order)
		if y == nil {
			y = x
		} else {
			y = y.Mul(x)
		}
	}
	if len(order) == len(right) {
		return y
	}
	var sum []int
	for a := len(right); a < len(order); a++ {
		sum = append(sum, a)
	}
	return drop(y.Sum(sum...), sum)
}

// aligned puts the axes of x, which have the letters of term, at the places of these letters in order; others have size 1.
// Of axes of the same letter it takes the diagonal.
func aligned(x *eager.Tensor, term, order string) *eager.Tensor {
	if len(term) != x.Rank() {
		refuse("the term %q does not fit %v", term, x.Shape())
	}
	letters := []byte(term)
	for i := 0; i < len(letters); i++ {
		for j := i + 1; j < len(letters); j++ {
			if letters[j] != letters[i] {
				continue
			}
			if x.Dim(i) != x.Dim(j) {
				refuse("the letter %q has sizes %d and %d", letters[i], x.Dim(i), x.Dim(j))
			}
			shape := make([]int, x.Rank())
			for k := range shape {
				shape[k] = 1
			}
			shape[i], shape[j] = x.Dim(i), x.Dim(j)
			x = x.Mul(eager.Eye(x.Dim(i)).To(x.DType()).Reshape(shape...)).Sum(j).Squeeze(j)
			letters = slices.Delete(letters, j, j+1)
			j--
		}
	}
	var perm []int
	for _, l := range []byte(order) {
		if k := slices.Index(letters, l); k >= 0 {
			perm = append(perm, k)
		}
	}
	x = x.Transpose(perm...)
	for a, l := range []byte(order) {
		if !slices.Contains(letters, l) {
			x = x.Unsqueeze(a)
		}
	}
	return x
}

// det is the determinants of matrices, by elimination with the largest pivots.
func det(c *call) *eager.Tensor {
	x := fixed(c.x(0))
	if x.Rank() < 2 || x.Dim(-1) != x.Dim(-2) {
		refuse("it needs square matrices, got %v", x.Shape())
	}
	n := x.Dim(-1)
	lead := x.Shape()[:x.Rank()-2]
	values := x.Values()
	out := make([]float64, size(lead))
	for i := range out {
		out[i] = determinant(values[i*n*n:][:n*n], n)
	}
	return numbers(x, out, lead...)
}

func determinant(m []float64, n int) float64 {
	d := 1.0
	for k := range n {
		top := k
		for i := k + 1; i < n; i++ {
			if math.Abs(m[i*n+k]) > math.Abs(m[top*n+k]) {
				top = i
			}
		}
		if m[top*n+k] == 0 {
			return 0
		}
		if top != k {
			d = -d
			for j := range n {
				m[k*n+j], m[top*n+j] = m[top*n+j], m[k*n+j]
			}
		}
		d *= m[k*n+k]
		for i := k + 1; i < n; i++ {
			f := m[i*n+k] / m[k*n+k]
			for j := k; j < n; j++ {
				m[i*n+j] -= f * m[k*n+j]
			}
		}
	}
	return d
}
