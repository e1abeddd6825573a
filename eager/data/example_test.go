package data_test

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/data"
)

func Example() {
	flowers := data.Iris()
	fmt.Println(flowers)
	train, test := flowers.Split(0.8, eager.NewRand(1))
	scaling := train.Normalise()
	test.X = scaling.Apply(test.X)

	loader := data.NewLoader(train, 50, eager.NewRand(2))
	for it := loader.Epoch(); it.Next(); {
		x, labels := it.Batch()
		fmt.Println(x.Shape(), len(labels))
	}
	// Output:
	// 150 examples of (4), 3 classes
	// (50,4) 50
	// (50,4) 50
	// (20,4) 20
}
