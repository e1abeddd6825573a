package monitor

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/tapir-go/tapir/viz"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeSampler is a machine with 4 GiB that is half busy, and a clock that moves
// a second a reading.
func fakeSampler() *sampler {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	n := 0.0
	return &sampler{
		now:   func() time.Time { return at },
		sleep: func(d time.Duration) { at = at.Add(d) },
		machine: func() machine {
			n++
			at = at.Add(time.Second)
			return machine{busy: 50 * n, ticks: 100 * n, used: measured(1 << 30), total: measured(4 << 30), process: measured(512 << 20)}
		},
		process: func() (time.Duration, string) { return time.Duration(n) * 100 * time.Millisecond, "" },
		gpus:    func() ([]GPU, string) { return nil, "no driver" },
	}
}

func TestLoadsAreThoseBetweenTwoReadings(t *testing.T) {
	s := fakeSampler()
	a := s.read()
	if !a.Load.OK() || a.Load.Value != 50 {
		t.Errorf("load %+v, want 50", a.Load)
	}
	b := s.read()
	// A tenth of a second of CPU time in a second, shared by all CPUs.
	if want := 10 / float64(b.CPUs); !b.ProcessLoad.OK() || b.ProcessLoad.Value < want*0.99 || b.ProcessLoad.Value > want*1.01 {
		t.Errorf("load of the process %+v, want %v", b.ProcessLoad, want)
	}
	text := b.String()
	for _, want := range []string{fmt.Sprintf("CPU                    50 %% of %d CPUs", b.CPUs), "1.0 GiB of 4.0 GiB", "512 MiB of 4.0 GiB, Go heap ", "GPU                    – (no driver)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	html := b.MIME()["text/html"].(string)
	if !strings.Contains(html, "width:50%") || !strings.Contains(html, "no driver") || strings.Contains(html, "<script") {
		t.Errorf("HTML %s", html)
	}
}

func TestWhatCannotBeReadSaysWhy(t *testing.T) {
	m := readProc(fstest.MapFS{
		"stat":    {Data: []byte("intr 5")},
		"meminfo": {Data: []byte("MemTotal: lots kB\n")},
	}, 4096)
	for got, want := range map[string]string{
		m.whyTicks:    `reading CPU times: /proc/stat: the first line is "intr 5", want cpu and its times`,
		m.used.Why:    `reading memory: /proc/meminfo: MemTotal is "lots kB", not a number of kB`,
		m.process.Why: "reading the memory of this process: open self/statm: file does not exist",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	s := fakeSampler()
	s.machine = func() machine { return m }
	snap := s.read()
	if snap.Load.OK() || snap.Memory.OK() {
		t.Errorf("readings that were not made: %+v", snap)
	}
	if !snap.Process.OK() || snap.Process.Value <= 0 {
		t.Errorf("the memory of the process by Go's own account: %+v", snap.Process)
	}
	if text := snap.String(); !strings.Contains(text, "– (reading CPU times: /proc/stat") {
		t.Errorf("text\n%s", text)
	}
}

func TestProcIsReadAsItsManualSays(t *testing.T) {
	m := readProc(fstest.MapFS{
		"stat":       {Data: []byte("cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 2 3 4\n")},
		"meminfo":    {Data: []byte("MemTotal:       16000 kB\nMemFree:  100 kB\nMemAvailable:    4000 kB\n")},
		"self/statm": {Data: []byte("5000 1200 300 1 0 900 0\n")},
	}, 4096)
	if m.busy != 100+20+30+6+7+8 || m.ticks != m.busy+400+50 {
		t.Errorf("busy %v of %v", m.busy, m.ticks)
	}
	if m.used.Value != 12000*1024 || m.total.Value != 16000*1024 || m.process.Value != 1200*4096 {
		t.Errorf("memory %v of %v, process %v", m.used, m.total, m.process)
	}
}

func FuzzProc(f *testing.F) {
	f.Add("cpu  1 2 3 4 5 6 7 8\n", "MemTotal: 5 kB\nMemAvailable: 3 kB\n", "1 2 3")
	f.Add("cpu", "MemTotal:", "")
	f.Fuzz(func(t *testing.T, stat, meminfo, statm string) {
		m := readProc(fstest.MapFS{"stat": {Data: []byte(stat)}, "meminfo": {Data: []byte(meminfo)}, "self/statm": {Data: []byte(statm)}}, 4096)
		if m.busy < 0 || m.busy > m.ticks || m.used.Value < 0 || m.used.Value > m.total.Value || m.process.Value < 0 {
			t.Errorf("impossible readings %+v", m)
		}
	})
}

func TestThisMachineCanBeRead(t *testing.T) {
	s := Now()
	if s.CPUs < 1 || !s.Heap.OK() || s.Heap.Value <= 0 || !s.Process.OK() {
		t.Errorf("%+v", s)
	}
	if _, err := os.Stat("/proc/stat"); err == nil && (!s.Load.OK() || !s.Memory.OK() || s.Memory.Value > s.MemoryTotal.Value) {
		t.Errorf("with /proc: %+v", s)
	}
	if (len(s.GPUs) == 0) == (s.NoGPU == "") {
		t.Errorf("%d GPUs, reason %q", len(s.GPUs), s.NoGPU)
	}
}

type record struct {
	mu   sync.Mutex
	ids  []string
	last map[string]any
	got  chan struct{}
}

func (r *record) put(b map[string]any, id string) {
	r.mu.Lock()
	r.ids, r.last = append(r.ids, id), b
	r.mu.Unlock()
	r.got <- struct{}{}
}

func (r *record) Show(b map[string]any, id string)   { r.put(b, id) }
func (r *record) Update(b map[string]any, id string) { r.put(b, id) }
func (r *record) Clear(bool)                         {}

func TestAPanelMovesAndStops(t *testing.T) {
	r := &record{got: make(chan struct{}, 100)}
	viz.SetScreen(r)
	defer viz.SetScreen(nil)
	ticks := make(chan time.Time)
	released := false
	p := watch(fakeSampler(), ticks, func() { released = true })
	<-r.got
	for range 3 {
		ticks <- time.Time{}
		<-r.got
	}
	p.Stop()
	p.Stop()
	if !released {
		t.Error("the ticker still runs")
	}
	if len(r.ids) != 5 {
		t.Errorf("%d messages, want one, three updates and the last", len(r.ids))
	}
	for _, id := range r.ids {
		if id == "" || id != r.ids[0] {
			t.Errorf("ids %q", r.ids)
		}
	}
	if text, want := r.last["text/plain"], "monitor: CPU; CPU, this process; memory; memory, this process; no GPU: no driver"; text != want {
		t.Errorf("text %q, want %q", text, want)
	}
	if html := r.last["text/html"].(string); !strings.Contains(html, "<polyline") {
		t.Error("no line of the readings so far")
	}
	if p.Last().Load.Value != 50 {
		t.Errorf("last reading %+v", p.Last())
	}
}

func TestWatchStopsAtOnce(t *testing.T) {
	r := &record{got: make(chan struct{}, 100)}
	viz.SetScreen(r)
	defer viz.SetScreen(nil)
	p := Watch(time.Hour)
	p.Stop()
	if len(r.ids) != 2 {
		t.Errorf("%d messages, want the first and the last", len(r.ids))
	}
}

func Example() {
	s := Now()
	fmt.Println(s.CPUs > 0, s.Heap.OK())
	// Output: true true
}
