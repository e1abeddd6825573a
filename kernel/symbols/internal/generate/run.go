package generate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Files makes every generated file of kernel/symbols, by name; root is the directory of the module.
// With std false those of the standard library, which change with the version of Go alone, are left out.
func Files(root string, std bool) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, s := range []bool{false, true} {
		if s && !std {
			continue
		}
		pkgs, err := Load(root, s)
		if err != nil {
			return nil, err
		}
		for _, p := range pkgs {
			text, err := Symbols(p)
			if err != nil {
				return nil, err
			}
			out[p.FileName()] = text
		}
		data, err := Data(pkgs)
		if err != nil {
			return nil, err
		}
		name := "own.zip"
		if s {
			name = "std.zip"
		}
		out[name] = data
	}
	return out, nil
}

// Run writes the files into dir and removes those of packages that are gone.
func Run(root, dir string, std bool) error {
	files, err := Files(root, std)
	if err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*_.go"))
	if err != nil {
		return err
	}
	for _, f := range old {
		name := filepath.Base(f)
		if files[name] == nil && (std || strings.HasPrefix(name, "own_")) {
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return fmt.Errorf("writing symbols: %w", err)
		}
	}
	return nil
}
