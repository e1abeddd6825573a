package data

import (
	"fmt"

	"github.com/tapir-go/tapir/eager"
)

// A Loader hands out a set in batches, epoch after epoch. Its fields may be changed between epochs.
type Loader struct {
	Set      *Set
	Batch    int         // examples in a batch
	Rand     *eager.Rand // shuffles each epoch anew; nil keeps the order of the set
	DropLast bool        // leave out a last batch that is not full
	Prefetch int         // batches that are made ahead by goroutines; 0 makes each when it is asked for
}

// NewLoader makes a loader of batches of that size, two of which are prepared ahead. Equal seeds give equal batches,
// however many are prepared ahead. With rng nil the examples keep their order. It panics unless batch is 1 or more.
func NewLoader(set *Set, batch int, rng *eager.Rand) *Loader {
	l := &Loader{Set: set, Batch: batch, Rand: rng, Prefetch: 2}
	l.check()
	return l
}

func (l *Loader) check() {
	if l.Set == nil {
		panic(&eager.Error{Op: "Loader", Text: "the loader has no set: Set is nil"})
	}
	l.Set.check("Loader")
	if l.Batch < 1 {
		panic(&eager.Error{Op: "Loader", Text: fmt.Sprintf("cannot make batches of %d examples: want 1 or more", l.Batch)})
	}
}

// Len is the number of batches in an epoch.
func (l *Loader) Len() int {
	n := l.Set.Len()
	if l.DropLast {
		return n / l.Batch
	}
	return (n + l.Batch - 1) / l.Batch
}

// Epoch starts a pass over the set. It may be left at any point, and needs no closing.
func (l *Loader) Epoch() *Epoch {
	l.check()
	e := &Epoch{set: l.Set, size: l.Batch, count: l.Len(), ahead: max(l.Prefetch, 0), at: -1}
	if l.Rand != nil {
		e.order = l.Rand.Perm(l.Set.Len())
	}
	return e
}

// An Epoch is one pass over a set, for one goroutine.
type Epoch struct {
	set   *Set
	order []int // nil: as in the set
	size  int
	count int
	ahead int

	at      int           // the current batch, -1 before the first
	started int           // batches whose making has begun
	coming  []chan *batch // those that are not handed out yet, in order
	now     *batch
}

// A batch is what its goroutine made. failed is set when making it panicked.
type batch struct {
	x      *eager.Tensor
	labels []int
	y      *eager.Tensor
	failed bool
}

// Next goes to the next batch and tells whether there is one.
func (e *Epoch) Next() bool {
	if e.at+1 >= e.count {
		e.now, e.coming = nil, nil
		e.at = e.count
		return false
	}
	e.at++
	if e.ahead > 0 {
		for e.started < min(e.at+1+e.ahead, e.count) {
			e.start(e.started)
			e.started++
		}
		e.now = <-e.coming[0]
		e.coming = e.coming[1:]
		if !e.now.failed {
			return true
		}
		// What failed in the background (an interrupt, for one) is tried here once more, where a panic has a reader.
	}
	e.now = e.make(e.at)
	return true
}

// start makes batch k in a goroutine, which ends when the batch is made, whether or not anybody wants it.
func (e *Epoch) start(k int) {
	c := make(chan *batch, 1)
	e.coming = append(e.coming, c)
	go func() {
		b := &batch{failed: true}
		defer func() {
			if b.failed {
				_ = recover() // Next makes it again and meets the same panic
			}
			c <- b
		}()
		b = e.make(k)
	}()
}

func (e *Epoch) make(k int) *batch {
	lo := k * e.size
	hi := min(lo+e.size, e.set.Len())
	b := &batch{}
	if e.order == nil {
		b.x, b.labels, b.y = e.set.span(lo, hi)
	} else {
		b.x, b.labels, b.y = e.set.rows(e.order[lo:hi])
	}
	return b
}

func (e *Epoch) current(op string) *batch {
	if e.now == nil {
		panic(&eager.Error{Op: op, Text: "there is no current batch", Hint: "call Next first; after it has returned false the epoch is over"})
	}
	return e.now
}

// Batch is the current batch: inputs (n,...) and their labels (nil where the set has none).
func (e *Epoch) Batch() (x *eager.Tensor, labels []int) {
	b := e.current("Batch")
	return b.x, b.labels
}

// Pair is the current batch of a set with targets: inputs (n,...) and targets (n,...).
func (e *Epoch) Pair() (x, y *eager.Tensor) {
	b := e.current("Pair")
	if b.y == nil {
		panic(&eager.Error{Op: "Pair", Text: "the set has no targets: Y is nil", Hint: "Batch gives inputs and labels"})
	}
	return b.x, b.y
}

// Step is the number of the current batch in this epoch, from 0.
func (e *Epoch) Step() int { return e.at }

// Len is the number of batches in this epoch.
func (e *Epoch) Len() int { return e.count }
