package simd

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// levels runs f at every level that this machine has.
func levels(t *testing.T, f func(t *testing.T)) {
	for _, l := range ladder {
		t.Run(l.String(), func(t *testing.T) {
			defer Use(l)()
			f(t)
		})
	}
}

// ulps is how far got is from want, in units of the last place of want as a float32.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	switch {
	case got == w, got != got && w != w:
		return 0
	case got != got, w != w, math.IsInf(float64(w), 0), math.IsInf(float64(got), 0):
		return math.Inf(1)
	}
	m := float32(math.Abs(float64(w)))
	return math.Abs(float64(got)-want) / float64(math.Nextafter32(m, math.MaxFloat32)-m)
}

// specials are the numbers where functions go wrong.
var specials = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 0.5, -0.5, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)),
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 1e-40, -1e-40, 1.1754944e-38, -1.1754944e-38,
	math.MaxFloat32, -math.MaxFloat32, 88.72283, 88.72284, -87.33655, -103.97208, -103.97209, -104, 89, 3.9, 4.1, -9, 9, -20, 20,
}

// numbers is n floats: specials, then random ones of all magnitudes.
func numbers(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		switch {
		case i < len(specials):
			x[i] = specials[(i+int(seed))%len(specials)]
		case i%3 == 0:
			x[i] = math.Float32frombits(r.Uint32())
		default:
			x[i] = float32(r.NormFloat64() * 3)
		}
	}
	return x
}

// sizes are lengths around every multiple of a vector, and of a chunk.
func sizes() []int {
	var n []int
	for i := range 150 {
		n = append(n, i)
	}
	return append(n, 255, 256, 257, 1000, chunk-1, chunk, chunk+1, 2*chunk+77)
}

// guarded is n floats at an odd place between guards, and a check that those are untouched.
func guarded(n, shift int) (x []float32, intact func() bool) {
	all := make([]float32, n+40)
	for i := range all {
		all[i] = 12345
	}
	return all[10+shift : 10+shift+n : 10+shift+n], func() bool {
		for i, v := range all {
			if (i < 10+shift || i >= 10+shift+n) && v != 12345 {
				return false
			}
		}
		return true
	}
}

// unaries are the functions of one operand and the bound of their error, in ulp. Bounded otherwise: silu and gelu.
var unaries = []struct {
	name string
	f    func(dst, a []float32)
	of   func(float64) float64
	ulps float64
}{
	{"Relu", Relu, func(x float64) float64 { return float64(plainRelu(float32(x))) }, 0},
	{"Exp", Exp, math.Exp, 1},
	{"Log", Log, math.Log, 1},
	{"Tanh", Tanh, math.Tanh, 5},
	{"Sigmoid", Sigmoid, wideSigmoid, 3},
	{"Silu", Silu, wideSilu, math.Inf(1)},
	{"Softplus", Softplus, wideSoftplus, 2},
	{"Log1p", Log1p, math.Log1p, 3},
	{"Elu", func(dst, a []float32) { Elu(dst, a, 1) }, func(x float64) float64 {
		if x > 0 {
			return x
		}
		return math.Expm1(x)
	}, 3},
	{"Round", Round, math.RoundToEven, 0},
	{"Floor", Floor, math.Floor, 0},
	{"Ceil", Ceil, math.Ceil, 0},
	{"Sign", Sign, func(x float64) float64 { return float64(plainSign(float32(x))) }, 0},
	{"Clip", func(dst, a []float32) { Clip(dst, a, -1.5, 2) }, func(x float64) float64 { return min(max(x, -1.5), 2) }, 0},
	{"Erf", Erf, math.Erf, 7},
	{"Gelu", Gelu, wideGelu, math.Inf(1)},
	{"GeluTanh", GeluTanh, wideGeluTanh, math.Inf(1)},
	{"Sqrt", Sqrt, math.Sqrt, 0.5},
	{"Neg", Neg, func(x float64) float64 { return -x }, 0},
	{"Square", Square, func(x float64) float64 { return x * x }, 0.5},
	{"Abs", Abs, math.Abs, 0},
	{"Recip", Recip, func(x float64) float64 { return 1 / x }, 0.5},
}

// wrong says whether got is too far from what the function of x should be.
func wrong(name string, got, x float32, want, bound float64) bool {
	if !math.IsInf(bound, 1) {
		return ulps(got, want) > bound
	}
	if math.IsNaN(want) || math.IsInf(want, 0) {
		return ulps(got, want) > 0
	}
	return !(math.Abs(float64(got)-want) <= 5e-7*max(1, math.Abs(float64(x))))
}

func TestFunctionsAreWithinTheirUlps(t *testing.T) {
	const step = 4999 // of the 2**32 floats; a prime
	levels(t, func(t *testing.T) {
		x := make([]float32, 0, 1<<20)
		for b := uint64(0); b < 1<<32; b += step {
			x = append(x, math.Float32frombits(uint32(b)))
		}
		x = append(x, specials...)
		y := make([]float32, len(x))
		for _, u := range unaries {
			u.f(y, x)
			worst, at := 0.0, float32(0)
			for i, v := range x {
				want := u.of(float64(v))
				if wrong(u.name, y[i], v, want, u.ulps) {
					t.Errorf("%s(%v) = %v, want %v", u.name, v, y[i], want)
					break
				}
				if d := ulps(y[i], want); d > worst {
					worst, at = d, v
				}
			}
			if !math.IsInf(u.ulps, 1) {
				t.Logf("%s: at most %.2f ulp, at %v", u.name, worst, at)
			}
		}
	})
}

// TestSlopesAreWithinTheirBounds holds the gradients of functions, times a gradient of 1, against float64.
func TestSlopesAreWithinTheirBounds(t *testing.T) {
	slopes := []struct {
		name string
		f    func(dst, x, g []float32)
		of   func(float64) float64
	}{
		{"TanhGrad", TanhGrad, func(y float64) float64 { return 1 - y*y }},
		{"SigmoidGrad", SigmoidGrad, func(y float64) float64 { return y * (1 - y) }},
		{"SiluGrad", SiluGrad, wideSiluSlope},
		{"GeluGrad", GeluGrad, wideGeluSlope},
		{"GeluTanhGrad", GeluTanhGrad, wideGeluTanhSlope},
	}
	levels(t, func(t *testing.T) {
		var x, g []float32
		for v := float32(-30); v < 30; v += 0.0007 {
			x = append(x, v)
			g = append(g, 1)
		}
		x, g = append(x, float32(math.NaN()), 0), append(g, 1, 1)
		y := make([]float32, len(x))
		for _, s := range slopes {
			s.f(y, x, g)
			for i, v := range x {
				want := s.of(float64(v))
				bound := 1e-6 * max(1, math.Abs(float64(v)))
				if i := s.name; i == "TanhGrad" || i == "SigmoidGrad" {
					bound = 2e-7 * max(1, float64(v)*float64(v)) // of what is taken from 1
				}
				if !(math.Abs(float64(y[i])-want) <= bound) && (want == want || y[i] == y[i]) {
					t.Fatalf("%s(%v) is %v, want %v", s.name, v, y[i], want)
				}
			}
		}
	})
}

func TestUnaryAtAnyLengthAndPlace(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, u := range unaries {
			for _, n := range sizes() {
				a := numbers(n, uint64(n))
				want := make([]float32, n)
				for i := range a {
					u.f(want[i:i+1], a[i:i+1])
				}
				dst, intact := guarded(n, n%7)
				u.f(dst, a)
				same(t, fmt.Sprint(u.name, " of ", n), dst, want)
				if !intact() {
					t.Fatalf("%s of %d writes outside of dst", u.name, n)
				}
				copy(dst, a)
				u.f(dst, dst)
				same(t, fmt.Sprint(u.name, " in place of ", n), dst, want)
			}
		}
	})
}

// same fails unless the bits are equal; any NaN is as good as another.
func same(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestBinaryIsAsThePlainTwin(t *testing.T) {
	ops := []struct {
		name  string
		f     func(dst, a, b []float32)
		plain func(dst, a, b []float32)
		ulps  float64
	}{
		{"Add", Add, plain.add, 0},
		{"Sub", Sub, plain.sub, 0},
		{"Mul", Mul, plain.mul, 0},
		{"Div", Div, plain.div, 0},
		{"Max", Max, plain.max, 0},
		{"Min", Min, plain.min, 0},
		{"ReluGrad", ReluGrad, plain.reluGrad, 0},
		{"Leaky", func(dst, a, _ []float32) { Leaky(dst, a, 0.3) }, func(dst, a, _ []float32) { plain.leaky(dst, a, 0.3) }, 0},
		{"LeakyGrad", func(dst, a, b []float32) { LeakyGrad(dst, a, b, 0.3) }, func(dst, a, b []float32) { plain.leakyGrad(dst, a, b, 0.3) }, 0},
		{"AddS", func(dst, a, _ []float32) { AddS(dst, a, 0.3) }, func(dst, a, _ []float32) { plain.addS(dst, a, 0.3) }, 0},
		{"MulS", func(dst, a, _ []float32) { MulS(dst, a, 0.3) }, func(dst, a, _ []float32) { plain.mulS(dst, a, 0.3) }, 0},
	}
	levels(t, func(t *testing.T) {
		for _, op := range ops {
			for _, n := range sizes() {
				a, b := numbers(n, uint64(n)), numbers(n, uint64(n*7))
				dst, intact := guarded(n, n%5)
				copy(dst, b[n/2:])
				want := append([]float32{}, dst...)
				op.f(dst, a, b)
				op.plain(want, a, b)
				for i := range want {
					if ulps(dst[i], float64(want[i])) > op.ulps {
						t.Fatalf("%s of %d: element %d, of %v and %v, is %v, want %v", op.name, n, i, a[i], b[i], dst[i], want[i])
					}
				}
				if !intact() {
					t.Fatalf("%s of %d writes outside of dst", op.name, n)
				}
			}
		}
	})
}

func TestMulAddAndAxpyRoundAtMostTwice(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, n := range sizes() {
			a, b, was := numbers(n, uint64(n)), numbers(n, uint64(n*7)), numbers(n, uint64(n*5))
			for _, op := range []struct {
				name string
				f    func(dst []float32)
				by   func(i int) float32
			}{
				{"MulAdd", func(dst []float32) { MulAdd(dst, a, b) }, func(i int) float32 { return b[i] }},
				{"Axpy", func(dst []float32) { Axpy(dst, a, 0.3) }, func(i int) float32 { return 0.3 }},
			} {
				dst, intact := guarded(n, n%5)
				copy(dst, was)
				op.f(dst)
				for i, got := range dst {
					product := float64(a[i]) * float64(op.by(i))
					want := float64(was[i]) + product
					if math.IsNaN(want) || math.Abs(want) > math.MaxFloat32 || math.Abs(product) > math.MaxFloat32 {
						if math.IsNaN(want) && got == got {
							t.Fatalf("%s of %d: element %d is %v, want NaN", op.name, n, i, got)
						}
						continue // a product alone may be beyond float32
					}
					if !(math.Abs(float64(got)-want) <= 0x1p-24*(math.Abs(product)+math.Abs(want))+math.SmallestNonzeroFloat32) {
						t.Fatalf("%s of %d: element %d is %v, want %v", op.name, n, i, got, want)
					}
				}
				if !intact() {
					t.Fatalf("%s of %d writes outside of dst", op.name, n)
				}
			}
		}
	})
}

func TestReductionsAreAsThePlainTwin(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, n := range sizes() {
			a, b := make([]float32, n), make([]float32, n)
			var total, product, size, psize float64
			top := math.Inf(-1)
			for i := range a {
				a[i], b[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
				total += float64(a[i])
				size += math.Abs(float64(a[i]))
				product += float64(a[i]) * float64(b[i])
				psize += math.Abs(float64(a[i]) * float64(b[i]))
				top = max(top, float64(a[i]))
			}
			// A lane adds up at most chunk/8 numbers.
			if got := Sum(a); math.Abs(float64(got)-total) > 1e-5*size {
				t.Errorf("Sum of %d: %v, want %v", n, got, total)
			}
			if got := Dot(a, b); math.Abs(float64(got)-product) > 1e-5*psize {
				t.Errorf("Dot of %d: %v, want %v", n, got, product)
			}
			if got := MaxOf(a); float64(got) != top {
				t.Errorf("MaxOf of %d: %v, want %v", n, got, top)
			}
			dst, intact := guarded(n, n%3)
			if got, want := ExpSum(dst, a, 0.25), plain.expSum(make([]float32, n), a, 0.25); math.Abs(float64(got-want)) > 1e-5*float64(want) {
				t.Errorf("ExpSum of %d: %v, want %v", n, got, want)
			}
			for i := range dst {
				if want := math.Exp(float64(a[i] - 0.25)); ulps(dst[i], want) > 2 {
					t.Errorf("ExpSum of %d: element %d is %v, want %v", n, i, dst[i], want)
				}
			}
			if !intact() {
				t.Errorf("ExpSum of %d writes outside of dst", n)
			}
			for i := range a { // one NaN or Inf at every place
				if n > 200 && i%97 != 0 {
					continue
				}
				old := a[i]
				a[i] = float32(math.NaN())
				if s, m, d := Sum(a), MaxOf(a), Dot(a, b); s == s || m == m || d == d {
					t.Fatalf("NaN at %d of %d is lost: Sum %v, MaxOf %v, Dot %v", i, n, s, m, d)
				}
				a[i] = float32(math.Inf(1))
				if m := MaxOf(a); !math.IsInf(float64(m), 1) {
					t.Fatalf("Inf at %d of %d is lost: MaxOf %v", i, n, m)
				}
				a[i] = old
			}
		}
		if Sum(nil) != 0 || Dot(nil, nil) != 0 || !math.IsInf(float64(MaxOf(nil)), -1) {
			t.Errorf("of nothing: Sum %v, Dot %v, MaxOf %v", Sum(nil), Dot(nil, nil), MaxOf(nil))
		}
	})
}

func TestSoftmaxRow(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, n := range sizes() {
			x := make([]float32, n)
			r := rand.New(rand.NewPCG(3, uint64(n)))
			sum := 0.0
			for i := range x {
				x[i] = float32(r.NormFloat64()*5 + 300) // without taking off the maximum it would overflow
				sum += math.Exp(float64(x[i]) - 300)
			}
			dst, intact := guarded(n, n%4)
			SoftmaxRow(dst, x)
			for i := range x {
				want := math.Exp(float64(x[i])-300) / sum
				if math.Abs(float64(dst[i])-want) > 1e-5*want+1e-38 {
					t.Fatalf("row of %d: element %d is %v, want %v", n, i, dst[i], want)
				}
			}
			if !intact() {
				t.Fatalf("row of %d: writes outside of dst", n)
			}
		}
		inf := float32(math.Inf(1))
		for _, row := range [][]float32{{1, float32(math.NaN())}, {inf, 1}, {-inf, -inf}} {
			y := make([]float32, 2)
			SoftmaxRow(y, row)
			if y[0] == y[0] {
				t.Errorf("softmax of %v is %v", row, y)
			}
		}
		y := make([]float32, 3)
		SoftmaxRow(y, []float32{2, -inf, 2})
		if y[0] != 0.5 || y[1] != 0 || y[2] != 0.5 {
			t.Errorf("softmax with -Inf is %v", y)
		}
	})
}

func TestOptimisersAreAsThePlainTwin(t *testing.T) {
	inf := float32(math.Inf(1))
	rms := [5]float32{0.9, 0.1, 0.1, -0.02, 0.8}
	adam := [8]float32{0.9, 0.1, 0.999, 0.001, 0.99, -0.02, 1.7, 1e-8}
	steps := []struct {
		name     string
		f, plain func(p, g, m, v []float32)
	}{
		{"Adam", func(p, g, m, v []float32) { use.adam(p, g, m, v, &adam) }, func(p, g, m, v []float32) { plain.adam(p, g, m, v, &adam) }},
		{"Sgd", func(p, g, m, v []float32) { Sgd(p, g, 0.1, 0.01) }, func(p, g, m, v []float32) { plain.sgd(p, g, 0.1, 0.01) }},
		{"SgdMomentum", func(p, g, m, v []float32) { SgdMomentum(p, g, m, 0.1, 0.9, 0.01, false) },
			func(p, g, m, v []float32) { plain.momentum(p, g, m, 0.1, 0.9, 0.01, 0) }},
		{"SgdMomentum with nesterov", func(p, g, m, v []float32) { SgdMomentum(p, g, m, 0.1, 0.9, 0.01, true) },
			func(p, g, m, v []float32) { plain.momentum(p, g, m, 0.1, 0.9, 0.01, 1) }},
		{"Pull", func(p, g, m, v []float32) { Pull(m, g, p, 2, 1.5, 0.01) }, func(p, g, m, v []float32) { plain.pull(m, g, p, 2, 1.5, 0.01) }},
		{"Pull without a limit", func(p, g, m, v []float32) { Pull(p, p, g, 0.5, inf, 0) }, func(p, g, m, v []float32) { plain.pull(p, p, g, 0.5, inf, 0) }},
		{"RMSprop", func(p, g, m, v []float32) { RMSprop(p, g, v, nil, 0.02, 0.9, 0.1, 0) },
			func(p, g, m, v []float32) { plain.rmsprop(p, g, v, &rms) }},
		{"RMSprop with momentum", func(p, g, m, v []float32) { RMSprop(p, g, v, m, 0.02, 0.9, 0.1, 0.8) },
			func(p, g, m, v []float32) { plain.rmsMoving(p, g, v, m, &rms) }},
	}
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 5))
		for _, s := range steps {
			for _, n := range sizes() {
				var got, want [4][]float32
				var intact [4]func() bool
				for j := range got {
					got[j], intact[j] = guarded(n, j)
					for i := range got[j] {
						got[j][i] = float32(r.NormFloat64())
						if j == 3 {
							got[j][i] *= got[j][i]
						}
					}
					want[j] = append([]float32{}, got[j]...)
				}
				if n <= chunk {
					s.f(got[0], got[1], got[2], got[3])
					s.plain(want[0], want[1], want[2], want[3])
				}
				for j := range got {
					for i := range got[j] {
						// A few roundings of terms of the size of 1.
						if d := math.Abs(float64(got[j][i] - want[j][i])); !(d <= 1e-6*max(1, math.Abs(float64(want[j][i])))) {
							t.Fatalf("%s of %d: slice %d, element %d is %v, want %v", s.name, n, j, i, got[j][i], want[j][i])
						}
					}
					if !intact[j]() {
						t.Fatalf("%s of %d writes outside of slice %d", s.name, n, j)
					}
				}
			}
		}
	})
}

// TestMomentsFadeToZero steps long after the last gradient: that is where numbers become too small for full precision. Other
// arithmetic must not notice, and an eps of 0 must not make numbers of them.
func TestMomentsFadeToZero(t *testing.T) {
	tiny := math.Float32frombits(3)
	levels(t, func(t *testing.T) {
		for _, n := range []int{1, 16, 53} {
			p, g, m, v, s := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
			for i := range p {
				p[i], g[i], m[i], v[i], s[i] = 1, 0, 1e-30, 1e-36, 1e-36
			}
			for range 600 {
				Adam(p, g, m, v, 0.01, 0.9, 0.99, 1e-8, 0, 1, 1)
				RMSprop(p, g, s, nil, 0.01, 0.9, 1e-8, 0)
				SgdMomentum(p, g, m, 0.01, 0.9, 0, false)
			}
			two := []float32{tiny, tiny}
			Add(two, two, two)
			if two[0] != 2*tiny {
				t.Errorf("after steps of %d numbers %v and %v make %v", n, tiny, tiny, two[0])
			}
			for i := range p {
				if p[i] != 1 || m[i] > 1.2e-38 || v[i] > 1.2e-38 || s[i] > 1.2e-38 {
					t.Fatalf("%d numbers: p %v, moments %v and %v, square %v", n, p[i], m[i], v[i], s[i])
				}
				p[i], g[i], m[i], v[i] = 1, 1e-21, 0, 0
			}
			Adam(p, g, m, v, 0.01, 0, 0, 0, 0, 1, 1)
			if !(math.Abs(float64(p[0])-0.99) < 0.005) {
				t.Errorf("a step of size 1 without eps makes %v of 1", p[0])
			}
		}
	})
}

func TestAdamIsThePaper(t *testing.T) {
	levels(t, func(t *testing.T) {
		const lr, b1, b2, eps, wd = 0.01, 0.9, 0.99, 1e-6, 0.1
		p, g, m, v := []float32{2}, []float32{0}, []float32{0}, []float32{0}
		P, M, V := 2.0, 0.0, 0.0
		for i := 1; i <= 20; i++ {
			g[0] = 2 * p[0]
			G := float64(g[0])
			c1, c2 := 1-math.Pow(b1, float64(i)), 1-math.Pow(b2, float64(i))
			Adam(p, g, m, v, lr, b1, b2, eps, wd, c1, c2)
			M, V = b1*M+(1-b1)*G, b2*V+(1-b2)*G*G
			P = P*(1-lr*wd) - lr*(M/c1)/(math.Sqrt(V/c2)+eps)
			if math.Abs(float64(p[0])-P) > 1e-5 {
				t.Fatalf("step %d: %v, want %v", i, p[0], P)
			}
		}
	})
}

func TestTheEnvironmentChoosesTheLevel(t *testing.T) {
	if want := os.Getenv("TAPIR_TEST_LEVEL"); want != "" { // we are the process that is started below
		if Active().String() != want {
			t.Errorf("%v runs, want %s", Active(), want)
		}
		return
	}
	for choice, want := range map[string]Level{"generic": Generic, "neon": NEON, "avx2": AVX2, "avx512": AVX512, "": AVX512, "sse": AVX512} {
		if got := choose(choice); got != atMost(want) {
			t.Errorf("TAPIR_CPU=%q chooses %v, want %v", choice, got, atMost(want))
		}
		c := exec.Command(os.Args[0], "-test.run=TestTheEnvironmentChoosesTheLevel")
		c.Env = append(os.Environ(), "TAPIR_CPU="+choice, "TAPIR_TEST_LEVEL="+atMost(want).String())
		out, err := c.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("an emulator runs this test, and the system does not know: ", err)
		}
		if err != nil {
			t.Errorf("TAPIR_CPU=%q: %v\n%s", choice, err, out)
		}
	}
}

func TestUseIsCappedAndUndone(t *testing.T) {
	before := Active()
	restore := Use(Generic)
	if Active() != Generic {
		t.Errorf("%v runs, want generic", Active())
	}
	restore()
	Use(AVX512)()
	if Active() != before {
		t.Errorf("%v runs, want %v", Active(), before)
	}
}

func Example() {
	x := []float32{-1, 0, 2}
	y := make([]float32, len(x))
	Relu(y, x)
	fmt.Println(y, Sum(y), Dot(x, y))
	// Output: [0 0 2] 2 4
}
