package lift

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// exits is how a function is being left at some point: which of the codes it may be, and the value that tells which, if
// there are several. Code 0 goes on, 1 returns, and each loop and switch has codes for break and continue.
type exits struct {
	v     *Value // i64 (); nil when there is one code
	block *Block
	may   []int // in rising order
}

var goesOn = exits{may: []int{0}}

// only is the code when there is one, else -1.
func (e exits) only() int {
	if len(e.may) == 1 {
		return e.may[0]
	}
	return -1
}

func (l *lifter) exits() exits { return l.frame.code.val.(exits) }

// leave sets the code.
func (l *lifter) leave(code int) { l.set(l.frame.code, exits{may: []int{code}}) }

// codeValue is the code as a value of the program.
func (l *lifter) codeValue(e exits) *Value {
	if e.v != nil {
		return e.v
	}
	return l.sizeValue(whole(e.only()))
}

// goingOn is whether the code is 0.
func (l *lifter) goingOn(e exits) *number {
	return l.compare(token.EQL, &number{v: e.v, block: e.block}, &number{v: l.sizeValue(whole(0))})
}

// clear makes the given codes 0: what they left has been left.
func (l *lifter) clear(codes ...int) {
	e := l.exits()
	var may []int
	cleared := false
	for _, c := range e.may {
		if slices.Contains(codes, c) {
			cleared = true
			c = 0
		}
		if !slices.Contains(may, c) {
			may = append(may, c)
		}
	}
	if !cleared {
		return
	}
	slices.Sort(may)
	if len(may) == 1 {
		l.set(l.frame.code, exits{may: may})
		return
	}
	x := &number{v: e.v, block: e.block}
	for _, c := range codes {
		if slices.Contains(e.may, c) {
			x = l.scalar(func(xs []*eager.Tensor) *eager.Tensor { return eager.Where(xs[0].Equal(xs[1]), xs[2], xs[0]) },
				x, &number{v: l.sizeValue(whole(c))}, &number{v: l.sizeValue(whole(0))})
		}
	}
	l.set(l.frame.code, exits{v: x.v, block: x.block, may: may})
}

// choose carries out then or otherwise, depending on cond. When rest is not nil and one of the two always leaves, rest is
// carried out after the other one, and choose returns true.
func (l *lifter) choose(cond *number, then, otherwise, rest func()) (did bool) {
	at := l.at
	b := [2]*Block{{}, {}}
	var j [2]*journal
	sides := l.assume(cond.test, true)
	ok0 := l.alive(func() { j[0] = l.aside(b[0], then) })
	sides()
	sides = l.assume(cond.test, false)
	ok1 := l.alive(func() { j[1] = l.aside(b[1], otherwise) })
	sides()
	switch {
	case !ok0 && !ok1:
		panic(deadPath{})
	case !ok0:
		l.adopt(l.block(), b[1], j[1])
		return false
	case !ok1:
		l.adopt(l.block(), b[0], j[0])
		return false
	}
	if rest != nil {
		e0, e1 := j[0].value(l.frame.code).(exits), j[1].value(l.frame.code).(exits)
		for i, e := range []exits{e0, e1} {
			other := []exits{e1, e0}[i]
			if e.only() > 0 && other.only() == 0 {
				sides = l.assume(cond.test, i == 1)
				l.resume(b[1-i], j[1-i], rest)
				sides()
				did = true
				break
			}
		}
	}
	l.at = at
	l.join(cond, b, j)
	return did
}

// deadPath ends a path that cannot be carried out yet.
type deadPath struct{}

// impossible ends a path that Go would end with a panic. Within a loop that has not settled it is left out: a later look at
// the body finds more there, such as a slice that has grown.
func (l *lifter) impossible(what string) {
	if l.lifting == 0 {
		l.refuse(what)
	}
	l.dead = &Refusal{Where: l.place(), What: what}
	panic(deadPath{})
}

// alive carries out f, and returns false when its path ended.
func (l *lifter) alive(f func()) (ok bool) {
	frame, loops, at, depth := l.frame, l.frame.loops, l.at, l.depth
	defer func() {
		if r := recover(); r != nil {
			if _, dead := r.(deadPath); !dead {
				panic(r)
			}
			l.frame, l.at, l.depth = frame, at, depth
			l.frame.loops = loops
			ok = false
		}
	}()
	f()
	return true
}

// join makes the If of two blocks: what either changed is chosen.
func (l *lifter) join(cond *number, b [2]*Block, j [2]*journal) {
	n := &Node{Kind: If, In: []*Value{cond.v}, Blocks: b[:]}
	g := &merger{l: l, n: n}
	changed := slices.Clone(j[0].order)
	for _, v := range j[1].order {
		if !slices.Contains(changed, v) {
			changed = append(changed, v)
		}
	}
	type change struct {
		v *variable
		x value
	}
	var all []change
	for _, v := range changed {
		g.name = v.name
		all = append(all, change{v, g.merge(j[0].value(v), j[1].value(v))})
	}
	if len(n.Out) > 0 {
		l.add(n)
	}
	for _, c := range all {
		l.set(c.v, c.x)
	}
}

// merger collects the results of an If.
type merger struct {
	l    *lifter
	n    *Node
	name string
}

// merge is a value that is a or b, as the condition says.
func (g *merger) merge(a, b value) value {
	l := g.l
	if identical(a, b) {
		return a
	}
	if x, ok := a.(exits); ok {
		may := append(slices.Clone(x.may), b.(exits).may...)
		slices.Sort(may)
		x.may = slices.Compact(may)
		x.block = l.block()
		x.v = g.pair(eager.Int64, nil, func() *Value { return l.codeValue(a.(exits)) }, func() *Value { return l.codeValue(b.(exits)) })
		return x
	}
	f, ok := unify(l.formOf(a), l.formOf(b))
	if !ok {
		l.refuse(fmt.Sprintf("%s is %s or %s, depending on a value that is known at run time only", named(g.name), l.describe(a), l.describe(b)),
			"give it one kind of numbers and one rank in both cases")
	}
	sides := [2][]leaf{}
	for i, x := range []value{a, b} {
		l.in(g.n.Blocks[i], func() { sides[i] = l.stage(f, x) })
	}
	leaves := make([]leaf, len(sides[0]))
	for i := range leaves {
		x, y := sides[0][i], sides[1][i]
		if x.v == nil {
			x.dims = y.dims
		}
		if y.v == nil {
			y.dims = x.dims
		}
		dims := slices.Clone(x.dims)
		for k := range dims {
			if !dims[k].equal(y.dims[k]) || !l.visible(dims[k]) {
				dims[k] = l.fresh()
			}
		}
		d := f.leaf(i)
		leaves[i] = leaf{dims: dims, block: l.block()}
		leaves[i].v = g.pair(d, dims, func() *Value { return l.given(x, d, dims) }, func() *Value { return l.given(y, d, dims) })
	}
	x, _ := l.unstage(f, leaves)
	return x
}

// pair adds a result of the If: a in the first block, b in the second.
func (g *merger) pair(d eager.DType, dims []size, a, b func() *Value) *Value {
	for i, f := range []func() *Value{a, b} {
		g.l.in(g.n.Blocks[i], func() { g.n.Blocks[i].Out = append(g.n.Blocks[i].Out, f()) })
	}
	out := g.l.value(g.name, d, dims)
	g.n.Out = append(g.n.Out, out)
	return out
}

func named(name string) string {
	if name == "" {
		return "a value"
	}
	return name
}

// visible says whether a size can be computed here.
func (l *lifter) visible(d size) bool {
	for _, t := range d.terms {
		ok := t.s.parts[0] != nil && l.visible(*t.s.parts[0]) && l.visible(*t.s.parts[1])
		for _, f := range t.s.from {
			ok = ok || l.sees(f.in)
		}
		if !ok {
			return false
		}
	}
	return true
}

// provide notes which symbols the sizes of t give.
func (l *lifter) provide(t *tensor) {
	for i, d := range t.dims {
		l.found(d, t, i)
	}
}

// placeholder has the dtype and rank of a value that is not there; sizes that are not known are 0.
func (l *lifter) placeholder(d eager.DType, dims []size) *Value {
	shape := make([]int, len(dims))
	for i, s := range dims {
		if s.isConst() {
			shape[i] = s.k
		}
	}
	return l.constant(fmt.Sprint("zeros", d, shape), func() *eager.Tensor { return eager.ZerosOf(d, shape...) })
}

// assume makes the sizes of named axes fit a condition on them while a piece is carried out that runs only then.
func (l *lifter) assume(test func(side int) bool, want bool) (back func()) {
	if test == nil || test(0) == want && test(1) == want {
		return func() {}
	}
	for _, s := range l.symbols {
		if s.name == "" {
			continue
		}
		old := s.at
		var fits []int
		for n := -1; n < 100 && len(fits) < 2; n++ {
			k := n
			if n < 1 {
				k = old[n+1]
			}
			s.at = [2]int{k, k}
			if test(0) == want && !slices.Contains(fits, k) {
				fits = append(fits, k)
			}
		}
		if len(fits) > 0 {
			s.at = [2]int{fits[0], fits[len(fits)-1]}
			return func() { s.at = old }
		}
		s.at = old
	}
	return func() {}
}

// guarded carries out rest unless the function is being left.
func (l *lifter) guarded(rest func()) {
	e := l.exits()
	switch {
	case e.only() == 0:
		rest()
	case e.only() > 0 || !slices.Contains(e.may, 0):
	default:
		l.choose(l.goingOn(e), func() { l.leave(0); rest() }, func() {
			var may []int
			for _, c := range e.may {
				if c != 0 {
					may = append(may, c)
				}
			}
			if len(may) == 1 {
				l.leave(may[0])
			} else {
				l.set(l.frame.code, exits{e.v, e.block, may})
			}
		}, nil)
	}
}

// line is where node n is, for refusals.
func (l *lifter) line(n ast.Node) func() {
	old := l.at
	l.at = n
	return func() { l.at = old }
}
