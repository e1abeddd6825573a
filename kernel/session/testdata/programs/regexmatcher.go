// A regular expression matcher: parsed to a tree, compiled to an NFA, run without backtracking.

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// node is one part of a pattern.
type node interface {
	compile(m *machine, next int) int
}

type (
	char    struct{ r rune }
	anyChar struct{}
	class   struct {
		ranges [][2]rune
		negate bool
	}
	sequence []node
	either   []node
	repeat   struct {
		n        node
		min, max int // max < 0: without end
	}
	anchor byte
)

type state struct {
	match  func(rune) bool // nil: a split, or the end
	out    []int
	anchor anchor
}

type machine struct {
	states []state
	start  int
}

const accept = 0

func (m *machine) add(s state) int {
	m.states = append(m.states, s)
	return len(m.states) - 1
}

func (c char) compile(m *machine, next int) int {
	return m.add(state{match: func(r rune) bool { return r == c.r }, out: []int{next}})
}
func (anyChar) compile(m *machine, next int) int {
	return m.add(state{match: func(r rune) bool { return r != '\n' }, out: []int{next}})
}
func (c class) compile(m *machine, next int) int {
	return m.add(state{match: func(r rune) bool {
		in := slices.ContainsFunc(c.ranges, func(p [2]rune) bool { return p[0] <= r && r <= p[1] })
		return in != c.negate
	}, out: []int{next}})
}
func (s sequence) compile(m *machine, next int) int {
	for i := range s {
		next = s[len(s)-1-i].compile(m, next)
	}
	return next
}
func (e either) compile(m *machine, next int) int {
	var out []int
	for _, n := range e {
		out = append(out, n.compile(m, next))
	}
	return m.add(state{out: out})
}
func (r repeat) compile(m *machine, next int) int {
	if r.max < 0 {
		loop := m.add(state{})
		body := r.n.compile(m, loop)
		m.states[loop].out = []int{body, next}
		next = loop
	}
	for range max(0, r.max-r.min) {
		next = m.add(state{out: []int{r.n.compile(m, next), next}})
	}
	for range r.min {
		next = r.n.compile(m, next)
	}
	return next
}
func (a anchor) compile(m *machine, next int) int {
	return m.add(state{anchor: a, out: []int{next}})
}

type parser struct{ rest []rune }

func (p *parser) peek() rune {
	if len(p.rest) == 0 {
		return 0
	}
	return p.rest[0]
}

func (p *parser) next() (r rune) {
	r = p.peek()
	if r != 0 {
		p.rest = p.rest[1:]
	}
	return r
}

func (p *parser) either() (node, error) {
	var branches either
	for {
		s, err := p.sequence()
		if err != nil {
			return nil, err
		}
		branches = append(branches, s)
		if p.peek() != '|' {
			break
		}
		p.next()
	}
	if len(branches) == 1 {
		return branches[0], nil
	}
	return branches, nil
}

func (p *parser) sequence() (node, error) {
	var s sequence
	for r := p.peek(); r != 0 && r != '|' && r != ')'; r = p.peek() {
		n, err := p.atom()
		if err != nil {
			return nil, err
		}
		for {
			switch q := p.peek(); q {
			case '*', '+', '?':
				p.next()
				n = map[rune]repeat{'*': {n, 0, -1}, '+': {n, 1, -1}, '?': {n, 0, 1}}[q]
				continue
			case '{':
				text, tail, ok := strings.Cut(string(p.rest[1:]), "}")
				rep := repeat{n, 0, -1}
				if c, _ := fmt.Sscanf(text, "%d,%d", &rep.min, &rep.max); !ok || c == 0 {
					return nil, fmt.Errorf("bad repeat {%s", text)
				}
				if !strings.Contains(text, ",") {
					rep.max = rep.min
				}
				n, p.rest = rep, []rune(tail)
				continue
			}
			break
		}
		s = append(s, n)
	}
	return s, nil
}

func (p *parser) atom() (node, error) {
	switch r := p.next(); r {
	case '.':
		return anyChar{}, nil
	case '^', '$':
		return anchor(r), nil
	case '(':
		n, err := p.either()
		if err == nil && p.next() != ')' {
			err = fmt.Errorf("missing )")
		}
		return n, err
	case '[':
		c := class{}
		if p.peek() == '^' {
			c.negate = true
			p.next()
		}
		for {
			lo := p.next()
			if lo == ']' {
				return c, nil
			}
			if lo == 0 {
				return nil, fmt.Errorf("missing ]")
			}
			hi := lo
			if p.peek() == '-' {
				p.next()
				hi = p.next()
			}
			c.ranges = append(c.ranges, [2]rune{lo, hi})
		}
	case '\\':
		switch e := p.next(); e {
		case 'd':
			return class{ranges: [][2]rune{{'0', '9'}}}, nil
		case 'w':
			return class{ranges: [][2]rune{{'a', 'z'}, {'A', 'Z'}, {'0', '9'}, {'_', '_'}}}, nil
		case 0:
			return nil, fmt.Errorf("nothing after \\")
		default:
			return char{e}, nil
		}
	case '*', '+', '?':
		return nil, fmt.Errorf("nothing before %c", r)
	default:
		return char{r}, nil
	}
}

func compile(pattern string) (*machine, error) {
	p := &parser{[]rune(pattern)}
	n, err := p.either()
	if err == nil && len(p.rest) > 0 {
		err = fmt.Errorf("unexpected %c", p.peek())
	}
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	m := &machine{states: []state{{}}}
	m.start = n.compile(m, accept)
	return m, nil
}

// run tells where the longest match that starts at the beginning of s ends, or -1.
func (m *machine) run(s []rune, atStart bool) (end int) {
	end = -1
	current := map[int]bool{}
	var follow func(set map[int]bool, id, pos int)
	follow = func(set map[int]bool, id, pos int) {
		if set[id] {
			return
		}
		set[id] = true
		st := m.states[id]
		switch {
		case id == accept:
			end = max(end, pos)
		case st.match != nil:
		case st.anchor == '^' && (pos > 0 || !atStart), st.anchor == '$' && pos < len(s):
		default:
			for _, o := range st.out {
				follow(set, o, pos)
			}
		}
	}
	follow(current, m.start, 0)
	for i, r := range s {
		next := map[int]bool{}
		for id := range current {
			if st := m.states[id]; st.match != nil && st.match(r) {
				follow(next, st.out[0], i+1)
			}
		}
		if len(next) == 0 {
			break
		}
		current = next
	}
	return end
}

func (m *machine) find(text string) (string, bool) {
	rs := []rune(text)
	for i := range len(rs) + 1 {
		if end := m.run(rs[i:], i == 0); end >= 0 {
			return string(rs[i : i+end]), true
		}
	}
	return "", false
}

func main() {
	for _, c := range []struct{ pattern, text string }{
		{"abc", "xxabcx"}, {"a*b", "aaab"}, {"(ab|cd)+e", "xabcdabe!"}, {"^h.llo$", "hello"}, {"^b", "ab"}, {"x?y?z?", "abc"},
		{"[a-c]+[^0-9]", "12abc34"}, {"\\d{2,3}-\\w+", "tel 1234-ab_9 x"}, {"a{3}", "aaaa"}, {"a{2,}", "baaaa"}, {"(a|b)*abb", "abababb"},
		{"é+日?", "caféé日本"}, {"\\.\\*", "a.*b"}, {"", "anything"}, {"(a*)*b", strings.Repeat("a", 25)}, {"(x|)y", "y"}, {"end$", "end of the end"},
	} {
		m, err := compile(c.pattern)
		if err != nil {
			fmt.Println(err)
			continue
		}
		found, ok := m.find(c.text)
		lib := regexp.MustCompile(c.pattern)
		lib.Longest()
		fmt.Printf("%-14s %-18q %q %t, %d states, agrees %t\n", c.pattern, c.text, found, ok, len(m.states), lib.FindString(c.text) == found && lib.MatchString(c.text) == ok)
	}
	for _, bad := range []string{"(a", "a)", "*a", "[ab", "a{x}", "\\"} {
		_, err := compile(bad)
		fmt.Println(err)
	}
}
