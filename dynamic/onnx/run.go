package onnx

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// env is what running a graph needs besides its inputs.
type env struct {
	opset     int
	functions map[[2]string]*Function // by domain and name
	given     map[string]Attribute    // of the function that runs
	depth     int                     // of functions within functions
	rand      *eager.Rand
}

// scope is the values of one graph; names that it has not are those of the
// graph around it.
type scope struct {
	values map[string]value
	outer  *scope
}

func (s *scope) get(name string) value {
	for ; s != nil; s = s.outer {
		if v, ok := s.values[name]; ok {
			return v
		}
	}
	return value{}
}

// run computes a graph's outputs from its inputs inside of outer.
func (g *Graph) run(e *env, outer *scope, in []value) ([]value, error) {
	s := &scope{values: map[string]value{}, outer: outer}
	for i := range g.Initializers {
		v, err := decode(&g.Initializers[i])
		if err != nil {
			return nil, fmt.Errorf("initializer %q: %w", g.Initializers[i].Name, err)
		}
		s.values[g.Initializers[i].Name] = v
	}
	if len(in) != len(g.Inputs) {
		return nil, fmt.Errorf("the graph %q has %d inputs, %d were given", g.Name, len(g.Inputs), len(in))
	}
	for i, v := range in {
		s.values[g.Inputs[i].Name] = v
	}
	return s.through(e, g.Nodes, names(g.Outputs))
}

func names(vs []ValueInfo) []string {
	s := make([]string, len(vs))
	for i := range vs {
		s[i] = vs[i].Name
	}
	return s
}

// through runs nodes and gives the values of the names out.
func (s *scope) through(e *env, nodes []Node, out []string) ([]value, error) {
	for i := range nodes {
		if err := nodes[i].run(e, s); err != nil {
			return nil, fmt.Errorf("node %d %q (%s): %w", i, nodes[i].Name, nodes[i].Kind, err)
		}
	}
	results := make([]value, len(out))
	for i, name := range out {
		results[i] = s.get(name)
		if results[i].kind == missing {
			return nil, fmt.Errorf("output %q is computed by no node", name)
		}
	}
	return results, nil
}

func (n *Node) run(e *env, s *scope) (err error) {
	c := &call{node: n, env: e, scope: s}
	for _, name := range n.In {
		v := s.get(name)
		if v.kind == missing && name != "" {
			return fmt.Errorf("its input %q is not computed before it", name)
		}
		c.in = append(c.in, v)
	}
	if fn := e.functions[[2]string{n.Domain, n.Kind}]; fn != nil {
		results, err := fn.run(e, c)
		if err != nil {
			return err
		}
		c.out = results
	} else if err := c.operate(operators[n.Kind]); err != nil {
		return err
	}
	for i, name := range n.Out {
		if name == "" { // a result that nobody wants
			continue
		}
		if i >= len(c.out) || c.out[i].kind == missing {
			return fmt.Errorf("its output %d, %q, is not supported", i, name)
		}
		s.values[name] = c.out[i]
	}
	return nil
}

// operate runs an operator, and makes errors of what it does not accept.
func (c *call) operate(op operator) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case badNode:
			err = r
		case runtime.Error: // an index that the attributes or shapes do not have
			err = fmt.Errorf("its inputs %v and attributes do not fit together: %w", c.in, r)
		default:
			panic(r)
		}
	}()
	return eager.Try(func() {
		y := op(c)
		if y != nil {
			c.out = append([]value{c.typed(y)}, c.out...)
		}
	})
}

// typed gives an operator's result its type: that of the first input, unless
// its numbers are of another kind.
func (c *call) typed(y *eager.Tensor) value {
	t := c.as
	if t == 0 && len(c.in) > 0 && c.in[0].kind == tensor {
		if d, err := dtype(c.in[0].t); err == nil && (d == y.DType() || d == eager.Uint8 && y.DType() == eager.Int64) {
			t = c.in[0].t
		}
	}
	if t == 0 {
		t = elemType(y.DType())
	}
	return of(narrow(y, t), t)
}

// run computes a function's results.
func (fn *Function) run(e *env, c *call) ([]value, error) {
	if e.depth > deepest {
		return nil, fmt.Errorf("functions are nested more than %d deep", deepest)
	}
	inner := &env{opset: e.opset, functions: e.functions, given: map[string]Attribute{}, depth: e.depth + 1, rand: e.rand}
	if fn.Opset != 0 {
		inner.opset = int(fn.Opset)
	}
	for _, a := range fn.Defaults {
		inner.given[a.Name] = a
	}
	for _, a := range c.node.Attrs {
		if a.Ref != "" {
			a = e.given[a.Ref]
		}
		inner.given[a.Name] = a
	}
	s := &scope{values: map[string]value{}}
	for i, name := range fn.In {
		if i < len(c.in) && c.in[i].kind != missing {
			s.values[name] = c.in[i]
		}
	}
	return s.through(inner, fn.Nodes, fn.Out)
}

// badNode is the panic of a node that does not hold what its operator needs.
type badNode string

func (b badNode) Error() string { return string(b) }

// refuse ends an operator with an error.
func refuse(format string, args ...any) { panic(badNode(fmt.Sprintf(format, args...))) }

// call is one node being run. An operator gives its first result, nil where
// it sets all of them in out, and the others in out.
type call struct {
	node  *Node
	env   *env
	scope *scope
	in    []value
	as    ElemType // of the first result, where it is not that of the first input
	out   []value
}

// value is input i; it must be there.
func (c *call) value(i int) value {
	if i >= len(c.in) || c.in[i].kind == missing {
		refuse("it needs input %d", i)
	}
	return c.in[i]
}

// x is input i, which must be there and a tensor.
func (c *call) x(i int) *eager.Tensor {
	v := c.value(i)
	if v.kind != tensor {
		refuse("its input %d is %v, want a tensor", i, v)
	}
	return v.x
}

// all is all inputs, tensors that must be there.
func (c *call) all() []*eager.Tensor {
	xs := make([]*eager.Tensor, len(c.in))
	for i := range xs {
		xs[i] = c.x(i)
	}
	if len(xs) == 0 {
		refuse("it needs an input")
	}
	return xs
}

// optional is input i, nil when it is left out.
func (c *call) optional(i int) *eager.Tensor {
	if i >= len(c.in) || c.in[i].kind == missing {
		return nil
	}
	return c.x(i)
}

// number is the one number of input i, or otherwise when it is left out.
func (c *call) number(i int, otherwise float64) float64 {
	if x := c.optional(i); x != nil {
		return x.To(eager.Float64).Item()
	}
	return otherwise
}

// more adds results after the first.
func (c *call) more(vs ...value) { c.out = append(c.out, vs...) }

// attribute is the attribute of that name, nil when it is not given.
func (c *call) attribute(name string) any {
	for _, a := range c.node.Attrs {
		if a.Name != name {
			continue
		}
		if a.Ref != "" {
			a = c.env.given[a.Ref]
			if a.Name == "" {
				return nil // one that the function's caller left out
			}
		}
		if a.Value == nil {
			refuse("attribute %q has a type that is not supported", name)
		}
		return a.Value
	}
	return nil
}

func attr[T any](c *call, name string, otherwise T) T {
	a := c.attribute(name)
	if a == nil {
		return otherwise
	}
	v, ok := a.(T)
	if !ok {
		refuse("attribute %q is a %T, want %T", name, a, otherwise)
	}
	return v
}

// has says whether an attribute is given.
func has(c *call, name string) bool { return c.attribute(name) != nil }

func (c *call) int(name string, otherwise int64) int { return int(attr(c, name, otherwise)) }

func (c *call) float(name string, otherwise float32) float64 {
	return float64(attr(c, name, otherwise))
}

func (c *call) text(name, otherwise string) string { return attr(c, name, otherwise) }

// ints is an attribute of integers, nil when it is left out.
func (c *call) ints(name string) (v []int) {
	for _, i := range attr[[]int64](c, name, nil) {
		v = append(v, int(i))
	}
	return v
}

// graph is an attribute that is a graph.
func (c *call) graph(name string) *Graph {
	g := attr[*Graph](c, name, nil)
	if g == nil {
		refuse("it needs the attribute %q", name)
	}
	return g
}

// list is what an operator takes as input i or, in older versions, as an
// attribute of integers; nil when it is neither.
func (c *call) list(i int, name string) []int {
	if x := c.optional(i); x != nil {
		return x.Ints()
	}
	return c.ints(name)
}

// axis is the number of an axis of x, which may count from the end.
func axis(a, rank int) int {
	if a < -rank || a >= max(rank, 1) {
		refuse("axis %d is not one of %d axes", a, rank)
	}
	if a < 0 {
		a += rank
	}
	return a
}

// axesOf are sorted numbers of axes that may count from the end, each once.
func axesOf(axes []int, rank int) []int {
	axes = slices.Clone(axes)
	for i, a := range axes {
		axes[i] = axis(a, rank)
	}
	slices.Sort(axes)
	if len(slices.Compact(slices.Clone(axes))) != len(axes) {
		refuse("the axes %v name one twice", axes)
	}
	return axes
}

// drop removes the named axes, which have size 1.
func drop(x *eager.Tensor, axes []int) *eager.Tensor {
	for _, a := range slices.Backward(axesOf(axes, x.Rank())) {
		x = x.Squeeze(a)
	}
	return x
}
