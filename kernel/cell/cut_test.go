package cell

import (
	"go/token"
	"strings"
	"testing"
)

func cut(text string) (*Source, []Problem) { return Cut(token.NewFileSet(), 1, 1, text) }

func TestCutSortsItems(t *testing.T) {
	for _, c := range []struct{ text, kinds string }{
		{"", ""},
		{"x := 1", "s"},
		{"x := 1; y := 2", "ss"},
		{"import \"fmt\"\nfmt.Println(1)\nfunc f() {}\nf()", "isds"},
		{"var x = 1\nconst c = 2\ntype T int\nfunc (t T) M() {}", "vddd"},
		{"func(x int) int { return x }(3)", "s"},
		{"func() {}()", "s"},
		{"func(a int) T {\n return T{}\n}(1)", "s"},
		{"for i := 0; i < 3; i++ {\n}\nx++", "ss"},
		{"for xs := []int{1}; len(xs) > 0; {\n}\nx++", "ss"},
		{"if x := f(); x > 1 {\n} else if y := 2; y > 1 {\n}", "s"},
		{"switch x := 1; x {\ncase 1:\n}; z()", "ss"},
		{"// only a comment", ""},
		{"/* a */ x := 1 // b", "s"},
		{"package main\nfunc main() {}", "pd"},
		{"L:\nfor {\nbreak L\n}", "s"},
		{"x := `a\nb; c`\ny := 1", "ss"},
		{"a, b := f()\n\n\ngo f()\ndefer g()", "sss"},
	} {
		s, ps := cut(c.text)
		if len(ps) > 0 {
			t.Errorf("%q: %v", c.text, ps)
			continue
		}
		got := ""
		for _, it := range s.Items {
			got += string("pidvs"[it.Kind])
		}
		if got != c.kinds {
			t.Errorf("%q is cut into %q, want %q", c.text, got, c.kinds)
		}
	}
}

func TestCutKeepsPositions(t *testing.T) {
	text := "x := 1\n\n  y := 2; z := 3\n/* c */ func f() {\n\treturn\n}"
	fset := token.NewFileSet()
	s, ps := Cut(fset, 7, 3, text)
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	var got []string
	for _, it := range s.Items {
		p := token.NoPos
		if it.Stmt != nil {
			p = it.Stmt.Pos()
		} else {
			p = it.Decl.Pos()
		}
		got = append(got, fset.Position(p).String())
	}
	if want := "unit7:1:1 unit7:3:3 unit7:3:11 unit7:4:9"; strings.Join(got, " ") != want {
		t.Errorf("positions %v, want %s", got, want)
	}
}

func TestSyntaxErrorsNameTheirPlace(t *testing.T) {
	for _, c := range []struct {
		text string
		want string
	}{
		{"x := (1", "line 1, column 6: ( is never closed"},
		{"x := 1\n}", "line 2, column 1: unexpected }: nothing before it is open"},
		{"f([1)", "line 1, column 5: unexpected ): [ is still open"},
		{"f(\"a\"\nfunc g() {\n}\n}", "line 1, column 2: ( is never closed (} of line 4 comes before its ))"},
		{"func f() {\n\tif x {\n\t\ty()\n}", "line 2, column 7: { is never closed"},
		{"func f() {\n\tif x {\n\t\ty()\n\t}\n", "line 1, column 10: { is never closed"},
		{"x := \"abc", "line 1, column 6: the text that begins here has no closing quote"},
		{"a := 1\nfoo bar", "line 2, column 5: "},
		{"x = = 1", "line 1, column 5: unexpected = after = (= assigns, == compares)"},
	} {
		_, ps := cut(c.text)
		if len(ps) == 0 || !strings.Contains(ps[0].Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, ps, c.want)
		}
	}
}

func TestComplete(t *testing.T) {
	for status, texts := range map[string][]string{
		"complete":   {"", "x := 1", "fmt.Println(\"a\")", "func f() int {\n\treturn 1\n}", "import \"fmt\"", "1 +\n2", "// a comment", "for {\n}", "x := []int{\n1,\n}"},
		"incomplete": {"func f(", "for i := 0; i < 3; i++ {", "s := `a", "x := []int{\n\t1,", "1 +", "if x {\n} else {", "/* a", "x :=", "a.", "func f() {\n\tif x {", "type T struct {", "x := 1\nfoo("},
		"invalid":    {"func func", "x := )", "s := \"a", "}", "foo bar {", "x := 1 2\n(", "a b"},
	} {
		for _, text := range texts {
			if got, _ := Complete(text); got != status {
				t.Errorf("%q is %s, want %s", text, got, status)
			}
		}
	}
	if _, indent := Complete("for {\n\tif x {"); indent != "\t\t" {
		t.Errorf("indent %q", indent)
	}
}

func FuzzCut(f *testing.F) {
	for _, s := range []string{"x := 1", "func f() {}\nf()", "for i := 0; i < 3; i++ {}", "import \"a\"", "x := `", "/*", "}{", "a;;b", "//line x:1:1\ny"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, ps := cut(text)
		if len(ps) > 0 {
			for _, p := range ps {
				if p.Line < 1 || p.Column < 1 || p.Text == "" {
					t.Fatalf("problem without a place or text: %+v", p)
				}
				_ = p.Detail()
			}
			return
		}
		last := 0
		for _, it := range s.Items {
			if it.Off < last || it.End < it.Off || it.End > len(text) {
				t.Fatalf("items overlap: %+v", s.Items)
			}
			last = it.End
			if it.Kind != Package && it.Stmt == nil && it.Decl == nil {
				t.Fatal("an item of nothing")
			}
		}
		if status, _ := Complete(text); status != "complete" {
			t.Fatalf("a cell without problems is %s", status)
		}
	})
}
