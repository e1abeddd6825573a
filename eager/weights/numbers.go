package weights

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// kind is a type of numbers in a file.
type kind string

const (
	f16  kind = "float16"
	bf16 kind = "bfloat16"
	f32  kind = "float32"
	f64  kind = "float64"
	i8   kind = "int8"
	i16  kind = "int16"
	i32  kind = "int32"
	i64  kind = "int64"
	u8   kind = "uint8"
	u16  kind = "uint16"
	u32  kind = "uint32"
	b8   kind = "bool"
)

// size is the bytes of one number, 0 for a kind that is not known.
func (k kind) size() int {
	switch k {
	case i8, u8, b8:
		return 1
	case f16, bf16, i16, u16:
		return 2
	case f32, i32, u32:
		return 4
	case f64, i64:
		return 8
	}
	return 0
}

// most is how many numbers a tensor may have.
const most = math.MaxInt32

// count is the number of elements of a shape, or an error when that is not possible.
func count(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > most/d {
			return 0, fmt.Errorf("the shape %v is not possible", shape)
		}
		n *= d
	}
	if len(shape) > 8 {
		return 0, fmt.Errorf("the shape %v has more than 8 axes", shape)
	}
	return n, nil
}

// tensor makes a tensor of the numbers in b, which has as many as the shape holds.
func tensor(k kind, order binary.ByteOrder, b []byte, shape []int) *eager.Tensor {
	n := len(b) / k.size()
	switch k {
	case f32, f16, bf16:
		v := make([]float32, n)
		for i := range v {
			switch k {
			case f32:
				v[i] = math.Float32frombits(order.Uint32(b[4*i:]))
			case f16:
				v[i] = half(order.Uint16(b[2*i:]))
			default:
				v[i] = math.Float32frombits(uint32(order.Uint16(b[2*i:])) << 16)
			}
		}
		return eager.FromFloat32(v, shape...)
	case f64:
		v := make([]float64, n)
		for i := range v {
			v[i] = math.Float64frombits(order.Uint64(b[8*i:]))
		}
		return eager.FromFloat64(v, shape...)
	case u8:
		return eager.FromUint8(b, shape...)
	case b8:
		v := make([]bool, n)
		for i := range v {
			v[i] = b[i] != 0
		}
		return eager.FromBool(v, shape...)
	}
	v := make([]int64, n)
	for i := range v {
		switch k {
		case i8:
			v[i] = int64(int8(b[i]))
		case i16:
			v[i] = int64(int16(order.Uint16(b[2*i:])))
		case u16:
			v[i] = int64(order.Uint16(b[2*i:]))
		case i32:
			v[i] = int64(int32(order.Uint32(b[4*i:])))
		case u32:
			v[i] = int64(order.Uint32(b[4*i:]))
		default:
			v[i] = int64(order.Uint64(b[8*i:]))
		}
	}
	return eager.FromInt64(v, shape...)
}

// half is an IEEE 754 half as a float32.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exp {
	case 0:
		return math.Float32frombits(math.Float32bits(float32(frac)/(1<<24)) | sign)
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}
