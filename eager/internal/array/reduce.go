package array

import (
	"math"
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Reducer names a way to make one number of many.
type Reducer uint8

// The reductions.
const (
	Total Reducer = iota
	Largest
	Smallest
)

// Reduce folds the axes that are marked; they stay, with size 1. The order of additions is fixed by the shape alone.
func Reduce(r Reducer, a *Array, axes []bool) Array {
	// Cut the axes into runs of kept and folded ones, then fold run after run from the right.
	x, free := *a, func() {}
	if a.Strides != nil {
		x, free = packed(a)
	}
	shape := append([]int(nil), a.Shape...)
	for i, folded := range axes {
		if folded {
			shape[i] = 1
		}
	}
	inner, folded, changed := 1, 1, false
	for i := len(axes) - 1; i >= -1; i-- {
		if i >= 0 && axes[i] {
			folded *= a.Shape[i]
			changed = true
			continue
		}
		if changed {
			outer := Size(a.Shape[:i+1])
			y := fold(r, &x, outer, folded, inner)
			free()
			x, free = y, y.Store.Free
			changed, folded = false, 1
		}
		if i >= 0 {
			inner *= a.Shape[i]
		}
	}
	if x.Store == a.Store {
		y := Contiguous(a)
		x = y
	}
	x.Shape = shape
	runtime.KeepAlive(a.Store)
	return x
}

// fold makes (outer,inner) of contiguous (outer,n,inner).
func fold(r Reducer, x *Array, outer, n, inner int) Array {
	y := New(x.DType, []int{outer, 1, inner})
	switch x.DType {
	case Float32:
		d, s := y.F32(), x.F32()
		switch {
		case inner == 1:
			each(outer, 1+(1<<15)/max(n, 1), func(lo, hi int) {
				for o := lo; o < hi; o++ {
					d[o] = foldRow32(r, s[o*n:(o+1)*n])
				}
			})
		default:
			foldColumns32(r, d, s, outer, n, inner)
		}
	case Float64:
		foldAny(r, Flat[float64](&y), Flat[float64](x), outer, n, inner, math.Inf(-1), math.Inf(1))
	case Int64:
		foldAny(r, Flat[int64](&y), Flat[int64](x), outer, n, inner, math.MinInt64, math.MaxInt64)
	default:
		foldAny(r, Flat[uint8](&y), Flat[uint8](x), outer, n, inner, 0, 255)
	}
	runtime.KeepAlive(x.Store)
	return y
}

func foldRow32(r Reducer, x []float32) float32 {
	switch r {
	case Total:
		return total32(x)
	case Largest:
		return simd.MaxOf(x)
	default:
		m := float32(math.Inf(1))
		for _, v := range x {
			m = min(m, v)
		}
		return m
	}
}

// total32 is the sum of x: that of pieces, whose sums are added up in float64.
func total32(x []float32) float32 {
	const size = 1 << 15
	if len(x) <= size {
		return simd.Sum(x)
	}
	parts := make([]float64, (len(x)+size-1)/size)
	ParallelChunks(len(x), size, func(i, lo, hi int) { parts[i] = float64(simd.Sum(x[lo:hi])) })
	sum := 0.0
	for _, v := range parts {
		sum += v
	}
	return float32(sum)
}

// foldColumns32 folds blocks of rows, whose size depends on the shape alone, and then what came out of them.
func foldColumns32(r Reducer, d, s []float32, outer, n, inner int) {
	if n == 0 {
		v := map[Reducer]float32{Total: 0, Largest: float32(math.Inf(-1)), Smallest: float32(math.Inf(1))}[r]
		for i := range d {
			d[i] = v
		}
		return
	}
	if inner == 0 {
		return
	}
	high := min(n, max(64, (1<<15)/inner))
	blocks := (n + high - 1) / high
	if blocks == 1 {
		each(outer, 1+(1<<15)/(n*inner), func(lo, hi int) {
			for o := lo; o < hi; o++ {
				foldBlock32(r, d[o*inner:(o+1)*inner], s[o*n*inner:(o+1)*n*inner])
			}
		})
		return
	}
	mem, parts := scratch[float32](outer * blocks * inner)
	defer mem.Free()
	ParallelChunks(outer*blocks, 1, func(i, _, _ int) {
		o, k := i/blocks, i%blocks
		foldBlock32(r, parts[i*inner:(i+1)*inner], s[(o*n+k*high)*inner:(o*n+min((k+1)*high, n))*inner])
	})
	for o := range outer {
		foldBlock32(r, d[o*inner:(o+1)*inner], parts[o*blocks*inner:(o+1)*blocks*inner])
	}
}

// foldBlock32 folds all rows of x into row. Sums are of 64 rows each, and then of those.
func foldBlock32(r Reducer, row, x []float32) {
	n := len(row)
	if r == Total {
		const few = 64
		clear(row)
		if len(x) <= few*n {
			simd.SumRows(row, x, len(x)/n, n)
			return
		}
		mem, part := scratch[float32](n)
		defer mem.Free()
		part = part[:n]
		for ; len(x) > 0; x = x[min(few*n, len(x)):] {
			clear(part)
			simd.SumRows(part, x, min(few, len(x)/n), n)
			simd.Add(row, row, part)
		}
		return
	}
	copy(row, x)
	for x = x[n:]; len(x) > 0; x = x[n:] {
		if r == Largest {
			simd.Max(row, row, x[:n])
		} else {
			simd.Min(row, row, x[:n])
		}
	}
}

func foldAny[T Number](r Reducer, d, s []T, outer, n, inner int, lowest, highest T) {
	for o := range outer {
		for i := range inner {
			var acc T
			switch r {
			case Largest:
				acc = lowest
			case Smallest:
				acc = highest
			}
			at := o*n*inner + i
			for range n {
				switch v := s[at]; r {
				case Total:
					acc += v
				case Largest:
					acc = max(acc, v)
				default:
					acc = min(acc, v)
				}
				at += inner
			}
			d[o*inner+i] = acc
		}
	}
}

// Extreme is the index along an axis of the largest number, or of the smallest; the first one where several are equal, the
// first NaN where there is one. The axis stays, with size 1.
func Extreme(a *Array, axis int, smallest bool) Array {
	x, done := packed(a)
	defer done()
	shape := append([]int(nil), a.Shape...)
	shape[axis] = 1
	y := New(Int64, shape)
	outer, n, inner := split(a.Shape, axis)
	d := Flat[int64](&y)
	switch x.DType {
	case Float32:
		extreme(d, Flat[float32](&x), outer, n, inner, smallest)
	case Float64:
		extreme(d, Flat[float64](&x), outer, n, inner, smallest)
	case Int64:
		extreme(d, Flat[int64](&x), outer, n, inner, smallest)
	default:
		extreme(d, Flat[uint8](&x), outer, n, inner, smallest)
	}
	runtime.KeepAlive(x.Store)
	return y
}

func extreme[T Number](d []int64, s []T, outer, n, inner int, smallest bool) {
	for o := range outer {
		for i := range inner {
			at := o*n*inner + i
			best, where := s[at], 0
			for k := 1; k < n && best == best; k++ {
				v := s[at+k*inner]
				if v != v || !smallest && v > best || smallest && v < best {
					best, where = v, k
				}
			}
			d[o*inner+i] = int64(where)
		}
	}
}

// split is the number of elements before, along and after an axis.
func split(shape []int, axis int) (outer, n, inner int) {
	return Size(shape[:axis]), shape[axis], Size(shape[axis+1:])
}

// CumSum is the running total along an axis.
func CumSum(a *Array, axis int) Array {
	y := Contiguous(a)
	outer, n, inner := split(a.Shape, axis)
	switch a.DType {
	case Float32:
		cumsum(y.F32(), outer, n, inner)
	case Float64:
		cumsum(Flat[float64](&y), outer, n, inner)
	case Int64:
		cumsum(Flat[int64](&y), outer, n, inner)
	default:
		cumsum(Flat[uint8](&y), outer, n, inner)
	}
	return y
}

func cumsum[T Number](x []T, outer, n, inner int) {
	for o := range outer {
		block := x[o*n*inner : (o+1)*n*inner]
		for i := inner; i < len(block); i++ {
			block[i] += block[i-inner]
		}
	}
}
