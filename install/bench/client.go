package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// client talks to a worker.
type client struct {
	info string // what it is, with its version
	in   io.WriteCloser
	out  *bufio.Reader
	tail *tail
	end  func() error
}

// tail keeps the end of what is written to it: the last words of a worker.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-2000):]
	return len(p), nil
}

// command is how a worker is started.
type command struct {
	path string
	args []string
	env  []string // besides that of every worker
}

// start starts a worker with that many threads.
func (c command) start(ctx context.Context, threads int) (*client, error) {
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Env = append(environment(os.Environ(), threads), c.env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	last := &tail{}
	cmd.Stderr = last
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	w := newClient(in, out, cmd.Wait)
	w.tail = last
	if w.info, err = w.ask("info"); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func newClient(in io.WriteCloser, out io.Reader, end func() error) *client {
	return &client{in: in, out: bufio.NewReader(out), tail: &tail{}, end: end}
}

// environment is that of a worker: the user's, without what would slow a peer down or give it other threads.
func environment(env []string, threads int) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "GOMP_CPU_AFFINITY", "KMP_AFFINITY", "OMP_PROC_BIND", "GOGC", "GODEBUG":
			return true
		}
		return false
	})
	n := strconv.Itoa(threads)
	return append(env, "GOMAXPROCS="+n, "OMP_NUM_THREADS="+n, "MKL_NUM_THREADS="+n, "OPENBLAS_NUM_THREADS="+n, "TAPIR_BENCH_THREADS="+n)
}

// close ends the worker.
func (w *client) close() error { return errors.Join(w.in.Close(), w.end()) }

// ask sends a request and is what the worker answered behind "ok".
func (w *client) ask(request string) (string, error) {
	if _, err := fmt.Fprintln(w.in, request); err != nil {
		return "", w.lost(request, err)
	}
	for {
		line, err := w.out.ReadString('\n')
		if err != nil {
			return "", w.lost(request, err)
		}
		line = strings.TrimRight(line, "\r\n")
		if text, ok := strings.CutPrefix(line, "error "); ok {
			return "", fmt.Errorf("%s: %s", request, text)
		}
		if text, ok := strings.CutPrefix(line, "ok"); ok {
			return strings.TrimSpace(text), nil
		} // anything else is a library that talks
	}
}

// lostError is a worker that is there no more.
type lostError struct{ text string }

func (e lostError) Error() string { return e.text }

func (w *client) lost(request string, err error) error {
	text := fmt.Sprintf("%s: the worker has ended (%v)", request, err)
	if words := strings.Join(strings.Fields(string(w.tail.text)), " "); words != "" {
		text += ": " + words[max(0, len(words)-300):]
	}
	return lostError{text}
}

// run is the seconds that n iterations take.
func (w *client) run(n int) (float64, error) { return w.number(fmt.Sprint("run ", n)) }

// peak is the most memory that the worker has had, in bytes.
func (w *client) peak() (float64, error) { return w.number("peak") }

func (w *client) number(request string) (float64, error) {
	text, err := w.ask(request)
	if err != nil {
		return 0, err
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || x < 0 {
		return 0, fmt.Errorf("%s: the worker answered %q, want a number", request, text)
	}
	return x, nil
}

// check is the results of the work.
func (w *client) check() ([][]float64, error) {
	text, err := w.ask("check")
	if err != nil {
		return nil, err
	}
	v, err := parseVectors(text)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	return v, nil
}

// difference is the largest difference of two workers' results, as a part of the largest number of the vector that it is in.
func difference(a, b [][]float64) (float64, error) {
	if len(a) != len(b) {
		return 0, fmt.Errorf("%d results against %d", len(a), len(b))
	}
	worst := 0.0
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return 0, fmt.Errorf("result %d: %d numbers against %d", i+1, len(a[i]), len(b[i]))
		}
		most, apart := 0.0, 0.0
		for j, x := range a[i] {
			y := b[i][j]
			if d := math.Abs(x - y); !(d <= math.MaxFloat64) {
				return 0, fmt.Errorf("result %d: %v against %v", i+1, x, y)
			}
			apart, most = max(apart, math.Abs(x-y)), max(most, math.Abs(x), math.Abs(y))
		}
		if most > 0 {
			worst = max(worst, apart/most)
		}
	}
	return worst, nil
}
