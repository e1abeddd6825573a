package socket

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is a ZMTP peer whose every byte the test decides.
type client struct {
	t    testing.TB
	raw  net.Conn
	conn *zmq4.Conn
}

func (c *client) send(frames ...string) {
	c.t.Helper()
	k := pack(bytesOf(frames))
	var all []byte
	for _, part := range k.parts {
		all = append(all, part...)
	}
	c.write(all)
}

func (c *client) write(b []byte) {
	c.t.Helper()
	if _, err := c.raw.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) receive() string {
	c.t.Helper()
	m, err := c.conn.RecvMsg()
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.Join(stringsOf(m.Frames), "|")
}

func (c *client) wants(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if got := c.receive(); got != w {
			c.t.Fatalf("received %.200q, want %.200q", got, w)
		}
	}
}

// ends fails unless the socket closes the connection.
func (c *client) ends() {
	c.t.Helper()
	for {
		_, err := c.conn.RecvMsg()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.t.Fatal("the connection is still open")
		}
		if err != nil {
			return
		}
	}
}

func bytesOf(frames []string) [][]byte {
	b := make([][]byte, len(frames))
	for i, f := range frames {
		b[i] = []byte(f)
	}
	return b
}

func stringsOf(frames [][]byte) []string {
	s := make([]string, len(frames))
	for i, f := range frames {
		s[i] = string(f)
	}
	return s
}

// dial connects and sends nothing.
func dial(t testing.TB, a net.Addr) net.Conn {
	t.Helper()
	raw, err := net.Dial(a.Network(), a.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	return raw
}

// connect opens a connection as kind with an identity.
func connect(t testing.TB, a net.Addr, kind zmq4.SocketType, id string) *client {
	t.Helper()
	raw := dial(t, a)
	raw.SetReadDeadline(time.Now().Add(time.Minute)) // so that a failing test ends
	conn, err := zmq4.Open(raw, null{}, kind, zmq4.SocketIdentity(id), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, raw: raw, conn: conn}
}

type listener interface {
	Listen(network, address string) error
	Serve()
	Close(time.Duration)
}

// start binds s to a free port, or to a unix socket, until the test ends.
func start[S listener](t testing.TB, s S, network string) S {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "k-1")
	}
	if err := s.Listen(network, address); err != nil {
		t.Fatal(err)
	}
	s.Serve()
	t.Cleanup(func() { s.Close(0) })
	return s
}

// echo answers every message with itself and trusts who says "trust".
func echo(p *Peer, frames [][]byte) {
	if string(frames[0]) == "trust" {
		p.Trust()
	}
	p.Send(frames)
}

// eventually waits for a condition that other goroutines bring about.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for range 1000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}
