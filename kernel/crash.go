package kernel

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// crash is what a kernel leaves behind for the next one in case the Go runtime ends it, which no recover can prevent: two
// maps written at once, no memory, a stack without end. The runtime writes its report into one file; another one says which
// cell runs. Both are named after the connection file, which a restart keeps.
type crash struct {
	report, note string
	cell         *os.File
	last         string // what ended the kernel before this one; "" if it ended as it should
}

const (
	mostReport = 1 << 20
	mostNote   = 64 << 10
	staleCrash = 7 * 24 * time.Hour
)

// watchCrash reads what the kernel before left in dir, and has the runtime write there from now on. Without a directory, or
// where it cannot be written, nothing is kept.
func watchCrash(dir, connectionFile string) *crash {
	if dir == "" || os.MkdirAll(dir, 0o700) != nil {
		return nil
	}
	if abs, err := filepath.Abs(connectionFile); err == nil {
		connectionFile = abs
	}
	sweep(dir)
	base := filepath.Join(dir, fmt.Sprintf("%x", sha256.Sum256([]byte(connectionFile)))[:24])
	c := &crash{report: base + ".report", note: base + ".cell"}
	c.last = cause(head(c.report, mostReport), head(c.note, mostNote))
	report, err := os.OpenFile(c.report, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil
	}
	defer report.Close() // the runtime has a descriptor of its own
	if c.cell, err = os.OpenFile(c.note, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
		return nil
	}
	if err := debug.SetCrashOutput(report, debug.CrashOptions{}); err != nil {
		return nil
	}
	return c
}

// sweep removes what kernels left that nobody started again.
func sweep(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > staleCrash {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

func head(file string, most int) []byte {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	b := make([]byte, most)
	n, _ := f.Read(b)
	return b[:n]
}

// begin notes the cell that runs from now on.
func (c *crash) begin(cell int, src string) {
	if c == nil {
		return
	}
	b := append(strconv.AppendInt([]byte("runs "), int64(cell), 10), '\n')
	b = append(b, src[:min(len(src), mostNote-len(b))]...)
	_, _ = c.cell.WriteAt(b, 0)
	_ = c.cell.Truncate(int64(len(b)))
}

// end notes that it has ended. Goroutines of it may still run.
func (c *crash) end() {
	if c != nil {
		_, _ = c.cell.WriteAt([]byte("ran "), 0)
	}
}

// close removes the files: the kernel ends as it should.
func (c *crash) close() {
	if c == nil {
		return
	}
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	_ = c.cell.Close()
	_ = os.Remove(c.note)
	_ = os.Remove(c.report)
}

// take is the text about the kernel before this one, the first time.
func (c *crash) take() string {
	if c == nil {
		return ""
	}
	s := c.last
	c.last = ""
	return s
}

// cause says in a few lines what ended a kernel, from the runtime's report and the note of its cell.
func cause(report, note []byte) string {
	var state string
	var cell int
	first, src, _ := bytes.Cut(note, []byte("\n"))
	_, _ = fmt.Sscan(string(first), &state, &cell)
	what := fault(string(report))
	if what == "" && state != "runs" {
		return ""
	}
	var b strings.Builder
	switch {
	case what == "":
		fmt.Fprintf(&b, "The kernel before this one was ended from outside while cell %d ran: by the system for want of memory, or by hand.\n", cell)
	case state == "runs":
		fmt.Fprintf(&b, "The kernel before this one ended in cell %d: %s\n", cell, what)
	case cell > 0:
		fmt.Fprintf(&b, "The kernel before this one ended after cell %d, in a goroutine that still ran: %s\n", cell, what)
	default:
		fmt.Fprintf(&b, "The kernel before this one ended before its first cell: %s\n", what)
	}
	lines := strings.Split(strings.TrimSpace(string(src)), "\n")
	for i, line := range lines {
		if line == "" && len(lines) == 1 {
			break
		}
		if i == 8 {
			fmt.Fprintf(&b, "  ... %d more lines\n", len(lines)-i)
			break
		}
		b.WriteString("  " + line + "\n")
	}
	if hint := faultHint(what); hint != "" {
		b.WriteString("hint: " + hint + "\n")
	}
	b.WriteString("What its cells declared is gone: run the ones that you need again.\n")
	return b.String()
}

// fault says what happened, from a report. The runtime writes the text of a fatal error to the standard error alone; it is told
// by the functions that gave up.
func fault(report string) string {
	for line := range strings.Lines(report) {
		line = strings.TrimSpace(line)
		for _, begin := range []string{"fatal error: ", "panic: ", "unexpected fault address", "SIG", "[signal "} {
			if strings.HasPrefix(line, begin) {
				return strings.Trim(line, "[]")
			}
		}
	}
	first, _, _ := strings.Cut(report, "\n\n") // the goroutine that did it
	for _, f := range []struct{ in, with, text string }{
		{"maps.fatal(", "mapaccess", "fatal error: concurrent map read and map write"},
		{"maps.fatal(", "Iter", "fatal error: concurrent map iteration and map write"},
		{"maps.fatal(", "", "fatal error: concurrent map writes"},
		{"runtime.newstack(", "", "fatal error: stack overflow"},
		{"sync.fatal(", "RWMutex", "fatal error: sync: unlock of unlocked RWMutex"},
		{"sync.fatal(", "", "fatal error: sync: unlock of unlocked mutex"},
		{"runtime.(*mheap)", "", "fatal error: runtime: out of memory"},
		{"runtime.sysMap", "", "fatal error: runtime: out of memory"},
	} {
		if strings.Contains(first, f.in) && strings.Contains(first, f.with) {
			return f.text
		}
	}
	for line := range strings.Lines(first) {
		if name, _, ok := strings.Cut(line, "("); ok && strings.Contains(name, ".") && !strings.HasPrefix(name, "runtime.throw") {
			return "fatal error of the Go runtime in " + name
		}
	}
	return strings.TrimSpace(first)
}

func faultHint(what string) string {
	switch {
	case strings.Contains(what, "concurrent map"):
		return "goroutines that share a map need a sync.Mutex around it, or a sync.Map"
	case strings.Contains(what, "out of memory"):
		return "smaller batches, or fewer values kept, need less memory"
	case strings.Contains(what, "stack"):
		return "a recursion needs a case that does not call again"
	}
	return ""
}
