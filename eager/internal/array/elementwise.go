package array

import "runtime"

// Unary is an elementwise function. F32 is the fast form for float32, and may be nil; dst may be x.
type Unary struct {
	F   func(float64) float64
	F32 func(dst, x []float32)
}

// Apply is f of every number of a, which holds floats.
func (f *Unary) Apply(a *Array) Array {
	y := New(a.DType, a.Shape)
	x := *a
	if a.Strides != nil {
		Copy(&y, a)
		x = y
	}
	if a.DType == Float32 {
		d, s := y.F32(), x.F32()
		if f.F32 != nil {
			each(len(d), 1<<15, func(lo, hi int) { f.F32(d[lo:hi], s[lo:hi]) })
		} else {
			each(len(d), 1<<12, func(lo, hi int) {
				for i, v := range s[lo:hi] {
					d[lo+i] = float32(f.F(float64(v)))
				}
			})
		}
	} else {
		d := Flat[float64](&y)
		for i, v := range Flat[float64](&x) {
			d[i] = f.F(v)
		}
	}
	runtime.KeepAlive(a.Store)
	return y
}

// Whole is f of every number of a, which holds whole numbers; bytes wrap around.
func Whole(a *Array, f func(int64) int64) Array {
	y := Contiguous(a)
	if a.DType == Int64 {
		whole(Flat[int64](&y), f)
	} else {
		whole(Flat[uint8](&y), f)
	}
	return y
}

func whole[T int64 | uint8](x []T, f func(int64) int64) {
	for i, v := range x {
		x[i] = T(f(int64(v)))
	}
}

// Kernels are the loops of a binary function over runs of one kind of numbers: vector with vector, vector with one number, one
// number with vector. VS and SV may be nil.
type Kernels[T Number] struct {
	VV func(dst, x, y []T)
	VS func(dst, x []T, y T)
	SV func(dst []T, x T, y []T)
}

// Binary is an elementwise function of two arrays.
type Binary struct {
	F32 Kernels[float32]
	F64 Kernels[float64]
	I64 Kernels[int64]
	U8  Kernels[uint8]
}

// Apply is f of a and b, which hold one kind of numbers and broadcast to shape.
func (f *Binary) Apply(a, b *Array, shape []int) Array {
	y := New(a.DType, shape)
	switch a.DType {
	case Float32:
		binary(&y, a, b, &f.F32)
	case Float64:
		binary(&y, a, b, &f.F64)
	case Int64:
		binary(&y, a, b, &f.I64)
	default:
		binary(&y, a, b, &f.U8)
	}
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(b.Store)
	return y
}

func binary[T Number](y, a, b *Array, k *Kernels[T]) {
	if a.Strides == nil && b.Strides == nil && Equal(a.Shape, b.Shape) {
		d, s, t := Flat[T](y), Flat[T](a), Flat[T](b)
		each(len(d), 1<<15, func(lo, hi int) { k.VV(d[lo:hi], s[lo:hi], t[lo:hi]) })
		return
	}
	p := newPlan(y.Shape, y, a, b)
	d, s, t := from[T](y), from[T](a), from[T](b)
	ss, st := p.inner(1), p.inner(2)
	p.rows(func(at *[maxOperands]int, n int) {
		row := d[at[0] : at[0]+n]
		i, j := at[1], at[2]
		switch {
		case ss == 1 && st == 1:
			k.VV(row, s[i:i+n], t[j:j+n])
		case ss == 1 && st == 0 && k.VS != nil:
			k.VS(row, s[i:i+n], t[j])
		case ss == 0 && st == 1 && k.SV != nil:
			k.SV(row, s[i], t[j:j+n])
		case ss == 0 && st == 0:
			k.VV(row[:1], s[i:i+1], t[j:j+1])
			for c := 1; c < n; c++ {
				row[c] = row[0]
			}
		default:
			strided(row, s, t, i, j, ss, st, k)
		}
	})
}

// strided runs a kernel over gathered pieces.
func strided[T Number](row, s, t []T, i, j, ss, st int, k *Kernels[T]) {
	const few = 64
	var x, y [few]T
	for len(row) > 0 {
		n := min(few, len(row))
		for c := range n {
			x[c], y[c] = s[i], t[j]
			i += ss
			j += st
		}
		k.VV(row[:n], x[:n], y[:n])
		row = row[n:]
	}
}

// Arithmetic makes the kernels of f for one kind of numbers.
func Arithmetic[T Number](f func(x, y T) T) Kernels[T] {
	return Kernels[T]{
		VV: func(dst, x, y []T) {
			y = y[:len(x)]
			for i, v := range x {
				dst[i] = f(v, y[i])
			}
		},
		VS: func(dst, x []T, y T) {
			for i, v := range x {
				dst[i] = f(v, y)
			}
		},
		SV: func(dst []T, x T, y []T) {
			for i, v := range y {
				dst[i] = f(x, v)
			}
		},
	}
}

// Relation names a comparison of numbers.
type Relation uint8

// The comparisons; NaN is different from everything.
const (
	Equals Relation = iota
	Differs
	Below
	AtMost
)

// Compare is a Bool array that says where the relation holds between a and b, which hold one kind of numbers and broadcast to shape.
func Compare(r Relation, a, b *Array, shape []int) Array {
	y := New(Bool, shape)
	switch a.DType {
	case Float32:
		compare[float32](r, &y, a, b)
	case Float64:
		compare[float64](r, &y, a, b)
	case Int64:
		compare[int64](r, &y, a, b)
	default:
		compare[uint8](r, &y, a, b)
	}
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(b.Store)
	return y
}

func compare[T Number](r Relation, y, a, b *Array) {
	p := newPlan(y.Shape, y, a, b)
	d, s, t := from[uint8](y), from[T](a), from[T](b)
	ss, st := p.inner(1), p.inner(2)
	p.rows(func(at *[maxOperands]int, n int) {
		row, i, j := d[at[0]:at[0]+n], at[1], at[2]
		switch r {
		case Equals:
			for c := range row {
				row[c] = flag(s[i] == t[j])
				i, j = i+ss, j+st
			}
		case Differs:
			for c := range row {
				row[c] = flag(s[i] != t[j])
				i, j = i+ss, j+st
			}
		case Below:
			for c := range row {
				row[c] = flag(s[i] < t[j])
				i, j = i+ss, j+st
			}
		case AtMost:
			for c := range row {
				row[c] = flag(s[i] <= t[j])
				i, j = i+ss, j+st
			}
		}
	})
}

// flag is 1 for true; the compiler makes one instruction of it.
func flag(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// Where takes from a where cond is true and from b elsewhere; all three broadcast to shape.
func Where(cond, a, b *Array, shape []int) Array {
	y := New(a.DType, shape)
	switch a.DType.Size() {
	case 1:
		where[uint8](&y, cond, a, b)
	case 4:
		where[float32](&y, cond, a, b)
	default:
		where[int64](&y, cond, a, b) // moves float64 as well
	}
	runtime.KeepAlive(cond.Store)
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(b.Store)
	return y
}

func where[T Number](y, cond, a, b *Array) {
	p := newPlan(y.Shape, y, cond, a, b)
	d, c, s, t := from[T](y), from[uint8](cond), from[T](a), from[T](b)
	sc, ss, st := p.inner(1), p.inner(2), p.inner(3)
	p.rows(func(at *[maxOperands]int, n int) {
		h, i, j := at[1], at[2], at[3]
		row := d[at[0] : at[0]+n]
		for k := range row {
			if c[h] != 0 {
				row[k] = s[i]
			} else {
				row[k] = t[j]
			}
			h += sc
			i += ss
			j += st
		}
	})
}
