package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// matrix is rows by cols numbers, in rows stride apart. What lies between rows, and after the last, is NaN.
func matrix[T Number](r *rand.Rand, rows, cols, stride int) []T {
	x := make([]T, rows*stride+40)
	for i := range x {
		x[i] = T(math.NaN())
	}
	for i := range rows {
		for j := range cols {
			x[i*stride+j] = T(r.NormFloat64())
		}
	}
	return x
}

// sum is an exact sum of products, for comparing with one that rounds each time.
type sum struct {
	value, size float64 // size is the sum of the absolute values
	n           int
}

func (s *sum) add(x float64) {
	s.value += x
	s.size += math.Abs(x)
	s.n++
}

// allows says whether got may come out of adding up in T, in any order.
func allows[T Number](s *sum, got T) bool {
	eps := 0x1p-24
	if unsafe.Sizeof(got) == 8 {
		eps = 0x1p-52 // our own sum is of the same kind
	}
	return math.Abs(float64(got)-s.value) <= eps*float64(s.n+1)*s.size
}

func TestTileKernels(t *testing.T) {
	levels(t, func(t *testing.T) {
		testTile(t, Tile32())
		testTile(t, Tile64())
	})
}

func testTile[T Number](t *testing.T, tile *Tile[T]) {
	r := rand.New(rand.NewPCG(6, 7))
	for _, kc := range []int{0, 1, 2, 3, 4, 5, 8, 31} {
		for h := 1; h <= tile.Rows; h++ {
			for n := 1; n <= tile.Cols; n++ {
				for _, acc := range []int{0, 1} {
					ldb, ldc := n+r.IntN(3), n+r.IntN(3)
					a, b, c := matrix[T](r, kc+1, h, h), matrix[T](r, kc, n, ldb), matrix[T](r, h, n, ldc)
					was := append([]T{}, c...)
					check := func(what string) {
						t.Helper()
						for i := range c {
							row, col := i/ldc, i%ldc
							if row >= h || col >= n {
								if c[i] == c[i] {
									t.Fatalf("%s, %d by %d, k %d: writes beside c", what, h, n, kc)
								}
								continue
							}
							var want sum
							want.add(float64(acc) * float64(was[i]))
							for k := range kc {
								want.add(float64(a[k*h+row]) * float64(b[k*ldb+col]))
							}
							if !allows(&want, c[i]) {
								t.Fatalf("%s, %d by %d, k %d, acc %d: c[%d,%d] is %v, want %v", what, h, n, kc, acc, row, col, c[i], want.value)
							}
						}
						copy(c, was)
					}
					v := (n - 1) / (tile.Cols / 2)
					tile.Edge[v][h](kc, &a[0], 1, h, &b[0], ldb, &c[0], ldc, n, acc)
					check("Edge")
					if n == tile.Cols {
						tile.Panel[h](kc, &a[0], &b[0], ldb, &c[0], ldc, acc)
						check("Panel")
					}
				}
			}
		}
	}
}

func TestVectorKernels(t *testing.T) {
	levels(t, func(t *testing.T) {
		testVector(t, Tile32())
		testVector(t, Tile64())
	})
}

func testVector[T Number](t *testing.T, tile *Tile[T]) {
	r := rand.New(rand.NewPCG(8, 9))
	for _, rows := range []int{0, 1, 2, 5} {
		for n := range 200 {
			for _, acc := range []int{0, 1} {
				ld := n + 1 + r.IntN(3)
				w := matrix[T](r, rows, n, ld)
				x, y := matrix[T](r, 1, 3*max(n, rows), 3*max(n, rows)), matrix[T](r, 1, max(n, rows), max(n, rows))
				was := append([]T{}, y...)
				tile.Combine(rows, &x[0], 3, &w[0], ld, &y[0], n, acc)
				for j := range n {
					var want sum
					want.add(float64(acc) * float64(was[j]))
					for k := range rows {
						want.add(float64(x[3*k]) * float64(w[k*ld+j]))
					}
					if !allows(&want, y[j]) {
						t.Fatalf("Combine, %d by %d, acc %d: y[%d] is %v, want %v", rows, n, acc, j, y[j], want.value)
					}
				}
				untouched(t, fmt.Sprintf("Combine, %d by %d", rows, n), y, was, n)
				copy(y, was)
				tile.Dots(rows, &w[0], ld, &x[0], &y[0], n, acc)
				for i := range rows {
					var want sum
					want.add(float64(acc) * float64(was[i]))
					for k := range n {
						want.add(float64(x[k]) * float64(w[i*ld+k]))
					}
					if !allows(&want, y[i]) {
						t.Fatalf("Dots, %d by %d, acc %d: y[%d] is %v, want %v", rows, n, acc, i, y[i], want.value)
					}
				}
				untouched(t, fmt.Sprintf("Dots, %d by %d", rows, n), y, was, rows)
			}
		}
	}
}

func untouched[T Number](t *testing.T, what string, y, was []T, from int) {
	t.Helper()
	for i := from; i < len(y); i++ {
		if y[i] != was[i] && (y[i] == y[i] || was[i] == was[i]) {
			t.Fatalf("%s: writes to element %d of %d", what, i, from)
		}
	}
}

func TestPacking(t *testing.T) {
	levels(t, func(t *testing.T) {
		testPacking(t, Tile32())
		testPacking(t, Tile64())
	})
}

func testPacking[T Number](t *testing.T, tile *Tile[T]) {
	r := rand.New(rand.NewPCG(10, 11))
	for n := 1; n <= max(tile.Rows, tile.Cols); n++ {
		for _, kc := range []int{0, 1, 2, 17} {
			ds, ls := n+r.IntN(3), n+r.IntN(3)
			src, dst := matrix[T](r, kc, n, ls), matrix[T](r, kc, 0, ds)
			tile.PackColumns(&dst[0], &src[0], ls, n, kc, ds)
			for i, v := range dst {
				k, j := i/ds, i%ds
				if k < kc && j < n {
					if v != src[k*ls+j] {
						t.Fatalf("PackColumns of %d, k %d: dst[%d,%d] is %v, want %v", n, kc, k, j, v, src[k*ls+j])
					}
				} else if v == v {
					t.Fatalf("PackColumns of %d, k %d: writes beside dst", n, kc)
				}
			}
		}
	}
	for rows := 1; rows <= tile.Block; rows++ {
		for _, kc := range []int{0, 1, tile.Block - 1, tile.Block, 2*tile.Block + 3} {
			for _, ds := range []int{rows, tile.Block, 2 * tile.Block} {
				ls := kc + r.IntN(3)
				src, dst := matrix[T](r, rows, kc, ls), matrix[T](r, kc, 0, ds)
				tile.PackRows(&dst[0], &src[0], ls, rows, kc, ds)
				for k := range kc {
					for i := range rows {
						if dst[k*ds+i] != src[i*ls+k] {
							t.Fatalf("PackRows of %d, k %d, stride %d: dst[%d,%d] is %v, want %v", rows, kc, ds, k, i, dst[k*ds+i], src[i*ls+k])
						}
					}
				}
				last := (kc-1)*ds + tile.Block // the end of what it may write
				for i := max(last, 0); i < len(dst); i++ {
					if dst[i] == dst[i] {
						t.Fatalf("PackRows of %d, k %d, stride %d: writes beside dst", rows, kc, ds)
					}
				}
			}
		}
	}
}

func TestWindowKernels(t *testing.T) {
	levels(t, func(t *testing.T) {
		w := Window32()
		if w == nil {
			t.Skip("none at this level")
		}
		r := rand.New(rand.NewPCG(12, 13))
		for _, kc := range []int{0, 1, 9, 30} {
			off := make([]int, kc+1)
			for k := range off {
				off[k] = r.IntN(100)
			}
			for h := 1; h <= w.Rows; h++ {
				for n := 1; n <= w.Strip(h); n++ {
					for _, acc := range []int{0, 1} {
						ldc := n + r.IntN(3)
						a, x, c := matrix[float32](r, kc+1, h, h), matrix[float32](r, 1, 100+n, 100+n), matrix[float32](r, h, n, ldc)
						was := append([]float32{}, c...)
						w.Kernel(h, n)(kc, &a[0], &off[0], &x[0], &c[0], ldc, n, acc)
						for i := range c {
							row, col := i/ldc, i%ldc
							if row >= h || col >= n {
								if c[i] == c[i] {
									t.Fatalf("%d by %d, k %d: writes beside c", h, n, kc)
								}
								continue
							}
							var want sum
							want.add(float64(acc) * float64(was[i]))
							for k := range kc {
								want.add(float64(a[k*h+row]) * float64(x[off[k]+col]))
							}
							if !allows(&want, c[i]) {
								t.Fatalf("%d by %d, k %d, acc %d: c[%d,%d] is %v, want %v", h, n, kc, acc, row, col, c[i], want.value)
							}
						}
					}
				}
			}
		}
	})
}

func TestCorrelateKernels(t *testing.T) {
	levels(t, func(t *testing.T) {
		w := Window32()
		if w == nil {
			t.Skip("none at this level")
		}
		r := rand.New(rand.NewPCG(14, 15))
		for h := 1; h <= w.Maps; h++ {
			for n := 1; n <= 2*w.Lanes+1; n++ {
				const images, rows, xpitch = 2, 3, 50
				off := make([]int, w.Taps)
				for t := range off {
					off[t] = r.IntN(xpitch - n + 1)
				}
				g := matrix[float32](r, images*h*rows, n, n)[:images*h*rows*n]
				x := matrix[float32](r, images*rows, xpitch, xpitch)[:images*rows*xpitch]
				ld := w.Taps + 1
				dst := matrix[float32](r, h, w.Taps, ld)
				was := append([]float32{}, dst...)
				whole := n / w.Lanes * w.Lanes
				w.Correlate[h](images, rows, n, &g[0], rows*n, n-whole, (h-1)*rows*n, &x[0], xpitch-whole, 0, &off[0], &dst[0], ld)
				for at := range dst {
					i, k := at/ld, at%ld
					if i >= h || k >= w.Taps {
						if dst[at] == dst[at] {
							t.Fatalf("%d maps, rows of %d: writes beside dst", h, n)
						}
						continue
					}
					var want sum
					want.add(float64(was[at]))
					for im := range images {
						for row := range rows {
							for j := range n {
								want.add(float64(g[((im*h+i)*rows+row)*n+j]) * float64(x[(im*rows+row)*xpitch+off[k]+j]))
							}
						}
					}
					if !allows(&want, dst[at]) {
						t.Fatalf("%d maps, rows of %d: dst[%d,%d] is %v, want %v", h, n, i, k, dst[at], want.value)
					}
				}
			}
		}
	})
}

func TestGatherKernels(t *testing.T) {
	levels(t, func(t *testing.T) {
		k := Gather32()
		if k == nil {
			t.Skip("none at this level")
		}
		r := rand.New(rand.NewPCG(18, 19))
		const images, rows, pitch, more = 2, 3, 40, 17
		for v := 1; v <= 2; v++ {
			for h := 1; h <= k.Taps; h++ {
				for n := 1; n <= 9; n++ {
					width := v * k.Lanes
					off := make([]int, h)
					for t := range off {
						off[t] = r.IntN(pitch - n + 1)
					}
					y := matrix[float32](r, 1, images*rows*n*width, images*rows*n*width)
					x := matrix[float32](r, 1, images*(rows*pitch+more), images*(rows*pitch+more))
					dst := matrix[float32](r, h, width, width)
					was := append([]float32{}, dst...)
					k.Apply[v-1][h](images, rows, n, &y[0], &x[0], pitch-n, more, &off[0], &dst[0])
					for at := range dst {
						tap, i := at/width, at%width
						if tap >= h {
							if dst[at] == dst[at] {
								t.Fatalf("%d places, %d vectors: writes beside dst", h, v)
							}
							continue
						}
						var want sum
						want.add(float64(was[at]))
						for pixel := range images * rows * n {
							im, row, j := pixel/n/rows, pixel/n%rows, pixel%n
							want.add(float64(y[pixel*width+i]) * float64(x[im*(rows*pitch+more)+row*pitch+off[tap]+j]))
						}
						if !allows(&want, dst[at]) {
							t.Fatalf("%d places, %d vectors, rows of %d: dst[%d,%d] is %v, want %v", h, v, n, tap, i, dst[at], want.value)
						}
					}
				}
			}
		}
	})
}

func TestMaxWindows(t *testing.T) {
	levels(t, func(t *testing.T) {
		if MaxWindows(new(float32), nil, 0, new(float32), new(int), 1, 1, 0) != (Active() >= AVX2) {
			t.Fatal("there is a kernel exactly at the levels of amd64")
		}
		if Active() < AVX2 {
			return
		}
		r := rand.New(rand.NewPCG(16, 17))
		x := make([]float32, 400)
		for i := range x {
			x[i] = float32(r.IntN(9))
			if r.IntN(30) == 0 {
				x[i] = float32(math.NaN())
			}
		}
		off := []int{3, 0, 100, 57, 101, 20}
		for taps := 1; taps <= len(off); taps++ {
			for stride := 1; stride <= 3; stride++ {
				for n := 1; n < 60; n++ {
					y, index := matrix[float32](r, 1, 0, n), make([]int64, n+1)
					MaxWindows(&y[0], &index[0], 1<<30, &x[0], &off[0], taps, stride, n)
					for j := range n {
						at := off[0] + j*stride
						for _, o := range off[:taps] {
							if c := o + j*stride; x[at] == x[at] && !(x[c] <= x[at]) {
								at = c
							}
						}
						if y[j] != x[at] && x[at] == x[at] || index[j] != int64(1<<30+at) {
							t.Fatalf("%d taps, stride %d: window %d of %d is %v from %d, want %v from %d", taps, stride, j, n, y[j], index[j]-1<<30, x[at], at)
						}
					}
					if y[n] == y[n] || index[n] != 0 {
						t.Fatalf("%d windows: writes beyond", n)
					}
					again := make([]float32, n)
					MaxWindows(&again[0], nil, 0, &x[0], &off[0], taps, stride, n)
					same(t, "without index", again, y[:n])
				}
			}
		}
	})
}
