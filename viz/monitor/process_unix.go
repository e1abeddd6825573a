//go:build unix

package monitor

import (
	"syscall"
	"time"
)

// processTime is the CPU time that this process has used.
func processTime() (time.Duration, string) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, "reading the CPU time of this process: " + err.Error()
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), ""
}
