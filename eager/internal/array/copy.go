package array

import (
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Contiguous is a copy of a, row by row.
func Contiguous(a *Array) Array {
	c := New(a.DType, a.Shape)
	Copy(&c, a)
	return c
}

// Copy writes src, which broadcasts to the shape of dst and has its kind of numbers, over dst.
func Copy(dst, src *Array) {
	switch dst.DType.Size() {
	case 1:
		copyOf[uint8](dst, src)
	case 4:
		copyOf[float32](dst, src)
	default:
		copyOf[int64](dst, src) // moves float64 as well: only the bits matter
	}
	runtime.KeepAlive(dst.Store)
	runtime.KeepAlive(src.Store)
}

func copyOf[T Number](dst, src *Array) {
	if dst.Strides == nil && src.Strides == nil && Equal(dst.Shape, src.Shape) {
		copy(Flat[T](dst), Flat[T](src))
		return
	}
	p := newPlan(dst.Shape, dst, src)
	d, s := from[T](dst), from[T](src)
	if p.rank >= 2 && p.step[0][p.rank-1] == 1 && p.step[1][p.rank-2] == 1 && p.step[1][p.rank-1] > 1 {
		copyTurned(&p, d, s)
		return
	}
	r := copyRun[T]{d, s, p.inner(0), p.inner(1)}
	if p.size() <= 1<<16 {
		p.rows(r.row)
	} else {
		p.share(1<<15, r.row)
	}
}

// copyRun is where a copy goes and where it comes from, and the steps of a run through them.
type copyRun[T Number] struct {
	d, s   []T
	sd, ss int
}

func (r copyRun[T]) row(at *[maxOperands]int, n int) {
	i, j := at[0], at[1]
	if r.sd == 1 && r.ss == 1 {
		copy(r.d[i:i+n], r.s[j:j+n])
		return
	}
	if r.sd == 1 && r.ss == 0 {
		v, row := r.s[j], r.d[i:i+n]
		for c := range row {
			row[c] = v
		}
		return
	}
	for range n {
		r.d[i] = r.s[j]
		i += r.sd
		j += r.ss
	}
}

// copyTurned copies when the last two axes are swapped.
func copyTurned[T Number](p *plan, d, s []T) {
	r := p.rank
	rows, cols, sd, ss := p.dim[r-2], p.dim[r-1], p.step[0][r-2], p.step[1][r-1]
	outer := *p
	outer.rank = r - 2
	const high = 64 // rows of the result that are handled together: their places in memory are far from each other
	strips := (rows + high - 1) / high
	one := func(d0, s0, strip int) {
		a := strip * high
		turn(d[d0+a*sd:], s[s0+a:], min(high, rows-a), cols, sd, ss)
	}
	grain := max(1, (1<<15)/(high*cols))
	if outer.rank == 0 {
		Parallel(strips, grain, func(lo, hi int) {
			for strip := lo; strip < hi; strip++ {
				one(p.start[0], p.start[1], strip)
			}
		})
		return
	}
	so, sp := outer.inner(0), outer.inner(1)
	outer.share(max(1, grain/strips), func(at *[maxOperands]int, n int) {
		for k := range n {
			for strip := range strips {
				one(at[0]+k*so, at[1]+k*sp, strip)
			}
		}
	})
}

// turn sets d (rows,cols), whose rows are sd apart, to the transposed of s (cols,rows), whose rows are ss apart.
func turn[T Number](d, s []T, rows, cols, sd, ss int) {
	done := 0
	if x, is := any(d).([]float32); is {
		done = turn32(x, any(s).([]float32), rows, cols, sd, ss)
	}
	const side = 16
	for j := done; j < cols; j += side {
		end := min(j+side, cols)
		for a := range rows {
			row := d[a*sd : a*sd+end]
			for b := j; b < end; b++ {
				row[b] = s[a+b*ss]
			}
		}
	}
}

// turn32 does what fits into whole squares of the vector kernel, and says how many columns that was.
func turn32(d, s []float32, rows, cols, sd, ss int) int {
	t := simd.Tile32()
	if t.Block == 0 || sd < t.Block {
		return 0
	}
	whole := cols / t.Block * t.Block
	for j := 0; j < whole; j += t.Block {
		t.PackRows(&d[j], &s[j*ss], ss, t.Block, rows, sd)
	}
	return whole
}

// Fill writes v over every number of a contiguous array.
func Fill(a *Array, v float64) {
	switch a.DType {
	case Float32:
		fill(a, float32(v))
	case Float64:
		fill(a, v)
	case Int64:
		fill(a, int64(v))
	default:
		fill(a, uint8(v))
	}
}

func fill[T Number](a *Array, v T) {
	x := Flat[T](a)
	for i := range x {
		x[i] = v
	}
}

// Cast is a with another kind of numbers. Floats lose their fraction on the way to integers; anything but 0 is true.
func Cast(a *Array, d DType) Array {
	x, done := packed(a)
	defer done()
	y := New(d, a.Shape)
	switch a.DType {
	case Float32:
		castFrom[float32](&y, &x)
	case Float64:
		castFrom[float64](&y, &x)
	case Int64:
		castFrom[int64](&y, &x)
	default:
		castFrom[uint8](&y, &x)
	}
	runtime.KeepAlive(x.Store)
	return y
}

func castFrom[S Number](y, x *Array) {
	s := Flat[S](x)
	switch y.DType {
	case Float32:
		castTo[S, float32](y, s)
	case Float64:
		castTo[S, float64](y, s)
	case Int64:
		castTo[S, int64](y, s)
	case Uint8:
		castTo[S, uint8](y, s)
	default:
		d := Flat[uint8](y)
		for i, v := range s {
			d[i] = 0
			if v != 0 {
				d[i] = 1
			}
		}
	}
}

func castTo[S, D Number](y *Array, s []S) {
	d := Flat[D](y)
	for i, v := range s {
		d[i] = D(v)
	}
}

// Float64s is a copy of the numbers, row by row.
func Float64s(a *Array) []float64 {
	x, done := packed(a)
	defer done()
	out := make([]float64, x.Size())
	switch x.DType {
	case Float32:
		widen(out, Flat[float32](&x))
	case Float64:
		copy(out, Flat[float64](&x))
	case Int64:
		widen(out, Flat[int64](&x))
	default:
		widen(out, Flat[uint8](&x))
	}
	runtime.KeepAlive(x.Store)
	return out
}

func widen[T Number](out []float64, x []T) {
	for i, v := range x {
		out[i] = float64(v)
	}
}

// At is one number of the store.
func (a *Array) At(i int) float64 {
	defer runtime.KeepAlive(a.Store)
	switch a.DType {
	case Float32:
		return float64(from[float32](a)[i])
	case Float64:
		return from[float64](a)[i]
	case Int64:
		return float64(from[int64](a)[i])
	default:
		return float64(from[uint8](a)[i])
	}
}
