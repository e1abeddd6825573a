package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tapir-go/tapir/install"
	"github.com/tapir-go/tapir/kernel/notebook"
)

var runCommand = command{
	name:  "run",
	args:  "NOTEBOOK... [-o OUT]",
	short: "run notebooks here, without Jupyter",
	long: `Runs the cells of a notebook from top to bottom in this process and shows their outputs as they come. It needs
neither Jupyter nor Python. As in Jupyter, files that cells name are looked for from the notebook's directory. A cell that
fails ends the run, with exit code 1, unless it is tagged "raises-exception"; one tagged "skip-execution" is left out.
`,
	setup: func(f *flag.FlagSet) func(context.Context, *console, []string) error {
		out := f.String("o", "", "write the notebook with its outputs and pictures to `OUT`, even when a cell fails")
		return func(ctx context.Context, c *console, args []string) error {
			if len(args) == 0 {
				return usageError{"which notebook?"}
			}
			if *out != "" && len(args) > 1 {
				return usageError{fmt.Sprintf("-o takes one notebook, here are %d", len(args))}
			}
			if *out != "" {
				if info, err := os.Stat(filepath.Dir(*out)); err != nil || !info.IsDir() {
					return fmt.Errorf("-o %s: there is no directory %s", *out, filepath.Dir(*out))
				}
			}
			start, err := os.Getwd()
			if err != nil {
				return fmt.Errorf("finding the current directory: %w", err)
			}
			for _, name := range args {
				if err := os.Chdir(start); err != nil {
					return err
				}
				if err := runNotebook(ctx, c, name, *out); err != nil {
					return err
				}
			}
			return nil
		}
	},
}

// runNotebook runs one notebook and writes it to the file out, if that is not empty.
func runNotebook(ctx context.Context, c *console, name, out string) (err error) {
	n, err := notebook.ReadFile(name)
	if err != nil {
		return err
	}
	if out != "" {
		if out, err = filepath.Abs(out); err != nil {
			return err
		}
	}
	if err := os.Chdir(filepath.Dir(name)); err != nil {
		return fmt.Errorf("going to the notebook's directory: %w", err)
	}
	t := newTerminal(c, out != "")
	r := notebook.NewRunner(n, t)
	s, err := newSession(r, nil)
	if err != nil {
		return fmt.Errorf("starting a session: %w", err)
	}
	began := time.Now()
	err = r.Run(ctx, s)
	t.fresh()
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	if out != "" {
		describe(n)
		if wrote := n.WriteFile(out); wrote != nil {
			return errors.Join(err, wrote)
		}
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(c.err, "%s: %d cells in %.1f s%s\n", name, t.cells, time.Since(began).Seconds(), t.note(out))
	return nil
}

// describe says in a notebook that names no kernel that its language is Go and its kernel Tapir.
func describe(n *notebook.Notebook) {
	if n.Metadata == nil {
		n.Metadata = map[string]any{}
	}
	if n.Metadata["kernelspec"] == nil {
		n.Metadata["kernelspec"] = map[string]any{"name": install.KernelName, "display_name": "Go (Tapir)", "language": "go"}
	}
}
