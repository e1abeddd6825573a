package monitor

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Reading is a number that was measured, or the reason why it was not.
type Reading struct {
	Value float64
	Why   string // empty where Value was measured
}

// OK says whether Value was measured.
func (r Reading) OK() bool { return r.Why == "" }

func measured(v float64) Reading { return Reading{Value: v} }

func absent(format string, args ...any) Reading { return Reading{Why: fmt.Sprintf(format, args...)} }

// GPU is one graphics card.
type GPU struct {
	Name        string
	Load        Reading // percent
	Memory      Reading // bytes in use
	MemoryTotal Reading // bytes
	Temperature Reading // degrees Celsius
	Power       Reading // watts
}

// Snapshot is the state of the machine and of this process at one time.
type Snapshot struct {
	CPUs        int
	Load        Reading // of all CPUs together, percent: 100 is all of them busy
	ProcessLoad Reading // of this process, percent of all CPUs
	Memory      Reading // bytes of the machine in use
	MemoryTotal Reading // bytes of the machine
	Process     Reading // bytes of memory that this process occupies
	Heap        Reading // bytes in Go's heap
	GPUs        []GPU
	NoGPU       string // why GPUs is empty
}

// firstSpan is the time over which the first load is measured.
const firstSpan = 100 * time.Millisecond

// sampler turns counters that only grow into loads.
type sampler struct {
	mu      sync.Mutex
	now     func() time.Time
	sleep   func(time.Duration)
	machine func() machine
	process func() (time.Duration, string) // CPU time used, or why it is not known
	gpus    func() ([]GPU, string)

	before counters
}

// machine is what the operating system tells: ticks of CPU time since it
// started, and memory in bytes.
type machine struct {
	busy, ticks float64
	whyTicks    string
	used, total Reading
	process     Reading
}

type counters struct {
	at      time.Time
	m       machine
	used    time.Duration
	whyUsed string
}

func newSampler() *sampler {
	return &sampler{now: time.Now, sleep: time.Sleep, machine: readMachine, process: processTime, gpus: readGPUs}
}

var shared = newSampler()

// Now is the state of the machine. Loads are those since the call before; the
// first call measures for a tenth of a second.
func Now() *Snapshot { return shared.read() }

func (s *sampler) count() counters {
	c := counters{at: s.now(), m: s.machine()}
	c.used, c.whyUsed = s.process()
	return c
}

func (s *sampler) read() *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before.at.IsZero() {
		s.before = s.count()
	}
	if s.now().Sub(s.before.at) < firstSpan/2 {
		s.sleep(firstSpan)
	}
	a, b := s.before, s.count()
	s.before = b
	out := &Snapshot{CPUs: runtime.NumCPU(), Memory: b.m.used, MemoryTotal: b.m.total, Process: b.m.process}
	switch ticks := b.m.ticks - a.m.ticks; {
	case b.m.whyTicks != "":
		out.Load = absent("%s", b.m.whyTicks)
	case ticks <= 0:
		out.Load = absent("no time has passed since the reading before")
	default:
		out.Load = measured(percent((b.m.busy - a.m.busy) / ticks))
	}
	switch span := b.at.Sub(a.at); {
	case b.whyUsed != "":
		out.ProcessLoad = absent("%s", b.whyUsed)
	case span <= 0:
		out.ProcessLoad = absent("no time has passed since the reading before")
	default:
		out.ProcessLoad = measured(percent(float64(b.used-a.used) / float64(span) / float64(out.CPUs)))
	}
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	out.Heap = measured(float64(ms.HeapAlloc))
	if !out.Process.OK() {
		// What Go has from the system is nearly all that a Go process occupies.
		out.Process = measured(float64(ms.Sys - ms.HeapReleased))
	}
	out.GPUs, out.NoGPU = s.gpus()
	return out
}

func percent(share float64) float64 { return min(max(share*100, 0), 100) }
