package session

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
)

// machineMemory is what the process may have: what no machine has ends it. ram is without what is moved to disk.
type machineMemory struct{ ram, all uint64 }

var machine = sync.OnceValue(func() machineMemory {
	m := physicalMemory()
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil { // a container's
		if n, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 64); err == nil && n > 0 {
			m = machineMemory{min(m.ram, n), min(m.all, n)}
		}
	}
	return m
})

// room panics if n elements of a size are more than the memory of the machine.
func room(n, each int) {
	have := machine().all
	if n <= 0 || uint64(n) <= have/uint64(each) || uint64(n) > 1<<48/uint64(each) { // the runtime panics by itself
		return
	}
	panic(&RuntimeError{fmt.Sprintf("runtime error: out of memory: %d elements of %s are more than the %s of this machine", n, bytesText(uint64(each)), bytesText(have))})
}

func bytesText(n uint64) string {
	if n == 1 {
		return "1 byte"
	}
	unit := 0
	f := float64(n)
	for f >= 1024 && unit < 4 {
		f /= 1024
		unit++
	}
	return fmt.Sprintf("%.3g %s", f, [...]string{"bytes", "KiB", "MiB", "GiB", "TiB"}[unit])
}

func repeat(s string, n int) string {
	room(n, max(1, len(s)))
	return strings.Repeat(s, n)
}

func repeatBytes(b []byte, n int) []byte {
	room(n, max(1, len(b)))
	return bytes.Repeat(b, n)
}

const (
	memoryLooks = 100 * time.Millisecond // between two looks at the memory of the process
	memoryPause = 500 * time.Millisecond // after one that freed what nothing refers to, which may take long
	someMemory  = 64 << 20               // what a cell must have added itself to be the one that is stopped
)

// memoryWatch looks now and then whether cells have taken nearly all memory: then they are stopped, before the system ends
// the process.
type memoryWatch struct{ next time.Time }

func (w *memoryWatch) look(runs []*run) {
	now := time.Now()
	if now.Before(w.next) {
		return
	}
	w.next = now.Add(memoryLooks)
	used, limit := residentMemory(), machine().ram/10*9
	for _, r := range runs {
		if r.memory == 0 {
			r.memory = used
		}
	}
	if used < limit {
		return
	}
	debug.FreeOSMemory()
	used = residentMemory()
	w.next = time.Now().Add(memoryPause)
	if used < limit {
		return
	}
	for _, r := range runs {
		r.mu.Lock()
		runs := !r.ended
		r.mu.Unlock()
		if runs && used > r.memory+someMemory {
			r.fail(&Failure{Name: "panic", Text: "out of memory: " + bytesText(used) + " are in use", Hint: "keep less, and set variables that are not needed any more to nil", Cell: r.cell})
		}
	}
}
