package bench

import (
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/install"
)

//go:embed worker.py
var pythonWorker []byte

// peerFiles are the modules of Go peers. Their names end in .txt, so that the go command does not take them for parts of this one.
//
//go:embed peers
var peerFiles embed.FS

// find puts a worker in its place, where that is wanted, and is how it is started.
func (o *Options) find(ctx context.Context, name string) (command, error) {
	switch name {
	case "tapir":
		return command{path: o.Tapir[0], args: o.Tapir[1:]}, nil
	case "torch", "openblas":
		python := o.Python
		if python == "" {
			var err error
			if python, err = install.Python(ctx, "bench", o.Progress); err != nil {
				return command{}, err
			}
		}
		dir, err := place("python", map[string][]byte{"worker.py": pythonWorker})
		if err != nil {
			return command{}, err
		}
		return command{path: python, args: []string{filepath.Join(dir, "worker.py"), name}}, nil
	}
	return goPeer(ctx, name)
}

// goPeer builds the worker of a Go peer.
func goPeer(ctx context.Context, name string) (command, error) {
	tool, err := exec.LookPath("go")
	if err != nil {
		return command{}, errors.New("there is no Go toolchain to build it with")
	}
	files := map[string][]byte{}
	for _, dir := range []string{"peers/" + name, "peers/common"} {
		list, err := fs.Glob(peerFiles, dir+"/*.txt")
		if err != nil || len(list) == 0 {
			return command{}, fmt.Errorf("there is no peer %q", name)
		}
		for _, f := range list {
			text, err := peerFiles.ReadFile(f)
			if err != nil {
				return command{}, err
			}
			files[strings.TrimSuffix(path.Base(f), ".txt")] = text
		}
	}
	dir, err := place(name, files)
	if err != nil {
		return command{}, err
	}
	program := filepath.Join(dir, "worker.exe")
	build := exec.CommandContext(ctx, tool, "build", "-o", program, ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return command{}, fmt.Errorf("it does not build: %w: %s", err, out[:min(len(out), 300)])
	}
	// gorgonia wants to be told that Go moves nothing.
	return command{path: program, env: []string{"ASSUME_NO_MOVING_GC_UNSAFE_RISK_IT_WITH=go1.26"}}, nil
}

// place writes files to a directory of the cache that is named after what they hold.
func place(name string, files map[string][]byte) (string, error) {
	cache, err := install.CacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, f := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%s %d\n%s", f, len(files[f]), files[f])
	}
	dir := filepath.Join(cache, "bench", fmt.Sprintf("%s-%x", name, sum.Sum(nil)[:6]))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for f, text := range files {
		if err := install.WriteFile(filepath.Join(dir, f), text, 0o644); err != nil {
			return "", err
		}
	}
	return dir, nil
}
