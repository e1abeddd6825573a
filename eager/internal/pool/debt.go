package pool

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// minRoom is how many bytes are tracked at least from one call of the collector to the next. With less the calls cost too
// much, with more what is written next is too often out of the caches.
const minRoom = 32 << 20

var (
	debtLimit  atomic.Int64 // of tracked; beyond it the collector is called
	collecting sync.Mutex
)

func init() { debtLimit.Store(minRoom) }

// sentinel has a pointer in it, so that it does not share its memory with other small objects.
type sentinel struct{ _ *int }

// hurry runs the collector if tracked blocks, n more bytes added, have used up the room that they had since it last did.
// It is the caller that waits: who allocates fastest is slowed down most.
func hurry(n int) {
	if tracked.Load()+int64(n) <= debtLimit.Load() || !collecting.TryLock() {
		return
	}
	defer collecting.Unlock()
	collect()
	// A collection costs as much as the Go heap is large: let the debt grow with that, too.
	heap := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(heap)
	now := tracked.Load()
	debtLimit.Store(now + max(minRoom, now, int64(heap[0].Value.Uint64())))
}

// collect runs the collector and waits for the blocks that come back. The caller holds collecting.
func collect() {
	collections.Add(1)
	var done atomic.Bool
	runtime.AddCleanup(&sentinel{}, func(*atomic.Bool) { done.Store(true) }, &done)
	runtime.GC()
	// Cleanups run after the collection, all at about the same time.
	for start := time.Now(); !done.Load() && time.Since(start) < 20*time.Millisecond; {
		runtime.Gosched()
	}
	before, last := tracked.Load(), time.Now()
	for time.Since(last) < 20*time.Microsecond { // until no more come back
		runtime.Gosched()
		if now := tracked.Load(); now < before {
			before, last = now, time.Now()
		}
	}
}
