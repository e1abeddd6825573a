package eager

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// Checkpoint is f(x) that keeps no tape: what f makes on the way is given back when it returns, and every gradient pass that comes
// by runs f once more to make it again. It takes the time of one more run, and the memory of one call of f instead of that of all
// (Chen et al. 2016). Gradients, also by what f uses besides x, are the same bits as without; gradients of gradients are equal to
// rounding, since their sums run in another order.
//
// f must do the same both times. Sources of random numbers are put back for the second run. What f reads besides must not have
// changed; a result that differs is an Error. A layer that changes itself as it runs asks Recomputing. Results of ops in f other
// than what it returns cannot be used after it. While tracing, and inside NoGrad, Checkpoint is just f(x).
func Checkpoint(f func(x *Tensor) *Tensor, x *Tensor) *Tensor {
	x.check("Checkpoint")
	m := changed()
	if m.noGrad || m.trace != nil {
		return f(x)
	}
	outer := m.watch
	w := &watch{seen: map[*Tensor]bool{}, outer: outer}
	s := &scope{small: true}
	m.watch, m.keeper = w, s
	defer s.free()
	var inner *Tensor
	with(m, func() { inner = f(x) })
	inner.check("Checkpoint")
	if inner.node == nil || !w.made(inner) { // nothing to go back through, or x itself
		s.handOver(inner)
		return inner
	}
	y := newRecorded(opCheckpoint, &checkpoint{f, x, w.rands, w.states}, w.used, inner.a)
	s.handOver(y)
	outer.note(y.node.in, y)
	return y
}

// Recomputing says whether a Checkpoint runs a function for the second time, for its gradient: a layer that keeps running
// statistics changes them only the first time.
func Recomputing() bool {
	m := modes.Get()
	return m != nil && m.again
}

// opCheckpoint marks the nodes of Checkpoint, which passes treat by themselves. Their arguments are what f used from outside.
var opCheckpoint = &Op{Name: "Checkpoint", Args: -1, Differentiable: true, kinds: "a"}

// checkpoint is what a node of Checkpoint needs to run its function again.
type checkpoint struct {
	f      func(x *Tensor) *Tensor
	x      *Tensor
	rands  []*Rand
	states []rand.PCG // of rands, before they were used
}

// watch notes what the function of a Checkpoint uses.
type watch struct {
	seen   map[*Tensor]bool // all that was used, and what was made
	used   []*Tensor        // what gradients flow to from here, made before, in the order of use
	rands  []*Rand
	states []rand.PCG
	outer  *watch
}

// note is told of each call. It does nothing on nil.
func (w *watch) note(in []*Tensor, y *Tensor) {
	if w == nil || y.node == nil {
		return
	}
	for _, x := range in {
		if x.grad && !w.seen[x] {
			w.seen[x] = true
			w.used = append(w.used, x)
		}
	}
	w.seen[y] = true
}

// made says whether the recorded y came from a call that w was told of.
func (w *watch) made(y *Tensor) bool {
	return w.seen[y] && !slices.Contains(w.used, y)
}

// draws notes that r is about to be used.
func (w *watch) draws(r *Rand) {
	for ; w != nil; w = w.outer {
		if !slices.Contains(w.rands, r) {
			w.rands, w.states = append(w.rands, r), append(w.states, *r.src)
		}
	}
}

// again runs the function of the Checkpoint whose result is in the entry at once more, and goes back through what it recorded: the
// gradients of what it used are added up as if the tape had been there all the time.
func (p *pass) again(op string, at int32, fast bool) {
	y, g, needed := p.entries[at].t, p.entries[at].g, p.entries[at].needed
	if !needed {
		return
	}
	y.node.checkVersions(op)
	var s *scope
	if p.sweep != nil {
		s = &scope{small: true}
		defer s.free()
	}
	inner := y.node.at.(*checkpoint).repeat(y, s)
	start := len(p.order)
	p.visited = p.visited[:0] // what has a place by now is outside
	p.walk(inner, false)
	k, _ := p.slot(inner)
	p.hold(&p.entries[k], g)
	p.back(op, start, fast)
	p.order = p.order[:start]
	for _, x := range y.node.in {
		k, _ := p.slot(x)
		if e := &p.entries[k]; s != nil && e.g != nil && e.g.a.Store.Owner == any(s) {
			own := e.g.Clone()
			p.drop(e)
			p.hold(e, own)
		}
	}
}

// repeat runs the function again, as it was for y, and returns what corresponds to y. s keeps what it makes; nil: whoever keeps
// what the pass makes.
func (c *checkpoint) repeat(y *Tensor, s *scope) (inner *Tensor) {
	const hint = "it must do the same when the gradient pass runs it again: what it uses besides x must not change, variables included"
	for i, r := range c.rands {
		now := *r.src
		*r.src = c.states[i]
		defer func() { *r.src = now }()
	}
	m := changed()
	m.noGrad, m.again = false, true
	w := &watch{seen: map[*Tensor]bool{}}
	m.watch = w
	if s != nil {
		m.keeper = s
	}
	with(m, func() { inner = c.f(c.x) })
	inner.check("Checkpoint")
	if !array.Equal(inner.a.Shape, y.a.Shape) || inner.a.DType != y.a.DType {
		fail("Checkpoint", hint, "the function returned %v%v, and now %v%v", y.dtype(), y.shape(), inner.dtype(), inner.shape())
	}
	for _, x := range w.used {
		if !slices.Contains(y.node.in, x) {
			fail("Checkpoint", hint, "the function now uses %s, which it did not use before", x.label())
		}
	}
	if !y.a.Store.Freed && !sameBits(&y.a, &inner.a) {
		fail("Checkpoint", hint, "the function returned other numbers than before, of shape %v", y.shape())
	}
	if inner.node == nil || !w.made(inner) {
		fail("Checkpoint", hint, "the function now returns what it did not compute from anything that requires a gradient")
	}
	return inner
}

func sameBits(a, b *array.Array) bool {
	if a.DType == array.Float32 && a.Strides == nil && b.Strides == nil {
		return slices.EqualFunc(a.F32(), b.F32(), func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
	}
	return slices.EqualFunc(array.Float64s(a), array.Float64s(b), func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}
