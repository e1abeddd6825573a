package session

import (
	"sync"
	"unsafe"
)

// goroutine is the beginning of what the runtime keeps about a goroutine. Its address tells goroutines apart; it stays when
// the goroutine has ended, for the next one. TestTheRuntimeIsAsExpected holds the layout to that of the runtime.
type goroutine struct {
	lo, hi uintptr // bounds of its stack
	_      [2]uintptr
	panic  *struct{ value any } // the innermost panic
}

// stack is the size of a goroutine's stack, 0 if it is not known. It grows by doubling. Any goroutine may ask, without
// synchronisation: a size that is a little late does.
//
//go:norace
func (g *goroutine) stack() uintptr {
	if g == nil || g.hi < g.lo { // it has ended, or is being given another stack
		return 0
	}
	return g.hi - g.lo
}

// depth is how much of its stack the calling goroutine, which is g, uses.
func (g *goroutine) depth() uintptr {
	if g.hi == 0 {
		return 0
	}
	var here byte
	return g.hi - uintptr(unsafe.Pointer(&here))
}

// panicValue is, in a deferred function that has recovered, what was recovered; ok is false where the runtime is not as
// expected. Only the goroutine itself may ask.
func (g *goroutine) panicValue() (v any, ok bool) {
	if !panicsKnown() || g.panic == nil {
		return nil, false
	}
	return g.panic.value, true
}

// panicsKnown tells, by a trial, whether the runtime has panics where panicValue looks for them.
var panicsKnown = sync.OnceValue(func() (known bool) {
	g := self()
	if g.stack() == 0 || g.stack() > 1<<30 || g.stack()%1024 != 0 {
		return false
	}
	mark := &RuntimeError{"a trial"}
	defer func() {
		known = recover() == any(mark) && g.panic != nil && g.panic.value == any(mark)
	}()
	panic(mark)
})
