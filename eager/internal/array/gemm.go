package array

import (
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// real is the element types of the matrix kernels.
type real interface{ float32 | float64 }

// MatMul32 sets c = a @ b, or adds the product to c with accumulate. c is (m,n), a is (m,k), or (k,m) with transA, b is
// (k,n), or (n,k) with transB; all are contiguous and row-major. Any size may be 0; the product over k = 0 is 0. c must
// not overlap a or b. The order of the additions depends on the sizes alone: not on the number of threads.
func MatMul32(c, a, b []float32, m, n, k int, transA, transB bool, accumulate bool) {
	matMul(simd.Tile32(), c, a, b, m, n, k, transA, transB, accumulate, nil)
}

// MatMul64 is MatMul32 for float64.
func MatMul64(c, a, b []float64, m, n, k int, transA, transB bool, accumulate bool) {
	matMul(simd.Tile64(), c, a, b, m, n, k, transA, transB, accumulate, nil)
}

// matMul is MatMul32 for either type. With a bias (n) it sets c = a @ b + bias.
func matMul[T real](t *simd.Tile[T], c, a, b []T, m, n, k int, transA, transB bool, accumulate bool, bias []T) {
	c, a, b = c[:m*n], a[:m*k], b[:k*n]
	if len(c) == 0 {
		return
	}
	if bias != nil && (k == 0 || m == 1 || n == 1) {
		for i := range m {
			copy(c[i*n:][:n], bias)
		}
		accumulate, bias = true, nil
	}
	if k == 0 {
		if !accumulate {
			clear(c)
		}
		return
	}
	acc := 0
	if accumulate {
		acc = 1
	}
	switch {
	case m == 1 && transB:
		dots(t, c, b, a, n, k, acc)
	case m == 1:
		combine(t, c, a, b, n, k, acc)
	case n == 1 && transA:
		combine(t, c, b, a, m, k, acc)
	case n == 1:
		dots(t, c, a, b, m, k, acc)
	default:
		g := gemm[T]{t: t, c: c, a: a, b: b, m: m, n: n, k: k, ars: k, aks: 1, tb: transB, acc: acc, bias: bias}
		if transA {
			g.ars, g.aks = 1, m
		}
		g.run()
	}
}

// vectorBlock is how many numbers of a matrix one kernel call takes at most in a product with a vector: 10 to 50
// microseconds from main memory.
const vectorBlock = 1 << 17

// dots sets y = w@x for w of rows rows and n columns.
func dots[T real](t *simd.Tile[T], y, w, x []T, rows, n, acc int) {
	if rows*n <= 2*vectorBlock {
		dotRows(t, y, w, x, 0, rows, n, acc)
		return
	}
	Parallel(rows, 1+vectorBlock/n, func(lo, hi int) { dotRows(t, y, w, x, lo, hi, n, acc) })
}

func dotRows[T real](t *simd.Tile[T], y, w, x []T, lo, hi, n, acc int) {
	step := max(1, vectorBlock/n)
	for i := lo; i < hi; i += step {
		rows := min(step, hi-i)
		a := acc
		for j := 0; j < n; j += vectorBlock {
			t.Dots(rows, &w[i*n+j], n, &x[j], &y[i], min(vectorBlock, n-j), a)
			a = 1
		}
	}
}

// combine sets y = x@w for w of k rows and n columns.
func combine[T real](t *simd.Tile[T], y, x, w []T, n, k, acc int) {
	if n*k <= 2*vectorBlock {
		combineColumns(t, y, x, w, 0, n, n, k, acc)
		return
	}
	// What the kernel takes at a time, so wide that neighbours do not write to one cache line; wider rows stream better.
	grain := 4 * t.Cols
	for grain < n && (grain*k < vectorBlock || grain*4*runtime.GOMAXPROCS(0) < n) {
		grain *= 2
	}
	Parallel(n, grain, func(lo, hi int) { combineColumns(t, y, x, w, lo, hi, n, k, acc) })
}

func combineColumns[T real](t *simd.Tile[T], y, x, w []T, lo, hi, n, k, acc int) {
	const rows = 256 // a block of y is read and written once for as many
	width := vectorBlock / rows
	for p := 0; p < k; p += rows {
		for j := lo; j < hi; j += width {
			t.Combine(min(rows, k-p), &x[p], 1, &w[p*n+j], n, &y[j], min(width, hi-j), acc)
		}
		acc = 1
	}
}
