package monitor

import (
	"syscall"
	"time"
)

// processTime is the CPU time that this process has used.
func processTime() (time.Duration, string) {
	var created, exited, kernel, user syscall.Filetime
	self, err := syscall.GetCurrentProcess()
	if err == nil {
		err = syscall.GetProcessTimes(self, &created, &exited, &kernel, &user)
	}
	if err != nil {
		return 0, "reading the CPU time of this process: " + err.Error()
	}
	return span(kernel) + span(user), ""
}

// span is a file time taken as a length: it counts 100 nanoseconds.
func span(t syscall.Filetime) time.Duration {
	return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * 100
}
