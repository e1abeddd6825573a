package viz

import (
	"math"
	"slices"
	"sort"
	"strconv"
)

// line, points and their like check what the user gave, and add a mark.

func (p *Plot) line(op, name string, xs, ys []float64) *Plot {
	xs, ys = pairs(op, xs, ys)
	return p.add(op, &lineMark{common: common{b: base{name: name, ink: p.shared(name)}}, xs: xs, ys: ys})
}

func (p *Plot) points(op, name string, xs, ys []float64) *Plot {
	xs, ys = pairs(op, xs, ys)
	return p.add(op, &dotMark{common: common{b: base{name: name}}, xs: xs, ys: ys})
}

func (p *Plot) pointsBy(op string, names []string, xs, ys []float64, labels []int) *Plot {
	xs, ys = pairs(op, xs, ys)
	if len(labels) != len(ys) {
		fail(op, "give one label a point", "%d points and %d labels", len(ys), len(labels))
	}
	groups := map[int][]int{}
	for i, l := range labels {
		groups[l] = append(groups[l], i)
	}
	var order []int
	for l := range groups {
		if names != nil && (l < 0 || l >= len(names)) {
			fail(op, "give a name for every label from 0, or nil", "label %d with %d names", l, len(names))
		}
		order = append(order, l)
	}
	sort.Ints(order)
	for _, l := range order {
		m := &dotMark{common: common{b: base{name: strconv.Itoa(l), ink: series(l)}}}
		if names != nil {
			m.b.name = names[l]
		}
		for _, i := range groups[l] {
			m.xs, m.ys = append(m.xs, xs[i]), append(m.ys, ys[i])
		}
		if x, y := m.extent(false, false); x.ok() && y.ok() {
			p.add(op, m)
		}
	}
	return p
}

func (p *Plot) band(name string, xs, lo, hi []float64) *Plot {
	const op = "Plot.Band"
	if len(lo) != len(hi) {
		fail(op, "give as many lower as upper values", "%d lower and %d upper values", len(lo), len(hi))
	}
	xs2, lo2 := pairs(op, xs, lo)
	_, hi2 := pairs(op, xs, hi)
	m := &bandMark{common: common{b: base{name: name, ink: p.shared(name)}}, xs: xs2, lo: lo2, hi: hi2}
	if m.b.ink.A == 0 && name == "" {
		m.b.ink = series(p.colors) // the next line takes it too
	}
	return p.add(op, m)
}

// shared is the colour of an earlier line or band of this name, so that a line
// and its band go together.
func (p *Plot) shared(name string) (k colorOf) {
	if name == "" {
		return k
	}
	for _, m := range p.marks {
		switch m.(type) {
		case *lineMark, *bandMark:
			if m.base().name == name {
				return m.base().ink
			}
		}
	}
	return k
}

func (p *Plot) histogram(op, name string, values []float64, bins int) *Plot {
	if bins < 0 || bins > 10000 {
		fail(op, "give 1 to 10000 bins, or 0 to have a number chosen", "%d bins", bins)
	}
	s := spanOf(values, false)
	if !s.ok() {
		fail(op, "check the values for NaN and Inf", "none of %d values is a finite number", len(values))
	}
	vs := finites(values)
	if bins == 0 {
		bins = freedman(vs, s)
	}
	if s.hi == s.lo {
		s = span{s.lo - 0.5, s.hi + 0.5}
	}
	m := &histMark{common: common{b: base{name: name}}, over: s, counts: make([]float64, bins), n: len(vs), left: len(values) - len(vs)}
	for _, v := range vs {
		m.counts[min(int(s.place(v)*float64(bins)), bins-1)]++
	}
	return p.add(op, m)
}

// freedman is the number of bins by the rule of Freedman and Diaconis (1981):
// width 2 IQR / n^(1/3); 5 to 100.
func freedman(vs []float64, s span) int {
	sorted := slices.Sorted(slices.Values(vs))
	n := len(sorted)
	iqr := sorted[n*3/4] - sorted[n/4]
	if iqr <= 0 || s.hi == s.lo {
		return min(max(int(math.Sqrt(float64(n))), 5), 100)
	}
	return int(min(max((s.hi-s.lo)/(2*iqr/math.Cbrt(float64(n))), 5), 100))
}

func (p *Plot) bars(op, name string, names []string, values []float64) *Plot {
	if len(names) != len(values) {
		fail(op, "give one name a bar", "%d names and %d values", len(names), len(values))
	}
	if !spanOf(values, false).ok() {
		fail(op, "check the values for NaN and Inf", "none of %d values is a finite number", len(values))
	}
	if p.names != nil && !slices.Equal(p.names, names) {
		fail(op, "give all series of bars the same names in the same order", "the names %q differ from those before, %q", names, p.names)
	}
	p.names = slices.Clone(names)
	return p.add(op, &barMark{common: common{b: base{name: name}}, values: slices.Clone(values)})
}

func (p *Plot) surface(op string, values []float64, rows, cols int, x0, x1, y0, y1 float64) *Plot {
	grid(op, len(values), rows, cols)
	if rows < 2 || cols < 2 {
		fail(op, "evaluate at 2 by 2 points at least", "%d rows and %d columns make no surface", rows, cols)
	}
	if !finite(x0) || !finite(x1) || !finite(y0) || !finite(y1) || x0 >= x1 || y0 >= y1 {
		fail(op, "give x0 < x1 and y0 < y1", "(%s,%s) to (%s,%s) is not a rectangle", num(x0), num(y0), num(x1), num(y1))
	}
	over := spanOf(values, false)
	if !over.ok() {
		fail(op, "check the values for NaN and Inf", "none of %d values is a finite number", len(values))
	}
	m := &surfaceMark{common: common{b: base{ink: inkFaint}}, values: slices.Clone(values), rows: rows, cols: cols,
		x: span{x0, x1}, y: span{y0, y1}, over: over, ramp: ramps["classes"]}
	switch {
	case over.lo >= 0 && over.hi <= 1:
		m.over = span{0, 1}
	case over.lo < 0 && over.hi > 0:
		r := max(-over.lo, over.hi)
		m.over = span{-r, r}
	}
	return p.add(op, m)
}

func (p *Plot) rule(op, name string, at float64, upright bool) *Plot {
	if !finite(at) {
		fail(op, "", "%s is not a place on an axis", num(at))
	}
	return p.add(op, &ruleMark{common: common{b: base{name: name, ink: inkTick}}, at: at, upright: upright})
}

// pairs checks and copies the points of a series; nil xs count from 0.
func pairs(op string, xs, ys []float64) ([]float64, []float64) {
	if xs == nil {
		xs = make([]float64, len(ys))
		for i := range xs {
			xs[i] = float64(i)
		}
	}
	if len(xs) != len(ys) {
		fail(op, "give as many x as y values; xs may be nil to count from 0", "%d x values and %d y values", len(xs), len(ys))
	}
	if len(ys) == 0 {
		fail(op, "", "there are no points")
	}
	for i := range ys {
		if finite(xs[i]) && finite(ys[i]) {
			return slices.Clone(xs), slices.Clone(ys)
		}
	}
	fail(op, "check the values for NaN and Inf", "none of %d points is finite", len(ys))
	return nil, nil
}

// grid checks that n values fill rows by cols.
func grid(op string, n, rows, cols int) {
	if rows <= 0 || cols <= 0 || rows > n || cols > n || rows*cols != n {
		fail(op, "give rows*cols values, row by row", "%d values do not fill %d rows by %d columns", n, rows, cols)
	}
}
