package onnx

import (
	"fmt"
	"math"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// ElemType is ONNX's TensorProto.DataType.
type ElemType int32

// The element types of tensors. The engine has float, double, int64, uint8 and
// bool; a model's other numbers are kept in a wider type of the engine, and
// each operator's result is brought back into their range.
const (
	Float    ElemType = 1
	Uint8    ElemType = 2
	Int8     ElemType = 3
	Uint16   ElemType = 4
	Int16    ElemType = 5
	Int32    ElemType = 6
	Int64    ElemType = 7
	String   ElemType = 8
	Bool     ElemType = 9
	Float16  ElemType = 10
	Double   ElemType = 11
	Uint32   ElemType = 12
	Uint64   ElemType = 13
	BFloat16 ElemType = 16
)

// elemNames are the names of the element types, as the specification has them.
var elemNames = []string{"undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double",
	"uint32", "uint64", "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1"}

// String is the name that the specification gives the type.
func (t ElemType) String() string {
	if t > 0 && int(t) < len(elemNames) {
		return elemNames[t]
	}
	return fmt.Sprintf("type %d", int32(t))
}

// Size is the number of bytes of one element, 0 for a type that is not known.
func (t ElemType) Size() int {
	switch t {
	case Uint8, Int8, Bool:
		return 1
	case Uint16, Int16, Float16, BFloat16:
		return 2
	case Float, Int32, Uint32:
		return 4
	case Int64, Double, Uint64:
		return 8
	}
	return 0
}

// elemType is ONNX's name for an engine dtype.
func elemType(d eager.DType) ElemType {
	switch d {
	case eager.Float32:
		return Float
	case eager.Float64:
		return Double
	case eager.Int64:
		return Int64
	case eager.Uint8:
		return Uint8
	case eager.Bool:
		return Bool
	}
	panic(fmt.Sprintf("internal error: no ONNX type for dtype %v", d))
}

// dtype is the engine's dtype that holds an element type.
func dtype(t ElemType) (eager.DType, error) {
	switch t {
	case Float, Float16, BFloat16:
		return eager.Float32, nil
	case Double:
		return eager.Float64, nil
	case Int64, Int8, Int16, Int32, Uint16, Uint32, Uint64:
		return eager.Int64, nil
	case Uint8:
		return eager.Uint8, nil
	case Bool:
		return eager.Bool, nil
	}
	return 0, fmt.Errorf("the element type %s is not supported", t)
}

// whole says whether t is one of the types of whole numbers.
func (t ElemType) whole() bool { return t >= Uint8 && t <= Int64 || t == Uint32 || t == Uint64 }

// wrap is v as a number of type t keeps it: its lowest bits.
func (t ElemType) wrap(v int64) int64 {
	switch t {
	case Int8:
		return int64(int8(v))
	case Int16:
		return int64(int16(v))
	case Int32:
		return int64(int32(v))
	case Uint8:
		return int64(uint8(v))
	case Uint16:
		return int64(uint16(v))
	case Uint32:
		return int64(uint32(v))
	}
	return v
}

// limits are the smallest and the largest number of a type of whole numbers.
func (t ElemType) limits() (lo, hi float64) {
	switch t {
	case Uint8:
		return 0, math.MaxUint8
	case Int8:
		return math.MinInt8, math.MaxInt8
	case Uint16:
		return 0, math.MaxUint16
	case Int16:
		return math.MinInt16, math.MaxInt16
	case Int32:
		return math.MinInt32, math.MaxInt32
	case Uint32:
		return 0, math.MaxUint32
	}
	return math.MinInt64, math.MaxInt64
}

// narrow brings a result into the range of its type: whole numbers keep their
// lowest bits, and short floats are rounded, through which gradients pass.
func narrow(x *eager.Tensor, t ElemType) *eager.Tensor {
	switch t {
	case Int8, Int16, Int32, Uint16, Uint32:
		v, changed := x.Ints(), false
		for i, n := range v {
			w := int(t.wrap(int64(n)))
			changed = changed || w != n
			v[i] = w
		}
		if changed {
			return eager.FromInts(v, x.Shape()...)
		}
	case Uint8:
		if x.DType() == eager.Int64 {
			v := x.Ints()
			b := make([]uint8, len(v))
			for i, n := range v {
				b[i] = uint8(n)
			}
			return eager.FromUint8(b, x.Shape()...)
		}
	case Float16, BFloat16:
		v, changed := x.Float32s(), false
		for i, n := range v {
			w := t.round(n)
			changed = changed || w != n && n == n
			v[i] = w
		}
		if !changed {
			return x
		}
		y := eager.FromFloat32(v, x.Shape()...)
		if x.RequiresGrad() {
			return x.Add(y.Sub(x).Detach())
		}
		return y
	}
	return x
}

// round is the nearest short float, the even one of two.
func (t ElemType) round(v float32) float32 {
	if t == Float16 {
		return fromHalf(toHalf(v))
	}
	return math.Float32frombits(uint32(toBrain(v)) << 16)
}

// toBrain is v as a bfloat16: the upper half of its bits, rounded.
func toBrain(v float32) uint16 {
	b := math.Float32bits(v)
	if v != v {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// toHalf is v as an IEEE 754 half, rounded.
func toHalf(v float32) uint16 {
	b := math.Float32bits(v)
	sign := uint16(b >> 16 & 0x8000)
	switch a := math.Abs(float64(v)); {
	case v != v:
		return sign | 0x7e00
	case a >= 65520:
		return sign | 0x7c00
	case a < 1.0/(1<<14): // below the smallest normal: steps of 2^-24
		return sign | uint16(math.RoundToEven(a*(1<<24)))
	}
	b &= 0x7fffffff
	b += 0xfff + b>>13&1
	return sign | uint16(b>>13-112<<10)
}

func fromHalf(h uint16) float32 {
	sign, exp, frac := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exp {
	case 0:
		v := float32(frac) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// value is what a name stands for while a model runs: a tensor and the type
// that the model gives it, or a sequence of values, or an optional one that is
// empty.
type value struct {
	x    *eager.Tensor
	t    ElemType
	kind valueKind
	list []value
}

type valueKind int

const (
	missing  valueKind = iota // no value
	tensor                    // x and t
	sequence                  // list
	empty                     // an optional without a value
)

func of(x *eager.Tensor, t ElemType) value { return value{x: x, t: t, kind: tensor} }

// plain is a tensor with the type of its numbers.
func plain(x *eager.Tensor) value { return of(x, elemType(x.DType())) }

// String is the type and shape.
func (v value) String() string {
	switch v.kind {
	case tensor:
		return v.t.String() + v.x.Shape().String()
	case sequence:
		parts := make([]string, len(v.list))
		for i, e := range v.list {
			parts[i] = e.String()
		}
		return "[" + strings.Join(parts, " ") + "]"
	case empty:
		return "an empty optional"
	}
	return "nothing"
}
