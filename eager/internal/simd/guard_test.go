//go:build linux

package simd

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// TestKernelsStayInBounds runs every kernel of every level of this machine with each of its operands ending, and then
// beginning, at a page that nobody may touch: a number read or written out of bounds is a fault, and fails the test.
// Every function that the assembly declares must have been run. One that takes slices of one length gets so by standing
// in kernels; any other needs a row in the table of outlines.
func TestKernelsStayInBounds(t *testing.T) {
	b := newBounds(t)
	for _, l := range ladder {
		t.Run(l.String(), func(t *testing.T) {
			defer Use(l)()
			b.t = t
			v := reflect.ValueOf(&use).Elem()
			for i := range v.NumField() {
				f := v.Field(i)
				if v.Type().Field(i).Name == "sumRows" {
					continue // in outlines
				}
				b.slices(reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem())
			}
			outlines(b)
		})
	}
	b.t = t
	files, err := filepath.Glob("*_" + runtime.GOARCH + ".s")
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(file, "avx512") && atMost(AVX512) != AVX512 || strings.Contains(file, "avx2") && atMost(AVX2) != AVX2 {
			t.Logf("%s: this machine cannot run it", file)
			continue
		}
		if strings.Contains(file, "int8_avx512") && Int8().Group != 4 {
			t.Logf("%s: this machine cannot run it, or TAPIR_CPU is below it", file)
			continue
		}
		for _, m := range regexp.MustCompile(`(?m)^TEXT ·(\w+)\(SB\)`).FindAllStringSubmatch(string(text), -1) {
			declared++
			if !b.ran[m[1]] {
				t.Errorf("%s in %s was not run between guard pages: give it a row in outlines", m[1], file)
			}
		}
	}
	t.Logf("%d functions of assembly, %d calls", declared, b.calls)
}

// outlines runs the kernels whose operands have sizes of their own.
func outlines(b *bounds) {
	b.run(pause, "", func() { pause(1) })
	if f := peaks.Multiply; f != nil {
		b.run(f, "", func() { f(3) })
	}
	for n := range 200 {
		for _, rows := range []int{0, 1, 2, 5} {
			size := span(rows, n, n+3)
			b.run(use.sumRows, fmt.Sprintf("%d rows of %d", rows, n), func() {
				use.sumRows(unsafe.Slice(ptr[float32](b, n), n), unsafe.Slice(ptr[float32](b, size), size), rows, n+3)
			})
		}
	}
	outlineTile(b, tile32)
	outlineTile(b, tile64)
	outlineInt8(b, tile8)
	if window32 != nil {
		outlineWindow(b, window32)
		outlineGather(b, gather32)
		outlineWinograd(b, winograd32)
	}
	outlineRows(b)
	outlineHalves(b)
	if maxWindows != nil {
		outlineMaxWindows(b)
	}
}

func outlineTile[T Number](b *bounds, t *Tile[T]) {
	for h := 1; h <= t.Rows; h++ {
		for n := 1; n <= t.Cols; n++ {
			edge := t.Edge[(n-1)/(t.Cols/2)][h]
			for _, kc := range []int{0, 1, 2, 4, 9} {
				for acc := range 2 {
					ldb, ldc := n+kc%2, n+acc
					what := fmt.Sprintf("%d by %d, k %d, acc %d", h, n, kc, acc)
					b.run(edge, what, func() {
						edge(kc, ptr[T](b, h*kc), 1, h, ptr[T](b, span(kc, n, ldb)), ldb, ptr[T](b, span(h, n, ldc)), ldc, n, acc)
					})
					b.run(edge, what+", a in rows", func() {
						edge(kc, ptr[T](b, span(h, kc, kc+1)), kc+1, 1, ptr[T](b, span(kc, n, ldb)), ldb, ptr[T](b, span(h, n, ldc)), ldc, n, acc)
					})
					if n == t.Cols {
						b.run(t.Panel[h], what, func() {
							t.Panel[h](kc, ptr[T](b, h*kc), ptr[T](b, span(kc, n, ldb)), ldb, ptr[T](b, span(h, n, ldc)), ldc, acc)
						})
					}
				}
			}
		}
	}
	for n := range 5*t.Cols + 3 {
		for _, rows := range []int{0, 1, 2, 3, 4, 5, 9} {
			for acc := range 2 {
				what := fmt.Sprintf("%d by %d, acc %d", rows, n, acc)
				b.run(t.Combine, what, func() {
					t.Combine(rows, ptr[T](b, span(rows, 1, 3)), 3, ptr[T](b, span(rows, n, n+1)), n+1, ptr[T](b, n), n, acc)
				})
				b.run(t.Dots, what, func() {
					t.Dots(rows, ptr[T](b, span(rows, n, n+1)), n+1, ptr[T](b, n), ptr[T](b, rows), n, acc)
				})
			}
		}
	}
	for n := 1; n <= max(t.Rows, t.Cols); n++ {
		for _, kc := range []int{0, 1, 2, 17} {
			b.run(t.PackColumns, fmt.Sprintf("%d columns, k %d", n, kc), func() {
				t.PackColumns(ptr[T](b, span(kc, n, n+2)), ptr[T](b, span(kc, n, n+1)), n+1, n, kc, n+2)
			})
		}
	}
	for rows := 1; rows <= t.Block; rows++ {
		for kc := range 2*t.Block + 4 {
			for _, ds := range []int{rows, t.Block, 2*t.Block + 1} {
				b.run(t.PackRows, fmt.Sprintf("%d rows, k %d, stride %d", rows, kc, ds), func() {
					t.PackRows(ptr[T](b, span(kc, t.Block, ds)), ptr[T](b, span(rows, kc, kc+1)), kc+1, rows, kc, ds)
				})
			}
		}
	}
}

func outlineInt8(b *bounds, t *Tile8) {
	for h := 1; h <= t.Rows; h++ {
		for _, groups := range []int{0, 1, 2, 4, 9} {
			for acc := range 2 {
				b.run(t.Panel[h], fmt.Sprintf("%d rows, %d groups, acc %d", h, groups, acc), func() {
					t.Panel[h](groups, ptr[byte](b, 4*groups*h), ptr[byte](b, 4*groups*t.Cols), ptr[int32](b, span(h, t.Cols, t.Cols+1)), t.Cols+1, acc)
				})
			}
		}
	}
	for n := t.Cols; n <= 3*t.Cols; n += t.Cols {
		b.run(t.Dequantise, fmt.Sprintf("length %d", n), func() {
			t.Dequantise(n, ptr[int32](b, n), ptr[int32](b, n), 3, ptr[float32](b, 1), ptr[float32](b, n), ptr[float32](b, n), ptr[float32](b, n))
		})
	}
}

func outlineWindow(b *bounds, w *Window) {
	for h := 1; h <= w.Rows; h++ {
		for n := 1; n <= w.Strip(h); n++ {
			apply := w.Kernel(h, n)
			for _, kc := range []int{0, 1, 2, 9} {
				for acc := range 2 {
					ldc := n + acc
					b.run(apply, fmt.Sprintf("%d by %d, k %d, acc %d", h, n, kc, acc), func() {
						apply(kc, ptr[float32](b, h*kc), b.offsets(kc, 100), ptr[float32](b, 100+n), ptr[float32](b, span(h, n, ldc)), ldc, n, acc)
					})
				}
			}
		}
	}
	for h := 1; h <= w.Maps; h++ {
		for n := 1; n <= 3*w.Lanes+1; n++ {
			const images, rows = 2, 3
			pitch, ld, whole := n+w.Taps, w.Taps+1, n/w.Lanes*w.Lanes
			b.run(w.Correlate[h], fmt.Sprintf("%d maps, rows of %d", h, n), func() {
				w.Correlate[h](images, rows, n, ptr[float32](b, images*h*rows*n), rows*n, n-whole, (h-1)*rows*n,
					ptr[float32](b, images*rows*pitch), pitch-whole, 0, b.offsets(w.Taps, pitch-n), ptr[float32](b, span(h, w.Taps, ld)), ld)
			})
		}
	}
}

func outlineGather(b *bounds, g *Gather) {
	const images, rows = 2, 3
	for v := 1; v <= 2; v++ {
		for h := 1; h <= g.Taps; h++ {
			for n := 1; n <= 5; n++ {
				pitch, width := n+7, v*g.Lanes
				b.run(g.Apply[v-1][h], fmt.Sprintf("%d places, %d vectors, rows of %d", h, v, n), func() {
					g.Apply[v-1][h](images, rows, n, ptr[float32](b, images*rows*n*width), ptr[float32](b, span(images*rows, pitch, pitch)),
						pitch-n, 0, b.offsets(h, pitch-n), ptr[float32](b, h*width))
				})
			}
		}
	}
}

func outlineWinograd(b *bounds, w *Winograd) {
	for _, k := range squareKernels(w) {
		in, out := len(k.matrix[0]), len(k.matrix)
		for n := 1; n <= 3; n++ {
			sr, dr := in*w.Lanes+1, out*w.Lanes+2
			size := func(side, row int) int { return (n*side-1)*row + side*w.Lanes }
			b.run(k.f, fmt.Sprintf("%s, %d squares", k.name, n), func() {
				k.f(ptr[float32](b, size(out, dr)), dr, w.Lanes, out*dr, ptr[float32](b, size(in, sr)), sr, w.Lanes, in*sr,
					ptr[float32](b, 36*w.Lanes), n)
			})
		}
	}
	for rows := 1; rows <= w.Lanes; rows++ {
		for n := 1; n <= 2*w.Lanes+1; n++ {
			b.run(w.Turn, fmt.Sprintf("%d by %d", rows, n), func() {
				w.Turn(ptr[float32](b, span(rows, n, n+1)), n+1, ptr[float32](b, span(n, w.Lanes, w.Lanes+1)), w.Lanes+1, ptr[float32](b, rows), rows, n)
			})
		}
	}
}

func outlineHalves(b *bounds) {
	for n := 1; n < 70; n++ {
		for rows := 1; rows <= 3; rows++ {
			what, ws, in := fmt.Sprintf("%d rows of %d", rows, n), WhichPitch(n), span(2*rows, 2*n, 2*n+1)
			b.run(halves.down, what, func() {
				halves.down(ptr[float32](b, rows*n), ptr[uint8](b, rows*ws), ws, ptr[float32](b, in), 2*n+1, n, rows)
			})
			b.run(halves.down, what+", no choices", func() {
				halves.down(ptr[float32](b, rows*n), nil, ws, ptr[float32](b, in), 2*n+1, n, rows)
			})
			b.run(halves.back, what, func() {
				halves.back(ptr[float32](b, in), 2*n+1, ptr[float32](b, rows*n), ptr[uint8](b, rows*ws), ws, n, rows)
			})
		}
	}
}

func outlineRows(b *bounds) {
	for n := 1; n < 70; n++ {
		for rows := 1; rows <= 3; rows++ {
			what := fmt.Sprintf("%d rows of %d", rows, n)
			b.run(moves.copy, what, func() {
				moves.copy(ptr[float32](b, span(rows, n, n+1)), n+1, ptr[float32](b, span(rows, n, n+2)), n+2, n, rows)
			})
			b.run(moves.pick, what, func() {
				moves.pick(ptr[float32](b, span(rows, n, n+1)), n+1, ptr[float32](b, span(rows, 2*n-1, 2*n)), 2*n, n, rows)
			})
			b.run(moves.zip, what, func() {
				in := span(rows, n, n+2)
				moves.zip(ptr[float32](b, span(rows, 2*n, 2*n+1)), 2*n+1, ptr[float32](b, in), ptr[float32](b, in), n+2, n, rows)
			})
		}
	}
}

func outlineMaxWindows(b *bounds) {
	for taps := 1; taps <= 9; taps++ {
		for stride := 1; stride <= 3; stride++ {
			for n := range 70 {
				what := fmt.Sprintf("%d taps, stride %d, %d windows", taps, stride, n)
				reach := 100
				if n > 0 {
					reach += 1 + (n-1)*stride
				}
				b.run(maxWindows, what, func() {
					maxWindows(ptr[float32](b, n), ptr[int64](b, n), 7, ptr[float32](b, reach), b.offsets(taps, 100), taps, stride, n)
				})
				b.run(maxWindows, what+", no index", func() {
					maxWindows(ptr[float32](b, n), nil, 7, ptr[float32](b, reach), b.offsets(taps, 100), taps, stride, n)
				})
			}
		}
	}
}

// span is how many numbers rows of n, ld apart, reach over.
func span(rows, n, ld int) int {
	if rows == 0 {
		return 0
	}
	return (rows-1)*ld + n
}

// bounds hands out memory between guard pages, and calls kernels on it.
type bounds struct {
	t      *testing.T
	report func(text string) // of a call out of bounds
	rooms  [][]byte          // each with a page before it and one behind that may not be touched
	used   int               // rooms that this call has
	atEnd  bool              // operands end where their room does; otherwise they begin where it does
	ran    map[string]bool   // by name
	broken map[string]bool
	calls  int
}

const roomBytes = 1 << 17

func newBounds(t *testing.T) *bounds {
	b := &bounds{t: t, ran: map[string]bool{}, broken: map[string]bool{}}
	b.report = func(text string) { b.t.Error(text) }
	page := os.Getpagesize()
	for range 12 {
		all, err := syscall.Mmap(-1, 0, roomBytes+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := syscall.Munmap(all); err != nil {
				t.Error(err)
			}
		})
		for _, guard := range [][]byte{all[:page], all[len(all)-page:]} {
			if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
				t.Fatal(err)
			}
		}
		b.rooms = append(b.rooms, all[page:len(all)-page])
	}
	return b
}

// ptr is n numbers at an edge of the next room, all zero or what an earlier call left there.
func ptr[T any](b *bounds, n int) *T {
	room := b.rooms[b.used]
	b.used++
	size := n * int(unsafe.Sizeof(*new(T)))
	if size > len(room) {
		panic(fmt.Sprintf("internal error: %d bytes do not fit into a room", size))
	}
	if b.atEnd {
		return (*T)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(room)), len(room)-size))
	}
	return (*T)(unsafe.Pointer(unsafe.SliceData(room)))
}

// offsets is n numbers from 0 to top, both included from two on.
func (b *bounds) offsets(n, top int) *int {
	p := ptr[int](b, n)
	for i := range n {
		unsafe.Slice(p, n)[i] = top * i / max(n-1, 1)
	}
	return p
}

// run makes a call of f, twice: with the operands at the ends of their rooms, and at the beginnings.
func (b *bounds) run(f any, what string, call func()) {
	name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	name = name[strings.LastIndexByte(name, '.')+1:]
	b.ran[name] = true
	for _, b.atEnd = range []bool{true, false} {
		if b.broken[name] {
			return // its first fault says enough
		}
		b.calls++
		b.one(name, what, call)
	}
}

func (b *bounds) one(name, what string, call func()) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		e := recover()
		if e == nil {
			return
		}
		fault, is := e.(interface{ Addr() uintptr })
		if !is {
			panic(e)
		}
		where := fmt.Sprintf("address %#x, far from every operand", fault.Addr())
		for i, room := range b.rooms[:b.used] {
			lo := uintptr(unsafe.Pointer(unsafe.SliceData(room)))
			switch d := fault.Addr() - lo; {
			case d >= roomBytes && d < roomBytes+uintptr(os.Getpagesize()):
				where = fmt.Sprintf("byte %d past the end of memory operand %d", d-roomBytes, i)
			case -d <= uintptr(os.Getpagesize()):
				where = fmt.Sprintf("byte %d before memory operand %d", -d, i)
			}
		}
		b.broken[name] = true
		b.report(fmt.Sprintf("%s, %s: touches %s", name, what, where))
	}()
	b.used = 0
	call()
}

// slices runs a kernel whose slices are all of one length.
func (b *bounds) slices(f reflect.Value) {
	name := runtime.FuncForPC(f.Pointer()).Name()
	for n := range 200 {
		b.run(f.Interface(), fmt.Sprintf("length %d", n), func() {
			args := make([]reflect.Value, f.Type().NumIn())
			for i := range args {
				switch arg := f.Type().In(i); arg {
				case reflect.TypeFor[[]float32]():
					args[i] = reflect.ValueOf(unsafe.Slice(ptr[float32](b, n), n))
				case reflect.TypeFor[[]uint8]():
					args[i] = reflect.ValueOf(unsafe.Slice(ptr[uint8](b, n), n))
				case reflect.TypeFor[*[2]float32]():
					args[i] = reflect.ValueOf(ptr[[2]float32](b, 1))
				case reflect.TypeFor[*[5]float32]():
					args[i] = reflect.ValueOf(ptr[[5]float32](b, 1))
				case reflect.TypeFor[*[8]float32]():
					args[i] = reflect.ValueOf(ptr[[8]float32](b, 1))
				case reflect.TypeFor[float32]():
					args[i] = reflect.ValueOf(float32(0.5))
				default:
					b.t.Fatalf("%s takes a %v: move it to outlines", name, arg)
				}
			}
			f.Call(args)
		})
	}
}

// TestBoundsSeeAFault breaks the promise on purpose.
func TestBoundsSeeAFault(t *testing.T) {
	for _, c := range []struct {
		atEnd bool
		at    int
		want  string
	}{{true, 3, "byte 0 past the end of memory operand 1"}, {false, -1, "byte 4 before memory operand 1"}} {
		var got string
		b := newBounds(t)
		b.report = func(text string) { got = text }
		b.atEnd = c.atEnd
		b.one("broken", "length 3", func() {
			ptr[float32](b, 3)
			*at(ptr[float32](b, 3), c.at) = 1
		})
		if !strings.HasSuffix(got, c.want) {
			t.Errorf("reported %q, want %q", got, c.want)
		}
	}
}
