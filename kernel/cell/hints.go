package cell

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"
)

// advice is what people are told about an error of go/types whose message matches: another text, if go/types has not found
// the plainest one, and how to mend it.
type advice struct {
	match *regexp.Regexp
	give  func(a *adviser, m []string) (text, hint string)
}

// adviser looks at the place of an error.
type adviser struct {
	c    *Checked
	e    types.Error
	path []ast.Node // the nodes around the place, outermost first
}

// advise gives a text, "" for that of go/types, and a hint.
func (c *Checked) advise(e types.Error) (text, hint string) {
	a := &adviser{c: c, e: e}
	for _, d := range c.decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if n == nil || n.Pos() > e.Pos || n.End() <= e.Pos {
				return false
			}
			a.path = append(a.path, n)
			return true
		})
	}
	for _, x := range advices {
		if m := x.match.FindStringSubmatch(e.Msg); m != nil {
			text, hint = x.give(a, m)
			if text != "" || hint != "" {
				return text, hint
			}
		}
	}
	return "", ""
}

// around is the innermost node of a type around the place for which ok is true; ok may be nil.
func around[N ast.Node](a *adviser, ok func(N) bool) (found N, is bool) {
	for i := len(a.path) - 1; i >= 0; i-- {
		if n, yes := a.path[i].(N); yes && (ok == nil || ok(n)) {
			return n, true
		}
	}
	return found, false
}

// expr is the expression at the place that is written as text.
func (a *adviser) expr(text string) (ast.Expr, bool) {
	return around(a, func(x ast.Expr) bool { return types.ExprString(x) == text })
}

func (a *adviser) typeOf(x ast.Expr) types.Type {
	if t := a.c.info.TypeOf(x); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

func (a *adviser) name(t types.Type) string {
	text, _ := a.c.words(types.TypeString(t, func(p *types.Package) string {
		if p == a.c.pkg {
			return ""
		}
		return p.Name()
	}))
	return text
}

func is(t types.Type, info types.BasicInfo) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&info != 0
}

// conversion says how a value of one type becomes one of another; x is how the value is written.
func (a *adviser) conversion(x string, from, to types.Type) string {
	name := a.name(to)
	switch {
	case is(from, types.IsString) && is(to, types.IsInteger):
		if h := a.quoted(x); h != "" {
			return h
		}
		return "n, err := strconv.Atoi(" + x + ") makes a number of a text"
	case is(from, types.IsString) && is(to, types.IsFloat):
		if h := a.quoted(x); h != "" {
			return h
		}
		return "f, err := strconv.ParseFloat(" + x + ", 64) makes a number of a text"
	case is(from, types.IsNumeric|types.IsUntyped) && is(to, types.IsString) && !strings.ContainsAny(x, "'()"):
		return "in quotes it is a text: " + strconv.Quote(x)
	case is(from, types.IsNumeric) && is(to, types.IsString):
		return "fmt.Sprint(" + x + ") makes a text of a number"
	case is(from, types.IsUntyped) && is(from, types.IsFloat) && is(to, types.IsInteger):
		return "an " + name + " is a whole number; for " + x + " declare a float64"
	case is(from, types.IsNumeric) && is(to, types.IsNumeric):
		return name + "(" + x + ") converts it"
	case is(from, types.IsString) && types.Identical(to, types.Universe.Lookup("error").Type()):
		return "errors.New(" + x + ") makes an error of a text"
	case is(to, types.IsString) && isBytes(from), is(from, types.IsString) && isBytes(to):
		return name + "(" + x + ") converts it"
	}
	if p, ok := to.Underlying().(*types.Pointer); ok && types.Identical(p.Elem(), from) {
		return "&" + x + " is its address"
	}
	if p, ok := from.Underlying().(*types.Pointer); ok && types.Identical(p.Elem(), to) {
		return "*" + x + " is what it points to"
	}
	return ""
}

// number is the number in a quoted text, "" if there is none.
func (a *adviser) number(quoted string) string {
	s, err := strconv.Unquote(quoted)
	if err != nil {
		return ""
	}
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return ""
	}
	return s
}

// quoted says what to do with a text that is written where a number is wanted.
func (a *adviser) quoted(x string) string {
	if _, err := strconv.Unquote(x); err != nil {
		return ""
	}
	if n := a.number(x); n != "" {
		return "without the quotes it is a number: " + n
	}
	return "a variable keeps its type; for a text declare another one"
}

func isBytes(t types.Type) bool {
	s, ok := t.Underlying().(*types.Slice)
	return ok && is(s.Elem(), types.IsInteger)
}

// typeNamed is a basic type, or error, by the name that a message gives it.
func typeNamed(name string) types.Type {
	if o, ok := types.Universe.Lookup(strings.TrimPrefix(name, "untyped ")).(*types.TypeName); ok {
		return o.Type()
	}
	switch name {
	case "untyped float":
		return types.Typ[types.UntypedFloat]
	case "[]byte":
		return types.NewSlice(types.Typ[types.Byte])
	}
	return types.Typ[types.Invalid]
}

func only(hint string) func(*adviser, []string) (string, string) {
	return func(*adviser, []string) (string, string) { return "", hint }
}

var advices = []advice{
	{regexp.MustCompile(`^undefined: ([\pL_][\pL\pN_]*)$`), (*adviser).undefined},
	{regexp.MustCompile(`^(undefined: (\w+)\.\w+) \(but have (\w+)\)$`), func(a *adviser, m []string) (string, string) {
		return m[1], "did you mean " + m[2] + "." + m[3] + "?"
	}},
	{regexp.MustCompile(`^cannot use .* as (\S+) value in .*\(overflows\)$`), (*adviser).overflow},
	{regexp.MustCompile(`(?s)^cannot use (.+?) \((.*)\) as (\S+) value in [^:(]*(?:\(truncated\))?$`), (*adviser).cannotUse},
	{regexp.MustCompile(`^cannot use .* as error value in .*: string does not implement error`), (*adviser).errorOfText},
	{regexp.MustCompile(`^cannot use (.+?) \(.*\) as .* value in .*\(method (\w+) has pointer receiver\)$`), func(a *adviser, m []string) (string, string) {
		x := m[1]
		if lit, ok := around[*ast.CompositeLit](a, nil); ok {
			x = types.ExprString(lit.Type) + "{...}"
		}
		return "", "write &" + x + ": the method " + m[2] + " belongs to the pointer"
	}},
	{regexp.MustCompile(`^invalid operation: (.*) \(mismatched types (.+) and (.+)\)$`), (*adviser).mismatched},
	{regexp.MustCompile(`^(\S+) \(untyped float constant\) truncated to (\w+)$`), (*adviser).truncated},
	{regexp.MustCompile(`^invalid operation: operator (\S+) not defined on (\S+) \(.*\)$`), (*adviser).operator},
	{regexp.MustCompile(`^invalid operation: (\S+) (==|!=) (\S+) \((slice|map|func) can only be compared to nil\)$`), func(_ *adviser, m []string) (string, string) {
		switch m[4] {
		case "slice":
			return "", "slices.Equal(" + m[1] + ", " + m[3] + ") compares what is in them"
		case "map":
			return "", "maps.Equal(" + m[1] + ", " + m[3] + ") compares what is in them"
		}
		return "", ""
	}},
	{regexp.MustCompile(`^invalid operation: cannot indirect`), func(a *adviser, _ []string) (string, string) {
		if b, ok := around[*ast.BinaryExpr](a, func(b *ast.BinaryExpr) bool { _, star := b.Y.(*ast.StarExpr); return star && b.Op == token.MUL }); ok {
			return "Go has no operator **", "math.Pow(" + types.ExprString(b.X) + ", " + types.ExprString(b.Y.(*ast.StarExpr).X) + ") is the power"
		}
		return "", ""
	}},
	{regexp.MustCompile(`^invalid operation: cannot take address of (\S+) \(.*constant`), func(_ *adviser, m []string) (string, string) {
		return "", "new(" + m[1] + ") is a pointer to a new variable with this value"
	}},
	{regexp.MustCompile(`^multiple-value (.+) \(value of type (\(.*\))\) in single-value context$`), (*adviser).multiple},
	{regexp.MustCompile(`^assignment mismatch: (\d+) variables? but (.+) returns? (\d+) values?$`), (*adviser).countCall},
	{regexp.MustCompile(`^(extra init expr|missing init expr for)`), (*adviser).count},
	{regexp.MustCompile(`^not enough return values`), only("return a value for each result; an error that did not occur is nil")},
	{regexp.MustCompile(`^too many return values`), (*adviser).tooManyResults},
	{regexp.MustCompile(`^missing return$`), only("every way through the function must end in return, or in panic")},
	{regexp.MustCompile(`^declared and not used: (\S+)$`), (*adviser).unused},
	{regexp.MustCompile(`^no new variables on left side of :=$`), only("use = to assign")},
	{regexp.MustCompile(`^(.+) \(value of type (.+)\) is not used$`), (*adviser).dropped},
	{regexp.MustCompile(` is not used$`), only("assign it, or write it as the last line to see it")},
	{regexp.MustCompile(`^non-boolean condition in (if|for) statement$`), (*adviser).notCondition},
	{regexp.MustCompile(`undefined \(type (.+) has no field or method (\w+)\)$`), (*adviser).noMethod},
	{regexp.MustCompile(`^(.*) undefined \(type (.+) has no field or method (\w+), but does have (?:field|method) (\w+)\)$`), func(_ *adviser, m []string) (string, string) {
		return m[1] + " undefined (type " + m[2] + " has no field or method " + m[3] + ")", "did you mean " + strings.TrimSuffix(m[1], m[3]) + m[4] + "?"
	}},
	{regexp.MustCompile(`^(unknown field \w+ in struct literal of type \S+), but does have (\w+)$`), func(_ *adviser, m []string) (string, string) {
		return m[1], "did you mean " + m[2] + "?"
	}},
	{regexp.MustCompile(`^(?:not enough|too many) arguments in call to `), (*adviser).arguments},
	{regexp.MustCompile(`undefined \(cannot refer to unexported (field|method) (\w+)\)$`), only("names that begin with a small letter are for their own package alone")},
	{regexp.MustCompile(`^use of untyped nil in`), func(*adviser, []string) (string, string) {
		return "nil alone has no type", "say of what type it is: var p *T, or var err error; they begin as nil"
	}},
	{regexp.MustCompile(`^cannot assign to (.+?) \(`), (*adviser).cannotAssign},
	{regexp.MustCompile(`^cannot assign to struct field (.+) in map$`), only("take the value out of the map, change it, and put it back; or keep pointers in the map")},
	{regexp.MustCompile(`^method (\S+) already declared at unit(\d+):(\d+):\d+$`), func(_ *adviser, m []string) (string, string) {
		return "method " + m[1] + " is declared twice in this cell", "the first time in line " + m[3]
	}},
	{regexp.MustCompile(`^(\S+) redeclared in this block$`), func(_ *adviser, m []string) (string, string) {
		return m[1] + " is declared twice here", ""
	}},
	{regexp.MustCompile(`(?s)^cannot use .* does not implement \S+ \(missing method (\w+)\)$`), (*adviser).missingMethod},
	{regexp.MustCompile(`^invalid recursive type`), only("a struct cannot contain itself; it can have a pointer to its own type")},
	{regexp.MustCompile(`^expression in (defer|go) must be function call$`), func(a *adviser, m []string) (string, string) {
		return m[1] + " wants a call", "add parentheses, with the arguments between them"
	}},
	{regexp.MustCompile(`^cannot convert (.+) \(.*\) to type (\S+)$`), (*adviser).cannotConvert},
	{regexp.MustCompile(`^cannot use generic (type|function) (\S+)\[.*\] without instantiation$`), func(_ *adviser, m []string) (string, string) {
		return "", "say for which types: " + m[2] + "[int]"
	}},
	{regexp.MustCompile(`^(break|continue) `), func(_ *adviser, m []string) (string, string) {
		return m[1] + " outside of a loop", ""
	}},
}

// undefined is a name that nothing has.
func (a *adviser) undefined(m []string) (text, hint string) {
	name := m[1]
	if f, ok := around[*ast.Field](a, nil); ok && len(f.Names) == 0 && f.Type.Pos() == a.e.Pos {
		if _, fn := around[*ast.FuncType](a, nil); fn {
			return "", "a parameter has a name and a type: " + name + " int"
		}
	}
	if s, ok := around[*ast.AssignStmt](a, func(s *ast.AssignStmt) bool { return s.Tok == token.ASSIGN && len(s.Lhs) == 1 }); ok && s.Lhs[0].Pos() == a.e.Pos {
		if _, id := s.Lhs[0].(*ast.Ident); id {
			if h := a.c.suggest(a.e); h != "" {
				return "", h
			}
			return "", "a new variable begins with " + name + " := " + a.c.text(s.Rhs[0].Pos(), s.Rhs[0].End())
		}
	}
	call, ok := around[*ast.CallExpr](a, nil)
	if !ok || call.Fun.Pos() != a.e.Pos {
		return "", ""
	}
	switch name {
	case "str", "repr":
		return "", "fmt.Sprint makes a text of a value"
	case "float", "double":
		return "", "write float64(x)"
	case "input", "raw_input", "scanf":
		return "", "fmt.Scanln(&x) reads into the variable x"
	case "printf", "println", "puts", "echo":
		return "", "write fmt.Println or fmt.Printf"
	case "length", "size", "count", "sizeof":
		return "", "write len(x)"
	case "sum", "enumerate", "zip", "list", "dict", "tuple", "set", "reversed":
		return "", "write a loop: for i, x := range xs {"
	}
	for _, p := range [...]string{"fmt", "math", "strings", "strconv", "slices", "sort", "maps", "errors", "os", "time"} {
		pkg, err := a.c.w.imp.Import(p)
		if err != nil {
			continue
		}
		for _, n := range exported(pkg) {
			if _, f := pkg.Scope().Lookup(n).(*types.Func); f && strings.EqualFold(n, name) {
				return "", "did you mean " + p + "." + n + "?"
			}
		}
	}
	return "", ""
}

// cannotUse is a value of one type where another one is wanted.
func (a *adviser) cannotUse(m []string) (text, hint string) {
	to := typeNamed(m[3])
	x, ok := a.expr(m[1])
	if !ok || to == types.Typ[types.Invalid] {
		if !ok {
			return "", ""
		}
		if v, ok := around[*ast.ValueSpec](a, nil); ok && v.Type != nil {
			to = a.typeOf(v.Type)
		}
	}
	return "", a.conversion(a.c.text(x.Pos(), x.End()), a.typeOf(x), to)
}

func (a *adviser) errorOfText([]string) (text, hint string) {
	if x, ok := around[ast.Expr](a, nil); ok {
		return "", "errors.New(" + a.c.text(x.Pos(), x.End()) + ") makes an error of a text"
	}
	return "", ""
}

// overflow is a constant that does not fit.
func (a *adviser) overflow(m []string) (text, hint string) {
	b, ok := typeNamed(m[1]).(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 {
		return "", ""
	}
	bits := uint(8 * types.SizesFor("gc", "amd64").Sizeof(b))
	one := constant.MakeInt64(1)
	if b.Info()&types.IsUnsigned != 0 {
		top := constant.BinaryOp(constant.Shift(one, token.SHL, bits), token.SUB, one)
		return "", fmt.Sprintf("%s holds 0 to %s", m[1], top)
	}
	half := constant.Shift(one, token.SHL, bits-1)
	return "", fmt.Sprintf("%s holds %s to %s", m[1], constant.UnaryOp(token.SUB, half, 0), constant.BinaryOp(half, token.SUB, one))
}

// mismatched are operands of two types.
func (a *adviser) mismatched(m []string) (text, hint string) {
	b, ok := around(a, func(b *ast.BinaryExpr) bool { return types.ExprString(b) == m[1] })
	if !ok {
		return "", ""
	}
	x, y := a.typeOf(b.X), a.typeOf(b.Y)
	xs, ys := a.c.text(b.X.Pos(), b.X.End()), a.c.text(b.Y.Pos(), b.Y.End())
	switch {
	case is(x, types.IsBoolean) && b.Op.Precedence() == token.EQL.Precedence():
		if in, ok := b.X.(*ast.BinaryExpr); ok {
			return "", "write " + xs + " && " + a.c.text(in.Y.Pos(), in.Y.End()) + " " + b.Op.String() + " " + ys
		}
	case is(x, types.IsString) && is(y, types.IsNumeric):
		return "", a.textAndNumber(b.Op, xs, ys, y)
	case is(x, types.IsNumeric) && is(y, types.IsString):
		return "", a.textAndNumber(b.Op, ys, xs, x)
	case is(x, types.IsInteger) && is(y, types.IsFloat):
		return "", "numbers of two types do not mix; write " + a.name(y) + "(" + xs + ") " + b.Op.String() + " " + ys
	case is(x, types.IsNumeric) && is(y, types.IsNumeric):
		return "", "numbers of two types do not mix; write " + xs + " " + b.Op.String() + " " + a.name(x) + "(" + ys + ")"
	}
	return "", ""
}

// truncated is a constant with a fraction beside a whole number.
func (a *adviser) truncated(m []string) (text, hint string) {
	b, ok := around[*ast.BinaryExpr](a, nil)
	if !ok {
		return "", ""
	}
	x, y := a.c.text(b.X.Pos(), b.X.End()), a.c.text(b.Y.Pos(), b.Y.End())
	if b.X.Pos() == a.e.Pos {
		y = "float64(" + y + ")"
	} else {
		x = "float64(" + x + ")"
	}
	return fmt.Sprintf("%s is no %s, as the other side of %s is", m[1], m[2], b.Op), "numbers of two types do not mix; write " + x + " " + b.Op.String() + " " + y
}

// textAndNumber says what may have been meant by an operator between a text s and a number n.
func (a *adviser) textAndNumber(op token.Token, s, n string, number types.Type) string {
	switch {
	case op == token.MUL:
		return "strings.Repeat(" + s + ", " + n + ") repeats a text"
	case op == token.ADD:
		return "fmt.Sprint(" + n + ") makes a text of a number"
	case a.number(s) != "":
		return "without the quotes it is a number: " + a.number(s)
	}
	return a.conversion(n, number, types.Typ[types.String])
}

// operator is one that the type of its operand does not have.
func (a *adviser) operator(m []string) (text, hint string) {
	b, ok := around[*ast.BinaryExpr](a, nil)
	switch {
	case m[1] == "%" && ok:
		return "", "math.Mod(" + types.ExprString(b.X) + ", " + types.ExprString(b.Y) + ") is the remainder of floats"
	case m[1] == "!":
		return "", "only conditions have an opposite; compare it: " + m[2] + " == 0"
	case ok && (m[1] == "+" || m[1] == "*" || m[1] == "-" || m[1] == "/"):
		if _, slice := a.typeOf(b.X).Underlying().(*types.Slice); slice {
			if m[1] == "+" {
				return "", "append(" + types.ExprString(b.X) + ", " + types.ExprString(b.Y) + "...) joins slices; to add number by number write a loop"
			}
			return "", "write a loop over the elements"
		}
	}
	return "", ""
}

// arguments are too few or too many.
func (a *adviser) arguments([]string) (text, hint string) {
	call, ok := around(a, func(c *ast.CallExpr) bool { return a.e.Pos > c.Fun.End() || a.e.Pos == c.Rparen })
	if !ok {
		return "", ""
	}
	s, ok := a.typeOf(call.Fun).(*types.Signature)
	if !ok || s.Params().Len() == 0 || s.Params().At(0).Name() == "" {
		return "", ""
	}
	return "", types.ExprString(call.Fun) + " is " + a.name(s)
}

// multiple is a call with several results where one is wanted.
func (a *adviser) multiple(m []string) (text, hint string) {
	n := strings.Count(m[2], ",") + 1
	text = fmt.Sprintf("%s gives %d values %s, and one is wanted", m[1], n, m[2])
	left := "x"
	if n > 2 {
		left += strings.Repeat(", _", n-2)
	}
	last := "_"
	if strings.HasSuffix(m[2], "error)") {
		last = "err"
	} else if strings.HasSuffix(m[2], "bool)") {
		last = "ok"
	}
	if v, ok := around[*ast.ValueSpec](a, nil); ok && len(v.Names) == 1 && v.Values[0].Pos() <= a.e.Pos {
		left = strings.Replace(left, "x", v.Names[0].Name, 1)
	}
	return text, "write " + left + ", " + last + " := " + m[1]
}

// countCall is a number of variables that is not that of a call's results.
func (a *adviser) countCall(m []string) (text, hint string) {
	call, ok := a.expr(m[2])
	if c, yes := around[*ast.CallExpr](a, nil); !ok && yes {
		call, ok = c, true
	}
	if !ok {
		return "", ""
	}
	if t, tuple := a.typeOf(call).(*types.Tuple); tuple && t.Len() > 0 {
		return "", "its results are " + a.name(t) + "; a result that is not needed goes to _"
	}
	return "", ""
}

// count is a number of variables that is not that of the values.
func (a *adviser) count([]string) (text, hint string) {
	for _, s := range a.c.steps {
		if s.spec == nil || len(s.spec.Values) == 0 || a.e.Pos < s.spec.Names[0].Pos() || a.e.Pos > s.spec.Values[len(s.spec.Values)-1].End() {
			continue
		}
		n, v := len(s.spec.Names), len(s.spec.Values)
		return fmt.Sprintf("assignment mismatch: %s but %s", several(n, "variable"), several(v, "value")), ""
	}
	return "", ""
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// tooManyResults is a return with values that the function does not declare.
func (a *adviser) tooManyResults([]string) (text, hint string) {
	var ft *ast.FuncType
	for _, n := range a.path {
		switch n := n.(type) {
		case *ast.FuncDecl:
			ft = n.Type
		case *ast.FuncLit:
			ft = n.Type
		}
	}
	if ft != nil && ft.Results.NumFields() == 0 {
		return "", "the function declares no result: write its type before the {, as in func(x int) int {"
	}
	return "", ""
}

// unused is a variable that nothing reads; perhaps it hides one that was meant.
func (a *adviser) unused(m []string) (text, hint string) {
	hint = "use it, or write _ in its place"
	in := a.c.pkg.Scope().Innermost(a.e.Pos)
	for n, s := range a.c.info.Scopes {
		if _, file := n.(*ast.File); !file && s.Contains(a.e.Pos) && (in == nil || in == a.c.pkg.Scope() || s.Pos() >= in.Pos() && s.End() <= in.End()) {
			in = s
		}
	}
	if in == nil {
		return "", hint
	}
	for s := in.Parent(); s != nil && s != types.Universe; s = s.Parent() {
		if o, ok := s.Lookup(m[1]).(*types.Var); ok && (o.Pos() < a.e.Pos || s == a.c.pkg.Scope()) {
			where := ""
			if line := a.c.line(o.Pos()); o.Pos().IsValid() && unitOf(a.c.w.fset.Position(o.Pos()).Filename) == a.c.src.Unit {
				where = " of line " + strconv.Itoa(line)
			}
			return "", ":= makes a new " + m[1] + " here, which hides that" + where + "; to change that one write " + m[1] + " = ..."
		}
	}
	return "", hint
}

// dropped is the value of a call that nobody takes.
func (a *adviser) dropped(m []string) (text, hint string) {
	if call, ok := around[*ast.CallExpr](a, nil); ok && len(call.Args) > 0 {
		if f, ok := call.Fun.(*ast.Ident); ok && f.Name == "append" {
			x := types.ExprString(call.Args[0])
			return "append gives a new slice, which is not used", "write " + x + " = " + a.c.text(call.Pos(), call.End())
		}
	}
	return "", ""
}

// notCondition is something else than true or false after if or for.
func (a *adviser) notCondition([]string) (text, hint string) {
	x, ok := around[ast.Expr](a, nil)
	if !ok {
		return "", ""
	}
	s := a.c.text(x.Pos(), x.End())
	text = "a condition must be true or false"
	switch t := a.typeOf(x).Underlying().(type) {
	case *types.Slice, *types.Map:
		return text, "write len(" + s + ") > 0"
	case *types.Pointer, *types.Interface, *types.Signature, *types.Chan:
		return text, "write " + s + " != nil"
	case *types.Basic:
		switch {
		case t.Info()&types.IsString != 0:
			return text, "write " + s + ` != ""`
		case t.Info()&types.IsNumeric != 0:
			return text, "write " + s + " != 0"
		}
	}
	return text, ""
}

// methods that other languages have on their own types, and what Go has for them: x is the value, ... its arguments.
var otherMethods = map[string]map[string]string{
	"slice": {"append": "x = append(x, ...)", "push": "x = append(x, ...)", "add": "x = append(x, ...)", "extend": "x = append(x, ...)", "length": "len(x)", "len": "len(x)", "size": "len(x)", "count": "len(x)",
		"sort": "slices.Sort(x)", "contains": "slices.Contains(x, ...)", "includes": "slices.Contains(x, ...)", "index": "slices.Index(x, ...)", "indexof": "slices.Index(x, ...)", "reverse": "slices.Reverse(x)",
		"pop": "x = x[:len(x)-1]", "insert": "x = slices.Insert(x, ...)", "remove": "x = slices.Delete(x, i, i+1)", "copy": "slices.Clone(x)", "max": "slices.Max(x)", "min": "slices.Min(x)"},
	"string": {"length": "len(x)", "len": "len(x)", "size": "len(x)", "upper": "strings.ToUpper(x)", "toupper": "strings.ToUpper(x)", "touppercase": "strings.ToUpper(x)", "lower": "strings.ToLower(x)", "tolower": "strings.ToLower(x)",
		"split": "strings.Split(x, ...)", "strip": "strings.TrimSpace(x)", "trim": "strings.TrimSpace(x)", "replace": "strings.ReplaceAll(x, ...)", "contains": "strings.Contains(x, ...)", "includes": "strings.Contains(x, ...)",
		"startswith": "strings.HasPrefix(x, ...)", "endswith": "strings.HasSuffix(x, ...)", "join": "strings.Join(parts, x)", "format": "fmt.Sprintf(x, ...)", "find": "strings.Index(x, ...)", "index": "strings.Index(x, ...)", "equals": "x == y"},
	"map": {"keys": "maps.Keys(x)", "values": "maps.Values(x)", "items": "for k, v := range x {", "len": "len(x)", "length": "len(x)", "size": "len(x)", "get": "v, ok := x[key]", "has": "_, ok := x[key]", "contains": "_, ok := x[key]",
		"delete": "delete(x, key)", "remove": "delete(x, key)", "pop": "delete(x, key)", "put": "x[key] = v", "set": "x[key] = v", "clear": "clear(x)"},
	"number": {"tostring": "fmt.Sprint(x)", "string": "fmt.Sprint(x)", "abs": "math.Abs(x)", "round": "math.Round(x)"},
}

// noMethod is a method that a type does not have, but that of another language would.
func (a *adviser) noMethod(m []string) (text, hint string) {
	s := a.c.selectorAt(a.e)
	if s == nil {
		return "", ""
	}
	if id, ok := s.X.(*ast.Ident); ok {
		for _, path := range a.c.w.imp.named(id.Name) {
			if p, err := a.c.w.imp.Import(path); err == nil && p.Scope().Lookup(m[2]) != nil {
				return "", "a variable hides package " + id.Name + "; import " + strconv.Quote(path) + " in a later cell brings it back"
			}
		}
	}
	kind := ""
	switch t := a.typeOf(s.X).Underlying().(type) {
	case *types.Slice, *types.Array:
		kind = "slice"
	case *types.Map:
		kind = "map"
	case *types.Basic:
		kind = "number"
		if t.Info()&types.IsString != 0 {
			kind = "string"
		}
	}
	if h := otherMethods[kind][strings.ToLower(m[2])]; h != "" {
		if call, ok := around(a, func(c *ast.CallExpr) bool { return c.Fun == s }); ok && len(call.Args) > 0 {
			h = strings.Replace(h, "...", a.c.text(call.Args[0].Pos(), call.Args[len(call.Args)-1].End()), 1)
		}
		return "", "write " + regexp.MustCompile(`\bx\b`).ReplaceAllLiteralString(h, types.ExprString(s.X))
	}
	return "", ""
}

// cannotAssign is something on the left of = that keeps its value.
func (a *adviser) cannotAssign(m []string) (text, hint string) {
	x, ok := a.expr(m[1])
	if !ok {
		return "", ""
	}
	if a.c.info.Types[x].Value != nil {
		return "cannot assign to the constant " + m[1], "what is to change is declared with var, or with :="
	}
	if ix, ok := x.(*ast.IndexExpr); ok && is(a.typeOf(ix.X), types.IsString) {
		s := types.ExprString(ix.X)
		return "cannot assign to " + m[1] + ": a text does not change", "b := []byte(" + s + ") can be changed; string(b) makes a text of it again"
	}
	return "", ""
}

// missingMethod is a type that lacks a method of an interface.
func (a *adviser) missingMethod(m []string) (text, hint string) {
	x, ok := around[ast.Expr](a, nil)
	if !ok {
		return "", ""
	}
	var want types.Type
	if v, ok := around[*ast.ValueSpec](a, nil); ok && v.Type != nil {
		want = a.typeOf(v.Type)
	}
	if want == nil {
		return "", ""
	}
	f, _, _ := types.LookupFieldOrMethod(want, true, a.c.pkg, m[1])
	fn, ok := f.(*types.Func)
	if !ok {
		return "", ""
	}
	return "", "declare func (x " + a.name(a.typeOf(x)) + ") " + m[1] + strings.TrimPrefix(a.name(fn.Signature()), "func") + " { ... }"
}

// cannotConvert is a conversion that Go does not have.
func (a *adviser) cannotConvert(m []string) (text, hint string) {
	to := typeNamed(m[2])
	x, ok := a.expr(m[1])
	if !ok || to == types.Typ[types.Invalid] {
		return "", ""
	}
	from := a.typeOf(x)
	if is(from, types.IsNumeric) && is(to, types.IsNumeric) {
		return "", "the constant " + m[1] + " is not a whole number; math.Round, math.Floor and math.Ceil round"
	}
	return "", a.conversion(a.c.text(x.Pos(), x.End()), from, to)
}
