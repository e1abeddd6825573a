package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/tapir-go/tapir/install"
	"github.com/tapir-go/tapir/kernel"
	"github.com/tapir-go/tapir/kernel/assist"
	"github.com/tapir-go/tapir/kernel/session"
)

var kernelCommand = command{
	name:  "kernel",
	args:  "CONNECTION_FILE",
	short: "be a kernel (Jupyter calls this)",
	long: `Serves the Jupyter protocol on the ports that the connection file names, until a client asks for the end. Jupyter calls
this as kernel.json says; a person needs it only to look for a fault.
`,
	setup: func(f *flag.FlagSet) func(context.Context, *console, []string) error {
		return func(_ context.Context, c *console, args []string) error {
			if len(args) == 0 {
				return usageError{"which connection file?"}
			}
			if len(args) > 1 {
				return noArguments(args[1:])
			}
			// An interrupt is for the cell that runs and not for the kernel, which has its own ways with signals.
			signal.Reset(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			return kernel.Run(context.Background(), args[0], kernel.Options{
				Name:        "tapir",
				Version:     number(),
				Start:       startKernel,
				HistoryFile: cached("history"),
				CrashDir:    cached("crash"),
				Log:         c.err,
			})
		}
	},
}

// startKernel makes what runs a kernel's cells and helps with writing them.
func startKernel(screen session.Screen, in kernel.Input) (kernel.Evaluator, kernel.Assistant, error) {
	s, err := newSession(screen, in)
	if err != nil {
		return nil, nil, err
	}
	return s, assistant{s}, nil
}

// assistant is kernel/assist for one session.
type assistant struct{ session *session.Session }

func (a assistant) Complete(src string, cursor int) kernel.Completion {
	found := assist.Complete(a.session, src, cursor)
	c := kernel.Completion{Start: found.Start, End: found.End}
	for _, item := range found.Items {
		c.Items = append(c.Items, kernel.CompletionItem(item))
	}
	return c
}

func (a assistant) Inspect(src string, cursor, detail int) (map[string]any, bool) {
	return assist.Inspect(a.session, src, cursor, detail)
}

// cached is the place of a name in the cache directory, or "" if there is none.
func cached(name string) string {
	cache, err := install.CacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, name)
}
