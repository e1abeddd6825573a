package cell

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// FuzzCutKeepsPositions: whatever a cell is, cutting it ends, and each name of what was read stands in the cell where its position
// says, also behind several indices.
func FuzzCutKeepsPositions(f *testing.F) {
	for _, text := range []string{
		"x[0, 1]", "y := x[:, a+1][b, 1:2].T() + z", "f[int, []string](x[0, 1], w)", "x[0,\n\t1, // row\n\t/* é */ y]\nz", "type P[A, B any] struct{ a A }\nP[int, string]{}",
		"x[y[0, 1], \"é\"[0]]; if x[1, n].B { q = r[2, 3:] }", "func g(a []int) { a[b[0, 1], 2] = c }", "x[0, 1,]", "x[, 1]", "x[a, 1", "`a\nb`[x[1, 2], y]", "import \"fmt\"\nfmt.Println(x[0, 1:])", "x[0, 1] +",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "/*line") || strings.Contains(text, "//line") || strings.ContainsAny(text, "\r\x00\ufeff") {
			return // directives of the author's own, and bytes that the scanner drops
		}
		Complete(text)
		s, _ := Cut(token.NewFileSet(), 1, 1, text)
		for _, it := range s.Items {
			var n ast.Node = it.Stmt
			if it.Decl != nil {
				n = it.Decl
			}
			if n == nil {
				continue
			}
			ast.Inspect(n, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if !ok || id.Name == "" || !id.Pos().IsValid() {
					return true
				}
				p := s.fset.Position(id.Pos())
				if line := Line(s.Text, p.Line); p.Column < 1 || p.Column > len(line) || !strings.HasPrefix(line[p.Column-1:], id.Name) {
					t.Errorf("%q: %s is said to stand in line %d, column %d", text, id.Name, p.Line, p.Column)
				}
				return true
			})
		}
	})
}
