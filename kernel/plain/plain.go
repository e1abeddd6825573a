package plain

import (
	"fmt"
	"go/format"
	"go/scanner"
	"go/token"
	"sort"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
)

// Mode says what becomes of a cell.
type Mode int

// The modes of cells.
const (
	Runs  Mode = iota // it runs
	Fails             // it fails on purpose: the program reports it and goes on
	Out               // it is left out
)

// Cell is a code cell of a notebook.
type Cell struct {
	Number int
	Title  string // a heading that stands before it
	Text   string
	Mode   Mode
}

// Program is a notebook as a Go program.
type Program struct {
	Files   map[string]string // the text of each file, by name
	Imports []string          // the import paths of all packages that it uses
	Left    map[int]string    // cells that are left out, and why
}

// Error is a cell that cannot be written as a part of a program.
type Error struct {
	Cell     int
	Problems []cell.Problem
}

func (e *Error) Error() string {
	lines := []string{fmt.Sprintf("cell %d does not compile:", e.Cell)}
	for _, p := range e.Problems {
		lines = append(lines, fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Text))
	}
	return strings.Join(lines, "\n\t")
}

// Write writes cells as a program. The name of the notebook is for the comment at its head; lib is what cells may import.
// A cell that does not compile is an *Error, unless it fails on purpose: then it is left out.
func Write(name string, cells []Cell, lib cell.Library) (*Program, error) {
	w := &writer{
		notebook: name, reader: cell.NewReader(lib), slots: map[*cell.Version]*slot{}, imports: map[importName]string{},
		taken: map[string]bool{}, used: map[string]bool{}, needs: map[importName]bool{}, labels: map[string]bool{}, left: map[int]string{},
	}
	for _, c := range cells {
		s := &section{Cell: c}
		w.sections = append(w.sections, s)
		if c.Mode == Out {
			s.why = "is left out"
		} else if d, problems := w.reader.Read(c.Number, c.Text); len(problems) == 0 {
			s.read(d)
		} else if c.Mode == Fails {
			s.why = fmt.Sprintf("is left out: it does not compile, on purpose (line %d: %s)", problems[0].Line, problems[0].Text)
		} else {
			return nil, &Error{c.Number, problems}
		}
		if s.why != "" {
			w.left[c.Number] = s.why
		}
		words(c.Text, func(word string) { w.taken[word] = true })
	}
	w.wholeProgram()
	w.versions()
	w.functions()
	w.places()
	w.name()
	for _, s := range w.sections {
		if s.d != nil {
			w.section(s)
		}
	}
	return w.program()
}

// words gives all identifiers of a text.
func words(text string, f func(string)) {
	fset := token.NewFileSet()
	var sc scanner.Scanner
	sc.Init(fset.AddFile("", -1, len(text)), []byte(text), func(token.Position, string) {}, 0)
	for {
		_, t, lit := sc.Scan()
		if t == token.EOF {
			return
		}
		if t == token.IDENT {
			f(lit)
		}
	}
}

// writer writes one notebook.
type writer struct {
	notebook string
	reader   *cell.Reader
	sections []*section
	whole    *section // the cell that is the whole program, if one is
	slots    map[*cell.Version]*slot
	order    []*slot
	left     map[int]string

	taken   map[string]bool       // identifiers of the cells
	used    map[string]bool       // names at package level and in main
	imports map[importName]string // names of packages
	needs   map[importName]bool   // those that the text has
	labels  map[string]bool       // labels of main
	clock   string                // the variable that has the number of the running cell, "" if it is not needed
	show    string                // the function that prints a value, "" if it is not needed
	failed  string                // the function that reports a failure, "" if it is not needed
}

// importName is a package and what a cell calls it.
type importName struct{ path, name string }

// program puts the sections together.
func (w *writer) program() (*Program, error) {
	files := map[string]string{"main.go": w.mainFile()}
	if text := w.helpers(); text != "" {
		files["show.go"] = text
	}
	for range 100 {
		for name, text := range files {
			b, err := format.Source([]byte(text))
			if err != nil {
				return nil, fmt.Errorf("internal error: %s of the program cannot be parsed: %w", name, err)
			}
			files[name] = string(b)
		}
		faults := w.reader.Faults(files)
		if len(faults) == 0 {
			return w.result(files), nil
		}
		text, ok := useVariables(files["main.go"], faults)
		if !ok {
			return nil, fmt.Errorf("internal error: the program does not compile: %v", faults)
		}
		files["main.go"] = text
	}
	return nil, fmt.Errorf("internal error: the program does not come to an end")
}

func (w *writer) result(files map[string]string) *Program {
	p := &Program{Files: files, Left: w.left}
	seen := map[string]bool{}
	for n := range w.needs {
		if !seen[n.path] {
			seen[n.path] = true
			p.Imports = append(p.Imports, n.path)
		}
	}
	sort.Strings(p.Imports)
	return p
}

// mainFile is the text of main.go.
func (w *writer) mainFile() string {
	var body strings.Builder
	if w.clock != "" {
		fmt.Fprintf(&body, "// %s is the number of the cell that runs: names that are declared again mean something else from then on.\nvar %s int\n\n", w.clock, w.clock)
	}
	for _, s := range w.sections {
		if text := s.declared(); text != "" {
			if w.whole == nil {
				fmt.Fprintf(&body, "// %s\n\n", s.heading())
			}
			body.WriteString(text + "\n\n")
		}
	}
	if w.whole == nil {
		body.WriteString("func main() {\n" + strings.TrimRight(w.mainBody(), "\n") + "\n}\n")
	}
	var head strings.Builder
	if w.whole != nil && w.whole.doc != "" {
		head.WriteString(w.whole.doc)
	} else {
		fmt.Fprintf(&head, "// The notebook %s as a program, written by \"tapir go\".\n", oneLine(w.notebook))
	}
	head.WriteString("package main\n\n")
	w.importDecls(&head)
	return head.String() + body.String()
}

// mainBody is what main does, cell by cell.
func (w *writer) mainBody() string {
	var b strings.Builder
	calls := false
	for _, s := range w.sections {
		text := strings.TrimSpace(s.body.String())
		if calls && (s.fn == "" || s.Title != "") && (text != "" || s.why != "") {
			b.WriteString("\n")
		}
		switch {
		case s.why != "":
			fmt.Fprintf(&b, "// %s %s\n\n", s.heading(), oneLine(s.why))
		case text == "":
			continue
		case s.fn != "" && s.Title == "": // its name says which cell it is
			b.WriteString(text + "\n")
		default:
			fmt.Fprintf(&b, "// %s\n%s\n\n", s.heading(), text)
		}
		calls = s.why == "" && s.fn != ""
	}
	return b.String()
}

// importDecls writes the imports: the standard library first.
func (w *writer) importDecls(b *strings.Builder) {
	var std, other []string
	for n := range w.needs {
		line := fmt.Sprintf("%q\n", n.path)
		if name := w.imports[n]; name != w.reader.PackageName(n.path) {
			line = name + " " + line
		}
		if first, _, _ := strings.Cut(n.path, "/"); strings.Contains(first, ".") {
			other = append(other, line)
		} else {
			std = append(std, line)
		}
	}
	if len(std)+len(other) == 0 {
		return
	}
	byPath := func(lines []string) {
		sort.Slice(lines, func(i, j int) bool {
			return lines[i][strings.IndexByte(lines[i], '"'):] < lines[j][strings.IndexByte(lines[j], '"'):]
		})
	}
	byPath(std)
	byPath(other)
	fmt.Fprintf(b, "import (\n%s\n%s)\n\n", strings.Join(std, ""), strings.Join(other, ""))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
