package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

// encode writes a tensor's numbers as ONNX stores them.
func encode(name string, x *eager.Tensor) Tensor { return encodeAs(name, x, elemType(x.DType())) }

// encodeAs is encode for a tensor that holds numbers of type as.
func encodeAs(name string, x *eager.Tensor, as ElemType) Tensor {
	t := Tensor{Name: name, Type: as}
	for _, d := range x.Shape() {
		t.Dims = append(t.Dims, int64(d))
	}
	le, size := binary.LittleEndian, as.Size()
	switch as {
	case Float:
		for _, v := range x.Float32s() {
			t.Raw = le.AppendUint32(t.Raw, math.Float32bits(v))
		}
	case Float16:
		for _, v := range x.Float32s() {
			t.Raw = le.AppendUint16(t.Raw, toHalf(v))
		}
	case BFloat16:
		for _, v := range x.Float32s() {
			t.Raw = le.AppendUint16(t.Raw, toBrain(v))
		}
	case Double:
		for _, v := range x.Values() {
			t.Raw = le.AppendUint64(t.Raw, math.Float64bits(v))
		}
	case Uint8, Bool:
		for _, v := range x.Values() {
			t.Raw = append(t.Raw, byte(v))
		}
	default:
		for _, v := range x.Ints() {
			t.Raw = append(t.Raw, le.AppendUint64(nil, uint64(v))[:size]...)
		}
	}
	return t
}

// decode makes a value of t, whose bytes have been checked against its shape.
func decode(t *Tensor) (value, error) {
	if t.External != nil {
		return value{}, fmt.Errorf("its numbers are in another file: read the model with Load")
	}
	if err := t.check(); err != nil {
		return value{}, err
	}
	if _, err := dtype(t.Type); err != nil {
		return value{}, err
	}
	shape := make([]int, len(t.Dims))
	n := 1
	for i, d := range t.Dims {
		shape[i] = int(d)
		n *= shape[i]
	}
	if len(shape) > maxRank {
		return value{}, fmt.Errorf("it has %d axes: at most %d are supported", len(shape), maxRank)
	}
	le := binary.LittleEndian
	var x *eager.Tensor
	switch t.Type {
	case Float, Float16, BFloat16:
		v := make([]float32, n)
		for i := range v {
			switch t.Type {
			case Float:
				v[i] = math.Float32frombits(le.Uint32(t.Raw[4*i:]))
			case Float16:
				v[i] = fromHalf(le.Uint16(t.Raw[2*i:]))
			case BFloat16:
				v[i] = math.Float32frombits(uint32(le.Uint16(t.Raw[2*i:])) << 16)
			}
		}
		x = eager.FromFloat32(v, shape...)
	case Double:
		v := make([]float64, n)
		for i := range v {
			v[i] = math.Float64frombits(le.Uint64(t.Raw[8*i:]))
		}
		x = eager.FromFloat64(v, shape...)
	case Uint8:
		x = eager.FromUint8(t.Raw, shape...)
	case Bool:
		v := make([]bool, n)
		for i := range v {
			v[i] = t.Raw[i] != 0
		}
		x = eager.FromBool(v, shape...)
	default:
		size := t.Type.Size()
		v := make([]int64, n)
		for i := range v {
			var b [8]byte
			copy(b[:], t.Raw[size*i:size*i+size])
			v[i] = t.Type.wrap(int64(le.Uint64(b[:])))
		}
		x = eager.FromInt64(v, shape...)
	}
	return of(x, t.Type), nil
}

// maxRank is how many axes the engine's tensors may have.
const maxRank = 8
