package cell

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

// author writes random expressions over what is given.
type author struct{ *rand.Rand }

func (r author) one(of ...func() string) string { return of[r.Intn(len(of))]() }

// matrix is an expression of type *algebra.Matrix.
func (r author) matrix(depth int) string {
	if depth == 0 {
		return []string{"x", "y", "xs[0]", "p.w", "g()", "(*&x)"}[r.Intn(6)]
	}
	depth--
	m, v := func() string { return r.matrix(depth) }, func() string { return r.number(depth) }
	op := func() string { return []string{"+", " - ", "*", "/", " + ", " * "}[r.Intn(6)] }
	return r.one(
		func() string { return "(" + m() + op() + m() + ")" },
		func() string { return "(" + v() + op() + m() + ")" },
		func() string { return "(" + m() + op() + v() + ")" },
		func() string { return "(" + m() + " + " + m() + "*" + v() + " - " + m() + ")" },
		func() string { return "(- " + m() + ")" },
		func() string { return m() + "[" + r.indices(depth) + "]" },
		func() string { return m() + ".Add(" + m() + ")" },
		func() string { return "func(a *algebra.Matrix) *algebra.Matrix { return a*2 }(" + m() + ")" },
		m,
	)
}

// number is an expression of a number, constant or not.
func (r author) number(depth int) string {
	if depth == 0 {
		return []string{"2", "0.5", "n", "f", "k()", "'a'", "uint8(3)", "(1<<n)", "len(xs)", "-1"}[r.Intn(10)]
	}
	return r.one(
		func() string { return r.matrix(depth-1) + ".Item()" },
		func() string { return "float64(" + strings.ReplaceAll(r.number(depth-1), "(1<<n)", "n") + ")" }, // no shift of a float64
		func() string { return "(f * " + r.matrix(depth-1) + ".Item())" },
		func() string { return r.number(0) },
	)
}

func (r author) indices(depth int) string {
	i := func() string {
		return r.one(func() string { return "0" }, func() string { return "n" }, func() string { return "-1" }, func() string { return "k()" }, func() string { return "int64(n)" },
			func() string { return "int(" + r.matrix(max(depth-1, 0)) + ".Item())" })
	}
	var all []string
	for range 1 + r.Intn(3) {
		all = append(all, r.one(i, i, func() string { return ":" }, func() string { return i() + ":" }, func() string { return ":" + i() }, func() string { return i() + ":" + i() }))
	}
	return strings.Join(all, ", ")
}

// TestRandomExpressionsAreGo: each checks, its plain text is Go that has nothing more to write, and the calls stand where the
// expressions stood.
func TestRandomExpressionsAreGo(t *testing.T) {
	r := author{rand.New(rand.NewSource(1))}
	for range 40 {
		var lines []string
		for i := range 10 {
			lines = append(lines, fmt.Sprintf("z%d := %s // %d", i, r.matrix(1+r.Intn(4)), i))
		}
		text := strings.Join(lines, "\n")
		c, ps := checkedAfter(t, text)
		if len(ps) > 0 {
			t.Fatalf("%s\n%v", text, ps)
		}
		for i, s := range c.steps {
			x := s.spec.Values[0]
			if got, want := c.text(x.Pos(), c.end(x)), strings.TrimSuffix(strings.TrimPrefix(lines[i], fmt.Sprintf("z%d := ", i)), fmt.Sprintf(" // %d", i)); got != want && "("+got+")" != want {
				t.Errorf("%s: the call stands at %s", want, got)
			}
		}
		plain := c.Plain()
		again, ps := checkedAfter(t, plain)
		if len(ps) > 0 {
			t.Fatalf("%s\nbecame\n%s\n%v", text, plain, ps)
		}
		if again.Plain() != plain || len(again.ops.calls) > 0 {
			t.Errorf("%s\nis not plain", plain)
		}
	}
}
