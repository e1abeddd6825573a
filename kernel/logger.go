package kernel

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/tapir-go/tapir/kernel/wire"
)

// logger writes the kernel's complaints.
type logger struct {
	w    io.Writer
	name string

	mu      sync.Mutex
	quiet   time.Time // until when no dropped message is written about
	skipped int
}

func (l *logger) printf(format string, args ...any) {
	fmt.Fprintf(l.w, l.name+": "+format+"\n", args...)
}

// dropped writes about a message that was dropped, at most once a second.
func (l *logger) dropped(ch wire.Channel, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Before(l.quiet) {
		l.skipped++
		return
	}
	more := ""
	if l.skipped > 0 {
		more = fmt.Sprintf(" (and %d more)", l.skipped)
	}
	l.printf("dropped a message on %s: %v%s", ch, why, more)
	l.quiet, l.skipped = now.Add(time.Second), 0
}
