// Embedding: promoted fields and methods, shadowing by depth, interfaces in structs.

package main

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
)

type animal struct {
	Name string
	legs int
}

func (a animal) Describe() string { return fmt.Sprintf("%s on %d legs", a.Name, a.legs) }
func (a *animal) Rename(n string) { a.Name = n }
func (a animal) Sound() string    { return "..." }
func (a animal) Speak() string    { return a.Name + " says " + a.Sound() }

type dog struct {
	animal
	Breed string
}

// Sound hides the promoted method, but animal.Speak does not know it: embedding is not inheritance.
func (d dog) Sound() string { return "woof" }

type puppy struct {
	*dog
	Name string // hides animal.Name, which is two levels down
	Age  int
}

type left struct{ Side, Both string }
type right struct{ Other, Both string }

type pair struct {
	left
	right
}

func (p pair) both() string { return p.left.Both + "|" + p.right.Both }

// counting wraps any Writer and promotes nothing but what it embeds.
type counting struct {
	io.Writer
	n int
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += n
	return n, err
}

// backwards is any sort.Interface with its order turned round.
type backwards struct{ sort.Interface }

func (b backwards) Less(i, j int) bool { return b.Interface.Less(j, i) }

type store struct {
	sync.Mutex
	values map[string]int
}

func (s *store) Add(key string, n int) {
	s.Lock()
	defer s.Unlock()
	s.values[key] += n
}

type reader interface{ Read() string }
type writer interface{ Write(string) }
type readWriter interface {
	reader
	writer
	Reset()
}

type memory struct{ parts []string }

func (m *memory) Read() string   { return strings.Join(m.parts, "+") }
func (m *memory) Write(s string) { m.parts = append(m.parts, s) }
func (m *memory) Reset()         { m.parts = nil }

// loud answers one method itself and leaves the others to whatever it holds.
type loud struct{ readWriter }

func (l loud) Write(s string) { l.readWriter.Write(strings.ToUpper(s)) }

type celsius float64

func (c celsius) String() string { return fmt.Sprintf("%.1f°C", float64(c)) }

type reading struct {
	celsius
	string
}

type failure struct {
	error
	code int
}

func (f failure) Unwrap() error { return f.error }

func main() {
	d := dog{animal{"Rex", 4}, "collie"}
	fmt.Println(d.Name, d.Describe(), d.Sound(), d.animal.Sound())
	fmt.Println(d.Speak())
	d.Rename("Max")
	fmt.Printf("%+v\n", d)

	p := puppy{&d, "Bit", 1}
	fmt.Println(p.Name, p.dog.Name, p.animal.Name, p.legs, p.Breed, p.Sound())
	p.Rename("Moritz")
	fmt.Println(p.Name, d.Name, p.Describe())
	p.legs, p.Breed = 3, "mixed"
	fmt.Println(d.Describe(), d.Breed)

	two := pair{left{"l", "from left"}, right{Other: "r", Both: "from right"}}
	fmt.Println(two.Side, two.Other, two.both())

	var out strings.Builder
	c := &counting{Writer: &out}
	fmt.Fprintf(c, "%d bottles of %s", 99, "water")
	io.WriteString(c, "!")
	fmt.Println(c.n, out.String())

	words := sort.StringSlice{"pear", "fig", "apple"}
	sort.Sort(backwards{words})
	fmt.Println(words)
	sort.Sort(sort.Reverse(backwards{words}))
	fmt.Println(words)

	s := store{values: map[string]int{}}
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() { s.Add(string(rune('a'+i%2)), i) })
	}
	wg.Wait()
	fmt.Println(s.values)

	m := &memory{}
	var rw readWriter = loud{m}
	rw.Write("one")
	m.Write("two")
	rw.Write("three")
	var r reader = rw
	fmt.Println(r.Read(), len(m.parts))
	rw.Reset()
	fmt.Printf("%q %v\n", r.Read(), m.parts == nil)
	if w, ok := r.(writer); ok {
		w.Write("again")
	}
	fmt.Println(r.Read())

	// The String method of celsius is promoted, so it prints the whole reading.
	t := reading{21.5, "kitchen"}
	fmt.Println(t, t.celsius+1, t.string)
	fmt.Printf("%v %s %.2f\n", t, t.string, float64(t.celsius))

	base := errors.New("disk full")
	err := fmt.Errorf("saving: %w", failure{base, 28})
	var f failure
	fmt.Println(err, errors.Is(err, base), errors.As(err, &f), f.code)

	func() {
		defer func() { fmt.Println("nil inside:", recover() != nil) }()
		fmt.Println(loud{}.Read())
	}()
	anonymous := struct {
		animal
		*memory
	}{animal{"Hen", 2}, &memory{}}
	anonymous.Write("egg")
	fmt.Println(anonymous.Describe(), anonymous.Read())
}
