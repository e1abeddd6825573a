package lift

import (
	"fmt"
	"slices"
	"sort"
)

// size is a whole number as a sum of symbols: k + c1*s1 + c2*s2 + ... It is the size of an axis, or a Go int.
type size struct {
	k     int
	terms []term // none with c == 0, in the order of the symbols
}

type term struct {
	s *symbol
	c int
}

// symbol is a whole number that is known at run time only. While a function is lifted it stands for two numbers: what is
// computed with both and differs depends on it.
type symbol struct {
	id    int
	name  string // of a named axis; else ""
	at    [2]int
	def   func(side int) int // of a product or quotient of others, instead of at
	from  []source           // where programs find its number
	parts [2]*size           // of a product
}

// source is a place that has a symbol's number: an axis of a value, or an i64 value of shape () when axis < 0.
type source struct {
	v    *Value
	in   *Block // where v is made; nil: everywhere
	axis int
}

func whole(k int) size { return size{k: k} }

func (s size) isConst() bool { return len(s.terms) == 0 }

// at is the number on one side.
func (s size) at(side int) int {
	n := s.k
	for _, t := range s.terms {
		n += t.c * t.s.value(side)
	}
	return n
}

func (s *symbol) value(side int) int {
	if s.def != nil {
		return s.def(side)
	}
	return s.at[side]
}

func (s size) equal(t size) bool { return s.k == t.k && slices.Equal(s.terms, t.terms) }

// plus is s + c*t.
func (s size) plus(t size, c int) size {
	sum := map[*symbol]int{}
	for _, x := range s.terms {
		sum[x.s] += x.c
	}
	for _, x := range t.terms {
		sum[x.s] += c * x.c
	}
	out := size{k: s.k + c*t.k}
	for sym, n := range sum {
		if n != 0 {
			out.terms = append(out.terms, term{sym, n})
		}
	}
	sort.Slice(out.terms, func(i, j int) bool { return out.terms[i].s.id < out.terms[j].s.id })
	return out
}

func (s size) key() string {
	key := fmt.Sprint(s.k)
	for _, t := range s.terms {
		key += fmt.Sprintf("+%d*#%d", t.c, t.s.id)
	}
	return key
}

// symbol makes a new one for the size of an axis. It stands for primes of its own, so that no two give the same sums and
// products by chance.
func (l *lifter) symbol(name string) *symbol {
	s := &symbol{id: len(l.symbols), name: name}
	s.at[0] = l.nextPrime()
	s.at[1] = l.nextPrime()
	l.symbols = append(l.symbols, s)
	return s
}

func (l *lifter) nextPrime() int {
	for n := max(5, l.prime+2); ; n += 2 {
		prime := true
		for d := 3; d*d <= n; d += 2 {
			prime = prime && n%d != 0
		}
		if prime {
			l.prime = n
			return n
		}
	}
}

// counter makes a symbol for an int that is no size, such as the counter of a loop. Nothing of that size is ever made.
func (l *lifter) counter() *symbol {
	n := len(l.symbols)
	s := &symbol{id: n, at: [2]int{1009 + 10*n, 2003 + 14*n}}
	l.symbols = append(l.symbols, s)
	return s
}

func (l *lifter) fresh() size { return size{terms: []term{{l.symbol(""), 1}}} }

// times is s*t; a product of two unknown numbers becomes a symbol of its own.
func (l *lifter) times(s, t size) size {
	if t.isConst() {
		return whole(0).plus(s, t.k)
	}
	if s.isConst() {
		return whole(0).plus(t, s.k)
	}
	if s.key() > t.key() {
		s, t = t, s
	}
	key := s.key() + "|" + t.key()
	sym := l.products[key]
	if sym == nil {
		sym = l.symbol("")
		sym.def = func(side int) int { return s.at(side) * t.at(side) }
		sym.parts = [2]*size{&s, &t}
		l.products[key] = sym
	}
	return size{terms: []term{{sym, 1}}}
}

// recover finds the size that is a on one side and b on the other: one of those given, a sum, a product or a multiple of
// them. It is a symbol of its own when there is none.
func (l *lifter) recover(a, b int, among []size) size {
	if s, ok := l.match(a, b, among); ok {
		return s
	}
	s := l.symbol("")
	s.at = [2]int{a, b}
	return size{terms: []term{{s, 1}}}
}

func (l *lifter) match(a, b int, among []size) (size, bool) {
	if a == b {
		return whole(a), true
	}
	is := func(s size) bool { return s.at(0) == a && s.at(1) == b }
	for _, s := range among {
		if !s.isConst() && is(s) {
			return s, true
		}
	}
	for i, s := range among {
		if s.isConst() {
			continue
		}
		x, y := s.at(0), s.at(1)
		if a-x == b-y { // s + k
			return s.plus(whole(a-x), 1), true
		}
		if x > 0 && y > 0 && a%x == 0 && b%y == 0 && a/x == b/y { // k*s
			return whole(0).plus(s, a/x), true
		}
		for _, t := range among[i:] {
			if t.isConst() {
				continue
			}
			if u := s.plus(t, 1); is(u) {
				return u, true
			}
			if x*t.at(0) > 0 && a%(x*t.at(0)) == 0 && y*t.at(1) > 0 && b%(y*t.at(1)) == 0 && a/(x*t.at(0)) == b/(y*t.at(1)) {
				return whole(0).plus(l.times(s, t), a/(x*t.at(0))), true
			}
		}
	}
	return size{}, false
}
