package outside

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/install"
)

// The wheel of onnx 1.12.0 that has ONNX's 932 node cases, the same files as Debian's libonnx-testdata 1.12.0-2; it is not
// run, so that it does not matter which Python or system it is for.
const (
	casesPackage = "onnx==1.12.0"
	casesSum     = "9fd2f4e23078df197bb76a59b9cd8f5a43a6ad2edc035edb3ecfb9042093e05a"
)

// NodeCases is the path of a zip file with ONNX's node cases in onnx/backend/test/data/node: for each a folder with
// model.onnx and folders of inputs and outputs. It is downloaded once and kept in the cache directory.
func NodeCases(t testing.TB) string {
	t.Helper()
	python := Python(t, "check")
	return get(t, "ONNX's node cases", func() (string, error) {
		cache, err := install.CacheDir()
		if err != nil {
			return "", err
		}
		path := filepath.Join(cache, "onnx", casesSum+".zip")
		unlock, err := install.Lock(context.Background(), path+".lock", nil)
		if err != nil {
			return "", err
		}
		defer unlock()
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		dir, err := os.MkdirTemp(filepath.Dir(path), "download-")
		if err != nil {
			return "", err
		}
		defer os.RemoveAll(dir)
		cmd := exec.Command(python, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
			"--python-version", "3.10", "--platform", "manylinux2014_x86_64", "-d", dir, casesPackage)
		cmd.Env = install.PythonEnv(os.Environ())
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("pip download %s: %w: %s: %w", casesPackage, err, strings.TrimSpace(string(out)), errAbsent)
		}
		wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
		if err != nil || len(wheels) != 1 {
			return "", fmt.Errorf("pip download %s gave %d wheels: %v", casesPackage, len(wheels), err)
		}
		wheel, err := os.ReadFile(wheels[0])
		if err != nil {
			return "", err
		}
		if sum := sha256.Sum256(wheel); hex.EncodeToString(sum[:]) != casesSum {
			return "", fmt.Errorf("the wheel of %s has the SHA-256 %x, want %s", casesPackage, sum, casesSum)
		}
		return path, install.WriteFile(path, wheel, 0o644)
	})
}
