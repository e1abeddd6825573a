package eager_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

// TestInt8LinearIsNearFloat: what is between the two is the rounding of x, half a step a number.
func TestInt8LinearIsNearFloat(t *testing.T) {
	r := eager.NewRand(3)
	for _, s := range []struct{ shape, w []int }{{[]int{5, 7}, []int{7, 3}}, {[]int{2, 3, 64}, []int{64, 33}}, {[]int{9}, []int{9, 40}}, {[]int{0, 4}, []int{4, 2}}} {
		x, w, b := r.Normal(s.shape...).Scale(2).Shift(1), r.Normal(s.w...), r.Normal(s.w[1])
		q := eager.ToInt8(w)
		want, got := x.Linear(q.Float(), b), q.Linear(x, b)
		if fmt.Sprint(got.Shape()) != fmt.Sprint(want.Shape()) {
			t.Fatalf("%v: shape %v, want %v", s.shape, got.Shape(), want.Shape())
		}
		in, out := s.w[0], s.w[1]
		xs, ws, ys := x.Values(), q.Float().Values(), got.Values()
		for i, v := range want.Values() {
			lo, hi, size := 0.0, 0.0, 0.0
			for p := range in {
				lo, hi = min(lo, xs[i/out*in+p]), max(hi, xs[i/out*in+p])
				size += math.Abs(ws[p*out+i%out])
			}
			if bound := (hi-lo)/255*size*1.01 + 1e-5; math.Abs(ys[i]-v) > bound {
				t.Fatalf("%v: element %d is %v, want %v within %v", s.shape, i, ys[i], v, bound)
			}
		}
	}
}

func TestInt8IsWithinHalfAStep(t *testing.T) {
	w := eager.NewRand(4).Normal(50, 6).Scale(3)
	q := eager.ToInt8(w)
	scales, got := q.Scales().Values(), q.Float().Values()
	for i, v := range w.Values() {
		if math.Abs(got[i]-v) > scales[i%6]*0.5001 {
			t.Errorf("%v became %v in steps of %v", v, got[i], scales[i%6])
		}
	}
	turned := eager.ToInt8(w.T().Contiguous().T()).Float().Values()
	for i := range got {
		if turned[i] != got[i] {
			t.Fatalf("a view gives %v for element %d, its copy %v", turned[i], i, got[i])
		}
	}
}

func TestInt8OfTurnedInput(t *testing.T) {
	x := eager.NewRand(5).Normal(8, 5)
	q := eager.ToInt8(eager.NewRand(6).Normal(8, 4))
	got, want := q.Linear(x.T(), nil).Values(), q.Linear(x.T().Contiguous(), nil).Values()
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("element %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestInt8ErrorsSayWhatIsWanted(t *testing.T) {
	q := eager.ToInt8(eager.Ones(3, 2))
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { eager.ToInt8(eager.Ones(3)) }, "ToInt8: cannot take f32(3): want a float tensor (in,out)"},
		{func() { eager.ToInt8(eager.New([]float64{1, math.NaN()}, 1, 2)) }, "ToInt8: element (0,1) is NaN"},
		{func() { q.Linear(eager.Ones(4, 4), nil) }, "Int8.Linear: cannot multiply f32(4,4) by (3,2): want f32(...,3)"},
		{func() { q.Linear(eager.Ones(4, 3), eager.Ones(3)) }, "Int8.Linear: bias f32(3) for weights (3,2): want f32(2)"},
	} {
		if err := eager.Try(c.f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// Weights in 8 bits, for inference.
func ExampleInt8() {
	w := eager.New([]float64{1, -127, 0.5, 127, 0.25, 0}, 3, 2)
	q := eager.ToInt8(w)
	fmt.Println(q.Linear(eager.New([]float64{0, 255, 0}, 1, 3), eager.New([]float64{0, 1}, 2)).Values()[1])
	// Output: 32386
}
