package pool

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

const (
	slabSize = 64 << 20 // mapped at once, and cut into blocks
	ownSize  = 16 << 20 // a block of more has a mapping of its own
	keepSize = 256 << 20
)

// poison is the debug mode of TAPIR_POISON=1.
var poison = os.Getenv("TAPIR_POISON") == "1"

// lists are the free regions of each class, the last freed last.
var lists [classes]struct {
	sync.Mutex
	free [][]byte
}

// slab is what is left of the newest slab.
var slab struct {
	sync.Mutex
	rest []byte
}

var live, peak, tracked, idle, mapped, hits, misses, collections atomic.Int64

// Memory is a reading of the pool; sizes are bytes, rounded up to size classes. Small blocks do not count.
type Memory struct {
	Live        int64 // lent now
	Peak        int64 // the most that was lent since the start, or ResetPeak
	Tracked     int64 // the part of Live that the collector may give back
	Idle        int64 // in the free lists
	Mapped      int64 // asked from the operating system and not returned
	Hits        int64 // blocks lent from a free list
	Misses      int64 // blocks lent from new memory
	Collections int64 // times that the byte debt made the collector run
}

// Stats reads the counters.
func Stats() Memory {
	return Memory{
		Live: live.Load(), Peak: peak.Load(), Tracked: tracked.Load(), Idle: idle.Load(), Mapped: mapped.Load(),
		Hits: hits.Load(), Misses: misses.Load(), Collections: collections.Load(),
	}
}

// take is a region of class c, all of it.
func take(c int) []byte {
	l := &lists[c]
	l.Lock()
	if n := len(l.free); n > 0 {
		r := l.free[n-1]
		l.free[n-1] = nil
		l.free = l.free[:n-1]
		l.Unlock()
		idle.Add(-int64(len(r)))
		hits.Add(1)
		if poison {
			checkPoison(r)
		}
		return r
	}
	l.Unlock()
	misses.Add(1)
	if l := limit.Load(); l > 0 && live.Load()+idle.Load()+int64(sizeOf(c)) > l {
		Trim() // what is idle in other classes counts for the system
	}
	if n := sizeOf(c); n <= ownSize {
		return cut(n)
	} else {
		mapped.Add(int64(n))
		return mapMemory(n)
	}
}

// put returns a region of class c to its list, or to the operating system if it can go and enough is idle.
func put(c int, r []byte) {
	if len(r) > ownSize && idle.Load() > max(keepSize, live.Load()) {
		mapped.Add(-int64(len(r)))
		unmapMemory(r)
		return
	}
	idle.Add(int64(len(r)))
	l := &lists[c]
	l.Lock()
	l.free = append(l.free, r)
	l.Unlock()
}

// cut is n bytes of the newest slab. What an old slab has left goes to the lists.
func cut(n int) []byte {
	slab.Lock()
	defer slab.Unlock()
	if len(slab.rest) < n {
		for len(slab.rest) >= Big {
			c := classOf(len(slab.rest))
			if sizeOf(c) > len(slab.rest) {
				c--
			}
			r := slab.rest[:sizeOf(c):sizeOf(c)]
			slab.rest = slab.rest[len(r):]
			if poison {
				fill(r)
			}
			put(c, r)
		}
		slab.rest = mapMemory(slabSize)
		mapped.Add(slabSize)
	}
	r := slab.rest[:n:n]
	slab.rest = slab.rest[n:]
	return r
}

// Trim returns idle memory to the operating system where that is possible; the next user of such a block pays for
// fetching it again.
func Trim() {
	for c := range lists {
		l := &lists[c]
		l.Lock()
		keep := l.free[:0]
		for _, r := range l.free {
			if len(r) > ownSize {
				idle.Add(-int64(len(r)))
				mapped.Add(-int64(len(r)))
				unmapMemory(r)
				continue
			}
			if !poison {
				discard(r)
			}
			keep = append(keep, r)
		}
		clear(l.free[len(keep):])
		l.free = keep
		l.Unlock()
	}
}

func checkPoison(r []byte) {
	for i, x := range view[uint64](r) {
		if x != nan {
			panic(fmt.Sprintf("internal error: a freed block of %d bytes was written to at byte %d", len(r), 8*i))
		}
	}
}
