package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The matrices of F(4x4,3x3) and F(3x3,4x4) for the numbers 0, a, -a, b, -b and infinity, a*b being 1.
var (
	winogradA, winogradB = math.Sqrt(0.5), math.Sqrt(2)

	imageMatrix    = [][]float64{{1, 0, -2.5, 0, 1, 0}, around(winogradA, 2, 6), around(-winogradA, 2, 6), around(winogradB, 0.5, 6), around(-winogradB, 0.5, 6), {0, 1, 0, -2.5, 0, 1}}
	kernelMatrix   = [][]float64{{1, 0, 0}, powers(winogradA, 3, -1.5), powers(-winogradA, 3, -1.5), powers(winogradB, 3, 6), powers(-winogradB, 3, 6), {0, 0, 1}}
	gradientMatrix = [][]float64{{1, 0, 0, 0}, powers(winogradA, 4, 1), powers(-winogradA, 4, 1), powers(winogradB, 4, 1), powers(-winogradB, 4, 1), {0, 0, 0, 1}}
	resultMatrix   = turned([][]float64{{1, 0, 0, 0}, powers(winogradA, 4, 1), powers(-winogradA, 4, 1), powers(winogradB, 4, 1), powers(-winogradB, 4, 1), {0, 0, 0, 1}})
	weightMatrix   = turned([][]float64{{1, 0, 0}, powers(winogradA, 3, -1.5), powers(-winogradA, 3, -1.5), powers(winogradB, 3, 6), powers(-winogradB, 3, 6), {0, 0, 1}})
)

// around is the coefficients of x(x+p)(x*x-other), from that of 1 to that of x to the n-1.
func around(p, other float64, n int) []float64 {
	c := make([]float64, n)
	c[1], c[2], c[3], c[4] = -p*other, -other, p, 1
	return c
}

// powers is the first n powers of p, by d.
func powers(p float64, n int, d float64) []float64 {
	c := make([]float64, n)
	for i := range c {
		c[i] = math.Pow(p, float64(i)) / d
	}
	return c
}

func turned(m [][]float64) [][]float64 {
	t := make([][]float64, len(m[0]))
	for i := range t {
		for j := range m {
			t[i] = append(t[i], m[j][i])
		}
	}
	return t
}

// squareKernels is the transformations of a level with their matrices.
func squareKernels(w *Winograd) []struct {
	name   string
	f      SquareFunc
	matrix [][]float64
} {
	return []struct {
		name   string
		f      SquareFunc
		matrix [][]float64
	}{{"image", w.Image, imageMatrix}, {"kernel", w.Kernel, kernelMatrix}, {"result", w.Result, resultMatrix},
		{"gradient", w.Gradient, gradientMatrix}, {"weight", w.Weight, weightMatrix}}
}

// TestWinogradMatrices: for numbers taken exactly they make a convolution, and the gradient of its kernel.
func TestWinogradMatrices(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	apply := func(m [][]float64, x []float64) []float64 {
		y := make([]float64, len(m))
		for i := range m {
			for j, c := range m[i] {
				y[i] += c * x[j]
			}
		}
		return y
	}
	draw := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		return x
	}
	for _, c := range []struct {
		name        string
		taps        int
		filter, out [][]float64
	}{{"forward", 3, kernelMatrix, resultMatrix}, {"gradient", 4, gradientMatrix, weightMatrix}} {
		d, g := draw(6), draw(c.taps)
		u, v := apply(c.filter, g), apply(imageMatrix, d)
		for i := range v {
			v[i] *= u[i]
		}
		for i, y := range apply(c.out, v) {
			want := 0.0
			for k, x := range g {
				want += x * d[i+k]
			}
			if math.Abs(y-want) > 1e-13 {
				t.Errorf("%s: number %d is %v, want %v", c.name, i, y, want)
			}
		}
	}
}

func TestWinogradKernels(t *testing.T) {
	levels(t, func(t *testing.T) {
		w := Winograd32()
		if w == nil {
			t.Skip("this level has none")
		}
		r := rand.New(rand.NewPCG(3, 4))
		for _, k := range squareKernels(w) {
			in, out := len(k.matrix[0]), len(k.matrix)
			for _, turn := range []int{1, -1} {
				const n = 3
				sc, dc := w.Lanes+r.IntN(3), w.Lanes+r.IntN(3)
				sr, dr := in*sc+r.IntN(5), out*dc+r.IntN(5)
				sn, dn := in*sr, out*dr
				src := normals32(r, n*sn)
				dst, intact := guarded(n*dn, r.IntN(9))
				was := append([]float32{}, dst...)
				room := make([]float32, 36*w.Lanes)
				first := 0
				if turn < 0 {
					first = (in - 1) * (sr + sc)
				}
				k.f(&dst[0], dr, dc, dn, &src[first], turn*sr, turn*sc, sn, &room[0], n)
				for s := range n {
					for i := range out {
						for j := range out {
							for l := range w.Lanes {
								want, size := 0.0, 0.0
								for a := range in {
									for b := range in {
										x := k.matrix[i][a] * k.matrix[j][b] * float64(src[first+s*sn+turn*(a*sr+b*sc)+l])
										want += x
										size += math.Abs(x)
									}
								}
								at := s*dn + i*dr + j*dc + l
								if got := float64(dst[at]); !(math.Abs(got-want) <= 10*0x1p-24*size) {
									t.Fatalf("%s, %d: number %d of row %d and column %d of square %d is %v, want %v", k.name, turn, l, i, j, s, got, want)
								}
								was[at] = dst[at]
							}
						}
					}
				}
				for i, v := range dst {
					if v != was[i] {
						t.Fatalf("%s: writes between vectors, at %d", k.name, i)
					}
				}
				if !intact() {
					t.Fatalf("%s: writes beside dst", k.name)
				}
			}
		}
		for rows := 1; rows <= w.Lanes; rows++ {
			for n := 1; n <= 3*w.Lanes+1; n++ {
				ss, ds := w.Lanes+r.IntN(3), n+r.IntN(3)
				src, plus := normals32(r, n*ss), normals32(r, rows)
				dst, intact := guarded((rows-1)*ds+n, r.IntN(9))
				w.Turn(&dst[0], ds, &src[0], ss, &plus[0], rows, n)
				for at, v := range dst {
					want := float32(12345)
					if i, j := at/ds, at%ds; j < n {
						want = src[j*ss+i] + plus[i]
					}
					if v != want {
						t.Fatalf("Turn of %d by %d: number %d is %v, want %v", rows, n, at, v, want)
					}
				}
				if !intact() {
					t.Fatalf("Turn of %d by %d: writes beside dst", rows, n)
				}
			}
		}
	})
}

func normals32(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}
