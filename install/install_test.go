package install_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tapir-go/tapir/install"
)

func TestCacheDirCanBeChosen(t *testing.T) {
	want := filepath.Join(t.TempDir(), "new", "cache")
	t.Setenv("TAPIR_CACHE", want)
	got, err := install.CacheDir()
	if err != nil || got != want {
		t.Fatalf("got %q, %v", got, err)
	}
	if info, err := os.Stat(want); err != nil || !info.IsDir() {
		t.Errorf("it was not made: %v", err)
	}
}

func TestACacheDirThatCannotBeMadeSaysHowToChooseAnother(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TAPIR_CACHE", filepath.Join(file, "cache"))
	if _, err := install.CacheDir(); err == nil || !strings.Contains(err.Error(), "set TAPIR_CACHE to a directory") {
		t.Errorf("got %v", err)
	}
}

func TestLockLetsInOneAtATime(t *testing.T) {
	name := filepath.Join(t.TempDir(), "sub", "x.lock")
	var inside, most atomic.Int32
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() {
			unlock, err := install.Lock(context.Background(), name, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if n := inside.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(5 * time.Millisecond)
			inside.Add(-1)
			unlock()
		})
	}
	wait.Wait()
	if most.Load() != 1 {
		t.Errorf("%d at a time", most.Load())
	}
}

func TestLockSaysThatItWaitsAndCanBeGivenUp(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.lock")
	unlock, err := install.Lock(context.Background(), name, func() { t.Error("waits for nobody") })
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := install.Lock(ctx, name, cancel); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), name) {
		t.Errorf("got %v", err)
	}
}

func TestWriteFileReplacesAsAWhole(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	for _, text := range []string{"one", "two"} {
		if err := install.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != text {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if err := install.WriteFile(filepath.Join(name, "y"), nil, 0o600); err == nil {
		t.Error("below a file: no error")
	}
	left, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAnUnknownSetIsNamed(t *testing.T) {
	_, err := install.Python(context.Background(), "labb", io.Discard)
	if err == nil || err.Error() != `no set of Python packages is called "labb": there are "lab", "check" and "bench"` {
		t.Errorf("got %v", err)
	}
}

func TestWithoutPythonTheErrorSaysHowToGetIt(t *testing.T) {
	t.Setenv("TAPIR_CACHE", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	_, err := install.Python(context.Background(), "check", io.Discard)
	if !errors.Is(err, install.ErrNoPython) || !strings.Contains(err.Error(), "TAPIR_PYTHON") || !strings.Contains(err.Error(), "looked for python3") {
		t.Errorf("got %v", err)
	}
}

func TestAPythonThatIsTooOldIsNamed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script as a program")
	}
	t.Setenv("TAPIR_CACHE", t.TempDir())
	old := filepath.Join(t.TempDir(), "python3")
	if err := os.WriteFile(old, []byte("#!/bin/sh\necho 3.9.2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TAPIR_PYTHON", old)
	_, err := install.Python(context.Background(), "check", io.Discard)
	if !errors.Is(err, install.ErrNoPython) || !strings.Contains(err.Error(), "found only "+old+" (3.9.2)") {
		t.Errorf("got %v", err)
	}
}

func TestWithoutANetworkTheErrorSaysSoAndNothingIsLeftHalfDone(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("TAPIR_CACHE", cache)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "http://127.0.0.1:9")
	}
	for name, value := range map[string]string{
		"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_RETRIES": "0",
		"PIP_NO_CACHE_DIR": "1", "PIP_CONFIG_FILE": os.DevNull, "PIP_TIMEOUT": "2",
	} {
		t.Setenv(name, value)
	}
	var progress bytes.Buffer
	_, err := install.Python(context.Background(), "check", &progress)
	if errors.Is(err, install.ErrNoPython) {
		t.Skip(err)
	}
	if !errors.Is(err, install.ErrOffline) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(progress.String(), `making the Python environment "check"`) {
		t.Errorf("progress was %q", progress.String())
	}
	marks, err := filepath.Glob(filepath.Join(cache, "python", "*", "tapir-ready"))
	if err != nil || len(marks) > 0 {
		t.Errorf("marked as ready: %v, %v", marks, err)
	}
}

func TestRegisterWritesWhatJupyterReads(t *testing.T) {
	data := t.TempDir()
	for range 2 { // the second replaces the first
		dir, err := install.Register(data, "/opt/a dir/tapir")
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(data, "kernels", "tapir"); dir != want {
			t.Fatalf("registered in %s, want %s", dir, want)
		}
		text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
		if err != nil {
			t.Fatal(err)
		}
		var spec struct {
			Argv      []string
			Name      string `json:"display_name"`
			Language  string
			Interrupt string `json:"interrupt_mode"`
		}
		if err := json.Unmarshal(text, &spec); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%d %s %s %s %s", len(spec.Argv), spec.Argv, spec.Name, spec.Language, spec.Interrupt)
		if want := "3 [/opt/a dir/tapir kernel {connection_file}] Go (Tapir) go message"; got != want {
			t.Errorf("kernel.json says %s, want %s", got, want)
		}
		for _, size := range []int{32, 64} {
			picture, err := os.Open(filepath.Join(dir, fmt.Sprintf("logo-%dx%d.png", size, size)))
			if err != nil {
				t.Fatal(err)
			}
			defer picture.Close()
			p, err := png.DecodeConfig(picture)
			if err != nil || p.Width != size || p.Height != size {
				t.Errorf("logo of %d: %+v, %v", size, p, err)
			}
		}
	}
	all, err := os.ReadDir(filepath.Join(data, "kernels"))
	if err != nil || len(all) != 1 {
		t.Errorf("left behind: %v, %v", all, err)
	}
	if _, err := install.Unregister(data); err != nil {
		t.Fatal(err)
	}
	if _, err := install.Unregister(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a second time: %v", err)
	}
}

func TestUserDataIsJupyters(t *testing.T) {
	t.Setenv("JUPYTER_DATA_DIR", "/somewhere")
	if got, err := install.UserData(); err != nil || got != "/somewhere" {
		t.Errorf("got %s, %v", got, err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	t.Setenv("JUPYTER_DATA_DIR", "")
	t.Setenv("HOME", "/home/ann")
	t.Setenv("XDG_DATA_HOME", "")
	if got, err := install.UserData(); err != nil || got != "/home/ann/.local/share/jupyter" {
		t.Errorf("got %s, %v", got, err)
	}
	t.Setenv("XDG_DATA_HOME", "/home/ann/data")
	if got, err := install.UserData(); err != nil || got != "/home/ann/data/jupyter" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestAProgramThatGoRunDeletesIsKept(t *testing.T) {
	t.Setenv("TAPIR_CACHE", t.TempDir())
	first, err := install.Program() // a test's program is built like one of "go run"
	if err != nil {
		t.Fatal(err)
	}
	second, err := install.Program()
	if err != nil || first != second {
		t.Errorf("two places: %s and %s, %v", first, second, err)
	}
	if install.Fleeting(first) {
		t.Errorf("%s will be deleted", first)
	}
	info, err := os.Stat(first)
	if err != nil || runtime.GOOS != "windows" && info.Mode()&0o111 == 0 {
		t.Errorf("it cannot be run: %v, %v", info, err)
	}
}

func TestFleeting(t *testing.T) {
	entry := strings.Repeat("3c", 32) + "-d"
	for path, want := range map[string]bool{
		"/tmp/go-build123/b001/exe/tapir":                  true,
		"/home/ann/.cache/go-build/3c/" + entry + "/tapir": true,
		"/other/3c/" + entry + "/tapir":                    true,
		"/home/ann/go/bin/tapir":                           false,
		"/usr/local/bin/tapir":                             false,
	} {
		if got := install.Fleeting(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func ExampleKernelspec() {
	fmt.Print(string(install.Kernelspec("/usr/local/bin/tapir")))
	// Output:
	// {
	//  "argv": [
	//   "/usr/local/bin/tapir",
	//   "kernel",
	//   "{connection_file}"
	//  ],
	//  "display_name": "Go (Tapir)",
	//  "language": "go",
	//  "interrupt_mode": "message",
	//  "metadata": {
	//   "debugger": false
	//  }
	// }
}
