package kernel_test

import (
	"context"
	"fmt"

	"github.com/tapir-go/tapir/kernel"
)

func Example() {
	// What "tapir kernel CONNECTION_FILE" does; Start would make a session.
	err := kernel.Run(context.Background(), "kernel-1234.json", kernel.Options{Name: "tapir", Version: "1.0.0"})
	fmt.Println(err)
	// Output: connection file: open kernel-1234.json: no such file or directory
}
