//go:build unix

package bench

import (
	"fmt"
	"runtime"
	"syscall"
)

// peakMemory is the most memory that this process has had, in bytes.
func peakMemory() (int64, error) {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0, fmt.Errorf("asking for the use of memory: %w", err)
	}
	most := int64(use.Maxrss) // of KiB, but on macOS
	if runtime.GOOS != "darwin" {
		most *= 1024
	}
	return most, nil
}
