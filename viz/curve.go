package viz

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Curve is a live plot of numbers that come one by one. Its methods may be
// called from any goroutine.
type Curve struct {
	*live
	title  string
	xlabel string
	names  []string
	steps  []float64
	values [][]float64 // one series a name
	logY   bool
	single bool
	smooth float64
}

// NewCurve is a live plot of one series a name. Names that end in the same word
// share a panel, others stand beside each other: "train loss", "validation
// loss", "accuracy" makes two panels; see Together. Call Add as numbers come, and
// Done at the end. It panics with *Error without a name.
func NewCurve(names ...string) *Curve { return newCurve(names, wallClock{}) }

func newCurve(names []string, c clock) *Curve {
	if len(names) == 0 {
		fail("NewCurve", `name what you will add: NewCurve("loss")`, "there are no names")
	}
	k := &Curve{live: newLive(), names: slices.Clone(names), values: make([][]float64, len(names)), xlabel: "step"}
	k.clock = c
	k.render, k.line = k.bundle, k.status
	return k
}

// Title sets a title.
func (k *Curve) Title(s string) *Curve { return k.set(func() { k.title = s }) }

// XLabel sets the text under the x axis, "step" without this call.
func (k *Curve) XLabel(s string) *Curve { return k.set(func() { k.xlabel = s }) }

// LogY makes the y axes logarithmic; values that are not positive are left out.
func (k *Curve) LogY() *Curve { return k.set(func() { k.logY = true }) }

// Together draws all series in one panel.
func (k *Curve) Together() *Curve { return k.set(func() { k.single = true }) }

// Smooth draws over every series its running mean, in which each old value
// counts weight times as much as the next, 0 <= weight < 1; 0.9 is about the mean
// of the last ten. A series that has a value at fewer than half of the steps is
// left as it is.
func (k *Curve) Smooth(weight float64) *Curve {
	if !(weight >= 0 && weight < 1) {
		fail("Curve.Smooth", "give 0 for none, 0.9 for about the last ten values", "a weight of %s", num(weight))
	}
	return k.set(func() { k.smooth = weight })
}

// set changes how the curve looks, from the next Add on.
func (k *Curve) set(f func()) *Curve {
	k.mu.Lock()
	defer k.mu.Unlock()
	f()
	return k
}

// Add adds one value a name at a step; NaN for one that there is not at this
// step. It panics with *Error where the number of values is not that of names.
func (k *Curve) Add(step int, values ...float64) *Curve {
	if len(values) != len(k.names) {
		fail("Curve.Add", "give one value a name, math.NaN() for one that is missing", "%d values for %d names: %s", len(values), len(k.names), strings.Join(k.names, ", "))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.done {
		return k
	}
	k.steps = append(k.steps, float64(step))
	for i, v := range values {
		k.values[i] = append(k.values[i], v)
	}
	k.changed()
	return k
}

// Done shows the last state; later calls do nothing.
func (k *Curve) Done() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.steps) > 0 || k.shown {
		k.finish()
	}
	k.done = true
}

// MIME is the curve as it is now.
func (k *Curve) MIME() map[string]any {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.bundle()
}

// String describes the curve as it is now.
func (k *Curve) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text()
}

// panel is the word by which series are put together.
func panel(name string) string {
	if f := strings.Fields(name); len(f) > 0 {
		return f[len(f)-1]
	}
	return ""
}

func (k *Curve) bundle() map[string]any {
	var order []string
	plots := map[string]*Plot{}
	for i, name := range k.names {
		where := panel(name)
		if k.single {
			where = ""
		}
		p := plots[where]
		if p == nil {
			p = NewPlot("").XLabel(k.xlabel)
			p.logY = k.logY
			plots[where] = p
			order = append(order, where)
		}
		k.series(p, name, k.values[i])
	}
	var row []*Plot
	for i, where := range order {
		p := plots[where]
		switch names := p.shown(); {
		case len(names) == 1:
			p.title = names[0]
		case k.title == "" || len(order) > 1:
			p.title = where
		}
		if k.title != "" && i == 0 {
			p.title = strings.TrimSuffix(k.title+": "+p.title, ": ")
		}
		row = append(row, p)
	}
	if len(row) == 1 {
		return map[string]any{"image/svg+xml": row[0].SVG(), "text/plain": k.text()}
	}
	return map[string]any{"image/svg+xml": Row(row...).SVG(), "text/plain": k.text()}
}

// shown are the names of the series.
func (p *Plot) shown() []string {
	var names []string
	for _, m := range p.marks {
		if n := m.base().name; n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// series draws the values so far; what is missing is not a gap, for metrics that
// come every few steps are still one line.
func (k *Curve) series(p *Plot, name string, values []float64) {
	var xs, ys []float64
	for i, v := range values {
		if finite(v) && (!k.logY || loggable(v)) {
			xs, ys = append(xs, k.steps[i]), append(ys, v)
		}
	}
	if len(ys) == 0 {
		return
	}
	if k.smooth == 0 || len(ys) < 2 || len(ys)*2 < len(values) {
		p.line("Curve", name, xs, ys)
		return
	}
	p.line("Curve", "", xs, ys).Faint()
	ink := p.last("Curve").ink
	p.line("Curve", name, xs, smoothed(ys, k.smooth)).last("Curve").ink = ink
	p.colors-- // both have one
}

// smoothed is the running mean with weights that fall by w a step, without the
// pull towards zero at its beginning (Kingma and Ba 2015, section 3).
func smoothed(ys []float64, w float64) []float64 {
	out := make([]float64, len(ys))
	sum, norm := 0.0, 0.0
	for i, y := range ys {
		sum, norm = w*sum+(1-w)*y, w*norm+(1-w)
		out[i] = sum / norm
	}
	return out
}

func (k *Curve) text() string {
	s := "curve"
	if k.title != "" {
		s += fmt.Sprintf(" %q", k.title)
	}
	if len(k.steps) == 0 {
		return s + " of " + strings.Join(k.names, ", ") + ": nothing yet"
	}
	s += fmt.Sprintf(": %s %.0f..%.0f", k.xlabel, k.steps[0], k.steps[len(k.steps)-1])
	wide := 0
	for _, n := range k.names {
		wide = max(wide, len([]rune(n)))
	}
	for i, n := range k.names {
		s += fmt.Sprintf("\n  %s  last %s, %v  %s", pad(n, wide), num(lastOf(k.values[i])), spanOf(k.values[i], false), spark(finites(k.values[i]), 32))
	}
	return s
}

// status is the state in a line for a terminal.
func (k *Curve) status() string {
	s := k.xlabel
	if n := len(k.steps); n > 0 {
		s += fmt.Sprintf(" %.0f", k.steps[n-1])
	}
	for i, n := range k.names {
		s += ", " + n + " " + num(lastOf(k.values[i]))
	}
	return s
}

// lastOf is the last finite value.
func lastOf(vs []float64) float64 {
	for i := len(vs) - 1; i >= 0; i-- {
		if finite(vs[i]) {
			return vs[i]
		}
	}
	return math.NaN()
}

func finites(vs []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(vs), func(v float64) bool { return !finite(v) })
}
