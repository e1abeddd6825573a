package cell

import (
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// Complete tells whether a cell can be run as it is: "complete"; "incomplete" when more lines can mend it, with the
// indent that the next one wants; "invalid" when none can.
func Complete(text string) (status, indent string) {
	depth, end, continued := brackets(text)
	indent = strings.Repeat("\t", depth)
	switch end {
	case invalid:
		return "invalid", ""
	case unterminated:
		return "incomplete", indent
	}
	s := &Source{Text: text, fset: token.NewFileSet()}
	chunks, problems := split(s)
	for i, c := range chunks {
		if i == len(chunks)-1 && (len(problems) > 0 || depth > 0) {
			break
		}
		_, ps := s.parse(c)
		if len(ps) == 0 {
			continue
		}
		if i == len(chunks)-1 && atEnd(c, text) {
			if depth == 0 && continued {
				indent = "\t"
			}
			return "incomplete", indent
		}
		return "invalid", ""
	}
	if depth == 0 {
		return "complete", ""
	}
	if n := len(chunks); n > 0 && !atEnd(chunks[n-1], text) {
		return "invalid", ""
	}
	return "incomplete", indent
}

// atEnd tells whether the first thing wrong with the last item is that it ends.
func atEnd(c chunk, text string) bool {
	head := "package p\n"
	if c.kind == Stmt {
		head = "package p; func _() {\n"
	}
	s := &Source{Text: strings.TrimRight(text, " \t\r\n")}
	body, _ := s.brackets(c.off, len(s.Text))
	src := head + body
	_, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return false
	}
	return list[0].Pos.Offset >= len(src)
}

type ending int

const (
	closed ending = iota
	unterminated
	invalid
)

// brackets counts what is open at the end of a text, tells whether a raw string or comment is, and whether the last token
// wants another.
func brackets(text string) (depth int, end ending, continued bool) {
	fs := token.NewFileSet()
	file := fs.AddFile("", -1, len(text))
	var sc scanner.Scanner
	sc.Init(file, []byte(text), func(_ token.Position, msg string) {
		switch {
		case strings.HasPrefix(msg, "raw string literal"), strings.HasPrefix(msg, "comment not terminated"):
			end = unterminated
		case end == closed:
			end = invalid
		}
	}, 0)
	var open []token.Token
	var last token.Token
	for {
		_, t, lit := sc.Scan()
		switch t {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, t)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) == 0 || closing[open[len(open)-1]] != t {
				return 0, invalid, false
			}
			open = open[:len(open)-1]
		case token.EOF:
			return len(open), end, last.IsOperator() && last != token.RPAREN && last != token.RBRACE && last != token.RBRACK
		}
		if t != token.SEMICOLON || lit == ";" {
			last = t
		}
	}
}
