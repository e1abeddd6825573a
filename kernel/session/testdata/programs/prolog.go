// A little Prolog: terms, unification with a trail, and a depth-first search written as an iterator.

package main

import (
	"fmt"
	"iter"
	"strings"
	"unicode"
)

type term interface{}

type atom string

type compound struct {
	functor string
	args    []term
}

// A variable is bound by being made to point at a term.
type variable struct {
	name  string
	value term
}

type clause struct {
	head term
	body []term
}

func resolve(t term) term {
	for {
		v, ok := t.(*variable)
		if !ok || v.value == nil {
			return t
		}
		t = v.value
	}
}

func show(t term) string {
	switch t := resolve(t).(type) {
	case atom:
		return string(t)
	case *variable:
		return "_" + t.name
	case *compound:
		if t.functor == "." {
			return showList(t)
		}
		parts := make([]string, len(t.args))
		for i, a := range t.args {
			parts[i] = show(a)
		}
		return t.functor + "(" + strings.Join(parts, ",") + ")"
	}
	return "?"
}

func showList(t term) string {
	var parts []string
	for {
		c, ok := resolve(t).(*compound)
		if !ok || c.functor != "." {
			break
		}
		parts = append(parts, show(c.args[0]))
		t = c.args[1]
	}
	tail := ""
	if rest := resolve(t); rest != atom("[]") {
		tail = "|" + show(rest)
	}
	return "[" + strings.Join(parts, ",") + tail + "]"
}

// parser reads one character at a time; errors are panics with a text.
type parser struct {
	src  string
	vars map[string]*variable
}

func (p *parser) space() { p.src = strings.TrimLeft(p.src, " \n\t") }

func (p *parser) accept(s string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.src, s)
	if ok {
		p.src = rest
	}
	return ok
}

func (p *parser) want(s string) {
	if !p.accept(s) {
		panic(fmt.Sprintf("want %q before %.10q", s, p.src))
	}
}

func (p *parser) list(end string) (items []term) {
	for !p.accept(end) {
		if len(items) > 0 {
			p.want(",")
		}
		items = append(items, p.term())
	}
	return items
}

func (p *parser) term() term {
	if p.accept("[") {
		var items []term
		var tail term = atom("[]")
		for !p.accept("]") {
			if p.accept("|") {
				tail = p.term()
				continue
			}
			p.accept(",")
			items = append(items, p.term())
		}
		for i := range items {
			tail = &compound{".", []term{items[len(items)-1-i], tail}}
		}
		return tail
	}
	p.space()
	n := strings.IndexFunc(p.src, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	if n <= 0 {
		panic(fmt.Sprintf("no term at %.10q", p.src))
	}
	name := p.src[:n]
	p.src = p.src[n:]
	if unicode.IsUpper(rune(name[0])) || name[0] == '_' {
		v, ok := p.vars[name]
		if !ok || name == "_" {
			v = &variable{name: name}
			p.vars[name] = v
		}
		return v
	}
	if p.accept("(") {
		return &compound{name, p.list(")")}
	}
	return atom(name)
}

func (p *parser) clause() clause {
	p.vars = map[string]*variable{}
	c := clause{head: p.term()}
	if p.accept(":-") {
		c.body = p.list(".")
	} else {
		p.want(".")
	}
	return c
}

type machine struct {
	clauses []clause
	trail   []*variable
	steps   int
}

func (m *machine) bind(v *variable, t term) bool {
	v.value = t
	m.trail = append(m.trail, v)
	return true
}

func (m *machine) undo(to int) {
	for _, v := range m.trail[to:] {
		v.value = nil
	}
	m.trail = m.trail[:to]
}

func (m *machine) unify(a, b term) bool {
	a, b = resolve(a), resolve(b)
	if a == b {
		return true
	}
	if v, ok := a.(*variable); ok {
		return m.bind(v, b)
	}
	if v, ok := b.(*variable); ok {
		return m.bind(v, a)
	}
	x, ok1 := a.(*compound)
	y, ok2 := b.(*compound)
	if !ok1 || !ok2 || x.functor != y.functor || len(x.args) != len(y.args) {
		return false
	}
	for i := range x.args {
		if !m.unify(x.args[i], y.args[i]) {
			return false
		}
	}
	return true
}

// fresh copies a term with new variables.
func fresh(t term, renamed map[*variable]*variable) term {
	switch t := t.(type) {
	case *variable:
		if renamed[t] == nil {
			renamed[t] = &variable{name: t.name}
		}
		return renamed[t]
	case *compound:
		c := &compound{t.functor, make([]term, len(t.args))}
		for i, a := range t.args {
			c.args[i] = fresh(a, renamed)
		}
		return c
	}
	return t
}

// solve yields once for each way to prove the goals; while it yields, the variables are bound.
func (m *machine) solve(goals []term) iter.Seq[int] {
	return func(yield func(int) bool) {
		if len(goals) == 0 {
			yield(m.steps)
			return
		}
		goal, rest := resolve(goals[0]), goals[1:]
		if c, ok := goal.(*compound); ok && c.functor == "different" {
			if show(c.args[0]) != show(c.args[1]) {
				m.solve(rest)(yield)
			}
			return
		}
		for _, c := range m.clauses {
			m.steps++
			mark := len(m.trail)
			renamed := map[*variable]*variable{}
			if m.unify(goal, fresh(c.head, renamed)) {
				next := make([]term, 0, len(c.body)+len(rest))
				for _, b := range c.body {
					next = append(next, fresh(b, renamed))
				}
				for n := range m.solve(append(next, rest...)) {
					if !yield(n) {
						return
					}
				}
			}
			m.undo(mark)
		}
	}
}

const program = `
parent(ann, bob). parent(bob, cid). parent(bob, dora). parent(cid, eve).
ancestor(X, Y) :- parent(X, Y).
ancestor(X, Y) :- parent(X, Z), ancestor(Z, Y).
sibling(X, Y) :- parent(P, X), parent(P, Y), different(X, Y).
append([], L, L).
append([H|T], L, [H|R]) :- append(T, L, R).
reverse([], []).
reverse([H|T], R) :- reverse(T, S), append(S, [H], R).
member(X, L) :- append(_, [X|_], L).
add(zero, N, N).
add(s(M), N, s(K)) :- add(M, N, K).
color(red). color(green). color(blue).
map(A, B, C, D) :- color(A), color(B), different(A, B), color(C), different(C, A), different(C, B), color(D), different(D, B), different(D, C).
`

func main() {
	m := &machine{}
	p := &parser{src: program}
	for p.space(); p.src != ""; p.space() {
		m.clauses = append(m.clauses, p.clause())
	}
	fmt.Println(len(m.clauses), "clauses, the last for", show(m.clauses[len(m.clauses)-1].head))
	for _, query := range []string{
		"parent(bob, X)", "ancestor(ann, Who)", "ancestor(X, eve)", "ancestor(eve, ann)", "sibling(cid, S)", "append([a,b], [c], L)", "append(X, Y, [1,2])",
		"reverse([a,b,c,d], R)", "member(X, [p,q,r])", "add(s(s(zero)), s(zero), N)", "add(X, Y, s(s(zero)))", "map(red, B, C, D)", "append([1|T], [3], [1,2,3])",
	} {
		q := &parser{src: query, vars: map[string]*variable{}}
		goal := q.term()
		m.steps = 0
		var answers []string
		for range m.solve([]term{goal}) {
			if answers = append(answers, show(goal)); len(answers) == 4 {
				break
			}
		}
		m.undo(0)
		fmt.Printf("%-28s %s (%d steps)\n", query, strings.Join(answers, " "), m.steps)
	}
	for _, bad := range []string{"p(X", "p(X) q.", "?", "p(X) :- q(X)"} {
		func() {
			defer func() { fmt.Println("refused:", recover()) }()
			(&parser{src: bad + " "}).clause()
		}()
	}
}
