package eager

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unicode"

	"github.com/tapir-go/tapir/eager/internal/array"
	"github.com/tapir-go/tapir/eager/internal/pool"
)

// keeper sees every result whose numbers others can have after it, and gives their memory back.
type keeper interface{ made(y *Tensor) }

// scope is the keeper of Scope: it collects what is made and frees it at the end.
type scope struct {
	stores []*array.Store
	small  bool // also what is not big
}

func (s *scope) made(y *Tensor) {
	if st := y.a.Store; st.Owner != nil {
		return
	} else if !s.small && !st.IsBig() {
		st.Track()
	} else {
		st.Owner = s
		s.stores = append(s.stores, st)
	}
}

// Scope runs f and then gives back, at once, the memory of the big results that ops of this goroutine made in f. What lives on is
// what Keep was called with, leaves (parameters, and whatever New, Zeros, Rand and so on returned), and gradients that Backward or
// SetGrad put into leaves. Using any other tensor of f afterwards is an Error that says so.
//
// Scope is never needed: without it the collector gives memory back when nobody can reach it. In a tight loop with big tensors it
// keeps memory small and in the cache.
func Scope(f func()) { within(&scope{}, f) }

// WithGrad runs f with dy/dx for each x, nil where y does not depend on one. The gradients are for f alone: their memory goes
// back when f returns, small or big, and using one later is an Error, unless Keep was called with it. y has one element.
func WithGrad(y *Tensor, xs []*Tensor, f func(grads []*Tensor)) {
	within(&scope{small: true}, func() { f(gradOf("WithGrad", y, nil, xs, false, true)) })
}

// within runs f with the keeper s, which gives back what it collected.
func within(s *scope, f func()) {
	defer s.free()
	m := changed()
	m.keeper = s
	with(m, f)
}

// free gives back what s collected.
func (s *scope) free() {
	for _, st := range s.stores {
		if st.Owner == any(s) {
			st.Free()
		}
	}
}

// handOver gives y, which outlives s, to whoever keeps results around it.
func (s *scope) handOver(y *Tensor) {
	if st := y.a.Store; st.Owner == any(s) {
		st.Owner = nil
		y.handOut(modes.Get())
	}
}

// Keep makes x outlive the scopes that it was made in, and returns x.
func Keep(x *Tensor) *Tensor {
	x.check("Keep")
	x.a.Store.Track()
	return x
}

// sweep is the keeper of a gradient pass. Nobody outside sees what a pass makes until it ends, so a block goes back as soon as no
// tensor of the pass has it any more. Its methods do nothing on nil.
type sweep struct {
	fresh []*Tensor // made in the step that runs
	last  bool      // nobody needs the gradient that this step starts from after it
}

// alone says whether the pass may change the gradient g in place: one entry holds it, and nothing else has its memory.
func (s *sweep) alone(g *Tensor) bool {
	st := g.a.Store
	return g.pins == 1 && g.a.Strides == nil && st.Owner == any(s) && st.Refs == 1
}

func (s *sweep) made(y *Tensor) {
	switch st := y.a.Store; st.Owner {
	case nil:
		st.Owner, st.Refs = s, 1
	case any(s):
		st.Refs++ // a view
	default:
		return
	}
	s.fresh = append(s.fresh, y)
}

// clean drops what the last step made and nobody holds.
func (s *sweep) clean() {
	if s == nil {
		return
	}
	for _, t := range s.fresh {
		if t.pins == 0 {
			s.drop(t)
		}
	}
	clear(s.fresh)
	s.fresh = s.fresh[:0]
}

// drop counts one tensor less of a block.
func (s *sweep) drop(t *Tensor) {
	if s == nil {
		return
	}
	if st := t.a.Store; st.Owner == any(s) {
		if st.Refs--; st.Refs == 0 {
			st.Free()
		}
	}
}

// handOver gives the results of the pass to whoever keeps results around it.
func (s *sweep) handOver(results []*Tensor) {
	for _, t := range results {
		if t != nil && t.a.Store.Owner == any(s) {
			s.release(t)
		}
	}
}

// release makes the collector, or the scope around, the owner of a block.
func (s *sweep) release(t *Tensor) {
	st := t.a.Store
	if st.Owner != any(s) {
		return
	}
	st.Owner = nil
	if m := modes.Get(); m != nil && m.keeper != nil && m.keeper != keeper(s) {
		m.keeper.made(t)
	} else {
		st.Track()
	}
}

// Memory is what tensors occupy.
type Memory struct {
	Live int64 // bytes of big tensors in use
	Peak int64 // the most that Live has been, since the start or ResetMemoryPeak
	Idle int64 // bytes that wait to be used again
}

// MemoryStats says how much memory tensors of 64 KiB and more occupy. Smaller ones are ordinary Go memory.
func MemoryStats() Memory {
	s := pool.Stats()
	return Memory{Live: s.Live, Peak: s.Peak, Idle: s.Idle}
}

// ResetMemoryPeak makes Memory.Peak what Memory.Live is now.
func ResetMemoryPeak() { pool.ResetPeak() }

// SetMemoryLimit sets how many bytes tensors of 64 KiB and more may occupy together, and returns what the limit was; 0 is none. What
// would go beyond it, when the collector has given back all that nobody can reach, panics with an Error that names the op and the
// sizes.
func SetMemoryLimit(bytes int64) (old int64) { return pool.SetLimit(bytes) }

func init() { pool.Refuse = func(e *pool.Exceeded) { panic(tooMuch(e)) } }

// tooMuch is the Error for a wish that cannot be met: its op is the function of this package that was called from outside.
func tooMuch(e *pool.Exceeded) *Error {
	err := &Error{memory: true, Text: fmt.Sprintf("needs %s more, and the machine has no more memory: tensors take %s", megabytes(e.Want), megabytes(e.Live)),
		Hint: "smaller batches may do, or eager.NoGrad or eager.Scope around what needs no gradient"}
	if e.Limit > 0 {
		err.Text = fmt.Sprintf("needs %s more: tensors take %s of the %s of eager.SetMemoryLimit", megabytes(e.Want), megabytes(e.Live), megabytes(e.Limit))
	}
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		name, ours := strings.CutPrefix(f.Function, engine+".")
		if err.Op != "" && (!ours || strings.HasSuffix(f.File, "_test.go")) {
			break
		}
		if name = name[strings.LastIndexByte(name, '.')+1:]; ours && name != "" && unicode.IsUpper(rune(name[0])) {
			err.Op = name
		}
	}
	return err
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// withSizes is deferred around op where there is a limit: an Error for want of memory learns the op and what it was called with.
func withSizes(op string, in []*Tensor) {
	r := recover()
	if r == nil {
		return
	}
	if e, ok := r.(*Error); ok && e.memory {
		shapes := make([]string, len(in))
		for i, x := range in {
			shapes[i] = x.kind()
		}
		r = &Error{Op: op, Text: "with " + strings.Join(shapes, ", ") + " " + e.Text, Hint: e.Hint}
	}
	panic(r)
}

// headroom is memory that is never touched, and so costs no memory, but counts for the collector: it then runs when some 32 MiB
// of small tensors have been made, not every 4 MiB, which for small ops was half of the time. The first leaf makes it: a program
// without tensors starts without.
var headroom = sync.OnceValue(func() []byte { return make([]byte, 32<<20) })
