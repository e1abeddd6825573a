package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCauseOfAnEnd(t *testing.T) {
	for _, c := range []struct{ report, note, want string }{
		{"", "", ""},
		{"", "ran 3\nx := 1", ""},
		{"fatal error: concurrent map writes\n\ngoroutine 7 [running]:\n", "runs 7\nm := map[int]int{}\ngo fill(m)",
			"The kernel before this one ended in cell 7: fatal error: concurrent map writes\n  m := map[int]int{}\n  go fill(m)\n" +
				"hint: goroutines that share a map need a sync.Mutex around it, or a sync.Map\nWhat its cells declared is gone: run the ones that you need again.\n"},
		{"runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n", "ran 2\nf()",
			"The kernel before this one ended after cell 2, in a goroutine that still ran: fatal error: stack overflow\n  f()\n" +
				"hint: a recursion needs a case that does not call again\nWhat its cells declared is gone: run the ones that you need again.\n"},
		{"", "runs 4\ntrain()", "The kernel before this one was ended from outside while cell 4 ran: by the system for want of memory, or by hand.\n  train()\n" +
			"What its cells declared is gone: run the ones that you need again.\n"},
		{"goroutine 30 [running]:\ninternal/runtime/maps.fatal({0x9d5604?, 0x0?})\n\tpanic.go:1181\nreflect.mapaccess()\n\ngoroutine 1:\nx()", "runs 1\nf()",
			"The kernel before this one ended in cell 1: fatal error: concurrent map read and map write\n  f()\n" +
				"hint: goroutines that share a map need a sync.Mutex around it, or a sync.Map\nWhat its cells declared is gone: run the ones that you need again.\n"},
		{"goroutine 3 [running]:\nruntime.throw({0x9d5604?, 0x0?})\n\tpanic.go:1181\nruntime.sigpanic()\n", "runs 1\nf()",
			"The kernel before this one ended in cell 1: fatal error of the Go runtime in runtime.sigpanic\n  f()\nWhat its cells declared is gone: run the ones that you need again.\n"},
		{"something else", "", "The kernel before this one ended before its first cell: something else\n" +
			"What its cells declared is gone: run the ones that you need again.\n"},
	} {
		if got := cause([]byte(c.report), []byte(c.note)); got != c.want {
			t.Errorf("of %q and %q:\n%s\nwant\n%s", c.report, c.note, got, c.want)
		}
	}
	long := cause([]byte("panic: x"), []byte("runs 1\n"+strings.Repeat("line\n", 30)))
	if strings.Count(long, "  line\n") != 8 || !strings.Contains(long, "  ... 22 more lines\n") {
		t.Errorf("a long cell is shown as\n%s", long)
	}
}

func TestNothingIsLeftByAKernelThatEndsAsItShould(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "crash")
	c := watchCrash(dir, "connection.json")
	c.begin(1, "x := 1")
	c.end()
	c.close()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if text := watchCrash(dir, "connection.json").take(); text != "" {
		t.Errorf("the next kernel says %q", text)
	}
	if c := watchCrash("", "connection.json"); c != nil {
		t.Error("there is a place without a directory")
	}
	var none *crash
	none.begin(1, "")
	none.end()
	none.close()
	if none.take() != "" {
		t.Error("nothing has a cause")
	}
}
