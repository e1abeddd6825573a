package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/kernel/notebook"
	"github.com/tapir-go/tapir/kernel/session"
)

// drive gives a terminal a cell that does what f does, and is what it shows.
func drive(lively bool, f func(t *terminal)) string {
	var out bytes.Buffer
	t := newTerminal(&console{nil, &out, &out}, false)
	t.lively = lively
	c := &notebook.Cell{Source: "x"}
	t.Begin(1, 1, c)
	f(t)
	t.End(1, c)
	_, shown, _ := strings.Cut(out.String(), "\n") // without the cell's head
	return shown
}

func plainText(s string) map[string]any { return map[string]any{"text/plain": s} }

func TestTheTerminalShowsOutputsAsLines(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      func(t *terminal)
		dumb   string
		lively string
	}{
		{"a text without an end of line", func(t *terminal) {
			t.Stream(1, "stdout", []byte("a"))
			t.Stream(1, "stdout", []byte("b"))
			t.Value(1, plainText("1"))
		}, "ab\n1\n", "ab\n1\n"},
		{"a display that is updated", func(t *terminal) {
			t.Display(1, plainText("1/3"), "x", false)
			t.Display(1, plainText("2/3"), "x", true)
			t.Display(1, plainText("3/3"), "x", true)
		}, "1/3\n3/3\n", "1/3\r\x1b[K2/3\r\x1b[K3/3\n"},
		{"one that was left behind", func(t *terminal) {
			t.Display(1, plainText("1/2"), "x", false)
			t.Stream(1, "stdout", []byte("a\n"))
			t.Display(1, plainText("2/2"), "x", true)
		}, "1/2\na\n2/2\n", "1/2\na\n2/2\n"},
		{"an update that changes nothing", func(t *terminal) {
			t.Display(1, plainText("1/2"), "x", false)
			t.Stream(1, "stdout", []byte("a\n"))
			t.Display(1, plainText("1/2"), "x", true)
		}, "1/2\na\n", "1/2\na\n"},
		{"two of several lines", func(t *terminal) {
			t.Display(1, plainText("a\nb"), "x", false)
			t.Display(1, plainText("c\nd"), "y", false)
			t.Display(1, plainText("e\nf"), "x", true)
		}, "a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\ne\nf\n"},
		{"a picture", func(t *terminal) {
			t.Display(1, map[string]any{"text/plain": "a plot\n", "image/svg+xml": strings.Repeat("x", 2500)}, "", false)
		}, "a plot\n[picture: image/svg+xml, 3 kB]\n", "a plot\n[picture: image/svg+xml, 3 kB]\n"},
		{"a page without text", func(t *terminal) {
			t.Value(1, map[string]any{"text/html": []byte("<b>1</b>")})
		}, "[text/html, 8 bytes]\n", "[text/html, 8 bytes]\n"},
		{"a failure", func(t *terminal) {
			t.Failed(1, &session.Failure{Name: "panic", Text: "boom"})
		}, "panic: boom\n", "\x1b[31mpanic\x1b[0m: boom\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := drive(false, c.f); got != c.dumb {
				t.Errorf("in a file: %q, want %q", got, c.dumb)
			}
			if got := drive(true, c.f); got != c.lively {
				t.Errorf("in a terminal: %q, want %q", got, c.lively)
			}
		})
	}
}

func TestALongFirstLineIsCut(t *testing.T) {
	var out bytes.Buffer
	newTerminal(&console{nil, &out, &out}, false).Begin(1, 2, &notebook.Cell{Source: "\n\n" + strings.Repeat("ä", 300) + "\nsecond"})
	if got := strings.TrimSpace(out.String()); len([]rune(got)) != 100 || !strings.HasPrefix(got, "[1/2] ää") || !strings.HasSuffix(got, "ä…") {
		t.Errorf("got %q", got)
	}
}

func Example() {
	execute(context.Background(), &console{os.Stdin, os.Stdout, os.Stderr}, []string{"help", "uninstall"})
	// Output:
	// usage: tapir uninstall [--user | --sys-prefix | --prefix DIR]
	//
	// Removes what "tapir install" with the same flags has registered. Notebooks stay as they are.
	//
	// flags:
	//   --prefix DIR         under DIR, as DIR/share/jupyter/kernels/tapir
	//   --sys-prefix         in the virtual or conda environment that is active, or the Python in PATH
	//   --user               for this user (the default)
}
