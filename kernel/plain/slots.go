package plain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tapir-go/tapir/kernel/cell"
)

// slot is one name of the program: a variable, type, constant or method, or a function that cells may have declared several
// times with the same signature.
type slot struct {
	versions []*cell.Version
	name     string
	exact    map[*cell.Version]string // of functions with several versions: the name of each
	gone     []*cell.Version          // versions that nothing can have called
	pkg      bool                     // a variable of the package
	late     bool                     // a method String that was declared after values were shown without it
}

func (s *slot) function() bool {
	k := s.versions[0].Kind
	return k == cell.FuncVersion || k == cell.MethodVersion
}

// first tells whether the version is the first of its slot: the one that makes the variable.
func (s *slot) first(v *cell.Version) bool { return s.versions[0] == v }

// wholeProgram finds out whether the notebook is one program, package clause and func main included.
func (w *writer) wholeProgram() {
	for _, s := range w.sections {
		switch {
		case s.d == nil && s.why == "", s.d != nil && len(s.d.Items) == 0:
		case s.d == nil, w.whole != nil, !s.d.Program:
			w.whole = nil
			return
		default:
			main := false
			for _, a := range s.d.Actions {
				main = main || a.Item < 0
			}
			for _, it := range s.d.Items {
				main = main && it.Kind != cell.Stmt
			}
			if !main {
				w.whole = nil
				return
			}
			w.whole = s
		}
	}
}

// versions gives each version its slot.
func (w *writer) versions() {
	for _, s := range w.sections {
		if s.d == nil {
			continue
		}
		for _, v := range s.d.Declares {
			if v.Takes != nil {
				sl := w.slots[v.Takes]
				sl.versions = append(sl.versions, v)
				w.slots[v] = sl
				continue
			}
			sl := &slot{versions: []*cell.Version{v}, exact: map[*cell.Version]string{}}
			w.slots[v] = sl
			w.order = append(w.order, sl)
		}
	}
	for _, sl := range w.order {
		if !sl.function() {
			continue
		}
		kept := sl.versions[:0:0]
		for i, v := range sl.versions {
			if i+1 < len(sl.versions) && !w.runs(v.Cell, sl.versions[i+1].Cell) {
				sl.gone = append(sl.gone, v)
				continue
			}
			kept = append(kept, v)
		}
		sl.versions = kept
		v := sl.versions[0]
		sl.late = v.Kind == cell.MethodVersion && v.Name == "String" && v.Type.Source == "func() string" && w.runs(v.Recv.Cell, v.Cell) && named(v.Func.Recv[0])
	}
}

// named tells whether a parameter has a name.
func named(p cell.Param) bool { return len(p.Names) == 1 && p.Names[0] != "_" }

// runs tells whether anything runs from one cell on until before another.
func (w *writer) runs(from, to int) bool {
	for _, s := range w.sections {
		if s.d != nil && from <= s.Number && s.Number < to && len(s.d.Actions) > 0 {
			return true
		}
	}
	return false
}

// functions finds the cells that are functions of their own.
func (w *writer) functions() {
	for _, s := range w.sections {
		if s.d == nil || s == w.whole || len(s.d.Actions) == 0 {
			continue
		}
		defers := false
		s.ends = s.Mode == Fails
		for _, a := range s.d.Actions {
			defers = defers || a.Defers
			s.ends = s.ends || len(a.Exits) > 0
		}
		if defers || s.ends {
			s.fn = w.fresh(fmt.Sprintf("cell%d", s.Number))
		}
	}
}

// places finds the variables that must be of the package: those that declarations use, or that are used in several functions.
func (w *writer) places() {
	at := map[*slot]string{} // the function of the cell, "" for main
	for _, s := range w.sections {
		if s.d == nil {
			continue
		}
		for _, r := range s.d.Refs {
			if r.Version == nil || r.Version.Kind != cell.VarVersion {
				continue
			}
			sl := w.slots[r.Version]
			if i := s.item(r.Off); s == w.whole || i >= 0 && s.d.Items[i].Kind == cell.Decl {
				sl.pkg = true
			}
			if fn, seen := at[sl]; seen && fn != s.fn {
				sl.pkg = true
			}
			at[sl] = s.fn
		}
	}
}

// fresh is a name that no cell has.
func (w *writer) fresh(base string) string {
	name := base
	for i := 2; w.taken[name] || w.used[name]; i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	w.used[name] = true
	return name
}

// numbered is a name with a number, from that on, which no cell has.
func (w *writer) numbered(base string, from int) string {
	for i := from; ; i++ {
		if name := fmt.Sprintf("%s%d", base, i); !w.taken[name] && !w.used[name] {
			w.used[name] = true
			return name
		}
	}
}

// name gives everything its name.
func (w *writer) name() {
	for _, s := range w.sections {
		if s.d == nil {
			continue
		}
		for b := range s.d.Builtins {
			w.used[b] = true
		}
		for _, r := range s.d.Refs {
			if r.Path != "" {
				w.importAs(r.Path, s.d.Text[r.Off:r.End])
			}
		}
		for _, path := range s.d.Blank {
			n := importName{path, "_"}
			w.imports[n], w.needs[n] = "_", true
		}
	}
	w.help()
	if w.whole == nil {
		w.used["main"], w.used["init"] = true, true
	}
	for _, sl := range w.order {
		v := sl.versions[0]
		base := v.Name
		switch {
		case v.Kind == cell.MethodVersion:
			sl.name = base
			for _, o := range w.order {
				if o != sl && o.name == base && o.versions[0].Recv == v.Recv {
					sl.name = w.numbered(base, 2)
				}
			}
		case w.used[base]:
			sl.name = w.numbered(base, 2)
		default:
			sl.name = base
			w.used[base] = true
		}
		if len(sl.versions) > 1 && sl.function() {
			if v.Kind == cell.MethodVersion {
				base = lower(base)
			}
			for i, v := range sl.versions {
				sl.exact[v] = w.numbered(base, i+1)
			}
		}
		if len(sl.versions) > 1 && sl.function() || sl.late {
			w.clock = "cell"
		}
	}
	if w.clock != "" {
		w.clock = w.fresh(w.clock)
	}
}

// importAs makes a name of a package that of an import.
func (w *writer) importAs(path, written string) string {
	n := importName{path, written}
	if name := w.imports[n]; name != "" {
		return name
	}
	name := written
	if w.used[name] {
		name = w.numbered(written, 2)
	}
	w.used[name] = true
	w.imports[n] = name
	return name
}

// importOf is the name of a package in text that is not the author's.
func (w *writer) importOf(path string) string {
	own := w.reader.PackageName(path)
	best := importName{path, own}
	if w.imports[best] == "" {
		for n := range w.imports {
			if n.path == path && n.name != "_" && (best.name == own || n.name < best.name) {
				best = n
			}
		}
	}
	w.needs[best] = true
	return w.importAs(path, best.name)
}

func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + strings.TrimPrefix(s, s[:n])
}
