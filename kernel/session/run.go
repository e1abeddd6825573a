package session

import (
	"context"
	"fmt"
	"go/token"
	"reflect"
	"strings"

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
	r := s.newRun(n, unit)
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
	s.loading.Store(self())
	defer func() {
		s.loading.Store(nil)
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
