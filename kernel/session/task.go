package session

import (
	"context"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	_ "unsafe" // for linkname

	"unsafe"
)

// profLabel is the pointer to the calling goroutine's profiler labels. A goroutine hands it on to those that it starts,
// those that compiled code starts included, which makes it the name of the run that a goroutine belongs to.
//
//go:linkname profLabel runtime/pprof.runtime_getProfLabel
func profLabel() unsafe.Pointer

// run is one run of a cell: what all its goroutines have in common.
type run struct {
	s      *Session
	cell   int
	unit   int
	labels context.Context // the labels of its goroutines
	key    uintptr         // the pointer to them, once there is a goroutine
	strays sync.Map        // *goroutine to *task: those that compiled code started
	ctx    context.Context // ends when the cell is interrupted or has failed in another goroutine
	cancel context.CancelFunc
	gone   chan struct{} // closed when, after a stop, the last goroutine of the run has ended
	frame  *deferrals    // deferred calls of the top level

	stopped atomic.Bool
	memory  uint64 // of the process when the run began; of the goroutine that watches

	mu      sync.Mutex
	tasks   map[*task]bool // goroutines that have not ended
	ended   bool
	failure *Failure // of another goroutine of the cell
	value   map[string]any
	undo    []func() // what ends waits in compiled code, once the cell is stopped
}

func (s *Session) newRun(cell, unit int) *run {
	r := &run{s: s, cell: cell, unit: unit, gone: make(chan struct{}), frame: newFrame(), tasks: map[*task]bool{}}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.labels = pprof.WithLabels(context.Background(), pprof.Labels("cell", strconv.Itoa(cell)))
	return r
}

// task is one goroutine of a run.
type task struct {
	run   *run
	g     atomic.Pointer[goroutine]
	where atomic.Uint64 // cell and line, as At gave them

	initial uintptr     // size of its stack when it began: the runtime begins with more where stacks have been large
	deep    atomic.Bool // its stack has grown beyond what a recursion that ends needs
	main    bool        // the goroutine runs the steps of the cell
	foreign bool        // compiled code started the goroutine: nothing of ours is around what runs there

	// what follows is of the goroutine alone
	trace    []string   // what the interpreter told about the panic under way
	deferred *deferrals // whose deferred call begins: the next function may recover its panic
	open     int        // functions that are running whose deferred calls may recover
	exiting  bool       // it unwinds because of what ends a compiled program
	leaving  bool       // it unwinds without a panic
	since    time.Time  // when it began to unwind because its cell is to stop
	cleaning int        // deferred calls under way that run for that reason
	waits    string     // what it waits for
	entered  []int      // functions that were entered while deep, latest last
	failure  *Failure   // why it unwinds without a panic
}

// runs has the runs of all sessions by the pointer to their labels, tasks has the tasks of theirs that run, by *goroutine.
var runs, tasks sync.Map

// newTask makes the task of a goroutine that begins; the goroutine itself calls begin and end.
func (r *run) newTask(cell, line int) *task {
	t := &task{run: r}
	t.at(cell, line)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tasks[t] = true
	return t
}

func (t *task) at(cell, line int) { t.where.Store(uint64(uint32(cell))<<32 | uint64(uint32(line))) }

// place is what at noted last.
func (t *task) place() (cell, line int) {
	w := t.where.Load()
	return int(w >> 32), int(uint32(w))
}

func (t *task) begin() {
	r, g := t.run, self()
	pprof.SetGoroutineLabels(r.labels)
	if t.main {
		r.key = uintptr(profLabel())
	}
	if _, known := runs.LoadOrStore(r.key, r); !known && !t.main { // a timer of a cell of long ago
		r.s.keep(r)
	}
	t.g.Store(g)
	tasks.Store(g, t)
	debug.SetPanicOnFault(true) // of this goroutine: an address of nothing is an error of the cell
	observe(t)
}

func (t *task) end() {
	pprof.SetGoroutineLabels(context.Background())
	tasks.Delete(t.g.Swap(nil))
	unobserve(t)
	r := t.run
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.tasks, t)
	if len(r.tasks) == 0 && r.stopped.Load() {
		r.over()
	}
}

// keptRuns is how many runs are remembered that have ended: goroutines that compiled code started may still be theirs.
const keptRuns = 500

// keep remembers a run that has ended, and forgets others.
func (s *Session) keep(r *run) {
	s.mu.Lock()
	s.old = append(s.old, r)
	old := slices.Clone(s.old)
	s.mu.Unlock()
	for _, o := range old[:max(0, len(old)-keptRuns)] {
		o.mu.Lock()
		gone := len(o.tasks) == 0
		o.mu.Unlock()
		if gone {
			runs.Delete(o.key)
			s.mu.Lock()
			s.old = slices.DeleteFunc(s.old, func(x *run) bool { return x == o })
			s.mu.Unlock()
		}
	}
}

// current is the task of the calling goroutine, nil if no cell started it.
func current() *task {
	g := self()
	if t, ok := tasks.Load(g); ok {
		return t.(*task)
	}
	p := profLabel()
	if p == nil {
		return nil
	}
	x, ok := runs.Load(uintptr(p))
	if !ok {
		return nil
	}
	r := x.(*run)
	if t, ok := r.strays.Load(g); ok {
		return t.(*task)
	}
	t := &task{run: r, foreign: true}
	t.at(r.cell, 0)
	t.g.Store(g)
	r.strays.Store(g, t)
	return t
}

// stopPanic unwinds a goroutine of a cell that was interrupted.
type stopPanic struct{}

// exitPanic unwinds a cell that called what ends a compiled program.
type exitPanic struct{ name, text string }

// check unwinds the calling goroutine if its cell is to stop.
func (t *task) check() {
	if t != nil && t.run.stopped.Load() {
		t.leave()
	}
}

// enter is what a function calls that may be part of a recursion, while cells are to stop.
func enter(id int) {
	t := current()
	switch {
	case t == nil:
	case t.deep.Load():
		t.sink(id)
	default:
		t.check()
	}
}

// wait is what a goroutine of a cell begins to wait with: stop is closed when it is to wait no longer, nil if it is of no
// cell. What tells what it waits for.
func (t *task) wait(what string) (stop <-chan struct{}) {
	if t == nil {
		return nil
	}
	t.waits = what
	if t.cleaning == 0 {
		return t.run.ctx.Done()
	}
	c := make(chan struct{})
	time.AfterFunc(max(0, t.graceLeft()), func() { close(c) })
	return c
}

// waited ends a wait that came to its end.
func (t *task) waited() {
	if t != nil {
		t.waits = ""
	}
}

// context of the calling goroutine's cell: it ends when the cell is to stop.
func cellContext() context.Context {
	if t := current(); t != nil {
		return t.run.ctx
	}
	return context.Background()
}

// stop makes every goroutine of the run unwind at its next call, loop or wait.
func (r *run) stop() {
	r.mu.Lock()
	if r.stopped.Swap(true) {
		r.mu.Unlock()
		return
	}
	r.s.raise(true)
	if len(r.tasks) == 0 {
		r.over()
	}
	r.mu.Unlock()
	r.cancel()
}

// over is called, with mu held, when a run that was stopped has no goroutine any more, as far as is known: those that
// compiled code started have a moment to notice.
func (r *run) over() {
	select {
	case <-r.gone:
	default:
		close(r.gone)
		time.AfterFunc(200*time.Millisecond, func() { r.s.raise(false) })
	}
}

// setStop writes the flag that lowered code looks at. The race detector is not told: the interpreter reads the flag
// without synchronisation, on purpose.
//
//go:norace
func setStop(p *bool, on bool) { *p = on }

//go:norace
func setInt(p *int, n int) { *p = n }

// raise counts what makes functions and loops ask whether they are to stop, and sets the flag while there is any.
func (s *Session) raise(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.stopping++
	} else {
		s.stopping--
	}
	if s.stopFlag != nil {
		setStop(s.stopFlag, s.stopping > 0)
	}
}

// fail is called by another goroutine of the cell that has panicked.
func (r *run) fail(f *Failure) {
	r.mu.Lock()
	ended := r.ended
	if !ended && r.failure == nil {
		r.failure = f
	}
	r.mu.Unlock()
	if ended {
		text := ""
		for _, l := range f.Traceback() {
			text += l + "\n"
		}
		r.s.stream(r.cell, "stderr", []byte(text))
		return
	}
	r.stop()
}

// onRelease has f called when the run is to stop and takes its time. Only the latest few are kept.
func (r *run) onRelease(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.undo) >= 1<<10 {
		r.undo = append(r.undo[:0], r.undo[len(r.undo)/2:]...)
	}
	r.undo = append(r.undo, f)
}

// release ends what goroutines of the run wait for in compiled code, where that is known.
func (r *run) release() {
	r.mu.Lock()
	undo := r.undo
	r.undo = nil
	r.mu.Unlock()
	for _, f := range undo {
		f()
	}
}
