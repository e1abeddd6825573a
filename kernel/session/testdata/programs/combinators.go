// Parser combinators: small generic parsers, put together to readers of dates, colors, and key-value lists.

package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// A Parser reads a value from the front of the input and returns what is left.
type Parser[T any] func(in input) (T, input, error)

type input struct {
	text string
	pos  int
}

func (in input) rest() string { return in.text[in.pos:] }
func (in input) skip(n int) input {
	in.pos += n
	return in
}

type expected struct {
	what string
	at   input
}

func (e *expected) Error() string {
	found := "the end"
	if r := e.at.rest(); r != "" {
		found = strconv.Quote(r[:1])
	}
	return fmt.Sprintf("at %d: want %s, found %s", e.at.pos, e.what, found)
}

type Pair[A, B any] struct {
	First  A
	Second B
}

func Literal(s string) Parser[string] {
	return func(in input) (string, input, error) {
		if strings.HasPrefix(in.rest(), s) {
			return s, in.skip(len(s)), nil
		}
		return "", in, &expected{strconv.Quote(s), in}
	}
}

func Rune(what string, ok func(rune) bool) Parser[rune] {
	return func(in input) (rune, input, error) {
		for _, r := range in.rest() {
			if ok(r) {
				return r, in.skip(len(string(r))), nil
			}
			break
		}
		return 0, in, &expected{what, in}
	}
}

func Map[A, B any](p Parser[A], f func(A) (B, error)) Parser[B] {
	return func(in input) (b B, rest input, err error) {
		a, rest, err := p(in)
		if err != nil {
			return b, in, err
		}
		if b, err = f(a); err != nil {
			return b, in, fmt.Errorf("at %d: %w", in.pos, err)
		}
		return b, rest, nil
	}
}

func Both[A, B any](a Parser[A], b Parser[B]) Parser[Pair[A, B]] {
	return func(in input) (pair Pair[A, B], rest input, err error) {
		if pair.First, rest, err = a(in); err == nil {
			pair.Second, rest, err = b(rest)
		}
		return
	}
}

func Left[A, B any](a Parser[A], b Parser[B]) Parser[A] {
	return Map(Both(a, b), func(p Pair[A, B]) (A, error) { return p.First, nil })
}

func Right[A, B any](a Parser[A], b Parser[B]) Parser[B] {
	return Map(Both(a, b), func(p Pair[A, B]) (B, error) { return p.Second, nil })
}

// Many reads at least min values.
func Many[T any](p Parser[T], min int) Parser[[]T] {
	return func(in input) ([]T, input, error) {
		var all []T
		for {
			v, rest, err := p(in)
			if err != nil || rest.pos == in.pos {
				if len(all) < min {
					return nil, in, err
				}
				return all, in, nil
			}
			all, in = append(all, v), rest
		}
	}
}

func Separated[T, S any](p Parser[T], sep Parser[S]) Parser[[]T] {
	return Map(Both(p, Many(Right(sep, p), 0)), func(x Pair[T, []T]) ([]T, error) {
		return append([]T{x.First}, x.Second...), nil
	})
}

// Any takes the first alternative that fits; otherwise the error that came furthest.
func Any[T any](choices ...Parser[T]) Parser[T] {
	return func(in input) (zero T, _ input, furthest error) {
		reach := -1
		for _, p := range choices {
			v, rest, err := p(in)
			if err == nil {
				return v, rest, nil
			}
			if e, ok := err.(*expected); !ok || e.at.pos > reach {
				furthest = err
				if ok {
					reach = e.at.pos
				}
			}
		}
		return zero, in, furthest
	}
}

func Optional[T any](p Parser[T], otherwise T) Parser[T] {
	return Any(p, func(in input) (T, input, error) { return otherwise, in, nil })
}

// Lazy lets a parser mention itself.
func Lazy[T any](make func() Parser[T]) Parser[T] {
	return func(in input) (T, input, error) { return make()(in) }
}

func Text(what string, ok func(rune) bool) Parser[string] {
	return Map(Many(Rune(what, ok), 1), func(rs []rune) (string, error) { return string(rs), nil })
}

func Token[T any](p Parser[T]) Parser[T] { return Left(p, Many(Rune("space", unicode.IsSpace), 0)) }

func All[T any](p Parser[T], text string) (v T, err error) {
	v, rest, err := p(input{text: text})
	if err == nil && rest.rest() != "" {
		err = &expected{"the end", rest}
	}
	return v, err
}

var (
	number = Map(Text("digit", unicode.IsDigit), strconv.Atoi)
	word   = Text("letter", unicode.IsLetter)
	quoted = Left(Right(Literal("'"), Optional(Text("character", func(r rune) bool { return r != '\'' }), "")), Literal("'"))
)

type date struct{ year, month, day int }

var isoDate = Map(Both(number, Many(Right(Literal("-"), number), 2)), func(p Pair[int, []int]) (date, error) {
	d := date{p.First, p.Second[0], p.Second[1]}
	if d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 {
		return d, fmt.Errorf("no such day: %v", d)
	}
	return d, nil
})

type color [3]uint8

func hexByte() Parser[uint8] {
	digit := Rune("hex digit", func(r rune) bool { return strings.ContainsRune("0123456789abcdef", unicode.ToLower(r)) })
	return Map(Both(digit, digit), func(p Pair[rune, rune]) (uint8, error) {
		n, err := strconv.ParseUint(string([]rune{p.First, p.Second}), 16, 8)
		return uint8(n), err
	})
}

var colorParser = Any(
	Map(Right(Literal("#"), Many(hexByte(), 3)), func(b []uint8) (color, error) { return color(b[:3]), nil }),
	Map(word, func(name string) (color, error) {
		if c, ok := map[string]color{"red": {255}, "blue": {2: 255}}[name]; ok {
			return c, nil
		}
		return color{}, fmt.Errorf("no color %s", name)
	}),
)

// value is a number, a text, a date, or a list of values.
func value() Parser[any] {
	list := Right(Token(Literal("[")), Left(Optional(Separated(Token(Lazy(value)), Token(Literal(","))), nil), Literal("]")))
	return Any(boxed(isoDate), boxed(number), boxed(quoted), boxed(list), boxed(Map(word, strconv.ParseBool)))
}

func boxed[T any](p Parser[T]) Parser[any] { return Map(p, func(v T) (any, error) { return v, nil }) }

func show[T any](p Parser[T], texts ...string) {
	for _, text := range texts {
		v, err := All(p, text)
		fmt.Printf("%-26q %v %v\n", text, v, err)
	}
}

func main() {
	show(isoDate, "2024-02-29", "2024-13-01", "2024-02", "24-x")
	show(colorParser, "#ff8000", "#FF80", "blue", "mauve", "7")
	show(value(), "42", "'héllo'", "''", "[]", "[1, 'two', [3, 2020-01-02], true]", "[1, 2", "maybe", "[1 2]", "")
	setting := Both(Left(Token(word), Token(Literal("="))), Token(value()))
	show(Separated(setting, Token(Literal(";"))), "a = 1; bé = 'x' ;c=[2,3]", "a = ;", "a 1")
	sum := Map(Separated(Token(number), Token(Any(Literal("+"), Literal("and")))), func(ns []int) (total int, err error) {
		for _, n := range ns {
			total += n
		}
		return
	})
	show(sum, "1 + 2 and 3 +4", "1 +", "1 2")
	fmt.Printf("%T %T %T\n", isoDate, setting, Pair[string, []int]{})
}
