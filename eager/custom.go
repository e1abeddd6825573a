package eager

import (
	"slices"

	"github.com/tapir-go/tapir/eager/internal/array"
)

// Custom is a new op: a function that computes forward(in), and whose gradient is what gradient says. What forward does is not
// recorded, so it may read numbers out and compute in Go, or use ops whose own gradients are not wanted. gradient is given the
// arguments, the result y and its gradient g, in the shape of y, and returns a gradient for each argument in its shape, nil for
// one that has none. It must not change them. Where it is made of ops it can be differentiated in its turn; it is called once for
// each pass. CheckGrad compares the two. A gradient of nil is an op that none flows through.
//
// name is how errors and profiles call the op. The function that Custom returns panics with an Error when forward or gradient
// return what they should not. A recorded graph shows the ops that forward is made of.
func Custom(name string, forward func(in []*Tensor) *Tensor, gradient func(in []*Tensor, y, g *Tensor) []*Tensor) func(in ...*Tensor) *Tensor {
	if name == "" || forward == nil {
		fail("Custom", "", "name %q and forward function given: %v: want both", name, forward != nil)
	}
	op := &Op{Name: name, Args: -1, Differentiable: gradient != nil, kinds: "a"}
	op.together = func(_ any, in []*Tensor, y, g *Tensor) []*Tensor {
		grads := slices.Clone(gradient(slices.Clone(in), y, g))
		if len(grads) != len(in) {
			fail(name, "one for each argument, nil for one that has none", "the gradient function returned %d gradients for %d arguments", len(grads), len(in))
		}
		for i, d := range grads {
			if x := in[i]; d != nil && x.grad {
				d.check(name)
				if !array.Equal(d.a.Shape, x.a.Shape) || d.a.DType != x.a.DType {
					hint := ""
					if d.Size() > x.Size() {
						hint = "sum it over the axes along which the argument was repeated"
					}
					fail(name, hint, "the gradient function returned %v%v for argument %d, %v%v: want the same", d.dtype(), d.shape(), i, x.dtype(), x.shape())
				}
			}
		}
		return grads
	}
	return func(in ...*Tensor) *Tensor {
		in = slices.Clone(in)
		for _, x := range in {
			x.check(name)
		}
		var inner *Tensor
		NoGrad(func() { inner = forward(slices.Clone(in)) })
		inner.check(name)
		m := modes.Get()
		records := gradient != nil && recorded(in)
		if records && !inner.dtype().IsFloat() {
			fail(name, "", "the forward function returned %v%v: want a float tensor, or no gradient function", inner.dtype(), inner.shape())
		}
		var y *Tensor
		if records {
			y = newRecorded(op, none{}, in, inner.a)
		} else {
			y = &Tensor{a: inner.a}
		}
		y.handOut(m)
		if m != nil {
			if m.trace != nil {
				m.trace.add(opDetach.op, none{}, []*Tensor{inner}, y)
			}
			m.watch.note(in, y)
		}
		return y
	}
}
