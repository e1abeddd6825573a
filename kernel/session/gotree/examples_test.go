package gotree_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// exampleFile says which examples of the standard library do not print what they say.
const exampleFile = "testdata/examples.txt"

const examplePreamble = `# The examples of the standard library (the functions Example of the files example*_test.go below $(go env GOROOT)/src) that do
# not print what their comments say when their file is run as a cell. TestExamples keeps this file current:
#
#	go test ./kernel/session/gotree -run Examples -update
#
# writes it; the reasons of examples that it has already are kept.

`

// exampleSet is a file of examples as a program that runs them all.
type exampleSet struct {
	name     string // of the file, below the folder of the sources
	text     string
	examples []*doc.Example
}

// marker is what the program prints before the output of an example, on the error output, which is not of the example's output.
const marker = "\x01"

// unmixed tells a process to show no error output but the marks.
const unmixed = "TAPIR_EXAMPLES"

// exampleSets are the files of examples whose output is known.
func exampleSets(t *testing.T, src string) (sets []exampleSet) {
	t.Helper()
	err := filepath.WalkDir(src, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if slices.Contains([]string{"internal", "cmd", "vendor", "testdata", "builtin"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		case !strings.HasPrefix(d.Name(), "example") || !strings.HasSuffix(d.Name(), "_test.go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(src, name)
		if err != nil {
			return err
		}
		s := exampleSet{name: filepath.ToSlash(rel)}
		for _, e := range doc.Examples(f) {
			if e.Output != "" || e.EmptyOutput {
				s.examples = append(s.examples, e)
			}
		}
		if len(s.examples) > 0 && !constrained(f) {
			s.text = program(fset, f, string(text), s.examples)
			sets = append(sets, s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

// constrained tells a file that is not for every system.
func constrained(f *ast.File) bool {
	for _, g := range f.Comments {
		for _, c := range g.List {
			if c.Pos() < f.Package && strings.HasPrefix(c.Text, "//go:build") {
				return true
			}
		}
	}
	return false
}

// program makes a file of examples a program of its own.
func program(fset *token.FileSet, f *ast.File, text string, examples []*doc.Example) string {
	from, to := fset.Position(f.Package).Offset, fset.Position(f.Name.End()).Offset
	var b strings.Builder
	b.WriteString(text[:from] + "package main" + text[to:] + "\nfunc main() {\n")
	for _, e := range examples {
		fmt.Fprintf(&b, "\tmark(%q)\n\tExample%s()\n", e.Name, e.Name)
	}
	fmt.Fprintf(&b, "\tmark(\"end\")\n}\n\nfunc mark(name string) { print(%q + name + \"\\n\") }\n", marker)
	return b.String()
}

func (s exampleSet) full(e *doc.Example) string { return s.name + ":Example" + e.Name }

// outputs runs a set and gives what each example printed.
func (s exampleSet) outputs(src, dir string) (map[string]string, error) {
	file := filepath.Join(dir, strings.ReplaceAll(s.name, "/", "_"))
	if err := os.WriteFile(file, []byte(s.text), 0o644); err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), programEnv+"="+file, unmixed+"=1")
	cmd.Dir = filepath.Join(src, filepath.FromSlash(path.Dir(s.name))) // some read the files there
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	got := map[string]string{}
	for part := range strings.SplitSeq(out.String(), marker) {
		name, text, _ := strings.Cut(part, "\n")
		got[name] = text
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = errors.New(firstLine(errs.String()))
	}
	return got, err
}

// wrong tells why an example did not print what it says; "" if it did.
func wrong(e *doc.Example, got map[string]string, failed error) string {
	text, ran := got[e.Name]
	if !ran {
		if failed != nil {
			return failed.Error()
		}
		return "did not run"
	}
	lines := func(s string) []string {
		all := strings.Split(strings.TrimSpace(s), "\n")
		for i := range all {
			all[i] = strings.TrimRight(all[i], " \t")
		}
		if e.Unordered {
			slices.Sort(all)
		}
		return all
	}
	have, want := lines(text), lines(e.Output)
	for i := range max(len(have), len(want)) {
		if i >= len(have) || i >= len(want) || have[i] != want[i] {
			if failed != nil && i >= len(have)-1 {
				return failed.Error()
			}
			return firstLine(fmt.Sprintf("line %d is %q", i+1, strings.Join(have[min(i, len(have)):min(i+1, len(have))], "")))
		}
	}
	return ""
}

// TestExamples runs the examples of the standard library and compares what they print with what they say.
func TestExamples(t *testing.T) {
	if racing() || testing.Short() {
		t.Skip("takes half a minute, and more than its limit with the race detector")
	}
	src := filepath.Join(filepath.Dir(tree(t)), "src")
	known := map[string]string{}
	text, err := os.ReadFile(exampleFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if name, why, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && line[0] != '#' {
			known[name] = why
		}
	}
	dir := t.TempDir()
	sets := exampleSets(t, src)
	if len(sets) < 80 {
		t.Fatalf("only %d files of examples below %s", len(sets), src)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	fails := map[string]string{}
	next := make(chan exampleSet)
	total := 0
	for range 2 {
		wg.Go(func() {
			for s := range next {
				got, err := s.outputs(src, dir)
				for range 2 { // the machine may have been busy elsewhere
					if slices.ContainsFunc(s.examples, func(e *doc.Example) bool { return known[s.full(e)] == "" && wrong(e, got, err) != "" }) {
						got, err = s.outputs(src, dir)
					}
				}
				mu.Lock()
				for _, e := range s.examples {
					total++
					name := s.full(e)
					why := wrong(e, got, err)
					switch {
					case why == "" && known[name] != "" && !*update:
						t.Errorf("%s prints what it says: write that down with -update", name)
					case why != "" && known[name] == "" && !*update:
						t.Errorf("%s: %s", name, why)
					}
					if why != "" && known[name] != "" {
						why = known[name]
					}
					if why != "" {
						fails[name] = why
					}
				}
				mu.Unlock()
			}
		})
	}
	for _, s := range sets {
		next <- s
	}
	close(next)
	wg.Wait()
	t.Logf("%d of %d examples print what they say", total-len(fails), total)
	if *update {
		var b strings.Builder
		b.WriteString(examplePreamble)
		for _, name := range slices.Sorted(maps.Keys(fails)) {
			fmt.Fprintf(&b, "%s\t%s\n", name, fails[name])
		}
		if err := os.WriteFile(exampleFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
