package cell

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/gcexportdata"
)

// algebraSource is a compiled package with values that have methods for operators: all of them, the fewest, and too few.
const algebraSource = `package algebra

type Matrix struct{ v []float64 }

func New() *Matrix                              { return nil }
func Pair() (*Matrix, int)                      { return nil, 0 }
func (m *Matrix) Add(n *Matrix) *Matrix         { return m }
func (m *Matrix) Sub(n *Matrix) *Matrix         { return m }
func (m *Matrix) Mul(n *Matrix) *Matrix         { return m }
func (m *Matrix) Div(n *Matrix) *Matrix         { return m }
func (m *Matrix) Neg() *Matrix                  { return m }
func (m *Matrix) Shift(v float64) *Matrix       { return m }
func (m *Matrix) Scale(v float64) *Matrix       { return m }
func (m *Matrix) SubFrom(v float64) *Matrix     { return m }
func (m *Matrix) DivScalar(v float64) *Matrix   { return m }
func (m *Matrix) DivInto(v float64) *Matrix     { return m }
func (m *Matrix) Index(axis, i int) *Matrix     { return m }
func (m *Matrix) Slice(axis, a, b int) *Matrix  { return m }
func (m *Matrix) SliceFrom(axis, a int) *Matrix { return m }
func (m *Matrix) Equal(n *Matrix) bool         { return false }
func (m *Matrix) Less(n *Matrix) *Matrix        { return m }
func (m *Matrix) Assign(n *Matrix)              {}
func (m *Matrix) Item() float64                 { return 0 }
func (m *Matrix) Split() (a, b *Matrix)         { return m, m }

type Ring struct{ N int }

func (r Ring) Add(s Ring) Ring { return r }
func (r Ring) Sub(s Ring) Ring { return r }
func (r Ring) Mul(s Ring) Ring { return r }
func (r Ring) Div(s Ring) Ring { return r }
func (r Ring) Neg() Ring       { return r }

type Point struct{ X, Y int }

func (p Point) Add(q Point) Point { return p }
func (p Point) Sub(q Point) Point { return p }
func (p Point) Mul(k int) Point   { return p }
func (p Point) Div(k int) Point   { return p }

type List []float64

func (l List) Add(m List) List { return l }
func (l List) Sub(m List) List { return l }
func (l List) Mul(m List) List { return l }
func (l List) Div(m List) List { return l }
func (l List) Neg() List       { return l }
func (l List) Index(axis, i int) List { return l }
`

// compiled is a library of packages that were made from source, by path.
type compiled map[string][]byte

func (c compiled) Packages() map[string]string {
	names := map[string]string{}
	for path := range c {
		names[path] = path[strings.LastIndex(path, "/")+1:]
	}
	return names
}
func (c compiled) Export(path string) []byte       { return c[path] }
func (c compiled) Source(string) map[string]string { return nil }

// algebraWorld is a session with the package algebra, and one called math.
func algebraWorld(t *testing.T) *World {
	t.Helper()
	lib := compiled{}
	for path, src := range map[string]string{"example.org/algebra": algebraSource, "math": "package math\nfunc Sqrt(x float64) float64 { return x }"} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "a.go", src, 0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := new(types.Config).Check(path, fset, []*ast.File{f}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := gcexportdata.Write(&b, fset, p); err != nil {
			t.Fatal(err)
		}
		lib[path] = b.Bytes()
	}
	return NewWorld(lib)
}

// given are variables and functions that the cells of the tests use.
const given = `x, y, n, f := algebra.New(), algebra.New(), 2, 0.5
xs := []*algebra.Matrix{x}
type net struct{ w *algebra.Matrix; byName map[string]*algebra.Matrix }
var p net
r, s := algebra.Ring{}, algebra.Ring{}
func g() *algebra.Matrix { return x }
func k() int { return 1 }
func two() (*algebra.Matrix, *algebra.Matrix) { return x, y }
func gen[A, B any](a A, b B) int { return 0 }
`

// checkedAfter checks a cell in a session that has what is given.
func checkedAfter(t *testing.T, text string) (*Checked, []Problem) {
	t.Helper()
	w := algebraWorld(t)
	for i, cell := range []string{given, text} {
		src, ps := w.Cut(i+1, cell)
		if len(ps) > 0 {
			return nil, ps
		}
		c, ps := w.Check(src)
		if len(ps) > 0 || i == 1 {
			return c, ps
		}
		if err := c.Commit(&Program{commit: func() {}}); err != nil {
			t.Fatal(err)
		}
	}
	return nil, nil
}

func TestOperatorsBecomeCalls(t *testing.T) {
	for _, c := range []struct{ text, plain string }{
		{"x + y", "x.Add(y)"},
		{"x - y", "x.Sub(y)"},
		{"x * y", "x.Mul(y)"},
		{"x / y", "x.Div(y)"},
		{"-x", "x.Neg()"},
		{"- -x", "x.Neg().Neg()"},
		{"x*y + x", "x.Mul(y).Add(x)"},
		{"x * (y + x)", "x.Mul(y.Add(x))"},
		{"(x + y) * (y)", "x.Add(y).Mul((y))"},
		{"-x * y", "x.Neg().Mul(y)"},
		{"-(x * y)", "x.Mul(y).Neg()"},
		{"x - y - x", "x.Sub(y).Sub(x)"},
		{"x - (y - x)", "x.Sub(y.Sub(x))"},
		// numbers
		{"x + 1", "x.Shift(1)"},
		{"1 + x", "x.Shift(1)"},
		{"x - 1", "x.Shift(-1)"},
		{"1 - x", "x.SubFrom(1)"},
		{"x * 2.5", "x.Scale(2.5)"},
		{"2 * x", "x.Scale(2)"},
		{"x / 3", "x.DivScalar(3)"},
		{"3 / x", "x.DivInto(3)"},
		{"x * f", "x.Scale(f)"},
		{"n * x", "x.Scale(float64(n))"},
		{"x - n", "x.Shift(-float64(n))"},
		{"x - f*f", "x.Shift(-(f*f))"},
		{"x - -1", "x.Shift(1)"},
		{"x - (n + 1)", "x.Shift(-float64(n + 1))"},
		{"2 * n * x", "x.Scale(float64(2 * n))"},
		{"x * 2 * n", "x.Scale(2).Scale(float64(n))"},
		{"(1<<n) * x", "x.Scale(float64(int(1<<n)))"},
		{"const c int8 = 3; c * x", "const c int8 = 3; x.Scale(float64(c))"},
		{"type Rate float32; Rate(2) * x", "type Rate float32; x.Scale(float64(Rate(2)))"},
		{"2 * x.Item() * x", "x.Scale(2 * x.Item())"},
		{"k() * x", "x.Scale(float64(k()))"},
		{"math.Sqrt(f) * g()", "g().Scale(math.Sqrt(f))"},
		{"k() * x.Add(y)", "x.Add(y).Scale(float64(k()))"},
		{"k() * g()", "func(v float64, x *algebra.Matrix) *algebra.Matrix { return x.Scale(v) }(float64(k()), g())"},
		// places
		{"x[1]", "x.Index(0, 1)"},
		{"x[-1]", "x.Index(0, -1)"},
		{"x[n]", "x.Index(0, n)"},
		{"x[uint8(n)]", "x.Index(0, int(uint8(n)))"},
		{"x[1:2]", "x.Slice(0, 1, 2)"},
		{"x[:2]", "x.Slice(0, 0, 2)"},
		{"x[1:]", "x.SliceFrom(0, 1)"},
		{"x[:]", "x.SliceFrom(0, 0)"},
		{"var a, b int64; x[a:b]", "var a, b int64; x.Slice(0, int(a), int(b))"},
		{"x[0, 1]", "x.Index(1, 1).Index(0, 0)"},
		{"x[n, n]", "x.Index(1, n).Index(0, n)"},
		{"x[n, n+1, 2]", "x.Index(2, 2).Index(1, n+1).Index(0, n)"},
		{"x[1:2, 3]", "x.Index(1, 3).Slice(0, 1, 2)"},
		{"x[:, 0]", "x.Index(1, 0)"},
		{"x[0, :]", "x.SliceFrom(1, 0).Index(0, 0)"},
		{"x[:, n:, -1]", "x.Index(2, -1).SliceFrom(1, n)"},
		{"x[0][1]", "x.Index(0, 0).Index(0, 1)"},
		{"x[0, 1][2, 3]", "x.Index(1, 1).Index(0, 0).Index(1, 3).Index(0, 2)"},
		{"x[k(), k()]", "x.Index(0, k()).Index(0, k())"},
		{"x[k(), 1:k(), 2]", "x.Index(0, k()).Slice(0, 1, k()).Index(1, 2)"},
		{"xs[0][1, 2]", "xs[0].Index(1, 2).Index(0, 1)"},
		{"x[0,\n\t1, // row\n\t/* é */ 2]", "x.Index(2, 2).Index(1, 1).Index(0, 0)"},
		{"x[[]int{1, 2}[0], 1]", "x.Index(1, 1).Index(0, []int{1, 2}[0])"},
		{"xs[gen(x[0, 1], 2)][0, 1]", "xs[gen(x.Index(1, 1).Index(0, 0), 2)].Index(1, 1).Index(0, 0)"},
		{"gen[int, []int](1, nil); x[0, 1]", "gen[int, []int](1, nil); x.Index(1, 1).Index(0, 0)"},
		{"-x[0] * 2", "x.Index(0, 0).Neg().Scale(2)"},
		// where they stand
		{"z := x + 1; z * 2", "z := x.Shift(1); z.Scale(2)"},
		{"a := x * 2; b := a.Neg() / 3; c := b + a; c - b", "a := x.Scale(2); b := a.Neg().DivScalar(3); c := b.Add(a); c.Sub(b)"},
		{"a, b := (x + 1).Split(); a * b", "a, b := x.Shift(1).Split(); a.Mul(b)"},
		{"a, b := two(); a * b", "a, b := two(); a.Mul(b)"},
		{"a, m := algebra.Pair(); m * a", "a, m := algebra.Pair(); a.Scale(float64(m))"},
		{"q := append(xs, x*2); q[0] + 1", "q := append(xs, x.Scale(2)); q[0].Shift(1)"},
		{"z := x * 2 + x; x := 5; x", "z := x.Scale(2).Add(x); x := 5; x"},
		{"z := -y * (x + y)[n]; x, y, n := 5, 6, 7", "z := y.Neg().Mul(x.Add(y).Index(0, n)); x, y, n := 5, 6, 7"},
		{"z := 1 - algebra.New() * y; algebra, y := 5, 6", "z := algebra.New().Mul(y).SubFrom(1); algebra, y := 5, 6"},
		{"x += y", "x = x.Add(y)"},
		{"x -= 1; x *= n; x /= y", "x = x.Shift(-1); x = x.Scale(float64(n)); x = x.Div(y)"},
		{"p.w += x; xs[n] *= 2; p.byName[\"a\"] -= y", "p.w = p.w.Add(x); xs[n] = xs[n].Scale(2); p.byName[\"a\"] = p.byName[\"a\"].Sub(y)"},
		{"q := &p.w; *q += x * 2", "q := &p.w; *q = (*q).Add(x.Scale(2))"},
		{"func h(a *algebra.Matrix) *algebra.Matrix { return a*2 - x }", "func h(a *algebra.Matrix) *algebra.Matrix { return a.Scale(2).Sub(x) }"},
		{"h := func(a *algebra.Matrix) *algebra.Matrix { return -a }; h(x) * 2", "h := func(a *algebra.Matrix) *algebra.Matrix { return a.Neg() }; h(x).Scale(2)"},
		{"func (n net) run(a *algebra.Matrix) *algebra.Matrix { a = a*n.w + 1; return a[0] }", "func (n net) run(a *algebra.Matrix) *algebra.Matrix { a = a.Mul(n.w).Shift(1); return a.Index(0, 0) }"},
		{"if z := x * 2; z.Item() > 1 { x /= 2 }", "if z := x.Scale(2); z.Item() > 1 { x = x.DivScalar(2) }"},
		{"if x[0, 1].Item() > 1 { y = x[0, 1:] }", "if x.Index(1, 1).Index(0, 0).Item() > 1 { y = x.SliceFrom(1, 1).Index(0, 0) }"},
		{"switch z := x[0, 1]; { case z[0, n].Item() > 0: }", "switch z := x.Index(1, 1).Index(0, 0); { case z.Index(1, n).Index(0, 0).Item() > 0: }"},
		{"for z := x; z.Item() < 9; z *= 2 {}", "for z := x; z.Item() < 9; z = z.Scale(2) {}"},
		{"ch := make(chan *algebra.Matrix, 1); ch <- x * 2; 1 - <-ch", "ch := make(chan *algebra.Matrix, 1); ch <- x.Scale(2); (<-ch).SubFrom(1)"},
		{"type M = *algebra.Matrix; var m M = x; m * m", "type M = *algebra.Matrix; var m M = x; m.Mul(m)"},
		{"_ = []*algebra.Matrix{x + 1, -x}", "_ = []*algebra.Matrix{x.Shift(1), x.Neg()}"},
		{"import a \"example.org/algebra\"; a.New() * 2", "import a \"example.org/algebra\"; a.New().Scale(2)"},
		// values that are no pointers, and types of cells
		{"r + s*r", "r.Add(s.Mul(r))"},
		{"r + s == -r", "r.Add(s) == r.Neg()"},
		{"algebra.Ring{N: 1} - r", "(algebra.Ring{N: 1}).Sub(r)"},
		{"type V struct{ x int }\nfunc (v V) Add(w V) V { return v }\nfunc (v V) Sub(w V) V { return v }\nfunc (v V) Mul(w V) V { return v }\nfunc (v V) Div(w V) V { return v }\nfunc (v V) Neg() V { return v }\nfunc (v V) Scale(f float64) V { return v }\n2*V{} - V{1}",
			"type V struct{ x int }\nfunc (v V) Add(w V) V { return v }\nfunc (v V) Sub(w V) V { return v }\nfunc (v V) Mul(w V) V { return v }\nfunc (v V) Div(w V) V { return v }\nfunc (v V) Neg() V { return v }\nfunc (v V) Scale(f float64) V { return v }\n(V{}).Scale(2).Sub(V{1})"},
	} {
		got, ps := checkedAfter(t, c.text)
		if len(ps) > 0 {
			t.Errorf("%q: %v", c.text, ps)
			continue
		}
		if plain := got.Plain(); plain != c.plain {
			t.Errorf("%q\n got  %s\n want %s", c.text, plain, c.plain)
		}
		if _, ps := checkedAfter(t, c.plain); len(ps) > 0 {
			t.Errorf("%q is no Go: %v", c.plain, ps)
		}
	}
}

// TestACallStandsWhereTheExpressionStood: what points at code needs the positions.
func TestACallStandsWhereTheExpressionStood(t *testing.T) {
	for _, text := range []string{"x + y", "2 * x", "-x", "1 - (x + y)", "x[0, 1:2]", "(x + y) * 2", "(2 * x)[1]", "k() * g()"} {
		c, ps := checkedAfter(t, "z := "+text+" // end")
		if len(ps) > 0 {
			t.Errorf("%s: %v", text, ps)
			continue
		}
		if got := c.text(c.steps[0].spec.Values[0].Pos(), c.steps[0].spec.Values[0].End()); got != text {
			t.Errorf("%s: the call stands at %q", text, got)
		}
	}
}

func TestOperatorMistakesInTheAuthorsWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"x + \"a\"", "1:1 invalid operation: x + \"a\" (mismatched types *algebra.Matrix and untyped string)"},
		{"x + undefined", "1:5 undefined: undefined"},
		{"x * y * undefined", "1:9 undefined: undefined"},
		{"x % 2", "1:1 invalid operation: x % 2 (mismatched types *algebra.Matrix and untyped int) [*algebra.Matrix has the operators + - * /]"},
		{"x & y", "1:1 invalid operation: operator & not defined on x (variable of type *algebra.Matrix)"},
		{"x + r", "1:1 invalid operation: x + r (mismatched types *algebra.Matrix and algebra.Ring)"},
		{"x + nil", "1:1 invalid operation: x + nil (mismatched types *algebra.Matrix and untyped nil)"},
		{"x + true", "1:1 invalid operation: x + true (mismatched types *algebra.Matrix and untyped bool)"},
		{"x + 2i", "1:1 invalid operation: x + 2i (mismatched types *algebra.Matrix and untyped complex)"},
		{"x*2 + \"a\"", "1:1 invalid operation: x*2 + \"a\" (mismatched types *algebra.Matrix and untyped string)"},
		{"(x +\n\ty) * \"a\"", "1:1 invalid operation: (x + y) * \"a\" (mismatched types *algebra.Matrix and untyped string)"},
		{"x < y", "1:1 invalid operation: x < y (operator < not defined on pointer) [x.Less(y) compares them]"},
		{"x > y", "1:1 invalid operation: x > y (operator > not defined on pointer) [Item() of *algebra.Matrix gives a number]"},
		{"x > 0.5", "1:5 invalid operation: x > 0.5 (mismatched types *algebra.Matrix and untyped float) [Item() of *algebra.Matrix gives a number]"},
		{"r * 2", "1:1 invalid operation: r * 2 (mismatched types algebra.Ring and untyped int)"},
		{"r[0]", "1:1 cannot index r (variable of struct type algebra.Ring)"},
		{"f *= x", "1:1 invalid operation: f *= x (mismatched types float64 and *algebra.Matrix)"},
		{"var s string = 2 * x", "1:16 cannot use 2 * x (value of type *algebra.Matrix) as string value in variable declaration"},
		{"var s string = x[0, 1:]", "1:16 cannot use x[0, 1:] (value of type *algebra.Matrix) as string value in variable declaration"},
		{"math.Sqrt(x * y)", "1:11 cannot use x * y (value of type *algebra.Matrix) as float64 value in argument to math.Sqrt"},
		{"a, b := x * y", "1:9 assignment mismatch: 2 variables but x * y returns 1 value"},
		{"x.Add(y)\n_ = x + y\nvar s string = x.Add(y)", "3:16 cannot use x.Add(y) (value of type *algebra.Matrix) as string value in variable declaration"},
		{"x + y\nk()", "1:1 x + y (value of type *algebra.Matrix) is not used"},
		{"func h() {\n\tx[0, 1]\n}", "2:2 x[0, 1] (value of type *algebra.Matrix) is not used"},
		{"x * 1e999", "1:5 cannot use 1e999 (untyped float constant 1e+999) as float64 value in x * 1e999 (overflows)"},
		{"x*2 == y", "1:1 invalid operation: x*2 == y (== compares pointers, and a value that was just computed has one of its own)"},
		{"if x[0] != nil {\n}", "1:4 invalid operation: x[0] != nil (!= compares pointers, and a value that was just computed has one of its own)"},
		// places
		{"x[\"a\"]", "1:3 invalid argument: index \"a\" (untyped string constant) must be integer"},
		{"x[f]", "1:3 invalid argument: index f (variable of type float64) must be integer"},
		{"x[1.5, 0]", "1:3 invalid argument: index 1.5 (untyped float constant) must be integer"},
		{"x[0, y]", "1:6 invalid argument: index y (variable of type *algebra.Matrix) must be integer"},
		{"x[f:]", "1:3 invalid argument: index f (variable of type float64) must be integer"},
		{"x[0, undefined:2]", "1:6 undefined: undefined"},
		{"x[0:1:2]", "1:1 invalid operation: 3-index slice of *algebra.Matrix"},
		{"undefined[0, 1]", "1:1 undefined: undefined"},
		{"xs[0, 1]", "1:1 invalid operation: more than one index in xs[0, 1] [write xs[0][1]]"},
		{"xs[n, n]", "1:1 invalid operation: more than one index in xs[n, n] [write xs[n][n]]"},
		{"xs[0:1, 0]", "1:1 invalid operation: more than one index in xs[0:1, 0]"},
		{"x[0, 1", "1:2 [ is never closed"},
		{"x[0, 1] + )", "1:11 unexpected ): nothing before it is open"},
		// assignments
		{"x[0] = y", "1:1 cannot assign to x[0] (neither addressable nor a map index expression) [x[0].Assign(y) changes it in place]"},
		{"x[0, 1:2] = y", "1:1 cannot assign to x[0, 1:2] (neither addressable nor a map index expression) [x[0, 1:2].Assign(y) changes it in place]"},
		{"x[0] += 1", "1:1 cannot assign to x[0] (neither addressable nor a map index expression) [x[0].Assign(y) changes it in place]"},
		{"x[0]++", "1:1 cannot assign to x[0] (neither addressable nor a map index expression) [x[0].Assign(y) changes it in place]"},
		{"func h() {\n\ti := 0\n\tx[i] = y\n}", "3:2 cannot assign to x[i] (neither addressable nor a map index expression) [x[i].Assign(y) changes it in place]"},
		{"&x[0]", "1:2 invalid operation: cannot take address of x[0] (value of type *algebra.Matrix)"},
		{"xs[k()] += x", "1:1 cannot use += on xs[k()], which calls a function: it would be called twice [give the index a name first]"},
		{"x + y = x", "1:1 cannot assign to x + y (neither addressable nor a map index expression)"},
	} {
		_, ps := checkedAfter(t, c.text)
		var got []string
		for _, p := range ps {
			s := fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Text)
			if p.Hint != "" {
				s += " [" + p.Hint + "]"
			}
			got = append(got, s)
		}
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.text, strings.Join(got, "\n      "), c.want)
		}
	}
}

// TestWhatGoAcceptsStays: no operator or index that Go has a meaning for becomes a call, and values that do not have all of the
// methods have no operators.
func TestWhatGoAcceptsStays(t *testing.T) {
	for _, text := range []string{
		"n + 1*n - -n", "f / 2", "\"a\" + \"b\"", "x == y", "x != nil", "xs[0]", "xs[n:]", "\"abc\"[1:2]", "new([3]int)[1]", "p.byName[\"a\"]",
		"algebra.List{1, 2}[1]", "var l algebra.List; l[0] += 2", "gen[int, string](1, \"a\")", "n += 2", "type G[A, B any] struct{ a A; b B }; G[int, string]{}",
		"1 << n", "2i * 3", "func h[T interface{ Add(T) T; Sub(T) T; Mul(T) T; Div(T) T; Neg() T }](a, b T) T { return a.Add(b) }; h(x, y)",
	} {
		c, ps := checkedAfter(t, text)
		if len(ps) > 0 {
			t.Errorf("%q: %v", text, ps)
			continue
		}
		if got := c.Plain(); got != text || len(c.ops.calls) > 0 {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{"algebra.Point{} + algebra.Point{}", "algebra.List{} + algebra.List{}", "algebra.Point{} * 2", "var a any = x; a + 1", "*x + *y"} {
		if _, ps := checkedAfter(t, text); len(ps) != 1 {
			t.Errorf("%q: %v, want one problem", text, ps)
		}
	}
}

// TestALongChainIsOneMoreCheck: a check of the cell for each variable that depends on another would be slow.
func TestALongChainIsOneMoreCheck(t *testing.T) {
	w := algebraWorld(t)
	text := "x0 := algebra.New()\n"
	for i := range 50 {
		text += fmt.Sprintf("x%d := 2*x%d + x%d.Neg() - x0\n", i+1, i, i)
	}
	src, ps := w.Cut(1, text+"func h(a *algebra.Matrix) { b := a*x50; c := b[0] + 1; c /= 2 }")
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	c := newChecked(w, src)
	c.collect()
	for more := 0; ; more++ {
		c.problems = nil
		c.try()
		if !c.ops.pass() {
			c.ops.tell()
			if more != 1 || len(c.problems) > 0 {
				t.Errorf("%d more checks, want 1; problems: %v", more, c.problems)
			}
			return
		}
	}
}

func TestCompleteReadsSeveralIndices(t *testing.T) {
	for text, want := range map[string]string{"x[0, 1:2]": "complete", "y := x[0,": "incomplete", "x[0, 1:2] +": "incomplete", "x[0, 1:2] y": "invalid"} {
		if got, _ := Complete(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
