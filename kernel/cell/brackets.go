package cell

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// brackets gives the text between two offsets of the cell with several indices in brackets as go/parser reads them: x[i, a:b] as
// x[i][a:b], with the positions of the cell. at is where the brackets are that stand for commas. Lists of types stay.
func (s *Source) brackets(from, end int) (text string, at []int) {
	type bracket struct {
		off    int
		commas []int // nil if it is not of an index
		index  bool
	}
	body := s.Text[from:end]
	file := token.NewFileSet().AddFile("", -1, len(body))
	var sc scanner.Scanner
	sc.Init(file, []byte(body), func(token.Position, string) {}, 0)
	split := map[int]bool{}
	// write gives a part of the text; open has the brackets between which parts of it are.
	write := func(lo, hi int, lines bool) string {
		var b strings.Builder
		for i := lo; i < hi; i++ {
			if !split[i] {
				b.WriteByte(body[i])
				continue
			}
			if lines {
				at = append(at, b.Len()+1)
			}
			b.WriteString("][")
			if lines {
				b.WriteString(lineDirective(s, from+i+1))
			}
		}
		return b.String()
	}
	read := func(lo, hi int) bool {
		_, err := parser.ParseExpr("x[" + write(lo, hi, false) + "]")
		return err == nil
	}
	var open []bracket
	last := token.ILLEGAL
	for {
		p, t, _ := sc.Scan()
		off := file.Offset(p)
		switch t {
		case token.LBRACK:
			open = append(open, bracket{off: off, index: last == token.IDENT || last == token.RPAREN || last == token.RBRACK || last == token.RBRACE})
		case token.LPAREN, token.LBRACE:
			open = append(open, bracket{off: off})
		case token.COMMA:
			if n := len(open); n > 0 {
				open[n-1].commas = append(open[n-1].commas, off)
			}
		case token.RBRACK, token.RPAREN, token.RBRACE:
			if len(open) == 0 {
				return body, nil
			}
			b := open[len(open)-1]
			open = open[:len(open)-1]
			if t != token.RBRACK || !b.index || len(b.commas) == 0 || read(b.off+1, off) {
				break
			}
			for _, c := range b.commas {
				split[c] = true
			}
			if !read(b.off+1, off) {
				for _, c := range b.commas {
					delete(split, c)
				}
			}
		case token.EOF:
			return write(0, len(body), true), at
		}
		last = t
	}
}

// marks notes which brackets of a file stand for commas: those at these offsets behind the first skip bytes.
func (s *Source) marks(f *ast.File, skip int, at []int) {
	if s.commas == nil {
		s.commas = map[token.Pos]bool{}
	}
	file := s.fset.File(f.FileStart)
	for _, off := range at {
		s.commas[file.Pos(skip+off)] = true
	}
}
