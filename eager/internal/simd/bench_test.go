package simd

import (
	"fmt"
	"testing"
)

// BenchmarkElementwise measures kernels on numbers that lie in the second cache, at every level.
func BenchmarkElementwise(b *testing.B) {
	const n = 16 << 10
	x, y, z, w := numbers(n, 1), numbers(n, 2), make([]float32, n), make([]float32, n)
	for i := range x { // no numbers that take longer than others
		x[i], y[i] = float32(i%100)/50-1, float32(i%77)/40+0.1
	}
	for _, k := range []struct {
		name string
		f    func()
	}{
		{"Add", func() { Add(z, x, y) }},
		{"Max", func() { Max(z, x, y) }},
		{"Axpy", func() { Axpy(z, x, 0) }},
		{"Relu", func() { Relu(z, x) }},
		{"ReluGrad", func() { ReluGrad(z, x, y) }},
		{"Exp", func() { Exp(z, x) }},
		{"Log", func() { Log(z, y) }},
		{"Tanh", func() { Tanh(z, x) }},
		{"Sigmoid", func() { Sigmoid(z, x) }},
		{"Erf", func() { Erf(z, x) }},
		{"Gelu", func() { Gelu(z, x) }},
		{"GeluTanh", func() { GeluTanh(z, x) }},
		{"Sqrt", func() { Sqrt(z, y) }},
		{"Sum", func() { Sum(x) }},
		{"MaxOf", func() { MaxOf(x) }},
		{"Dot", func() { Dot(x, y) }},
		{"SoftmaxRow", func() { SoftmaxRow(z, x) }},
		{"Silu", func() { Silu(z, x) }},
		{"Softplus", func() { Softplus(z, x) }},
		{"GeluGrad", func() { GeluGrad(z, x, y) }},
		{"TanhGrad", func() { TanhGrad(z, x, y) }},
		{"Normalise", func() { Normalise(z, x, y, y, 0.5, 2) }},
		{"Moment", func() { Moment(x, 0.5) }},
		{"NormSums", func() { NormSums(z, y, x, 0.5) }},
		{"NormGrad", func() { NormGrad(z, x, y, x, 0.5, 1, 2, 3) }},
		{"NormAdd", func() { NormAdd(z, w, x, y, 0.5, 0) }},
		{"Adam", func() { Adam(x, z, w, y, 0, 0.9, 1, 1e-8, 0, 1, 1) }},
		{"SgdMomentum", func() { SgdMomentum(x, z, w, 0, 0.9, 0, true) }},
	} {
		for _, l := range ladder {
			b.Run(fmt.Sprint(k.name, " ", l), func(b *testing.B) {
				defer Use(l)()
				for b.Loop() {
					k.f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
			})
		}
	}
	for _, n := range []int{4, 100} {
		b.Run(fmt.Sprint("Add of ", n), func(b *testing.B) {
			for b.Loop() {
				Add(z[:n], x[:n], y[:n])
			}
		})
	}
}

// BenchmarkPeak is what the processor can do at most: tiles of a product that lie in the first cache, as they are done
// one after the other.
func BenchmarkPeak(b *testing.B) {
	t := Tile32()
	const kc = 256
	p, q, c := numbers(kc*MaxRows, 1), numbers(kc*32, 2), make([]float32, MaxRows*32)
	clear(p)
	clear(q)
	for b.Loop() {
		t.Panel[t.Rows](kc, &p[0], &q[0], t.Cols, &c[0], t.Cols, 0)
	}
	b.ReportMetric(2*float64(kc*t.Rows*t.Cols*b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
