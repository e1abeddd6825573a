package plain_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tapir-go/tapir/kernel/plain"
	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/symbols"
)

var (
	table = symbols.Table()
	keep  = flag.String("keep", "", "write the programs into this directory, which must be empty, and leave them there")
)

// screen keeps what cells write to standard output.
type screen struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (s *screen) Stream(_ int, name string, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "stdout" {
		s.out.Write(text)
	}
}

func (s *screen) Display(int, map[string]any, string, bool) {}
func (s *screen) Clear(int, bool)                           {}

func (s *screen) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.out.Reset()
	return s.out.String()
}

// subject is a session of cells that runs both ways.
type subject struct {
	name    string
	program bool // it is one cell, a program
	cells   []plain.Cell
	want    string // what the kernel prints: standard output and the values of last expressions
	fails   string // the failure that ends it in the kernel, where none is meant to
	fault   error  // of writing it as a program
	meant   []bool // of each cell: it is meant to fail
	out     int    // cells that the program lacks
}

var (
	wants = regexp.MustCompile(`(?m)^// want:.*\n?`)
	meant = regexp.MustCompile(`// ERROR .*`)
)

// subjects are the sessions and the programs of kernel/session, and the sessions of this package. Sessions come a second time
// with each cell run twice, as people do: everything is declared again.
func subjects(t *testing.T) (all []*subject) {
	t.Helper()
	for _, pattern := range []string{"testdata/*.cells", "../session/testdata/*.cells", "../session/testdata/programs/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files (%v)", pattern, err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			name, program := strings.CutSuffix(filepath.Base(f), ".go")
			if program {
				all = append(all, &subject{name: "program-" + name, program: true, cells: []plain.Cell{{Number: 1, Text: string(text)}}})
				continue
			}
			name = strings.TrimSuffix(name, ".cells")
			once, twice := &subject{name: name}, &subject{name: name + "-twice"}
			for i, c := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n---\n") {
				fails := meant.MatchString(c)
				c = meant.ReplaceAllString(wants.ReplaceAllString(c+"\n", ""), "")
				once.add(i+1, c, fails)
				twice.add(2*i+1, c, true) // a name may mean something else by now
				twice.add(2*i+2, c, true)
			}
			all = append(all, once, twice)
		}
	}
	return all
}

func (s *subject) add(number int, text string, meant bool) {
	s.cells = append(s.cells, plain.Cell{Number: number, Text: text})
	s.meant = append(s.meant, meant)
}

// run runs the cells in a session. Those that fail are marked: a program goes on behind a panic, but it lacks the cells that no
// compiled program can have or survive. These are cells that do not compile, endless recursion, and panics of other goroutines.
func (s *subject) run(t *testing.T) {
	t.Helper()
	sc := &screen{}
	in, err := session.New(session.Options{Screen: sc, Table: table})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for i := range s.cells {
		c := &s.cells[i]
		r := in.Run(context.Background(), c.Number, c.Text)
		out := sc.take()
		if v, ok := r.Value["text/plain"].(string); ok {
			out += v + "\n"
		}
		switch f := r.Failure; {
		case f == nil:
		case !s.program && !s.meant[i]:
			t.Errorf("%s: cell %d fails: %s", s.name, c.Number, f.Error())
		case s.program:
			s.fails = f.Error()
		case f.Name == "compile error", strings.HasPrefix(f.Text, "stack overflow"),
			strings.Contains(strings.Join(f.Traceback(), "\n"), "in a goroutine that cell"):
			c.Mode = plain.Out
			s.out++
			continue
		default:
			c.Mode = plain.Fails
		}
		s.want += out
	}
}

// write writes the program into a directory. Cells that need one that is left out are left out too.
func (s *subject) write(t *testing.T, dir string) {
	t.Helper()
	p, err := plain.Write(s.name, s.cells, table)
	if err != nil {
		s.fault = err
		return
	}
	if err := os.Mkdir(filepath.Join(dir, s.name), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range p.Files {
		if err := os.WriteFile(filepath.Join(dir, s.name, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const differences = "testdata/differences.txt"

// knownDifferences are the subjects that do not agree yet, each with the reason, and the comment at the head of their list.
func knownDifferences(t *testing.T) (known map[string]string, head string) {
	t.Helper()
	text, err := os.ReadFile(differences)
	if err != nil {
		t.Fatal(err)
	}
	known = map[string]string{}
	for line := range strings.Lines(string(text)) {
		if line[0] == '#' {
			head += line
			continue
		}
		name, reason, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok {
			known[name] = reason
		} else if name != "" {
			t.Errorf("%s: %q gives no reason", differences, line)
		}
	}
	return known, head
}

// TestCompilerAndInterpreterAgree holds the interpreter to the compiler: every session and program of kernel/session prints in
// the kernel what it prints as a program that the Go compiler has built. With -args -keep DIR the programs stay in DIR; with -update the list of known differences is brought up
// to date, and what is new in it has the first difference for a reason.
func TestCompilerAndInterpreterAgree(t *testing.T) {
	if racing {
		t.Skip("the interpreter moves its global variables for a new cell while goroutines of others read them")
	}
	dir := *keep
	if dir == "" {
		dir = t.TempDir()
	}
	all := subjects(t)
	known, head := knownDifferences(t)
	list := map[string]string{}
	cells, out := 0, 0
	for _, s := range all {
		s.run(t)
		s.write(t, dir)
		cells += len(s.cells)
		out += s.out
	}
	t.Logf("%d cells, %d of them not in programs", cells, out)
	module, err := plain.Module("programs", true, plain.Origin{Dir: "../.."})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range module {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	bin := filepath.Join(dir, "bin")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin+string(filepath.Separator), "./...")
	build.Dir = dir
	built, err := build.CombinedOutput()
	if err != nil {
		t.Logf("go build: %v\n%s", err, built)
	}
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			difference := s.compare(bin)
			first, _, _ := strings.Cut(difference, "\n")
			switch reason, listed := known[s.name]; {
			case listed && difference != "":
				t.Logf("known: %s", reason)
				list[s.name] = reason
			case *update && difference != "":
				list[s.name] = first
			case listed && !*update:
				t.Errorf("it agrees: take it off %s (or -update)", differences)
			case difference != "":
				t.Error(difference)
			}
			delete(known, s.name)
		})
	}
	if *update {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			head += name + ": " + list[name] + "\n"
		}
		if err := os.WriteFile(differences, []byte(head), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for name := range known {
		t.Errorf("%s has %s, which there is not", differences, name)
	}
}

// compare runs the program and tells in what it differs from the kernel.
func (s *subject) compare(bin string) string {
	if s.fault != nil {
		return fmt.Sprintf("it cannot be written as a program: %v", s.fault)
	}
	exe := filepath.Join(bin, s.name)
	if runtime.GOOS == "windows" {
		exe += ".exe"
	}
	var stderr strings.Builder
	cmd := exec.Command(exe)
	cmd.Stderr = &stderr
	got, err := cmd.Output()
	if string(got) == s.want && s.fails == "" {
		return ""
	}
	var b strings.Builder
	if s.fails != "" {
		fmt.Fprintf(&b, "in the kernel: %s\n", s.fails)
	}
	if err != nil {
		fmt.Fprintf(&b, "the program: %v\n%s", err, stderr.String())
	}
	lines(&b, string(got), s.want)
	return b.String()
}

// lines writes the lines in which two outputs differ.
func lines(b io.Writer, program, kernel string) {
	p, k := strings.Split(program, "\n"), strings.Split(kernel, "\n")
	for i := range max(len(p), len(k)) {
		x, y := "nothing", "nothing"
		if i < len(p) {
			x = fmt.Sprintf("%.300q", p[i])
		}
		if i < len(k) {
			y = fmt.Sprintf("%.300q", k[i])
		}
		if x != y {
			fmt.Fprintf(b, "line %d: the program prints %s, the kernel %s\n", i+1, x, y)
		}
	}
}
