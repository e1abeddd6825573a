package session_test

import (
	"context"
	"strings"
	"testing"
)

// TestWhatEndsCompiledProgramsIsAnErrorOfTheCell where it can be told before it happens.
func TestWhatEndsCompiledProgramsIsAnErrorOfTheCell(t *testing.T) {
	s, _ := newSession(t)
	must(t, s, 1, "n := 1 << 40\nsix := 6")
	for i, c := range []struct{ src, want string }{
		{"make([]byte, n)", "out of memory: 1099511627776 elements of 1 byte are more than the "},
		{"make([]float64, 0, 1<<44)", "out of memory: 17592186044416 elements of 8 bytes"},
		{"func square(n int) []int { return make([]int, n*n) }\nlen(square(1 << 20))", "out of memory: 1099511627776 elements of 8 bytes"},
		{"func power(n int) []int { return make([]int, int(math.Pow(float64(n), 2))) }\nlen(power(1 << 20))", "out of memory"},
		{"k := 8\nfor range 3 {\n\t_ = make([]int, k)\n\tk *= 1 << 20\n}", "out of memory"},
		{"make(map[string]int, n)", "out of memory"},
		{"make(chan int, n)", "out of memory"},
		{"strings.Repeat(\"ab\", n)", "out of memory"},
		{"bytes.Repeat([]byte(\"ab\"), n)", "out of memory"},
		{"neg := -n\nmake([]int, neg)", "makeslice: len out of range"},
		{"huge := n << 20\nmake([]int, huge)", "makeslice: len out of range"},
		{"p := (*int)(unsafe.Pointer(uintptr(0xdeadbeef)))\n*p", "invalid memory address"},
		{"var mu sync.RWMutex\nmu.RUnlock()", "sync: RUnlock of unlocked RWMutex"},
		{"syscall.Exit(3)", "exit status 3"},
		{"runtime.Breakpoint()", "no debugger runs this cell"},
		{"func() {\n\tdefer func() { recover() }()\n\truntime.Breakpoint()\n}()", "no debugger runs this cell"},
		{"debug.SetMaxStack(1000)", ""},
		{"var f func(int) int\nf = func(n int) int { return f(n+1) + 1 }\nf(0)", "stack overflow"},
	} {
		r := s.Run(context.Background(), 2+i, c.src)
		if c.want == "" && r.Failure != nil || c.want != "" && (r.Failure == nil || !strings.Contains(r.Failure.Text, c.want)) {
			t.Errorf("%s\nends with %v, want %q", c.src, r.Failure, c.want)
		}
	}
	if got := plainText(must(t, s, 100, "len(square(six)) + len(power(3)) + len(make([]int, six)) + len(strings.Repeat(\"ab\", six))")); got != "63" {
		t.Errorf("what fits has %s elements, want 63", got)
	}
}
