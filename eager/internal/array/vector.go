package array

import (
	"math"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// vector is what is done to rows of one kind of floats. All but the reductions may write over their operands.
type vector[T Float] struct {
	tile       func() *simd.Tile[T]
	add, mul   func(dst, a, b []T)
	mulAdd     func(dst, a, b []T) // adds a b to dst
	addS, mulS func(dst, a []T, s T)
	log        func(dst, a []T)
	maxOf      func(a []T) T
	dot        func(a, b []T) T
	expSum     func(dst, a []T, shift T) T // sets dst = exp(a-shift) and returns its sum
}

var vector32 = vector[float32]{
	tile: simd.Tile32, add: simd.Add, mul: simd.Mul, mulAdd: simd.MulAdd, addS: simd.AddS, mulS: simd.MulS,
	log: simd.Log, maxOf: simd.MaxOf, dot: simd.Dot, expSum: simd.ExpSum,
}

var vector64 = vector[float64]{
	tile: simd.Tile64,
	add: func(dst, a, b []float64) {
		for i := range dst {
			dst[i] = a[i] + b[i]
		}
	},
	mul: func(dst, a, b []float64) {
		for i := range dst {
			dst[i] = a[i] * b[i]
		}
	},
	mulAdd: func(dst, a, b []float64) {
		for i := range dst {
			dst[i] += a[i] * b[i]
		}
	},
	addS: func(dst, a []float64, s float64) {
		for i := range dst {
			dst[i] = a[i] + s
		}
	},
	mulS: func(dst, a []float64, s float64) {
		for i := range dst {
			dst[i] = a[i] * s
		}
	},
	log: func(dst, a []float64) {
		for i := range dst {
			dst[i] = math.Log(a[i])
		}
	},
	maxOf: func(a []float64) float64 {
		m := math.Inf(-1)
		for _, x := range a {
			m = max(m, x)
		}
		return m
	},
	dot: func(a, b []float64) (s float64) {
		for i, x := range a {
			s += x * b[i]
		}
		return s
	},
	expSum: func(dst, a []float64, shift float64) (s float64) {
		for i := range dst {
			dst[i] = math.Exp(a[i] - shift)
			s += dst[i]
		}
		return s
	},
}

// block is a matrix within an array: rows that are ld numbers apart.
type block[T Number] struct {
	x  []T
	ld int
}

// smallProduct sets c (m,n) to the product of a and b (k,n), or adds it with acc 1, on this processor and without packing; number
// (i,p) of a is a[i*ars+p*aks]. It is for matrices that stay in the caches.
func smallProduct[T Float](t *simd.Tile[T], c block[T], a []T, ars, aks int, b block[T], m, n, k, acc int) {
	if k == 0 && acc == 0 {
		for i := range m {
			clear(c.x[i*c.ld:][:n])
		}
	}
	if m == 0 || n == 0 || k == 0 {
		return
	}
	panels := (m + t.Rows - 1) / t.Rows
	for j := 0; j < n; j += t.Cols {
		w := min(t.Cols, n-j)
		edge := &t.Edge[(w-1)/(t.Cols/2)]
		for p := range panels { // of nearly equal height
			i, end := p*m/panels, (p+1)*m/panels
			edge[end-i](k, &a[i*ars], ars, aks, &b.x[j], b.ld, &c.x[i*c.ld+j], c.ld, w, acc)
		}
	}
}

// turnedCopy is src (rows,cols) transposed, scaled by s; the rows of the result are ld apart.
func turnedCopy[T Float](v *vector[T], dst []T, src block[T], rows, cols int, s T) block[T] {
	t := v.tile()
	step := max(t.Block, 1)
	ld := turnedWidth(t, rows)
	if cols == 0 {
		return block[T]{dst, ld}
	}
	if t.Block == 0 {
		step = rows
	}
	for i := 0; i < rows; i += step {
		transpose(t, dst[i:], src.x[i*src.ld:], src.ld, min(step, rows-i), cols, ld)
	}
	if s != 1 {
		v.mulS(dst[:ld*cols], dst[:ld*cols], s)
	}
	return block[T]{dst, ld}
}

// turnedWidth is the distance of the rows of a turnedCopy, whole squares since the last one is written to its end.
func turnedWidth[T Float](t *simd.Tile[T], rows int) int {
	step := max(t.Block, 1)
	return (rows + step - 1) / step * step
}
