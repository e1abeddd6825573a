package array

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tapir-go/tapir/eager/internal/simd"
)

// Parallel runs f over ranges that together cover [0,n) once, on as many processors as help, and returns when all is
// done. Range bounds are multiples of grain, or n. grain is how many items make about 20 microseconds of work; up to
// twice that runs on the caller alone. f must not depend on how [0,n) is cut: then results are the same at any number
// of threads. A panic in f comes out of Parallel.
func Parallel(n, grain int, f func(lo, hi int)) {
	grain = max(grain, 1)
	if n <= 0 {
		return
	}
	if n <= 2*grain || runtime.GOMAXPROCS(0) == 1 {
		f(0, n)
		return
	}
	share((n+grain-1)/grain, func(i int) { f(i*grain, min((i+1)*grain, n)) })
}

// ParallelChunks calls f once for each chunk i, which is [lo,hi) = [i*size, min(i*size+size, n)), in any order and on
// as many processors as help. Since the chunks do not depend on the number of threads, f may reduce into slot i of a
// table, to be added up in order afterwards. A chunk should be 20 microseconds of work or more. A panic in f comes out
// of ParallelChunks.
func ParallelChunks(n, size int, f func(i, lo, hi int)) {
	chunks := (n + size - 1) / size
	if chunks <= 1 || runtime.GOMAXPROCS(0) == 1 {
		for i := range chunks {
			f(i, i*size, min((i+1)*size, n))
		}
		return
	}
	share(chunks, func(i int) { f(i, i*size, min((i+1)*size, n)) })
}

// job is work cut into chunks. Each who may work on it has a part of its own, and takes from those of others when that is
// done. Of jobs that come one after the other on the same rows, a processor so mostly gets what it has in its cache.
type job struct {
	f      func(i int)
	chunks int64
	parts  []stretch // of the caller, then of crew
	_      [40]byte
	done   atomic.Int64 // chunks that are over
	asleep atomic.Bool  // the caller sleeps on wake
	wake   chan struct{}
	failed atomic.Pointer[failure]
	crew   []*worker    // who may help
	asked  atomic.Int64 // how many of them were asked
}

// stretch is the chunks below end, of which nobody has taken those from next on.
type stretch struct {
	next atomic.Int64
	end  int64
	_    [48]byte
}

// failure is a panic on its way to the caller.
type failure struct{ value any }

// enlist gives the job to two idle workers. Each that comes does the same: since waking one takes longer than asking one
// that spins, the caller of many must not wake them all.
func (j *job) enlist() {
	for n := 0; n < 2 && j.done.Load() < j.chunks; {
		i := int(j.asked.Add(1)) - 1
		if i >= len(j.crew) {
			return
		}
		if j.crew[i].offer(j) {
			n++
		}
	}
}

// work takes chunks until there are none, first those of part me.
func (j *job) work(me int) {
	for k := range j.parts {
		p := &j.parts[(me+k)%len(j.parts)]
		for i := p.next.Add(1) - 1; i < p.end; i = p.next.Add(1) - 1 {
			j.one(int(i))
		}
	}
}

func (j *job) one(i int) {
	defer func() {
		if e := recover(); e != nil {
			j.failed.CompareAndSwap(nil, &failure{e})
		}
		if j.done.Add(1) == j.chunks && j.asleep.Load() {
			j.wake <- struct{}{}
		}
	}()
	if j.failed.Load() == nil {
		j.f(i)
	}
}

// Whoever waits spins before sleeping, giving way to other goroutines now and then: on virtual machines, waking a thread
// that sleeps takes longer than most jobs (30 to 100 microseconds measured). The gaps between the jobs of a training
// step are shorter than this.
const spin = time.Millisecond

// spinUntil waits until done, at most the time of a spin, and says whether it is.
func spinUntil(done func() bool) bool {
	for start := time.Now(); time.Since(start) < spin; runtime.Gosched() {
		for range 64 {
			if done() {
				return true
			}
			simd.Pause(2)
		}
	}
	return false
}

// worker is a goroutine that helps. It lives as long as the process.
type worker struct {
	place  int                 // in the crew
	box    atomic.Pointer[job] // what to help with; nil: idle
	parked atomic.Bool
	wake   chan struct{}
	_      [32]byte
}

// crew is the workers, started when first needed. The slice is only ever replaced.
var crew struct {
	sync.Mutex
	all atomic.Pointer[[]*worker]
}

// helpers is n workers, or fewer if GOMAXPROCS was never that large.
func helpers(n int) []*worker {
	all := crew.all.Load()
	if all == nil || len(*all) < n {
		crew.Lock()
		defer crew.Unlock()
		var now []*worker
		if all = crew.all.Load(); all != nil {
			now = append(now, *all...)
		}
		for len(now) < n {
			w := &worker{place: len(now), wake: make(chan struct{}, 1)}
			now = append(now, w)
			go w.run()
		}
		crew.all.Store(&now)
		return now
	}
	return (*all)[:n]
}

func (w *worker) run() {
	for {
		j := w.wait()
		j.enlist()
		j.work(1 + w.place)
		w.box.CompareAndSwap(j, nil)
	}
}

func (w *worker) wait() *job {
	given := func() bool { return w.box.Load() != nil }
	for {
		if !spinUntil(given) {
			w.parked.Store(true)
			if !given() || !w.parked.CompareAndSwap(true, false) {
				<-w.wake
			}
		}
		if j := w.box.Load(); j != nil { // its caller takes it back when all is done
			return j
		}
	}
}

// offer gives j to w if it is idle.
func (w *worker) offer(j *job) bool {
	if w.box.Load() != nil || !w.box.CompareAndSwap(nil, j) {
		return false
	}
	if w.parked.CompareAndSwap(true, false) {
		w.wake <- struct{}{}
	}
	return true
}

// share calls f for every i below chunks. The caller works like any other; it waits only for chunks that a worker has
// begun, so that busy or sleeping workers cost nothing.
func share(chunks int, f func(i int)) {
	parts := make([]stretch, min(runtime.GOMAXPROCS(0), chunks))
	for i := range parts {
		parts[i].next.Store(int64(cut(chunks, len(parts), i)))
		parts[i].end = int64(cut(chunks, len(parts), i+1))
	}
	j := &job{f: f, chunks: int64(chunks), parts: parts, wake: make(chan struct{}, 1)}
	j.crew = helpers(len(parts) - 1)
	j.enlist()
	j.work(0)
	j.join()
	for _, w := range j.crew {
		w.box.CompareAndSwap(j, nil) // one that never came must not keep f's memory alive
	}
	if e := j.failed.Load(); e != nil {
		panic(e.value)
	}
}

// join waits for the chunks that others are at.
func (j *job) join() {
	over := func() bool { return j.done.Load() == j.chunks }
	if spinUntil(over) {
		return
	}
	j.asleep.Store(true)
	if !over() {
		<-j.wake
	}
}
