package array

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// threads runs f at several settings of GOMAXPROCS.
func threads(t *testing.T, f func(t *testing.T)) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 2, 3, 8} {
		runtime.GOMAXPROCS(n)
		t.Run(fmt.Sprint(n, " threads"), f)
	}
}

func TestParallelCoversEverythingOnce(t *testing.T) {
	threads(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 2, 9, 10, 11, 20, 21, 30, 1000, 1003} {
			for _, grain := range []int{0, 1, 10, 2000} {
				hits := make([]atomic.Int32, n)
				Parallel(n, grain, func(lo, hi int) {
					if g := max(grain, 1); lo%g != 0 || hi%g != 0 && hi != n || lo >= hi {
						t.Errorf("n %d, grain %d: range [%d,%d)", n, grain, lo, hi)
					}
					for i := lo; i < hi; i++ {
						hits[i].Add(1)
					}
				})
				for i := range hits {
					if hits[i].Load() != 1 {
						t.Fatalf("n %d, grain %d: item %d came %d times", n, grain, i, hits[i].Load())
					}
				}
			}
		}
	})
}

func TestParallelChunksAreTheSameAtAnyNumberOfThreads(t *testing.T) {
	threads(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 99, 100, 101, 1000} {
			got := make([][2]int, (n+99)/100)
			ParallelChunks(n, 100, func(i, lo, hi int) { got[i] = [2]int{lo, hi} })
			var want [][2]int
			for lo := 0; lo < n; lo += 100 {
				want = append(want, [2]int{lo, min(lo+100, n)})
			}
			if !slices.Equal(got, want) {
				t.Errorf("n %d: chunks %v", n, got)
			}
		}
	})
}

func TestParallelMayBeNestedAndShared(t *testing.T) {
	threads(t, func(t *testing.T) {
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				for range 50 {
					var sum atomic.Int64
					Parallel(20, 1, func(lo, hi int) {
						for i := lo; i < hi; i++ {
							Parallel(100, 10, func(lo, hi int) { sum.Add(int64(hi - lo)) })
						}
					})
					if sum.Load() != 2000 {
						t.Errorf("%d items of 2000 were done", sum.Load())
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestAPanicComesOutOfParallel(t *testing.T) {
	threads(t, func(t *testing.T) {
		defer func() {
			if e := recover(); e != "chunk 7" {
				t.Errorf("recovered %v", e)
			}
			ParallelChunks(10, 1, func(i, lo, hi int) {}) // the workers are still there
		}()
		ParallelChunks(100, 1, func(i, lo, hi int) {
			if i == 7 {
				panic("chunk 7")
			}
		})
		t.Error("no panic")
	})
}

func TestParallelFinishesWhenProcessorsAreBusyElsewhere(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for !stop.Load() {
			}
		})
	}
	for range 100 {
		var sum atomic.Int64
		Parallel(64, 1, func(lo, hi int) { sum.Add(int64(hi - lo)) })
		if sum.Load() != 64 {
			t.Errorf("%d items of 64 were done", sum.Load())
		}
	}
	stop.Store(true)
	wg.Wait()
}

func TestParallelWakesParkedWorkers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	for range 5 {
		time.Sleep(2 * time.Millisecond) // long enough to park
		var others atomic.Int32
		caller := make(chan struct{})
		ParallelChunks(2, 1, func(i, lo, hi int) { // each waits for the other: one thread alone would hang
			if others.Add(1) == 2 {
				close(caller)
			}
			<-caller
		})
	}
}

func BenchmarkParallelOverhead(b *testing.B) {
	for b.Loop() {
		Parallel(16, 1, func(lo, hi int) {})
	}
}
