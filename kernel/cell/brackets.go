package cell

import (
	"go/scanner"
	"go/token"
	"strings"
)

type ending int

const (
	closed ending = iota
	unterminated
	invalid
)

// brackets counts what is open at the end of a text, tells whether a raw string or comment is, and gives the last token.
func brackets(text string) (depth int, end ending, last token.Token) {
	fs := token.NewFileSet()
	file := fs.AddFile("", -1, len(text))
	var sc scanner.Scanner
	sc.Init(file, []byte(text), func(_ token.Position, msg string) {
		switch {
		case strings.HasPrefix(msg, "raw string literal"), strings.HasPrefix(msg, "comment not terminated"):
			end = unterminated
		default:
			if end == closed {
				end = invalid
			}
		}
	}, 0)
	var open []token.Token
	for {
		_, t, lit := sc.Scan()
		switch t {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, t)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) == 0 || closing[open[len(open)-1]] != t {
				return 0, invalid, t
			}
			open = open[:len(open)-1]
		case token.EOF:
			return len(open), end, last
		}
		if t != token.SEMICOLON || lit == ";" {
			last = t
		}
	}
}

// continues has the tokens after which a line cannot end.
var continues = map[token.Token]bool{
	token.ADD: true, token.SUB: true, token.MUL: true, token.QUO: true, token.REM: true, token.AND: true, token.OR: true,
	token.XOR: true, token.SHL: true, token.SHR: true, token.AND_NOT: true, token.LAND: true, token.LOR: true,
	token.EQL: true, token.NEQ: true, token.LSS: true, token.LEQ: true, token.GTR: true, token.GEQ: true,
	token.ASSIGN: true, token.DEFINE: true, token.ADD_ASSIGN: true, token.SUB_ASSIGN: true, token.MUL_ASSIGN: true,
	token.QUO_ASSIGN: true, token.REM_ASSIGN: true, token.COMMA: true, token.PERIOD: true, token.NOT: true, token.ARROW: true,
	token.IMPORT: true, token.CONST: true, token.VAR: true, token.TYPE: true, token.FUNC: true, token.COLON: true,
}
