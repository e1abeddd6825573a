package plain

import (
	"fmt"
	"sort"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
)

// section is a cell on its way into the program.
type section struct {
	Cell
	d      *cell.Reading  // nil if the cell is left out
	why    string         // it is left out
	doc    string         // comments before its package clause
	items  []comments     // of each item, and behind the last one
	labels map[int]string // new names of labels
	fn     string         // the name of its function, if it has one
	ends   bool           // it may end before its end

	decls []strings.Builder // its part of the package level, by item; the last is for the cell's own function
	body  strings.Builder   // its part of main
}

// comments are those around an item.
type comments struct {
	lead  string // whole lines before it
	gap   bool   // an empty line before them
	trail string // behind it, in its line
}

func (s *section) heading() string {
	h := fmt.Sprintf("cell %d", s.Number)
	if s.Title != "" {
		h += ": " + oneLine(s.Title)
	}
	return h
}

// declared is its part of the package level.
func (s *section) declared() string {
	var b strings.Builder
	for i := range s.decls {
		b.WriteString(s.decls[i].String())
	}
	return strings.TrimSpace(b.String())
}

// read takes the cell apart.
func (s *section) read(d *cell.Reading) {
	s.d = d
	s.items = make([]comments, len(d.Items)+1)
	s.decls = make([]strings.Builder, len(d.Items)+1)
	off, carry := 0, ""
	for i := 0; i <= len(d.Items); i++ {
		end := len(d.Text)
		if i < len(d.Items) {
			end = d.Items[i].Off
		}
		trail, lead, gap := between(d.Text[off:end], i > 0)
		if i > 0 {
			s.items[i-1].trail = trail
		}
		s.items[i].lead, s.items[i].gap = carry+lead, gap
		carry = ""
		if i < len(d.Items) {
			off = d.Items[i].End
			switch d.Items[i].Kind {
			case cell.Package:
				s.doc, s.items[i].lead = s.items[i].lead, ""
			case cell.Import: // what is said before imports is said before what follows
				carry, s.items[i].lead = s.items[i].lead, ""
			}
		}
	}
}

// between takes apart the text between two items: comments in the line of the first, and whole lines before the second.
func between(text string, first bool) (trail, lead string, gap bool) {
	var lines []string
	newlines := 0
	fresh := !first // at the beginning of a line
	for text != "" {
		switch {
		case text[0] == '\n':
			newlines++
			fresh = true
			if newlines == 2 {
				if len(lines) == 0 {
					gap = true
				} else {
					lines = append(lines, "")
				}
			}
			text = text[1:]
		case strings.HasPrefix(text, "//"), strings.HasPrefix(text, "/*"):
			n := strings.IndexByte(text, '\n')
			if text[1] == '*' {
				n = strings.Index(text, "*/") + 2
			}
			if n < 0 {
				n = len(text)
			}
			if fresh {
				lines = append(lines, strings.TrimRight(text[:n], " \t\r"))
			} else {
				trail += " " + strings.TrimRight(text[:n], " \t\r")
			}
			newlines = 0
			text = text[n:]
		default:
			text = text[1:]
		}
	}
	if len(lines) > 0 {
		lead = strings.Join(lines, "\n") + "\n"
	}
	return trail, lead, gap
}

// edit replaces a part of a cell.
type edit struct {
	cell.Span
	text string
}

// text is a part of the cell in the words of the program.
func (w *writer) text(s *section, span cell.Span, edits ...edit) string {
	for _, r := range s.d.Refs {
		if r.Off < span.Off || r.End > span.End || within(r, edits) {
			continue
		}
		old := s.d.Text[r.Off:r.End]
		if name := w.refName(s, r, old); name != old {
			edits = append(edits, edit{cell.Span{Off: r.Off, End: r.End}, name})
		}
	}
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].Off < edits[j].Off })
	var b strings.Builder
	at := span.Off
	for _, e := range edits {
		b.WriteString(s.d.Text[at:e.Off] + e.text)
		at = e.End
	}
	b.WriteString(s.d.Text[at:span.End])
	return b.String()
}

// within tells whether an identifier is in a part that is replaced.
func within(r cell.Ref, edits []edit) bool {
	for _, e := range edits {
		if e.Off <= r.Off && r.End <= e.End {
			return true
		}
	}
	return false
}

// refName is what an identifier of a cell is called in the program.
func (w *writer) refName(s *section, r cell.Ref, old string) string {
	switch {
	case r.Path != "":
		n := importName{r.Path, old}
		w.needs[n] = true
		return w.imports[n]
	case r.Label > 0:
		if s.labels[r.Label] != "" {
			return s.labels[r.Label]
		}
		return old
	}
	v := r.Version
	sl := w.slots[v]
	if len(sl.versions) == 1 || !sl.function() {
		return sl.name
	}
	if v.Cell == s.Number && v.Func.Name.Off == r.Off {
		return sl.exact[v]
	}
	owner := s.owner(r.Off)
	switch {
	case owner == v:
		return sl.exact[v] // it calls itself
	case v.Kind == cell.FuncVersion && owner == nil:
		return sl.exact[v] // when a cell runs, its own meaning of the name holds
	}
	return sl.name
}

// owner is the declared function that an offset of the cell is in; nil in what the cell does.
func (s *section) owner(off int) *cell.Version {
	it := s.item(off)
	if it < 0 {
		return nil
	}
	for _, v := range s.d.Declares {
		if v.Func != nil && s.item(v.Func.Name.Off) == it {
			return v
		}
	}
	return nil
}

// item is the index of the item at an offset of the cell, -1 if there is none.
func (s *section) item(off int) int {
	for i, it := range s.d.Items {
		if it.Off <= off && off < it.End {
			return i
		}
	}
	return -1
}

// excerpt is a piece of source that is not of a cell, in the words of the program.
func (w *writer) excerpt(t cell.Excerpt) string {
	var b strings.Builder
	at := 0
	for _, r := range t.Refs {
		b.WriteString(t.Source[at:r.Off])
		if r.Path != "" {
			b.WriteString(w.importOf(r.Path))
		} else {
			b.WriteString(w.slots[r.Version].name)
		}
		at = r.End
	}
	return b.String() + t.Source[at:]
}
