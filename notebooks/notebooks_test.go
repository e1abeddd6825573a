package notebooks_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tapir-go/tapir/install/outside"
	"github.com/tapir-go/tapir/kernel/notebook"
)

// files are the notebooks: those beside this file and a small one of the test's own.
func files(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"testdata/*.ipynb", "*.ipynb"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		t.Fatal("there is no notebook")
	}
	return all
}

// copyOf copies a notebook without its outputs into a new directory, so that nothing a test does changes it.
func copyOf(t *testing.T, file string) string {
	t.Helper()
	n, err := notebook.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n.ClearOutputs()
	name := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := n.WriteFile(name); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestNotebooksRunAndGiveTheSameTextEverywhere(t *testing.T) {
	for _, file := range files(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			here := runHere(t, copyOf(t, file))
			checkScores(t, filepath.Base(file), here)
			checkProgram(t, copyOf(t, file), here)
			there := runByNbclient(t, copyOf(t, file))
			for i, c := range here.Cells {
				place := fmt.Sprintf("%s: cell %d", file, i+1)
				if got, want := there.Cells[i].PlainOutputs(), c.PlainOutputs(); !reflect.DeepEqual(got, want) {
					t.Errorf("%s: nbclient has the text outputs\n%q, tapir run has\n%q", place, got, want)
				}
				if got, want := kinds(there.Cells[i]), kinds(c); !reflect.DeepEqual(got, want) {
					t.Errorf("%s: nbclient has outputs of the types %q, tapir run has %q", place, got, want)
				}
				if c.Count != there.Cells[i].Count {
					t.Errorf("%s: it is number %d for nbclient and %d for tapir run", place, there.Cells[i].Count, c.Count)
				}
			}
		})
	}
}

// kinds are the kinds of a cell's outputs, with their MIME types, neighbouring texts of one stream joined.
func kinds(c *notebook.Cell) []string {
	var all []string
	for _, o := range c.Outputs {
		kind := o.Type + " " + o.Name + strings.Join(slices.Sorted(maps.Keys(o.Data)), " ")
		if o.Type != "stream" || len(all) == 0 || all[len(all)-1] != kind {
			all = append(all, kind)
		}
	}
	return all
}

// runHere runs a notebook by "tapir run" and gives it with its outputs.
func runHere(t *testing.T, file string) *notebook.Notebook {
	t.Helper()
	out := file + ".out"
	return executed(t, "tapir run", out, exec.Command(outside.Tapir(t), "run", file, "-o", out))
}

// nbclient executes the notebook of its first argument with the kernel, and writes it to the second.
const nbclient = `
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
try:
    NotebookClient(notebook, kernel_name="tapir", timeout=None, startup_timeout=60).execute()
finally:
    nbformat.write(notebook, sys.argv[2])
`

// runByNbclient runs a notebook by nbclient with the registered kernel and gives it with its outputs.
func runByNbclient(t *testing.T, file string) *notebook.Notebook {
	t.Helper()
	python, prefix := outside.Python(t, "lab"), t.TempDir()
	if out, err := exec.Command(outside.Tapir(t), "install", "--prefix", prefix).CombinedOutput(); err != nil {
		t.Fatalf("tapir install: %v\n%s", err, out)
	}
	out := file + ".out"
	cmd := exec.Command(python, "-c", nbclient, file, out)
	cmd.Dir = filepath.Dir(file)
	cmd.Env = append(os.Environ(),
		"JUPYTER_PATH="+filepath.Join(prefix, "share", "jupyter"),
		"JUPYTER_CONFIG_DIR="+t.TempDir(),
		"JUPYTER_DATA_DIR="+t.TempDir(),
		"JUPYTER_RUNTIME_DIR="+t.TempDir(),
	)
	return executed(t, "nbclient", out, cmd)
}

// executed runs a command that executes a notebook into the file out, and is that notebook.
func executed(t *testing.T, name, out string, cmd *exec.Cmd) *notebook.Notebook {
	t.Helper()
	start := time.Now()
	printed, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, printed)
	}
	t.Logf("%s: %.1f s", name, time.Since(start).Seconds())
	n, err := notebook.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range n.Cells {
		for _, o := range c.Outputs {
			if o.Type == "error" && !c.Tagged("raises-exception") {
				t.Errorf("%s: cell %d: %s", name, i+1, o.Plain())
			}
		}
	}
	return n
}
