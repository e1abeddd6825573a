package array

// real is the element types of the matrix kernels.
type real interface{ float32 | float64 }

// MatMul32 sets c = a @ b, or adds the product to c with accumulate. c is (m,n), a is (m,k), or (k,m) with transA, b is
// (k,n), or (n,k) with transB; all are contiguous and row-major. Any size may be 0; the product over k = 0 is 0. c must
// not overlap a or b. The order of the additions depends on the sizes alone: not on the number of threads.
func MatMul32(c, a, b []float32, m, n, k int, transA, transB bool, accumulate bool) {
	matMulPlain(c, a, b, m, n, k, transA, transB, accumulate)
}

// MatMul64 is MatMul32 for float64.
func MatMul64(c, a, b []float64, m, n, k int, transA, transB bool, accumulate bool) {
	matMulPlain(c, a, b, m, n, k, transA, transB, accumulate)
}

// matMulPlain is the short clear form of MatMul32 and MatMul64.
func matMulPlain[T real](c, a, b []T, m, n, k int, transA, transB bool, accumulate bool) {
	c = c[:m*n]
	if !accumulate {
		clear(c)
	}
	ai, ak := k, 1
	if transA {
		ai, ak = 1, m
	}
	for i := range m {
		row := c[i*n:][:n]
		for p := range k {
			x := a[i*ai+p*ak]
			if transB {
				for j := range row {
					row[j] += x * b[j*k+p]
				}
			} else {
				for j, y := range b[p*n:][:n] {
					row[j] += x * y
				}
			}
		}
	}
}
