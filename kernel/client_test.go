package kernel

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"go.uber.org/goleak"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake evaluates cells that are names of functions.
type fake struct {
	t      testing.TB
	screen session.Screen
	input  Input
	cells  map[string]func(ctx context.Context, cell int) session.Result
}

func (f *fake) Run(ctx context.Context, cell int, src string) session.Result {
	if run := f.cells[src]; run != nil {
		return run(ctx, cell)
	}
	if text, ok := strings.CutPrefix(src, "print "); ok {
		f.screen.Stream(cell, "stdout", []byte(text))
		return session.Result{}
	}
	if text, ok := strings.CutPrefix(src, "value "); ok {
		return session.Result{Value: map[string]any{"text/plain": text}}
	}
	switch src {
	case "fail":
		return session.Result{Failure: &session.Failure{Name: "panic", Text: "it failed", Cell: cell, Line: 1}}
	case "fatal":
		m := map[int]int{}
		for range 4 {
			go func() {
				for {
					m[1]++
				}
			}()
		}
		<-ctx.Done()
	case "loop":
		f.screen.Stream(cell, "stdout", []byte("looping\n"))
		<-ctx.Done()
		return session.Result{Failure: &session.Failure{Name: "interrupted", Text: "the cell was interrupted"}}
	}
	return session.Result{}
}

func (f *fake) Eval(_ context.Context, expr string) (map[string]any, *session.Failure) {
	if expr == "bad" {
		return nil, &session.Failure{Name: "compile error", Text: "undefined: bad"}
	}
	return map[string]any{"text/plain": "<" + expr + ">"}, nil
}

func (f *fake) Complete(src string, cursor int) Completion {
	runes := []rune(src)
	return Completion{cursor - 1, cursor, []CompletionItem{{Text: string(runes[cursor-1]) + "rintln", Kind: "function", Signature: "func(a ...any)"}}}
}

func (f *fake) Inspect(src string, cursor, detail int) (map[string]any, bool) {
	if src != "known" {
		return nil, false
	}
	return map[string]any{"text/plain": "help of known", "detail/level": detail, "cursor/at": cursor}, true
}

// tester is a kernel, and a client of its five channels.
type tester struct {
	testing.TB
	server  *Server
	fake    *fake
	ended   chan error
	codec   *wire.Codec
	source  *wire.Source
	shell   *link
	control *link
	iopub   *link
	stdin   *link
	busy    map[string]bool // headers of requests that were busy
}

// link is one ZMTP connection.
type link struct {
	*tester
	raw  net.Conn
	conn *zmq4.Conn
}

// message is a received message.
type message struct {
	wire.Message
	content map[string]any
}

const key = "the key"

// connection makes a connection file's content for unix sockets, which need no free ports.
func connection(t testing.TB) *wire.Connection {
	dir, err := os.MkdirTemp("", "kernel") // t.TempDir is too long for the path of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := &wire.Connection{Transport: "ipc", IP: filepath.Join(dir, "k"), Key: key}
	for ch := range wire.Channels {
		c.Ports[ch] = int(ch) + 1
	}
	return c
}

// begin serves a kernel until the test ends, and connects a client.
func begin(t testing.TB, o Options) *tester {
	t.Helper()
	f := &fake{t: t, cells: map[string]func(context.Context, int) session.Result{}}
	if o.Start == nil {
		o.Start = func(screen session.Screen, input Input) (Evaluator, Assistant, error) {
			f.screen, f.input = screen, input
			return f, f, nil
		}
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	s, err := New(connection(t), o)
	if err != nil {
		t.Fatal(err)
	}
	x := &tester{TB: t, server: s, fake: f, ended: make(chan error, 1), codec: wire.NewCodec(key), source: wire.NewSource("tester"), busy: map[string]bool{}}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() {
		defer close(served)
		x.ended <- s.Serve(ctx)
	}()
	t.Cleanup(func() { cancel(); <-served })
	x.connect("client")
	return x
}

// connect makes a client's links.
func (x *tester) connect(id string) {
	x.Helper()
	x.iopub = x.link(wire.IOPub, zmq4.Sub, "")
	x.iopub.conn.SendMsg(zmq4.NewMsgString("\x01"))
	x.iopub.expect("iopub_welcome")
	x.shell = x.link(wire.Shell, zmq4.Dealer, id)
	x.control = x.link(wire.Control, zmq4.Dealer, id)
	x.stdin = x.link(wire.Stdin, zmq4.Dealer, id)
}

func (x *tester) link(ch wire.Channel, kind zmq4.SocketType, id string) *link {
	x.Helper()
	network, address := x.server.connection.Address(ch)
	raw, err := net.Dial(network, address)
	if err != nil {
		x.Fatal(err)
	}
	x.Cleanup(func() { raw.Close() })
	raw.SetReadDeadline(time.Now().Add(time.Minute)) // so that a failing test ends
	conn, err := zmq4.Open(raw, security{}, kind, zmq4.SocketIdentity(id), false, nil)
	if err != nil {
		x.Fatal(err)
	}
	return &link{x, raw, conn}
}

// security is ZMTP's NULL mechanism for clients.
type security struct{}

func (security) Type() zmq4.SecurityType { return zmq4.NullSecurity }
func (security) Handshake(c *zmq4.Conn, _ bool) error {
	var body []byte
	for name, value := range c.Meta {
		body = append(append(body, byte(len(name))), name...)
		body = append(binary.BigEndian.AppendUint32(body, uint32(len(value))), value...)
	}
	if err := c.SendCmd(zmq4.CmdReady, body); err != nil {
		return err
	}
	cmd, err := c.RecvCmd()
	if err != nil {
		return err
	}
	return c.Peer.Meta.UnmarshalZMTP(cmd.Body)
}
func (security) Encrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }
func (security) Decrypt(w io.Writer, data []byte) (int, error) { return w.Write(data) }

// send sends a request with content and returns its header.
func (l *link) send(kind, content string) []byte {
	l.Helper()
	header := l.source.Header(kind)
	l.sendFrames(l.codec.Encode(nil, header, nil, nil, []byte(content)))
	return header
}

func (l *link) sendFrames(frames [][]byte) {
	l.Helper()
	if err := l.conn.SendMsg(zmq4.NewMsgFrom(frames...)); err != nil {
		l.Fatal(err)
	}
}

// receive reads the next message.
func (l *link) receive() message {
	l.Helper()
	m, err := l.conn.RecvMsg()
	if err != nil {
		l.Fatal(err)
	}
	d, err := l.codec.Decode(m.Frames)
	if err != nil {
		l.Fatalf("%q: %v", m.Frames, err)
	}
	got := message{Message: *d}
	if err := json.Unmarshal(d.Content, &got.content); err != nil {
		l.Fatal(err)
	}
	switch got.content["execution_state"] {
	case "starting": // comes to who subscribes early enough
		return l.receive()
	case "busy":
		l.busy[string(got.Parent)] = true
	}
	return got
}

// expect reads the next message, which is of that type.
func (l *link) expect(kind string) message {
	l.Helper()
	m := l.receive()
	if m.Header.Type != kind {
		l.Fatalf("received %s %s, want %s", m.Header.Type, m.Content, kind)
	}
	return m
}

// quiet fails if a message comes.
func (l *link) quiet() {
	l.Helper()
	l.raw.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	m, err := l.conn.RecvMsg()
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		l.Fatalf("received %q, %v: want nothing", m.Frames, err)
	}
	l.raw.SetReadDeadline(time.Now().Add(time.Minute))
}

// until reads iopub up to the idle of the request with that header. It returns the messages of the request, as "type content" and
// without busy, idle and execute_input.
func (x *tester) until(header []byte) []string {
	x.Helper()
	var got []string
	for {
		m := x.iopub.receive()
		if string(m.Parent) != string(header) {
			continue
		}
		switch {
		case m.content["execution_state"] == "busy":
		case m.content["execution_state"] == "idle":
			if !x.busy[string(header)] {
				x.Error("idle without busy")
			}
			return got
		case m.Header.Type != "execute_input":
			got = append(got, m.Header.Type+" "+string(m.Content))
		}
	}
}

// execute runs a cell and returns its reply and what was published for it.
func (x *tester) execute(code string, options ...string) (message, []string) {
	x.Helper()
	h := x.shell.send("execute_request", cellRequest(code, options...))
	reply := x.shell.expect("execute_reply")
	if string(reply.Parent) != string(h) {
		x.Fatalf("reply has the parent %s, want %s", reply.Parent, h)
	}
	return reply, x.until(h)
}

// cellRequest is the content of an execute_request, with more fields as JSON.
func cellRequest(code string, fields ...string) string {
	b := append(wire.AppendString([]byte(`{"code":`), code), ',')
	for _, f := range fields {
		b = append(append(b, f...), ',')
	}
	b[len(b)-1] = '}'
	return string(b)
}

// buffer is a log that a test reads.
type buffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
