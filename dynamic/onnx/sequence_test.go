package onnx_test

import (
	"path/filepath"
	"testing"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// Layers over sequences keep the number of sequences free: it is not baked into the states that they start from.
func TestSequenceLayersTakeAnyBatch(t *testing.T) {
	rng := eager.NewRand(5)
	gpt := nn.NewSeq([]nn.Layer{
		nn.NewLayerNorm(6), nn.NewMultiHeadAttention(rng, 6, 3, true), nn.Func(nn.GeluTanh), nn.NewRMSNorm(6), nn.NewLinear(rng, 6, 2),
	})
	for name, l := range map[string]nn.Layer{
		"LSTM":      nn.NewLSTM(rng, 6, 4, 2, true),
		"GRU":       nn.NewGRU(rng, 6, 4, 1, true),
		"attention": gpt,
	} {
		path := filepath.Join(t.TempDir(), name+".onnx")
		if _, err := onnx.Save(dynamic.Record(l.Forward, rng.Normal(2, 5, 6)), path); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var cases []runtimeCase
		for _, n := range []int{1, 2, 33} {
			x := rng.Normal(n, 5, 6)
			cases = append(cases, runtimeCase{path, tensorFiles(t, []*eager.Tensor{x}), tensorFiles(t, []*eager.Tensor{l.Forward(x)})})
		}
		for i, r := range inRuntime(t, cases) {
			if r.Error != "" || r.Largest > 1e-5 || !r.Same {
				t.Errorf("%s, case %d: %+v", name, i, r)
			}
		}
	}
}
