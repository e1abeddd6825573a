package probe_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tapir-go/tapir/eager/probe"
)

func ExampleMultiply() {
	start := time.Now()
	if probe.Multiply(1e6) {
		fmt.Printf("at least %.0f GFLOP/s\n", 2e6/time.Since(start).Seconds()/1e9)
	}
}

func ExampleInt8() {
	product := probe.Int8([]int8{1, -2, 3, 4}, 2, 2)
	c := make([]int32, 2)
	product(c, []uint8{10, 200}, 1)
	fmt.Println(c)
	// Output:
	// [610 780]
}

// More products take longer: what is measured is work, and none of it is left out.
func TestMultiplyWorks(t *testing.T) {
	if !probe.Multiply(1) {
		t.Skipf("level %s has no kernel for the peak", probe.Level())
	}
	took := func(n int) time.Duration {
		best := time.Hour
		for range 5 {
			start := time.Now()
			probe.Multiply(n)
			best = min(best, time.Since(start))
		}
		return best
	}
	if few, many := took(20e6), took(400e6); many < 5*few {
		t.Errorf("20 million products take %v, 400 million %v", few, many)
	}
}
