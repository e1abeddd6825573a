package array

import (
	"sync/atomic"
	"unsafe"

	"github.com/tapir-go/tapir/eager/internal/pool"
)

// Store is the memory behind arrays: views share one. Small memory belongs to the collector, but from pool.Small bytes on Free
// lets others have it sooner. Big memory is a block of the pool: it goes back by Free, or, once Track was called, when the
// collector finds that nobody can reach the Store.
type Store struct {
	ptr     unsafe.Pointer
	bytes   int
	block   *pool.Block   // nil for small memory
	Version atomic.Uint32 // counts changes in place
	Owner   any           // who will give the block back; nil: nobody yet
	Refs    int32         // for an Owner that counts views
	Freed   bool          // the memory is gone
}

// LeastBytes and TinyBytes are the most that a Least and a Tiny hold.
const (
	LeastBytes = 16
	TinyBytes  = 64
)

// Least, Tiny and little are a Store together with its numbers, in one allocation.
type Least struct {
	Store
	numbers [LeastBytes / 8]uint64
}

// Tiny is a Least that holds more.
type Tiny struct {
	Store
	numbers [TinyBytes / 8]uint64
}

type little struct {
	Store
	numbers [32]uint64
}

// Init makes t, which is new, a Store of some bytes, LeastBytes at most.
func (t *Least) Init(bytes int) *Store {
	count(bytes)
	t.ptr, t.bytes = unsafe.Pointer(&t.numbers), bytes
	return &t.Store
}

// Init makes t, which is new, a Store of some bytes, TinyBytes at most.
func (t *Tiny) Init(bytes int) *Store {
	count(bytes)
	t.ptr, t.bytes = unsafe.Pointer(&t.numbers), bytes
	return &t.Store
}

// Counting says, while it is not 0, that new Stores are counted.
var Counting atomic.Int32

var countedStores, countedBytes atomic.Int64

// Counted is how many Stores were made while Counting, and the bytes in them.
func Counted() (stores, bytes int64) { return countedStores.Load(), countedBytes.Load() }

func count(bytes int) {
	if Counting.Load() != 0 {
		countedStores.Add(1)
		countedBytes.Add(int64(bytes))
	}
}

func newStore(bytes int) *Store {
	if bytes <= TinyBytes {
		return new(Tiny).Init(bytes)
	}
	count(bytes)
	switch {
	case bytes <= 256:
		l := new(little)
		l.ptr, l.bytes = unsafe.Pointer(&l.numbers), bytes
		return &l.Store
	case bytes < pool.Small:
		return &Store{bytes: bytes, ptr: unsafe.Pointer(unsafe.SliceData(make([]uint64, (bytes+7)/8)))}
	}
	if bytes < pool.Big {
		return &Store{bytes: bytes, ptr: pool.Borrow(bytes)}
	}
	b := pool.Get(bytes)
	return &Store{bytes: bytes, block: b, ptr: unsafe.Pointer(unsafe.SliceData(b.Bytes()))}
}

// IsBig says whether the memory is a block of the pool.
func (s *Store) IsBig() bool { return s.block != nil }

// Pooled says whether others can have the memory after Free.
func (s *Store) Pooled() bool { return s.bytes >= pool.Small }

// Collector is the Owner of a Store whose block comes back when nobody can reach the Store.
var Collector any = new(int)

// Track leaves the memory to the collector.
func (s *Store) Track() {
	if !s.Pooled() || s.Freed || s.Owner == Collector {
		return
	}
	s.Owner = Collector
	if s.block != nil {
		pool.Track(s.block, s)
	}
}

func (s *Store) raw() []byte { return unsafe.Slice((*byte)(s.ptr), s.bytes) }

// Free gives memory back at once; what is not Pooled it leaves. Nobody may look at the numbers afterwards.
func (s *Store) Free() {
	if !s.Pooled() || s.Freed {
		return
	}
	s.Freed = true
	p := s.ptr
	s.ptr = nil
	if s.block != nil {
		s.block.Free()
	} else {
		pool.Return(p, s.bytes)
	}
}
