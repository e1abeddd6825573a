package simd

import "math"

// Sum is the sum of a; 0 for none. The order of the additions depends on len(a) and the level alone, and long slices
// lose no more precision than short ones: chunks are added up in float64.
func Sum(a []float32) float32 {
	if len(a) <= chunk {
		return use.sum(a)
	}
	s := 0.0
	for len(a) > chunk {
		s += float64(use.sum(a[:chunk]))
		a = a[chunk:]
	}
	return float32(s + float64(use.sum(a)))
}

// SumRows adds to dst the rows of x, each of len(dst) numbers, ld apart, one after the other. What is added up in one call
// should be few rows: their rounding errors add up.
func SumRows(dst, x []float32, rows, ld int) {
	if rows == 0 {
		return
	}
	_ = x[:(rows-1)*ld+len(dst)]
	const width = 512
	step := max(1, 2*chunk/width)
	for ; rows > 0; rows -= step {
		for j := 0; j < len(dst); j += width {
			use.sumRows(dst[j:min(j+width, len(dst))], x[j:], min(rows, step), ld)
		}
		x = x[min(step*ld, len(x)):]
	}
}

// Dot is the sum of a * b over len(a) elements, in an order that depends on len(a) and the level alone.
func Dot(a, b []float32) float32 {
	b = b[:len(a)]
	if len(a) <= chunk {
		return use.dot(a, b)
	}
	s := 0.0
	for len(a) > chunk {
		s += float64(use.dot(a[:chunk], b[:chunk]))
		a, b = a[chunk:], b[chunk:]
	}
	return float32(s + float64(use.dot(a, b)))
}

// MaxOf is the largest element of a: NaN if any is NaN, -Inf for none.
func MaxOf(a []float32) float32 {
	m := float32(math.Inf(-1))
	for len(a) > chunk {
		m = max(m, use.maxOf(a[:chunk]))
		a = a[chunk:]
	}
	return max(m, use.maxOf(a))
}

// ExpSum sets dst = e**(a - shift) and returns the sum of dst, in an order that depends on len(dst) and the level
// alone. It is the middle of a softmax, and of a log-sum-exp.
func ExpSum(dst, a []float32, shift float32) float32 {
	a = a[:len(dst)]
	if len(dst) <= chunk {
		return use.expSum(dst, a, shift)
	}
	s := 0.0
	for len(dst) > chunk {
		s += float64(use.expSum(dst[:chunk], a[:chunk], shift))
		dst, a = dst[chunk:], a[chunk:]
	}
	return float32(s + float64(use.expSum(dst, a, shift)))
}

// SoftmaxRow sets dst = e**(x - max x) / (their sum). A row with a NaN or +Inf in it, or of -Inf alone, is all NaN.
func SoftmaxRow(dst, x []float32) {
	x = x[:len(dst)]
	s := ExpSum(dst, x, MaxOf(x))
	MulS(dst, dst, 1/s)
}

func plainSumRows(dst, x []float32, rows, ld int) {
	for r := range rows {
		for i, v := range x[r*ld:][:len(dst)] {
			dst[i] += v
		}
	}
}
