package lift_test

import "github.com/tapir-go/tapir/eager"

// The programs of the table in table_test.go. Their text is what is lifted, and they are what is run beside it.

func branch(x *eager.Tensor) *eager.Tensor {
	if x.Sum().Item() > 0 {
		return x.Relu()
	}
	return x.Neg()
}

func newton(x *eager.Tensor) *eager.Tensor {
	y := eager.OnesLike(x)
	for y.Mul(y).Sub(x).Abs().Max().Item() > 1e-4 {
		y = y.Add(x.Div(y)).Scale(0.5)
	}
	return y
}

func halve(x *eager.Tensor) (*eager.Tensor, int) {
	n := 0
	for x.Norm().Item() > 1 {
		x = x.Scale(0.5)
		n++
		if n == 8 {
			break
		}
	}
	return x, n
}

func rnn(x *eager.Tensor) *eager.Tensor {
	h := eager.Zeros(1, 4)
	for t := 0; t < x.Dim(0); t++ {
		h = x.Slice(0, t, t+1).MatMul(cell.W).Add(h.MatMul(cell.U)).Tanh()
	}
	return h
}

func states(x *eager.Tensor) *eager.Tensor {
	h := eager.Zeros(4)
	var all []*eager.Tensor
	for t := 0; t < x.Dim(0); t++ {
		h = cell.step(x.Index(0, t), h)
		all = append(all, h)
	}
	return eager.Stack(0, all)
}

type rnnCell struct{ W, U *eager.Tensor }

func (c *rnnCell) step(x, h *eager.Tensor) *eager.Tensor {
	return x.Unsqueeze(0).MatMul(c.W).Add(h.Unsqueeze(0).MatMul(c.U)).Tanh().Squeeze(0)
}

var cell = &rnnCell{W: eager.Param("W", eager.NewRand(3).Normal(3, 4)), U: eager.Param("U", eager.NewRand(4).Normal(4, 4).Scale(0.5))}
