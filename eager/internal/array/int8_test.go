package array

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

var int8Shapes = [][3]int{ // m, n, k
	{0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {1, 1, 1}, {1, 33, 5}, {5, 1, 7}, {2, 64, 4}, {14, 32, 16}, {15, 33, 17}, {29, 65, 130}, {300, 40, 36},
	{200, 200, 200}, {3, 4, 16400}, {1, 2, MaxInt8K},
}

func TestInt8ProductsAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, s := range int8Shapes {
		m, n, k := s[0], s[1], s[2]
		a, w := make([]uint8, m*k), make([]int8, k*n)
		for i := range a {
			a[i] = uint8(r.Uint32()) | 0x80
		}
		for i := range w {
			w[i] = int8(r.Uint32())
		}
		for i := range min(k, len(w)) { // the largest sums that there are
			if n <= 4 {
				w[i] = math.MinInt8
			}
		}
		want := make([]int32, m*n)
		for i := range m {
			for p := range k {
				for j := range n {
					want[i*n+j] += int32(a[i*k+p]) * int32(w[p*n+j])
				}
			}
		}
		var first []float32
		atEveryLevel(func(l simd.Level) {
			b, c := PackInt8(w, k, n), make([]int32, m*n+1)
			c[m*n] = 77
			b.MatMul(c, a, m)
			for i, v := range want {
				if c[i] != v {
					t.Fatalf("%v (%d,%d,%d): element %d is %d, want %d", l, m, n, k, i, c[i], v)
				}
			}
			if c[m*n] != 77 {
				t.Fatalf("%v (%d,%d,%d): writes beside c", l, m, n, k)
			}
			y, zero, scale, scales, bias := make([]float32, m*n), make([]uint8, m), make([]float32, m), make([]float32, n), make([]float32, n)
			for i := range zero {
				zero[i], scale[i] = uint8(13*i+7), float32(i+1)/8
			}
			for j := range bias {
				scales[j], bias[j] = 1/float32(j+3), float32(j)
			}
			b.Linear(y, a, m, zero, scale, scales, bias)
			if first == nil {
				first = y
			}
			for i, v := range y {
				row, col, sum := i/n, i%n, float64(want[i])
				for p := range k {
					sum -= float64(zero[row]) * float64(w[p*n+col])
				}
				size := sum * float64(scale[row]) * float64(scales[col])
				if math.Abs(float64(v)-size-float64(bias[col])) > 0x1p-22*(math.Abs(size)+float64(bias[col])) || v != first[i] {
					t.Fatalf("%v (%d,%d,%d): y[%d] is %v, want %v and, as elsewhere, %v", l, m, n, k, i, v, size+float64(bias[col]), first[i])
				}
			}
		})
	}
}

func TestQuantisedRowsAreNear(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	const k = 70
	x := make([]float32, 9*k)
	for i := range x {
		x[i] = float32(r.NormFloat64()) + float32(i/k%3-1)*3
	}
	for p := range k {
		x[3*k+p] = 0
		x[4*k+p] *= 1e-42
		x[5*k+p] *= math.MaxFloat32 / 100
	}
	x[6*k+4], x[7*k+1], x[8*k+2] = float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))
	a, zero, scale := make([]uint8, 9*k), make([]uint8, 9), make([]float32, 9)
	QuantiseRows(a, zero, scale, x, 9, k)
	for i, v := range x {
		s, got := float64(scale[i/k]), float64(scale[i/k])*(float64(a[i])-float64(zero[i/k]))
		if i/k >= 6 {
			if got == got {
				t.Errorf("row %d is not finite, its scale is %v", i/k, s)
			}
		} else if math.Abs(got-float64(v)) > s*1.001 {
			t.Errorf("row %d: %v becomes %v in steps of %v", i/k, v, got, s)
		} else if v == 0 && got != 0 {
			t.Errorf("0 becomes %v", got)
		}
	}
}

func BenchmarkInt8(b *testing.B) {
	for _, n := range []int{512, 1024, 2048} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a, w, c := make([]uint8, n*n), make([]int8, n*n), make([]int32, n*n)
			m := PackInt8(w, n, n)
			for b.Loop() {
				m.MatMul(c, a, n)
			}
			b.ReportMetric(2*float64(n*n*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GOP/s")
		})
	}
}
