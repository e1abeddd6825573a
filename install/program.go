package install

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// Program is the path of this program in a place where it stays: where it is, or for one that "go run" has built and
// will delete, a copy in the cache directory. A kernelspec names this path.
func Program() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this program: %w", err)
	}
	if !Fleeting(path) {
		return path, nil
	}
	return keep(path)
}

// Fleeting tells whether a program of that path is one that "go run" or "go test" has built and the go command will
// delete: in a temporary directory, or in an entry of its build cache.
func Fleeting(path string) bool {
	return strings.Contains(filepath.ToSlash(path), "/go-build") || cacheEntry.MatchString(filepath.Base(filepath.Dir(path)))
}

// cacheEntry matches the directory of a program in Go's build cache, wherever that is.
var cacheEntry = regexp.MustCompile(`^[0-9a-f]{64}-d$`)

// keep copies a program into the cache directory, under a name that is the same for every build of one checkout or
// version, so that copies do not pile up. A program that is running is not written to: its file is replaced.
func keep(path string) (string, error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("keeping this program: %w", err)
	}
	_, source, _, _ := runtime.Caller(0)
	kept := filepath.Join(cache, "bin", "tapir-"+short([]byte(source))+filepath.Ext(path))
	if old, err := os.ReadFile(kept); err == nil && bytes.Equal(old, program) {
		return kept, nil
	}
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
		return "", fmt.Errorf("keeping this program: %w", err)
	}
	if err := WriteFile(kept, program, 0o755); err != nil {
		// Windows replaces no program that is running: the new one gets a name of its own.
		kept = filepath.Join(cache, "bin", "tapir-"+short(program)+filepath.Ext(path))
		if err := WriteFile(kept, program, 0o755); err != nil {
			return "", err
		}
	}
	return kept, nil
}

// short is a short name for data, the same every time.
func short(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data))[:12] }
