package session

import (
	"reflect"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// The waits of package sync cannot be ended from outside. What cells lock, wait for and signal goes through the functions
// here: a goroutine that has to wait queues up, and leaves the queue when its cell is to stop. Locks are the real ones, held
// by whom they were given to, so that compiled code may use them too; only what it releases is noticed a little late.

// waiter is a goroutine that waits.
type waiter struct {
	try   func() bool   // takes what it waits for, if it can be had; nil for a signal
	given chan struct{} // closed when it has what it waits for
}

// queues has those who wait by what they wait for, first come first served.
var queues struct {
	sync.Mutex
	count atomic.Int64 // of waiters
	byKey map[any][]*waiter
}

// longestPause is the longest time between two looks at a lock whose owner may be compiled code, which tells nobody.
const longestPause = 5 * time.Millisecond

// take waits until try succeeds; undo gives back what it took. The key tells what is waited for, in words what does.
func take(what string, key any, try func() bool, undo func()) {
	w := &waiter{try, make(chan struct{})}
	join(key, w)
	give(key) // it may have become free before others knew of the waiter
	defer func() {
		if w != nil && !quit(key, w) {
			undo()
		}
	}()
	t := current()
	stop := t.wait(what)
	pause := 50 * time.Microsecond
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-w.given:
			w = nil
			t.waited()
			return
		case <-stop:
			t.unwind()
		case <-timer.C:
			give(key)
			pause = min(2*pause, longestPause)
			timer.Reset(pause)
		}
	}
}

func join(key any, w *waiter) {
	queues.Lock()
	defer queues.Unlock()
	queues.count.Add(1)
	if queues.byKey == nil {
		queues.byKey = map[any][]*waiter{}
	}
	queues.byKey[key] = append(queues.byKey[key], w)
}

// quit takes a waiter out of its queue; it is false if the waiter was given what it waits for.
func quit(key any, w *waiter) bool {
	queues.Lock()
	defer queues.Unlock()
	for i, x := range queues.byKey[key] {
		if x == w {
			remove(key, i)
			return true
		}
	}
	return false
}

// remove takes out waiter i of a queue. Queues are locked.
func remove(key any, i int) *waiter {
	q := queues.byKey[key]
	w := q[i]
	if q = append(q[:i:i], q[i+1:]...); len(q) == 0 {
		delete(queues.byKey, key)
	} else {
		queues.byKey[key] = q
	}
	queues.count.Add(-1)
	return w
}

// give gives those who wait what they wait for, as far as it can be had.
func give(key any) {
	if queues.count.Load() == 0 {
		return
	}
	queues.Lock()
	defer queues.Unlock()
	for len(queues.byKey[key]) > 0 && queues.byKey[key][0].try() {
		close(remove(key, 0).given)
	}
}

// queued tells whether somebody waits.
func queued(key any) bool {
	if queues.count.Load() == 0 {
		return false
	}
	queues.Lock()
	defer queues.Unlock()
	return len(queues.byKey[key]) > 0
}

func lock(m *sync.Mutex) {
	if !m.TryLock() {
		take("for a lock", m, m.TryLock, func() { unlock(m) })
	}
}

func unlock(m *sync.Mutex) {
	if m.TryLock() { // the runtime would end the process
		m.Unlock()
		panic(&RuntimeError{"sync: unlock of unlocked mutex"})
	}
	m.Unlock()
	give(m)
}

func rwLock(m *sync.RWMutex) {
	if !m.TryLock() {
		take("for a lock", m, m.TryLock, func() { rwUnlock(m) })
	}
}

func rwUnlock(m *sync.RWMutex) {
	if m.TryRLock() {
		m.RUnlock()
		panic(&RuntimeError{"sync: Unlock of unlocked RWMutex"})
	}
	m.Unlock()
	give(m)
}

// rLock waits behind a writer that waits, as the real lock does.
func rLock(m *sync.RWMutex) {
	if queued(m) || !m.TryRLock() {
		take("for a lock", m, m.TryRLock, func() { rUnlock(m) })
	}
}

func rUnlock(m *sync.RWMutex) {
	if m.TryLock() {
		m.Unlock()
		panic(&RuntimeError{"sync: RUnlock of unlocked RWMutex"})
	}
	m.RUnlock()
	give(m)
}

var readLocker = reflect.TypeOf(new(sync.RWMutex).RLocker())

// readLocked is the lock behind the result of RLocker.
func readLocked(l sync.Locker) *sync.RWMutex {
	if v := reflect.ValueOf(l); v.IsValid() && v.Type() == readLocker {
		return (*sync.RWMutex)(v.UnsafePointer())
	}
	return nil
}

func lockerLock(l sync.Locker) {
	switch m := l.(type) {
	case *sync.Mutex:
		lock(m)
	case *sync.RWMutex:
		rwLock(m)
	default:
		if r := readLocked(l); r != nil {
			rLock(r)
			return
		}
		l.Lock()
	}
}

func lockerUnlock(l sync.Locker) {
	switch m := l.(type) {
	case *sync.Mutex:
		unlock(m)
	case *sync.RWMutex:
		rwUnlock(m)
	default:
		if r := readLocked(l); r != nil {
			rUnlock(r)
			return
		}
		l.Unlock()
	}
}

// groupState is where a WaitGroup has its counter; TestTheRuntimeIsAsExpected holds it to that.
var groupState = func() uintptr {
	f, ok := reflect.TypeFor[sync.WaitGroup]().FieldByName("state")
	if !ok || f.Type != reflect.TypeFor[atomic.Uint64]() {
		panic("internal error: a WaitGroup has no counter")
	}
	return f.Offset
}()

// idle tells whether the counter of a WaitGroup is zero.
func idle(w *sync.WaitGroup) bool {
	return (*atomic.Uint64)(unsafe.Add(unsafe.Pointer(w), groupState)).Load()>>32 == 0
}

func wait(w *sync.WaitGroup) {
	if !idle(w) {
		take("for a WaitGroup", w, func() bool { return idle(w) }, func() {})
	}
}

func groupAdd(w *sync.WaitGroup, n int) {
	w.Add(n)
	if n < 0 {
		give(w)
	}
}

func groupDone(w *sync.WaitGroup) { groupAdd(w, -1) }

// groupGo is sync.WaitGroup.Go: a panic of f fails the cell.
func groupGo(w *sync.WaitGroup, f func()) {
	w.Add(1)
	spawn(func() {
		defer groupDone(w)
		f()
	})
}

// condWait is sync.Cond.Wait. When its cell is to stop it takes the lock all the same, if that is soon to be had: deferred
// calls expect to hold it.
func condWait(c *sync.Cond) {
	w := &waiter{given: make(chan struct{})}
	join(c, w)
	lockerUnlock(c.L)
	t := current()
	select {
	case <-w.given:
		t.waited()
		lockerLock(c.L)
	case <-t.wait("for a sync.Cond to be signalled"):
		if !quit(c, w) {
			condSignal(c)
		}
		soon(func() bool { return tryLocker(c.L) })
		t.unwind()
	}
}

func tryLocker(l sync.Locker) bool {
	if r := readLocked(l); r != nil {
		return r.TryRLock()
	}
	m, ok := l.(interface{ TryLock() bool })
	return !ok || m.TryLock()
}

// soon tries for a short time.
func soon(try func() bool) {
	for range 10 {
		if try() {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func condSignal(c *sync.Cond) {
	queues.Lock()
	if len(queues.byKey[c]) > 0 {
		close(remove(c, 0).given)
		queues.Unlock()
		return
	}
	queues.Unlock()
	c.Signal()
}

func condBroadcast(c *sync.Cond) {
	queues.Lock()
	for len(queues.byKey[c]) > 0 {
		close(remove(c, 0).given)
	}
	queues.Unlock()
	c.Broadcast()
}
