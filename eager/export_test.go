package eager

import (
	"fmt"
	"testing"
)

// writer is an Emitter that keeps what it is told.
type writer struct {
	t      *testing.T
	kinds  []string
	consts int
	known  map[string]bool
}

func (w *writer) name(kind string) string {
	n := fmt.Sprintf("%s_%d", kind, len(w.known))
	w.known[n] = true
	return n
}

func (w *writer) Node(kind string, in []string, attrs []Attr) string {
	return w.Nodes(kind, in, attrs, 1)[0]
}

func (w *writer) Nodes(kind string, in []string, attrs []Attr, results int) []string {
	w.kinds = append(w.kinds, kind)
	for _, n := range in {
		if n != "" && !w.known[n] {
			w.t.Errorf("%s uses %q, which nobody made", kind, n)
		}
	}
	for _, a := range attrs {
		switch a.Value.(type) {
		case int, float64, string, []int, []float64, DType, *Tensor:
		default:
			w.t.Errorf("%s: attribute %s is a %T", kind, a.Name, a.Value)
		}
	}
	out := make([]string, results)
	for i := range out {
		out[i] = w.name(kind)
	}
	return out
}

func (w *writer) Const(x *Tensor) string {
	w.consts++
	return w.name("const")
}

func TestEveryOpCanBeExported(t *testing.T) {
	for _, op := range Ops() {
		t.Run(op.Name, func(t *testing.T) {
			if op.Export == nil {
				t.Fatal("has no Export")
			}
			for _, c := range op.Cases {
				w := &writer{t: t, known: map[string]bool{}}
				tensors := c.Inputs(1, Float32)
				in := make([]Value, len(tensors))
				for i, x := range tensors {
					in[i] = Value{w.name("x"), x.Shape(), x.DType()}
				}
				y := op.Apply(c.At, tensors)
				if out := op.Export(w, c.At, in, Value{"y", y.Shape(), y.DType()}); !w.known[out] {
					t.Errorf("result %q is not one of the nodes %v", out, w.kinds)
				}
				if len(w.kinds) == 0 {
					t.Error("wrote no node")
				}
				if c.At != (none{}) && len(op.Attrs(c.At)) == 0 {
					t.Errorf("attributes %+v are not listed", c.At)
				}
			}
		})
	}
}

func TestAttributesAreListedByName(t *testing.T) {
	attrs := OpNamed("Slice").Attrs(sliceAt{1, 2, 3})
	if got := fmt.Sprint(attrs); got != "[{Axis 1} {Lo 2} {Hi 3}]" {
		t.Errorf("got %s", got)
	}
}
