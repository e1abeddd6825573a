package kernel

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func ptr(n int) *int { return &n }

func open(t *testing.T, path string) *history {
	t.Helper()
	h := openHistory(path, &logger{w: io.Discard})
	h.load()
	return h
}

// lines shows entries as "session.line input".
func lines(entries []entry) string {
	var b []string
	for _, e := range entries {
		b = append(b, fmt.Sprintf("%d.%d %s", e.Session, e.Line, e.Input))
	}
	return strings.Join(b, ", ")
}

func TestHistorySurvivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new directory", "history")
	a := open(t, path)
	a.add(1, "x := 1", "")
	a.add(2, "x", "1")
	a.add(3, "fmt.Println(\"é\\n\")\nx", "1")
	b := open(t, path)
	b.add(1, "x := 2", "")
	c := open(t, path)
	c.add(1, "x", "2")
	c.add(2, "y", "")
	for _, q := range []struct {
		name string
		historyRequest
		want string
	}{
		{"tail", historyRequest{Access: "tail", N: ptr(2)}, "3.1 x, 3.2 y"},
		{"tail across sessions", historyRequest{Access: "tail", N: ptr(3)}, "2.1 x := 2, 3.1 x, 3.2 y"},
		{"tail of none", historyRequest{Access: "tail", N: ptr(0)}, ""},
		{"range, this session", historyRequest{Access: "range"}, "3.1 x, 3.2 y"},
		{"range, from 2", historyRequest{Access: "range", Start: ptr(2)}, "3.2 y"},
		{"range, before 2", historyRequest{Access: "range", Start: ptr(0), Stop: ptr(2)}, "3.1 x"},
		{"range, the one before", historyRequest{Access: "range", Session: -1}, "2.1 x := 2"},
		{"range, by number", historyRequest{Access: "range", Session: 1, Start: ptr(1), Stop: ptr(3)}, "1.1 x := 1, 1.2 x"},
		{"range, none", historyRequest{Access: "range", Session: 99}, ""},
		{"search", historyRequest{Access: "search", Pattern: "x*"}, "1.1 x := 1, 1.2 x, 2.1 x := 2, 3.1 x"},
		{"search, unique", historyRequest{Access: "search", Pattern: "x*", Unique: true}, "1.1 x := 1, 2.1 x := 2, 3.1 x"},
		{"search, newest", historyRequest{Access: "search", Pattern: "x*", N: ptr(1)}, "3.1 x"},
		{"search, class", historyRequest{Access: "search", Pattern: "[xz] := ?"}, "1.1 x := 1, 2.1 x := 2"},
		{"search over lines", historyRequest{Access: "search", Pattern: "fmt*x"}, "1.3 fmt.Println(\"é\\n\")\nx"},
	} {
		got, err := c.find(q.historyRequest)
		if err != nil || lines(got) != q.want {
			t.Errorf("%s: %q, %v; want %q", q.name, lines(got), err, q.want)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: want a file for this user alone", info.Mode(), err)
	}
}

func TestDamagedHistoryIsReadAsFarAsItGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	data := `{"session":4,"line":1,"input":"good"}` + "\n\x00\xff{\n" + `{"session":4,"line":2,"input":"cut o`
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	h := open(t, path)
	if got := lines(h.entries); got != "4.1 good" || h.session != 5 {
		t.Errorf("%q, session %d", got, h.session)
	}
}

func TestLongHistoryIsCutAtItsBeginning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var data bytes.Buffer
	for i := 1; data.Len() <= historyFile; i++ {
		fmt.Fprintf(&data, `{"session":1,"line":%d,"input":%q}`+"\n", i, strings.Repeat("x", 1000))
	}
	if err := os.WriteFile(path, data.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	first := open(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Size() > historyMemory {
		t.Errorf("%d bytes are left, %v", info.Size(), err)
	}
	second := open(t, path)
	n := len(first.entries)
	if n < 900 || len(second.entries) != n || second.entries[n-1].Line != first.entries[n-1].Line {
		t.Errorf("%d entries, then %d", n, len(second.entries))
	}
}

func TestHistoryThatCannotBeKeptIsSaidAndLivesInMemory(t *testing.T) {
	log := &buffer{}
	dir := t.TempDir() // a directory is no file
	h := openHistory(dir, &logger{w: log, name: "tapir"})
	h.load()
	h.add(1, "x", "")
	h.add(2, "y", "")
	if got := lines(h.entries); got != "1.1 x, 1.2 y" {
		t.Errorf("%q", got)
	}
	if got := log.String(); strings.Count(got, "inputs are not kept") != 1 || !strings.Contains(got, dir) {
		t.Errorf("log %q", got)
	}
}

func FuzzGlobAlwaysCompiles(f *testing.F) {
	for _, s := range []string{"*", "a?[b-c]*", "[", "[]", "[^]]", "[z-a]", `\`, "é[世]", "[[:alpha:]]"} {
		f.Add(s, "text")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		re := glob(strings.ToValidUTF8(pattern, "?"))
		re.MatchString(text)
		if !strings.ContainsAny(pattern, "*?[") && strings.ToValidUTF8(pattern, "?") == pattern && !re.MatchString(pattern) {
			t.Errorf("%q does not match itself", pattern)
		}
	})
}
