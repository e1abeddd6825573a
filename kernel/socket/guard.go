package socket

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// errViolation is wrapped by every error about bytes that no well-behaved peer sends.
var errViolation = errors.New("not acceptable as ZMTP")

const (
	greetingBytes = 64

	flagMore    = 1
	flagLong    = 2
	flagCommand = 4

	// frameCost is what a frame counts beside its bytes, so that a message of a million empty frames is a long one.
	frameCost = 64
)

// guard is the net.Conn that zmq4 reads from and writes to. It follows the frames that pass, and fails before the header of
// one that is too long reaches zmq4, which would allocate what the header says. It is used by one goroutine, but for limit.
type guard struct {
	net.Conn
	in    *bufio.Reader
	limit atomic.Int64 // bytes of one message

	// timeout is how long a message may take from its first byte on, 0 for ever. The handshake has a deadline of its own.
	timeout atomic.Int64

	greeting int   // bytes of the greeting that have not passed
	left     int64 // bytes of the frame, header included, that have not passed
	total    int64 // bytes of the message up to the end of this frame
	more     bool  // the message goes on after this frame
	timed    bool  // a read deadline is set

	opened bool   // the handshake is over
	out    []byte // what zmq4 wrote since: its answers to commands
}

func newGuard(c net.Conn, limit int64) *guard {
	g := &guard{Conn: c, in: bufio.NewReaderSize(c, 16<<10), greeting: greetingBytes}
	g.limit.Store(limit)
	return g
}

// Read hands on at most the rest of the greeting or of one frame.
func (g *guard) Read(p []byte) (int, error) {
	if g.greeting > 0 {
		n, err := g.in.Read(p[:min(len(p), g.greeting)])
		g.greeting -= n
		return n, err
	}
	if g.left == 0 {
		if err := g.frame(); err != nil {
			return 0, err
		}
	}
	n, err := g.in.Read(p[:min(int64(len(p)), g.left)])
	g.left -= int64(n)
	if g.left == 0 && !g.more {
		g.total = 0
		if g.timed {
			g.timed = false
			g.Conn.SetReadDeadline(time.Time{})
		}
	}
	return n, err
}

// frame looks at the header of the next frame.
func (g *guard) frame() error {
	first := g.total == 0
	if _, err := g.in.Peek(1); err != nil {
		return err
	}
	if first && g.opened {
		if t := time.Duration(g.timeout.Load()); t > 0 {
			g.timed = true
			g.Conn.SetReadDeadline(time.Now().Add(t))
		}
	}
	head, err := g.in.Peek(2)
	if err != nil {
		return err
	}
	flags, size, length := head[0], uint64(head[1]), int64(2)
	if flags&flagLong != 0 {
		if head, err = g.in.Peek(9); err != nil {
			return err
		}
		size, length = binary.BigEndian.Uint64(head[1:]), 9
	}
	limit := g.limit.Load()
	switch {
	case flags&^(flagMore|flagLong|flagCommand) != 0:
		return fmt.Errorf("%w: frame has flags %#x", errViolation, flags)
	case flags&flagCommand != 0 && (flags&flagMore != 0 || !first || size == 0):
		return fmt.Errorf("%w: command is empty or part of a message", errViolation)
	case size > uint64(limit) || g.total+int64(size) > limit:
		return fmt.Errorf("%w: message of more than %d bytes", errViolation, limit)
	}
	g.total += int64(size) + frameCost
	g.left = length + int64(size)
	g.more = flags&flagMore != 0
	return nil
}

// Write passes the handshake through. Later it keeps the bytes in out: then another goroutine writes to the connection.
func (g *guard) Write(p []byte) (int, error) {
	if !g.opened {
		return g.Conn.Write(p)
	}
	g.out = append(g.out, p...)
	return len(p), nil
}
