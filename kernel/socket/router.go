package socket

import "github.com/go-zeromq/zmq4"

// Router is a ROUTER socket: each peer has an identity, and is answered by [Peer.Send]. A peer that connects with the identity of
// another takes its place.
type Router struct{ endpoint }

// NewRouter returns a socket that is not bound yet. handle gets every message, one at a time for each peer, from the
// goroutine that reads the peer: while it does not return, the peer is not read from.
func NewRouter(l Limits, handle func(p *Peer, frames [][]byte)) *Router {
	r := &Router{newEndpoint(zmq4.Router, l.withDefaults(1<<20), handle)}
	r.evict = true
	return r
}

// Echo returns the socket of a heartbeat: it sends back every message as it came.
func Echo(l Limits) *Router {
	return &Router{newEndpoint(zmq4.Router, l.withDefaults(64<<10), func(p *Peer, frames [][]byte) { p.Send(frames) })}
}

// Peer returns the connection with the identity, or nil when there is none.
func (r *Router) Peer(identity string) *Peer { return r.lookup(identity) }
