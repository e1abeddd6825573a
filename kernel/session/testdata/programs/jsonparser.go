// A JSON parser by hand: recursive descent over bytes, errors with line and column, a pretty printer.

package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

type kind int

const (
	null kind = iota
	boolean
	number
	text
	list
	object
)

var kindNames = [...]string{"null", "boolean", "number", "text", "list", "object"}

// A value is one node of a document; an object keeps the order of its fields.
type value struct {
	kind   kind
	truth  bool
	num    float64
	str    string
	items  []*value
	fields []field
}

type field struct {
	key string
	val *value
}

type parser struct {
	src string
	pos int
}

type syntaxError struct {
	line, column int
	text         string
}

func (e syntaxError) Error() string { return fmt.Sprintf("%d:%d: %s", e.line, e.column, e.text) }

func (p *parser) fail(format string, args ...any) {
	before := p.src[:p.pos]
	line := strings.Count(before, "\n") + 1
	column := p.pos - strings.LastIndex(before, "\n")
	panic(syntaxError{line, column, fmt.Sprintf(format, args...)})
}

func parse(src string) (v *value, err error) {
	p := &parser{src: src}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case syntaxError:
			v, err = nil, r
		default:
			panic(r)
		}
	}()
	v = p.value(0)
	p.space()
	if p.pos < len(p.src) {
		p.fail("more after the document")
	}
	return v, nil
}

func (p *parser) space() {
	for p.pos < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *parser) peek() byte {
	p.space()
	if p.pos == len(p.src) {
		p.fail("unexpected end")
	}
	return p.src[p.pos]
}

func (p *parser) accept(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.pos++
	return true
}

func (p *parser) expect(c byte) {
	if !p.accept(c) {
		p.fail("want %q, found %q", c, p.src[p.pos])
	}
}

func (p *parser) value(depth int) *value {
	if depth > 20 {
		p.fail("nested too deeply")
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		p.pos++
		v := &value{kind: list}
		for !p.accept(']') {
			if len(v.items) > 0 {
				p.expect(',')
			}
			v.items = append(v.items, p.value(depth+1))
		}
		return v
	case c == '"':
		return &value{kind: text, str: p.string()}
	case c == '-' || c >= '0' && c <= '9':
		start := p.pos
		for p.pos < len(p.src) && strings.IndexByte("+-0123456789.eE", p.src[p.pos]) >= 0 {
			p.pos++
		}
		n, err := strconv.ParseFloat(p.src[start:p.pos], 64)
		if err != nil {
			p.pos = start
			p.fail("bad number")
		}
		return &value{kind: number, num: n}
	}
	for word, v := range map[string]value{"null": {}, "true": {kind: boolean, truth: true}, "false": {kind: boolean}} {
		if strings.HasPrefix(p.src[p.pos:], word) {
			p.pos += len(word)
			return &v
		}
	}
	p.fail("unexpected %q", p.src[p.pos])
	return nil
}

func (p *parser) object(depth int) *value {
	p.expect('{')
	v := &value{kind: object}
	for first := true; !p.accept('}'); first = false {
		if !first {
			p.expect(',')
		}
		if p.peek() != '"' {
			p.fail("want a key")
		}
		key := p.string()
		if slices.ContainsFunc(v.fields, func(f field) bool { return f.key == key }) {
			p.fail("key %q twice", key)
		}
		p.expect(':')
		v.fields = append(v.fields, field{key, p.value(depth + 1)})
	}
	return v
}

func (p *parser) string() string {
	p.expect('"')
	var b strings.Builder
	for {
		if p.pos >= len(p.src) {
			p.fail("text without end")
		}
		switch c := p.src[p.pos]; {
		case c == '"':
			p.pos++
			return b.String()
		case c < ' ':
			p.fail("control character %#x", c)
		case c == '\\':
			p.pos++
			b.WriteString(p.escape())
		default:
			_, n := utf8.DecodeRuneInString(p.src[p.pos:])
			b.WriteString(p.src[p.pos : p.pos+n])
			p.pos += n
		}
	}
}

func (p *parser) escape() string {
	c := p.src[p.pos]
	p.pos++
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case '"', '\\', '/':
		return string(c)
	case 'u':
		digits := p.src[p.pos:min(p.pos+4, len(p.src))]
		if n, err := strconv.ParseUint(digits, 16, 32); err == nil {
			p.pos += 4
			return string(rune(n))
		}
		p.fail("bad \\u")
	}
	p.fail("unknown escape \\%c", c)
	return ""
}

// format writes short values on one line and others indented.
func (v *value) format(indent string, width int) string {
	join := func(open, end string, parts []string) string {
		if len(parts) == 0 {
			return open + end
		}
		line := open + strings.Join(parts, ", ") + end
		if len(indent)+len(line) <= width && !strings.Contains(line, "\n") {
			return line
		}
		inner := indent + "  "
		return open + "\n" + inner + strings.Join(parts, ",\n"+inner) + "\n" + indent + end
	}
	var parts []string
	switch v.kind {
	case boolean:
		return strconv.FormatBool(v.truth)
	case number:
		return strconv.FormatFloat(v.num, 'g', -1, 64)
	case text:
		return strconv.Quote(v.str)
	case list:
		for _, item := range v.items {
			parts = append(parts, item.format(indent+"  ", width))
		}
		return join("[", "]", parts)
	case object:
		for _, f := range v.fields {
			parts = append(parts, strconv.Quote(f.key)+": "+f.val.format(indent+"  ", width))
		}
		return join("{", "}", parts)
	}
	return "null"
}

// plain is the value as encoding/json would make it.
func (v *value) plain() any {
	switch v.kind {
	case list:
		out := []any{}
		for _, item := range v.items {
			out = append(out, item.plain())
		}
		return out
	case object:
		out := map[string]any{}
		for _, f := range v.fields {
			out[f.key] = f.val.plain()
		}
		return out
	}
	return [...]any{nil, v.truth, v.num, v.str}[v.kind]
}

func (v *value) count(counts map[string]int) {
	counts[kindNames[v.kind]]++
	for _, item := range v.items {
		item.count(counts)
	}
	for _, f := range v.fields {
		f.val.count(counts)
	}
}

func main() {
	const good = `{"name": "Caf\u00e9 \"X\"", "open": true, "tables": [1, 2.5, -3e2, null, []],
		"menu": {"soup": {"price": 4.20, "tags": ["hot", "vegan", "a rather long tag here"]}, "empty": {}}}`
	v, err := parse(good)
	fmt.Println(v.format("", 40), err)
	counts := map[string]int{}
	v.count(counts)
	fmt.Println(counts)
	var reference any
	fmt.Println(json.Unmarshal([]byte(good), &reference), reflect.DeepEqual(reference, v.plain()))
	again, err := parse(v.format("", 0))
	fmt.Println(err, reflect.DeepEqual(v, again), v.fields[3].val.fields[0].val.fields[1].val.items[2].str)

	for _, bad := range []string{
		"", "{", "[1, 2", "[1 2]", `{"a" 1}`, `{a: 1}`, "tru", "[1,]", `{"a":1,}`, "\"abc", `"\q"`, `"\u12g4"`, "\"a\nb\"", "1.2.3", "{}\n\n  x",
		`{"k":1,` + "\n" + `"k":2}`, strings.Repeat("[", 30),
	} {
		_, err := parse(bad)
		fmt.Printf("%.12q: %v; also refused by the library: %t\n", bad, err, !json.Valid([]byte(bad)))
	}
}
