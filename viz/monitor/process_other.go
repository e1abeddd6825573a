//go:build !unix && !windows

package monitor

import (
	"runtime"
	"time"
)

func processTime() (time.Duration, string) {
	return 0, "the standard library does not tell the CPU time of a process on " + runtime.GOOS
}
