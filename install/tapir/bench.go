package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tapir-go/tapir/install/bench"
)

var benchCommand = command{
	name:  "bench",
	args:  "[-run REGEXP] [-o FILE]",
	short: "measure the engine beside PyTorch, OpenBLAS and the Go peers",
	long: `Measures work from single ops to training steps, with samples that alternate between Tapir and its peers, and writes a
table of ratios in Markdown, with the raw samples in a .csv beside it. The first run makes a Python environment with PyTorch in
the cache directory, and builds the Go peers there. A peer that cannot be had is named with the reason. All rows take some 20
minutes on an idle machine; with -run the rows that match are measured anew, and the others stay as the .csv has them.

In Tapir's repository the table goes to eager/BENCH.md, elsewhere to the terminal.
`,
	setup: func(f *flag.FlagSet) func(context.Context, *console, []string) error {
		run := f.String("run", "", "measure only rows that match `REGEXP`, such as \"SGEMM.*2 threads\"")
		samples := f.Int("samples", 21, "take `N` samples of each")
		length := f.Duration("time", 40*time.Millisecond, "let a sample take `TIME`")
		peers := f.String("peers", "", "measure only the peers in `LIST`, with commas: "+strings.Join(bench.Peers(), ","))
		python := f.String("python", "", "use `PYTHON`, which has PyTorch and NumPy, and make no environment")
		out := f.String("o", "", "write the table to `FILE`, the raw samples beside it")
		list := f.Bool("list", false, "list the rows and measure nothing")
		return func(ctx context.Context, c *console, args []string) error {
			if slices.Equal(args, []string{"worker"}) {
				return bench.Serve(c.in, c.out, number(), benchCells)
			}
			if err := noArguments(args); err != nil {
				return err
			}
			pattern, err := regexp.Compile(*run)
			if err != nil {
				return usageError{fmt.Sprintf("-run: %v", err)}
			}
			rows := slices.DeleteFunc(bench.Rows(), func(r bench.Row) bool { return !pattern.MatchString(r.ID()) })
			if len(rows) == 0 {
				return usageError{fmt.Sprintf("-run %s: no row matches; -list lists them", *run)}
			}
			if *list {
				for _, r := range rows {
					fmt.Fprintln(c.out, r.ID())
				}
				return nil
			}
			o := bench.Options{Python: *python, Samples: *samples, Time: *length, Progress: c.err}
			if o.Samples < 1 || o.Time <= 0 {
				return usageError{"-samples and -time want more than 0"}
			}
			if *python != "" { // before any row that is there is replaced by one without PyTorch
				if _, err := exec.LookPath(*python); err != nil {
					return usageError{fmt.Sprintf("-python: %v: name a Python that has PyTorch, or leave -python out to have one made", err)}
				}
			}
			if *peers != "" {
				o.Peers = strings.Split(*peers, ",")
				for _, p := range o.Peers {
					if !slices.Contains(bench.Peers(), p) {
						return usageError{fmt.Sprintf("-peers: there is no %q; there are %s", p, strings.Join(bench.Peers(), ", "))}
					}
				}
			}
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("finding this program: %w", err)
			}
			o.Tapir = []string{self, "bench", "worker"}
			o.Command = benchLine(f)
			return measure(ctx, c, rows, o, *out)
		}
	},
}

// measure measures rows and writes them where they belong.
func measure(ctx context.Context, c *console, rows []bench.Row, o bench.Options, out string) error {
	if out == "" {
		if _, err := os.Stat("eager/op_binary.go"); err == nil {
			out = "eager/BENCH.md"
		}
	}
	if out == "" {
		res := &bench.Results{Rows: map[string][]bench.Series{}}
		if err := bench.Run(ctx, rows, o, res); err != nil {
			return err
		}
		res.Markdown(c.out, "")
		return nil
	}
	raw := strings.TrimSuffix(out, filepath.Ext(out)) + ".csv"
	res, err := bench.Load(raw)
	if err != nil {
		return err
	}
	stopped := bench.Run(ctx, rows, o, res)
	if err := errors.Join(stopped, res.Save(out, raw)); err != nil { // the rows that were measured are kept
		return err
	}
	fmt.Fprintf(c.out, "written: %s, %s\n", out, raw)
	return nil
}

// benchLine is the command with the flags that were given.
func benchLine(f *flag.FlagSet) string {
	line := self() + " bench"
	f.Visit(func(g *flag.Flag) {
		if g.Name != "o" && g.Name != "python" {
			line += fmt.Sprintf(" -%s %s", g.Name, g.Value)
		}
	})
	return line
}

// benchCells starts the session for work that is done in cells.
func benchCells() (bench.Cells, error) { return newSession(unseen{}, nil) }

// unseen is a screen that shows nothing.
type unseen struct{}

func (unseen) Stream(int, string, []byte)                {}
func (unseen) Display(int, map[string]any, string, bool) {}
func (unseen) Clear(int, bool)                           {}
