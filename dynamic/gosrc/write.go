package gosrc

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/dynamic"
	"github.com/tapir-go/tapir/dynamic/onnx"
	"github.com/tapir-go/tapir/eager"
)

// Options are the choices of a package; the zero value is the usual one.
type Options struct {
	Package    string // its name; the folder's last element when empty
	Module     string // when not empty, a go.mod with this path is written too
	FixedBatch bool   // keep the recorded number of rows instead of freeing it
	Doc        string // what the model is, for the package's comment
}

// Report says what was written.
type Report struct {
	Folder    string
	Files     []string
	Weights   int // numbers in weights.bin
	Operators int // of the model
}

// String is the report as text.
func (r *Report) String() string {
	return fmt.Sprintf("%s: %s; %d weights, %d operators", r.Folder, strings.Join(r.Files, " "), r.Weights, r.Operators)
}

//go:embed kernels.go
var kernelSource string

// Write writes g as a Go package in the folder dir, which is made if it is not there. It fails as onnx.Export does, when an
// operator has no Go source, and when a size is neither fixed nor grows with the rows; nothing is written then.
func Write(g *dynamic.Graph, dir string, o Options) (*Report, error) {
	m, err := onnx.Export(g, onnx.Options{FixedBatch: o.FixedBatch})
	if err != nil {
		return nil, err
	}
	given := g.Given()
	if o.Package == "" {
		if o.Package, err = packageName(dir); err != nil {
			return nil, err
		}
	} else if !token.IsIdentifier(o.Package) {
		return nil, fmt.Errorf("gosrc: %q is no name for a package", o.Package)
	}
	p, err := newPlan(m, given, !o.FixedBatch)
	if err != nil {
		return nil, err
	}
	w := &writer{p: p, kernels: map[string]bool{}, known: map[string]string{}, taken: map[string]bool{}}
	for _, word := range []string{"n", "m", "at", "math", "weights"} {
		w.taken[word] = true
	}
	if err := w.try(); err != nil {
		return nil, err
	}
	source, err := w.source(o)
	if err != nil {
		return nil, err
	}
	test, err := w.test(o, given)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		"model.go": source, "model_test.go": test, "weights.bin": floatBytes(w.numbers),
		filepath.Join("testdata", "golden.bin"): golden(append(given, g.Call(given)...)),
	}
	if o.Module != "" {
		files["go.mod"] = []byte("module " + o.Module + "\n\ngo 1.22\n")
	}
	r := &Report{Folder: dir, Weights: len(w.numbers), Operators: len(m.Graph.Nodes)}
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fmt.Errorf("gosrc: %w", err)
		}
		if err := writeFile(path, b); err != nil {
			return nil, fmt.Errorf("gosrc: %w", err)
		}
		r.Files = append(r.Files, filepath.ToSlash(name))
	}
	slices.Sort(r.Files)
	return r, nil
}

// writeFile writes to a temporary name in the same folder and renames.
func writeFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(b)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func packageName(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("gosrc: %w", err)
	}
	name := strings.ToLower(filepath.Base(abs))
	if !token.IsIdentifier(name) {
		return "", fmt.Errorf("gosrc: the folder %q is no name for a package: give one as Options.Package", name)
	}
	return name, nil
}

// try writes the steps, and makes an error of what is refused.
func (w *writer) try() (err error) {
	defer func() {
		if r := recover(); r != nil {
			no, ok := r.(refusal)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("gosrc: %s", no.text)
		}
	}()
	w.emitAll()
	return nil
}

func floatBytes(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, f := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}

// golden is the numbers of tensors one after the other.
func golden(xs []*eager.Tensor) (b []byte) {
	for _, x := range xs {
		switch x.DType() {
		case eager.Int64:
			for _, v := range x.Ints() {
				b = binary.LittleEndian.AppendUint64(b, uint64(v))
			}
		case eager.Bool:
			for _, v := range x.Values() {
				b = append(b, byte(v))
			}
		default:
			b = append(b, floatBytes(x.Float32s())...)
		}
	}
	return b
}

// arguments are the outputs and inputs as parameters of Predict: their names, types and sizes.
func (w *writer) arguments() (names, kinds, sizes, shapes []string) {
	add := func(base string, vs []*val) {
		for i, v := range vs {
			names = append(names, w.identifier(base, i, len(vs)))
			kinds = append(kinds, "[]"+w.goType(v.kind))
			sizes = append(sizes, text(v.dims))
			shapes = append(shapes, shapeText(v.dims))
		}
	}
	add("y", w.p.output)
	add("x", w.p.inputs)
	return names, kinds, sizes, shapes
}

// source is model.go.
func (w *writer) source(o Options) ([]byte, error) {
	names, kinds, sizes, shapes := w.arguments()
	var b bytes.Buffer
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	kernels, err := w.copies()
	if err != nil {
		return nil, err
	}
	code := w.body.String() + kernels
	put("// Code generated by tapir's dynamic/gosrc. DO NOT EDIT.\n")
	if o.Doc == "" {
		o.Doc = "is a model that was learned with tapir."
	}
	put("// Package %s %s\npackage %s\n\nimport (\n_ \"embed\"\n\"fmt\"", o.Package, o.Doc, o.Package)
	put("\"math\"")
	if strings.Contains(code, "sort.") {
		put("\"sort\"")
	}
	put(")\n\n//go:embed weights.bin\nvar file string // SHA-256 %x\n", sha256.Sum256(floatBytes(w.numbers)))
	put(`// weights are the numbers of the file, which no Model changes.
var weights = func() []float32 {
	v := make([]float32, len(file)/4)
	for i := range v {
		b := file[4*i : 4*i+4]
		v[i] = math.Float32frombits(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)
	}
	return v
}()
`)
	put("%s", w.consts.String())
	put("// Model computes")
	for i, n := range names {
		what := "input"
		if strings.HasPrefix(n, "y") {
			what = "output"
		}
		put("//   - the %s %s, %s%s", what, n, kinds[i], shapes[i])
	}
	put("//\n// with memory of its own: it is for one goroutine at a time. Weights are shared by all.\ntype Model struct {")
	if w.p.free {
		put("rows int")
	}
	for i, s := range w.slots {
		put("s%d []%s", i, w.goType(s.kind))
	}
	if w.scratch != nil {
		put("scratch []float32")
	}
	if w.order != nil {
		put("order ranking")
	}
	put("}\n")
	param, args := "", strings.Join(pairs(names, kinds), ", ")
	if w.p.free {
		put("// New makes a model for at most n rows at a time. It allocates all that Predict needs.\nfunc New(n int) *Model {")
		param = ", n int"
	} else {
		put("// New makes a model. It allocates all that Predict needs.\nfunc New() *Model {")
	}
	put("m := &Model{}")
	if w.p.free {
		put("m.rows = n")
	}
	for i, s := range w.slots {
		put("m.s%d = make([]%s, %s)", i, w.goType(s.kind), most(s.needs))
	}
	if w.scratch != nil {
		put("m.scratch = make([]float32, %s)", most(w.scratch))
	}
	if w.order != nil {
		put("m.order.places = make([]int64, %s)", most(w.order))
	}
	put("return m\n}\n")
	put("// Predict computes the outputs, which it writes to the slices given first, from the inputs. It allocates nothing, and fails\n// when a slice has another length than its shape says.")
	put("func (m *Model) Predict(%s%s) error {", args, param)
	if w.p.free {
		put("if n < 0 || n > m.rows {\nreturn fmt.Errorf(\"%s: %%d rows: the model was made for at most %%d\", n, m.rows)\n}", o.Package)
	}
	for i, n := range names {
		put("if len(%s) != %s {\nreturn fmt.Errorf(\"%s: %s has %%d numbers, want %%d for %s\", len(%s), %s)\n}", n, sizes[i], o.Package, n, shapes[i], n, sizes[i])
	}
	put("%sreturn nil\n}\n", w.body.String())
	put("%s", kernels)
	return w.formatted("model.go", b.Bytes())
}

func pairs(names, kinds []string) []string {
	all := make([]string, len(names))
	for i := range names {
		all[i] = names[i] + " " + kinds[i]
	}
	return all
}

// most is the largest of several products of sizes.
func most(all [][]size) string {
	var texts []string
	for _, dims := range all {
		if t := text(dims); !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "max(" + strings.Join(texts, ", ") + ")"
}

func (w *writer) formatted(name string, b []byte) ([]byte, error) {
	out, err := format.Source(b)
	if err != nil {
		return nil, fmt.Errorf("internal error: %s: %w\n%s", name, err, b)
	}
	return out, nil
}

// copies is the declarations of kernels.go that are needed, with what they call.
func (w *writer) copies() (string, error) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, "kernels.go", kernelSource, parser.ParseComments)
	if err != nil {
		return "", fmt.Errorf("internal error: %w", err)
	}
	type piece struct {
		name string
		text string
		uses []string
	}
	var pieces []piece
	for _, d := range f.Decls {
		var doc *ast.CommentGroup
		name := ""
		switch d := d.(type) {
		case *ast.FuncDecl:
			doc, name = d.Doc, d.Name.Name
			if d.Recv != nil {
				name = "ranking" // its methods
			}
		case *ast.GenDecl:
			if d.Tok != token.TYPE {
				continue
			}
			doc, name = d.Doc, d.Specs[0].(*ast.TypeSpec).Name.Name
		}
		start := d.Pos()
		if doc != nil {
			start = doc.Pos()
		}
		p := piece{name: name, text: kernelSource[set.Position(start).Offset:set.Position(d.End()).Offset]}
		ast.Inspect(d, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				p.uses = append(p.uses, id.Name)
			}
			return true
		})
		pieces = append(pieces, p)
	}
	for again := true; again; {
		again = false
		for _, p := range pieces {
			if !w.kernels[p.name] {
				continue
			}
			for _, q := range pieces {
				if !w.kernels[q.name] && slices.Contains(p.uses, q.name) {
					w.kernels[q.name], again = true, true
				}
			}
		}
	}
	var b strings.Builder
	for _, p := range pieces {
		if w.kernels[p.name] {
			b.WriteString(p.text + "\n\n")
		}
	}
	return b.String(), nil
}

// test is model_test.go.
func (w *writer) test(o Options, given []*eager.Tensor) ([]byte, error) {
	names, kinds, _, _ := w.arguments()
	rows := 0
	if w.p.free {
		rows = given[0].Dim(0)
	}
	var b bytes.Buffer
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put("// Code generated by tapir's dynamic/gosrc. DO NOT EDIT.\n\npackage %s\n\nimport (\n_ \"embed\"\n\"encoding/binary\"\n\"math\"\n\"testing\"\n)\n", o.Package)
	put("//go:embed testdata/golden.bin\nvar golden []byte\n")
	put("// read takes n numbers from the golden file.\nfunc read[T float32 | int64 | bool](n int) []T {\nv := make([]T, n)")
	put("%s", `	for i := range v {
		switch p := any(&v[i]).(type) {
		case *float32:
			*p, golden = math.Float32frombits(binary.LittleEndian.Uint32(golden)), golden[4:]
		case *int64:
			*p, golden = int64(binary.LittleEndian.Uint64(golden)), golden[8:]
		case *bool:
			*p, golden = golden[0] != 0, golden[1:]
		}
	}
	return v
}

// distance is how far a number is from what it should be.
func distance[T float32 | int64 | bool](got, want T) float64 {
	switch g := any(got).(type) {
	case float32:
		w := float64(any(want).(float32))
		if float64(g) == w || math.IsNaN(float64(g)) && math.IsNaN(w) {
			return 0
		}
		return math.Abs(float64(g)-w) / math.Max(1, math.Abs(w))
	}
	if got != want {
		return math.Inf(1)
	}
	return 0
}

func compare[T float32 | int64 | bool](t *testing.T, name string, got, want []T) {
	t.Helper()
	for i := range want {
		if d := distance(got[i], want[i]); !(d <= 1e-5) {
			t.Fatalf("number %d of %s is %v, want %v", i, name, got[i], want[i])
		}
	}
}
`)
	put("// inputs are those that the model was recorded with, and outputs what it gave.\nvar (")
	order := append(slices.Clone(names[len(w.p.output):]), names[:len(w.p.output)]...)
	sizeAt := map[string]int{}
	for i, v := range append(slices.Clone(w.p.output), w.p.inputs...) {
		n := 1
		for _, d := range v.dims {
			n *= d.at(rows)
		}
		sizeAt[names[i]] = n
	}
	for _, n := range order {
		kind := strings.TrimPrefix(kinds[slices.Index(names, n)], "[]")
		put("golden%s = read[%s](%d)", strings.ToUpper(n), kind, sizeAt[n])
	}
	put(")\n")
	var call, fresh []string
	for i, n := range names {
		if i < len(w.p.output) {
			fresh = append(fresh, fmt.Sprintf("%s := make(%s, len(golden%s))", n, kinds[i], strings.ToUpper(n)))
			call = append(call, n)
		} else {
			call = append(call, "golden"+strings.ToUpper(n))
		}
	}
	build := "New()"
	if w.p.free {
		call = append(call, fmt.Sprint(rows))
		build = fmt.Sprintf("New(%d)", rows)
	}
	predict := fmt.Sprintf("m.Predict(%s)", strings.Join(call, ", "))
	put("func TestGolden(t *testing.T) {\nm := %s\n%s\nfor range 2 { // the second run finds memory that is not zero\nif err := %s; err != nil {\nt.Fatal(err)\n}", build, strings.Join(fresh, "\n"), predict)
	for _, n := range names[:len(w.p.output)] {
		put("compare(t, %q, %s, golden%s)", n, n, strings.ToUpper(n))
	}
	put("}\n}\n")
	put("func TestNothingIsAllocated(t *testing.T) {\nm := %s\n%s\nif n := testing.AllocsPerRun(10, func() {\nif err := %s; err != nil {\nt.Fatal(err)\n}\n}); n != 0 {\nt.Errorf(\"%%v allocations\", n)\n}\n}\n", build, strings.Join(fresh, "\n"), predict)
	put("func TestWrongLengthsAreRefused(t *testing.T) {\nm := %s\n%s\nif err := m.Predict(%s); err == nil {\nt.Error(\"an empty input was taken\")\n}\n}\n", build, strings.Join(fresh, "\n"),
		strings.Join(replaced(call, len(w.p.output), "nil"), ", "))
	put("func BenchmarkPredict(b *testing.B) {\nm := %s\n%s\nfor i := 0; i < b.N; i++ {\nif err := %s; err != nil {\nb.Fatal(err)\n}\n}\n}", build, strings.Join(fresh, "\n"), predict)
	return w.formatted("model_test.go", b.Bytes())
}

func replaced(list []string, i int, by string) []string {
	list = slices.Clone(list)
	list[i] = by
	return list
}
