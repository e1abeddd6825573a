package session

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/tapir-go/tapir/kernel/cell"
)

// execute runs the steps of a cell and waits for the end of its goroutine, and of all its goroutines where it was stopped.
func (s *Session) execute(ctx context.Context, r *run, prog *cell.Program) (ran int, res Result) {
	steps := s.steps
	if len(steps) == 0 {
		return 0, Result{}
	}
	s.mu.Lock()
	s.run = r
	s.mu.Unlock()
	o := &outcome{ended: make(chan struct{})}
	t := r.newTask(r.cell, 0)
	t.main = true
	go func() {
		defer close(o.ended)
		t.begin()
		defer t.end()
		defer func() {
			if o.failure == nil { // it may have left through runtime.Goexit
				o.failure = t.failure
			}
		}()
		o.failure = s.runSteps(t, steps, prog, &o.ran)
	}()
	interrupted, failure := s.watch(ctx, t, o)
	if s.opt.OnEnd != nil {
		s.opt.OnEnd()
	}
	s.files.flush()
	if r.stopped.Load() {
		select {
		case <-r.gone:
		case <-time.After(250 * time.Millisecond): // they are in compiled code that cannot be stopped
		}
	}
	if interrupted != nil && s.opt.OnInterrupt != nil {
		s.opt.OnInterrupt(false)
	}
	ran = int(o.ran.Load())
	r.mu.Lock()
	r.ended = true
	other, value := r.failure, r.value
	r.value = nil
	r.mu.Unlock()
	s.mu.Lock()
	s.run = nil
	s.mu.Unlock()
	s.keep(r)
	switch {
	case other != nil:
		failure = other
	case interrupted != nil && (failure == nil || failure.Name != "exit"):
		failure = interrupted.at(failure)
	}
	if failure != nil && failure.Name == "exit" && failure.Text == "exit status 0" {
		return ran, Result{}
	}
	if failure != nil {
		return ran, Result{Failure: failure}
	}
	return ran, Result{Value: value}
}

// outcome is what the goroutine of a cell leaves.
type outcome struct {
	ended   chan struct{} // closed when the goroutine has ended
	failure *Failure      // once it has ended
	ran     atomic.Int32  // steps that were done
}

// at gives an interrupt the place where the cell was.
func (f *Failure) at(where *Failure) *Failure {
	if where != nil && len(f.Frames) == 0 {
		f.Cell, f.Line, f.Frames, f.Detail = where.Cell, where.Line, where.Frames, where.Detail
	}
	if where != nil && where.Name == f.Name && f.Hint == "" {
		f.Hint = where.Hint
	}
	return f
}

// runSteps runs the steps on the goroutine of the cell, and its deferred calls.
func (s *Session) runSteps(t *task, steps []func(), prog *cell.Program, ran *atomic.Int32) (f *Failure) {
	defer func() {
		if r := recover(); r != nil {
			f = s.failure(t, r)
		}
	}()
	runFrame(t.run.frame, func() {
		for i, step := range steps {
			line := 0
			if i < len(prog.Steps) {
				line = prog.Steps[i].Line
			}
			t.at(t.run.cell, line)
			setInt(s.stepLine, line)
			step()
			ran.Store(int32(i + 1))
			t.check()
		}
	})
	return nil
}

// pipesAfter is how long a cell that is to stop may take before what it waits for in compiled code is ended, where that is
// known; patience is how long it may take before it is left behind, in a call of compiled code that nothing ends.
const (
	pipesAfter = 5 * time.Millisecond
	patience   = 3 * time.Second
)

// watch waits for the end of the cell; the end of ctx stops it. It tells whether the cell was interrupted, and how it
// ended.
func (s *Session) watch(ctx context.Context, t *task, o *outcome) (interrupted, f *Failure) {
	r := t.run
	select {
	case <-o.ended:
		return nil, o.failure
	case <-r.ctx.Done():
	case <-ctx.Done():
		interrupted = &Failure{Name: "interrupted", Text: "the cell was interrupted", Cell: r.cell}
		r.stop()
		if s.opt.OnInterrupt != nil {
			s.opt.OnInterrupt(true)
		}
	}
	select {
	case <-o.ended:
		return interrupted, o.failure
	case <-time.After(pipesAfter):
		r.release()
	}
	select {
	case <-o.ended:
		return interrupted, o.failure
	case <-time.After(patience):
	}
	if interrupted != nil {
		interrupted.Text += "; it was in a call that cannot be stopped, which goes on in the background until it returns"
	}
	f = &Failure{}
	f.Cell, f.Line, f.Detail = s.top(t)
	return interrupted, f
}
