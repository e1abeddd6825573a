package plain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
)

// wholeCell writes a cell that is a program as it is.
func (w *writer) wholeCell(s *section) {
	for i, it := range s.d.Items {
		if it.Kind == cell.Package || it.Kind == cell.Import {
			continue
		}
		c := s.items[i]
		s.decls[i].WriteString(blank(c.gap || i > 0 && it.Kind == cell.Decl) + c.lead + w.text(s, cell.Span{Off: it.Off, End: it.End}) + c.trail + "\n")
	}
	s.decls[len(s.d.Items)].WriteString(s.items[len(s.d.Items)].lead)
}

// declaration writes a declaration; one of a function init gets a name, which it puts into inits.
func (w *writer) declaration(s *section, i int, inits map[int]string) {
	it, c := s.d.Items[i], s.items[i]
	var edits []edit
	for _, a := range s.d.Actions {
		if a.Init && a.Item == i {
			inits[i] = w.fresh("setUp")
			at := it.Off + strings.Index(s.d.Text[it.Off:], "init")
			edits = append(edits, edit{cell.Span{Off: at, End: at + len("init")}, inits[i]})
		}
	}
	specs := 0
	for _, r := range s.d.Repeats {
		if it.Off <= r.Off && r.End <= it.End {
			edits = append(edits, edit{Span: r})
			specs++
		}
	}
	if specs > 0 && w.repeated(s, i) {
		return
	}
	v := w.functionOf(s, i)
	var sl *slot
	if v != nil {
		if sl = w.slots[v]; slices.Contains(sl.gone, v) {
			return
		}
		if sl.late && sl.first(v) && len(sl.versions) == 1 {
			edits = append(edits, w.late(s, v))
		}
	}
	s.decls[i].WriteString(c.lead + w.text(s, cell.Span{Off: it.Off, End: it.End}, edits...) + c.trail + "\n\n")
	if v != nil && len(sl.versions) > 1 && sl.versions[len(sl.versions)-1] == v {
		s.decls[i].WriteString(w.chooser(s, sl, v) + "\n")
	}
}

// repeated tells whether all that a declaration of types declares was there before.
func (w *writer) repeated(s *section, i int) bool {
	it := s.d.Items[i]
	for _, r := range s.d.Refs {
		if it.Off <= r.Off && r.End <= it.End && r.Version != nil && slices.Contains(s.d.Declares, r.Version) {
			return false
		}
	}
	return true
}

// functionOf is the function or method that an item declares, nil if it is something else.
func (w *writer) functionOf(s *section, i int) *cell.Version {
	it := s.d.Items[i]
	for _, v := range s.d.Declares {
		if v.Func != nil && it.Off <= v.Func.Name.Off && v.Func.Name.End <= it.End {
			return v
		}
	}
	return nil
}

// chooser is the function by whose name others call the versions of a function or method: it calls the one that holds.
func (w *writer) chooser(s *section, sl *slot, v *cell.Version) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s is declared again in %s; functions of earlier cells call the new one from then on.\n", sl.name, cellsOf(sl.versions[1:]))
	b.WriteString("func ")
	call := "%s"
	number := 0
	param := func(name string) string {
		for name == "" || name == "_" {
			number++
			if n := fmt.Sprintf("a%d", number); !w.taken[n] && !w.used[n] {
				name = n
			}
		}
		return name
	}
	if len(v.Func.Recv) == 1 {
		r := v.Func.Recv[0]
		name := ""
		if len(r.Names) == 1 {
			name = r.Names[0]
		}
		name = param(name)
		fmt.Fprintf(&b, "(%s %s) ", name, w.text(s, r.Type))
		call = name + ".%s"
	}
	var params, args []string
	for _, p := range v.Func.Params {
		names := p.Names
		if len(names) == 0 {
			names = []string{""}
		}
		dots := ""
		if p.Variadic {
			dots = "..."
		}
		for _, n := range names {
			n = param(n)
			params = append(params, n+" "+dots+w.text(s, p.Type))
			args = append(args, n+dots)
		}
	}
	results := s.d.Text[v.Func.ParamsEnd:v.Func.Body.Off]
	if v.Func.Results {
		results = w.text(s, cell.Span{Off: v.Func.ParamsEnd, End: v.Func.Body.Off})
	}
	fmt.Fprintf(&b, "%s(%s)%s{\n", sl.name, strings.Join(params, ", "), results)
	give := ""
	if v.Func.Results {
		give = "return "
	}
	for i := len(sl.versions) - 1; i > 0; i-- {
		fmt.Fprintf(&b, "if %s >= %d {\n%s"+call+"(%s)\n", w.clock, sl.versions[i].Cell, give, sl.exact[sl.versions[i]], strings.Join(args, ", "))
		if give == "" {
			b.WriteString("return\n")
		}
		b.WriteString("}\n")
	}
	if sl.late {
		b.WriteString(w.without(s, sl.versions[0].Cell, strings.TrimSuffix(call, ".%s"), v.Func.Recv[0]))
	}
	fmt.Fprintf(&b, "%s"+call+"(%s)\n}\n", give, sl.exact[sl.versions[0]], strings.Join(args, ", "))
	return b.String()
}

// cellsOf names the cells of versions.
func cellsOf(vs []*cell.Version) string {
	var names []string
	for _, v := range vs {
		names = append(names, fmt.Sprintf("cell %d", v.Cell))
	}
	return strings.Join(names, ", ")
}

// late makes a method String do nothing of its own before the cell that declares it: then values were printed without it.
func (w *writer) late(s *section, v *cell.Version) edit {
	recv := v.Func.Recv[0]
	text := "{\n" + w.without(s, v.Cell, recv.Names[0], recv) + "\n"
	return edit{cell.Span{Off: v.Func.Body.Off, End: v.Func.Body.Off + 1}, text}
}

// without is what a method String does before the cell that declares it: it gives the text that its receiver has without it.
func (w *writer) without(s *section, number int, name string, recv cell.Param) string {
	typ := w.text(s, recv.Type)
	plain, conv := "plain", "%s"
	if w.taken[plain] {
		plain = w.fresh(plain)
	}
	if strings.HasPrefix(typ, "*") {
		typ, conv = strings.TrimPrefix(typ, "*"), "(*%s)"
	}
	return fmt.Sprintf("if %s < %d { // not declared yet\ntype %s %s\nreturn %s.Sprint("+conv+"(%s))\n}\n", w.clock, number, plain, typ, w.importOf("fmt"), plain, name)
}
