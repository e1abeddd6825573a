package nn_test

import (
	"math"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

func TestLossesAreTheirFormulas(t *testing.T) {
	a, b := eager.New([]float64{1, -2, 3, 0}, 2, 2), eager.New([]float64{1.5, 1, -1, 0}, 2, 2)
	scalar := func(what string, x *eager.Tensor, want float64) {
		t.Helper()
		near(t, what, x, "()", []float64{want})
	}
	scalar("MSE", nn.MSE(a, b), (0.25+9+16)/4)
	scalar("L1", nn.L1(a, b), (0.5+3+4)/4)
	scalar("Huber", nn.Huber(a, b, 1), (0.125+2.5+3.5)/4)
	scalar("Huber with delta 3.5", nn.Huber(a, b, 3.5), (0.125+4.5+3.5*(4-1.75))/4)

	logits := eager.New([]float64{1, 2, 3, -100, 0, 100}, 2, 3)
	z := math.Log(math.Exp(1) + math.Exp(2) + math.Exp(3))
	scalar("CrossEntropy", nn.CrossEntropy(logits, []int{0, 1}), ((z-1)+100)/2)
	scalar("NLL", nn.NLL(logits.LogSoftmax(1), []int{0, 1}), ((z-1)+100)/2)

	p, q := []float64{0.5, 0.25, 0.25, 0.1, 0.1, 0.8}, []float64{0.2, 0.3, 0.5, 0.1, 0.1, 0.8}
	want := 0.0
	for i := range p {
		want += p[i] * math.Log(p[i]/q[i]) / 2
	}
	scalar("KL", nn.KL(eager.New(p, 2, 3).Log(), eager.New(q, 2, 3).Log()), want)
}

func TestBCEWithLogitsIsExactForScoresOfAnySize(t *testing.T) {
	for _, x := range []float64{-200, -20, -1, 0, 0.5, 20, 200} {
		for _, target := range []float64{0, 1, 0.9} {
			want := target*softplus(-x) + (1-target)*softplus(x)
			s := eager.Param("s", eager.New([]float64{x}, 1))
			loss := nn.BCEWithLogits(s, eager.New([]float64{target}, 1))
			if got := loss.Item(); math.Abs(got-want) > 1e-6*want+1e-30 {
				t.Errorf("score %v, target %v: %v, want %v", x, target, got, want)
			}
			slope := 1/(1+math.Exp(-x)) - target
			if got := eager.Grad(loss, s)[0].Item(); math.Abs(got-slope) > 1e-6 {
				t.Errorf("score %v, target %v: gradient %v, want %v", x, target, got, slope)
			}
		}
	}
}

func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func TestLossesHaveRightGradientsToSecondOrder(t *testing.T) {
	rng := eager.NewRand(5)
	make := func(name string) *eager.Tensor {
		return eager.Param(name, rng.Normal(3, 4).To(eager.Float64))
	}
	a, b := make("a"), make("b")
	labels := []int{3, 0, 2}
	for name, f := range map[string]func() *eager.Tensor{
		"MSE":           func() *eager.Tensor { return nn.MSE(a, b) },
		"L1":            func() *eager.Tensor { return nn.L1(a, b) },
		"Huber":         func() *eager.Tensor { return nn.Huber(a, b, 0.7) },
		"BCEWithLogits": func() *eager.Tensor { return nn.BCEWithLogits(a, b.Sigmoid()) },
		"CrossEntropy":  func() *eager.Tensor { return nn.CrossEntropy(a.Add(b), labels) },
		"NLL":           func() *eager.Tensor { return nn.NLL(a.Mul(b).LogSoftmax(1), labels) },
		"KL":            func() *eager.Tensor { return nn.KL(a.LogSoftmax(1), b.LogSoftmax(1)) },
	} {
		checkGradients(t, name, f, a, b)
	}
}

func TestLossesRefuseToBroadcast(t *testing.T) {
	column, row := eager.Ones(4, 1), eager.Ones(4)
	for _, f := range []func(){
		func() { nn.MSE(column, row) },
		func() { nn.L1(column, row) },
		func() { nn.Huber(column, row, 1) },
		func() { nn.BCEWithLogits(column, row) },
		func() { nn.KL(column, row) },
	} {
		wantPanic(t, "(4,1)", f)
		wantPanic(t, "want one shape", f)
	}
	wantPanic(t, "want more than 0", func() { nn.Huber(row, row, 0) })
	wantPanic(t, "want (n,c)", func() { nn.KL(row, row) })
}
