// A subset of Markdown turned into HTML: blocks line by line, then what is inside them.

package main

import (
	"fmt"
	"html"
	"strings"
)

const source = "# Title with *stress*\n" +
	"\n" +
	"A paragraph of two\nlines with `code <b>` and **bold _nested_ text**.\n" +
	"\n" +
	"- first\n- second with [a link](https://go.dev \"Go\")\n  - deeper\n  - still\n- third\n" +
	"\n" +
	"1. one\n2. two\n" +
	"\n" +
	"> quoted\n> > twice\n> end\n" +
	"\n" +
	"```go\nfunc main() { x := 1 < 2 }\n\n```\n" +
	"Name | Age\n---|--:\nAnn | 31\nBob & Co | 7\n" +
	"\n" +
	"***\n" +
	"## End \\*not stressed\\* ![pic](a.png)\n" +
	"2 * 3 * 4 and snake_case_name and **open\n"

type parser struct {
	lines []string
	out   strings.Builder
}

func (p *parser) peek() string {
	if len(p.lines) == 0 {
		return ""
	}
	return p.lines[0]
}

func (p *parser) next() string {
	line := p.lines[0]
	p.lines = p.lines[1:]
	return line
}

// takeWhile cuts off the lines for which f holds, each as f returns it.
func (p *parser) takeWhile(f func(string) (string, bool)) (taken []string) {
	for len(p.lines) > 0 {
		line, ok := f(p.lines[0])
		if !ok {
			break
		}
		taken = append(taken, line)
		p.next()
	}
	return taken
}

func marker(line string) (kind string, width int) {
	if strings.HasPrefix(line, "- ") {
		return "ul", 2
	}
	digits := strings.IndexFunc(line, func(r rune) bool { return r < '0' || r > '9' })
	if digits > 0 && strings.HasPrefix(line[digits:], ". ") {
		return "ol", digits + 2
	}
	return "", 0
}

func (p *parser) blocks() string {
	for len(p.lines) > 0 {
		line := p.peek()
		kind, _ := marker(line)
		switch {
		case strings.TrimSpace(line) == "":
			p.next()
		case line[0] == '#':
			level := len(line) - len(strings.TrimLeft(line, "#"))
			fmt.Fprintf(&p.out, "<h%d>%s</h%[1]d>\n", level, inline(strings.TrimSpace(line[level:])))
			p.next()
		case line == "***" || line == "---":
			p.out.WriteString("<hr>\n")
			p.next()
		case strings.HasPrefix(line, "```"):
			language := strings.TrimPrefix(p.next(), "```")
			code := p.takeWhile(func(s string) (string, bool) { return s, s != "```" })
			p.next()
			fmt.Fprintf(&p.out, "<pre class=%q>%s</pre>\n", language, html.EscapeString(strings.Join(code, "\n")))
		case line[0] == '>':
			quoted := p.takeWhile(func(s string) (string, bool) {
				rest, ok := strings.CutPrefix(s, ">")
				return strings.TrimPrefix(rest, " "), ok
			})
			p.out.WriteString("<blockquote>\n" + render(quoted) + "</blockquote>\n")
		case kind != "":
			p.list(kind)
		case len(p.lines) > 1 && strings.Contains(line, "|") && strings.HasPrefix(p.lines[1], "---"):
			p.table()
		default:
			text := p.takeWhile(func(s string) (string, bool) {
				return s, strings.TrimSpace(s) != "" && !strings.ContainsAny(s[:1], "#>`")
			})
			fmt.Fprintf(&p.out, "<p>%s</p>\n", inline(strings.Join(text, "\n")))
		}
	}
	return p.out.String()
}

func (p *parser) list(kind string) {
	fmt.Fprintf(&p.out, "<%s>\n", kind)
	for {
		k, width := marker(p.peek())
		if k != kind {
			break
		}
		first := p.next()[width:]
		inner := p.takeWhile(func(s string) (string, bool) {
			return strings.CutPrefix(s, strings.Repeat(" ", width))
		})
		p.out.WriteString("<li>" + inline(first))
		if len(inner) > 0 {
			p.out.WriteString("\n" + render(inner))
		}
		p.out.WriteString("</li>\n")
	}
	fmt.Fprintf(&p.out, "</%s>\n", kind)
}

func (p *parser) table() {
	rows := p.takeWhile(func(s string) (string, bool) { return s, strings.Contains(s, "|") })
	aligns := strings.Split(rows[1], "|")
	p.out.WriteString("<table>")
	for i, row := range append(rows[:1:1], rows[2:]...) {
		p.out.WriteString("<tr>")
		tag := map[bool]string{true: "th", false: "td"}[i == 0]
		for c, text := range strings.Split(row, "|") {
			style := ""
			if strings.HasSuffix(aligns[c], ":") {
				style = " align=right"
			}
			fmt.Fprintf(&p.out, "<%s%s>%s</%[1]s>", tag, style, inline(strings.TrimSpace(text)))
		}
		p.out.WriteString("</tr>")
	}
	p.out.WriteString("</table>\n")
}

// spans are the marks that come in pairs, longest first.
var spans = []struct{ mark, tag string }{{"**", "strong"}, {"*", "em"}, {"_", "em"}}

func inline(s string) string {
	var b strings.Builder
scan:
	for i := 0; i < len(s); {
		rest := s[i:]
		if rest[0] == '\\' && len(rest) > 1 {
			b.WriteByte(rest[1])
			i += 2
			continue
		}
		if rest[0] == '`' {
			if end := strings.IndexByte(rest[1:], '`'); end >= 0 {
				b.WriteString("<code>" + html.EscapeString(rest[1:end+1]) + "</code>")
				i += end + 2
				continue
			}
		}
		image := strings.HasPrefix(rest, "![")
		if rest[0] == '[' || image {
			label, tail, ok := strings.Cut(rest[strings.IndexByte(rest, '[')+1:], "](")
			if target, _, closed := strings.Cut(tail, ")"); ok && closed {
				url, title, _ := strings.Cut(target, " ")
				if title = strings.Trim(title, `"`); title != "" {
					title = fmt.Sprintf(" title=%q", title)
				}
				if image {
					fmt.Fprintf(&b, "<img src=%q alt=%q%s>", url, label, title)
					i++
				} else {
					fmt.Fprintf(&b, "<a href=%q%s>%s</a>", url, title, inline(label))
				}
				i += len("[](") + len(label) + len(target) + 1
				continue
			}
		}
		for _, span := range spans {
			body, ok := strings.CutPrefix(rest, span.mark)
			if !ok || body == "" || body[0] == ' ' || (span.mark == "_" && i > 0 && s[i-1] != ' ') {
				continue
			}
			if end := strings.Index(body, span.mark); end > 0 && body[end-1] != ' ' {
				fmt.Fprintf(&b, "<%s>%s</%[1]s>", span.tag, inline(body[:end]))
				i += end + 2*len(span.mark)
				continue scan
			}
		}
		b.WriteString(html.EscapeString(rest[:1]))
		i++
	}
	return b.String()
}

func render(lines []string) string {
	p := &parser{lines: lines}
	return p.blocks()
}

func main() {
	fmt.Print(render(strings.Split(source, "\n")))
	fmt.Println(inline("a\\\\b [no link] `open"), len(render(nil)))
}
