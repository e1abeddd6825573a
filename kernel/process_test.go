//go:build !windows

package kernel

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tapir-go/tapir/kernel/session"
	"github.com/tapir-go/tapir/kernel/wire"
)

// asKernel makes the test binary a kernel process: with a connection file it serves, with "parent" it starts such a process,
// waits for a line on stdin, and ends.
const asKernel = "TAPIR_TEST_KERNEL"

func init() {
	switch file := os.Getenv(asKernel); {
	case file == "":
	case os.Getenv("TAPIR_TEST_PARENT") != "":
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "TAPIR_TEST_PARENT=", fmt.Sprint("JPY_PARENT_PID=", os.Getpid()))
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			fmt.Println(err)
		}
		bufio.NewReader(os.Stdin).ReadString('\n')
		os.Exit(0)
	default:
		err := Run(context.Background(), file, Options{CrashDir: filepath.Join(filepath.Dir(file), "crash"), Start: func(screen session.Screen, input Input) (Evaluator, Assistant, error) {
			fmt.Println("started")
			f := &fake{screen: screen, input: input}
			return f, f, nil
		}})
		fmt.Println("ended", err)
		os.Exit(0)
	}
}

// process starts a kernel process and returns a client of it, and the lines that it prints.
func process(t *testing.T, env ...string) (*exec.Cmd, *tester, *bufio.Scanner) {
	t.Helper()
	c := connection(t)
	file := filepath.Join(filepath.Dir(c.IP), "connection.json")
	data, err := json.Marshal(map[string]any{"transport": c.Transport, "ip": c.IP, "key": c.Key, "signature_scheme": "hmac-sha256",
		"shell_port": 1, "control_port": 2, "iopub_port": 3, "stdin_port": 4, "hb_port": 5})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return launch(t, c, file, os.Stderr, env...)
}

// launch starts a kernel process for a connection file.
func launch(t *testing.T, c *wire.Connection, file string, stderr io.Writer, env ...string) (*exec.Cmd, *tester, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), asKernel+"="+file, "JPY_PARENT_PID="), env...)
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); cmd.Process.Kill(); cmd.Wait() })
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	if lines.Text() != "started" {
		t.Fatalf("the kernel says %q", lines.Text())
	}
	x := &tester{TB: t, server: &Server{connection: c}, codec: wire.NewCodec(key), source: wire.NewSource("tester"), busy: map[string]bool{}}
	x.connect("client")
	return cmd, x, lines
}

func TestSIGINTInterruptsTheCellAndNeverTheKernel(t *testing.T) {
	cmd, x, lines := process(t)
	for range 3 { // while idle
		cmd.Process.Signal(os.Interrupt)
	}
	x.execute("value 1")
	h := x.shell.send("execute_request", cellRequest("loop"))
	for m := x.iopub.receive(); m.Header.Type != "stream"; m = x.iopub.receive() {
	}
	cmd.Process.Signal(os.Interrupt)
	if reply := x.shell.expect("execute_reply"); reply.content["ename"] != "interrupted" {
		t.Errorf("reply %s", reply.Content)
	}
	x.until(h)
	if reply, _ := x.execute("value 2"); reply.content["execution_count"] != 3.0 {
		t.Errorf("afterwards: %s", reply.Content)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if lines.Scan(); lines.Text() != "ended <nil>" {
		t.Errorf("after SIGTERM: %q", lines.Text())
	}
}

func TestTheNextKernelShowsWhatEndedTheLastOne(t *testing.T) {
	cmd, x, _ := process(t)
	file := filepath.Join(filepath.Dir(x.server.connection.IP), "connection.json")
	x.execute("value 1")
	x.shell.send("execute_request", cellRequest("fatal"))
	if err := cmd.Wait(); err == nil {
		t.Fatal("two maps written at once do not end a kernel")
	}
	cmd, x, lines := launch(t, x.server.connection, file, os.Stderr)
	_, messages := x.execute("value 2")
	text := strings.Join(messages, "\n")
	if !strings.HasPrefix(text, `stream {"name":"stderr","text":"The kernel before this one ended in cell 2: fatal error: concurrent map`) || !strings.Contains(text, `\n  fatal\n`) {
		t.Errorf("the next kernel says %s", text)
	}
	if _, messages := x.execute("value 3"); len(messages) != 1 {
		t.Errorf("it says it again: %v", messages)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	lines.Scan()
	if left, _ := os.ReadDir(filepath.Join(filepath.Dir(file), "crash")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKernelEndsWithItsParent(t *testing.T) {
	parent, x, lines := process(t, "TAPIR_TEST_PARENT=1")
	x.execute("value 1")
	parent.Process.Kill()
	if lines.Scan(); lines.Text() != "ended <nil>" {
		t.Errorf("the kernel says %q", lines.Text())
	}
}

func TestTakenPortIsOneErrorWithFileAndPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	file := filepath.Join(t.TempDir(), "kernel-1.json")
	data := fmt.Sprintf(`{"shell_port":%d,"control_port":2,"iopub_port":3,"stdin_port":4,"hb_port":5,"ip":"127.0.0.1"}`, port)
	if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	err = Run(context.Background(), file, Options{})
	want := fmt.Sprintf("connection file %s: cannot bind shell_port %d: listen tcp 127.0.0.1:%d: bind: address already in use", file, port, port)
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
	err = Run(context.Background(), file+"x", Options{})
	if err == nil || !strings.Contains(err.Error(), file+"x") {
		t.Errorf("missing file: %v", err)
	}
}
