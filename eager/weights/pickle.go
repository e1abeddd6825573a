package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// What a pickle makes: nil, bool, int64, float64, string, []byte, and these.
type (
	dict struct{ entries []pair }
	pair struct{ key, value any }
	list struct{ items []any }
	// A tuple does not change once it is there.
	tuple []any
	// mark is where a group of things begins on the stack.
	mark struct{}
)

// machine follows the instructions of a pickle (protocols 2 to 5, those that PyTorch writes).
type machine struct {
	b     []byte
	at    int
	stack []any
	memo  map[int]any
	r     *reader
}

// unpickle makes what b says.
func unpickle(b []byte, r *reader) (any, error) {
	m := &machine{b: b, memo: map[int]any{}, r: r}
	for {
		start := m.at
		done, err := m.step()
		if err != nil {
			return nil, fmt.Errorf("byte %d: %w", start, err)
		}
		if done {
			return m.pop()
		}
	}
}

var errShort = errors.New("it ends in the middle")

// take is the next n bytes.
func (m *machine) take(n int) ([]byte, error) {
	if n < 0 || n > len(m.b)-m.at {
		return nil, errShort
	}
	b := m.b[m.at : m.at+n]
	m.at += n
	return b, nil
}

// number is the next n bytes as a number without a sign.
func (m *machine) number(n int) (int, error) {
	b, err := m.take(n)
	if err != nil {
		return 0, err
	}
	var whole [8]byte
	copy(whole[:], b)
	v := binary.LittleEndian.Uint64(whole[:])
	if v > math.MaxInt32 && n > 4 {
		return 0, errShort
	}
	return int(v), nil
}

// line is what is before the next end of line.
func (m *machine) line() (string, error) {
	n := bytes.IndexByte(m.b[m.at:], '\n')
	if n < 0 {
		return "", errShort
	}
	b, err := m.take(n + 1)
	return string(b[:n]), err
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

func (m *machine) pop() (any, error) {
	if len(m.stack) == 0 {
		return nil, fmt.Errorf("the stack is empty")
	}
	v := m.stack[len(m.stack)-1]
	if _, ok := v.(mark); ok {
		return nil, fmt.Errorf("a mark is taken for a value")
	}
	m.stack = m.stack[:len(m.stack)-1]
	return v, nil
}

// group takes what is above the last mark, and the mark.
func (m *machine) group() (tuple, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, ok := m.stack[i].(mark); ok {
			items := append(tuple(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return items, nil
		}
	}
	return nil, fmt.Errorf("there is no mark")
}

// top takes the last n values.
func (m *machine) top(n int) (tuple, error) {
	t := make(tuple, n)
	for i := n - 1; i >= 0; i-- {
		v, err := m.pop()
		if err != nil {
			return nil, err
		}
		t[i] = v
	}
	return t, nil
}

// named pushes a global if it is allowed.
func (m *machine) named(module, name any) error {
	g := global(fmt.Sprint(module, ".", name))
	if _, ok := allowed[g]; !ok {
		return fmt.Errorf("it asks for %.200q, which is none of the names that describe tensors; nothing was run", string(g))
	}
	m.push(g)
	return nil
}

// text pushes a string whose length is in the next n bytes.
func (m *machine) text(n int, raw bool) error {
	k, err := m.number(n)
	if err != nil {
		return err
	}
	b, err := m.take(k)
	if raw {
		m.push(b)
	} else {
		m.push(string(b))
	}
	return err
}

// step follows one instruction.
func (m *machine) step() (done bool, err error) {
	op, err := m.take(1)
	if err != nil {
		return false, err
	}
	switch op[0] {
	case 0x80: // PROTO
		_, err = m.take(1)
	case 0x95: // FRAME
		_, err = m.take(8)
	case '.': // STOP
		return true, nil
	case '(': // MARK
		m.push(mark{})
	case '0': // POP
		_, err = m.pop()
	case '1': // POP_MARK
		_, err = m.group()
	case 'N': // NONE
		m.push(nil)
	case 0x88: // NEWTRUE
		m.push(true)
	case 0x89: // NEWFALSE
		m.push(false)
	case '}': // EMPTY_DICT
		m.push(&dict{})
	case ']': // EMPTY_LIST
		m.push(&list{})
	case ')': // EMPTY_TUPLE
		m.push(tuple(nil))
	case 't': // TUPLE
		err = m.give(m.group())
	case 0x85, 0x86, 0x87: // TUPLE1, TUPLE2, TUPLE3
		err = m.give(m.top(int(op[0] - 0x84)))
	case 'K', 'M', 'J', 0x8a, 'G':
		err = m.numeral(op[0])
	case 'X': // BINUNICODE
		err = m.text(4, false)
	case 0x8c: // SHORT_BINUNICODE
		err = m.text(1, false)
	case 0x8d: // BINUNICODE8
		err = m.text(8, false)
	case 'C': // SHORT_BINBYTES
		err = m.text(1, true)
	case 'B': // BINBYTES
		err = m.text(4, true)
	case 'q', 'r', 0x94, 'h', 'j':
		err = m.remember(op[0])
	case 'a', 'e', 's', 'u':
		err = m.fill(op[0])
	case 'c': // GLOBAL
		var module, name string
		if module, err = m.line(); err == nil {
			if name, err = m.line(); err == nil {
				err = m.named(module, name)
			}
		}
	case 0x93: // STACK_GLOBAL
		var t tuple
		if t, err = m.top(2); err == nil {
			err = m.named(t[0], t[1])
		}
	case 'R', 'Q', 'b':
		err = m.make(op[0])
	default:
		err = fmt.Errorf("the instruction 0x%02x is not one that describes tensors", op[0])
	}
	return false, err
}

func (m *machine) give(t tuple, err error) error {
	m.push(t)
	return err
}

// numeral pushes a number.
func (m *machine) numeral(op byte) error {
	switch op {
	case 'K', 'M': // BININT1, BININT2
		v, err := m.number(map[byte]int{'K': 1, 'M': 2}[op])
		m.push(int64(v))
		return err
	case 'J': // BININT
		v, err := m.number(4)
		m.push(int64(int32(uint32(v))))
		return err
	case 'G': // BINFLOAT
		b, err := m.take(8)
		if err != nil {
			return err
		}
		m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
		return nil
	}
	n, err := m.number(1) // LONG1
	if err != nil {
		return err
	}
	b, err := m.take(n)
	if err != nil || n > 8 {
		return fmt.Errorf("a number of %d bytes", n)
	}
	var whole [8]byte
	if n > 0 && b[n-1]&0x80 != 0 {
		copy(whole[:], "\xff\xff\xff\xff\xff\xff\xff\xff")
	}
	copy(whole[:], b)
	m.push(int64(binary.LittleEndian.Uint64(whole[:])))
	return nil
}

// remember keeps the last value, or brings back one.
func (m *machine) remember(op byte) error {
	key := len(m.memo) // MEMOIZE
	var err error
	switch op {
	case 'q', 'h': // BINPUT, BINGET
		key, err = m.number(1)
	case 'r', 'j': // LONG_BINPUT, LONG_BINGET
		key, err = m.number(4)
	}
	if err != nil {
		return err
	}
	if op == 'h' || op == 'j' {
		v, ok := m.memo[key]
		if !ok {
			return fmt.Errorf("nothing was kept as %d", key)
		}
		m.push(v)
		return nil
	}
	v, err := m.pop()
	if err != nil {
		return err
	}
	m.memo[key] = v
	m.push(v)
	return nil
}

// fill puts values into the list or dict below them.
func (m *machine) fill(op byte) error {
	var items tuple
	var err error
	switch op {
	case 'a': // APPEND
		items, err = m.top(1)
	case 's': // SETITEM
		items, err = m.top(2)
	default: // APPENDS, SETITEMS
		items, err = m.group()
	}
	if err != nil {
		return err
	}
	to, err := m.pop()
	if err != nil {
		return err
	}
	m.push(to)
	switch to := to.(type) {
	case *list:
		if op == 'a' || op == 'e' {
			to.items = append(to.items, items...)
			return nil
		}
	case *dict:
		if (op == 's' || op == 'u') && len(items)%2 == 0 {
			for i := 0; i < len(items); i += 2 {
				to.entries = append(to.entries, pair{items[i], items[i+1]})
			}
			return nil
		}
	}
	return fmt.Errorf("%d values are put into a %T", len(items), to)
}

// make calls a function, opens a storage, or sets what a dict has besides its entries, which is not needed.
func (m *machine) make(op byte) error {
	n := 2
	if op == 'Q' {
		n = 1
	}
	t, err := m.top(n)
	if err != nil {
		return err
	}
	var v any
	switch op {
	case 'R': // REDUCE
		v, err = m.r.call(t[0], t[1])
	case 'Q': // BINPERSID
		v, err = m.r.persistent(t[0])
	default: // BUILD
		d, ok := t[0].(*dict)
		if !ok {
			return fmt.Errorf("a %T is given a state", t[0])
		}
		v = d
	}
	if err == nil {
		m.push(v)
	}
	return err
}
