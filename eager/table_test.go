package eager

import (
	"flag"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite OPS.md")

// TestOpTable compares OPS.md with what the declarations and doc comments say: go test ./eager -run OpTable -update rewrites it.
func TestOpTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Ops\n\nMade from the declarations by `go test ./eager -run OpTable -update`. Everything else in the package is composed of these.\n\n")
	b.WriteString("| op | call | what | gradient | ONNX, opset 17 |\n| --- | --- | --- | --- | --- |\n")
	calls, docs := signatures(t), documented(t)
	for _, op := range sorted() {
		name, what := op.Name, ""
		if s, ok := spelled[name]; ok {
			name, what = s, "part of "+s
		}
		if what == "" {
			what, _, _ = strings.Cut(strings.ReplaceAll(docs[name], "\n", " "), ". ")
			what = strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(what, name+" ")), ".")
		}
		gradient := ""
		if op.Differentiable {
			gradient = "yes"
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", op.Name, calls[name], strings.ReplaceAll(what, "|", "\\|"), gradient, kindsOf(t, op))
	}
	if *update {
		if err := os.WriteFile("OPS.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("OPS.md")
	if err != nil || string(have) != b.String() {
		t.Errorf("OPS.md is not what the declarations say: run go test ./eager -run OpTable -update (%v)", err)
	}
}

func sorted() []*Op {
	ops := Ops()
	slices.SortFunc(ops, func(a, b *Op) int { return strings.Compare(a.Name, b.Name) })
	return ops
}

// signatures is how each exported function and method is called.
func signatures(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, file := range sources(t) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() {
				continue
			}
			var b strings.Builder
			if err := printer.Fprint(&b, token.NewFileSet(), f.Type); err != nil {
				t.Fatal(err)
			}
			call := f.Name.Name + strings.TrimPrefix(b.String(), "func")
			if f.Recv != nil {
				call = "x." + call
			} else {
				call = "eager." + call
			}
			out[f.Name.Name] = strings.TrimSuffix(strings.ReplaceAll(call, "*Tensor", "Tensor"), " Tensor")
		}
	}
	return out
}

// kindsOf is the ONNX operators that the op's first case becomes.
func kindsOf(t *testing.T, op *Op) string {
	w := &writer{t: t, known: map[string]bool{}}
	c := op.Cases[0]
	tensors := c.Inputs(1, Float32)
	in := make([]Value, len(tensors))
	for i, x := range tensors {
		in[i] = Value{w.name("x"), x.Shape(), x.DType()}
	}
	y := op.Apply(c.At, tensors)
	op.Export(w, c.At, in, Value{"y", y.Shape(), y.DType()})
	return strings.Join(w.kinds, ", ")
}
