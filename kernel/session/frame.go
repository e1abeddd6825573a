package session

// deferrals are the deferred calls of a function of a cell that is running. The interpreter's own defer is not used: it
// mixes up arguments in loops, and panics that replace each other.
type deferrals struct {
	calls     []deferral
	open      *task // which counts it, once there is a call
	panicking bool
	value     any
}

// deferral is a deferred call.
type deferral struct {
	call   func()
	direct bool // the function that is called may recover
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
	if _, exit := f.value.(exitPanic); exit && f.panicking {
		f.calls = nil // os.Exit runs none
	}
	for len(f.calls) > 0 {
		call := f.calls[len(f.calls)-1]
		f.calls = f.calls[:len(f.calls)-1]
		f.one(t, call)
	}
	if f.open != nil {
		f.open.open--
		f.open = nil
	}
	if f.panicking {
		panic(f.value)
	}
}

func (f *deferrals) one(t *task, d deferral) {
	var before *deferrals
	cleaning, told := 0, 0
	if t != nil {
		told = len(t.trace)
		before, t.deferred = t.deferred, nil
		if d.direct {
			t.deferred = f
		}
		if _, stop := f.value.(stopPanic); f.panicking && stop || t.leaving {
			cleaning = 1
		}
		t.cleaning += cleaning
	}
	defer func() {
		if t != nil {
			t.deferred = before
			t.cleaning -= cleaning
		}
		if r := recover(); r != nil {
			if f.panicking && t != nil { // what the interpreter told about the panic before this one is past
				t.trace = t.trace[min(told, len(t.trace)):]
			}
			f.panicking, f.value = true, r
		}
	}()
	d.call()
}

// deferCall adds a call to those that run when the function ends.
func deferCall(f *deferrals, call func()) { f.add(deferral{call: call}) }

// deferDirect adds a call of a function that is not written out behind defer, and may recover.
func deferDirect(f *deferrals, call func()) { f.add(deferral{call: call, direct: true}) }

func (f *deferrals) add(d deferral) {
	if f.open == nil {
		if f.open = current(); f.open != nil {
			f.open.open++
		}
	}
	f.calls = append(f.calls, d)
}

// deferred is what a function that recovers begins with: the frame that called it as a deferred function, nil if another
// function did. What that one calls in turn cannot recover.
func deferred() *deferrals {
	t := current()
	if t == nil {
		return nil
	}
	f := t.deferred
	t.deferred = nil
	return f
}

// recoverFrame is the builtin recover inside of a deferred function.
func recoverFrame(f *deferrals) any {
	if f == nil || !f.panicking {
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

// recoverAtEnd is recover as a deferred call of the function of frame f, which can recover panics of r.
func recoverAtEnd(f, r *deferrals) {
	if !f.panicking {
		recoverFrame(r)
	}
}

// cellFrame has the deferred calls of the top level of the cell.
func cellFrame() *deferrals {
	if t := current(); t != nil {
		return t.run.frame
	}
	return &deferrals{}
}
