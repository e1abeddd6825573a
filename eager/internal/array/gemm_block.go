package array

import (
	"runtime"
	"unsafe"

	"github.com/tapir-go/tapir/eager/internal/pool"
	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Block sizes of a matrix product. A chunk of a and a panel of b stay in the second cache, the block of b in the third.
const (
	blockK      = 1024
	blockN      = 2048
	maxUnpacked = 1 << 20 // bytes of b
	chunkPanels = 12      // row panels whose part of a is packed together
)

// gemm is one matrix product. c is cut into row panels of nearly equal height, at most a tile's, and column panels of a
// tile's width; k into blocks of nearly equal length. Every number of c is summed up along k in order, block by block,
// whoever computes it.
type gemm[T real] struct {
	t        *simd.Tile[T]
	c, a, b  []T
	m, n, k  int
	ars, aks int // strides of a: a[i,k] is at i*ars + k*aks
	tb       bool
	acc      int
	bias     []T // (n), what c starts from; or nil

	panels       int // row panels
	packA, packB bool
	pc, kc       int // the block of k
	jc, nc       int // the block of columns
	packed       []T // that block of b, panel by panel, if packB
	shared       []T // the block of k of all of a, panel by panel, if threads share it
}

// row is the first row of panel p.
func (g *gemm[T]) row(p int) int { return cut(g.m, g.panels, p) }

// cut is where part i of n begins that is cut into parts of nearly equal size.
func cut(n, parts, i int) int { return i*(n/parts) + min(i, n%parts) }

func (g *gemm[T]) run() {
	cols := g.t.Cols
	g.panels = (g.m + g.t.Rows - 1) / g.t.Rows
	// A copy in the order of use pays if the kernels pass over it several times, and for b if the second cache does not
	// hold it as it is.
	g.packA = g.n > 4*cols
	g.packB = g.tb || g.m > 8*g.t.Rows && g.k*g.n*int(unsafe.Sizeof(g.b[0])) > maxUnpacked
	blocks := (g.k + blockK - 1) / blockK
	block := (g.k + blocks - 1) / blocks
	block = (block + 3) &^ 3
	if g.packB {
		width := (min(g.n, blockN) + cols - 1) / cols * cols
		var s *pool.Block
		s, g.packed = scratch[T](width * min(block, g.k))
		defer s.Free()
	}
	threads := g.threads()
	for g.jc = 0; g.jc < g.n; g.jc += blockN {
		g.nc = min(blockN, g.n-g.jc)
		acc := g.acc
		for g.pc = 0; g.pc < g.k; g.pc += block {
			g.kc = min(block, g.k-g.pc)
			if threads == 1 {
				g.serial(acc)
			} else {
				g.parallel(acc, threads)
			}
			acc = 1
		}
	}
}

// smallTask is how many multiplications make a task of some 6 microseconds, on the processor that the tile is for.
func (g *gemm[T]) smallTask() int { return (1 << 19) * g.t.Rows * g.t.Cols / (14 * 32) }

// threads is how many processors are worth calling.
func (g *gemm[T]) threads() int {
	return max(1, min(g.m*g.n*g.k/g.smallTask(), runtime.GOMAXPROCS(0)))
}

func (g *gemm[T]) serial(acc int) {
	panels := (g.nc + g.t.Cols - 1) / g.t.Cols
	if g.packB {
		for q := range panels {
			g.packColumns(q)
		}
	}
	for p := 0; p < g.panels; p += chunkPanels {
		g.compute(p, min(p+chunkPanels, g.panels), 0, panels, acc)
	}
}

// parallel takes a copy, so that the product need not be on the heap where it is serial.
func (g *gemm[T]) parallel(acc, threads int) {
	s := *g
	panels := (s.nc + s.t.Cols - 1) / s.t.Cols
	rows, columns, share := s.grid(panels, threads)
	copies, shared := 0, 0 // column panels to copy first, then row panels
	if s.packB {
		copies = panels
	}
	if share {
		var block *pool.Block
		block, s.shared = scratch[T](s.panels * s.panel())
		defer block.Free()
		shared = s.panels
	}
	Parallel(copies+shared, max(1, (1<<14)/(s.kc*s.t.Cols)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if i < copies {
				s.packColumns(i)
			} else {
				s.packRows(s.shared[(i-copies)*s.panel():], i-copies)
			}
		}
	})
	ParallelChunks(rows*columns, 1, func(i, _, _ int) {
		r, q := i/columns, i%columns
		s.compute(s.panels*r/rows, s.panels*(r+1)/rows, panels*q/columns, panels*(q+1)/columns, acc)
	})
}

// grid is the tasks that a block is cut into, and whether a is copied first, for all of them. A task of many row panels
// uses a column panel most often while it is in the cache; several tasks for each processor leave little to wait for
// when one comes late.
func (g *gemm[T]) grid(panels, threads int) (rows, columns int, share bool) {
	tasks := max(threads, min(4*threads, g.m*g.nc*g.kc/g.smallTask()))
	rows = (g.panels + chunkPanels - 1) / chunkPanels
	if !g.packA || rows >= tasks {
		rows = min(g.panels, max(rows, tasks))
		rows = min(g.panels, (rows+threads-1)/threads*threads)
		if rows < threads {
			columns = min(panels, (tasks+rows-1)/rows)
		}
		return rows, max(1, columns), false
	}
	columns = min(panels, (tasks+rows-1)/rows)
	for columns < panels && rows*columns%threads != 0 {
		columns++
	}
	if rows*columns < threads {
		rows = min(g.panels, (tasks+columns-1)/columns)
	}
	// A small part of a is copied faster by each task than fetched from the cache of another processor.
	return rows, columns, g.m*g.kc > 1<<15
}

// compute computes row panels p0 to p1 of column panels q0 to q1.
func (g *gemm[T]) compute(p0, p1, q0, q1, acc int) {
	t, cols := g.t, g.t.Cols
	size := g.panel()
	var mine []T
	switch {
	case g.shared != nil:
		mine = g.shared[p0*size:]
	case g.packA:
		var s *pool.Block
		s, mine = scratch[T]((p1 - p0) * size)
		defer s.Free()
		for p := p0; p < p1; p++ {
			g.packRows(mine[(p-p0)*size:], p)
		}
	}
	for q := q0; q < q1; q++ {
		j := g.jc + q*cols
		w := min(cols, g.jc+g.nc-j)
		var b *T
		ldb := g.n
		if g.packB {
			b, ldb = &g.packed[q*cols*g.kc], cols
		} else {
			b = &g.b[g.pc*g.n+j]
		}
		for p := p0; p < p1; p++ {
			r := g.row(p)
			h := g.row(p+1) - r
			c := &g.c[r*g.n+j]
			acc := acc
			if g.bias != nil && g.pc == 0 {
				t.PackColumns(c, &g.bias[j], 0, w, h, g.n) // stays in the first cache
				acc = 1
			}
			switch {
			case !g.packA:
				t.Edge[(w-1)/(cols/2)][h](g.kc, &g.a[r*g.ars+g.pc*g.aks], g.ars, g.aks, b, ldb, c, g.n, w, acc)
			case w == cols:
				t.Panel[h](g.kc, &mine[(p-p0)*size], b, ldb, c, g.n, acc)
			default:
				t.Edge[(w-1)/(cols/2)][h](g.kc, &mine[(p-p0)*size], 1, h, b, ldb, c, g.n, w, acc)
			}
		}
	}
}

// panel is the room for a row panel's block of k: what it has at most, and what PackRows spoils after it.
func (g *gemm[T]) panel() int { return (g.t.Rows*g.kc + g.t.Block + 15) &^ 15 }

// packRows copies row panel p of a, the block of k, so that the numbers of one k lie together.
func (g *gemm[T]) packRows(dst []T, p int) {
	r := g.row(p)
	h := g.row(p+1) - r
	if g.ars == 1 {
		g.t.PackColumns(&dst[0], &g.a[g.pc*g.aks+r], g.aks, h, g.kc, h)
		return
	}
	transpose(g.t, dst, g.a[r*g.ars+g.pc:], g.ars, h, g.kc, h)
}

// packColumns copies column panel q of the block of b.
func (g *gemm[T]) packColumns(q int) {
	cols := g.t.Cols
	j := g.jc + q*cols
	w := min(cols, g.jc+g.nc-j)
	dst := g.packed[q*cols*g.kc:][:cols*g.kc]
	if !g.tb {
		g.t.PackColumns(&dst[0], &g.b[g.pc*g.n+j], g.n, w, g.kc, cols)
		return
	}
	step := cols
	if g.t.Block > 0 {
		step = g.t.Block
	}
	for i := 0; i < w; i += step {
		transpose(g.t, dst[i:], g.b[(j+i)*g.k+g.pc:], g.k, min(step, w-i), g.kc, cols)
	}
}

// transpose copies dst[k*ds+i] = src[i*lds+k] for k below kc and i below rows. It may spoil what follows in dst, as far
// as t.Block from each k's first number.
func transpose[T real](t *simd.Tile[T], dst, src []T, lds, rows, kc, ds int) {
	if t.Block > 0 {
		t.PackRows(&dst[0], &src[0], lds, rows, kc, ds)
		return
	}
	for i := range rows {
		for k, x := range src[i*lds:][:kc] {
			dst[k*ds+i] = x
		}
	}
}

// scratch is n numbers of pooled memory, to be freed by the caller.
func scratch[T real](n int) (*pool.Block, []T) {
	s := pool.Get(max(pool.Big, n*int(unsafe.Sizeof(*new(T)))))
	bytes := s.Bytes()
	return s, unsafe.Slice((*T)(unsafe.Pointer(&bytes[0])), n)
}
