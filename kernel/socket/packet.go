package socket

import (
	"encoding/binary"
	"sync"
	"time"
)

// packet is a message as it goes over the wire. It is never changed, so that subscribers can share it.
type packet struct {
	parts [][]byte
	size  int64
}

// copied is up to which length a frame is copied beside its header; a longer one is written from where it is.
const copied = 8 << 10

// pack frames a message for ZMTP. The packet refers to long frames.
func pack(frames [][]byte) packet {
	var p packet
	room := 0
	for _, f := range frames {
		room += 9
		if len(f) <= copied {
			room += len(f)
		}
	}
	buf, start := make([]byte, 0, room), 0
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = flagMore
		}
		if len(f) > 255 {
			buf = append(buf, flags|flagLong)
			buf = binary.BigEndian.AppendUint64(buf, uint64(len(f)))
		} else {
			buf = append(buf, flags, byte(len(f)))
		}
		if len(f) <= copied {
			buf = append(buf, f...)
			continue
		}
		p.parts = append(p.parts, buf[start:], f)
		start = len(buf)
	}
	if len(buf) > start {
		p.parts = append(p.parts, buf[start:])
	}
	for _, part := range p.parts {
		p.size += int64(len(part))
	}
	p.size += frameCost
	return p
}

// queue holds what waits to be written to one peer.
type queue struct {
	limits *Limits

	mu       sync.Mutex
	packets  []packet
	waiting  int64     // bytes in packets
	writing  int64     // bytes taken and not written
	progress time.Time // when the peer last took bytes, or when it was last owed none
	done     bool      // nothing is added any more; the writer ends when it is empty
	dropped  bool      // the writer ends at once
	wake     chan struct{}
}

func newQueue(l *Limits) *queue {
	return &queue{limits: l, wake: make(chan struct{}, 1)}
}

// add queues p. False means that the queue takes no more: it is closed, or over its limit and its peer takes nothing.
func (q *queue) add(p packet) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.done {
		return false
	}
	if q.waiting >= q.limits.Queue && (q.stalled() || q.waiting >= 4*q.limits.Queue) {
		q.done, q.dropped = true, true
		q.signal()
		return false
	}
	if q.waiting == 0 && q.writing == 0 {
		q.progress = time.Now()
	}
	q.packets = append(q.packets, p)
	q.waiting += p.size
	q.signal()
	return true
}

// take waits for packets and hands all of them over; nil means that the writer is to end.
func (q *queue) take() []packet {
	for {
		q.mu.Lock()
		if q.dropped {
			q.mu.Unlock()
			return nil
		}
		if len(q.packets) > 0 {
			packets := q.packets
			q.packets, q.writing, q.waiting = nil, q.waiting, 0
			q.mu.Unlock()
			return packets
		}
		done := q.done
		q.mu.Unlock()
		if done {
			return nil
		}
		<-q.wake
	}
}

// wrote notes that the peer took n bytes.
func (q *queue) wrote(n int64) {
	q.mu.Lock()
	q.writing -= n
	q.progress = time.Now()
	q.mu.Unlock()
}

// busy says whether more than the limit is on its way to a peer that is not stalled.
func (q *queue) busy() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting+q.writing > q.limits.Busy && !q.done && !q.stalled()
}

func (q *queue) stalled() bool { return time.Since(q.progress) > q.limits.Stall }

// finish lets the writer end: with drop at once, else when all is written.
func (q *queue) finish(drop bool) {
	q.mu.Lock()
	q.done = true
	q.dropped = q.dropped || drop
	q.signal()
	q.mu.Unlock()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
