package plain

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// modulePath is the module whose packages a program may use beside the standard library.
const modulePath = "github.com/tapir-go/tapir"

// goVersion is the version of Go that cells and programs are written in.
const goVersion = "1.26.0"

// Origin is where a program takes Tapir's packages from.
type Origin struct {
	Version string // of the module
	Dir     string // a checkout that is used in place of the version; "" for none
}

// UsesTapir tells whether the program imports Tapir's packages.
func (p *Program) UsesTapir() bool {
	for _, path := range p.Imports {
		if path == modulePath || strings.HasPrefix(path, modulePath+"/") {
			return true
		}
	}
	return false
}

// Module gives the files that make a directory of programs a module of that name: go.mod, and with a checkout go.sum. With
// tapir the module requires Tapir: a version of it, which "go mod tidy" completes, or a checkout with all that it requires,
// so that "go build" works at once.
func Module(name string, tapir bool, o Origin) (map[string]string, error) {
	mod := fmt.Sprintf("module %s\n\ngo %s\n", name, goVersion)
	if !tapir {
		return map[string]string{"go.mod": mod}, nil
	}
	if o.Dir == "" {
		return map[string]string{"go.mod": mod + fmt.Sprintf("\nrequire %s %s\n", modulePath, o.Version)}, nil
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", o.Dir, err)
	}
	own, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return nil, fmt.Errorf("looking for a checkout of Tapir: %w", err)
	}
	path, requires := required(string(own))
	if path != modulePath {
		return nil, fmt.Errorf("%s is not a checkout of Tapir: its module is %q, not %q", dir, path, modulePath)
	}
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		return nil, fmt.Errorf("looking for a checkout of Tapir: %w", err)
	}
	version := o.Version
	if version == "" {
		version = "v0.0.0"
	}
	mod += fmt.Sprintf("\nrequire %s %s\n\nreplace %s => %s\n", modulePath, version, modulePath, quotePath(dir))
	if len(requires) > 0 {
		mod += "\nrequire (\n\t" + strings.Join(requires, " // indirect\n\t") + " // indirect\n)\n"
	}
	return map[string]string{"go.mod": mod, "go.sum": string(sums)}, nil
}

// required reads a go.mod file: the module's path, and the modules that it requires with their versions.
func required(mod string) (path string, requires []string) {
	block := false
	for line := range strings.Lines(mod) {
		line, _, _ = strings.Cut(line, "//")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case block && fields[0] == ")":
			block = false
		case block:
			requires = append(requires, strings.Join(fields, " "))
		case fields[0] == "module" && len(fields) == 2:
			path = strings.Trim(fields[1], "\"`")
		case fields[0] == "require" && len(fields) == 2 && fields[1] == "(":
			block = true
		case fields[0] == "require" && len(fields) == 3:
			requires = append(requires, strings.Join(fields[1:], " "))
		}
	}
	return path, requires
}

// quotePath is a path as a word of go.mod.
func quotePath(path string) string {
	if strings.ContainsAny(path, " \t\"'`()[]{},") {
		return fmt.Sprintf("%q", path)
	}
	return path
}
