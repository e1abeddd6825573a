package cell

import (
	"fmt"
	"slices"
	"strings"
)

// Origin is the text of a function of cells and of all that it uses.
type Origin struct {
	Text      string            // a Go file; line directives name cells as cell3
	Variables map[string]string // what the interpreter calls the variables that it uses, by name
}

// Origin finds the text of what cells declared as name: a function, a type or Type.Method.
func (w *World) Origin(name string) (Origin, bool) {
	base, _, isMethod := strings.Cut(name, ".")
	e := w.current[base]
	if e == nil || isMethod != (e.kind == typeEntity) || e.kind == varEntity || e.kind == constEntity {
		return Origin{}, false
	}
	g := &gatherer{seen: map[*entity]bool{}, texts: map[string]bool{}, o: Origin{Variables: map[string]string{}}}
	g.entity(e)
	var b strings.Builder
	b.WriteString("package cells\n")
	for _, n := range sortedKeys(w.imports) {
		if n != "_" && n != "." {
			fmt.Fprintf(&b, "import %s %q\n", n, w.imports[n])
		}
	}
	for _, t := range g.order {
		b.WriteString(t)
	}
	g.o.Text = b.String()
	return g.o, true
}

func sortedKeys(m map[string]string) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// gatherer follows what declarations use.
type gatherer struct {
	seen  map[*entity]bool
	texts map[string]bool
	order []string
	o     Origin
}

func (g *gatherer) entity(e *entity) {
	if g.seen[e] {
		return
	}
	g.seen[e] = true
	switch e.kind {
	case varEntity:
		g.o.Variables[e.name] = e.emit
		return
	case typeEntity:
		g.text(e.cell, e.line, "type "+e.text)
	default:
		g.text(e.cell, e.line, e.text)
	}
	for _, m := range e.methods {
		g.text(m.cell, m.line, m.text)
		g.all(m.uses, m.calls)
	}
	g.all(e.uses, e.calls)
}

func (g *gatherer) all(uses map[*entity]bool, calls map[*method]bool) {
	var es []*entity
	for e := range uses {
		es = append(es, e)
	}
	for m := range calls {
		es = append(es, m.recv)
	}
	slices.SortFunc(es, func(a, b *entity) int { return strings.Compare(a.unique, b.unique) })
	for _, e := range es {
		g.entity(e)
	}
}

func (g *gatherer) text(cell, line int, text string) {
	text = fmt.Sprintf("//line cell%d:%d\n%s\n", cell, line, text)
	if !g.texts[text] {
		g.texts[text] = true
		g.order = append(g.order, text)
	}
}
