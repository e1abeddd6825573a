package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/tapir-go/tapir/install"
)

// helpCommand is a variable that init sets, since it speaks of all commands, itself among them.
var helpCommand command

func init() {
	helpCommand = command{
		name:  "help",
		args:  "[COMMAND]",
		short: "explain a command",
		long:  "Prints what a command does and its flags, or the list of the commands.\n",
		setup: func(*flag.FlagSet) func(context.Context, *console, []string) error {
			return func(_ context.Context, c *console, args []string) error {
				switch len(args) {
				case 0:
					overview(c.out)
					return nil
				case 1:
					cmd, err := find(args[0])
					if err != nil {
						return err
					}
					explain(c.out, cmd)
					return nil
				}
				return noArguments(args[1:])
			}
		},
	}
}

// overview prints the list of the commands.
func overview(w io.Writer) {
	fmt.Fprint(w, "Tapir runs Go in Jupyter notebooks: eager tensors, graphs of what ran, models for production.\n\nusage: tapir COMMAND [ARGUMENTS]\n\n")
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", cmd.name, cmd.short)
	}
	fmt.Fprint(w, "\nStart with: tapir lab\nMore about a command: tapir help COMMAND\n")
}

// explain prints what a command does and its flags.
func explain(w io.Writer, cmd command) {
	fmt.Fprintf(w, "usage: %s\n\n%s", strings.TrimSpace("tapir "+cmd.name+" "+cmd.args), cmd.long)
	f := newFlags()
	cmd.setup(f)
	first := true
	f.VisitAll(func(g *flag.Flag) {
		if first {
			fmt.Fprint(w, "\nflags:\n")
			first = false
		}
		value, usage := flag.UnquoteUsage(g)
		dashes := "--"
		if len(g.Name) == 1 {
			dashes = "-"
		}
		fmt.Fprintf(w, "  %-20s %s\n", strings.TrimSpace(dashes+g.Name+" "+value), usage)
	})
}

// self is how the user would call this program again.
func self() string {
	if path, err := os.Executable(); err == nil && install.Fleeting(path) {
		return "go run ./install/tapir"
	}
	return "tapir"
}

var versionCommand = command{
	name:  "version",
	short: "print the version",
	long:  "Prints the version of Tapir, the commit it was built from where that is known, and the Go version.\n",
	setup: func(*flag.FlagSet) func(context.Context, *console, []string) error {
		return func(_ context.Context, c *console, args []string) error {
			if err := noArguments(args); err != nil {
				return err
			}
			fmt.Fprintln(c.out, version())
			return nil
		}
	},
}

// number is the version of the module that this program was built from.
func number() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}

// version is a line like "tapir v0.1.0 (commit 1a2b3c4d, go1.26.8, linux/amd64)".
func version() string {
	notes := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				notes += "commit " + s.Value[:min(8, len(s.Value))] + ", "
			case s.Key == "vcs.modified" && s.Value == "true":
				notes += "with changes, "
			}
		}
	}
	return fmt.Sprintf("tapir %s (%s%s, %s/%s)", number(), notes, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
