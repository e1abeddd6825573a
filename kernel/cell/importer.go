package cell

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"sort"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// Library is the compiled packages that cells may import.
type Library interface {
	// Packages gives the name of each package, by import path.
	Packages() map[string]string
	// Export is the export data of a package; nil when there is none.
	Export(path string) []byte
	// Source is the Go source, by file name, of a package whose generic functions are lowered; nil for the others.
	Source(path string) map[string]string
}

// importer reads packages from export data, each once.
type importer struct {
	lib    Library
	fset   *token.FileSet
	pkgs   map[string]*types.Package
	read   map[string]bool
	byName map[string][]string // import paths by package name, the likeliest first
}

func newImporter(lib Library) *importer {
	return &importer{lib: lib, fset: token.NewFileSet(), pkgs: map[string]*types.Package{}, read: map[string]bool{}}
}

// Import gives the package of an import path.
func (m *importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if m.read[path] {
		return m.pkgs[path], nil
	}
	if m.lib == nil {
		return nil, fmt.Errorf("no package %s here", path)
	}
	data := m.lib.Export(path)
	if data == nil {
		return nil, fmt.Errorf("no package %s here", path)
	}
	p, err := gcexportdata.Read(bytes.NewReader(data), m.fset, m.pkgs, path)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	m.read[path] = true
	return p, nil
}

// has tells whether cells may import path.
func (m *importer) has(path string) bool {
	if m.lib == nil {
		return false
	}
	return m.lib.Packages()[path] != "" || path == "unsafe"
}

// named gives the import paths of the packages called name, the likeliest first.
func (m *importer) named(name string) []string {
	if m.byName == nil {
		m.byName = map[string][]string{}
		if m.lib != nil {
			for path, n := range m.lib.Packages() {
				if !strings.HasSuffix(path, "/kernel/symbols/generics") { // is for shims
					m.byName[n] = append(m.byName[n], path)
				}
			}
		}
		m.byName["unsafe"] = []string{"unsafe"}
		for _, ps := range m.byName {
			sort.Slice(ps, func(i, j int) bool { return likelier(ps[i], ps[j]) })
		}
	}
	return m.byName[name]
}

// likelier orders packages of one name: our own first, then those that a beginner means.
func likelier(a, b string) bool {
	if x, y := rank(a), rank(b); x != y {
		return x < y
	}
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

func rank(path string) int {
	first, _, _ := strings.Cut(path, "/")
	switch {
	case strings.Contains(first, "."):
		return 0
	case path == "math/rand", path == "text/template", path == "go/scanner":
		return 1
	case path == "math/rand/v2":
		return 2
	case first == "crypto", first == "html", first == "runtime", first == "go", first == "internal":
		return 4
	}
	return 3
}

// find picks the package called name that has all the names that are used of it.
func (m *importer) find(name string, used map[string]bool) string {
	paths := m.named(name)
	for _, path := range paths {
		p, err := m.Import(path)
		if err != nil {
			continue
		}
		all := true
		for u := range used {
			all = all && p.Scope().Lookup(u) != nil
		}
		if all {
			return path
		}
	}
	if len(paths) > 0 {
		return paths[0]
	}
	return ""
}
