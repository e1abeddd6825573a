package array

import (
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/pool"
	"github.com/tapir-go/tapir/eager/internal/simd"
)

// recurrentRows is how many examples go through the whole sequence together, as one task.
const recurrentRows = 16

// Recurrent is the layout of one run of an LSTM or GRU over sequences x (t,n,k), forwards or from the end, with states of h
// numbers. Matrices with a row for each place of each sequence, in the order in which x has them in memory, are what the
// products with the weights of x, and the gradients of weights, are made of.
type Recurrent struct {
	T, N, K, H int
	Reverse    bool
	byExample  bool // the places of one sequence follow each other in memory; otherwise those of one time do
}

// sequences is x with its rows one after the other, by time or by example, and the layout.
func sequences(a *Array, h int, reverse bool) (x Array, r Recurrent, done func()) {
	r = Recurrent{T: a.Shape[0], N: a.Shape[1], K: a.Shape[2], H: h, Reverse: reverse}
	if a.Strides == nil {
		return *a, r, func() {}
	}
	if turned := a.Transpose([]int{1, 0, 2}); turned.Strides == nil {
		r.byExample = true
		return turned, r, func() {}
	}
	x, done = packed(a)
	return x, r, done
}

// row is the row of time t of example i, of sequences that are long times.
func (r *Recurrent) row(long, t, i int) int {
	if r.byExample {
		return i*long + t
	}
	return t*r.N + i
}

// step is the distance of the rows of neighbouring examples.
func (r *Recurrent) step(long int) int {
	if r.byExample {
		return long
	}
	return 1
}

// array is one of long times with rows of n numbers, and the same row by row in the order of x.
func (r *Recurrent) array(d DType, long, n int) (a Array, flat Array) {
	if r.byExample {
		flat = New(d, []int{r.N, long, n})
		return flat.Transpose([]int{1, 0, 2}), flat
	}
	a = New(d, []int{long, r.N, n})
	return a, a
}

// time is the time of step s.
func (r *Recurrent) time(s int) int {
	if r.Reverse {
		return r.T - 1 - s
	}
	return s
}

// before is the state before step s of examples from i on: that of the step before, in y, or the first.
func before[T Float](r *Recurrent, y, first block[T], long, s, i int) block[T] {
	if s == 0 {
		return block[T]{first.x[i*r.H:], r.H}
	}
	return block[T]{y.x[r.row(long, r.time(s-1), i)*r.H:], r.step(long) * r.H}
}

// panels is a matrix (k,n) in the order in which smallProduct reads it: columns in panels of a tile's width.
type panels[T Float] struct {
	x    []T
	k, n int
	mem  *pool.Block // to be freed
}

// packPanels copies w (k,n), or (n,k) that is to be turned.
func packPanels[T Float](t *simd.Tile[T], w []T, k, n int, turned bool) panels[T] {
	cols := t.Cols
	width := (n + cols - 1) / cols * cols
	mem, x := scratch[T](width*k + cols) // transposing writes beyond a narrow panel
	p := panels[T]{x, k, n, mem}
	for j := 0; j < n; j += cols {
		c := min(cols, n-j)
		dst := p.x[j*k:]
		if !turned {
			t.PackColumns(&dst[0], &w[j], n, c, k, cols)
			continue
		}
		step := c
		if t.Block > 0 {
			step = t.Block
		}
		for i := 0; i < c; i += step {
			transpose(t, dst[i:], w[(j+i)*k:], k, min(step, c-i), k, cols)
		}
	}
	return p
}

// into adds a (m,k) times the matrix to c, or sets c with acc 0.
func (p *panels[T]) into(t *simd.Tile[T], c, a block[T], m, acc int) {
	for j := 0; j < p.n; j += t.Cols {
		smallProduct(t, block[T]{c.x[j:], c.ld}, a.x, a.ld, 1, block[T]{p.x[j*p.k:], t.Cols}, m, min(t.Cols, p.n-j), p.k, acc)
	}
}

// columnSums is the sums of the columns of x (rows,n).
func columnSums[T Float](v *vector[T], x []T, n int) []T {
	const size = 256
	rows := len(x) / n
	pieces := (rows + size - 1) / size
	parts := make([]T, n*max(pieces, 1))
	ParallelChunks(rows, size, func(i, lo, hi int) {
		for r := lo; r < hi; r++ {
			v.add(parts[i*n:][:n], parts[i*n:][:n], x[r*n:][:n])
		}
	})
	for i := 1; i < pieces; i++ {
		v.add(parts[:n], parts[:n], parts[i*n:][:n])
	}
	return parts[:n]
}

// weightGrad is the gradient of the weights (m,h) of the states, from those of the products, slope (places,m): y is the states, first
// those before the first step.
func weightGrad[T Float](v *vector[T], r *Recurrent, w *Array, slope []T, y, first []T, long int) Array {
	mem, states := scratch[T](r.T * r.N * r.H) // before each place, in the order of x
	defer mem.Free()
	Parallel(r.T, 1+1<<15/(r.N*r.H+1), func(lo, hi int) {
		for s := lo; s < hi; s++ {
			from := before(r, block[T]{y, r.H}, block[T]{first, r.H}, long, s, 0)
			for i := range r.N {
				copy(states[r.row(r.T, r.time(s), i)*r.H:][:r.H], from.x[i*from.ld:][:r.H])
			}
		}
	})
	d := New(w.DType, w.Shape)
	matMul(v.tile(), Flat[T](&d), slope, states, w.Shape[0], r.H, r.T*r.N, true, false, false, nil)
	return d
}

// inputGrads is the gradients of x, if it is wanted, and of its weights w (m,k), from those of the products, slope (places,m).
func inputGrads[T Float](v *vector[T], r *Recurrent, x, w *Array, slope []T, wantX bool) (dx, dw Array) {
	m, places := w.Shape[0], r.T*r.N
	if wantX {
		var flat Array
		dx, flat = r.array(x.DType, r.T, r.K)
		weight, done := packed(w)
		defer done()
		matMul(v.tile(), Flat[T](&flat), slope, Flat[T](&weight), places, r.K, m, false, false, false, nil)
	}
	dw = New(w.DType, w.Shape)
	matMul(v.tile(), Flat[T](&dw), slope, Flat[T](x), m, r.K, places, true, false, false, nil)
	return dx, dw
}

// inOrder is y, which array made, row by row in the order of x.
func (r *Recurrent) inOrder(y *Array) Array {
	if r.byExample {
		return y.Transpose([]int{1, 0, 2})
	}
	return *y
}

// weights is the arrays of a recurrent op after its first, contiguous: two weights, two biases, and as many first states as wanted,
// which are zeros where they are missing.
func weights[T Float](in []*Array, states int) (w [][]T, done func()) {
	var frees []func()
	for _, a := range in[1:] {
		x, free := packed(a)
		frees = append(frees, free)
		w = append(w, Flat[T](&x))
	}
	for len(w) < 4+states {
		w = append(w, make([]T, in[0].Shape[1]*in[2].Shape[1]))
	}
	return w, func() {
		for _, free := range frees {
			free()
		}
		runtime.KeepAlive(in)
	}
}
