package onnx_test

import (
	"math"
	"testing"

	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
)

// The operator's training form, which no export writes: the result of the batch's own statistics, and the given ones moved
// towards those, with the variance that divides by the count (ONNX BatchNormalization, version 15).
func TestBatchNormalizationIsReadInItsTrainingForm(t *testing.T) {
	value := func(name string, dims ...int64) onnx.ValueInfo {
		v := onnx.ValueInfo{Name: name, Type: onnx.Float}
		for _, d := range dims {
			v.Dims = append(v.Dims, onnx.Dim{Size: d})
		}
		return v
	}
	m := &onnx.Model{Opset: 17, Graph: onnx.Graph{
		Nodes: []onnx.Node{{Name: "bn", Kind: "BatchNormalization", In: []string{"x", "w", "b", "m", "v"}, Out: []string{"y", "m2", "v2"},
			Attrs: []onnx.Attribute{{Name: "training_mode", Value: int64(1)}, {Name: "momentum", Value: float32(0.75)}, {Name: "epsilon", Value: float32(0)}}}},
		Inputs:  []onnx.ValueInfo{value("x", 4, 1), value("w", 1), value("b", 1), value("m", 1), value("v", 1)},
		Outputs: []onnx.ValueInfo{value("y", 4, 1), value("m2", 1), value("v2", 1)},
	}}
	r, err := onnx.NewModule(m)
	if err != nil {
		t.Fatal(err)
	}
	one := func(v float64) *eager.Tensor { return eager.New([]float64{v}, 1) }
	out, err := r.Run([]*eager.Tensor{eager.New([]float64{1, 1, 5, 5}, 4, 1), one(3), one(10), one(7), one(8)}) // mean 3, variance 4
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]float64{{7, 7, 13, 13}, {0.75*7 + 0.25*3}, {0.75*8 + 0.25*4}} {
		for j, w := range want {
			if got := out[i].Values()[j]; math.Abs(got-w) > 1e-5 {
				t.Errorf("result %d, number %d is %v, want %v", i, j, got, w)
			}
		}
	}
}
