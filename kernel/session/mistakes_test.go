package session_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
)

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestMistakesAreToldInPlainWords holds what cells say of the mistakes that beginners make to testdata/mistakes.txt.
func TestMistakesAreToldInPlainWords(t *testing.T) {
	const file = "testdata/mistakes.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), "\n\n")
	var out strings.Builder
	out.WriteString(head + "\n")
	mistakes := strings.Split(rest, "\n\n")
	for _, m := range mistakes {
		var comments, src, want []string
		for line := range strings.SplitSeq(strings.TrimSuffix(m, "\n"), "\n") {
			switch {
			case strings.HasPrefix(line, "# "):
				comments = append(comments, line)
			case strings.HasPrefix(line, ">"):
				want = append(want, line)
			default:
				src = append(src, line)
			}
		}
		s, _ := newSession(t)
		var got []string
		if f := s.Run(context.Background(), 1, strings.Join(src, "\n")).Failure; f != nil {
			for line := range strings.SplitSeq(strings.Join(f.Traceback(), "\n"), "\n") {
				got = append(got, strings.TrimRight("> "+colour.ReplaceAllString(line, ""), " "))
			}
		} else {
			got = []string{"> no failure"}
		}
		out.WriteString("\n" + strings.Join(append(append(comments, src...), got...), "\n") + "\n")
		if !*update && strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s\nsays\n%s\nwant\n%s", comments[0], strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if len(mistakes) < 20 {
		t.Errorf("%d mistakes, want at least 20", len(mistakes))
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
