package array

import (
	"math"
	"runtime"
	"slices"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Softmax is exp(x) over its sum along an axis, or with logs the logarithm of that.
func Softmax(a *Array, axis int, logs bool) Array {
	last := len(a.Shape) - 1
	if axis != last {
		perm := make([]int, len(a.Shape))
		for i := range perm {
			perm[i] = i
		}
		perm[axis], perm[last] = last, axis
		t := a.Transpose(perm)
		y := Softmax(&t, last, logs)
		y = y.Transpose(perm)
		c := Contiguous(&y)
		y.Store.Free()
		return c
	}
	y := New(a.DType, a.Shape)
	x, done := packed(a) // not a copy in y: a row's exponentials are written before its numbers are read again
	defer done()
	n := a.Shape[last]
	if n > 0 {
		if a.DType == Float32 {
			d, s := y.F32(), x.F32()
			each(len(d)/n, 1+(1<<13)/n, func(lo, hi int) {
				for r := lo; r < hi; r++ {
					if logs {
						logSoftmaxRow32(d[r*n:(r+1)*n], s[r*n:(r+1)*n])
					} else {
						simd.SoftmaxRow(d[r*n:(r+1)*n], s[r*n:(r+1)*n])
					}
				}
			})
		} else {
			d, s := Flat[float64](&y), Flat[float64](&x)
			for r := range len(d) / n {
				logSoftmaxRow(d[r*n:(r+1)*n], s[r*n:(r+1)*n])
			}
			if !logs {
				for i, v := range d {
					d[i] = math.Exp(v)
				}
			}
		}
	}
	runtime.KeepAlive(a.Store)
	return y
}

// logSoftmaxRow32 uses d for the exponentials on the way.
func logSoftmaxRow32(d, x []float32) {
	m := simd.MaxOf(x)
	l := math.Log(float64(simd.ExpSum(d, x, m)))
	simd.AddS(d, x, -m) // apart: m + l would be as coarse as m
	simd.AddS(d, d, -float32(l))
}

// logSumExpRow32 leaves the exponentials, over that of the largest number, in d.
func logSumExpRow32(d, x []float32) float32 {
	m := simd.MaxOf(x)
	if math.IsInf(float64(m), 0) {
		return m
	}
	return m + float32(math.Log(float64(simd.ExpSum(d, x, m))))
}

func logSoftmaxRow(d, x []float64) {
	m, s := slices.Max(x), 0.0
	for _, v := range x {
		s += math.Exp(v - m)
	}
	l := math.Log(s)
	for i, v := range x {
		d[i] = v - m - l
	}
}

// logSumExpRow is log(sum(exp(x[0]), exp(x[step]), ...)).
func logSumExpRow[T Float](x []T, step int) float64 {
	m := x[0]
	for i := 0; i < len(x); i += step {
		m = max(m, x[i])
	}
	if math.IsInf(float64(m), 0) {
		return float64(m)
	}
	s := 0.0
	for i := 0; i < len(x); i += step {
		s += math.Exp(float64(x[i] - m))
	}
	return float64(m) + math.Log(s)
}

// LogSumExp is log(sum(exp(a))) along an axis, which stays with size 1.
func LogSumExp(a *Array, axis int) Array {
	x, done := packed(a)
	defer done()
	shape := append([]int(nil), a.Shape...)
	shape[axis] = 1
	y := New(a.DType, shape)
	outer, n, inner := split(a.Shape, axis)
	if a.DType == Float32 && inner == 1 {
		d, s := y.F32(), x.F32()
		each(outer, 1+(1<<13)/n, func(lo, hi int) {
			mem, scratch := scratch[float32](n)
			defer mem.Free()
			for r := lo; r < hi; r++ {
				d[r] = logSumExpRow32(scratch[:n], s[r*n:(r+1)*n])
			}
		})
		runtime.KeepAlive(x.Store)
		return y
	}
	for o := range outer {
		for i := range inner {
			lo, hi := o*n*inner+i, (o+1)*n*inner
			if a.DType == Float32 {
				y.F32()[o*inner+i] = float32(logSumExpRow(x.F32()[lo:hi], inner))
			} else {
				Flat[float64](&y)[o*inner+i] = logSumExpRow(Flat[float64](&x)[lo:hi], inner)
			}
		}
	}
	runtime.KeepAlive(x.Store)
	return y
}

// CrossEntropy is the mean of -log(softmax(row))[label] over the rows of a (n,c).
func CrossEntropy(a *Array, labels *Array) Array {
	x, done := packed(a)
	defer done()
	n, c := a.Shape[0], a.Shape[1]
	at := Flat[int64](labels)
	losses := make([]float64, n)
	if a.DType == Float32 {
		s := x.F32()
		each(n, 1+(1<<13)/c, func(lo, hi int) {
			mem, part := scratch[float32](min(c, crossPiece))
			defer mem.Free()
			for i := lo; i < hi; i++ {
				row := s[i*c : (i+1)*c]
				m := simd.MaxOf(row)
				losses[i] = float64(m) + math.Log(expTotal(part, row, m)) - float64(row[at[i]])
			}
		})
	} else {
		s := Flat[float64](&x)
		each(n, 1+(1<<10)/c, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				row := s[i*c : (i+1)*c]
				losses[i] = logSumExpRow(row, 1) - row[at[i]]
			}
		})
	}
	total := 0.0
	for _, l := range losses {
		total += l
	}
	y := New(a.DType, nil)
	Fill(&y, total/float64(n))
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(labels.Store)
	return y
}

// crossPiece is how many exponentials of a row are made at a time, so that they stay in the cache.
const crossPiece = 8 << 10

// expTotal is the sum of exp(x-shift).
func expTotal(scratch, x []float32, shift float32) float64 {
	sum := 0.0
	for len(x) > 0 {
		n := min(len(x), crossPiece)
		sum += float64(simd.ExpSum(scratch[:n], x[:n], shift))
		x = x[n:]
	}
	return sum
}

// CrossEntropyGrad is (softmax(row) - 1 at the label) g/n for each row of a (n,c).
func CrossEntropyGrad(a *Array, labels *Array, g float64) Array {
	x, done := packed(a)
	defer done()
	y := New(a.DType, a.Shape)
	n, c := a.Shape[0], a.Shape[1]
	at := Flat[int64](labels)
	scale := g / float64(n)
	if a.DType == Float32 {
		d, s := y.F32(), x.F32()
		each(n, 1+(1<<13)/c, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				row := d[i*c : (i+1)*c]
				sum := simd.ExpSum(row, s[i*c:(i+1)*c], simd.MaxOf(s[i*c:(i+1)*c]))
				simd.MulS(row, row, float32(scale/float64(sum)))
				row[at[i]] -= float32(scale)
			}
		})
	} else {
		d, s := Flat[float64](&y), Flat[float64](&x)
		each(n, 1+(1<<10)/c, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				row := d[i*c : (i+1)*c]
				logSoftmaxRow(row, s[i*c:(i+1)*c])
				for k, v := range row {
					row[k] = math.Exp(v) * scale
				}
				row[at[i]] -= scale
			}
		})
	}
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(labels.Store)
	return y
}
