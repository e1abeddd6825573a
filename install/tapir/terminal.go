package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/tapir-go/tapir/kernel/notebook"
	"github.com/tapir-go/tapir/kernel/session"
)

// terminal shows a running notebook as text: it is the notebook.Watcher of "tapir run". Texts come as they are
// written. A display that is updated is rewritten in place where the terminal can do that, else its last state is
// printed when its cell ends. Pictures are named.
type terminal struct {
	out, err io.Writer
	lively   bool // a terminal that can rewrite a line and has colours
	keeps    bool // the pictures are kept in a file

	cells    int
	pictures int
	mid      bool     // the last line is not ended
	open     string   // id of the display that is the last line, "" for none
	waiting  []string // ids of displays whose last state is to be printed, in order
	state    map[string]string
}

func newTerminal(c *console, keeps bool) *terminal {
	return &terminal{out: c.out, err: c.err, lively: isTerminal(c.out), keeps: keeps, state: map[string]string{}}
}

// isTerminal tells whether w is a terminal that understands colours.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// fresh begins a new line if the last one is not ended.
func (t *terminal) fresh() {
	if t.mid {
		fmt.Fprintln(t.out)
	}
	t.mid, t.open = false, ""
}

// line prints whole lines.
func (t *terminal) line(text string) {
	t.fresh()
	fmt.Fprintln(t.out, strings.TrimSuffix(text, "\n"))
}

// Begin prints the number and the first line of a cell.
func (t *terminal) Begin(cell, total int, c *notebook.Cell) {
	t.cells++
	first, _, _ := strings.Cut(strings.TrimSpace(c.Source), "\n")
	head := fmt.Sprintf("[%d/%d] %s", cell, total, first)
	const width = 100
	if utf8.RuneCountInString(head) > width {
		head = string([]rune(head)[:width-1]) + "…"
	}
	if t.lively {
		head = "\x1b[2m" + head + "\x1b[0m"
	}
	t.line(head)
}

// Stream prints what a cell writes.
func (t *terminal) Stream(_ int, name string, text []byte) {
	if t.open != "" {
		t.fresh()
	}
	w := t.out
	if name == "stderr" {
		w = t.err
	}
	_, _ = w.Write(text)
	t.mid = text[len(text)-1] != '\n'
}

// Display prints what a cell shows.
func (t *terminal) Display(_ int, bundle map[string]any, id string, update bool) {
	text := t.text(bundle)
	oneLine := !strings.Contains(text, "\n")
	switch {
	case !update:
		if id == "" || !t.lively || !oneLine {
			t.line(text)
		} else {
			t.fresh()
			fmt.Fprint(t.out, text)
			t.mid, t.open = true, id
		}
	case t.open == id && t.lively && oneLine:
		fmt.Fprint(t.out, "\r\x1b[K"+text)
	case t.state[id] != text:
		t.waiting = append(remove(t.waiting, id), id)
	}
	if id != "" {
		t.state[id] = text
	}
}

// Clear leaves a terminal as it is: what was printed was read.
func (t *terminal) Clear(int, bool) {}

// Value prints a cell's value.
func (t *terminal) Value(_ int, bundle map[string]any) { t.line(t.text(bundle)) }

// Failed prints why a cell failed.
func (t *terminal) Failed(_ int, f *session.Failure) {
	text := strings.Join(f.Traceback(), "\n")
	if !t.lively {
		text = ansi.ReplaceAllString(text, "")
	}
	t.line(text)
}

// End prints the last state of the displays that changed.
func (t *terminal) End(int, *notebook.Cell) {
	for _, id := range t.waiting {
		t.line(t.state[id])
	}
	t.waiting = nil
	t.fresh()
}

// ansi matches the sequences that colour a terminal.
var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// text is a bundle as text, with a note of its pictures.
func (t *terminal) text(bundle map[string]any) string {
	var parts []string
	if text := asText(bundle["text/plain"]); text != "" {
		parts = append(parts, strings.TrimRight(text, "\n"))
	}
	for _, mime := range []string{"image/svg+xml", "image/png", "image/jpeg", "image/gif"} {
		if picture := asText(bundle[mime]); picture != "" {
			t.pictures++
			parts = append(parts, fmt.Sprintf("[picture: %s, %.0f kB]", mime, float64(len(picture)+999)/1000))
			break
		}
	}
	if len(parts) == 0 {
		for _, mime := range []string{"text/markdown", "text/html"} {
			if text := asText(bundle[mime]); text != "" {
				return fmt.Sprintf("[%s, %d bytes]", mime, len(text))
			}
		}
	}
	return strings.Join(parts, "\n")
}

// asText is a value of a bundle that is a text or bytes.
func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// note says at the end where the outputs and pictures are.
func (t *terminal) note(out string) string {
	switch {
	case out != "":
		return ", written to " + out
	case t.pictures > 0:
		return "; -o OUT keeps its pictures"
	}
	return ""
}

func remove(ids []string, id string) []string {
	var others []string
	for _, other := range ids {
		if other != id {
			others = append(others, other)
		}
	}
	return others
}
