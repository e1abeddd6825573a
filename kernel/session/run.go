package session

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"reflect"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/tapir-go/tapir/kernel/cell"
	"github.com/traefik/yaegi/interp"
	unsafesyms "github.com/traefik/yaegi/stdlib/unsafe"
)

// Run evaluates a cell. When ctx ends the cell is interrupted; Run returns when the cell's goroutine has ended.
// Cells run one at a time.
func (s *Session) Run(ctx context.Context, cell int, src string) Result {
	s.running.Lock()
	defer s.running.Unlock()
	s.mu.Lock()
	s.cell = cell
	s.mu.Unlock()
	return s.runCell(ctx, cell, src)
}

// Eval evaluates an expression, as user_expressions of the protocol want it, and gives its MIME bundle.
func (s *Session) Eval(ctx context.Context, expr string) (map[string]any, *Failure) {
	r := s.Run(ctx, s.current(), expr)
	if r.Failure == nil && r.Value == nil {
		return map[string]any{"text/plain": ""}, nil
	}
	return r.Value, r.Failure
}

func (s *Session) runCell(ctx context.Context, n int, text string) Result {
	checked, prog, unit, failure := s.compile(n, text)
	if failure != nil {
		return Result{Failure: failure}
	}
	r := &run{s: s, cell: n, unit: unit, done: make(chan struct{}), frame: newFrame()}
	ran, res := s.execute(ctx, r, prog)
	s.front.Lock()
	defer s.front.Unlock()
	for _, name := range checked.Finish(ran) {
		s.drop(name)
	}
	return res
}

// compile cuts, checks and lowers a cell and gives it to the interpreter.
func (s *Session) compile(n int, text string) (checked *cell.Checked, prog *cell.Program, unit int, failure *Failure) {
	s.front.Lock()
	defer s.front.Unlock()
	src, problems := s.world.Cut(n, text)
	if len(problems) > 0 {
		return nil, nil, 0, compileFailure(problems)
	}
	checked, problems = s.world.Check(src)
	if len(problems) > 0 {
		return nil, nil, 0, compileFailure(problems)
	}
	prog, problems = checked.Lower()
	if len(problems) > 0 {
		checked.Abandon()
		return nil, nil, 0, compileFailure(problems)
	}
	if err := s.load(prog); err != nil {
		checked.Abandon()
		return nil, nil, 0, s.lowerFailure(n, text, prog, err)
	}
	if err := checked.Commit(prog); err != nil {
		checked.Abandon()
		return nil, nil, 0, &Failure{Name: "compile error", Text: err.Error(), Cell: n}
	}
	return checked, prog, src.Unit, nil
}

// drop lets go of the value of a variable that nothing refers to any more.
func (s *Session) drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.vars[name]; ok {
		v.v.SetZero()
		delete(s.vars, name)
	}
}

func compileFailure(ps []cell.Problem) *Failure {
	p := ps[0]
	f := &Failure{Name: "compile error", Text: p.Text, Hint: p.Hint, Cell: p.Cell, Line: p.Line, Column: column(p), Detail: p.Detail()}
	for _, q := range ps[1:] {
		f.More = append(f.More, &Failure{Name: "compile error", Text: q.Text, Hint: q.Hint, Cell: q.Cell, Line: q.Line, Column: column(q), Detail: q.Detail()})
	}
	return f
}

// column counts characters where the problem counts bytes.
func column(p cell.Problem) int {
	return len([]rune(p.Source[:min(len(p.Source), max(0, p.Column-1))])) + 1
}

// load gives the interpreter the symbols and the text of a lowered cell.
func (s *Session) load(prog *cell.Program) (err error) {
	for _, text := range []cell.Text{prog.Decls, prog.Run} {
		for _, p := range text.Imports {
			if err := s.use(p.Path); err != nil {
				return err
			}
		}
	}
	if err := s.build(prog.Structs); err != nil {
		return err
	}
	if err := s.define(prog); err != nil {
		return err
	}
	s.mu.Lock()
	for _, f := range prog.Funcs {
		s.funcs[f.ID] = &function{info: f}
		if f.Mark == cell.StepMark {
			s.funcs[f.ID].line = s.stepLine
		}
	}
	if prog.Decls.Source != "" {
		s.lines[prog.Decls.File] = prog.Decls.Lines
	}
	s.lines[cell.StepFile] = prog.Run.Lines
	s.mu.Unlock()
	s.steps = nil
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	if prog.Decls.Source != "" {
		if _, err := s.in.Eval(prog.Decls.Source); err != nil {
			return err
		}
	}
	if prog.Run.Source == "" {
		return nil
	}
	for _, p := range prog.Run.Imports {
		if s.stepImports[p.Path] {
			continue
		}
		s.stepImports[p.Path] = true
		if _, err := s.in.Eval(fmt.Sprintf("//line %s:1\npackage main\nimport %s %q", cell.StepFile, p.Name, p.Path)); err != nil {
			return err
		}
	}
	if s.stepFile != nil {
		s.in.FileSet().RemoveFile(s.stepFile)
	}
	base := s.in.FileSet().Base()
	_, err = s.in.Eval(prog.Run.Source)
	s.forget()
	s.stepFile = s.in.FileSet().File(token.Pos(base))
	return err
}

// use gives the interpreter the symbols of a package.
func (s *Session) use(path string) error {
	if s.used[path] {
		return nil
	}
	if path == "rt" || path == "ty" {
		return nil
	}
	if path == "unsafe" {
		s.used[path] = true
		return s.in.Use(unsafesyms.Symbols)
	}
	if s.opt.Table == nil {
		return fmt.Errorf("no package %s here", path)
	}
	name := s.opt.Table.Packages()[path]
	symbols := map[string]reflect.Value{}
	for k, v := range s.opt.Table.Symbols(path) {
		symbols[k] = v
	}
	for k, v := range s.overlay(path) {
		symbols[k] = v
	}
	if name == "" || len(symbols) == 0 {
		return fmt.Errorf("no package %s here", path)
	}
	// the directory of the key is the import path, its base the name; two slashes keep the interpreter from putting its
	// own print functions into fmt
	if err := s.in.Use(interp.Exports{path + "//" + name: symbols}); err != nil {
		return fmt.Errorf("package %s: %w", path, err)
	}
	s.used[path] = true
	return nil
}

// lowerFailure reports what the interpreter refuses although the cell is right: a fault of the front end.
func (s *Session) lowerFailure(n int, text string, prog *cell.Program, err error) *Failure {
	f := &Failure{Name: "compile error", Text: "the interpreter cannot run this: " + err.Error(), Cell: n}
	line := 0
	msg, lines := strings.CutPrefix(err.Error(), prog.Decls.File+":")
	places := prog.Decls.Lines
	if !lines {
		msg = strings.TrimPrefix(msg, cell.StepFile+":")
		places = prog.Run.Lines
	}
	if _, e := fmt.Sscanf(msg, "%d", &line); e == nil && line < len(places) {
		f.Line = places[line].Line
		f.Detail = cell.Line(text, f.Line)
		if i := strings.IndexByte(msg, ' '); i > 0 {
			f.Text = "the interpreter cannot run this: " + strings.TrimSpace(msg[i:])
		}
	}
	f.Hint = "this is a limit of the interpreter; write it another way"
	return f
}

// execute runs the steps of a cell and waits for the end of its goroutine.
func (s *Session) execute(ctx context.Context, r *run, prog *cell.Program) (ran int, res Result) {
	steps := s.steps
	if len(steps) == 0 {
		return 0, Result{}
	}
	s.mu.Lock()
	s.run = r
	s.mu.Unlock()
	var failure *Failure
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		t := r.newTask(r.cell, 0)
		t.begin()
		defer t.end(true)
		normal := false
		defer func() {
			if !normal && failure == nil { // runtime.Goexit
				failure = nil
			}
		}()
		failure = s.steps_(t, steps, prog, &ran)
		normal = true
	}()
	interrupted := s.watch(ctx, r, ended)
	if s.opt.OnEnd != nil {
		s.opt.OnEnd()
	}
	s.files.flush()
	if r.stopped.Load() {
		waitFor(&r.others, 250*time.Millisecond)
		s.raise(false)
	}
	if interrupted != nil && s.opt.OnInterrupt != nil {
		s.opt.OnInterrupt(false)
	}
	r.mu.Lock()
	r.ended = true
	other, value := r.failure, r.value
	r.mu.Unlock()
	s.mu.Lock()
	s.run = nil
	s.mu.Unlock()
	switch {
	case other != nil:
		failure = other
	case interrupted != nil && (failure == nil || failure.Name != "exit"):
		failure = interrupted.at(failure)
	case failure != nil && failure.Name == "exit" && failure.Text == "exit status 0":
		return ran, Result{}
	}
	if failure != nil {
		return ran, Result{Failure: failure}
	}
	return ran, Result{Value: value}
}

// at gives an interrupt the place where the cell was.
func (f *Failure) at(where *Failure) *Failure {
	if where != nil && len(f.Frames) == 0 {
		f.Cell, f.Line, f.Frames, f.Detail = where.Cell, where.Line, where.Frames, where.Detail
	}
	return f
}

// steps_ runs the steps on the goroutine of the cell, and its deferred calls.
func (s *Session) steps_(t *task, steps []func(), prog *cell.Program, ran *int) (f *Failure) {
	defer func() {
		if r := recover(); r != nil {
			f = s.stepFailure(t, r)
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
			*ran = i + 1
			t.check()
		}
	})
	return nil
}

func (s *Session) stepFailure(t *task, r any) *Failure {
	switch r := r.(type) {
	case exitPanic:
		return exitFailure(r.code)
	case stopPanic:
		return s.failure(t, errInterrupted)
	}
	return s.failure(t, r)
}

var errInterrupted = errors.New("the cell was interrupted")

// watch waits for the end of the cell. Until then it looks for the end of ctx and for endless recursion; both stop the
// cell. It gives the reason if it did.
func (s *Session) watch(ctx context.Context, r *run, ended <-chan struct{}) *Failure {
	var reason *Failure
	base := stacks()
	done := ctx.Done()
	tick := time.NewTimer(20 * time.Millisecond)
	defer tick.Stop()
	var since time.Time
	release := func() {}
	defer func() { release() }()
	for {
		select {
		case <-ended:
			if r.overflow.Load() {
				s.cycle(r, reason)
			}
			return reason
		case <-done:
			done = nil
			since = time.Now()
			reason = &Failure{Name: "interrupted", Text: "the cell was interrupted", Cell: r.cell}
			r.stop()
			if s.opt.OnInterrupt != nil {
				s.opt.OnInterrupt(true)
			}
		case <-tick.C:
			switch {
			case since.IsZero() && stacks() > base+deepest+uint64(runtime.NumGoroutine())<<16:
				since = time.Now()
				reason = &Failure{Name: "panic", Text: "stack overflow: functions call each other without end", Hint: "a recursion needs a case that does not call again", Cell: r.cell}
				r.overflow.Store(true)
				r.stop()
			case !since.IsZero() && (time.Since(since) > patience || r.known()):
				since = time.Now().Add(time.Hour)
				release = s.halt()
			}
			tick.Reset(10 * time.Millisecond)
		}
	}
}

// patience is how long a cell that is interrupted may take to unwind by itself. A panic takes the interpreter a time
// that grows with the square of the depth.
const patience = time.Second

// known tells whether an endless recursion has shown its functions.
func (r *run) known() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.repeat) >= 32
}

// cycle tells which functions a recursion went through.
func (s *Session) cycle(r *run, f *Failure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[int]bool{}
	for _, id := range r.repeat {
		if x := s.funcs[id]; x != nil && !seen[id] && x.info.Unit > 0 {
			seen[id] = true
			line := x.info.Line
			if x.line != nil && *x.line > 0 {
				line = *x.line
			}
			_, text := s.world.Line(x.info.Unit, line)
			f.Frames = append(f.Frames, Frame{Func: x.info.Name, Cell: x.info.Cell, Line: line, Source: text})
		}
	}
	if len(f.Frames) > 0 {
		fr := f.Frames[0]
		f.Cell, f.Line, f.Detail = fr.Cell, fr.Line, fr.Source
	}
}

// deepest is the growth of stacks during a cell, beyond a share for each goroutine, at which a recursion is taken to be endless.
const deepest = 200 << 20

// stacks is the memory of all stacks. What a recursion of an earlier cell used
// may still be in it, so only its growth tells anything.
func stacks() uint64 {
	m := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(m)
	if m[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return m[0].Value.Uint64()
}

// waitFor waits for goroutines, but not for ever: they may be in compiled code that cannot be stopped.
func waitFor(w interface{ Wait() }, d time.Duration) {
	done := make(chan struct{})
	go func() {
		w.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(d):
	}
}
