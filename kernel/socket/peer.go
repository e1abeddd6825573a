package socket

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Peer is one connection of a socket.
type Peer struct {
	end      *endpoint
	conn     *zmq4.Conn
	guard    *guard
	queue    *queue
	id       string
	number   uint64 // by order of arrival
	trusted  atomic.Bool
	dropped  atomic.Bool
	written  chan struct{} // closed when the writer has ended
	gone     chan struct{} // closed when the peer has left the socket's table
	topics   map[string]int
	everyone bool // a subscriber to the topic "", that is to everything
}

// Identity is the peer's ZeroMQ identity, or one made up where it has none.
func (p *Peer) Identity() string { return p.id }

// Trust lets the peer send long messages. It is called when one of its messages had a valid signature.
func (p *Peer) Trust() {
	if p.trusted.CompareAndSwap(false, true) {
		p.guard.limit.Store(p.end.limits.Large)
		p.guard.timeout.Store(0)
	}
}

// Malformed counts a message of the peer that was dropped.
func (p *Peer) Malformed() { p.end.count.malformed.Add(1) }

// Gone is closed when the connection has ended.
func (p *Peer) Gone() <-chan struct{} { return p.gone }

// Send queues a message for the peer and does not wait for it. False means that the peer is gone, or is sent away because it
// does not read.
func (p *Peer) Send(frames [][]byte) bool { return p.enqueue(pack(frames)) }

func (p *Peer) enqueue(k packet) bool {
	if p.queue.add(k) {
		return true
	}
	p.queue.mu.Lock()
	stalled := p.queue.dropped
	p.queue.mu.Unlock()
	if stalled {
		p.drop(&p.end.count.stalled)
	}
	return false
}

// drop closes the connection without writing what is queued, and counts why.
func (p *Peer) drop(why *atomic.Uint64) {
	if !p.dropped.CompareAndSwap(false, true) {
		return
	}
	if why != nil {
		why.Add(1)
	}
	p.queue.finish(true)
	p.guard.Conn.Close()
}

// read hands messages to the socket until the connection ends.
func (p *Peer) read() {
	for {
		msg, err := p.conn.RecvMsg()
		if err != nil {
			if errors.Is(err, errViolation) || errors.Is(err, os.ErrDeadlineExceeded) {
				p.drop(&p.end.count.violated)
			}
			return
		}
		if len(p.guard.out) > 0 {
			p.enqueue(packet{parts: [][]byte{p.guard.out}, size: int64(len(p.guard.out)) + frameCost})
			p.guard.out = nil
		}
		if msg.Type == zmq4.UsrMsg {
			p.end.message(p, msg.Frames)
		}
	}
}

// Sizes of one write. The deadline is set anew for each, so that a long message over a slow line is not taken for a stalled peer.
const (
	writeBytes = 512 << 10
	writeParts = 256
)

// write writes the queue to the connection until the queue ends.
func (p *Peer) write() {
	defer close(p.written)
	for {
		packets := p.queue.take()
		if packets == nil {
			return
		}
		var group net.Buffers
		var size, extra int64
		for _, k := range packets {
			extra += frameCost
			for _, part := range k.parts {
				for len(part) > 0 {
					n := min(len(part), writeBytes)
					group = append(group, part[:n])
					size += int64(n)
					part = part[n:]
					if size >= writeBytes || len(group) >= writeParts {
						if !p.flush(&group, size) {
							return
						}
						size = 0
					}
				}
			}
		}
		if !p.flush(&group, size) {
			return
		}
		p.queue.wrote(extra)
		p.end.hasRoom()
	}
}

func (p *Peer) flush(group *net.Buffers, size int64) bool {
	if size == 0 {
		return true
	}
	p.guard.Conn.SetWriteDeadline(time.Now().Add(p.end.limits.Write))
	full := *group
	_, err := group.WriteTo(p.guard.Conn)
	*group = full[:0]
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			p.drop(&p.end.count.stalled)
		} else {
			p.drop(nil)
		}
		return false
	}
	p.queue.wrote(size)
	return true
}
