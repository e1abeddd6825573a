package plain_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/kernel/plain"
)

var update = flag.Bool("update", false, "write the texts of programs and the list of differences into testdata; read what changes before you commit it")

// TestTextsOfPrograms holds how programs read: each session in testdata has its program beside it.
func TestTextsOfPrograms(t *testing.T) {
	files, err := filepath.Glob("testdata/*.cells")
	if err != nil || len(files) == 0 {
		t.Fatal("no sessions in testdata", err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".cells")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var cells []plain.Cell
			for i, c := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n---\n") {
				cell := plain.Cell{Number: i + 1, Text: meant.ReplaceAllString(c, "")}
				if meant.MatchString(c) {
					cell.Mode = plain.Fails
				}
				cells = append(cells, cell)
			}
			p, err := plain.Write(name+".ipynb", cells, table)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(f, ".cells") + ".go.txt"
			if *update {
				if err := os.WriteFile(golden, []byte(p.Files["main.go"]), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if p.Files["main.go"] != string(want) {
				var b strings.Builder
				lines(&b, p.Files["main.go"], string(want))
				t.Errorf("the text is not that of %s:\n%s", golden, b.String())
			}
		})
	}
}

func TestACellThatDoesNotCompileIsAnError(t *testing.T) {
	_, err := plain.Write("n", []plain.Cell{{Number: 1, Text: "x := 1"}, {Number: 4, Text: "x + 1\ny := z\nfor {"}}, table)
	if err == nil || err.Error() != "cell 4 does not compile:\n\tline 3, column 5: { is never closed" {
		t.Errorf("the error is %v", err)
	}
	_, err = plain.Write("n", []plain.Cell{{Number: 7, Text: "x := y\nz := w"}}, table)
	if err == nil || err.Error() != "cell 7 does not compile:\n\tline 1, column 6: undefined: y\n\tline 2, column 6: undefined: w" {
		t.Errorf("the error is %v", err)
	}
}

func TestCellsThatAreLeftOutSayWhy(t *testing.T) {
	p, err := plain.Write("n", []plain.Cell{{Number: 2, Text: "x := 1\nx", Title: "A heading"}}, table)
	if err != nil || !strings.Contains(p.Files["main.go"], "\t// cell 2: A heading\n\tx := 1\n") {
		t.Errorf("%v\n%s", err, p.Files["main.go"])
	}
	p, err = plain.Write("n", []plain.Cell{{Number: 1, Text: "x := missing", Mode: plain.Fails}, {Number: 2, Text: "never", Mode: plain.Out}, {Number: 3, Text: "3"}}, table)
	if err != nil {
		t.Fatal(err)
	}
	for n, why := range map[int]string{1: "is left out: it does not compile, on purpose (line 1: undefined: missing)", 2: "is left out"} {
		if p.Left[n] != why || !strings.Contains(p.Files["main.go"], why) {
			t.Errorf("cell %d %s", n, p.Left[n])
		}
	}
}
