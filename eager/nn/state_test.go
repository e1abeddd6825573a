package nn_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/safetensors"
)

// block is a layer as users write them: fields of all kinds, exported or not.
type block struct {
	Input  *nn.Linear
	hidden []nn.Layer
	byName map[string]nn.Layer
	Norm   nn.BatchNorm // a value, not a pointer
	scale  *eager.Tensor
	last   *eager.Tensor // what Forward saw: not part of the state
	table  [][]float64
	twin   *nn.Linear // the same layer as Input
	Absent *nn.Linear
}

func newBlock(seed uint64) *block {
	rng := eager.NewRand(seed)
	input := nn.NewLinear(rng, 2, 3)
	return &block{
		Input:  input,
		hidden: []nn.Layer{nn.Func(nn.Tanh), nn.NewLinear(rng, 3, 3)},
		byName: map[string]nn.Layer{"b": nn.NewDropout(rng, 0.5), "a": nn.NewLinear(rng, 3, 3)},
		Norm:   *nn.NewBatchNorm(3),
		scale:  eager.Param("", rng.Normal(1)),
		table:  [][]float64{{1}},
		twin:   input,
	}
}

func (b *block) Forward(x *eager.Tensor) *eager.Tensor {
	x = b.Input.Forward(x)
	for _, l := range b.hidden {
		x = l.Forward(x)
	}
	b.last = b.byName["b"].Forward(b.byName["a"].Forward(b.Norm.Forward(x))).Mul(b.scale)
	return b.last
}

func (b *block) Params() []*eager.Tensor {
	all := append(b.Input.Params(), b.hidden[1].Params()...)
	return append(append(append(all, b.byName["a"].Params()...), b.Norm.Params()...), b.scale)
}

func TestNamesFollowTheFields(t *testing.T) {
	rng := eager.NewRand(1)
	for what, c := range map[string]struct {
		layer nn.Layer
		want  string
	}{
		"MLP": {nn.MLP(rng, nn.Tanh, 2, 3, 1), "0.weight 0.bias 2.weight 2.bias"},
		"nested": {nn.NewSeq([]nn.Layer{nn.NewSeq([]nn.Layer{nn.NewBatchNorm(2)}), nn.NewLinearNoBias(rng, 2, 2)}),
			"0.0.weight 0.0.bias 0.0.running_mean 0.0.running_var 0.0.num_batches_tracked 1.weight"},
		"a struct": {newBlock(1), "input.weight input.bias hidden.1.weight hidden.1.bias by_name.a.weight by_name.a.bias " +
			"norm.weight norm.bias norm.running_mean norm.running_var norm.num_batches_tracked scale"},
		"Wrap": {nn.NewSeq([]nn.Layer{nn.Wrap(nn.Tanh, []*eager.Tensor{eager.Param("gain", eager.Ones(1)), eager.Param("", eager.Ones(1))})}),
			"0.gain 0.param.1"},
		"Join":      {nn.Join(nn.Tanh, []nn.Layer{nn.NewLinear(rng, 1, 1), nn.NewLayerNorm(3)}), "0.weight 0.bias 1.weight 1.bias"},
		"attention": {nn.NewMultiHeadAttention(rng, 4, 2, false), "in_proj_weight in_proj_bias out_proj.weight out_proj.bias"},
		"shared":    {sharing(rng), "0.weight 0.bias"},
		"clash":     {nn.Wrap(nn.Tanh, []*eager.Tensor{eager.Param("w", eager.Ones(1)), eager.Param("w", eager.Ones(1))}), "w w.2"},
	} {
		if got := strings.Join(nn.Names(c.layer), " "); got != c.want {
			t.Errorf("%s: names\n%s, want\n%s", what, got, c.want)
		}
	}
}

func sharing(rng *eager.Rand) nn.Layer {
	l := nn.NewLinear(rng, 2, 2)
	return nn.NewSeq([]nn.Layer{l, nn.Func(nn.Relu), l})
}

func TestTrainAndEvalReachEveryPart(t *testing.T) {
	b := newBlock(1)
	net := nn.NewSeq([]nn.Layer{nn.Join(b.Forward, []nn.Layer{b})})
	drop := b.byName["b"].(*nn.Dropout)
	for _, on := range []bool{false, true} {
		if on {
			nn.Train(net)
		} else {
			nn.Eval(net)
		}
		if b.Norm.Training != on || drop.Training != on {
			t.Errorf("want %v: norm %v, dropout %v", on, b.Norm.Training, drop.Training)
		}
	}
}

func TestFreezeStopsGradients(t *testing.T) {
	net := nn.MLP(eager.NewRand(1), nn.Tanh, 2, 2, 1)
	nn.Freeze(net)
	if net.Forward(eager.Ones(1, 2)).RequiresGrad() {
		t.Error("a frozen network records gradients")
	}
	nn.Unfreeze(net)
	if !net.Forward(eager.Ones(1, 2)).RequiresGrad() {
		t.Error("an unfrozen network records none")
	}
}

// values are all numbers of the state of l.
func values(l nn.Layer) string {
	s := nn.State(l)
	var b strings.Builder
	for _, name := range nn.Names(l) {
		fmt.Fprintln(&b, name, s[name].Values())
	}
	return b.String()
}

func TestLoadGivesBackWhatWasSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.safetensors")
	a, b := newBlock(1), newBlock(2)
	a.Forward(eager.NewRand(3).Normal(8, 2)) // running statistics have moved
	if err := nn.Save(path, a); err != nil {
		t.Fatal(err)
	}
	before := b.Input.Weight
	if err := nn.Load(path, b); err != nil {
		t.Fatal(err)
	}
	if values(a) != values(b) {
		t.Errorf("loaded\n%s, saved\n%s", values(b), values(a))
	}
	if b.Input.Weight != before || !before.RequiresGrad() {
		t.Error("the parameters are other tensors now: optimisers have lost them")
	}
	nn.Eval(a)
	nn.Eval(b)
	x := eager.NewRand(5).Normal(4, 2)
	if !slices.Equal(a.Forward(x).Values(), b.Forward(x).Values()) {
		t.Error("the loaded network computes something else")
	}
}

func TestStateIsACopy(t *testing.T) {
	net := nn.MLP(eager.NewRand(1), nn.Tanh, 2, 1)
	best := nn.State(net)
	want := values(net)
	net.Params()[0].Assign(eager.Zeros(2, 1))
	if values(net) == want {
		t.Fatal("nothing changed: this test shows nothing")
	}
	if err := nn.LoadState(net, best); err != nil || values(net) != want {
		t.Errorf("the state moved with the network (error %v)", err)
	}
}

func TestLoadListsAllThatDoesNotFitAndChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := safetensors.Save(path, map[string]*eager.Tensor{
		"0.weight": eager.Ones(3, 2), // (2,3) is wanted: as PyTorch has it
		"0.bias":   eager.Ones(4),
		"2.weight": eager.Ones(3, 1), // fits
		"3.weight": eager.Ones(1),
		"other":    eager.Ones(2, 2),
	}, nil); err != nil {
		t.Fatal(err)
	}
	net := nn.MLP(eager.NewRand(1), nn.Tanh, 2, 3, 1)
	before := values(net)
	err := nn.Load(path, net)
	var e *nn.StateError
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	want := "the state does not fit the layer; nothing was changed (" + path + `)
  missing: 2.bias (1)
  unexpected: 3.weight (1)
  unexpected: other (2,2)
  wrong: 0.weight is (3,2), want (2,3) (it would fit transposed: for weights from PyTorch there is LoadTorch)
  wrong: 0.bias is (4), want (3)`
	if e.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", e, want)
	}
	if values(net) != before {
		t.Error("something was changed")
	}
	if err := nn.LoadState(nn.NewBatchNorm(1), map[string]*eager.Tensor{"weight": eager.Ones(1), "bias": eager.FromFloat64([]float64{7}, 1),
		"running_mean": eager.Ones(1), "running_var": eager.Ones(1), "num_batches_tracked": eager.Scalar(1)}); err == nil || !strings.Contains(err.Error(), "num_batches_tracked is f32, want i64") {
		t.Errorf("another dtype: error %v", err)
	}
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if err := nn.Load(path, net); err == nil || !strings.Contains(err.Error(), path) || values(net) != before {
		t.Errorf("a truncated file: error %v", err)
	}
}

func TestTorchFilesHaveLinearWeightsTurned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "torch.safetensors")
	rng := eager.NewRand(1)
	square := nn.NewSeq([]nn.Layer{nn.NewLinear(rng, 2, 2), nn.NewConv2d(rng, 1, 1, 2), nn.NewEmbedding(rng, 2, 2)})
	if err := nn.SaveTorch(path, square); err != nil {
		t.Fatal(err)
	}
	file, _, err := safetensors.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	l := square.Layers[0].(*nn.Linear)
	near(t, "weight in the file", file["0.weight"], "(2,2)", l.Weight.T().Values())
	near(t, "embedding in the file", file["2.weight"], "(2,2)", square.Layers[2].(*nn.Embedding).Weight.Values())
	again := nn.NewSeq([]nn.Layer{nn.NewLinear(rng, 2, 2), nn.NewConv2d(rng, 1, 1, 2), nn.NewEmbedding(rng, 2, 2)})
	if err := nn.LoadTorch(path, again); err != nil {
		t.Fatal(err)
	}
	if values(again) != values(square) {
		t.Error("LoadTorch does not undo SaveTorch")
	}
	b := newBlock(1) // fields that are values and lists find their way too
	if err := nn.SaveTorch(path, b); err != nil {
		t.Fatal(err)
	}
	file, _, _ = safetensors.Load(path)
	if got := file["input.weight"].Shape().String(); got != "(3,2)" {
		t.Errorf("the weight of a layer in a struct is %s in the file, want (3,2)", got)
	}
}

func TestBlendMovesTowards(t *testing.T) {
	a, b := newBlock(1), newBlock(2)
	b.Forward(eager.Ones(4, 2))
	x, y := a.Input.Weight.Values(), b.Input.Weight.Values()
	nn.Blend(a, b, 0.25)
	for i, got := range a.Input.Weight.Values() {
		if want := 0.75*x[i] + 0.25*y[i]; got-want > 1e-6 || want-got > 1e-6 {
			t.Errorf("weight %d is %v, want %v", i, got, want)
		}
	}
	if a.Norm.NumBatchesTracked.Item() != 1 {
		t.Error("a whole number was not copied")
	}
	nn.Blend(a, b, 1)
	if values(a) != values(b) {
		t.Error("tau 1 does not copy")
	}
	wantPanic(t, "same parameters", func() { nn.Blend(a, nn.NewLinear(eager.NewRand(1), 2, 3), 0.5) })
}

func TestParametersOfASequenceAreNamedByTheirPlace(t *testing.T) {
	rng := eager.NewRand(1)
	net := nn.NewSeq([]nn.Layer{nn.NewLinear(rng, 2, 3), nn.NewSeq([]nn.Layer{nn.NewLinear(rng, 3, 1)})})
	want := []string{"0.weight", "0.bias", "1.0.weight", "1.0.bias"}
	for i, p := range net.Params() {
		if p.Name() != want[i] {
			t.Errorf("parameter %d is called %q, want %q", i, p.Name(), want[i])
		}
	}
}
