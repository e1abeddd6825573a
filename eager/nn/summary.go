package nn

import (
	"fmt"
	"html"
	"reflect"
	"runtime"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// A Table lists the layers of a network. It shows as text or as an HTML table.
type Table struct {
	Rows   []Row
	Input  eager.Shape
	Output eager.Shape
	Params int // numbers that are learned, each counted once
	Bytes  int // memory of parameters and buffers
}

// A Row is one layer.
type Row struct {
	Name   string      // the path to the layer, "" for the network itself
	Kind   string      // its type, such as "Linear"
	Depth  int         // how many layers it lies within
	Output eager.Shape // nil where it is not known
	Params int         // numbers that it learns, parts included
}

// Summary lists the layers that l is made of, with the shapes of their results for a float32 input of that shape, and
// their numbers of parameters. It runs l once on zeros, in Eval. The result of a layer within a layer of one's own is
// known when it has a weight; within Seq always.
func Summary(l Layer, input ...int) *Table { return SummaryOf(l, eager.Zeros(input...)) }

// SummaryOf is Summary for an input of any kind, such as the indices that Embedding wants.
func SummaryOf(l Layer, x *eager.Tensor) *Table {
	w := look(l)
	t := &Table{Input: x.Shape(), Params: Count(l)}
	for _, s := range w.slots {
		t.Bytes += s.tensor.Size() * s.tensor.DType().Size()
	}
	outputs := map[Layer]eager.Shape{} // for layers that can be keys
	made := map[*eager.Tensor]eager.Shape{}
	evaluating(l, func() {
		var events []eager.Event
		eager.NoGrad(func() {
			events = eager.Trace(func() {
				y := follow(l, x, outputs)
				t.Output = y.Shape()
			})
		})
		for _, e := range events {
			if e.Op == nil {
				continue
			}
			for _, x := range e.In {
				if made[x] == nil {
					made[x] = e.Out.Shape()
				}
			}
		}
	})
	for _, p := range w.parts {
		row := Row{Name: p.name, Kind: kind(p.layer), Depth: p.depth, Params: Count(p.layer)}
		if hashable(p.layer) {
			row.Output = outputs[p.layer]
		}
		if params := p.layer.Params(); row.Output == nil && len(params) > 0 {
			if weight := params[0]; weight != nil && plain(p.layer) {
				row.Output = made[weight]
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// follow is l.Forward(x), and notes the results of l and of the parts of each Seq.
func follow(l Layer, x *eager.Tensor, outputs map[Layer]eager.Shape) *eager.Tensor {
	if s, ok := l.(*Seq); ok {
		for _, part := range s.Layers {
			x = follow(part, x, outputs)
		}
	} else {
		x = l.Forward(x)
	}
	if hashable(l) {
		outputs[l] = x.Shape()
	}
	return x
}

// plain tells whether the first op that sees the first parameter of l makes its result, up to a bias.
func plain(l Layer) bool {
	switch l.(type) {
	case *Linear, *Conv2d, *ConvTranspose2d, *Embedding:
		return true
	}
	return false
}

func hashable(l Layer) bool { return reflect.TypeOf(l).Comparable() }

// kind is the name of a layer's type, or of the function that it is made of.
func kind(l Layer) string {
	if f, ok := l.(*function); ok {
		name := runtime.FuncForPC(reflect.ValueOf(f.f).Pointer()).Name()
		name = name[strings.LastIndexByte(name, '/')+1:]
		if own, ok := strings.CutPrefix(name, "nn."); ok && !strings.Contains(own, ".") {
			return own
		}
		return "Func"
	}
	switch l.(type) {
	case *wrapped:
		return "Wrap"
	case *joined:
		return "Join"
	}
	t := structOf(l)
	return t.Name()
}

// String is the table with aligned columns.
func (t *Table) String() string {
	lines := [][4]string{{"layer", "kind", "output", "params"}}
	for _, r := range t.Rows {
		lines = append(lines, r.cells())
	}
	var width [4]int
	for _, line := range lines {
		for i, cell := range line {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&b, "%-*s  %-*s  %-*s  %*s\n", width[0], line[0], width[1], line[1], width[2], line[2], width[3], line[3])
	}
	b.WriteString(t.total())
	return b.String()
}

func (r Row) cells() [4]string {
	output := ""
	if r.Output != nil {
		output = r.Output.String()
	}
	name := r.Name
	if name == "" {
		name = "."
	}
	return [4]string{strings.Repeat("  ", r.Depth) + name, r.Kind, output, thousands(r.Params)}
}

func (t *Table) total() string {
	return fmt.Sprintf("%v -> %v, %s parameters, %s bytes", t.Input, t.Output, thousands(t.Params), thousands(t.Bytes))
}

// MIME is the table as text and as HTML.
func (t *Table) MIME() map[string]any {
	var b strings.Builder
	b.WriteString("<table><tr><th>layer</th><th>kind</th><th>output</th><th>params</th></tr>")
	for _, r := range t.Rows {
		b.WriteString("<tr>")
		for i, cell := range r.cells() {
			style := "text-align:left;white-space:pre"
			if i == 3 {
				style = "text-align:right"
			}
			fmt.Fprintf(&b, `<td style="%s">%s</td>`, style, html.EscapeString(cell))
		}
		b.WriteString("</tr>")
	}
	fmt.Fprintf(&b, "</table><div>%s</div>", html.EscapeString(t.total()))
	return map[string]any{"text/plain": t.String(), "text/html": b.String()}
}

// thousands is n with a comma after each three digits.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
