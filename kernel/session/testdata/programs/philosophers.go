// Dining philosophers, three ways: ordered forks, a waiter, and forks that are asked for by messages.

package main

import (
	"fmt"
	"sync"
)

const (
	seats = 5
	meals = 6
)

// table watches that no two neighbours eat at the same time.
type table struct {
	mu     sync.Mutex
	eating [seats]bool
	meals  [seats]int
	most   int
	wrong  int
}

func (t *table) begin(seat int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.eating[(seat+1)%seats] || t.eating[(seat+seats-1)%seats] {
		t.wrong++
	}
	t.eating[seat] = true
	now := 0
	for _, e := range t.eating {
		if e {
			now++
		}
	}
	t.most = max(t.most, now)
}

func (t *table) end(seat int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.eating[seat] = false
	t.meals[seat]++
}

func (t *table) eat(seat int) {
	t.begin(seat)
	defer t.end(seat)
}

// A strategy takes both forks of a seat and returns how to put them back.
type strategy interface {
	take(seat int) (release func())
}

// ordered takes the fork with the lower number first, so that no circle can close.
type ordered [seats]sync.Mutex

func (o *ordered) take(seat int) func() {
	first, second := seat, (seat+1)%seats
	if first > second {
		first, second = second, first
	}
	o[first].Lock()
	o[second].Lock()
	return func() {
		o[second].Unlock()
		o[first].Unlock()
	}
}

// waiter lets only four sit down; one of them always gets two forks.
type waiter struct {
	seats chan struct{}
	forks [seats]chan struct{}
}

func newWaiter() *waiter {
	w := &waiter{seats: make(chan struct{}, seats-1)}
	for i := range w.forks {
		w.forks[i] = make(chan struct{}, 1)
		w.forks[i] <- struct{}{}
	}
	return w
}

func (w *waiter) take(seat int) func() {
	w.seats <- struct{}{}
	left, right := w.forks[seat], w.forks[(seat+1)%seats]
	<-left
	<-right
	return func() {
		left <- struct{}{}
		right <- struct{}{}
		<-w.seats
	}
}

// host is a goroutine that knows all forks and grants both at once.
type host struct {
	requests chan request
	returns  chan int
	quit     chan chan int
}

type request struct {
	seat    int
	granted chan struct{}
}

func newHost() *host {
	h := &host{make(chan request), make(chan int), make(chan chan int)}
	go h.run()
	return h
}

func (h *host) run() {
	var used [seats]bool
	var waiting []request
	longest := 0
	for {
		select {
		case r := <-h.requests:
			waiting = append(waiting, r)
			longest = max(longest, len(waiting))
		case seat := <-h.returns:
			used[seat], used[(seat+1)%seats] = false, false
		case answer := <-h.quit:
			answer <- longest
			return
		}
		rest := waiting[:0]
		for _, r := range waiting {
			left, right := r.seat, (r.seat+1)%seats
			if used[left] || used[right] {
				rest = append(rest, r)
				continue
			}
			used[left], used[right] = true, true
			close(r.granted)
		}
		waiting = rest
	}
}

func (h *host) take(seat int) func() {
	r := request{seat, make(chan struct{})}
	h.requests <- r
	<-r.granted
	return func() { h.returns <- seat }
}

func dine(name string, s strategy) {
	var t table
	var wg sync.WaitGroup
	for seat := range seats {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range meals {
				release := s.take(seat)
				t.eat(seat)
				release()
			}
		}()
	}
	wg.Wait()
	fmt.Printf("%-8s meals %v, neighbours at once %d, at most two eat %t, quiet %t\n", name, t.meals, t.wrong, t.most <= 2 && t.most > 0, t.eating == [seats]bool{})
}

// deadlock shows, without ever hanging, why taking the left fork first does not work.
func deadlock() {
	var held [seats]int
	for i := range held {
		held[i] = -1
	}
	for seat := range seats { // everybody takes the left fork
		held[seat] = seat
	}
	blocked := 0
	for seat := range seats { // and then wants the right one
		if owner := held[(seat+1)%seats]; owner >= 0 && owner != seat {
			blocked++
		}
	}
	fmt.Println("blocked when all are greedy:", blocked, "of", seats, held)
	for order := range 2 {
		holder := map[int]int{}
		stuck := 0
		for seat := range seats {
			first := seat
			if order == 1 {
				first = min(seat, (seat+1)%seats)
			}
			if _, taken := holder[first]; taken {
				stuck++
				continue
			}
			holder[first] = seat
		}
		fmt.Println("ordered:", order == 1, "first forks", len(holder), "waiting already", stuck)
	}
}

func main() {
	dine("ordered", new(ordered))
	dine("waiter", newWaiter())
	h := newHost()
	dine("host", h)
	answer := make(chan int)
	h.quit <- answer
	longest := <-answer
	fmt.Println("longest queue within bounds:", longest >= 1 && longest <= seats)
	deadlock()

	// Alone, each strategy is the same: take, eat, release.
	var t table
	for name, s := range []strategy{new(ordered), newWaiter()} {
		for seat := range seats {
			release := s.take(seat)
			t.eat(seat)
			release()
		}
		fmt.Println(name, t.meals, t.most)
	}
	var none strategy
	fmt.Println(none == nil, t.wrong)
	for _, s := range []strategy{new(ordered), newWaiter(), h} {
		switch s.(type) {
		case *ordered:
			fmt.Print("locks ")
		case *waiter:
			fmt.Print("tokens ")
		default:
			fmt.Printf("%T\n", s)
		}
	}
}
