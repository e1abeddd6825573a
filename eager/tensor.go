package eager

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// DType is the kind of number that a tensor holds.
type DType uint8

// The kinds of numbers. Only Float32 and Float64 have gradients.
const (
	Float32 DType = iota
	Float64
	Int64
	Uint8
	Bool
)

// String is "f32", "f64", "i64", "u8" or "bool".
func (d DType) String() string {
	names := [...]string{"f32", "f64", "i64", "u8", "bool"}
	if int(d) >= len(names) {
		return "DType(" + strconv.Itoa(int(d)) + ")"
	}
	return names[d]
}

// Size is the number of bytes of one element.
func (d DType) Size() int { return array.DType(d).Size() }

// IsFloat says whether d has gradients: Float32 or Float64.
func (d DType) IsFloat() bool { return d <= Float64 }

// Shape is the size of each axis, outermost first. A scalar has the shape ().
type Shape []int

// String is the sizes in parentheses, as in "(64,784)".
func (s Shape) String() string {
	var b strings.Builder
	b.WriteByte('(')
	for i, d := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(d))
	}
	b.WriteByte(')')
	return b.String()
}

// Size is the number of elements.
func (s Shape) Size() int { return array.Size(s) }

// Tensor is a block of numbers with a shape, and the op that made it if its gradient may be asked for. Tensors do not change,
// except leaves through Assign.
type Tensor struct {
	a     array.Array
	node  *node // the op that made it; nil for a leaf
	more  *more // what few tensors have
	grad  bool  // a gradient may flow here
	pins  int32 // gradients that a pass holds it as
	epoch uint32
	slot  int32 // place in the gradient pass number epoch
}

type more struct {
	name  string
	grad  *Tensor
	hooks []*hook
}

// wrap is a leaf with the numbers of a.
func wrap(a array.Array) *Tensor {
	headroom()
	if s := a.Store; s.Pooled() && s.Owner == nil {
		s.Track()
	}
	return &Tensor{a: a}
}

func (x *Tensor) shape() Shape { return x.a.Shape }
func (x *Tensor) dtype() DType { return DType(x.a.DType) }

// Shape is the size of each axis, outermost first.
func (x *Tensor) Shape() Shape { return append(Shape{}, x.a.Shape...) }

// Rank is the number of axes.
func (x *Tensor) Rank() int { return len(x.a.Shape) }

// Size is the number of elements.
func (x *Tensor) Size() int { return x.a.Size() }

// DType is the kind of the numbers.
func (x *Tensor) DType() DType { return DType(x.a.DType) }

// Dim is the size of one axis; -1 is the last.
func (x *Tensor) Dim(axis int) int { return x.a.Shape[x.axis("Dim", axis)] }

// axis makes an axis counted from the end one counted from the start.
func (x *Tensor) axis(op string, axis int) int {
	x.check(op)
	return axisOf(op, axis, x.shape())
}

func axisOf(op string, axis int, s Shape) int {
	k, n := axis, len(s)
	if k < 0 {
		k += n
	}
	if k < 0 || k >= n {
		hint := ""
		if n > 0 {
			hint = "axes of " + s.String() + " are 0 to " + strconv.Itoa(n-1) + ", or -1 to -" + strconv.Itoa(n) + " from the end"
		}
		fail(op, hint, "no axis %d in shape %v", axis, s)
	}
	return k
}

// Name is what SetName or Param called it, or "".
func (x *Tensor) Name() string {
	if x.more == nil {
		return ""
	}
	return x.more.name
}

// SetName names the tensor for messages and drawings, and returns it.
func (x *Tensor) SetName(name string) *Tensor {
	x.extra().name = name
	return x
}

func (x *Tensor) extra() *more {
	if x.more == nil {
		x.more = &more{}
	}
	return x.more
}

// label is a tensor in messages: its name if it has one, and its shape.
func (x *Tensor) label() string {
	if n := x.Name(); n != "" {
		return n + " " + x.shape().String()
	}
	return x.shape().String()
}

// check panics when the numbers of x are gone.
func (x *Tensor) check(op string) {
	if x == nil {
		fail(op, "", "a tensor is nil")
	}
	if x.a.Store.Freed {
		fail(op, "keep it with eager.Keep inside the scope, or make it outside",
			"%s was made inside an eager.Scope that has ended", x.label())
	}
}

// Item is the number in a tensor with one element. It panics when there are more or fewer.
func (x *Tensor) Item() float64 {
	x.check("Item")
	if x.Size() != 1 {
		fail("Item", "", "needs a tensor with one element, has shape %v", x.shape())
	}
	v := x.a.At(x.a.Offset)
	decide("Item", x, v)
	return v
}

// Bool says whether the number in a tensor with one element differs from 0. It panics when there are more or fewer.
func (x *Tensor) Bool() bool {
	x.check("Bool")
	if x.Size() != 1 {
		fail("Bool", "", "needs a tensor with one element, has shape %v", x.shape())
	}
	v := x.a.At(x.a.Offset)
	decide("Bool", x, v != 0)
	return v != 0
}

// At is one element; i has an index for each axis, negative from the end.
func (x *Tensor) At(i ...int) float64 {
	x.check("At")
	if len(i) != x.Rank() {
		fail("At", "", "%d indices for shape %v: want %d", len(i), x.shape(), x.Rank())
	}
	st, at := x.a.StridesOf(), x.a.Offset
	for k, j := range i {
		n := x.a.Shape[k]
		if j < 0 {
			j += n
		}
		if j < 0 || j >= n {
			fail("At", "", "index %d is outside axis %d of shape %v", i[k], k, x.shape())
		}
		at += j * st[k]
	}
	v := x.a.At(at)
	decide("At", x, v)
	return v
}

// Values is a copy of all elements, row by row.
func (x *Tensor) Values() []float64 {
	x.check("Values")
	v := array.Float64s(&x.a)
	decide("Values", x, v)
	return v
}

// Float32s is a copy of all elements as float32, row by row.
func (x *Tensor) Float32s() []float32 {
	x.check("Float32s")
	a := x.a
	if a.DType != array.Float32 {
		a = array.Cast(&a, array.Float32)
	} else if a.Strides != nil {
		a = array.Contiguous(&a)
	}
	v := append(make([]float32, 0, a.Size()), a.F32()...)
	runtime.KeepAlive(x)
	decide("Float32s", x, v)
	return v
}

// Ints is a copy of all elements as int, row by row. Fractions are cut off.
func (x *Tensor) Ints() []int {
	x.check("Ints")
	v := array.Float64s(&x.a)
	out := make([]int, len(v))
	if x.a.DType == array.Int64 {
		c := array.Contiguous(&x.a)
		for i, k := range array.Flat[int64](&c) {
			out[i] = int(k)
		}
	} else {
		for i, k := range v {
			out[i] = int(k)
		}
	}
	decide("Ints", x, out)
	return out
}

// Want returns x when its shape fits, where -1 stands for any size; else it panics. It documents a shape in passing.
func (x *Tensor) Want(shape ...int) *Tensor {
	fits := len(shape) == x.Rank()
	for i := 0; fits && i < len(shape); i++ {
		fits = shape[i] == -1 || shape[i] == x.a.Shape[i]
	}
	if !fits {
		fail("Want", "", "shape is %v: want %v", x.shape(), Shape(shape))
	}
	return x
}
