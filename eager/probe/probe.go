// Package probe measures the machine and parts of the engine that no op shows: what "tapir bench" holds products against.
//
// # Decisions
//
// 2026-11-26: The peak is that of registers alone, measured in the same run as what is held against it. Data sheets do not say
// what a core does while its neighbours work.
package probe

import (
	"runtime"
	"sync"

	"github.com/tapir-go/tapir/eager/internal/array"
	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Level is the family of kernels that runs: "avx512", "avx2", "neon" or "generic".
func Level() string { return simd.Active().String() }

// Multiply does at least n multiply-adds of float32 in registers alone, shared out to as many threads as Go runs at once, as
// fast as their cores can. It is false where the running level has no such kernel.
func Multiply(n int) bool {
	peak := simd.MostProducts()
	if peak.Multiply == nil {
		return false
	}
	threads := runtime.GOMAXPROCS(0)
	loops := (n + peak.Products*threads - 1) / (peak.Products * threads)
	var all sync.WaitGroup
	for range threads {
		all.Go(func() {
			const most = 10_000 // a kernel cannot be preempted
			for left := loops; left > 0; left -= most {
				peak.Multiply(min(left, most))
			}
		})
	}
	all.Wait()
	return true
}

// Int8 is the exact product of 8-bit numbers by w (k,n), which it packs once: product sets c = a@w for a (m,k) and c (m,n).
// Lengths that do not fit panic, as does k above 65,536.
func Int8(w []int8, k, n int) (product func(c []int32, a []uint8, m int)) {
	return array.PackInt8(w, k, n).MatMul
}
