package symbols_test

import (
	"bytes"
	"context"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/symbols"
	"github.com/tapir-go/tapir/kernel/symbols/internal/generate"
)

type screen struct{ bytes.Buffer }

func (s *screen) Stream(_ int, _ string, text []byte)                 { s.Write(text) }
func (s *screen) Display(_ int, b map[string]any, id string, up bool) {}
func (s *screen) Clear(int, bool)                                     {}

func TestCellsUseTheStandardLibrary(t *testing.T) {
	sc := &screen{}
	s, err := session.New(session.Options{Screen: sc, Table: symbols.Table()})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ src, out, val string }{
		{"1+1", "", "2"},
		{"fmt.Println(strings.ToUpper(\"a\"))", "A\n", ""},
		{"x := 5\nfunc f() int { return 4 }\nx + f()", "", "9"},
	} {
		sc.Reset()
		r := s.Run(context.Background(), i+1, c.src)
		if r.Failure != nil {
			t.Fatal(r.Failure)
		}
		if sc.String() != c.out {
			t.Errorf("%s wrote %q, want %q", c.src, sc.String(), c.out)
		}
		if v, _ := r.Value["text/plain"].(string); c.val != "" && v != c.val {
			t.Errorf("%s is %q, want %q", c.src, v, c.val)
		}
	}
}

// TestCellsImportEveryPackageThatIsForUsers: what stands in eager, dynamic and viz, and is not internal, a cell can import.
func TestCellsImportEveryPackageThatIsForUsers(t *testing.T) {
	notForCells := map[string]bool{"eager/probe": true} // measures the machine, for the bench
	importable := symbols.Table().Packages()
	for _, top := range []string{"eager", "dynamic", "viz"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if d.Name() == "internal" || d.Name() == "testdata" {
				return fs.SkipDir
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			name = filepath.ToSlash(name)
			sources, err := filepath.Glob(filepath.Join(path, "*.go"))
			if len(sources) > 0 && !notForCells[name] && importable[generate.Module+"/"+name] == "" {
				t.Errorf("cells cannot import %s: add it to own in kernel/symbols/internal/generate, or say here why not", name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
