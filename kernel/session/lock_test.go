package session

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestLocksOfCellsAreLocks holds that what cells lock is held by one goroutine at a time, and that compiled code may hold it too.
func TestLocksOfCellsAreLocks(t *testing.T) {
	var mu sync.Mutex
	var rw sync.RWMutex
	n, m := 0, 0
	var group sync.WaitGroup
	for i := range 16 {
		groupGo(&group, func() {
			for range 200 {
				if i == 0 { // compiled code
					mu.Lock()
					n++
					mu.Unlock()
					continue
				}
				lock(&mu)
				n++
				unlock(&mu)
				if i%4 == 0 {
					rwLock(&rw)
					m++
					rwUnlock(&rw)
					continue
				}
				rLock(&rw)
				_ = m
				rUnlock(&rw)
			}
		})
	}
	wait(&group)
	if n != 16*200 || m != 3*200 {
		t.Errorf("counted %d and %d, want %d and %d", n, m, 16*200, 3*200)
	}
	if c := queues.count.Load(); c != 0 || len(queues.byKey) != 0 {
		t.Errorf("%d goroutines still wait in %d queues", c, len(queues.byKey))
	}
}

// TestALockIsFair holds that who waits gets a lock that another goroutine takes again and again.
func TestALockIsFair(t *testing.T) {
	var mu sync.Mutex
	var rw sync.RWMutex
	var done atomic.Bool
	var greedy sync.WaitGroup
	greedy.Go(func() {
		for !done.Load() {
			lock(&mu)
			time.Sleep(100 * time.Microsecond)
			unlock(&mu)
		}
	})
	for range 2 {
		greedy.Go(func() {
			for !done.Load() {
				rLock(&rw)
				time.Sleep(100 * time.Microsecond)
				rUnlock(&rw)
			}
		})
	}
	for range 50 {
		lock(&mu)
		unlock(&mu)
		rwLock(&rw)
		rwUnlock(&rw)
	}
	done.Store(true)
	greedy.Wait()
}

func TestConditionsWakeWhoWaits(t *testing.T) {
	var rw sync.RWMutex
	for _, l := range []sync.Locker{&sync.Mutex{}, &sync.RWMutex{}, rw.RLocker()} {
		c := sync.NewCond(l)
		var woken atomic.Int32
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				lockerLock(l)
				condWait(c)
				woken.Add(1)
				lockerUnlock(l)
			})
		}
		for queuedOn(c) < 5 {
			time.Sleep(time.Millisecond)
		}
		condSignal(c)
		for woken.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		if n := queuedOn(c); n != 4 {
			t.Errorf("%T: after a signal %d wait, want 4", l, n)
		}
		condBroadcast(c)
		group.Wait()
	}
}

func queuedOn(key any) int {
	queues.Lock()
	defer queues.Unlock()
	return len(queues.byKey[key])
}

// TestAnUnlockTooManyIsAnError and does not end the process, as it does in a compiled program.
func TestAnUnlockTooManyIsAnError(t *testing.T) {
	for name, f := range map[string]func(){
		"sync: unlock of unlocked mutex":     func() { unlock(&sync.Mutex{}) },
		"sync: Unlock of unlocked RWMutex":   func() { rwUnlock(&sync.RWMutex{}) },
		"sync: RUnlock of unlocked RWMutex":  func() { rUnlock(&sync.RWMutex{}) },
		"sync: negative WaitGroup counter":   func() { groupDone(&sync.WaitGroup{}) },
		"sync: Unlock of unlocked RWMutex ":  func() { m := &sync.RWMutex{}; m.RLock(); rwUnlock(m) },
		"sync: RUnlock of unlocked RWMutex ": func() { lockerUnlock(new(sync.RWMutex).RLocker()) },
	} {
		func() {
			defer func() {
				r := recover()
				text, _ := r.(string)
				if err, ok := r.(error); ok {
					text = err.Error()
				}
				if text != strings.TrimSpace(name) {
					t.Errorf("panics with %v, want %s", r, name)
				}
			}()
			f()
		}()
	}
}

// TestALockThatIsInterruptedStaysWithItsOwner holds that a cell that is interrupted while it waits neither gets nor breaks a lock.
func TestALockThatIsInterruptedStaysWithItsOwner(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := s.newRun(1, 1)
	var mu sync.Mutex
	lock(&mu)
	ended := make(chan any)
	n := r.newTask(1, 1)
	n.main = true
	go func() {
		n.begin()
		defer n.end()
		defer func() { ended <- recover() }()
		lock(&mu)
	}()
	for queuedOn(&mu) == 0 {
		time.Sleep(time.Millisecond)
	}
	r.stop()
	if v := <-ended; v != any(stopPanic{}) {
		t.Errorf("the wait ends with %v", v)
	}
	if mu.TryLock() {
		t.Error("the mutex is free")
	}
	unlock(&mu)
	if !mu.TryLock() {
		t.Error("the mutex is not free")
	}
	<-r.gone
	if r.ctx.Err() != context.Canceled {
		t.Error("the context of the run has not ended")
	}
}
