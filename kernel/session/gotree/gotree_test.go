// Package gotree_test runs the programs of Go's own test tree as cells. It is a package of its own because it takes two
// minutes, which the tests of the session itself do not.
package gotree_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/symbols"
)

var update = flag.Bool("update", false, "write what became of the programs into testdata; read the difference before you commit it")

// limit is what a program may take. Go's own runs of these programs take a second at most.
const limit = 10 * time.Second

// listFile says which programs do not pass.
const listFile = "testdata/programs.txt"

// programEnv names the program that a process is to run, in place of the tests.
const programEnv = "TAPIR_GO_PROGRAM"

func TestMain(m *testing.M) {
	if f := os.Getenv(programEnv); f != "" {
		os.Exit(runProgram(f))
	}
	os.Exit(m.Run())
}

// screen shows the output of a program as a terminal does.
type screen struct{}

func (screen) Stream(_ int, name string, text []byte) {
	if name == "stdout" || os.Getenv(unmixed) == "" || bytes.HasPrefix(text, []byte(marker)) {
		_, _ = os.Stdout.Write(text)
	}
}

func (screen) Display(int, map[string]any, string, bool) {}
func (screen) Clear(int, bool)                           {}

// runProgram runs a program as the one cell of a session and gives the exit status of the process.
func runProgram(name string) int {
	text, err := os.ReadFile(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	s, err := session.New(session.Options{Screen: screen{}, Table: symbols.Table()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if r := s.Run(context.Background(), 1, string(text)); r.Failure != nil {
		fmt.Fprintln(os.Stderr, r.Failure.Error())
		return 1
	}
	return 0
}

// tree is the folder of Go's test programs.
func tree(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env GOROOT: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "test")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no folder %s: this Go came without its tests", dir)
		}
		t.Skipf("no folder %s: this Go came without its tests", dir)
	}
	return dir
}

// programs are the files below dir, with slashes, that Go's tests compile, run, and expect to exit with 0.
func programs(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(string(text), "\n")
		if strings.TrimSpace(first) == "// run" {
			rel, err := filepath.Rel(dir, name)
			if err != nil {
				return err
			}
			names = append(names, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// verdict is what became of a program.
type verdict struct {
	reason string // why it failed; "" if it passed
	took   time.Duration
	late   bool // it took longer than the limit
}

// try runs a program in a process of its own; env is that process's environment beside ours.
// patience is how many times as long as the limit a program may take on a machine that is busy elsewhere, if no more of
// that was its own.
func try(dir, name, env string, patience time.Duration) verdict {
	exe, err := os.Executable()
	if err != nil {
		return verdict{reason: err.Error()}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience*limit)
	defer cancel()
	file := filepath.Join(dir, filepath.FromSlash(name))
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), env+"="+file, "GOTRACEBACK=none")
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err = cmd.Run()
	v := verdict{took: time.Since(start)}
	var exit *exec.ExitError
	want, noWant := os.ReadFile(strings.TrimSuffix(file, ".go") + ".out")
	switch {
	case ctx.Err() != nil || patience > 1 && cmd.ProcessState != nil && cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime() > limit:
		v.late, v.reason = true, fmt.Sprintf("takes more than %v", limit)
	case errors.As(err, &exit):
		v.reason = firstLine(errs.String() + out.String())
		if v.reason == "" {
			v.reason = err.Error()
		}
	case err != nil:
		v.reason = err.Error()
	case noWant == nil && out.String() != string(want):
		v.reason = "prints something else"
	}
	return v
}

// firstLine is the first line with a word in it, not too long.
func firstLine(s string) string {
	for line := range strings.Lines(s) {
		line = strings.Join(strings.Fields(line), " ")
		if r := []rune(line); len(r) > 150 {
			line = string(r[:150])
		}
		if line != "" {
			return line
		}
	}
	return ""
}

// tryAll runs programs, two at a time.
func tryAll(dir string, names []string, env string) map[string]verdict {
	var mu sync.Mutex
	var wg sync.WaitGroup
	verdicts := map[string]verdict{}
	next := make(chan string)
	for range 2 {
		wg.Go(func() {
			for n := range next {
				v := try(dir, n, env, 1)
				mu.Lock()
				verdicts[n] = v
				mu.Unlock()
			}
		})
	}
	for _, n := range names {
		next <- n
	}
	close(next)
	wg.Wait()
	return verdicts
}

// racing tells that the race detector watches, which makes programs ten times slower.
func racing() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}

// TestGoTree runs every program of Go's test tree that is to run and exit with 0. Those that do not pass are in a file
// that this test keeps current: it fails when another program fails, and when one that the file has passes.
func TestGoTree(t *testing.T) {
	if racing() || testing.Short() {
		t.Skip("takes two minutes, and more than the programs' limit with the race detector")
	}
	dir := tree(t)
	have, err := readList(listFile)
	if err != nil {
		t.Fatal(err)
	}
	names := programs(t, dir)
	verdicts := tryAll(dir, names, programEnv)
	for _, n := range names { // the machine may have been busy elsewhere
		for range 2 {
			if v := verdicts[n]; (v.reason != "") != have.lists(n) && have.slow[n] == "" {
				again := try(dir, n, programEnv, 4)
				again.late = v.late
				verdicts[n] = again
			}
		}
	}
	now := have.with(names, verdicts)
	if *update {
		if err := os.WriteFile(listFile, []byte(now.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, n := range names {
		v := verdicts[n]
		switch {
		case v.reason != "" && !have.lists(n):
			t.Errorf("%s: %s", n, v.reason)
		case v.reason == "" && have.lists(n) && have.slow[n] == "":
			t.Errorf("%s passes: write that down with -update", n)
		}
	}
	// Which programs are slow depends on what else the machine does, so the list is held to its own form and not to this run.
	if text, err := os.ReadFile(listFile); err != nil || string(text) != have.String() {
		t.Errorf("%s is not in the form that -update writes: %v", listFile, err)
	}
	t.Log(now.summary())
}

// TestTheListIsHonest holds what the list of programs promises.
func TestTheListIsHonest(t *testing.T) {
	l, err := readList(listFile)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.cannot); n > 60 {
		t.Errorf("%d programs are said to be for no interpreter, more than 60", n)
	}
	for n, why := range l.cannot {
		if why == "" {
			t.Errorf("%s cannot be run: the reason is missing", n)
		}
	}
	if l.pass() < 940 {
		t.Errorf("%d programs pass, fewer than 940", l.pass())
	}
	for n := range l.yaegi {
		if !l.lists(n) {
			t.Errorf("%s is said to fail where the interpreter alone passes, but it does not fail", n)
		}
	}
}
