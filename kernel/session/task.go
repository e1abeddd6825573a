package session

import (
	"context"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	_ "unsafe" // for linkname

	"unsafe"
)

// profLabel is the pointer to the calling goroutine's profiler labels. A goroutine hands it on to those that it starts,
// which makes it the name of the task that a goroutine belongs to.
//
//go:linkname profLabel runtime/pprof.runtime_getProfLabel
func profLabel() unsafe.Pointer

// run is one run of a cell: what all its goroutines have in common.
type run struct {
	s    *Session
	cell int
	unit int
	done chan struct{} // closed when the cell is interrupted or has failed in another goroutine

	stopped  atomic.Bool
	overflow atomic.Bool // the stack grew without end: functions note themselves in repeat
	frame    *deferrals  // deferred calls of the top level
	others   sync.WaitGroup

	mu      sync.Mutex
	ended   bool
	failure *Failure // of another goroutine of the cell
	value   map[string]any
	repeat  []int // functions that were entered, latest last
}

// task is one goroutine of a run.
type task struct {
	run   *run
	ctx   context.Context // keeps the labels
	key   uintptr
	where atomic.Uint64 // cell and line, as At gave them
	// what follows is of the goroutine alone
	trace    []string   // what the interpreter told about the panic under way
	deferred *deferrals // whose deferred call begins: the next function may recover its panic
}

// tasks has the tasks of all sessions by the pointer to their labels.
var tasks sync.Map

// newTask makes the task of a goroutine that begins; the goroutine itself calls begin.
func (r *run) newTask(cell, line int) *task {
	t := &task{run: r}
	t.at(cell, line)
	return t
}

func (t *task) at(cell, line int) { t.where.Store(uint64(uint32(cell))<<32 | uint64(uint32(line))) }

func (t *task) begin() {
	t.ctx = pprof.WithLabels(context.Background(), pprof.Labels("cell", strconv.Itoa(t.run.cell)))
	pprof.SetGoroutineLabels(t.ctx)
	t.key = uintptr(profLabel())
	tasks.Store(t.key, t)
}

// end forgets the task. That of a cell itself is kept for a while: goroutines that compiled code started have its labels.
func (t *task) end(keep bool) {
	pprof.SetGoroutineLabels(context.Background())
	if !keep {
		tasks.Delete(t.key)
		return
	}
	s := t.run.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.old = append(s.old, t)
	if len(s.old) > 64 {
		tasks.Delete(s.old[0].key)
		s.old = append(s.old[:0], s.old[1:]...)
	}
}

// current is the task of the calling goroutine, nil if no cell started it.
func current() *task {
	p := profLabel()
	if p == nil {
		return nil
	}
	t, ok := tasks.Load(uintptr(p))
	if !ok {
		return nil
	}
	return t.(*task)
}

// stopPanic unwinds a goroutine of a cell that was interrupted.
type stopPanic struct{}

// exitPanic unwinds a cell that called os.Exit.
type exitPanic struct{ code int }

// check panics if the calling goroutine's cell is to stop.
func (t *task) check() {
	if t != nil && t.run.stopped.Load() {
		panic(stopPanic{})
	}
}

// enter is what a function calls that may be part of a recursion, while cells are to stop.
func enter(id int) {
	t := current()
	if t == nil {
		return
	}
	if t.run.overflow.Load() {
		t.run.mu.Lock()
		defer t.run.mu.Unlock()
		if len(t.run.repeat) < 64 {
			t.run.repeat = append(t.run.repeat, id)
		}
		return
	}
	t.check()
}

// doneChan is closed when the calling goroutine's cell is to stop; nil if it is of no cell.
func doneChan() <-chan struct{} {
	if t := current(); t != nil {
		return t.run.done
	}
	return nil
}

// stop makes every goroutine of the run unwind at its next call, loop or wait.
func (r *run) stop() {
	if r.stopped.Swap(true) {
		return
	}
	r.s.raise(true)
	close(r.done)
}

// setStop writes the flag that lowered code looks at. The race detector is not told: the interpreter reads the flag
// without synchronisation, on purpose.
//
//go:norace
func setStop(p *bool, on bool) { *p = on }

//go:norace
func setInt(p *int, n int) { *p = n }

// raise counts the runs that are being stopped and sets the flag while there are any.
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
