package session_test

import (
	"fmt"
	"runtime"
	"testing"
)

// TestTenThousandCells holds the memory that small cells leave behind to 60 MiB: the interpreter alone keeps the syntax of
// all that it was ever given.
func TestTenThousandCells(t *testing.T) {
	s, _ := newSession(t)
	cells := []string{"x := 5\ny := x*2 + 1\nx + y", "fmt.Sprint(x, y)", "for i := range 3 {\n\tx += i\n}", "z, err := strconv.Atoi(\"12\")\nfmt.Sprint(z, err)", "1 + 1"}
	run(t, s, 1, cells[0])
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 10_000 {
		run(t, s, i+2, cells[i%len(cells)])
	}
	grown := int64(heap()-before) >> 20
	t.Logf("10,000 cells: %d MiB more", grown)
	if grown > 60 {
		t.Errorf("10,000 small cells keep %d MiB, want at most 60", grown)
	}
	if got := fmt.Sprint(run(t, s, 10_002, "x").Value["text/plain"]); got == "" {
		t.Error("the session has lost x")
	}
}
