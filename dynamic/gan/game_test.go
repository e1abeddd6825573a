package gan

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

func all(params []*eager.Tensor) (v []float64) {
	for _, p := range params {
		v = append(v, p.Values()...)
	}
	return v
}

// The critic's step leaves the generator's numbers alone and the other way round, and nothing is left in any Grad.
func TestRoundLeaksNoGradient(t *testing.T) {
	random := eager.NewRand(1)
	g := plane(nn.MLP(random, nn.Relu, 2, 8, 8, 1), 8, 100, 3, random)
	var generator, critic []float64 // before the critic's steps, and after them
	calls := 0
	g.LossC = func(real, fake *eager.Tensor) *eager.Tensor { calls++; return WassersteinD(real, fake) }
	g.LossG = func(fake *eager.Tensor) *eager.Tensor {
		if !slices.Equal(all(g.Generator.Params()), generator) {
			t.Error("the critic's steps changed the generator")
		}
		critic = all(g.Critic.Params())
		return WassersteinG(fake)
	}
	for range 3 {
		generator = all(g.Generator.Params())
		before := all(g.Critic.Params())
		g.Round(func() *eager.Tensor { return Ring(8, 2, 0.1).Sample(16, random) })
		if !slices.Equal(all(g.Critic.Params()), critic) || slices.Equal(critic, before) {
			t.Error("the generator's step changed the critic, or the critic's own did not")
		}
		if slices.Equal(all(g.Generator.Params()), generator) {
			t.Error("the generator learned nothing")
		}
	}
	for _, p := range append(g.Generator.Params(), g.Critic.Params()...) {
		if p.Grad() != nil {
			t.Errorf("%s has a gradient left", p.Name())
		}
	}
	if calls != 9 {
		t.Errorf("three rounds of three steps of the critic were %d", calls)
	}
}

func TestClippedCriticStaysWithinItsBounds(t *testing.T) {
	random := eager.NewRand(1)
	g := plane(nn.MLP(random, nn.Relu, 2, 16, 1), 16, 100, 1, random)
	g.LossC, g.LossG, g.Clip = WassersteinD, WassersteinG, 0.05
	for range 5 {
		g.Round(func() *eager.Tensor { return Ring(8, 2, 0.1).Sample(16, random) })
	}
	for _, v := range all(g.Critic.Params()) {
		if math.Abs(v) > 0.05+1e-9 {
			t.Fatalf("a weight of %v with a clip of 0.05", v)
		}
	}
	if err := eager.Try(func() { ClipWeights(nil, 0) }); err == nil || !strings.Contains(err.Error(), "ClipWeights: limit 0") {
		t.Error(err)
	}
}

func TestAverageFollowsItsFormula(t *testing.T) {
	p := eager.Param("p", eager.New([]float64{1}, 1))
	a, want := NewAverage([]*eager.Tensor{p}, 0.5), 1.0
	for k := 1; k <= 20; k++ {
		p.Assign(eager.New([]float64{float64(k)}, 1))
		a.Update()
		keep := math.Min(0.5, float64(1+k)/float64(10+k))
		want = keep*want + (1-keep)*float64(k)
	}
	inside := 0.0
	a.Use(func() { inside = p.Item() })
	if math.Abs(inside-want) > 1e-4 || p.Item() != 20 {
		t.Errorf("the average is %v, want %v; the parameter is %v afterwards, want 20", inside, want, p.Item())
	}
	a.Use(func() { inside = p.Item() })
	if math.Abs(inside-want) > 1e-4 {
		t.Error("Use changed the average")
	}
	if err := eager.Try(func() { NewAverage(nil, 1) }); err == nil || !strings.Contains(err.Error(), "decay 1") {
		t.Error(err)
	}
}

// The largest singular value of a weight divided by its own is 1, here by the eigenvalues of w'w.
func TestSpectralDividesByTheLargestSingularValue(t *testing.T) {
	random := eager.NewRand(3)
	linear, conv := nn.NewLinear(random, 4, 6), nn.NewConv2dPad(random, 2, 3, 3, 1, 1)
	for name, c := range map[string]struct {
		s *Spectral
		w *eager.Tensor
		x *eager.Tensor
	}{
		"Linear": {NewSpectral(linear, random), linear.Weight, random.Normal(5, 4)},
		"Conv2d": {NewSpectral(conv, random), conv.Weight, random.Normal(2, 2, 5, 5)},
	} {
		for range 200 {
			c.s.Forward(c.x)
		}
		w := c.w
		if w.Rank() == 4 {
			w = w.Flatten(1)
		}
		d := w.Dim(1)
		values, _ := eigen(w.T().MatMul(w).Values(), d)
		sigma := math.Sqrt(slices.Max(values))
		var want *eager.Tensor
		if name == "Linear" {
			want = c.x.Linear(linear.Weight.Scale(1/sigma), linear.Bias)
		} else {
			want = c.x.Conv2dWith(conv.Weight.Scale(1/sigma), conv.Bias, conv.Options)
		}
		if d := c.s.Forward(c.x).Sub(want).Abs().Max().Item(); d > 1e-4 {
			t.Errorf("%s: the result is %v from the layer with its weight divided by %v", name, d, sigma)
		}
		left := c.s.Left.Values()
		nn.Eval(c.s)
		if c.s.Forward(c.x); !slices.Equal(c.s.Left.Values(), left) {
			t.Errorf("%s: Eval moves the vector", name)
		}
		if _, saved := nn.State(c.s)["left"]; !saved {
			t.Errorf("%s: the state has no left, but %v", name, nn.Names(c.s))
		}
		// In Eval the vectors are fixed, so the gradient is that of w/(u'wv), and a step along w changes nothing.
		if along := eager.Grad(c.s.Forward(c.x).Square().Sum(), c.w)[0].Mul(c.w).Sum().Item(); math.Abs(along) > 1e-3 {
			t.Errorf("%s: making the weight larger changes the result by %v", name, along)
		}
	}
	if err := eager.Try(func() { NewSpectral(nn.NewFlatten(), random) }); err == nil || !strings.Contains(err.Error(), "*nn.Flatten: wants *nn.Linear or *nn.Conv2d") {
		t.Error(err)
	}
}

// A critic of spectral layers with the hinge loss finds all modes of a wide ring in a few hundred steps.
func TestSpectralNormWithHingeLearns(t *testing.T) {
	random, m := eager.NewRand(1), Ring(8, 2, 0.2)
	const steps = 500
	g := plane(SpectralMLP(random, nn.Leaky(0.1), 2, 64, 64, 1), 64, steps, 2, random)
	g.LossC, g.LossG = HingeD, WassersteinG
	if c := g.play(m, steps, 128); c.Covered < 7 || c.Good < 0.5 {
		t.Errorf("%v", c)
	}
}

func TestCompareTellsCollapseFromIgnorance(t *testing.T) {
	random, m := eager.NewRand(1), Ring(8, 2, 0.02)
	real := m.Sample(400, random)
	two := &Mixture{m.Xs[:2], m.Ys[:2], m.Sigma}
	for name, c := range map[string]struct {
		fake      *eager.Tensor
		collapsed bool
	}{
		"its own":    {m.Sample(400, random), false},
		"two modes":  {two.Sample(400, random), true},
		"six modes":  {(&Mixture{m.Xs[:6], m.Ys[:6], m.Sigma}).Sample(400, random), true},
		"noise":      {random.Normal(400, 2), false},
		"one point":  {eager.Full(0.3, 400, 2), true},
		"half wrong": {eager.Concat(0, []*eager.Tensor{m.Sample(300, random), random.Normal(100, 2)}), false},
	} {
		if l := Compare(real, c.fake); l.Collapsed() != c.collapsed || strings.Contains(l.String(), "collapsed") != c.collapsed {
			t.Errorf("%s: %v", name, l)
		}
	}
	l := Compare(eager.New([]float64{0, 0, 4, 0}, 2, 2), eager.New([]float64{0, 3, 0, 1}, 2, 2))
	want := Likeness{Astray: 2, Neglect: (1 + math.Sqrt(17)) / 2, Diversity: 0.5}
	if math.Abs(l.Astray-want.Astray)+math.Abs(l.Neglect-want.Neglect)+math.Abs(l.Diversity-want.Diversity) > 1e-12 {
		t.Errorf("%v, want %v", l, want)
	}
}

func TestMemorisedFindsCopies(t *testing.T) {
	random := eager.NewRand(1)
	train, heldOut := random.Normal(200, 6), random.Normal(200, 6)
	if got := Memorised(train.Slice(0, 0, 100), train, heldOut); got != 1 {
		t.Errorf("of copies it finds %v", got)
	}
	if got := Memorised(random.Normal(100, 6), train, heldOut); got > 0.05 {
		t.Errorf("of new samples it takes %v for copies", got)
	}
	half := eager.Concat(0, []*eager.Tensor{train.Slice(0, 0, 50).Shift(1e-3), random.Normal(50, 6)})
	if got := Memorised(half, train, heldOut); got < 0.5 || got > 0.55 {
		t.Errorf("where half are copies it says %v", got)
	}
}

func TestImageNetworksHaveTheirShapes(t *testing.T) {
	random := eager.NewRand(1)
	images := NewDCGenerator(random, 10, 4).Forward(WithLabels(random.Normal(3, 7), []int{0, 2, 1}, 3))
	if images.Shape().String() != "(3,1,28,28)" || images.Abs().Max().Item() > 1 {
		t.Errorf("images are %v, up to %v", images.Shape(), images.Abs().Max().Item())
	}
	labelled := WithLabels(images, []int{0, 2, 1}, 3)
	if labelled.Shape().String() != "(3,4,28,28)" || labelled.At(1, 3, 5, 5) != 1 || labelled.At(1, 1, 5, 5) != 0 {
		t.Errorf("with labels they are %v", labelled.Shape())
	}
	for _, plain := range []bool{false, true} {
		if s := NewDCCritic(random, 4, 4, plain).Forward(labelled).Shape().String(); s != "(3,1)" {
			t.Errorf("scores are %v", s)
		}
	}
	if s := NewLeNet(random, 10).Features(images).Shape().String(); s != "(3,84)" {
		t.Errorf("features are %v", s)
	}
}

func TestAuxiliaryLossesAreTheirParts(t *testing.T) {
	random := eager.NewRand(2)
	a := NewAuxiliary(random, 4, 3)
	nn.Eval(a.Body)
	x, y, labels := random.Normal(5, 1, 28, 28), random.Normal(5, 1, 28, 28), []int{0, 2, 1, 1, 0}
	score := func(x *eager.Tensor) *eager.Tensor { return a.Score.Forward(a.Body.Forward(x)) }
	class := func(x *eager.Tensor) float64 {
		return nn.CrossEntropy(a.Classes.Forward(a.Body.Forward(x)), labels).Item()
	}
	if got, want := a.LossD(x, y, labels).Item(), LogisticD(score(x), score(y)).Item()+class(x); math.Abs(got-want) > 1e-5 {
		t.Errorf("the critic's loss is %v, want %v", got, want)
	}
	if got, want := a.LossG(y, labels).Item(), LogisticG(score(y)).Item()+class(y); math.Abs(got-want) > 1e-5 {
		t.Errorf("the generator's loss is %v, want %v", got, want)
	}
	if len(a.Params()) != len(a.Body.Params())+4 {
		t.Errorf("%d parameters", len(a.Params()))
	}
}

// A hundred steps on pictures that are made here: bright squares in one of four corners, on noise.
func TestLeNetTellsCornersAndFIDSeesNoise(t *testing.T) {
	random := eager.NewRand(1)
	made := func(n int) (*eager.Tensor, []int) {
		x, labels := random.Normal(n, 1, 28, 28).Scale(0.3), make([]int, n)
		for i := range labels {
			labels[i] = random.Intn(4)
			row, column := 2+14*(labels[i]/2)+random.Intn(5), 2+14*(labels[i]%2)+random.Intn(5)
			x.Slice(0, i, i+1).Slice(2, row, row+6).Slice(3, column, column+6).Assign(eager.Ones(1, 1, 6, 6))
		}
		return x, labels
	}
	x, labels := made(1600)
	net := NewLeNet(random, 4)
	net.Learn(x, labels, 4, random)
	other, truth := made(400)
	if a := nn.Accuracy(nn.Predict(net, other, 100), truth); a < 0.98 {
		t.Errorf("it is right in %v", a)
	}
	same, noisy := net.FIDLeNet(x.Slice(0, 0, 400), other), net.FIDLeNet(x.Slice(0, 0, 400), other.Add(random.Normal(400, 1, 28, 28)))
	if same*5 > noisy {
		t.Errorf("FID-LeNet of other samples is %v, with noise %v", same, noisy)
	}
}

// A VAE of rows that say one bit eight times. Its loss is no less than the entropy, and some 0.4 nats more: what may come from
// half of a normal distribution is approached by a whole one.
func TestVAELossIsABound(t *testing.T) {
	random := eager.NewRand(1)
	v := NewVAE(random, 8, 32, 2)
	opt := fall(v.Params(), 0.01, 0.9, 0.999, 1500)
	batch := func() *eager.Tensor { // one bit says which half is on: entropy ln 2
		bit := random.Bernoulli(0.5, 128, 1)
		return eager.Concat(1, []*eager.Tensor{bit.Expand(128, 4), bit.SubFrom(1).Expand(128, 4)})
	}
	for range 1500 {
		eager.Scope(func() { opt.Minimize(v.Loss(batch(), random)) })
	}
	loss := 0.0
	for range 20 {
		loss += v.Loss(batch(), random).Item() / 20
	}
	if loss < math.Log(2)-0.02 || loss > math.Log(2)+0.5 {
		t.Errorf("the bound is %v nats, the entropy %v", loss, math.Log(2))
	}
	x := v.Sample(500, random)
	good := 0
	for i := range 500 {
		row := x.Slice(0, i, i+1).Values()
		first, second := row[0], row[7]
		if math.Abs(first-second) > 0.9 && math.Abs(first+second-1) < 0.1 {
			good++
		}
	}
	if good < 375 {
		t.Errorf("%d of 500 samples are as the data", good)
	}
}
