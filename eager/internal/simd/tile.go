package simd

import "unsafe"

// Number is the element types of matrix kernels.
type Number interface{ float32 | float64 }

// MaxRows is the largest height of a tile at any level.
const MaxRows = 14

// Tile is what a matrix product is made of at one level: kernels for tiles of c of up to Rows rows and Cols columns,
// and the copies that prepare a and b. Strides count elements. Kernels trust their arguments; with acc not 0 they add
// to what is there. A call should take less than 100 microseconds.
type Tile[T Number] struct {
	Rows, Cols int
	// Panel[h] computes h whole rows of Cols columns. Of a, the h numbers of each k lie together.
	Panel [MaxRows + 1]func(kc int, a, b *T, ldb int, c *T, ldc int, acc int)
	// Edge[v-1][h] computes h rows of n columns, n above (v-1)*Cols/2 and at most v*Cols/2. a[i][k] is at
	// a[i*ars+k*aks]; nothing beyond column n is read or written.
	Edge [2][MaxRows + 1]func(kc int, a *T, ars, aks int, b *T, ldb int, c *T, ldc int, n int, acc int)
	// Combine computes y = x@w, for w of kc rows and n columns; the numbers of x are xs apart.
	Combine func(kc int, x *T, xs int, w *T, ldw int, y *T, n int, acc int)
	// Dots computes y = w@x, for w of rows rows and n columns.
	Dots func(rows int, w *T, ldw int, x, y *T, n int, acc int)
	// PackColumns copies dst[k*ds+i] = src[k*lds+i], k below kc, i below n, n at most Rows or Cols.
	PackColumns func(dst, src *T, lds, n, kc, ds int)
	// Block is the side of the squares that PackRows transposes; 0 if there is no PackRows.
	Block int
	// PackRows copies dst[k*ds+i] = src[i*lds+k], k below kc, i below rows, 1 to Block. For each k in order it also
	// writes what it likes to dst[k*ds+rows:k*ds+Block].
	PackRows func(dst, src *T, lds, rows, kc, ds int)
}

// Window is what a convolution of float32 is made of. Its kernels read images in place: what belongs to place k of the
// window of a pixel is off[k] numbers from what belongs to the pixel. Strides and offsets count numbers.
type Window struct {
	Rows, Cols int
	// Apply[v][h] computes c[i*ldc+j], the sum over k below kc of a[k*h+i] * x[off[k]+j], for i below h and j below n:
	// at most Cols/2, Cols or 2*Cols for v = 0, 1 and 2, and more than half of that for the last two. The last there is
	// for few maps only.
	Apply [3][MaxRows + 1]func(kc int, a *float32, off *int, x *float32, c *float32, ldc int, n int, acc int)
	// Correlate[h] adds to dst[i*ld+t], for i below h and t below Taps, the sum over images, rows and j below n of
	// y[i*ymap+j] * x[off[t]+j]. At the end of a row y and x, which have moved over n/Lanes whole vectors, move on by
	// yrow and xrow, at the end of an image by yimage and ximage more.
	Maps, Taps, Lanes int
	Correlate         [5]func(images, rows, n int, y *float32, ymap, yrow, yimage int, x *float32, xrow, ximage int, off *int, dst *float32, ld int)
}

// Gather is what a convolution's weights of many maps are made of. Its kernels take the numbers of a pixel's maps, which
// lie together, times those of the pixel's window. There is none at the plain level.
type Gather struct {
	Lanes int // maps of a vector
	Taps  int
	// Apply[v-1][h] adds to dst[t*v*Lanes+i], for t below h and i below v*Lanes, the sum over images, rows and j below n of
	// y[j*v*Lanes+i] * x[off[t]+j]. y goes on from row to row and from image to image. x moves by n and by xrow more past a
	// row, and by ximage more past an image. All counts are 1 or more.
	Apply [2][13]func(images, rows, n int, y *float32, x *float32, xrow, ximage int, off *int, dst *float32)
}

// Gather32 is the running level's Gather; nil if it has none.
func Gather32() *Gather { return gather32 }

var gather32 *Gather

// Strip is how many numbers of each of h maps a kernel computes at most.
func (w *Window) Strip(h int) int {
	if w.Apply[2][h] != nil {
		return 2 * w.Cols
	}
	return w.Cols
}

// Kernel is the one of Apply for h maps of n numbers, 1 to Strip(h).
func (w *Window) Kernel(h, n int) func(kc int, a *float32, off *int, x *float32, c *float32, ldc int, n int, acc int) {
	switch {
	case n > w.Cols:
		return w.Apply[2][h]
	case n > w.Cols/2:
		return w.Apply[1][h]
	}
	return w.Apply[0][h]
}

// MaxWindows sets y[j], j below n, to the largest of x[off[t]+j*stride] over t below taps, which is 1 or more; NaN is
// larger than all. If index is not nil it sets index[j] to base plus the place in x of the first that is the largest. It
// returns false, and does nothing, at a level without a kernel for it.
func MaxWindows(y *float32, index *int64, base int, x *float32, off *int, taps, stride, n int) bool {
	if maxWindows == nil {
		return false
	}
	maxWindows(y, index, base, x, off, taps, stride, n)
	return true
}

var maxWindows func(y *float32, index *int64, base int, x *float32, off *int, taps, stride, n int)

// Window32 is the running level's Window; nil if it has none.
func Window32() *Window { return window32 }

var window32 *Window

var (
	tile32 = &plainTile32
	tile64 = &plainTile64
)

// Tile32 is the running level's Tile for float32.
func Tile32() *Tile[float32] { return tile32 }

// Tile64 is the running level's Tile for float64.
func Tile64() *Tile[float64] { return tile64 }

var (
	plainTile32 = makePlainTile[float32]()
	plainTile64 = makePlainTile[float64]()
)

func makePlainTile[T Number]() Tile[T] {
	t := Tile[T]{Rows: 2, Cols: 4, Combine: plainCombine[T], Dots: plainDots[T], PackColumns: plainPackColumns[T]}
	t.Panel[1], t.Panel[2] = plainPanel1[T], plainPanel2[T]
	for v := range t.Edge {
		for h := 1; h <= t.Rows; h++ {
			t.Edge[v][h] = plainEdge[T](h)
		}
	}
	return t
}

// at is p[i].
func at[T Number](p *T, i int) *T {
	return (*T)(unsafe.Add(unsafe.Pointer(p), i*int(unsafe.Sizeof(*p))))
}

func four[T Number](p *T, i int) *[4]T { return (*[4]T)(unsafe.Pointer(at(p, i))) }

func plainPanel1[T Number](kc int, a, b *T, ldb int, c *T, ldc int, acc int) {
	var c0, c1, c2, c3 T
	for k := range kc {
		x, y := *at(a, k), four(b, k*ldb)
		c0 += x * y[0]
		c1 += x * y[1]
		c2 += x * y[2]
		c3 += x * y[3]
	}
	plainStore(four(c, 0), c0, c1, c2, c3, acc)
}

// plainPanel2 keeps 8 sums: with 4 rows the compiler runs out of registers and is half as fast.
func plainPanel2[T Number](kc int, a, b *T, ldb int, c *T, ldc int, acc int) {
	var c0, c1, c2, c3, d0, d1, d2, d3 T
	for k := range kc {
		y := four(b, k*ldb)
		x, z := *at(a, 2*k), *at(a, 2*k+1)
		c0 += x * y[0]
		c1 += x * y[1]
		c2 += x * y[2]
		c3 += x * y[3]
		d0 += z * y[0]
		d1 += z * y[1]
		d2 += z * y[2]
		d3 += z * y[3]
	}
	plainStore(four(c, 0), c0, c1, c2, c3, acc)
	plainStore(four(c, ldc), d0, d1, d2, d3, acc)
}

func plainStore[T Number](to *[4]T, c0, c1, c2, c3 T, acc int) {
	if acc != 0 {
		c0, c1, c2, c3 = to[0]+c0, to[1]+c1, to[2]+c2, to[3]+c3
	}
	*to = [4]T{c0, c1, c2, c3}
}

func plainEdge[T Number](h int) func(kc int, a *T, ars, aks int, b *T, ldb int, c *T, ldc int, n int, acc int) {
	return func(kc int, a *T, ars, aks int, b *T, ldb int, c *T, ldc int, n int, acc int) {
		for i := range h {
			for j := range n {
				var s T
				for k := range kc {
					s += *at(a, i*ars+k*aks) * *at(b, k*ldb+j)
				}
				if acc != 0 {
					s += *at(c, i*ldc+j)
				}
				*at(c, i*ldc+j) = s
			}
		}
	}
}

func plainCombine[T Number](kc int, x *T, xs int, w *T, ldw int, y *T, n int, acc int) {
	out := unsafe.Slice(y, n)
	if acc == 0 {
		clear(out)
	}
	for k := range kc {
		v := *at(x, k*xs)
		for j, u := range unsafe.Slice(at(w, k*ldw), n) {
			out[j] += v * u
		}
	}
}

func plainDots[T Number](rows int, w *T, ldw int, x, y *T, n int, acc int) {
	in := unsafe.Slice(x, n)
	for i := range rows {
		var s, t T
		row := unsafe.Slice(at(w, i*ldw), n)
		for j := 0; j+1 < n; j += 2 {
			s += row[j] * in[j]
			t += row[j+1] * in[j+1]
		}
		if n%2 != 0 {
			s += row[n-1] * in[n-1]
		}
		s += t
		if acc != 0 {
			s += *at(y, i)
		}
		*at(y, i) = s
	}
}

func plainPackColumns[T Number](dst, src *T, lds, n, kc, ds int) {
	for k := range kc {
		copy(unsafe.Slice(at(dst, k*ds), n), unsafe.Slice(at(src, k*lds), n))
	}
}
