package plain

import (
	"fmt"
	"maps"
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
	var show []cell.Shown
	for _, a := range s.d.Actions {
		show = a.Show
	}
	if s.fn == "" || s.ends || len(show) == 0 || show[0].Text.Source == "" {
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
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if w.labels[name] {
			s.labels[own[name]] = w.numbered(name, 2)
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
	if s.returned() != nil {
		return "return " + text
	}
	return w.printed(s, a.Show, text)
}
