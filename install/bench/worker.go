package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/eager/probe"
	"github.com/tapir-go/tapir/kernel/session"
)

// Cells is a notebook's session: session.Session is one.
type Cells interface {
	Run(ctx context.Context, cell int, src string) session.Result
}

// work is what is measured.
type work struct {
	step  func()                      // one iteration
	check func() ([][]float32, error) // results, from the start on; nil: there are none to compare
	loop  func(n int) error           // n iterations; nil: n steps
}

// Serve is Tapir's worker: it answers requests until in ends, as worker.py does. cells starts a notebook's session, for the work
// that is done in cells.
func Serve(in io.Reader, out io.Writer, version string, cells func() (Cells, error)) error {
	w := worker{version: version, cells: cells, made: map[string]*work{}}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		text, err := w.answer(lines.Text())
		if err != nil {
			text = "error " + strings.Join(strings.Fields(err.Error()), " ")
		} else {
			text = strings.TrimSpace("ok " + text)
		}
		if _, err := fmt.Fprintln(out, text); err != nil {
			return fmt.Errorf("answering: %w", err)
		}
	}
	return lines.Err()
}

type worker struct {
	version string
	cells   func() (Cells, error)
	made    map[string]*work
	work    *work // the one that was asked for last
}

func (w *worker) answer(request string) (text string, err error) {
	verb, rest, _ := strings.Cut(request, " ")
	if verb == "info" {
		return "Tapir " + w.version + ", kernels " + probe.Level(), nil
	}
	if verb == "peak" {
		bytes, err := peakMemory()
		return strconv.FormatInt(bytes, 10), err
	}
	if verb == "make" {
		if w.work = w.made[rest]; w.work != nil {
			return "", nil
		}
		caught := eager.Try(func() { w.work, err = w.make(rest) })
		if err = errors.Join(caught, err); err == nil {
			w.made[rest] = w.work
		}
		return "", err
	}
	if verb == "clear" {
		clear(w.made)
		w.work = nil
		return "", nil
	}
	if w.work == nil {
		return "", fmt.Errorf("%q comes before make", verb)
	}
	switch verb {
	case "check":
		if w.work.check == nil {
			return "", nil
		}
		var vectors [][]float32
		caught := eager.Try(func() { vectors, err = w.work.check() })
		return vectorText(vectors), errors.Join(caught, err)
	case "run":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 1 {
			return "", fmt.Errorf("run %q: want a number of iterations", rest)
		}
		var seconds float64
		caught := eager.Try(func() { seconds, err = w.work.run(n) })
		return strconv.FormatFloat(seconds, 'g', -1, 64), errors.Join(caught, err)
	}
	return "", fmt.Errorf("unknown request %q", request)
}

func (w *work) run(n int) (seconds float64, err error) {
	start := time.Now()
	if w.loop != nil {
		err = w.loop(n)
	} else {
		for range n {
			w.step()
		}
	}
	return time.Since(start).Seconds(), err
}

// make makes the work of a name, such as "sgemm 256 256 256". "scope:" before it does each iteration in an eager.Scope.
func (w *worker) make(name string) (*work, error) {
	inner, scoped := strings.CutPrefix(name, "scope:")
	if inner == "cell" {
		return cellWork(w.cells)
	}
	fields := strings.Fields(inner)
	if len(fields) == 0 {
		return nil, errors.New("make: of what?")
	}
	var args []int
	for _, f := range fields[1:] {
		n, err := strconv.Atoi(f)
		if err != nil {
			return nil, fmt.Errorf("make %s: %q is no number", name, f)
		}
		args = append(args, n)
	}
	maker, known := makers[fields[0]]
	if !known {
		return nil, fmt.Errorf("there is no work %q", fields[0])
	}
	if len(args) != maker.args && maker.args >= 0 {
		return nil, fmt.Errorf("make %s: %d numbers, want %d", name, len(args), maker.args)
	}
	made := maker.make(args)
	if scoped {
		step := made.step
		made.step = func() { eager.Scope(step) }
	}
	return made, nil
}

// vectorText is vectors as workers answer them.
func vectorText(vectors [][]float32) string {
	var b []byte
	for i, v := range vectors {
		if i > 0 {
			b = append(b, " ; "...)
		}
		for j, x := range v {
			if j > 0 {
				b = append(b, ' ')
			}
			b = strconv.AppendFloat(b, float64(x), 'g', -1, 64)
		}
	}
	return string(b)
}

// parseVectors is vectorText's inverse.
func parseVectors(text string) (vectors [][]float64, err error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ";") {
		var v []float64
		for f := range strings.FieldsSeq(part) {
			x, err := strconv.ParseFloat(f, 64)
			if err != nil {
				return nil, fmt.Errorf("%q is no number", f)
			}
			v = append(v, x)
		}
		vectors = append(vectors, v)
	}
	return vectors, nil
}

// sample is at most some 1000 numbers of a result, evenly spaced.
func sample(x *eager.Tensor) []float32 {
	all := x.Float32s()
	step := max(1, len(all)/1000)
	var some []float32
	for i := 0; i < len(all); i += step {
		some = append(some, all[i])
	}
	return some
}
