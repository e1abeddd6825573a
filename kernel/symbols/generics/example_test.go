package generics_test

import (
	"fmt"

	"github.com/tapir-go/tapir/kernel/symbols/generics"
)

func Example() {
	a, b := generics.Unique([2]int{1, 2}), generics.Unique([2]int{1, 2})
	fmt.Println(a == b, a.Value())
	// Output: true [1 2]
}
