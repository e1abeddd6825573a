package array

import (
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// LSTM runs over x (t,n,k) with the weights wih (4h,k) and whh (4h,h) and biases bih and bhh (4h), gates in the order input, forget,
// candidate, output, from the states h0 and c0 (n,h), which may be missing for zeros; in is all of these. The result y (t+1,n,h) is the states h at each time and,
// last, the state c at the end. kept is the gates and the states c of all places, for LSTMGrad.
func LSTM(in []*Array, reverse bool) (y, kept Array) {
	if in[0].DType == Float32 {
		return lstm(&vector32, simd.LSTMCell, in, reverse)
	}
	return lstm(&vector64, simd.LSTMCell64, in, reverse)
}

// lstmGates is the gates in a row of 4h numbers.
func lstmGates[T Float](row []T, h int) simd.LSTMGates[T] {
	return simd.LSTMGates[T]{I: row[:h:h], F: row[h : 2*h : 2*h], G: row[2*h : 3*h : 3*h], O: row[3*h : 4*h : 4*h]}
}

func lstm[T Float](v *vector[T], cell func(k simd.LSTMGates[T], prev, c, h []T), in []*Array, reverse bool) (y, kept Array) {
	h := in[2].Shape[1]
	x, r, done := sequences(in[0], h, reverse)
	defer done()
	w, done := weights[T](in, 2)
	defer done()
	wih, whh, bih, bhh, h0, c0 := w[0], w[1], w[2], w[3], w[4], w[5]
	long, places := r.T+1, r.T*r.N
	y, flat := r.array(x.DType, long, h)
	kept = New(x.DType, []int{places * 5 * h})
	gates, cells := Flat[T](&kept)[:places*4*h], Flat[T](&kept)[places*4*h:]
	matMul(v.tile(), gates, Flat[T](&x), wih, places, 4*h, r.K, false, true, false, nil)
	bias := make([]T, 4*h)
	v.add(bias, bih, bhh)
	recurrent := packPanels(v.tile(), whh, h, 4*h, true)
	defer recurrent.mem.Free()
	out := block[T]{Flat[T](&flat), h}
	ParallelChunks(r.N, recurrentRows, func(_, lo, hi int) {
		for s := range r.T {
			t := r.time(s)
			at := r.row(r.T, t, lo)
			a := before(&r, out, block[T]{h0, h}, long, s, lo)
			recurrent.into(v.tile(), block[T]{gates[at*4*h:], r.step(r.T) * 4 * h}, a, hi-lo, 1)
			c := before(&r, block[T]{cells, h}, block[T]{c0, h}, r.T, s, lo)
			for i := range hi - lo {
				place := at + i*r.step(r.T)
				row := gates[place*4*h:][:4*h]
				v.add(row, row, bias)
				cell(lstmGates(row, h), c.x[i*c.ld:][:h], cells[place*h:][:h], out.x[r.row(long, t, lo+i)*h:][:h])
			}
		}
		last := r.time(r.T - 1)
		for i := lo; i < hi; i++ {
			copy(out.x[r.row(long, r.T, i)*h:][:h], cells[r.row(r.T, last, i)*h:][:h])
		}
	})
	runtime.KeepAlive(in)
	return y, kept
}

// LSTMGrad is the gradients of the arguments of LSTM, from what it returned and the gradient g of y. That of x is empty where it is
// not wanted.
func LSTMGrad(in []*Array, y, kept, g *Array, reverse, wantX bool) []Array {
	if in[0].DType == Float32 {
		return lstmGrad(&vector32, simd.LSTMGrad, in, y, kept, g, reverse, wantX)
	}
	return lstmGrad(&vector64, simd.LSTMGrad64, in, y, kept, g, reverse, wantX)
}

func lstmGrad[T Float](v *vector[T], cell func(d, k simd.LSTMGates[T], c, prev, dh, dc []T), in []*Array, y, kept, g *Array, reverse, wantX bool) []Array {
	h := in[2].Shape[1]
	x, r, done := sequences(in[0], h, reverse)
	defer done()
	w, done := weights[T](in, 2)
	defer done()
	whh, h0, c0 := w[1], w[4], w[5]
	long, places := r.T+1, r.T*r.N
	gates, cells := Flat[T](kept)[:places*4*h], Flat[T](kept)[places*4*h:]
	slope, done := packed(g) // by time
	defer done()
	dy := Flat[T](&slope)
	d := x.DType
	dh0, dc0 := New(d, []int{r.N, h}), New(d, []int{r.N, h})
	dh, dc := Flat[T](&dh0), Flat[T](&dc0)
	clear(dh)
	copy(dc, dy[r.T*r.N*h:])
	mem, dgates := scratch[T](places * 4 * h)
	defer mem.Free()
	dgates = dgates[:places*4*h]
	back := packPanels(v.tile(), whh, 4*h, h, false)
	defer back.mem.Free()
	ParallelChunks(r.N, recurrentRows, func(_, lo, hi int) {
		for s := r.T - 1; s >= 0; s-- {
			t := r.time(s)
			at, step := r.row(r.T, t, lo), r.step(r.T)
			c := before(&r, block[T]{cells, h}, block[T]{c0, h}, r.T, s, lo)
			v.add(dh[lo*h:hi*h], dh[lo*h:hi*h], dy[(t*r.N+lo)*h:][:(hi-lo)*h])
			for i := range hi - lo {
				place := at + i*step
				cell(lstmGates(dgates[place*4*h:], h), lstmGates(gates[place*4*h:], h), cells[place*h:][:h], c.x[i*c.ld:][:h],
					dh[(lo+i)*h:][:h], dc[(lo+i)*h:][:h])
			}
			back.into(v.tile(), block[T]{dh[lo*h:], h}, block[T]{dgates[at*4*h:], step * 4 * h}, hi-lo, 0)
		}
	})
	dx, dwih := inputGrads(v, &r, &x, in[1], dgates, wantX)
	states := r.inOrder(y)
	dwhh := weightGrad(v, &r, in[2], dgates, Flat[T](&states), h0, long)
	sums := columnSums(v, dgates, 4*h)
	runtime.KeepAlive(in)
	runtime.KeepAlive(y.Store)
	runtime.KeepAlive(kept.Store)
	out := []Array{dx, dwih, dwhh, Of(d, sums, in[3].Shape), Of(d, sums, in[4].Shape), dh0, dc0}
	for i := len(in); i < len(out); i++ { // of states that were missing
		out[i].Store.Free()
	}
	return out[:len(in)]
}
