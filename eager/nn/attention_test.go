package nn_test

import (
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

func TestMultiHeadAttentionHasRightGradientsToSecondOrder(t *testing.T) {
	rng := eager.NewRand(5)
	for _, causal := range []bool{false, true} {
		l := nn.NewMultiHeadAttention(rng, 4, 2, causal)
		double(rng, &l.InProjWeight, &l.InProjBias, &l.OutProj.Weight, &l.OutProj.Bias)
		x := eager.Param("x", rng.Normal(2, 3, 4).To(eager.Float64))
		checkGradients(t, "MultiHeadAttention", func() *eager.Tensor { return l.Forward(x) }, append(l.Params(), x)...)
	}
}

// A place of a causal layer does not change with what comes after it.
func TestCausalAttentionDoesNotLookAhead(t *testing.T) {
	rng := eager.NewRand(6)
	l := nn.NewMultiHeadAttention(rng, 12, 3, true)
	x := rng.Normal(2, 9, 12)
	whole, part := l.Forward(x).Slice(1, 0, 4), l.Forward(x.Slice(1, 0, 4))
	near(t, "the first four places", whole, "(2,4,12)", part.Values())
	l.Causal = false
	if d := l.Forward(x).Slice(1, 0, 4).Sub(part).Abs().Max().Item(); d < 0.01 {
		t.Errorf("without Causal what comes after changes a place by %g only", d)
	}
}
