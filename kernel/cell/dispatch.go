package cell

import (
	"fmt"
	"go/types"
	"sort"
	"strings"
)

// dispatch is a method that cells call through interfaces: for each name and signature a function of the text that looks at
// the type of the value and calls the method as a plain function. What it does not know goes to the next one, which a later
// cell may add, and in the end to the runtime, which knows all types but is slower.
type dispatch struct {
	name string // of the function that is called
	last string // of the variable that holds the next function
	sig  *types.Signature
	meth string
	c    *emitter // of the cell that lowers the method first
}

// call is the text that calls a method of y, a value of the type with that number, with arguments a0, a1 and so on. Only
// types whose values a cell puts into an interface have one: what is not reached costs time too.
type call struct {
	id   int
	text string
}

// mostCalls is the number of types that one dispatcher tries: it looks at one after the other.
const mostCalls = 12

// dispatcher is the function that calls method m of a value in an interface of the cell.
func (c *emitter) dispatcher(m *types.Func) string {
	l := c.l
	s := c.subst(m.Signature()).(*types.Signature)
	key := m.Name() + c.key(s)
	if d := l.calls[key]; d != nil {
		return d.name
	}
	if d := l.w.calls[key]; d != nil {
		return d.name
	}
	n := l.global("call_" + m.Name())
	l.calls[key] = &dispatch{name: n, last: "next_" + n, sig: s, meth: m.Name(), c: c}
	return n
}

// dispatchers writes the dispatchers that are new, with the types that are known by now, and further ones for types that
// are new to those of earlier cells.
func (l *lowerer) dispatchers() {
	for d := range l.boxed {
		if d.boxed {
			continue
		}
		calls := l.texts[d]
		if calls == nil {
			calls = d.calls
		}
		for key, text := range calls {
			l.found[key] = append(l.found[key], call{d.ID, text})
		}
	}
	for _, calls := range l.found {
		sort.Slice(calls, func(i, j int) bool { return calls[i].id < calls[j].id })
	}
	for key, d := range l.calls {
		d.write(l, d.name, append(append([]call(nil), l.w.found[key]...), l.found[key]...))
	}
	for key, calls := range l.found {
		d := l.w.calls[key]
		if d == nil || l.calls[key] != nil {
			continue
		}
		n := l.global("call_" + d.meth)
		next := &dispatch{name: d.name, last: "next_" + n, sig: d.sig, meth: d.meth, c: d.c.in(l)}
		next.write(l, n, calls)
		fmt.Fprintf(&l.inits, "%s = %s\n", d.last, n)
		l.calls[key] = next
	}
}

// in is an emitter like c for a later cell.
func (c *emitter) in(l *lowerer) *emitter { return l.context(c.p, c.env, c.suffix) }

func (d *dispatch) write(l *lowerer, name string, calls []call) {
	c := d.c
	decl, args := c.params(d.sig)
	withX := strings.TrimPrefix(decl, "(")
	own := strings.TrimPrefix(c.sig(d.sig, nil), "(")
	if !strings.HasPrefix(withX, ")") {
		withX, own = ", "+withX, ", "+own
	}
	ret := returns(d.sig)
	all := strings.Join(append([]string{"x"}, args...), ", ")
	end := ""
	if ret == "" {
		end = "; return"
	}
	// Every variable and intermediate value costs time with each call, also where it is not reached: hence two functions.
	var b strings.Builder
	rest := name
	if len(calls) > 0 {
		rest = "other_" + name
		fmt.Fprintf(&b, "func %s(x interface{}%s {\ny, id := %s(x)\n", name, withX, l.rt("Take"))
		for i, k := range calls {
			if i == mostCalls {
				break
			}
			fmt.Fprintf(&b, "if id == %d { %s }\n", k.id, k.text)
			l.mentioned(k.text)
		}
		fmt.Fprintf(&b, "%s%s(%s)\n}\n", ret, rest, all)
	}
	fmt.Fprintf(&b, "var %s func(interface{}%s\nfunc %s(x interface{}%s {\n", d.last, own, rest, withX)
	fmt.Fprintf(&b, "if %s != nil { %s%s(%s)%s }\n", d.last, ret, d.last, all, end)
	fmt.Fprintf(&b, "if %s(x) { %s%s(x, %q).(func(interface{}%s)(%s)%s }\n", l.rt("Boxed"), ret, l.rt("Dyn"), d.meth, own, all, end)
	fmt.Fprintf(&b, "%s%s(x, %q).(func%s)(%s)\n}\n", ret, l.rt("Bound"), d.meth, c.sig(d.sig, nil), strings.Join(args, ", "))
	l.funcs.WriteString(b.String())
}

// mentioned imports what a text of an earlier cell needs.
func (l *lowerer) mentioned(text string) {
	if strings.Contains(text, "ty.") {
		l.ty("")
	}
	for path, name := range l.w.names {
		if strings.Contains(text, name+".") {
			l.imports[path] = name
		}
	}
}
