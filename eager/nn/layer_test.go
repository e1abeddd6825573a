package nn_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

// wantPanic fails unless f panics with an *eager.Error that has that text.
func wantPanic(t *testing.T, text string, f func()) {
	t.Helper()
	err := eager.Try(f)
	var e *eager.Error
	if !errors.As(err, &e) || !strings.Contains(e.Error(), text) || e.Op == "" {
		t.Errorf("error %v, want an *eager.Error with %q", err, text)
	}
}

// near fails unless x has that shape and those values, within 1e-5 of their size.
func near(t *testing.T, what string, x *eager.Tensor, shape string, want []float64) {
	t.Helper()
	got := x.Values()
	if x.Shape().String() != shape || len(got) != len(want) {
		t.Errorf("%s: shape %v with %d values, want %s with %d", what, x.Shape(), len(got), shape, len(want))
		return
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= 1e-5*(1+math.Abs(want[i]))) {
			t.Errorf("%s: value %d is %v, want %v", what, i, got[i], want[i])
			return
		}
	}
}

func TestLayersComputeTheirFormulas(t *testing.T) {
	rng := eager.NewRand(1)
	x := eager.New([]float64{1, 2, 3, 4, 5, 6}, 2, 3)

	linear := nn.NewLinear(rng, 3, 2)
	w, b := linear.Weight.Values(), linear.Bias.Values()
	var want []float64
	for i := range 2 {
		for j := range 2 {
			y := b[j]
			for k := range 3 {
				y += x.At(i, k) * w[k*2+j]
			}
			want = append(want, y)
		}
	}
	near(t, "Linear", linear.Forward(x), "(2,2)", want)
	linear.Bias = nil
	near(t, "Linear without bias", linear.Forward(x), "(2,2)", []float64{want[0] - b[0], want[1] - b[1], want[2] - b[0], want[3] - b[1]})

	near(t, "Flatten", nn.NewFlatten().Forward(eager.New([]float64{1, 2, 3, 4}, 1, 2, 2)), "(1,4)", []float64{1, 2, 3, 4})

	table := nn.NewEmbedding(rng, 5, 2)
	e := table.Weight.Values()
	near(t, "Embedding", table.Forward(eager.FromInts([]int{4, 0, 4}, 3, 1)), "(3,1,2)", []float64{e[8], e[9], e[0], e[1], e[8], e[9]})

	image := eager.New([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 1, 3, 3)
	conv := nn.NewConv2d(rng, 1, 1, 2)
	conv.Weight.Assign(eager.New([]float64{1, 10, 100, 1000}, 1, 1, 2, 2))
	conv.Bias.Assign(eager.New([]float64{0.5}, 1))
	near(t, "Conv2d", conv.Forward(image), "(1,1,2,2)", []float64{5421.5, 6532.5, 8754.5, 9865.5})
	if got := nn.NewConv2dPad(rng, 1, 4, 3, 2, 1).Forward(eager.Ones(2, 1, 8, 8)).Shape().String(); got != "(2,4,4,4)" {
		t.Errorf("a convolution with stride 2 and padding 1 gives %s", got)
	}
	signal := nn.NewConv1d(rng, 4, 6, 3, eager.Conv1dOptions{Stride: 2, Pad: 1, Groups: 2})
	if got := signal.Forward(eager.Ones(2, 4, 9)).Shape().String(); got != "(2,6,5)" || len(signal.Params()) != 2 {
		t.Errorf("Conv1d makes %s of (2,4,9) with %d parameters", got, len(signal.Params()))
	}
	grouped := nn.NewConv2dWith(rng, 4, 6, 3, eager.ConvOptions{Groups: 2})
	if got := grouped.Weight.Shape().String(); got != "(6,2,3,3)" {
		t.Errorf("the weight of a grouped convolution is %s", got)
	}

	up := nn.NewConvTranspose2d(rng, 1, 1, 2, 2, 0)
	up.Weight.Assign(eager.New([]float64{1, 2, 3, 4}, 1, 1, 2, 2))
	up.Bias.Assign(eager.New([]float64{0.5}, 1))
	near(t, "ConvTranspose2d", up.Forward(eager.New([]float64{1, 10}, 1, 1, 1, 2)), "(1,1,2,4)", []float64{1.5, 2.5, 10.5, 20.5, 3.5, 4.5, 30.5, 40.5})

	parted := nn.NewConvTranspose2dWith(rng, 4, 6, 3, [2]int{1, 0}, eager.ConvOptions{Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Groups: 2})
	if got := parted.Forward(eager.Ones(2, 4, 5, 5)).Shape().String(); got != "(2,6,10,9)" || parted.Weight.Shape().String() != "(4,3,3,3)" {
		t.Errorf("a transposed convolution in groups makes %s, with weights %v", got, parted.Weight.Shape())
	}

	near(t, "MaxPool2d", nn.NewMaxPool2d(2, 1).Forward(image), "(1,1,2,2)", []float64{5, 6, 8, 9})
	near(t, "AvgPool2d", nn.NewAvgPool2d(2, 1).Forward(image), "(1,1,2,2)", []float64{3, 4, 6, 7})
	near(t, "MaxPool2d with padding", nn.NewMaxPool2dPad(2, 2, 1).Forward(image), "(1,1,2,2)", []float64{1, 3, 7, 9})
	near(t, "AvgPool2d with padding", nn.NewAvgPool2dPad(2, 2, 1).Forward(image), "(1,1,2,2)", []float64{0.25, 1.25, 2.75, 7})
}

func TestActivationsAreTheirFormulas(t *testing.T) {
	points := []float64{-30, -2, -0.5, 0, 0.3, 1, 40}
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	for name, c := range map[string]struct {
		f    func(*eager.Tensor) *eager.Tensor
		want func(v float64) float64
	}{
		"Identity":  {nn.Identity, func(v float64) float64 { return v }},
		"Relu":      {nn.Relu, func(v float64) float64 { return max(v, 0) }},
		"LeakyRelu": {nn.LeakyRelu, func(v float64) float64 { return max(v, 0.01*v) }},
		"Leaky":     {nn.Leaky(0.2), func(v float64) float64 { return max(v, 0.2*v) }},
		"Elu":       {nn.Elu, func(v float64) float64 { return max(v, 0) + math.Expm1(min(v, 0)) }},
		"Gelu":      {nn.Gelu, func(v float64) float64 { return v * 0.5 * math.Erfc(-v/math.Sqrt2) }},
		"Silu":      {nn.Silu, func(v float64) float64 { return v * sigmoid(v) }},
		"Softplus":  {nn.Softplus, func(v float64) float64 { return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) }},
		"Sigmoid":   {nn.Sigmoid, sigmoid},
		"Tanh":      {nn.Tanh, math.Tanh},
	} {
		want := make([]float64, len(points))
		for i, v := range points {
			want[i] = c.want(v)
		}
		near(t, name, c.f(eager.New(points, len(points))), "(7)", want)
	}
	x := eager.New([]float64{1, 2, 3, 1, 1, 1}, 2, 3)
	near(t, "Softmax", nn.Softmax(x).Sum(1), "(2,1)", []float64{1, 1})
	near(t, "LogSoftmax", nn.LogSoftmax(x).Exp().Sub(nn.Softmax(x)), "(2,3)", make([]float64, 6))
}

func TestDropoutDropsWhileTrainingAndKeepsTheMean(t *testing.T) {
	x := eager.Ones(200, 100)
	l := nn.NewDropout(eager.NewRand(1), 0.3)
	y := l.Forward(x)
	dropped := 0
	for _, v := range y.Values() {
		switch {
		case v == 0:
			dropped++
		case math.Abs(v-1/0.7) > 1e-6:
			t.Fatalf("a number that was kept became %v", v)
		}
	}
	if part := float64(dropped) / 20000; math.Abs(part-0.3) > 0.015 {
		t.Errorf("%v were dropped, want 0.3", part)
	}
	if slices.Equal(y.Values(), l.Forward(x).Values()) {
		t.Error("two calls dropped the same numbers")
	}
	again := nn.NewDropout(eager.NewRand(1), 0.3)
	if !slices.Equal(y.Values(), again.Forward(x).Values()) {
		t.Error("one seed dropped different numbers")
	}
	nn.Eval(l)
	if got := l.Forward(x); got != x {
		t.Error("in Eval something was done")
	}
	p := eager.Param("p", eager.Ones(50))
	z := again.Forward(p)
	near(t, "gradient", eager.Grad(z.Sum(), p)[0], "(50)", z.Values())
}

func TestEqualSeedsMakeEqualNetworks(t *testing.T) {
	values := func(seed uint64) string {
		var all []float64
		rng := eager.NewRand(seed)
		for _, p := range nn.NewSeq([]nn.Layer{nn.MLP(rng, nn.Tanh, 3, 4, 2), nn.NewConv2d(rng, 2, 3, 3)}).Params() {
			all = append(all, p.Values()...)
		}
		return fmt.Sprint(all)
	}
	if first := values(1); values(1) != first {
		t.Error("one seed made two networks")
	}
	if values(1) == values(2) {
		t.Error("two seeds made one network")
	}
}

func TestInitialValuesHaveTheirSpread(t *testing.T) {
	rng := eager.NewRand(1)
	for name, c := range map[string]struct {
		x    *eager.Tensor
		std  float64
		most float64 // 0: not bounded
	}{
		"Linear":         {nn.NewLinear(rng, 400, 300).Weight, 1 / math.Sqrt(3*400), 1.0 / 20},
		"Linear bias":    {nn.NewLinear(rng, 400, 30000).Bias, 1 / math.Sqrt(3*400), 1.0 / 20},
		"Conv1d":         {nn.NewConv1d(rng, 64, 100, 5, eager.Conv1dOptions{}).Weight, 1 / math.Sqrt(3*320), 1 / math.Sqrt(320)},
		"Conv2d":         {nn.NewConv2d(rng, 16, 64, 5).Weight, 1 / math.Sqrt(3*400), 1.0 / 20},
		"XavierUniform":  {nn.XavierUniform(rng, 100, 500), math.Sqrt(2.0 / 600), math.Sqrt(6.0 / 600)},
		"XavierNormal":   {nn.XavierNormal(rng, 100, 500), math.Sqrt(2.0 / 600), 0},
		"KaimingUniform": {nn.KaimingUniform(rng, 100, 500), math.Sqrt(2.0 / 100), math.Sqrt(6.0 / 100)},
		"KaimingNormal":  {nn.KaimingNormal(rng, 100, 500), math.Sqrt(2.0 / 100), 0},
		"Kaiming, conv":  {nn.KaimingNormal(rng, 100, 10, 5, 5), math.Sqrt(2.0 / 250), 0},
		"Xavier, conv":   {nn.XavierNormal(rng, 100, 10, 5, 5), math.Sqrt(2.0 / (250 + 2500)), 0},
		"Embedding":      {nn.NewEmbedding(rng, 300, 100).Weight, 1, 0},
	} {
		sum, squares, most, n := 0.0, 0.0, 0.0, float64(c.x.Size())
		for _, v := range c.x.Values() {
			sum, squares, most = sum+v, squares+v*v, max(most, math.Abs(v))
		}
		std := math.Sqrt(squares / n)
		// Both bounds are four standard errors or more for the 25,000 values and more that there are.
		if math.Abs(sum/n) > 4*c.std/math.Sqrt(n) || math.Abs(std/c.std-1) > 0.02 {
			t.Errorf("%s: mean %v, deviation %v, want 0 and %v", name, sum/n, std, c.std)
		}
		if c.most > 0 && (most > c.most*1.0001 || most < 0.99*c.most) {
			t.Errorf("%s: the largest value is %v, want up to %v", name, most, c.most)
		}
	}
}

func TestOrthogonalIsOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{4, 4}, {3, 7}, {7, 3}, {4, 2, 3, 3}} {
		x := nn.Orthogonal(eager.NewRand(2), 1.5, shape...).Flatten(1)
		product := x.MatMul(x.T())
		if x.Dim(0) > x.Dim(1) {
			product = x.T().MatMul(x)
		}
		near(t, fmt.Sprint("orthogonal ", shape), product, product.Shape().String(), eager.Eye(product.Dim(0)).Scale(2.25).Values())
	}
}

func TestPredictUsesEvalAndBringsTheModesBack(t *testing.T) {
	rng := eager.NewRand(1)
	norm, drop := nn.NewBatchNorm(3), nn.NewDropout(rng, 0.5)
	norm.Training = false
	net := nn.NewSeq([]nn.Layer{nn.NewLinear(rng, 2, 3), norm, drop})
	x := rng.Normal(10, 2)
	got := nn.Predict(net, x, 4)
	if norm.Training || !drop.Training {
		t.Error("the modes changed")
	}
	if got.RequiresGrad() {
		t.Error("a gradient was recorded")
	}
	nn.Eval(net)
	near(t, "Predict", got, "(10,3)", net.Forward(x).Values())
	near(t, "Predict in one batch", nn.Predict(net, x, 100), "(10,3)", net.Forward(x).Values())
}

func TestAccuracyAndConfusionCount(t *testing.T) {
	scores := eager.New([]float64{3, 1, 0, 0, 5, 1, 9, 2, 3, 0, 0, 1}, 4, 3) // found: 0 1 0 2
	labels := []int{0, 1, 2, 2}
	if got := nn.Accuracy(scores, labels); got != 0.75 {
		t.Errorf("accuracy %v, want 0.75", got)
	}
	if got := fmt.Sprint(nn.Confusion(scores, labels)); got != "[[1 0 0] [0 1 0] [1 0 1]]" {
		t.Errorf("confusion %s", got)
	}
	wantPanic(t, "want (3,c)", func() { nn.Accuracy(scores, []int{0, 1, 2}) })
	wantPanic(t, "label 3 at place 1", func() { nn.Confusion(scores, []int{0, 3, 0, 0}) })
}

func TestMisuseIsExplained(t *testing.T) {
	rng := eager.NewRand(1)
	for text, f := range map[string]func(){
		"in is 0":                             func() { nn.NewLinear(rng, 0, 1) },
		"1 sizes":                             func() { nn.MLP(rng, nn.Tanh, 3) },
		"layer 1 is nil":                      func() { nn.NewSeq([]nn.Layer{nn.NewFlatten(), nil}) },
		"do not divide":                       func() { nn.NewConv2dWith(rng, 3, 4, 3, eager.ConvOptions{Groups: 2}) },
		"below 1":                             func() { nn.NewDropout(rng, 1) },
		"want (n,3)":                          func() { nn.NewBatchNorm(3).Forward(eager.Ones(2, 4)) },
		"one number":                          func() { nn.NewBatchNorm(3).Forward(eager.Ones(1, 3)) },
		"want last axes (3)":                  func() { nn.NewLayerNorm(3).Forward(eager.Ones(3, 2)) },
		"4 numbers do not make 3 equal heads": func() { nn.NewMultiHeadAttention(rng, 4, 3, false) },
		"want (n,t,4)":                        func() { nn.NewMultiHeadAttention(rng, 4, 2, false).Forward(eager.Ones(2, 4)) },
		"want (n,t,3)":                        func() { nn.NewGRU(rng, 3, 2, 1, false).Forward(eager.Ones(2, 5, 4)) },
		"want (2,n,2)":                        func() { nn.NewGRU(rng, 3, 2, 1, true).Run(eager.Ones(2, 5, 3), eager.Ones(1, 2, 2)) },
		"no rand":                             func() { nn.NewLinear(nil, 1, 1) },
		"function is nil":                     func() { nn.Func(nil) },
		"want 0 to half a window":             func() { nn.NewMaxPool2dPad(3, 1, 2) },
		"stride is 0":                         func() { nn.NewMaxPool2d(2, 0) },
		"2 axes or more":                      func() { nn.XavierNormal(rng, 3) },
		"the layer is nil":                    func() { nn.State(nil) },
	} {
		wantPanic(t, text, f)
	}
}
