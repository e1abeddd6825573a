package session

// deferrals are the deferred calls of a function of a cell that is running. The interpreter's own defer is not used: it
// mixes up arguments in loops, and panics that replace each other.
type deferrals struct {
	calls     []func()
	panicking bool
	value     any
}

// newFrame begins a function that defers calls.
func newFrame() *deferrals { return &deferrals{} }

// runFrame runs the body of such a function and then its deferred calls, whatever happens.
func runFrame(f *deferrals, body func()) {
	done := false
	defer func() {
		if !done { // a panic, or runtime.Goexit
			if r := recover(); r != nil {
				f.panicking, f.value = true, r
			}
		}
		f.unwind()
	}()
	body()
	done = true
}

// unwind runs the deferred calls, last first; then it goes on with the panic that is left.
func (f *deferrals) unwind() {
	t := current()
	for len(f.calls) > 0 {
		call := f.calls[len(f.calls)-1]
		f.calls = f.calls[:len(f.calls)-1]
		f.one(t, call)
	}
	if f.panicking {
		panic(f.value)
	}
}

func (f *deferrals) one(t *task, call func()) {
	var before *deferrals
	if t != nil {
		before, t.deferred = t.deferred, f
	}
	defer func() {
		if t != nil {
			t.deferred = before
		}
		if r := recover(); r != nil {
			f.panicking, f.value = true, r
		}
	}()
	call()
}

// deferCall adds a call to those that run when the function ends.
func deferCall(f *deferrals, call func()) { f.calls = append(f.calls, call) }

// recoverFrame is the builtin recover inside of a deferred function.
func recoverFrame(f *deferrals) any {
	if !f.panicking {
		return nil
	}
	switch f.value.(type) {
	case stopPanic, exitPanic:
		return nil
	}
	v := plainPanic(f.value)
	f.panicking, f.value = false, nil
	if t := current(); t != nil {
		t.trace = nil
	}
	return v
}

// recoverHere is the builtin recover in a function that was not written as a literal behind defer.
func recoverHere() any {
	if t := current(); t != nil && t.deferred != nil {
		return recoverFrame(t.deferred)
	}
	return nil
}

// cellFrame has the deferred calls of the top level of the cell.
func cellFrame() *deferrals {
	if t := current(); t != nil {
		return t.run.frame
	}
	return &deferrals{}
}
