package pool

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// minDebt is how many tracked bytes never hurry the collector.
const minDebt = 48 << 20

var (
	debtLimit  atomic.Int64 // of tracked; beyond it the collector is called
	collecting sync.Mutex
)

func init() { debtLimit.Store(minDebt) }

// sentinel has a pointer in it, so that it does not share its memory with other small objects.
type sentinel struct{ _ *int }

// hurry runs the collector if tracked blocks, n more bytes added, have doubled since it last did. It is the caller
// that waits: who allocates fastest is slowed down most.
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
	debtLimit.Store(max(minDebt, 2*now, now+int64(heap[0].Value.Uint64())))
}

// collect runs the collector and waits for the blocks that come back. The caller holds collecting.
func collect() {
	collections.Add(1)
	done := make(chan struct{})
	runtime.AddCleanup(&sentinel{}, func(c chan struct{}) { close(c) }, done)
	runtime.GC()
	select { // cleanups run after the collection, all at about the same time
	case <-done:
	case <-time.After(20 * time.Millisecond):
	}
	for before := tracked.Load(); ; { // until no more come back
		time.Sleep(100 * time.Microsecond)
		now := tracked.Load()
		if now >= before {
			break
		}
		before = now
	}
}
