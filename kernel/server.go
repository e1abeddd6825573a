package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/socket"
	"github.com/tapir-go/tapir/kernel/wire"
)

// Server is one kernel: five bound sockets and what answers on them.
type Server struct {
	options    Options
	connection *wire.Connection
	codec      *wire.Codec
	source     *wire.Source
	log        logger

	shell, control, stdin, heartbeat *socket.Router
	iopub                            *socket.Publisher

	out     *output
	history *history
	crash   *crash
	input   asker

	shellQueue, controlQueue *queue

	info []byte // content of kernel_info_reply

	started   chan struct{} // closed when the three below are set
	evaluator Evaluator
	assistant Assistant
	broken    error

	count   int    // cells that were stored, the last number of an "In [n]"; of the shell goroutine
	aborted uint64 // execute requests that arrived up to here are answered "aborted"; of the shell goroutine

	mu      sync.Mutex
	current *run // the cell that runs

	stop     chan struct{}
	stopOnce sync.Once
}

// Run is a kernel process: it serves the connection file until a client asks for its end, ctx is done, the process gets SIGTERM, or the process that started it dies.
// SIGINT interrupts the running cell. The error names the file, and the port at fault if there is one.
func Run(ctx context.Context, connectionFile string, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	servers := make(chan *Server, 1)
	release := signals(servers, cancel)
	defer release()
	c, err := wire.ReadConnection(connectionFile)
	if err != nil {
		return err
	}
	s, err := New(c, o)
	if err != nil {
		return fmt.Errorf("connection file %s: %w", connectionFile, err)
	}
	s.crash = watchCrash(s.options.CrashDir, connectionFile)
	defer s.crash.close()
	servers <- s
	go watchParent(ctx, os.Getenv("JPY_PARENT_PID"), cancel)
	return s.Serve(ctx)
}

// New binds the five sockets. The error names the channel and its port.
func New(c *wire.Connection, o Options) (*Server, error) {
	o = o.withDefaults()
	s := &Server{
		options:      o,
		connection:   c,
		codec:        wire.NewCodec(c.Key),
		source:       wire.NewSource("kernel"),
		log:          logger{w: o.Log, name: o.Name},
		shellQueue:   newQueue(),
		controlQueue: newQueue(),
		started:      make(chan struct{}),
		stop:         make(chan struct{}),
	}
	s.info = s.kernelInfo()
	s.shell = socket.NewRouter(o.Limits, s.receiver(wire.Shell))
	s.control = socket.NewRouter(o.Limits, s.receiver(wire.Control))
	s.stdin = socket.NewRouter(o.Limits, s.receiver(wire.Stdin))
	s.heartbeat = socket.Echo(o.Limits)
	s.iopub = socket.NewPublisher(o.Limits, s.welcome)
	s.out = newOutput(s)
	s.history = openHistory(o.HistoryFile, &s.log)
	for ch := range wire.Channels {
		network, address := c.Address(ch)
		if err := s.socket(ch).Listen(network, address); err != nil {
			s.close(0)
			return nil, fmt.Errorf("cannot bind %s_port %d: %w", ch, c.Ports[ch], err)
		}
	}
	return s, nil
}

// channel is what the sockets have in common.
type channel interface {
	Listen(network, address string) error
	Serve()
	Close(linger time.Duration)
	Stats() socket.Stats
}

func (s *Server) socket(ch wire.Channel) channel {
	return [wire.Channels]channel{wire.Shell: s.shell, wire.Control: s.control, wire.IOPub: s.iopub,
		wire.Stdin: s.stdin, wire.Heartbeat: s.heartbeat}[ch]
}

// Stats counts what happened on the socket of a channel.
func (s *Server) Stats(ch wire.Channel) socket.Stats { return s.socket(ch).Stats() }

// Serve answers requests until one asks for shutdown or ctx is done, and then closes the sockets. It is called once.
func (s *Server) Serve(ctx context.Context) error {
	var all sync.WaitGroup
	for ch := range wire.Channels {
		s.socket(ch).Serve()
	}
	s.out.publish(nil, "status", statusStarting)
	go s.start() // which nothing ends if it hangs
	all.Go(s.history.load)
	all.Go(func() { s.serveControl() })
	shellDone := make(chan struct{})
	go func() {
		defer close(shellDone)
		s.serveShell()
	}()
	select {
	case <-ctx.Done():
	case <-s.stop:
	}
	s.Shutdown()
	s.shellQueue.close()
	s.Interrupt()
	s.input.close()
	select {
	case <-shellDone:
	case <-time.After(s.options.Linger): // the cell does not end: leave it behind
	}
	s.controlQueue.close()
	s.out.close()
	s.close(s.options.Linger)
	all.Wait()
	return nil
}

// start makes the evaluator.
func (s *Server) start() {
	defer close(s.started)
	defer func() {
		if r := recover(); r != nil {
			s.broken = fmt.Errorf("the session could not be started: %v", r)
		}
	}()
	if s.options.Start == nil {
		s.broken = errors.New("the kernel was made without a session")
		return
	}
	s.evaluator, s.assistant, s.broken = s.options.Start(s.out, s.ask)
}

// session waits for the evaluator. A failure says why there is none.
func (s *Server) session(ctx context.Context) (Evaluator, *session.Failure) {
	select {
	case <-s.started:
	case <-ctx.Done():
		return nil, &session.Failure{Name: "interrupted", Text: "interrupted while the session was starting"}
	}
	if s.broken != nil {
		return nil, &session.Failure{Name: "no session", Text: s.broken.Error(), Hint: "restart the kernel"}
	}
	return s.evaluator, nil
}

// Interrupt interrupts the running cell, if there is one.
func (s *Server) Interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		s.current.cancel()
	}
}

// Shutdown makes Serve return.
func (s *Server) Shutdown() { s.stopOnce.Do(func() { close(s.stop) }) }

// close closes all sockets at once.
func (s *Server) close(linger time.Duration) {
	var all sync.WaitGroup
	for ch := range wire.Channels {
		all.Go(func() { s.socket(ch).Close(linger) })
	}
	all.Wait()
}

// receiver is the handler of a ROUTER: it checks messages and queues them.
func (s *Server) receiver(ch wire.Channel) func(*socket.Peer, [][]byte) {
	return func(p *socket.Peer, frames [][]byte) {
		m, err := s.codec.Decode(frames)
		if err != nil {
			p.Malformed()
			s.log.dropped(ch, err)
			return
		}
		p.Trust()
		r := &request{Message: m, peer: p}
		switch {
		case ch == wire.Stdin:
			s.input.reply(r)
		case ch == wire.Control:
			s.controlQueue.push(r)
		default:
			s.shellQueue.push(r)
		}
	}
}

// welcome is what a subscriber to topic gets first (JEP 65). The topic of the message is the subscription itself.
func (s *Server) welcome(topic string) [][]byte {
	if !utf8.ValidString(topic) {
		return nil
	}
	content := append(wire.AppendString([]byte(`{"subscription":`), topic), '}')
	return s.codec.Encode([][]byte{[]byte(topic)}, s.source.Header("iopub_welcome"), nil, nil, content)
}
