package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tapir-go/tapir/install"
)

// labDirs are the private directories of a JupyterLab.
type labDirs struct{ config, data, runtime, kernels string }

// jupyter is one JupyterLab server, a child of this process.
type jupyter struct {
	python string
	home   labDirs
	dir    string // the notebooks
	port   int
	token  string
	log    io.Writer // where what it logs goes too; nil: nowhere

	cmd      *exec.Cmd
	ended    chan struct{} // closed when the process has ended
	err      error         // how it ended
	stopping sync.Once
	last     lastBytes
}

// start starts the server's process.
func (j *jupyter) start(ctx context.Context) error {
	args := []string{
		"-m", "jupyterlab", "--no-browser",
		"--ServerApp.ip=127.0.0.1",
		"--ServerApp.port=" + strconv.Itoa(j.port),
		"--ServerApp.port_retries=0",
		"--ServerApp.root_dir=" + j.dir,
		"--KernelSpecManager.ensure_native_kernel=False",
		"--KernelSpecManager.allowed_kernelspecs=" + install.KernelName,
		"--MultiKernelManager.default_kernel_name=" + install.KernelName,
		"--LabApp.news_url=None",
		"--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
		"--LabApp.extension_manager=readonly",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--allow-root")
	}
	j.cmd = exec.Command(j.python, args...)
	j.cmd.Dir = j.dir
	j.cmd.Env = append(install.PythonEnv(os.Environ()),
		"JUPYTER_TOKEN="+j.token,
		"JUPYTER_CONFIG_DIR="+j.home.config,
		"JUPYTER_DATA_DIR="+j.home.data,
		"JUPYTER_RUNTIME_DIR="+j.home.runtime,
		"JUPYTER_PATH="+j.home.kernels,
		"IPYTHONDIR="+filepath.Join(j.home.data, "ipython"),
	)
	j.cmd.Stdout, j.cmd.Stderr = &j.last, &j.last
	j.last.also = j.log
	ownGroup(j.cmd)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := j.cmd.Start(); err != nil {
		return fmt.Errorf("starting JupyterLab: %w", err)
	}
	j.ended = make(chan struct{})
	go func() {
		j.err = j.cmd.Wait()
		close(j.ended)
	}()
	return nil
}

// url is the address with the token, for a browser.
func (j *jupyter) url() string {
	return fmt.Sprintf("http://127.0.0.1:%d/lab?token=%s", j.port, j.token)
}

// ask sends a request to the server's API and is the status of its answer.
func (j *jupyter) ask(ctx context.Context, method, path string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, method, fmt.Sprintf("http://127.0.0.1:%d%s", j.port, path), nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "token "+j.token)
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// answers waits until the server answers and serves JupyterLab.
func (j *jupyter) answers(ctx context.Context) error {
	deadline := time.After(2 * time.Minute)
	for {
		if status, err := j.ask(ctx, http.MethodGet, "/api/status"); err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-j.ended:
			return fmt.Errorf("JupyterLab did not start: %v\n%s", j.err, j.tail())
		case <-deadline:
			return fmt.Errorf("JupyterLab does not answer on port %d\n%s", j.port, j.tail())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stop ends the server and its kernels, and waits until it has ended.
func (j *jupyter) stop() {
	j.stopping.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if _, err := j.ask(ctx, http.MethodPost, "/api/shutdown"); err != nil {
			interrupt(j.cmd)
		}
		for _, end := range []func(*exec.Cmd){interrupt, kill} {
			select {
			case <-j.ended:
				return
			case <-time.After(10 * time.Second):
				end(j.cmd)
			}
		}
		<-j.ended
	})
}

// tail is the end of what the server has logged.
func (j *jupyter) tail() string { return strings.TrimSpace(j.last.String()) }

// lastBytes keeps the end of what is written to it.
type lastBytes struct {
	sync.Mutex
	kept bytes.Buffer
	also io.Writer
}

func (l *lastBytes) Write(p []byte) (int, error) {
	const most = 4 << 10
	l.Lock()
	defer l.Unlock()
	l.kept.Write(p)
	if extra := l.kept.Len() - most; extra > 0 {
		l.kept.Next(extra)
	}
	if l.also != nil {
		return l.also.Write(p)
	}
	return len(p), nil
}

func (l *lastBytes) String() string {
	l.Lock()
	defer l.Unlock()
	return l.kept.String()
}

var errNoOpener = errors.New("no program that opens addresses")
