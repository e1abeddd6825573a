package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/tapir-go/tapir/install"
)

// labFlags are what the flags of "tapir lab" say.
type labFlags struct {
	port      int
	noBrowser bool
	verbose   bool
}

var labCommand = command{
	name:  "lab",
	args:  "[DIR] [--port N] [--no-browser]",
	short: "start JupyterLab with the kernel, set up by itself",
	long: `Starts JupyterLab with the kernel "Go (Tapir)" on a directory of notebooks: the one named, else ./notebooks if it is
there, else the current one. The first start makes a private Python environment with JupyterLab in the user's cache
directory, which needs Python 3.11 or newer and a network; later starts take seconds. Nothing else on the machine is
changed, and a Jupyter that is there is left alone. Ctrl-C stops it, and the kernels with it.
`,
	setup: func(f *flag.FlagSet) func(context.Context, *console, []string) error {
		var o labFlags
		f.IntVar(&o.port, "port", 0, "the `PORT` on this machine (default: the first free one from 8888 on)")
		f.BoolVar(&o.noBrowser, "no-browser", false, "print the address only")
		f.BoolVar(&o.verbose, "verbose", false, "show what JupyterLab logs")
		return func(ctx context.Context, c *console, args []string) error {
			dir, err := notebookDir(args)
			if err != nil {
				return err
			}
			return lab(ctx, c, dir, o)
		}
	},
}

// notebookDir is the directory to open: the one named, ./notebooks, or the current one.
func notebookDir(args []string) (string, error) {
	if len(args) > 1 {
		return "", noArguments(args[1:])
	}
	dir := "."
	if info, err := os.Stat("notebooks"); err == nil && info.IsDir() {
		dir = "notebooks"
	}
	if len(args) == 1 {
		dir = args[0]
		info, err := os.Stat(dir)
		if err != nil {
			return "", fmt.Errorf("opening a directory of notebooks: %w", err)
		}
		if !info.IsDir() {
			return "", usageError{fmt.Sprintf("%s is not a directory; to run one notebook: %s run %s", dir, self(), dir)}
		}
	}
	return filepath.Abs(dir)
}

// lab starts JupyterLab on a directory and stays until it ends or ctx does.
func lab(ctx context.Context, c *console, dir string, o labFlags) error {
	start := time.Now()
	port, err := freePort(o.port)
	if err != nil {
		return err
	}
	python, err := install.Python(ctx, "lab", c.err)
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("stopped before JupyterLab was set up; the next start begins again")
		}
		return withoutJupyter(err)
	}
	home, err := labHome()
	if err != nil {
		return err
	}
	token, err := newToken()
	if err != nil {
		return err
	}
	server := &jupyter{python: python, home: home, dir: dir, port: port, token: token}
	if o.verbose {
		server.log = c.err
	}
	if err := server.start(ctx); err != nil {
		return err
	}
	defer server.stop()
	if err := server.answers(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	fmt.Fprintf(c.out, "JupyterLab with Go (Tapir) is ready after %.1f s, on %s\n\n    %s\n\nCtrl-C stops it.\n",
		time.Since(start).Seconds(), dir, server.url())
	if !o.noBrowser && hasDisplay() {
		if err := openBrowser(server.url()); err != nil {
			fmt.Fprintf(c.err, "no browser could be opened (%v); open the address above\n", err)
		}
	}
	select {
	case <-ctx.Done():
		fmt.Fprintln(c.out, "\nstopping JupyterLab")
		server.stop()
		return nil
	case <-server.ended:
		if server.err != nil {
			return fmt.Errorf("JupyterLab ended: %w\n%s", server.err, server.tail())
		}
		fmt.Fprintln(c.out, "JupyterLab was shut down")
		return nil
	}
}

// withoutJupyter adds to an error of the set-up what works without Jupyter.
func withoutJupyter(err error) error {
	switch {
	case errors.Is(err, install.ErrNoPython):
		err = fmt.Errorf("JupyterLab needs Python: %w", err)
	case errors.Is(err, install.ErrOffline):
		err = fmt.Errorf("the first start needs a network to download JupyterLab: %w", err)
	}
	return fmt.Errorf("%w\nwithout JupyterLab this works all the same: %s run NOTEBOOK", err, self())
}

// labHome is the directory of the private JupyterLab's settings, data and runtime files, with the kernel registered
// in it. Programs of different contents have different ones of the last, so that two checkouts do not mix.
func labHome() (home labDirs, err error) {
	cache, err := install.CacheDir()
	if err != nil {
		return home, err
	}
	program, err := install.Program()
	if err != nil {
		return home, err
	}
	base := filepath.Join(cache, "lab")
	home = labDirs{
		config:  filepath.Join(base, "config"),
		data:    filepath.Join(base, "data"),
		runtime: filepath.Join(base, "runtime"),
		kernels: filepath.Join(base, fmt.Sprintf("kernel-%x", fnv64(program))),
	}
	settings := filepath.Join(home.config, "labconfig")
	for _, dir := range []string{settings, home.data, home.runtime} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return home, fmt.Errorf("making JupyterLab's directories: %w", err)
		}
	}
	if err := install.WriteFile(filepath.Join(settings, "default_setting_overrides.json"), []byte(quiet), 0o600); err != nil {
		return home, err
	}
	_, err = install.Register(home.kernels, program)
	return home, err
}

// quiet are settings for a private JupyterLab: it asks nobody about news and looks for no updates. The user can change them.
const quiet = `{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}
`

// fnv64 is the FNV-1a hash of a text.
func fnv64(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// newToken is a new secret for the server's address.
func newToken() (string, error) {
	secret := make([]byte, 24)
	if _, err := rand.Read(secret); err != nil {
		return "", fmt.Errorf("making a token: %w", err)
	}
	return hex.EncodeToString(secret), nil
}

// freePort is the wanted port if it is free, or for 0 the first free one from 8888 on, else any.
func freePort(wanted int) (int, error) {
	free := func(port int) (int, error) {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return 0, err
		}
		defer l.Close()
		return l.Addr().(*net.TCPAddr).Port, nil
	}
	if wanted < 0 || wanted > 65535 {
		return 0, usageError{fmt.Sprintf("--port is %d, want 1 to 65535", wanted)}
	}
	if wanted > 0 {
		if _, err := free(wanted); err != nil {
			return 0, fmt.Errorf("port %d cannot be used: %w; choose another with --port, or leave it out", wanted, err)
		}
		return wanted, nil
	}
	for port := 8888; port < 8908; port++ {
		if port, err := free(port); err == nil {
			return port, nil
		}
	}
	return free(0)
}
