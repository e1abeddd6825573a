package viz

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxRows is how many rows of a table are shown.
const maxRows = 200

// Rows is a table of text.
type Rows struct {
	header []string
	rows   [][]string
	title  string
}

// Table is a table with a header, which may be nil; short rows are filled with
// empty cells. Columns of numbers are set to the right. It panics with *Error
// where a row is longer than the header. Of more than 200 rows the first 200
// are shown and the rest is counted.
func Table(header []string, rows [][]string) *Rows {
	t := &Rows{header: slices.Clone(header)}
	for i, r := range rows {
		if header != nil && len(r) > len(header) {
			fail("Table", "give every column a name, or no header at all", "row %d has %d cells and the header %d", i, len(r), len(header))
		}
		t.rows = append(t.rows, slices.Clone(r))
	}
	return t
}

// Title sets a line over the table.
func (t *Rows) Title(s string) *Rows { t.title = s; return t }

// MIME is the table for a notebook: HTML and text.
func (t *Rows) MIME() map[string]any {
	return map[string]any{"text/html": t.HTML(), "text/plain": t.String()}
}

// HTML is the table as HTML, in the notebook's own style.
func (t *Rows) HTML() string {
	var b strings.Builder
	b.WriteString("<table>")
	if t.title != "" {
		fmt.Fprintf(&b, `<caption style="text-align:left;font-weight:600">%s</caption>`, escape(t.title))
	}
	right := numeric(t.header, t.rows)
	row := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for i := range right {
			align := "left"
			if right[i] {
				align = "right"
			}
			s := ""
			if i < len(cells) {
				s = cells[i]
			}
			fmt.Fprintf(&b, `<%s style="text-align:%s">%s</%s>`, tag, align, escape(s), tag)
		}
		b.WriteString("</tr>\n")
	}
	if t.header != nil {
		b.WriteString("<thead>")
		row("th", t.header)
		b.WriteString("</thead>\n")
	}
	b.WriteString("<tbody>\n")
	for _, r := range t.rows[:min(len(t.rows), maxRows)] {
		row("td", r)
	}
	b.WriteString("</tbody></table>")
	if s := t.more(); s != "" {
		fmt.Fprintf(&b, "<p>%s</p>", s)
	}
	return b.String()
}

// String is the table as text in columns.
func (t *Rows) String() string {
	s := columns(t.header, t.rows[:min(len(t.rows), maxRows)])
	if t.title != "" {
		s = t.title + "\n" + s
	}
	if m := t.more(); m != "" {
		s += "\n" + m
	}
	return s
}

func (t *Rows) more() string {
	if n := len(t.rows) - maxRows; n > 0 {
		return fmt.Sprintf("… and %d more rows", n)
	}
	return ""
}

// numeric says which columns hold nothing but numbers, or nothing.
func numeric(header []string, rows [][]string) []bool {
	n := len(header)
	for _, r := range rows {
		n = max(n, len(r))
	}
	out := make([]bool, n)
	for i := range out {
		some := false
		out[i] = true
		for _, r := range rows {
			if i >= len(r) || r[i] == "" {
				continue
			}
			s := strings.TrimSuffix(strings.TrimSpace(strings.ReplaceAll(r[i], ",", "")), "%")
			_, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
			out[i] = out[i] && err == nil
			some = true
		}
		out[i] = out[i] && some
	}
	return out
}

// columns sets text in columns two spaces apart, under a ruled header.
func columns(header []string, rows [][]string) string {
	right := numeric(header, rows)
	wide := make([]int, len(right))
	all := rows
	if header != nil {
		all = append([][]string{header}, rows...)
	}
	for _, r := range all {
		for i, s := range r {
			wide[i] = max(wide[i], len([]rune(s)))
		}
	}
	var lines []string
	for k, r := range all {
		var parts []string
		for i := range right {
			s := ""
			if i < len(r) {
				s = strings.Join(strings.Fields(r[i]), " ")
			}
			if right[i] {
				s = strings.Repeat(" ", max(0, wide[i]-len([]rune(s)))) + s
			}
			parts = append(parts, pad(s, wide[i]))
		}
		lines = append(lines, strings.TrimRight(strings.Join(parts, "  "), " "))
		if k == 0 && header != nil {
			var rule []string
			for _, w := range wide {
				rule = append(rule, strings.Repeat("─", w))
			}
			lines = append(lines, strings.Join(rule, "  "))
		}
	}
	return strings.Join(lines, "\n")
}
