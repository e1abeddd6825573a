package session

import (
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"reflect"
	"strings"
	"time"
)

// What waits in compiled code is ended from outside where the standard library has a way to do so.

// waitSymbols has what takes the place of functions that wait, or make what waits; nil for most packages.
func waitSymbols(path string) map[string]reflect.Value {
	v := reflect.ValueOf
	switch path {
	case "io":
		return map[string]reflect.Value{"Pipe": v(pipeOfCell)}
	case "os/exec":
		return map[string]reflect.Value{"Command": v(command)}
	case "net/http":
		return map[string]reflect.Value{
			"Get": v(func(url string) (*http.Response, error) { return request("GET", url, "", nil) }), "Head": v(func(url string) (*http.Response, error) { return request("HEAD", url, "", nil) }),
			"Post": v(func(url, kind string, body io.Reader) (*http.Response, error) {
				return request("POST", url, kind, body)
			}),
			"PostForm": v(func(url string, data url.Values) (*http.Response, error) {
				return request("POST", url, "application/x-www-form-urlencoded", strings.NewReader(data.Encode()))
			}),
		}
	}
	return nil
}

// pipeOfCell is io.Pipe. The pipe is closed when the cell that made it is to stop and waits.
func pipeOfCell() (*io.PipeReader, *io.PipeWriter) {
	r, w := io.Pipe()
	if t := current(); t != nil {
		t.run.onRelease(func() {
			_ = r.CloseWithError(errInterrupted)
			_ = w.CloseWithError(errInterrupted)
		})
	}
	return r, w
}

// command is exec.Command. The program is killed when the cell that made the command is to stop.
func command(name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(cellContext(), name, args...)
	c.WaitDelay = 100 * time.Millisecond // its own children may hold its output open
	return c
}

// request is http.Get and its like. It ends, and so does reading the body, when the cell is to stop.
func request(method, url, kind string, body io.Reader) (*http.Response, error) {
	q, err := http.NewRequestWithContext(cellContext(), method, url, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		q.Header.Set("Content-Type", kind)
	}
	return http.DefaultClient.Do(q)
}
