// Skip lists, bloom filters and count sketches: structures that lean on chance, with chance from a seed.

package main

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"hash/maphash"
	"iter"
	"math"
	"math/bits"
	"math/rand/v2"
	"strings"
)

const maxLevel = 12

type SkipList[K cmp.Ordered, V any] struct {
	head  *node[K, V]
	level int
	size  int
	rand  *rand.Rand
}

type node[K cmp.Ordered, V any] struct {
	key   K
	value V
	next  []*node[K, V]
}

func NewSkipList[K cmp.Ordered, V any](seed uint64) *SkipList[K, V] {
	return &SkipList[K, V]{head: &node[K, V]{next: make([]*node[K, V], maxLevel)}, level: 1, rand: rand.New(rand.NewPCG(seed, 1))}
}

// before finds on each level the last node in front of a key.
func (s *SkipList[K, V]) before(key K) (path [maxLevel]*node[K, V]) {
	n := s.head
	for l := s.level - 1; l >= 0; l-- {
		for n.next[l] != nil && n.next[l].key < key {
			n = n.next[l]
		}
		path[l] = n
	}
	return path
}

func (s *SkipList[K, V]) Get(key K) (v V, ok bool) {
	n := s.before(key)[0].next[0]
	if n == nil || n.key != key {
		return v, false
	}
	return n.value, true
}

func (s *SkipList[K, V]) Set(key K, value V) {
	path := s.before(key)
	if n := path[0].next[0]; n != nil && n.key == key {
		n.value = value
		return
	}
	height := min(maxLevel, 1+bits.TrailingZeros32(s.rand.Uint32()|1<<31))
	for ; s.level < height; s.level++ {
		path[s.level] = s.head
	}
	n := &node[K, V]{key, value, make([]*node[K, V], height)}
	for l := range n.next {
		n.next[l] = path[l].next[l]
		path[l].next[l] = n
	}
	s.size++
}

func (s *SkipList[K, V]) Delete(key K) bool {
	path := s.before(key)
	n := path[0].next[0]
	if n == nil || n.key != key {
		return false
	}
	for l := range n.next {
		path[l].next[l] = n.next[l]
	}
	for s.level > 1 && s.head.next[s.level-1] == nil {
		s.level--
	}
	s.size--
	return true
}

// From yields the pairs from a key on.
func (s *SkipList[K, V]) From(key K) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for n := s.before(key)[0].next[0]; n != nil && yield(n.key, n.value); n = n.next[0] {
		}
	}
}

func (s *SkipList[K, V]) levels() (counts []int) {
	for l := range s.level {
		c := 0
		for n := s.head.next[l]; n != nil; n = n.next[l] {
			c++
		}
		counts = append(counts, c)
	}
	return counts
}

// Bloom says "surely not" or "perhaps".
type Bloom struct {
	bits   []uint64
	hashes int
}

func NewBloom(n int, wrong float64) *Bloom {
	m := math.Ceil(-float64(n) * math.Log(wrong) / (math.Ln2 * math.Ln2))
	return &Bloom{make([]uint64, int(m)/64+1), int(math.Round(m / float64(n) * math.Ln2))}
}

// places mixes two hashes into as many as are wanted.
func (b *Bloom) places(s string) iter.Seq2[int, uint64] {
	h := fnv.New64a()
	h.Write([]byte(s))
	sum := h.Sum64()
	a, c := uint32(sum), uint32(sum>>32)|1
	return func(yield func(int, uint64) bool) {
		for i := range b.hashes {
			at := (a + uint32(i)*c) % uint32(64*len(b.bits))
			if !yield(int(at/64), 1<<(at%64)) {
				return
			}
		}
	}
}

func (b *Bloom) Add(s string) {
	for word, bit := range b.places(s) {
		b.bits[word] |= bit
	}
}

func (b *Bloom) Has(s string) bool {
	for word, bit := range b.places(s) {
		if b.bits[word]&bit == 0 {
			return false
		}
	}
	return true
}

func (b *Bloom) Union(o *Bloom) *Bloom {
	u := &Bloom{make([]uint64, len(b.bits)), b.hashes}
	for i := range u.bits {
		u.bits[i] = b.bits[i] | o.bits[i]
	}
	return u
}

func (b *Bloom) ones() (n int) {
	for _, w := range b.bits {
		n += bits.OnesCount64(w)
	}
	return n
}

// Sketch counts many things in little memory; it may count too much, never too little.
type Sketch [3][64]uint32

func (s *Sketch) cells(text string) [3]*uint32 {
	var out [3]*uint32
	for i := range s {
		h := fnv.New32a()
		fmt.Fprint(h, i, text)
		out[i] = &s[i][h.Sum32()%64]
	}
	return out
}

func (s *Sketch) Add(text string) {
	for _, c := range s.cells(text) {
		*c++
	}
}

func (s *Sketch) Count(text string) uint32 {
	c := s.cells(text)
	return min(*c[0], *c[1], *c[2])
}

func main() {
	s := NewSkipList[int, string](42)
	for i := range 100 {
		k := i * 37 % 101
		s.Set(k, fmt.Sprint("v", k))
	}
	s.Set(5, "five")
	fmt.Println(s.size, s.level > 2 && s.level < maxLevel)
	fmt.Println(s.Get(5))
	fmt.Println(s.Get(64))
	fmt.Println(s.Get(1000))
	for k, v := range s.From(96) {
		fmt.Print(k, v, " ")
	}
	fmt.Println()
	counts := s.levels()
	shrinking := true
	for i := 1; i < len(counts); i++ {
		shrinking = shrinking && counts[i] <= counts[i-1]
	}
	fmt.Println(counts[0], shrinking, counts[1] > 25 && counts[1] < 75)
	for k := range 100 {
		if k%10 != 0 {
			s.Delete(k)
		}
	}
	fmt.Println(s.size, s.Delete(1), s.Delete(10))
	for k := range s.From(-1) {
		fmt.Print(k, " ")
	}
	fmt.Println()

	words := strings.Fields("apple banana cherry date elder fig grape hazel iris juniper kale lemon")
	b := NewBloom(len(words), 0.01)
	other := NewBloom(len(words), 0.01)
	missing, falsely := 0, 0
	for i, w := range words {
		b.Add(w)
		if i%2 == 0 {
			other.Add(w + "s")
		}
	}
	for _, w := range words {
		if !b.Has(w) {
			missing++
		}
	}
	for i := range 500 {
		if b.Has(fmt.Sprint("other", i)) {
			falsely++
		}
	}
	fmt.Println(len(b.bits), b.hashes, missing, falsely < 25, b.ones())
	u := b.Union(other)
	fmt.Println(u.Has("fig"), u.Has("figs"), b.Has("irises"), u.ones() >= b.ones(), NewBloom(1000, 0.001).hashes)

	var sketch Sketch
	exact := map[string]uint32{}
	for i := range 600 {
		w := words[bits.Len(uint(i*7919%4096))%len(words)]
		sketch.Add(w)
		exact[w]++
	}
	for _, w := range words[:6] {
		fmt.Print(w, " ", exact[w], " ", sketch.Count(w) >= exact[w], "; ")
	}
	fmt.Println(sketch.Count("never seen") < 600)

	seed := maphash.MakeSeed()
	fmt.Println(maphash.String(seed, "a") == maphash.Bytes(seed, []byte("a")), maphash.Comparable(seed, [2]int{1, 2}) == maphash.Comparable(seed, [2]int{1, 2}))
}
