package eager_test

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// Fit a line to four points by gradient descent.
func Example() {
	x := eager.New([]float64{0, 1, 2, 3}, 4, 1)
	y := x.Scale(2).Shift(-1)
	w, b := eager.Param("w", eager.Zeros(1, 1)), eager.Param("b", eager.Zeros(1))

	for range 500 {
		loss := x.Linear(w, b).Sub(y).Square().Mean()
		g := eager.Grad(loss, w, b)
		w.Assign(w.Detach().Sub(g[0].Scale(0.1)))
		b.Assign(b.Detach().Sub(g[1].Scale(0.1)))
	}
	fmt.Printf("y = %.2f x + %.2f\n", w.Item(), b.Item())
	// Output: y = 2.00 x + -1.00
}

func ExampleTensor_MatMul() {
	fmt.Println(eager.New([]float64{1, 2, 3, 4}, 2, 2).MatMul(eager.Eye(2)))
	err := eager.Try(func() { eager.Zeros(64, 784).MatMul(eager.Zeros(128, 10)) })
	fmt.Println(err)
	// Output:
	// f32[2,2] mean 2.5 std 1.118 range 1 to 4
	// 1 2
	// 3 4
	// MatMul: cannot multiply (64,784) by (128,10): want (n,k) by (k,m)
	// hint: x has 784 columns, w has 128 rows
}

func ExampleGradGraph() {
	x := eager.Param("x", eager.Scalar(3))
	slope := eager.GradGraph(x.PowScalar(3), x)[0] // 3 x²
	curve := eager.Grad(slope, x)[0]               // 6 x
	fmt.Println(slope.Item(), curve.Item())
	// Output: 27 18
}

// The curvature of a function in a direction, without its Hessian.
func ExampleHVP() {
	f := func(xs []*eager.Tensor) *eager.Tensor { return xs[0].PowScalar(3).Sum() }
	x := []*eager.Tensor{eager.New([]float64{1, 2}, 2)}
	v := []*eager.Tensor{eager.New([]float64{1, 1}, 2)}
	y, hv := eager.HVP(f, x, v)
	fmt.Println(y.Item(), hv[0].Values(), eager.Hessian(f, x)[0][0].Values())
	// Output: 9 [6 12] [6 0 0 12]
}

// What did an op and its gradient do?
func ExampleProfile() {
	w := eager.Param("w", eager.Ones(3, 2))
	report := eager.Profile(func() { eager.Ones(4, 3).MatMul(w).Sum().Backward() })
	for _, c := range report.Ops {
		if c.Name == "MatMul" {
			fmt.Println(c.Calls, "call,", c.Flops, "additions and multiplications")
		}
	}
	// Output: 1 call, 48 additions and multiplications
}
