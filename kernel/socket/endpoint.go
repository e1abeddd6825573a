package socket

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
)

// endpoint is what the sockets have in common: a listener and a table of connections.
type endpoint struct {
	kind    zmq4.SocketType
	limits  Limits
	evict   bool // close an old connection, not the new one, when there are too many
	message func(*Peer, [][]byte)

	listener net.Listener
	count    counters
	all      sync.WaitGroup // accept loop, readers, writers

	mu      sync.Mutex
	closed  bool
	arrived uint64
	opening map[net.Conn]uint64 // connections before the end of their handshake, by arrival
	peers   map[string]*Peer    // by identity

	roomMu sync.Mutex
	room   chan struct{} // closed when a queue was written; nil when nobody waits
}

// Listen binds the socket: network "tcp" or "unix". Connections are accepted once Serve is called. The path of a unix
// socket that nobody listens on any more is removed first; the new one is for this user alone.
func (e *endpoint) Listen(network, address string) error {
	l, err := net.Listen(network, address)
	if network == "unix" && errors.Is(err, syscall.EADDRINUSE) && stale(address) {
		if err := os.Remove(address); err != nil {
			return fmt.Errorf("remove the socket that an earlier process left: %w", err)
		}
		l, err = net.Listen(network, address)
	}
	if err != nil {
		return err
	}
	if network == "unix" {
		if err := os.Chmod(address, 0o600); err != nil {
			l.Close()
			return err
		}
	}
	e.listener = l
	return nil
}

// stale says whether path is a unix socket on which nobody listens.
func stale(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return false
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
		return false
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// Addr is where the socket listens.
func (e *endpoint) Addr() net.Addr { return e.listener.Addr() }

// Stats counts what happened so far.
func (e *endpoint) Stats() Stats { return e.count.stats() }

// Serve begins to accept connections and returns at once.
func (e *endpoint) Serve() {
	e.all.Go(func() {
		for {
			c, err := e.listener.Accept()
			if err == nil {
				e.accept(c)
				continue
			}
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(50 * time.Millisecond) // out of file descriptors: some will be closed
		}
	})
}

// accept starts the handshake of c.
func (e *endpoint) accept(c net.Conn) {
	e.count.accepted.Add(1)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		c.Close()
		return
	}
	if len(e.opening) >= e.limits.Opening {
		var oldest net.Conn
		for o, n := range e.opening {
			if oldest == nil || n < e.opening[oldest] {
				oldest = o
			}
		}
		e.count.refused.Add(1)
		delete(e.opening, oldest)
		oldest.Close()
	}
	e.arrived++
	number := e.arrived
	e.opening[c] = number
	e.all.Go(func() {
		c.SetDeadline(time.Now().Add(e.limits.Handshake))
		g := newGuard(c, handshakeBytes)
		conn, err := open(g, e.kind)
		e.mu.Lock()
		delete(e.opening, c)
		e.mu.Unlock()
		if err != nil {
			e.count.unopened.Add(1)
			c.Close()
			return
		}
		c.SetDeadline(time.Time{})
		g.opened = true
		g.limit.Store(e.limits.Small)
		g.timeout.Store(int64(e.limits.Handshake))
		p := &Peer{end: e, conn: conn, guard: g, queue: newQueue(&e.limits), number: number,
			written: make(chan struct{}), gone: make(chan struct{}), topics: map[string]int{}}
		p.id = conn.Peer.Meta[identity]
		if p.id == "" || p.id[0] == 0 {
			p.id = fmt.Sprintf("\x00%d", number) // as libzmq makes them up; no peer chooses one
		}
		e.serve(p)
	})
}

// handshakeBytes is how long a READY command may be.
const handshakeBytes = 8 << 10

// open does the ZMTP handshake. A panic of zmq4 about bytes of the peer is an error.
func open(g *guard, kind zmq4.SocketType) (conn *zmq4.Conn, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errViolation, r)
		}
	}()
	return zmq4.Open(g, null{}, kind, nil, true, nil)
}

// serve enters p into the table, where it takes the place of a connection with its identity, and reads from it until it ends.
func (e *endpoint) serve(p *Peer) {
	defer close(p.gone)
	if !e.enter(p) {
		p.drop(&e.count.refused)
		return
	}
	e.all.Go(p.write)
	p.read()
	p.drop(nil)
	<-p.written
	e.mu.Lock()
	if e.peers[p.id] == p {
		delete(e.peers, p.id)
	}
	e.mu.Unlock()
	e.hasRoom()
}

func (e *endpoint) enter(p *Peer) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	if old := e.peers[p.id]; old != nil {
		old.drop(&e.count.replaced)
	} else if len(e.peers) >= e.limits.Peers {
		var oldest *Peer
		if e.evict {
			for _, o := range e.peers {
				if !o.trusted.Load() && (oldest == nil || o.number < oldest.number) {
					oldest = o
				}
			}
		}
		if oldest == nil {
			return false
		}
		oldest.drop(&e.count.refused)
		delete(e.peers, oldest.id)
	}
	e.peers[p.id] = p
	return true
}

// lookup returns the peer with the identity, or nil.
func (e *endpoint) lookup(identity string) *Peer {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.peers[identity]
}

func (e *endpoint) hasRoom() {
	e.roomMu.Lock()
	if e.room != nil {
		close(e.room)
		e.room = nil
	}
	e.roomMu.Unlock()
}

// waitForRoom returns a channel that is closed when a queue was written or a peer left.
func (e *endpoint) waitForRoom() <-chan struct{} {
	e.roomMu.Lock()
	defer e.roomMu.Unlock()
	if e.room == nil {
		e.room = make(chan struct{})
	}
	return e.room
}

// Close stops listening, waits up to linger for what is queued to be written and for the peers to hang up, and then ends all
// connections. When it returns, no goroutine of the socket is left.
func (e *endpoint) Close(linger time.Duration) {
	if e.listener != nil {
		e.listener.Close()
	}
	e.mu.Lock()
	e.closed = true
	for c := range e.opening {
		c.Close()
	}
	peers := make([]*Peer, 0, len(e.peers))
	for _, p := range e.peers {
		peers = append(peers, p)
	}
	e.mu.Unlock()
	for _, p := range peers {
		p.queue.finish(false)
	}
	end := time.Now().Add(linger)
	for _, p := range peers {
		waitUntil(end, p.written)
	}
	// Closing a connection that has bytes unread resets it, and the peer may lose what was written: let the peer hang up.
	for _, p := range peers {
		if half, ok := p.guard.Conn.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
	}
	if soon := time.Now().Add(hangUp); soon.Before(end) {
		end = soon
	}
	for _, p := range peers {
		waitUntil(end, p.gone)
	}
	for _, p := range peers {
		p.drop(nil)
	}
	e.all.Wait()
}

// hangUp is how long a peer has to close its side after ours: libzmq does it in a millisecond.
const hangUp = 100 * time.Millisecond

func waitUntil(end time.Time, done <-chan struct{}) {
	t := time.NewTimer(time.Until(end))
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

func newEndpoint(kind zmq4.SocketType, l Limits, message func(*Peer, [][]byte)) endpoint {
	return endpoint{kind: kind, limits: l, message: message, opening: map[net.Conn]uint64{}, peers: map[string]*Peer{}}
}
