package bench

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/probe"
)

// maker makes work of the numbers behind its name; args is how many there are, -1: any number.
type maker struct {
	args int
	make func(n []int) *work
}

// makers are what Tapir's worker can do. worker.py has the same names.
var makers = map[string]maker{
	"sgemm":      {-1, sgemm},
	"peak":       {1, peak},
	"int8":       {1, int8Product},
	"float32":    {1, float32Product},
	"int8linear": {1, int8Linear},
	"small":      {0, small},
	"smallgrad":  {0, smallGrad},
	"conv":       {0, conv},
	"convgrad":   {0, convGrad},
	"resnet":     {0, resnet},
	"tiny":       {0, tiny},
	"mlp":        {0, mlp},
	"cnn":        {0, cnn},
	"lstm":       {0, lstm},
	"dcgan":      {0, dcgan},
	"wgan":       {0, wgan},
	"gpt":        {0, gpt},
}

func init() {
	for name, f := range map[string]func(o operands) *eager.Tensor{
		"add":        func(o operands) *eager.Tensor { return o.x.Add(o.y) },
		"mul":        func(o operands) *eager.Tensor { return o.x.Mul(o.y) },
		"relu":       func(o operands) *eager.Tensor { return o.x.Relu() },
		"exp":        func(o operands) *eager.Tensor { return o.x.Exp() },
		"tanh":       func(o operands) *eager.Tensor { return o.x.Tanh() },
		"sigmoid":    func(o operands) *eager.Tensor { return o.x.Sigmoid() },
		"gelu":       func(o operands) *eager.Tensor { return o.x.Gelu() },
		"softmax":    func(o operands) *eager.Tensor { return o.x.Softmax(-1) },
		"layernorm":  func(o operands) *eager.Tensor { return o.x.LayerNorm(o.w, o.b, 1e-5) },
		"sumrows":    func(o operands) *eager.Tensor { return o.x.Sum(1) },
		"sumcolumns": func(o operands) *eager.Tensor { return o.x.Sum(0) },
		"maxrows":    func(o operands) *eager.Tensor { return o.x.Max(1) },
		"maxcolumns": func(o operands) *eager.Tensor { return o.x.Max(0) },
		"transpose":  func(o operands) *eager.Tensor { return o.x.T().Contiguous() },
		"addrow":     func(o operands) *eager.Tensor { return o.x.Add(o.w) },
		"addcolumn":  func(o operands) *eager.Tensor { return o.x.Add(o.column) },
	} {
		makers[name] = maker{2, func(n []int) *work { return elementwise(f, n[0], n[1]) }}
	}
}

// operands are what ops over a matrix work on.
type operands struct{ x, y, w, b, column *eager.Tensor }

func elementwise(f func(o operands) *eager.Tensor, rows, columns int) *work {
	o := operands{tensor(1, rows, columns), tensor(2, rows, columns), tensor(3, columns), tensor(4, columns), tensor(5, rows, 1)}
	return results(func() []*eager.Tensor { return []*eager.Tensor{f(o)} }, func() { f(o) })
}

// results is work whose results are compared as they are. step does what all does.
func results(all func() []*eager.Tensor, step func()) *work {
	return &work{step: step, check: func() (vectors [][]float32, err error) {
		for _, t := range all() {
			vectors = append(vectors, sample(t))
		}
		return vectors, nil
	}}
}

// sgemm is a product (m,k)x(k,n), or one for each of a number of batches.
func sgemm(n []int) *work {
	a, b := []int{n[0], n[1]}, []int{n[1], n[2]}
	if len(n) > 3 {
		a, b = []int{n[3], n[0], n[1]}, []int{n[3], n[1], n[2]}
	}
	x, y := tensor(1, a...), tensor(2, b...)
	return results(func() []*eager.Tensor { return []*eager.Tensor{x.MatMul(y)} }, func() { x.MatMul(y) })
}

// peak is as many multiply-adds as a product of squares of n needs, in registers alone, with all threads.
func peak(n []int) *work {
	return &work{loop: func(loops int) error {
		if !probe.Multiply(loops * n[0] * n[0] * n[0]) {
			return fmt.Errorf("there is no kernel for the peak at level %s", probe.Level())
		}
		return nil
	}}
}

// eightBits are numbers from 0 to 255 and from -128 to 127, n of each.
func eightBits(n int) (a []uint8, w []int8) {
	a, w = make([]uint8, n), make([]int8, n)
	for i := range a {
		a[i], w[i] = uint8(word(1, uint32(i))), int8(word(2, uint32(i)))
	}
	return a, w
}

// int8Product is an exact product of squares of n, of 8-bit numbers: the kernel alone.
func int8Product(n []int) *work {
	a, w := eightBits(n[0] * n[0])
	product, c := probe.Int8(w, n[0], n[0]), make([]int32, n[0]*n[0])
	step := func() { product(c, a, n[0]) }
	return results(func() []*eager.Tensor {
		step()
		y := make([]float32, len(c))
		for i, v := range c {
			y[i] = float32(v)
		}
		return []*eager.Tensor{eager.FromFloat32(y, n[0], n[0])}
	}, step)
}

// float32Product is the product of int8Product in float32.
func float32Product(n []int) *work {
	a, w := eightBits(n[0] * n[0])
	x, y := eager.FromUint8(a, n[0], n[0]).To(eager.Float32), make([]float32, len(w))
	for i, v := range w {
		y[i] = float32(v)
	}
	m := eager.FromFloat32(y, n[0], n[0])
	return results(func() []*eager.Tensor { return []*eager.Tensor{x.MatMul(m)} }, func() { x.MatMul(m) })
}

// int8Linear is a product of squares of n, of weights in 8 bits, with the rounding of what they are multiplied by.
func int8Linear(n []int) *work {
	x, w := tensor(1, n[0], n[0]), eager.ToInt8(tensor(2, n[0], n[0]))
	return results(func() []*eager.Tensor { return []*eager.Tensor{w.Linear(x, nil)} }, func() { w.Linear(x, nil) })
}

func small([]int) *work {
	a, b := tensor(1, 4), tensor(2, 4)
	return results(func() []*eager.Tensor { return []*eager.Tensor{a.Add(b)} }, func() { a.Add(b) })
}

func smallGrad([]int) *work {
	a, b, g := eager.Param("a", tensor(1, 4)), tensor(2, 4), tensor(3, 4)
	xs := []*eager.Tensor{a}
	return results(func() []*eager.Tensor {
		y := a.Add(b)
		return append([]*eager.Tensor{y}, eager.GradOf(y, g, xs, false, false)...)
	}, func() { eager.GradOf(a.Add(b), g, xs, false, false) })
}

func conv([]int) *work {
	x, w := tensor(1, 32, 64, 32, 32), tensor(2, 64, 64, 3, 3)
	return results(func() []*eager.Tensor { return []*eager.Tensor{x.Conv2d(w, nil, 1, 1)} }, func() { x.Conv2d(w, nil, 1, 1) })
}

func convGrad([]int) *work {
	x, w, g := eager.Param("x", tensor(1, 32, 64, 32, 32)), eager.Param("w", tensor(2, 64, 64, 3, 3)), tensor(3, 32, 64, 32, 32)
	all := func() []*eager.Tensor {
		y := x.Conv2d(w, nil, 1, 1)
		return append([]*eager.Tensor{y}, eager.GradOf(y, g, []*eager.Tensor{x, w}, false, false)...)
	}
	return results(all, func() { all() })
}
