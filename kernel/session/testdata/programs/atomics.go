// Atomics and once: counters, compare-and-swap, lock-free stacks, lazy values, pools, and concurrent maps.

package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// stats gathers without a lock: a count, a sum of floats, and the largest value.
type stats struct {
	count atomic.Int64
	bits  atomic.Uint64
	most  atomic.Int32
}

func (s *stats) add(x float64) {
	s.count.Add(1)
	for {
		old := s.bits.Load()
		if s.bits.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+x)) {
			break
		}
	}
	for n := int32(x); ; {
		old := s.most.Load()
		if n <= old || s.most.CompareAndSwap(old, n) {
			return
		}
	}
}

// A Stack is Treiber's: the head is swapped only when nobody else has changed it.
type Stack[T any] struct {
	head atomic.Pointer[node[T]]
	size atomic.Int32
}

type node[T any] struct {
	value T
	next  *node[T]
}

func (s *Stack[T]) Push(v T) {
	n := &node[T]{value: v}
	for {
		n.next = s.head.Load()
		if s.head.CompareAndSwap(n.next, n) {
			s.size.Add(1)
			return
		}
	}
}

func (s *Stack[T]) Pop() (v T, ok bool) {
	for {
		top := s.head.Load()
		if top == nil {
			return v, false
		}
		if s.head.CompareAndSwap(top, top.next) {
			s.size.Add(-1)
			return top.value, true
		}
	}
}

// A spinLock is a lock made of one number.
type spinLock struct{ held atomic.Bool }

func (l *spinLock) Lock() {
	for !l.held.CompareAndSwap(false, true) {
	}
}
func (l *spinLock) Unlock() { l.held.Store(false) }

type config struct {
	version int
	names   []string
}

// current is replaced as a whole; readers never see half of it.
var current atomic.Pointer[config]

func update(name string) {
	for {
		old := current.Load()
		next := &config{old.version + 1, append(slices.Clone(old.names), name)}
		if current.CompareAndSwap(old, next) {
			return
		}
	}
}

func main() {
	var s stats
	together(10, func(i int) {
		for k := range 20 {
			s.add(float64(i*20 + k))
		}
	})
	fmt.Println(s.count.Load(), math.Float64frombits(s.bits.Load()), s.most.Load())

	var st Stack[int]
	together(4, func(i int) {
		for k := range 25 {
			st.Push(i*25 + k)
		}
	})
	fmt.Println("pushed", st.size.Load())
	var popped sync.Map
	together(5, func(int) {
		for range 15 {
			if v, ok := st.Pop(); ok {
				popped.Store(v, v*v)
			}
		}
	})
	n := 0
	popped.Range(func(k, v any) bool {
		if k.(int)*k.(int) == v.(int) {
			n++
		}
		return true
	})
	fmt.Println("popped", n, "left", st.size.Load())

	var lock spinLock
	total := 0
	together(6, func(i int) {
		var l sync.Locker = &lock
		l.Lock()
		defer l.Unlock()
		total += i
	})
	fmt.Println(total)

	current.Store(&config{})
	together(8, func(i int) { update(string(rune('a' + i))) })
	c := current.Load()
	slices.Sort(c.names)
	fmt.Println(c.version, strings.Join(c.names, ""))

	// The old functions on plain variables, and the bit operations.
	var plain int64 = 5
	fmt.Println(atomic.AddInt64(&plain, 3), atomic.SwapInt64(&plain, 100), atomic.CompareAndSwapInt64(&plain, 1, 2), atomic.LoadInt64(&plain))
	var flags atomic.Uint32
	fmt.Println(flags.Or(0b1100), flags.And(0b0110), flags.Load(), flags.Swap(9), flags.Add(^uint32(0)))
	var value atomic.Value
	fmt.Println(value.Load(), value.Swap("first"), value.CompareAndSwap("first", "second"), value.Load())
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		value.Store(42)
	}()

	// Exactly one of many runs what is done once.
	var once sync.Once
	var runs atomic.Int32
	together(20, func(int) { once.Do(func() { runs.Add(1) }) })
	lazy := sync.OnceValue(func() int { return int(runs.Add(10)) })
	together(5, func(int) { lazy() })
	fmt.Println(runs.Load(), lazy(), lazy())
	pair := sync.OnceValues(func() (string, error) { return "made", errors.New("with a warning") })
	v, err := pair()
	_, again := pair()
	fmt.Println(v, err, err == again)
	broken := sync.OnceFunc(func() { panic("only once, told every time") })
	for range 2 {
		func() {
			defer func() { fmt.Println(recover()) }()
			broken()
		}()
	}

	var m sync.Map
	together(10, func(i int) { m.LoadOrStore(i%3, fmt.Sprint("v", i%3)) })
	got, loaded := m.LoadOrStore(1, "other")
	fmt.Println(got, loaded)
	old, had := m.Swap(2, "new")
	_, gone := m.LoadAndDelete(7)
	fmt.Println(old, had, gone, m.CompareAndSwap(2, "new", "newer"), m.CompareAndDelete(0, "no"))
	var keys []int
	for k, v := range m.Range {
		keys = append(keys, k.(int))
		_ = v
	}
	slices.Sort(keys)
	m.Clear()
	_, ok := m.Load(1)
	fmt.Println(keys, ok)

	pool := sync.Pool{New: func() any { return new(strings.Builder) }}
	b := pool.Get().(*strings.Builder)
	b.WriteString("pooled")
	fmt.Println(b, b.Len())
	b.Reset()
	pool.Put(b)
}
