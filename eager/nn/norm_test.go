package nn_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// double makes the parameters of a layer float64 ones with values off the special 0 and 1.
func double(rng *eager.Rand, ps ...**eager.Tensor) {
	for i, p := range ps {
		*p = eager.Param(fmt.Sprint("p", i), (*p).To(eager.Float64).Add(rng.Normal((*p).Shape()...).To(eager.Float64).Scale(0.3)))
	}
}

// checkGradients compares the first and second derivatives of f at xs with central differences, in float64. The second
// are checked along one direction: the gradient of (gradient . direction).
func checkGradients(t *testing.T, what string, f func() *eager.Tensor, xs ...*eager.Tensor) {
	t.Helper()
	rng := eager.NewRand(77)
	weights := rng.Normal(f().Shape()...).To(eager.Float64) // a plain sum of normalised numbers would be constant
	loss := func() *eager.Tensor { return f().Mul(weights).Sum() }
	directions := make([]*eager.Tensor, len(xs))
	for i, x := range xs {
		directions[i] = rng.Normal(x.Shape()...).To(eager.Float64)
	}
	slope := func() *eager.Tensor {
		var sum *eager.Tensor
		for i, g := range eager.GradGraph(loss(), xs...) {
			if s := g.Mul(directions[i]).Sum(); sum == nil {
				sum = s
			} else {
				sum = sum.Add(s)
			}
		}
		return sum
	}
	for order, y := range map[string]func() *eager.Tensor{"first": loss, "second": slope} {
		grads := make([]*eager.Tensor, len(xs))
		if top := y(); top.RequiresGrad() { // a slope that is the same everywhere does not
			grads = eager.GradOf(top, nil, xs, false, true)
		}
		for k, x := range xs {
			values := x.Values()
			for i := range values {
				const h = 1e-5
				at := func(v float64) float64 {
					moved := append([]float64(nil), values...)
					moved[i] = v
					x.Assign(eager.FromFloat64(moved, x.Shape()...))
					return y().Item()
				}
				want := (at(values[i]+h) - at(values[i]-h)) / (2 * h)
				x.Assign(eager.FromFloat64(values, x.Shape()...))
				got := 0.0
				if grads[k] != nil {
					got = grads[k].Values()[i]
				}
				// Rounding 1e-16/h and the third derivative's h*h stay below 1e-7 of values around 1 to 100.
				if math.Abs(got-want) > 1e-6*(1+math.Abs(want)) {
					t.Errorf("%s: %s derivative by number %d of argument %d is %v, by differences %v", what, order, i, k, got, want)
					return
				}
			}
		}
	}
}

func TestNormLayersHaveRightGradientsToSecondOrder(t *testing.T) {
	rng := eager.NewRand(3)
	for _, shape := range [][]int{{4, 3}, {2, 3, 2, 2}} {
		for _, training := range []bool{true, false} {
			l := nn.NewBatchNorm(3)
			double(rng, &l.Weight, &l.Bias)
			l.RunningMean, l.RunningVar = l.RunningMean.To(eager.Float64), l.RunningVar.To(eager.Float64)
			l.Training = training
			x := eager.Param("x", rng.Normal(shape...).To(eager.Float64))
			checkGradients(t, fmt.Sprint("BatchNorm ", shape, training), func() *eager.Tensor { return l.Forward(x) }, x, l.Weight, l.Bias)
		}
	}
	for _, shape := range [][]int{{3}, {2, 3}} {
		l := nn.NewLayerNorm(shape...)
		double(rng, &l.Weight, &l.Bias)
		x := eager.Param("x", rng.Normal(2, 2, 3).To(eager.Float64))
		checkGradients(t, fmt.Sprint("LayerNorm ", shape), func() *eager.Tensor { return l.Forward(x) }, x, l.Weight, l.Bias)
		rms := nn.NewRMSNorm(shape...)
		double(rng, &rms.Weight)
		checkGradients(t, fmt.Sprint("RMSNorm ", shape), func() *eager.Tensor { return rms.Forward(x) }, x, rms.Weight)
	}
}

func TestBatchNormNormalisesAndKeepsRunningStatistics(t *testing.T) {
	rng := eager.NewRand(4)
	for _, shape := range [][]int{{50, 2}, {10, 2, 3, 4}} {
		l := nn.NewBatchNorm(2)
		mean, variance := []float64{0, 0}, []float64{1, 1}
		for step := range 3 {
			x := rng.Normal(shape...).Scale(3).Shift(float64(step))
			rows, values := make([][]float64, 2), x.Values()
			inner := len(values) / shape[0] / 2
			for i, v := range values {
				c := i / inner % 2
				rows[c] = append(rows[c], v)
			}
			y := l.Forward(x).Values()
			for c, row := range rows {
				m, v, n := 0.0, 0.0, float64(len(row))
				for _, a := range row {
					m += a / n
				}
				for _, a := range row {
					v += (a - m) * (a - m) / n
				}
				mean[c] = 0.9*mean[c] + 0.1*m
				variance[c] = 0.9*variance[c] + 0.1*v*n/(n-1)
				k := 0
				for i := range values {
					if i/inner%2 == c {
						if want := (row[k] - m) / math.Sqrt(v+1e-5); math.Abs(y[i]-want) > 1e-4 {
							t.Fatalf("%v: number %d became %v, want %v", shape, i, y[i], want)
						}
						k++
					}
				}
			}
		}
		near(t, "running mean", l.RunningMean, "(2)", mean)
		near(t, "running variance", l.RunningVar, "(2)", variance)
		if l.NumBatchesTracked.Item() != 3 {
			t.Errorf("%v batches were counted, want 3", l.NumBatchesTracked.Item())
		}
		nn.Eval(l)
		ones := eager.Ones(append([]int{1}, shape[1:]...)...)
		got := l.Forward(ones).Values()
		for i := range got {
			c := i / (len(got) / 2) % 2
			if want := (1 - mean[c]) / math.Sqrt(variance[c]+1e-5); math.Abs(got[i]-want) > 1e-5 {
				t.Errorf("in Eval number %d is %v, want %v", i, got[i], want)
			}
		}
		near(t, "running mean after Eval", l.RunningMean, "(2)", mean)
	}
}

func TestRMSNormDividesByTheRootOfTheMeanSquare(t *testing.T) {
	l := nn.NewRMSNorm(4)
	l.Weight.Assign(eager.New([]float64{1, 2, 3, 4}, 4))
	s := math.Sqrt(7.5 + 1e-5) // the mean square of 1 2 3 4
	near(t, "RMSNorm", l.Forward(eager.New([]float64{1, 2, 3, 4, -2, 2, -2, 2}, 2, 4)), "(2,4)", []float64{
		1 / s, 4 / s, 9 / s, 16 / s, -2 / math.Sqrt(4+1e-5), 4 / math.Sqrt(4+1e-5), -6 / math.Sqrt(4+1e-5), 8 / math.Sqrt(4+1e-5),
	})
}

func TestLayerNormNormalisesEachExample(t *testing.T) {
	l := nn.NewLayerNorm(4)
	l.Weight.Assign(eager.New([]float64{1, 2, 3, 4}, 4))
	l.Bias.Assign(eager.New([]float64{0, 0, 0, 9}, 4))
	s := math.Sqrt(1.25 + 1e-5) // the variance of 1 2 3 4
	near(t, "LayerNorm", l.Forward(eager.New([]float64{1, 2, 3, 4, 40, 30, 20, 10}, 2, 4)), "(2,4)", []float64{
		-1.5 / s, -0.5 * 2 / s, 0.5 * 3 / s, 1.5*4/s + 9,
		15 / math.Sqrt(125), 5 * 2 / math.Sqrt(125), -5 * 3 / math.Sqrt(125), -15*4/math.Sqrt(125) + 9,
	})
}

// A Checkpoint runs a layer twice: the running statistics are those of one run, and gradients are those without it.
func TestBatchNormInACheckpointCountsABatchOnce(t *testing.T) {
	x := eager.Param("x", eager.NewRand(1).Normal(6, 3))
	plain, twice := nn.NewBatchNorm(3), nn.NewBatchNorm(3)
	want := eager.Grad(plain.Forward(x).Square().Mul(x).Sum(), x)[0]
	got := eager.Grad(eager.Checkpoint(twice.Forward, x).Square().Mul(x).Sum(), x)[0]
	if !slices.Equal(got.Values(), want.Values()) {
		t.Errorf("gradient %v, want %v", got, want)
	}
	for i, b := range twice.Buffers() {
		if !slices.Equal(b.Values(), plain.Buffers()[i].Values()) {
			t.Errorf("%s is %v, want %v", b.Name(), b, plain.Buffers()[i])
		}
	}
}
