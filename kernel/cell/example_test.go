package cell_test

import (
	"fmt"
	"go/token"

	"github.com/tapir-go/tapir/kernel/cell"
)

// A cell mixes imports, declarations and statements; each is an item of its own.
func ExampleCut() {
	src, problems := cell.Cut(token.NewFileSet(), 1, 1, "import \"math\"\nx := math.Pi\nfunc double(v float64) float64 { return 2 * v }\ndouble(x)")
	for _, item := range src.Items {
		fmt.Printf("%q\n", src.Text[item.Off:item.End])
	}
	fmt.Println(len(problems), "problems")
	// Output:
	// "import \"math\""
	// "x := math.Pi"
	// "func double(v float64) float64 { return 2 * v }"
	// "double(x)"
	// 0 problems
}

func ExampleComplete() {
	status, indent := cell.Complete("for i := range 3 {")
	fmt.Printf("%s %q\n", status, indent)
	status, _ = cell.Complete("x := 1")
	fmt.Println(status)
	// Output:
	// incomplete "\t"
	// complete
}
