package assist

import (
	"fmt"
	"go/doc/comment"
	"html"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tapir-go/tapir/kernel/cell"
	"github.com/tapir-go/tapir/kernel/session"
)

// Item is one possible completion.
type Item struct {
	Text      string // what is put in
	Kind      string // "function", "type", "variable", "constant", "module", "keyword", "field", "method"
	Signature string // signature or type
}

// Completion is what may take the place of the code points from Start to End.
type Completion struct {
	Start, End int
	Items      []Item
}

// Complete says what may stand at the cursor, which counts code points.
func Complete(s *session.Session, src string, cursor int) Completion {
	off := offset(src, cursor)
	out := Completion{Start: cursor, End: cursor}
	if inLiteral(src[:off]) {
		return out
	}
	s.Look(src, off, false, func(p *cell.Probe) {
		out.Start = utf8.RuneCountInString(src[:p.From])
		out.End = utf8.RuneCountInString(src[:off])
		for _, n := range p.Names() {
			if strings.HasPrefix(n.Name, p.Word) || p.Word != "" && fold(n.Name, p.Word) {
				out.Items = append(out.Items, Item{n.Name, n.Kind, n.Detail})
			}
		}
		exact := false
		for _, i := range out.Items {
			exact = exact || strings.HasPrefix(i.Text, p.Word)
		}
		if exact { // other capitals only where nothing fits as it is written
			kept := out.Items[:0]
			for _, i := range out.Items {
				if strings.HasPrefix(i.Text, p.Word) {
					kept = append(kept, i)
				}
			}
			out.Items = kept
		}
	})
	sort.SliceStable(out.Items, func(i, j int) bool { return less(out.Items[i], out.Items[j]) })
	return out
}

func fold(name, word string) bool {
	return len(name) >= len(word) && strings.EqualFold(name[:len(word)], word)
}

// less orders what a cell declares before what the language and packages have.
func less(a, b Item) bool {
	rank := func(i Item) int {
		switch i.Kind {
		case "module":
			return 1
		case "keyword":
			return 2
		}
		return 0
	}
	if x, y := rank(a), rank(b); x != y {
		return x < y
	}
	return a.Text < b.Text
}

// offset is the byte offset of a code point.
func offset(src string, cursor int) int {
	for i := range src {
		if cursor <= 0 {
			return i
		}
		cursor--
	}
	return len(src)
}

// inLiteral tells whether the end of a text is inside of a string or a comment.
func inLiteral(text string) bool {
	const (
		code = iota
		str
		raw
		char
		line
		block
	)
	state := code
	for i := 0; i < len(text); i++ {
		c := text[i]
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch state {
		case code:
			switch {
			case c == '"':
				state = str
			case c == '`':
				state = raw
			case c == '\'':
				state = char
			case c == '/' && next == '/':
				state = line
			case c == '/' && next == '*':
				state = block
				i++
			}
		case str, char:
			switch {
			case c == '\\':
				i++
			case c == '\n', state == str && c == '"', state == char && c == '\'':
				state = code
			}
		case raw:
			if c == '`' {
				state = code
			}
		case line:
			if c == '\n' {
				state = code
			}
		case block:
			if c == '*' && next == '/' {
				state = code
				i++
			}
		}
	}
	return state != code
}

// Inspect describes what the cursor is at, as a MIME bundle; with a detail of 1 or more the source of what cells declare and
// the members of packages and types are part of it.
func Inspect(s *session.Session, src string, cursor, detail int) (bundle map[string]any, found bool) {
	off := offset(src, cursor)
	for _, at := range places(src, off) {
		var f cell.Found
		s.Look(src, at, true, func(p *cell.Probe) { f, found = p.Object() })
		if found {
			return describe(s, f, detail), true
		}
	}
	return map[string]any{}, false
}

// places are where a name to describe may be: at the cursor, and before the parenthesis that the cursor is in.
func places(src string, off int) []int {
	var out []int
	isName := func(i int) bool {
		if i < 0 || i >= len(src) {
			return false
		}
		r, _ := utf8.DecodeRuneInString(src[i:])
		return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	if isName(off) || off > 0 && isName(off-1) {
		out = append(out, off)
	}
	depth := 0
	for i := off - 1; i >= 0; i-- {
		switch src[i] {
		case ')':
			depth++
		case '(':
			depth--
			if depth < 0 {
				if isName(i - 1) {
					out = append(out, i)
				}
				return out
			}
		}
	}
	return out
}

// describe is what is known about a name as plain text, HTML and Markdown.
func describe(s *session.Session, f cell.Found, detail int) map[string]any {
	doc := f.Doc
	if f.Path != "" {
		name := f.Symbol
		if strings.HasPrefix(f.Title, "package ") {
			name = ""
		}
		doc = s.Doc(f.Path, name)
	} else if f.Title != "" && doc == "" {
		doc = builtin[f.Symbol]
	}
	value := ""
	if f.Emit != "" {
		if v, ok := s.Summary(f.Emit); ok && v != "" {
			value = v
		}
	}
	place := ""
	switch {
	case f.Cell > 0:
		place = fmt.Sprintf("declared in cell %d", f.Cell)
	case f.Path != "":
		place = "package " + f.Path
	}
	source := ""
	if detail > 0 {
		source = f.Source
	}
	var members []string
	if detail > 0 || strings.HasPrefix(f.Title, "package ") {
		for _, m := range f.Members {
			d := m.Detail
			if d == "" || m.Kind == "type" {
				d = m.Kind + " " + m.Name
			} else if m.Kind != "function" && m.Kind != "method" {
				d = m.Name + " " + d
			}
			members = append(members, d)
		}
	}
	return map[string]any{
		"text/plain": plain(f.Title, value, doc, source, members, place),
		"text/html":  rich(f.Title, value, doc, source, members, place),
	}
}

func plain(title, value, doc, source string, members []string, place string) string {
	var parts []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	add(title)
	if value != "" {
		add("value: " + value)
	}
	add(doc)
	if source != title {
		add(source)
	}
	add(strings.Join(members, "\n"))
	add(place)
	return strings.Join(parts, "\n\n") + "\n"
}

func rich(title, value, doc, source string, members []string, place string) string {
	var b strings.Builder
	pre := func(s string) {
		if s != "" {
			b.WriteString("<pre>" + html.EscapeString(s) + "</pre>\n")
		}
	}
	pre(title)
	if value != "" {
		pre("value: " + value)
	}
	if doc != "" {
		var p comment.Parser
		var pr comment.Printer
		b.Write(pr.HTML(p.Parse(doc)))
	}
	pre(source)
	pre(strings.Join(members, "\n"))
	if place != "" {
		b.WriteString("<p><small>" + html.EscapeString(place) + "</small></p>\n")
	}
	return b.String()
}

// builtin documents the predeclared functions.
var builtin = map[string]string{
	"append":  "append(slice, elements...) gives the slice with elements added at its end.",
	"cap":     "cap(v) is the capacity of an array, slice or channel.",
	"clear":   "clear(m) removes all entries of a map; of a slice it zeroes all elements.",
	"close":   "close(c) closes a channel: receivers get what is left, then zero values.",
	"complex": "complex(r, i) makes a complex number of its parts.",
	"copy":    "copy(dst, src) copies elements and gives their number, the smaller of both lengths.",
	"delete":  "delete(m, key) removes an entry of a map.",
	"imag":    "imag(c) is the imaginary part of a complex number.",
	"len":     "len(v) is the length of a string, array, slice, map or channel.",
	"make":    "make(T, size...) makes a slice, map or channel.",
	"max":     "max(x, y...) is the largest of its arguments.",
	"min":     "min(x, y...) is the smallest of its arguments.",
	"new":     "new(T) is a pointer to a new zero value; new(x) one to a new variable with the value x.",
	"panic":   "panic(v) stops the normal course of the goroutine; deferred functions run.",
	"print":   "print(args...) writes to standard error.",
	"println": "println(args...) writes to standard error, with spaces and a newline.",
	"real":    "real(c) is the real part of a complex number.",
	"recover": "recover(), in a deferred function, ends a panic and gives its value.",
}
