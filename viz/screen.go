package viz

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

// Screen is where output of a running cell goes. Its methods may be called from
// any goroutine.
type Screen interface {
	Show(bundle map[string]any, id string)   // shows a value; id "" for one that is never updated
	Update(bundle map[string]any, id string) // shows another value where that of id is
	Clear(wait bool)                         // removes the cell's output; with wait, when the next comes
}

var (
	screenMu sync.RWMutex
	screen   Screen = newTerminal(stdout{})
)

// SetScreen sends all output to s from now on; nil is the terminal, where
// values are shown as text on standard output.
func SetScreen(s Screen) {
	if s == nil {
		s = newTerminal(stdout{})
	}
	screenMu.Lock()
	defer screenMu.Unlock()
	screen = s
}

func current() Screen {
	screenMu.RLock()
	defer screenMu.RUnlock()
	return screen
}

// Show shows a value now, in the middle of a cell: a figure, a table, a tensor,
// an image, whatever has a MIME, HTML or SVG method, else its text.
func Show(v any) { current().Show(Bundle(v), "") }

// ShowID shows a value that Update can replace later under the same id; see NewID.
func ShowID(v any, id string) { current().Show(Bundle(v), id) }

// Update replaces the value that was shown under the id.
func Update(v any, id string) { current().Update(Bundle(v), id) }

// Clear removes the output of the cell so far; with wait, not before there is
// new output, so that nothing flickers.
func Clear(wait bool) { current().Clear(wait) }

// HTML shows a piece of HTML now.
func HTML(s string) {
	current().Show(map[string]any{"text/html": s, "text/plain": plain(s)}, "")
}

// Markdown shows a piece of Markdown now.
func Markdown(s string) {
	current().Show(map[string]any{"text/markdown": s, "text/plain": s}, "")
}

var (
	ids    atomic.Int64
	origin = func() string {
		b := make([]byte, 4)
		rand.Read(b)
		return fmt.Sprintf("%x", b)
	}()
)

// NewID is an id for ShowID and Update that is not used elsewhere.
func NewID() string { return fmt.Sprintf("viz-%s-%d", origin, ids.Add(1)) }

// Bundle is a value as it is shown, by MIME type: what its MIME method gives,
// else HTML or SVG, else an image as PNG, else its text.
func Bundle(v any) map[string]any {
	switch x := v.(type) {
	case nil:
		return map[string]any{"text/plain": "nil"}
	case interface{ MIME() map[string]any }:
		return x.MIME()
	case interface{ HTML() string }:
		s := x.HTML()
		return map[string]any{"text/html": s, "text/plain": textOf(v, plain(s))}
	case interface{ SVG() string }:
		return map[string]any{"image/svg+xml": x.SVG(), "text/plain": textOf(v, "SVG picture")}
	case image.Image:
		var b bytes.Buffer
		size := x.Bounds().Size()
		text := fmt.Sprintf("image of %d by %d", size.Y, size.X)
		if err := png.Encode(&b, x); err != nil {
			return map[string]any{"text/plain": text + ": " + err.Error()}
		}
		return map[string]any{"image/png": b.Bytes(), "text/plain": text}
	case error:
		return map[string]any{"text/plain": x.Error()}
	}
	return map[string]any{"text/plain": fmt.Sprint(v)}
}

func textOf(v any, otherwise string) string {
	if s, ok := v.(fmt.Stringer); ok {
		return s.String()
	}
	return otherwise
}

var (
	tags   = regexp.MustCompile(`(?s)<!--.*?-->|<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>`)
	breaks = regexp.MustCompile(`(?i)<(?:br|/p|/div|/tr|/h[1-6]|/li)\b[^>]*>`)
	things = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&nbsp;", " ", "&amp;", "&")
)

// plain is HTML as text: tags removed, blocks on lines of their own.
func plain(s string) string {
	s = tags.ReplaceAllString(breaks.ReplaceAllString(s, "\n"), "")
	var lines []string
	for _, l := range strings.Split(things.Replace(s), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

// terminal is the screen of a program outside a notebook: it prints the text of
// values. Live values keep to one line that is written over where the output is
// a terminal, and are printed once, when they are done, where it is a file.
type terminal struct {
	mu    sync.Mutex
	out   io.Writer
	tty   bool
	lines map[string]bool // ids of live values whose line is open
}

func newTerminal(out io.Writer) *terminal {
	t := &terminal{out: out, lines: map[string]bool{}}
	if _, ok := out.(stdout); ok {
		if st, err := os.Stdout.Stat(); err == nil {
			t.tty = st.Mode()&os.ModeCharDevice != 0
		}
	}
	return t
}

// stdout is standard output as it is at the time of writing.
type stdout struct{}

func (stdout) Write(b []byte) (int, error) { return os.Stdout.Write(b) }

func (t *terminal) Show(bundle map[string]any, _ string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave()
	fmt.Fprintln(t.out, textIn(bundle))
}

func (t *terminal) Update(bundle map[string]any, id string) { t.Show(bundle, id) }

func (t *terminal) Clear(bool) {}

// live shows a state of a live value: a line that the next one may write over,
// or the last text.
func (t *terminal) live(id, line, text string, last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case last && t.tty && t.lines[id]:
		delete(t.lines, id)
		fmt.Fprintf(t.out, "\r\x1b[K%s\n", text)
	case last:
		t.leave()
		fmt.Fprintln(t.out, text)
	case t.tty:
		if !t.lines[id] {
			t.leave()
			t.lines[id] = true
		}
		fmt.Fprintf(t.out, "\r\x1b[K%s", line)
	}
}

// leave ends the lines that are open.
func (t *terminal) leave() {
	if len(t.lines) > 0 {
		fmt.Fprintln(t.out)
		clear(t.lines)
	}
}

func textIn(bundle map[string]any) string {
	switch s := bundle["text/plain"].(type) {
	case string:
		return s
	case []byte:
		return string(s)
	}
	var kinds []string
	for k := range bundle {
		kinds = append(kinds, k)
	}
	return "output of " + strings.Join(sorted(kinds), ", ")
}
