package plain

import (
	_ "embed"
	"fmt"
	"go/types"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
)

// showText is the file that prints values as the kernel shows them.
//
//go:embed show.go.txt
var showText string

// failedText reports why a cell failed.
const failedText = `
// failed reports why a cell that is meant to fail did; the program goes on behind it.
func failed(cell int) {
	if r := recover(); r != nil {
		fmt.Fprintf(os.Stderr, "cell %d: %v\n", cell, r)
	}
}
`

// help names the functions of our own that the program needs.
func (w *writer) help() {
	reserve := func(names ...string) {
		for _, n := range names {
			w.used[n] = true
		}
	}
	for _, s := range w.sections {
		if s.d == nil {
			continue
		}
		if s.fn != "" && s.Mode == Fails && w.failed == "" {
			reserve("recover", "int")
			w.importAs("os", "os")
			w.importAs("fmt", "fmt")
			w.failed = w.fresh("failed")
		}
		for _, a := range s.d.Actions {
			if len(a.Show) == 0 {
				continue
			}
			w.importAs("fmt", "fmt")
			if w.show == "" && s.form(a.Show) == "" {
				reserve("any", "string", "bool", "nil", "len", "append", "error", "byte")
				for _, p := range []string{"image", "reflect", "strings"} {
					w.importAs(p, p)
				}
				w.show = w.fresh("show")
			}
		}
	}
}

// form is the format with which values are printed as the kernel shows them, "" if that is not known before they are there.
func (s *section) form(show []cell.Shown) string {
	if len(show) != 1 {
		return ""
	}
	t := show[0].Type
	has := func(name string) bool {
		o, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
		_, ok := o.(*types.Func)
		return ok
	}
	if has("MIME") || has("HTML") || has("SVG") || has("Format") || has("GoString") {
		return ""
	}
	if types.IsInterface(t) && !types.Identical(t, types.Universe.Lookup("error").Type()) {
		return ""
	}
	if has("String") || has("Error") {
		if _, ok := t.Underlying().(*types.Pointer); ok { // the kernel asks no nil pointer for its text
			return ""
		}
		return "%v\n"
	}
	switch t.Underlying().(type) {
	case *types.Basic:
		return "%v\n"
	case *types.Struct:
		if n, ok := t.(*types.Named); ok && n.TypeArgs().Len() == 0 {
			if v := s.d.Of(n.Obj()); v != nil {
				return v.Name + "%+v\n"
			}
		}
	}
	return ""
}

// printed is a statement that prints the value of an expression as the kernel shows it.
func (w *writer) printed(s *section, show []cell.Shown, text string) string {
	switch form := s.form(show); form {
	case "":
		return fmt.Sprintf("%s(%s)", w.show, text)
	case "%v\n":
		return fmt.Sprintf("%s.Println(%s)", w.importOf("fmt"), text)
	default:
		return fmt.Sprintf("%s.Printf(%q, %s)", w.importOf("fmt"), form, text)
	}
}

// helpers is the file of the functions of our own, "" if none is needed.
func (w *writer) helpers() string {
	var imports, parts []string
	if w.show != "" {
		imports = append(imports, "fmt", "image", "reflect", "strings")
		_, text, _ := strings.Cut(showText, "\n)\n")
		parts = append(parts, strings.Replace(strings.Replace(text, "// show ", "// "+w.show+" ", 1), "func show(", "func "+w.show+"(", 1))
	}
	if w.failed != "" {
		if w.show == "" {
			imports = append(imports, "fmt")
		}
		imports = append(imports, "os")
		parts = append(parts, strings.Replace(strings.Replace(failedText, "// failed ", "// "+w.failed+" ", 1), "func failed(", "func "+w.failed+"(", 1))
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("package main\n\nimport (\n\"%s\"\n)\n%s", strings.Join(imports, "\"\n\""), strings.Join(parts, ""))
}
