package gotree_test

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
)

// list is what is known of the programs that do not pass, each with a reason.
type list struct {
	version string // of Go
	total   int
	fail    map[string]string // programs that fail
	slow    map[string]string // programs whose time is near the limit: they may go either way
	cannot  map[string]string // programs that are for no interpreter
	yaegi   map[string]string // those of the above that pass when the interpreter alone is given them
}

const preamble = `# The programs of Go's own test tree (the files below $(go env GOROOT)/test that begin with "// run") that do not pass as
# cells: each is a cell of a session and a process of its own, and has 10 s. TestGoTree keeps this file current:
#
#	go test ./kernel/session/gotree -update
#
# writes it; the reasons of programs that it has already are kept. A program is moved to "cannot" or to "slow" by hand.
`

var sections = []struct{ name, about string }{
	{"fail", "programs that fail, with the first line of what they say"},
	{"slow", "programs whose time is near the limit: they may go either way, and are not counted as passing"},
	{"cannot", "programs that are for no interpreter, with the reason; at most 60"},
	{"yaegi", "programs of the above that pass when yaegi alone runs them: go test -tags yaegi ./kernel/session/gotree -run Alone -update"},
}

func newList() *list {
	return &list{fail: map[string]string{}, slow: map[string]string{}, cannot: map[string]string{}, yaegi: map[string]string{}}
}

func (l *list) section(name string) map[string]string {
	return map[string]map[string]string{"fail": l.fail, "slow": l.slow, "cannot": l.cannot, "yaegi": l.yaegi}[name]
}

// readList reads a file that String wrote.
func readList(file string) (*list, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	l := newList()
	section := ""
	for i, line := range strings.Split(string(text), "\n") {
		switch s, found := strings.CutPrefix(line, "== "); {
		case line == "" || line[0] == '#':
		case found:
			section, _, _ = strings.Cut(s, ":")
			if l.section(section) == nil {
				return nil, fmt.Errorf("%s:%d: no section has the name %q", file, i+1, section)
			}
		case section == "":
			if _, err := fmt.Sscanf(strings.ReplaceAll(line, ":", ""), "%s %d", &l.version, &l.total); err != nil {
				return nil, fmt.Errorf("%s:%d: want a version of Go and the number of programs: %w", file, i+1, err)
			}
		default:
			name, why, _ := strings.Cut(line, "\t")
			if name != strings.TrimSpace(name) || l.lists(name) && section != "yaegi" {
				return nil, fmt.Errorf("%s:%d: %q is no name of a program, or is there twice", file, i+1, name)
			}
			if why == "" {
				why = "passes with yaegi alone"
			}
			l.section(section)[name] = why
		}
	}
	return l, nil
}

// lists tells whether a program is not expected to pass.
func (l *list) lists(name string) bool {
	return l.fail[name] != "" || l.slow[name] != "" || l.cannot[name] != ""
}

// pass is the number of programs that pass.
func (l *list) pass() int { return l.total - len(l.fail) - len(l.slow) - len(l.cannot) }

func (l *list) summary() string {
	return fmt.Sprintf("%s: %d programs; %d pass, %d fail, %d are slow, %d are for no interpreter", l.version, l.total, l.pass(), len(l.fail), len(l.slow), len(l.cannot))
}

// with is the list after a run.
func (l *list) with(names []string, verdicts map[string]verdict) *list {
	n := newList()
	n.version, n.total = runtime.Version(), len(names)
	for _, name := range names {
		v := verdicts[name]
		failed := v.reason != ""
		switch {
		case l.cannot[name] != "" && failed:
			n.cannot[name] = l.cannot[name]
		case l.slow[name] != "" && (v.late || !failed && v.took > limit/4):
			n.slow[name] = l.slow[name]
		case !failed && v.late: // it passed when it ran alone
			n.slow[name] = "takes a good part of the limit"
		case failed && l.fail[name] != "":
			n.fail[name] = l.fail[name]
		case failed:
			n.fail[name] = v.reason
		}
		if n.lists(name) && l.yaegi[name] != "" {
			n.yaegi[name] = l.yaegi[name]
		}
	}
	return n
}

// String is the file.
func (l *list) String() string {
	var b strings.Builder
	b.WriteString(preamble + "\n" + l.summary() + "\n")
	for _, s := range sections {
		m := l.section(s.name)
		fmt.Fprintf(&b, "\n== %s: %s\n", s.name, s.about)
		for _, n := range slices.Sorted(maps.Keys(m)) {
			if s.name == "yaegi" {
				fmt.Fprintln(&b, n)
			} else {
				fmt.Fprintf(&b, "%s\t%s\n", n, m[n])
			}
		}
	}
	return b.String()
}
