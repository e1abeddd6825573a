// Command-line flags: own flag values, sub-commands, defaults, usage texts, and what goes wrong.

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A listFlag may be given many times, and with commas.
type listFlag []string

func (l *listFlag) String() string { return strings.Join(*l, "+") }
func (l *listFlag) Set(s string) error {
	if s == "" {
		return errors.New("empty item")
	}
	*l = append(*l, strings.Split(s, ",")...)
	return nil
}

// A sizeFlag reads 10k, 3M.
type sizeFlag int64

func (s *sizeFlag) String() string { return strconv.FormatInt(int64(*s), 10) + "B" }
func (s *sizeFlag) Set(text string) error {
	unit := int64(1)
	switch text[len(text)-1] {
	case 'k':
		unit = 1 << 10
	case 'M':
		unit = 1 << 20
	}
	n, err := strconv.ParseInt(strings.TrimRight(text, "kM"), 10, 64)
	if err != nil {
		return err
	}
	*s = sizeFlag(n * unit)
	return nil
}
func (s *sizeFlag) Get() any { return int64(*s) }

// verbosity counts how often -v is given; it needs no argument.
type verbosity int

func (v *verbosity) String() string   { return strconv.Itoa(int(*v)) }
func (v *verbosity) IsBoolFlag() bool { return true }
func (v *verbosity) Set(s string) error {
	if s == "false" {
		*v = 0
		return nil
	}
	*v++
	return nil
}

type level int

func (l level) MarshalText() ([]byte, error) { return []byte([]string{"low", "high"}[l]), nil }
func (l *level) UnmarshalText(text []byte) error {
	i := slices.Index([]string{"low", "high"}, string(text))
	if i < 0 {
		return fmt.Errorf("unknown level %s", text)
	}
	*l = level(i)
	return nil
}

type options struct {
	name    string
	count   int
	ratio   float64
	wait    time.Duration
	dry     bool
	tags    listFlag
	limit   sizeFlag
	verbose verbosity
	level   level
	addr    netip.Addr
	env     map[string]string
}

func newFlags(o *options, out io.Writer) *flag.FlagSet {
	fs := flag.NewFlagSet("tool", flag.ContinueOnError)
	fs.SetOutput(out)
	o.limit = 512
	o.env = map[string]string{}
	fs.StringVar(&o.name, "name", "world", "whom to `greet`")
	fs.IntVar(&o.count, "n", 1, "how often")
	fs.Float64Var(&o.ratio, "ratio", 0.5, "between 0 and 1")
	fs.DurationVar(&o.wait, "wait", 1500*time.Millisecond, "pause between two")
	fs.BoolVar(&o.dry, "dry", false, "do nothing")
	fs.Var(&o.tags, "tag", "a `tag`, may be repeated")
	fs.Var(&o.limit, "limit", "most `bytes`")
	fs.Var(&o.verbose, "v", "more output")
	fs.TextVar(&o.level, "level", level(1), "low or high")
	fs.TextVar(&o.addr, "addr", netip.IPv4Unspecified(), "listen here")
	fs.Func("env", "set `key=value`", func(s string) error {
		k, v, ok := strings.Cut(s, "=")
		if !ok {
			return fmt.Errorf("no = in %q", s)
		}
		o.env[k] = v
		return nil
	})
	fs.BoolFunc("quick", "same as -wait 0", func(string) error { o.wait = 0; return nil })
	return fs
}

type command struct {
	name string
	run  func(args []string) (string, error)
}

func commands() []command {
	return []command{
		{"add", func(args []string) (string, error) {
			fs := flag.NewFlagSet("add", flag.ContinueOnError)
			fs.SetOutput(io.Discard)
			double := fs.Bool("double", false, "")
			base := fs.Int("base", 10, "")
			if err := fs.Parse(args); err != nil {
				return "", err
			}
			sum := int64(0)
			for _, a := range fs.Args() {
				n, err := strconv.ParseInt(a, *base, 64)
				if err != nil {
					return "", err
				}
				sum += n
			}
			if *double {
				sum *= 2
			}
			return strconv.FormatInt(sum, *base), nil
		}},
		{"echo", func(args []string) (string, error) { return strings.Join(args, "|"), nil }},
	}
}

func dispatch(line string) (string, error) {
	args := strings.Fields(line)
	if len(args) == 0 {
		return "", errors.New("which command?")
	}
	for _, c := range commands() {
		if c.name == args[0] {
			out, err := c.run(args[1:])
			if err != nil {
				return out, fmt.Errorf("%s: %w", c.name, err)
			}
			return out, nil
		}
	}
	return "", fmt.Errorf("no command %q", args[0])
}

func main() {
	for _, line := range []string{
		"", "-n 3 -name=Ann rest -n 9", "--dry -ratio .25 -wait 2m -quick=true", "-tag a -tag=b,c -limit 10k -v -v -level low",
		"-env A=1 -env B=x=y -addr ::1 -- -n 5", "-v -v=false -dry=0",
		"-n x", "-wait 5", "-limit 3G", "-tag=", "-level mid", "-env novalue", "-dry=maybe", "-nope", "-n", "-addr 1.2.3",
	} {
		var o options
		var out strings.Builder
		fs := newFlags(&o, &out)
		err := fs.Parse(strings.Fields(line))
		if err != nil {
			first, _, _ := strings.Cut(out.String(), "\n")
			fmt.Printf("%q: %v (%t)\n", line, err, first == err.Error())
			continue
		}
		fmt.Printf("%q: %s %d %g %v %t %q %v %v %d %v %v args %q set", line, o.name, o.count, o.ratio, o.wait, o.dry, o.tags, &o.limit, o.verbose, o.level, o.addr, o.env, fs.Args())
		fs.Visit(func(f *flag.Flag) { fmt.Print(" ", f.Name) })
		fmt.Println()
	}

	var o options
	fs := newFlags(&o, os.Stdout)
	fs.PrintDefaults()
	fs.SetOutput(io.Discard)
	fmt.Println(errors.Is(fs.Parse([]string{"-help"}), flag.ErrHelp), fs.NArg(), fs.NFlag())
	f := fs.Lookup("limit")
	fmt.Println(fs.Set("limit", "2k"), f.DefValue, f.Value, f.Value.(flag.Getter).Get(), fs.Lookup("none") == nil)
	fmt.Println(flag.UnquoteUsage(f))
	for _, line := range []string{"add 1 2 39", "add -double -base 16 ff 1", "add -base 2 102", "add -x 1", "echo a b", "sub", ""} {
		out, err := dispatch(line)
		fmt.Println(out, err)
	}
}
