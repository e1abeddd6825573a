package viz

import (
	"bytes"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
)

// record is a screen that keeps what it is sent.
type record struct {
	mu     sync.Mutex
	events []event
}

type event struct {
	kind, id string
	bundle   map[string]any
}

func (r *record) add(e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *record) Show(b map[string]any, id string)   { r.add(event{kind: "show", id: id, bundle: b}) }
func (r *record) Update(b map[string]any, id string) { r.add(event{kind: "update", id: id, bundle: b}) }
func (r *record) Clear(wait bool)                    { r.add(event{kind: "clear"}) }

func (r *record) all() []event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]event(nil), r.events...)
}

func (r *record) last() string {
	es := r.all()
	if len(es) == 0 {
		return ""
	}
	return es[len(es)-1].bundle["text/plain"].(string)
}

func onRecord(t *testing.T) *record {
	r := &record{}
	SetScreen(r)
	t.Cleanup(func() { SetScreen(nil) })
	return r
}

// fakeClock moves only when it is told to.
type fakeClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*fakeTimer
}

type fakeTimer struct {
	at time.Time
	f  func()
}

func newClock() *fakeClock {
	return &fakeClock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) After(d time.Duration, f func()) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &fakeTimer{c.now.Add(d), f}
	c.timers = append(c.timers, t)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		t.f = nil
	}
}

func (c *fakeClock) move(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	var due []func()
	for _, t := range c.timers {
		if t.f != nil && !t.at.After(c.now) {
			due = append(due, t.f)
			t.f = nil
		}
	}
	c.mu.Unlock()
	for _, f := range due {
		f()
	}
}

func TestAtMostTenUpdatesASecondAndTheLastStateAlways(t *testing.T) {
	r, c := onRecord(t), newClock()
	p := newProgress(1000, "epoch 1", c)
	for range 1000 {
		c.move(time.Millisecond)
		p.Step(1)
	}
	if n := len(r.all()); n < 9 || n > 11 {
		t.Errorf("%d messages in one second", n)
	}
	p.Metric("loss", 0.25)
	p.Done()
	if got, want := r.last(), "epoch 1: 1000/1000, loss 0.25"; got != want {
		t.Errorf("last text %q, want %q", got, want)
	}
	n := len(r.all())
	p.Step(1).Metric("loss", 9)
	p.Done()
	c.move(time.Minute)
	if len(r.all()) != n {
		t.Error("messages after Done")
	}
	first := r.all()[0]
	for i, e := range r.all() {
		want := "update"
		if i == 0 {
			want = "show"
		}
		if e.kind != want || e.id != first.id || e.id == "" {
			t.Errorf("message %d is %s of %q, want %s of %q", i, e.kind, e.id, want, first.id)
		}
	}
}

// The step that comes just after an update is seen although no step follows.
func TestAStateThatNothingFollowsIsShownSoon(t *testing.T) {
	r, c := onRecord(t), newClock()
	p := newProgress(10, "", c)
	c.move(time.Second)
	p.Step(1)
	p.Metric("loss", 0.5)
	if got := r.last(); got != "1/10" {
		t.Fatalf("text %q before the time", got)
	}
	c.move(100 * time.Millisecond)
	if got := r.last(); got != "1/10, loss 0.5" {
		t.Errorf("text %q a tenth of a second later", got)
	}
}

// slowScreen needs a fixed time to take a message.
type slowScreen struct {
	record
	c *fakeClock
}

func (s *slowScreen) Show(b map[string]any, id string) {
	s.record.Show(b, id)
	s.c.move(50 * time.Millisecond)
}
func (s *slowScreen) Update(b map[string]any, id string) {
	s.record.Update(b, id)
	s.c.move(50 * time.Millisecond)
}

func TestSlowDrawingTakesASmallShareOfTheTime(t *testing.T) {
	c := newClock()
	s := &slowScreen{c: c}
	SetScreen(s)
	defer SetScreen(nil)
	k := newCurve([]string{"loss"}, c)
	start := c.Now()
	for i := range 10_000 {
		// Not move: a timer would take the lock that the screen holds.
		c.mu.Lock()
		c.now = c.now.Add(time.Millisecond)
		c.timers = nil
		c.mu.Unlock()
		k.mu.Lock()
		k.pending = nil
		k.mu.Unlock()
		k.Add(i, 1)
	}
	drawing := time.Duration(len(s.all())) * 50 * time.Millisecond
	if whole := c.Now().Sub(start); drawing*15 > whole {
		t.Errorf("%v of %v went into drawing", drawing, whole)
	}
}

func TestProgressTextHasNoTimeInIt(t *testing.T) {
	r := onRecord(t)
	var texts, pages []string
	for _, pace := range []time.Duration{time.Millisecond, 3 * time.Second} {
		c := newClock()
		p := newProgress(100, "epoch <1>", c)
		for range 40 {
			c.move(pace)
			p.Step(1)
		}
		p.Metric("loss", 1.0/3)
		p.Done()
		texts = append(texts, r.last())
		es := r.all()
		pages = append(pages, es[len(es)-1].bundle["text/html"].(string))
	}
	if texts[0] != texts[1] || texts[0] != "epoch <1>: 40/100, loss 0.3333" {
		t.Errorf("texts %q", texts)
	}
	for i, want := range []string{"1000/s · 0.0 s", "3.0 s each · 2 min 00 s"} {
		if !strings.Contains(pages[i], want) || !strings.Contains(pages[i], "epoch &lt;1&gt;") || !strings.Contains(pages[i], "width:40.0%") {
			t.Errorf("page %d: want %q in %s", i, want, pages[i])
		}
		if strings.Contains(pages[i], "<script") {
			t.Errorf("page %d has a script", i)
		}
	}
}

func TestProgressTellsTheTimeLeft(t *testing.T) {
	r, c := onRecord(t), newClock()
	p := newProgress(100, "", c)
	c.move(10 * time.Second)
	p.Step(20)
	html := r.all()[1].bundle["text/html"].(string)
	if !strings.Contains(html, "20/100 · 20 % · 2.0/s · 40 s left") {
		t.Errorf("page %s", html)
	}
	p.Done()
}

func TestLiveValuesAreSafeFromManyGoroutines(t *testing.T) {
	r := onRecord(t)
	p, k := NewProgress(4000, "all"), NewCurve("loss", "accuracy")
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 1000 {
				p.Step(1).Metric("g", float64(g))
				if i%50 == 0 {
					k.Add(i, 1, 2)
					_ = k.String() + p.String()
					Show(i)
				}
			}
		}()
	}
	wg.Wait()
	p.Metric("g", 0)
	p.Done()
	k.Done()
	found := map[string]bool{}
	for _, e := range r.all() {
		found[e.bundle["text/plain"].(string)] = true
	}
	if !found["all: 4000/4000, g 0"] {
		t.Error("the last state of the bar was not sent")
	}
}

func TestCurveGroupsSeriesByTheirLastWord(t *testing.T) {
	r, c := onRecord(t), newClock()
	k := newCurve([]string{"train loss", "validation loss", "accuracy"}, c).Title("digits").Smooth(0.9)
	for i := range 50 {
		v := math.NaN()
		if i%10 == 9 {
			v = 1 / float64(i)
		}
		c.move(30 * time.Millisecond)
		k.Add(i, 2/float64(i+1), v, float64(i)/50)
	}
	k.Done()
	svg := r.all()[len(r.all())-1].bundle["image/svg+xml"].(string)
	d := readSVG(t, svg)
	d.says(t, "digits: loss", "train loss", "validation loss", "accuracy", "step")
	text := r.last()
	for _, want := range []string{`curve "digits": step 0..49`, "train loss       last 0.04, 0.04..2", "validation loss  last 0.02041, 0.02041..0.1111", "accuracy         last 0.98, 0..0.98"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	k.Add(50, 1, 1, 1)
	if r.last() != text {
		t.Error("a value after Done is shown")
	}
}

func TestACurveWithNothingToShowSaysSo(t *testing.T) {
	r := onRecord(t)
	k := NewCurve("loss").LogY()
	if got := k.String(); got != "curve of loss: nothing yet" {
		t.Errorf("text %q", got)
	}
	k.Done()
	if len(r.all()) != 0 {
		t.Error("an empty curve was shown")
	}
	k2 := NewCurve("loss").LogY()
	k2.Add(0, 0)
	k2.Add(1, math.NaN())
	k2.Done()
	readSVG(t, r.all()[0].bundle["image/svg+xml"].(string))
}

func TestSmoothedStartsAtTheFirstValue(t *testing.T) {
	got := smoothed([]float64{2, 2, 4}, 0.5)
	want := []float64{2, 2, (2*0.25 + 2*0.5 + 4) / 1.75} // weights 1/4, 1/2, 1 of their sum
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("smoothed %v, want %v", got, want)
		}
	}
}

func TestATerminalGetsOneLineThatIsWrittenOver(t *testing.T) {
	var out bytes.Buffer
	term := newTerminal(&out)
	term.tty = true
	SetScreen(term)
	defer SetScreen(nil)
	c := newClock()
	p := newProgress(4, "epoch 1", c)
	c.move(time.Second)
	p.Step(2)
	Show("between")
	c.move(time.Second)
	p.Step(2)
	p.Done()
	want := "\r\x1b[K░░░░░░░░░░░░░░░░░░░░ epoch 1: 0/4" +
		"\r\x1b[K██████████░░░░░░░░░░ epoch 1: 2/4  2.0/s · 1.0 s left" +
		"\nbetween\n" +
		"\r\x1b[K████████████████████ epoch 1: 4/4  2.0/s" +
		"\r\x1b[Kepoch 1: 4/4\n"
	if out.String() != want {
		t.Errorf("terminal got\n%q, want\n%q", out.String(), want)
	}
}

func TestAFileGetsTheLastStateOnly(t *testing.T) {
	var out bytes.Buffer
	SetScreen(newTerminal(&out))
	defer SetScreen(nil)
	c := newClock()
	p := newProgress(4, "epoch 1", c)
	for range 4 {
		c.move(time.Second)
		p.Step(1)
	}
	p.Done()
	if out.String() != "epoch 1: 4/4\n" {
		t.Errorf("file got %q", out.String())
	}
}

func TestFlushSendsWhatIsHeldBack(t *testing.T) {
	screen := onRecord(t)
	c := NewCurve("loss")
	for step := 1; step <= 3; step++ {
		c.Add(step, 1)
	}
	sent := func() (texts []string) {
		for _, e := range screen.all() {
			if e.id == c.id {
				texts = append(texts, e.bundle["text/plain"].(string))
			}
		}
		return texts
	}
	if got := sent(); len(got) != 1 {
		t.Fatalf("sent at once: %q, want one state", got)
	}
	Flush()
	Flush()
	if got := sent(); len(got) != 2 || !strings.Contains(got[1], "step 1..3") {
		t.Errorf("after Flush, twice: %q, want one more state, of steps 1 to 3", got)
	}
}
