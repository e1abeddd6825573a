package eager

import (
	"math"
	"runtime"
	"sync"

	"github.com/tapir-go/tapir/eager/internal/array"
	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Steps is what one step of an optimiser starts from: leaves, and for each a gradient of its shape and kind, or nil, which leaves
// it as it is. Its methods change all leaves in place in one pass over their numbers, and what they keep of each leaf with them.
// Before the rule looks at a gradient g of the numbers p it becomes, in the same pass:
//
//	g = clamp(g, -ClipValue, ClipValue)
//	g = g * min(1, ClipNorm / (norm of all gradients + 1e-6))
//	g = g + Decay*p
type Steps struct {
	Params, Grads []*Tensor
	ClipValue     float64 // 0 does not clip
	ClipNorm      float64 // 0 does not clip; else the gradients are read once more, for their norm
	Decay         float64
}

// SGD is gradient descent. v is the velocity of each leaf, or nil where momentum is 0.
//
//	v = momentum*v + g
//	p -= rate*v, or p -= rate*(g + momentum*v) with nesterov, or p -= rate*g without a velocity
func (s Steps) SGD(v []*Tensor, rate, momentum float64, nesterov bool) {
	r := newStepping("StepSGD", s, v)
	r.rate, r.momentum, r.nesterov, r.decays = rate, momentum, nesterov, true
	r.run32, r.run64 = (*stepping).sgd32, (*stepping).sgd64
	r.finish(s)
}

// Adam is Adam and, with a decay, AdamW (Loshchilov and Hutter 2019, algorithm 2). m and v are the running means of each gradient
// and of its square, steps counts the steps of each leaf, this one too.
//
//	m = beta1*m + (1-beta1)*g
//	v = beta2*v + (1-beta2)*g*g
//	p = p*(1-rate*decay) - rate * m/(1-beta1^t) / (sqrt(v/(1-beta2^t)) + eps)
func (s Steps) Adam(m, v []*Tensor, steps []int, rate, beta1, beta2, eps, decay float64) {
	r := newStepping("StepAdam", s, m, v)
	r.rate, r.beta1, r.beta2, r.eps, r.decay = rate, beta1, beta2, eps, decay
	for i := range r.slots {
		sl := &r.slots[i]
		if i > 0 && steps[sl.i] == steps[r.slots[i-1].i] { // nearly always
			sl.c1, sl.c2 = r.slots[i-1].c1, r.slots[i-1].c2
			continue
		}
		t := float64(steps[sl.i])
		sl.c1, sl.c2 = 1-math.Pow(beta1, t), 1-math.Pow(beta2, t)
	}
	r.run32, r.run64 = (*stepping).adam32, (*stepping).adam64
	r.finish(s)
}

// RMSprop divides by the root of a running mean of squares (Tieleman and Hinton 2012). v is the velocity of each leaf, or nil
// where momentum is 0.
//
//	square = alpha*square + (1-alpha)*g*g
//	v = momentum*v + g/(sqrt(square) + eps)
//	p -= rate*v
func (s Steps) RMSprop(square, v []*Tensor, rate, alpha, eps, momentum float64) {
	r := newStepping("StepRMSprop", s, square, v)
	r.rate, r.beta2, r.eps, r.momentum = rate, alpha, eps, momentum
	r.run32, r.run64 = (*stepping).rmsprop32, (*stepping).rmsprop64
	r.finish(s)
}

// StepSGD is Steps.SGD of the leaf p alone, with gradient g; v may be nil where momentum is 0.
func StepSGD(p, g, v *Tensor, rate, momentum, decay float64, nesterov bool) {
	s := Steps{Params: []*Tensor{p}, Grads: []*Tensor{g}, Decay: decay}
	if v == nil {
		s.SGD(nil, rate, 0, false)
		return
	}
	s.SGD([]*Tensor{v}, rate, momentum, nesterov)
}

// StepAdam is Steps.Adam of the leaf p alone, with gradient g. c1 and c2 are 1-beta1^t and 1-beta2^t at step t.
func StepAdam(p, g, m, v *Tensor, rate, beta1, beta2, eps, decay, c1, c2 float64) {
	s := Steps{Params: []*Tensor{p}, Grads: []*Tensor{g}}
	r := newStepping("StepAdam", s, []*Tensor{m}, []*Tensor{v})
	r.rate, r.beta1, r.beta2, r.eps, r.decay = rate, beta1, beta2, eps, decay
	r.slots[0].c1, r.slots[0].c2 = c1, c2
	r.run32, r.run64 = (*stepping).adam32, (*stepping).adam64
	r.finish(s)
}

const (
	stepGrain = 1 << 14 // how many numbers of a leaf one processor changes at a time
	stepBlock = 1 << 11 // how many of them go through a clipped gradient at a time: it stays in the first cache
)

// slot is one leaf of a step: itself, its gradient, and what the rule keeps of it.
type slot struct {
	i      int // in Steps.Params
	x      [4]*Tensor
	a      [4]array.Array // the same, row by row
	c1, c2 float64
}

func (s *slot) f32(k, lo, hi int) []float32 {
	if s.x[k] == nil {
		return nil
	}
	return s.a[k].F32()[lo:hi]
}

func (s *slot) f64(k, lo, hi int) []float64 {
	if s.x[k] == nil {
		return nil
	}
	return array.Flat[float64](&s.a[k])[lo:hi]
}

// span is numbers of one leaf.
type span struct{ slot, lo, hi int }

// stepping is one step while it runs.
type stepping struct {
	op    string
	slots []slot
	spans []span
	sums  []float64 // squares of the gradients, of each span

	rate, momentum, beta1, beta2, eps, decay float64
	nesterov                                 bool

	scale, limit, pull float64 // of gradients
	clips              bool    // whether scale or limit is at work
	decays             bool    // whether the rule's kernel adds Decay*p itself
	run32              func(r *stepping, s *slot, p, g []float32, lo, hi int)
	run64              func(r *stepping, s *slot, p, g []float64, lo, hi int)
}

var blocks = sync.Pool{New: func() any { return new([stepBlock]float32) }}

var steppings = sync.Pool{New: func() any { return new(stepping) }}

func newStepping(op string, s Steps, kept ...[]*Tensor) *stepping {
	begin()
	r := steppings.Get().(*stepping)
	*r = stepping{op: op, slots: r.slots[:0], spans: r.spans[:0], sums: r.sums[:0], scale: 1, limit: math.Inf(1), pull: s.Decay}
	for i, p := range s.Params {
		if s.Grads[i] == nil {
			continue
		}
		r.slots = append(r.slots, slot{i: i})
		sl := &r.slots[len(r.slots)-1]
		sl.x[0], sl.x[1] = p, s.Grads[i]
		for k, all := range kept {
			if all != nil {
				sl.x[2+k] = all[i]
			}
		}
		sl.check(op)
		decide("Assign", p, "")
		for n, lo := p.Size(), 0; lo < n; lo += stepGrain {
			r.spans = append(r.spans, span{len(r.slots) - 1, lo, min(lo+stepGrain, n)})
		}
	}
	if s.ClipValue > 0 {
		r.limit, r.clips = s.ClipValue, true
	}
	if s.ClipNorm > 0 {
		if f := s.ClipNorm / (r.norm() + 1e-6); f < 1 {
			r.scale, r.clips = f, true
		}
	}
	return r
}

// check sees to it that all that belongs to a leaf fits it and lies row by row.
func (s *slot) check(op string) {
	p := s.x[0]
	p.check(op)
	if !p.dtype().IsFloat() {
		fail(op, "", "cannot step %v%v: want f32 or f64", p.dtype(), p.shape())
	}
	for k, x := range s.x {
		if x == nil {
			continue
		}
		x.check(op)
		if !array.Equal(x.a.Shape, p.a.Shape) || x.a.DType != p.a.DType {
			fail(op, "", "tensor %d is %v%v beside a parameter %v%v: want the same", k, x.dtype(), x.shape(), p.dtype(), p.shape())
		}
		if k != 1 && x.node != nil {
			fail(op, "only leaves change in place", "%s was made by %s", x.label(), x.node.op.Name)
		}
		s.a[k] = x.a
		if x.a.Strides != nil {
			s.a[k] = array.Contiguous(&x.a)
		}
	}
}

// finish makes the step and gives r back.
func (r *stepping) finish(s Steps) {
	r.each(func(i int) {
		sp := r.spans[i]
		if sl := &r.slots[sp.slot]; sl.a[0].DType == array.Float64 {
			r.part64(sl, sp.lo, sp.hi)
		} else {
			r.part32(sl, sp.lo, sp.hi)
		}
	})
	for i := range r.slots {
		sl := &r.slots[i]
		for k, x := range sl.x {
			if x == nil || k == 1 {
				continue
			}
			if x.a.Strides != nil {
				array.Copy(&x.a, &sl.a[k])
			}
			x.a.Store.Version.Add(1)
		}
	}
	runtime.KeepAlive(s)
	if m := modes.Get(); m != nil && m.profile != nil {
		n, bytes := 0, int64(0)
		for _, sp := range r.spans {
			n += sp.hi - sp.lo
		}
		for i := range r.slots {
			for _, x := range r.slots[i].x {
				if x != nil {
					bytes += x.bytes()
				}
			}
		}
		m.profile.end(r.op, float64(n), bytes, nil, Shape{n})
	}
	clear(r.slots)
	r.run32, r.run64 = nil, nil
	steppings.Put(r)
}

// each calls f for every span, on all processors where that is worth it.
func (r *stepping) each(f func(i int)) {
	total := 0
	for _, sp := range r.spans {
		total += sp.hi - sp.lo
	}
	if total <= 2*stepGrain {
		for i := range r.spans {
			f(i)
		}
		return
	}
	array.ParallelChunks(len(r.spans), 1, func(i, _, _ int) { f(i) })
}

// norm is that of all gradients together, clipped to limit. Sums of spans are added in order, so that it is the same at any
// number of threads.
func (r *stepping) norm() float64 {
	for range r.spans {
		r.sums = append(r.sums, 0)
	}
	r.each(func(i int) {
		sp := r.spans[i]
		sl := &r.slots[sp.slot]
		sum := 0.0
		if sl.a[0].DType == array.Float64 {
			for _, x := range sl.f64(1, sp.lo, sp.hi) {
				x = max(-r.limit, min(r.limit, x))
				sum += x * x
			}
		} else {
			clipped := blocks.Get().(*[stepBlock]float32)
			defer blocks.Put(clipped)
			for lo := sp.lo; lo < sp.hi; lo += stepBlock {
				g := sl.f32(1, lo, min(lo+stepBlock, sp.hi))
				if r.clips {
					simd.Pull(clipped[:len(g)], g, g, 1, float32(r.limit), 0)
					g = clipped[:len(g)]
				}
				sum += float64(simd.Dot(g, g))
			}
		}
		r.sums[i] = sum
	})
	all := 0.0
	for _, s := range r.sums {
		all += s
	}
	return math.Sqrt(all)
}

// part32 changes some numbers of a leaf. A gradient that is clipped or decays goes through a small block, so that memory is
// walked once all the same.
func (r *stepping) part32(s *slot, lo, hi int) {
	if !r.clips && (r.decays || r.pull == 0) {
		r.run32(r, s, s.f32(0, lo, hi), s.f32(1, lo, hi), lo, hi)
		return
	}
	block := blocks.Get().(*[stepBlock]float32)
	defer blocks.Put(block)
	limit := r.limit
	if !math.IsInf(limit, 1) {
		limit *= r.scale // the kernel limits what is scaled already
	}
	for ; lo < hi; lo += stepBlock {
		end := min(lo+stepBlock, hi)
		p, g := s.f32(0, lo, end), block[:end-lo]
		simd.Pull(g, s.f32(1, lo, end), p, float32(r.scale), float32(limit), float32(r.pull))
		r.run32(r, s, p, g, lo, end)
	}
}

func (r *stepping) part64(s *slot, lo, hi int) {
	p, g := s.f64(0, lo, hi), s.f64(1, lo, hi)
	if r.clips || r.pull != 0 {
		pulled := make([]float64, len(g))
		for i, x := range g {
			pulled[i] = r.scale*max(-r.limit, min(r.limit, x)) + r.pull*p[i]
		}
		g = pulled
	}
	r.run64(r, s, p, g, lo, hi)
}

func (r *stepping) sgd32(s *slot, p, g []float32, lo, hi int) {
	decay := float32(r.pull)
	if r.clips {
		decay = 0 // it is in g
	}
	if v := s.f32(2, lo, hi); v != nil {
		simd.SgdMomentum(p, g, v, float32(r.rate), float32(r.momentum), decay, r.nesterov)
		return
	}
	simd.Sgd(p, g, float32(r.rate), decay)
}

func (r *stepping) sgd64(s *slot, p, g []float64, lo, hi int) {
	v := s.f64(2, lo, hi)
	for i, d := range g {
		if v != nil {
			v[i] = r.momentum*v[i] + d
			if r.nesterov {
				d += r.momentum * v[i]
			} else {
				d = v[i]
			}
		}
		p[i] -= r.rate * d
	}
}

func (r *stepping) adam32(s *slot, p, g []float32, lo, hi int) {
	simd.Adam(p, g, s.f32(2, lo, hi), s.f32(3, lo, hi), r.rate, r.beta1, r.beta2, r.eps, r.decay, s.c1, s.c2)
}

func (r *stepping) adam64(s *slot, p, g []float64, lo, hi int) {
	m, v := s.f64(2, lo, hi), s.f64(3, lo, hi)
	for i, x := range g {
		m[i] = r.beta1*m[i] + (1-r.beta1)*x
		v[i] = r.beta2*v[i] + (1-r.beta2)*x*x
		p[i] = p[i]*(1-r.rate*r.decay) - r.rate*(m[i]/s.c1)/(math.Sqrt(v[i]/s.c2)+r.eps)
	}
}

func (r *stepping) rmsprop32(s *slot, p, g []float32, lo, hi int) {
	simd.RMSprop(p, g, s.f32(2, lo, hi), s.f32(3, lo, hi), r.rate, r.beta2, r.eps, r.momentum)
}

func (r *stepping) rmsprop64(s *slot, p, g []float64, lo, hi int) {
	square, v := s.f64(2, lo, hi), s.f64(3, lo, hi)
	for i, x := range g {
		square[i] = r.beta2*square[i] + (1-r.beta2)*x*x
		d := x / (math.Sqrt(square[i]) + r.eps)
		if v != nil {
			v[i] = r.momentum*v[i] + d
			d = v[i]
		}
		p[i] -= r.rate * d
	}
}
