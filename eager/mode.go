package eager

import (
	"sync/atomic"

	"github.com/tapir-go/tapir/eager/internal/local"
)

// mode is how the running goroutine runs ops. A goroutine without one records gradients and nothing else.
type mode struct {
	noGrad  bool
	trace   *trace
	keeper  keeper // who gives back the memory of results; nil: the collector
	profile *profile
	watch   *watch // of the Checkpoint whose function runs
	again   bool   // it runs for the second time
}

var modes local.Table[mode]

// with runs f in mode m.
func with(m *mode, f func()) {
	old := modes.Get()
	modes.Set(m)
	defer modes.Set(old)
	f()
}

// changed is a copy of the running goroutine's mode, to change and run with.
func changed() *mode {
	m := &mode{}
	if old := modes.Get(); old != nil {
		*m = *old
	}
	return m
}

// NoGrad runs f without recording gradients: what f makes is leaves. It holds for this goroutine only, and not for goroutines
// that f starts.
func NoGrad(f func()) {
	m := changed()
	m.noGrad = true
	with(m, f)
}

var interrupted atomic.Bool

// Interrupt makes the next op of every goroutine panic with Interrupted, until it is called with false.
func Interrupt(on bool) { interrupted.Store(on) }

var concerned atomic.Pointer[func() bool]

// SetInterruptible has f say, while Interrupt is on, whether it concerns the goroutine that calls f. Without it, or with nil,
// it concerns all.
func SetInterruptible(f func() bool) {
	if f == nil {
		concerned.Store(nil)
		return
	}
	concerned.Store(&f)
}

// stopped tells whether the calling goroutine is to stop.
func stopped() bool {
	if !interrupted.Load() {
		return false
	}
	f := concerned.Load()
	return f == nil || (*f)()
}
