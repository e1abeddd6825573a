package plain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
)

// section writes a cell: what it declares and what it does.
func (w *writer) section(s *section) {
	s.relabel(w)
	if s == w.whole {
		w.wholeCell(s)
		return
	}
	inits := map[int]string{}
	for i, it := range s.d.Items {
		if it.Kind == cell.Decl {
			w.declaration(s, i, inits)
		}
	}
	var body strings.Builder
	if w.clock != "" && w.changes(s) {
		fmt.Fprintf(&body, "%s = %d\n", w.clock, s.Number)
	}
	done := map[int]bool{}
	for i, a := range s.d.Actions {
		switch {
		case a.Init:
			fmt.Fprintf(&body, "%s()\n", inits[a.Item])
		case a.Item < 0:
			fmt.Fprintf(&body, "%s()\n", w.mainName(s))
		case len(a.Vars) > 0:
			if !done[a.Item] {
				done[a.Item] = true
				w.variables(s, i, &body)
			} else if !w.together(s, a.Item) {
				w.spec(s, a, &body)
			}
		default:
			c := s.items[a.Item]
			body.WriteString(blank(c.gap) + c.lead + w.statement(s, a) + c.trail + "\n")
		}
	}
	if tail := s.items[len(s.d.Items)].lead; tail != "" {
		body.WriteString(blank(s.items[len(s.d.Items)].gap) + tail)
	}
	w.place(s, body.String())
}

func blank(gap bool) string {
	if gap {
		return "\n"
	}
	return ""
}

// place puts what a cell does into main, or into a function of its own that main calls.
func (w *writer) place(s *section, body string) {
	if s.fn == "" {
		s.body.WriteString(body)
		return
	}
	head, call := "func "+s.fn+"()", s.fn+"()"
	if show := s.returned(); show != nil {
		var types []string
		for _, v := range show {
			types = append(types, w.excerpt(v.Text))
		}
		head += " " + strings.Join(types, ", ")
		if len(types) > 1 {
			head = "func " + s.fn + "() (" + strings.Join(types, ", ") + ")"
		}
		call = w.printed(s, show, call)
	}
	if s.Mode == Fails {
		body = fmt.Sprintf("defer %s(%d)\n", w.failed, s.Number) + body
	}
	fmt.Fprintf(&s.decls[len(s.d.Items)], "%s {\n%s}\n\n", head, body)
	s.body.WriteString(call)
}

// returned is what the function of a cell with deferred calls gives to main, which prints it after them.
func (s *section) returned() []cell.Shown {
	defers, exits := false, false
	var show []cell.Shown
	for _, a := range s.d.Actions {
		defers = defers || a.Defers
		exits = exits || len(a.Exits) > 0
		show = a.Show
	}
	if !defers || exits || s.Mode == Fails || len(show) == 0 || show[0].Text.Source == "" {
		return nil
	}
	return show
}

// relabel gives labels that main already has another name.
func (s *section) relabel(w *writer) {
	s.labels = map[int]string{}
	if s.fn != "" {
		return
	}
	own := map[string]int{}
	for _, r := range s.d.Refs {
		if i := s.item(r.Off); r.Label > 0 && i >= 0 && s.d.Items[i].Kind == cell.Stmt {
			own[s.d.Text[r.Off:r.End]] = r.Label
		}
	}
	for name, label := range own {
		if w.labels[name] {
			s.labels[label] = w.numbered(name, 2)
		}
		w.labels[name] = true
	}
}

// changes tells whether names mean something else from this cell on.
func (w *writer) changes(s *section) bool {
	for _, v := range s.d.Declares {
		sl := w.slots[v]
		if sl.function() && (!sl.first(v) || sl.late) {
			return true
		}
	}
	return false
}

func (w *writer) mainName(s *section) string {
	for _, v := range s.d.Declares {
		if v.Name == "main" && v.Kind == cell.FuncVersion {
			if sl := w.slots[v]; len(sl.versions) > 1 {
				return sl.exact[v]
			}
			return w.slots[v].name
		}
	}
	return "main"
}

// statement is a statement; the last expression of the cell is printed.
func (w *writer) statement(s *section, a cell.Action) string {
	var edits []edit
	for _, e := range a.Exits {
		edits = append(edits, edit{e, "return"})
	}
	text := w.text(s, a.Body, edits...)
	if len(a.Show) == 0 {
		return text
	}
	if s.fn != "" && s.returned() != nil {
		return "return " + text
	}
	return w.printed(s, a.Show, text)
}

// variables writes an item that declares variables, where it is reached for the first time.
func (w *writer) variables(s *section, i int, body *strings.Builder) {
	a := s.d.Actions[i]
	it, c := s.d.Items[a.Item], s.items[a.Item]
	if w.together(s, a.Item) {
		text := w.text(s, cell.Span{Off: it.Off, End: it.End})
		if !w.ofPackage(a) {
			body.WriteString(blank(c.gap) + c.lead + text + c.trail + "\n")
			return
		}
		if a.Define >= 0 {
			text = "var " + w.text(s, a.Body, edit{cell.Span{Off: a.Define, End: a.Define + 2}, "="})
		}
		s.decls[a.Item].WriteString(c.lead + text + c.trail + "\n\n")
		return
	}
	var b strings.Builder
	w.spec(s, a, &b)
	if b.Len() == 0 { // only declared
		return
	}
	body.WriteString(blank(c.gap) + c.lead + strings.TrimRight(b.String(), "\n") + c.trail + "\n")
}

// together tells whether an item that declares variables stays as it is, in main or in the package: all its variables are new
// and of one place, and nothing comes between.
func (w *writer) together(s *section, item int) bool {
	first, last, n := -1, -1, 0
	for i, a := range s.d.Actions {
		if a.Item != item {
			continue
		}
		if first < 0 {
			first = i
		} else if a.Body.Off < s.d.Actions[last].Body.Off {
			return false
		}
		last = i
		n++
		if w.ofPackage(a) != w.ofPackage(s.d.Actions[first]) {
			return false
		}
		fresh := false
		for _, v := range a.Vars {
			if v.Version == nil {
				continue
			}
			sl := w.slots[v.Version]
			switch {
			case w.makes(v):
				fresh = true
			case a.Define < 0 || sl.pkg:
				return false
			}
			if sl.pkg != w.ofPackage(a) {
				return false
			}
		}
		if !fresh && a.Define >= 0 || w.ofPackage(a) && !a.Pure {
			return false
		}
		if w.ofPackage(a) && a.Define >= 0 && !w.allFresh(a) {
			return false
		}
	}
	return last-first == n-1
}

// makes tells whether a name of an action is that of a new variable.
func (w *writer) makes(v cell.Variable) bool {
	return !v.Again && w.slots[v.Version].first(v.Version)
}

func (w *writer) allFresh(a cell.Action) bool {
	return !slices.ContainsFunc(a.Vars, func(v cell.Variable) bool { return v.Version != nil && !w.makes(v) })
}

// ofPackage tells whether the variables that an action sets are of the package.
func (w *writer) ofPackage(a cell.Action) bool {
	for _, v := range a.Vars {
		if v.Version != nil {
			return w.slots[v.Version].pkg
		}
	}
	return a.Pure
}

// spec writes the variables of an action one by one: what is new is declared in its place, and set where the cell runs.
func (w *writer) spec(s *section, a cell.Action, body *strings.Builder) {
	var names []string
	var zeros []string
	named := false
	for _, v := range a.Vars {
		if v.Version == nil {
			names = append(names, "_")
			continue
		}
		named = true
		sl := w.slots[v.Version]
		names = append(names, sl.name)
		if !w.makes(v) {
			zero := v.Version.Zero
			if zero == "{}" {
				zero = w.excerpt(v.Version.Type) + "{}"
			}
			zeros = append(zeros, fmt.Sprintf("%s = %s\n", sl.name, zero))
			continue
		}
		text := fmt.Sprintf("var %s %s\n", sl.name, w.excerpt(v.Version.Type))
		if !sl.pkg {
			body.WriteString(text)
			continue
		}
		if a.Pure && len(a.Vars) == 1 && a.Values.End > 0 {
			s.decls[a.Item].WriteString(w.single(s, a, sl.name) + "\n")
			return
		}
		s.decls[a.Item].WriteString(text)
	}
	switch {
	case a.Values.End == 0:
		body.WriteString(strings.Join(zeros, ""))
	case !named && a.Type.End > 0: // var _ T = x
		fmt.Fprintf(body, "var %s\n", w.text(s, a.Body))
	default:
		fmt.Fprintf(body, "%s = %s\n", strings.Join(names, ", "), w.text(s, a.Values))
	}
}

// single is the declaration of one variable of the package with its value.
func (w *writer) single(s *section, a cell.Action, name string) string {
	typ := ""
	if a.Type.End > 0 {
		typ = " " + w.text(s, a.Type)
	}
	return "var " + name + typ + " = " + w.text(s, a.Values) + "\n"
}
