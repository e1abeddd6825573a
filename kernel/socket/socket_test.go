package socket

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

func TestRouterAnswersTheConnectionThatAsked(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			r := start(t, NewRouter(Limits{}, echo), network)
			a := connect(t, r.Addr(), zmq4.Dealer, "a")
			b := connect(t, r.Addr(), zmq4.Dealer, "")
			long := strings.Repeat("x", 100_000)
			for i := range 3 {
				a.send("a", fmt.Sprint(i), "", long)
				b.send("b", fmt.Sprint(i))
				a.wants("a|" + fmt.Sprint(i) + "||" + long)
				b.wants("b|" + fmt.Sprint(i))
			}
			if r.Peer("a") == nil || r.Peer("nobody") != nil {
				t.Error("peers are not found by identity")
			}
		})
	}
}

func TestIdentityIsHandedOverToTheNewConnection(t *testing.T) {
	r := start(t, NewRouter(Limits{}, echo), "tcp")
	old := connect(t, r.Addr(), zmq4.Dealer, "same")
	old.send("1")
	old.wants("1")
	fresh := connect(t, r.Addr(), zmq4.Dealer, "same")
	fresh.send("2")
	fresh.wants("2")
	old.ends()
	r.Peer("same").Send(bytesOf([]string{"3"}))
	fresh.wants("3")
	if s := r.Stats(); s.Replaced != 1 {
		t.Errorf("%+v: want one replaced", s)
	}
}

func TestHeartbeatSendsBackWhateverComes(t *testing.T) {
	h := start(t, Echo(Limits{}), "tcp")
	req := connect(t, h.Addr(), zmq4.Req, "")
	req.send("", "ping")
	req.wants("|ping")
	odd := connect(t, h.Addr(), zmq4.Dealer, "")
	odd.send("no delimiter")
	odd.wants("no delimiter")
	odd.send("a", "", "b", "")
	odd.wants("a||b|")
}

func TestPingIsAnsweredInOrder(t *testing.T) {
	r := start(t, NewRouter(Limits{}, echo), "tcp")
	c := connect(t, r.Addr(), zmq4.Dealer, "")
	c.send("before")
	c.write([]byte("\x04\x07\x04PING\x00\x00"))
	c.send("after")
	c.wants("before")
	if cmd, err := c.conn.RecvCmd(); err != nil || cmd.Name != "PONG" {
		t.Fatalf("command %q, %v: want PONG", cmd.Name, err)
	}
	c.wants("after")
}

func welcome(topic string) [][]byte { return bytesOf([]string{"welcome", topic}) }

func TestSubscriberGetsWelcomeFirstAndWhatItAskedFor(t *testing.T) {
	p := start(t, NewPublisher(Limits{}, welcome), "tcp")
	all := connect(t, p.Addr(), zmq4.Sub, "")
	some := connect(t, p.Addr(), zmq4.Sub, "")
	publish := func(topic string) { p.Publish(bytesOf([]string{topic, "x"})) }
	publish("lost: nobody has subscribed")
	all.send("\x01")
	all.wants("welcome|")
	some.send("\x01stream.")
	some.wants("welcome|stream.")
	publish("status")
	publish("stream.stdout")
	all.wants("status|x", "stream.stdout|x")
	some.wants("stream.stdout|x")

	all.send("\x01") // a second and equal subscription is welcomed too, and two must be taken back
	all.wants("welcome|")
	all.send("\x00")
	all.send("\x01mark")
	all.wants("welcome|mark")
	publish("still")
	all.wants("still|x")
	all.send("\x00")
	all.send("\x01mark2")
	all.wants("welcome|mark2")
	publish("not any more")
	publish("mark")
	all.wants("mark|x")
}

func TestOddSubscriptionsAreDroppedAndCounted(t *testing.T) {
	p := start(t, NewPublisher(Limits{}, welcome), "tcp")
	c := connect(t, p.Addr(), zmq4.Sub, "")
	c.send("")
	c.send("\x02x")
	c.send("\x01a", "b")
	c.send("\x00never subscribed")
	c.send("\x01")
	c.wants("welcome|")
	if s := p.Stats(); s.Malformed != 3 {
		t.Errorf("%+v: want 3 malformed", s)
	}
	for i := range maxTopics + 10 {
		c.send(fmt.Sprintf("\x01%d", i))
	}
	eventually(t, "ten topics too many", func() bool { return p.Stats().Malformed == 3+11 })
}

func TestStalledSubscriberDoesNotDisturbOthers(t *testing.T) {
	t.Parallel()
	p := start(t, NewPublisher(Limits{Queue: 1 << 20, Busy: 1 << 19, Stall: time.Second}, welcome), "tcp")
	stalled := connect(t, p.Addr(), zmq4.Sub, "")
	fast := connect(t, p.Addr(), zmq4.Sub, "")
	for _, c := range []*client{stalled, fast} {
		c.send("\x01")
		c.wants("welcome|")
	}
	const n, size = 3000, 10_000 // 30 MB: more than the sockets of the machine hold
	got := make(chan int, 1)
	go func() {
		seen := 0
		for seen < n {
			if _, err := fast.conn.RecvMsg(); err != nil {
				break
			}
			seen++
		}
		got <- seen
	}()
	text := bytes.Repeat([]byte("y"), size)
	for range n {
		p.Wait(context.Background())
		p.Publish([][]byte{[]byte("t"), text})
	}
	if seen := <-got; seen != n {
		t.Errorf("the fast subscriber got %d of %d", seen, n)
	}
	eventually(t, "the stalled subscriber is dropped", func() bool { return p.Stats().Stalled == 1 })
}

func TestWaitHoldsBackForASlowSubscriber(t *testing.T) {
	p := start(t, NewPublisher(Limits{Busy: 1000, Stall: time.Hour}, welcome), "tcp")
	c := connect(t, p.Addr(), zmq4.Sub, "")
	c.send("\x01")
	c.wants("welcome|")
	big := bytes.Repeat([]byte("z"), 32<<20)
	p.Publish([][]byte{[]byte("t"), big})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	p.Wait(ctx)
	if ctx.Err() == nil {
		t.Fatal("did not wait for a subscriber that has 32 MB to read")
	}
	done := make(chan struct{})
	go func() { p.Wait(context.Background()); close(done) }()
	c.receive()
	<-done
}

func TestWriteDeadlineDropsAPeerThatDoesNotRead(t *testing.T) {
	var asked sync.WaitGroup
	asked.Add(1)
	r := start(t, NewRouter(Limits{Write: 100 * time.Millisecond}, func(p *Peer, _ [][]byte) {
		p.Send([][]byte{make([]byte, 64<<20)})
		<-p.written
		asked.Done()
	}), "tcp")
	c := connect(t, r.Addr(), zmq4.Dealer, "mute")
	other := connect(t, r.Addr(), zmq4.Dealer, "other")
	_ = other
	c.send("flood me")
	asked.Wait()
	eventually(t, "counted", func() bool { return r.Stats().Stalled == 1 })
}

func TestCloseWritesWhatIsQueued(t *testing.T) {
	p := NewPublisher(Limits{}, welcome)
	start(t, p, "tcp")
	c := connect(t, p.Addr(), zmq4.Sub, "")
	c.send("\x01")
	c.wants("welcome|")
	const n = 2000
	for i := range n {
		p.Publish(bytesOf([]string{"t", fmt.Sprint(i)}))
	}
	done := make(chan struct{})
	go func() { p.Close(10 * time.Second); close(done) }()
	for i := range n {
		c.wants("t|" + fmt.Sprint(i))
	}
	c.ends()
	c.raw.Close()
	<-done
}

func TestUnixSocketIsPrivateAndALeftOverIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k-1")
	first := NewRouter(Limits{}, echo)
	if err := first.Listen("unix", path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: want 0600", info.Mode(), err)
	}
	second := NewRouter(Limits{}, echo)
	if err := second.Listen("unix", path); err == nil {
		t.Error("bound to a path on which another socket listens")
	}
	// A process that is killed leaves the file.
	first.listener.(interface{ SetUnlinkOnClose(bool) }).SetUnlinkOnClose(false)
	first.Close(0)
	if err := second.Listen("unix", path); err != nil {
		t.Errorf("left-over socket: %v", err)
	}
	second.Close(0)
	if err := os.WriteFile(path, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := second.Listen("unix", path); err == nil {
		t.Error("replaced a file that is not a socket")
	}
}
