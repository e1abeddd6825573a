// A Forth: one dictionary of words, a data stack, loops and conditions compiled to closures that jump.

package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A step does something to the machine and returns how far to go on in its word.
type step func(f *forth) int

type word struct {
	steps   []step
	compile func() // for the words that act while a definition is compiled
}

type forth struct {
	data    []int
	loops   []loop
	dict    map[string]*word
	memory  []int
	input   []string
	out     strings.Builder
	current *word  // being defined
	name    string // of current
	open    []int  // steps that wait for their target, or targets that wait for their step
	depth   int
}

type loop struct{ index, limit int }

type problem string

func (f *forth) push(v ...int) { f.data = append(f.data, v...) }
func (f *forth) pop() int {
	if len(f.data) == 0 {
		panic(problem("the stack is empty"))
	}
	v := f.data[len(f.data)-1]
	f.data = f.data[:len(f.data)-1]
	return v
}

func (f *forth) token() string {
	if len(f.input) == 0 {
		panic(problem("the input ended"))
	}
	t := f.input[0]
	f.input = f.input[1:]
	return t
}

func (f *forth) call(w *word) int {
	if f.depth++; f.depth > 60 {
		panic(problem("nested too deeply"))
	}
	for pc := 0; pc < len(w.steps); {
		pc += w.steps[pc](f)
	}
	f.depth--
	return 1
}

func (f *forth) here() int         { return len(f.current.steps) }
func (f *forth) emit(s step)       { f.current.steps = append(f.current.steps, s) }
func (f *forth) emitCall(w *word)  { f.emit(func(f *forth) int { return f.call(w) }) }
func (f *forth) remember()         { f.open = append(f.open, f.here()) }
func (f *forth) jump(from, to int) { f.current.steps[from] = func(*forth) int { return to - from } }
func (f *forth) jumpIfZero(from, to int) {
	f.current.steps[from] = func(f *forth) int {
		if f.pop() == 0 {
			return to - from
		}
		return 1
	}
}

func (f *forth) recall() int {
	if len(f.open) == 0 {
		panic(problem("nothing is open"))
	}
	at := f.open[len(f.open)-1]
	f.open = f.open[:len(f.open)-1]
	return at
}

func flag(b bool) int {
	if b {
		return -1
	}
	return 0
}

func (f *forth) native(name string, do func()) {
	f.dict[name] = &word{steps: []step{func(*forth) int { do(); return 1 }}}
}

func (f *forth) binary(name string, op func(a, b int) int) {
	f.native(name, func() { b, a := f.pop(), f.pop(); f.push(op(a, b)) })
}

func newForth() *forth {
	f := &forth{dict: map[string]*word{}}
	for name, op := range map[string]func(a, b int) int{
		"+": func(a, b int) int { return a + b }, "-": func(a, b int) int { return a - b },
		"*": func(a, b int) int { return a * b }, "mod": func(a, b int) int { return a % b },
		"=": func(a, b int) int { return flag(a == b) }, "<": func(a, b int) int { return flag(a < b) },
	} {
		f.binary(name, op)
	}
	f.native("dup", func() { v := f.pop(); f.push(v, v) })
	f.native("drop", func() { f.pop() })
	f.native("swap", func() { b, a := f.pop(), f.pop(); f.push(b, a) })
	f.native("over", func() { b, a := f.pop(), f.pop(); f.push(a, b, a) })
	f.native("rot", func() { c, b, a := f.pop(), f.pop(), f.pop(); f.push(b, c, a) })
	f.native(".", func() { fmt.Fprint(&f.out, f.pop(), " ") })
	f.native("emit", func() { f.out.WriteRune(rune(f.pop())) })
	f.native("@", func() { f.push(f.memory[f.pop()]) })
	f.native("!", func() { at := f.pop(); f.memory[at] = f.pop() })
	f.native("i", func() { f.push(f.loops[len(f.loops)-1].index) })
	f.native("j", func() { f.push(f.loops[len(f.loops)-2].index) })
	f.native("variable", func() {
		at := len(f.memory)
		f.memory = append(f.memory, 0)
		f.native(f.token(), func() { f.push(at) })
	})
	f.native("constant", func() {
		v := f.pop()
		f.native(f.token(), func() { f.push(v) })
	})
	f.native(":", func() { f.name, f.current = f.token(), &word{} })

	compiling := map[string]func(){
		";": func() {
			if len(f.open) > 0 {
				panic(problem("something is open in " + f.name))
			}
			f.dict[f.name], f.current = f.current, nil
		},
		"recurse": func() { f.emitCall(f.current) },
		"if":      func() { f.remember(); f.emit(nil) },
		"else": func() {
			branch := f.recall()
			f.remember()
			f.emit(nil)
			f.jumpIfZero(branch, f.here())
			f.open[len(f.open)-1] *= -1 // an else, not an if
		},
		"then": func() {
			if at := f.recall(); at < 0 {
				f.jump(-at, f.here())
			} else {
				f.jumpIfZero(at, f.here())
			}
		},
		"begin": f.remember,
		"until": func() {
			at := f.here()
			f.emit(nil)
			f.jumpIfZero(at, f.recall())
		},
		"do": func() {
			f.emit(func(f *forth) int {
				start := f.pop()
				f.loops = append(f.loops, loop{start, f.pop()})
				return 1
			})
			f.remember()
		},
		"loop": func() {
			back := f.recall() - f.here()
			f.emit(func(f *forth) int {
				top := &f.loops[len(f.loops)-1]
				if top.index++; top.index < top.limit {
					return back
				}
				f.loops = f.loops[:len(f.loops)-1]
				return 1
			})
		},
	}
	for name, do := range compiling {
		f.dict[name] = &word{compile: func() {
			if f.current == nil {
				panic(problem(name + " outside a definition"))
			}
			do()
		}}
	}
	return f
}

func (f *forth) eval(src string) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case problem:
			err = errors.New(string(r))
		case error:
			err = r
		}
		if err != nil {
			f.data, f.loops, f.open, f.current = nil, nil, nil, nil
		}
	}()
	f.depth = 0
	for f.input = strings.Fields(src); len(f.input) > 0; {
		t := f.token()
		if t == "(" {
			for f.token() != ")" {
			}
			continue
		}
		w, known := f.dict[t]
		n, notNumber := strconv.Atoi(t)
		switch {
		case known && w.compile != nil:
			w.compile()
		case known && f.current != nil:
			f.emitCall(w)
		case known:
			f.call(w)
		case notNumber != nil:
			panic(problem("what is " + t + "?"))
		case f.current != nil:
			f.emit(func(f *forth) int { f.push(n); return 1 })
		default:
			f.push(n)
		}
	}
	return nil
}

func main() {
	f := newForth()
	for _, line := range []string{
		"1 2 + 3 * .",
		": square ( n -- n ) dup * ; 7 square . 3 square square .",
		": sign dup 0 < if drop -1 else 0 = if 0 else 1 then then ; -5 sign . 0 sign . 9 sign .",
		": fact dup 2 < if drop 1 else dup 1 - recurse * then ; 10 fact .",
		": row 5 0 do i j * . loop ; : table 4 1 do row loop ;",
		"table",
		": stars 0 do 42 emit loop ; 5 stars 3 stars",
		"variable x 40 x ! x @ 2 + x ! x @ . 17 constant prime prime . prime x @ mod .",
		": gcd begin swap over mod dup 0 = until drop ; 48 36 gcd . 17 5 gcd .",
		": fib 0 1 rot 0 do over + swap loop drop ; 10 fib . 20 fib .",
		": square 100 ; 7 square swap . .", // the old square stays in what used it
		"1 2 3",
		"rot . . .",
		"+", "1 0 mod .", "nonsense", ": open if 1 ;", "then", ": endless recurse ; endless", "( no end", "99 @",
		": double 2 * ; 21 double .",
	} {
		err := f.eval(line)
		fmt.Printf("%-28.28s | %s| %v %v\n", line, f.out.String(), f.data, err)
		f.out.Reset()
	}
	fmt.Println(len(f.dict["gcd"].steps), len(f.memory), f.dict["open"] == nil)
}
