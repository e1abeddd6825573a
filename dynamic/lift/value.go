package lift

import (
	"go/ast"
	"go/constant"
	"reflect"

	"github.com/tapir-go/tapir/eager"
)

// value is what an expression of the function is while it is lifted: known, or a value of the program.
//
//	untyped     a constant without a type
//	known       a Go value that is known: numbers, strings, captured variables, tensors made of known numbers
//	*tensor     a tensor of the program
//	*number     an int, float64, float32 or bool of the program
//	*array      a slice or array whose length is known
//	*sequence   a slice whose length is known at run time only
//	*object     a struct of the lifted source; pointers to it are the same
//	*closure, *method, builtin, *kind (a type), pkg (a package), null (nil), tuple (several results), undefined
type value any

type (
	untyped   struct{ c constant.Value }
	known     struct{ v reflect.Value }
	builtin   string
	pkg       string // its import path
	null      struct{}
	undefined struct{} // a result that no return has given so far
	tuple     []value
)

// tensor is a tensor of the program, with the size of each axis.
type tensor struct {
	v     *Value
	block *Block // where it is made; nil: everywhere
	dims  []size
	maybe bool // it may be nil
}

// number is a Go number of the program.
type number struct {
	v     *Value
	block *Block
	size  *size               // an int that is a sum of sizes
	test  func(side int) bool // a bool about sizes
}

// array is a slice of known length; slices of it share the variables.
type array struct {
	elem  *kind // nil when not known
	elems []*variable
	fixed bool // an array of Go, copied when assigned
}

// sequence is a slice of unknown length: its elements, all of one shape, stacked along a first axis.
type sequence struct {
	v     *Value
	block *Block
	n     size
	dims  []size // of an element
	elem  *kind  // nil: tensors
}

// object is a struct.
type object struct {
	kind    *kind
	fields  []*variable
	pointer bool // reached through a pointer, hence not copied when assigned
}

// closure is a function of the source.
type closure struct {
	name  string
	typ   *ast.FuncType
	body  *ast.BlockStmt
	env   *scope
	recv  *ast.FieldList
	bound value // of recv
	depth int
}

// method is a method of a value that is no function of the source.
type method struct {
	recv value
	name string
}

// kind is a type.
type kind struct {
	name   string
	rt     reflect.Type // of a basic type or one of a package; nil for those of the source
	elem   *kind        // of a slice, array or pointer
	length int          // of an array; -1 of a slice
	ptr    bool
	fields []field // of a struct
	fn     bool
}

type field struct {
	name string
	kind *kind
}

var (
	tensorType = reflect.TypeFor[*eager.Tensor]()
	basics     = map[string]*kind{}
)

func init() {
	for name, v := range map[string]any{
		"int": 0, "int8": int8(0), "int16": int16(0), "int32": int32(0), "int64": int64(0), "uint": uint(0), "uint8": uint8(0), "byte": uint8(0), "uint16": uint16(0),
		"uint32": uint32(0), "uint64": uint64(0), "float64": 0.0, "float32": float32(0), "bool": false, "string": "", "rune": rune(0),
	} {
		basics[name] = &kind{name: name, rt: reflect.TypeOf(v), length: -1}
	}
}

// variable is a variable of the source, a field or an element.
type variable struct {
	name string
	val  value
	kind *kind
	born int // in the order in which variables are made
}

// scope is the names that a block declares.
type scope struct {
	outer *scope
	names map[string]*variable
}

func (s *scope) find(name string) *variable {
	for ; s != nil; s = s.outer {
		if v := s.names[name]; v != nil {
			return v
		}
	}
	return nil
}

func inner(s *scope) *scope { return &scope{outer: s, names: map[string]*variable{}} }

// journal is what a piece of the function changed: for each variable that was there before it, the value before and after.
type journal struct {
	start int
	order []*variable
	old   map[*variable]value
	now   map[*variable]value
}

func (j *journal) value(v *variable) value {
	if x, ok := j.now[v]; ok {
		return x
	}
	return v.val
}

// set changes a variable.
func (l *lifter) set(v *variable, x value) {
	if n := len(l.journals); n > 0 {
		j := l.journals[n-1]
		if _, ok := j.old[v]; !ok && v.born < j.start {
			j.old[v] = v.val
			j.order = append(j.order, v)
		}
	}
	v.val = x
}

func (l *lifter) variable(name string, x value) *variable {
	l.born++
	return &variable{name: name, val: x, born: l.born}
}

// aside runs f in block b and takes back what it changes; the journal has it.
func (l *lifter) aside(b *Block, f func()) *journal {
	j := &journal{start: l.born + 1, old: map[*variable]value{}}
	l.within(b, j, f)
	return j
}

// resume goes on where aside ended.
func (l *lifter) resume(b *Block, j *journal, f func()) {
	l.within(b, j, func() {
		for _, v := range j.order {
			v.val = j.now[v]
		}
		f()
	})
}

func (l *lifter) within(b *Block, j *journal, f func()) {
	blocks, journals := l.blocks, l.journals
	l.blocks, l.journals = append(l.blocks, b), append(l.journals, j)
	undo := func() {
		j.now = map[*variable]value{}
		for _, v := range j.order {
			j.now[v] = v.val
			v.val = j.old[v]
		}
		l.blocks, l.journals = blocks, journals
	}
	defer undo() // also when the piece is refused: another way may be tried
	f()
}

// in runs f with block b as the one that nodes go to.
func (l *lifter) in(b *Block, f func()) {
	blocks := l.blocks
	l.blocks = append(l.blocks, b)
	defer func() { l.blocks = blocks }()
	f()
}

func (l *lifter) block() *Block { return l.blocks[len(l.blocks)-1] }

// sees says whether what block b makes can be used now.
func (l *lifter) sees(b *Block) bool {
	for l.joined[b] != nil {
		b = l.joined[b]
	}
	if b == nil {
		return true
	}
	for _, x := range l.blocks {
		if x == b {
			return true
		}
	}
	return false
}

// identical says whether two values are the same without a look at run time.
func identical(a, b value) bool {
	switch x := a.(type) {
	case untyped:
		y, ok := b.(untyped)
		return ok && x.c.Kind() == y.c.Kind() && x.c.ExactString() == y.c.ExactString()
	case known:
		y, ok := b.(known)
		if !ok || x.v.Type() != y.v.Type() {
			return false
		}
		switch x.v.Kind() {
		case reflect.Slice, reflect.Map, reflect.Func:
			return x.v.Pointer() == y.v.Pointer() && (x.v.Kind() != reflect.Slice || x.v.Len() == y.v.Len())
		}
		return x.v.Comparable() && x.v.Equal(y.v)
	case tuple:
		return false
	case *array:
		y, ok := b.(*array)
		if !ok || len(x.elems) != len(y.elems) {
			return false
		}
		for i := range x.elems {
			if x.elems[i] != y.elems[i] {
				return false
			}
		}
		return true
	case exits:
		y, ok := b.(exits)
		return ok && x.v == y.v && len(x.may) == len(y.may) && x.only() == y.only()
	}
	if _, ok := b.(tuple); ok {
		return false
	}
	if _, ok := b.(exits); ok {
		return false
	}
	return a == b
}
