package cell

import (
	"go/token"
	"strings"
)

// Complete tells whether a cell can be run as it is: "complete"; "incomplete" when more lines can mend it, with the
// indent that the next one wants; "invalid" when none can.
func Complete(text string) (status, indent string) {
	depth, open, last := brackets(text)
	if open == invalid {
		return "invalid", ""
	}
	if depth > 0 || open == unterminated || continues[last] {
		if depth == 0 && open != unterminated {
			depth = 1
		}
		return "incomplete", strings.Repeat("\t", depth)
	}
	if _, ps := Cut(token.NewFileSet(), 0, 0, text); len(ps) > 0 {
		return "invalid", ""
	}
	return "complete", ""
}
