//go:build ignore

// Command gen writes the generated files of kernel/symbols; with -own only those of the module's own packages.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/tapir-go/tapir/kernel/symbols/internal/generate"
)

func main() {
	own := flag.Bool("own", false, "leave the standard library's tables as they are")
	flag.Parse()
	if err := generate.Run("../..", ".", !*own); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
