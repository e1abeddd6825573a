package pool

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// Block is memory on loan.
type Block struct {
	data    []byte // its capacity is all of the region
	class   int    // -1: ordinary Go memory
	freed   atomic.Bool
	tracked bool
	cleanup runtime.Cleanup
}

// Get lends n bytes, aligned for any number (big blocks to 4096). Their contents are undefined. The block is given
// back by Free, or by Track, or never, which leaks it if it is big.
func Get(n int) *Block {
	if n < 0 {
		panic(fmt.Sprintf("internal error: pool.Get(%d)", n))
	}
	if n < Big {
		b := &Block{class: -1}
		if n > 0 {
			words := make([]uint64, (n+7)/8)
			b.data = unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), n)
		}
		if poison {
			fill(b.data)
		}
		return b
	}
	hurry(n)
	c := classOf(n)
	admit(int64(sizeOf(c)))
	r := take(c)
	b := &Block{data: r[:n], class: c}
	lent(int64(cap(r)))
	if poison {
		fill(b.data)
	}
	return b
}

// Free gives the block back. Nobody may look at its memory afterwards; Free is called once.
func (b *Block) Free() {
	if b.freed.Swap(true) {
		panic(fmt.Sprintf("internal error: a block of %d bytes is freed twice", len(b.data)))
	}
	if b.tracked {
		b.cleanup.Stop()
	}
	b.giveBack()
}

func (b *Block) giveBack() {
	r := b.data[:cap(b.data)]
	if poison {
		fill(r)
	}
	if b.class < 0 {
		return
	}
	if b.tracked {
		tracked.Add(-int64(len(r)))
	}
	live.Add(-int64(len(r)))
	put(b.class, r)
}

// Track gives b back when owner becomes unreachable, unless it is freed before. Nothing in b's reach may refer to
// owner. For a small block it does nothing: the collector knows.
func Track[T any](b *Block, owner *T) {
	if b.class < 0 {
		return
	}
	if b.tracked {
		panic("internal error: a block is tracked twice")
	}
	b.tracked = true
	tracked.Add(int64(cap(b.data)))
	b.cleanup = runtime.AddCleanup(owner, func(b *Block) {
		if !b.freed.Swap(true) {
			b.giveBack()
		}
	}, b)
}

// Bytes is the block's memory.
func (b *Block) Bytes() []byte {
	if b.freed.Load() {
		panic(fmt.Sprintf("internal error: a block of %d bytes is used after Free", len(b.data)))
	}
	return b.data
}

// Float32s is the block's memory as whole float32 numbers.
func (b *Block) Float32s() []float32 { return view[float32](b.Bytes()) }

// Float64s is the block's memory as whole float64 numbers.
func (b *Block) Float64s() []float64 { return view[float64](b.Bytes()) }

// Int64s is the block's memory as whole int64 numbers.
func (b *Block) Int64s() []int64 { return view[int64](b.Bytes()) }

func view[T any](b []byte) []T {
	n := len(b) / int(unsafe.Sizeof(*new(T)))
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), n)
}

// nan is the bytes of a float32 and of a float64 NaN.
const nan = math.MaxUint64

// fill poisons b.
func fill(b []byte) {
	w := view[uint64](b)
	for i := range w {
		w[i] = nan
	}
	for i := 8 * len(w); i < len(b); i++ {
		b[i] = 0xff
	}
}
