package eager

import (
	"fmt"
	"math"
	"testing"
)

func TestOperandsAreBroughtToTheHigherKind(t *testing.T) {
	kinds := []DType{Bool, Uint8, Int64, Float32, Float64}
	for i, a := range kinds {
		for j, b := range kinds {
			if i == 0 && j == 0 {
				continue
			}
			got := OnesLike(ZerosOf(a, 2)).Add(OnesLike(ZerosOf(b, 2)))
			if want := kinds[max(i, j)]; got.DType() != want || got.At(0) != 2 {
				t.Errorf("%v and %v: got %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestCastsKeepValuesThatFit(t *testing.T) {
	x := FromFloat64([]float64{0, 1, 2.75, 200}, 4)
	for d, want := range map[DType]string{
		Float32: "[0 1 2.75 200]", Float64: "[0 1 2.75 200]", Int64: "[0 1 2 200]", Uint8: "[0 1 2 200]", Bool: "[0 1 1 1]",
	} {
		y := x.To(d)
		if got := fmt.Sprint(y.Values()); got != want || y.DType() != d {
			t.Errorf("%v: got %v%s, want %s", d, y.DType(), got, want)
		}
		if y.To(d) != y {
			t.Errorf("%v: To its own kind copies", d)
		}
	}
	big := FromInt64([]int64{math.MaxInt64 - 1}, 1)
	if got := big.Ints()[0]; got != math.MaxInt64-1 {
		t.Errorf("Ints lost digits: %d", got)
	}
}

func TestMakersCopyAndReadersCopy(t *testing.T) {
	v := []float32{1, 2}
	x := FromFloat32(v, 2)
	v[0] = 9
	x.Values()[0], x.Float32s()[0], x.Shape()[0] = 9, 9, 9
	if x.At(0) != 1 || x.Dim(0) != 2 {
		t.Errorf("x changed: %v", x)
	}
	for _, c := range []struct {
		x    *Tensor
		want string
	}{
		{New([]float64{1.5, 2}, 2), "f32(2)[1.5 2]"}, {FromFloat64([]float64{1.5}, 1), "f64(1)[1.5]"}, {FromInts([]int{-3}, 1), "i64(1)[-3]"},
		{FromInt64([]int64{4}, 1, 1), "i64(1,1)[4]"}, {FromUint8([]uint8{255}), "u8()[255]"}, {FromBool([]bool{true, false}, 2), "bool(2)[1 0]"},
		{Scalar(2), "f32()[2]"}, {Ones(2), "f32(2)[1 1]"}, {Full(3, 1), "f32(1)[3]"}, {Eye(2), "f32(2,2)[1 0 0 1]"},
		{Arange(0, 1, 0.25), "f32(4)[0 0.25 0.5 0.75]"}, {Arange(3, 0, -1), "f32(3)[3 2 1]"}, {Arange(1, 1, 1), "f32(0)[]"},
		{Linspace(0, 1, 3), "f32(3)[0 0.5 1]"}, {Linspace(2, 5, 1), "f32(1)[2]"}, {OneHot([]int{1, 0}, 2), "f32(2,2)[0 1 1 0]"},
		{ZerosOf(Int64, 2), "i64(2)[0 0]"}, {OnesLike(FromBool([]bool{false})), "bool()[1]"},
	} {
		if got := fmt.Sprintf("%v%v%v", c.x.DType(), c.x.Shape(), c.x.Values()); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestIntegersComputeExactly(t *testing.T) {
	x, y := FromInts([]int{7, -8, 1 << 60}, 3), FromInts([]int{2, 3, 1}, 3)
	for _, c := range []struct {
		x    *Tensor
		want string
	}{
		{x.Add(y), "[9 -5 1152921504606846977]"}, {x.Sub(y), "[5 -11 1152921504606846975]"}, {x.Maximum(y), "[7 3 1152921504606846976]"},
		{x.Slice(0, 0, 2).Mul(y.Slice(0, 0, 2)), "[14 -24]"}, {x.Slice(0, 0, 2).Sum(), "[-1]"}, {x.ArgMax(0), "[2]"}, {x.Slice(0, 0, 2).Square(), "[49 64]"},
		{x.Slice(0, 0, 2).Neg(), "[-7 8]"}, {x.Slice(0, 0, 2).Abs(), "[7 8]"}, {x.Slice(0, 0, 2).Scale(3), "[21 -24]"}, {y.CumSum(0), "[2 5 6]"},
		{y.Prod(), "[6]"}, {x.Neg(), "[-7 8 -1152921504606846976]"}, {x.Scale(2).Shift(1), "[15 -15 2305843009213693953]"}, {x.Slice(0, 0, 2).Clip(0, 5), "[5 0]"},
	} {
		if got := fmt.Sprint(c.x.Ints()); got != c.want || c.x.DType() != Int64 {
			t.Errorf("got %v %s, want i64 %s", c.x.DType(), got, c.want)
		}
	}
}

func TestNaNAndInfinityGoThrough(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x := New([]float64{1, nan, inf, -inf}, 4)
	for what, c := range map[string]struct {
		x    *Tensor
		want []float64
	}{
		"Max": {x.Max(), []float64{nan}}, "ArgMax": {x.ArgMax(0), []float64{1}}, "IsNaN": {x.IsNaN(), []float64{0, 1, 0, 0}},
		"Equal": {x.Equal(x), []float64{1, 0, 1, 1}}, "NotEqual": {x.NotEqual(x), []float64{0, 1, 0, 0}},
		"Softmax": {New([]float64{-inf, 0}, 2).Softmax(0), []float64{0, 1}}, "LogSumExp": {New([]float64{-inf, -inf}, 2).LogSumExp(0), []float64{-inf}},
		"Relu": {x.Relu(), []float64{1, nan, inf, 0}}, "Sign": {x.Sign(), []float64{1, nan, 1, -1}}, "Clip": {x.Clip(-2, 2), []float64{1, nan, 2, -2}},
		"Mean of nothing": {Zeros(0).Mean(), []float64{nan}}, "Sum of nothing": {Zeros(0, 3).Sum(0), []float64{0, 0, 0}},
		"Softplus": {New([]float64{1000, -1000}, 2).Softplus(), []float64{1000, 0}}, "LogSoftmax": {New([]float64{1000, 0}, 2).LogSoftmax(0), []float64{0, -1000}},
	} {
		close64(t, what, c.x, c.want, 1e-6)
	}
}

func TestTopKAndArgMaxTakeTheFirstOfEqualOnes(t *testing.T) {
	x := New([]float64{3, 1, 3, 2}, 1, 4)
	v, i := x.TopK(3)
	if fmt.Sprint(v.Values(), i.Ints()) != "[3 3 2] [0 2 3]" {
		t.Errorf("TopK: %v %v", v.Values(), i.Ints())
	}
	if x.ArgMax(1).Item() != 0 || x.Neg().ArgMin(1).Item() != 0 {
		t.Error("ArgMax and ArgMin want the first")
	}
}

func TestProdHasAGradientAtZeros(t *testing.T) {
	x := Param("x", New([]float64{2, 0, 5}, 3))
	close64(t, "one zero", Grad(x.Prod(), x)[0], []float64{0, 10, 0}, 0)
	y := Param("y", New([]float64{0, 0, 5}, 3))
	close64(t, "two zeros", Grad(y.Prod(), y)[0], []float64{0, 0, 0}, 0)
}
