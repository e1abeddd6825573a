package array

import (
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// matrix is the last two axes of an array as the kernels take them: rows without gaps, or turned.
func matrix(a *Array) (m Array, turned bool, done func()) {
	r := len(a.Shape)
	if a.Strides == nil {
		return *a, false, func() {}
	}
	perm := make([]int, r)
	for i := range perm {
		perm[i] = i
	}
	perm[r-1], perm[r-2] = r-2, r-1
	if t := a.Transpose(perm); t.Strides == nil {
		return t, true, func() {}
	}
	m, done = packed(a)
	return m, false, done
}

// MatMul is a (...,n,k) times b (...,k,m), with batches that broadcast to those of shape (...,n,m).
func MatMul(a, b *Array, shape []int) Array {
	y := New(a.DType, shape)
	r := len(shape)
	n, m, k := shape[r-2], shape[r-1], a.Shape[len(a.Shape)-1]
	batch := Size(shape[:r-2])
	if len(b.Shape) == 2 && a.Strides == nil { // one product for the whole batch
		n, batch = n*batch, 1
	}
	x, xt, xdone := matrix(a)
	w, wt, wdone := matrix(b)
	if batch == 1 {
		product(&y, &x, &w, 0, 0, 0, n, m, k, xt, wt)
	} else {
		xs, ws := batches(shape[:r-2], a.Shape[:len(a.Shape)-2]), batches(shape[:r-2], b.Shape[:len(b.Shape)-2])
		one := func(lo, hi int) {
			for i := lo; i < hi; i++ {
				product(&y, &x, &w, i*n*m, xs(i)*n*k, ws(i)*k*m, n, m, k, xt, wt)
			}
		}
		if n*m*k < batchWork { // too small to be shared out itself
			Parallel(batch, 1+batchWork/(1+n*m*k), one)
		} else {
			one(0, batch)
		}
	}
	xdone()
	wdone()
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(b.Store)
	return y
}

// batchWork is so many multiplications that a product keeps all processors busy by itself, and takes some 20 microseconds.
const batchWork = 1 << 21

// batches maps a place in the batch of the result to one in that of an argument.
func batches(shape, own []int) func(int) int {
	if Equal(shape, own) {
		return func(i int) int { return i }
	}
	st := rowMajor(own)
	skip := len(shape) - len(own)
	return func(i int) int {
		at := 0
		for k := len(shape) - 1; k >= skip; k-- {
			if own[k-skip] != 1 {
				at += i % shape[k] * st[k-skip]
			}
			i /= shape[k]
		}
		return at
	}
}

func product(y, x, w *Array, yo, xo, wo, n, m, k int, xt, wt bool) {
	if y.DType == Float32 {
		MatMul32(y.F32()[yo:yo+n*m], x.F32()[xo:xo+n*k], w.F32()[wo:wo+k*m], n, m, k, xt, wt, false)
	} else {
		MatMul64(Flat[float64](y)[yo:yo+n*m], Flat[float64](x)[xo:xo+n*k], Flat[float64](w)[wo:wo+k*m], n, m, k, xt, wt, false)
	}
}

// Linear is x (...,k) times w (k,m) plus b (m).
func Linear(x, w, b *Array, shape []int) Array {
	y := New(x.DType, shape)
	m, k := w.Shape[1], w.Shape[0]
	n := Size(shape[:len(shape)-1])
	bias, bdone := packed(b)
	xs, xt, xdone := *x, false, func() {}
	if x.Strides != nil {
		if len(x.Shape) == 2 {
			xs, xt, xdone = matrix(x)
		} else {
			xs, xdone = packed(x)
		}
	}
	ws, wt, wdone := matrix(w)
	if x.DType == Float32 {
		matMul(simd.Tile32(), y.F32(), xs.F32(), ws.F32(), n, m, k, xt, wt, false, bias.F32())
	} else {
		matMul(simd.Tile64(), Flat[float64](&y), Flat[float64](&xs), Flat[float64](&ws), n, m, k, xt, wt, false, Flat[float64](&bias))
	}
	xdone()
	wdone()
	bdone()
	runtime.KeepAlive(x.Store)
	runtime.KeepAlive(w.Store)
	runtime.KeepAlive(b.Store)
	return y
}
