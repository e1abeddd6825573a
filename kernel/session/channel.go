package session

import (
	"reflect"
	"time"
)

// receive is <-ch; it stops when the cell is interrupted.
func receive(ch any) (any, bool) {
	c := reflect.ValueOf(ch)
	if c.Kind() == reflect.Chan && !c.IsNil() {
		if v, ok := c.TryRecv(); ok || v.IsValid() {
			return v.Interface(), ok
		}
	}
	_, v, ok := choose("to receive from a channel", []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: c}})
	return v.Interface(), ok
}

// send is ch <- v.
func send(ch, v any) {
	c := reflect.ValueOf(ch)
	x := element(c, v)
	if !c.IsNil() && c.TrySend(x) {
		return
	}
	choose("to send to a channel", []reflect.SelectCase{{Dir: reflect.SelectSend, Chan: c, Send: x}})
}

func element(c reflect.Value, v any) reflect.Value {
	if v == nil {
		return reflect.Zero(c.Type().Elem())
	}
	return reflect.ValueOf(v)
}

// choose is reflect.Select that ends when the cell is interrupted.
func choose(what string, cases []reflect.SelectCase) (int, reflect.Value, bool) {
	t := current()
	n := len(cases)
	if stop := t.wait(what); stop != nil {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(stop)})
	}
	i, v, ok := reflect.Select(cases)
	if i == n {
		t.unwind()
	}
	t.waited()
	return i, v, ok
}

// Case is a case of a select statement.
type Case struct {
	dir  reflect.SelectDir
	ch   reflect.Value
	send reflect.Value
}

func caseDefault() Case { return Case{dir: reflect.SelectDefault} }

func caseReceive(ch any) Case { return Case{dir: reflect.SelectRecv, ch: reflect.ValueOf(ch)} }

func caseSend(ch, v any) Case {
	c := reflect.ValueOf(ch)
	return Case{dir: reflect.SelectSend, ch: c, send: element(c, v)}
}

// selectCases is a select statement: the number of the case that was chosen, and what it received.
func selectCases(cases ...Case) (int, any, bool) {
	list := make([]reflect.SelectCase, len(cases))
	ready := false
	for i, c := range cases {
		list[i] = reflect.SelectCase{Dir: c.dir, Chan: c.ch, Send: c.send}
		ready = ready || c.dir == reflect.SelectDefault
	}
	if ready {
		i, v, ok := reflect.Select(list)
		return i, unpack(v), ok
	}
	i, v, ok := choose("in a select statement", list)
	return i, unpack(v), ok
}

func unpack(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}

// sleep is time.Sleep.
func sleep(d time.Duration) {
	if d <= 0 {
		current().check()
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	t := current()
	select {
	case <-timer.C:
	case <-t.wait(""):
		t.unwind()
	}
}

// spawn is the go statement.
func spawn(f func()) {
	t := current()
	if t == nil {
		go f()
		return
	}
	n := t.run.newTask(t.place())
	go n.guard(f)
}

// guard runs f as the whole of a task that is not the cell's own: a panic fails the cell.
func (t *task) guard(f func()) {
	t.begin()
	defer t.end()
	defer func() {
		if r := recover(); r != nil {
			t.died(r)
		} else if t.failure != nil && !t.run.stopped.Load() { // it left through runtime.Goexit
			t.run.fail(t.inGoroutine(t.failure))
		}
	}()
	t.check()
	f()
}

// died reports the panic that ended a goroutine other than the cell's own.
func (t *task) died(r any) {
	if _, stop := r.(stopPanic); stop || t.run.stopped.Load() {
		return
	}
	f := t.run.s.failure(t, r)
	if _, exit := r.(exitPanic); !exit {
		f = t.inGoroutine(f)
	}
	t.run.fail(f)
}

func (t *task) inGoroutine(f *Failure) *Failure {
	f.Text += "\n(in a goroutine that cell " + itoa(t.run.cell) + " started)"
	return f
}

// afterFunc is time.AfterFunc: a panic of f fails the cell.
func afterFunc(d time.Duration, f func()) *time.Timer {
	t := current()
	if t == nil {
		return time.AfterFunc(d, f)
	}
	return time.AfterFunc(d, func() { t.run.newTask(t.run.cell, 0).guard(f) })
}
