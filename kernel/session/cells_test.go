package session_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/symbols"
)

// screen keeps what cells show.
type screen struct {
	mu       sync.Mutex
	out      bytes.Buffer
	byCell   map[int]string
	displays []map[string]any
}

func (s *screen) Stream(cell int, _ string, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.Write(text)
	if s.byCell == nil {
		s.byCell = map[int]string{}
	}
	s.byCell[cell] += string(text)
}

func (s *screen) Display(_ int, b map[string]any, _ string, _ bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.displays = append(s.displays, b)
}

func (s *screen) Clear(int, bool) {}

func (s *screen) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.out.Reset()
	return s.out.String()
}

var table = symbols.Table()

func newSession(t testing.TB, change ...func(*session.Options)) (*session.Session, *screen) {
	t.Helper()
	sc := &screen{}
	o := session.Options{Screen: sc, Table: table}
	for _, f := range change {
		f(&o)
	}
	s, err := session.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, sc
}

var update = flag.Bool("update", false, "write what cells print into testdata; read the difference before you commit it")

var errorComment = regexp.MustCompile(`// ERROR (.*)$`)

// TestCells runs the sessions in testdata. Cells are apart by lines of ---. A cell is followed by what it prints, and the
// text of its value, in comments "// want: text"; a line that fails ends in a comment "// ERROR regexp", which is for the
// error's name, text and hint.
func TestCells(t *testing.T) {
	files, err := filepath.Glob("testdata/*.cells")
	if err != nil || len(files) == 0 {
		t.Fatal("no sessions in testdata", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".cells"), func(t *testing.T) {
			if racing && strings.HasSuffix(f, "goroutines.cells") {
				t.Skip("the interpreter moves its global variables for a new cell while goroutines of others read them")
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			s, sc := newSession(t)
			cells := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n---\n")
			for i, c := range cells {
				cells[i] = runCell(t, s, sc, i+1, c)
			}
			if *update {
				if err := os.WriteFile(f, []byte(strings.Join(cells, "\n---\n")+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestThereAreFourHundredCells counts those that say what they print or how they fail.
func TestThereAreFourHundredCells(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.cells")
	n := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for c := range strings.SplitSeq(string(text), "\n---\n") {
			if strings.Contains(c, "// want:") || strings.Contains(c, "// ERROR") {
				n++
			}
		}
	}
	t.Logf("%d cells have an expected output or error", n)
	if n < 400 {
		t.Errorf("%d cells have an expected output or error, want at least 400", n)
	}
}

// runCell runs a cell and gives its text with what it printed.
func runCell(t *testing.T, s *session.Session, sc *screen, n int, text string) string {
	t.Helper()
	var want, source []string
	errs := map[int]string{}
	for i, line := range strings.Split(text, "\n") {
		if w, ok := strings.CutPrefix(line, "// want:"); ok {
			want = append(want, strings.TrimPrefix(w, " "))
		} else {
			source = append(source, line)
		}
		if m := errorComment.FindStringSubmatch(line); m != nil {
			errs[i+1] = m[1]
		}
	}
	r := s.Run(context.Background(), n, text)
	got := sc.take()
	if v, ok := r.Value["text/plain"].(string); ok {
		got += v
	}
	if g := strings.TrimRight(got, "\n"); *update {
		for _, line := range strings.Split(g, "\n") {
			if g != "" {
				source = append(source, strings.TrimRight("// want: "+line, " "))
			}
		}
	} else if w := strings.Join(want, "\n"); trimLines(g) != trimLines(w) {
		t.Errorf("cell %d:\n%s\nprints\n%s\nwant\n%s", n, text, g, w)
	}
	if r.Failure == nil {
		for line, e := range errs {
			t.Errorf("cell %d, line %d: no error, want %s", n, line, e)
		}
		return strings.Join(source, "\n")
	}
	for _, f := range append([]*session.Failure{r.Failure}, r.Failure.More...) {
		e, ok := errs[f.Line]
		if !ok {
			t.Errorf("cell %d:\n%s\nfails in line %d: %s: %s (%s)", n, text, f.Line, f.Name, f.Text, f.Hint)
			continue
		}
		have := f.Name + ": " + f.Text + " hint: " + f.Hint
		if !regexp.MustCompile(e).MatchString(have) {
			t.Errorf("cell %d, line %d: %s\nwant %s", n, f.Line, have, e)
		}
		delete(errs, f.Line)
	}
	for line, e := range errs {
		t.Errorf("cell %d, line %d: no error, want %s", n, line, e)
	}
	return strings.Join(source, "\n")
}

// trimLines takes the spaces off the ends of lines, which editors do too.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.Join(lines, "\n")
}
