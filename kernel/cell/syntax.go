package cell

import (
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
)

// word is a token of a cell.
type word struct {
	tok      token.Token
	lit      string
	off, end int
}

// words are the tokens of a part of a cell. A semicolon that the end of a line stands for has the text "\n".
func (s *Source) words(from, end int) (ws []word) {
	text := s.Text[from:end]
	file := token.NewFileSet().AddFile("", -1, len(text))
	var sc scanner.Scanner
	sc.Init(file, []byte(text), func(token.Position, string) {}, 0)
	for {
		p, t, lit := sc.Scan()
		w := word{t, lit, from + file.Offset(p), 0}
		if t == token.EOF {
			return ws
		}
		if lit == "" {
			w.lit = t.String()
		}
		w.end = min(w.off+len(w.lit), end) // the last line may have no end
		ws = append(ws, w)
	}
}

// fault is an error of syntax among the tokens of an item.
type fault struct {
	s     *Source
	ws    []word
	i     int    // the token at which the parser stopped
	first int    // the token that begins the statement there
	msg   string // what the parser said
	p     *Problem
}

// syntax makes a problem of the first error in an item; the others are mostly its consequences.
func (s *Source) syntax(c chunk, list scanner.ErrorList) Problem {
	e := list[0]
	p := s.problemAt(e.Pos.Line, e.Pos.Column, e.Msg)
	f := &fault{s: s, ws: s.words(c.from, min(c.end, len(s.Text))), msg: e.Msg, p: &p}
	off := s.offsetOf(e.Pos.Line, e.Pos.Column)
	for f.i < len(f.ws) && f.ws[f.i].off < off {
		f.i++
	}
	if off > c.end && len(f.ws) > 0 { // the parser went on into what stands around the item
		f.i = len(f.ws)
		f.move(f.at(-1).end)
	}
	f.begin()
	for _, rule := range rules {
		if rule(f) {
			return p
		}
	}
	f.plain()
	return p
}

// offsetOf is the byte offset of a line and column, the end of the text if it has no such line.
func (s *Source) offsetOf(line, col int) int {
	off := 0
	for range line - 1 {
		i := strings.IndexByte(s.Text[off:], '\n')
		if i < 0 {
			return len(s.Text) + 1
		}
		off += i + 1
	}
	return off + col - 1
}

// begin finds the beginning of the statement: the header of a for, if or switch has semicolons in it.
func (f *fault) begin() {
	f.first = f.i
	semicolon := -1
	for f.first > 0 {
		w := f.ws[f.first-1]
		if w.tok == token.LBRACE || w.tok == token.RBRACE || w.tok == token.SEMICOLON && w.lit == "\n" {
			break
		}
		if w.tok == token.SEMICOLON && semicolon < 0 {
			semicolon = f.first
		}
		f.first--
	}
	switch f.start(0).tok {
	case token.FOR, token.IF, token.SWITCH:
	default:
		if semicolon >= 0 {
			f.first = semicolon
		}
	}
}

// at is a token, counted from the one where the parser stopped.
func (f *fault) at(k int) word { return f.get(f.i + k) }

// start is a token, counted from the beginning of the statement.
func (f *fault) start(k int) word { return f.get(f.first + k) }

func (f *fault) get(i int) word {
	if i < 0 || i >= len(f.ws) {
		return word{tok: token.EOF, lit: "the end of the cell", off: len(f.s.Text), end: len(f.s.Text)}
	}
	return f.ws[i]
}

// name is what people call a token.
func (w word) name() string {
	if w.tok == token.SEMICOLON && w.lit == "\n" {
		return "the end of the line"
	}
	return w.lit
}

// line is the text from an offset to the end of its line, without what opens a block.
func (f *fault) line(off int) string {
	l, _, _ := strings.Cut(f.s.Text[min(off, len(f.s.Text)):], "\n")
	l, _, _ = strings.Cut(l, "//")
	return strings.TrimSpace(strings.TrimRight(l, "{:; \t\r"))
}

// say sets text and hint of the problem. It gives true, as rules do that apply.
func (f *fault) say(text, hint string) bool {
	f.p.Text, f.p.Hint = text, hint
	return true
}

// move sets the place of the problem.
func (f *fault) move(off int) {
	f.p.Line, f.p.Column = f.s.lineCol(min(off, len(f.s.Text)))
	f.p.Source = Line(f.s.Text, f.p.Line)
}

// unexpected is the plainest thing to say.
func (f *fault) unexpected() string {
	if f.i == 0 {
		return "unexpected " + f.at(0).name()
	}
	return "unexpected " + f.at(0).name() + " after " + f.at(-1).name()
}

// plain puts the parser's words into ours where no rule applies.
func (f *fault) plain() {
	what, _, found := strings.Cut(f.msg, ", found ")
	switch {
	case !found:
	case f.at(0).tok == token.EOF || f.at(0).lit == "\n":
		f.say(strings.ReplaceAll(what, "'", "")+", found "+f.at(0).name(), "")
	default:
		f.say(f.unexpected(), "")
	}
}

// rules look for mistakes that people make often. The first that applies says what is wrong.
var rules = []func(*fault) bool{elseAlone, braceBelow, foreignStatement, forIn, typeFirst, wordOperator, callWithoutParentheses, noValue, missingValue, declared, condition, listWithoutType, separators, notCalled}

// elseAlone is an else that does not follow its block.
func elseAlone(f *fault) bool {
	if f.at(0).tok != token.ELSE || f.i > f.first {
		return false
	}
	return f.say("else must stand on the same line as the } before it", "write } else {")
}

// braceBelow is a block that opens on the line below, or not at all.
func braceBelow(f *fault) bool {
	if f.at(0).lit != "\n" || !strings.HasPrefix(f.msg, "expected '{'") && !strings.HasPrefix(f.msg, "expected for loop condition") && !strings.HasPrefix(f.msg, "missing condition") {
		return false
	}
	if k := f.start(0).tok; k != token.FOR && k != token.IF && k != token.SWITCH && f.first > 0 && f.at(0).tok == token.SEMICOLON {
		f.i = f.first - 1 // the line above was taken for the first part of the header
		f.begin()
	}
	switch k := f.start(0); k.tok {
	case token.FOR, token.IF, token.SWITCH, token.SELECT, token.FUNC:
		if f.at(1).tok == token.LBRACE {
			return f.say("{ must stand on the same line as "+k.lit, "write { at the end of this line")
		}
		f.move(f.at(-1).end)
		return f.say("what "+k.lit+" governs must stand in braces", "write "+f.line(k.off)+" { and close it with }")
	}
	return false
}

// foreignStatement is one that begins with a word of another language.
func foreignStatement(f *fault) bool {
	w := f.start(0)
	if w.tok != token.IDENT || f.i == f.first && w.lit != "catch" && w.lit != "except" && w.lit != "finally" {
		return false
	}
	rest := f.line(w.end)
	hint := ""
	switch w.lit {
	case "while", "until":
		hint = "Go's loops all begin with for: for " + rest + " {"
	case "foreach":
		hint = "Go's loops all begin with for: for _, x := range xs {"
	case "loop", "do", "repeat":
		hint = "Go's loops all begin with for: for {"
	case "let", "val", "auto", "local":
		hint = "write " + strings.Replace(rest, "=", ":=", 1)
	case "def", "function", "fn", "fun", "sub", "proc":
		hint = "functions begin with func, and parameters have types: func name(x int) int {"
	case "class", "record", "enum":
		hint = "declare a type: type Name struct { ... }, and methods as func (x Name) Method() { ... }"
	case "elif", "elseif", "elsif":
		hint = "write } else if"
	case "try", "catch", "except", "finally", "raise", "throw":
		hint = "Go has no exceptions: functions return an error, and panics are caught with recover in a deferred function"
	case "lambda":
		hint = literalFunc
	case "from", "using", "include", "require":
		hint = "packages import themselves when they are used, or with import \"name\""
	case "public", "private", "static", "async", "pub":
		hint = "leave " + w.lit + " out: names that begin with a capital letter are public"
	case "match":
		hint = "write switch"
	case "yield", "await":
		hint = "values are sent through channels, or handed to a function that is a parameter"
	default:
		return false
	}
	f.move(w.off)
	return f.say(w.lit+" is no word of Go", hint)
}

// forIn is for x in xs.
func forIn(f *fault) bool {
	if f.start(0).tok != token.FOR {
		return false
	}
	for k := 1; k < 5; k++ {
		if f.start(k).tok != token.IDENT || f.start(k).lit != "in" {
			continue
		}
		over, _, _ := strings.Cut(f.line(f.start(k).end), "{")
		over = strings.TrimSpace(over)
		if rest, ok := strings.CutPrefix(over, "range"); ok {
			over = strings.Trim(strings.TrimSpace(rest), "()")
			return f.say("unexpected in", "write for "+f.start(1).lit+" := range "+over+" {")
		}
		return f.say("unexpected in", "write for _, "+f.start(k-1).lit+" := range "+over+" {")
	}
	return false
}

// typeFirst is int x = 5.
func typeFirst(f *fault) bool {
	t, x := f.start(0), f.start(1)
	if t.tok != token.IDENT || x.tok != token.IDENT || f.i != f.first+1 {
		return false
	}
	if !basicNames[t.lit] && foreign[t.lit] == "" {
		return false
	}
	typ := t.lit
	if h, ok := strings.CutPrefix(foreign[t.lit], "Go has "); ok {
		typ, _, _ = strings.Cut(h, " ")
	}
	rest := strings.TrimSpace(strings.TrimPrefix(f.line(x.off), x.lit))
	return f.say("the type comes after the name", strings.TrimSpace("write var "+x.lit+" "+typ+" "+rest))
}

var basicNames = map[string]bool{"int": true, "int8": true, "int16": true, "int32": true, "int64": true, "uint": true, "byte": true, "rune": true,
	"float32": true, "float64": true, "string": true, "bool": true, "error": true, "any": true}

// wordOperator is an operator that Go writes with signs.
func wordOperator(f *fault) bool {
	signs := map[string]string{"and": "&&", "or": "||", "not": "!", "is": "==", "mod": "%", "div": "/", "xor": "^"}
	for _, w := range []word{f.at(0), f.at(-1)} {
		if s := signs[w.lit]; s != "" && w.tok == token.IDENT {
			f.move(w.off)
			return f.say(w.lit+" is no operator of Go", "write "+s)
		}
	}
	if w := f.at(-1); w.lit == "lambda" {
		f.move(w.off)
		return f.say("lambda is no word of Go", literalFunc)
	}
	if w := f.at(0); w.lit == "then" {
		return f.say("unexpected then", "write { right after the condition")
	}
	for k := -1; k <= 0; k++ {
		a, b := f.at(k), f.at(k+1)
		if a.end != b.off {
			continue
		}
		hint := ""
		switch a.lit + b.lit {
		case "===":
			hint = "write =="
		case "!==", "<>":
			hint = "write !="
		case "=>", "->":
			hint = literalFunc
		default:
			continue
		}
		f.move(a.off)
		return f.say(a.lit+b.lit+" is no operator of Go", hint)
	}
	if f.at(0).tok == token.ASSIGN && f.at(-1).tok == token.ASSIGN {
		return f.say(f.unexpected(), "= assigns, == compares")
	}
	return false
}

const literalFunc = "a function without a name is written func(x int) int { return x }"

// callWithoutParentheses is print "x".
func callWithoutParentheses(f *fault) bool {
	if !strings.HasPrefix(f.msg, "expected ';'") || f.i == f.first {
		return false
	}
	for k := f.first; k < f.i; k++ {
		if want := []token.Token{token.IDENT, token.PERIOD}[(k-f.first)%2]; f.get(k).tok != want {
			return false
		}
	}
	if f.at(-1).tok != token.IDENT {
		return false
	}
	name := f.s.Text[f.start(0).off:f.at(-1).end]
	switch f.at(0).tok {
	case token.STRING, token.INT, token.FLOAT, token.CHAR:
	case token.IDENT:
		if !strings.Contains(name, ".") && !strings.HasPrefix(name, "print") {
			return false
		}
	default:
		return false
	}
	if name == "print" {
		name = "fmt.Println"
	}
	return f.say(f.unexpected(), "a call has parentheses: "+name+"("+f.line(f.at(0).off)+")")
}

// noValue is a statement in the place of a value.
func noValue(f *fault) bool {
	if k := f.at(0); k.tok == token.INC || k.tok == token.DEC {
		if f.at(1).tok == token.SEMICOLON {
			return false
		}
		return f.say(f.at(-1).lit+k.lit+" is a statement: it has no value", "write it on a line of its own")
	}
	switch a := f.at(-1); {
	case (a.tok == token.INC || a.tok == token.DEC) && f.at(0).lit != "\n":
		f.move(a.off)
		return f.say(f.at(-2).lit+a.lit+" is a statement: it has no value", "write it on a line of its own")
	case a.tok == token.ASSIGN || a.tok == token.DEFINE || a.tok == token.RETURN || a.tok == token.LPAREN || a.tok == token.COMMA:
		switch k := f.at(0); k.tok {
		case token.IF, token.FOR, token.SWITCH, token.SELECT:
			hint := ""
			if k.tok == token.IF || k.tok == token.SWITCH {
				hint = "declare the variable first, and assign to it inside of the " + k.lit
			}
			return f.say(k.lit+" is a statement: it has no value", hint)
		}
	}
	// x := if ... cut in two: the parser stops before if
	if k := f.at(0); f.first == f.i && k.tok == token.IF && (f.at(-1).tok == token.DEFINE || f.at(-1).tok == token.ASSIGN) {
		return f.say(k.lit+" is a statement: it has no value", "")
	}
	return false
}

// missingValue is 1 + ) or f(1,,2).
func missingValue(f *fault) bool {
	if !strings.HasPrefix(f.msg, "expected operand") || f.i == 0 {
		return false
	}
	switch f.at(0).tok {
	case token.COMMA, token.RPAREN, token.RBRACK, token.RBRACE, token.SEMICOLON, token.EOF:
		return f.say("a value is missing after "+f.at(-1).name(), "")
	}
	return false
}

// declared is var x int := 5.
func declared(f *fault) bool {
	if f.start(0).tok != token.VAR && f.start(0).tok != token.CONST || f.at(0).tok != token.DEFINE {
		return false
	}
	head := strings.TrimSpace(f.s.Text[f.start(0).off:f.at(0).off])
	value := f.line(f.at(0).end)
	hint := "write " + head + " = " + value
	if f.start(0).tok == token.VAR {
		hint += ", or " + f.start(1).lit + " := " + value
	}
	return f.say("unexpected := after "+f.start(0).lit, hint)
}

// condition is if x = 5.
func condition(f *fault) bool {
	if !strings.Contains(f.msg, "found assignment") && !strings.HasPrefix(f.msg, "cannot use") {
		return false
	}
	text := ""
	for k := f.i; k < len(f.ws); k++ {
		switch w := f.ws[k]; w.tok {
		case token.ASSIGN:
			text = f.s.Text[f.at(0).off:w.off] + "= " + strings.TrimSpace(strings.TrimSuffix(f.line(w.end), "{"))
			text, _, _ = strings.Cut(text, " {")
			return f.say(text+" is an assignment, not a condition", "= assigns, == compares")
		case token.DEFINE:
			return f.say("a condition is missing after the assignment", "write "+f.start(0).lit+" "+f.line(f.at(0).off)+"; "+f.at(0).lit+" > 0 {")
		case token.LBRACE:
			return false
		}
	}
	return false
}

// listWithoutType is [1, 2, 3] or {1, 2, 3}.
func listWithoutType(f *fault) bool {
	open := f.i
	if strings.HasPrefix(f.msg, "unexpected comma") {
		for open > f.first && f.get(open).tok != token.LBRACK {
			open--
		}
	}
	elem := map[token.Token]string{token.INT: "int", token.FLOAT: "float64", token.STRING: "string", token.CHAR: "rune"}[f.get(open+1).tok]
	if elem == "" {
		elem = "T"
	}
	typ := "[]" + elem
	switch f.get(open).tok {
	case token.LBRACK:
	case token.LBRACE:
		if !strings.HasPrefix(f.msg, "expected operand") {
			return false
		}
		if f.get(open+2).tok == token.COLON {
			typ = "map[" + elem + "]T"
		}
		if f.start(0).tok == token.VAR && f.start(2).tok != token.ASSIGN {
			typ = strings.TrimSpace(f.s.Text[f.start(2).off:f.at(-1).off])
		}
	default:
		return false
	}
	body := strings.TrimRight(f.line(f.get(open).end), "]}) ")
	f.move(f.get(open).off)
	return f.say("a list is written with its type before it", "write "+typ+"{"+body+"}")
}

// separators are commas and colons that are missing, or too many.
func separators(f *fault) bool {
	switch {
	case strings.HasPrefix(f.msg, "missing ',' before newline") && strings.Contains(f.msg, "composite"):
		if w := f.get(f.opener() - 1); w.tok == token.IDENT && (w.lit == "try" || w.lit == "do" || w.lit == "loop" || w.lit == "repeat" || w.lit == "finally") {
			f.i, f.first = f.opener(), f.opener()-1
			return foreignStatement(f)
		}
		fallthrough
	case strings.HasPrefix(f.msg, "missing ',' before newline"):
		return f.say("missing , at the end of the line", "in a list over several lines each line ends with a comma, the last one too")
	case strings.HasPrefix(f.msg, "missing ','"):
		return f.say("missing , between "+f.at(-1).name()+" and "+f.at(0).name(), "")
	case f.at(0).tok == token.COMMA && f.get(f.opener()-1).tok == token.STRUCT:
		return f.say("unexpected , after a field", "fields end with the line, without a comma")
	case strings.HasPrefix(f.msg, "expected ':'") && (f.start(0).tok == token.CASE || f.start(0).tok == token.DEFAULT):
		f.move(f.at(-1).end)
		return f.say("missing : after "+strings.TrimSpace(f.s.Text[f.start(0).off:f.at(-1).end]), "")
	case strings.HasPrefix(f.msg, "mixed named and unnamed"), strings.HasPrefix(f.msg, "missing parameter"):
		return f.say("a parameter has no type, or no name", "write each as name type: func f(a int, b string)")
	}
	return false
}

// notCalled is defer f.
func notCalled(f *fault) bool {
	kw, ok := strings.CutSuffix(strings.TrimPrefix(f.msg, "expression in "), " must be function call")
	if !ok {
		return false
	}
	return f.say(kw+" wants a call", "write "+f.line(f.start(0).off)+"(), with the arguments between the parentheses")
}

// opener is the innermost brace that is open before the fault, -1 if there is none.
func (f *fault) opener() int {
	depth := 0
	for k := min(f.i, len(f.ws)) - 1; k >= 0; k-- {
		switch f.ws[k].tok {
		case token.RBRACE:
			depth++
		case token.LBRACE:
			if depth--; depth < 0 {
				return k
			}
		}
	}
	return -1
}

// literalHint says how to mend what the scanner does not take.
func literalHint(msg, line string, col int) (text, hint string) {
	switch {
	case strings.Contains(msg, "illegal character"), strings.HasPrefix(msg, "curly quotation mark"):
		_, c, _ := strings.Cut(msg, "'")
		c, _, _ = strings.Cut(c, "'")
		switch c {
		case "?":
			return "unexpected ?", "Go has no a ? b : c; write if and else"
		case "#":
			return "unexpected #", "comments begin with //"
		case "“", "”", "„", "‘", "’":
			return "unexpected " + c, "texts stand in plain quotes: \""
		case "@":
			return "unexpected @", "Go has no decorators; between matrices call MatMul"
		case "\\":
			return "unexpected \\", "a line goes on by itself after an operator, a comma or an open bracket"
		}
		if c != "" && !strings.HasPrefix(c, "\\") {
			return "unexpected " + c, ""
		}
	case strings.Contains(msg, "rune literal") || strings.Contains(msg, "more than one character"):
		start := min(max(0, col-1), len(line))
		if t, _, ok := strings.Cut(strings.TrimPrefix(line[start:], "'"), "'"); ok {
			return "single quotes are for one character", fmt.Sprintf("a text stands in double quotes: %q", t)
		}
		return "single quotes are for one character", "a text stands in double quotes"
	case strings.HasPrefix(msg, "string literal not terminated"):
		return "the text that begins here has no closing quote", "a text over several lines stands in back quotes: `"
	case strings.HasPrefix(msg, "raw string literal not terminated"):
		return "the text that begins here has no closing back quote", ""
	case strings.HasPrefix(msg, "comment not terminated"):
		return "the comment that begins here does not end", "it ends with */"
	case strings.HasPrefix(msg, "unknown escape"):
		return msg, "\\\\ stands for a backslash; in a text between back quotes it is a character like others"
	case strings.HasPrefix(msg, "invalid digit"):
		return msg, "a number that begins with 0 is octal"
	}
	return msg, ""
}

// crossed is the problem of a bracket that is closed by one of another kind.
func (s *Source) crossed(opened token.Token, open int, closed token.Token, off int) Problem {
	if line := s.line(off); line != s.line(open) {
		p := s.problem(open, opened.String()+" is never closed")
		p.Hint = fmt.Sprintf("%s of line %d comes before its %s", closed, line, closing[opened])
		return p
	}
	return s.problem(off, fmt.Sprintf("unexpected %s: %s is still open", closed, opened))
}

// indent is the width of the space that the line of an offset begins with; a tab counts as four.
func (s *Source) indent(off int) (n int) {
	for _, r := range s.Text[strings.LastIndexByte(s.Text[:off], '\n')+1 : off] {
		switch r {
		case ' ':
			n++
		case '\t':
			n += 4
		default:
			return n
		}
	}
	return n
}

// leads tells whether what is at an offset is the first on its line.
func (s *Source) leads(off int) bool {
	return strings.TrimSpace(s.Text[strings.LastIndexByte(s.Text[:off], '\n')+1:off]) == ""
}
