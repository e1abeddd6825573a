package array

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"unsafe"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// levels runs f at every level of vector instructions that this machine has.
func levels(t *testing.T, f func(t *testing.T)) {
	for l, top := simd.Generic, simd.Active(); l <= top; l++ {
		t.Run(l.String(), func(t *testing.T) {
			defer simd.Use(l)()
			f(t)
		})
	}
}

// atEveryLevel is levels where preparing the test takes long.
func atEveryLevel(f func(l simd.Level)) {
	for l, top := simd.Generic, simd.Active(); l <= top; l++ {
		undo := simd.Use(l)
		f(l)
		undo()
	}
}

func normals[T real](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

// naiveMatMul is c + a@b in float64, and the sum of the absolute values of its terms.
func naiveMatMul[T real](c, a, b []T, m, n, k int, ta, tb bool) (want, size []float64) {
	want, size = make([]float64, m*n), make([]float64, m*n)
	for i := range m {
		for p := range k {
			x := float64(a[i*k+p*b2i(!ta)+i*(1-k)*b2i(ta)+p*m*b2i(ta)])
			for j := range n {
				y := x * float64(b[(p*n+j)*b2i(!tb)+(j*k+p)*b2i(tb)])
				want[i*n+j] += y
				size[i*n+j] += math.Abs(y)
			}
		}
	}
	for i := range c {
		want[i] += float64(c[i])
		size[i] += math.Abs(float64(c[i]))
	}
	return want, size
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// near fails unless every got is what adding up k terms in any order may give.
func near[T real](t *testing.T, what string, got []T, want, size []float64, k int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	eps := 0x1p-24
	if unsafe.Sizeof(*new(T)) == 8 {
		eps = 0x1p-52 // the reference rounds, too
	}
	for i, v := range got {
		if !(math.Abs(float64(v)-want[i]) <= eps*float64(k+2)*size[i]) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, v, want[i])
		}
	}
}

var gemmShapes = [][3]int{ // m, n, k
	{0, 0, 0}, {0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {1, 1, 1}, {1, 5, 7}, {5, 1, 7}, {1, 300, 3}, {300, 1, 3}, {2, 2, 2}, {3, 5, 4},
	{4, 64, 4}, {4, 2, 64}, {7, 33, 17}, {13, 31, 16}, {14, 32, 15}, {15, 33, 65}, {29, 65, 513}, {57, 10, 128}, {64, 10, 100},
	{64, 128, 10}, {128, 64, 10}, {57, 96, 600}, {100, 100, 100}, {56, 2049, 5}, {57, 2081, 3}, {2, 40, 1100}, {169, 64, 33},
	{90, 300, 1100}, // two blocks of k, whose rows of a all threads share
}

func TestMatMulIsTheSumOfProducts(t *testing.T) {
	testMatMul(t, MatMul32)
	testMatMul(t, MatMul64)
}

func testMatMul[T real](t *testing.T, f func(c, a, b []T, m, n, k int, ta, tb, acc bool)) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range gemmShapes {
		m, n, k := s[0], s[1], s[2]
		a, b, old := normals[T](r, m*k), normals[T](r, k*n), normals[T](r, m*n)
		for v := range 8 {
			ta, tb, acc := v&1 != 0, v&2 != 0, v&4 != 0
			var was []T
			if acc {
				was = old
			}
			want, size := naiveMatMul(was, a, b, m, n, k, ta, tb)
			atEveryLevel(func(l simd.Level) {
				c := append([]T{}, old...)
				f(c, a, b, m, n, k, ta, tb, acc)
				near(t, fmt.Sprintf("%v %T (%d,%d,%d) transA %v transB %v acc %v", l, a, m, n, k, ta, tb, acc), c, want, size, k)
			})
		}
	}
}

func TestAProductStartsFromItsBias(t *testing.T) {
	testBias(t, simd.Tile32)
	testBias(t, simd.Tile64)
}

func testBias[T real](t *testing.T, tile func() *simd.Tile[T]) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range gemmShapes {
		m, n, k := s[0], s[1], s[2]
		a, b, bias := normals[T](r, m*k), normals[T](r, k*n), normals[T](r, n)
		var rows []T
		for range m {
			rows = append(rows, bias...)
		}
		want, size := naiveMatMul(rows, a, b, m, n, k, false, false)
		atEveryLevel(func(l simd.Level) {
			c := make([]T, m*n)
			matMul(tile(), c, a, b, m, n, k, false, false, false, bias)
			near(t, fmt.Sprintf("%v %T (%d,%d,%d)", l, a, m, n, k), c, want, size, k)
		})
	}
}

func TestMatMulIsTheSameAtAnyNumberOfThreads(t *testing.T) {
	levels(t, func(t *testing.T) {
		testSameMatMul(t, MatMul32)
		testSameMatMul(t, MatMul64)
	})
}

func testSameMatMul[T real](t *testing.T, f func(c, a, b []T, m, n, k int, ta, tb, acc bool)) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	r := rand.New(rand.NewPCG(2, 2))
	shapes := [][3]int{{1, 3000, 700}, {3000, 1, 700}, {200, 200, 600}, {20, 2100, 520}, {600, 40, 300}, {30, 30, 5000}}
	if simd.Active() == simd.Generic { // slower, and parallel from smaller sizes on
		shapes = [][3]int{{1, 3000, 100}, {3000, 1, 100}, {30, 40, 600}, {3, 2100, 20}, {60, 20, 300}, {8, 8, 1500}}
	}
	for _, s := range shapes {
		m, n, k := s[0], s[1], s[2]
		a, b := normals[T](r, m*k), normals[T](r, k*n)
		for v := range 4 {
			var want []T
			for _, threads := range []int{1, 2, 3, 7} {
				runtime.GOMAXPROCS(threads)
				got := make([]T, m*n)
				f(got, a, b, m, n, k, v&1 != 0, v&2 != 0, false)
				if want == nil {
					want = got
				}
				for i := range want {
					if got[i] != want[i] {
						t.Fatalf("%T (%d,%d,%d) transposed %d: %d threads give c[%d] = %v, one gives %v", a, m, n, k, v, threads, i, got[i], want[i])
					}
				}
			}
		}
	}
}

func TestMatMulPassesOnNaNAndInf(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, s := range [][3]int{{3, 5, 7}, {1, 40, 40}, {70, 70, 70}} {
			m, n, k := s[0], s[1], s[2]
			a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
			a[(m-1)*k+k-1] = float32(math.NaN())
			b[n-1] = float32(math.Inf(1)) // times 0: NaN, too
			MatMul32(c, a, b, m, n, k, false, false, false)
			for i := range m {
				for j := range n {
					if nan := c[i*n+j] != c[i*n+j]; nan != (i == m-1 || j == n-1) {
						t.Fatalf("(%d,%d,%d): c[%d,%d] is %v", m, n, k, i, j, c[i*n+j])
					}
				}
			}
		}
	})
}

func TestMatMulChecksLengths(t *testing.T) {
	for _, f := range []func(){
		func() {
			MatMul32(make([]float32, 3), make([]float32, 4), make([]float32, 4), 2, 2, 2, false, false, false)
		},
		func() {
			MatMul32(make([]float32, 4), make([]float32, 3), make([]float32, 4), 2, 2, 2, false, false, false)
		},
		func() {
			MatMul32(make([]float32, 4), make([]float32, 4), make([]float32, 3), 2, 2, 2, false, false, false)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a slice that is too short is accepted")
				}
			}()
			f()
		}()
	}
}

func ExampleMatMul32() {
	a := []float32{1, 2, 3, 4, 5, 6} // (2,3)
	b := []float32{1, 0, 0, 1, 1, 1} // (3,2)
	c := make([]float32, 4)          // (2,2)
	MatMul32(c, a, b, 2, 2, 3, false, false, false)
	fmt.Println(c)
	// Output: [4 5 10 11]
}

func BenchmarkMatMul32(b *testing.B) {
	for _, s := range [][3]int{
		{128, 128, 128}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024},
		{1, 64, 4}, {1, 1024, 1024}, {1024, 1, 1024}, {8, 1024, 1024}, {4, 64, 64}, {32, 32, 32}, {64, 10, 128}, {64, 128, 784},
	} {
		m, n, k := s[0], s[1], s[2]
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			benchMatMul(b, MatMul32, m, n, k, false, false)
		})
	}
	for v := 1; v < 4; v++ {
		b.Run(fmt.Sprintf("256 transposed %d", v), func(b *testing.B) { benchMatMul(b, MatMul32, 256, 256, 256, v&1 != 0, v&2 != 0) })
		b.Run(fmt.Sprintf("64x128x10 transposed %d", v), func(b *testing.B) { benchMatMul(b, MatMul32, 64, 128, 10, v&1 != 0, v&2 != 0) })
	}
}

func BenchmarkMatMul64(b *testing.B) {
	for _, n := range []int{128, 512} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchMatMul(b, MatMul64, n, n, n, false, false) })
	}
}

func benchMatMul[T real](b *testing.B, f func(c, x, y []T, m, n, k int, ta, tb, acc bool), m, n, k int, ta, tb bool) {
	r := rand.New(rand.NewPCG(3, 3))
	x, y, c := normals[T](r, m*k), normals[T](r, k*n), make([]T, m*n)
	b.ReportAllocs()
	for b.Loop() {
		f(c, x, y, m, n, k, ta, tb, false)
	}
	b.ReportMetric(2*float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
