package notebook_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/install/outside"
	"github.com/tapir-go/tapir/kernel/notebook"
)

// The files in testdata were written by Jupyter's nbformat package.
func TestWritesTheBytesThatJupyterWrites(t *testing.T) {
	for _, name := range []string{"testdata/kinds.ipynb", "testdata/old.ipynb"} {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n, err := notebook.Parse(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := n.Format()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s comes out as\n%s", name, got)
		}
	}
}

func TestJupyterReadsAndWritesTheSame(t *testing.T) {
	python := outside.Python(t, "lab")
	n := made()
	ours := filepath.Join(t.TempDir(), "ours.ipynb")
	if err := n.WriteFile(ours); err != nil {
		t.Fatal(err)
	}
	const program = `
import nbformat, sys
nb = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(nb)
nbformat.write(nb, sys.argv[1] + ".theirs")
`
	if out, err := exec.Command(python, "-W", "error", "-c", program, ours).CombinedOutput(); err != nil {
		t.Fatalf("nbformat: %v\n%s", err, out)
	}
	got, _ := os.ReadFile(ours)
	want, err := os.ReadFile(ours + ".theirs")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("ours:\n%s\ntheirs:\n%s", got, want)
	}
}

// made is a notebook made in Go, with values as a session gives them.
func made() *notebook.Notebook {
	var odd strings.Builder
	for r := rune(0); r < 0x100; r++ {
		odd.WriteRune(r)
	}
	odd.WriteString("\u2028\u2029\uFFFD\U0001F9A1 last")
	return &notebook.Notebook{
		Minor: 5,
		Cells: []*notebook.Cell{
			{Type: "markdown", ID: "a", Source: "# Title\n"},
			{Type: "code", Source: odd.String(), Count: 3, Outputs: []*notebook.Output{
				{Type: "stream", Name: "stdout", Text: odd.String()},
				{Type: "display_data", Data: map[string]any{
					"image/png":        []byte{0x89, 'P', 'N', 'G'},
					"image/svg+xml":    []byte("<svg>\n</svg>"),
					"application/json": struct{ A, B any }{[]int{1, 2}, []any{1e21, 1e-7, json.Number("1E15"), json.Number("1e16"), 0.1, 123456.0, 0.0001, json.Number("-0.00001234")}},
				}},
				{Type: "execute_result", Count: 3, Data: map[string]any{"text/plain": "1\n2\n"}},
				{Type: "error", ErrorName: "panic", Error: "boom"},
			}},
			{Type: "raw", ID: "cell-2"},
			{Type: "code"},
		},
	}
}

func TestAFileIsWholeOrNotThere(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.ipynb")
	bad := &notebook.Notebook{Cells: []*notebook.Cell{{Type: "code", Outputs: []*notebook.Output{
		{Type: "display_data", Data: map[string]any{"application/json": func() {}}},
	}}}}
	if err := bad.WriteFile(name); err == nil || !strings.Contains(err.Error(), "cell 1: output 1: application/json: a func() has no JSON form") {
		t.Errorf("a value without JSON: %v", err)
	}
	if err := made().WriteFile(filepath.Join(dir, "none", "x.ipynb")); err == nil {
		t.Error("a directory that is not there: no error")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
