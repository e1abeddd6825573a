package assist_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/kernel/assist"
	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/symbols"
)

func newSession(t testing.TB, cells ...string) *session.Session {
	t.Helper()
	s, err := session.New(session.Options{Table: symbols.Table()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for i, c := range cells {
		if r := s.Run(context.Background(), i+1, c); r.Failure != nil {
			t.Fatalf("%s: %v", c, r.Failure)
		}
	}
	return s
}

var cells = []string{
	"// Point is a place.\ntype Point struct { Across, Along int; hidden bool }\n// Len is the squared length.\nfunc (p *Point) Len() int { return p.Across*p.Across + p.Along*p.Along }",
	"// total adds up.\nfunc total(xs ...int) (sum int) { for _, x := range xs { sum += x }; return }\nconst answer = 42\npoint := &Point{3, 4, true}\nitems := map[string][]int{\"a\": {1}}",
}

// complete gives the texts that can stand at | in src.
func complete(s *session.Session, src string) (string, assist.Completion) {
	before, after, _ := strings.Cut(src, "|")
	c := assist.Complete(s, before+after, len([]rune(before)))
	var names []string
	for _, i := range c.Items {
		names = append(names, i.Text)
	}
	return strings.Join(names, " "), c
}

func TestComplete(t *testing.T) {
	s := newSession(t, cells...)
	for _, c := range []struct{ src, want string }{
		{"fmt.Printl|", "Println"},
		{"x := strings.TrimPre|", "TrimPrefix"},
		{"fallth|", "fallthrough"},
		{"no_such_name_anywher|", ""},
		{"poi|", "point"},
		{"point.|", "Across Along Len hidden"},
		{"point.Al|ong", "Along"},
		{"fmt.Println(point.L|", "Len"},
		{"for i := range 3 {\n\tfmt.Println(i, point.Acr|", "Across"},
		{"func f(p Point) int {\n\treturn p.A|\n}", "Across Along"},
		{"tot|(1)", "total"},
		{"ans|", "answer"},
		{"strings.NewReader(\"\").ReadB|", "ReadByte"},
		{"wordCount := 1\nwordC|", "wordCount"},
		{"func g() {\n\tlocalName := 1\n\tlocal|\n}", "localName"},
		{"for index := range 3 { ind| }", "index"},
		{"Point{Acr|}", "Across"},
		{"items[\"a\"].|", ""},
		{"// fmt.Pr|", ""},
		{"\"fmt.Pr|\"", ""},
		{"FMT.printl|", ""},
		{"fmt.printl|", "Println"},
		{"ü := 1; point.Le|", "Len"},
		{"x := []Point{}; x[0].|", "Across Along Len hidden"},
		{"import \"os\"\nos.Getw|", "Getwd"},
		{"math.MaxInt8|", "MaxInt8"},
		{"time.Now().Unix|", "Unix UnixMicro UnixMilli UnixNano"},
		{"(point).Len|", "Len"},
		{"if point.Le|", "Len"},
		{"z := eager.Ones(2) * 2\nz.Tan|", "Tanh"},
		{"z := eager.Ones(2)\nz[0, 1:].Tan|", "Tanh"},
	} {
		if got, _ := complete(s, c.src); got != c.want {
			t.Errorf("%q completes to %q, want %q", c.src, got, c.want)
		}
	}
}

func TestCompletionCountsCodePoints(t *testing.T) {
	s := newSession(t, cells...)
	_, c := complete(s, "größe := \"äöü\"; fmt.Printl|")
	if c.Start != 20 || c.End != 26 {
		t.Errorf("the word is from %d to %d, want 20 to 26", c.Start, c.End)
	}
	if len(c.Items) != 1 || c.Items[0].Kind != "function" || c.Items[0].Signature != "Println(a ...any) (n int, err error)" {
		t.Errorf("items %+v", c.Items)
	}
}

func TestInspect(t *testing.T) {
	s := newSession(t, cells...)
	for _, c := range []struct {
		src    string
		detail int
		want   []string
	}{
		{"fmt.Println|", 0, []string{"func fmt.Println(a ...any) (n int, err error)", "Println formats using the default formats", "package fmt"}},
		{"fmt.Println(|)", 0, []string{"func fmt.Println("}},
		{"fmt.Println(1, total(2|))", 0, []string{"func total(xs ...int) (sum int)", "total adds up.", "declared in cell 2"}},
		{"f|mt.Println", 0, []string{"package fmt", "Package fmt implements formatted I/O"}},
		{"poi|nt", 0, []string{"var point *Point", "value: &Point{Across:3 Along:4 hidden:true}"}},
		{"point.L|en()", 0, []string{"func (*Point).Len() int", "Len is the squared length.", "cell 1"}},
		{"point.Acr|oss", 0, []string{"field Across int"}},
		{"Poi|nt", 1, []string{"type Point struct", "Point is a place.", "Len() int"}},
		{"ans|wer", 0, []string{"const answer untyped int = 42"}},
		{"le|n", 0, []string{"builtin len", "is the length"}},
		{"strings.NewReader(\"\").ReadB|yte", 0, []string{"func (*strings.Reader).ReadByte() (byte, error)", "ReadByte implements the [io.ByteReader] interface."}},
		{"total|", 1, []string{"for _, x := range xs"}},
	} {
		before, after, _ := strings.Cut(c.src, "|")
		b, found := assist.Inspect(s, before+after, len([]rune(before)), c.detail)
		text, _ := b["text/plain"].(string)
		for _, w := range c.want {
			if !found || !strings.Contains(text, w) {
				t.Errorf("%q is %v\n%s\nwant %q", c.src, found, text, w)
			}
		}
		if h, _ := b["text/html"].(string); found && h == "" {
			t.Errorf("%q has no HTML", c.src)
		}
	}
	for _, src := range []string{"", "no_such_name", "1 + 2", "point.nothing"} {
		if b, found := assist.Inspect(s, src, len(src), 0); found {
			t.Errorf("%q is %v", src, b)
		}
	}
}

func TestAssistLeavesTheSessionAlone(t *testing.T) {
	s := newSession(t, cells...)
	for _, src := range []string{"point := 1; poi|", "type Point int; Poin|", "func total() {}; tot|", "import \"os\"; o|", "point = nil|"} {
		complete(s, src)
	}
	r := s.Run(context.Background(), 3, "total(point.Len(), answer)")
	if r.Failure != nil || r.Value["text/plain"] != "67" {
		t.Errorf("then the session gives %v %v", r.Value, r.Failure)
	}
}

func TestCompletionWhileACellRuns(t *testing.T) {
	s := newSession(t, cells...)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Run(ctx, 3, "for { point.Across++ }"); close(done) }()
	for range 20 {
		if got, _ := complete(s, "point.Acr|"); got != "Across" {
			t.Errorf("completes to %q", got)
		}
		if _, found := assist.Inspect(s, "point", 5, 0); !found {
			t.Error("point is not found")
		}
	}
	cancel()
	<-done
}

func FuzzAssist(f *testing.F) {
	for _, c := range []string{"fmt.Pr", "for i := range 3 { point.", "func f(", "type T struct { a", "x.y.z(", "\"abc", "import \"", "point.(", "a := Point{"} {
		f.Add(c, len(c))
	}
	s := newSession(f, cells...)
	f.Fuzz(func(t *testing.T, src string, cursor int) {
		c := assist.Complete(s, src, cursor)
		if n := len([]rune(src)); c.Start > c.End || c.End > max(n, cursor) {
			t.Fatalf("from %d to %d of %d", c.Start, c.End, n)
		}
		assist.Inspect(s, src, cursor, 1)
	})
}

func ExampleComplete() {
	s, err := session.New(session.Options{Table: symbols.Table()})
	if err != nil {
		panic(err)
	}
	defer s.Close()
	s.Run(context.Background(), 1, "greeting := \"hello\"")
	src := "strings.ToUpp"
	for _, i := range assist.Complete(s, src, len(src)).Items {
		fmt.Println(i.Text, "-", i.Signature)
	}
	// Output:
	// ToUpper - ToUpper(s string) string
	// ToUpperSpecial - ToUpperSpecial(c unicode.SpecialCase, s string) string
}
