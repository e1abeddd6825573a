package eager

import (
	"errors"
	"fmt"
)

// Error is every failure that a user of the engine can cause: wrong shapes, kinds of numbers, indices. Ops panic with *Error.
type Error struct {
	Op   string // the op that refused, as the user spelled it
	Text string // what was given, then what is wanted
	Hint string // what to try; may be empty

	memory bool // there is no memory for it
}

// Error is the op and the text, and the hint on a line of its own.
func (e *Error) Error() string {
	s := e.Op + ": " + e.Text
	if e.Hint != "" {
		s += "\nhint: " + e.Hint
	}
	return s
}

// Interrupted is what an op panics with while Interrupt is on.
//
//lint:ignore ST1012 it is no mistake, and is read as eager.Interrupted
var Interrupted = errors.New("interrupted")

// Try runs f and returns the *Error that stopped it, or nil. Panics of any other kind pass through.
func Try(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	f()
	return nil
}

func fail(op, hint, format string, args ...any) {
	panic(&Error{Op: op, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// refusal is what a shape rule returns: an Error that does not know its op yet.
func refusal(hint, format string, args ...any) error {
	return &Error{Text: fmt.Sprintf(format, args...), Hint: hint}
}
