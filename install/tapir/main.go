package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// command is one of tapir's commands.
type command struct {
	name  string
	args  string // what follows the name, for the usage line
	short string // one line
	long  string // what help says below the usage line
	// setup declares the command's flags and is what runs it with the arguments that are left.
	setup func(f *flag.FlagSet) func(ctx context.Context, c *console, args []string) error
}

// console is where a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// usageError is a command line that means nothing: exit code 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// commands are the commands in the order in which help lists them.
func commands() []command {
	return []command{labCommand, runCommand, goCommand, installCommand, uninstallCommand, benchCommand, kernelCommand, versionCommand, helpCommand}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // the second Ctrl-C ends what the first could not
	code := execute(ctx, &console{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	os.Exit(code)
}

// execute runs the command line and is the exit code: 0, 1 for what failed, 2 for a command line that means nothing.
func execute(ctx context.Context, c *console, args []string) int {
	err := dispatch(ctx, c, args)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(c.err, "tapir: %v\n", err)
		return 2
	}
	fmt.Fprintf(c.err, "tapir: %v\n", err)
	return 1
}

func dispatch(ctx context.Context, c *console, args []string) error {
	if len(args) == 0 {
		overview(c.out)
		return nil
	}
	name := args[0]
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-v", "-version", "--version":
		name = "version"
	}
	cmd, err := find(name)
	if err != nil {
		return err
	}
	f := newFlags()
	run := cmd.setup(f)
	rest, err := parse(f, args[1:])
	if errors.Is(err, flag.ErrHelp) {
		explain(c.out, cmd)
		return nil
	}
	if err != nil {
		return usageError{fmt.Sprintf("%s: %v\nusage: tapir %s %s", cmd.name, err, cmd.name, cmd.args)}
	}
	if err := run(ctx, c, rest); err != nil {
		var usage usageError
		if errors.As(err, &usage) {
			return usageError{fmt.Sprintf("%s: %v\nusage: tapir %s %s", cmd.name, err, cmd.name, cmd.args)}
		}
		return err
	}
	return nil
}

// newFlags is a set of flags that prints nothing by itself.
func newFlags() *flag.FlagSet {
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	return f
}

// parse reads flags wherever they stand among the arguments, until a "--", and is the arguments that are no flags.
func parse(f *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		used := len(args) - f.NArg()
		if used > 0 && args[used-1] == "--" || f.NArg() == 0 {
			return append(rest, f.Args()...), nil
		}
		rest, args = append(rest, f.Arg(0)), f.Args()[1:]
	}
}

// find is the command of that name, or an error that names the likeliest one.
func find(name string) (command, error) {
	for _, cmd := range commands() {
		if cmd.name == name {
			return cmd, nil
		}
	}
	meant, best := "", 3
	for _, cmd := range commands() {
		if d := distance(name, cmd.name); d < best {
			meant, best = cmd.name, d
		}
	}
	if meant != "" {
		return command{}, usageError{fmt.Sprintf("there is no command %q; did you mean %q?\n\"tapir help\" lists the commands", name, meant)}
	}
	return command{}, usageError{fmt.Sprintf("there is no command %q\n\"tapir help\" lists the commands", name)}
}

// distance is the number of letters to change, add or drop to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// noArguments is an error where there are arguments.
func noArguments(args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Sprintf("does not know what to do with %q", strings.Join(args, " "))}
	}
	return nil
}
