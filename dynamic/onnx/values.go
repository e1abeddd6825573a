package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/tapir-go/tapir/eager"
)

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

// dtype is the engine's dtype for an element type that the engine has.
func dtype(t ElemType) (eager.DType, error) {
	switch t {
	case Float:
		return eager.Float32, nil
	case Double:
		return eager.Float64, nil
	case Int64:
		return eager.Int64, nil
	case Uint8:
		return eager.Uint8, nil
	case Bool:
		return eager.Bool, nil
	}
	return 0, fmt.Errorf("element type %d is not supported: want float, double, int64, uint8 or bool", t)
}

// encode writes a tensor's numbers as ONNX stores them.
func encode(name string, x *eager.Tensor) Tensor {
	t := Tensor{Name: name, Type: elemType(x.DType())}
	for _, d := range x.Shape() {
		t.Dims = append(t.Dims, int64(d))
	}
	switch t.Type {
	case Float:
		for _, v := range x.Float32s() {
			t.Raw = binary.LittleEndian.AppendUint32(t.Raw, math.Float32bits(v))
		}
	case Double:
		for _, v := range x.Values() {
			t.Raw = binary.LittleEndian.AppendUint64(t.Raw, math.Float64bits(v))
		}
	case Int64:
		for _, v := range x.Ints() {
			t.Raw = binary.LittleEndian.AppendUint64(t.Raw, uint64(v))
		}
	case Uint8, Bool:
		for _, v := range x.Values() {
			t.Raw = append(t.Raw, byte(v))
		}
	}
	return t
}

// decode makes a tensor of t, whose bytes have been checked against its shape.
func decode(t *Tensor) (*eager.Tensor, error) {
	shape := make([]int, len(t.Dims))
	n := 1
	for i, d := range t.Dims {
		shape[i] = int(d)
		n *= shape[i]
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	switch t.Type {
	case Float:
		v := make([]float32, n)
		for i := range v {
			v[i] = math.Float32frombits(le.Uint32(t.Raw[4*i:]))
		}
		return eager.FromFloat32(v, shape...), nil
	case Double:
		v := make([]float64, n)
		for i := range v {
			v[i] = math.Float64frombits(le.Uint64(t.Raw[8*i:]))
		}
		return eager.FromFloat64(v, shape...), nil
	case Int64:
		v := make([]int64, n)
		for i := range v {
			v[i] = int64(le.Uint64(t.Raw[8*i:]))
		}
		return eager.FromInt64(v, shape...), nil
	case Uint8:
		return eager.FromUint8(t.Raw, shape...), nil
	}
	v := make([]bool, n)
	for i := range v {
		v[i] = t.Raw[i] != 0
	}
	return eager.FromBool(v, shape...), nil
}
