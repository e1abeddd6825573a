//go:build !amd64 && !arm64

package local

import (
	"bytes"
	"runtime"
	"strconv"
)

// ID is the identity of the running goroutine: the number in the first line of its stack trace, "goroutine 7 [running]:".
func ID() uintptr {
	var buf [64]byte
	line := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	if i := bytes.IndexByte(line, ' '); i > 0 {
		line = line[:i]
	}
	n, err := strconv.ParseUint(string(line), 10, 64)
	if err != nil {
		panic("internal error: no goroutine number in " + strconv.Quote(string(line)))
	}
	return uintptr(n)
}
