package simd

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// TestInt8Panels compares with sums of products at the ends of the range too, where a kernel that saturates goes wrong.
func TestInt8Panels(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(12, 13))
		tile := Int8()
		for _, k := range []int{0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 65} {
			groups := (k + tile.Group - 1) / tile.Group
			for h := 1; h <= tile.Rows; h++ {
				for try := range 4 {
					acc, ends := try&1, try&2 != 0
					x, w := make([]uint8, h*k), make([]int8, k*tile.Cols)
					for i := range x {
						x[i] = uint8(r.Uint32())
						if ends {
							x[i] = 255
						}
					}
					for i := range w {
						w[i] = int8(r.Uint32())
						if ends {
							w[i] = []int8{math.MinInt8, math.MaxInt8}[acc]
						}
					}
					a, b := make([]byte, 4*groups*h+4), make([]byte, 4*groups*tile.Cols+4)
					put := func(to []byte, width, i, p int, v int) {
						at := (p/tile.Group*width + i) * 4
						if tile.Group == 4 {
							to[at+p%4] = byte(v)
						} else {
							*(*int16)(unsafe.Pointer(&to[at+p%2*2])) = int16(v)
						}
					}
					for p := range k {
						for i := range h {
							put(a, h, i, p, int(x[i*k+p]))
						}
						for j := range tile.Cols {
							put(b, tile.Cols, j, p, int(w[p*tile.Cols+j]))
						}
					}
					ldc := tile.Cols + 3
					c := make([]int32, h*ldc+3)
					for i := range c {
						c[i] = int32(r.Uint32())
					}
					was := append([]int32{}, c...)
					tile.Panel[h](groups, &a[0], &b[0], &c[0], ldc, acc)
					for i, got := range c {
						row, col := i/ldc, i%ldc
						want := was[i]
						if row < h && col < tile.Cols {
							want *= int32(acc)
							for p := range k {
								want += int32(x[row*k+p]) * int32(w[p*tile.Cols+col])
							}
						}
						if got != want {
							t.Fatalf("%d rows, k %d, acc %d: c[%d,%d] is %d, want %d", h, k, acc, row, col, got, want)
						}
					}
				}
			}
		}
	})
}

func TestDequantiseIsTheSameAtEveryLevel(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(14, 15))
		n := 3 * Int8().Cols
		c, sums := make([]int32, n), make([]int32, n)
		scales, bias, got, want := make([]float32, n), make([]float32, n), make([]float32, n+1), make([]float32, n+1)
		for i := range n {
			c[i], sums[i] = int32(r.Uint32())/4, int32(r.IntN(2_000_000)-1_000_000)
			scales[i], bias[i] = r.Float32(), float32(r.NormFloat64())
		}
		scale := float32(0.37)
		Int8().Dequantise(n, &c[0], &sums[0], 131, &scale, &scales[0], &bias[0], &got[0])
		plainDequantise(n, &c[0], &sums[0], 131, &scale, &scales[0], &bias[0], &want[0])
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("y[%d] is %v, want %v", i, got[i], want[i])
			}
			exact := float64(scale)*float64(scales[min(i, n-1)])*float64(c[min(i, n-1)]-131*sums[min(i, n-1)]) + float64(bias[min(i, n-1)])
			if i < n && math.Abs(float64(got[i])-exact) > 0x1p-21*(math.Abs(exact)+math.Abs(float64(bias[i]))) {
				t.Fatalf("y[%d] is %v, want about %v", i, got[i], exact)
			}
		}
	})
}
