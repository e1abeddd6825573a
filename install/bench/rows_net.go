package bench

import (
	"context"
	"fmt"
	"strconv"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/nn"
	"github.com/tapir-go/tapir/eager/optim"
)

// training is work whose check is the losses of its first steps.
func training(step func() *eager.Tensor) *work {
	return &work{step: func() { step() }, check: func() ([][]float32, error) {
		var losses []float32
		for range 3 {
			losses = append(losses, float32(step().Item()))
		}
		return [][]float32{losses}, nil
	}}
}

// learner is a training step of one optimiser.
func learner(opt optim.Optimizer, loss func() *eager.Tensor) *work {
	return training(func() *eager.Tensor {
		l := loss()
		opt.Minimize(l)
		return l
	})
}

func tiny([]int) *work {
	net := nn.MLP(eager.NewRand(1), nn.Relu, 4, 64, 64, 2)
	weigh(net.Params())
	opt := optim.NewAdam(net.Params(), 1e-3)
	x, t := tensor(1, 1, 4), labels(2, 2, 1).Ints()
	return learner(opt, func() *eager.Tensor { return nn.CrossEntropy(net.Forward(x), t) })
}

func mlp([]int) *work {
	net := nn.MLP(eager.NewRand(1), nn.Relu, 784, 256, 128, 10)
	weigh(net.Params())
	opt := optim.NewSGD(net.Params(), 0.05)
	x, t := tensor(1, 64, 784), labels(2, 10, 64).Ints()
	return learner(opt, func() *eager.Tensor { return nn.CrossEntropy(net.Forward(x), t) })
}

func cnn([]int) *work {
	rng := eager.NewRand(1)
	relu := nn.Func(nn.Relu)
	net := nn.NewSeq([]nn.Layer{
		nn.NewConv2dPad(rng, 1, 6, 5, 1, 2), relu, nn.NewMaxPool2d(2, 2), nn.NewConv2d(rng, 6, 16, 5), relu, nn.NewMaxPool2d(2, 2), nn.NewFlatten(),
		nn.NewLinear(rng, 400, 120), relu, nn.NewLinear(rng, 120, 84), relu, nn.NewLinear(rng, 84, 10),
	})
	weigh(net.Params())
	opt := optim.NewAdam(net.Params(), 1e-3)
	x, t := tensor(1, 64, 1, 28, 28), labels(2, 10, 64).Ints()
	return learner(opt, func() *eager.Tensor { return nn.CrossEntropy(net.Forward(x), t) })
}

func resnet([]int) *work {
	rng := eager.NewRand(1)
	c1, c2 := nn.NewConv2dPad(rng, 64, 64, 3, 1, 1), nn.NewConv2dPad(rng, 64, 64, 3, 1, 1)
	c1.Bias, c2.Bias = nil, nil
	b1, b2 := nn.NewBatchNorm(64), nn.NewBatchNorm(64)
	params := nn.NewSeq([]nn.Layer{c1, b1, c2, b2}).Params()
	weigh(params)
	x, g := eager.Param("x", tensor(1, 16, 64, 56, 56)), tensor(2, 16, 64, 56, 56)
	wanted := append([]*eager.Tensor{x}, params...)
	all := func() []*eager.Tensor {
		y := b2.Forward(c2.Forward(b1.Forward(c1.Forward(x)).Relu())).Add(x).Relu()
		return append([]*eager.Tensor{y}, eager.GradOf(y, g, wanted, false, false)...)
	}
	return results(all, func() { all() })
}

func lstm([]int) *work {
	rng := eager.NewRand(1)
	l, head := nn.NewLSTM(rng, 64, 128, 1, false), nn.NewLinear(rng, 128, 10)
	params := append(l.Params(), head.Params()...)
	weigh(params)
	opt := optim.NewAdam(params, 1e-3)
	x, t := tensor(1, 32, 64, 64), labels(2, 10, 32).Ints()
	return learner(opt, func() *eager.Tensor {
		return nn.CrossEntropy(head.Forward(l.Forward(x).Index(1, 63)), t)
	})
}

func dcgan([]int) *work {
	rng := eager.NewRand(1)
	relu, leaky := nn.Func(nn.Relu), nn.Func(nn.Leaky(0.2))
	gen := nn.NewSeq([]nn.Layer{
		nn.NewLinear(rng, 100, 64*7*7), nn.Func(func(x *eager.Tensor) *eager.Tensor { return x.Reshape(-1, 64, 7, 7) }), nn.NewBatchNorm(64), relu,
		nn.NewConvTranspose2d(rng, 64, 32, 4, 2, 1), nn.NewBatchNorm(32), relu, nn.NewConvTranspose2d(rng, 32, 1, 4, 2, 1), nn.Func(nn.Tanh),
	})
	critic := nn.NewSeq([]nn.Layer{
		nn.NewConv2dPad(rng, 1, 32, 4, 2, 1), leaky, nn.NewConv2dPad(rng, 32, 64, 4, 2, 1), nn.NewBatchNorm(64), leaky, nn.NewFlatten(),
		nn.NewLinear(rng, 64*7*7, 1),
	})
	weigh(append(gen.Params(), critic.Params()...))
	og, oc := optim.NewAdam(gen.Params(), 2e-4), optim.NewAdam(critic.Params(), 2e-4)
	real, z := tensor(1, 64, 1, 28, 28), tensor(2, 64, 100)
	one, zero := eager.Ones(64, 1), eager.Zeros(64, 1)
	return training(func() *eager.Tensor {
		fake := gen.Forward(z)
		c := nn.BCEWithLogits(critic.Forward(real), one).Add(nn.BCEWithLogits(critic.Forward(fake.Detach()), zero))
		oc.Minimize(c)
		g := nn.BCEWithLogits(critic.Forward(fake), one)
		og.Minimize(g)
		return c.Detach().Add(g.Detach())
	})
}

func wgan([]int) *work {
	critic := nn.MLP(eager.NewRand(1), nn.Leaky(0.2), 2, 128, 128, 1)
	weigh(critic.Params())
	opt := optim.NewAdam(critic.Params(), 1e-4)
	real, fake, eps := tensor(1, 256, 2), tensor(2, 256, 2), tensor(3, 256, 1).Scale(0.5).Shift(0.5)
	return learner(opt, func() *eager.Tensor {
		x := eager.Param("x", real.Mul(eps).Add(fake.Mul(eps.SubFrom(1))))
		g := eager.GradGraph(critic.Forward(x).Sum(), x)[0]
		slope := g.Square().Sum(1).Sqrt() // (256,1)
		return critic.Forward(fake).Mean().Sub(critic.Forward(real).Mean()).Add(slope.Shift(-1).Square().Mean().Scale(10))
	})
}

// block is a layer of a transformer that normalises first.
type block struct {
	n1, n2    *nn.LayerNorm
	attention *nn.MultiHeadAttention
	up, down  *nn.Linear
}

func (b *block) Forward(x *eager.Tensor) *eager.Tensor {
	x = x.Add(b.attention.Forward(b.n1.Forward(x)))
	return x.Add(b.down.Forward(b.up.Forward(b.n2.Forward(x)).Gelu()))
}

func (b *block) Params() (all []*eager.Tensor) {
	for _, l := range []nn.Layer{b.n1, b.n2, b.attention, b.up, b.down} {
		all = append(all, l.Params()...)
	}
	return all
}

func gpt([]int) *work {
	const width, heads, depth, time, batch, vocabulary = 128, 4, 4, 128, 16, 256
	rng := eager.NewRand(1)
	emb, pos := nn.NewEmbedding(rng, vocabulary, width), nn.NewEmbedding(rng, time, width)
	params := append(emb.Params(), pos.Params()...)
	var blocks []*block
	for range depth {
		b := &block{
			nn.NewLayerNorm(width), nn.NewLayerNorm(width), nn.NewMultiHeadAttention(rng, width, heads, true),
			nn.NewLinear(rng, width, 4*width), nn.NewLinear(rng, 4*width, width),
		}
		blocks = append(blocks, b)
		params = append(params, b.Params()...)
	}
	last, head := nn.NewLayerNorm(width), nn.NewLinearNoBias(rng, width, vocabulary)
	params = append(append(params, last.Params()...), head.Params()...)
	weigh(params)
	opt := optim.NewAdamW(params, 1e-3)
	x, t := labels(1, vocabulary, batch, time), labels(2, vocabulary, batch*time)
	places := eager.Arange(0, time, 1).To(eager.Int64)
	return learner(opt, func() *eager.Tensor {
		h := emb.Forward(x).Add(pos.Forward(places))
		for _, b := range blocks {
			h = b.Forward(h)
		}
		return head.Forward(last.Forward(h)).Reshape(batch*time, vocabulary).CrossEntropyT(t)
	})
}

// tinyCell is the work tiny as the cell of a notebook writes it.
const tinyCell = `net := nn.MLP(eager.NewRand(1), nn.Relu, 4, 64, 64, 2)
word := func(seed, i uint32) uint32 {
	h := i*2654435761 + seed*2246822519
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	return (h ^ h>>15) >> 8
}
numbers := func(seed uint32, scale float32, shape ...int) *eager.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = (float32(word(seed, uint32(i)))/(1<<23) - 1) * scale
	}
	return eager.FromFloat32(v, shape...)
}
for i, p := range net.Params() {
	scale := float32(0.05)
	if p.Rank() > 1 {
		scale = float32(math.Pow(float64(p.Size()), -0.25))
	}
	p.Assign(numbers(uint32(1000+i), scale, p.Shape()...))
}
opt := optim.NewAdam(net.Params(), 1e-3)
x, labels := numbers(1, 1, 1, 4), []int{int(word(2, 0)) % 2}
last := 0.0`

// cellWork is the work tiny in the cells of a notebook: run n is one cell with a loop of n steps.
func cellWork(start func() (Cells, error)) (*work, error) {
	s, err := start()
	if err != nil {
		return nil, err
	}
	number := 0
	cell := func(src string) (string, error) {
		number++
		r := s.Run(context.Background(), number, src)
		if r.Failure != nil {
			return "", r.Failure
		}
		text, _ := r.Value["text/plain"].(string)
		return text, nil
	}
	if _, err := cell(tinyCell); err != nil {
		return nil, err
	}
	const loop = "for range %d {\n\tloss := nn.CrossEntropy(net.Forward(x), labels)\n\topt.Minimize(loss)\n%s}\n"
	return &work{
		loop: func(n int) error {
			_, err := cell(fmt.Sprintf(loop, n, ""))
			return err
		},
		check: func() ([][]float32, error) {
			var losses []float32
			for range 3 {
				text, err := cell(fmt.Sprintf(loop, 1, "\tlast = loss.Item()\n") + "last")
				if err != nil {
					return nil, err
				}
				x, err := strconv.ParseFloat(text, 64)
				if err != nil {
					return nil, fmt.Errorf("the cell gave %q: %w", text, err)
				}
				losses = append(losses, float32(x))
			}
			return [][]float32{losses}, nil
		},
	}, nil
}
