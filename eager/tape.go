package eager

import (
	"sync"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// node is one line of the tape: a call whose gradient may be asked for.
type node struct {
	op       *Op
	at       any
	in       []*Tensor
	saved    *Tensor // what Save kept for Fast
	where    *Place  // of the call; nil when it was not profiled
	inBuf    [3]*Tensor
	versions [3]uint32 // of the arguments' numbers at the time of the call
	rest     *[]uint32 // of those behind the third
}

// recordedTensor is a tensor and its node, in one allocation: neither outlives the other.
type recordedTensor struct {
	Tensor
	node
}

// newRecorded is the result out of a call.
func newRecorded(op *Op, at any, in []*Tensor, out array.Array) *Tensor {
	r := &recordedTensor{}
	y, n := &r.Tensor, &r.node
	y.a, y.grad, y.node = out, true, n
	n.op, n.at = op, at
	n.in = append(n.inBuf[:0], in...)
	if more := len(in) - len(n.versions); more > 0 {
		rest := make([]uint32, more)
		n.rest = &rest
	}
	for i, x := range in {
		*n.version(i) = x.a.Store.Version.Load()
	}
	return y
}

// version is that of argument i.
func (n *node) version(i int) *uint32 {
	if i < len(n.versions) {
		return &n.versions[i]
	}
	return &(*n.rest)[i-len(n.versions)]
}

// RequiresGrad says whether a gradient may flow into x: it is a parameter, or was made from one while recording.
func (x *Tensor) RequiresGrad() bool { return x.grad }

// SetRequiresGrad makes the leaf x one that gradients are recorded for, or no longer, and returns x. It panics when x was made
// by a recorded op, and when its kind is not a float.
func (x *Tensor) SetRequiresGrad(on bool) *Tensor {
	if x.node != nil {
		fail("SetRequiresGrad", "x.Detach() is a leaf with the same numbers", "%s was made by %s: want a leaf", x.label(), x.node.op.Name)
	}
	if on && !x.dtype().IsFloat() {
		fail("SetRequiresGrad", "x.To(eager.Float32)", "%v%v has no gradient: want a float tensor", x.dtype(), x.shape())
	}
	x.grad = on
	if m := modes.Get(); m != nil && m.watch != nil {
		m.watch.seen[x] = true
	}
	return x
}

// Param is a new leaf with a copy of the numbers of x, a name, and a gradient.
func Param(name string, x *Tensor) *Tensor {
	x.check("Param")
	p := wrap(array.Contiguous(&x.a)).SetName(name).SetRequiresGrad(true)
	if m := modes.Get(); m != nil && m.trace != nil {
		m.trace.add(opDetach.op, none{}, []*Tensor{x}, p)
	}
	return p
}

// Assign copies the numbers of v, which has the shape and kind of x, into the leaf x. Views of x see the change. A gradient
// through an op that saw the old numbers and needs them is an Error from then on.
func (x *Tensor) Assign(v *Tensor) {
	x.check("Assign")
	v.check("Assign")
	if x.node != nil {
		fail("Assign", "only leaves change in place: parameters, and what eager's makers return", "%s was made by %s", x.label(), x.node.op.Name)
	}
	if !array.Equal(x.a.Shape, v.a.Shape) || x.a.DType != v.a.DType {
		fail("Assign", "", "cannot assign %v%v to %v%v: want the same shape and kind", v.dtype(), v.shape(), x.dtype(), x.shape())
	}
	for k, st := range x.a.Strides {
		if st == 0 && x.a.Shape[k] > 1 {
			fail("Assign", "x.Clone() has its own numbers", "%s repeats the same numbers along axis %d", x.label(), k)
		}
	}
	decide("Assign", x, "")
	src := v.a
	if src.Store == x.a.Store {
		src = array.Contiguous(&src)
	}
	array.Copy(&x.a, &src)
	x.a.Store.Version.Add(1)
}

// Grad is dy/dx for each x, as plain numbers: y has one element, and each x is a leaf or intermediate tensor that y was
// computed from. It panics when y does not depend on one of them.
func Grad(y *Tensor, xs ...*Tensor) []*Tensor { return gradOf("Grad", y, nil, xs, false, false) }

// GradGraph is Grad whose result is itself recorded, so that it can be differentiated again.
func GradGraph(y *Tensor, xs ...*Tensor) []*Tensor {
	return gradOf("GradGraph", y, nil, xs, true, false)
}

// GradOf is the product of g with the Jacobian of y for each x: g has the shape of y; nil stands for 1 where y has one element.
// With createGraph the result is recorded. With allowUnused the result is nil for an x that y does not depend on; else that is
// an Error.
func GradOf(y, g *Tensor, xs []*Tensor, createGraph bool, allowUnused bool) []*Tensor {
	return gradOf("GradOf", y, g, xs, createGraph, allowUnused)
}

// Backward adds dy/dx to x.Grad() of every leaf x that y was computed from and that requires a gradient. y has one element.
func (y *Tensor) Backward() {
	y.check("Backward")
	checkTop("Backward", y, nil)
	p := newPass()
	defer p.end()
	p.collect(y, nil)
	grads := p.run("Backward", y, nil, p.leaves, false)
	accumulating.Lock()
	defer accumulating.Unlock()
	NoGrad(func() {
		for i, x := range p.leaves {
			m := x.extra()
			if g := grads[i]; m.grad == nil {
				m.grad = g
			} else if g != nil {
				m.grad = m.grad.Add(g)
			}
			if m.grad != nil {
				Keep(m.grad)
			}
		}
	})
}

// accumulating is held while Backward adds to the gradients of leaves.
var accumulating sync.Mutex

// Grad is the gradient that Backward has added up in the leaf x, or nil.
func (x *Tensor) Grad() *Tensor {
	if x.more == nil {
		return nil
	}
	return x.more.grad
}

// SetGrad replaces the gradient of x; g has the shape of x, or is nil.
func (x *Tensor) SetGrad(g *Tensor) {
	if g != nil && !array.Equal(g.a.Shape, x.a.Shape) {
		fail("SetGrad", "", "a gradient of shape %v for a tensor of shape %v", g.shape(), x.shape())
	}
	if g != nil {
		Keep(g)
	}
	x.extra().grad = g
}

// ZeroGrad drops the gradient of x.
func (x *Tensor) ZeroGrad() {
	if x.more != nil {
		x.more.grad = nil
	}
}

func checkTop(op string, y, g *Tensor) {
	switch {
	case !y.grad:
		fail(op, "it was made inside NoGrad, from Detach or whole numbers, or no tensor that it was made from is a parameter",
			"%s does not depend on anything that requires a gradient", y.label())
	case g == nil && y.Size() != 1:
		fail(op, "reduce it first, as in y.Mean() or y.Sum()", "cannot start at shape %v: want a scalar", y.shape())
	case g != nil && (!array.Equal(g.a.Shape, y.a.Shape) || g.a.DType != y.a.DType):
		fail(op, "", "got a gradient %v%v for a result %v%v: want the same", g.dtype(), g.shape(), y.dtype(), y.shape())
	}
}

func gradOf(op string, y, g *Tensor, xs []*Tensor, createGraph, allowUnused bool) []*Tensor {
	y.check(op)
	checkTop(op, y, g)
	for i, x := range xs {
		x.check(op)
		if !x.grad && !allowUnused {
			fail(op, "make it with eager.Param, or call x.SetRequiresGrad(true) before it is used", "argument %d, %s, does not require a gradient", i, x.label())
		}
	}
	p := newPass()
	defer p.end()
	p.collect(y, xs)
	grads := p.run(op, y, g, xs, createGraph)
	for i, x := range xs {
		if grads[i] == nil && !allowUnused {
			fail(op, "it was not used, or only inside NoGrad or through Detach", "the result does not depend on argument %d, %s", i, x.label())
		}
	}
	return grads
}
