package eager

import (
	"slices"
	"sync"

	"github.com/tapir-go/tapir/eager/internal/array"
	"github.com/tapir-go/tapir/eager/internal/pool"
)

// pass is one walk back over the tape. It finds the tensors between y and what is asked for, inputs before results, and then
// goes through them from the end. No tape is kept anywhere: the graph is what the tensors refer to, and goes when they go.
type pass struct {
	epoch   uint32
	slots   map[*Tensor]int32 // where another goroutine's pass has the marks in the tensors
	entries []entry
	order   []int32 // entries, inputs before results
	stack   []visit
	visited []bool // of the slots that were there before the walk
	leaves  []*Tensor
	profile *profile
	sweep   *sweep // gives back memory on the way; nil when somebody may keep what is made
}

type entry struct {
	t      *Tensor
	g      *Tensor
	wanted bool // asked for
	needed bool // asked for, or on the way to one that is
}

type visit struct {
	slot int32
	next int // argument to look at next
}

var (
	marking   sync.Mutex // held by the pass that marks tensors in place
	lastEpoch uint32     // guarded by marking
	passes    = sync.Pool{New: func() any { return new(pass) }}
)

func newPass() *pass {
	p := passes.Get().(*pass)
	if marking.TryLock() {
		lastEpoch++
		p.epoch = lastEpoch
	} else {
		p.epoch, p.slots = 0, map[*Tensor]int32{}
	}
	return p
}

func (p *pass) end() {
	if p.slots == nil {
		marking.Unlock()
	}
	clear(p.entries)
	clear(p.leaves)
	*p = pass{entries: p.entries[:0], order: p.order[:0], stack: p.stack[:0], visited: p.visited[:0], leaves: p.leaves[:0]}
	passes.Put(p)
}

// slot is the place of t in entries, new if it had none.
func (p *pass) slot(t *Tensor) (slot int32, isNew bool) {
	if p.slots != nil {
		if s, ok := p.slots[t]; ok {
			return s, false
		}
	} else if t.epoch == p.epoch {
		return t.slot, false
	}
	slot = int32(len(p.entries))
	p.entries = append(p.entries, entry{t: t})
	if p.slots != nil {
		p.slots[t] = slot
	} else {
		t.epoch, t.slot = p.epoch, slot
	}
	return slot, true
}

// collect finds what lies between y and xs; xs nil means all leaves, which it lists.
func (p *pass) collect(y *Tensor, xs []*Tensor) {
	for _, x := range xs {
		s, _ := p.slot(x)
		p.entries[s].wanted = true
	}
	seen := len(p.entries) // slots of xs exist before they are visited
	visited := slices.Grow(p.visited[:0], seen)[:seen]
	clear(visited)
	p.visited = visited
	p.walk(y, xs == nil)
}

// walk adds y, and what lies behind it, to order. Tensors that have a slot count as seen, but for those that visited says no of.
func (p *pass) walk(y *Tensor, wantLeaves bool) {
	enter := func(t *Tensor) {
		s, isNew := p.slot(t)
		if !isNew {
			if int(s) >= len(p.visited) || p.visited[s] {
				return
			}
			p.visited[s] = true
		}
		p.stack = append(p.stack, visit{slot: s})
	}
	enter(y)
	for len(p.stack) > 0 {
		top := &p.stack[len(p.stack)-1]
		e := &p.entries[top.slot]
		if n := e.t.node; n != nil && top.next < len(n.in) {
			x := n.in[top.next]
			top.next++
			if x.grad {
				enter(x)
			}
			continue
		}
		if n := e.t.node; n == nil {
			if wantLeaves {
				e.wanted = true
				p.leaves = append(p.leaves, e.t)
			}
		} else {
			for _, x := range n.in {
				if x.grad {
					s, _ := p.slot(x)
					e.needed = e.needed || p.entries[s].needed
				}
			}
		}
		e.needed = e.needed || e.wanted
		p.order = append(p.order, top.slot)
		p.stack = p.stack[:len(p.stack)-1]
	}
}

// run goes through the tape from y, whose gradient is g or 1, and returns the gradients of xs.
func (p *pass) run(op string, y, g *Tensor, xs []*Tensor, createGraph bool) []*Tensor {
	if g == nil {
		g = OnesLike(y)
	}
	m := changed()
	m.noGrad = !createGraph
	p.profile = m.profile
	fast := !createGraph && m.trace == nil
	if fast {
		g = &Tensor{a: g.a} // the pass counts what it holds in its tensors: g may be in two passes
		p.sweep = &sweep{}
		m.keeper = p.sweep
		defer p.leave()
	}
	out := make([]*Tensor, len(xs))
	with(m, func() {
		s, _ := p.slot(y)
		p.hold(&p.entries[s], g)
		p.back(op, 0, fast)
		for i, x := range xs {
			s, _ := p.slot(x)
			if out[i] = p.entries[s].g; out[i] != nil && !createGraph {
				out[i] = p.own(out[:i], out[i])
			}
		}
	})
	if p.sweep != nil {
		p.sweep.handOver(out)
	}
	return out
}

// back goes through order from its end to the place first.
func (p *pass) back(op string, first int, fast bool) {
	for k := len(p.order) - 1; k >= first; k-- {
		at := p.order[k]
		e := &p.entries[at]
		n := e.t.node
		if e.g != nil && e.t.more != nil && len(e.t.more.hooks) > 0 {
			p.hooked(e)
		}
		if e.g == nil || n == nil {
			continue
		}
		if n.op == opCheckpoint {
			p.again(op, at, fast)
			e = &p.entries[at]
		} else {
			if p.sweep != nil {
				p.sweep.last = !e.wanted
			}
			p.step(op, e, n, fast)
		}
		if !e.wanted {
			p.drop(e)
		}
		p.sweep.clean()
	}
}

// own is g, or a copy when it has strides or shares numbers with another result: a gradient may be changed in place.
func (p *pass) own(others []*Tensor, g *Tensor) *Tensor {
	shared := g.a.Strides != nil
	for _, o := range others {
		shared = shared || o != nil && o.a.Store == g.a.Store
	}
	if shared || p.sweep != nil && g.a.Store.Pooled() && g.a.Store.Owner != any(p.sweep) {
		return g.Clone()
	}
	return g
}

func (p *pass) hold(e *entry, g *Tensor) {
	if p.sweep != nil {
		g.pins++
	}
	e.g = g
}

// drop lets go of the gradient of e.
func (p *pass) drop(e *entry) {
	g := e.g
	e.g = nil
	if p.sweep == nil {
		return
	}
	if g.pins--; g.pins == 0 {
		p.sweep.drop(g)
	}
}

// leave sees to it that no memory is lost when a pass ends in a panic.
func (p *pass) leave() {
	for i := range p.entries {
		if g := p.entries[i].g; g != nil {
			p.sweep.release(g)
		}
	}
	for _, t := range p.sweep.fresh {
		p.sweep.release(t)
	}
}

// step hands the gradient of e on to the arguments of the op that made it.
func (p *pass) step(op string, e *entry, n *node, fast bool) {
	checked := n.op.blind
	grad, fused := n.op.grad, false
	if fast && n.op.fast != nil {
		grad, fused = n.op.fast, true
	}
	var all []*Tensor
	if n.op.together != nil && (fast || grad == nil) {
		fused = grad != nil
		grad = func(at any, i int, in []*Tensor, y, g *Tensor) *Tensor {
			if all == nil {
				all = n.op.together(at, in, y, g)
			}
			return all[i]
		}
	}
	for i, x := range n.in {
		if !x.grad {
			continue
		}
		s, _ := p.slot(x)
		to := &p.entries[s]
		if !to.needed {
			continue
		}
		if !checked {
			n.checkVersions(op)
			checked = true
		}
		g := p.gradient(grad, n, i, e, fused)
		if g == nil {
			continue
		}
		if !array.Equal(g.a.Shape, x.a.Shape) || g.a.DType != x.a.DType {
			panic("internal error: gradient " + g.dtype().String() + g.shape().String() + " of " + n.op.Name + " for an argument " + x.dtype().String() + x.shape().String())
		}
		switch {
		case to.g == nil:
			p.hold(to, g)
		case p.sweep != nil && g.a.Strides == nil && p.sweep.alone(to.g):
			array.Add.Into(&to.g.a, &to.g.a, &g.a)
		default:
			sum := to.g.Add(g)
			p.drop(to)
			p.hold(to, sum)
		}
	}
}

// gradient calls grad for argument i of the call n.
func (p *pass) gradient(grad func(at any, i int, in []*Tensor, y, g *Tensor) *Tensor, n *node, i int, e *entry, fused bool) *Tensor {
	if fused && pool.Limit() > 0 { // else it is made of ops, which speak for themselves
		defer withSizes(n.op.Name+" gradient", n.in)
	}
	if p.profile != nil {
		return p.profile.gradient(grad, n, i, e.t, e.g, !fused)
	}
	return grad(n.at, i, n.in, e.t, e.g)
}

// checkVersions panics when an argument was changed in place after the op had seen it.
func (n *node) checkVersions(op string) {
	for i, x := range n.in {
		x.check(op)
		if x.a.Store.Version.Load() != *n.version(i) {
			name := x.Name()
			if name == "" {
				name = "argument " + string(rune('0'+i))
			}
			fail(op, "take the gradient before the step that changes it, or run the function again",
				"%s %v was changed in place after %s had used it, so its gradient would be wrong", name, x.shape(), n.op.Name)
		}
	}
}
