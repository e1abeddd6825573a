package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/wire"
)

func TestKernelInfoDoesNotWaitForTheSession(t *testing.T) {
	release := make(chan struct{})
	x := begin(t, Options{Version: "1.2.3", Start: func(session.Screen, Input) (Evaluator, Assistant, error) {
		<-release
		return nil, nil, errors.New("no symbols")
	}})
	for _, l := range []*link{x.shell, x.control} {
		h := l.send("kernel_info_request", `{}`)
		reply := l.expect("kernel_info_reply")
		if string(reply.Parent) != string(h) {
			t.Errorf("parent %s, want %s", reply.Parent, h)
		}
		info := reply.content
		language := info["language_info"].(map[string]any)
		if info["status"] != "ok" || info["protocol_version"] != "5.5" || info["implementation"] != "tapir" ||
			info["implementation_version"] != "1.2.3" || info["banner"] == "" || language["name"] != "go" || language["file_extension"] != ".go" {
			t.Errorf("kernel info %s", reply.Content)
		}
		for _, field := range []string{"help_links", "supported_features", "debugger"} {
			if info[field] == nil {
				t.Errorf("no %s", field)
			}
		}
		if got := x.until(h); len(got) > 0 {
			t.Errorf("published %q", got)
		}
	}
	close(release)
	reply, _ := x.execute("x")
	if reply.content["status"] != "error" || reply.content["evalue"] != "no symbols" {
		t.Errorf("a session that does not start gives %s", reply.Content)
	}
}

func TestCellPublishesInTheOrderOfTheProtocol(t *testing.T) {
	x := begin(t, Options{})
	x.fake.cells["all"] = func(_ context.Context, cell int) session.Result {
		s := x.fake.screen
		s.Stream(cell, "stdout", []byte("a1\n"))
		s.Stream(cell, "stdout", []byte("a2\n"))
		s.Stream(cell, "stderr", []byte("b1\n"))
		s.Stream(cell, "stdout", []byte("a3\n"))
		s.Display(cell, map[string]any{"text/html": "<b>"}, "id", false)
		s.Display(cell, map[string]any{"image/png": []byte{1, 2}}, "id", true)
		s.Clear(cell, true)
		s.Display(cell, map[string]any{"application/json": map[string]int{"a": 1}, "not a type": 1}, "", false)
		s.Stream(cell, "stdout", []byte("a4"))
		return session.Result{Value: map[string]any{"text/plain": "v", "image/svg+xml": []byte("<svg/>")}}
	}
	h := x.shell.send("execute_request", cellRequest("all"))
	want := []string{
		`status {"execution_state":"busy"}`,
		`execute_input {"code":"all","execution_count":1}`,
		`stream {"name":"stdout","text":"a1\na2\n"}`,
		`stream {"name":"stderr","text":"b1\n"}`,
		`stream {"name":"stdout","text":"a3\n"}`,
		`display_data {"metadata":{},"data":{"text/html":"<b>"},"transient":{"display_id":"id"}}`,
		`update_display_data {"metadata":{},"data":{"image/png":"AQI="},"transient":{"display_id":"id"}}`,
		`clear_output {"wait":true}`,
		`display_data {"metadata":{},"data":{"application/json":{"a":1}},"transient":{}}`,
		`stream {"name":"stdout","text":"a4"}`,
		`execute_result {"metadata":{},"data":{"image/svg+xml":"<svg/>","text/plain":"v"},"execution_count":1}`,
		`status {"execution_state":"idle"}`,
	}
	for _, w := range want {
		m := x.iopub.receive()
		if got := m.Header.Type + " " + string(m.Content); got != w {
			t.Errorf("published %s\nwant      %s", got, w)
		}
		if string(m.Parent) != string(h) {
			t.Errorf("%s has the parent %s", m.Header.Type, m.Parent)
		}
		if len(m.Identities) != 1 || !strings.HasSuffix(string(m.Identities[0]), m.Header.Type) && m.Header.Type != "stream" {
			t.Errorf("%s has the topic %q", m.Header.Type, m.Identities)
		}
	}
	reply := x.shell.expect("execute_reply")
	if got, want := string(reply.Content), `{"status":"ok","execution_count":1,"payload":[],"user_expressions":{}}`; got != want {
		t.Errorf("reply %s, want %s", got, want)
	}
}

func TestUnknownFieldsOfTheHeaderComeBackVerbatim(t *testing.T) {
	x := begin(t, Options{})
	header := []byte(`{ "msg_type" : "kernel_info_request", "msg_id":"1","subshell_id": null, "extra":[1,  2] }`)
	x.shell.sendFrames(x.codec.Encode(nil, header, nil, nil, []byte(`{}`)))
	if reply := x.shell.expect("kernel_info_reply"); string(reply.Parent) != string(header) {
		t.Errorf("parent %s, want %s", reply.Parent, header)
	}
}

func TestSilentCellPublishesNothingAndDoesNotCount(t *testing.T) {
	x := begin(t, Options{})
	x.execute("value 1")
	for _, code := range []string{"print x", "value x", "fail"} {
		reply, out := x.execute(code, `"silent":true`)
		if len(out) > 0 || reply.content["execution_count"] != 1.0 {
			t.Errorf("%s: published %q, reply %s", code, out, reply.Content)
		}
	}
	reply, out := x.execute("value 2", `"store_history":false`)
	if reply.content["execution_count"] != 1.0 || len(out) != 1 {
		t.Errorf("not stored: %q, %s", out, reply.Content)
	}
	if reply, _ := x.execute("value 3"); reply.content["execution_count"] != 2.0 {
		t.Errorf("the next one: %s", reply.Content)
	}
	if reply, _ := x.execute("  \n"); reply.content["execution_count"] != 2.0 || reply.content["status"] != "ok" {
		t.Errorf("an empty cell: %s", reply.Content)
	}
	x.shell.send("history_request", `{"hist_access_type":"tail","n":10}`)
	if got, want := string(x.shell.expect("history_reply").Content), `{"history":[[1,1,"value 1"],[1,2,"value 3"]],"status":"ok"}`; got != want {
		t.Errorf("history %s, want %s", got, want)
	}
}

func TestUserExpressionsAreEvaluatedEachForItself(t *testing.T) {
	x := begin(t, Options{})
	reply, _ := x.execute("", `"user_expressions":{"a":"1+1","b":"bad"}`)
	e := reply.content["user_expressions"].(map[string]any)
	a, b := e["a"].(map[string]any), e["b"].(map[string]any)
	if a["status"] != "ok" || a["data"].(map[string]any)["text/plain"] != "<1+1>" || b["status"] != "error" || b["evalue"] != "undefined: bad" {
		t.Errorf("%s", reply.Content)
	}
	if reply, _ := x.execute("fail", `"user_expressions":{"a":"1+1"}`); len(reply.content["user_expressions"].(map[string]any)) > 0 {
		t.Errorf("after a failure: %s", reply.Content)
	}
}

func TestFailureIsOneErrorAndAbortsWhatWasQueued(t *testing.T) {
	x := begin(t, Options{})
	for _, stop := range []bool{true, false} {
		first := x.shell.send("execute_request", cellRequest("fail", fmt.Sprintf(`"stop_on_error":%t`, stop)))
		second := x.shell.send("execute_request", cellRequest("value 2"))
		info := x.shell.send("kernel_info_request", `{}`)
		reply := x.shell.expect("execute_reply")
		if c := reply.content; c["status"] != "error" || c["ename"] != "panic" || c["evalue"] != "it failed" || len(c["traceback"].([]any)) == 0 {
			t.Errorf("reply %s", reply.Content)
		}
		want := "aborted"
		if !stop {
			want = "ok"
		}
		if reply := x.shell.expect("execute_reply"); reply.content["status"] != want {
			t.Errorf("stop_on_error %t: the second has %s", stop, reply.Content)
		}
		x.shell.expect("kernel_info_reply")
		if out := x.until(first); len(out) != 1 || !strings.HasPrefix(out[0], "error ") {
			t.Errorf("published %q", out)
		}
		x.until(second) // has its busy and idle too
		x.until(info)
		if reply, _ := x.execute("value 3"); reply.content["status"] != "ok" {
			t.Errorf("a cell sent after the failure: %s", reply.Content)
		}
	}
}

func TestControlIsAnsweredOnControlWhileACellRuns(t *testing.T) {
	x := begin(t, Options{})
	cell := x.shell.send("execute_request", cellRequest("loop"))
	x.iopub.expect("status")
	x.iopub.expect("execute_input")
	x.iopub.expect("stream")
	info := x.control.send("kernel_info_request", `{}`)
	x.control.expect("kernel_info_reply")
	for _, state := range []string{"busy", "idle"} {
		if m := x.iopub.expect("status"); m.content["execution_state"] != state || string(m.Parent) != string(info) {
			t.Errorf("%s %s, want %s", m.Parent, m.Content, state)
		}
	}
	x.shell.quiet()
	x.control.send("interrupt_request", `{}`)
	x.control.expect("interrupt_reply")
	if reply := x.shell.expect("execute_reply"); reply.content["ename"] != "interrupted" {
		t.Errorf("reply %s", reply.Content)
	}
	x.until(cell)
	x.control.send("execute_request", cellRequest("value 1"))
	if reply := x.control.expect("execute_reply"); reply.content["status"] != "ok" {
		t.Errorf("execute on control: %s", reply.Content)
	}
	x.control.send("interrupt_request", `{}`) // of nothing
	x.control.expect("interrupt_reply")
	if reply, _ := x.execute("value 2"); reply.content["status"] != "ok" {
		t.Errorf("after an idle interrupt: %s", reply.Content)
	}
}

func TestEveryRequestIsBetweenBusyAndIdle(t *testing.T) {
	x := begin(t, Options{})
	for _, r := range []struct{ kind, content, reply string }{
		{"kernel_info_request", `{}`, `"protocol_version":"5.5"`},
		{"is_complete_request", `{"code":"x := 1"}`, `{"status":"complete"}`},
		{"complete_request", `{"code":"é.P","cursor_pos":3}`, `"cursor_end":3,"cursor_start":2,"matches":["Println"],"metadata":{"_jupyter_types_experimental":` +
			`[{"start":2,"end":3,"text":"Println","type":"function","signature":"func(a ...any)"}]}`},
		{"inspect_request", `{"code":"known","cursor_pos":2,"detail_level":1}`, `"found":true,"metadata":{},"data":{"cursor/at":2,"detail/level":1,"text/plain":"help of known"}`},
		{"inspect_request", `{"code":"unknown"}`, `{"status":"ok","found":false,"metadata":{},"data":{}}`},
		{"history_request", `{"hist_access_type":"tail"}`, `{"history":[],"status":"ok"}`},
		{"history_request", `{"hist_access_type":"tale"}`, `hist_access_type is \"tale\"`},
		{"comm_info_request", `{"target_name":null}`, `{"status":"ok","comms":{}}`},
		{"connect_request", `{}`, `"shell_port":1,"status":"ok","stdin_port":4`},
		{"execute_request", `{"code":7}`, `code is a JSON number: want string`},
		{"usage_request", `{}`, `this kernel does not know \"usage_request\"`},
		{"comm_open", `{"comm_id":"c","target_name":"jupyter.widget","data":{}}`, ""},
		{"comm_msg", `{"comm_id":"c","data":{}}`, ""},
		{"never_heard_of", `{}`, ""},
	} {
		h := x.shell.send(r.kind, r.content)
		if r.reply != "" {
			reply := x.shell.expect(strings.TrimSuffix(r.kind, "_request") + "_reply")
			if !strings.Contains(string(reply.Content), r.reply) {
				t.Errorf("%s %s: reply %s, want %s", r.kind, r.content, reply.Content, r.reply)
			}
		}
		out := x.until(h)
		want := ""
		if r.kind == "comm_open" {
			want = `comm_close {"data":{},"comm_id":"c"}`
		}
		if got := strings.Join(out, "; "); got != want {
			t.Errorf("%s published %q, want %q", r.kind, got, want)
		}
	}
}

func TestQuestionMarkShowsAPage(t *testing.T) {
	x := begin(t, Options{})
	for code, want := range map[string]string{
		"known?":   `[{"source":"page","start":0,"data":{"cursor/at":5,"detail/level":0,"text/plain":"help of known"}}]`,
		" ??known": `[{"source":"page","start":0,"data":{"cursor/at":5,"detail/level":1,"text/plain":"help of known"}}]`,
		"nothing?": `[{"source":"page","start":0,"data":{"text/plain":"nothing: no such name is in scope"}}]`,
		"x := 1?":  `[]`,
	} {
		reply, out := x.execute(code)
		var c struct{ Payload json.RawMessage }
		if err := json.Unmarshal(reply.Content, &c); err != nil {
			t.Fatal(err)
		}
		if string(c.Payload) != want || len(out) > 0 {
			t.Errorf("%s: payload %s, published %q; want %s", code, c.Payload, out, want)
		}
	}
}

func TestShutdownIsAnsweredAndToldToAll(t *testing.T) {
	for _, channel := range []string{"control", "shell"} {
		for _, running := range []bool{false, true} {
			t.Run(fmt.Sprint(channel, running), func(t *testing.T) {
				x := begin(t, Options{})
				l := x.control
				if channel == "shell" {
					if running {
						return // it would wait for the cell
					}
					l = x.shell
				}
				if running {
					x.shell.send("execute_request", cellRequest("loop"))
					for m := x.iopub.receive(); m.Header.Type != "stream"; m = x.iopub.receive() {
					}
				}
				h := l.send("shutdown_request", `{"restart":true}`)
				if reply := l.expect("shutdown_reply"); string(reply.Content) != `{"status":"ok","restart":true}` {
					t.Errorf("reply %s", reply.Content)
				}
				told := false
				for { // everything queued arrives before the connection ends
					m, err := x.iopub.conn.RecvMsg()
					if err != nil {
						break
					}
					if d, err := x.codec.Decode(m.Frames); err == nil && d.Header.Type == "shutdown_reply" && string(d.Parent) == string(h) {
						told = true
					}
				}
				if !told {
					t.Error("not published")
				}
				if err := <-x.ended; err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestBindFailureNamesChannelPortAndReason(t *testing.T) {
	c := connection(t)
	first, err := New(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer first.close(0)
	_, err = New(c, Options{})
	if err == nil || !strings.Contains(err.Error(), "cannot bind shell_port 1: ") || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("error %v", err)
	}
}

func TestBadMessagesAreDroppedAndTheKernelLivesOn(t *testing.T) {
	log := &buffer{}
	x := begin(t, Options{Log: log})
	good := func() [][]byte {
		return x.codec.Encode(nil, x.source.Header("execute_request"), nil, nil, []byte(`{"code":"print evil"}`))
	}
	replayed := good()
	x.shell.sendFrames(replayed)
	x.shell.expect("execute_reply")
	bad := [][][]byte{
		replayed,
		good()[1:],
		good()[:3],
		wire.NewCodec("wrong key").Encode(nil, x.source.Header("execute_request"), nil, nil, []byte(`{}`)),
		x.codec.Encode(nil, []byte(`{`), nil, nil, []byte(`{}`)),
		x.codec.Encode(nil, []byte(`{}`), nil, nil, []byte(`{}`)),
		{[]byte("x")},
	}
	for _, frames := range bad {
		for _, l := range []*link{x.shell, x.control, x.stdin} {
			l.sendFrames(frames)
		}
	}
	for _, l := range []*link{x.shell, x.control} {
		l.send("kernel_info_request", `{}`)
		l.expect("kernel_info_reply")
	}
	for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
		if n := x.server.Stats(ch).Malformed; n != uint64(len(bad)) {
			t.Errorf("%s counts %d, want %d", ch, n, len(bad))
		}
	}
	if text := log.String(); !strings.HasPrefix(text, "tapir: dropped a message on ") || strings.Count(text, "\n") > 3 {
		t.Errorf("log %q: want few lines", text)
	}
}

func TestPanicOfTheEvaluatorIsTheCellsFailure(t *testing.T) {
	x := begin(t, Options{})
	x.fake.cells["boom"] = func(context.Context, int) session.Result { panic("boom") }
	reply, out := x.execute("boom")
	if reply.content["status"] != "error" || reply.content["evalue"] != "boom" || len(out) != 1 {
		t.Errorf("reply %s, published %q", reply.Content, out)
	}
	x.shell.send("complete_request", `{"code":"","cursor_pos":0}`) // the fake's Complete panics at the beginning
	if reply := x.shell.expect("complete_reply"); reply.content["status"] != "error" {
		t.Errorf("reply %s", reply.Content)
	}
	if reply, _ := x.execute("value 1"); reply.content["status"] != "ok" {
		t.Errorf("afterwards: %s", reply.Content)
	}
}

func TestInterruptReachesACellThatWaitsForTheSession(t *testing.T) {
	release := make(chan struct{})
	x := begin(t, Options{Start: func(session.Screen, Input) (Evaluator, Assistant, error) {
		<-release
		return nil, nil, errors.New("none")
	}})
	defer close(release)
	x.shell.send("execute_request", cellRequest("x"))
	x.iopub.expect("status")
	x.iopub.expect("execute_input")
	for {
		x.server.mu.Lock()
		running := x.server.current != nil
		x.server.mu.Unlock()
		if running {
			break
		}
		time.Sleep(time.Millisecond)
	}
	x.server.Interrupt()
	if reply := x.shell.expect("execute_reply"); reply.content["ename"] != "interrupted" {
		t.Errorf("reply %s", reply.Content)
	}
}

func TestStartingIsPublishedOnce(t *testing.T) {
	s, err := New(connection(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := &tester{TB: t, server: s, codec: wire.NewCodec(key), source: wire.NewSource("tester"), busy: map[string]bool{}}
	s.iopub.Serve() // ahead of Serve, so that the subscription is there in time
	x.iopub = x.link(wire.IOPub, zmq4.Sub, "")
	x.iopub.conn.SendMsg(zmq4.NewMsgString("\x01"))
	x.iopub.expect("iopub_welcome")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.Serve(ctx)
	m, err := x.iopub.conn.RecvMsg()
	if err != nil || string(m.Frames[len(m.Frames)-1]) != `{"execution_state":"starting"}` || string(m.Frames[4]) != "{}" {
		t.Errorf("received %q, %v", m.Frames, err)
	}
	if m, err := x.iopub.conn.RecvMsg(); err == nil {
		t.Errorf("then received %q", m.Frames)
	}
}

func FuzzEveryRequestEndsIdle(f *testing.F) {
	for kind := range handlers {
		f.Add(kind, []byte(`{"code":"x","cursor_pos":-1,"hist_access_type":"search","pattern":"[","n":-1,"comm_id":"c"}`))
	}
	for kind := range sessionHandlers {
		f.Add(kind, []byte(`{"code":"\ud800é","cursor_pos":99999999999}`))
	}
	f.Add("execute_request", []byte(`{"code":"value 1","user_expressions":{"a":"bad"},"store_history":null}`))
	f.Add("input_reply", []byte(`{"value":"x"}`))
	x := begin(f, Options{})
	x.shell.raw.SetReadDeadline(time.Time{})
	x.iopub.raw.SetReadDeadline(time.Time{})
	drained := make(chan struct{})
	go func() { // a client that does not read its replies is sent away
		defer close(drained)
		for {
			if _, err := x.shell.conn.RecvMsg(); err != nil {
				return
			}
		}
	}()
	f.Cleanup(func() { x.shell.raw.Close(); <-drained })
	f.Fuzz(func(t *testing.T, kind string, content []byte) {
		x.TB = t
		h, err := json.Marshal(map[string]string{"msg_type": kind, "msg_id": wire.NewID()})
		if err != nil {
			t.Fatal(err)
		}
		frames := x.codec.Encode(nil, h, nil, nil, content)
		if _, err := wire.NewCodec("").Decode(frames); err != nil || kind == "shutdown_request" || strings.Contains(string(content), "loop") {
			return
		}
		x.shell.sendFrames(frames)
		x.until(h)
	})
}
