package pool

import (
	"math/bits"
	"sync"
	"unsafe"
)

// Small is the size in bytes from which Borrow lends memory again that was given back. Less is not worth the way.
const Small = 1 << 10

const smallShift = 10 // 1<<smallShift == Small

// smalls is given back memory by class, four to each doubling. The collector empties it in time.
var smalls [4*(bigShift-smallShift) + 1]sync.Pool

// smallClass is the smallest class that holds n bytes, and the bytes that it holds.
func smallClass(n int) (class, size int) {
	if n <= Small {
		return 0, Small
	}
	shift := bits.Len(uint(n-1)) - 1 // 1<<shift < n <= 2<<shift
	quarter := 1 << (shift - 2)
	k := (n - 1<<shift + quarter - 1) / quarter
	return 4*(shift-smallShift) + k, 1<<shift + k*quarter
}

// Borrow is memory of n bytes, Small <= n < Big, on the Go heap: whoever does not Return it leaves it to the collector, at no
// cost. Its contents are undefined.
func Borrow(n int) unsafe.Pointer {
	c, size := smallClass(n)
	if p, ok := smalls[c].Get().(unsafe.Pointer); ok {
		if poison {
			checkPoison(unsafe.Slice((*byte)(p), size))
		}
		return p
	}
	words := make([]uint64, size/8)
	p := unsafe.Pointer(unsafe.SliceData(words))
	if poison {
		fill(unsafe.Slice((*byte)(p), size))
	}
	return p
}

// Return gives back what Borrow lent for n bytes. Nobody may look at it afterwards.
func Return(p unsafe.Pointer, n int) {
	c, size := smallClass(n)
	if poison {
		fill(unsafe.Slice((*byte)(p), size))
	}
	smalls[c].Put(p)
}
