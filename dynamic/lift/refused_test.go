package lift_test

import (
	_ "embed"
	"errors"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/dynamic/lift"
	"github.com/tapir-go/tapir/eager"
)

//go:embed testdata/refused.go.txt
var refused string

// TestRefused: what cannot be static is refused at the line that says so in a comment, with the reason there.
func TestRefused(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "refused.go", refused, 0)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(refused, "\n")
	n := 0
	for _, d := range f.Scope.Objects {
		if d.Kind.String() != "func" || !strings.HasPrefix(d.Name, "bad") {
			continue
		}
		n++
		from := fset.Position(d.Pos()).Line
		line, want := 0, ""
		for i := from; i <= len(lines) && lines[i-1] != "}"; i++ {
			if _, text, ok := strings.Cut(lines[i-1], "// refused: "); ok {
				line, want = i, text
			}
		}
		x := eager.NewRand(1).Normal(3, 4)
		_, err := lift.Lift(lift.Source{File: "refused.go", Text: refused, Func: d.Name, Values: map[string]any{
			"rng": eager.NewRand(1), "reads": func(x *eager.Tensor) *eager.Tensor { return x.Scale(x.Sum().Item()) },
			"noise": func(x *eager.Tensor) *eager.Tensor { return x.Add(eager.Full(rng.Float64(), 4)) },
			"table": map[string]int{"a": 1},
		}}, []lift.Input{{X: x, Axes: []string{"N"}}})
		var r *lift.Refusal
		if !errors.As(err, &r) {
			t.Errorf("%s is not refused: %v", d.Name, err)
			continue
		}
		if r.Where.Line != line || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got line %d: %v, want line %d: %s", d.Name, r.Where.Line, err, line, want)
		}
		if len(r.Ways) == 0 && !strings.Contains(want, "these shapes") {
			t.Errorf("%s: %v: no way out is named", d.Name, err)
		}
	}
	if n < 20 {
		t.Errorf("%d functions are refused: want at least 20", n)
	}
}

var rng = eager.NewRand(5)

// FuzzLift: no text makes Lift panic.
func FuzzLift(f *testing.F) {
	for _, s := range strings.Split(programs+refused, "\nfunc ") {
		if name, _, ok := strings.Cut(s, "("); ok {
			f.Add("func "+s, name)
		}
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		p, err := lift.Lift(lift.Source{File: "f.go", Text: text, Func: name, Values: map[string]any{"cell": cell}},
			[]lift.Input{{X: eager.Ones(3, 4), Axes: []string{"N"}}})
		if (p == nil) == (err == nil) {
			t.Fatal("neither a program nor an error, or both")
		}
	})
}
