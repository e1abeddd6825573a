package eager

import (
	"fmt"
	"testing"
)

// withNumber are the calls with a number beside a tensor, and what they stand for.
var withNumber = []struct {
	name string
	call func(x *Tensor, v float64) *Tensor
	want func(x, v *Tensor) *Tensor
}{
	{"Shift", (*Tensor).Shift, func(x, v *Tensor) *Tensor { return x.Add(v) }},
	{"Scale", (*Tensor).Scale, func(x, v *Tensor) *Tensor { return x.Mul(v) }},
	{"DivScalar", (*Tensor).DivScalar, func(x, v *Tensor) *Tensor { return x.Div(v) }},
	{"SubFrom", (*Tensor).SubFrom, func(x, v *Tensor) *Tensor { return v.Sub(x) }},
	{"DivInto", (*Tensor).DivInto, func(x, v *Tensor) *Tensor { return v.Div(x) }},
}

// TestANumberBesideATensorIsATensorOfOneKindAndShape holds values and the first two derivatives, bit for bit: a third is not what
// a product with 1/3 gives.
func TestANumberBesideATensorIsATensorOfOneKindAndShape(t *testing.T) {
	for _, c := range withNumber {
		for _, d := range []DType{Float32, Float64} {
			for _, shape := range []Shape{{}, {5}, {2, 3}, {0, 2}} {
				x := Param("x", NewRand(3).Uniform(0.5, 2, shape...).To(d))
				y, z := c.call(x, 3), c.want(x, filled(d, 3, shape))
				if y.DType() != d {
					t.Errorf("%s of %v: got %v", c.name, d, y.DType())
				}
				for order := range 3 {
					if got, want := fmt.Sprint(y.Shape(), y.Values()), fmt.Sprint(z.Shape(), z.Values()); got != want {
						t.Errorf("%s of %v%v, derivative %d: got %s, want %s", c.name, d, shape, order, got, want)
					}
					if !y.Square().Sum().RequiresGrad() {
						break
					}
					y, z = GradGraph(y.Square().Sum(), x)[0], GradGraph(z.Square().Sum(), x)[0]
				}
			}
		}
	}
}

func TestWholeNumbersTakeWholeNumbers(t *testing.T) {
	x := FromInts([]int{7, -8, 1 << 60}, 3)
	if got := x.SubFrom(1); got.DType() != Int64 || fmt.Sprint(got.Ints()) != "[-6 9 -1152921504606846975]" {
		t.Errorf("1-x is %v %v", got.DType(), got.Ints())
	}
}

func TestSliceFromGoesToTheEnd(t *testing.T) {
	x := ints(Float32, 3, 4)
	for _, c := range []struct {
		axis, lo int
		want     string
	}{
		{0, 0, "(3,4)[0 1 2 3 4 5 6 7 8 9 10 11]"}, {0, 2, "(1,4)[8 9 10 11]"}, {0, -1, "(1,4)[8 9 10 11]"}, {1, 3, "(3,1)[3 7 11]"},
		{-1, -2, "(3,2)[2 3 6 7 10 11]"}, {1, 4, "(3,0)[]"},
	} {
		y := x.SliceFrom(c.axis, c.lo)
		if got := fmt.Sprintf("%v%v", y.Shape(), y.Values()); got != c.want {
			t.Errorf("SliceFrom(%d, %d): got %s, want %s", c.axis, c.lo, got, c.want)
		}
		if y.a.Store != x.a.Store {
			t.Errorf("SliceFrom(%d, %d) copies", c.axis, c.lo)
		}
	}
	p := Param("p", New([]float64{1, 2, 3}, 3))
	close64(t, "gradient", Grad(p.SliceFrom(0, 1).Square().Sum(), p)[0], []float64{0, 4, 6}, 0)
}
