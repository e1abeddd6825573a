package array

import "runtime"

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
	sd, ss := p.inner(0), p.inner(1)
	p.rows(func(at *[maxOperands]int, n int) {
		i, j := at[0], at[1]
		if sd == 1 && ss == 1 {
			copy(d[i:i+n], s[j:j+n])
			return
		}
		if sd == 1 && ss == 0 {
			v, row := s[j], d[i:i+n]
			for c := range row {
				row[c] = v
			}
			return
		}
		for range n {
			d[i] = s[j]
			i += sd
			j += ss
		}
	})
}

// copyTurned copies when the last two axes are swapped, in squares that stay in the cache.
func copyTurned[T Number](p *plan, d, s []T) {
	const side = 16
	r := p.rank
	rows, cols, sd, ss := p.dim[r-2], p.dim[r-1], p.step[0][r-2], p.step[1][r-1]
	outer := *p
	outer.rank = r - 2
	one := func(d0, s0 int) {
		for i := 0; i < rows; i += side {
			for j := 0; j < cols; j += side {
				for a := i; a < min(i+side, rows); a++ {
					row := d[d0+a*sd:]
					for b := j; b < min(j+side, cols); b++ {
						row[b] = s[s0+a+b*ss]
					}
				}
			}
		}
	}
	if outer.rank == 0 {
		one(p.start[0], p.start[1])
		return
	}
	so, sp := outer.inner(0), outer.inner(1)
	outer.rows(func(at *[maxOperands]int, n int) {
		for k := range n {
			one(at[0]+k*so, at[1]+k*sp)
		}
	})
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
