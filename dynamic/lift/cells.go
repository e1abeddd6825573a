package lift

import (
	"fmt"
	"sync/atomic"

	"github.com/tapir-go/tapir/eager"
)

var cells atomic.Pointer[func(name string) (Source, bool)]

// SetSource gives the package a function that knows the text of what cells declared, and the values of the variables that
// it uses: of a function by its name, of a method by Type.Method. nil takes it away.
func SetSource(f func(name string) (Source, bool)) {
	if f == nil {
		cells.Store(nil)
		return
	}
	cells.Store(&f)
}

// Function lifts a function that a cell declared, by its name. The variables of the session that it uses have the values
// that they have now. The error is a *Refusal that names cell and line when something cannot be made static.
func Function(name string, in []Input) (*Program, error) {
	f := cells.Load()
	if f == nil {
		return nil, fmt.Errorf("lift: there are no cells here: give the text with lift.Lift")
	}
	src, ok := (*f)(name)
	if !ok {
		return nil, fmt.Errorf("lift: no cell declares a function %s", name)
	}
	return Lift(src, in)
}

// Free is an input whose first axes have these names and free sizes.
func Free(x *eager.Tensor, axes ...string) Input { return Input{X: x, Axes: axes} }
