package kernel

import (
	"context"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tapir-go/tapir/kernel/wire"
)

const (
	flushAfter = 50 * time.Millisecond // how long text waits for more of it
	flushSize  = 64 << 10              // how much text is sent at once
	lateCells  = 1024                  // how many cells back output still finds its cell
)

var (
	statusStarting = []byte(`{"execution_state":"starting"}`)
	statusBusy     = []byte(`{"execution_state":"busy"}`)
	statusIdle     = []byte(`{"execution_state":"idle"}`)
)

// origin is the request whose output something is.
type origin struct {
	header []byte
	silent bool
}

// output publishes on iopub, in the order of calls. Text is gathered, and sent when there is much of it, when it is 50 ms old, and before
// anything else. It is the session's Screen.
type output struct {
	server *Server
	limit  *limiter
	topics sync.Map // message type to topic

	gateMu sync.Mutex
	gate   context.Context // done when what is written must not wait any more

	mu      sync.Mutex
	closed  bool
	origins map[int]origin // by cell
	latest  int            // cell
	text    []byte         // text that is not sent
	cell    int            // whose it is
	stream  string         // "stdout" or "stderr"
	timer   *time.Timer
	armed   bool
}

func newOutput(s *Server) *output {
	o := &output{server: s, limit: newLimiter(), origins: map[int]origin{}, gate: context.Background()}
	o.timer = time.AfterFunc(time.Hour, o.tick)
	o.timer.Stop()
	return o
}

// begin says whose output comes now, and when it need not wait for slow clients any more.
func (o *output) begin(ctx context.Context, cell int, header []byte, silent bool) {
	o.setGate(ctx)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
	o.origins[cell] = origin{header, silent}
	o.latest = cell
	delete(o.origins, cell-lateCells)
}

// end sends what the cell has written. What it writes later waits as long as it must.
func (o *output) end() {
	o.setGate(context.Background())
	o.sync()
}

// sync sends the text that was written so far.
func (o *output) sync() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
}

func (o *output) setGate(ctx context.Context) {
	o.gateMu.Lock()
	o.gate = ctx
	o.gateMu.Unlock()
}

// wait holds back whoever writes more than the clients take.
func (o *output) wait() {
	o.gateMu.Lock()
	ctx := o.gate
	o.gateMu.Unlock()
	o.limit.wait(ctx, o.server.stop)
	o.server.iopub.Wait(ctx)
}

// Stream implements session.Screen.
func (o *output) Stream(cell int, name string, text []byte) {
	for len(text) > 0 {
		n := min(len(text), flushSize)
		o.wait()
		o.write(cell, name, text[:n])
		text = text[n:]
	}
}

func (o *output) write(cell int, name string, text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.text) > 0 && (o.cell != cell || o.stream != name) {
		o.flush(true)
	}
	o.cell, o.stream = cell, name
	o.text = append(o.text, text...)
	if len(o.text) >= flushSize {
		o.flush(false)
	}
	if len(o.text) > 0 && !o.armed {
		o.armed = true
		o.timer.Reset(flushAfter)
	}
}

// tick sends text that is old enough.
func (o *output) tick() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.armed = false
	o.flush(false)
	if len(o.text) > 0 { // a piece of a character
		o.armed = true
		o.timer.Reset(flushAfter)
	}
}

// flush sends the gathered text. A character that is cut off at the end waits for its rest, unless all is to go. mu is held.
func (o *output) flush(all bool) {
	n := len(o.text)
	if !all {
		n -= cutOff(o.text)
	}
	if n == 0 {
		return
	}
	if from := o.origin(o.cell); !from.silent {
		b := make([]byte, 0, n+n/16+64)
		b = wire.AppendString(append(b, `{"name":`...), o.stream)
		b = wire.AppendString(append(b, `,"text":`...), o.text[:n])
		o.send(from.header, "stream", "stream."+o.stream, append(b, '}'))
	}
	o.text = o.text[:copy(o.text, o.text[n:])]
}

// cutOff is how many bytes at the end of b are the beginning of a character that is not all there.
func cutOff(b []byte) int {
	for i := 1; i <= min(len(b), utf8.UTFMax-1); i++ {
		c := b[len(b)-i]
		if !utf8.RuneStart(c) {
			continue
		}
		if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
			return i
		}
		return 0
	}
	return 0
}

// origin is the request that a cell came with; for a cell that is not known, the latest. mu is held.
func (o *output) origin(cell int) origin {
	if from, known := o.origins[cell]; known {
		return from
	}
	return o.origins[o.latest]
}

// Display implements session.Screen.
func (o *output) Display(cell int, bundle map[string]any, id string, update bool) {
	o.wait()
	kind := "display_data"
	if update {
		kind = "update_display_data"
	}
	b := appendBundle([]byte(`{"metadata":{},"data":`), bundle)
	b = append(b, `,"transient":{`...)
	if id != "" {
		b = wire.AppendString(append(b, `"display_id":`...), id)
	}
	o.show(cell, kind, append(b, `}}`...))
}

// Clear implements session.Screen.
func (o *output) Clear(cell int, wait bool) {
	o.wait()
	o.show(cell, "clear_output", fmt.Appendf(nil, `{"wait":%t}`, wait))
}

func (o *output) show(cell int, kind string, content []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
	if from := o.origin(cell); !from.silent {
		o.send(from.header, kind, o.topic(kind), content)
	}
}

// publish sends a message after the text that was written before it.
func (o *output) publish(parent []byte, kind string, content []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
	o.send(parent, kind, o.topic(kind), content)
}

// publishNow sends a message at once, whatever waits.
func (o *output) publishNow(parent []byte, kind string, content []byte) {
	s := o.server
	s.iopub.Publish(s.codec.Encode([][]byte{[]byte(o.topic(kind))}, s.source.Header(kind), parent, nil, content))
}

// send publishes a message. mu is held.
func (o *output) send(parent []byte, kind, topic string, content []byte) {
	if o.closed {
		return
	}
	s := o.server
	frames := s.codec.Encode([][]byte{[]byte(topic)}, s.source.Header(kind), parent, nil, content)
	o.limit.spend(kind, frames)
	s.iopub.Publish(frames)
}

func (o *output) topic(kind string) string {
	if t, ok := o.topics.Load(kind); ok {
		return t.(string)
	}
	t := "kernel." + o.server.source.Session() + "." + kind
	o.topics.Store(kind, t)
	return t
}

// close sends what is left; what a cell writes later is lost.
func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
	o.closed = true
	o.timer.Stop()
}
