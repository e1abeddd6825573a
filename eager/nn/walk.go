package nn

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unsafe"

	"github.com/tapir-go/tapir/eager"
)

// A Buffered layer has tensors that belong to its state but are not learned, as running statistics. Other tensors in
// the fields of a layer are not saved.
type Buffered interface {
	Layer
	Buffers() []*eager.Tensor
}

// A slot is a tensor of a layer's state and its dotted name, such as "0.weight".
type slot struct {
	name   string
	tensor *eager.Tensor
	buffer bool
	owner  Layer // the innermost layer that has it; nil where that is not known
	hidden bool  // no field leads to it: its own name is the end of name
}

// A part is a layer within another.
type part struct {
	name  string
	layer Layer
	depth int
}

// A walk goes over what a layer is made of, in the order of the fields.
type walk struct {
	params  map[*eager.Tensor]bool // what counts as a parameter
	buffers map[*eager.Tensor]bool
	slots   []slot
	parts   []part
	modes   []reflect.Value // fields Training
	names   map[string]bool
	seen    map[any]bool // pointers that have been visited, tensors included
}

var (
	layerType  = reflect.TypeFor[Layer]()
	tensorType = reflect.TypeFor[*eager.Tensor]()
)

// look walks over l.
func look(l Layer) *walk {
	if l == nil {
		panic(&eager.Error{Op: "nn", Text: "the layer is nil"})
	}
	w := &walk{
		params:  map[*eager.Tensor]bool{},
		buffers: map[*eager.Tensor]bool{},
		names:   map[string]bool{},
		seen:    map[any]bool{},
	}
	w.visit(reflect.ValueOf(l), "", nil, 0)
	return w
}

// visit looks at a value that is found at a place of that name.
func (w *walk) visit(v reflect.Value, name string, owner Layer, depth int) {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		w.visit(v.Elem(), name, owner, depth)
	case reflect.Pointer:
		w.pointer(v, name, owner, depth)
	case reflect.Struct:
		switch {
		case v.Type().Implements(layerType):
			w.layer(v.Interface().(Layer), v, name, depth)
		case v.CanAddr():
			w.pointer(v.Addr(), name, owner, depth)
		default:
			w.inside(v, name, owner, depth)
		}
	case reflect.Slice, reflect.Array:
		if !worthwhile(v.Type().Elem()) {
			return
		}
		for i := range v.Len() {
			w.visit(v.Index(i), join(name, fmt.Sprint(i)), owner, depth)
		}
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String || !worthwhile(v.Type().Elem()) {
			return
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			w.visit(v.MapIndex(key), join(name, key.String()), owner, depth)
		}
	}
}

func (w *walk) pointer(v reflect.Value, name string, owner Layer, depth int) {
	if v.IsNil() {
		return
	}
	if v.Type() == tensorType {
		w.tensor(v.Interface().(*eager.Tensor), name, owner)
		return
	}
	if v.Elem().Kind() != reflect.Struct {
		return
	}
	key := [2]any{v.UnsafePointer(), v.Type()}
	if w.seen[key] {
		return
	}
	w.seen[key] = true
	if v.Type().Implements(layerType) {
		w.layer(v.Interface().(Layer), v.Elem(), name, depth)
		return
	}
	w.inside(v.Elem(), name, owner, depth)
}

// inside visits the fields of a struct that is no layer itself: those without a name, and those of the package that the
// layer around it is from. Others (a lock, a connection, a data set) are not made of its layers.
func (w *walk) inside(v reflect.Value, name string, owner Layer, depth int) {
	if t := v.Type(); t.Name() == "" || owner != nil && t.PkgPath() == structOf(owner).PkgPath() {
		w.fields(v, name, owner, depth)
	}
}

// structOf is the type of l, or of what it points to.
func structOf(l Layer) reflect.Type {
	t := reflect.TypeOf(l)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// tensor notes x if it is part of the state.
func (w *walk) tensor(x *eager.Tensor, name string, owner Layer) {
	if x == nil || w.seen[x] || !w.params[x] && !w.buffers[x] {
		return
	}
	w.seen[x] = true
	for base, k := name, 2; w.names[name]; k++ {
		name = fmt.Sprintf("%s.%d", base, k)
	}
	w.names[name] = true
	w.slots = append(w.slots, slot{name: name, tensor: x, buffer: !w.params[x], owner: owner})
}

// layer visits a layer, whose struct is v.
func (w *walk) layer(l Layer, v reflect.Value, name string, depth int) {
	w.parts = append(w.parts, part{name, l, depth})
	params := l.Params()
	for _, p := range params {
		w.params[p] = true
	}
	if b, ok := l.(Buffered); ok {
		for _, x := range b.Buffers() {
			w.buffers[x] = true
		}
	}
	if parent, ok := l.(interface{ children() []Layer }); ok {
		for i, kid := range parent.children() {
			w.visit(reflect.ValueOf(kid), join(name, fmt.Sprint(i)), l, depth+1)
		}
	} else {
		w.fields(v, name, l, depth+1)
	}
	for i, p := range params { // those that no field leads to
		own := fmt.Sprintf("param.%d", i)
		if p != nil && p.Name() != "" {
			own = p.Name()
		}
		n := len(w.slots)
		w.tensor(p, join(name, own), l)
		for i := range w.slots[n:] {
			w.slots[n+i].hidden = true
		}
	}
}

// fields visits the fields of a struct.
func (w *walk) fields(v reflect.Value, name string, owner Layer, depth int) {
	t := v.Type()
	if !v.CanAddr() { // fields that are not exported can only be read through an address
		copied := reflect.New(t).Elem()
		copied.Set(v)
		v = copied
	}
	for i := range t.NumField() {
		f, field := t.Field(i), v.Field(i)
		if f.Name == "Training" && f.Type.Kind() == reflect.Bool || f.Name == "training" && f.Type.Kind() == reflect.Bool {
			w.modes = append(w.modes, reachable(field))
			continue
		}
		if !worthwhile(f.Type) {
			continue
		}
		at := join(name, fieldName(f.Name))
		if f.Anonymous {
			at = name
		}
		w.visit(reachable(field), at, owner, depth)
	}
}

// reachable makes a field that is not exported one that can be read and set.
func reachable(v reflect.Value) reflect.Value {
	if v.CanInterface() {
		return v
	}
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// worthwhile tells whether values of that type can hold tensors or layers.
func worthwhile(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Struct, reflect.Map:
		return true
	case reflect.Pointer:
		return t == tensorType || t.Elem().Kind() == reflect.Struct
	case reflect.Slice, reflect.Array:
		return worthwhile(t.Elem())
	}
	return false
}

// fieldName is the name of a field in states: RunningMean is running_mean.
func fieldName(field string) string {
	name := []rune(field)
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) {
			if i > 0 && !unicode.IsUpper(name[i-1]) && name[i-1] != '_' {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (s *Seq) children() []Layer    { return s.Layers }
func (l *joined) children() []Layer { return l.Layers }

// children are none: the parameters keep their own names.
func (l *wrapped) children() []Layer { return nil }

// Train sets the layer and all that it is made of to training: BatchNorm uses the batch, Dropout drops. Layers are in
// training when they are made.
func Train(l Layer) { setTraining(l, true) }

// Eval sets the layer and all that it is made of to use: BatchNorm uses its running statistics, Dropout drops nothing.
func Eval(l Layer) { setTraining(l, false) }

func setTraining(l Layer, on bool) {
	for _, v := range look(l).modes {
		v.SetBool(on)
	}
}

// evaluating runs f with l in Eval, and brings back the mode of each part.
func evaluating(l Layer, f func()) {
	modes := look(l).modes
	before := make([]bool, len(modes))
	for i, v := range modes {
		before[i] = v.Bool()
		v.SetBool(false)
	}
	defer func() {
		for i, v := range modes {
			v.SetBool(before[i])
		}
	}()
	f()
}

// Freeze keeps the parameters of l from being learned: no gradient is computed for them. Unfreeze is the opposite.
func Freeze(l Layer) { setGrad(l, false) }

// Unfreeze makes the parameters of l learn again.
func Unfreeze(l Layer) { setGrad(l, true) }

func setGrad(l Layer, on bool) {
	for _, p := range l.Params() {
		p.SetRequiresGrad(on)
	}
}

// Count is the number of numbers that l learns.
func Count(l Layer) int {
	n := 0
	for _, p := range l.Params() {
		n += p.Size()
	}
	return n
}
