package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tapir-go/tapir/install"
	"github.com/tapir-go/tapir/kernel/notebook"
)

// tapir runs a command line in this process.
func tapir(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = execute(context.Background(), &console{strings.NewReader(""), &out, &err}, args)
	return code, out.String(), err.String()
}

func TestCommandLinesThatMeanNothingSayWhatToDo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.ipynb")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		want string
	}{
		{"lba", `there is no command "lba"; did you mean "lab"?`},
		{"frobnicate", "there is no command \"frobnicate\"\n\"tapir help\" lists the commands"},
		{"help frobnicate", `there is no command "frobnicate"`},
		{"lab --prot 1", "lab: flag provided but not defined: -prot\nusage: tapir lab [DIR]"},
		{"lab --port x", `lab: invalid value "x" for flag -port`},
		{"lab --port 99999", "lab: --port is 99999, want 1 to 65535\nusage: tapir lab"},
		{"lab . extra", `lab: does not know what to do with "extra"`},
		{"lab " + file, "is not a directory; to run one notebook:"},
		{"run", "run: which notebook?\nusage: tapir run NOTEBOOK... [-o OUT]"},
		{"run a b -o c", "run: -o takes one notebook, here are 2"},
		{"go", "go: which notebook?\nusage: tapir go NOTEBOOK [-o DIR]"},
		{"go a b", `go: does not know what to do with "b"`},
		{"install --user --sys-prefix", "install: --user, --sys-prefix and --prefix exclude each other"},
		{"install here", `install: does not know what to do with "here"`},
		{"uninstall here", `uninstall: does not know what to do with "here"`},
		{"version 2", `version: does not know what to do with "2"`},
		{"kernel", "kernel: which connection file?"},
	} {
		t.Run(c.args, func(t *testing.T) {
			code, out, err := tapir(strings.Fields(c.args)...)
			if code != 2 || out != "" || !strings.HasPrefix(err, "tapir: ") || !strings.Contains(err, c.want) {
				t.Errorf("exit code %d, output %q, error %q; want 2 and %q", code, out, err, c.want)
			}
		})
	}
}

func TestEveryCommandExplainsItself(t *testing.T) {
	code, list, _ := tapir()
	if code != 0 {
		t.Errorf("tapir alone: exit code %d", code)
	}
	for _, args := range []string{"help", "-h", "--help"} {
		if code, out, _ := tapir(args); code != 0 || out != list {
			t.Errorf("tapir %s: exit code %d, %q", args, code, out)
		}
	}
	for _, cmd := range commands() {
		if !strings.Contains(list, "  "+cmd.name+" ") || !strings.Contains(list, cmd.short) {
			t.Errorf("the list lacks %s", cmd.name)
		}
		code, out, _ := tapir("help", cmd.name)
		if code != 0 || !strings.HasPrefix(out, "usage: tapir "+cmd.name) || !strings.Contains(out, cmd.long) {
			t.Errorf("help %s: exit code %d, %q", cmd.name, code, out)
		}
		if _, again, _ := tapir(cmd.name, "--help"); again != out {
			t.Errorf("%s --help is not help %s", cmd.name, cmd.name)
		}
	}
}

func TestFlagsMayStandAnywhere(t *testing.T) {
	for _, args := range [][]string{{"x", "--prefix", "P"}, {"--prefix", "P", "x"}, {"--prefix=P", "--", "x"}} {
		var at place
		f := newFlags()
		at.flags(f)
		rest, err := parse(f, args)
		if err != nil || at.prefix != "P" || !slices.Equal(rest, []string{"x"}) {
			t.Errorf("%q: prefix %q, rest %q, %v", args, at.prefix, rest, err)
		}
	}
}

func TestVersionNamesGoAndTheSystem(t *testing.T) {
	for _, arg := range []string{"version", "--version"} {
		if code, out, _ := tapir(arg); code != 0 || !strings.HasPrefix(out, "tapir ") || !strings.Contains(out, runtime.Version()+", "+runtime.GOOS) {
			t.Errorf("%s: exit code %d, %q", arg, code, out)
		}
	}
}

func TestInstallAndUninstall(t *testing.T) {
	t.Setenv("TAPIR_CACHE", t.TempDir())
	prefix := filepath.Join(t.TempDir(), "a prefix")
	spec := filepath.Join(prefix, "share", "jupyter", "kernels", "tapir")
	code, out, _ := tapir("install", "--prefix", prefix)
	if code != 0 || !strings.Contains(out, spec) {
		t.Errorf("install: exit code %d, %q", code, out)
	}
	if _, err := os.Stat(filepath.Join(spec, "kernel.json")); err != nil {
		t.Error(err)
	}
	if code, out, _ := tapir("uninstall", "--prefix", prefix); code != 0 || out != "removed "+spec+"\n" {
		t.Errorf("uninstall: exit code %d, %q", code, out)
	}
	if code, _, err := tapir("uninstall", "--prefix", prefix); code != 1 || !strings.Contains(err, "no kernelspec in "+spec) {
		t.Errorf("a second uninstall: exit code %d, %q", code, err)
	}
}

func TestInstallTakesTheActiveEnvironment(t *testing.T) {
	t.Setenv("TAPIR_CACHE", t.TempDir())
	prefix := t.TempDir()
	t.Setenv("VIRTUAL_ENV", prefix)
	if code, out, _ := tapir("install", "--sys-prefix"); code != 0 || !strings.Contains(out, prefix) {
		t.Errorf("exit code %d, %q", code, out)
	}
}

func TestInstallWhereItMayNotSaysWhatToDo(t *testing.T) {
	t.Setenv("TAPIR_CACHE", t.TempDir())
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, err := tapir("install", "--prefix", file); code != 1 || !strings.Contains(err, "registering the kernel in "+file) {
			t.Errorf("exit code %d, %q", code, err)
		}
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if code, _, err := tapir("install", "--prefix", dir); code != 1 || !strings.Contains(err, "use --user, or a --prefix that you may write to") {
		t.Errorf("exit code %d, %q", code, err)
	}
}

// write writes a notebook with cells of these sources and gives its name.
func write(t *testing.T, sources ...string) string {
	t.Helper()
	n := &notebook.Notebook{Minor: 5}
	for _, src := range sources {
		n.Cells = append(n.Cells, &notebook.Cell{Type: "code", Source: src})
	}
	name := filepath.Join(t.TempDir(), "in.ipynb")
	if err := n.WriteFile(name); err != nil {
		t.Fatal(err)
	}
	return name
}

// stay makes the test end in the directory that it began in: "tapir run" goes to the notebook's.
func stay(t *testing.T) { t.Chdir(".") }

func TestRunShowsOutputsAndKeepsThem(t *testing.T) {
	stay(t)
	in := write(t, "import \"fmt\"\nfmt.Println(\"hello\")\nx := 41", "x + 1", "viz.Line([]float64{0, 1}, []float64{0, 1})")
	out := filepath.Join(t.TempDir(), "out.ipynb")
	code, shown, said := tapir("run", in, "-o", out)
	if code != 0 {
		t.Fatalf("exit code %d: %s%s", code, shown, said)
	}
	for _, want := range []string{"[1/3] import \"fmt\"\nhello\n", "[2/3] x + 1\n42\n", "[picture: image/svg+xml, "} {
		if !strings.Contains(shown, want) {
			t.Errorf("it shows\n%s, which lacks %q", shown, want)
		}
	}
	if !strings.Contains(said, "3 cells in ") || !strings.Contains(said, "written to "+out) {
		t.Errorf("it says %q", said)
	}
	n, err := notebook.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Cells[0].PlainOutputs(); !slices.Equal(got, []string{"hello\n"}) {
		t.Errorf("cell 1: %q", got)
	}
	if got := n.Cells[1].PlainOutputs(); !slices.Equal(got, []string{"42"}) {
		t.Errorf("cell 2: %q", got)
	}
	if picture, _ := n.Cells[2].Outputs[0].Data["image/svg+xml"].(string); !strings.Contains(picture, "<svg") {
		t.Errorf("cell 3 keeps no picture: %q", picture)
	}
	spec, _ := n.Metadata["kernelspec"].(map[string]any)
	if spec["name"] != install.KernelName {
		t.Errorf("metadata: %v", n.Metadata)
	}
}

func TestRunEndsAtAFailedCellAndKeepsWhatRan(t *testing.T) {
	stay(t)
	in := write(t, "x := 1\nx", "panic(\"boom\")", "x")
	out := filepath.Join(t.TempDir(), "out.ipynb")
	code, shown, said := tapir("run", "-o", out, in)
	if code != 1 || !strings.Contains(shown, "boom") || strings.Contains(shown, "[3/3]") || strings.Contains(shown, "\x1b") {
		t.Errorf("exit code %d, shows %q", code, shown)
	}
	if !strings.Contains(said, in+": cell 2 of the notebook failed: ") {
		t.Errorf("it says %q", said)
	}
	n, err := notebook.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if last := n.Cells[1].Outputs; len(last) != 1 || last[0].Type != "error" || n.Cells[2].Count != 0 {
		t.Errorf("kept: %+v", last)
	}
}

func TestRunCanBeInterrupted(t *testing.T) {
	stay(t)
	in := write(t, "x := 1\nx", "for {}", "x")
	out := filepath.Join(t.TempDir(), "out.ipynb")
	ctx, interrupt := context.WithCancel(context.Background())
	var shown lockedBuffer
	ended := make(chan int)
	go func() { ended <- execute(ctx, &console{nil, &shown, &shown}, []string{"run", in, "-o", out}) }()
	for !strings.Contains(shown.String(), "[2/3]") {
		time.Sleep(time.Millisecond)
	}
	interrupt()
	if code := <-ended; code != 1 || !strings.Contains(shown.String(), "interrupted") || strings.Contains(shown.String(), "[3/3]") {
		t.Errorf("exit code %d, %s", code, shown.String())
	}
	if n, err := notebook.ReadFile(out); err != nil || n.Cells[0].Outputs[0].Plain() != "1" {
		t.Errorf("what ran before is not kept: %v", err)
	}
}

// lockedBuffer is a buffer that one goroutine writes and another reads.
type lockedBuffer struct {
	sync.Mutex
	b bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.Lock()
	defer l.Unlock()
	return l.b.String()
}

func TestRunNamesABadNotebook(t *testing.T) {
	stay(t)
	bad := filepath.Join(t.TempDir(), "bad.ipynb")
	if err := os.WriteFile(bad, []byte(`{"cells": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		bad:                               bad + ": nbformat: is missing",
		bad + ".none":                     "reading a notebook: open " + bad + ".none",
		bad + " -o " + bad + "/x/y":       "there is no directory " + bad + "/x",
		write(t, "1") + " -o /dev/null/x": "there is no directory /dev/null",
	} {
		if code, _, err := tapir(append([]string{"run"}, strings.Fields(args)...)...); code != 1 || !strings.Contains(err, want) {
			t.Errorf("%s: exit code %d, %q; want %q", args, code, err, want)
		}
	}
}

func TestRunFindsFilesBesideTheNotebook(t *testing.T) {
	stay(t)
	in := write(t, "import \"os\"\ndata, err := os.ReadFile(\"data.txt\")\nstring(data)")
	if err := os.WriteFile(filepath.Join(filepath.Dir(in), "data.txt"), []byte("found"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, shown, said := tapir("run", in); code != 0 || !strings.Contains(shown, "found") {
		t.Errorf("exit code %d, %s%s", code, shown, said)
	}
}

func TestLabWithoutPythonSaysWhatWorksAllTheSame(t *testing.T) {
	t.Setenv("TAPIR_CACHE", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	code, _, err := tapir("lab", "--no-browser", t.TempDir())
	for _, want := range []string{"JupyterLab needs Python: no Python 3.11 or newer", "install it (", "this works all the same: ", " run NOTEBOOK"} {
		if code != 1 || !strings.Contains(err, want) {
			t.Errorf("exit code %d, %q lacks %q", code, err, want)
		}
	}
}

func TestWithoutNetworkTheMessageSaysWhatWorksAllTheSame(t *testing.T) {
	err := withoutJupyter(fmt.Errorf("making it: %w: no route", install.ErrOffline)).Error()
	if !strings.HasPrefix(err, "the first start needs a network to download JupyterLab: making it: ") || !strings.Contains(err, " run NOTEBOOK") {
		t.Errorf("got %s", err)
	}
}

func TestLabNamesATakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	code, _, said := tapir("lab", "--port", fmt.Sprint(port), "--no-browser", t.TempDir())
	if code != 1 || !strings.Contains(said, fmt.Sprintf("port %d cannot be used", port)) || !strings.Contains(said, "choose another with --port") {
		t.Errorf("exit code %d, %q", code, said)
	}
}

func TestLabOpensNotebooksWhereThereAreSome(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if got, err := notebookDir(nil); err != nil || !sameDir(got, dir) {
		t.Errorf("got %s, %v", got, err)
	}
	if err := os.Mkdir("notebooks", 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := notebookDir(nil); err != nil || !sameDir(got, filepath.Join(dir, "notebooks")) {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := notebookDir([]string{"none"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a directory that is not there: %v", err)
	}
}

func sameDir(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}
