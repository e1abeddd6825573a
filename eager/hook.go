package eager

import "slices"

// hook is one function of OnGrad.
type hook struct{ f func(g *Tensor) *Tensor }

// OnGrad has every gradient pass that reaches x call f with the whole gradient of x, in the shape of x, before it goes on to what x
// was made from, into x.Grad() or to the caller. What f returns takes its place, in the same shape and kind; nil leaves it as it
// is. Several functions are called in the order of their coming, each with what the one before it left. Where the pass is recorded,
// as by GradGraph, so is what f does. OnGrad returns a function that ends it, and panics when x does not require a gradient.
func (x *Tensor) OnGrad(f func(g *Tensor) *Tensor) (remove func()) {
	x.check("OnGrad")
	if !x.grad {
		fail("OnGrad", "x.SetRequiresGrad(true)", "%s does not require a gradient", x.label())
	}
	h, m := &hook{f}, x.extra()
	m.hooks = append(slices.Clone(m.hooks), h) // a pass may be going through the old ones
	return func() {
		m.hooks = slices.DeleteFunc(slices.Clone(m.hooks), func(o *hook) bool { return o == h })
	}
}

// hooked shows the gradient of e to the hooks of its tensor. What they see and make lives on after the pass.
func (p *pass) hooked(e *entry) {
	for _, h := range e.t.more.hooks {
		var r *Tensor
		m := changed()
		m.keeper = nil
		Keep(e.g)
		with(m, func() { r = h.f(e.g) })
		if r == nil || r == e.g {
			continue
		}
		r.fits("OnGrad", "a gradient", "a tensor", e.t)
		if p.sweep != nil {
			r = r.Clone() // the pass's own
		}
		p.drop(e)
		p.hold(e, r)
	}
}
