package gosrc

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// elementwise is how operators on single numbers are written; %[1]s and so on are the arguments.
var elementwise = map[string]func(w *writer, s *step, a []string) string{
	"Add": form("(%s + %s)"), "Sub": form("(%s - %s)"), "Mul": form("(%s * %s)"), "Div": form("(%s / %s)"),
	"Pow": calls("pow"), "Max": form("max(%s, %s)"), "Min": form("min(%s, %s)"),
	"Neg": form("(-%s)"), "Reciprocal": form("(1 / %s)"), "Relu": form("max(%s, 0)"),
	"Abs": calls("abs"), "Sign": calls("sign"), "Floor": calls("floor"), "Ceil": calls("ceil"), "Round": calls("round"),
	"Exp": calls("exp"), "Log": calls("log"), "Sqrt": calls("sqrt"), "Erf": calls("erf"), "Sin": calls("sin"), "Cos": calls("cos"),
	"Tanh": calls("tanh"), "Sigmoid": calls("sigmoid"), "Softplus": calls("softplus"),
	"Equal": form("(%s == %s)"), "Less": form("(%s < %s)"), "LessOrEqual": form("(%s <= %s)"), "Greater": form("(%s > %s)"),
	"GreaterOrEqual": form("(%s >= %s)"), "And": form("(%s && %s)"), "Or": form("(%s || %s)"), "Not": form("(!%s)"),
	"IsNaN": form("(%[1]s != %[1]s)"), "Where": calls("pick"),
	"LeakyRelu": func(w *writer, s *step, a []string) string {
		w.kernels["leaky"] = true
		return fmt.Sprintf("leaky(%s, %s)", a[0], w.setting(s, "alpha", 0.01))
	},
	"Elu": func(w *writer, s *step, a []string) string {
		w.kernels["elu"] = true
		return fmt.Sprintf("elu(%s, %s)", a[0], w.setting(s, "alpha", 1))
	},
	"Clip": func(w *writer, s *step, a []string) string {
		x := a[0]
		if len(a) > 1 && a[1] != "" {
			x = fmt.Sprintf("max(%s, %s)", x, a[1])
		}
		if len(a) > 2 && a[2] != "" {
			x = fmt.Sprintf("min(%s, %s)", x, a[2])
		}
		return x
	},
	"Cast": castText,
	// With given statistics a batch norm is a multiple and a shift, both of which are constants.
	"BatchNormalization": func(w *writer, s *step, a []string) string { return fmt.Sprintf("(%s*%s + %s)", a[0], a[1], a[2]) },
}

func form(format string) func(w *writer, s *step, a []string) string {
	return func(w *writer, s *step, a []string) string {
		args := make([]any, len(a))
		for i := range a {
			args[i] = a[i]
		}
		if n := strings.Count(format, "%s"); n > 0 && n != len(a) {
			w.refuse("%d arguments", len(a))
		}
		return fmt.Sprintf(format, args...)
	}
}

func calls(name string) func(w *writer, s *step, a []string) string {
	return func(w *writer, s *step, a []string) string {
		w.kernels[name] = true
		return name + "(" + strings.Join(a, ", ") + ")"
	}
}

// setting is an attribute as a literal.
func (w *writer) setting(s *step, name string, otherwise float32) string {
	now := w.now
	w.now = s
	v := w.float(name, otherwise)
	w.now = now
	return w.literal(float64(v), eager.Float32)
}

func castText(w *writer, s *step, a []string) string {
	from, to := s.in[0].kind, s.out[0].kind
	switch {
	case from == to:
		return a[0]
	case from == eager.Bool && to == eager.Float32:
		w.kernels["number"] = true
		return "number(" + a[0] + ")"
	case from == eager.Bool && to == eager.Int64:
		w.kernels["number"] = true
		return "int64(number(" + a[0] + "))"
	case to == eager.Bool:
		return "(" + a[0] + " != 0)"
	}
	return w.goType(to) + "(" + a[0] + ")"
}

// literal is a number as Go.
func (w *writer) literal(v float64, kind eager.DType) string {
	switch {
	case kind == eager.Bool:
		return fmt.Sprint(v != 0)
	case kind == eager.Int64:
		return fmt.Sprintf("int64(%d)", int64(v))
	case math.IsInf(v, 0) || math.IsNaN(v):
		if math.IsNaN(v) {
			return "float32(math.NaN())"
		}
		return fmt.Sprintf("float32(math.Inf(%d))", int(math.Copysign(1, v)))
	}
	s := "float32(" + strconv.FormatFloat(v, 'g', -1, 32) + ")"
	return s
}

// leaf is an argument of a fused loop that lies in memory.
type leaf struct {
	v    *val
	ref  string
	dims []size // of v, brought to the rank of the loop by ones in front
}

// operands brings the inputs of a step to what its expression takes.
func (w *writer) operands(s *step) []*val {
	if s.node.Kind != "BatchNormalization" {
		return s.in
	}
	now := w.now
	w.now = s
	defer func() { w.now = now }()
	for _, v := range s.in[1:5] {
		if v.data == nil {
			w.refuse("its statistics must be constant")
		}
	}
	scale := s.in[1].data.Div(s.in[4].data.Shift(float64(w.float("epsilon", 1e-5))).Sqrt())
	shift := s.in[2].data.Sub(s.in[3].data.Mul(scale))
	byChannel := func(x *eager.Tensor, name string) *val {
		dims := []size{{0, x.Size()}}
		for range len(s.in[0].dims) - 2 {
			x, dims = x.Unsqueeze(-1), append(dims, size{0, 1})
		}
		return &val{name: s.node.Name + "_" + name, kind: x.DType(), dims: dims, data: x}
	}
	return []*val{s.in[0], byChannel(scale, "scale"), byChannel(shift, "shift")}
}

// fused writes an elementwise step, with those that are inlined in it, as one loop.
func (w *writer) fused(s *step, inline map[*step]bool) {
	out := s.out[0]
	var leaves []*leaf
	w.leaves(s, inline, len(out.dims), &leaves)
	// Axes that all arguments have, or broadcast, together are one axis.
	has := func(l *leaf, a int) bool { return l.dims[a] == out.dims[a] }
	var groups [][]size
	var shares [][]bool // for each group: which leaves have it
	for a := range out.dims {
		share := make([]bool, len(leaves))
		for i, l := range leaves {
			if share[i] = has(l, a); !share[i] && l.dims[a] != (size{0, 1}) {
				w.refuse("shapes %s and %s", shapeText(l.dims), shapeText(out.dims))
			}
		}
		if out.dims[a] == (size{0, 1}) {
			continue
		}
		if k := len(groups) - 1; k >= 0 && slices.Equal(shares[k], share) {
			groups[k] = append(groups[k], out.dims[a])
		} else {
			groups, shares = append(groups, []size{out.dims[a]}), append(shares, share)
		}
	}
	index := func(l *leaf) string {
		i := slices.Index(leaves, l)
		var terms []string
		for k := range groups {
			if !shares[k][i] {
				continue
			}
			var inner []size
			for j := k + 1; j < len(groups); j++ {
				if shares[j][i] {
					inner = append(inner, groups[j]...)
				}
			}
			term := fmt.Sprintf("i%d", k)
			if t := text(inner); t != "1" {
				term += "*" + t
			}
			terms = append(terms, term)
		}
		if terms == nil {
			return "0"
		}
		return strings.Join(terms, "+")
	}
	at := map[*val]string{}
	for _, l := range leaves {
		at[l.v] = l.ref + "[" + index(l) + "]"
	}
	value := w.expression(s, inline, at)
	if len(groups) <= 1 {
		w.line("for i0 := range %s {", out.expr+sliced(out, groups))
		w.line("%s[i0] = %s\n}", out.expr, value)
		return
	}
	w.line("{\nat := 0")
	for k, g := range groups {
		w.line("for i%d := 0; i%d < %s; i%d++ {", k, k, text(g), k)
	}
	w.line("%s[at] = %s\nat++", out.expr, value)
	w.line("%s}", strings.Repeat("}\n", len(groups)))
}

// sliced is nothing for a loop over all of a value, and [:1] where that is a single number.
func sliced(v *val, groups [][]size) string {
	if len(groups) == 0 {
		return "[:1]"
	}
	return "[:" + text(v.dims) + "]"
}

func (w *writer) leaves(s *step, inline map[*step]bool, rank int, to *[]*leaf) {
	for _, v := range w.operands(s) {
		switch {
		case v == nil || v.data != nil && v.data.Size() == 1:
		case v.from != nil && inline[v.from] && v.data == nil:
			w.leaves(v.from, inline, rank, to)
		case !slices.ContainsFunc(*to, func(l *leaf) bool { return l.v.name == v.name }):
			if len(v.dims) > rank {
				w.refuse("an argument of shape %s", shapeText(v.dims))
			}
			dims := append(slices.Repeat([]size{{0, 1}}, rank-len(v.dims)), v.dims...)
			*to = append(*to, &leaf{v, w.ref(v), dims})
		}
	}
}

// expression is a step as Go, where at says how leaves are read.
func (w *writer) expression(s *step, inline map[*step]bool, at map[*val]string) string {
	var args []string
	for _, v := range w.operands(s) {
		switch {
		case v == nil:
			args = append(args, "")
		case v.data != nil && v.data.Size() == 1:
			args = append(args, w.literal(v.data.To(eager.Float64).Item(), v.kind))
		case v.from != nil && inline[v.from] && v.data == nil:
			args = append(args, w.expression(v.from, inline, at))
		default:
			for l, text := range at {
				if l.name == v.name {
					args = append(args, text)
				}
			}
		}
	}
	return elementwise[s.node.Kind](w, s, args)
}
