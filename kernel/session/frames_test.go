package session_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tapir-go/tapir/kernel/session"
)

// TestAFailureShowsTheFunctionsOfTheUser checks name, text and place of failures, and the functions that were running.
func TestAFailureShowsTheFunctionsOfTheUser(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []string // the last one fails
		want  string   // name: text, then function@cell:line, innermost first
	}{
		{"of one cell", []string{"func inner(d int) int {\n\treturn 1 / d\n}\nfunc outer() int {\n\treturn inner(0)\n}\n\nouter()"},
			"panic: runtime error: integer divide by zero; inner@1:2 outer@1:5 @1:8"},
		{"of several cells", []string{"func inner(d int) int {\n\treturn 1 / d\n}", "\nfunc outer() int { return inner(0) }", "x := 1\nx += outer()"},
			"panic: runtime error: integer divide by zero; inner@1:2 outer@2:2 @3:2"},
		{"the top level", []string{"x := 1\n\npanic(x)"}, "panic: 1; @1:3"},
		{"an error as panic", []string{"func f() {\n\tpanic(errors.New(\"bad thing\"))\n}\nf()"}, "panic: bad thing; f@1:2 @1:4"},
		{"a method", []string{"type T struct{ m map[string]int }\nfunc (t T) Set(k string) {\n\tt.m[k] = 1\n}\nt := T{}\nt.Set(\"a\")"},
			"panic: assignment to entry in nil map; T.Set@1:3 @1:6"},
		{"a recursion", []string{"func fact(n int) int {\n\tif n == 0 {\n\t\tpanic(\"end\")\n\t}\n\treturn n * fact(n-1)\n}\nfact(3)"},
			"panic: end; fact@1:3 fact@1:5 fact@1:5 fact@1:5 @1:7"},
		{"a recursion with deferred calls", []string{"func down(n int) {\n\tdefer func() { _ = n }()\n\tif n == 0 {\n\t\tpanic(\"end\")\n\t}\n\tdown(n - 1)\n}\ndown(2)"},
			"panic: end; down@1:4 down@1:6 down@1:6 @1:8"},
		{"functions that call each other", []string{"func a(n int) int {\n\tif n == 0 {\n\t\treturn 1 / n\n\t}\n\treturn b(n)\n}\nfunc b(n int) int {\n\treturn a(n-1)\n}", "a(2)"},
			"panic: runtime error: integer divide by zero; a@1:3 b@1:8 a@1:5 b@1:8 a@1:5 @2:1"},
		{"a recursion whose line is not known", []string{"func f(n int) int {\n\tif n == 0 {\n\t\tpanic(\"end\")\n\t}\n\tif n == 1 {\n\t\treturn f(0)\n\t}\n\treturn f(n - 1)\n}\nf(2)"},
			"panic: end; f@1:3 f@1:0 f@1:0 @1:10"},
		{"a recursion through a variable", []string{"var f func(int) int\nf = func(n int) int {\n\tif n == 0 {\n\t\tpanic(\"end\")\n\t}\n\treturn f(n - 1)\n}\nf(2)"},
			"panic: end; func literal@1:4 func literal@1:6 func literal@1:6 @1:8"},
		{"a panic that takes the place of another", []string{"func both() {\n\tdefer func() {\n\t\tpanic(\"two\")\n\t}()\n\tpanic(\"one\")\n}\nboth()"},
			"panic: two; both.func@1:3 both@1:5 @1:7"},
		{"an exit", []string{"func leave() {\n\tos.Exit(3)\n}", "x := 1\nleave()"}, "exit: exit status 3; leave@1:2 @2:2"},
		{"log.Fatal", []string{"log.SetOutput(io.Discard)\nlog.Fatal(\"for good\")"}, "exit: exit status 1; @1:2"},
		{"a goroutine", []string{"func work(d int) int {\n\treturn 1 / d\n}\n\nch := make(chan int)\ngo func() {\n\tch <- work(0)\n}()\n<-ch"},
			"panic: runtime error: integer divide by zero\n(in a goroutine that cell 1 started); work@1:2 func literal@1:7 @1:6"},
		{"a deep recursion", []string{"func down(n int) int {\n\tif n == 0 {\n\t\tpanic(\"end\")\n\t}\n\treturn down(n-1)\n}\n\ndown(100000)"},
			"panic: end; down@1:3 @1:8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := newSession(t)
			var r session.Result
			for i, src := range c.cells {
				if r = s.Run(context.Background(), i+1, src); i < len(c.cells)-1 && r.Failure != nil {
					t.Fatal(r.Failure)
				}
			}
			f := r.Failure
			if f == nil {
				t.Fatal("the cell does not fail")
			}
			got := f.Name + ": " + f.Text + ";"
			for _, fr := range f.Frames {
				got += fmt.Sprintf(" %s@%d:%d", fr.Func, fr.Cell, fr.Line)
			}
			if got != c.want {
				t.Errorf("the failure is\n%s\nwant\n%s", got, c.want)
			}
			if f.Cell != f.Frames[0].Cell || f.Line != f.Frames[0].Line {
				t.Errorf("it is in cell %d, line %d, its first frame is %+v", f.Cell, f.Line, f.Frames[0])
			}
			for _, word := range []string{".go:", "interp.", "reflect.", " [running]", "rt."} {
				if tb := strings.Join(f.Traceback(), "\n"); strings.Contains(tb, word) {
					t.Errorf("the traceback has %q, which is not the user's:\n%s", word, tb)
				}
			}
		})
	}
}

// TestACellThatDoesNotCompileLeavesNoTrace holds that nothing of it is declared, printed or changed.
func TestACellThatDoesNotCompileLeavesNoTrace(t *testing.T) {
	s, sc := newSession(t)
	s.Run(context.Background(), 1, "x := 1\nfunc f() string { return \"first\" }\ntype T struct{ A int }")
	r := s.Run(context.Background(), 2, "x = 2\nfmt.Println(\"printed\")\nfunc f() string { return \"second\" }\ntype T struct{ B int }\nnew1 := 5\nvar y int = \"no\"\nz := nothing")
	if r.Failure == nil || len(r.Failure.More) != 1 {
		t.Fatalf("the failure is %v, want two errors", r.Failure)
	}
	if a, b := r.Failure.Line, r.Failure.More[0].Line; a != 6 || b != 7 {
		t.Errorf("the errors are in lines %d and %d, want 6 and 7", a, b)
	}
	if got := sc.take(); got != "" {
		t.Errorf("it prints %q", got)
	}
	if r := s.Run(context.Background(), 3, "fmt.Sprint(x, f(), T{A: 3})"); r.Failure != nil || plainText(r) != "1first{3}" {
		t.Errorf("after it: %v %v", r.Value, r.Failure)
	}
	for i, name := range []string{"new1", "y", "z"} {
		if r := s.Run(context.Background(), 4+i, name); r.Failure == nil {
			t.Errorf("%s is declared", name)
		}
	}
}

// TestACellThatExits ends, with what it had done kept, and does not end the kernel.
func TestACellThatExits(t *testing.T) {
	s, sc := newSession(t)
	for i, c := range []struct{ src, name, text, out string }{
		{"x := 1\nos.Exit(3)\nx = 2", "exit", "exit status 3", ""},
		{"log.SetFlags(0)\nx++\nlog.Fatal(\"for good\")\nx++", "exit", "exit status 1", "for good\n"},
		{"func f() { os.Exit(4) }\nfmt.Println(\"out\")\nf()", "exit", "exit status 4", "out\n"},
	} {
		r := s.Run(context.Background(), i+1, c.src)
		if r.Failure == nil || r.Failure.Name != c.name || r.Failure.Text != c.text {
			t.Errorf("%s\nfails with %v, want %s: %s", c.src, r.Failure, c.name, c.text)
		}
		if got := sc.take(); got != c.out {
			t.Errorf("%s\nprints %q, want %q", c.src, got, c.out)
		}
	}
	if r := s.Run(context.Background(), 9, "x"); plainText(r) != "2" {
		t.Errorf("x is %v %v, want 2", r.Value, r.Failure)
	}
}

// TestALatePanicIsToldToItsCell holds that a goroutine that outlives its cell fails no other one.
func TestALatePanicIsToldToItsCell(t *testing.T) {
	s, sc := newSession(t)
	must(t, s, 1, "go1, go2 := make(chan bool), make(chan bool)\ndone := make(chan bool)\ngo func() {\n\tdefer close(done)\n\t<-go1\n\tvar m map[string]int\n\tm[\"a\"] = 1\n}()")
	must(t, s, 2, "time.AfterFunc(200*time.Millisecond, func() {\n\tdefer close(go2)\n\tpanic(\"a late timer\")\n})")
	for i := range 600 { // the session forgets runs of long ago
		must(t, s, 3+i, "1")
	}
	must(t, s, 1000, "close(go1)\n<-done\n<-go2")
	want := map[int]string{1: "assignment to entry in nil map", 2: "a late timer"}
	for end := time.Now().Add(generous); ; time.Sleep(time.Millisecond) {
		sc.mu.Lock()
		one, two, other := sc.byCell[1], sc.byCell[2], sc.byCell[1000]
		sc.mu.Unlock()
		if strings.Contains(one, want[1]) && strings.Contains(one, "cell 1, line 7") && strings.Contains(two, want[2]) && strings.Contains(two, "cell 2, line 3") && other == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("cell 1 has %q, cell 2 %q, cell 1000 %q", one, two, other)
		}
	}
}

// split is a screen that keeps the two streams apart.
type split struct {
	mu  sync.Mutex
	all []string
}

func (s *split) Stream(cell int, name string, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.all) - 1; n >= 0 && strings.HasPrefix(s.all[n], fmt.Sprintf("%d %s ", cell, name)) {
		s.all[n] += string(text)
		return
	}
	s.all = append(s.all, fmt.Sprintf("%d %s %s", cell, name, text))
}
func (s *split) Display(int, map[string]any, string, bool) {}
func (s *split) Clear(int, bool)                           {}

// TestTheStreamsArriveInOrder holds that standard output and error are told apart and not reordered.
func TestTheStreamsArriveInOrder(t *testing.T) {
	sc := &split{}
	s, _ := newSession(t, func(o *session.Options) { o.Screen = sc })
	r := s.Run(context.Background(), 7, "for i := range 2 {\n\tfmt.Print(\"o\", i)\n\tfmt.Fprint(os.Stderr, \"e\", i)\n}\nprint(\"p\")\nos.Stdout.Write([]byte(\"w\"))")
	if r.Failure != nil {
		t.Fatal(r.Failure)
	}
	if got, want := strings.Join(sc.all, "|"), "7 stdout o0|7 stderr e0|7 stdout o1|7 stderr e1p|7 stdout w"; got != want {
		t.Errorf("the streams are\n%s\nwant\n%s", got, want)
	}
}

// TestAValueIsShownAsItsMethodsSay checks the types of the last value's bundle.
func TestAValueIsShownAsItsMethodsSay(t *testing.T) {
	s, _ := newSession(t)
	for i, c := range []struct{ src, mime, want string }{
		{"type H struct{}\nfunc (H) HTML() string { return \"<b>h</b>\" }\nH{}", "text/html", "<b>h</b>"},
		{"type S struct{}\nfunc (*S) SVG() string { return \"<svg/>\" }\n&S{}", "image/svg+xml", "<svg/>"},
		{"type M struct{}\nfunc (M) MIME() map[string]any { return map[string]any{\"text/markdown\": \"*m*\"} }\nM{}", "text/markdown", "*m*"},
		{"[][]string{{\"a\"}, {\"<\"}}", "text/html", "<table><tr><th>a</th></tr><tr><td>&lt;</td></tr></table>"},
	} {
		r := s.Run(context.Background(), i+1, c.src)
		if r.Failure != nil || r.Value[c.mime] != c.want {
			t.Errorf("%s\nis shown as %v %v, want %s: %s", c.src, r.Value, r.Failure, c.mime, c.want)
		}
		if _, ok := r.Value["text/plain"].(string); !ok {
			t.Errorf("%s\nhas no plain text: %v", c.src, r.Value)
		}
	}
	r := s.Run(context.Background(), 9, "image.NewGray(image.Rect(0, 0, 2, 3))")
	if b, _ := r.Value["image/png"].([]byte); !strings.HasPrefix(string(b), "\x89PNG") {
		t.Errorf("a picture is shown as %v %v", r.Value, r.Failure)
	}
}
