// A typed event bus: handlers found by the type of their event, priorities, cancelling, and middleware.

package main

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A Bus delivers events of any type to the handlers of that type.
type Bus struct {
	handlers map[reflect.Type][]*entry
	nextID   int
	trace    []string
}

type entry struct {
	id, priority int
	call         func(any) error
}

// ErrStop ends the delivery of an event without being a failure.
var ErrStop = errors.New("stop")

func NewBus() *Bus { return &Bus{handlers: map[reflect.Type][]*entry{}} }

// On registers a handler; it returns how to take it away again.
func On[E any](b *Bus, priority int, handle func(E) error) (cancel func() bool) {
	b.nextID++
	t := reflect.TypeFor[E]()
	e := &entry{b.nextID, priority, func(v any) error { return handle(v.(E)) }}
	b.handlers[t] = append(b.handlers[t], e)
	slices.SortStableFunc(b.handlers[t], func(a, b *entry) int { return cmp.Compare(b.priority, a.priority) })
	return func() bool {
		before := len(b.handlers[t])
		b.handlers[t] = slices.DeleteFunc(b.handlers[t], func(o *entry) bool { return o.id == e.id })
		return len(b.handlers[t]) < before
	}
}

// Emit calls the handlers of E, then those of the interfaces that E implements.
func Emit[E any](b *Bus, event E) error {
	t := reflect.TypeFor[E]()
	b.trace = append(b.trace, t.Name())
	var failed []error
	for _, e := range slices.Clone(b.handlers[t]) {
		if err := e.call(event); errors.Is(err, ErrStop) {
			break
		} else if err != nil {
			failed = append(failed, fmt.Errorf("%T: %w", event, err))
		}
	}
	if named, ok := any(event).(Named); ok && t != reflect.TypeFor[Named]() {
		if err := Emit(b, named); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// Count tells how many handlers there are for a type.
func Count[E any](b *Bus) int { return len(b.handlers[reflect.TypeFor[E]()]) }

// A Handler can be wrapped by middleware.
type Handler[E any] func(E) error

type Middleware[E any] func(Handler[E]) Handler[E]

func Wrap[E any](h Handler[E], ms ...Middleware[E]) Handler[E] {
	for _, m := range slices.Backward(ms) {
		h = m(h)
	}
	return h
}

func Logged[E any](log *[]string, name string) Middleware[E] {
	return func(next Handler[E]) Handler[E] {
		return func(e E) error {
			*log = append(*log, name+"<")
			defer func() { *log = append(*log, ">"+name) }()
			return next(e)
		}
	}
}

func Recovered[E any](next Handler[E]) Handler[E] {
	return func(e E) (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("handler panicked: %v", r)
			}
		}()
		return next(e)
	}
}

func Only[E any](ok func(E) bool) Middleware[E] {
	return func(next Handler[E]) Handler[E] {
		return func(e E) error {
			if !ok(e) {
				return nil
			}
			return next(e)
		}
	}
}

type Named interface{ Name() string }

type (
	userCreated struct{ name string }
	userDeleted struct {
		name   string
		reason string
	}
	tick      int
	tickAlias = tick
)

func (u userCreated) Name() string  { return u.name }
func (u *userDeleted) Name() string { return "late " + u.name }

// A Store is built from events, and can tell its own history.
type Store[S any, E any] struct {
	state  S
	events []E
	apply  func(S, E) S
}

func (s *Store[S, E]) Record(e E) error {
	s.state = s.apply(s.state, e)
	s.events = append(s.events, e)
	return nil
}

func (s *Store[S, E]) Replay(n int) (state S) {
	for _, e := range s.events[:n] {
		state = s.apply(state, e)
	}
	return state
}

func main() {
	b := NewBus()
	var log []string
	note := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	flush := func(title string, err error) {
		fmt.Printf("%s: %s (%v)\n", title, strings.Join(log, ", "), err)
		log = nil
	}

	cancel := On(b, 0, func(u userCreated) error { note("welcome %s", u.name); return nil })
	On(b, 10, func(u userCreated) error {
		if u.name == "" {
			note("no name")
			return ErrStop
		}
		return nil
	})
	On(b, 5, func(u userCreated) error {
		if strings.HasPrefix(u.name, "x") {
			return errors.New("suspicious")
		}
		return nil
	})
	On(b, 0, func(n Named) error { note("somebody named %s", n.Name()); return nil })
	flush("ann", Emit(b, userCreated{"ann"}))
	flush("empty", Emit(b, userCreated{}))
	flush("xavier", Emit(b, userCreated{"xavier"}))
	flush("deleted", Emit(b, &userDeleted{"bob", "left"}))
	flush("by value", Emit(b, userDeleted{"cy", "left"}))
	fmt.Println(cancel(), cancel(), Count[userCreated](b), Count[Named](b), Count[int](b))
	flush("after cancel", Emit(b, userCreated{"dan"}))

	// Own types, their base types and aliases: tick is not int, tickAlias is tick.
	On(b, 0, func(n int) error { note("int %d", n); return nil })
	On(b, 0, func(t tickAlias) error { note("tick %d", t); return nil })
	On(b, 0, func(s []string) error { note("slice %v", s); return nil })
	On(b, 0, func(f func() string) error { note("func %s", f()); return nil })
	On(b, 0, func(e error) error { note("error %v", e); return e })
	Emit(b, 1)
	Emit(b, tick(2))
	Emit(b, []string{"a"})
	Emit(b, func() string { return "called" })
	Emit(b, int8(9))
	flush("types", Emit(b, fmt.Errorf("wrapped: %w", ErrStop)))
	flush("failing", Emit(b, error(errors.New("plain"))))

	var calls []string
	h := Wrap(func(t tick) error {
		calls = append(calls, fmt.Sprint("tick ", t))
		if t == 3 {
			panic("three")
		}
		return nil
	}, Recovered, Logged[tick](&calls, "outer"), Only(func(t tick) bool { return t != 2 }), Logged[tick](&calls, "inner"))
	On(b, 1, h)
	for i := range tick(3) {
		if err := Emit(b, i+1); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(calls)

	ledger := &Store[map[string]int, userDeleted]{apply: func(m map[string]int, e userDeleted) map[string]int {
		next := map[string]int{e.reason: 1}
		for k, v := range m {
			next[k] += v
		}
		return next
	}}
	On(b, 0, ledger.Record)
	for _, reason := range []string{"left", "moved", "left"} {
		Emit(b, userDeleted{"someone", reason})
	}
	fmt.Println(ledger.state, ledger.Replay(2), ledger.Replay(0) == nil, len(b.trace), b.trace[:6])
}
