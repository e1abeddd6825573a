package eager

import (
	"errors"
	"strings"
	"testing"
)

// TestErrorsNameWhatWasGivenAndWhatIsWanted holds the texts that users see.
func TestErrorsNameWhatWasGivenAndWhatIsWanted(t *testing.T) {
	x, w := Zeros(64, 784), Zeros(128, 10)
	im := Zeros(2, 3, 8, 8)
	p := Param("w", Zeros(2))
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { x.MatMul(w) }, "MatMul: cannot multiply (64,784) by (128,10): want (n,k) by (k,m)\nhint: x has 784 columns, w has 128 rows"},
		{func() { x.MatMul(Zeros(10, 784)) }, "MatMul: cannot multiply (64,784) by (10,784): want (n,k) by (k,m)\nhint: x has 784 columns, w has 10 rows; x.MatMul(w.T()) would fit"},
		{func() { Zeros(3).MatMul(Zeros(4)) }, "MatMul: cannot multiply (3) by (4): want (n,k) by (k,m)"},
		{func() { Zeros(2, 3, 4).MatMul(Zeros(5, 4, 3)) }, "MatMul: cannot multiply (2,3,4) by (5,4,3): the batches (2) and (5) do not fit\nhint: axes before the last two must broadcast"},
		{func() { x.Linear(w, Zeros(10)) }, "Linear: cannot multiply (64,784) by (128,10): want (...,in) and (in,out)\nhint: x has 784 columns, w has 128 rows"},
		{func() { x.Linear(Zeros(784, 10), Zeros(5)) }, "Linear: bias of shape (5) for weights (784,10): want (10)"},
		{func() { x.Add(w) }, "Add: shapes (64,784) and (128,10) do not broadcast: 784 and 10 at axis -1\nhint: sizes are compared from the last axis; they must be equal, or one of them 1"},
		{func() { x.Reshape(64, 28, 29) }, "Reshape: cannot reshape (64,784) to (64,28,29): 50176 elements do not fill 51968 places"},
		{func() { x.Reshape(-1, 3) }, "Reshape: cannot reshape (64,784) to (-1,3): 50176 elements are no multiple of 3"},
		{func() { x.Reshape(-1, -1) }, "Reshape: cannot reshape (64,784) to (-1,-1)\nhint: at most one size is -1: what is left"},
		{func() { x.Sum(2) }, "Sum: no axis 2 in shape (64,784)\nhint: axes of (64,784) are 0 to 1, or -1 to -2 from the end"},
		{func() { x.Sum(0, -2) }, "Sum: axis -2 is given twice in (0,-2)"},
		{func() { Zeros(0, 2).Max() }, "Max: shape (0,2) has nothing to choose from"},
		{func() { x.Slice(0, 3, 70) }, "Slice: cannot take 3 to 70 of axis 0 of shape (64,784)"},
		{func() { x.SliceFrom(0, 70) }, "Slice: cannot take 70 to 64 of axis 0 of shape (64,784)"},
		{func() { x.SliceFrom(2, 0) }, "Slice: no axis 2 in shape (64,784)\nhint: axes of (64,784) are 0 to 1, or -1 to -2 from the end"},
		{func() { FromInts([]int{1}, 1).DivScalar(2) }, "Div: cannot take i64(1): want a float tensor\nhint: x.To(eager.Float32)"},
		{func() { FromInts([]int{1}, 1).DivInto(2) }, "Div: cannot take i64(1): want a float tensor\nhint: x.To(eager.Float32)"},
		{func() { FromInts([]int{1}, 1).SubFrom(0.5) }, "Sub: cannot use 0.5 with i64(1): want a whole number\nhint: x.To(eager.Float32)"},
		{func() { FromBool([]bool{true}, 1).SubFrom(1) }, "Sub: cannot take bool(1): want numbers\nhint: x.To(eager.Float32)"},
		{func() { (*Tensor)(nil).DivScalar(2) }, "Div: a tensor is nil"},
		{func() { (*Tensor)(nil).SubFrom(2) }, "Sub: a tensor is nil"},
		{func() { x.Index(0, 64) }, "Index: index 64 is outside axis 0 of shape (64,784)"},
		{func() { x.At(1) }, "At: 1 indices for shape (64,784): want 2"},
		{func() { x.Item() }, "Item: needs a tensor with one element, has shape (64,784)"},
		{func() { x.Want(-1, 10) }, "Want: shape is (64,784): want (-1,10)"},
		{func() { New([]float64{1, 2, 3}) }, "New: shape () holds 1 values, got 3\nhint: give the shape after the values: eager.New(values, 3)"},
		{func() { New([]float64{1, 2, 3}, 2, 2) }, "New: shape (2,2) holds 4 values, got 3"},
		{func() { Zeros(2, -1) }, "Zeros: shape (2,-1) has a negative size"},
		{func() { FromInts([]int{1}, 1).Tanh() }, "Tanh: cannot take i64(1): want a float tensor\nhint: x.To(eager.Float32)"},
		{func() { FromInts([]int{1}, 1).Scale(0.5) }, "Scale: cannot use 0.5 with i64(1): want a whole number\nhint: x.To(eager.Float32)"},
		{func() { Zeros(2).Not() }, "Not: cannot take f32(2): want a bool tensor"},
		{func() { Zeros(2, 2).Take(0, Zeros(1)) }, "Take: cannot take f32(1): want an i64 tensor\nhint: x.To(eager.Int64)"},
		{func() { Zeros(2, 2).Take(0, FromInts([]int{0, 2}, 2)) }, "Take: index 2 is outside axis 0 of shape (2,2): want 0 to 1"},
		{func() { Zeros(2, 2).Take(0, FromInts([]int{-1}, 1)) }, "Take: index -1 is outside axis 0 of shape (2,2): want 0 to 1"},
		{func() { Zeros(2, 3).Pick([]int{1}) }, "Pick: labels of shape (1) for rows of shape (2,3): want (n) and (n,c)"},
		{func() { Zeros(2, 3).CrossEntropy([]int{1}) }, "CrossEntropy: logits (2,3) with labels (1): want (n,c) and (n)"},
		{func() { Zeros(2, 3).CrossEntropy([]int{1, 3}) }, "CrossEntropy: index 3 is outside axis 1 of shape (2,3): want 0 to 2"},
		{func() { OneHot([]int{0, 5}, 3) }, "OneHot: label 5 at place 1 is not in 0 to 2"},
		{func() { Concat(0, []*Tensor{Zeros(2, 3), Zeros(2, 4)}) }, "Concat: cannot join (2,3) and (2,4) (argument 1) along axis 0: want equal sizes elsewhere"},
		{func() { im.Conv2d(Zeros(4, 2, 3, 3), nil, 1, 0) }, "Conv2d: cannot convolve (2,3,8,8) with (4,2,3,3) in 1 groups: images have 3 channels, kernels want 2"},
		{func() { im.Conv1d(Zeros(4, 2, 3), nil, 1, 0) }, "Conv1d: cannot convolve (2,3,8,8) with (4,2,3): want (n,c,l) and (o,c,k)"},
		{func() { im.ConvTranspose1d(Zeros(4, 2, 3), nil, 1, 0) }, "ConvTranspose1d: cannot convolve (2,3,8,8) with (4,2,3) backwards: want (n,c,l) and (c,o,k)"},
		{func() { im.Conv2d(Zeros(4, 3, 9, 9), nil, 1, 0) }, "Conv2d: a kernel (4,3,9,9) does not fit into images (2,3,8,8) with padding (0,0)\nhint: pad the images, or take a smaller kernel"},
		{func() { im.AvgPool2dWith(PoolOptions{K: [2]int{2, 3}, Pad: [2]int{2, 1}}) }, "AvgPool2d: windows of 2 by 3 in steps of 2 by 3 with padding 2 by 1: want sizes and steps of 1 or more, and padding of at most half a window"},
		{func() { im.MaxPool2d(9, 1) }, "MaxPool2d: windows of 9 in steps of 1 do not fit into (2,3,8,8)"},
		{func() { im.T().Squeeze(0) }, "Squeeze: axis 0 of shape (2,3,8,8): want an axis of size 1"},
		{func() { Zeros(3).Expand(4) }, "Expand: cannot expand (3) to (4)\nhint: sizes are compared from the last axis; a size that changes must be 1"},
		{func() { x.Backward() }, "Backward: (64,784) does not depend on anything that requires a gradient\nhint: it was made inside NoGrad, from Detach or whole numbers, or no tensor that it was made from is a parameter"},
		{func() { Grad(p.Exp(), p) }, "Grad: cannot start at shape (2): want a scalar\nhint: reduce it first, as in y.Mean() or y.Sum()"},
		{func() { Grad(p.Sum(), Param("b", Zeros(1))) }, "Grad: the result does not depend on argument 0, b (1)\nhint: it was not used, or only inside NoGrad or through Detach"},
		{func() { Grad(p.Sum(), x) }, "Grad: argument 0, (64,784), does not require a gradient\nhint: make it with eager.Param, or call x.SetRequiresGrad(true) before it is used"},
		{func() { p.Exp().Assign(p) }, "Assign: (2) was made by Exp\nhint: only leaves change in place: parameters, and what eager's makers return"},
		{func() { Zeros(2, 1).Expand(2, 3).Assign(Zeros(2, 3)) }, "Assign: (2,3) repeats the same numbers along axis 1\nhint: x.Clone() has its own numbers"},
		{func() { p.Assign(x) }, "Assign: cannot assign f32(64,784) to f32(2): want the same shape and kind"},
		{func() { FromInts([]int{1}, 1).SetRequiresGrad(true) }, "SetRequiresGrad: i64(1) has no gradient: want a float tensor\nhint: x.To(eager.Float32)"},
		{func() { (*Tensor)(nil).Sum() }, "Sum: a tensor is nil"},
		{func() { (*Tensor)(nil).Softmax(0) }, "Softmax: a tensor is nil"},
		{func() { x.Add(nil) }, "Add: a tensor is nil"},
		{func() { x.Clip(2, 1) }, "Clip: lo 2 is above hi 1"},
		{func() { NewRand(1).Categorical(New([]float64{1, -1}, 2)) }, "Categorical: row 0 of (2) has -1: want numbers of 0 or more\nhint: logits become probabilities by x.Softmax(-1)"},
		{func() { Arange(0, 1, 0) }, "Arange: no way from 0 to 1 in steps of 0"},
	} {
		err := Try(c.f)
		if err == nil {
			t.Errorf("no error, want %q", c.want)
			continue
		}
		if err.Error() != c.want {
			t.Errorf("got  %q\nwant %q", err.Error(), c.want)
		}
	}
}

func TestTryLetsOtherPanicsThrough(t *testing.T) {
	defer func() {
		if r := recover(); r != "mine" {
			t.Errorf("recovered %v", r)
		}
	}()
	_ = Try(func() { panic("mine") })
}

func TestShapeRulesReturnErrorsThatKnowTheirOp(t *testing.T) {
	_, err := OpNamed("MatMul").Shape(none{}, []Shape{{2, 3}, {4, 5}})
	var e *Error
	if !errors.As(err, &e) || e.Op != "MatMul" || !strings.Contains(e.Text, "(2,3) by (4,5)") {
		t.Errorf("got %v", err)
	}
}

func TestInterruptConcernsWhomItIsSaidTo(t *testing.T) {
	defer Interrupt(false)
	defer SetInterruptible(nil)
	x := Ones(3)
	stop := false
	SetInterruptible(func() bool { return stop })
	Interrupt(true)
	if got := x.Sum().Item(); got != 3 {
		t.Errorf("the sum is %v", got)
	}
	stop = true
	defer func() {
		if r := recover(); r != Interrupted {
			t.Errorf("recovered %v, want Interrupted", r)
		}
	}()
	x.Sum()
	t.Error("an op ran")
}

func TestInterruptStopsTheNextOp(t *testing.T) {
	defer Interrupt(false)
	x := Zeros(3)
	Interrupt(true)
	func() {
		defer func() {
			if r := recover(); r != Interrupted {
				t.Errorf("recovered %v, want Interrupted", r)
			}
		}()
		x.Exp()
		t.Error("an op ran")
	}()
	Interrupt(false)
	x.Exp()
}
