package monitor

import (
	"strings"
	"sync"
	"time"

	"github.com/tapir-go/tapir/viz"
)

// kept is how many readings a panel's lines show.
const kept = 60

// Panel is a live display of snapshots.
type Panel struct {
	mu      sync.Mutex
	id      string
	last    *Snapshot
	history [][]float64
	stop    chan struct{}
	ended   chan struct{}
	once    sync.Once
}

// Watch shows a panel in the output of the running cell and reads anew every so
// often, at most ten times a second, until Stop is called.
func Watch(every time.Duration) *Panel {
	every = max(every, 100*time.Millisecond)
	t := time.NewTicker(every)
	return watch(newSampler(), t.C, t.Stop)
}

func watch(s *sampler, ticks <-chan time.Time, release func()) *Panel {
	p := &Panel{id: viz.NewID(), stop: make(chan struct{}), ended: make(chan struct{})}
	p.take(s.read())
	viz.ShowID(p, p.id)
	go func() {
		defer close(p.ended)
		defer release()
		for {
			select {
			case <-p.stop:
				return
			case <-ticks:
			}
			p.take(s.read())
			select {
			case <-p.stop:
				return
			default:
				viz.Update(p, p.id)
			}
		}
	}()
	return p
}

// Stop ends the readings and shows the last one; when it returns, nothing runs
// any more. A second call does nothing.
func (p *Panel) Stop() {
	p.once.Do(func() {
		close(p.stop)
		<-p.ended
		viz.Update(p, p.id)
	})
}

// Last is the newest snapshot.
func (p *Panel) Last() *Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

func (p *Panel) take(s *Snapshot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = s
	items := s.items()
	if len(p.history) != len(items) {
		p.history = make([][]float64, len(items))
	}
	for i, it := range items {
		h := p.history[i]
		if it.share >= 0 {
			h = append(h, it.share)
		}
		p.history[i] = h[max(0, len(h)-kept):]
	}
}

// MIME is the panel for a notebook: HTML with the readings, and a text without
// them, so that two runs of a notebook have equal texts.
func (p *Panel) MIME() map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for _, it := range p.last.items() {
		if it.why == "" {
			names = append(names, it.name)
		}
	}
	text := "monitor: " + strings.Join(names, "; ")
	if p.last.NoGPU != "" {
		text += "; no GPU: " + p.last.NoGPU
	}
	return map[string]any{"text/html": render(p.last.items(), p.history), "text/plain": text}
}
