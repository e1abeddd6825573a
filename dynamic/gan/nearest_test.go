package gan

import (
	"slices"
	"testing"

	"github.com/tapir-go/tapir/eager"
)

func TestNearestFindsCopies(t *testing.T) {
	data := eager.New([]float64{0, 0, 3, 4, 10, 0}, 3, 2)
	index, distance := Nearest(eager.New([]float64{10, 0, 0, 4, 0, -2, 5, 0}, 4, 2), data)
	if !slices.Equal(index, []int{2, 1, 0, 1}) || distance[0] != 0 || distance[1] != 3 || distance[2] != 2 {
		t.Errorf("nearest are %v at %v", index, distance)
	}
}
