package cell

import (
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"strconv"
	"strings"
)

var (
	reOld   = regexp.MustCompile(`([\pL_][\pL\pN_]*?)` + old + `(\d+)`)
	reTemp  = regexp.MustCompile(`value` + old + `\d+of([\pL_][\pL\pN_]*) \(variable of ([^)]*)\)`)
	reAlias = regexp.MustCompile(`\bp` + old + `\d+`)
	reUndef = regexp.MustCompile(`^undefined: ([\pL_][\pL\pN_]*)(?:\.([\pL_][\pL\pN_]*))?$`)
	reField = regexp.MustCompile(`^[^ ]+ undefined \(type (.*) has no field or method ([\pL_][\pL\pN_]*)\)`)
)

// typeError makes a problem of an error of go/types, unless it is none in a notebook.
func (c *Checked) typeError(e types.Error) {
	if strings.HasPrefix(e.Msg, "\t") || unitOf(c.w.fset.PositionFor(e.Pos, false).Filename) != c.src.Unit {
		return
	}
	if strings.HasSuffix(e.Msg, "imported and not used") || strings.Contains(e.Msg, " imported as ") && strings.HasSuffix(e.Msg, " and not used") {
		return
	}
	if strings.HasSuffix(e.Msg, " is not used") {
		if n := len(c.steps); n > 0 && c.steps[n-1].show != nil && e.Pos >= c.steps[n-1].show.Pos() && e.Pos <= c.steps[n-1].show.End() {
			return
		}
	}
	operator := c.ops.hint(e)
	e.Msg = c.ops.message(e)
	text, hint := c.words(e.Msg)
	if operator == "" && hint == "" {
		plainer, how := c.advise(e)
		if plainer != "" {
			text = plainer
		}
		if hint = how; hint == "" {
			hint = c.suggest(e)
		}
	}
	p := c.fail(e.Pos, text)
	if p.Hint = hint; operator != "" {
		p.Hint = operator
	}
}

// words puts a message into the words of a notebook: names of our own making go.
func (c *Checked) words(msg string) (text, hint string) {
	msg = reAlias.ReplaceAllStringFunc(msg, func(a string) string {
		path := c.w.pathOf(a)
		if p, err := c.w.imp.Import(path); err == nil {
			return p.Name()
		}
		return a
	})
	msg = reTemp.ReplaceAllString(msg, "value for $1 (of $2)")
	text = reOld.ReplaceAllStringFunc(msg, func(s string) string {
		m := reOld.FindStringSubmatch(s)
		unit, _ := strconv.Atoi(m[2])
		for _, e := range c.w.live {
			if e.name == m[1] && e.unit == unit {
				if n := c.new[e.name]; n != nil {
					hint = fmt.Sprintf("%s of cell %d is not the %s that this cell declares", e.name, e.cell, e.name)
				} else if n := c.w.current[e.name]; n != nil && e.kind == typeEntity {
					hint = fmt.Sprintf("it was made with %s of cell %d; %s is now that of cell %d: make it again", e.name, e.cell, e.name, n.cell)
				}
				return fmt.Sprintf("%s (of cell %d)", e.name, e.cell)
			}
		}
		return m[1]
	})
	return text, hint
}

// suggest looks for what the author may have meant.
func (c *Checked) suggest(e types.Error) string {
	if m := reUndef.FindStringSubmatch(e.Msg); m != nil {
		if m[2] != "" {
			if p := c.packageNamed(m[1]); p != nil {
				return didYouMean(m[2], exported(p), m[1]+".")
			}
			return ""
		}
		if h := foreign[m[1]]; h != "" {
			return h
		}
		return didYouMean(m[1], c.visible(e), "")
	}
	if strings.Contains(e.Msg, "but does have") {
		return ""
	}
	if m := reField.FindStringSubmatch(e.Msg); m != nil {
		if s := c.selectorAt(e); s != nil {
			return didYouMean(m[2], members(c.info.Types[s.X].Type, c.pkg), "")
		}
	}
	return ""
}

// foreign has words of other languages that people try.
var foreign = map[string]string{
	"None": "Go has nil", "null": "Go has nil", "NULL": "Go has nil", "True": "Go has true", "False": "Go has false",
	"self": "name the receiver: func (x *T) Name()", "this": "name the receiver: func (x *T) Name()", "def": "functions begin with func",
	"elif": "write else if", "while": "write for", "str": "Go has string", "double": "Go has float64", "char": "Go has byte and rune", "boolean": "Go has bool",
}

func didYouMean(name string, known []string, prefix string) string {
	if n := closest(name, known); n != "" {
		return "did you mean " + prefix + n + "?"
	}
	return ""
}

func (c *Checked) packageNamed(name string) *types.Package {
	path := c.imports[name]
	if path == "" {
		path = c.w.imports[name]
	}
	if path == "" {
		if ps := c.w.imp.named(name); len(ps) > 0 {
			path = ps[0]
		}
	}
	if path == "" {
		return nil
	}
	p, err := c.w.imp.Import(path)
	if err != nil {
		return nil
	}
	return p
}

func exported(p *types.Package) (names []string) {
	for _, n := range p.Scope().Names() {
		if ast.IsExported(n) {
			names = append(names, n)
		}
	}
	return names
}

// visible are the names that can be written where the error is.
func (c *Checked) visible(e types.Error) (names []string) {
	for n := range c.w.current {
		names = append(names, n)
	}
	for n := range c.new {
		names = append(names, n)
	}
	names = append(names, types.Universe.Names()...)
	if s := c.pkg.Scope().Innermost(e.Pos); s != nil {
		for ; s != nil && s != c.pkg.Scope() && s != types.Universe; s = s.Parent() {
			names = append(names, s.Names()...)
		}
	}
	for _, s := range c.info.Scopes {
		if s.Contains(e.Pos) {
			names = append(names, s.Names()...)
		}
	}
	if c.w.imp.lib != nil && c.selected()[c.undefinedName(e)] != nil {
		for _, n := range c.w.imp.lib.Packages() {
			names = append(names, n)
		}
	}
	return names
}

func (c *Checked) undefinedName(e types.Error) string {
	if m := reUndef.FindStringSubmatch(e.Msg); m != nil {
		return m[1]
	}
	return ""
}

// selectorAt is the selection whose name the error points at.
func (c *Checked) selectorAt(e types.Error) (found *ast.SelectorExpr) {
	for _, d := range c.decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Pos() == e.Pos {
				found = s
			}
			return found == nil
		})
	}
	return found
}

// members are the names of the fields and methods of a type.
func members(t types.Type, from *types.Package) (names []string) {
	if t == nil {
		return nil
	}
	seen := map[string]bool{}
	add := func(o types.Object) {
		if (o.Exported() || o.Pkg() == from) && !seen[o.Name()] {
			seen[o.Name()] = true
			names = append(names, o.Name())
		}
	}
	ms := types.NewMethodSet(t)
	if _, ok := t.Underlying().(*types.Pointer); !ok && !types.IsInterface(t) {
		ms = types.NewMethodSet(types.NewPointer(t))
	}
	for s := range ms.Methods() {
		add(s.Obj())
	}
	eachField(t, 0, add)
	return names
}

func eachField(t types.Type, depth int, f func(types.Object)) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok || depth > 4 {
		return
	}
	for v := range s.Fields() {
		f(v)
		if v.Embedded() {
			eachField(v.Type(), depth+1, f)
		}
	}
}

// closest is the known name that is nearest to name, if one is near enough.
func closest(name string, known []string) string {
	best, dist := "", 1+len(name)/3
	if len(name) < 2 {
		return ""
	}
	for _, k := range known {
		if k == name || k == "_" || strings.Contains(k, old) {
			continue
		}
		d := distance(strings.ToLower(name), strings.ToLower(k))
		if d < dist || d == dist && (best == "" || alike(name, k) > alike(name, best) || alike(name, k) == alike(name, best) && k < best) {
			best, dist = k, d
		}
	}
	return best
}

// alike counts the letters that two words have in common at their beginnings and ends.
func alike(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for i := 1; i <= len(a)-n && i <= len(b)-n && a[len(a)-i] == b[len(b)-i]; i++ {
		n++
	}
	return n
}

// distance counts the letters to put in, take out, change or swap between two words.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
