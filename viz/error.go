package viz

import "fmt"

// Error says that a figure cannot be drawn from what was given. All misuse of
// this package panics with *Error; its shape is that of eager.Error.
type Error struct {
	Op   string // the constructor or setter as the user spelled it: "Line"
	Text string // what is wrong, with the numbers
	Hint string // how to mend it; may be empty
}

// Error is "Op: Text", with the hint on a line of its own where there is one.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Op + ": " + e.Text
	}
	return e.Op + ": " + e.Text + "\nhint: " + e.Hint
}

func fail(op, hint, format string, args ...any) {
	panic(&Error{Op: op, Text: fmt.Sprintf(format, args...), Hint: hint})
}
