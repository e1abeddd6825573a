package kernel

import (
	"context"
	"sync"
	"time"
)

// What jupyter_server lets through in a window of 3 s is 3,000,000 bytes of streams and 3,000 messages. What may be sent at once and
// what may be sent in 3 s stay below that together.
const (
	burstBytes    = 1_000_000
	bytesPerSec   = 620_000
	burstMessages = 600
	messagesPerS  = 750
)

// afterInterrupt is how long an interrupted cell is held back at each write, until it ends.
const afterInterrupt = 20 * time.Millisecond

// limiter counts what is sent against what a server takes. Sending is never refused: it makes a debt, which the next writer waits for.
type limiter struct {
	now func() time.Time

	mu              sync.Mutex
	at              time.Time
	bytes, messages float64 // what may be sent; negative is a debt
}

func newLimiter() *limiter {
	return &limiter{now: time.Now, at: time.Now(), bytes: burstBytes, messages: burstMessages}
}

// refill adds what time has brought. mu is held.
func (l *limiter) refill() {
	now := l.now()
	d := now.Sub(l.at).Seconds()
	l.at = now
	l.bytes = min(burstBytes, l.bytes+d*bytesPerSec)
	l.messages = min(burstMessages, l.messages+d*messagesPerS)
}

// spend counts a message. The server counts the bytes of streams only, and neither states nor inputs.
func (l *limiter) spend(kind string, frames [][]byte) {
	if kind == "status" || kind == "execute_input" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill()
	l.messages--
	if kind == "stream" {
		for _, f := range frames {
			l.bytes -= float64(len(f))
		}
	}
}

// reset forgets what was sent: a server does so at every idle.
func (l *limiter) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill()
	l.bytes, l.messages = burstBytes, burstMessages
}

// debt is how long it takes until something may be sent.
func (l *limiter) debt() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill()
	seconds := max(-l.bytes/bytesPerSec, -l.messages/messagesPerS, 0)
	return time.Duration(seconds * float64(time.Second))
}

// wait returns when there is no debt, or stop is closed; and soon when ctx is done.
func (l *limiter) wait(ctx context.Context, stop <-chan struct{}) {
	d := l.debt()
	if d == 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return
	case <-stop:
		return
	case <-ctx.Done():
	}
	t.Reset(min(d, afterInterrupt))
	select {
	case <-t.C:
	case <-stop:
	}
}
