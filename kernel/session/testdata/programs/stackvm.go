// A stack machine: an assembler with labels, a loop that executes, calls with frames, and traps.

package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

type opcode byte

const (
	halt opcode = iota
	push
	pop
	dup
	swap
	add
	sub
	mul
	div
	less
	jump
	jumpZero
	call
	ret
	load
	store
	print
	opcodes
)

var names = [opcodes]string{"halt", "push", "pop", "dup", "swap", "add", "sub", "mul", "div", "less", "jump", "jz", "call", "ret", "load", "store", "print"}

func (o opcode) String() string { return names[o] }
func (o opcode) hasArg() bool {
	switch o {
	case push, jump, jumpZero, call, load, store:
		return true
	}
	return false
}

type instruction struct {
	op   opcode
	arg  int
	line int
}

func (i instruction) String() string {
	if i.op.hasArg() {
		return fmt.Sprintf("%v %d", i.op, i.arg)
	}
	return i.op.String()
}

// assemble works in two passes: first the labels, then the code.
func assemble(src string) (code []instruction, err error) {
	labels := map[string]int{}
	type pending struct {
		at    int
		label string
	}
	var fixups []pending
	lookup := map[string]opcode{}
	for i, n := range names {
		lookup[n] = opcode(i)
	}
	number := 0
	for line := range strings.Lines(src) {
		number++
		text, _, _ := strings.Cut(line, "#")
		fields := strings.Fields(text)
		for len(fields) > 0 && strings.HasSuffix(fields[0], ":") {
			name := strings.TrimSuffix(fields[0], ":")
			if _, dup := labels[name]; dup {
				err = errors.Join(err, fmt.Errorf("line %d: label %s again", number, name))
			}
			labels[name] = len(code)
			fields = fields[1:]
		}
		if len(fields) == 0 {
			continue
		}
		op, ok := lookup[fields[0]]
		switch {
		case !ok:
			err = errors.Join(err, fmt.Errorf("line %d: no instruction %s", number, fields[0]))
			continue
		case len(fields) > 2 || op.hasArg() != (len(fields) == 2):
			err = errors.Join(err, fmt.Errorf("line %d: wrong number of arguments for %v", number, op))
			continue
		}
		in := instruction{op: op, line: number}
		if op.hasArg() {
			n, bad := strconv.Atoi(fields[1])
			if bad != nil {
				fixups = append(fixups, pending{len(code), fields[1]})
			}
			in.arg = n
		}
		code = append(code, in)
	}
	for _, f := range fixups {
		at, ok := labels[f.label]
		if !ok {
			err = errors.Join(err, fmt.Errorf("line %d: no label %s", code[f.at].line, f.label))
		}
		code[f.at].arg = at
	}
	return code, err
}

type trap struct {
	cause error
	pc    int
	in    instruction
}

func (t *trap) Error() string { return fmt.Sprintf("trap at %d (%v): %v", t.pc, t.in, t.cause) }
func (t *trap) Unwrap() error { return t.cause }

var (
	errUnderflow = errors.New("stack underflow")
	errOverflow  = errors.New("stack overflow")
	errZero      = errors.New("division by zero")
	errSteps     = errors.New("too many steps")
)

type vm struct {
	stack  []int
	frames []int
	memory [8]int
	out    strings.Builder
	steps  int
}

func (m *vm) push(v int) {
	if len(m.stack) == 64 {
		panic(errOverflow)
	}
	m.stack = append(m.stack, v)
}

func (m *vm) pop() int {
	if len(m.stack) == 0 {
		panic(errUnderflow)
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v
}

var binary = map[opcode]func(a, b int) int{
	add: func(a, b int) int { return a + b },
	sub: func(a, b int) int { return a - b },
	mul: func(a, b int) int { return a * b },
	div: func(a, b int) int {
		if b == 0 {
			panic(errZero)
		}
		return a / b
	},
	less: func(a, b int) int {
		if a < b {
			return 1
		}
		return 0
	},
}

func (m *vm) run(code []instruction) (err error) {
	pc, at := 0, 0
	var in instruction
	defer func() {
		if cause, ok := recover().(error); ok {
			err = &trap{cause, at, in}
		}
	}()
	for {
		if m.steps++; m.steps > 5000 {
			panic(errSteps)
		}
		at = pc
		in = code[at]
		pc++
		if f, ok := binary[in.op]; ok {
			b, a := m.pop(), m.pop()
			m.push(f(a, b))
			continue
		}
		switch in.op {
		case halt:
			return nil
		case push:
			m.push(in.arg)
		case pop:
			m.pop()
		case dup:
			v := m.pop()
			m.push(v)
			m.push(v)
		case swap:
			b, a := m.pop(), m.pop()
			m.push(b)
			m.push(a)
		case jumpZero:
			if m.pop() != 0 {
				break
			}
			fallthrough
		case jump:
			pc = in.arg
		case call:
			m.frames = append(m.frames, pc)
			pc = in.arg
		case ret:
			pc = m.frames[len(m.frames)-1]
			m.frames = m.frames[:len(m.frames)-1]
		case load:
			m.push(m.memory[in.arg])
		case store:
			m.memory[in.arg] = m.pop()
		case print:
			fmt.Fprintf(&m.out, "%d ", m.pop())
		}
	}
}

func main() {
	programs := []struct{ name, src string }{
		{"countdown", "push 5\nloop: dup\nprint\npush 1 # one less\nsub\ndup\njz end\njump loop\nend: print\nhalt\n"},
		{"factorial", "push 10\ncall fact\nprint\nhalt\nfact: dup\npush 2\nless\njz more\npop\npush 1\nret\nmore: dup\npush 1\nsub\ncall fact\nmul\nret"},
		{"primes", `push 2
store 0
next: load 0
push 30
less
jz done
push 2
store 1
try: load 1
load 1
mul
load 0
swap
less
jz check
load 0
print
jump skip
check: load 0
load 0
load 1
div
load 1
mul
sub
jz skip
load 1
push 1
add
store 1
jump try
skip: load 0
push 1
add
store 0
jump next
done: halt`},
		{"underflow", "push 1\nadd\nhalt"},
		{"zero", "push 1\npush 0\ndiv\nhalt"},
		{"forever", "here: jump here"},
		{"deep", "loop: push 7\njump loop"},
		{"ran off", "push 1\npush 2"},
		{"bad", "push\nhop 3\ndup 1 2\nx: x: jump nowhere"},
	}
	for _, p := range programs {
		code, err := assemble(p.src)
		if err != nil {
			fmt.Printf("%s: %q\n", p.name, err)
			continue
		}
		m := &vm{}
		err = m.run(code)
		var t *trap
		fmt.Printf("%s: %sstack %v, %d steps, %d instructions, %v", p.name, m.out.String(), len(m.stack), m.steps, len(code), err)
		if errors.As(err, &t) {
			fmt.Printf(" on line %d, underflow %t", t.in.line, errors.Is(err, errUnderflow))
		}
		fmt.Println()
	}
	code, _ := assemble("a: push -3\njz a\nstore 7\nhalt")
	fmt.Println(code, opcode(3), print.hasArg())
}
