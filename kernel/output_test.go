package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tapir-go/tapir/kernel/session"
)

// text is the text of the stream messages in what was published.
func text(t testing.TB, published []string) string {
	t.Helper()
	var b strings.Builder
	for _, p := range published {
		content, ok := strings.CutPrefix(p, "stream ")
		if !ok {
			continue
		}
		var c struct{ Text string }
		if err := json.Unmarshal([]byte(content), &c); err != nil {
			t.Fatal(err)
		}
		b.WriteString(c.Text)
	}
	return b.String()
}

func TestManyLinesArriveInFewMessages(t *testing.T) {
	x := begin(t, Options{})
	var want strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&want, "line %d\n", i)
	}
	x.fake.cells["flood"] = func(_ context.Context, cell int) session.Result {
		for line := range strings.Lines(want.String()) {
			x.fake.screen.Stream(cell, "stdout", []byte(line))
		}
		return session.Result{}
	}
	_, out := x.execute("flood")
	if text(t, out) != want.String() {
		t.Error("lines are lost or out of order")
	}
	if len(out) > want.Len()/flushSize+10 {
		t.Errorf("%d messages for %d bytes", len(out), want.Len())
	}
}

func TestTextOfALongCellIsSentWhileItRuns(t *testing.T) {
	x := begin(t, Options{})
	h := x.shell.send("execute_request", cellRequest("loop"))
	for m := x.iopub.receive(); m.Header.Type != "stream"; m = x.iopub.receive() {
	}
	x.server.Interrupt()
	x.shell.expect("execute_reply")
	x.until(h)
}

func TestLateOutputGoesToItsCell(t *testing.T) {
	x := begin(t, Options{})
	more := make(chan struct{})
	x.fake.cells["background"] = func(_ context.Context, cell int) session.Result {
		go func() {
			<-more
			x.fake.screen.Stream(cell, "stdout", []byte("late\n"))
		}()
		return session.Result{}
	}
	h := x.shell.send("execute_request", cellRequest("background"))
	x.shell.expect("execute_reply")
	x.until(h)
	x.execute("value 2")
	close(more)
	if m := x.iopub.expect("stream"); string(m.Parent) != string(h) {
		t.Errorf("output of cell 1 has the parent %s", m.Parent)
	}
}

func TestCharactersAreNotCutInTwo(t *testing.T) {
	x := begin(t, Options{})
	all := strings.Repeat("é世😀", 30_000)
	x.fake.cells["pieces"] = func(_ context.Context, cell int) session.Result {
		for i := 0; i < len(all); i += 7 {
			x.fake.screen.Stream(cell, "stdout", []byte(all[i:min(i+7, len(all))]))
		}
		x.fake.screen.Stream(cell, "stderr", []byte("\xff\xe4\xb8"))
		return session.Result{}
	}
	_, out := x.execute("pieces")
	if got := text(t, out); got != all+"\ufffd\ufffd\ufffd" {
		t.Errorf("%d bytes came as %d", len(all), len(got))
	}
}

func TestCutOffIsTheBeginningOfACharacter(t *testing.T) {
	for s, want := range map[string]int{"": 0, "a": 0, "é": 0, "é"[:1]: 1, "a世"[:3]: 2, "😀"[:3]: 3, "\xff": 0, "\x80\x80": 0, "\x80\x80\x80\x80": 0} {
		if got := cutOff([]byte(s)); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

func FuzzCutOffLeavesWholeCharacters(f *testing.F) {
	f.Add("aé世😀", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if !utf8.ValidString(s) || n < 0 || n > len(s) {
			return
		}
		head := s[:n]
		if head = head[:len(head)-cutOff([]byte(head))]; !utf8.ValidString(head) {
			t.Errorf("%q of %q", head, s)
		}
	})
}

func TestWriterIsHeldBackSoThatNoServerDropsItsOutput(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter()
	l.now, l.at = func() time.Time { return now }, now
	frame := [][]byte{make([]byte, flushSize+500)}
	type event struct {
		at    time.Time
		bytes int
	}
	var sent []event
	for now.Sub(time.Unix(0, 0)) < 20*time.Second {
		now = now.Add(l.debt())
		l.spend("stream", frame)
		sent = append(sent, event{now, len(frame[0])})
	}
	for i := range sent { // what a server counts in any window of three seconds
		bytes := 0
		for _, e := range sent[i:] {
			if e.at.Sub(sent[i].at) > 3*time.Second {
				break
			}
			bytes += e.bytes
		}
		if bytes > 3_000_000 {
			t.Fatalf("%d bytes in the three seconds from %v on", bytes, sent[i].at.Sub(time.Unix(0, 0)))
		}
	}
	total := 0
	for _, e := range sent {
		total += e.bytes
	}
	if total < 20*500_000 {
		t.Errorf("only %d bytes in 20 seconds", total)
	}

	messages := 0
	for end := now.Add(3 * time.Second); now.Before(end); now = now.Add(l.debt() + time.Microsecond) {
		l.spend("display_data", frame)
		messages++
	}
	if messages > 3000 || messages < 1500 {
		t.Errorf("%d messages in three seconds", messages)
	}
	l.spend("stream", [][]byte{make([]byte, burstBytes)})
	if l.debt() == 0 {
		t.Error("no debt after a burst")
	}
	if l.reset(); l.debt() != 0 {
		t.Error("a debt is left after an idle")
	}
	for range 2 * burstMessages {
		l.spend("status", frame)
	}
	if l.debt() != 0 {
		t.Error("states are counted, which a server does not do")
	}
}

func TestInterruptReachesAWriterThatIsHeldBack(t *testing.T) {
	x := begin(t, Options{})
	x.fake.cells["flood"] = func(ctx context.Context, cell int) session.Result {
		line := []byte(strings.Repeat("x", 99) + "\n")
		for ctx.Err() == nil {
			x.fake.screen.Stream(cell, "stdout", line)
		}
		return session.Result{Failure: &session.Failure{Name: "interrupted"}}
	}
	x.shell.send("execute_request", cellRequest("flood"))
	for x.server.out.limit.debt() == 0 {
		time.Sleep(time.Millisecond)
	}
	begin := time.Now()
	x.control.send("interrupt_request", `{}`)
	x.control.expect("interrupt_reply")
	x.shell.expect("execute_reply")
	if d := time.Since(begin); d > 5*time.Second {
		t.Errorf("ended %v after the interrupt", d)
	}
}

func TestBundleTakesWhateverASessionShows(t *testing.T) {
	bundle := map[string]any{
		"text/plain":                   []byte("a\xff"),
		"image/svg+xml":                "<svg/>",
		"image/png":                    []byte{255},
		"application/json":             []byte(`{"a":[1]}`),
		"application/vnd.x+json":       []byte(`not json`),
		"application/vnd.y+json":       []int{1},
		"application/javascript":       []byte("f()"),
		"text/html; charset=utf-8":     "no MIME type for the schema",
		"application/vnd.nothing+json": make(chan int),
	}
	want := `{"application/javascript":"f()","application/json":{"a":[1]},` +
		`"application/vnd.nothing+json":"chan int has no form as application/vnd.nothing+json: json: unsupported type: chan int",` +
		`"application/vnd.x+json":"not json","application/vnd.y+json":[1],"image/png":"/w==","image/svg+xml":"<svg/>","text/plain":"a` + "\ufffd" + `"}`
	if got := string(appendBundle(nil, bundle)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(appendBundle(nil, nil)); got != "{}" {
		t.Errorf("an empty bundle is %s", got)
	}
}
