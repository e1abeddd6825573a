// Caches: least recently used with container/list, by frequency, with generations, and a ring of recent things.

package main

import (
	"container/list"
	"container/ring"
	"fmt"
	"strings"
)

// Cache is what all of them can do.
type Cache[K comparable, V any] interface {
	Get(K) (V, bool)
	Put(K, V)
	Len() int
}

// LRU forgets what was not used for the longest time.
type LRU[K comparable, V any] struct {
	limit   int
	order   *list.List // of *pair, the latest in front
	entries map[K]*list.Element
	OnEvict func(K, V)
}

type pair[K comparable, V any] struct {
	key   K
	value V
}

func NewLRU[K comparable, V any](limit int) *LRU[K, V] {
	return &LRU[K, V]{limit: limit, order: list.New(), entries: map[K]*list.Element{}}
}

func (c *LRU[K, V]) Get(k K) (v V, ok bool) {
	e, ok := c.entries[k]
	if !ok {
		return v, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*pair[K, V]).value, true
}

func (c *LRU[K, V]) Put(k K, v V) {
	if e, ok := c.entries[k]; ok {
		e.Value.(*pair[K, V]).value = v
		c.order.MoveToFront(e)
		return
	}
	if c.order.Len() == c.limit {
		last := c.order.Remove(c.order.Back()).(*pair[K, V])
		delete(c.entries, last.key)
		if c.OnEvict != nil {
			c.OnEvict(last.key, last.value)
		}
	}
	c.entries[k] = c.order.PushFront(&pair[K, V]{k, v})
}

func (c *LRU[K, V]) Len() int { return c.order.Len() }

func (c *LRU[K, V]) String() string {
	var parts []string
	for e := c.order.Front(); e != nil; e = e.Next() {
		p := e.Value.(*pair[K, V])
		parts = append(parts, fmt.Sprint(p.key, "=", p.value))
	}
	return strings.Join(parts, " ")
}

// LFU forgets what was used least often; among equals, what is oldest.
type LFU[K comparable, V any] struct {
	limit   int
	entries map[K]*counted[K, V]
	buckets map[int]*list.List
	least   int
}

type counted[K comparable, V any] struct {
	pair[K, V]
	uses int
	at   *list.Element
}

func NewLFU[K comparable, V any](limit int) *LFU[K, V] {
	return &LFU[K, V]{limit: limit, entries: map[K]*counted[K, V]{}, buckets: map[int]*list.List{}}
}

func (c *LFU[K, V]) file(e *counted[K, V]) {
	e.uses++
	if c.buckets[e.uses] == nil {
		c.buckets[e.uses] = list.New()
	}
	e.at = c.buckets[e.uses].PushBack(e)
}

func (c *LFU[K, V]) touch(e *counted[K, V]) {
	bucket := c.buckets[e.uses]
	bucket.Remove(e.at)
	if bucket.Len() == 0 {
		delete(c.buckets, e.uses)
		if c.least == e.uses {
			c.least++
		}
	}
	c.file(e)
}

func (c *LFU[K, V]) Get(k K) (v V, ok bool) {
	e, ok := c.entries[k]
	if ok {
		c.touch(e)
		v = e.value
	}
	return v, ok
}

func (c *LFU[K, V]) Put(k K, v V) {
	if e, ok := c.entries[k]; ok {
		e.value = v
		c.touch(e)
		return
	}
	if len(c.entries) == c.limit {
		bucket := c.buckets[c.least]
		old := bucket.Remove(bucket.Front()).(*counted[K, V])
		delete(c.entries, old.key)
		if bucket.Len() == 0 {
			delete(c.buckets, c.least)
		}
	}
	e := &counted[K, V]{pair: pair[K, V]{k, v}}
	c.entries[k] = e
	c.file(e)
	c.least = 1
}

func (c *LFU[K, V]) Len() int { return len(c.entries) }

// Generations keeps two maps; when the young one is full it becomes the old one.
type Generations[K comparable, V any] struct {
	limit      int
	young, old map[K]V
	turns      int
}

func (g *Generations[K, V]) Get(k K) (v V, ok bool) {
	if v, ok = g.young[k]; ok {
		return
	}
	if v, ok = g.old[k]; ok {
		g.Put(k, v)
	}
	return
}

func (g *Generations[K, V]) Put(k K, v V) {
	if g.young == nil || len(g.young) >= g.limit {
		g.young, g.old = map[K]V{}, g.young
		g.turns++
	}
	g.young[k] = v
	delete(g.old, k)
}

func (g *Generations[K, V]) Len() int { return len(g.young) + len(g.old) }

// memoized puts a cache in front of a function.
func memoized[K comparable, V any](c Cache[K, V], f func(K) V) (cached func(K) V, hits *int) {
	hits = new(int)
	return func(k K) V {
		if v, ok := c.Get(k); ok {
			*hits++
			return v
		}
		v := f(k)
		c.Put(k, v)
		return v
	}, hits
}

func main() {
	c := NewLRU[string, int](3)
	var evicted []string
	c.OnEvict = func(k string, v int) { evicted = append(evicted, fmt.Sprint(k, v)) }
	for i, k := range strings.Fields("a b c a d e a") {
		if _, ok := c.Get(k); !ok {
			c.Put(k, i)
		}
	}
	c.Put("e", 99)
	fmt.Println(c, evicted, c.Len())
	v, ok := c.Get("zzz")
	fmt.Println(v, ok)

	requests := "a b a c a d b e a f a b c a b a d g a b"
	calls := 0
	caches := []struct {
		name  string
		cache Cache[string, string]
	}{{"lru", NewLRU[string, string](3)}, {"lfu", NewLFU[string, string](3)}, {"generations", &Generations[string, string]{limit: 2}}}
	for _, t := range caches {
		get, hits := memoized(t.cache, func(s string) string { calls++; return strings.Repeat(s, 3) })
		var out strings.Builder
		for r := range strings.FieldsSeq(requests) {
			out.WriteString(get(r)[:1])
		}
		fmt.Printf("%s: %d hits, %d kept, right %t, %T\n", t.name, *hits, t.cache.Len(), out.String() == strings.ReplaceAll(requests, " ", ""), t.cache)
	}
	fmt.Println("calls", calls)
	small := NewLFU[int, bool](1)
	for i := range 3 {
		small.Put(i, true)
		_, first := small.Get(0)
		fmt.Print(first, small.Len(), small.least, " ")
	}
	fmt.Println()

	l := list.New()
	four := l.PushBack(4)
	one := l.PushFront(1)
	l.InsertBefore(3, four)
	l.InsertAfter(2, one)
	l.MoveToBack(one)
	other := list.New()
	other.PushBack("x")
	l.PushBackList(other)
	l.PushFrontList(other)
	for e := l.Back(); e != nil; e = e.Prev() {
		fmt.Print(e.Value, " ")
	}
	fmt.Println(l.Len(), l.Front().Value, l.Remove(four), l.Len(), other.Init().Len(), other.Front() == nil)

	r := ring.New(4)
	for i := range 7 {
		r.Value = i
		r = r.Next()
	}
	sum := 0
	r.Do(func(v any) { sum += v.(int) })
	fmt.Println(r.Len(), sum, r.Value, r.Move(2).Value, r.Prev().Value)
	cut := r.Unlink(2)
	fmt.Print(cut.Len(), r.Len(), ": ")
	r.Do(func(v any) { fmt.Print(v, " ") })
	r.Link(cut)
	r.Do(func(v any) { fmt.Print(v, " ") })
	fmt.Println()
}
