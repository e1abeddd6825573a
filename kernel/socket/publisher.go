package socket

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Publisher is an XPUB socket: a message goes to every peer that has subscribed to a prefix of its first frame.
type Publisher struct {
	endpoint
	welcome func(topic string) [][]byte

	// order is held while a message is queued for all, so that all subscribers see one order.
	order sync.Mutex
	to    []*Peer // of the message being published
}

// maxTopics is how many subscriptions a peer may have.
const maxTopics = 1024

// NewPublisher returns a socket that is not bound yet. welcome gives the message that a subscriber gets at each subscription before
// anything else under it (Jupyter Enhancement Proposal 65), or nil for none.
func NewPublisher(l Limits, welcome func(topic string) [][]byte) *Publisher {
	p := &Publisher{welcome: welcome}
	p.endpoint = newEndpoint(zmq4.XPub, l.withDefaults(64<<10), p.subscription)
	return p
}

// subscription handles a message of a subscriber: 1 or 0, and the topic.
func (p *Publisher) subscription(peer *Peer, frames [][]byte) {
	if len(frames) != 1 || len(frames[0]) == 0 || frames[0][0] > 1 {
		peer.Malformed()
		return
	}
	topic := string(frames[0][1:])
	p.order.Lock()
	defer p.order.Unlock()
	switch {
	case frames[0][0] == 0:
		if peer.topics[topic]--; peer.topics[topic] <= 0 {
			delete(peer.topics, topic)
		}
	case len(peer.topics) >= maxTopics && peer.topics[topic] == 0:
		peer.Malformed()
		return
	default:
		if m := p.welcome(topic); m != nil {
			peer.Send(m)
		}
		peer.topics[topic]++
	}
	peer.everyone = peer.topics[""] > 0
}

// Publish queues a message, whose first frame is its topic, for its subscribers. It does not wait for any of them.
func (p *Publisher) Publish(frames [][]byte) {
	p.order.Lock()
	defer p.order.Unlock()
	var k packet
	topic := string(frames[0])
	p.mu.Lock()
	p.to = p.to[:0]
	for _, peer := range p.peers {
		p.to = append(p.to, peer)
	}
	p.mu.Unlock()
	for _, peer := range p.to {
		if !peer.wants(topic) {
			continue
		}
		if k.parts == nil {
			k = pack(frames)
		}
		peer.enqueue(k)
	}
	clear(p.to)
}

func (p *Peer) wants(topic string) bool {
	if p.everyone {
		return true
	}
	for prefix := range p.topics {
		if strings.HasPrefix(topic, prefix) {
			return true
		}
	}
	return false
}

// Wait returns when no subscriber has much to read, or ctx is done. A subscriber that takes nothing for Limits.Stall does not count.
func (p *Publisher) Wait(ctx context.Context) {
	for {
		room := p.waitForRoom()
		if !p.busy() {
			return
		}
		select {
		case <-room:
		case <-time.After(100 * time.Millisecond): // a peer may count as stalled by now
		case <-ctx.Done():
			return
		}
	}
}

func (p *Publisher) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, peer := range p.peers {
		if peer.queue.busy() {
			return true
		}
	}
	return false
}
