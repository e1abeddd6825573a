package install

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// KernelName is the name under which Jupyter knows the kernel, in notebooks and as the kernelspec's directory.
const KernelName = "tapir"

//go:embed logos/logo-32x32.png logos/logo-64x64.png logos/logo-svg.svg
var logos embed.FS

// Kernelspec is the text of kernel.json for a kernel that is started by the program of that path.
func Kernelspec(program string) []byte {
	spec := struct {
		Argv          []string       `json:"argv"`
		DisplayName   string         `json:"display_name"`
		Language      string         `json:"language"`
		InterruptMode string         `json:"interrupt_mode"`
		Metadata      map[string]any `json:"metadata"`
	}{
		[]string{program, "kernel", "{connection_file}"}, "Go (Tapir)", "go", "message", map[string]any{"debugger": false},
	}
	text, err := json.MarshalIndent(spec, "", " ")
	if err != nil {
		panic("internal error: kernel.json: " + err.Error())
	}
	return append(text, '\n')
}

// Register writes the kernelspec (kernel.json and the logos) for the program of that path into a Jupyter data
// directory, as kernels/tapir, and is that directory's path. An older kernelspec is replaced as a whole.
func Register(data, program string) (dir string, err error) {
	dir = filepath.Join(data, "kernels", KernelName)
	if err := register(dir, program); err != nil {
		return "", fmt.Errorf("registering the kernel in %s: %w", dir, err)
	}
	return dir, nil
}

func register(dir, program string) error {
	kernels := filepath.Dir(dir)
	if err := os.MkdirAll(kernels, 0o755); err != nil {
		return err
	}
	made, err := os.MkdirTemp(kernels, ".tapir-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(made)
	if err := os.Chmod(made, 0o755); err != nil {
		return err
	}
	files := map[string][]byte{"kernel.json": Kernelspec(program)}
	for _, name := range []string{"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"} {
		if files[name], err = logos.ReadFile("logos/" + name); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(made, name), text, 0o644); err != nil {
			return err
		}
	}
	if _, err := os.Lstat(dir); err == nil {
		old := made + "-old"
		if err := os.Rename(dir, old); err != nil {
			return err
		}
		defer os.RemoveAll(old)
	}
	return os.Rename(made, dir)
}

// Unregister removes the kernelspec from a Jupyter data directory and is the path that it had. It fails when there
// is none.
func Unregister(data string) (dir string, err error) {
	dir = filepath.Join(data, "kernels", KernelName)
	if _, err := os.Stat(filepath.Join(dir, "kernel.json")); err != nil {
		return dir, fmt.Errorf("no kernelspec in %s: %w", dir, os.ErrNotExist)
	}
	return dir, os.RemoveAll(dir)
}

// UserData is the data directory of the user's Jupyter: $JUPYTER_DATA_DIR, or the one of the operating system.
func UserData() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	switch {
	case runtime.GOOS == "windows" && os.Getenv("APPDATA") != "":
		return filepath.Join(os.Getenv("APPDATA"), "jupyter"), nil
	case err != nil:
		return "", fmt.Errorf("finding the user's Jupyter directory: %w", err)
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Jupyter"), nil
	case os.Getenv("XDG_DATA_HOME") != "":
		return filepath.Join(os.Getenv("XDG_DATA_HOME"), "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// PrefixData is the Jupyter data directory of an installation prefix.
func PrefixData(prefix string) string { return filepath.Join(prefix, "share", "jupyter") }

// SysPrefix is the prefix of the Python that is active: of the virtual or conda environment, else of the first
// python3 or python in PATH.
func SysPrefix(ctx context.Context) (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := os.Getenv(name); dir != "" {
			return dir, nil
		}
	}
	for _, name := range []string{"python3", "python"} {
		out, err := exec.CommandContext(ctx, name, "-c", "import sys; print(sys.prefix)").Output()
		if prefix := strings.TrimSpace(string(out)); err == nil && prefix != "" {
			return prefix, nil
		}
	}
	return "", errors.New("no Python in PATH whose prefix could be used: name the directory with --prefix")
}
