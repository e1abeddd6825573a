package generate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"sort"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// Module is the import path of the module whose packages cells may import.
const Module = "github.com/tapir-go/tapir"

// own are the packages of the module that cells may import; those that do not exist are left out.
var own = []string{
	"eager", "eager/nn", "eager/optim", "eager/data", "eager/safetensors", "eager/weights",
	"dynamic", "dynamic/lift", "dynamic/onnx", "dynamic/gosrc", "dynamic/rl", "dynamic/gan",
	"viz", "viz/graph", "viz/monitor",
	"kernel/symbols/generics", // for the generic functions of the standard library
}

// left are the packages of the standard library that cells cannot import.
var left = map[string]string{
	"plugin":       "needs cgo",
	"runtime/cgo":  "needs cgo",
	"runtime/race": "has no names",
	"time/tzdata":  "has no names",
	"syscall/js":   "is for another system",
	"unsafe":       "is part of the language",
}

// constraint is the build constraint of packages that are not the same everywhere.
var constraint = map[string]string{
	"syscall":    "linux && amd64",
	"log/syslog": "!windows && !plan9 && !js && !wasip1",
}

// Package is a package to write tables for.
type Package struct {
	Path  string
	Name  string
	Dir   string
	Files []string // Go files in Dir
	Std   bool
	Types *types.Package
}

// listed is what go list tells.
type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles, CgoFiles             []string
	Standard, DepOnly             bool
	Error                         *struct{ Err string }
}

// Load finds the packages: std for those of the standard library, else those of the module that exist and compile.
func Load(root string, std bool) ([]*Package, error) {
	args := []string{"list", "-e", "-export", "-deps", "-json=ImportPath,Name,Dir,Export,GoFiles,CgoFiles,Standard,DepOnly,Error"}
	if std {
		args = append(args, "std")
	} else {
		n := len(args)
		for _, p := range own {
			if fs, err := os.ReadDir(path.Join(root, p)); err == nil && len(fs) > 0 {
				args = append(args, "./"+p)
			}
		}
		if len(args) == n {
			return nil, nil
		}
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=-mod=mod")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.Bytes())
	}
	export := map[string]string{}
	var all []*listed
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		l := new(listed)
		if err := dec.Decode(l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("reading go list: %w", err)
		}
		export[l.ImportPath] = l.Export
		all = append(all, l)
	}
	imports := map[string]*types.Package{}
	fset := token.NewFileSet()
	var pkgs []*Package
	for _, l := range all {
		if l.DepOnly || !wanted(l, std) {
			continue
		}
		if l.Export == "" {
			if l.Error != nil {
				fmt.Fprintf(os.Stderr, "left out %s: %s\n", l.ImportPath, l.Error.Err)
			} else {
				fmt.Fprintf(os.Stderr, "left out %s: it does not compile\n", l.ImportPath)
			}
			continue
		}
		t, err := read(fset, imports, l.ImportPath, l.Export)
		if err != nil {
			return nil, err
		}
		pkgs = append(pkgs, &Package{Path: l.ImportPath, Name: l.Name, Dir: l.Dir, Files: append(l.GoFiles, l.CgoFiles...), Std: std, Types: t})
	}
	sort.Slice(pkgs, func(i, j int) bool { return pkgs[i].Path < pkgs[j].Path })
	return pkgs, nil
}

func wanted(l *listed, std bool) bool {
	if !std {
		return strings.HasPrefix(l.ImportPath, Module+"/")
	}
	if !l.Standard || left[l.ImportPath] != "" {
		return false
	}
	for _, part := range strings.Split(l.ImportPath, "/") {
		if part == "internal" || part == "vendor" || part == "cmd" {
			return false
		}
	}
	return true
}

func read(fset *token.FileSet, imports map[string]*types.Package, path, file string) (*types.Package, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	p, err := gcexportdata.Read(r, fset, imports, path)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	return p, nil
}
