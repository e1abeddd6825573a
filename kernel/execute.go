package kernel

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/wire"
)

// execution is the content of an execute_request.
type execution struct {
	Code        string            `json:"code"`
	Silent      bool              `json:"silent"`
	Store       *bool             `json:"store_history"`
	Expressions map[string]string `json:"user_expressions"`
	AllowStdin  bool              `json:"allow_stdin"`
	StopOnError bool              `json:"stop_on_error"`
}

// run is a cell that runs.
type run struct {
	request    *request
	allowStdin bool
	cancel     context.CancelFunc
}

// arriving is how long a failed cell's reply waits for the requests that were sent together with the cell's and are still in
// the buffers of the system: they are to be aborted.
const arriving = 2 * time.Millisecond

// execute runs the cell of r and answers it.
func (s *Server) execute(r *request) {
	if r.sequence <= s.aborted {
		s.reply(r, nil, fmt.Appendf(nil, `{"status":"aborted","execution_count":%d,"payload":[],"user_expressions":{}}`, s.count))
		return
	}
	begin := time.Now()
	e := execution{StopOnError: true}
	if err := r.Unmarshal(&e); err != nil {
		s.refuse(r, &session.Failure{Name: "bad request", Text: err.Error()})
		return
	}
	blank := strings.TrimSpace(e.Code) == ""
	store := !e.Silent && !blank && (e.Store == nil || *e.Store)
	cell := s.count + 1
	if store {
		s.count = cell
	}
	if !e.Silent {
		b := wire.AppendString([]byte(`{"code":`), e.Code)
		s.out.publish(r.RawHeader, "execute_input", fmt.Appendf(b, `,"execution_count":%d}`, cell))
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.begin(&run{r, e.AllowStdin, cancel})
	s.out.begin(ctx, cell, r.RawHeader, e.Silent)
	if !e.Silent {
		if text := s.crash.take(); text != "" {
			s.out.publish(r.RawHeader, "stream", append(wire.AppendString([]byte(`{"name":"stderr","text":`), text), '}'))
		}
	}
	var result session.Result
	payload := []byte("[]")
	if page := s.page(e.Code); page != nil {
		payload = page
	} else if !blank {
		s.crash.begin(cell, e.Code)
		result = s.evaluate(ctx, cell, e.Code)
		s.crash.end()
	}
	expressions := []byte("{}")
	if result.Failure == nil {
		expressions = s.expressions(ctx, e.Expressions)
	}
	s.begin(nil)
	s.out.end()

	if !e.Silent {
		s.publishResult(r, cell, result)
	}
	reply := make([]byte, 0, 256)
	status := "ok"
	if result.Failure != nil {
		status = "error"
	}
	reply = fmt.Appendf(reply, `{"status":"%s","execution_count":%d,"payload":%s,"user_expressions":%s`, status, s.count, payload, expressions)
	if f := result.Failure; f != nil {
		reply = appendFailure(append(reply, ','), f, '}')
		if e.StopOnError {
			time.Sleep(arriving)
			s.aborted = s.shellQueue.last()
		}
	} else {
		reply = append(reply, '}')
	}
	metadata := append([]byte(`{"started":"`), begin.UTC().Format("2006-01-02T15:04:05.000000Z")...)
	metadata = append(metadata, `","dependencies_met":true,"status":"`...)
	s.reply(r, append(append(metadata, status...), `"}`...), reply)
	if store {
		text, _ := result.Value["text/plain"].(string)
		r.after = func() { s.history.add(cell, e.Code, text) }
	}
}

// begin notes which cell runs; nil is none.
func (s *Server) begin(r *run) {
	s.mu.Lock()
	s.current = r
	s.mu.Unlock()
	select {
	case <-s.stop: // Serve may have interrupted the cell before this one
		if r != nil {
			r.cancel()
		}
	default:
	}
}

// evaluate runs a cell. A panic of the evaluator is the cell's failure.
func (s *Server) evaluate(ctx context.Context, cell int, src string) (result session.Result) {
	defer func() {
		if p := recover(); p != nil {
			result = session.Result{Failure: &session.Failure{Name: "internal error", Text: fmt.Sprint(p), Cell: cell}}
		}
	}()
	ev, failure := s.session(ctx)
	if failure != nil {
		return session.Result{Failure: failure}
	}
	return ev.Run(ctx, cell, src)
}

// publishResult shows the value of a cell, or why it failed.
func (s *Server) publishResult(r *request, cell int, result session.Result) {
	switch {
	case result.Failure != nil:
		s.out.publish(r.RawHeader, "error", appendFailure([]byte{'{'}, result.Failure, '}'))
	case result.Value != nil:
		b := appendBundle([]byte(`{"metadata":{},"data":`), result.Value)
		s.out.publish(r.RawHeader, "execute_result", fmt.Appendf(b, `,"execution_count":%d}`, cell))
	}
}

// expressions evaluates the user_expressions of a request.
func (s *Server) expressions(ctx context.Context, exprs map[string]string) []byte {
	if len(exprs) == 0 {
		return []byte("{}")
	}
	b := []byte{'{'}
	for _, name := range sortedKeys(exprs) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(wire.AppendString(b, name), ':')
		value, failure := s.eval(ctx, exprs[name])
		if failure != nil {
			b = appendFailure(append(b, `{"status":"error",`...), failure, '}')
			continue
		}
		b = append(b, `{"status":"ok","metadata":{},"data":`...)
		b = append(appendBundle(b, value), '}')
	}
	return append(b, '}')
}

func (s *Server) eval(ctx context.Context, expr string) (value map[string]any, failure *session.Failure) {
	defer func() {
		if p := recover(); p != nil {
			value, failure = nil, &session.Failure{Name: "internal error", Text: fmt.Sprint(p)}
		}
	}()
	ev, failure := s.session(ctx)
	if failure != nil {
		return nil, failure
	}
	return ev.Eval(ctx, expr)
}

// question is a whole cell that asks for help: name?, name??, ?name. It is compiled when it is needed, and not at start.
var question = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(?:(\?\??)\s*([\pL_][\pL\pN_.]*)|([\pL_][\pL\pN_.]*)\s*(\?\??))\s*$`)
})

// page is the payload that shows help, if src asks for it.
func (s *Server) page(src string) []byte {
	if !strings.Contains(src, "?") {
		return nil
	}
	m := question().FindStringSubmatch(src)
	if m == nil {
		return nil
	}
	name, marks := m[2]+m[3], m[1]+m[4]
	var bundle map[string]any
	found := false
	if a := s.assist(); a != nil {
		bundle, found = a.Inspect(name, len([]rune(name)), len(marks)-1)
	}
	if !found {
		bundle = map[string]any{"text/plain": fmt.Sprintf("%s: no such name is in scope", name)}
	}
	b := appendBundle([]byte(`[{"source":"page","start":0,"data":`), bundle)
	return append(b, `}]`...)
}
