package viz

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// span is a range of numbers; an empty one has lo > hi.
type span struct{ lo, hi float64 }

func empty() span { return span{math.Inf(1), math.Inf(-1)} }

func (s span) ok() bool { return s.lo <= s.hi }

// with is the span widened to hold v; what is not finite is left out.
func (s span) with(v float64) span {
	if finite(v) {
		s.lo, s.hi = min(s.lo, v), max(s.hi, v)
	}
	return s
}

func (s span) join(t span) span {
	if t.ok() {
		s = s.with(t.lo).with(t.hi)
	}
	return s
}

// finite says whether v can have a place on an axis: ranges of numbers beyond
// 1e300 would overflow.
func finite(v float64) bool { return math.Abs(v) <= 1e300 }

// loggable says whether a logarithmic axis can show v.
func loggable(v float64) bool { return v >= 1e-290 }

// logScale is a logarithmic axis for gonum, whose own panics below zero.
type logScale struct{}

func (logScale) Normalize(lo, hi, v float64) float64 {
	l := func(v float64) float64 { return math.Log(max(v, 1e-300)) }
	return (l(v) - l(lo)) / (l(hi) - l(lo))
}

// spanOf is the range of the finite values, and only those above zero on a log axis.
func spanOf(vs []float64, log bool) span {
	s := empty()
	for _, v := range vs {
		if !log || loggable(v) {
			s = s.with(v)
		}
	}
	return s
}

// padded widens a data range by a share of itself; a range that does not cross
// zero is not made to.
func (s span) padded(share float64, log bool) span {
	if !s.ok() {
		if log {
			return span{0.1, 10}
		}
		return span{0, 1}
	}
	if log {
		r := math.Exp((math.Log(s.hi) - math.Log(s.lo)) * share)
		if r <= 1+1e-9 {
			r = 2
		}
		return span{max(s.lo/r, 1e-300), s.hi * r}
	}
	d := (s.hi - s.lo) * share
	if s.hi == s.lo || d == 0 {
		d = math.Max(math.Abs(s.hi)*0.1, 1e-300)
		if s.hi == 0 {
			d = 1
		}
		return span{s.lo - d, s.hi + d}
	}
	lo, hi := s.lo-d, s.hi+d
	if s.lo >= 0 && lo < 0 {
		lo = -d / 4
	}
	if s.hi <= 0 && hi > 0 {
		hi = d / 4
	}
	return span{lo, hi}
}

// steps marks an axis at about so many round numbers.
type steps struct {
	count int
	log   bool
	step  float64 // the distance of marks, 0 to have it chosen
}

// auto is the step that is chosen for a range.
func (t steps) auto(lo, hi float64) float64 {
	if t.step > 0 {
		return t.step
	}
	return roundStep((hi - lo) / float64(max(t.count, 1)))
}

// Ticks are the labelled marks between lo and hi.
func (t steps) Ticks(lo, hi float64) []plot.Tick {
	values := t.values(lo, hi)
	labels := tickLabels(values, t.log)
	marks := make([]plot.Tick, len(values))
	for i, v := range values {
		marks[i] = plot.Tick{Value: v, Label: labels[i]}
	}
	return marks
}

func (t steps) values(lo, hi float64) []float64 {
	if t.log && lo > 0 {
		if v := decades(lo, hi, t.count); len(v) >= 2 {
			return v
		}
	}
	step := t.auto(lo, hi)
	var vs []float64
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+step*1e-9 && len(vs) < 100; i++ {
		vs = append(vs, roundTo(i*step, step))
	}
	return vs
}

// roundStep is the smallest of 1, 2, 2.5, 5 times a power of ten that is at least about v.
func roundStep(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return 1
	}
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if v <= m*p*1.0001 {
			return m * p
		}
	}
	return 10 * p
}

// roundTo takes the noise off a multiple of step, so that 0.30000000000000004 is 0.3.
func roundTo(v, step float64) float64 {
	if v == 0 {
		return 0
	}
	d := 2 - int(math.Floor(math.Log10(step)))
	if d < 0 || d > 300 {
		return v
	}
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', d, 64), 64)
	return r
}

// decades are powers of ten, thinned where there are many, or with 2 and 5
// between them where there are few.
func decades(lo, hi float64, count int) []float64 {
	a, b := int(math.Ceil(math.Log10(lo)-1e-9)), int(math.Floor(math.Log10(hi)+1e-9))
	var vs []float64
	if n := b - a + 1; n >= 3 {
		every := (n + count - 1) / count
		for e := a; e <= b; e += every {
			vs = append(vs, pow10(e))
		}
		return vs
	}
	for e := a - 1; e <= b; e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * pow10(e); v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
				vs = append(vs, v)
			}
		}
	}
	return vs
}

func pow10(e int) float64 {
	v, _ := strconv.ParseFloat("1e"+strconv.Itoa(e), 64)
	return v
}

// tickLabels writes the marks of one axis alike: the same decimals, thousands
// as k, powers of ten far from one as 1e-5.
func tickLabels(vs []float64, log bool) []string {
	out := make([]string, len(vs))
	big, small, thousands := 0.0, math.Inf(1), true
	for _, v := range vs {
		a := math.Abs(v)
		big = max(big, a)
		if a > 0 {
			small = min(small, a)
		}
		thousands = thousands && math.Mod(v, 100) == 0
	}
	decimals := 0
	for i, v := range vs {
		switch {
		case log:
			out[i] = brief(v)
			continue
		case big >= 1e6 || big > 0 && big < 1e-3:
			out[i] = strings.Replace(strconv.FormatFloat(v, 'g', 4, 64), "e+0", "e", 1)
			out[i] = strings.Replace(strings.Replace(out[i], "e-0", "e-", 1), "e+", "e", 1)
			continue
		case big >= 1e4 && thousands:
			out[i] = strconv.FormatFloat(v/1000, 'f', -1, 64) + "k"
			if v == 0 {
				out[i] = "0"
			}
			continue
		}
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if p := strings.IndexByte(s, '.'); p >= 0 {
			decimals = max(decimals, len(s)-p-1)
		}
		out[i] = ""
	}
	for i, v := range vs {
		if out[i] == "" {
			out[i] = strings.Replace(strconv.FormatFloat(v, 'f', min(decimals, 8), 64), "-", "−", 1)
			if v == 0 && decimals == 0 {
				out[i] = "0"
			}
		}
	}
	return out
}

// brief is a number in few characters: 0.001, 20, 5k, 1e-5.
func brief(v float64) string {
	a := math.Abs(v)
	switch {
	case v == 0:
		return "0"
	case a >= 1e6 || a < 1e-3:
		s := strconv.FormatFloat(v, 'e', -1, 64)
		s = strings.Replace(strings.Replace(s, "e+0", "e", 1), "e-0", "e-", 1)
		return strings.Replace(s, "e+", "e", 1)
	case a >= 1e4 && math.Mod(v, 100) == 0:
		return strconv.FormatFloat(v/1000, 'f', -1, 64) + "k"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// num is a number for text: four digits.
func num(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// between is "lo..hi" for text.
func (s span) String() string {
	if !s.ok() {
		return "none"
	}
	return num(s.lo) + ".." + num(s.hi)
}

const blocks = "▁▂▃▄▅▆▇█"

// spark is a line of at most n block characters: the means of equal parts of
// the values, the lowest at the bottom; a part with no finite value is a space.
func spark(vs []float64, n int) string {
	if len(vs) < 2 {
		return ""
	}
	n = min(n, len(vs))
	means := make([]float64, n)
	s := empty()
	for i := range means {
		sum, k := 0.0, 0
		for _, v := range vs[i*len(vs)/n : (i+1)*len(vs)/n] {
			if finite(v) {
				sum, k = sum+v, k+1
			}
		}
		means[i] = sum / float64(k)
		s = s.with(means[i])
	}
	rs := []rune(blocks)
	var b strings.Builder
	for _, m := range means {
		switch {
		case !finite(m):
			b.WriteByte(' ')
		case s.hi == s.lo:
			b.WriteRune(rs[3])
		default:
			b.WriteRune(rs[int((m-s.lo)/(s.hi-s.lo)*7+0.5)])
		}
	}
	return strings.TrimRight(b.String(), " ")
}
