package socket

import (
	"sync/atomic"
	"time"
)

// Limits says how much of the machine the peers of one socket may use. The zero value of a field takes the default.
type Limits struct {
	Handshake time.Duration // for the ZMTP handshake, and for each message of a peer that is not trusted yet; 5 s
	Opening   int           // connections that have not finished the handshake; 64
	Peers     int           // connections that have; 256
	Small     int64         // bytes of one message of a peer that is not trusted; 1 MiB, and 64 KiB on a Publisher or with Echo
	Large     int64         // bytes of one message of a trusted peer; 256 MiB
	Queue     int64         // bytes waiting for a peer that takes nothing, before it is dropped; 64 MiB
	Busy      int64         // bytes waiting for a subscriber, before Publisher.Wait waits; 4 MiB
	Stall     time.Duration // how long a peer takes nothing before it counts as stalled; 2 s
	Write     time.Duration // how long one write may take nothing off the queue, before the peer is dropped; 10 s
}

func (l Limits) withDefaults(small int64) Limits {
	defaults(&l.Handshake, 5*time.Second)
	defaults(&l.Opening, 64)
	defaults(&l.Peers, 256)
	defaults(&l.Small, small)
	defaults(&l.Large, 256<<20)
	defaults(&l.Queue, 64<<20)
	defaults(&l.Busy, 4<<20)
	defaults(&l.Stall, 2*time.Second)
	defaults(&l.Write, 10*time.Second)
	return l
}

func defaults[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Stats counts what happened on one socket.
type Stats struct {
	Accepted  uint64 // connections
	Refused   uint64 // connections closed because there were too many
	Unopened  uint64 // connections that did not finish the handshake
	Violated  uint64 // connections closed for a frame that was too long, or not ZMTP
	Stalled   uint64 // connections closed because the peer did not read
	Replaced  uint64 // connections closed because their identity connected again
	Malformed uint64 // messages dropped
}

type counters struct {
	accepted, refused, unopened, violated, stalled, replaced, malformed atomic.Uint64
}

func (c *counters) stats() Stats {
	return Stats{
		Accepted:  c.accepted.Load(),
		Refused:   c.refused.Load(),
		Unopened:  c.unopened.Load(),
		Violated:  c.violated.Load(),
		Stalled:   c.stalled.Load(),
		Replaced:  c.replaced.Load(),
		Malformed: c.malformed.Load(),
	}
}
