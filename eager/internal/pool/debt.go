package pool

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// Between minRoom and maxRoom bytes are tracked from one call of the collector to the next. Little room keeps what is written
// next in the caches; but each collection takes a time of its own, which depends on the Go heap.
const (
	minRoom = 4 << 20
	maxRoom = 48 << 20
)

var (
	debtLimit  atomic.Int64 // of tracked; beyond it the collector is called
	collecting sync.Mutex   // of the rest
	room       = int64(maxRoom)
	collected  time.Time // when the collector was last called
)

func init() { debtLimit.Store(maxRoom) }

// sentinel has a pointer in it, so that it does not share its memory with other small objects.
type sentinel struct{ _ *int }

// hurry runs the collector if tracked blocks, n more bytes added, have used up the room that they had since it last did.
// It is the caller that waits: who allocates fastest is slowed down most.
func hurry(n int) {
	if tracked.Load()+int64(n) <= debtLimit.Load() || !collecting.TryLock() {
		return
	}
	defer collecting.Unlock()
	start := time.Now()
	collect()
	took, between := time.Since(start), start.Sub(collected)
	collected = start.Add(took)
	switch {
	case took > between/4:
		room = min(2*room, maxRoom)
	case took < between/16:
		room = max(room/2, minRoom)
	}
	heap := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(heap)
	now, most := tracked.Load(), room
	if room == maxRoom { // the collector is slow: let it be called the less often the more there is to look at
		most = max(room, now, int64(heap[0].Value.Uint64()))
	}
	debtLimit.Store(now + most)
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
