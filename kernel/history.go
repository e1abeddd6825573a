package kernel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

const (
	historyMemory = 1 << 20 // how much of the file's end is read
	historyFile   = 8 << 20 // how long the file grows before its beginning is cut off
)

// entry is one stored cell, as a line of the history file. Output is the text of its value, "" for none.
type entry struct {
	Session int    `json:"session"`
	Line    int    `json:"line"`
	Input   string `json:"input"`
	Output  string `json:"output,omitempty"`
}

// history is the cells that were run, those of earlier kernels first.
type history struct {
	path string
	log  *logger

	loaded chan struct{} // closed when the earlier sessions are read

	mu      sync.Mutex
	session int // of this kernel
	entries []entry
}

// openHistory returns a history that load fills; path "" keeps it in memory.
func openHistory(path string, log *logger) *history {
	return &history{path: path, log: log, session: 1, loaded: make(chan struct{})}
}

// load reads what earlier kernels left. A file that cannot be read is said so, and not written to.
func (h *history) load() {
	defer close(h.loaded)
	if h.path == "" {
		return
	}
	data, err := readEnd(h.path)
	if err != nil {
		h.log.printf("inputs are not kept: cannot read the history: %v", err)
		h.path = ""
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for line := range bytes.Lines(data) {
		var e entry
		if json.Unmarshal(line, &e) == nil && e.Session > 0 {
			h.entries = append(h.entries, e)
			h.session = max(h.session, e.Session+1)
		}
	}
}

// readEnd reads the last lines of a history file; if the file has grown long, it keeps no more than those.
func readEnd(path string) ([]byte, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	cut := info.Size() > historyMemory
	if cut {
		if _, err := f.Seek(-historyMemory, io.SeekEnd); err != nil {
			return nil, err
		}
	}
	data, err := io.ReadAll(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	if cut {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	if info.Size() > historyFile {
		return data, replaceFile(path, data)
	}
	return data, nil
}

// replaceFile writes a file under a temporary name and renames it.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// add notes a cell.
func (h *history) add(line int, input, output string) {
	<-h.loaded
	h.mu.Lock()
	defer h.mu.Unlock()
	e := entry{h.session, line, input, output}
	h.entries = append(h.entries, e)
	if h.path == "" {
		return
	}
	if err := appendLine(h.path, marshal(e)); err != nil {
		h.log.printf("inputs are not kept: cannot write the history: %v", err)
		h.path = ""
	}
}

// appendLine adds a line to a file, which only this user may read. One write, so that two kernels may share the file.
func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if os.IsNotExist(err) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		f, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// historyRequest is the content of a history_request.
type historyRequest struct {
	Access  string `json:"hist_access_type"`
	Output  bool   `json:"output"`
	N       *int   `json:"n"`
	Session int    `json:"session"`
	Start   *int   `json:"start"`
	Stop    *int   `json:"stop"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

func (s *Server) historyReply(r *request) ([]byte, error) {
	var c historyRequest
	if err := r.Unmarshal(&c); err != nil {
		return nil, err
	}
	<-s.history.loaded
	found, err := s.history.find(c)
	if err != nil {
		return nil, err
	}
	rows := make([][3]any, len(found))
	for i, e := range found {
		rows[i] = [3]any{e.Session, e.Line, e.Input}
		if c.Output {
			pair := [2]any{e.Input, nil}
			if e.Output != "" {
				pair[1] = e.Output
			}
			rows[i][2] = pair
		}
	}
	return marshal(map[string]any{"status": "ok", "history": rows}), nil
}

// find selects entries, oldest first.
func (h *history) find(c historyRequest) ([]entry, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch c.Access {
	case "tail", "":
		return last(h.entries, c.N), nil
	case "range":
		return h.between(c), nil
	case "search":
		pattern := c.Pattern
		if pattern == "" {
			pattern = "*"
		}
		like := glob(pattern)
		found := slices.DeleteFunc(slices.Clone(h.entries), func(e entry) bool { return !like.MatchString(e.Input) })
		if c.Unique {
			found = newest(found)
		}
		return last(found, c.N), nil
	}
	return nil, fmt.Errorf("hist_access_type is %q: want \"tail\", \"range\" or \"search\"", c.Access)
}

// between is the lines from Start up to but not including Stop of a session: 0 is this one, -1 the one before it.
func (h *history) between(c historyRequest) []entry {
	session := c.Session
	if session <= 0 {
		session += h.session
	}
	var found []entry
	for _, e := range h.entries {
		if e.Session == session && (c.Start == nil || e.Line >= *c.Start) && (c.Stop == nil || e.Line < *c.Stop) {
			found = append(found, e)
		}
	}
	return found
}

// last is the last n entries; no n is all of them.
func last(entries []entry, n *int) []entry {
	if n == nil || *n < 0 || *n >= len(entries) {
		return slices.Clone(entries)
	}
	return slices.Clone(entries[len(entries)-*n:])
}

// newest keeps of entries with one input only the newest.
func newest(entries []entry) []entry {
	at := map[string]int{}
	for i, e := range entries {
		at[e.Input] = i
	}
	var kept []entry
	for i, e := range entries {
		if at[e.Input] == i {
			kept = append(kept, e)
		}
	}
	return kept
}

// set is a [...] at the beginning of a pattern.
var set = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\[\^?\]?[^\]]*\]`) })

// glob is the regular expression for a pattern of *, ? and [...], as IPython's history takes it.
func glob(pattern string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for rest := pattern; rest != ""; {
		switch c := rest[0]; c {
		case '*':
			b.WriteString(`.*`)
		case '?':
			b.WriteString(`.`)
		case '[':
			if found := set().FindString(rest); found != "" {
				class := strings.ReplaceAll(found[1:len(found)-1], `\`, `\\`)
				class = "[" + strings.ReplaceAll(strings.ReplaceAll(class, "[", `\[`), "]", `\]`) + "]"
				if _, err := regexp.Compile(class); err == nil {
					b.WriteString(class)
					rest = rest[len(found):]
					continue
				}
			}
			b.WriteString(`\[`)
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
		}
		rest = rest[1:]
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String())
}
