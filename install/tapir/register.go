package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/tapir-go/tapir/install"
)

// place is where a kernelspec goes, as the flags say.
type place struct {
	user, sys bool
	prefix    string
}

func (p *place) flags(f *flag.FlagSet) {
	f.BoolVar(&p.user, "user", false, "for this user (the default)")
	f.BoolVar(&p.sys, "sys-prefix", false, "in the virtual or conda environment that is active, or the Python in PATH")
	f.StringVar(&p.prefix, "prefix", "", "under `DIR`, as DIR/share/jupyter/kernels/tapir")
}

// data is the Jupyter data directory that the flags mean.
func (p *place) data(ctx context.Context) (string, error) {
	named := 0
	for _, on := range []bool{p.user, p.sys, p.prefix != ""} {
		if on {
			named++
		}
	}
	switch {
	case named > 1:
		return "", usageError{"--user, --sys-prefix and --prefix exclude each other"}
	case p.prefix != "":
		return install.PrefixData(p.prefix), nil
	case p.sys:
		prefix, err := install.SysPrefix(ctx)
		return install.PrefixData(prefix), err
	}
	return install.UserData()
}

var installCommand = command{
	name:  "install",
	args:  "[--user | --sys-prefix | --prefix DIR]",
	short: "register the kernel with a Jupyter that is there already",
	long: `Registers the kernel with an installed JupyterLab, Notebook, VS Code or other client of Jupyter kernels, which then
offers "Go (Tapir)". Run it again after an update of Tapir. "tapir lab" does not need it.
`,
	setup: func(f *flag.FlagSet) func(context.Context, *console, []string) error {
		var at place
		at.flags(f)
		return func(ctx context.Context, c *console, args []string) error {
			if err := noArguments(args); err != nil {
				return err
			}
			data, err := at.data(ctx)
			if err != nil {
				return err
			}
			program, err := install.Program()
			if err != nil {
				return err
			}
			dir, err := install.Register(data, program)
			if err != nil {
				return mend(err)
			}
			fmt.Fprintf(c.out, "registered the kernel \"Go (Tapir)\" in %s\nit runs %s\n", dir, program)
			return nil
		}
	},
}

var uninstallCommand = command{
	name:  "uninstall",
	args:  "[--user | --sys-prefix | --prefix DIR]",
	short: "undo install",
	long:  "Removes what \"tapir install\" with the same flags has registered. Notebooks stay as they are.\n",
	setup: func(f *flag.FlagSet) func(context.Context, *console, []string) error {
		var at place
		at.flags(f)
		return func(ctx context.Context, c *console, args []string) error {
			if err := noArguments(args); err != nil {
				return err
			}
			data, err := at.data(ctx)
			if err != nil {
				return err
			}
			dir, err := install.Unregister(data)
			if err != nil {
				return mend(err)
			}
			fmt.Fprintf(c.out, "removed %s\n", dir)
			return nil
		}
	},
}

// mend adds to an error of a missing right what to do about it.
func mend(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w; use --user, or a --prefix that you may write to", err)
	}
	return err
}
