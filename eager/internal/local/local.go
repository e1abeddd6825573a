// Package local holds values that belong to the running goroutine: the modes of the engine (NoGrad, Scope, Trace).
//
// # Decisions
//
// 2026-11-23: A mode that lives in a package variable is shared by goroutines that know nothing of each other, and a context
// argument on every op would spoil how tensors read. So the identity of the goroutine (the address of its g, two instructions
// of assembly) finds its value in a small table. A value is set only while a function runs and is removed by a deferred call,
// so nothing is left behind when a goroutine ends, and when no goroutine has a value at all a look-up is one atomic load.
package local

import (
	"sync"
	"sync/atomic"
)

// Table maps goroutines to values of one kind. The zero Table is ready for use. Get takes no lock.
type Table[T any] struct {
	live    atomic.Int32 // goroutines that have a value
	mu      sync.Mutex   // held by Set
	buckets [64]atomic.Pointer[entry[T]]
}

// entry is never changed once it is in a chain. What hold points to is read and written by the goroutine id alone.
type entry[T any] struct {
	id   uintptr
	hold *hold[T]
	next *entry[T]
}

type hold[T any] struct{ value *T }

func bucket(id uintptr) uintptr { return (id>>6 ^ id>>12) % 64 }

// Get is the value of the running goroutine, or nil.
func (t *Table[T]) Get() *T {
	if t.live.Load() == 0 {
		return nil
	}
	id := ID()
	for e := t.buckets[bucket(id)].Load(); e != nil; e = e.next {
		if e.id == id {
			return e.hold.value
		}
	}
	return nil
}

// Set gives the running goroutine the value v; nil removes it. Whoever sets a value must put the old one back with a deferred
// call, or the table keeps an entry for a goroutine that has ended.
func (t *Table[T]) Set(v *T) {
	id := ID()
	b := &t.buckets[bucket(id)]
	if v != nil {
		for e := b.Load(); e != nil; e = e.next {
			if e.id == id {
				e.hold.value = v
				return
			}
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if v != nil {
		b.Store(&entry[T]{id, &hold[T]{v}, b.Load()})
		t.live.Add(1)
		return
	}
	// Removing makes new links up to the entry: other goroutines may be walking the old ones.
	var kept []*entry[T]
	for e := b.Load(); e != nil; e = e.next {
		if e.id != id {
			kept = append(kept, e)
			continue
		}
		rest := e.next
		for i := len(kept) - 1; i >= 0; i-- {
			rest = &entry[T]{kept[i].id, kept[i].hold, rest}
		}
		b.Store(rest)
		t.live.Add(-1)
		return
	}
}
