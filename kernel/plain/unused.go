package plain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/kernel/cell"
)

const notUsed = "declared and not used: "

// useVariables writes _ = x behind the declaration of each variable that nothing uses: what a notebook lets pass, the compiler
// does not. It fails if there are other faults.
func useVariables(text string, faults []cell.Fault) (string, bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "main.go", text, parser.SkipObjectResolution)
	if err != nil {
		return "", false
	}
	unused := map[int][]string{} // names by the offset behind the statement that declares them
	for _, f := range faults {
		name, ok := strings.CutPrefix(f.Text, notUsed)
		if !ok || f.At.Filename != "main.go" {
			return "", false
		}
		end := 0
		for _, d := range file.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Body != nil {
				for _, s := range fd.Body.List {
					if fset.Position(s.Pos()).Offset <= f.At.Offset && f.At.Offset < fset.Position(s.End()).Offset {
						end = fset.Position(s.End()).Offset
					}
				}
			}
		}
		if end == 0 {
			return "", false
		}
		unused[end] = append(unused[end], name)
	}
	for _, at := range slices.Backward(slices.Sorted(maps.Keys(unused))) {
		names := unused[at]
		line, _, _ := strings.Cut(text[at:], "\n")
		if strings.HasPrefix(strings.TrimSpace(line), "//") { // a comment stays in its line
			at += len(line)
		}
		blanks := strings.TrimSuffix(strings.Repeat("_, ", len(names)), ", ")
		text = text[:at] + "\n" + blanks + " = " + strings.Join(names, ", ") + text[at:]
	}
	return text, true
}
