package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"

	"github.com/tapir-go/tapir/install"
	"github.com/tapir-go/tapir/kernel/notebook"
	"github.com/tapir-go/tapir/kernel/plain"
	"github.com/tapir-go/tapir/kernel/symbols"
)

var goCommand = command{
	name:  "go",
	args:  "NOTEBOOK [-o DIR]",
	short: "write a notebook as a plain Go program",
	long: `Writes the code of a notebook as a Go program that the Go compiler builds and that prints what the notebook prints. Cells
become sections; what they declare is at package level, what they do is in main, and the value of a last expression is
printed. A cell that is tagged "raises-exception" fails in the program too, which goes on behind it; one that does not even
compile is left out, as is one tagged "skip-execution".

A program that uses Tapir's packages takes them from the version of Tapir that this command is of. Where that is a checkout and
no version, it takes them from there; -replace names another checkout.
`,
	setup: func(f *flag.FlagSet) func(context.Context, *console, []string) error {
		dir := f.String("o", "", "write the program into `DIR`, which must be empty if it is there (the notebook's name without .ipynb)")
		replace := f.String("replace", "", "take Tapir's packages from the checkout in `DIR`")
		return func(_ context.Context, c *console, args []string) error {
			switch len(args) {
			case 0:
				return usageError{"which notebook?"}
			case 1:
				return writeProgram(c, args[0], *dir, *replace)
			}
			return noArguments(args[1:])
		}
	},
}

// writeProgram writes the notebook of a file as a program into a directory.
func writeProgram(c *console, name, dir, checkout string) error {
	n, err := notebook.ReadFile(name)
	if err != nil {
		return err
	}
	base := strings.TrimSuffix(filepath.Base(name), ".ipynb")
	if dir == "" {
		dir = base
		if dir == filepath.Base(name) {
			return usageError{fmt.Sprintf("%s has no .ipynb to take off: say with -o where the program goes", name)}
		}
	}
	if err := free(dir); err != nil {
		return err
	}
	p, err := plain.Write(filepath.Base(name), plainCells(n), symbols.Table())
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	files := p.Files
	from, err := origin(p, checkout)
	if err != nil {
		return err
	}
	module, err := plain.Module(moduleName(base), p.UsesTapir(), from)
	if err != nil {
		return err
	}
	maps.Copy(files, module)
	if err := writeDir(dir, files); err != nil {
		return err
	}
	for _, number := range slices.Sorted(maps.Keys(p.Left)) {
		fmt.Fprintf(c.err, "cell %d %s\n", number, p.Left[number])
	}
	fmt.Fprintf(c.out, "written: %s (%s)\n", dir, strings.Join(slices.Sorted(maps.Keys(files)), ", "))
	get := ""
	if p.UsesTapir() && from.Dir == "" {
		get = "go mod tidy && "
	} else if p.UsesTapir() {
		fmt.Fprintf(c.out, "it takes Tapir's packages from %s\n", from.Dir)
	}
	fmt.Fprintf(c.out, "run it:  cd %s && %sgo run .\n", dir, get)
	return nil
}

// free tells whether a directory is there to be made: it is not there, or empty.
func free(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("the program cannot go into %s: %w", dir, err)
	case len(entries) > 0:
		return fmt.Errorf("the program cannot go into %s: it is not empty (choose another directory with -o)", dir)
	}
	return nil
}

// plainCells are the code cells that a run of the notebook runs, with the numbers that they have in it.
func plainCells(n *notebook.Notebook) (cells []plain.Cell) {
	title := ""
	for _, c := range n.Cells {
		if c.Type == "markdown" {
			if h := heading(c.Source); h != "" {
				title = h
			}
		}
		if !c.Runs() {
			continue
		}
		p := plain.Cell{Number: len(cells) + 1, Title: title, Text: c.Source}
		title = ""
		if c.Tagged("raises-exception") {
			p.Mode = plain.Fails
			for _, o := range c.Outputs {
				if o.Type == "error" && strings.HasPrefix(o.Error, "stack overflow") {
					p.Mode = plain.Out // no program survives that
				}
			}
		}
		cells = append(cells, p)
	}
	return cells
}

// heading is the last heading of a markdown text, "" if it has none.
func heading(text string) (title string) {
	code := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		if t := strings.TrimLeft(line, "#"); !code && t != line && strings.HasPrefix(t, " ") {
			title = strings.TrimSpace(t)
		}
	}
	return title
}

// moduleName makes the name of a module of that of a notebook. It begins with a word of its own, for the notebook may have the
// name of a package of the standard library.
func moduleName(base string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)), r == '_', r == '-':
			return r
		}
		return '-'
	}, base)
	if name = strings.Trim(name, "-"); name == "" {
		name = "program"
	}
	return "notebook/" + name
}

// origin is where the program takes Tapir's packages from.
func origin(p *plain.Program, checkout string) (plain.Origin, error) {
	if !p.UsesTapir() {
		return plain.Origin{}, nil
	}
	if checkout != "" {
		dir, err := filepath.Abs(checkout)
		return plain.Origin{Dir: dir}, err
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Sum != "" { // a version that the go command has downloaded
		return plain.Origin{Version: info.Main.Version}, nil
	}
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && filepath.IsAbs(dir) {
		return plain.Origin{Dir: dir}, nil
	}
	return plain.Origin{}, errors.New("the program uses Tapir's packages, but this tapir is of no version and its checkout is gone: name one with -replace DIR")
}

// writeDir writes files into a directory that is new or empty: all of them, or none.
func writeDir(dir string, files map[string]string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing the program: %w", err)
		}
	}()
	parent := filepath.Dir(filepath.Clean(dir))
	temp, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := install.WriteFile(filepath.Join(temp, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(temp, dir)
}
