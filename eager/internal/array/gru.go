package array

import (
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// GRU runs over x (t,n,k) with the weights wih (3h,k) and whh (3h,h) and biases bih and bhh (3h), gates in the order reset, update,
// candidate, from the state h0 (n,h), which may be missing for zeros; in is all of these. The result y (t,n,h) is the states. kept is what GRUGrad needs of each place.
func GRU(in []*Array, reverse bool) (y, kept Array) {
	if in[0].DType == Float32 {
		return gru(&vector32, simd.GRUCell, in, reverse)
	}
	return gru(&vector64, simd.GRUCell64, in, reverse)
}

// gruGates is the gates in a row of numbers of x and what the state adds to the candidate.
func gruGates[T Float](row, hn []T, h int) simd.GRUGates[T] {
	return simd.GRUGates[T]{R: row[:h:h], Z: row[h : 2*h : 2*h], N: row[2*h : 3*h : 3*h], HN: hn[:h:h]}
}

func gru[T Float](v *vector[T], cell func(k simd.GRUGates[T], hr, hz, prev, h []T), in []*Array, reverse bool) (y, kept Array) {
	h := in[2].Shape[1]
	x, r, done := sequences(in[0], h, reverse)
	defer done()
	w, done := weights[T](in, 1)
	defer done()
	wih, whh, bih, bhh, h0 := w[0], w[1], w[2], w[3], w[4]
	places := r.T * r.N
	y, flat := r.array(x.DType, r.T, h)
	kept = New(x.DType, []int{places * 4 * h})
	gates, parts := Flat[T](&kept)[:places*3*h], Flat[T](&kept)[places*3*h:]
	matMul(v.tile(), gates, Flat[T](&x), wih, places, 3*h, r.K, false, true, false, nil)
	recurrent := packPanels(v.tile(), whh, h, 3*h, true)
	defer recurrent.mem.Free()
	out := block[T]{Flat[T](&flat), h}
	ParallelChunks(r.N, recurrentRows, func(_, lo, hi int) {
		mem, products := scratch[T]((hi - lo) * 3 * h)
		defer mem.Free()
		for s := range r.T {
			t := r.time(s)
			a := before(&r, out, block[T]{h0, h}, r.T, s, lo)
			recurrent.into(v.tile(), block[T]{products, 3 * h}, a, hi-lo, 0)
			for i := range hi - lo {
				place := r.row(r.T, t, lo+i)
				row, mine := gates[place*3*h:][:3*h], products[i*3*h:][:3*h]
				v.add(row, row, bih)
				v.add(mine, mine, bhh)
				hn := parts[place*h:][:h]
				copy(hn, mine[2*h:])
				cell(gruGates(row, hn, h), mine[:h], mine[h:2*h], a.x[i*a.ld:][:h], out.x[place*h:][:h])
			}
		}
	})
	runtime.KeepAlive(in)
	return y, kept
}

// GRUGrad is the gradients of the arguments of GRU, from what it returned and the gradient g of y. That of x is empty where it is
// not wanted.
func GRUGrad(in []*Array, y, kept, g *Array, reverse, wantX bool) []Array {
	if in[0].DType == Float32 {
		return gruGrad(&vector32, simd.GRUGrad, in, y, kept, g, reverse, wantX)
	}
	return gruGrad(&vector64, simd.GRUGrad64, in, y, kept, g, reverse, wantX)
}

func gruGrad[T Float](v *vector[T], cell func(d, k simd.GRUGates[T], prev, dh []T), in []*Array, y, kept, g *Array, reverse, wantX bool) []Array {
	h := in[2].Shape[1]
	x, r, done := sequences(in[0], h, reverse)
	defer done()
	w, done := weights[T](in, 1)
	defer done()
	whh, h0 := w[1], w[4]
	places := r.T * r.N
	gates, parts := Flat[T](kept)[:places*3*h], Flat[T](kept)[places*3*h:]
	slope, done := packed(g) // by time
	defer done()
	dy := Flat[T](&slope)
	states := r.inOrder(y)
	d := x.DType
	dh0 := New(d, []int{r.N, h})
	dh := Flat[T](&dh0)
	clear(dh)
	// The gradients of x's products, and those of the state's, which differ in the candidate.
	mem, both := scratch[T](places * 6 * h)
	defer mem.Free()
	dx3, dh3 := both[:places*3*h], both[places*3*h:places*6*h]
	back := packPanels(v.tile(), whh, 3*h, h, false)
	defer back.mem.Free()
	ParallelChunks(r.N, recurrentRows, func(_, lo, hi int) {
		for s := r.T - 1; s >= 0; s-- {
			t := r.time(s)
			a := before(&r, block[T]{Flat[T](&states), h}, block[T]{h0, h}, r.T, s, lo)
			v.add(dh[lo*h:hi*h], dh[lo*h:hi*h], dy[(t*r.N+lo)*h:][:(hi-lo)*h])
			for i := range hi - lo {
				place := r.row(r.T, t, lo+i)
				dx, ds := dx3[place*3*h:][:3*h], dh3[place*3*h:][:3*h]
				cell(gruGates(dx, ds[2*h:], h), gruGates(gates[place*3*h:], parts[place*h:], h), a.x[i*a.ld:][:h], dh[(lo+i)*h:][:h])
				copy(ds[:2*h], dx)
			}
			at := r.row(r.T, t, lo)
			back.into(v.tile(), block[T]{dh[lo*h:], h}, block[T]{dh3[at*3*h:], r.step(r.T) * 3 * h}, hi-lo, 1)
		}
	})
	dx, dwih := inputGrads(v, &r, &x, in[1], dx3, wantX)
	dwhh := weightGrad(v, &r, in[2], dh3, Flat[T](&states), h0, r.T)
	dbih, dbhh := Of(d, columnSums(v, dx3, 3*h), in[3].Shape), Of(d, columnSums(v, dh3, 3*h), in[4].Shape)
	runtime.KeepAlive(in)
	runtime.KeepAlive(y.Store)
	runtime.KeepAlive(kept.Store)
	out := []Array{dx, dwih, dwhh, dbih, dbhh, dh0}
	if len(in) < len(out) { // the state was missing
		dh0.Store.Free()
	}
	return out[:len(in)]
}
