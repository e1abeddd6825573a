package session

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// stream hands text to the screen.
func (s *Session) stream(cell int, name string, text []byte) {
	if s.opt.Screen != nil && len(text) > 0 {
		s.opt.Screen.Stream(cell, name, text)
	}
}

// writer is a standard stream of the cells. What a goroutine writes goes to the cell that started it.
type writer struct {
	s    *Session
	name string
}

// Write shows text as output of the cell that writes.
func (w *writer) Write(p []byte) (int, error) {
	if t := current(); t != nil && t.exiting {
		return len(p), nil
	}
	w.s.files.flush()
	w.s.stream(w.s.cellOfCaller(), w.name, append([]byte(nil), p...))
	return len(p), nil
}

// WriteString shows text as output of the cell that writes.
func (w *writer) WriteString(p string) (int, error) { return w.Write([]byte(p)) }

// Sync does nothing: all is written at once.
func (w *writer) Sync() error { return nil }

// Close refuses: the stream is the cell's.
func (w *writer) Close() error { return errors.New("close " + w.name + ": it belongs to the cell") }

// Name is the name of the file.
func (w *writer) Name() string { return "/dev/" + w.name }

func (s *Session) cellOfCaller() int {
	if t := current(); t != nil && t.run.s == s {
		return t.run.cell
	}
	return s.current()
}

// stdin reads what the front end asks its user for, a line at a time.
type stdin struct {
	s   *Session
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *stdin) fill() error {
	if r.buf.Len() > 0 {
		return nil
	}
	if r.s.opt.Input == nil {
		return errors.New("stdin: this front end takes no input")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if stop := current().wait("for a line of input"); stop != nil {
		go func() {
			select {
			case <-stop:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	line, err := r.s.opt.Input(ctx, "", false)
	if err != nil {
		current().check()
		return err
	}
	r.buf.WriteString(line)
	if !strings.HasSuffix(line, "\n") {
		r.buf.WriteByte('\n')
	}
	return nil
}

// Read reads from the line that the user gave; it asks for one if there is none.
func (r *stdin) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.fill(); err != nil {
		return 0, err
	}
	return r.buf.Read(p)
}

// ReadRune reads one character, which lets fmt scan without losing any.
func (r *stdin) ReadRune() (rune, int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.fill(); err != nil {
		return 0, 0, err
	}
	return r.buf.ReadRune()
}

// UnreadRune takes the last character back.
func (r *stdin) UnreadRune() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.UnreadRune()
}

// files are real files for cells that want os.Stdout as an *os.File. They are pipes, made when first wanted.
type files struct {
	s     *Session
	mu    sync.Mutex
	pipes map[string]*pipe
}

type pipe struct {
	w    *os.File
	mark []byte
	seen chan struct{}
}

// file is the write end of the pipe for a stream.
func (f *files) file(name string) *os.File {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.pipes[name]; p != nil {
		return p.w
	}
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	if f.pipes == nil {
		f.pipes = map[string]*pipe{}
	}
	p := &pipe{w: w, mark: []byte("\x00tapir " + strconv.FormatInt(time.Now().UnixNano(), 36) + "\x00"), seen: make(chan struct{})}
	f.pipes[name] = p
	go f.copy(name, r, p)
	return w
}

// copy shows what is written; the mark, which flush writes, is not shown.
func (f *files) copy(name string, r io.ReadCloser, p *pipe) {
	defer r.Close()
	in := bufio.NewReader(r)
	var text []byte
	buf := make([]byte, 32<<10)
	for {
		n, err := in.Read(buf)
		text = append(text, buf[:n]...)
		for {
			i := bytes.Index(text, p.mark)
			if i < 0 {
				break
			}
			f.s.stream(f.s.current(), name, append([]byte(nil), text[:i]...))
			text = append([]byte(nil), text[i+len(p.mark):]...)
			p.seen <- struct{}{}
		}
		keep := bytes.LastIndexByte(text, 0)
		if keep < 0 || len(text)-keep > len(p.mark) {
			keep = len(text)
		}
		f.s.stream(f.s.current(), name, append([]byte(nil), text[:keep]...))
		text = append([]byte(nil), text[keep:]...)
		if err != nil {
			return
		}
	}
}

// flush waits until all that was written to the pipes is shown.
func (f *files) flush() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.pipes {
		if _, err := p.w.Write(p.mark); err == nil {
			<-p.seen
		}
	}
}

// close ends the pipes.
func (f *files) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.pipes {
		_ = p.w.Close()
	}
	f.pipes = nil
}

// logOutput is where package log writes in the whole process: for goroutines of cells, to the cell.
type logOutput struct{ rest io.Writer }

// Write shows text as output of the cell that logs; of others it goes where it went before.
func (l logOutput) Write(p []byte) (int, error) {
	if t := current(); t != nil {
		t.run.s.stream(t.run.cell, "stderr", append([]byte(nil), p...))
		return len(p), nil
	}
	return l.rest.Write(p)
}

// logRest is where package log wrote when the process began.
var logRest = log.Writer()

// captureLog has package log write to cells, whatever an earlier session made of it.
func captureLog() { log.SetOutput(logOutput{logRest}) }
