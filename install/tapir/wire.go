package main

import (
	"context"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/symbols"
)

// input reads a line from the user: session.Options.Input.
type input = func(ctx context.Context, prompt string, password bool) (string, error)

// newSession is a session in which cells may import everything, with the engine, the pictures and the screen joined
// to it. The engine and the pictures know one session, the newest.
func newSession(screen session.Screen, in input) (*session.Session, error) {
	return session.New(session.Options{Screen: screen, Input: in, Table: symbols.Table()})
}
