package socket

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

// patience is how long the tests' sockets wait for a stranger: long enough for a client that is good on a machine that is busy.
const patience = time.Second

func TestMuteClientLocksNobodyOut(t *testing.T) {
	t.Parallel()
	r := start(t, NewRouter(Limits{Handshake: patience, Opening: 4}, echo), "tcp")
	var mute []net.Conn
	for range 10 {
		mute = append(mute, dial(t, r.Addr()))
	}
	c := connect(t, r.Addr(), zmq4.Dealer, "")
	c.send("x")
	c.wants("x")
	for _, m := range mute { // all are closed, by the cap or by the deadline
		m.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := io.Copy(io.Discard, m); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Fatal("a client that says nothing keeps its connection")
		}
	}
	eventually(t, "ten are counted", func() bool { s := r.Stats(); return s.Unopened == 10 && s.Refused >= 6 })
}

func longHeader(flags byte, size uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{flags | flagLong}, size)
}

func TestBadFramesEndTheirConnectionOnly(t *testing.T) {
	t.Parallel()
	r := start(t, NewRouter(Limits{Handshake: patience}, echo), "tcp")
	for name, bytes := range map[string][]byte{
		"a length of 2^62":              longHeader(0, 1<<62),
		"a length of 2^64-1":            longHeader(0, 1<<64-1),
		"one byte over the limit":       longHeader(0, 1<<20+1),
		"two frames over the limit":     append(append(longHeader(flagMore, 1<<19), make([]byte, 1<<19)...), longHeader(0, 1<<19)...),
		"empty frames without end":      []byte(strings.Repeat("\x01\x00", 1<<15)),
		"reserved flags":                {0x80, 0},
		"an empty command":              {flagCommand, 0},
		"a command in pieces":           {flagCommand | flagMore, 1, 'x'},
		"a command in a message":        {flagMore, 1, 'x', flagCommand, 1, 'x'},
		"a command longer than itself":  {flagCommand, 3, 200, 'P', 'I'},
		"a message that does not end":   {flagMore, 3, 'a', 'b', 'c'},
		"a header that does not end":    {flagLong, 0, 0},
		"a frame that ends in its body": {0, 9, 'a'},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := connect(t, r.Addr(), zmq4.Dealer, "")
			bad := connect(t, r.Addr(), zmq4.Dealer, "")
			bad.raw.Write(bytes)
			bad.ends()
			good.send("x")
			good.wants("x")
		})
	}
}

func TestBadHandshakesAreRefused(t *testing.T) {
	t.Parallel()
	r := start(t, NewRouter(Limits{Handshake: patience}, echo), "tcp")
	greeting := make([]byte, 64)
	greeting[0], greeting[9], greeting[10] = 0xff, 0x7f, 3
	copy(greeting[12:], "NULL")
	ready := func(body string) string {
		return string(greeting) + "\x04" + string(rune(6+len(body))) + "\x05READY" + body
	}
	plain := strings.Replace(string(greeting), "NULL", "PLAIN", 1)[:64]
	for name, text := range map[string]string{
		"HTTP":                    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + strings.Repeat(" ", 64),
		"PLAIN":                   plain,
		"greeting only":           string(greeting),
		"not READY":               string(greeting) + "\x04\x06\x05HELLO",
		"name that is cut":        ready("\x7fSocket"),
		"value that is cut":       ready("\x0bSocket-Type\xff\xff\xff\xffDEALER"),
		"length that is cut":      ready("\x0bSocket-Type\x00"),
		"no socket type":          ready(""),
		"a socket of another use": ready("\x0bSocket-Type\x00\x00\x00\x03SUB"),
		"READY of a gigabyte":     string(greeting) + string(longHeader(flagCommand, 1<<30)),
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, r.Addr())
			c.SetReadDeadline(time.Now().Add(time.Minute))
			c.Write([]byte(text))
			if _, err := io.Copy(io.Discard, c); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Error("the connection stays open")
			}
		})
	}
	if s := r.Stats(); s.Unopened != 10 {
		t.Errorf("%+v: want 10 unopened", s)
	}
	c := connect(t, r.Addr(), zmq4.Dealer, "")
	c.send("x")
	c.wants("x")
}

func TestTrustedPeerMaySendLongMessagesAndTakeItsTime(t *testing.T) {
	t.Parallel()
	r := start(t, NewRouter(Limits{Handshake: patience, Small: 1000}, echo), "tcp")
	c := connect(t, r.Addr(), zmq4.Dealer, "")
	c.send("trust")
	c.wants("trust")
	long := strings.Repeat("x", 3<<20)
	c.write(append(longHeader(0, uint64(len(long))), 'x'))
	time.Sleep(patience * 3 / 2) // longer than a stranger has
	c.write([]byte(long[1:]))
	c.wants(long)
}

func TestTooManyConnectionsDoNotLockOutWhoHasTheKey(t *testing.T) {
	r := start(t, NewRouter(Limits{Peers: 5}, echo), "tcp")
	owner := connect(t, r.Addr(), zmq4.Dealer, "owner")
	owner.send("trust")
	owner.wants("trust")
	for range 20 {
		connect(t, r.Addr(), zmq4.Dealer, "").send("stranger")
	}
	eventually(t, "sixteen strangers are sent away", func() bool { return r.Stats().Refused == 16 })
	owner.send("still here")
	owner.wants("still here")
	late := connect(t, r.Addr(), zmq4.Dealer, "late")
	late.send("trust")
	late.wants("trust")
}

func TestStormOfConnectionsLeavesNothingBehind(t *testing.T) {
	r := start(t, NewRouter(Limits{}, echo), "tcp")
	p := start(t, NewPublisher(Limits{}, welcome), "tcp")
	stop := make(chan struct{})
	var publisher, storm sync.WaitGroup
	publisher.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				p.Publish(bytesOf([]string{"t", strings.Repeat("x", 3000)}))
				time.Sleep(time.Millisecond)
			}
		}
	})
	for worker := range 8 {
		storm.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(worker)))
			for range 40 {
				addr, kind := r.Addr(), zmq4.Dealer
				if rnd.IntN(2) == 0 {
					addr, kind = p.Addr(), zmq4.Sub
				}
				raw, err := net.Dial(addr.Network(), addr.String())
				if err != nil {
					t.Error(err)
					return
				}
				switch rnd.IntN(4) {
				case 0: // hang up at once
				case 1: // noise
					b := make([]byte, 200)
					for i := range b {
						b[i] = byte(rnd.Uint32())
					}
					raw.Write(b)
				default: // as it should be, one identity for all
					if c, err := zmq4.Open(raw, null{}, kind, zmq4.SocketIdentity("storm"), false, nil); err == nil {
						c.SendMsg(zmq4.NewMsgString("\x01"))
						c.RecvMsg()
					}
				}
				raw.Close()
			}
		})
	}
	storm.Wait()
	close(stop)
	publisher.Wait()
	c := connect(t, r.Addr(), zmq4.Dealer, "after")
	c.send("x")
	c.wants("x")
	c.raw.Close()
	for _, e := range []*endpoint{&r.endpoint, &p.endpoint} {
		eventually(t, "the tables are empty", func() bool {
			e.mu.Lock()
			defer e.mu.Unlock()
			return len(e.peers) == 0 && len(e.opening) == 0
		})
	}
}

// FuzzGuard feeds arbitrary bytes to the reading side: nothing may panic, nor may a message pass that is over the limit.
func FuzzGuardLetsNoLongMessagePass(f *testing.F) {
	f.Add([]byte("\x00\x01x\x01\x02ab\x00\x00"))
	f.Add(longHeader(flagMore, 1<<40))
	f.Add([]byte("\x04\x07\x04PING\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1000
		here, there := net.Pipe()
		go func() {
			there.Write(greetingAndReady())
			there.Write(data)
			there.Close()
		}()
		go io.Copy(io.Discard, there)
		defer here.Close()
		g := newGuard(here, handshakeBytes)
		conn, err := open(g, zmq4.Router)
		if err != nil {
			t.Fatal(err)
		}
		g.opened = true
		g.limit.Store(limit)
		for {
			m, err := conn.RecvMsg()
			if err != nil {
				return
			}
			size := 0
			for _, frame := range m.Frames {
				size += len(frame)
			}
			if size > limit {
				t.Fatalf("a message of %d bytes passed", size)
			}
		}
	})
}

func FuzzMetadataNeverPanics(f *testing.F) {
	f.Add([]byte("\x0bsocket-type\x00\x00\x00\x03SUB\x08Identity\x00\x00\x00\x01x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		meta := zmq4.Metadata{}
		if err := readMetadata(data, meta); err == nil && len(meta) > 2 {
			t.Errorf("kept %v", meta)
		}
	})
}

func greetingAndReady() []byte {
	b := make([]byte, 64)
	b[0], b[9], b[10] = 0xff, 0x7f, 3
	copy(b[12:], "NULL")
	body := "\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
	return append(append(b, flagCommand, byte(len(body))), body...)
}
