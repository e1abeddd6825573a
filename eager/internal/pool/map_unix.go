//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package pool

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// mapMemory is n zero bytes from the operating system, off the Go heap.
func mapMemory(n int) []byte {
	for try := 0; ; try++ { // a second time when the collector has had its turn
		b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err == nil {
			advise(b)
			return b
		}
		if try > 0 {
			Refuse(&Exceeded{Want: int64(n), Live: live.Load()})
		}
		runtime.GC()
	}
}

func unmapMemory(b []byte) {
	if err := unix.Munmap(b); err != nil {
		panic(fmt.Sprintf("internal error: munmap of %d bytes: %v", len(b), err))
	}
}
