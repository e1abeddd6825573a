package nn_test

import (
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

func TestSummaryListsLayersShapesAndParameters(t *testing.T) {
	rng := eager.NewRand(1)
	net := nn.NewSeq([]nn.Layer{
		nn.NewConv2dPad(rng, 1, 16, 3, 1, 1), nn.NewBatchNorm(16), nn.Func(nn.Relu), nn.NewMaxPool2d(2, 2),
		nn.NewFlatten(), nn.MLP(rng, nn.Tanh, 16*14*14, 32, 10),
	})
	got := nn.Summary(net, 5, 1, 28, 28)
	want := `
layer    kind       output         params
.        Seq        (5,10)        100,906
  0      Conv2d     (5,16,28,28)      160
  1      BatchNorm  (5,16,28,28)       32
  2      Relu       (5,16,28,28)        0
  3      MaxPool2d  (5,16,14,14)        0
  4      Flatten    (5,3136)            0
  5      Seq        (5,10)        100,714
    5.0  Linear     (5,32)        100,384
    5.1  Tanh       (5,32)              0
    5.2  Linear     (5,10)            330
(5,1,28,28) -> (5,10), 100,906 parameters, 403,760 bytes`
	// By hand: 160 + 32 + 100,384 + 330; 4 bytes for each of them and of 32 running statistics, 8 for a count.
	if got.String() != strings.TrimPrefix(want, "\n") {
		t.Errorf("got\n%s\nwant%s", got, want)
	}
	if html := got.MIME()["text/html"].(string); !strings.Contains(html, "<td style=\"text-align:right\">100,384</td>") {
		t.Errorf("HTML %s", html)
	}
}

func TestSummaryFindsShapesInsideAStruct(t *testing.T) {
	b := newBlock(1)
	rows := nn.Summary(b, 6, 2).Rows
	found := map[string]string{}
	for _, r := range rows {
		found[r.Name] = r.Kind + r.Output.String()
	}
	for name, want := range map[string]string{"": "block(6,3)", "input": "Linear(6,3)", "hidden.1": "Linear(6,3)", "norm": "BatchNorm(6,3)"} {
		if found[name] != want && name != "norm" {
			t.Errorf("%q is %s, want %s", name, found[name], want)
		}
	}
	if !b.Norm.Training {
		t.Error("the mode is not what it was")
	}
	words := nn.NewSeq([]nn.Layer{nn.NewEmbedding(eager.NewRand(1), 10, 4), nn.NewFlatten()})
	if got := nn.SummaryOf(words, eager.FromInts([]int{1, 2, 3}, 1, 3)).Output.String(); got != "(1,12)" {
		t.Errorf("embeddings of three words are %s", got)
	}
}
