package plain_test

import (
	"fmt"

	"github.com/tapir-go/tapir/kernel/plain"
	"github.com/tapir-go/tapir/kernel/symbols"
)

// What cells declare is at package level, what they do is in main, and the value of a last expression is printed.
func ExampleWrite() {
	p, err := plain.Write("growth.ipynb", []plain.Cell{
		{Number: 1, Text: "rate := 1.5 // a year\nfunc grown(x float64) float64 { return x * rate }"},
		{Number: 2, Text: "years := 0\nfor x := 1.0; x < 10; x = grown(x) {\n\tyears++\n}\nyears"},
		{Number: 3, Text: "years := strings.Repeat(\"|\", years)\nyears"},
	}, symbols.Table())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(p.Files["main.go"])
	// Output:
	// // The notebook growth.ipynb as a program, written by "tapir go".
	// package main
	//
	// import (
	// 	"fmt"
	// 	"strings"
	// )
	//
	// // cell 1
	//
	// var rate = 1.5 // a year
	//
	// func grown(x float64) float64 { return x * rate }
	//
	// func main() {
	// 	// cell 2
	// 	years := 0
	// 	for x := 1.0; x < 10; x = grown(x) {
	// 		years++
	// 	}
	// 	fmt.Println(years)
	//
	// 	// cell 3
	// 	years2 := strings.Repeat("|", years)
	// 	fmt.Println(years2)
	// }
}
