package array

import (
	"math"
	"runtime"

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
	l := m + float32(math.Log(float64(simd.ExpSum(d, x, m))))
	simd.AddS(d, x, -l)
}

func logSoftmaxRow(d, x []float64) {
	l := logSumExpRow(x, 1)
	for i, v := range x {
		d[i] = v - l
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
	total := 0.0
	if a.DType == Float32 {
		s := x.F32()
		scratch := make([]float32, c)
		for i := range n {
			row := s[i*c : (i+1)*c]
			m := simd.MaxOf(row)
			total += float64(m) + math.Log(float64(simd.ExpSum(scratch, row, m))) - float64(row[at[i]])
		}
	} else {
		s := Flat[float64](&x)
		for i := range n {
			row := s[i*c : (i+1)*c]
			total += logSumExpRow(row, 1) - row[at[i]]
		}
	}
	y := New(a.DType, nil)
	Fill(&y, total/float64(n))
	runtime.KeepAlive(x.Store)
	runtime.KeepAlive(labels.Store)
	return y
}

// CrossEntropyGrad is (softmax(row) - 1 at the label) g/n for each row of a (n,c).
func CrossEntropyGrad(a *Array, labels *Array, g float64) Array {
	y := Softmax(a, 1, false)
	n, c := a.Shape[0], a.Shape[1]
	for i, k := range Flat[int64](labels) {
		if a.DType == Float32 {
			y.F32()[i*c+int(k)]--
		} else {
			Flat[float64](&y)[i*c+int(k)]--
		}
	}
	if a.DType == Float32 {
		simd.MulS(y.F32(), y.F32(), float32(g/float64(n)))
	} else {
		for i, v := range Flat[float64](&y) {
			Flat[float64](&y)[i] = v * g / float64(n)
		}
	}
	runtime.KeepAlive(labels.Store)
	return y
}
