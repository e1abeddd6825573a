package cell

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"sort"
	"strconv"
	"strings"
)

// Kind says what an item of a cell is.
type Kind int

// The kinds of items.
const (
	Package Kind = iota // a package clause, which a pasted program brings along
	Import              // an import declaration
	Decl                // a const, type, func or method declaration
	Var                 // a var declaration: it runs in its place, as statements do
	Stmt                // a statement
)

// Item is one top-level part of a cell.
type Item struct {
	Kind Kind
	Decl ast.Decl // of Import, Decl and Var
	Stmt ast.Stmt // of Stmt
	Off  int      // byte offset of its first token in the source
	End  int      // byte offset behind its last token
}

// Source is a cell that was cut: its items in order, each with its position in the cell.
type Source struct {
	Unit  int    // tells this run apart from all others of the session
	Cell  int    // number of the cell, as people see it
	Text  string // the text that was given
	Items []Item

	fset   *token.FileSet
	files  []*token.File
	shifts map[*token.File]int // what to add to the offsets of a file for those of the cell
	commas map[token.Pos]bool  // brackets that were read in place of commas: x[i][j] of x[i, j]
}

// fileName is the file name that positions of a unit carry.
func fileName(unit int) string { return "unit" + strconv.Itoa(unit) }

// unitOf is the unit of a file name, 0 if it is none.
func unitOf(name string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(name, "unit"))
	return n
}

// Cut parses a cell into imports, declarations and statements, in any order and mixed.
// Every node keeps its line and column in the cell. The problems are those of syntax, all that were found.
func Cut(fset *token.FileSet, unit, cell int, text string) (*Source, []Problem) {
	s := &Source{Unit: unit, Cell: cell, Text: text, fset: fset}
	chunks, problems := split(s)
	if len(problems) > 0 {
		return s, problems
	}
	for _, c := range chunks {
		it, ps := s.parse(c)
		problems = append(problems, ps...)
		if len(ps) == 0 {
			s.Items = append(s.Items, it)
		}
	}
	if len(problems) == 0 {
		problems = s.join()
	}
	return s, problems
}

// chunk is the text of one item: from is where its comments begin, off its first token, end behind its last.
type chunk struct {
	from, off, end int
	kind           Kind
}

// split finds the items by their tokens: they end at semicolons outside of all brackets.
func split(s *Source) (chunks []chunk, problems []Problem) {
	fs := token.NewFileSet()
	file := fs.AddFile("", -1, len(s.Text))
	var sc scanner.Scanner
	sc.Init(file, []byte(s.Text), func(p token.Position, msg string) {
		if len(problems) > 0 { // a quote that is missing makes others of the texts that follow
			return
		}
		pr := s.problem(p.Offset, msg)
		pr.Text, pr.Hint = literalHint(msg, pr.Source, pr.Column)
		problems = append(problems, pr)
	}, 0)
	type tok struct {
		tok token.Token
		off int
		end int
	}
	var cur []tok
	var open []tok
	from := 0
	suspect := -1   // an opening bracket whose closing one stands farther to the left, as that of another
	header := false // between for, if or switch and the block: a semicolon there ends no item
	for {
		p, t, lit := sc.Scan()
		off := file.Offset(p)
		switch t {
		case token.FOR, token.IF, token.SWITCH:
			header = header || len(open) == 0
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if t == token.LBRACE && len(open) == 0 {
				before := make([]token.Token, len(cur))
				for i := range cur {
					before[i] = cur[i].tok
				}
				header = header && literal(before)
			}
			open = append(open, tok{tok: t, off: off})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(problems) > 0 {
				break // what the scanner did not take may have had brackets
			}
			if len(open) == 0 {
				return chunks, append(problems, s.problem(off, fmt.Sprintf("unexpected %s: nothing before it is open", t)))
			}
			o := open[len(open)-1]
			open = open[:len(open)-1]
			if want := closing[o.tok]; want != t {
				return chunks, append(problems, s.crossed(o.tok, o.off, t, off))
			}
			if suspect < 0 && s.indent(o.off) > s.indent(off) && s.leads(off) {
				suspect = o.off
			}
		case token.EOF:
			if len(open) > 0 && len(problems) == 0 {
				o := open[len(open)-1]
				if suspect >= 0 && o.tok == token.LBRACE && s.Text[suspect] == '{' {
					o.off = suspect
				}
				problems = append(problems, s.problem(o.off, fmt.Sprintf("%s is never closed", o.tok)))
			}
		}
		if t == token.EOF || t == token.SEMICOLON && len(open) == 0 && !header {
			if len(cur) > 0 {
				all := make([]token.Token, len(cur))
				for i := range cur {
					all[i] = cur[i].tok
				}
				chunks = append(chunks, chunk{from, cur[0].off, cur[len(cur)-1].end, classify(all)})
			}
			cur = cur[:0]
			header = false
			from = off
			if t == token.EOF {
				return chunks, problems
			}
			if lit == ";" {
				from++
			}
			continue
		}
		cur = append(cur, tok{t, off, min(off+tokenLen(s.Text[off:], t, lit), len(s.Text))}) // a newline may be one that is not there
	}
}

// tokenLen is the length of the token that a text begins with.
func tokenLen(text string, t token.Token, lit string) int {
	switch {
	case lit == "":
		return len(t.String())
	case lit[0] == '`': // its value is without carriage returns
		return 2 + strings.IndexByte(text[1:], '`')
	}
	return len(lit)
}

// literal tells whether a brace after these tokens opens a composite literal, []T{ or map[K]T{, and not a block: in the header of
// a statement no other type stands without parentheses.
func literal(t []token.Token) bool {
	k := len(t) - 1
	if k < 0 || t[k] != token.IDENT {
		return false
	}
	if k >= 2 && t[k-1] == token.PERIOD && t[k-2] == token.IDENT {
		k -= 2
	}
	return k >= 1 && t[k-1] == token.RBRACK
}

var closing = map[token.Token]token.Token{token.LPAREN: token.RPAREN, token.LBRACK: token.RBRACK, token.LBRACE: token.RBRACE}

// classify tells from its tokens what an item is.
func classify(t []token.Token) Kind {
	switch t[0] {
	case token.PACKAGE:
		return Package
	case token.IMPORT:
		return Import
	case token.VAR:
		return Var
	case token.CONST, token.TYPE:
		return Decl
	case token.FUNC:
		if len(t) > 1 && t[1] == token.IDENT {
			return Decl
		}
		// func (r T) Name( is a method; func (x int) T { is a literal
		depth := 0
		for i, k := range t {
			switch k {
			case token.LPAREN:
				depth++
			case token.RPAREN:
				depth--
				if depth == 0 {
					if i+2 < len(t) && t[i+1] == token.IDENT && (t[i+2] == token.LPAREN || t[i+2] == token.LBRACK) {
						return Decl
					}
					return Stmt
				}
			}
		}
	}
	return Stmt
}

// parse reads one chunk with go/parser; a line directive keeps the positions of the cell.
func (s *Source) parse(c chunk) (Item, []Problem) {
	it := Item{Kind: c.kind, Off: c.off, End: c.end}
	if c.kind == Package {
		return it, nil
	}
	from := c.from
	if c.kind == Stmt || c.kind == Import {
		from = c.off
	}
	head, tail := "package p\n", "\n"
	if c.kind == Stmt {
		head, tail = "package p; func _() {\n", "\n}\n"
	}
	head += lineDirective(s, from)
	end := min(c.end, len(s.Text)) // of a text that is being written the last line may have no end
	mode := parser.ParseComments | parser.SkipObjectResolution | parser.AllErrors
	f, err := parser.ParseFile(s.fset, fileName(s.Unit), head+s.Text[from:end]+tail, mode)
	var list scanner.ErrorList
	if errors.As(err, &list) {
		if text, at := s.brackets(from, end); len(at) > 0 {
			g, again := parser.ParseFile(s.fset, fileName(s.Unit), head+text+tail, mode)
			var rest scanner.ErrorList
			if !errors.As(again, &rest) || list[0].Pos.Line < rest[0].Pos.Line || list[0].Pos.Line == rest[0].Pos.Line && list[0].Pos.Column < rest[0].Pos.Column {
				s.fset.RemoveFile(s.fset.File(f.FileStart))
				f, err, list = g, again, rest
				s.marks(f, len(head), at)
			} else {
				s.fset.RemoveFile(s.fset.File(g.FileStart))
			}
		}
	}
	if len(list) > 0 {
		return it, []Problem{s.syntax(c, list)}
	}
	if err != nil {
		return it, []Problem{s.problem(c.off, err.Error())}
	}
	s.files = append(s.files, s.fset.File(f.FileStart))
	if s.shifts == nil {
		s.shifts = map[*token.File]int{}
	}
	s.shifts[s.files[len(s.files)-1]] = from - len(head)
	decls := f.Decls
	if c.kind == Stmt {
		if len(decls) != 1 {
			return it, []Problem{s.problem(c.off, "cannot read this statement")}
		}
		body := decls[0].(*ast.FuncDecl).Body.List
		if len(body) == 0 {
			it.Stmt = &ast.EmptyStmt{}
			return it, nil
		}
		it.Stmt = body[0]
		return it, nil
	}
	if len(decls) != 1 {
		return it, []Problem{s.problem(c.off, "cannot read this declaration")}
	}
	it.Decl = decls[0]
	return it, nil
}

// lineDirective says that what follows stands at offset from of the cell.
func lineDirective(s *Source, from int) string {
	line, col := s.lineCol(from)
	return fmt.Sprintf("/*line %s:%d:%d*/", fileName(s.Unit), line, col)
}

// line is the line, from 1, of a byte offset.
func (s *Source) line(off int) int {
	l, _ := s.lineCol(off)
	return l
}

func (s *Source) lineCol(off int) (line, col int) {
	before := s.Text[:off]
	return 1 + strings.Count(before, "\n"), off - strings.LastIndexByte(before, '\n')
}

func (s *Source) problem(off int, msg string) Problem {
	off = min(off, len(s.Text))
	l, c := s.lineCol(off)
	return s.problemAt(l, c, msg)
}

// problemAt makes a problem; the column is in bytes.
func (s *Source) problemAt(line, col int, msg string) Problem {
	return Problem{Cell: s.Cell, Line: line, Column: col, Text: msg, Source: Line(s.Text, line)}
}

// Line is the text of line n, from 1, without its end; "" when there is no such line.
func Line(text string, n int) string {
	for i := 1; i < n; i++ {
		_, rest, ok := strings.Cut(text, "\n")
		if !ok {
			return ""
		}
		text = rest
	}
	l, _, _ := strings.Cut(text, "\n")
	return strings.TrimSuffix(l, "\r")
}

// Problem is an error in a cell that was found before anything ran.
type Problem struct {
	Cell, Line, Column int    // Column counts bytes from 1
	Text, Hint         string // what is wrong; how to mend it, if known
	Source             string // the line of source
}

// Error is the position and the text of the problem.
func (p Problem) Error() string {
	s := fmt.Sprintf("cell %d, line %d, column %d: %s", p.Cell, p.Line, p.Column, p.Text)
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// Detail is the line of source with a caret under the place.
func (p Problem) Detail() string { return Caret(p.Source, p.Column) }

// Caret is a line of source and, under it, a caret below byte column col.
func Caret(line string, col int) string {
	if strings.TrimSpace(line) == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(line)
	b.WriteByte('\n')
	for i, r := range line {
		if i >= col-1 {
			break
		}
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	b.WriteByte('^')
	return b.String()
}

// Sort orders problems by line and column and drops those that repeat a line and text.
func Sort(ps []Problem) []Problem {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	out := ps[:0]
	for _, p := range ps {
		if n := len(out); n > 0 && out[n-1].Line == p.Line && out[n-1].Text == p.Text {
			continue
		}
		out = append(out, p)
	}
	return out
}
