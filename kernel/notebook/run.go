package notebook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/tapir-go/tapir/kernel/session"
)

// Evaluator runs cells; a *session.Session is one.
type Evaluator interface {
	Run(ctx context.Context, cell int, src string) session.Result
}

// Watcher is told what happens while a notebook runs. Screen's calls may come from any goroutine, one at a time; cell
// is the number of the execution everywhere.
type Watcher interface {
	session.Screen
	Begin(cell, total int, c *Cell)        // the cell starts, the one of that number of total
	Value(cell int, bundle map[string]any) // it has ended with a value
	Failed(cell int, f *session.Failure)   // it has failed
	End(cell int, c *Cell)                 // it has ended
}

// CellError is a failed cell of a notebook.
type CellError struct {
	Index   int // of the cell in the notebook, from 0
	Cell    *Cell
	Failure *session.Failure
}

func (e *CellError) Error() string {
	return fmt.Sprintf("cell %d of the notebook failed: %s: %s", e.Index+1, e.Failure.Name, e.Failure.Text)
}

// Runner runs a notebook's cells in a session and collects their outputs in the notebook. It is the session's
// screen: make it, make the session with it as Options.Screen, then call Run.
type Runner struct {
	notebook *Notebook
	watcher  Watcher

	mu      sync.Mutex
	running map[int]*Cell       // by the number of the execution
	shown   map[string][]*shown // by display id
	clear   map[*Cell]bool      // to be cleared before the next output
	bad     error               // outputs that could not be kept
}

// shown is an output with a display id.
type shown struct {
	cell   *Cell
	output *Output
}

// NewRunner is a runner for a notebook. The watcher may be nil.
func NewRunner(n *Notebook, w Watcher) *Runner {
	return &Runner{
		notebook: n, watcher: w,
		running: map[int]*Cell{}, shown: map[string][]*shown{}, clear: map[*Cell]bool{},
	}
}

// Run runs the code cells from top to bottom, leaving out empty ones and those tagged "skip-execution". It stops at
// the first that fails, with a *CellError, unless that one is tagged "raises-exception"; and when ctx ends. Outputs
// up to there are in the notebook. A value that cannot be kept (without JSON form) is left out and is an error too.
func (r *Runner) Run(ctx context.Context, s Evaluator) error {
	total, done := 0, 0
	for _, c := range r.notebook.Cells {
		if c.Runs() {
			total++
		}
	}
	for i, c := range r.notebook.Cells {
		if !c.Runs() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped before cell %d of the notebook: %w", i+1, err)
		}
		done++
		failure := r.cell(ctx, s, done, total, c)
		if failure != nil && !c.Tagged("raises-exception") {
			return errors.Join(&CellError{i, c, failure}, r.bad)
		}
	}
	return r.bad
}

// Runs tells whether a run of the notebook runs the cell: a code cell with something in it that is not tagged
// "skip-execution".
func (c *Cell) Runs() bool {
	return c.Type == "code" && !blank(c.Source) && !c.Tagged("skip-execution")
}

// cell runs one cell as the execution of that number.
func (r *Runner) cell(ctx context.Context, s Evaluator, number, total int, c *Cell) *session.Failure {
	r.mu.Lock()
	r.running[number] = c
	r.forget(c)
	c.Outputs, c.Count = nil, number
	if r.watcher != nil {
		r.watcher.Begin(number, total, c)
	}
	r.mu.Unlock()

	result := s.Run(ctx, number, c.Source)

	r.mu.Lock()
	defer r.mu.Unlock()
	if result.Value != nil {
		r.add(c, &Output{Type: "execute_result", Data: r.keep(number, result.Value), Count: number})
		if r.watcher != nil {
			r.watcher.Value(number, result.Value)
		}
	}
	if f := result.Failure; f != nil {
		r.add(c, &Output{Type: "error", ErrorName: f.Name, Error: f.Text, Traceback: f.Traceback()})
		if r.watcher != nil {
			r.watcher.Failed(number, f)
		}
	}
	if r.watcher != nil {
		r.watcher.End(number, c)
	}
	return result.Failure
}

// keep is a bundle in the form in which it is stored, without what has none.
func (r *Runner) keep(number int, bundle map[string]any) map[string]any {
	kept := map[string]any{}
	for mime, v := range bundle {
		one, err := Bundle(map[string]any{mime: v})
		if err != nil {
			r.bad = errors.Join(r.bad, fmt.Errorf("an output of cell %d is not kept: %w", number, err))
			continue
		}
		maps.Copy(kept, one)
	}
	return kept
}

// add appends an output to a cell, joined with the last where both are of one stream.
func (r *Runner) add(c *Cell, o *Output) {
	if r.clear[c] {
		r.forget(c)
		c.Outputs = nil
	}
	if last := len(c.Outputs) - 1; o.Type == "stream" && last >= 0 && c.Outputs[last].Type == "stream" && c.Outputs[last].Name == o.Name {
		c.Outputs[last].Text += o.Text
		return
	}
	c.Outputs = append(c.Outputs, o)
}

// forget forgets the display ids and the waiting clear of a cell.
func (r *Runner) forget(c *Cell) {
	delete(r.clear, c)
	for id, all := range r.shown {
		var others []*shown
		for _, s := range all {
			if s.cell != c {
				others = append(others, s)
			}
		}
		r.shown[id] = others
	}
}

// Stream takes a text that a cell has written; it is session.Screen's.
func (r *Runner) Stream(cell int, name string, text []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.running[cell]
	if c == nil || len(text) == 0 {
		return
	}
	r.add(c, &Output{Type: "stream", Name: name, Text: string(text)})
	if r.watcher != nil {
		r.watcher.Stream(cell, name, text)
	}
}

// Display takes what a cell shows; it is session.Screen's. What was shown before under the same id, by whatever cell,
// changes with it; with update there is no new output.
func (r *Runner) Display(cell int, bundle map[string]any, id string, update bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.running[cell]
	if c == nil {
		return
	}
	data := r.keep(cell, bundle)
	if id != "" {
		for _, s := range r.shown[id] {
			s.output.Data = data
		}
	}
	if !update {
		o := &Output{Type: "display_data", Data: data}
		r.add(c, o)
		if id != "" {
			r.shown[id] = append(r.shown[id], &shown{c, o})
		}
	}
	if r.watcher != nil {
		r.watcher.Display(cell, bundle, id, update)
	}
}

// Clear takes away what a cell has put out, at once or before its next output; it is session.Screen's.
func (r *Runner) Clear(cell int, wait bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.running[cell]
	if c == nil {
		return
	}
	if wait {
		r.clear[c] = true
	} else {
		r.forget(c)
		c.Outputs = nil
	}
	if r.watcher != nil {
		r.watcher.Clear(cell, wait)
	}
}
