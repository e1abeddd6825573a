package viz

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Progress is a live bar with count, rate, time left and metrics. Its methods
// may be called from any goroutine.
type Progress struct {
	*live
	title   string
	total   int
	count   int
	began   time.Time
	ended   time.Time
	names   []string
	metrics map[string]float64
}

// NewProgress shows a bar for total steps; with total 0 the number of steps is
// not known. Call Step as the work goes on, and Done at its end.
func NewProgress(total int, title string) *Progress { return newProgress(total, title, wallClock{}) }

func newProgress(total int, title string, c clock) *Progress {
	if total < 0 {
		fail("NewProgress", "give 0 where the number of steps is not known", "%d steps", total)
	}
	p := &Progress{live: newLive(), title: title, total: total, metrics: map[string]float64{}}
	p.clock = c
	p.render, p.line = p.bundle, p.status
	p.began = c.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed()
	return p
}

// Step counts k steps more.
func (p *Progress) Step(k int) *Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count += k
	p.changed()
	return p
}

// Metric sets a number that is shown with the bar.
func (p *Progress) Metric(name string, v float64) *Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.metrics[name]; !ok {
		p.names = append(p.names, name)
	}
	p.metrics[name] = v
	p.changed()
	return p
}

// Title changes the title.
func (p *Progress) Title(s string) *Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.title = s
	p.changed()
	return p
}

// Done shows the last state; later calls do nothing. Defer it, so that it is
// called when the work stops half way, too.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.done {
		p.ended = p.clock.Now()
	}
	p.finish()
}

// String is the state in a line without any time in it: equal runs have equal
// texts.
func (p *Progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text()
}

func (p *Progress) text() string {
	s := p.counted()
	if p.title != "" {
		s = p.title + ": " + s
	}
	for _, n := range p.names {
		s += ", " + n + " " + num(p.metrics[n])
	}
	return s
}

func (p *Progress) counted() string {
	if p.total == 0 {
		return fmt.Sprintf("%d", p.count)
	}
	return fmt.Sprintf("%d/%d", p.count, p.total)
}

// times is the rate and the time left or taken.
func (p *Progress) times() string {
	now := p.ended
	if !p.done {
		now = p.clock.Now()
	}
	taken := now.Sub(p.began).Seconds()
	if p.count <= 0 || taken <= 0 {
		return ""
	}
	rate := float64(p.count) / taken
	s := speed(rate)
	switch {
	case p.done:
		s += " · " + duration(taken)
	case p.total > p.count:
		s += " · " + duration(float64(p.total-p.count)/rate) + " left"
	}
	return s
}

// speed is a rate for people: 3.2/s, 41k/s, 12 s each.
func speed(rate float64) string {
	switch {
	case rate >= 1e6:
		return fmt.Sprintf("%.1fM/s", rate/1e6)
	case rate >= 1e4:
		return fmt.Sprintf("%.0fk/s", rate/1e3)
	case rate >= 100:
		return fmt.Sprintf("%.0f/s", rate)
	case rate >= 0.5:
		return fmt.Sprintf("%.1f/s", rate)
	}
	return duration(1/rate) + " each"
}

// duration is a time in seconds for people: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min.
func duration(s float64) string {
	switch r := int(math.Round(s)); {
	case s < 9.95:
		return fmt.Sprintf("%.1f s", s)
	case r < 60:
		return fmt.Sprintf("%d s", r)
	case r < 3600:
		return fmt.Sprintf("%d min %02d s", r/60, r%60)
	default:
		return fmt.Sprintf("%d h %02d min", r/3600, r%3600/60)
	}
}

// status is the state in a line for a terminal.
func (p *Progress) status() string {
	s := p.text()
	if t := p.times(); t != "" {
		s += "  " + t
	}
	if p.total > 0 {
		const wide = 20
		n := min(max(p.count*wide/p.total, 0), wide)
		s = strings.Repeat("█", n) + strings.Repeat("░", wide-n) + " " + s
	}
	return s
}

// The page's own colours, with others for pages that have none.
const (
	cssText  = "font:13px/1.5 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,#3e4c59)"
	cssFaint = "color:var(--jp-ui-font-color2,#7b8794)"
)

func (p *Progress) bundle() map[string]any {
	share, ink := 1.0, "#3f90da"
	right := p.counted()
	switch {
	case p.total > 0:
		share = min(max(float64(p.count)/float64(p.total), 0), 1)
		right += fmt.Sprintf(" · %.0f %%", math.Floor(share*100))
	case !p.done:
		share = 0.25
	}
	if p.done {
		ink = "#2b9348"
		if p.count < p.total {
			ink = "#ffa90e"
		}
	}
	if t := p.times(); t != "" {
		right += " · " + t
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<div style="%s;max-width:%dpx;padding:2px 0 4px"><div style="display:flex;justify-content:space-between;gap:16px"><b style="font-weight:600">%s</b><span style="%s;font-variant-numeric:tabular-nums">%s</span></div>`,
		cssText, cardWidth, escape(p.title), cssFaint, escape(right))
	fmt.Fprintf(&b, `<div style="height:6px;margin:3px 0;border-radius:3px;background:rgba(127,127,127,.22)"><div style="width:%.1f%%;height:6px;border-radius:3px;background:%s"></div></div>`,
		share*100, ink)
	if len(p.names) > 0 {
		var parts []string
		for _, n := range p.names {
			parts = append(parts, fmt.Sprintf(`<span><span style="%s">%s</span> %s</span>`, cssFaint, escape(n), num(p.metrics[n])))
		}
		fmt.Fprintf(&b, `<div style="display:flex;flex-wrap:wrap;gap:0 16px;font-variant-numeric:tabular-nums">%s</div>`, strings.Join(parts, ""))
	}
	b.WriteString("</div>")
	return map[string]any{"text/html": b.String(), "text/plain": p.text()}
}
