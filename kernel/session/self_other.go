//go:build !amd64 && !arm64

package session

import (
	"bytes"
	"runtime"
	"sync"
)

var byNumber sync.Map // number of a goroutine to *goroutine

// self is the calling goroutine. Where no register has it, it is found by its number in a stack trace, which takes
// microseconds; the stack is not known then, nor its panics.
func self() *goroutine {
	buf := make([]byte, 32)
	number, _, _ := bytes.Cut(bytes.TrimPrefix(buf[:runtime.Stack(buf, false)], []byte("goroutine ")), []byte(" "))
	if g, ok := byNumber.Load(string(number)); ok {
		return g.(*goroutine)
	}
	g, _ := byNumber.LoadOrStore(string(number), &goroutine{})
	return g.(*goroutine)
}
