package session_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tapir-go/tapir/kernel/session"
)

// generous is the longest that anything here may take on a machine that is busy with other things.
const generous = 30 * time.Second

// endless are cells that do not end by themselves.
var endless = []struct {
	name, src string
}{
	{name: "an empty loop", src: "for {}"},
	{name: "a loop that counts", src: "for { n++ }"},
	{name: "a condition that stays true", src: "for n >= 0 { if n > 1000 { n = 0 }; n++ }"},
	{name: "loops within loops in functions", src: "func turn() { for i := 0; ; i++ { for j := range 10 { n += j } } }\nfunc outer() { for { turn() } }\nouter()"},
	{name: "a loop in a closure", src: "func() { for { func() { n++ }() } }()"},
	{name: "a range over a function", src: "for range func(yield func(int) bool) { for yield(1) { n++ } } {}"},
	{name: "goto", src: "func() {\nagain:\n\tn++\n\tgoto again\n}()"},
	{name: "a loop of output", src: "for { fmt.Println(n); n++ }"},
	{name: "a receive", src: "<-ch"},
	{name: "a send", src: "ch <- 1"},
	{name: "a nil channel", src: "var none chan int\nnone <- 1"},
	{name: "a range over a channel", src: "for v := range ch { n += v }"},
	{name: "an empty select", src: "select {}"},
	{name: "a select", src: "select {\ncase <-ch:\ncase ch <- 1:\n}"},
	{name: "a select with default in a loop", src: "for {\n\tselect {\n\tcase <-ch:\n\tdefault:\n\t}\n}"},
	{name: "time.Sleep", src: "time.Sleep(time.Hour)"},
	{name: "time.Sleep in a loop", src: "for { time.Sleep(time.Millisecond) }"},
	{name: "time.After", src: "<-time.After(time.Hour)"},
	{name: "a timer", src: "<-time.NewTimer(time.Hour).C"},
	{name: "a ticker", src: "for range time.Tick(time.Millisecond) { n++ }"},
	{name: "a mutex", src: "var mu sync.Mutex\nmu.Lock()\nmu.Lock()"},
	{name: "a mutex in a goroutine", src: "var mu sync.Mutex\nmu.Lock()\ngo mu.Lock()\ngo func() { mu.Lock() }()\nmu.Lock()"},
	{name: "a mutex as a Locker", src: "var mu sync.Mutex\nvar l sync.Locker = &mu\nl.Lock()\nl.Lock()"},
	{name: "a mutex behind a method value", src: "var mu sync.Mutex\nf := mu.Lock\nf()\nf()"},
	{name: "a mutex in a struct", src: "type guarded struct { sync.Mutex; n int }\nvar g guarded\ng.Lock()\ng.Lock()"},
	{name: "a writer", src: "var mu sync.RWMutex\nmu.RLock()\nmu.Lock()"},
	{name: "a reader", src: "var mu sync.RWMutex\nmu.Lock()\nmu.RLock()"},
	{name: "a reader behind a writer", src: "var mu sync.RWMutex\nmu.RLock()\ngo mu.Lock()\ntime.Sleep(time.Millisecond)\nmu.RLocker().Lock()\nselect {}"},
	{name: "a wait group", src: "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()"},
	{name: "a wait group with a goroutine", src: "var wg sync.WaitGroup\nwg.Go(func() { for {} })\nwg.Wait()"},
	{name: "a condition", src: "cond := sync.NewCond(&sync.Mutex{})\ncond.L.Lock()\ndefer cond.L.Unlock()\nfor n > 0 { cond.Wait() }"},
	{name: "a condition in goroutines", src: "cond := sync.NewCond(&sync.Mutex{})\nfor range 3 { go func() { cond.L.Lock(); cond.Wait(); cond.L.Unlock() }() }\nselect {}"},
	{name: "sync.Once", src: "var once sync.Once\nonce.Do(func() { select {} })"},
	{name: "a context", src: "ctx, cancel := context.WithCancel(context.Background())\ndefer cancel()\n<-ctx.Done()"},
	{name: "a context with a deadline", src: "ctx, cancel := context.WithTimeout(context.Background(), time.Hour)\ndefer cancel()\nselect {\ncase <-ctx.Done():\ncase <-ch:\n}"},
	{name: "context.AfterFunc", src: "ctx, cancel := context.WithCancel(context.Background())\ncontext.AfterFunc(ctx, func() { for {} })\ncancel()\nselect {}"},
	{name: "time.AfterFunc", src: "time.AfterFunc(time.Millisecond, func() { for { n++ } })\nselect {}"},
	{name: "a pipe", src: "r, w := io.Pipe()\n_ = w\nio.ReadAll(r)"},
	{name: "the writer of a pipe", src: "r, w := io.Pipe()\n_ = r\nfmt.Fprintln(w, n)"},
	{name: "a command", src: "exec.Command(\"sleep\", \"100\").Run()"},
	{name: "a request", src: "l, err := net.Listen(\"tcp\", \"127.0.0.1:0\")\ndefer l.Close()\nhttp.Get(\"http://\" + l.Addr().String())"},
	{name: "a server", src: "l, err := net.Listen(\"tcp\", \"127.0.0.1:0\")\ndefer l.Close()\ngo http.Serve(l, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { for {} }))\nhttp.Get(\"http://\" + l.Addr().String())"},
	{name: "compiled code that calls a literal", src: "sort.Search(1<<62, func(int) bool { time.Sleep(time.Second); return false })"},
	{name: "compiled code that calls a literal that calls nothing", src: "io.Copy(io.Discard, strings.NewReader(strings.Map(func(r rune) rune { for range 1000 { n++ }; return r }, strings.Repeat(\"a\", 1<<20))))"},
	{name: "compiled code that calls a method", src: "type zeros struct{}\nfunc (zeros) Read(p []byte) (int, error) { return len(p), nil }\nio.Copy(io.Discard, zeros{})"},
	{name: "iter.Pull", src: "next, stop := iter.Pull(func(yield func(int) bool) { for yield(1) {} })\ndefer stop()\nfor { v, _ := next(); n += v }"},
	{name: "labels of its own", src: "pprof.Do(context.Background(), pprof.Labels(\"a\", \"b\"), func(context.Context) { for {} })"},
	{name: "a deep recursion", src: "func down(d int) int { if d == 0 { for { n++ } }; return down(d-1) + 1 }\ndown(20000)"},
	{name: "a deep recursion with deferred calls", src: "func down(d int) int { defer func() { n++ }(); if d == 0 { for {} }; return down(d-1) + 1 }\ndown(5000)"},
	{name: "a wide recursion", src: "func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }\nfib(90)"},
	{name: "a slow String method", src: "type slow struct{}\nfunc (slow) String() string { for {}; return \"\" }\nfmt.Println(slow{})"},
	{name: "a recover that goes on", src: "func try() { defer func() { recover(); for {} }(); panic(1) }\ntry()"},
	{name: "a deferred call that does not end", src: "defer func() { for {} }()\nfor {}"},
	{name: "a finally that waits", src: "defer func() { <-ch }()\n<-ch"},
	{name: "a goroutine that loops", src: "go func() { for { n++ } }()\nselect {}"},
	{name: "goroutines that wait", src: "go func() { <-ch }()\ngo func() { ch <- <-ch }()\nselect {}"},
	{name: "a deferred call", src: "defer func() { n++ }()\nfor {}"},
	{name: "a recover in a loop", src: "func try() { defer func() { recover() }(); for {} }\nfor { try() }"},
}

// TestAnInterruptEndsAnyCell interrupts each of the cells. All run in one session, which has to live on with its variables.
func TestAnInterruptEndsAnyCell(t *testing.T) {
	s, sc := newSession(t)
	cell := 0
	for _, e := range endless {
		t.Run(e.name, func(t *testing.T) {
			if racing && e.name == "iter.Pull" {
				t.Skip("both goroutines leave at once, and look at what the other one did")
			}
			cell++
			if r := s.Run(context.Background(), cell, "n := 5\nkept := []string{\"a\", \"b\"}\nch := make(chan int)\nfunc length() int { return len(kept) }"); r.Failure != nil {
				t.Fatal(r.Failure)
			}
			before := runtime.NumGoroutine()
			cell++
			r := interruptAfter(t, s, cell, e.src, 30*time.Millisecond)
			if r.Failure == nil || r.Failure.Name != "interrupted" {
				t.Fatalf("the failure is %v, want interrupted", r.Failure)
			}
			if r.Failure.Cell != cell {
				t.Errorf("the failure is of cell %d, want %d", r.Failure.Cell, cell)
			}
			sc.take()
			cell++
			r = s.Run(context.Background(), cell, "kept = append(kept, \"c\")\nn = 1\nfor i := range 3 { n += i }\nfmt.Println(kept, n)\nlength()")
			if r.Failure != nil {
				t.Fatalf("the next cell: %v", r.Failure)
			}
			if got := sc.take() + plainText(r); got != "[a b c] 4\n3" {
				t.Errorf("the next cell prints %q", got)
			}
			baseline(t, before)
		})
	}
}

// TestAnInterruptEndsAReadOfInput holds that a cell does not wait for its user any longer, however it reads.
func TestAnInterruptEndsAReadOfInput(t *testing.T) {
	asked := make(chan bool, 1)
	s, _ := newSession(t, func(o *session.Options) {
		o.Input = func(ctx context.Context, _ string, _ bool) (string, error) {
			asked <- true
			<-ctx.Done()
			return "", ctx.Err()
		}
	})
	before := runtime.NumGoroutine()
	for i, src := range []string{"var a string\nfmt.Scanln(&a)", "bufio.NewReader(os.Stdin).ReadString('\\n')", "sc := bufio.NewScanner(os.Stdin)\nfor sc.Scan() {\n}", "io.ReadAll(os.Stdin)", "os.Stdin.Read(make([]byte, 1))"} {
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			<-asked
			cancel()
		}()
		if r := waitRun(ctx, t, s, i+1, src); r.Failure == nil || r.Failure.Name != "interrupted" || r.Failure.Hint == "" {
			t.Errorf("%s\nends with %+v, want interrupted and what it waited for", src, r.Failure)
		}
		baseline(t, before)
	}
}

// TestStandardInputIsWhatTheUserAnswers holds that the functions that read from it take what the front end asked for.
func TestStandardInputIsWhatTheUserAnswers(t *testing.T) {
	answers := []string{"Ada 36", "second line", "third", "4 5"}
	s, _ := newSession(t, func(o *session.Options) {
		o.Input = func(context.Context, string, bool) (string, error) {
			if len(answers) == 0 {
				return "", io.EOF
			}
			a := answers[0]
			answers = answers[1:]
			return a, nil
		}
	})
	for i, c := range []struct{ src, want string }{
		{"var name string\nvar age int\nfmt.Scanln(&name, &age)\nfmt.Sprint(name, age)", "Ada36"},
		{"line, err := bufio.NewReader(os.Stdin).ReadString('\\n')\nfmt.Sprintf(\"%q %v\", line, err)", `"second line\n" <nil>`},
		{"sc := bufio.NewScanner(os.Stdin)\nsc.Scan()\nsc.Text()", "third"},
		{"var a, b int\nfmt.Fscan(os.Stdin, &a, &b)\na + b", "9"},
		{"rest, err := io.ReadAll(os.Stdin)\nfmt.Sprint(len(rest), err)", "1 <nil>"},
	} {
		if r := s.Run(context.Background(), i+1, c.src); r.Failure != nil || plainText(r) != c.want {
			t.Errorf("%s\ngives %v %v, want %s", c.src, r.Value, r.Failure, c.want)
		}
	}
}

// TestACallThatCannotBeStoppedIsLeftBehind holds that a cell in compiled code that nothing ends does not block the session.
func TestACallThatCannotBeStoppedIsLeftBehind(t *testing.T) {
	s, sc := newSession(t)
	if r := s.Run(context.Background(), 1, "n := 1\nr, w, err := os.Pipe()"); r.Failure != nil {
		t.Fatal(r.Failure)
	}
	before := runtime.NumGoroutine()
	r := interruptAfter(t, s, 2, "n = 2\nb := make([]byte, 10)\nr.Read(b)\nn = 3", 30*time.Millisecond)
	if f := r.Failure; f == nil || f.Name != "interrupted" || f.Line != 3 || !strings.Contains(f.Text, "goes on in the background") {
		t.Fatalf("the failure is %v, want interrupted in line 3", f)
	}
	if r := s.Run(context.Background(), 3, "fmt.Println(n)\nw.WriteString(\"late\")"); r.Failure != nil || sc.take() != "2\n" {
		t.Fatalf("the next cell: %v", r.Failure)
	}
	baseline(t, before) // the call has returned, and its goroutine left
	if r := s.Run(context.Background(), 4, "n"); plainText(r) != "2" {
		t.Errorf("n is %v %v, want 2", r.Value, r.Failure)
	}
	if r := s.Run(context.Background(), 5, "r.Close()\nw.Close()"); r.Failure != nil {
		t.Error(r.Failure)
	}
}

// TestAnInterruptIsSeenByTheEngine holds that the owner of a session is told when an interrupt begins and when it is over.
func TestAnInterruptIsSeenByTheEngine(t *testing.T) {
	var told []bool
	s, _ := newSession(t, func(o *session.Options) { o.OnInterrupt = func(on bool) { told = append(told, on) } })
	interruptAfter(t, s, 1, "for {}", 10*time.Millisecond)
	if len(told) != 2 || !told[0] || told[1] {
		t.Errorf("told %v, want [true false]", told)
	}
	if s.Run(context.Background(), 2, "1"); len(told) != 2 {
		t.Errorf("told %v after a cell that was not interrupted", told)
	}
}

// TestAnInterruptRunsDeferredCalls holds that a cell unwinds as a panic does: what it deferred is done.
func TestAnInterruptRunsDeferredCalls(t *testing.T) {
	s, sc := newSession(t)
	r := interruptAfter(t, s, 1, "func f() { defer fmt.Println(\"f\"); for {} }\ndefer fmt.Println(\"top\")\nf()", 30*time.Millisecond)
	if r.Failure == nil || r.Failure.Name != "interrupted" {
		t.Fatalf("the failure is %v, want interrupted", r.Failure)
	}
	if got := sc.take(); got != "f\ntop\n" {
		t.Errorf("deferred calls print %q", got)
	}
}

// TestACellThatIsInterruptedBeforeItStarts must not run to its end.
func TestACellThatIsInterruptedBeforeItStarts(t *testing.T) {
	s, _ := newSession(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := waitRun(ctx, t, s, 1, "for {}")
	if r.Failure == nil || r.Failure.Name != "interrupted" {
		t.Fatalf("the failure is %v, want interrupted", r.Failure)
	}
	if r := s.Run(context.Background(), 2, "1 + 1"); r.Failure != nil || plainText(r) != "2" {
		t.Errorf("the next cell gives %v %v", r.Value, r.Failure)
	}
}

// TestAnInterruptSaysWhereTheCellWas checks line and functions.
func TestAnInterruptSaysWhereTheCellWas(t *testing.T) {
	s, _ := newSession(t)
	r := interruptAfter(t, s, 1, "func spin() {\n\tfor {\n\t\ttime.Sleep(time.Millisecond)\n\t}\n}\n\nspin()", 30*time.Millisecond)
	f := r.Failure
	if f == nil || f.Cell != 1 || f.Line < 2 || f.Line > 4 {
		t.Fatalf("the failure is %v, want line 2 to 4 of cell 1", f)
	}
	if len(f.Frames) != 2 || f.Frames[0].Func != "spin" || f.Frames[1].Line != 7 {
		t.Errorf("the frames are %+v", f.Frames)
	}
	if tb := strings.Join(f.Traceback(), "\n"); strings.Contains(tb, ".go:") {
		t.Errorf("the traceback has frames that are not the user's:\n%s", tb)
	}
}

// interruptAfter runs a cell and interrupts it after d.
func interruptAfter(t *testing.T, s *session.Session, cell int, src string, d time.Duration) session.Result {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	time.AfterFunc(d, cancel)
	return waitRun(ctx, t, s, cell, src)
}

// waitRun is Run that fails the test if it does not return after ctx has ended.
func waitRun(ctx context.Context, t *testing.T, s *session.Session, cell int, src string) session.Result {
	t.Helper()
	got := make(chan session.Result, 1)
	go func() { got <- s.Run(ctx, cell, src) }()
	select {
	case r := <-got:
		if !errors.Is(ctx.Err(), context.Canceled) {
			t.Fatalf("the cell ended before it was interrupted: %v %v", r.Value, r.Failure)
		}
		return r
	case <-time.After(generous):
		buf := make([]byte, 1<<20)
		t.Fatalf("the cell still runs:\n%s\n%s", src, buf[:runtime.Stack(buf, true)])
	}
	panic("internal error: not reached")
}

func plainText(r session.Result) string {
	s, _ := r.Value["text/plain"].(string)
	return s
}

// baseline waits until there are no more goroutines than before.
func baseline(t *testing.T, before int) {
	t.Helper()
	for end := time.Now().Add(generous); ; time.Sleep(2 * time.Millisecond) {
		n := runtime.NumGoroutine()
		if n <= before {
			return
		}
		if time.Now().After(end) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, there were %d:\n%s", n, before, buf[:runtime.Stack(buf, true)])
		}
	}
}
