package graph

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/tapir-go/tapir/dynamic"
)

// Drawing is a graph as a picture.
type Drawing struct {
	svg, text string
}

// Draw lays out g and draws it: inputs as round boxes, ops as square ones with
// the shape that they made, the parameters that they use and the line that ran
// them; results have a heavy border, and a value that Go code read has a
// marked one.
func Draw(g *dynamic.Graph) *Drawing {
	at := map[*dynamic.Value]*box{}
	var boxes []*box
	for _, v := range g.Inputs {
		b := &box{kind: "input", lines: []string{v.Name, v.DType.String() + v.Shape.String()}, title: "input " + v.String()}
		at[v] = b
		boxes = append(boxes, b)
	}
	for _, n := range g.Nodes {
		b := &box{kind: "op", lines: []string{n.Op.Name}, title: n.String()}
		var uses []string
		for _, v := range n.In {
			if from := at[v]; from != nil {
				b.up = append(b.up, from)
				from.down = append(from.down, b)
			} else {
				uses = append(uses, v.Name+v.Shape.String())
			}
		}
		for _, u := range uses {
			b.lines = append(b.lines, "· "+u)
		}
		b.lines = append(b.lines, n.Out.DType.String()+n.Out.Shape.String())
		if n.Where.Cell > 0 {
			b.lines = append(b.lines, fmt.Sprintf("cell %d:%d", n.Where.Cell, n.Where.Line))
		}
		at[n.Out] = b
		boxes = append(boxes, b)
	}
	for _, v := range g.Outputs {
		if b := at[v]; b != nil {
			b.kind += " result"
		}
	}
	for _, d := range g.Decisions {
		if b := at[d.Of]; b != nil {
			b.kind += " decision"
			b.lines = append(b.lines, fmt.Sprintf("%s read: %s", d.Kind, d.Value))
			b.title = d.String()
		}
	}
	layers, w, h := layout(boxes)
	return &Drawing{svg: render(layers, w, h), text: g.String()}
}

// SVG is the drawing as an SVG document.
func (d *Drawing) SVG() string { return d.svg }

// MIME is the drawing for a notebook: the SVG, and the graph as text.
func (d *Drawing) MIME() map[string]any {
	return map[string]any{"image/svg+xml": d.svg, "text/plain": d.text}
}

const margin = 14.0

// Every rule is scoped to the drawing's own class: a page that takes the SVG
// in line must not be restyled by it.
var style = scoped(".tapir-graph",
	"text", "font:11px ui-monospace,Menlo,Consolas,monospace;fill:#1f2933;text-anchor:middle",
	".head", "font-weight:bold;font-size:12px",
	".note", "fill:#66788a",
	".op rect", "fill:#eef4fb;stroke:#3b73b9",
	".input rect", "fill:#fdf3e1;stroke:#c9862b;rx:14px",
	".result rect", "stroke-width:2.6",
	".decision rect", "fill:#fde8e8;stroke:#c0392b;stroke-dasharray:5 3",
	"path", "fill:none;stroke:#8796a5;stroke-width:1.2",
)

// scoped writes CSS from pairs of selector and properties, each below within.
func scoped(within string, pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "%s %s{%s}", within, pairs[i], pairs[i+1])
	}
	return b.String()
}

// render writes the boxes and the edges between them.
func render(layers [][]*box, w, h float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="tapir-graph" width="%.0f" height="%.0f" viewBox="%.0f %.0f %.0f %.0f">`,
		w+2*margin, h+2*margin, -margin, -margin, w+2*margin, h+2*margin)
	fmt.Fprintf(&b, `<style>%s</style>`, style)
	fmt.Fprintf(&b, `<rect x="%.0f" y="%.0f" width="%.0f" height="%.0f" rx="6" fill="#fff"/>`, -margin, -margin, w+2*margin, h+2*margin)
	b.WriteString(`<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#8796a5;stroke:none"/></marker></defs>`)
	for _, l := range layers {
		for _, to := range l {
			if to.kind == "bend" {
				continue
			}
			for _, from := range to.up {
				edge(&b, from, to)
			}
		}
	}
	for _, l := range layers {
		for _, x := range l {
			if x.kind != "bend" {
				x.render(&b)
			}
		}
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// edge draws one edge, through its bends, into the top of to.
func edge(b *strings.Builder, from, to *box) {
	path := []*box{to}
	for from.kind == "bend" {
		path = append(path, from)
		from = from.up[0]
	}
	x, y := from.x, from.y+from.h
	fmt.Fprintf(b, `<path d="M%.1f %.1f`, x, y)
	for i := len(path) - 1; i >= 0; i-- {
		p := path[i]
		mid := (y + p.y) / 2
		fmt.Fprintf(b, `C%.1f %.1f %.1f %.1f %.1f %.1f`, x, mid, p.x, mid, p.x, p.y)
		x, y = p.x, p.y
	}
	b.WriteString(`" marker-end="url(#tip)"/>`)
}

func (x *box) render(b *strings.Builder) {
	fmt.Fprintf(b, `<g class="%s"><title>%s</title><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="4"/>`,
		x.kind, escape(x.title), x.x-x.w/2, x.y, x.w, x.h)
	for i, line := range x.lines {
		class := "note"
		if i == 0 {
			class = "head"
		}
		fmt.Fprintf(b, `<text class="%s" x="%.1f" y="%.1f">%s</text>`, class, x.x, x.y+padY+float64(i)*lineH+lineH*0.75, escape(line))
	}
	b.WriteString(`</g>`)
}

func escape(s string) string {
	var b strings.Builder
	// EscapeText fails only when its writer does.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
