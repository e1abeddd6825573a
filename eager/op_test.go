package eager

import (
	"math"
	"testing"
)

// TestOps holds every declared op to the same promises.
func TestOps(t *testing.T) {
	for _, op := range Ops() {
		t.Run(op.Name, func(t *testing.T) {
			if len(op.Cases) == 0 {
				t.Fatal("has no Case")
			}
			for i, c := range op.Cases {
				checkShapeRule(t, op, c)
				checkInputsUntouched(t, op, c)
				if op.Differentiable {
					checkGradient(t, op, c, uint64(i))
				}
				if op.fast != nil || op.together != nil {
					checkFast(t, op, c)
				}
			}
		})
	}
}

func checkShapeRule(t *testing.T, op *Op, c Case) {
	t.Helper()
	want, err := op.Shape(c.At, c.In)
	if err != nil {
		t.Fatalf("shape rule refuses its own case %v: %v", c.In, err)
	}
	for _, d := range []DType{Float32, Float64} {
		if got := op.Apply(c.At, c.Inputs(1, d)).Shape(); got.String() != want.String() {
			t.Errorf("%v of %v: shape rule says %v, result has %v", d, c.In, want, got)
		}
	}
}

func checkInputsUntouched(t *testing.T, op *Op, c Case) {
	t.Helper()
	in := c.Inputs(2, Float32)
	before := make([][]float64, len(in))
	for i, x := range in {
		before[i] = x.Values()
	}
	op.Apply(c.At, in)
	for i, x := range in {
		for k, v := range x.Values() {
			if v != before[i][k] {
				t.Fatalf("argument %d of %v was changed", i, c.In)
			}
		}
	}
}

// checkGradient compares the gradient of a random combination of the results with central differences along one random direction
// for each argument, and then does the same to that gradient.
func checkGradient(t *testing.T, op *Op, c Case, seed uint64) {
	t.Helper()
	r := NewRand(seed + 10)
	in := c.Inputs(seed+20, Float64)
	var xs []*Tensor
	for i, x := range in {
		if k := c.Kinds[i]; k == 'f' || k == 'n' || k == 'a' {
			in[i] = Param("x", x)
			xs = append(xs, in[i])
		}
	}
	out := op.Apply(c.At, in)
	if !out.RequiresGrad() {
		t.Fatalf("no gradient is recorded for %v", c.In)
	}
	weights := like64(r, out)
	// call is the op with its differentiable arguments replaced.
	call := func(xs []*Tensor) *Tensor {
		args, k := append([]*Tensor(nil), in...), 0
		for i := range args {
			if args[i].RequiresGrad() {
				args[i] = xs[k]
				k++
			}
		}
		return op.Apply(c.At, args).Mul(weights).Sum()
	}
	compare(t, "first", c, call, xs, r, 1e-6)

	dirs := make([]*Tensor, len(xs))
	for i, x := range xs {
		dirs[i] = like64(r, x)
	}
	second := func(xs []*Tensor) *Tensor {
		s := ZerosOf(Float64)
		for i, g := range GradOf(call(xs), nil, xs, true, true) {
			if g != nil {
				s = s.Add(g.Mul(dirs[i]).Sum())
			}
		}
		for _, x := range xs { // keeps every argument in reach
			s = s.Add(x.Square().Sum().Scale(0.5))
		}
		return s
	}
	compare(t, "second", c, second, xs, r, 1e-6)
}

// checkFast holds the gradient that is not recorded against the one that is, for every argument and kind of floats.
func checkFast(t *testing.T, op *Op, c Case) {
	t.Helper()
	for d, tolerance := range map[DType]float64{Float32: 1e-5, Float64: 1e-12} {
		in := c.Inputs(5, d)
		for i, x := range in {
			if x.DType().IsFloat() {
				in[i] = Param("x", x)
			}
		}
		y := op.Apply(c.At, in)
		g := NewRand(6).Uniform(-1, 1, y.Shape()...).To(d)
		var all []*Tensor
		if op.together != nil {
			all = op.together(c.At, in, y, g)
		}
		for i, x := range in {
			if !x.RequiresGrad() {
				continue
			}
			want := op.grad(c.At, i, in, y, g)
			if op.fast != nil {
				close64(t, "fast gradient", op.fast(c.At, i, in, y, g), want.Values(), tolerance)
			}
			if all != nil {
				close64(t, "gradient together with others", all[i], want.Values(), tolerance)
			}
		}
	}
}

// close64 compares the numbers of a tensor, relative to the largest of them.
func close64(t *testing.T, what string, x *Tensor, want []float64, tolerance float64) {
	t.Helper()
	got := x.Values()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	scale := 1.0
	for _, w := range want {
		if !math.IsInf(w, 0) && !math.IsNaN(w) {
			scale = max(scale, math.Abs(w))
		}
	}
	for i, w := range want {
		if d := math.Abs(got[i] - w); !(d <= tolerance*scale) && !(math.IsNaN(w) && math.IsNaN(got[i])) && got[i] != w {
			t.Fatalf("%s: element %d is %g, want %g", what, i, got[i], w)
		}
	}
}

func like64(r *Rand, x *Tensor) *Tensor { return r.Uniform(-1, 1, x.Shape()...).To(Float64) }

// compare holds the gradient of f against central differences.
func compare(t *testing.T, order string, c Case, f func([]*Tensor) *Tensor, xs []*Tensor, r *Rand, tolerance float64) {
	t.Helper()
	const eps = 1e-5
	grads := Grad(f(xs), xs...)
	for i, x := range xs {
		d := like64(r, x)
		want := 0.0
		for _, side := range []float64{1, -1} {
			moved := append([]*Tensor(nil), xs...)
			moved[i] = Param("x", x.Detach().Add(d.Scale(side*eps)))
			want += side * f(moved).Item() / (2 * eps)
		}
		got := grads[i].Mul(d).Sum().Item()
		if !(math.Abs(got-want) <= tolerance*(1+math.Abs(want))) {
			t.Errorf("%s gradient of argument %d of %v: got %g along a random direction, central difference says %g", order, i, c.In, got, want)
		}
	}
}
