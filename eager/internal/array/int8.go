package array

import (
	"math"
	"runtime"
	"unsafe"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// MaxInt8K is how many products of 8-bit numbers may be added up: more could leave 32 bits.
const MaxInt8K = 1 << 16

// Int8 is a matrix of int8 (k,n), at most MaxInt8K by any, as the right operand of exact products: its numbers lie in the
// order in which the kernels of the level take them.
type Int8 struct {
	K, N   int
	t      *simd.Tile8
	groups int     // along k
	panels int     // of columns
	packed []byte  // panel by panel, in each the groups of all columns for every step along k
	sums   []int32 // of columns, with zeros for those that fill the last panel
}

// PackInt8 is w (k,n) ready for products.
func PackInt8(w []int8, k, n int) *Int8 {
	if len(w) != k*n || k > MaxInt8K {
		panic("internal error: PackInt8 of a wrong size")
	}
	t := simd.Int8()
	b := &Int8{K: k, N: n, t: t, groups: (k + t.Group - 1) / t.Group, panels: (n + t.Cols - 1) / t.Cols}
	b.packed, b.sums = make([]byte, 4*b.groups*b.panels*t.Cols), make([]int32, b.panels*t.Cols)
	Parallel(b.panels, 1+(1<<15)/(1+k*t.Cols), func(lo, hi int) {
		for j := lo * t.Cols; j < min(hi*t.Cols, n); j++ {
			dst := b.packed[4*b.groups*(j/t.Cols)*t.Cols:]
			for p := range k {
				v := w[p*n+j]
				at := (p/t.Group*t.Cols + j%t.Cols) * 4
				if t.Group == 4 {
					dst[at+p%4] = byte(v)
				} else {
					*(*int16)(unsafe.Pointer(&dst[at+p%2*2])) = int16(v)
				}
				b.sums[j] += int32(v)
			}
		}
	})
	return b
}

// MatMul sets c = a@b exactly: c is (m,n), a is (m,k).
func (b *Int8) MatMul(c []int32, a []uint8, m int) {
	c, a = c[:m*b.N], a[:m*b.K]
	b.run(a, m, func(r, h, j, w int, tile []int32) {
		for i := range h {
			copy(c[(r+i)*b.N+j:][:w], tile[i*b.t.Cols:])
		}
	})
}

// Linear sets y[i,j] = scale[i]*scales[j] * (the sum over p of (a[i,p]-zero[i])*b[p,j]) + bias[j]. y is (m,n), a is (m,k),
// zero and scale are (m), scales and bias (n). The sums are exact; the result is the same at every level.
func (b *Int8) Linear(y []float32, a []uint8, m int, zero []uint8, scale, scales, bias []float32) {
	y, a = y[:m*b.N], a[:m*b.K]
	zero, scale = zero[:m], scale[:m]
	width, cols := b.panels*b.t.Cols, b.t.Cols
	by, add := make([]float32, width), make([]float32, width)
	copy(by, scales[:b.N])
	copy(add, bias[:b.N])
	b.run(a, m, func(r, h, j, w int, tile []int32) {
		for i := range h {
			row := tile[i*cols:][:cols]
			z, s, sums, to := int(zero[r+i]), &scale[r+i], &b.sums[j], (r+i)*b.N+j
			if w == cols {
				b.t.Dequantise(cols, &row[0], sums, z, s, &by[j], &add[j], &y[to])
				continue
			}
			last := unsafe.Slice((*float32)(unsafe.Pointer(&row[0])), cols) // each number is read before it is written
			b.t.Dequantise(cols, &row[0], sums, z, s, &by[j], &add[j], &last[0])
			copy(y[to:][:w], last)
		}
	})
}

// run computes the product tile by tile and gives each to out: h rows from r on, w columns from j on, in rows of t.Cols.
func (b *Int8) run(a []uint8, m int, out func(r, h, j, w int, tile []int32)) {
	if m == 0 || b.N == 0 {
		return
	}
	// The tasks are bands of rows, which fit the second cache, and where these are few also spans of columns.
	panels := (m + b.t.Rows - 1) / b.t.Rows
	threads := 1
	task := (1 << 22) * b.t.Rows * b.t.Cols / (14 * 32)
	if m*b.N*max(b.K, 1) >= 4*task {
		threads = runtime.GOMAXPROCS(0)
	}
	rows := max((panels+chunkPanels-1)/chunkPanels, min(threads, panels))
	columns := 1
	if threads > 1 && rows < 2*threads {
		columns = min(b.panels, (2*threads+rows-1)/rows)
	}
	band := func(i int) {
		r, q := i/columns, i%columns
		b.band(a, m, panels, panels*r/rows, panels*(r+1)/rows, b.panels*q/columns, b.panels*(q+1)/columns, out)
	}
	if threads == 1 {
		for i := range rows * columns {
			band(i)
		}
		return
	}
	ParallelChunks(rows*columns, 1, func(i, _, _ int) { band(i) })
}

// band computes row panels p0 to p1, of panels of nearly equal height, and column panels q0 to q1.
func (b *Int8) band(a []uint8, m, panels, p0, p1, q0, q1 int, out func(r, h, j, w int, tile []int32)) {
	row := func(p int) int { return cut(m, panels, p) }
	cols, first := b.t.Cols, row(p0)
	s, mine := scratch[float32]((row(p1)-first)*b.groups + simd.MaxRows + 16)
	defer s.Free()
	tile := make([]int32, b.t.Rows*cols)
	for p := p0; p < p1; p++ {
		r := row(p)
		b.packRows(mine[(r-first)*b.groups:], a[r*b.K:], row(p+1)-r)
	}
	for q := q0; q < q1; q++ {
		j := q * cols
		for p := p0; p < p1; p++ {
			r := row(p)
			h := row(p+1) - r
			if b.groups == 0 {
				clear(tile)
			}
			const most = 4096 // groups of one call
			for g := 0; g < b.groups; g += most {
				x := (*byte)(unsafe.Pointer(&mine[(r-first)*b.groups+g*h]))
				b.t.Panel[h](min(most, b.groups-g), x, &b.packed[4*(b.groups*j+g*cols)], &tile[0], cols, g)
			}
			out(r, h, j, min(cols, b.N-j), tile)
		}
	}
}

// packRows copies h rows of a so that the groups of each step along k lie together.
func (b *Int8) packRows(dst []float32, a []uint8, h int) {
	if b.groups == 0 {
		return
	}
	if t := simd.Tile32(); b.t.Group == 4 && b.K%4 == 0 && t.Block >= h {
		t.PackRows(&dst[0], (*float32)(unsafe.Pointer(&a[0])), b.groups, h, b.groups, h) // moves bits
		return
	}
	to := unsafe.Slice((*byte)(unsafe.Pointer(&dst[0])), 4*b.groups*h)
	wide := unsafe.Slice((*int16)(unsafe.Pointer(&dst[0])), 2*b.groups*h)
	clear(to[4*(b.groups-1)*h:]) // groups that may not be full
	for i := range h {
		x := a[i*b.K:][:b.K]
		if b.t.Group == 4 {
			for p, v := range x {
				to[(p>>2*h+i)*4+p&3] = v
			}
			continue
		}
		for p, v := range x {
			wide[(p>>1*h+i)*2+p&1] = int16(v)
		}
	}
}

// QuantiseRows sets each row of a (m,k) to x (m,k) in 256 steps from its smallest to its largest number, so that 0 is one of
// them: x[i,p] is about scale[i]*(a[i,p]-zero[i]). A row that is not finite has a scale of NaN.
func QuantiseRows(a, zero []uint8, scale, x []float32, m, k int) {
	Parallel(m, 1+(1<<14)/(k+1), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			scale[i], zero[i] = quantise(a[i*k:][:k], x[i*k:][:k])
		}
	})
}

func quantise(a []uint8, x []float32) (scale float32, zero uint8) {
	hi, lo := max(simd.MaxOf(x), 0), float32(0)
	for _, v := range x {
		if v < lo {
			lo = v
		}
	}
	if !(float64(hi)-float64(lo) <= 2*math.MaxFloat32) { // NaN or Inf
		clear(a)
		return float32(math.NaN()), 0
	}
	scale = max(float32((float64(hi)-float64(lo))/255), 0x1p-126)
	over := 1 / scale
	shift := float32(math.Round(float64(-lo) / float64(scale)))
	from := shift + 0.5
	for p, v := range x {
		a[p] = uint8(min(int32(float32(v*over)+from), 255))
	}
	return scale, uint8(shift)
}
