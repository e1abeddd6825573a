package pool

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestEveryClassHoldsItsSizeAndWastesAtMostAQuarter(t *testing.T) {
	for c := 1; c < classes; c++ {
		if sizeOf(c) <= sizeOf(c-1) {
			t.Fatalf("class %d of %d bytes is not above class %d of %d", c, sizeOf(c), c-1, sizeOf(c-1))
		}
	}
	for n := Big; n < 1<<30; n += n/7 + 1 {
		for _, n := range []int{n - 1, n, n + 1} {
			c := classOf(n)
			if sizeOf(c) < n || c > 0 && sizeOf(c-1) >= n {
				t.Errorf("%d bytes get class %d of %d bytes", n, c, sizeOf(c))
			}
			if n > Big && sizeOf(c) > n+n/4+1 {
				t.Errorf("%d bytes get %d", n, sizeOf(c))
			}
			if classOf(sizeOf(c)) != c {
				t.Errorf("class %d of %d bytes is class %d", c, sizeOf(c), classOf(sizeOf(c)))
			}
		}
	}
}

func TestBlocksHaveTheirLengthAndDoNotOverlap(t *testing.T) {
	var all []*Block
	for i, n := range []int{0, 1, 4, 7, 8, 100, Big - 1, Big, Big + 1, 1 << 20, 3 << 20, 20 << 20} {
		for range 3 {
			b := Get(n)
			if len(b.Bytes()) != n || len(b.Float32s()) != n/4 || len(b.Float64s()) != n/8 || len(b.Int64s()) != n/8 {
				t.Fatalf("Get(%d): lengths %d %d %d %d", n, len(b.Bytes()), len(b.Float32s()), len(b.Float64s()), len(b.Int64s()))
			}
			if n >= 8 {
				b.Int64s()[0], b.Int64s()[n/8-1] = int64(i), int64(i)
			}
			for j := range b.Bytes() {
				b.Bytes()[j] = byte(len(all))
			}
			all = append(all, b)
		}
	}
	for i, b := range all {
		for _, x := range b.Bytes() {
			if x != byte(i) {
				t.Fatalf("block %d of %d bytes holds a %d", i, len(b.Bytes()), x)
			}
		}
		b.Free()
	}
}

func TestTheLastFreedBlockIsLentNext(t *testing.T) {
	a, b := Get(1<<20), Get(1<<20)
	pa, pb := &a.Bytes()[0], &b.Bytes()[0]
	a.Free()
	b.Free()
	c, d := Get(1<<20-5), Get(1<<20)
	if &c.Bytes()[0] != pb || &d.Bytes()[0] != pa {
		t.Error("blocks do not come back last in, first out")
	}
	c.Free()
	d.Free()
}

func TestStatsCountWhatIsLentAndIdle(t *testing.T) {
	before := Stats()
	b := Get(Big + 1)
	now := Stats()
	if d := now.Live - before.Live; d != int64(sizeOf(1)) {
		t.Errorf("lending %d bytes counts as %d live", Big+1, d)
	}
	if now.Hits+now.Misses != before.Hits+before.Misses+1 {
		t.Errorf("hits %d and misses %d after %d and %d", now.Hits, now.Misses, before.Hits, before.Misses)
	}
	idle := now.Idle
	b.Free()
	if now = Stats(); now.Live != before.Live || now.Idle-idle != int64(sizeOf(1)) {
		t.Errorf("after Free: live %d, was %d; idle %d, was %d", now.Live, before.Live, now.Idle, idle)
	}
}

func panics(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return
}

func TestMisuseIsAnInternalError(t *testing.T) {
	for _, n := range []int{10, Big} {
		b := Get(n)
		b.Free()
		for name, text := range map[string]string{
			"freed twice":     panics(b.Free),
			"used after Free": panics(func() { b.Bytes() }),
		} {
			if !strings.HasPrefix(text, "internal error: ") || !strings.Contains(text, name) {
				t.Errorf("%s: %q", name, text)
			}
		}
	}
	if text := panics(func() { Get(-1) }); !strings.Contains(text, "internal error: pool.Get(-1)") {
		t.Errorf("negative size: %q", text)
	}
	b := Get(Big)
	owner := new([4]uint64)
	Track(b, owner)
	if text := panics(func() { Track(b, owner) }); !strings.Contains(text, "tracked twice") {
		t.Errorf("tracked twice: %q", text)
	}
	b.Free()
	runtime.KeepAlive(owner)
}

type owner struct {
	b *Block
	_ [3]int
}

func newOwner(n int) *owner {
	o := &owner{b: Get(n)}
	Track(o.b, o)
	return o
}

// settle waits for the blocks that other tests left to the collector.
func settle(t *testing.T) {
	t.Helper()
	for range 1000 {
		if Stats().Tracked == 0 {
			return
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d bytes stay tracked", Stats().Tracked)
}

func TestTheCollectorReturnsBlocksOfUnreachableOwners(t *testing.T) {
	settle(t)
	before := Stats()
	kept := newOwner(1 << 20)
	freed := newOwner(1 << 20)
	freed.b.Free()
	for range 9 {
		newOwner(1 << 20)
	}
	for range 100 {
		runtime.GC()
		if Stats().Tracked-before.Tracked <= 1<<20 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if now := Stats(); now.Tracked-before.Tracked != 1<<20 || now.Live-before.Live != 1<<20 {
		t.Errorf("one owner is left, yet %d bytes are tracked and %d live", now.Tracked-before.Tracked, now.Live-before.Live)
	}
	kept.b.Bytes()[0] = 1
	kept.b.Free()
	runtime.KeepAlive(kept)
}

func TestTheByteDebtBoundsForgottenBlocks(t *testing.T) {
	settle(t)
	before := Stats()
	for range 4000 { // 16 GB in all
		newOwner(4 << 20)
	}
	now := Stats()
	if now.Collections == before.Collections {
		t.Error("the collector was not hurried")
	}
	if grown := now.Mapped - before.Mapped; grown > 8*minRoom {
		t.Errorf("%d MiB were mapped for blocks that nobody kept", grown>>20)
	}
}

func TestManyGoroutinesShareThePool(t *testing.T) {
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			var mine []*owner
			for i := range 300 {
				o := newOwner(Big << (i % 4))
				w := o.b.Int64s()
				w[0], w[len(w)-1] = int64(g), int64(i)
				mine = append(mine, o)
				if len(mine) > 5 {
					o = mine[0]
					mine = mine[1:]
					w = o.b.Int64s()
					if w[0] != int64(g) || w[len(w)-1] != int64(i-5) {
						t.Errorf("goroutine %d finds %d, %d in its block", g, w[0], w[len(w)-1])
					}
					if i%2 == 0 {
						o.b.Free()
					}
					runtime.KeepAlive(o)
				}
			}
		})
	}
	wg.Wait()
}

func TestPoisonShowsUseAfterFree(t *testing.T) {
	if !poison { // it is for the life of a process
		c := exec.Command(os.Args[0], "-test.run=TestPoisonShowsUseAfterFree", "-test.v")
		c.Env = append(os.Environ(), "TAPIR_POISON=1")
		out, err := c.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("an emulator runs this test, and the system does not know: ", err)
		}
		if err != nil || !strings.Contains(string(out), "PASS: TestPoisonShowsUseAfterFree") {
			t.Errorf("with TAPIR_POISON=1: %v\n%s", err, out)
		}
		return
	}
	for _, n := range []int{40, Big} {
		b := Get(n)
		f := b.Float32s()
		if !math.IsNaN(float64(f[0])) || !math.IsNaN(b.Float64s()[1]) {
			t.Errorf("a new block of %d bytes holds %v", n, f[0])
		}
		f[3] = 1
		b.Free()
		if !math.IsNaN(float64(f[3])) {
			t.Errorf("a freed block of %d bytes holds %v", n, f[3])
		}
	}
	b := Get(Big)
	f := b.Float32s()
	b.Free()
	f[10] = 1
	if text := panics(func() { Get(Big) }); !strings.Contains(text, "written to at byte 40") {
		t.Errorf("a write after Free gives %q", text)
	}
}

func TestTrimKeepsBlocksUsable(t *testing.T) {
	a, b := Get(1<<20), Get(20<<20)
	a.Bytes()[5], b.Bytes()[5] = 1, 1
	before := Stats().Mapped
	a.Free()
	b.Free()
	Trim()
	if now := Stats().Mapped; now > before-20<<20 {
		t.Errorf("mapped %d MiB, before Trim %d", now>>20, before>>20)
	}
	a = Get(1 << 20)
	a.Bytes()[5]++
	a.Free()
}

func Example() {
	type tensor struct {
		memory *Block
		values []float32
	}
	make := func(n int) *tensor {
		t := &tensor{memory: Get(4 * n)}
		t.values = t.memory.Float32s()
		Track(t.memory, t)
		return t
	}
	t := make(100_000)
	clear(t.values)
	t.values[7] = 42
	fmt.Println(len(t.values), t.values[7])
	t.memory.Free() // at once, rather than when t is unreachable
	// Output: 100000 42
}

func BenchmarkGetFree(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Get(1 << 20).Free()
	}
}

func BenchmarkTransient(b *testing.B) { // 1 MiB blocks, written, 8 live at once
	for _, how := range []string{"free", "track", "make"} {
		b.Run(how, func(b *testing.B) {
			var ring [8]any
			for i := range b.N {
				var w []byte
				switch how {
				case "make":
					w = make([]byte, 1<<20)
					ring[i%8] = w
				default:
					o := &owner{b: Get(1 << 20)}
					if how == "track" {
						Track(o.b, o)
					} else if old, ok := ring[i%8].(*owner); ok {
						old.b.Free()
					}
					ring[i%8] = o
					w = o.b.Bytes()
				}
				for j := 0; j < len(w); j += 64 {
					w[j] = 1
				}
			}
		})
	}
}

func TestSmallMemoryIsLentAgain(t *testing.T) {
	for n := Small; n < Big; n += 97 {
		c, size := smallClass(n)
		if size < n || size > n+n/4+1 || c >= len(smalls) {
			t.Fatalf("%d bytes are class %d, of %d bytes", n, c, size)
		}
		if c > 0 {
			if below, _ := smallClass(n - n/4 - 1); below > c {
				t.Fatalf("classes do not grow with sizes at %d", n)
			}
		}
	}
	last, size := smallClass(Big - 1)
	if last != len(smalls)-1 || size != Big {
		t.Errorf("the last class is %d of %d, of %d bytes", last, len(smalls), size)
	}
	again := 0
	for range 100 { // the race detector drops some on purpose
		p := Borrow(5000)
		Return(p, 5000)
		q := Borrow(4999)
		if p == q {
			again++
		}
	}
	if again < 20 {
		t.Errorf("memory was lent again %d times of 100", again)
	}
}
