package session

import (
	"runtime"
	"sync"
	"testing"
)

func TestTheRuntimeIsAsExpected(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("goroutines are not known on " + runtime.GOARCH)
	}
	if !panicsKnown() {
		t.Error("a panic is not where it is expected")
	}
	me := self()
	if me != self() {
		t.Error("a goroutine is not itself")
	}
	var all sync.WaitGroup
	all.Go(func() {
		if self() == me {
			t.Error("two goroutines are one")
		}
		if d := self().depth(); d == 0 || d > 1<<12 {
			t.Errorf("a goroutine that begins is %d bytes deep", d)
		}
		deepen(1000)
		if n := self().stack(); n < 1<<20 || n > 1<<30 {
			t.Errorf("the stack of 1,000 KB of frames has %d bytes", n)
		}
		defer func() {
			r := recover()
			func() { // as the writer of the interpreter's trace is called
				if v, ok := self().panicValue(); !ok || v != r || v != "second" {
					t.Errorf("the panic is %v, want second", v)
				}
			}()
		}()
		defer func() {
			if v, _ := self().panicValue(); v != "first" {
				t.Errorf("the panic is %v, want first", v)
			}
			panic("second")
		}()
		panic("first")
	})
	all.Wait()
}

//go:noinline
func deepen(n int) (sum byte) {
	var room [1000]byte
	for i := range room {
		room[i] = byte(n)
	}
	if n > 0 {
		sum = deepen(n - 1)
	}
	return sum + room[n%1000]
}
