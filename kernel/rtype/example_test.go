package rtype_test

import (
	"fmt"
	"reflect"

	"github.com/tapir-go/tapir/kernel/rtype"
)

// A type Celsius with a method String, as a cell may declare it.
func Example() {
	number := reflect.TypeFor[float64]()
	str := []rtype.Method{{
		Name: "String",
		Type: reflect.TypeFor[func() string](),
		Call: func(recv reflect.Value, _ []reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.ValueOf(fmt.Sprintf("%.1f °C", reflect.Indirect(recv).Float()))}
		},
	}}
	celsius := rtype.Declare("main", "main.Celsius", true, number, len(str), len(str))
	celsius.Complete(number, nil, str, str)

	x := rtype.As(21.5, celsius.Type())
	fmt.Printf("%v is a %T\n", x, x)
	// Output: 21.5 °C is a main.Celsius
}
