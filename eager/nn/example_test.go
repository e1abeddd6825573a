package nn_test

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
)

func Example() {
	net := nn.MLP(eager.NewRand(1), nn.Tanh, 4, 32, 2)
	logits := net.Forward(eager.Ones(3, 4))
	loss := nn.CrossEntropy(logits, []int{0, 1, 1})
	fmt.Println(logits.Shape(), loss.Shape(), nn.Count(net))
	fmt.Println(nn.Names(net))
	// Output:
	// (3,2) () 226
	// [0.weight 0.bias 2.weight 2.bias]
}

// Residual is a layer of one's own: two methods are all that is needed.
type Residual struct {
	Inner nn.Layer
	Gain  *eager.Tensor
}

func (r *Residual) Forward(x *eager.Tensor) *eager.Tensor {
	return x.Add(r.Inner.Forward(x).Mul(r.Gain))
}

func (r *Residual) Params() []*eager.Tensor { return append(r.Inner.Params(), r.Gain) }

func ExampleLayer() {
	net := nn.NewSeq([]nn.Layer{
		&Residual{nn.NewLinear(eager.NewRand(1), 8, 8), eager.Param("gain", eager.Zeros(1))},
		nn.NewDropout(eager.NewRand(2), 0.5),
	})
	nn.Eval(net)
	fmt.Println(nn.Names(net))
	fmt.Println(net.Forward(eager.Ones(1, 8)).Values())
	// Output:
	// [0.inner.weight 0.inner.bias 0.gain]
	// [1 1 1 1 1 1 1 1]
}

func ExampleSummary() {
	rng := eager.NewRand(1)
	net := nn.NewSeq([]nn.Layer{
		nn.NewConv2dPad(rng, 1, 16, 3, 1, 1), nn.Func(nn.Relu), nn.NewMaxPool2d(2, 2),
		nn.NewFlatten(), nn.NewLinear(rng, 16*14*14, 10),
	})
	fmt.Println(nn.Summary(net, 1, 1, 28, 28))
	// Output:
	// layer  kind       output        params
	// .      Seq        (1,10)        31,530
	//   0    Conv2d     (1,16,28,28)     160
	//   1    Relu       (1,16,28,28)       0
	//   2    MaxPool2d  (1,16,14,14)       0
	//   3    Flatten    (1,3136)           0
	//   4    Linear     (1,10)        31,370
	// (1,1,28,28) -> (1,10), 31,530 parameters, 126,120 bytes
}

func ExampleMultiHeadAttention() {
	rng := eager.NewRand(1)
	block := nn.NewSeq([]nn.Layer{
		nn.NewEmbedding(rng, 100, 32),
		nn.NewLayerNorm(32),
		nn.NewMultiHeadAttention(rng, 32, 4, true),
		nn.NewLinear(rng, 32, 100),
	})
	words := rng.Ints(100, 8, 20) // eight sequences of twenty words
	fmt.Println(block.Forward(words).Shape())
	// Output: (8,20,100)
}

func ExampleLSTM() {
	rng := eager.NewRand(1)
	l := nn.NewLSTM(rng, 3, 16, 2, false)
	x := rng.Normal(8, 50, 3) // eight sequences of fifty places
	y, h, c := l.Run(x, nil, nil)
	fmt.Println(y.Shape(), h.Shape(), c.Shape())
	// Output: (8,50,16) (2,8,16) (2,8,16)
}
