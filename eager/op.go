package eager

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"

	"github.com/tapir-go/tapir/eager/internal/array"
	"github.com/tapir-go/tapir/eager/internal/pool"
)

// def declares one primitive op with attributes of type A. All that the library knows about the op hangs off this value.
type def[A any] struct {
	Name string // as docs and graphs spell it
	As   string // as users spell it, and errors therefore; Name when empty
	Args string // a letter for each argument: f float, n number, a anything, i int64, b bool; * after the last repeats it

	// Shape is the shape of the result. The Error that it returns need not know the op.
	Shape func(a A, in []Shape) (Shape, error)
	// Eval computes the result. The arguments are checked and must not be changed; the result may be a view of one.
	Eval func(a A, in []*array.Array, out Shape) array.Array
	// Save is Eval for a call that is recorded: what it returns besides is for Fast to find in y.node.saved. nil: Eval does.
	Save func(a A, in []*array.Array, out Shape) (y, saved array.Array)
	// Grad is the gradient of argument i, given the result y and its gradient g, in ops of this library; nil: the op has none.
	// A nil tensor means that argument i has none.
	Grad func(a A, i int, in []*Tensor, y, g *Tensor) *Tensor
	// Fast is Grad for the case that the gradient itself is not recorded; nil: Grad does.
	Fast func(a A, i int, in []*Tensor, y, g *Tensor) *Tensor
	// Together is Fast for all arguments at once, nil where in[i].grad is false; it stands in place of Fast.
	Together func(a A, in []*Tensor, y, g *Tensor) []*Tensor
	// Blind says that Grad does not look at the numbers of the arguments, so that they may change in place before it runs.
	Blind bool

	// Flops is the number of additions and multiplications of a call, for Profile; nil: as many as there are numbers.
	Flops func(a A, in []Shape, out Shape) float64

	ONNX  func(e Emitter, a A, in []Value, out Value) string
	Cases []sample[A]

	// unary and binary are shortcuts for contiguous float32 arguments of one shape.
	unary  func(dst, x []float32)
	binary func(dst, x, y []float32)
}

// sample is a call for the checks of gradients, shapes and exports.
type sample[A any] struct {
	at     A
	in     []Shape
	lo, hi float64 // range of the random numbers; both 0 means -2 to 2
	below  int     // integers are 0 to below-1
}

// none is the attributes of an op that has none.
type none struct{}

// prim is a declared op, ready to be called.
type prim[A any] struct {
	def[A]
	op *Op
}

// Op is the face of a declaration that exporters, checks and documentation see.
type Op struct {
	Name           string
	Args           int  // number of tensor arguments; -1: any number
	Differentiable bool // whether gradients flow through it
	Cases          []Case
	// Export writes one call of the op, whose arguments have been written already, and returns the name of its result.
	// nil when no format has a place for the op.
	Export func(e Emitter, at any, in []Value, out Value) string
	// Apply runs the op on other arguments with the attributes of a recorded call.
	Apply func(at any, in []*Tensor) *Tensor
	// Shape is the shape that the result would have, or an *Error.
	Shape func(at any, in []Shape) (Shape, error)

	kinds string
	blind bool
	grad  func(at any, i int, in []*Tensor, y, g *Tensor) *Tensor
	fast  func(at any, i int, in []*Tensor, y, g *Tensor) *Tensor

	together func(at any, in []*Tensor, y, g *Tensor) []*Tensor
	flops    func(at any, in []Shape, out Shape) float64
}

// Case is one ready-made call of an op, for checks.
type Case struct {
	At     any
	In     []Shape
	Kinds  string  // a letter for each argument: f float, n number, a anything, i int64, b bool
	Lo, Hi float64 // range of the numbers
	Below  int     // integer arguments are indices in 0 to Below-1
}

// Inputs are arguments for the case, made from seed; those that are numbers are of kind d.
func (c Case) Inputs(seed uint64, d DType) []*Tensor {
	r := NewRand(seed)
	in := make([]*Tensor, len(c.In))
	for i, s := range c.In {
		switch c.Kinds[i] {
		case 'i':
			in[i] = r.Ints(c.Below, s...)
		case 'b':
			in[i] = r.Bernoulli(0.5, s...).To(Bool)
		default:
			v := make([]float64, s.Size())
			for k := range v {
				v[k] = c.Lo + (c.Hi-c.Lo)*r.Float64()
			}
			in[i] = FromFloat64(v, s...).To(d)
		}
	}
	return in
}

var registry []*Op

// Ops lists every primitive op, in the order of declaration.
func Ops() []*Op { return append([]*Op(nil), registry...) }

// OpNamed is the op of that name, or nil.
func OpNamed(name string) *Op {
	for _, op := range registry {
		if op.Name == name {
			return op
		}
	}
	return nil
}

// define files d. It is called in func init: at package level it would be an initialisation cycle.
func define[A any](d def[A]) *prim[A] {
	if d.As == "" {
		d.As = d.Name
	}
	kinds := strings.TrimSuffix(d.Args, "*")
	op := &Op{Name: d.Name, Args: len(kinds), Differentiable: d.Grad != nil, kinds: kinds, blind: d.Blind}
	if kinds != d.Args {
		op.Args = -1
	}
	p := &prim[A]{d, op}
	op.Apply = func(at any, in []*Tensor) *Tensor { return p.many(at.(A), in) }
	op.Shape = func(at any, in []Shape) (Shape, error) {
		s, err := d.Shape(at.(A), in)
		return s, named(err, d.As)
	}
	if d.ONNX != nil {
		op.Export = func(e Emitter, at any, in []Value, out Value) string { return d.ONNX(e, at.(A), in, out) }
	}
	if d.Grad != nil {
		op.grad = func(at any, i int, in []*Tensor, y, g *Tensor) *Tensor { return d.Grad(at.(A), i, in, y, g) }
	}
	if d.Fast != nil {
		op.fast = func(at any, i int, in []*Tensor, y, g *Tensor) *Tensor { return d.Fast(at.(A), i, in, y, g) }
	}
	if d.Together != nil {
		op.together = func(at any, in []*Tensor, y, g *Tensor) []*Tensor { return d.Together(at.(A), in, y, g) }
	}
	if d.Flops != nil {
		op.flops = func(at any, in []Shape, out Shape) float64 { return d.Flops(at.(A), in, out) }
	}
	for _, s := range d.Cases {
		c := Case{At: s.at, In: s.in, Lo: s.lo, Hi: s.hi, Below: s.below}
		if c.Lo == c.Hi {
			c.Lo, c.Hi = -2, 2
		}
		for i := range s.in {
			c.Kinds += string(op.kind(i))
		}
		op.Cases = append(op.Cases, c)
	}
	registry = append(registry, op)
	return p
}

// kind is what argument i must be.
func (op *Op) kind(i int) byte { return op.kinds[min(i, len(op.kinds)-1)] }

// Attrs lists the attributes of a recorded call by name, for labels and tooltips.
func (op *Op) Attrs(at any) []Attr {
	return fields(nil, reflect.ValueOf(at))
}

func fields(attrs []Attr, v reflect.Value) []Attr {
	if v.Kind() != reflect.Struct {
		return attrs
	}
	for i := range v.NumField() {
		switch f := v.Type().Field(i); {
		case f.Anonymous:
			attrs = fields(attrs, v.Field(i))
		case f.IsExported():
			attrs = append(attrs, Attr{f.Name, v.Field(i).Interface()})
		}
	}
	return attrs
}

// named gives the Error of a shape rule its op.
func named(err error, op string) error {
	var e *Error
	if errors.As(err, &e) && e.Op == "" {
		c := *e
		c.Op = op
		return &c
	}
	return err
}

// frame is what a call hands to the functions of a declaration. Frames are reused.
type frame struct {
	in     [3]*Tensor
	shapes [3]Shape
	arrays [3]*array.Array
}

var frames = sync.Pool{New: func() any { return new(frame) }}

func (p *prim[A]) one(a A, x *Tensor) *Tensor {
	begin()
	if p.unary != nil && quick(x) {
		if n := x.a.Size(); n <= quickSize && !interrupted.Load() {
			m, in := modes.Get(), [1]*Tensor{x}
			z := p.place(m, a, in[:], x.a.Shape, n)
			p.unary(z.a.Floats(n), x.a.Floats(n))
			return p.note(m, a, in[:], z)
		}
	}
	f := frames.Get().(*frame)
	f.in[0] = x
	return p.run(a, f, 1)
}

func (p *prim[A]) two(a A, x, y *Tensor) *Tensor {
	begin()
	if p.binary != nil && quick(x) && quick(y) && array.Equal(x.a.Shape, y.a.Shape) {
		if n := x.a.Size(); n <= quickSize && !interrupted.Load() {
			m, in := modes.Get(), [2]*Tensor{x, y}
			z := p.place(m, a, in[:], x.a.Shape, n)
			p.binary(z.a.Floats(n), x.a.Floats(n), y.a.Floats(n))
			return p.note(m, a, in[:], z)
		}
	}
	f := frames.Get().(*frame)
	f.in[0], f.in[1] = x, y
	return p.run(a, f, 2)
}

func (p *prim[A]) three(a A, x, y, z *Tensor) *Tensor {
	begin()
	f := frames.Get().(*frame)
	f.in[0], f.in[1], f.in[2] = x, y, z
	return p.run(a, f, 3)
}

// quickSize is the largest number of elements that the shortcuts of one and two take.
const quickSize = 1 << 14

func quick(x *Tensor) bool {
	return x != nil && x.a.DType == array.Float32 && x.a.Strides == nil && !x.a.Store.Freed
}

func (p *prim[A]) run(a A, f *frame, n int) *Tensor {
	p.check(f.in[:n])
	for i, x := range f.in[:n] {
		f.shapes[i], f.arrays[i] = x.a.Shape, &x.a
	}
	y := p.call(a, f.in[:n], f.arrays[:n], p.shape(a, f.shapes[:n]))
	runtime.KeepAlive(f)
	*f = frame{}
	frames.Put(f)
	return y
}

// call computes the result of checked arguments.
func (p *prim[A]) call(a A, in []*Tensor, arrays []*array.Array, shape Shape) *Tensor {
	if pool.Limit() > 0 {
		defer withSizes(p.As, in)
	}
	if p.Save == nil || !recorded(in) {
		return finish(p, a, p.Eval(a, arrays, shape), in)
	}
	out, saved := p.Save(a, arrays, shape)
	y := finish(p, a, out, in)
	y.node.saved = result(modes.Get(), saved)
	return y
}

func (p *prim[A]) many(a A, in []*Tensor) *Tensor {
	begin()
	if p.op.Args >= 0 && len(in) != p.op.Args {
		fail(p.As, "", "got %d tensors: want %d", len(in), p.op.Args)
	}
	in = append([]*Tensor(nil), in...)
	p.check(in)
	shapes, arrays := make([]Shape, len(in)), make([]*array.Array, len(in))
	for i, x := range in {
		shapes[i], arrays[i] = x.a.Shape, &x.a
	}
	y := p.call(a, in, arrays, p.shape(a, shapes))
	runtime.KeepAlive(in)
	return y
}

func (p *prim[A]) shape(a A, in []Shape) Shape {
	out, err := p.Shape(a, in)
	if err != nil {
		panic(named(err, p.As))
	}
	checkSize(p.As, out)
	return out
}

// recorded says whether a call with these arguments is noted for gradients.
func recorded(in []*Tensor) bool {
	if m := modes.Get(); m != nil && m.noGrad {
		return false
	}
	for _, x := range in {
		if x.grad {
			return true
		}
	}
	return false
}

// check holds the arguments to the kinds that the declaration wants.
func (p *prim[A]) check(in []*Tensor) {
	if stopped() {
		panic(Interrupted)
	}
	var first *Tensor
	for i, x := range in {
		x.check(p.As)
		k, d := p.op.kind(i), x.dtype()
		ok, want := true, ""
		switch k {
		case 'f':
			ok, want = d.IsFloat(), "a float tensor"
		case 'n':
			ok, want = d != Bool, "numbers"
		case 'i':
			ok, want = d == Int64, "an i64 tensor"
		case 'b':
			ok, want = d == Bool, "a bool tensor"
		}
		if !ok {
			hint := ""
			switch {
			case k == 'i':
				hint = "x.To(eager.Int64)"
			case k != 'b':
				hint = "x.To(eager.Float32)"
			}
			fail(p.As, hint, "cannot take %v%v: want %s", d, x.shape(), want)
		}
		if k == 'i' || k == 'b' {
			continue
		}
		if first == nil {
			first = x
		} else if first.a.DType != x.a.DType {
			fail(p.As, fmt.Sprintf("bring both to one kind, as in x.To(eager.%s)", goName(first.dtype())),
				"cannot mix %v%v and %v%v", first.dtype(), first.shape(), d, x.shape())
		}
	}
}

func goName(d DType) string {
	return [...]string{"Float32", "Float64", "Int64", "Uint8", "Bool"}[d]
}

// result is the tensor of numbers that an op or a gradient made in mode m: unlike a leaf's they may be given back early.
func result(m *mode, out array.Array) *Tensor {
	y := &Tensor{a: out}
	y.handOut(m)
	return y
}

// handOut settles who gives back the memory of the result y.
func (y *Tensor) handOut(m *mode) {
	if s := y.a.Store; s.Pooled() {
		if m != nil && m.keeper != nil {
			m.keeper.made(y)
		} else if s.Owner == nil {
			s.Track()
		}
	}
}

// records says whether a call of p with these arguments is noted for gradients in mode m.
func (p *prim[A]) records(m *mode, in []*Tensor) bool {
	if p.Grad == nil || m != nil && m.noGrad {
		return false
	}
	for _, x := range in {
		if x.grad {
			return true
		}
	}
	return false
}

// finish makes the tensor of a result and notes how it came about, where somebody wants to know.
func finish[A any](p *prim[A], a A, out array.Array, in []*Tensor) *Tensor {
	m := modes.Get()
	var y *Tensor
	if p.records(m, in) {
		y = newRecorded(p.op, a, in, out)
	} else {
		y = &Tensor{a: out}
	}
	return p.note(m, a, in, y)
}

// note hands the result y out, and shows it to a trace.
func (p *prim[A]) note(m *mode, a A, in []*Tensor, y *Tensor) *Tensor {
	y.handOut(m)
	if m != nil {
		if m.profile != nil {
			m.profile.ended(p.op, a, in, y)
		}
		if m.trace != nil {
			m.trace.add(p.op, a, in, y)
		}
		m.watch.note(in, y)
	}
	for _, x := range in {
		runtime.KeepAlive(x)
	}
	return y
}

// place is where the shortcuts of one and two put their result, of n elements.
func (p *prim[A]) place(m *mode, a A, in []*Tensor, shape Shape, n int) *Tensor {
	switch record := p.records(m, in); {
	case record:
		return newRecorded(p.op, a, in, array.New(array.Float32, shape))
	case n <= array.LeastBytes/4:
		t := &leastTensor{}
		t.a.Shape, t.a.Store = shape, t.numbers.Init(4*n) // of Float32, which is 0
		return &t.Tensor
	case n <= array.TinyBytes/4:
		t := &tinyTensor{}
		t.a.Shape, t.a.Store = shape, t.numbers.Init(4*n)
		return &t.Tensor
	}
	return &Tensor{a: array.New(array.Float32, shape)}
}

// leastTensor and tinyTensor are a tensor with its numbers, in one allocation. It is not on the tape: a view of the numbers must
// not hold on to that.
type leastTensor struct {
	Tensor
	numbers array.Least
}

type tinyTensor struct {
	Tensor
	numbers array.Tiny
}
