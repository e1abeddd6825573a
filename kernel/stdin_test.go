package kernel

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/wire"
)

// asking is a cell that asks once and shows the answer or the error.
func (x *tester) asking(password bool) {
	x.fake.cells["ask"] = func(ctx context.Context, cell int) session.Result {
		x.fake.screen.Stream(cell, "stdout", []byte("before "))
		answer, err := x.fake.input(ctx, "name: ", password)
		if err != nil {
			return session.Result{Failure: &session.Failure{Name: "input", Text: err.Error()}}
		}
		return session.Result{Value: map[string]any{"text/plain": answer}}
	}
}

const allow = `"allow_stdin":true`

func TestInputIsAskedOfTheClientWhoseCellRuns(t *testing.T) {
	x := begin(t, Options{})
	x.asking(true)
	x.connect("first")
	first := *x
	x.connect("second") // as first's links were replaced in x, first has the ones of "first"
	header := first.shell.send("execute_request", cellRequest("ask", allow))
	question := first.stdin.expect("input_request")
	if got, want := string(question.Content), `{"prompt":"name: ","password":true}`; got != want {
		t.Errorf("request %s, want %s", got, want)
	}
	if string(question.Parent) != string(header) {
		t.Errorf("parent %s", question.Parent)
	}
	x.stdin.quiet()
	x.stdin.send("input_reply", `{"value":"from someone else"}`)
	first.stdin.send("something_else", `{}`)
	first.stdin.send("input_reply", `{"value":7}`)
	first.stdin.send("input_reply", `{"value":"Ada"}`)
	if reply := first.shell.expect("execute_reply"); reply.content["status"] != "ok" {
		t.Errorf("reply %s", reply.Content)
	}
	out := x.until(header)
	if len(out) != 2 || !strings.HasPrefix(out[0], "stream ") || !strings.Contains(out[1], `"text/plain":"Ada"`) {
		t.Errorf("published %q", out)
	}
}

func TestEarlyAnswerIsNotTakenForTheNextQuestion(t *testing.T) {
	x := begin(t, Options{})
	x.asking(false)
	x.stdin.send("input_reply", `{"value":"too early"}`)
	x.stdin.send("something_else", `{}`)
	for x.server.Stats(wire.Stdin).Malformed == 0 { // until both have arrived
		time.Sleep(time.Millisecond)
	}
	x.shell.send("execute_request", cellRequest("ask", allow))
	x.stdin.expect("input_request")
	x.stdin.send("input_reply", `{"value":"in time"}`)
	x.shell.expect("execute_reply")
	for {
		if m := x.iopub.receive(); m.Header.Type == "execute_result" {
			if !strings.Contains(string(m.Content), "in time") {
				t.Errorf("result %s", m.Content)
			}
			return
		}
	}
}

func TestInputThatCannotBeHadIsAnError(t *testing.T) {
	x := begin(t, Options{})
	x.asking(false)
	reply, _ := x.execute("ask")
	if got := reply.content["evalue"]; got != "cannot read from stdin: this client cannot ask its user (allow_stdin is false)" {
		t.Errorf("allow_stdin false: %v", got)
	}

	x.shell = x.link(wire.Shell, zmq4.Dealer, "no stdin")
	reply, _ = x.execute("ask", allow)
	if got := reply.content["evalue"]; got != "cannot read from stdin: the client has not connected its stdin channel" {
		t.Errorf("no stdin channel: %v", got)
	}

	x.connect("interrupted")
	x.shell.send("execute_request", cellRequest("ask", allow))
	x.stdin.expect("input_request")
	x.control.send("interrupt_request", `{}`)
	x.control.expect("interrupt_reply")
	if got := x.shell.expect("execute_reply").content["evalue"]; got != "reading from stdin was interrupted: context canceled" {
		t.Errorf("interrupted: %v", got)
	}

	x.connect("gone")
	x.shell.send("execute_request", cellRequest("ask", allow))
	x.stdin.expect("input_request")
	x.stdin.raw.Close()
	if got := x.shell.expect("execute_reply").content["evalue"]; got != "cannot read from stdin: the client has gone" {
		t.Errorf("gone: %v", got)
	}

	if _, err := x.server.ask(context.Background(), "", false); err == nil || !strings.Contains(err.Error(), "no cell is running") {
		t.Errorf("no cell: %v", err)
	}

	x.connect("shutdown")
	x.shell.send("execute_request", cellRequest("ask", allow))
	x.stdin.expect("input_request")
	x.control.send("shutdown_request", `{"restart":false}`)
	x.control.expect("shutdown_reply")
	if got := x.shell.expect("execute_reply").content["evalue"].(string); !strings.HasPrefix(got, "reading from stdin was interrupted") {
		t.Errorf("shutdown: %v", got)
	}
}
