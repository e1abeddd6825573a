package gan

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

func TestLossesAreTheirFormulas(t *testing.T) {
	r, f := []float64{0.3, -2, 40}, []float64{-1, 0.5, 3}
	real, fake := eager.FromFloat64(r, 3, 1), eager.FromFloat64(f, 3, 1)
	mean := func(v []float64, g func(float64) float64) float64 {
		sum := 0.0
		for _, x := range v {
			sum += g(x)
		}
		return sum / float64(len(v))
	}
	d := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) } // the discriminator's probability
	same := func(x float64) float64 { return x }
	for name, c := range map[string]struct {
		got  *eager.Tensor
		want float64
	}{
		"LogisticD": {LogisticD(real, fake), -mean(r, func(x float64) float64 { return math.Log(d(x)) }) -
			mean(f, func(x float64) float64 { return math.Log(1 - d(x)) })},
		"LogisticG":    {LogisticG(fake), -mean(f, func(x float64) float64 { return math.Log(d(x)) })},
		"SaturatingG":  {SaturatingG(fake), mean(f, func(x float64) float64 { return math.Log(1 - d(x)) })},
		"WassersteinD": {WassersteinD(real, fake), mean(f, same) - mean(r, same)},
		"WassersteinG": {WassersteinG(fake), -mean(f, same)},
		"HingeD": {HingeD(real, fake), mean(r, func(x float64) float64 { return max(0, 1-x) }) +
			mean(f, func(x float64) float64 { return max(0, 1+x) })},
	} {
		if math.Abs(c.got.Item()-c.want) > 1e-12 || c.got.Rank() != 0 {
			t.Errorf("%s is %v of shape %v, want the scalar %v", name, c.got.Item(), c.got.Shape(), c.want)
		}
	}
}

func TestLogisticLossesStayFiniteForScoresOfAnySize(t *testing.T) {
	x := eager.Param("x", eager.New([]float64{-1e4, 0, 1e4}, 3, 1))
	for name, loss := range map[string]*eager.Tensor{"LogisticD": LogisticD(x, x), "LogisticG": LogisticG(x), "SaturatingG": SaturatingG(x)} {
		for _, v := range append(eager.Grad(loss, x)[0].Values(), loss.Item()) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s: a value or gradient is %v", name, v)
			}
		}
	}
}

// The slope of x·w is w everywhere, so the penalty is (|w|-1)² and its gradient 2(|w|-1) w/|w|; R1 is |w|².
func TestPenaltiesOfALinearCriticAreExact(t *testing.T) {
	random := eager.NewRand(1)
	w := eager.Param("w", eager.FromFloat64([]float64{3, -4}, 2, 1))
	critic := func(x *eager.Tensor) *eager.Tensor { return x.MatMul(w) }
	real, fake := random.Normal(6, 2).To(eager.Float64), random.Normal(6, 2).To(eager.Float64)
	for name, c := range map[string]struct {
		got   *eager.Tensor
		want  float64
		slope []float64
	}{
		"GradientPenalty": {GradientPenalty(critic, real, fake, random), 16, []float64{8 * 0.6, -8 * 0.8}},
		"R1":              {R1(critic, real), 25, []float64{6, -8}},
	} {
		if math.Abs(c.got.Item()-c.want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, c.got.Item(), c.want)
		}
		for i, v := range eager.Grad(c.got, w)[0].Values() {
			if math.Abs(v-c.slope[i]) > 1e-9 {
				t.Errorf("%s: the gradient by w%d is %v, want %v", name, i, v, c.slope[i])
			}
		}
	}
}

// The gradient of a penalty by the critic's parameters goes through a gradient. It is held against central differences.
func TestPenaltyGradientsAgreeWithDifferences(t *testing.T) {
	random := eager.NewRand(4)
	weight := func(name string, rows, columns int) *eager.Tensor {
		return eager.Param(name, random.Normal(rows, columns).To(eager.Float64))
	}
	a, b := weight("a", 2, 5), weight("b", 5, 1)
	critic := func(x *eager.Tensor) *eager.Tensor { return nn.Tanh(x.MatMul(a)).MatMul(b) }
	real, fake := random.Normal(7, 2).To(eager.Float64), random.Normal(7, 2).To(eager.Float64)
	for name, penalty := range map[string]func() *eager.Tensor{
		"GradientPenalty": func() *eager.Tensor { return GradientPenalty(critic, real, fake, eager.NewRand(9)) },
		"R1":              func() *eager.Tensor { return R1(critic, real) },
	} {
		slopes := eager.Grad(penalty(), a, b)
		for p, param := range []*eager.Tensor{a, b} {
			values := param.Values()
			for i := range values {
				const step = 1e-5
				at := func(v float64) float64 {
					moved := append([]float64(nil), values...)
					moved[i] = v
					param.Assign(eager.FromFloat64(moved, param.Shape()...))
					return penalty().Item()
				}
				want := (at(values[i]+step) - at(values[i]-step)) / (2 * step)
				param.Assign(eager.FromFloat64(values, param.Shape()...))
				if got := slopes[p].Values()[i]; math.Abs(got-want) > 1e-7*(1+math.Abs(want)) {
					t.Errorf("%s: the gradient by parameter %d, number %d is %v, differences give %v", name, p, i, got, want)
				}
			}
		}
	}
}

func TestPenaltiesTakeImagesAndLeaveTheGeneratorAlone(t *testing.T) {
	random := eager.NewRand(2)
	generator := nn.NewLinear(random, 3, 8)
	fake := generator.Forward(random.Normal(4, 3)).Reshape(4, 2, 2, 2)
	w := eager.Param("w", random.Normal(8, 1))
	critic := func(x *eager.Tensor) *eager.Tensor { return x.Flatten(1).Tanh().MatMul(w) }
	loss := GradientPenalty(critic, random.Normal(4, 2, 2, 2), fake, random)
	if got := eager.GradOf(loss, nil, []*eager.Tensor{w, generator.Weight}, false, true); got[0] == nil || got[1] != nil {
		t.Errorf("gradients by the critic and the generator are %v, want one and none", got)
	}
}

func TestMisuseNamesWhatWasWrong(t *testing.T) {
	one := func(x *eager.Tensor) *eager.Tensor { return x }
	random := eager.NewRand(1)
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"GradientPenalty: real is (4,2), fake is (3,2): wants (n,...) of one shape",
			func() { GradientPenalty(one, eager.Zeros(4, 2), eager.Zeros(3, 2), random) }},
		{"GradientPenalty: real is (), fake is ()", func() { GradientPenalty(one, eager.Scalar(1), eager.Scalar(1), random) }},
		{"Ring: 0 modes, sigma 0.1", func() { Ring(0, 1, 0.1) }},
		{"Grid: 3 modes on a side, sigma 0", func() { Grid(3, 1, 0) }},
		{"(5,3)", func() { Ring(8, 2, 0.1).Cover(eager.Zeros(5, 3)) }},
	} {
		var fault *eager.Error
		if err := eager.Try(c.f); !errors.As(err, &fault) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v\nwant %q in it", err, c.want)
		}
	}
}
