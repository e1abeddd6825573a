package session

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// physicalMemory is the memory of the machine.
func physicalMemory() machineMemory {
	var i syscall.Sysinfo_t
	if syscall.Sysinfo(&i) != nil {
		return machineMemory{1 << 40, 1 << 40}
	}
	ram := uint64(i.Totalram) * uint64(i.Unit)
	return machineMemory{ram, ram + uint64(i.Totalswap)*uint64(i.Unit)}
}

// residentMemory is the memory that the process has, 0 if it is not known.
func residentMemory() uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	if f := bytes.Fields(text); len(f) > 1 {
		n, _ := strconv.ParseUint(string(f[1]), 10, 64)
		return n * uint64(os.Getpagesize())
	}
	return 0
}
