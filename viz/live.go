package viz

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// updateEvery is the shortest time between two updates of one live value.
const updateEvery = 100 * time.Millisecond

// clock tells the time; tests have their own.
type clock interface {
	Now() time.Time
	After(d time.Duration, f func()) (stop func())
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) After(d time.Duration, f func()) func() {
	t := time.AfterFunc(d, f)
	return func() { t.Stop() }
}

// live is what live values share: when to send a state, and where to.
type live struct {
	mu      sync.Mutex // held by the owner around changed and finish
	clock   clock
	id      string
	last    time.Time     // of the last update
	cost    time.Duration // of the last update
	pending func()        // stops the update that is on its way
	shown   bool
	done    bool

	render func() map[string]any // the state, with the lock held
	line   func() string         // the state in one line
}

// waiting are the live values whose newest state is not sent yet.
var (
	waitingMu sync.Mutex
	waiting   = map[*live]bool{}
)

func (l *live) await(on bool) {
	waitingMu.Lock()
	defer waitingMu.Unlock()
	if on {
		waiting[l] = true
	} else {
		delete(waiting, l)
	}
}

// Flush sends the newest state of every live value that holds one back. The
// kernel calls it at the end of a cell, so that a curve or a progress bar whose
// Done was forgotten shows where it stands.
func Flush() {
	waitingMu.Lock()
	all := slices.SortedFunc(maps.Keys(waiting), func(a, b *live) int { return cmp.Compare(a.id, b.id) })
	waitingMu.Unlock()
	for _, l := range all {
		l.sendPending()
	}
}

func newLive() *live { return &live{clock: wallClock{}, id: NewID()} }

// changed sends the state now, or soon where an update was sent just before.
// An update that takes long makes the next one come later: drawing takes at
// most about a twentieth of the time.
func (l *live) changed() {
	if l.done || l.pending != nil {
		return
	}
	wait := max(updateEvery, 20*l.cost) - l.clock.Now().Sub(l.last)
	if !l.shown || wait <= 0 {
		l.send(false)
		return
	}
	l.pending = l.clock.After(wait, l.sendPending)
	l.await(true)
}

// sendPending sends the state that was held back, if there is one still.
func (l *live) sendPending() {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A failure to draw is reported by Done, in the caller's goroutine; here
	// it would end the process.
	defer func() { _ = recover() }()
	if l.pending != nil && !l.done {
		l.drop()
		l.send(false)
	}
}

// drop forgets the update that is on its way.
func (l *live) drop() {
	if l.pending != nil {
		l.pending()
		l.pending = nil
		l.await(false)
	}
}

// finish sends the last state; what comes later is ignored.
func (l *live) finish() {
	if l.done {
		return
	}
	l.drop()
	l.done = true
	l.send(true)
}

func (l *live) send(last bool) {
	start := l.clock.Now()
	switch s := current().(type) {
	case *terminal:
		text := ""
		if last {
			text = textIn(l.render())
		}
		s.live(l.id, l.line(), text, last)
	default:
		if b := l.render(); l.shown {
			s.Update(b, l.id)
		} else {
			s.Show(b, l.id)
		}
	}
	l.shown = true
	l.last = l.clock.Now()
	l.cost = l.last.Sub(start)
}

func sorted(ss []string) []string {
	slices.Sort(ss)
	return ss
}
