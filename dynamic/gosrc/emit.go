package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// writer turns a plan into source.
type writer struct {
	p       *plan
	body    strings.Builder   // of Predict
	kernels map[string]bool   // functions of kernels.go that are called
	consts  strings.Builder   // declarations of constants
	numbers []float32         // of weights.bin
	known   map[string]string // constants by name and form
	taken   map[string]bool   // identifiers
	slots   []*slot
	scratch [][]size // sizes that the scratch memory must have
	order   [][]size // and the order of topK
	now     *step
	ready   map[*val]bool // values that have a name in the source
}

// slot is a piece of working memory, used for one value after the other.
type slot struct {
	kind  eager.DType
	needs [][]size // dims of the values that are in it at times
	busy  bool
}

// refusal is the panic of a writer that meets what it has no source for.
type refusal struct{ text string }

func (w *writer) refuse(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if w.now != nil {
		where := ""
		if doc := w.now.node.Doc; doc != "" {
			where = doc + ": "
		}
		text = fmt.Sprintf("%s%s: %s", where, w.now.node.Kind, text)
	}
	panic(refusal{text})
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.body, format+"\n", args...) }

// call writes a call of a function of kernels.go.
func (w *writer) call(name, format string, args ...any) {
	w.kernels[name] = true
	w.line(name+"("+format+")", args...)
}

// aliases are the operators whose result has the numbers of their input.
var aliases = []string{"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"}

// emitAll writes all steps.
func (w *writer) emitAll() {
	p := w.p
	users := map[*val]*step{}
	for _, s := range p.steps {
		for _, v := range s.in {
			if v != nil {
				users[v] = s
			}
		}
		if slices.Contains(aliases, s.node.Kind) {
			s.out[0].alias = s.in[0]
		}
	}
	inline := map[*step]bool{}
	for _, s := range p.steps {
		if v := s.out[0]; elementwise[s.node.Kind] != nil && v.uses == 1 && users[v] != nil && elementwise[users[v].node.Kind] != nil &&
			slices.Equal(v.dims, users[v].out[0].dims) {
			inline[s] = true
		}
	}
	w.ready = map[*val]bool{}
	for i, v := range p.inputs {
		v.expr = w.identifier("x", i, len(p.inputs))
		w.ready[v] = true
	}
	direct := map[*val]string{} // values that are written to the caller's memory at once
	for i, v := range p.output {
		name := w.identifier("y", i, len(p.output))
		r := v.root()
		if r.from != nil && direct[r] == "" && !slices.Contains(p.inputs, r) {
			direct[r] = name
		}
	}
	var steps []*step
	for _, s := range p.steps {
		if s.out[0].alias == nil && !inline[s] {
			steps = append(steps, s)
		}
	}
	last := map[*val]int{}
	for i, s := range steps {
		for _, v := range w.reads(s, inline) {
			last[v.root()] = i
		}
	}
	for i, s := range steps {
		w.now = s
		for _, v := range s.out {
			if v == nil {
				continue
			}
			if name := direct[v]; name != "" {
				v.expr = name
			} else {
				w.allocate(v)
			}
			w.ready[v] = true
		}
		w.emit(s, inline)
		for _, v := range append(w.reads(s, inline), s.out...) {
			if v != nil && v.root().slot >= 0 && last[v.root()] <= i {
				w.slots[v.root().slot].busy = false
			}
		}
	}
	w.now = nil
	for i, v := range p.output {
		name := w.identifier("y", i, len(p.output))
		if r := v.root(); r.expr != name {
			w.line("copy(%s, %s)", name, w.ref(v))
		}
	}
}

func (w *writer) identifier(base string, i, of int) string {
	if of == 1 {
		return base
	}
	return fmt.Sprintf("%s%d", base, i)
}

// reads is the values in memory that a step reads, through the steps that are inlined in it.
func (w *writer) reads(s *step, inline map[*step]bool) (all []*val) {
	for k, v := range s.in {
		switch {
		case v == nil || v.data != nil || slices.Contains(shapeOnly[s.node.Kind], k):
		case v.from != nil && inline[v.from]:
			all = append(all, w.reads(v.from, inline)...)
		default:
			all = append(all, v)
		}
	}
	return all
}

// goType is the type of a number in the source.
func (w *writer) goType(d eager.DType) string {
	switch d {
	case eager.Float32:
		return "float32"
	case eager.Int64:
		return "int64"
	case eager.Bool:
		return "bool"
	}
	w.refuse("numbers of kind %v are not supported: want f32, i64 or bool", d)
	return ""
}

// allocate gives v a slot and a name.
func (w *writer) allocate(v *val) {
	w.goType(v.kind)
	at := slices.IndexFunc(w.slots, func(s *slot) bool { return !s.busy && s.kind == v.kind })
	if at < 0 {
		at = len(w.slots)
		w.slots = append(w.slots, &slot{kind: v.kind})
	}
	s := w.slots[at]
	s.busy, s.needs = true, append(s.needs, v.dims)
	v.slot = at
	v.expr = w.name("t_" + v.name)
	w.line("%s := m.s%d[:%s] // %s", v.expr, at, text(v.dims), shapeText(v.dims))
}

func shapeText(dims []size) string {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = d.String()
	}
	return "(" + strings.Join(parts, ",") + ")"
}

// name makes an identifier that is not taken.
func (w *writer) name(from string) string {
	var b strings.Builder
	for _, r := range from {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	name := b.String()
	for i := 2; w.taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", b.String(), i)
	}
	w.taken[name] = true
	return name
}

// ref is the numbers of a value as Go.
func (w *writer) ref(v *val) string {
	if v == nil {
		return "nil"
	}
	if v.data != nil {
		return w.constant(v.name, v.data)
	}
	if r := v.root(); w.ready[r] {
		return r.expr
	} else if r.data != nil {
		return w.constant(r.name, r.data)
	}
	panic(fmt.Sprintf("internal error: the value %q is read before it is there", v.name))
}

// constant declares numbers that are part of the package.
func (w *writer) constant(name string, x *eager.Tensor) string {
	key := name + " " + x.Shape().String()
	if known := w.known[key]; known != "" {
		return known
	}
	id := w.name("w_" + name)
	w.known[key] = id
	switch x.DType() {
	case eager.Int64:
		v := x.Ints()
		if len(v) > 4096 {
			w.refuse("a constant of %d whole numbers is too long for source", len(v))
		}
		fmt.Fprintf(&w.consts, "var %s = []int64{%s}\n", id, strings.Trim(strings.ReplaceAll(fmt.Sprint(v), " ", ", "), "[]"))
	case eager.Bool:
		v := x.Values()
		if len(v) > 4096 {
			w.refuse("a constant of %d bools is too long for source", len(v))
		}
		words := make([]string, len(v))
		for i, b := range v {
			words[i] = fmt.Sprint(b != 0)
		}
		fmt.Fprintf(&w.consts, "var %s = []bool{%s}\n", id, strings.Join(words, ", "))
	case eager.Float32:
		at := len(w.numbers)
		w.numbers = append(w.numbers, x.Float32s()...)
		fmt.Fprintf(&w.consts, "var %s = weights[%d:%d] // %s%v\n", id, at, len(w.numbers), name, x.Shape())
	default:
		w.goType(x.DType())
	}
	return id
}

// room is scratch memory for a product of sizes.
func (w *writer) room(dims ...size) string {
	w.scratch = append(w.scratch, dims)
	return "m.scratch"
}

// attributes of the node that is written.

func (w *writer) int(name string, otherwise int) int {
	for _, a := range w.now.node.Attrs {
		if v, ok := a.Value.(int64); ok && a.Name == name {
			return int(v)
		}
	}
	return otherwise
}

func (w *writer) float(name string, otherwise float32) float32 {
	for _, a := range w.now.node.Attrs {
		if v, ok := a.Value.(float32); ok && a.Name == name {
			return v
		}
	}
	return otherwise
}

func (w *writer) word(name, otherwise string) string {
	for _, a := range w.now.node.Attrs {
		if v, ok := a.Value.(string); ok && a.Name == name {
			return v
		}
	}
	return otherwise
}

func (w *writer) ints(name string) (v []int) {
	for _, a := range w.now.node.Attrs {
		if list, ok := a.Value.([]int64); ok && a.Name == name {
			for _, i := range list {
				v = append(v, int(i))
			}
		}
	}
	return v
}

// list is a constant input of whole numbers, or an attribute.
func (w *writer) list(i int, name string) []int {
	if i < len(w.now.in) && w.now.in[i] != nil {
		if x := w.now.in[i].data; x != nil {
			return x.Ints()
		}
		w.refuse("its input %d must be constant", i)
	}
	return w.ints(name)
}

func (w *writer) axis(name string, otherwise, rank int) int {
	a := w.int(name, otherwise)
	if a < 0 {
		a += rank
	}
	return a
}

// around cuts dims at an axis: what is before, at, and behind it.
func around(dims []size, a int) (outer, at, inner string) {
	return text(dims[:a]), dims[a].String(), text(dims[a+1:])
}
