package array

import (
	"math"
	"runtime"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Attention is softmax(scale q k')v for each of a batch of heads: q (...,t,d), k (...,s,d) and v (...,s,e) make (...,t,e); s and d are not 0. With
// Causal, query i sees keys 0 to i. The scores of some queries at a time are all that is kept of the matrix (t,s).
type Attention struct {
	Scale  float64
	Causal bool
	Mask   *Array // Bool, says which keys each query sees, and broadcasts to (...,t,s); nil: all. One that sees none gets zeros.
}

// mask says which keys the queries of a head see; x nil: all.
type mask struct {
	x       []uint8
	ld, gap int // between queries, between keys
}

// head is the matrices of one head.
type head[T Float] struct {
	v             *vector[T]
	t             *simd.Tile[T]
	causal        bool
	scale         T
	q, k, val     block[T]
	mask          mask
	queries, keys int
	d, e          int
}

// masks is the mask of each head.
func (p Attention) masks(q, k *Array) func(i int) mask {
	if p.Mask == nil {
		return func(int) mask { return mask{} }
	}
	r := len(q.Shape)
	whole := p.Mask.Expand(append(append([]int{}, q.Shape[:r-1]...), k.Shape[r-2]))
	h := together{a: whole}
	gap := whole.StridesOf()[r-1]
	return func(i int) mask {
		b := matrixOf[uint8](&h, i)
		return mask{b.x, b.ld, gap}
	}
}

// hide sets the scores of n queries from i on to -Inf where the key is not seen.
func (h *head[T]) hide(scores block[T], i, n, m int) {
	if h.mask.x == nil {
		return
	}
	never := T(math.Inf(-1))
	for r := range n {
		at := (i + r) * h.mask.ld
		for j := range scores.x[r*scores.ld:][:m] {
			if h.mask.x[at] == 0 {
				scores.x[r*scores.ld+j] = never
			}
			at += h.mask.gap
		}
	}
}

// together is an array as heads: matrices whose rows lie without gaps.
type together struct {
	a    Array
	done func()
}

func heads(a *Array) together {
	last := len(a.Shape) - 1
	if a.Strides == nil || a.Strides[last] == 1 || a.Shape[last] == 1 {
		return together{*a, func() {}}
	}
	p, done := packed(a)
	return together{p, done}
}

// matrixOf is matrix number i of a batch.
func matrixOf[T Number](h *together, i int) block[T] {
	st, r := h.a.StridesOf(), len(h.a.Shape)
	at := h.a.Offset
	for k := r - 3; k >= 0; k-- {
		at += i % h.a.Shape[k] * st[k]
		i /= h.a.Shape[k]
	}
	ld := st[r-2]
	x := from[T](&h.a)
	if at > len(x) { // of nothing
		at = len(x)
	}
	return block[T]{x[at:], ld}
}

// newLike is an array of a shape whose axes lie in memory in the order of those of a, which has as many, but for the last, which lies
// without gaps: what a transposed view goes into comes out as one, and is contiguous when it is turned back.
func newLike(a *Array, shape []int) Array {
	if a.Strides == nil {
		return New(a.DType, shape)
	}
	r := len(shape)
	order := make([]int, r)
	for i := range order {
		order[i] = i
	}
	for i := 1; i < r-1; i++ { // stable, by falling strides
		for j := i; j > 0 && a.Strides[order[j]] > a.Strides[order[j-1]]; j-- {
			order[j], order[j-1] = order[j-1], order[j]
		}
	}
	inMemory, back := make([]int, r), make([]int, r)
	for i, k := range order {
		inMemory[i], back[k] = shape[k], i
	}
	y := New(a.DType, inMemory)
	return y.Transpose(back)
}

// Forward is the attention, and the logarithm of each query's sum of exponentials (...,t), for Backward.
func (p Attention) Forward(q, k, v *Array) (y, logs Array) {
	r := len(q.Shape)
	shape := append(append([]int{}, q.Shape[:r-1]...), v.Shape[r-1])
	y, logs = newLike(q, shape), New(q.DType, q.Shape[:r-1])
	if q.DType == Float32 {
		attend(&vector32, p, q, k, v, &y, &logs)
	} else {
		attend(&vector64, p, q, k, v, &y, &logs)
	}
	return y, logs
}

// queryRows is how many queries are handled together.
func queryRows[T Float](t *simd.Tile[T]) int { return 4 * t.Rows }

func attend[T Float](v *vector[T], p Attention, q, k, val, y, logs *Array) {
	r := len(q.Shape)
	hq, hk, hv := heads(q), heads(k), heads(val)
	hy := together{a: *y}
	defer hq.done()
	defer hk.done()
	defer hv.done()
	n, queries := Size(q.Shape[:r-2]), q.Shape[r-2]
	l := Flat[T](logs)
	masks := p.masks(q, k)
	// A task is some rows of queries of a head. Each task transposes the keys anew: large ones keep that small.
	rows := queryRows(v.tile())
	blocks := (queries + rows - 1) / rows
	per := max(1, min(blocks, (blocks*n+63)/64)) // blocks a task
	tasks := (blocks + per - 1) / per
	ParallelChunks(n*tasks, 1, func(task, _, _ int) {
		i := task / tasks
		h := head[T]{v: v, t: v.tile(), causal: p.Causal, scale: T(p.Scale), q: matrixOf[T](&hq, i), k: matrixOf[T](&hk, i), val: matrixOf[T](&hv, i),
			mask:    masks(i),
			queries: queries, keys: k.Shape[r-2], d: q.Shape[r-1], e: val.Shape[r-1]}
		lo := task % tasks * per * rows
		h.forward(matrixOf[T](&hy, i), l[i*queries:(i+1)*queries], lo, min(lo+per*rows, queries))
	})
	runtime.KeepAlive(q.Store)
	runtime.KeepAlive(k.Store)
	runtime.KeepAlive(val.Store)
	runtime.KeepAlive(p.Mask)
}

// seen is how many keys queries below hi see together.
func (h *head[T]) seen(hi int) int {
	if h.causal {
		return min(h.keys, hi)
	}
	return h.keys
}

// forward computes rows lo to hi of y.
func (h *head[T]) forward(y block[T], logs []T, lo, hi int) {
	rows, keys := min(queryRows(h.t), hi-lo), h.seen(hi)
	ld := turnedWidth(h.t, keys)
	s, mem := scratch[T](h.d*ld + rows*ld)
	defer s.Free()
	kt := turnedCopy(h.v, mem, h.k, keys, h.d, h.scale)
	scores := block[T]{mem[h.d*ld:], ld}
	for i := lo; i < hi; i += rows {
		n := min(rows, hi-i)
		m := h.seen(i + n)
		h.scores(scores, kt, i, n, m)
		var sums, tops [64]T
		for r := range n {
			row := scores.x[r*ld:][:m]
			live := row[:h.seen(i+r+1)]
			tops[r] = h.v.maxOf(live)
			if h.mask.x != nil && math.IsInf(float64(tops[r]), -1) { // it sees nothing: exp(score-Inf) is 0 in Backward
				tops[r], sums[r] = T(math.Inf(1)), 1
				clear(row)
				continue
			}
			sums[r] = h.v.expSum(live, live, tops[r])
			clear(row[len(live):])
		}
		h.v.log(logs[i:i+n], sums[:n])
		h.v.add(logs[i:i+n], logs[i:i+n], tops[:n])
		out := block[T]{y.x[i*y.ld:], y.ld}
		smallProduct(h.t, out, scores.x, ld, 1, h.val, n, h.e, m, 0)
		for r := range n {
			row := out.x[r*y.ld:][:h.e]
			h.v.mulS(row, row, 1/sums[r])
		}
	}
}

// scores sets dst to the scaled products of n queries from i on with the first m keys.
func (h *head[T]) scores(dst, kt block[T], i, n, m int) {
	smallProduct(h.t, dst, h.q.x[i*h.q.ld:], h.q.ld, 1, kt, n, m, h.d, 0)
	h.hide(dst, i, n, m)
}

// Backward is the gradients of q, k and v, from the result of Forward, its logarithms, and the gradient g of the result. Scores are
// computed again.
func (p Attention) Backward(q, k, v, y, logs, g *Array) (dq, dk, dv Array) {
	if q.DType == Float32 {
		return attendGrad(&vector32, p, q, k, v, y, logs, g)
	}
	return attendGrad(&vector64, p, q, k, v, y, logs, g)
}

func attendGrad[T Float](v *vector[T], p Attention, q, k, val, y, logs, g *Array) (dq, dk, dv Array) {
	r := len(q.Shape)
	var all [5]together
	for i, a := range []*Array{q, k, val, y, g} {
		all[i] = heads(a)
		defer all[i].done()
	}
	like := func(i int, a *Array) (Array, together) {
		d := newLike(&all[i].a, a.Shape)
		return d, together{a: d}
	}
	dq, hdq := like(0, q)
	dk, hdk := like(1, k)
	dv, hdv := like(2, val)
	n, queries := Size(q.Shape[:r-2]), q.Shape[r-2]
	l := Flat[T](logs)
	masks := p.masks(q, k)
	ParallelChunks(n, 1, func(i, _, _ int) {
		h := head[T]{v: v, t: v.tile(), causal: p.Causal, scale: T(p.Scale), q: matrixOf[T](&all[0], i), k: matrixOf[T](&all[1], i), val: matrixOf[T](&all[2], i),
			mask:    masks(i),
			queries: queries, keys: k.Shape[r-2], d: q.Shape[r-1], e: val.Shape[r-1]}
		h.backward(matrixOf[T](&all[3], i), matrixOf[T](&all[4], i), l[i*queries:(i+1)*queries], matrixOf[T](&hdq, i), matrixOf[T](&hdk, i), matrixOf[T](&hdv, i))
	})
	for _, a := range []*Array{q, k, val, y, logs, g} {
		runtime.KeepAlive(a.Store)
	}
	runtime.KeepAlive(p.Mask)
	return dq, dk, dv
}

// backward computes the gradients of a head.
func (h *head[T]) backward(y, g block[T], logs []T, dq, dk, dv block[T]) {
	for i := range h.keys { // what rows of queries add to
		clear(dk.x[i*dk.ld:][:h.d])
		clear(dv.x[i*dv.ld:][:h.e])
	}
	rows := min(queryRows(h.t), h.queries)
	ld := turnedWidth(h.t, h.keys)
	s, mem := scratch[T]((h.d + h.e + 2*rows) * ld)
	defer s.Free()
	take := func(n int) []T {
		part := mem[:n*ld]
		mem = mem[n*ld:]
		return part
	}
	kt := turnedCopy(h.v, take(h.d), h.k, h.keys, h.d, h.scale)
	vt := turnedCopy(h.v, take(h.e), h.val, h.keys, h.e, 1)
	p, dp := block[T]{take(rows), ld}, block[T]{take(rows), ld}
	for i := 0; i < h.queries; i += rows {
		n := min(rows, h.queries-i)
		m := h.seen(i + n)
		at := func(b block[T]) block[T] { return block[T]{b.x[i*b.ld:], b.ld} }
		gi, yi := at(g), at(y)
		h.scores(p, kt, i, n, m)
		smallProduct(h.t, dp, gi.x, g.ld, 1, vt, n, m, h.e, 0)
		for r := range n {
			live := h.seen(i + r + 1)
			row := p.x[r*ld:][:m]
			h.v.expSum(row[:live], row[:live], logs[i+r])
			clear(row[live:])
		}
		smallProduct(h.t, dv, p.x, 1, ld, gi, m, h.e, n, 1)
		for r := range n { // the gradient of the scores, in place of that of the probabilities
			row := dp.x[r*ld:][:m]
			h.v.addS(row, row, -h.v.dot(gi.x[r*g.ld:][:h.e], yi.x[r*y.ld:][:h.e]))
			h.v.mul(row, row, p.x[r*ld:][:m])
			h.v.mulS(row, row, h.scale)
		}
		smallProduct(h.t, at(dq), dp.x, ld, 1, h.k, n, h.d, m, 0)
		smallProduct(h.t, dk, dp.x, 1, ld, at(h.q), m, h.d, n, 1)
	}
}
