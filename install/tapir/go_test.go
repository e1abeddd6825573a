package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/install/outside"
	"github.com/tapir-go/tapir/kernel/notebook"
)

func TestGoWritesAProgramThatRuns(t *testing.T) {
	in := write(t, "x := 41\nfunc next(n int) int { return n + 1 }", "next(x)", "")
	dir := filepath.Join(t.TempDir(), "new")
	code, out, said := tapir("go", in, "-o", dir)
	if code != 0 || out != "written: "+dir+" (go.mod, main.go)\nrun it:  cd "+dir+" && go run .\n" {
		t.Fatalf("exit code %d: %s%s", code, out, said)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || string(mod) != "module notebook/in\n\ngo 1.26.0\n" {
		t.Errorf("go.mod: %v\n%s", err, mod)
	}
	run := exec.Command("go", "run", ".")
	run.Dir = dir
	if printed, err := run.CombinedOutput(); err != nil || string(printed) != "42\n" {
		t.Errorf("the program prints %q, %v", printed, err)
	}
}

func TestGoTakesTapirFromItsCheckout(t *testing.T) {
	in := write(t, "eager.Scalar(2).Item()")
	root, err := outside.Root()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"-replace", root}} {
		dir := filepath.Join(t.TempDir(), "new")
		code, out, said := tapir(append([]string{"go", in, "-o", dir}, args...)...)
		if code != 0 || !strings.Contains(out, "it takes Tapir's packages from "+root+"\n") {
			t.Fatalf("exit code %d: %s%s", code, out, said)
		}
		run := exec.Command("go", "run", ".")
		run.Dir = dir
		if printed, err := run.CombinedOutput(); err != nil || string(printed) != "2\n" {
			t.Errorf("the program prints %q, %v", printed, err)
		}
	}
	code, _, said := tapir("go", in, "-o", filepath.Join(t.TempDir(), "new"), "-replace", t.TempDir())
	if code != 1 || !strings.Contains(said, "looking for a checkout of Tapir: open ") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

func TestGoNumbersCellsAsARunDoes(t *testing.T) {
	n := &notebook.Notebook{Minor: 5, Cells: []*notebook.Cell{
		{Type: "markdown", Source: "# One\n```sh\n# not a heading\n```\n## Two\ntext"},
		{Type: "code", Source: "1"},
		{Type: "code", Source: " "},
		{Type: "code", Source: "2", Metadata: map[string]any{"tags": []any{"skip-execution"}}},
		{Type: "markdown", Source: "#hashtag"},
		{Type: "code", Source: "panic(3)", Metadata: map[string]any{"tags": []any{"raises-exception"}}},
		{Type: "code", Source: "missing", Metadata: map[string]any{"tags": []any{"raises-exception"}}},
		{Type: "code", Source: "func f() { f() }\nf()", Metadata: map[string]any{"tags": []any{"raises-exception"}},
			Outputs: []*notebook.Output{{Type: "error", ErrorName: "panic", Error: "stack overflow: functions call each other without end"}}},
	}}
	in := filepath.Join(t.TempDir(), "in.ipynb")
	if err := n.WriteFile(in); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new")
	code, out, said := tapir("go", in, "-o", dir)
	if code != 0 || said != "cell 3 is left out: it does not compile, on purpose (line 1: undefined: missing)\ncell 4 is left out\n" {
		t.Fatalf("exit code %d: %s%s", code, out, said)
	}
	text, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"// cell 1: Two\n\tfmt.Println(1)\n", "\tcell2()\n", "\tdefer failed(2)\n\tpanic(3)\n", "// cell 3 is left out: ", "// cell 4 is left out\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the program lacks %q:\n%s", want, text)
		}
	}
}

func TestGoLeavesNothingHalfDone(t *testing.T) {
	good := write(t, "1")
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "precious"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	bad := filepath.Join(parent, "bad.ipynb")
	if err := os.WriteFile(bad, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := write(t, "x := 1", "x + y\nz")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{bad, "-o", filepath.Join(parent, "new")}, bad + ": not a notebook"},
		{[]string{bad + ".none", "-o", filepath.Join(parent, "new")}, "reading a notebook: open " + bad + ".none"},
		{[]string{good, "-o", full}, "the program cannot go into " + full + ": it is not empty (choose another directory with -o)"},
		{[]string{good, "-o", bad}, "the program cannot go into " + bad},
		{[]string{good, "-o", filepath.Join(parent, "none", "new")}, "writing the program: "},
		{[]string{wrong, "-o", filepath.Join(parent, "new")}, wrong + ": cell 2 does not compile:\n\tline 1, column 5: undefined: y\n\tline 2, column 1: undefined: z"},
	} {
		code, out, said := tapir(append([]string{"go"}, c.args...)...)
		if code != 1 || out != "" || !strings.Contains(said, c.want) {
			t.Errorf("%q: exit code %d, %s%s; want %s", c.args, code, out, said, c.want)
		}
	}
	for dir, want := range map[string][]string{full: {"precious"}, parent: {"bad.ipynb"}} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s has %q, want %q", dir, names, want)
		}
	}
}

func TestGoNamesModulesAfterNotebooks(t *testing.T) {
	for base, want := range map[string]string{"01-tensors": "notebook/01-tensors", "My notebook (2)": "notebook/My-notebook--2", "größe": "notebook/gr--e", "...": "notebook/program"} {
		if got := moduleName(base); got != want {
			t.Errorf("%q: module %q, want %q", base, got, want)
		}
	}
}
