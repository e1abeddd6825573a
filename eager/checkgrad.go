package eager

import (
	"fmt"
	"math"
)

// CheckGrad compares the derivatives of f at xs, every element of the result by every element of every x, with central differences
// in float64: they differ by at most 1e-5 (1+|d|). The xs become float64, and f must work with that kind. The Error that it
// returns names the input and the elements, and the op whose own gradient is wrong, where there is one. It panics when f does.
// Points where f has a kink, such as 0 of Relu, are no mistake of f but are found too. f runs twice for each element of the xs.
func CheckGrad(f func(xs []*Tensor) *Tensor, xs []*Tensor) error {
	plain := make([]*Tensor, len(xs))
	for i, x := range xs {
		x.check("CheckGrad")
		plain[i] = x.Detach().To(Float64).SetName(x.Name())
	}
	text := disagreement(f, plain)
	if text == "" {
		return nil
	}
	e := &Error{Op: "CheckGrad", Text: text}
	for _, ev := range Trace(func() { NoGrad(func() { f(plain) }) }) {
		if ev.Op == nil || !ev.Op.Differentiable {
			continue
		}
		if wrong := ownGradient(ev); wrong != "" {
			e.Hint = fmt.Sprintf("the gradient of %s at %v is wrong: %s", ev.Op.Name, ev.Where, wrong)
			break
		}
	}
	return e
}

// ownGradient is what is wrong with the gradient of the op that ran in ev, by itself, or "".
func ownGradient(ev Event) string {
	var at []int // arguments that have gradients
	var xs []*Tensor
	for i, x := range ev.In {
		if x.dtype().IsFloat() {
			at, xs = append(at, i), append(xs, x)
		}
	}
	return disagreement(func(xs []*Tensor) *Tensor {
		in := append([]*Tensor(nil), ev.In...)
		for k, i := range at {
			in[i] = xs[k]
		}
		return ev.Op.Apply(ev.At, in)
	}, xs)
}

// disagreement says where the Jacobian of f at xs is not what central differences say, or "".
func disagreement(f func(xs []*Tensor) *Tensor, xs []*Tensor) string {
	const tolerance = 1e-5
	jacobians := Jacobian(f, xs)
	for i, x := range xs {
		got, at := jacobians[i].Values(), x.Values()
		shape := x.shape()
		for k, v := range at {
			eps := 1e-6 * max(1, math.Abs(v))
			var sides [2][]float64
			var out Shape
			for s, step := range []float64{eps, -eps} {
				at[k] = v + step
				moved := append([]*Tensor(nil), xs...)
				moved[i] = FromFloat64(at, shape...).To(x.dtype())
				NoGrad(func() {
					y := f(moved)
					sides[s], out = y.Values(), y.Shape()
				})
			}
			at[k] = v
			for r := range sides[0] {
				want := (sides[0][r] - sides[1][r]) / (2 * eps)
				if d := got[r*len(at)+k]; !(math.Abs(d-want) <= tolerance*(1+math.Abs(want))) {
					return fmt.Sprintf("the derivative of element %v of the result by element %v of input %d, %s, is %g: central differences say %g",
						indices(r, out), indices(k, shape), i, x.label(), d, want)
				}
			}
		}
	}
	return ""
}

// indices are the indices of element k of a tensor of shape s.
func indices(k int, s Shape) []int {
	at := make([]int, len(s))
	for i := len(s) - 1; i >= 0; i-- {
		at[i], k = k%s[i], k/s[i]
	}
	return at
}
