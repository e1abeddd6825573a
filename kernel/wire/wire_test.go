package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func request(c *Codec, header string, content string) [][]byte {
	return c.Encode(nil, []byte(header), nil, nil, []byte(content))
}

const executeHeader = `{"msg_id":"1","msg_type":"execute_request","session":"s","username":"u","version":"5.4","subshell_id":null}`

func TestWhatIsEncodedDecodesToTheSame(t *testing.T) {
	c := NewCodec("secret")
	frames := c.Encode([][]byte{[]byte("client")}, []byte(executeHeader), []byte(`{"a":1}`), []byte(`{"b":2}`), []byte(`{"code":"1+1"}`))
	m, err := c.Decode(append(frames, []byte("buffer")))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Header{ID: "1", Type: "execute_request", Session: "s", Username: "u", Version: "5.4"}); m.Header != want {
		t.Errorf("header %+v, want %+v", m.Header, want)
	}
	for _, x := range []struct{ name, got, want string }{
		{"raw header", string(m.RawHeader), executeHeader},
		{"parent", string(m.Parent), `{"a":1}`},
		{"metadata", string(m.Metadata), `{"b":2}`},
		{"content", string(m.Content), `{"code":"1+1"}`},
		{"identities", string(bytes.Join(m.Identities, []byte("|"))), "client"},
		{"buffers", string(bytes.Join(m.Buffers, []byte("|"))), "buffer"},
	} {
		if x.got != x.want {
			t.Errorf("%s is %q, want %q", x.name, x.got, x.want)
		}
	}
}

func TestSignatureIsThatOfJupyter(t *testing.T) {
	// The value is that of Python's hmac.new(b"k", b'{"h":1}' b'{}' b'{}' b'{"c":2}', "sha256").hexdigest().
	frames := NewCodec("k").Encode(nil, []byte(`{"h":1}`), nil, nil, []byte(`{"c":2}`))
	const want = "604cecb4628ff5aa2b51d18a9f37fbbc70f9edca58092751a4a325f0a0a2740f"
	if got := string(frames[1]); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if got := string(NewCodec("").Encode(nil, []byte(`{}`), nil, nil, []byte(`{}`))[1]); got != "" {
		t.Errorf("signature without a key is %q, want none", got)
	}
}

func TestBadMessagesAreRefusedWithTheirReason(t *testing.T) {
	with := func(change func(frames [][]byte) [][]byte) func(c *Codec) [][]byte {
		return func(c *Codec) [][]byte { return change(request(c, executeHeader, `{}`)) }
	}
	for _, x := range []struct {
		name string
		make func(c *Codec) [][]byte
		want error
	}{
		{"nothing", with(func([][]byte) [][]byte { return nil }), ErrDelimiter},
		{"no delimiter", with(func(f [][]byte) [][]byte { return f[1:] }), ErrDelimiter},
		{"delimiter alone", with(func(f [][]byte) [][]byte { return f[:1] }), ErrShort},
		{"no content", with(func(f [][]byte) [][]byte { return f[:5] }), ErrShort},
		{"no signature", with(func(f [][]byte) [][]byte { f[1] = nil; return f }), ErrSignature},
		{"signature not hexadecimal", with(func(f [][]byte) [][]byte { f[1] = bytes.Repeat([]byte("z"), 64); return f }), ErrSignature},
		{"signature too long", with(func(f [][]byte) [][]byte { f[1] = append(f[1], "00"...); return f }), ErrSignature},
		{"content changed", with(func(f [][]byte) [][]byte { f[5] = []byte(`{"code":"evil"}`); return f }), ErrSignature},
		{"other key", func(*Codec) [][]byte { return request(NewCodec("other"), executeHeader, `{}`) }, ErrSignature},
		{"unsigned and not JSON", func(*Codec) [][]byte { return request(NewCodec(""), "{", "") }, ErrSignature},
		{"header not JSON", func(c *Codec) [][]byte { return request(c, "{", `{}`) }, ErrJSON},
		{"header a list", func(c *Codec) [][]byte { return request(c, "[]", `{}`) }, ErrJSON},
		{"header without type", func(c *Codec) [][]byte { return request(c, `{"msg_id":"1"}`, `{}`) }, ErrJSON},
		{"header with a number for its type", func(c *Codec) [][]byte { return request(c, `{"msg_type":1}`, `{}`) }, ErrJSON},
		{"header not UTF-8", func(c *Codec) [][]byte { return request(c, "{\"msg_type\":\"\xff\"}", `{}`) }, ErrJSON},
		{"content null", func(c *Codec) [][]byte { return request(c, executeHeader, `null`) }, ErrJSON},
		{"content too deep", func(c *Codec) [][]byte {
			return request(c, executeHeader, `{"a":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`}`)
		}, ErrJSON},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := NewCodec("secret")
			if _, err := c.Decode(x.make(c)); !errors.Is(err, x.want) {
				t.Errorf("error %v, want %v", err, x.want)
			}
		})
	}
}

func TestReplayIsRefusedAsLongAsItIsRemembered(t *testing.T) {
	c := NewCodec("secret")
	first := request(c, executeHeader, `{}`)
	if _, err := c.Decode(first); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Decode(first); !errors.Is(err, ErrReplay) {
		t.Fatalf("second time: %v, want %v", err, ErrReplay)
	}
	for i := range remembered + 10 {
		if !c.seen.add([32]byte{byte(i), byte(i >> 8), byte(i >> 16), 1}) {
			t.Fatalf("signature %d is not new", i)
		}
	}
	if n := len(c.seen.set); n != remembered {
		t.Errorf("%d signatures kept, want %d", n, remembered)
	}
}

func TestUnsignedSessionTakesAnything(t *testing.T) {
	c := NewCodec("")
	for range 2 { // no replay check without a key: equal messages cannot be told from a replay
		if _, err := c.Decode(request(c, executeHeader, `{}`)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHeadersAreJSONAndDiffer(t *testing.T) {
	s := NewSource(`us"er`)
	type full struct {
		Header
		Date time.Time `json:"date"`
	}
	var a, b full
	if err := json.Unmarshal(s.Header("status"), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(s.Header("status"), &b); err != nil {
		t.Fatal(err)
	}
	if a.ID == b.ID || a.Session != b.Session || a.Session != s.Session() {
		t.Errorf("ids %q and %q, sessions %q and %q: want ids to differ and sessions to agree", a.ID, b.ID, a.Session, b.Session)
	}
	if a.Type != "status" || a.Username != `us"er` || a.Version != Version || time.Since(a.Date).Abs() > time.Minute {
		t.Errorf("header %+v", a)
	}
	if NewSource("").Session() == s.Session() {
		t.Error("two sources have one session")
	}
}

const file = `{"shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5,"ip":"127.0.0.1",` +
	`"key":"abc","transport":"tcp","signature_scheme":"hmac-sha256","kernel_name":"tapir"}`

func TestConnectionFileIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kernel.json")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := ReadConnection(path)
	if err != nil {
		t.Fatal(err)
	}
	want := Connection{File: path, Transport: "tcp", IP: "127.0.0.1", Key: "abc", KernelName: "tapir",
		Ports: [Channels]int{Shell: 1, IOPub: 2, Stdin: 3, Control: 4, Heartbeat: 5}}
	if *c != want {
		t.Errorf("got %+v\nwant %+v", *c, want)
	}
	if network, address := c.Address(Control); network != "tcp" || address != "127.0.0.1:4" {
		t.Errorf("control is at %s %s", network, address)
	}
	c.Transport, c.IP = "ipc", "/run/k"
	if network, address := c.Address(Shell); network != "unix" || address != "/run/k-1" {
		t.Errorf("shell is at %s %s", network, address)
	}
}

func TestBadConnectionFileSaysWhatAndWhere(t *testing.T) {
	for _, x := range []struct{ name, content, want string }{
		{"empty", "", "the file is empty"},
		{"cut off", file[:40], "not JSON at byte 40"},
		{"no port", `{"shell_port":1}`, "control_port is 0: want 1 to 65535"},
		{"word for port", `{"shell_port":"x"}`, "shell_port is a JSON string: want int"},
		{"port too big", strings.Replace(file, `"hb_port":5`, `"hb_port":70000`, 1), "hb_port is 70000"},
		{"same port", strings.Replace(file, `"hb_port":5`, `"hb_port":1`, 1), "shell_port and hb_port are both 1"},
		{"transport", strings.Replace(file, `"tcp"`, `"udp"`, 1), `transport is "udp"`},
		{"scheme", strings.Replace(file, "sha256", "md5", 1), `signature_scheme is "hmac-md5"`},
	} {
		t.Run(x.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kernel.json")
			if err := os.WriteFile(path, []byte(x.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := ReadConnection(path)
			if err == nil || !strings.Contains(err.Error(), x.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want %q and the file's name in it", err, x.want)
			}
		})
	}
	if _, err := ReadConnection("no/such/file"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzDecodeNeverPanics(f *testing.F) {
	f.Add([]byte("id\n<IDS|MSG>\n\n{\"msg_type\":\"a\"}\n{}\n{}\n{}\nbuffer"))
	f.Add([]byte("<IDS|MSG>\n<IDS|MSG>\n{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames := bytes.Split(data, []byte("\n"))
		if m, err := NewCodec("key").Decode(frames); err == nil {
			t.Errorf("accepted without the key: %+v", m)
		}
		m, err := NewCodec("").Decode(frames)
		if err != nil {
			return
		}
		if !json.Valid(m.RawHeader) || !json.Valid(m.Content) || m.Header.Type == "" {
			t.Errorf("accepted %q", data)
		}
	})
}

func FuzzConnectionNeverPanics(f *testing.F) {
	f.Add([]byte(file))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConnection(data)
		if err != nil {
			return
		}
		for ch := range Channels {
			if _, address := c.Address(ch); address == "" {
				t.Errorf("no address for %s of %q", ch, data)
			}
		}
	})
}

func FuzzAppendedStringMeansWhatJSONMakesOfIt(f *testing.F) {
	for _, s := range []string{"", "a\"b\\c\n\r\t\x00\x7f", "<b>&é世\u2028\u2029😀", "\xff\xc3(\xe4\xb8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := AppendString(nil, s)
		var got string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%q became %q: %v", s, b, err)
		}
		if want := string([]rune(s)); got != want {
			t.Errorf("%q came back as %q, want %q", s, got, want)
		}
		if !bytes.Equal(b, AppendString(nil, []byte(s))) {
			t.Errorf("string and bytes differ for %q", s)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	c, s := NewCodec("secret"), NewSource("kernel")
	content := []byte(`{"execution_state":"busy"}`)
	b.ReportAllocs()
	for b.Loop() {
		c.Encode(nil, s.Header("status"), []byte(executeHeader), nil, content)
	}
}

func BenchmarkDecode(b *testing.B) {
	c := NewCodec("secret")
	frames := request(c, executeHeader, `{"code":"1+1"}`)
	b.ReportAllocs()
	for b.Loop() {
		c.seen = replays{}
		if _, err := c.Decode(frames); err != nil {
			b.Fatal(err)
		}
	}
}
