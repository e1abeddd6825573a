package kernel

import (
	"sync"

	"github.com/tapir-go/tapir/kernel/socket"
	"github.com/tapir-go/tapir/kernel/wire"
)

// request is a message and who sent it.
type request struct {
	*wire.Message
	peer     *socket.Peer
	sequence uint64 // by arrival
	urgent   bool   // came on control: what it publishes does not wait for a cell's output
	after    func() // what is left to do when the client has its answer
}

// maxQueued is how many requests wait before the peers are not read from any more.
const maxQueued = 10_000

// queue holds requests in the order of their arrival.
type queue struct {
	mu       sync.Mutex
	change   sync.Cond
	requests []*request
	arrived  uint64
	closed   bool
}

func newQueue() *queue {
	q := &queue{}
	q.change.L = &q.mu
	return q
}

// push adds r. It waits while the queue is full.
func (q *queue) push(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.requests) >= maxQueued && !q.closed {
		q.change.Wait()
	}
	q.add(r)
}

// pass adds r, which comes from another queue, whether this one is full or not.
func (q *queue) pass(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.add(r)
}

// add adds r. mu is held.
func (q *queue) add(r *request) {
	if q.closed {
		return
	}
	q.arrived++
	r.sequence = q.arrived
	q.requests = append(q.requests, r)
	q.change.Broadcast()
}

// pop waits for a request and takes it; nil once the queue is closed.
func (q *queue) pop() *request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.requests) == 0 && !q.closed {
		q.change.Wait()
	}
	if q.closed {
		return nil
	}
	r := q.requests[0]
	q.requests[0] = nil
	q.requests = q.requests[1:]
	q.change.Broadcast()
	return r
}

// last is the sequence of the request that arrived last.
func (q *queue) last() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.arrived
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.change.Broadcast()
}
