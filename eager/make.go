package eager

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// checkShape panics unless shape is one that a tensor can have.
func checkShape(op string, shape []int) Shape {
	for _, d := range shape {
		if d < 0 {
			fail(op, "", "shape %v has a negative size", Shape(shape))
		}
	}
	if len(shape) > array.MaxRank {
		fail(op, "", "shape %v has %d axes: at most %d", Shape(shape), len(shape), array.MaxRank)
	}
	checkSize(op, shape)
	return append(Shape{}, shape...)
}

// checkSize panics if shape has so many elements that counting their bytes overflows.
func checkSize(op string, shape []int) {
	n := uint64(8)
	for _, d := range shape {
		hi, lo := bits.Mul64(n, uint64(max(d, 1)))
		if d < 0 || hi != 0 || lo > math.MaxInt {
			fail(op, "", "shape %v has more elements than any memory", Shape(shape))
		}
		n = lo
	}
}

func of[T array.Number](op string, d DType, values []T, shape []int) *Tensor {
	s := checkShape(op, shape)
	if s.Size() != len(values) {
		hint := ""
		if len(shape) == 0 {
			hint = fmt.Sprintf("give the shape after the values: eager.%s(values, %d)", op, len(values))
		}
		fail(op, hint, "shape %v holds %d values, got %d", s, s.Size(), len(values))
	}
	return wrap(array.Of(array.DType(d), values, s))
}

// New is a float32 tensor of the given shape with a copy of values, row by row. It panics unless the shape holds len(values).
func New(values []float64, shape ...int) *Tensor {
	v := make([]float32, len(values))
	for i, x := range values {
		v[i] = float32(x)
	}
	return of("New", Float32, v, shape)
}

// FromFloat32 is a float32 tensor of the given shape with a copy of v, row by row.
func FromFloat32(v []float32, shape ...int) *Tensor { return of("FromFloat32", Float32, v, shape) }

// FromFloat64 is a float64 tensor of the given shape with a copy of v, row by row.
func FromFloat64(v []float64, shape ...int) *Tensor { return of("FromFloat64", Float64, v, shape) }

// FromInt64 is an int64 tensor of the given shape with a copy of v, row by row.
func FromInt64(v []int64, shape ...int) *Tensor { return of("FromInt64", Int64, v, shape) }

// FromInts is an int64 tensor of the given shape with a copy of v, row by row.
func FromInts(v []int, shape ...int) *Tensor {
	w := make([]int64, len(v))
	for i, x := range v {
		w[i] = int64(x)
	}
	return of("FromInts", Int64, w, shape)
}

// FromUint8 is a uint8 tensor of the given shape with a copy of v, row by row.
func FromUint8(v []uint8, shape ...int) *Tensor { return of("FromUint8", Uint8, v, shape) }

// FromBool is a bool tensor of the given shape with a copy of v, row by row.
func FromBool(v []bool, shape ...int) *Tensor {
	w := make([]uint8, len(v))
	for i, x := range v {
		if x {
			w[i] = 1
		}
	}
	return of("FromBool", Bool, w, shape)
}

// Scalar is a float32 tensor of shape ().
func Scalar(v float64) *Tensor { return number(Float32, v) }

// number is a scalar of any kind.
func number(d DType, v float64) *Tensor {
	a := array.New(array.DType(d), Shape{})
	array.Fill(&a, v)
	return wrap(a)
}

// Zeros is a float32 tensor of zeros.
func Zeros(shape ...int) *Tensor { return ZerosOf(Float32, shape...) }

// Ones is a float32 tensor of ones.
func Ones(shape ...int) *Tensor { return filled(Float32, 1, checkShape("Ones", shape)) }

// Full is a float32 tensor with v everywhere.
func Full(v float64, shape ...int) *Tensor { return filled(Float32, v, checkShape("Full", shape)) }

// ZerosOf is a tensor of zeros of kind d.
func ZerosOf(d DType, shape ...int) *Tensor {
	return wrap(array.Zeros(array.DType(d), checkShape("Zeros", shape)))
}

func filled(d DType, v float64, s Shape) *Tensor {
	a := array.New(array.DType(d), s)
	array.Fill(&a, v)
	return wrap(a)
}

// zeros is ZerosOf for the inside of gradients.
func zeros(d DType, s Shape) *Tensor { return result(modes.Get(), array.Zeros(array.DType(d), s)) }

// ZerosLike is zeros with the shape and kind of x.
func ZerosLike(x *Tensor) *Tensor { return wrap(array.Zeros(x.a.DType, x.a.Shape)) }

// OnesLike is ones with the shape and kind of x.
func OnesLike(x *Tensor) *Tensor { return filled(x.dtype(), 1, x.shape()) }

// Eye is the float32 identity matrix (n,n).
func Eye(n int) *Tensor {
	x := Zeros(n, n)
	v := x.a.F32()
	for i := range n {
		v[i*n+i] = 1
	}
	return x
}

// Arange is lo, lo+step, lo+2 step, ... as long as they are before hi: float32 of shape (n). It panics when step is 0 or leads away.
func Arange(lo, hi, step float64) *Tensor {
	if step == 0 || (hi-lo)/step < 0 {
		fail("Arange", "", "no way from %g to %g in steps of %g", lo, hi, step)
	}
	var v []float64
	for i := 0; ; i++ {
		x := lo + float64(i)*step
		if step > 0 && x >= hi || step < 0 && x <= hi {
			return New(v, len(v))
		}
		v = append(v, x)
	}
}

// Linspace is n numbers from lo to hi, both included, in equal steps: float32 of shape (n).
func Linspace(lo, hi float64, n int) *Tensor {
	checkShape("Linspace", []int{n})
	v := make([]float64, n)
	for i := range v {
		v[i] = lo
		if n > 1 {
			v[i] += (hi - lo) * float64(i) / float64(n-1)
		}
	}
	return New(v, n)
}

// OneHot is a float32 tensor (len(labels),n) with a 1 at each label and 0 elsewhere. It panics when a label is not in [0,n).
func OneHot(labels []int, n int) *Tensor {
	x := Zeros(len(labels), n)
	v := x.a.F32()
	for i, k := range labels {
		if k < 0 || k >= n {
			fail("OneHot", "", "label %d at place %d is not in 0 to %d", k, i, n-1)
		}
		v[i*n+k] = 1
	}
	return x
}
