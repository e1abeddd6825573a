package monitor

import (
	"fmt"
	"html"
	"strings"
)

// item is one line of a snapshot as it is shown.
type item struct {
	name  string
	text  string
	share float64 // 0 to 1; below 0 where there is no bar
	why   string
}

func (s *Snapshot) items() []item {
	out := []item{
		share("CPU", s.Load, fmt.Sprintf("of %d CPUs", s.CPUs)),
		share("CPU, this process", s.ProcessLoad, fmt.Sprintf("of %d CPUs", s.CPUs)),
		part("memory", s.Memory, s.MemoryTotal),
		part("memory, this process", s.Process, s.MemoryTotal),
	}
	if s.Heap.OK() {
		out[3].text += ", Go heap " + bytes(s.Heap.Value)
	}
	for _, g := range s.GPUs {
		load := share(g.Name, g.Load, "")
		if g.Temperature.OK() {
			load.text += fmt.Sprintf(", %.0f °C", g.Temperature.Value)
		}
		if g.Power.OK() {
			load.text += fmt.Sprintf(", %.0f W", g.Power.Value)
		}
		load.text = strings.TrimPrefix(load.text, ", ")
		out = append(out, load, part(g.Name+" memory", g.Memory, g.MemoryTotal))
	}
	if len(s.GPUs) == 0 {
		out = append(out, item{name: "GPU", share: -1, why: s.NoGPU})
	}
	return out
}

func share(name string, r Reading, of string) item {
	if !r.OK() {
		return item{name: name, share: -1, why: r.Why}
	}
	return item{name: name, share: r.Value / 100, text: strings.TrimSpace(fmt.Sprintf("%.0f %% %s", r.Value, of))}
}

func part(name string, used, total Reading) item {
	switch {
	case !used.OK():
		return item{name: name, share: -1, why: used.Why}
	case !total.OK() || total.Value <= 0:
		return item{name: name, share: -1, text: bytes(used.Value)}
	}
	return item{name: name, share: min(used.Value/total.Value, 1), text: bytes(used.Value) + " of " + bytes(total.Value)}
}

// bytes is a size for people: 512 MiB, 3.2 GiB.
func bytes(v float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for v >= 1024 && i < len(units)-1 {
		v, i = v/1024, i+1
	}
	if v >= 100 || i == 0 {
		return fmt.Sprintf("%.0f %s", v, units[i])
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}

// String is the snapshot in lines of text.
func (s *Snapshot) String() string {
	var lines []string
	for _, it := range s.items() {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%-22s %s", it.name, it.said()), " "))
	}
	return strings.Join(lines, "\n")
}

// said is the text of the item, or why it has none.
func (it item) said() string {
	switch {
	case it.why == "":
		return it.text
	case it.text == "":
		return "– (" + it.why + ")"
	}
	return it.text + " (load: " + it.why + ")"
}

// MIME is the snapshot for a notebook: HTML and text.
func (s *Snapshot) MIME() map[string]any {
	return map[string]any{"text/html": render(s.items(), nil), "text/plain": s.String()}
}

// render is a table of bars; history, where there is one, holds earlier shares
// of each item.
func render(items []item, history [][]float64) string {
	var b strings.Builder
	b.WriteString(`<div style="font:13px/1.5 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,#3e4c59);display:grid;grid-template-columns:max-content 120px max-content 130px;gap:3px 12px;align-items:center;max-width:720px">`)
	for i, it := range items {
		fmt.Fprintf(&b, `<span>%s</span>`, html.EscapeString(it.name))
		if it.share >= 0 {
			fmt.Fprintf(&b, `<span style="height:6px;border-radius:3px;background:rgba(127,127,127,.22)"><span style="display:block;width:%.0f%%;height:6px;border-radius:3px;background:%s"></span></span>`, it.share*100, ink(it.share))
		} else {
			b.WriteString(`<span></span>`)
		}
		if it.why != "" {
			fmt.Fprintf(&b, `<span style="grid-column:3/5;color:var(--jp-ui-font-color2,#7b8794)">%s</span>`, html.EscapeString(it.said()))
			continue
		}
		fmt.Fprintf(&b, `<span style="font-variant-numeric:tabular-nums">%s</span><span>`, html.EscapeString(it.text))
		if i < len(history) {
			b.WriteString(trace(history[i]))
		}
		b.WriteString(`</span>`)
	}
	b.WriteString("</div>")
	return b.String()
}

func ink(share float64) string {
	if share > 0.9 {
		return "#bd1f01"
	}
	return "#3f90da"
}

// trace is a small line of shares over time, the newest at the right.
func trace(shares []float64) string {
	if len(shares) < 2 {
		return ""
	}
	const wide, high = 120, 18
	var b strings.Builder
	fmt.Fprintf(&b, `<svg width="%d" height="%d" viewBox="0 0 %d %d" style="vertical-align:middle"><polyline fill="none" stroke="#3f90da" stroke-width="1.5" stroke-linejoin="round" points="`, wide, high, wide, high)
	step := float64(wide) / float64(kept-1)
	x0 := wide - step*float64(len(shares)-1)
	for i, s := range shares {
		fmt.Fprintf(&b, "%.1f,%.1f ", x0+step*float64(i), float64(high)-1-s*(high-2))
	}
	return strings.TrimSpace(b.String()) + `"/></svg>`
}
