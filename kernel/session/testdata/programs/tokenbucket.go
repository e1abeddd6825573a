// Rate limits on a clock that is turned by hand: token buckets, sliding windows, and a debouncer.

package main

import (
	"container/heap"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Clock is what the limiters know about time.
type Clock interface {
	Now() time.Time
	AfterFunc(d time.Duration, f func()) (cancel func())
}

// handClock moves only when it is told to; what is due runs in order.
type handClock struct {
	mu    sync.Mutex
	now   time.Time
	queue timers
	seq   int
}

type timer struct {
	at   time.Time
	seq  int
	f    func()
	dead bool
}

type timers []*timer

func (t timers) Len() int { return len(t) }
func (t timers) Less(i, j int) bool {
	return t[i].at.Before(t[j].at) || t[i].at.Equal(t[j].at) && t[i].seq < t[j].seq
}
func (t timers) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *timers) Push(x any)   { *t = append(*t, x.(*timer)) }
func (t *timers) Pop() any {
	n := len(*t) - 1
	last := (*t)[n]
	*t = (*t)[:n]
	return last
}

func newClock() *handClock {
	return &handClock{now: time.Date(2024, time.February, 28, 23, 59, 58, 0, time.UTC)}
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) AfterFunc(d time.Duration, f func()) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	t := &timer{at: c.now.Add(d), seq: c.seq, f: f}
	heap.Push(&c.queue, t)
	return func() { t.dead = true }
}

func (c *handClock) Advance(d time.Duration) {
	c.mu.Lock()
	target := c.now.Add(d)
	for len(c.queue) > 0 && !c.queue[0].at.After(target) {
		t := heap.Pop(&c.queue).(*timer)
		c.now = t.at
		if !t.dead {
			c.mu.Unlock()
			t.f()
			c.mu.Lock()
		}
	}
	c.now = target
	c.mu.Unlock()
}

// Limiter says whether something may happen now.
type Limiter interface{ Allow() bool }

type tokenBucket struct {
	clock    Clock
	every    time.Duration
	capacity float64
	tokens   float64
	last     time.Time
}

func newTokenBucket(c Clock, every time.Duration, capacity int) *tokenBucket {
	return &tokenBucket{c, every, float64(capacity), float64(capacity), c.Now()}
}

func (b *tokenBucket) Allow() bool {
	now := b.clock.Now()
	b.tokens = min(b.capacity, b.tokens+float64(now.Sub(b.last))/float64(b.every))
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

type slidingWindow struct {
	clock  Clock
	length time.Duration
	limit  int
	events []time.Time
}

func (w *slidingWindow) Allow() bool {
	now := w.clock.Now()
	for len(w.events) > 0 && now.Sub(w.events[0]) >= w.length {
		w.events = w.events[1:]
	}
	if len(w.events) >= w.limit {
		return false
	}
	w.events = append(w.events, now)
	return true
}

// allOf allows only what every part allows.
type allOf []Limiter

func (a allOf) Allow() bool {
	for _, l := range a {
		if !l.Allow() {
			return false
		}
	}
	return true
}

// debounce calls f once, when no further call has come for a while.
func debounce(c Clock, wait time.Duration, f func(calls int)) func() {
	calls, cancel := 0, func() {}
	return func() {
		cancel()
		calls++
		cancel = c.AfterFunc(wait, func() {
			n := calls
			calls = 0
			f(n)
		})
	}
}

func pattern(c *handClock, l Limiter, step time.Duration, n int) string {
	var b strings.Builder
	for range n {
		if l.Allow() {
			b.WriteByte('+')
		} else {
			b.WriteByte('.')
		}
		c.Advance(step)
	}
	return b.String()
}

func main() {
	c := newClock()
	start := c.Now()
	stamp := func() string { return c.Now().Sub(start).String() }

	fmt.Println("bucket", pattern(c, newTokenBucket(c, time.Second, 3), 250*time.Millisecond, 24), stamp())
	fmt.Println("window", pattern(c, &slidingWindow{clock: c, length: time.Second, limit: 2}, 200*time.Millisecond, 20), stamp())
	both := allOf{newTokenBucket(c, 500*time.Millisecond, 5), &slidingWindow{clock: c, length: 3 * time.Second, limit: 4}}
	fmt.Println("both  ", pattern(c, both, 300*time.Millisecond, 25), stamp())
	fmt.Println("none  ", pattern(c, allOf{}, time.Hour, 3), stamp(), c.Now().Format(time.DateTime))

	c = newClock()
	start = c.Now()
	var log []string
	note := func(s string) { log = append(log, s+"@"+stamp()) }
	c.AfterFunc(3*time.Second, func() { note("three") })
	c.AfterFunc(time.Second, func() {
		note("one")
		c.AfterFunc(500*time.Millisecond, func() { note("nested") })
	})
	cancel := c.AfterFunc(2*time.Second, func() { note("cancelled") })
	c.AfterFunc(time.Second, func() { note("also one") })
	cancel()
	c.Advance(4 * time.Second)
	fmt.Println(log, len(c.queue))
	fmt.Println(c.Now().Format("2006-01-02 15:04:05"), c.Now().YearDay(), c.Now().Weekday())

	save := debounce(c, 100*time.Millisecond, func(calls int) { fmt.Println("saved once for", calls, "calls at", stamp()) })
	for _, pause := range []int{10, 50, 99, 100, 30, 200} {
		save()
		c.Advance(time.Duration(pause) * time.Millisecond)
	}

	// A ticker made of timers.
	ticks := 0
	var tick func()
	tick = func() {
		if ticks++; ticks < 5 {
			c.AfterFunc(250*time.Millisecond, tick)
		}
	}
	tick()
	for _, d := range []time.Duration{200, 100, 450, 1000} {
		c.Advance(d * time.Millisecond)
		fmt.Print(ticks, " ")
	}
	fmt.Println()

	// Goroutines share one bucket under a lock; exactly its capacity goes through.
	bucket := newTokenBucket(c, time.Second, 7)
	var mu sync.Mutex
	var wg sync.WaitGroup
	allowed := 0
	for range 30 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			if bucket.Allow() {
				allowed++
			}
		})
	}
	wg.Wait()
	fmt.Println("allowed", allowed)
	for _, d := range []time.Duration{1500 * time.Millisecond, 2*time.Hour + 3*time.Second, 999, 1e6, -time.Minute, 36 * time.Hour} {
		fmt.Print(d, " ", d.Truncate(time.Second), " ", d.Round(time.Minute), " ", int64(d/time.Second), "; ")
	}
	fmt.Println()
}
