package lift_test

import (
	"fmt"

	"github.com/tapir-go/tapir/dynamic/lift"
	"github.com/tapir-go/tapir/eager"
)

// A function that halves its argument until it is small, as a program with a loop.
func Example() {
	text := `
func small(x *eager.Tensor) *eager.Tensor {
	for x.Abs().Max().Item() > 1 {
		x = x.Scale(0.5)
	}
	return x
}`
	p, err := lift.Lift(lift.Source{File: "small.go", Text: text, Func: "small"}, []lift.Input{{X: eager.New([]float64{1, 2}, 2), Axes: []string{"N"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := p.Run([]*eager.Tensor{eager.New([]float64{4, -6, 1}, 3)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y[0].Values())
	// Output: [0.5 -0.75 0.125]
}
