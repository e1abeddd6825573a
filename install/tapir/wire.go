package main

import (
	"context"

	"github.com/tapir-go/tapir/dynamic/lift"
	"github.com/tapir-go/tapir/eager"
	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/symbols"
	"github.com/tapir-go/tapir/viz"
)

// input reads a line from the user: session.Options.Input.
type input = func(ctx context.Context, prompt string, password bool) (string, error)

// newSession is a session in which cells may import everything, with the engine and the pictures joined to it: they
// know one session, the newest.
func newSession(screen session.Screen, in input) (*session.Session, error) {
	s, err := session.New(session.Options{
		Screen:      screen,
		Input:       in,
		Table:       symbols.Table(),
		OnInterrupt: eager.Interrupt,
		OnEnd:       viz.Flush,
	})
	if err != nil {
		return nil, err
	}
	eager.SetLocator(s.Where)
	eager.SetInterruptible(s.Stopping)
	viz.SetScreen(pictures{s})
	lift.SetSource(func(name string) (lift.Source, bool) {
		text, values, ok := s.Origin(name)
		return lift.Source{File: "cells", Text: text, Func: name, Values: values}, ok
	})
	return s, nil
}

// pictures is a session as the screen of viz.
type pictures struct{ session *session.Session }

func (p pictures) Show(bundle map[string]any, id string)   { p.session.Display(bundle, id, false) }
func (p pictures) Update(bundle map[string]any, id string) { p.session.Display(bundle, id, true) }
func (p pictures) Clear(wait bool)                         { p.session.Clear(wait) }
