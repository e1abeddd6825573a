package install

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

//go:embed requirements/*.txt
var requirements embed.FS

var (
	// ErrNoPython is what Python fails with when the machine has no Python that can make an environment.
	ErrNoPython = errors.New("no Python 3.11 or newer with its venv module")
	// ErrOffline is what Python fails with when the packages cannot be downloaded.
	ErrOffline = errors.New("the Python packages cannot be downloaded")
)

// Python is the path of the interpreter of a private Python environment that has the packages of a set: "lab"
// (JupyterLab and its clients), "check" (ONNX Runtime, Gymnasium, NumPy and others that tests compare with) or "bench"
// (PyTorch and NumPy, which tapir bench measures).
//
// The first call makes the environment in the cache directory and tells on progress, line by line, what it is doing;
// later calls, from any process, take milliseconds. It fails with ErrNoPython or ErrOffline in the chain where those
// are the reason.
func Python(ctx context.Context, set string, progress io.Writer) (string, error) {
	list, err := requirements.ReadFile("requirements/" + set + ".txt")
	if err != nil {
		return "", fmt.Errorf("no set of Python packages is called %q: there are \"lab\", \"check\" and \"bench\"", set)
	}
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	e := environment{
		set: set, list: list, progress: progress,
		dir: filepath.Join(cache, "python", set+"-"+short(list)),
	}
	if e.ready() {
		return e.python(), nil
	}
	unlock, err := Lock(ctx, e.dir+".lock", func() {
		fmt.Fprintf(progress, "waiting for another process that is making the Python environment %q\n", set)
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	if e.ready() {
		return e.python(), nil
	}
	base, version, err := basePython(ctx)
	if err != nil {
		return "", err
	}
	if err := e.make(ctx, base, version); err != nil {
		return "", fmt.Errorf("making the Python environment %q in %s: %w", set, e.dir, err)
	}
	return e.python(), nil
}

// environment is one private Python environment.
type environment struct {
	set      string
	list     []byte // its requirements
	dir      string
	progress io.Writer
}

func (e environment) python() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(e.dir, "Scripts", "python.exe")
	}
	return filepath.Join(e.dir, "bin", "python")
}

// mark is the file that says that the environment is whole.
func (e environment) mark() string { return filepath.Join(e.dir, "tapir-ready") }

// ready tells whether the environment is whole. One whose base Python has gone since (an upgrade) is not.
func (e environment) ready() bool {
	if _, err := os.Stat(e.mark()); err != nil {
		return false
	}
	_, err := os.Stat(e.python())
	return err == nil
}

// make makes the environment with a Python, in its place, for environments cannot be moved. It leaves the mark last.
func (e environment) make(ctx context.Context, base, version string) error {
	start := time.Now()
	packages := 0
	for line := range bytes.Lines(e.list) {
		if !bytes.HasPrefix(line, []byte("#")) {
			packages++
		}
	}
	fmt.Fprintf(e.progress, "making the Python environment %q with Python %s: %d packages, once, in %s\n", e.set, version, packages, e.dir)
	if err := os.RemoveAll(e.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(e.dir), 0o755); err != nil {
		return err
	}
	if out, err := command(ctx, base, "-m", "venv", e.dir).CombinedOutput(); err != nil {
		return fmt.Errorf("%s -m venv: %w\n%s", base, err, bytes.TrimSpace(out))
	}
	list := filepath.Join(e.dir, "requirements.txt")
	if err := WriteFile(list, e.list, 0o644); err != nil {
		return err
	}
	if err := e.pip(ctx, packages, list); err != nil {
		return err
	}
	if err := WriteFile(e.mark(), []byte(version+"\n"), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(e.progress, "the Python environment %q is ready (%.0f s)\n", e.set, time.Since(start).Seconds())
	return nil
}

// pip installs the packages of the list and tells now and then how far it is.
func (e environment) pip(ctx context.Context, packages int, list string) error {
	cmd := command(ctx, e.python(), "-m", "pip", "install", "--no-deps", "--no-input",
		"--disable-pip-version-check", "--progress-bar", "off", "-r", list)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	found, told := 0, time.Now()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "Collecting "):
			found++
			if time.Since(told) > 2*time.Second {
				told = time.Now()
				name, _, _ := strings.Cut(strings.TrimPrefix(line, "Collecting "), " ")
				fmt.Fprintf(e.progress, "  downloading %d of %d: %s\n", found, packages, name)
			}
		case strings.HasPrefix(line, "Installing collected packages"):
			fmt.Fprintf(e.progress, "  installing %d packages\n", found)
		}
	}
	if err := errors.Join(lines.Err(), cmd.Wait()); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		text := strings.TrimSpace(complaint.String())
		if offline(text) {
			return fmt.Errorf("%w: %s", ErrOffline, lastLines(text, 2))
		}
		return fmt.Errorf("pip install: %w\n%s", err, lastLines(text, 20))
	}
	return nil
}

// offline tells whether pip failed because it could not reach an index of packages.
func offline(complaint string) bool {
	for _, sign := range []string{
		"Failed to establish a new connection", "Temporary failure in name resolution", "Name or service not known",
		"nodename nor servname provided", "getaddrinfo failed", "Network is unreachable", "Connection refused",
		"ConnectTimeoutError", "ReadTimeoutError", "ProxyError", "Cannot connect to proxy", "(from versions: none)",
		"Connection reset by peer", "SSLError", "Max retries exceeded", "403 Client Error", "Connection aborted",
	} {
		if strings.Contains(complaint, sign) {
			return true
		}
	}
	return false
}

func lastLines(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// command is a command whose Python sees no packages but those of its own environment.
func command(ctx context.Context, name string, arg ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, arg...)
	cmd.Env = PythonEnv(os.Environ())
	return cmd
}

// PythonEnv is an environment of variables without those that would lead a private Python to packages outside it.
func PythonEnv(env []string) []string {
	var kept []string
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV":
		default:
			kept = append(kept, v)
		}
	}
	return append(kept, "PYTHONNOUSERSITE=1")
}

// basePython finds a Python that can make environments, and its version: $TAPIR_PYTHON, or the first that will do of
// the usual names.
func basePython(ctx context.Context) (path, version string, err error) {
	names := []string{"python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"}
	if own := os.Getenv("TAPIR_PYTHON"); own != "" {
		names = []string{own}
	}
	const ask = "import sys, venv, ensurepip; print('%d.%d.%d' % sys.version_info[:3]); sys.exit(sys.version_info < (3, 11))"
	var found []string
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := command(ctx, path, "-c", ask).Output()
		version := strings.TrimSpace(string(out))
		if err == nil {
			return path, version, nil
		}
		if ctx.Err() != nil {
			return "", "", ctx.Err()
		}
		if version == "" {
			version = "lacks venv or ensurepip"
		}
		found = append(found, fmt.Sprintf("%s (%s)", path, version))
	}
	looked := "looked for " + strings.Join(names, ", ")
	if len(found) > 0 {
		looked = "found only " + strings.Join(found, ", ")
	}
	return "", "", fmt.Errorf("%w: %s; install it (%s) or name one in TAPIR_PYTHON", ErrNoPython, looked, howToGetPython())
}

func howToGetPython() string {
	switch runtime.GOOS {
	case "darwin":
		return "brew install python"
	case "windows":
		return "winget install Python.Python.3.13"
	default:
		return "on Debian and Ubuntu: apt-get install python3 python3-venv"
	}
}
