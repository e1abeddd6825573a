package eager

import (
	"strings"
	"testing"
)

func TestCheckGradPassesWhatIsRightToSecondOrder(t *testing.T) {
	r := NewRand(3)
	xs := []*Tensor{r.Normal(2, 3), r.Normal(3, 2)}
	f := func(xs []*Tensor) *Tensor { return xs[0].MatMul(xs[1]).Tanh() }
	if err := CheckGrad(f, xs); err != nil {
		t.Error(err)
	}
	second := func(xs []*Tensor) *Tensor {
		_, g := VJP(func(xs []*Tensor) *Tensor { return f(xs).Square().Sum() }, xs, nil)
		return g[0]
	}
	if err := CheckGrad(second, xs); err != nil {
		t.Error(err)
	}
}

// TestCheckGradNamesWhatIsWrong breaks the gradient by hiding a factor from the tape, and then that of an op.
func TestCheckGradNamesWhatIsWrong(t *testing.T) {
	x := Param("x", New([]float64{1, 2}, 1, 2))
	hidden := func(xs []*Tensor) *Tensor { return xs[0].Mul(xs[0].Detach()) }
	err := CheckGrad(hidden, []*Tensor{x})
	want := "CheckGrad: the derivative of element [0 0] of the result by element [0 0] of input 0, x (1,2), is 1: central differences say "
	if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hint") {
		t.Errorf("got %v, want %s", err, want)
	}
	right := opSin.op.grad
	opSin.op.grad = func(_ any, _ int, _ []*Tensor, _, g *Tensor) *Tensor { return g }
	fast := opSin.op.fast
	opSin.op.fast = nil
	defer func() { opSin.op.grad, opSin.op.fast = right, fast }()
	err = CheckGrad(func(xs []*Tensor) *Tensor { return xs[0].Square().Sin() }, []*Tensor{x})
	if err == nil || !strings.Contains(err.Error(), "the gradient of Sin at checkgrad_test.go:") {
		t.Errorf("the op is not named: %v", err)
	}
}
