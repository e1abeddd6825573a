package session

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// A goroutine of a cell leaves its functions by a panic where that is cheap and somebody is there to recover it, and by
// runtime.Goexit where not. A panic takes the interpreter a time that grows with the square of the depth; runtime.Goexit does
// not, but the interpreter tells nothing about the functions that it leaves.

const (
	// deepest is the size to which a stack grows when a recursion is taken to be endless. The runtime ends the process at
	// 1 GB, and stacks grow by doubling.
	deepest = 256 << 20
	// shallow is the depth of a stack from which a panic takes long.
	shallow = 512 << 10
	// grace is what deferred calls of a cell that is interrupted have, all together.
	grace = time.Second
)

var errInterrupted = errors.New("the cell was interrupted")

// leave unwinds the calling goroutine, whose cell is to stop. Deferred calls that run for that reason have their time.
func (t *task) leave() {
	if t.cleaning == 0 || t.graceLeft() <= 0 {
		t.unwind()
	}
}

// unwind is leave at once.
func (t *task) unwind() {
	switch {
	case t == nil:
		panic(stopPanic{})
	case t.leaving:
		runtime.Goexit()
	case t.since.IsZero():
		t.since = time.Now()
	}
	if !t.foreign && self().depth() < shallow {
		panic(stopPanic{})
	}
	t.goexit(t.run.s.failure(t, stopPanic{}))
}

// exit is os.Exit: it ends the cell.
func exit(code int) { end("exit", fmt.Sprintf("exit status %d", code)) }

// breakpoint is runtime.Breakpoint, which ends a compiled program that no debugger runs.
func breakpoint() { end("trap", "runtime.Breakpoint: no debugger runs this cell") }

// end ends the cell. Deferred calls are not to run; those that the interpreter runs all the same print nothing.
func end(name, text string) {
	if t := current(); t != nil {
		t.exiting = true
	}
	panic(exitPanic{name, text})
}

// graceLeft is the time that deferred calls still have.
func (t *task) graceLeft() time.Duration { return grace - time.Since(t.since) }

// waiting says what a goroutine that is interrupted waited for; "" if nothing.
func (t *task) waiting() string {
	if t.waits == "" {
		return ""
	}
	hint := "it was waiting " + t.waits
	observed.Lock()
	defer observed.Unlock()
	others := -1
	for _, n := range observed.runs {
		others += n
	}
	if others == 0 {
		hint += ", and no other goroutine was running"
	}
	return hint
}

// goexit unwinds the calling goroutine without a panic.
func (t *task) goexit(f *Failure) {
	t.leaving, t.failure = true, f
	if t.since.IsZero() {
		t.since = time.Now()
	}
	if t.foreign { // nobody hears of its end
		t.run.strays.Delete(t.g.Load())
		if t.deep.Swap(false) {
			t.run.s.raise(false)
		}
	}
	runtime.Goexit()
}

// observed has the runs whose stacks are watched, with the number of their tasks, while there are any.
var observed struct {
	sync.Mutex
	runs map[*run]int
}

// observe watches the stack of a task.
func observe(t *task) {
	t.initial = t.g.Load().stack()
	o := &observed
	o.Lock()
	defer o.Unlock()
	if o.runs == nil {
		o.runs = map[*run]int{}
		go watchStacks()
	}
	o.runs[t.run]++
}

func unobserve(t *task) {
	o := &observed
	o.Lock()
	defer o.Unlock()
	if o.runs[t.run]--; o.runs[t.run] == 0 {
		delete(o.runs, t.run)
	}
	if t.deep.Load() {
		t.run.s.raise(false)
	}
}

// watchStacks looks for tasks whose stacks have become deep, and at the memory; it ends when there are none. What a deep task
// enters next notes itself and then leaves.
func watchStacks() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var memory memoryWatch
	for range tick.C {
		observed.Lock()
		if len(observed.runs) == 0 {
			observed.runs = nil
			observed.Unlock()
			return
		}
		var all []*run
		for r := range observed.runs {
			all = append(all, r)
			r.mu.Lock()
			for t := range r.tasks {
				t.sound()
			}
			r.mu.Unlock()
			r.strays.Range(func(_, t any) bool {
				t.(*task).sound()
				return true
			})
		}
		observed.Unlock()
		memory.look(all)
	}
}

// sound finds out whether the stack of t has become deep.
func (t *task) sound() {
	if n := t.g.Load().stack(); n >= deepest && n > t.initial && !t.deep.Swap(true) {
		t.run.s.raise(true)
	}
}

// sink is called for each function that a task enters whose stack is deep.
func (t *task) sink(id int) {
	switch {
	case t.leaving: // in a deferred call
		if self().depth() > deepest {
			runtime.Goexit()
		}
		return
	case len(t.entered) < 64:
		t.entered = append(t.entered, id)
		return
	}
	s := t.run.s
	f := &Failure{Name: "panic", Text: "stack overflow: functions call each other without end", Hint: "a recursion needs a case that does not call again"}
	f.Cell, f.Line, f.Detail = s.top(t)
	f.Frames = s.cycle(t.entered)
	if len(f.Frames) > 0 {
		fr := f.Frames[0]
		f.Cell, f.Line, f.Detail = fr.Cell, fr.Line, fr.Source
	}
	if !t.main {
		f = t.inGoroutine(f)
	}
	t.run.fail(f)
	t.goexit(f)
}

// cross is called where compiled code calls a method of a cell: both may go on for ever without any function or loop of a
// cell that asks.
func (s *Session) cross() {
	if s.stopFlag != nil && getStop(s.stopFlag) {
		enter(0)
	}
}

//go:norace
func getStop(p *bool) bool { return *p }

// surrender is called when an interpreted function unwinds. Where nobody can recover the panic it reports it and unwinds
// the goroutine itself: one that compiled code started, since the process would end with it, and one whose stack is deep.
func (s *Session) surrender(t *task) {
	g := self()
	switch {
	case t == nil && (s.loading.Load() == g || within("kernel/session.runFrame")):
		return
	case t != nil && (t.open > 0 || t.leaving || !t.foreign && g.depth() < shallow):
		return
	}
	v, ok := g.panicValue()
	if _, stop := v.(stopPanic); !ok || stop {
		return
	}
	if (t == nil || t.foreign) && within("net/http.(*conn).serve", "fmt.(*pp).handleMethods", "text/template.safeCall") {
		return // who recovers
	}
	switch {
	case t == nil:
		t = &task{run: s.newRun(s.current(), 0)}
		t.run.ended = true
		t.died(v)
	case t.foreign:
		t.died(v)
	default:
		f := s.failure(t, v)
		if t.main {
			fr := Frame{}
			fr.Cell, fr.Line, fr.Source = s.top(t)
			f.Frames = append(f.Frames, fr)
		}
		t.goexit(f)
	}
	runtime.Goexit()
}

// within tells whether one of the functions, by the ends of their names, is running on the calling goroutine.
func within(names ...string) bool {
	pcs := make([]uintptr, 1<<12)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(f.Function, n) }) {
			return true
		}
		if !more {
			return false
		}
	}
}
