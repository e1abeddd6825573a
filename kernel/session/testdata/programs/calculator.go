// A calculator: a Pratt parser with precedences, variables, functions, and errors with positions.

package main

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

type token struct {
	kind byte // 'n' number, 'i' identifier, 'e' end, otherwise the operator itself
	text string
	pos  int
}

type parseError struct {
	pos  int
	text string
}

func (e *parseError) Error() string { return fmt.Sprintf("%s at %d", e.text, e.pos) }

func fail(pos int, format string, args ...any) {
	panic(&parseError{pos, fmt.Sprintf(format, args...)})
}

func tokenize(s string) (tokens []token) {
	isDigit := func(c byte) bool { return c >= '0' && c <= '9' || c == '.' }
	isLetter := func(c byte) bool { return c >= 'a' && c <= 'z' || c == '_' }
	for i := 0; i < len(s); {
		start := i
		switch c := s[i]; {
		case c == ' ':
			i++
			continue
		case isDigit(c):
			for i < len(s) && (isDigit(s[i]) || s[i] == 'e' || (s[i] == '-' && s[i-1] == 'e')) {
				i++
			}
			tokens = append(tokens, token{'n', s[start:i], start})
		case isLetter(c):
			for i < len(s) && (isLetter(s[i]) || isDigit(s[i])) {
				i++
			}
			tokens = append(tokens, token{'i', s[start:i], start})
		case strings.IndexByte("+-*/%^()=,!?:<>", c) >= 0:
			i++
			tokens = append(tokens, token{c, s[start:i], start})
		default:
			fail(i, "unexpected %q", c)
		}
	}
	return append(tokens, token{'e', "end", len(s)})
}

// node is an expression that can be evaluated and shown with all its parentheses.
type node interface {
	eval(env map[string]float64) float64
	String() string
}

type (
	number float64
	name   token
	prefix struct {
		op byte
		x  node
	}
	postfix struct {
		op byte
		x  node
	}
	infix struct {
		op   byte
		l, r node
	}
	choice struct{ cond, yes, no node }
	call   struct {
		fn   token
		args []node
	}
	assign struct {
		to    string
		value node
	}
)

func (n number) String() string  { return strconv.FormatFloat(float64(n), 'g', 10, 64) }
func (n name) String() string    { return n.text }
func (n prefix) String() string  { return fmt.Sprintf("(%c%v)", n.op, n.x) }
func (n postfix) String() string { return fmt.Sprintf("(%v%c)", n.x, n.op) }
func (n infix) String() string   { return fmt.Sprintf("(%v %c %v)", n.l, n.op, n.r) }
func (n choice) String() string  { return fmt.Sprintf("(%v ? %v : %v)", n.cond, n.yes, n.no) }
func (n call) String() string    { return n.fn.text + strings.ReplaceAll(fmt.Sprint(n.args), " ", ",") }
func (n assign) String() string  { return fmt.Sprintf("%s := %v", n.to, n.value) }

func (n number) eval(map[string]float64) float64 { return float64(n) }
func (n name) eval(env map[string]float64) float64 {
	v, ok := env[n.text]
	if !ok {
		fail(n.pos, "undefined %s", n.text)
	}
	return v
}
func (n prefix) eval(env map[string]float64) float64 { return -n.x.eval(env) }
func (n postfix) eval(env map[string]float64) float64 {
	return math.Gamma(n.x.eval(env) + 1)
}
func (n infix) eval(env map[string]float64) float64 {
	l, r := n.l.eval(env), n.r.eval(env)
	truth := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	return map[byte]func() float64{
		'+': func() float64 { return l + r }, '-': func() float64 { return l - r },
		'*': func() float64 { return l * r }, '/': func() float64 { return l / r },
		'%': func() float64 { return math.Mod(l, r) }, '^': func() float64 { return math.Pow(l, r) },
		'<': func() float64 { return truth(l < r) }, '>': func() float64 { return truth(l > r) },
	}[n.op]()
}
func (n choice) eval(env map[string]float64) float64 {
	if n.cond.eval(env) != 0 {
		return n.yes.eval(env)
	}
	return n.no.eval(env)
}

var functions = map[string]func(...float64) float64{
	"sqrt": func(x ...float64) float64 { return math.Sqrt(x[0]) },
	"hyp":  func(x ...float64) float64 { return math.Hypot(x[0], x[1]) },
	"sum": func(x ...float64) (total float64) {
		for _, v := range x {
			total += v
		}
		return
	},
}

func (n call) eval(env map[string]float64) float64 {
	f, ok := functions[n.fn.text]
	if !ok {
		fail(n.fn.pos, "no function %s", n.fn.text)
	}
	args := make([]float64, len(n.args))
	for i, a := range n.args {
		args[i] = a.eval(env)
	}
	return f(args...)
}
func (n assign) eval(env map[string]float64) float64 {
	v := n.value.eval(env)
	env[n.to] = v
	return v
}

type parser struct {
	tokens []token
	at     int
}

func (p *parser) next() token { p.at++; return p.tokens[p.at-1] }
func (p *parser) peek() token { return p.tokens[p.at] }
func (p *parser) expect(kind byte) {
	if t := p.next(); t.kind != kind {
		fail(t.pos, "want %q, have %q", kind, t.text)
	}
}

// power holds how strongly an operator binds to its left and to its right.
var power = map[byte][2]int{
	'=': {2, 1}, '?': {4, 3}, '<': {5, 6}, '>': {5, 6}, '+': {7, 8}, '-': {7, 8}, '*': {9, 10}, '/': {9, 10}, '%': {9, 10}, '^': {14, 13}, '!': {15, 0},
}

func (p *parser) expression(least int) (left node) {
	switch t := p.next(); t.kind {
	case 'n':
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			fail(t.pos, "bad number %s", t.text)
		}
		left = number(v)
	case 'i':
		left = name(t)
		if p.peek().kind == '(' {
			p.next()
			c := call{fn: t}
			for p.peek().kind != ')' {
				c.args = append(c.args, p.expression(0))
				if p.peek().kind != ',' {
					break
				}
				p.next()
			}
			p.expect(')')
			left = c
		}
	case '-':
		left = prefix{'-', p.expression(11)}
	case '(':
		left = p.expression(0)
		p.expect(')')
	default:
		fail(t.pos, "unexpected %q", t.text)
	}
	for {
		op := p.peek()
		bind, ok := power[op.kind]
		if !ok || bind[0] < least {
			return left
		}
		p.next()
		switch op.kind {
		case '!':
			left = postfix{'!', left}
		case '?':
			yes := p.expression(0)
			p.expect(':')
			left = choice{left, yes, p.expression(bind[1])}
		case '=':
			n, ok := left.(name)
			if !ok {
				fail(op.pos, "cannot assign to %v", left)
			}
			left = assign{n.text, p.expression(bind[1])}
		default:
			left = infix{op.kind, left, p.expression(bind[1])}
		}
	}
}

func calculate(s string, env map[string]float64) (shown string, result float64, err error) {
	defer func() {
		if e, ok := recover().(*parseError); ok {
			err = e
		}
	}()
	p := &parser{tokens: tokenize(s)}
	n := p.expression(0)
	p.expect('e')
	return n.String(), n.eval(env), nil
}

func main() {
	env := map[string]float64{"pi": math.Pi}
	for _, line := range []string{
		"1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "-2 ^ 2", "10 - 4 - 3", "7 % 4 / 2", "x = y = 4!", "x / y + 1", "hyp(3, 4) * sqrt(16)",
		"1 < 2 ? 3 > 4 ? 10 : 20 : 30", "sum()", "sum(1, x, sum(2, 3))", "2 * pi * 1.5e-1", "--3", "3!!", "1 / 0 - 1",
		"2 +", "(1", "4 $ 4", "z + 1", "1 = 2", "nofun(1)", "1.2.3", "f(1 2)", "",
	} {
		shown, v, err := calculate(line, env)
		if err != nil {
			fmt.Printf("%-24q error: %v\n", line, err)
			continue
		}
		fmt.Printf("%-24q %s => %.6g\n", line, shown, v)
	}
	names := make([]string, 0, len(env))
	for n := range env {
		names = append(names, n)
	}
	sort.Strings(names)
	fmt.Println(names, env["x"])
}
