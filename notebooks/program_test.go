package notebooks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/install/outside"
	"github.com/tapir-go/tapir/kernel/notebook"
)

// quiet takes away what a program shows beside its text, as the comparison does with the notebook's displays.
const quiet = `package main

import "github.com/tapir-go/tapir/viz"

type quiet struct{}

func (quiet) Show(map[string]any, string)   {}
func (quiet) Update(map[string]any, string) {}
func (quiet) Clear(bool)                    {}

func init() { viz.SetScreen(quiet{}) }
`

// place is where something happened: a line of a cell, or of the program. A model notes its places, so its size is one.
var place = regexp.MustCompile(`cell \d+, line \d+|main\.go:\d+|, \d+ bytes, \d+ nodes`)

// checkProgram holds the program that "tapir go" makes of a notebook to the notebook, which was run: built by the Go compiler
// it prints the same, places apart.
func checkProgram(t *testing.T, file string, here *notebook.Notebook) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "program")
	if out, err := exec.Command(outside.Tapir(t), "go", file, "-o", dir).CombinedOutput(); err != nil {
		t.Fatalf("tapir go: %v\n%s", err, out)
	}
	main, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(main), "github.com/tapir-go/tapir/viz\"") {
		if err := os.WriteFile(filepath.Join(dir, "quiet.go"), []byte(quiet), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "program.exe")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	run := exec.Command(program)
	run.Dir = filepath.Dir(file)
	var stderr strings.Builder
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil {
		t.Errorf("the program: %v\n%s", err, stderr.String())
	}
	got, want := strings.Split(place.ReplaceAllString(string(out), "PLACE"), "\n"), strings.Split(place.ReplaceAllString(printed(here), "PLACE"), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			t.Errorf("the program prints %d lines, the notebook %d", len(got), len(want))
			return
		}
		if got[i] != want[i] {
			t.Errorf("line %d: the program prints %q, the notebook %q", i+1, got[i], want[i])
		}
	}
}

// printed is what the cells wrote to standard output and the texts of their values.
func printed(n *notebook.Notebook) string {
	var b strings.Builder
	for _, c := range n.Cells {
		for _, o := range c.Outputs {
			switch {
			case o.Type == "stream" && o.Name == "stdout":
				b.WriteString(o.Text)
			case o.Type == "execute_result":
				b.WriteString(o.Plain() + "\n")
			}
		}
	}
	return b.String()
}
