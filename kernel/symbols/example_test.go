package symbols_test

import (
	"fmt"

	"github.com/tapir-go/tapir/kernel/symbols"
)

func ExampleTable() {
	fmt.Println(symbols.Table().Doc("strings", "ToUpper"))
	// Output: ToUpper returns s with all Unicode letters mapped to their upper case.
}
