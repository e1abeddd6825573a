package array

import (
	"fmt"
	"unsafe"
)

// DType is the kind of number that an array holds.
type DType uint8

// The kinds of numbers. A Bool is a byte, 0 or 1.
const (
	Float32 DType = iota
	Float64
	Int64
	Uint8
	Bool
)

// Size is the number of bytes of one element.
func (d DType) Size() int { return [...]int{4, 8, 8, 1, 1}[d] }

// IsFloat says whether d is a floating-point kind, the only ones that have gradients.
func (d DType) IsFloat() bool { return d <= Float64 }

// MaxRank is the largest number of axes of an array.
const MaxRank = 8

// Array is a block of numbers seen as a rectangle of any number of axes. Shape and Strides are shared between arrays and never
// changed in place. Strides nil means row by row without gaps; else a stride is counted in elements and may be 0 (a repeated
// element) or negative.
type Array struct {
	DType   DType
	Shape   []int
	Strides []int
	Offset  int // of the first element, in elements
	Store   *Store
}

// Number is every Go type that elements can have.
type Number interface {
	float32 | float64 | int64 | uint8
}

// bits is the Go types that numbers are moved as where only their bits matter.
type bits interface{ uint8 | float32 | uint64 }

// element is what the memory of an array is read as.
type element interface{ Number | bits }

// Float is the Go types with gradients.
type Float interface{ float32 | float64 }

// Size is the number of elements of a shape.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// Size is the number of elements.
func (a *Array) Size() int { return Size(a.Shape) }

// Flat is the numbers of a contiguous array in row-major order; they are shared, not copied. T must be the Go type of a.DType.
// The caller keeps a.Store alive while it uses them.
func Flat[T Number](a *Array) []T {
	if a.Strides != nil {
		panic("internal error: Flat of an array with strides")
	}
	n := a.Size()
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Add(a.Store.ptr, a.Offset*int(unsafe.Sizeof(*new(T))))), n)
}

// F32 is Flat[float32].
func (a *Array) F32() []float32 { return Flat[float32](a) }

// Floats is F32 of an array without strides of which it is known that it has n elements.
func (a *Array) Floats(n int) []float32 {
	return unsafe.Slice((*float32)(unsafe.Add(a.Store.ptr, 4*a.Offset)), n)
}

// from is all numbers of the store; index it with Offset and strides.
func from[T element](a *Array) []T {
	size := int(unsafe.Sizeof(*new(T)))
	if a.Store.bytes < size {
		return nil
	}
	return unsafe.Slice((*T)(a.Store.ptr), a.Store.bytes/size)
}

// New is an array whose numbers are not set.
func New(d DType, shape []int) Array {
	return Array{DType: d, Shape: shape, Store: newStore(Size(shape) * d.Size())}
}

// Zeros is an array of zeros.
func Zeros(d DType, shape []int) Array {
	a := New(d, shape)
	clear(a.Store.raw())
	return a
}

// Of is an array with a copy of values.
func Of[T Number](d DType, values []T, shape []int) Array {
	a := New(d, shape)
	copy(Flat[T](&a), values)
	return a
}

// rowMajor is the strides of a contiguous array.
func rowMajor(shape []int) []int {
	s := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = n
		n *= shape[i]
	}
	return s
}

// StridesOf is the strides, made up for a contiguous array.
func (a *Array) StridesOf() []int {
	if a.Strides != nil {
		return a.Strides
	}
	return rowMajor(a.Shape)
}

// tidy drops strides that say nothing.
func (a Array) tidy() Array {
	n := 1
	for i := len(a.Shape) - 1; i >= 0; i-- {
		if a.Shape[i] != 1 && a.Strides[i] != n {
			if a.Size() != 0 {
				return a
			}
		}
		n *= a.Shape[i]
	}
	a.Strides = nil
	return a
}

// Transpose is a view with the axes in the order perm.
func (a *Array) Transpose(perm []int) Array {
	n := len(perm)
	both := make([]int, 2*n)
	v := *a
	v.Shape, v.Strides = both[:n:n], both[n:]
	for i, p := range perm {
		v.Shape[i] = a.Shape[p]
		if a.Strides == nil {
			v.Strides[i] = Size(a.Shape[p+1:])
		} else {
			v.Strides[i] = a.Strides[p]
		}
	}
	return v.tidy()
}

// Slice is the view lo <= i < hi of an axis.
func (a *Array) Slice(axis, lo, hi int) Array {
	v := *a
	v.Strides = a.StridesOf()
	v.Shape = append([]int(nil), a.Shape...)
	v.Shape[axis] = hi - lo
	if hi > lo {
		v.Offset += lo * v.Strides[axis]
	}
	return v.tidy()
}

// Flip is a view that runs backwards along an axis.
func (a *Array) Flip(axis int) Array {
	v := *a
	v.Strides = append([]int(nil), a.StridesOf()...)
	if n := a.Shape[axis]; n > 0 {
		v.Offset += (n - 1) * v.Strides[axis]
	}
	v.Strides[axis] = -v.Strides[axis]
	return v.tidy()
}

// Expand is a view of shape to, which a must broadcast to.
func (a *Array) Expand(to []int) Array {
	st := a.StridesOf()
	v := *a
	v.Shape, v.Strides = to, make([]int, len(to))
	skip := len(to) - len(a.Shape)
	for i := range a.Shape {
		if a.Shape[i] == to[skip+i] {
			v.Strides[skip+i] = st[i]
		} else if a.Shape[i] != 1 {
			panic(fmt.Sprint("internal error: expand ", a.Shape, " to ", to))
		}
	}
	return v.tidy()
}

// Reshape is a view of a contiguous array, a copy of another.
func (a *Array) Reshape(to []int) Array {
	v := *a
	if a.Strides != nil {
		v = Contiguous(a)
	}
	v.Shape = to
	return v
}

// Share is a itself or, when a has strides, a contiguous copy; done gives the copy's memory back.
func packed(a *Array) (p Array, done func()) {
	if a.Strides == nil {
		return *a, func() {}
	}
	c := Contiguous(a)
	return c, c.Store.Free
}

// Equal says whether two shapes are the same.
func Equal(s, t []int) bool {
	if len(s) != len(t) {
		return false
	}
	for i, d := range s {
		if t[i] != d {
			return false
		}
	}
	return true
}
