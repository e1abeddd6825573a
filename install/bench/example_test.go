package bench_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/tapir-go/tapir/install/bench"
)

func Example() {
	row := bench.Rows()[0]
	fmt.Println(row.ID(), "against", row.Rivals[0].Name, "wants", row.Rivals[0].Bar)
	// A worker answers lines with lines.
	err := bench.Serve(strings.NewReader("make small\nrun 0\n"), os.Stdout, "development", nil)
	fmt.Println(err)
	// Output:
	// SGEMM n = 256, 1 thread against PyTorch wants 0.95
	// ok
	// error run "0": want a number of iterations
	// <nil>
}
