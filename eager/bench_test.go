package eager

import "testing"

func BenchmarkAdd4(b *testing.B) {
	x, y := NewRand(1).Normal(4), NewRand(2).Normal(4)
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x.Add(y)
		}
	})
	p := Param("p", x)
	b.Run("recorded", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Add(y)
		}
	})
	b.Run("NoGrad", func(b *testing.B) {
		b.ReportAllocs()
		NoGrad(func() {
			for b.Loop() {
				p.Add(y)
			}
		})
	})
}

// BenchmarkChain is 100 ops and their gradient, a hundredth of which is reported.
func BenchmarkChain(b *testing.B) {
	x, y := Param("x", NewRand(1).Normal(4)), NewRand(2).Normal(4)
	b.ReportAllocs()
	for b.Loop() {
		z := x
		for range 50 {
			z = z.Add(y).Mul(y)
		}
		Grad(z.Sum(), x)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/101, "ns/op-with-gradient")
}

type mlp struct{ params []*Tensor }

func newMLP(sizes ...int) *mlp {
	r, m := NewRand(1), &mlp{}
	for i := 1; i < len(sizes); i++ {
		m.params = append(m.params, Param("w", r.Normal(sizes[i-1], sizes[i]).Scale(0.05)), Param("b", Zeros(sizes[i])))
	}
	return m
}

func (m *mlp) forward(x *Tensor) *Tensor {
	for i := 0; i < len(m.params); i += 2 {
		x = x.Linear(m.params[i], m.params[i+1])
		if i+2 < len(m.params) {
			x = x.Relu()
		}
	}
	return x
}

func benchmarkStep(b *testing.B, m *mlp, n, in, out int) {
	r := NewRand(3)
	x, labels := r.Normal(n, in), r.Ints(out, n)
	b.ReportAllocs()
	for b.Loop() {
		loss := m.forward(x).CrossEntropyT(labels)
		for i, g := range Grad(loss, m.params...) {
			StepSGD(m.params[i], g, nil, 0.01, 0, 0, false)
		}
	}
}

func BenchmarkMLP(b *testing.B) { benchmarkStep(b, newMLP(784, 256, 128, 10), 64, 784, 10) }

func BenchmarkTinyMLP(b *testing.B) { benchmarkStep(b, newMLP(4, 64, 64, 2), 1, 4, 2) }

func BenchmarkCNN(b *testing.B) {
	r := NewRand(1)
	p := []*Tensor{
		Param("w1", r.Normal(16, 1, 3, 3).Scale(0.1)), Param("b1", Zeros(16)),
		Param("w2", r.Normal(32, 16, 3, 3).Scale(0.1)), Param("b2", Zeros(32)),
		Param("w3", r.Normal(32*7*7, 10).Scale(0.05)), Param("b3", Zeros(10)),
	}
	x, labels := r.Normal(64, 1, 28, 28), r.Ints(10, 64)
	step := func() {
		h := x.Conv2d(p[0], p[1], 1, 1).Relu().MaxPool2d(2, 2).Conv2d(p[2], p[3], 1, 1).Relu().MaxPool2d(2, 2)
		loss := h.Flatten(1).Linear(p[4], p[5]).CrossEntropyT(labels)
		for i, g := range Grad(loss, p...) {
			StepSGD(p[i], g, nil, 0.01, 0, 0, false)
		}
	}
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			step()
		}
	})
	b.Run("Scope", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Scope(step)
		}
	})
}

// BenchmarkOps runs the first Case of every op: its smallest, so that it shows what a call costs.
func BenchmarkOps(b *testing.B) {
	for _, op := range Ops() {
		c := op.Cases[0]
		in := c.Inputs(1, Float32)
		b.Run(op.Name, func(b *testing.B) {
			for b.Loop() {
				op.Apply(c.At, in)
			}
		})
	}
}
