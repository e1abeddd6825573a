package safetensors_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/safetensors"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")

	w := eager.New([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	if err := safetensors.Save(path, map[string]*eager.Tensor{"weight": w}, map[string]string{"epoch": "3"}); err != nil {
		panic(err)
	}

	tensors, metadata, err := safetensors.Load(path)
	fmt.Println(tensors["weight"].Shape(), tensors["weight"].Values(), metadata, err)

	if err := os.Truncate(path, 80); err != nil {
		panic(err)
	}
	_, _, err = safetensors.Load(path)
	fmt.Println(err.(*safetensors.Error).Text)
	// Output:
	// (2,3) [1 2 3 4 5 6] map[epoch:3] <nil>
	// the header is said to have 96 bytes, but only 72 follow: the file is truncated
}
