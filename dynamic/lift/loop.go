package lift

import (
	"fmt"
	"slices"

	"github.com/tapir-go/tapir/eager"
)

// loop is a loop that is being lifted: what it carries from round to round.
type loop struct {
	l       *lifter
	cond    func() value // true, false or a bool of the program, before each round
	body    func()
	post    func() // before the next condition
	brk     int    // codes of its break and continue
	cont    int
	carried []*carry
	flex    map[*symbol]bool // sizes that change from round to round
}

// carry is a variable that a loop carries.
type carry struct {
	v      *variable
	before value
	form   *form
	dims   [][]size // of each leaf
	in     []leaf
}

// maxUnrolled is how many rounds of a loop with a known number of them become nodes one after the other.
const maxUnrolled = 64

// repeat carries out a loop.
func (lp *loop) repeat() {
	l := lp.l
	c := lp.cond()
	going, isKnown := knownBool(c)
	if isKnown && !going {
		return
	}
	if isKnown && lp.unroll() {
		return
	}
	var refused *Refusal
	ok := l.trial(func() { lp.lift(c) }, &refused)
	if ok {
		return
	}
	if !isKnown {
		panic(refused)
	}
	var second *Refusal
	if !l.trial(func() { lp.rounds(maxUnrolled) }, &second) {
		panic(refused)
	}
}

// trial carries out f, and takes back what it did when it is refused.
func (l *lifter) trial(f func(), why **Refusal) (ok bool) {
	b := l.block()
	frame, loops, at, nodes, depth := l.frame, l.frame.loops, l.at, l.nodes, l.depth
	scratch := &Block{}
	defer func() {
		if r := recover(); r != nil {
			refusal, is := r.(*Refusal)
			if !is {
				panic(r)
			}
			l.frame, l.at, l.nodes, l.depth = frame, at, nodes, depth
			l.frame.loops = loops
			*why, ok = refusal, false
		}
	}()
	j := l.aside(scratch, f)
	l.adopt(b, scratch, j)
	return true
}

// adopt makes what was carried out aside part of block b.
func (l *lifter) adopt(b, scratch *Block, j *journal) {
	b.Nodes = append(b.Nodes, scratch.Nodes...)
	l.joined[scratch] = b
	for _, v := range j.order {
		l.set(v, j.now[v])
	}
}

// unroll carries out the rounds one after the other as long as what ends the loop is known.
func (lp *loop) unroll() bool {
	l := lp.l
	var why *Refusal
	ended := false
	ok := l.trial(func() {
		for range maxUnrolled {
			lp.body()
			l.clear(lp.cont)
			e := l.exits()
			if e.only() < 0 {
				l.refuse("unknown")
			}
			if e.only() > 0 {
				l.clear(lp.brk)
				ended = true
				return
			}
			lp.post()
			going, isKnown := knownBool(lp.cond())
			if !isKnown {
				l.refuse("unknown")
			}
			if !going {
				ended = true
				return
			}
		}
		l.refuse("long")
	}, &why)
	return ok && ended
}

// rounds carries out the rounds one after the other; a round after one that may have ended the loop is an If.
func (lp *loop) rounds(left int) {
	l := lp.l
	if left == 0 {
		l.refuse(fmt.Sprintf("the loop has more than %d rounds", maxUnrolled))
	}
	lp.body()
	l.clear(lp.cont)
	l.guarded(func() {
		lp.post()
		c := lp.cond()
		going, isKnown := knownBool(c)
		switch {
		case !isKnown:
			l.choose(c.(*number), func() { lp.rounds(left - 1) }, func() {}, nil)
		case going:
			lp.rounds(left - 1)
		}
	})
	if left == maxUnrolled {
		l.clear(lp.brk)
	}
}

// lift makes a Loop. What it carries is found by carrying out the body until it changes nothing new.
func (lp *loop) lift(c value) {
	l := lp.l
	at := l.at
	lp.flex = map[*symbol]bool{}
	lp.carried = nil
	first := l.number(c, eager.Bool)
	var body *Block
	var goes *number
	var j *journal
	nodes := l.nodes
	for try := 0; ; try++ {
		if try == 16 {
			l.at = at
			l.refuse("the shapes of what the loop changes do not settle", "give its variables their final shape before it")
		}
		l.at, l.nodes = at, nodes
		body = &Block{}
		dead := l.dead
		l.dead = nil
		l.lifting++
		goes = nil
		j = l.aside(body, func() { l.alive(func() { goes = lp.round(body) }) })
		l.lifting--
		done := lp.settled(body, j)
		if done && l.dead != nil {
			panic(l.dead)
		}
		l.dead = dead
		if done {
			break
		}
	}
	l.at = at
	n := &Node{Kind: Loop, In: []*Value{first.v}, Blocks: []*Block{body}}
	body.Out = append(body.Out, goes.v)
	for _, k := range lp.carried {
		before, after := l.stage(k.form, k.before), []leaf(nil)
		l.in(body, func() { after = l.stage(k.form, j.value(k.v)) })
		ds := k.form.leaves()
		out := make([]leaf, len(k.in))
		for i, in := range k.in {
			body.In = append(body.In, in.v)
			n.In = append(n.In, l.given(before[i], ds[i], k.dims[i]))
			body.Out = append(body.Out, l.given(after[i], ds[i], k.dims[i]))
			dims := slices.Clone(k.dims[i])
			for a, d := range dims {
				if !l.visible(d) {
					dims[a] = l.fresh()
				}
			}
			out[i] = leaf{l.value(k.v.name, ds[i], dims), l.block(), dims}
			n.Out = append(n.Out, out[i].v)
		}
		x, _ := l.unstage(k.form, out)
		l.set(k.v, x)
	}
	e := j.value(l.frame.code).(exits)
	if len(e.may) > 1 || e.only() > 0 {
		out := l.value("left", eager.Int64, nil)
		n.In = append(n.In, l.sizeValue(whole(0)))
		body.In = append(body.In, l.value("left", eager.Int64, nil))
		l.in(body, func() { body.Out = append(body.Out, l.codeValue(e)) })
		n.Out = append(n.Out, out)
		may := slices.Clone(e.may)
		if !slices.Contains(may, 0) && !isTrue(c) {
			may = append([]int{0}, may...)
		}
		l.set(l.frame.code, exits{out, l.block(), may})
	}
	l.add(n)
	l.clear(lp.brk)
}

// round is one round of the loop, with what is carried as inputs. It returns whether another one follows.
func (lp *loop) round(body *Block) *number {
	l := lp.l
	for _, k := range lp.carried {
		ds := k.form.leaves()
		k.in = make([]leaf, len(ds))
		for i, d := range ds {
			k.in[i] = leaf{l.value(k.v.name, d, k.dims[i]), body, k.dims[i]}
		}
		x, _ := l.unstage(k.form, k.in)
		l.set(k.v, x)
	}
	goes := l.variable("", untyped{})
	goes.val = truth(false)
	lp.body()
	l.clear(lp.cont)
	l.guarded(func() {
		lp.post()
		l.set(goes, lp.cond())
	})
	return l.number(goes.val, eager.Bool)
}

// settled adds to what is carried what the round changed, and tells whether there was nothing to add.
func (lp *loop) settled(body *Block, j *journal) bool {
	l := lp.l
	done := true
	for _, v := range j.order {
		if v == l.frame.code {
			continue
		}
		k := lp.find(v)
		if k == nil {
			if identical(j.old[v], j.now[v]) {
				continue
			}
			k = &carry{v: v, before: j.old[v], form: l.formOf(j.old[v])}
			lp.carried = append(lp.carried, k)
			done = false
		}
		after := j.now[v]
		f, ok := unify(k.form, l.formOf(after))
		if !ok {
			l.refuse(fmt.Sprintf("%s is %s before the loop and %s after a round of it", named(v.name), l.describe(k.before), l.describe(after)),
				"give it one kind of numbers and one rank all the time")
		}
		if f.what == aKnown && f.same == (null{}) {
			k.form = l.formOf(undefined{})
			continue
		}
		if !sameForm(f, k.form) {
			done = false
		}
		k.form = f
	}
	return lp.sizes(body, j) && done
}

func (lp *loop) find(v *variable) *carry {
	for _, k := range lp.carried {
		if k.v == v {
			return k
		}
	}
	return nil
}

func sameForm(a, b *form) bool {
	if a.what != b.what || a.d != b.d || a.rank != b.rank || len(a.parts) != len(b.parts) || a.maybe != b.maybe {
		return false
	}
	for i := range a.parts {
		if !sameForm(a.parts[i], b.parts[i]) {
			return false
		}
	}
	return true
}

// sizes finds which sizes of what is carried change from round to round. Those that change alike get one symbol.
func (lp *loop) sizes(body *Block, j *journal) bool {
	l := lp.l
	done := true
	made := map[string]*symbol{}
	kept := map[*symbol]string{}
	for _, k := range lp.carried {
		var before, after []leaf
		l.in(&Block{}, func() { before = l.stage(k.form, k.before) })
		l.in(body, func() {
			l.in(&Block{}, func() { after = l.stage(k.form, j.value(k.v)) })
		})
		old := k.dims
		k.dims = make([][]size, len(before))
		for i := range before {
			b, a := before[i].dims, after[i].dims
			if before[i].v == nil {
				b = a
			}
			if after[i].v == nil {
				a = b
			}
			k.dims[i] = slices.Clone(b)
			for x := range b {
				had := i < len(old) && x < len(old[i])
				if b[x].equal(a[x]) && l.visible(b[x]) && (!had || old[i][x].equal(b[x])) {
					continue
				}
				key := b[x].key() + "|" + a[x].key()
				if had && len(old[i][x].terms) == 1 && lp.flex[old[i][x].terms[0].s] {
					s := old[i][x].terms[0].s
					if kept[s] == "" {
						kept[s] = key
						made[key] = s
					}
					if kept[s] == key {
						k.dims[i][x] = old[i][x]
						continue
					}
				}
				s := made[key]
				if s == nil {
					s = l.symbol("")
					lp.flex[s], made[key], kept[s] = true, s, key
				}
				k.dims[i][x] = size{terms: []term{{s, 1}}}
				done = false
			}
		}
	}
	return done
}

// knownBool is a bool that is known.
func knownBool(x value) (b, ok bool) {
	switch x := x.(type) {
	case untyped:
		return isTrue(x), isBool(x)
	case known:
		if isBool(x) {
			return x.v.Bool(), true
		}
	}
	return false, false
}

func isBool(x value) bool {
	d, ok := dtypeOf(x)
	return ok && d == eager.Bool
}

func isTrue(x value) bool {
	switch x := x.(type) {
	case untyped:
		return x.c.String() == "true"
	case known:
		return isBool(x) && x.v.Bool()
	}
	return false
}
