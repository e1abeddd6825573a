package array

import (
	"cmp"
	"runtime"
	"slices"
)

// Take picks places along an axis: the axis is replaced by the axes of idx. idx is contiguous Int64 within range.
func Take(a *Array, axis int, idx *Array) Array {
	x, done := packed(a)
	defer done()
	shape := append(append(append([]int(nil), a.Shape[:axis]...), idx.Shape...), a.Shape[axis+1:]...)
	y := New(a.DType, shape)
	switch a.DType.Size() {
	case 1:
		take[uint8](&y, &x, axis, idx)
	case 4:
		take[float32](&y, &x, axis, idx)
	default:
		take[int64](&y, &x, axis, idx)
	}
	runtime.KeepAlive(x.Store)
	runtime.KeepAlive(idx.Store)
	return y
}

func take[T Number](y, x *Array, axis int, idx *Array) {
	outer, n, inner := split(x.Shape, axis)
	d, s, at := Flat[T](y), Flat[T](x), Flat[int64](idx)
	each(outer*len(at), 1+(1<<15)/max(inner, 1), func(lo, hi int) {
		for p := lo; p < hi; p++ {
			from := (p/len(at)*n + int(at[p%len(at)])) * inner
			copy(d[p*inner:(p+1)*inner], s[from:from+inner])
		}
	})
}

// PutAdd is the reverse of Take: zeros with n places along the axis, to which the places of g are added.
func PutAdd(g *Array, axis, n int, idx *Array) Array {
	x, done := packed(g)
	defer done()
	shape := append(append(append([]int(nil), g.Shape[:axis]...), n), g.Shape[axis+len(idx.Shape):]...)
	y := Zeros(g.DType, shape)
	if g.DType == Float32 {
		putAdd(&vector32, &y, &x, axis, idx)
	} else {
		putAdd(&vector64, &y, &x, axis, idx)
	}
	runtime.KeepAlive(x.Store)
	runtime.KeepAlive(idx.Store)
	return y
}

// putAdd has each processor add to some of the places, all that belongs there in the order of idx.
func putAdd[T Float](v *vector[T], y, x *Array, axis int, idx *Array) {
	outer, n, inner := split(y.Shape, axis)
	d, s, at := Flat[T](y), Flat[T](x), Flat[int64](idx)
	add := func(o, lo, hi int) {
		for k, i := range at {
			if int(i) < lo || int(i) >= hi {
				continue
			}
			row, more := d[(o*n+int(i))*inner:][:inner], s[(o*len(at)+k)*inner:][:inner]
			if inner == 1 {
				row[0] += more[0]
			} else {
				v.add(row, row, more)
			}
		}
	}
	const work = 1 << 16
	if outer*len(at)*inner <= work {
		for o := range outer {
			add(o, 0, n)
		}
		return
	}
	parts := min(n, 16, 1+len(at)*inner/(work/4)) // each looks at all of idx
	ParallelChunks(outer*parts, 1, func(task, _, _ int) {
		k := task % parts
		add(task/parts, k*n/parts, (k+1)*n/parts)
	})
}

// eachPlace calls f with the flat place in idx and the flat place in an array of shape whose axis idx chooses.
func eachPlace(shape []int, axis int, idx *Array, f func(i, j int)) {
	st := rowMajor(shape)
	at := Flat[int64](idx)
	var index [MaxRank]int
	for i, k := range at {
		j := int(k) * st[axis]
		for d := range shape {
			if d != axis {
				j += index[d] * st[d]
			}
		}
		f(i, j)
		for d := len(shape) - 1; d >= 0; d-- {
			index[d]++
			if index[d] < idx.Shape[d] {
				break
			}
			index[d] = 0
		}
	}
}

// Gather has the shape of idx: y[i][j] = a[idx[i][j]][j] for axis 0, and so on.
func Gather(a *Array, axis int, idx *Array) Array {
	x, done := packed(a)
	defer done()
	y := New(a.DType, idx.Shape)
	switch a.DType.Size() {
	case 1:
		d, s := Flat[uint8](&y), Flat[uint8](&x)
		eachPlace(a.Shape, axis, idx, func(i, j int) { d[i] = s[j] })
	case 4:
		d, s := Flat[float32](&y), Flat[float32](&x)
		eachPlace(a.Shape, axis, idx, func(i, j int) { d[i] = s[j] })
	default:
		d, s := Flat[int64](&y), Flat[int64](&x)
		eachPlace(a.Shape, axis, idx, func(i, j int) { d[i] = s[j] })
	}
	runtime.KeepAlive(x.Store)
	runtime.KeepAlive(idx.Store)
	return y
}

// ScatterAdd is a copy of a to which src is added at the places that Gather would read.
func ScatterAdd(a *Array, axis int, idx, src *Array) Array {
	s, done := packed(src)
	defer done()
	y := Contiguous(a)
	switch a.DType {
	case Float32:
		d, s := Flat[float32](&y), Flat[float32](&s)
		eachPlace(a.Shape, axis, idx, func(i, j int) { d[j] += s[i] })
	case Float64:
		d, s := Flat[float64](&y), Flat[float64](&s)
		eachPlace(a.Shape, axis, idx, func(i, j int) { d[j] += s[i] })
	case Int64:
		d, s := Flat[int64](&y), Flat[int64](&s)
		eachPlace(a.Shape, axis, idx, func(i, j int) { d[j] += s[i] })
	default:
		d, s := Flat[uint8](&y), Flat[uint8](&s)
		eachPlace(a.Shape, axis, idx, func(i, j int) { d[j] += s[i] })
	}
	runtime.KeepAlive(s.Store)
	runtime.KeepAlive(idx.Store)
	return y
}

// Range is the smallest and the largest number of an Int64 array with at least one.
func Range(idx *Array) (lo, hi int64) {
	at := Flat[int64](idx)
	lo, hi = at[0], at[0]
	for _, v := range at {
		lo, hi = min(lo, v), max(hi, v)
	}
	runtime.KeepAlive(idx.Store)
	return lo, hi
}

// Triangle keeps the elements on and below diagonal k of the last two axes, or with upper on and above it.
func Triangle(a *Array, k int, upper bool) Array {
	y := Contiguous(a)
	r := len(a.Shape)
	rows, cols := a.Shape[r-2], a.Shape[r-1]
	size := a.DType.Size()
	raw := y.Store.raw()
	for m := range Size(a.Shape[:r-2]) {
		for i := range rows {
			lo, hi := min(max(i+k+1, 0), cols), cols // cleared
			if upper {
				lo, hi = 0, min(max(i+k, 0), cols)
			}
			row := (m*rows + i) * cols
			clear(raw[(row+lo)*size : (row+hi)*size])
		}
	}
	return y
}

// Join sets arrays of one kind side by side along an axis.
func Join(xs []*Array, axis int) Array {
	shape := append([]int(nil), xs[0].Shape...)
	shape[axis] = 0
	for _, x := range xs {
		shape[axis] += x.Shape[axis]
	}
	y := New(xs[0].DType, shape)
	at := 0
	for _, x := range xs {
		n := x.Shape[axis]
		part := y.Slice(axis, at, at+n)
		Copy(&part, x)
		at += n
	}
	return y
}

// Pad sets zeros before and after along an axis.
func Pad(a *Array, axis, before, after int) Array {
	shape := append([]int(nil), a.Shape...)
	shape[axis] += before + after
	y := Zeros(a.DType, shape)
	part := y.Slice(axis, before, before+a.Shape[axis])
	Copy(&part, a)
	return y
}

// TopK is the places of the k largest numbers of each row of the last axis, largest first, of equal ones the first first.
func TopK(a *Array, k int, shape []int) Array {
	x := Float64s(a)
	y := New(Int64, shape)
	d := Flat[int64](&y)
	n := a.Shape[len(a.Shape)-1]
	order := make([]int, n)
	for r := range len(d) / max(k, 1) {
		row := x[r*n : (r+1)*n]
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int {
			a, b := row[i], row[j]
			if a != a || b != b { // as for Max, NaN is larger than all
				return cmp.Compare(flag(b != b), flag(a != a))
			}
			return cmp.Compare(b, a)
		})
		for i, p := range order[:k] {
			d[r*k+i] = int64(p)
		}
	}
	return y
}
