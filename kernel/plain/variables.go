package plain

import (
	"fmt"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
)

// variables writes an item that declares variables, where it is reached for the first time.
func (w *writer) variables(s *section, i int, body *strings.Builder) {
	a := s.d.Actions[i]
	it, c := s.d.Items[a.Item], s.items[a.Item]
	if w.together(s, a.Item) {
		text := w.text(s, cell.Span{Off: it.Off, End: it.End})
		if !w.ofPackage(s, a) {
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
	var all []int
	for i, a := range s.d.Actions {
		if a.Item == item {
			all = append(all, i)
		}
	}
	pkg := w.ofPackage(s, s.d.Actions[all[0]])
	for k, i := range all {
		a := s.d.Actions[i]
		if k > 0 && (i != all[k-1]+1 || a.Body.Off < s.d.Actions[i-1].Body.Off) || w.ofPackage(s, a) != pkg || !w.stays(s, a) {
			return false
		}
	}
	return true
}

// stays tells whether the declaration of an action can be the author's: in the package with values that are the same whenever
// they are evaluated; in main also := with variables that are there.
func (w *writer) stays(s *section, a cell.Action) bool {
	pkg, fresh := w.ofPackage(s, a), a.Define < 0
	for _, v := range a.Vars {
		switch {
		case v.Version == nil:
		case w.slots[v.Version].pkg != pkg:
			return false
		case w.makes(v):
			fresh = true
		case pkg || a.Define < 0:
			return false
		}
	}
	return fresh && (!pkg || s.constant(a))
}

// constant tells whether the values that an action sets can be there from the start.
func (s *section) constant(a cell.Action) bool { return a.Pure && !s.ends }

// makes tells whether a name of an action is that of a new variable.
func (w *writer) makes(v cell.Variable) bool {
	return !v.Again && w.slots[v.Version].first(v.Version)
}

// ofPackage tells whether the variables that an action sets are of the package.
func (w *writer) ofPackage(s *section, a cell.Action) bool {
	for _, v := range a.Vars {
		if v.Version != nil {
			return w.slots[v.Version].pkg
		}
	}
	return s.constant(a)
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
		if s.constant(a) && len(a.Vars) == 1 && a.Values.End > 0 {
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
