package outside

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/tapir-go/tapir/install"
)

// once remembers, for the life of the test process, how getting each program ended.
var once struct {
	sync.Mutex
	got map[string]*outcome
}

type outcome struct {
	sync.Once
	path string
	err  error
}

// errAbsent marks what cannot be had on this machine: a reason to skip.
var errAbsent = errors.New("not to be had here")

// get runs make once a test process for what key names, and ends the test where it fails.
func get(t testing.TB, key string, make func() (string, error)) string {
	t.Helper()
	once.Lock()
	if once.got == nil {
		once.got = map[string]*outcome{}
	}
	o := once.got[key]
	if o == nil {
		o = &outcome{}
		once.got[key] = o
	}
	once.Unlock()
	o.Do(func() { o.path, o.err = make() })
	if o.err == nil {
		return o.path
	}
	absent := errors.Is(o.err, errAbsent) || errors.Is(o.err, install.ErrOffline) || errors.Is(o.err, install.ErrNoPython)
	if absent && !CI() {
		t.Skipf("this test needs %s: %v", key, o.err)
	}
	t.Fatalf("this test needs %s: %v", key, o.err)
	return ""
}

// CI tells whether this is a run that counts (CI=true), in which nothing may be skipped for want of a program.
func CI() bool { return os.Getenv("CI") == "true" }

// Python is the path of the Python of a private environment with the packages of a set: "lab" or "check"
// (install.Python). It is made once and kept in the cache directory.
func Python(t testing.TB, set string) string {
	t.Helper()
	return get(t, "Python packages "+set, func() (string, error) {
		return install.Python(context.Background(), set, writer{t})
	})
}

// writer writes lines to the log of a test.
type writer struct{ t testing.TB }

func (w writer) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}

var _ io.Writer = writer{}

// Chromium is the path of a Chromium or Chrome: one in PATH, else Debian's package chromium, which is installed if the
// test runs as root on Debian.
func Chromium(t testing.TB) string {
	t.Helper()
	return get(t, "Chromium", func() (string, error) {
		path, err := findChromium()
		if err != nil {
			if path, err = aptChromium(t); err != nil {
				return "", err
			}
		}
		if version, err := exec.Command(path, "--version").Output(); err == nil {
			t.Logf("browser: %s: %s", path, strings.TrimSpace(string(version)))
		}
		return path, nil
	})
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no chromium or google-chrome in PATH (on Debian: apt-get install chromium): %w", errAbsent)
}

// aptChromium installs Debian's chromium and a font for it.
func aptChromium(t testing.TB) (string, error) {
	none := errors.New("no chromium in PATH and no apt-get as root to install it")
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Getuid() != 0 {
		return "", fmt.Errorf("%w: %w", none, errAbsent)
	}
	cache, err := install.CacheDir()
	if err != nil {
		return "", err
	}
	unlock, err := install.Lock(context.Background(), filepath.Join(cache, "apt.lock"), nil)
	if err != nil {
		return "", err
	}
	defer unlock()
	if path, err := findChromium(); err == nil {
		return path, nil
	}
	t.Log("installing Debian's chromium")
	for _, args := range [][]string{
		{"update"},
		{"install", "-y", "--no-install-recommends", "chromium", "fonts-liberation"},
	} {
		cmd := exec.Command(apt, append([]string{"-o", "DPkg::Lock::Timeout=300"}, args...)...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("apt-get %s: %w\n%s: %w", args[0], err, out[max(0, len(out)-2000):], errAbsent)
		}
	}
	return findChromium()
}

// Tapir is the path of the tapir command, built from the module that the test is in.
func Tapir(t testing.TB) string {
	t.Helper()
	return get(t, "the tapir command", func() (string, error) {
		root, err := Root()
		if err != nil {
			return "", err
		}
		if err := look(root); err != nil {
			return "", err
		}
		cache, err := install.CacheDir()
		if err != nil {
			return "", err
		}
		return build(root, cache)
	})
}

// look opens every directory of the module. The go command notes that for its cache of test results: a test that runs
// the tapir command runs again when any file of it changes.
func look(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone since it was listed
		}
		return err
	})
}

// Root is the root directory of the module that the test runs in.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod in the working directory or above it")
		}
		dir = up
	}
}

// build builds the command into the cache. The go command leaves an up-to-date program as it is, and what tests run is
// a copy that is put in place whole, so that a program that is running is never written to.
func build(root, cache string) (string, error) {
	dir := filepath.Join(cache, "test", strings.NewReplacer("/", "-", `\`, "-", ":", "").Replace(root))
	unlock, err := install.Lock(context.Background(), filepath.Join(dir, "build.lock"), nil)
	if err != nil {
		return "", err
	}
	defer unlock()
	exe := ""
	if runtime.GOOS == "windows" {
		exe = ".exe"
	}
	built := filepath.Join(dir, "tapir-built"+exe)
	cmd := exec.Command("go", "build", "-o", built, "./install/tapir")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./install/tapir: %w\n%s", err, out)
	}
	path := filepath.Join(dir, "tapir"+exe)
	if same(built, path) {
		return path, nil
	}
	program, err := os.ReadFile(built)
	if err != nil {
		return "", err
	}
	if err := install.WriteFile(path, program, 0o755); err != nil {
		return "", err
	}
	info, err := os.Stat(built)
	if err != nil {
		return "", err
	}
	return path, os.Chtimes(path, info.ModTime(), info.ModTime())
}

// same tells whether b is the copy that was made of a.
func same(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && x.Size() == y.Size() && x.ModTime().Equal(y.ModTime())
}
