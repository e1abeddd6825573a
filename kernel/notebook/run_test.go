package notebook_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/kernel/notebook"
	"github.com/tapir-go/tapir/kernel/session"
)

// script is an evaluator whose cells are lines of commands for the screen.
type script struct {
	screen session.Screen
	ran    []string
}

func (s *script) Run(ctx context.Context, cell int, src string) (r session.Result) {
	s.ran = append(s.ran, src)
	for _, line := range strings.Split(src, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		id, text, _ := strings.Cut(rest, " ")
		switch word {
		case "out", "err":
			s.screen.Stream(cell, map[string]string{"out": "stdout", "err": "stderr"}[word], []byte(rest+"\n"))
		case "show":
			s.screen.Display(cell, map[string]any{"text/plain": rest}, "", false)
		case "id":
			s.screen.Display(cell, map[string]any{"text/plain": text}, id, false)
		case "update":
			s.screen.Display(cell, map[string]any{"text/plain": text}, id, true)
		case "clear":
			s.screen.Clear(cell, rest == "wait")
		case "late":
			s.screen.Stream(cell-1, "stdout", []byte(rest+"\n"))
		case "bad":
			s.screen.Display(cell, map[string]any{"application/json": func() {}, "text/plain": "good"}, "", false)
		case "value":
			r.Value = map[string]any{"text/plain": rest}
		case "fail":
			r.Failure = &session.Failure{Name: "panic", Text: rest, Cell: cell, Line: 1, Detail: line}
		}
	}
	return r
}

// run runs cells, given as their sources, and gives the notebook.
func run(t *testing.T, tags map[int]string, sources ...string) (*notebook.Notebook, *script, error) {
	t.Helper()
	n := &notebook.Notebook{Minor: 5}
	for i, src := range sources {
		c := &notebook.Cell{Type: "code", Source: src, Outputs: []*notebook.Output{{Type: "stream", Name: "stdout", Text: "old"}}}
		if tags[i] != "" {
			c.Metadata = map[string]any{"tags": []any{tags[i]}}
		}
		n.Cells = append(n.Cells, c)
	}
	r := notebook.NewRunner(n, nil)
	s := &script{screen: r}
	return n, s, r.Run(context.Background(), s)
}

func TestOutputsAreCollectedAsJupyterDoes(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []string
		want  [][]string
	}{
		{"neighbouring texts of a stream are one output", []string{"out a\nout b\nerr c\nout d"}, [][]string{{"a\nb\n", "c\n", "d\n"}}},
		{"a display cuts a stream", []string{"out a\nshow p\nout b"}, [][]string{{"a\n", "p", "b\n"}}},
		{"the value comes last", []string{"value 1\nout a"}, [][]string{{"a\n", "1"}}},
		{"a display is updated in place", []string{"id x 1\nout a\nupdate x 2"}, [][]string{{"2", "a\n"}}},
		{"from another cell too", []string{"id x 1", "out a\nupdate x 2"}, [][]string{{"2"}, {"a\n"}}},
		{"all of one id change", []string{"id x 1\nid x 2", "id x 3"}, [][]string{{"3", "3"}, {"3"}}},
		{"an update of nothing shows nothing", []string{"update x 2"}, [][]string{nil}},
		{"cleared at once", []string{"out a\nclear\nout b"}, [][]string{{"b\n"}}},
		{"cleared when new output comes", []string{"out a\nclear wait\nout b"}, [][]string{{"b\n"}}},
		{"not cleared when none comes", []string{"out a\nclear wait"}, [][]string{{"a\n"}}},
		{"a waiting clear ends with its cell", []string{"out a\nclear wait", "out b"}, [][]string{{"a\n"}, {"b\n"}}},
		{"cleared displays are not updated", []string{"id x 1\nclear\nout a\nupdate x 2"}, [][]string{{"a\n"}}},
		{"late text stays with its cell", []string{"out a", "late b\nout c"}, [][]string{{"a\nb\n"}, {"c\n"}}},
		{"empty cells do not run", []string{" \n", "out a"}, [][]string{{"old"}, {"a\n"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, _, err := run(t, nil, c.cells...)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range c.want {
				if got := n.Cells[i].PlainOutputs(); !reflect.DeepEqual(got, want) {
					t.Errorf("cell %d: got %q, want %q", i+1, got, want)
				}
			}
		})
	}
}

func TestRunStopsAtTheFirstFailedCell(t *testing.T) {
	n, s, err := run(t, nil, "out a", "fail boom", "out b")
	var failed *notebook.CellError
	if !errors.As(err, &failed) || failed.Index != 1 || failed.Error() != "cell 2 of the notebook failed: panic: boom" {
		t.Fatalf("got %v", err)
	}
	o := n.Cells[1].Outputs
	if len(o) != 1 || o[0].Type != "error" || o[0].ErrorName != "panic" || o[0].Error != "boom" || len(o[0].Traceback) == 0 {
		t.Errorf("outputs of the failed cell: %+v", o)
	}
	if len(s.ran) != 2 {
		t.Errorf("ran %q", s.ran)
	}
}

func TestTagsAreObeyed(t *testing.T) {
	n, s, err := run(t, map[int]string{0: "raises-exception", 1: "skip-execution"}, "fail boom", "out b", "value 1")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s.ran, []string{"fail boom", "value 1"}) {
		t.Errorf("ran %q", s.ran)
	}
	if n.Cells[0].Count != 1 || n.Cells[1].Count != 0 || n.Cells[2].Count != 2 || n.Cells[2].Outputs[0].Count != 2 {
		t.Error("cells are not numbered as they ran")
	}
}

func TestWhatCannotBeKeptIsAnError(t *testing.T) {
	n, _, err := run(t, nil, "bad", "out a")
	if err == nil || !strings.Contains(err.Error(), "an output of cell 1 is not kept: application/json: a func() has no JSON form") {
		t.Errorf("got %v", err)
	}
	if got := n.Cells[0].PlainOutputs(); !reflect.DeepEqual(got, []string{"good"}) {
		t.Errorf("kept %q", got)
	}
	if got := n.Cells[1].PlainOutputs(); !reflect.DeepEqual(got, []string{"a\n"}) {
		t.Errorf("the next cell has %q", got)
	}
}

func TestAnEndedContextStopsTheRun(t *testing.T) {
	n := &notebook.Notebook{Cells: []*notebook.Cell{{Type: "code", Source: "out a"}}}
	r := notebook.NewRunner(n, nil)
	s := &script{screen: r}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := r.Run(ctx, s); !errors.Is(err, context.Canceled) || len(s.ran) != 0 {
		t.Errorf("got %v, ran %q", err, s.ran)
	}
}

func Example() {
	n, err := notebook.Parse([]byte(`{
		"nbformat": 4, "nbformat_minor": 5, "metadata": {},
		"cells": [
			{"cell_type": "markdown", "metadata": {}, "source": "# A notebook"},
			{"cell_type": "code", "metadata": {}, "source": ["x := 20\n", "x + 22"], "outputs": [], "execution_count": null}
		]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r := notebook.NewRunner(n, nil)
	s, err := session.New(session.Options{Screen: r})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := r.Run(context.Background(), s); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.Cells[1].PlainOutputs())
	// Output: [42]
}
