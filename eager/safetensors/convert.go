package safetensors

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// dtypeName is the name in files of each dtype that the engine has.
var dtypeName = map[eager.DType]string{
	eager.Float32: "F32", eager.Float64: "F64", eager.Int64: "I64", eager.Uint8: "U8", eager.Bool: "BOOL",
}

// writeTensor writes the numbers of x in row-major order.
func writeTensor(w io.Writer, x *eager.Tensor) error {
	little := binary.LittleEndian
	switch x.DType() {
	case eager.Float32:
		return writeAll(w, x.Float32s(), 4, func(b []byte, v float32) { little.PutUint32(b, math.Float32bits(v)) })
	case eager.Float64:
		return writeAll(w, x.Values(), 8, func(b []byte, v float64) { little.PutUint64(b, math.Float64bits(v)) })
	case eager.Int64:
		return writeAll(w, x.Ints(), 8, func(b []byte, v int) { little.PutUint64(b, uint64(v)) })
	case eager.Uint8, eager.Bool:
		return writeAll(w, x.Ints(), 1, func(b []byte, v int) { b[0] = byte(v) })
	}
	panic(fmt.Sprintf("internal error: safetensors: dtype %v has no name in files", x.DType()))
}

// writeAll writes values of size bytes each, a page's worth at a time.
func writeAll[V any](w io.Writer, values []V, size int, put func(b []byte, v V)) error {
	const some = 1024
	buffer := make([]byte, 0, some*size)
	for len(values) > 0 {
		n := min(some, len(values))
		buffer = buffer[:n*size]
		for i, v := range values[:n] {
			put(buffer[i*size:], v)
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

// makeTensor makes a tensor from the bytes of one, whose length has been checked. The text says what is wrong with
// them; it is empty when nothing is.
func makeTensor(e entry, raw []byte) (x *eager.Tensor, text string) {
	little := binary.LittleEndian
	floats := func(size int, at func(b []byte) float32) *eager.Tensor {
		return eager.FromFloat32(readAll(raw, size, at), e.shape...)
	}
	ints := func(size int, at func(b []byte) int64) *eager.Tensor {
		return eager.FromInt64(readAll(raw, size, at), e.shape...)
	}
	switch e.dtype {
	case "F32":
		return floats(4, func(b []byte) float32 { return math.Float32frombits(little.Uint32(b)) }), ""
	case "F16":
		return floats(2, func(b []byte) float32 { return float16(little.Uint16(b)) }), ""
	case "BF16":
		return floats(2, func(b []byte) float32 { return math.Float32frombits(uint32(little.Uint16(b)) << 16) }), ""
	case "F64":
		return eager.FromFloat64(readAll(raw, 8, func(b []byte) float64 { return math.Float64frombits(little.Uint64(b)) }), e.shape...), ""
	case "I64":
		return ints(8, func(b []byte) int64 { return int64(little.Uint64(b)) }), ""
	case "U64":
		for i := 7; i < len(raw); i += 8 {
			if raw[i] >= 0x80 {
				return nil, fmt.Sprintf("element %d is %d, more than an i64 holds", i/8, little.Uint64(raw[i-7:]))
			}
		}
		return ints(8, func(b []byte) int64 { return int64(little.Uint64(b)) }), ""
	case "I32":
		return ints(4, func(b []byte) int64 { return int64(int32(little.Uint32(b))) }), ""
	case "U32":
		return ints(4, func(b []byte) int64 { return int64(little.Uint32(b)) }), ""
	case "I16":
		return ints(2, func(b []byte) int64 { return int64(int16(little.Uint16(b))) }), ""
	case "U16":
		return ints(2, func(b []byte) int64 { return int64(little.Uint16(b)) }), ""
	case "I8":
		return ints(1, func(b []byte) int64 { return int64(int8(b[0])) }), ""
	case "U8":
		return eager.FromUint8(raw, e.shape...), ""
	case "BOOL":
		for i, b := range raw {
			if b > 1 {
				return nil, fmt.Sprintf("element %d of a BOOL tensor is %d, want 0 or 1", i, b)
			}
		}
		return eager.FromBool(readAll(raw, 1, func(b []byte) bool { return b[0] == 1 }), e.shape...), ""
	}
	panic("internal error: safetensors: dtype " + e.dtype + " passed the check but is not known")
}

// readAll reads values of size bytes each.
func readAll[V any](raw []byte, size int, at func(b []byte) V) []V {
	values := make([]V, len(raw)/size)
	for i := range values {
		values[i] = at(raw[i*size:])
	}
	return values
}

// float16 is the value of an IEEE 754 binary16 number.
func float16(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch exponent {
	case 0: // zero or subnormal: fraction * 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-24))
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}
