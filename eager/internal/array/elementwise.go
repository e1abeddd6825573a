package array

import (
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

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
		d, s := Flat[float64](&y), Flat[float64](&x)
		each(len(d), 1<<12, func(lo, hi int) {
			for i, v := range s[lo:hi] {
				d[lo+i] = f.F(v)
			}
		})
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
// number with vector.
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
	f.Into(&y, a, b)
	return y
}

// Into is Apply whose result goes to y, without strides. y may be an argument of the same shape.
func (f *Binary) Into(y, a, b *Array) {
	switch a.DType {
	case Float32:
		binary(y, a, b, &f.F32)
	case Float64:
		binary(y, a, b, &f.F64)
	case Int64:
		binary(y, a, b, &f.I64)
	default:
		binary(y, a, b, &f.U8)
	}
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(b.Store)
}

func binary[T Number](y, a, b *Array, k *Kernels[T]) {
	if a.Strides == nil && b.Strides == nil && Equal(a.Shape, b.Shape) {
		d, s, t := Flat[T](y), Flat[T](a), Flat[T](b)
		each(len(d), 1<<15, func(lo, hi int) { k.VV(d[lo:hi], s[lo:hi], t[lo:hi]) })
		return
	}
	p, x, z := pair(y, a, b)
	r := binaryRun[T]{from[T](y), from[T](&x), from[T](&z), p.inner(1), p.inner(2), k}
	if p.size() <= 1<<16 {
		p.rows(r.row)
	} else {
		p.share(1<<15, r.row)
	}
	release(&x, a)
	release(&z, b)
}

// binaryRun is the operands of a binary function and the steps of a run through them, 0 or 1.
type binaryRun[T Number] struct {
	d, s, t []T
	ss, st  int
	k       *Kernels[T]
}

func (r binaryRun[T]) row(at *[maxOperands]int, n int) {
	row := r.d[at[0] : at[0]+n]
	i, j := at[1], at[2]
	switch {
	case r.ss == 1 && r.st == 1:
		r.k.VV(row, r.s[i:i+n], r.t[j:j+n])
	case r.ss == 1:
		r.k.VS(row, r.s[i:i+n], r.t[j])
	case r.st == 1:
		r.k.SV(row, r.s[i], r.t[j:j+n])
	default:
		r.k.VV(row[:1], r.s[i:i+1], r.t[j:j+1])
		for c := 1; c < n; c++ {
			row[c] = row[0]
		}
	}
}

// pair is the plan of y made from a and b, whose runs go from number to number in y, and in a and b as well or stay. x and z are a
// and b, or copies, to be released.
func pair(y, a, b *Array) (p plan, x, z Array) {
	p = newPlan(y.Shape, y, a, b)
	x, z = p.dense(1, a), p.dense(2, b)
	if x.Store != a.Store || z.Store != b.Store {
		p = newPlan(y.Shape, y, &x, &z)
	}
	return p, x, z
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
	p, x, z := pair(y, a, b)
	d, s, t := from[uint8](y), from[T](&x), from[T](&z)
	ss, st := p.inner(1), p.inner(2)
	p.share(1<<14, func(at *[maxOperands]int, n int) {
		row, i, j := d[at[0]:at[0]+n], at[1], at[2]
		if ss == 1 && st == 1 {
			relate(r, row, s[i:i+n], t[j:j+n])
			return
		}
		var left, right [few]T // copies of a number that stays
		pieces(len(row), func(lo, hi int) {
			relate(r, row[lo:hi], steady(s, i, ss, lo, hi, &left), steady(t, j, st, lo, hi, &right))
		})
	})
	release(&x, a)
	release(&z, b)
}

// few is how many copies are made of a number that is used over and over.
const few = 256

// pieces calls f for pieces of at most few of n numbers.
func pieces(n int, f func(lo, hi int)) {
	for lo := 0; lo < n; lo += few {
		f(lo, min(lo+few, n))
	}
}

// steady is numbers lo to hi of a run that begins at number i of x. If the run stays there, they are copies.
func steady[T element](x []T, i, step, lo, hi int, copies *[few]T) []T {
	if step == 1 {
		return x[i+lo : i+hi]
	}
	part := copies[:hi-lo]
	if lo == 0 {
		for c := range part {
			part[c] = x[i]
		}
	}
	return part
}

var relations32 = [...]func(y []uint8, s, t []float32){Equals: simd.Equals, Differs: simd.Differs, Below: simd.Below, AtMost: simd.AtMost}

// relate sets y to where the relation holds between s and t.
func relate[T Number](r Relation, y []uint8, s, t []T) {
	s, t = s[:len(y)], t[:len(y)]
	if x, is := any(s).([]float32); is {
		relations32[r](y, x, any(t).([]float32))
		return
	}
	switch r {
	case Equals:
		for c := range y {
			y[c] = flag(s[c] == t[c])
		}
	case Differs:
		for c := range y {
			y[c] = flag(s[c] != t[c])
		}
	case Below:
		for c := range y {
			y[c] = flag(s[c] < t[c])
		}
	case AtMost:
		for c := range y {
			y[c] = flag(s[c] <= t[c])
		}
	}
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
	switch a.DType.Size() { // bits are moved, whatever they mean
	case 1:
		where[uint8](&y, cond, a, b)
	case 4:
		where[float32](&y, cond, a, b)
	default:
		where[uint64](&y, cond, a, b)
	}
	runtime.KeepAlive(cond.Store)
	runtime.KeepAlive(a.Store)
	runtime.KeepAlive(b.Store)
	return y
}

func where[T bits](y, cond, a, b *Array) {
	p := newPlan(y.Shape, y, cond, a, b)
	own := [3]Array{p.dense(1, cond), p.dense(2, a), p.dense(3, b)}
	p = newPlan(y.Shape, y, &own[0], &own[1], &own[2])
	d, c, s, t := from[T](y), from[uint8](&own[0]), from[T](&own[1]), from[T](&own[2])
	sc, ss, st := p.inner(1), p.inner(2), p.inner(3)
	p.share(1<<14, func(at *[maxOperands]int, n int) {
		row := d[at[0] : at[0]+n]
		if sc == 1 && ss == 1 && st == 1 {
			choose(row, c[at[1]:at[1]+n], s[at[2]:at[2]+n], t[at[3]:at[3]+n])
			return
		}
		var flags [few]uint8
		var left, right [few]T
		pieces(len(row), func(lo, hi int) {
			choose(row[lo:hi], steady(c, at[1], sc, lo, hi, &flags), steady(s, at[2], ss, lo, hi, &left), steady(t, at[3], st, lo, hi, &right))
		})
	})
	for k, x := range []*Array{cond, a, b} {
		release(&own[k], x)
	}
}

// choose sets y to s where c is 1, and to t where it is 0.
func choose[T bits](y []T, c []uint8, s, t []T) {
	c, s, t = c[:len(y)], s[:len(y)], t[:len(y)]
	switch y := any(y).(type) {
	case []float32:
		simd.Choose(y, c, any(s).([]float32), any(t).([]float32))
	case []uint8:
		chooseBits(y, c, any(s).([]uint8), any(t).([]uint8))
	case []uint64:
		chooseBits(y, c, any(s).([]uint64), any(t).([]uint64))
	}
}

func chooseBits[T uint8 | uint64](y []T, c []uint8, s, t []T) {
	for i := range y { // without a branch
		y[i] = t[i] ^ (s[i]^t[i])&-T(c[i])
	}
}
