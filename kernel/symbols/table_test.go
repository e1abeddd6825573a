package symbols_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/symbols"
)

type screen struct{ bytes.Buffer }

func (s *screen) Stream(_ int, _ string, text []byte)                 { s.Write(text) }
func (s *screen) Display(_ int, b map[string]any, id string, up bool) {}
func (s *screen) Clear(int, bool)                                     {}

func TestCellsUseTheStandardLibrary(t *testing.T) {
	sc := &screen{}
	s, err := session.New(session.Options{Screen: sc, Table: symbols.Table()})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ src, out, val string }{
		{"1+1", "", "2"},
		{"fmt.Println(strings.ToUpper(\"a\"))", "A\n", ""},
		{"x := 5\nfunc f() int { return 4 }\nx + f()", "", "9"},
	} {
		sc.Reset()
		r := s.Run(context.Background(), i+1, c.src)
		if r.Failure != nil {
			t.Fatal(r.Failure)
		}
		if sc.String() != c.out {
			t.Errorf("%s wrote %q, want %q", c.src, sc.String(), c.out)
		}
		if v, _ := r.Value["text/plain"].(string); c.val != "" && v != c.val {
			t.Errorf("%s is %q, want %q", c.src, v, c.val)
		}
	}
}
