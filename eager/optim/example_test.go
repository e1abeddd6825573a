package optim_test

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/optim"
)

func Example() {
	x := eager.New([]float64{0, 1, 2, 3}, 4, 1)
	y := eager.New([]float64{1, 3, 5, 7}, 4, 1) // 2x + 1
	w, b := eager.Param("w", eager.Zeros(1, 1)), eager.Param("b", eager.Zeros(1))

	opt := optim.NewAdam([]*eager.Tensor{w, b}, 0.1)
	for step := 0; step < 300; step++ {
		loss := x.Linear(w, b).Sub(y).Square().Mean()
		opt.Minimize(loss)
	}
	fmt.Printf("w %.2f  b %.2f\n", w.Item(), b.Item())
	// Output: w 2.00  b 1.00
}

func ExampleWarmUp() {
	s := optim.WarmUp{Steps: 2, Then: optim.Linear{Start: 0.1, End: 0, Steps: 2}}
	for step := 0; step < 5; step++ {
		fmt.Print(s.Rate(step), " ")
	}
	// Output: 0.05 0.1 0.1 0.05 0
}
