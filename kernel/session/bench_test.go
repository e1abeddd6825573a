package session_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/kernel/cell"
	"github.com/tapir-go/tapir/kernel/session"
)

func run(b testing.TB, s *session.Session, n int, src string) session.Result {
	r := s.Run(context.Background(), n, src)
	if r.Failure != nil {
		b.Fatalf("%s: %v", src, r.Failure)
	}
	return r
}

// BenchmarkOnePlusOne is a whole small cell, from its text to its value.
func BenchmarkOnePlusOne(b *testing.B) {
	s, _ := newSession(b)
	for i := 0; b.Loop(); i++ {
		run(b, s, i+1, "1+1")
	}
}

// BenchmarkFirstCell is a new session and its first cells: one that needs no package, one that needs fmt.
func BenchmarkFirstCell(b *testing.B) {
	for b.Loop() {
		s, _ := newSession(b)
		run(b, s, 1, "1+1")
		run(b, s, 2, "fmt.Println(1)")
		s.Close()
	}
}

// fifty is a cell of fifty lines.
func fifty() string {
	var b strings.Builder
	b.WriteString("type point struct{ x, y float64 }\nfunc (p point) norm() float64 { return math.Sqrt(p.x*p.x + p.y*p.y) }\n")
	for i := range 8 {
		fmt.Fprintf(&b, "func step%d(ps []point) (out []float64) {\n\tfor i, p := range ps {\n\t\tif p.norm() > %d {\n\t\t\tout = append(out, p.norm()*float64(i))\n\t\t}\n\t}\n", i, i)
	}
	return strings.ReplaceAll(b.String(), "\t}\nfunc", "\t}\n\treturn out\n}\nfunc") + "\treturn out\n}\nps := []point{{1, 2}, {3, 4}}\nfmt.Sprint(step0(ps), step7(ps))"
}

// BenchmarkFiftyLines is a cell of fifty lines in a session with 200 live declarations.
func BenchmarkFiftyLines(b *testing.B) {
	s, _ := newSession(b)
	for i := range 100 {
		run(b, s, i+1, fmt.Sprintf("func live%d(a, b int) (int, error) {\n\tif a > b {\n\t\treturn 0, errors.New(\"no\")\n\t}\n\treturn a + b, nil\n}\nvalue%d := map[string]int{\"a\": %d}", i, i, i))
	}
	src := fifty()
	for i := 0; b.Loop(); i++ {
		run(b, s, 200+i, src)
	}
}

// BenchmarkCheckAndLower is the front end's part of that.
func BenchmarkCheckAndLower(b *testing.B) {
	w := cell.NewWorld(table)
	lower := func(n int, text string, keep bool) {
		src, problems := w.Cut(n, text)
		if len(problems) > 0 {
			b.Fatal(problems)
		}
		c, problems := w.Check(src)
		if len(problems) > 0 {
			b.Fatal(problems)
		}
		p, problems := c.Lower()
		if len(problems) > 0 {
			b.Fatal(problems)
		}
		if keep {
			if err := c.Commit(p); err != nil {
				b.Fatal(err)
			}
		}
	}
	for i := range 100 {
		lower(i+1, fmt.Sprintf("func live%d(a, b int) (int, error) {\n\tif a > b {\n\t\treturn 0, errors.New(\"no\")\n\t}\n\treturn a + b, nil\n}\nvalue%d := map[string]int{\"a\": %d}", i, i, i), true)
	}
	text := fifty()
	for b.Loop() {
		lower(200, text, false)
	}
}

// BenchmarkMemory tells how much the heap grows with each small cell.
func BenchmarkMemory(b *testing.B) {
	s, _ := newSession(b)
	run(b, s, 1, "x := 1; fmt.Sprint(x)")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	for b.Loop() {
		n++
		run(b, s, n+1, "x := 5\ny := x*2 + 1\nx + y")
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/float64(n), "B-kept/cell")
}
