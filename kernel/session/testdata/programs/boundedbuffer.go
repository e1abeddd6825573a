// Waiting for conditions: a bounded buffer, a gate, a read-write lock, and a queue by priority, on sync.Cond.

package main

import (
	"container/heap"
	"fmt"
	"slices"
	"sync"
)

// A Buffer holds at most cap items; Put and Take wait.
type Buffer[T any] struct {
	mu       sync.Mutex
	notEmpty *sync.Cond
	notFull  *sync.Cond
	items    []T
	limit    int
	closed   bool
	most     int
}

func NewBuffer[T any](limit int) *Buffer[T] {
	b := &Buffer[T]{limit: limit}
	b.notEmpty = sync.NewCond(&b.mu)
	b.notFull = sync.NewCond(&b.mu)
	return b
}

func (b *Buffer[T]) Put(v T) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) == b.limit && !b.closed {
		b.notFull.Wait()
	}
	if b.closed {
		return false
	}
	b.items = append(b.items, v)
	b.most = max(b.most, len(b.items))
	b.notEmpty.Signal()
	return true
}

func (b *Buffer[T]) Take() (v T, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) == 0 && !b.closed {
		b.notEmpty.Wait()
	}
	if len(b.items) == 0 {
		return v, false
	}
	v, b.items = b.items[0], b.items[1:]
	b.notFull.Signal()
	return v, true
}

func (b *Buffer[T]) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.notEmpty.Broadcast()
	b.notFull.Broadcast()
}

// A Gate lets everybody through once it has been opened.
type Gate struct {
	sync.Cond
	open    bool
	waiting int
}

func NewGate() *Gate { return &Gate{Cond: sync.Cond{L: &sync.Mutex{}}} }

func (g *Gate) Pass() {
	g.L.Lock()
	defer g.L.Unlock()
	g.waiting++
	for !g.open {
		g.Wait()
	}
	g.waiting--
}

func (g *Gate) Waiting() int {
	g.L.Lock()
	defer g.L.Unlock()
	return g.waiting
}

func (g *Gate) Open() {
	g.L.Lock()
	g.open = true
	g.L.Unlock()
	g.Broadcast()
}

// A Latch opens when it has been counted down to zero.
type Latch struct {
	mu   sync.Mutex
	cond *sync.Cond
	n    int
}

func NewLatch(n int) *Latch {
	l := &Latch{n: n}
	l.cond = sync.NewCond(&l.mu)
	return l
}

func (l *Latch) Down() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n--; l.n == 0 {
		l.cond.Broadcast()
	}
}

func (l *Latch) Await() {
	l.mu.Lock()
	for l.n > 0 {
		l.cond.Wait()
	}
	l.mu.Unlock()
}

type task struct {
	priority int
	name     string
}

type taskHeap []task

func (h taskHeap) Len() int           { return len(h) }
func (h taskHeap) Less(i, j int) bool { return h[i].priority > h[j].priority }
func (h taskHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *taskHeap) Push(x any)        { *h = append(*h, x.(task)) }
func (h *taskHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

type priorityQueue struct {
	sync.Mutex
	changed *sync.Cond
	heap    taskHeap
	closed  bool
}

func (q *priorityQueue) add(ts ...task) {
	q.Lock()
	for _, t := range ts {
		heap.Push(&q.heap, t)
	}
	q.Unlock()
	q.changed.Broadcast()
}

func (q *priorityQueue) next() (task, bool) {
	q.Lock()
	defer q.Unlock()
	for len(q.heap) == 0 {
		if q.closed {
			return task{}, false
		}
		q.changed.Wait()
	}
	return heap.Pop(&q.heap).(task), true
}

func main() {
	// Three producers and two consumers share a buffer of four.
	b := NewBuffer[int](4)
	var producers, consumers sync.WaitGroup
	for p := range 3 {
		producers.Go(func() {
			for i := range 20 {
				b.Put(p*100 + i)
			}
		})
	}
	taken := make([][]int, 2)
	for c := range 2 {
		consumers.Go(func() {
			for v, ok := b.Take(); ok; v, ok = b.Take() {
				taken[c] = append(taken[c], v)
			}
		})
	}
	producers.Wait()
	b.Close()
	consumers.Wait()
	all := slices.Concat(taken...)
	slices.Sort(all)
	fmt.Println(len(all), all[:3], all[57:], b.most <= 4, b.Put(1))
	// What one producer put in comes out in its order, also for a single consumer.
	for _, part := range taken {
		last := map[int]int{0: -1, 1: -1, 2: -1}
		inOrder := true
		for _, v := range part {
			inOrder = inOrder && v%100 > last[v/100]
			last[v/100] = v % 100
		}
		fmt.Println("in order:", inOrder)
	}

	single := NewBuffer[string](1)
	go func() {
		for _, s := range []string{"ping", "pong", "done"} {
			single.Put(s)
		}
		single.Close()
	}()
	for s, ok := single.Take(); ok; s, ok = single.Take() {
		fmt.Print(s, " ")
	}
	fmt.Println(single.Take())

	gate, latch := NewGate(), NewLatch(5)
	var mu sync.Mutex
	passed := 0
	for range 5 {
		go func() {
			gate.Pass()
			mu.Lock()
			passed++
			mu.Unlock()
			latch.Down()
		}()
	}
	mu.Lock()
	fmt.Println("before:", passed, gate.Waiting() <= 5)
	mu.Unlock()
	gate.Open()
	latch.Await()
	gate.Pass()
	fmt.Println("after:", passed, gate.Waiting())

	q := &priorityQueue{}
	q.changed = sync.NewCond(q)
	ready := make(chan struct{})
	var order []string
	go func() {
		defer close(ready)
		for t, ok := q.next(); ok; t, ok = q.next() {
			order = append(order, t.name)
		}
	}()
	q.add(task{1, "sweep"}, task{9, "alarm"}, task{5, "mail"}, task{7, "call"})
	q.Lock()
	q.closed = true
	q.Unlock()
	q.changed.Broadcast()
	<-ready
	for i, name := range order {
		fmt.Println(i+1, name)
	}
	fmt.Println(len(q.heap), q.closed)
}
