package kernel

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tapir-go/tapir/kernel/socket"
	"github.com/tapir-go/tapir/kernel/wire"
)

// connecting is how long a client has to connect its stdin channel, after it sent a request that allows input.
const connecting = time.Second

// asker hands the answers of users to who asked.
type asker struct {
	one sync.Mutex // held while a question is open

	mu      sync.Mutex
	waiting chan string // the open question; nil is none
	from    string      // identity of who is asked
	closed  bool
}

// reply takes an input_reply. One that answers no open question of the one who sent it is dropped.
func (a *asker) reply(r *request) {
	if r.Header.Type != "input_reply" {
		r.peer.Malformed()
		return
	}
	var c struct {
		Value string `json:"value"`
	}
	if r.Unmarshal(&c) != nil {
		r.peer.Malformed()
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting == nil || a.from != r.peer.Identity() {
		return
	}
	a.waiting <- c.Value
	a.waiting = nil
}

// open makes the question that the next reply of the identity answers.
func (a *asker) open(identity string) (<-chan string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, errors.New("the kernel is shutting down")
	}
	answer := make(chan string, 1)
	a.waiting, a.from = answer, identity
	return answer, nil
}

func (a *asker) abandon() {
	a.mu.Lock()
	a.waiting = nil
	a.mu.Unlock()
}

func (a *asker) close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
}

// ask is the session's Input: it asks the client that the running cell came from.
func (s *Server) ask(ctx context.Context, prompt string, password bool) (string, error) {
	s.input.one.Lock()
	defer s.input.one.Unlock()
	s.mu.Lock()
	current := s.current
	s.mu.Unlock()
	switch {
	case current == nil:
		return "", errors.New("cannot read from stdin: no cell is running that a user could be asked for")
	case !current.allowStdin:
		return "", errors.New("cannot read from stdin: this client cannot ask its user (allow_stdin is false)")
	}
	identity := current.request.peer.Identity()
	peer, err := s.stdinPeer(ctx, identity)
	if err != nil {
		return "", err
	}
	answer, err := s.input.open(identity)
	if err != nil {
		return "", err
	}
	defer s.input.abandon()
	s.out.sync() // the prompt comes after what the cell has written
	content := append(wire.AppendString([]byte(`{"prompt":`), prompt), fmt.Sprintf(`,"password":%t}`, password)...)
	peer.Send(s.codec.Encode(nil, s.source.Header("input_request"), current.request.RawHeader, nil, content))
	select {
	case value := <-answer:
		return value, nil
	case <-ctx.Done():
		return "", fmt.Errorf("reading from stdin was interrupted: %w", ctx.Err())
	case <-s.stop:
		return "", errors.New("reading from stdin was interrupted: the kernel is shutting down")
	case <-peer.Gone():
		return "", errors.New("cannot read from stdin: the client has gone")
	}
}

// stdinPeer is the stdin connection of the client with the identity. It may come a little after its shell connection.
func (s *Server) stdinPeer(ctx context.Context, identity string) (*socket.Peer, error) {
	for deadline := time.Now().Add(connecting); ; {
		if p := s.stdin.Peer(identity); p != nil {
			return p, nil
		}
		if time.Now().After(deadline) {
			return nil, errors.New("cannot read from stdin: the client has not connected its stdin channel")
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("reading from stdin was interrupted: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
