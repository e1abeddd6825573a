package eager

import (
	"slices"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// VJP is y = f(xs), and for each x the product of v with the Jacobian dy/dx, in the shape of x. v has the shape and kind of y;
// nil stands for 1 where y has one element. It is 0 where y does not depend on x.
//
// What VJP, JVP, HVP, Jacobian and Hessian return is recorded, as what an op returns, where one of the arguments requires a
// gradient or f uses something else that does; else, and inside NoGrad, it is plain numbers. The xs need not require gradients.
// They panic with an Error when an x is not of floats, and when shapes or kinds do not fit.
func VJP(f func(xs []*Tensor) *Tensor, xs []*Tensor, v *Tensor) (y *Tensor, grads []*Tensor) {
	differentiate("VJP", f, xs, []*Tensor{v}, func(d *derivation) {
		if v == nil && d.y.Size() != 1 {
			fail("VJP", "nil stands for 1 where f returns one element", "got no vector for a result of shape %v", d.y.shape())
		} else if v != nil {
			v.fits("VJP", "a vector", "the result", d.y)
		}
		y, grads = d.result(), d.pull(d.y, v, d.graph)
	})
	return y, grads
}

// JVP is y = f(xs), and the derivative of y when every x moves by its v: the sum of the products dy/dx v, in the shape of y. vs has
// a tensor of the shape and kind of each x. It is the gradient of a VJP for its vector (Townsend 2017), so it takes two passes back
// whatever the number of xs, and needs gradients that can be differentiated again, as those of all ops are. For Errors and what
// is recorded see VJP.
func JVP(f func(xs []*Tensor) *Tensor, xs, vs []*Tensor) (y, dy *Tensor) {
	alongEach("JVP", xs, vs)
	differentiate("JVP", f, xs, vs, func(d *derivation) {
		u := zeros(d.y.dtype(), d.y.shape()).SetRequiresGrad(true)
		s := d.along(d.pull(d.y, u, true), vs)
		d.xs = []*Tensor{u}
		y, dy = d.result(), d.pull(s, nil, d.graph)[0]
	})
	return y, dy
}

// HVP is y = f(xs), which has one element, and for each x the product of the Hessian of f with vs, in the shape of x: the
// derivative of the gradients dy/dx when every x moves by its v. vs has a tensor of the shape and kind of each x. It never makes
// the Hessian. For Errors and what is recorded see VJP.
func HVP(f func(xs []*Tensor) *Tensor, xs, vs []*Tensor) (y *Tensor, hv []*Tensor) {
	alongEach("HVP", xs, vs)
	differentiate("HVP", f, xs, vs, func(d *derivation) {
		d.wantScalar()
		y, hv = d.result(), d.pull(d.along(d.pull(d.y, nil, true), vs), nil, d.graph)
	})
	return y, hv
}

// Jacobian is dy/dx of y = f(xs) for each x: the shape of y followed by the shape of x, so that for vectors y (m) and x (n) it is
// (m,n). It takes a pass back for each element of y. For Errors and what is recorded see VJP.
func Jacobian(f func(xs []*Tensor) *Tensor, xs []*Tensor) []*Tensor {
	var out []*Tensor
	differentiate("Jacobian", f, xs, nil, func(d *derivation) { out = d.rows(d.y) })
	return out
}

// Hessian is the second derivatives of f(xs), which has one element: element [i][j] is those for x i and x j, in the shape of x i
// followed by the shape of x j. It takes a pass back for each element of all xs. For Errors and what is recorded see VJP.
func Hessian(f func(xs []*Tensor) *Tensor, xs []*Tensor) [][]*Tensor {
	var out [][]*Tensor
	differentiate("Hessian", f, xs, nil, func(d *derivation) {
		d.wantScalar()
		for _, g := range d.pull(d.y, nil, true) {
			out = append(out, d.rows(g))
		}
	})
	return out
}

// derivation is a recorded call of a function that is to be differentiated.
type derivation struct {
	op    string
	y     *Tensor
	xs    []*Tensor // what the function was called with: stand-ins, since it may use the tensors themselves besides
	graph bool      // whether derivatives are recorded
}

// differentiate calls f with stand-ins for xs, recording, and then then. vs are other tensors that derivatives depend on, or nil.
func differentiate(op string, f func(xs []*Tensor) *Tensor, xs, vs []*Tensor, then func(d *derivation)) {
	m := changed()
	quiet := m.noGrad
	m.noGrad = false
	with(m, func() {
		d := &derivation{op: op}
		for i, x := range xs {
			x.check(op)
			if !x.dtype().IsFloat() {
				fail(op, "x.To(eager.Float32)", "argument %d, %v%v, has no derivative: want a float tensor", i, x.dtype(), x.shape())
			}
			if x.grad && !quiet {
				d.xs = append(d.xs, x.Reshape(x.shape()...))
			} else {
				d.xs = append(d.xs, x.Detach().SetRequiresGrad(true))
			}
		}
		d.y = f(slices.Clone(d.xs))
		d.y.check(op)
		if !d.y.dtype().IsFloat() {
			fail(op, "", "the function returned %v%v: want a float tensor", d.y.dtype(), d.y.shape())
		}
		if !quiet {
			d.graph = d.y.grad && d.reachesOut()
			for _, v := range vs {
				d.graph = d.graph || v != nil && v.grad
			}
		}
		then(d)
	})
}

// reachesOut says whether y depends on anything that requires a gradient besides the stand-ins.
func (d *derivation) reachesOut() bool {
	p := newPass()
	defer p.end()
	p.collect(d.y, nil)
	return slices.ContainsFunc(p.leaves, func(x *Tensor) bool { return !slices.Contains(d.xs, x) })
}

// result is y for the caller.
func (d *derivation) result() *Tensor {
	if d.graph {
		return d.y
	}
	return d.y.Detach()
}

func (d *derivation) wantScalar() {
	if d.y.Size() != 1 {
		fail(d.op, "reduce it first, as in y.Mean() or y.Sum()", "the function returned shape %v: want a scalar", d.y.shape())
	}
}

// pull is the product of g, or 1, with the Jacobian of y for each of d.xs, 0 where y does not depend on it.
func (d *derivation) pull(y, g *Tensor, graph bool) []*Tensor {
	grads := make([]*Tensor, len(d.xs))
	if y.grad {
		grads = gradOf(d.op, y, g, d.xs, graph, true)
	}
	for i, x := range d.xs {
		if grads[i] == nil {
			grads[i] = zeros(x.dtype(), x.shape())
		}
	}
	return grads
}

// along is the sum of the products of grads and vs, a scalar.
func (d *derivation) along(grads, vs []*Tensor) *Tensor {
	s := zeros(d.y.dtype(), Shape{})
	for i, g := range grads {
		s = s.Add(g.Mul(vs[i]).Sum())
	}
	return s
}

// rows is the Jacobian of y for each of d.xs.
func (d *derivation) rows(y *Tensor) []*Tensor {
	rows := make([][]*Tensor, len(d.xs))
	unit := make([]float64, y.Size())
	for k := range unit {
		unit[k] = 1
		for i, g := range d.pull(y, FromFloat64(unit, y.shape()...).To(y.dtype()), d.graph) {
			rows[i] = append(rows[i], g)
		}
		unit[k] = 0
	}
	out := make([]*Tensor, len(d.xs))
	for i, x := range d.xs {
		shape := append(y.Shape(), x.shape()...)
		if len(rows[i]) == 0 {
			out[i] = zeros(x.dtype(), shape)
			continue
		}
		out[i] = Stack(0, rows[i]).Reshape(shape...)
	}
	return out
}

// alongEach panics unless there is a v for each x.
func alongEach(op string, xs, vs []*Tensor) {
	if len(vs) != len(xs) {
		fail(op, "", "%d vectors for %d arguments: want one for each", len(vs), len(xs))
	}
	for i, v := range vs {
		xs[i].check(op)
		v.fits(op, "a vector", "an argument", xs[i])
	}
}

// fits panics unless v has the shape and kind of x.
func (v *Tensor) fits(op, what, whose string, x *Tensor) {
	v.check(op)
	if !array.Equal(v.a.Shape, x.a.Shape) || v.a.DType != x.a.DType {
		fail(op, "", "%s %v%v for %s %v%v: want the same", what, v.dtype(), v.shape(), whose, x.dtype(), x.shape())
	}
}
