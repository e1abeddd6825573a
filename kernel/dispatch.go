package kernel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/wire"
)

// handler answers one type of request. A nil content means that the type has no reply.
type handler func(s *Server, r *request) (content []byte, err error)

// handlers are the requests that are answered alike on shell and control, without the session.
var handlers = map[string]handler{
	"kernel_info_request": func(s *Server, _ *request) ([]byte, error) { return s.info, nil },
	"is_complete_request": (*Server).isComplete,
	"history_request":     (*Server).historyReply,
	"comm_info_request":   (*Server).commInfo,
	"connect_request":     (*Server).connect,
	"interrupt_request":   func(s *Server, _ *request) ([]byte, error) { s.Interrupt(); return statusOK, nil },
	"comm_open":           (*Server).commOpen,
	"comm_msg":            ignore,
	"comm_close":          ignore,
}

// sessionHandlers are the requests that need the session, and are handled one at a time.
var sessionHandlers = map[string]handler{
	"complete_request": (*Server).complete,
	"inspect_request":  (*Server).inspect,
}

var statusOK = []byte(`{"status":"ok"}`)

func ignore(*Server, *request) ([]byte, error) { return nil, nil }

// serveShell handles the requests of shell in order, until the queue is closed.
func (s *Server) serveShell() {
	for r := s.shellQueue.pop(); r != nil; r = s.shellQueue.pop() {
		s.handle(r)
		if r.after != nil {
			r.after()
		}
	}
}

// serveControl handles the requests of control at once, but for those that need the session.
func (s *Server) serveControl() {
	for r := s.controlQueue.pop(); r != nil; r = s.controlQueue.pop() {
		if r.Header.Type == "execute_request" || sessionHandlers[r.Header.Type] != nil {
			s.shellQueue.pass(r)
			continue
		}
		r.urgent = true
		s.handle(r)
	}
}

// handle answers one request, between a busy and an idle. Nothing that a request does ends the kernel.
func (s *Server) handle(r *request) {
	s.status(r, statusBusy)
	defer func() {
		s.status(r, statusIdle)
		s.out.limit.reset()
	}()
	defer func() {
		if p := recover(); p != nil {
			s.log.printf("internal error in %s: %v\n%s", r.Header.Type, p, debug.Stack())
			s.refuse(r, &session.Failure{Name: "internal error", Text: fmt.Sprint(p)})
		}
	}()
	switch r.Header.Type {
	case "execute_request":
		s.execute(r)
		return
	case "shutdown_request":
		s.shutdown(r)
		return
	}
	h := handlers[r.Header.Type]
	if h == nil {
		h = sessionHandlers[r.Header.Type]
	}
	if h == nil {
		if strings.HasSuffix(r.Header.Type, "_request") {
			s.refuse(r, &session.Failure{Name: "unknown request", Text: fmt.Sprintf("this kernel does not know %q", r.Header.Type)})
		}
		return
	}
	content, err := h(s, r)
	if err != nil {
		s.refuse(r, &session.Failure{Name: "bad request", Text: err.Error()})
		return
	}
	if content != nil {
		s.reply(r, nil, content)
	}
}

// status publishes a state. What is urgent does not wait for a cell's output to be written out first.
func (s *Server) status(r *request, content []byte) {
	if r.urgent {
		s.out.publishNow(r.RawHeader, "status", content)
		return
	}
	s.out.publish(r.RawHeader, "status", content)
}

// reply answers r on the connection that it came from.
func (s *Server) reply(r *request, metadata, content []byte) {
	kind := strings.TrimSuffix(r.Header.Type, "_request") + "_reply"
	r.peer.Send(s.codec.Encode(r.Identities, s.source.Header(kind), r.RawHeader, metadata, content))
}

// refuse answers r with a failure.
func (s *Server) refuse(r *request, f *session.Failure) {
	s.reply(r, nil, appendFailure([]byte(`{"status":"error",`), f, '}'))
}

// appendFailure appends the fields that errors have in common, and end.
func appendFailure(b []byte, f *session.Failure, end byte) []byte {
	b = wire.AppendString(append(b, `"ename":`...), f.Name)
	b = wire.AppendString(append(b, `,"evalue":`...), f.Text)
	b = append(b, `,"traceback":[`...)
	for i, line := range f.Traceback() {
		if i > 0 {
			b = append(b, ',')
		}
		b = wire.AppendString(b, line)
	}
	return append(b, ']', end)
}

// shutdown answers a shutdown_request, tells it to all clients, and ends the kernel.
func (s *Server) shutdown(r *request) {
	var c struct {
		Restart bool `json:"restart"`
	}
	if err := r.Unmarshal(&c); err != nil {
		s.refuse(r, &session.Failure{Name: "bad request", Text: err.Error()})
		return
	}
	content := fmt.Appendf(nil, `{"status":"ok","restart":%t}`, c.Restart)
	s.reply(r, nil, content)
	s.out.publishNow(r.RawHeader, "shutdown_reply", content)
	s.Shutdown()
}

// connect answers the deprecated connect_request.
func (s *Server) connect(*request) ([]byte, error) {
	ports := map[string]any{"status": "ok"}
	for ch := range wire.Channels {
		ports[ch.String()+"_port"] = s.connection.Ports[ch]
	}
	return marshal(ports), nil
}

// commInfo answers comm_info_request: the kernel has no comms.
func (s *Server) commInfo(*request) ([]byte, error) {
	return []byte(`{"status":"ok","comms":{}}`), nil
}

// commOpen closes a comm that a client opens: there is no target here that it could be for.
func (s *Server) commOpen(r *request) ([]byte, error) {
	var c struct {
		ID string `json:"comm_id"`
	}
	if err := r.Unmarshal(&c); err != nil {
		return nil, err
	}
	s.out.publish(r.RawHeader, "comm_close", append(wire.AppendString([]byte(`{"data":{},"comm_id":`), c.ID), '}'))
	return nil, nil
}

func (s *Server) isComplete(r *request) ([]byte, error) {
	var c struct {
		Code string `json:"code"`
	}
	if err := r.Unmarshal(&c); err != nil {
		return nil, err
	}
	status, indent := session.IsComplete(c.Code)
	reply := map[string]string{"status": status}
	if status == "incomplete" {
		reply["indent"] = indent
	}
	return marshal(reply), nil
}

// position reads the code and cursor of a request; without cursor_pos the cursor is at the end.
func position(r *request) (code string, cursor, detail int, err error) {
	c := struct {
		Code   string `json:"code"`
		Cursor int    `json:"cursor_pos"`
		Detail int    `json:"detail_level"`
	}{Cursor: -1}
	if err := r.Unmarshal(&c); err != nil {
		return "", 0, 0, err
	}
	n := utf8.RuneCountInString(c.Code)
	if c.Cursor < 0 || c.Cursor > n {
		c.Cursor = n
	}
	return c.Code, c.Cursor, c.Detail, nil
}

// completionType is an entry of the metadata that JupyterLab shows beside a completion.
type completionType struct {
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Text      string `json:"text"`
	Type      string `json:"type"`
	Signature string `json:"signature,omitempty"`
}

func (s *Server) complete(r *request) ([]byte, error) {
	code, cursor, _, err := position(r)
	if err != nil {
		return nil, err
	}
	c := Completion{Start: cursor, End: cursor}
	if a := s.assist(); a != nil {
		c = a.Complete(code, cursor)
	}
	matches := make([]string, len(c.Items))
	types := make([]completionType, len(c.Items))
	for i, item := range c.Items {
		matches[i] = item.Text
		types[i] = completionType{c.Start, c.End, item.Text, item.Kind, item.Signature}
	}
	return marshal(map[string]any{
		"status": "ok", "matches": matches, "cursor_start": c.Start, "cursor_end": c.End,
		"metadata": map[string]any{"_jupyter_types_experimental": types},
	}), nil
}

func (s *Server) inspect(r *request) ([]byte, error) {
	code, cursor, detail, err := position(r)
	if err != nil {
		return nil, err
	}
	var bundle map[string]any
	found := false
	if a := s.assist(); a != nil {
		bundle, found = a.Inspect(code, cursor, detail)
	}
	b := fmt.Appendf(nil, `{"status":"ok","found":%t,"metadata":{},"data":`, found)
	return append(appendBundle(b, bundle), '}'), nil
}

// assist waits for the assistant; nil when there is none.
func (s *Server) assist() Assistant {
	select {
	case <-s.started:
		return s.assistant
	case <-s.stop:
		return nil
	}
}

// marshal is json.Marshal without the escapes that HTML wants.
func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("internal error: %T does not marshal: %v", v, err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
