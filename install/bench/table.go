package bench

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// outcome is how a row ends against one rival.
type outcome struct {
	rival    Rival
	ratio    float64 // rival by Tapir; NaN: there is none
	low      float64 // its quartiles
	high     float64
	way      string // which way counted, where there are several
	apart    float64
	problems string // why there is no ratio
}

// holds says whether a bar is reached; "" where there is none.
func (o outcome) holds() string {
	switch {
	case math.IsNaN(o.ratio), o.rival.Bar == 0:
		return ""
	case o.ratio >= o.rival.Bar:
		return "yes"
	}
	return "**no**"
}

// find is the series of a way.
func find(series []Series, w Way, scope bool) (Series, bool) {
	i := slices.IndexFunc(series, func(s Series) bool { return s.Way == w && s.Scope == scope })
	if i < 0 {
		return Series{}, false
	}
	return series[i], true
}

// own is Tapir's way of a row.
func (r Row) own() Way { return r.ways()[0].Way }

// against holds a row's series against a rival.
func against(row Row, series []Series, rival Rival) outcome {
	o := outcome{rival: rival, ratio: math.NaN(), apart: -1}
	mine, ok := find(series, row.own(), false)
	if !ok || len(mine.Samples) == 0 {
		o.problems = "Tapir: " + mine.Failed
		return o
	}
	best := Series{}
	for _, w := range rival.Ways {
		s, ok := find(series, w, false)
		if !ok {
			continue
		}
		if len(s.Samples) == 0 {
			o.problems = map[bool]string{true: "skipped: ", false: "error: "}[s.Skipped] + s.Failed
			if !s.Skipped {
				return o // the results differ, or the peer broke: no other way makes that good
			}
			continue
		}
		if best.Samples == nil || median(s.Samples) < median(best.Samples) {
			best = s
		}
	}
	if best.Samples == nil {
		if o.problems == "" {
			o.problems = "not measured"
		}
		return o
	}
	var pairs []float64
	for i := range min(len(mine.Samples), len(best.Samples)) {
		pairs = append(pairs, best.Samples[i]/mine.Samples[i])
	}
	o.ratio, o.low, o.high = median(best.Samples)/median(mine.Samples), quantile(pairs, 0.25), quantile(pairs, 0.75)
	o.apart, o.problems = best.Apart, ""
	if len(rival.Ways) > 1 {
		switch {
		case best.Way.Threads != row.Threads:
			o.way = threads(best.Way.Threads)
		case strings.HasSuffix(best.Way.Work, ":last"):
			o.way = "channels last"
		}
	}
	return o
}

// summary is a row in a few words, for who waits.
func summary(row Row, series []Series) string {
	var parts []string
	for _, r := range row.Rivals {
		o := against(row, series, r)
		switch {
		case o.problems != "":
			parts = append(parts, fmt.Sprintf("%s: %s", r.Name, o.problems))
		case r.Bar == 0:
			parts = append(parts, fmt.Sprintf("%s %.2f", r.Name, o.ratio))
		default:
			parts = append(parts, fmt.Sprintf("%s %.2f (%g%s)", r.Name, o.ratio, r.Bar, map[bool]string{true: "", false: ": short"}[o.ratio >= r.Bar]))
		}
	}
	return strings.Join(parts, ", ")
}

// Markdown writes the table. raw is the name of the file with the raw samples.
func (r *Results) Markdown(out io.Writer, raw string) {
	p := func(format string, args ...any) { fmt.Fprintf(out, format, args...) }
	p("# Tapir beside its peers\n\n")
	p("Ratio = the rival's time / Tapir's, of medians; behind it the quartiles of pairs of samples that were taken one after the other. ")
	p("Every rival has as many threads as Tapir, where nothing else is said. Before it is timed, each row is computed by all and ")
	p("compared: *apart* is the largest difference, as a part of the largest number. *In a scope* is Tapir with each iteration in an ")
	p("`eager.Scope`, against the same rival. *int8 product* is the kernel alone, which makes no result anew. Of memory the ratio is that of peaks of whole processes. Raw samples: [%s](%s).\n\n", raw, raw)
	for _, a := range r.About {
		p("- %s\n", a)
	}
	if dates := r.dates(); len(dates) > 0 {
		p("- measured: %s\n", strings.Join(dates, ", "))
	}
	p("\n| work (float32) | threads | Tapir | rival | its | ratio | quartiles | at least | holds | in a scope | apart |\n")
	p("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, row := range Rows() {
		series, there := r.Rows[row.ID()]
		if !there {
			continue
		}
		mine, _ := find(series, row.own(), false)
		scoped, inScope := find(series, row.own(), true)
		for i, rival := range row.Rivals {
			o := against(row, series, rival)
			name, count := "", ""
			if i == 0 {
				name, count = row.Name, fmt.Sprint(row.Threads)
			}
			who := rival.Name
			if o.way != "" {
				who += " (" + o.way + ")"
			}
			if o.problems != "" {
				p("| %s | %s | %s | %s | %s | | | %s | | | |\n", name, count, amount(row, mine.Samples), who, cell(o.problems), bar(rival))
				continue
			}
			scope, apart := "", ""
			if inScope && len(scoped.Samples) > 0 && len(mine.Samples) > 0 {
				scope = ratio(o.ratio * median(mine.Samples) / median(scoped.Samples))
			}
			if o.apart >= 0 {
				apart = fmt.Sprintf("%.1g", o.apart)
			}
			spread := ""
			if row.Steps == 0 {
				spread = ratio(o.low) + "-" + ratio(o.high)
			}
			its := amount(row, []float64{median(mine.Samples) * o.ratio})
			p("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", name, count, amount(row, mine.Samples), who, its,
				ratio(o.ratio), spread, bar(rival), o.holds(), scope, apart)
		}
	}
	r.means(p)
}

// means writes the geometric means over the sizes of square products.
func (r *Results) means(p func(format string, args ...any)) {
	p("\n")
	for t := 1; t <= 2; t++ {
		for _, name := range []string{"PyTorch", "OpenBLAS"} {
			sum, n := 0.0, 0
			for _, row := range products() {
				if row.Threads != t || !strings.HasPrefix(row.Name, "SGEMM n") {
					continue
				}
				for _, rival := range row.Rivals {
					if o := against(row, r.Rows[row.ID()], rival); rival.Name == name && !math.IsNaN(o.ratio) {
						sum, n = sum+math.Log(o.ratio), n+1
					}
				}
			}
			if n != 4 {
				continue
			}
			mean := math.Exp(sum / 4)
			text := ""
			if name == "PyTorch" {
				text = "; at least 1.0: " + outcome{ratio: mean, rival: Rival{Bar: 1}}.holds()
			}
			p("- SGEMM, n = 256 to 2048, %s: geometric mean of the ratios against %s %s%s\n", threads(t), name, ratio(mean), text)
		}
	}
}

// dates are the days on which rows were measured.
func (r *Results) dates() (days []string) {
	for _, series := range r.Rows {
		for _, s := range series {
			if !slices.Contains(days, s.Date) {
				days = append(days, s.Date)
			}
		}
	}
	slices.Sort(days)
	return days
}

// amount is a median as people read it.
func amount(row Row, samples []float64) string {
	if len(samples) == 0 {
		return ""
	}
	v := median(samples)
	switch {
	case row.Steps > 0:
		return fmt.Sprintf("%.0f MiB", v/(1<<20))
	case v < 1e-6:
		return fmt.Sprintf("%.0f ns", v*1e9)
	case v < 1e-3:
		return fmt.Sprintf("%.3g us", v*1e6)
	}
	return fmt.Sprintf("%.3g ms", v*1e3)
}

func ratio(v float64) string {
	if v >= 10 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func bar(r Rival) string {
	if r.Bar == 0 {
		return ""
	}
	return fmt.Sprint(r.Bar)
}

// cell is text as it fits into a cell of a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "\\|")
}
