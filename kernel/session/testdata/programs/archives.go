// Archives in memory: gzip, flate, zip and tar, written and read again, with damaged ones told apart.

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/flate"
	"compress/gzip"
	"compress/lzw"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// codec compresses through a writer and expands through a reader.
type codec struct {
	name   string
	writer func(io.Writer) io.WriteCloser
	reader func(io.Reader) (io.ReadCloser, error)
}

var codecs = []codec{
	{"gzip", func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
	{"zlib", func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, zlib.NewReader},
	{"flate", func(w io.Writer) io.WriteCloser {
		f, _ := flate.NewWriter(w, flate.BestCompression)
		return f
	}, func(r io.Reader) (io.ReadCloser, error) { return flate.NewReader(r), nil }},
	{"lzw", func(w io.Writer) io.WriteCloser { return lzw.NewWriter(w, lzw.LSB, 8) }, func(r io.Reader) (io.ReadCloser, error) { return lzw.NewReader(r, lzw.LSB, 8), nil }},
}

func (c codec) compress(data []byte) []byte {
	var buf bytes.Buffer
	w := c.writer(&buf)
	w.Write(data[:len(data)/2])
	w.Write(data[len(data)/2:])
	w.Close()
	return buf.Bytes()
}

func (c codec) expand(data []byte) ([]byte, error) {
	r, err := c.reader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

type file struct{ name, text string }

var files = []file{{"readme.txt", "Read me.\n"}, {"src/main.go", "package main\n"}, {"src/data/numbers.csv", strings.Repeat("1,2,3\n", 50)}, {"empty", ""}}

func makeZip() []byte {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	w.SetComment("made in memory")
	for i, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: []uint16{zip.Store, zip.Deflate}[i%2], Modified: time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)}
		h.SetMode(0o640)
		out, err := w.CreateHeader(h)
		if err != nil {
			return nil
		}
		io.WriteString(out, f.text)
	}
	w.Close()
	return buf.Bytes()
}

func makeTar() []byte {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "src/", Mode: 0o755})
	for _, f := range files {
		w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o600, Size: int64(len(f.text)), ModTime: time.Unix(1e9, 0)})
		io.WriteString(w, f.text)
	}
	w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "readme.txt"})
	fmt.Println("tar:", w.WriteHeader(&tar.Header{Name: "short", Size: 5}), w.Close())
	return buf.Bytes()
}

func main() {
	data := []byte(strings.Repeat("the rain in spain stays mainly in the plain. ", 20))
	for _, c := range codecs {
		small := c.compress(data)
		back, err := c.expand(small)
		fmt.Print(c.name, " ", len(small) < len(data)/2, " ", bytes.Equal(back, data), " ", err)
		_, err = c.expand(small[:len(small)-5])
		fmt.Print(" cut: ", errors.Is(err, io.ErrUnexpectedEOF))
		none, err := c.expand(c.compress(nil))
		fmt.Println(" empty:", len(none), err)
	}
	damaged := codecs[0].compress(data)
	damaged[len(damaged)-6] ^= 0xff
	_, err := codecs[0].expand(damaged)
	fmt.Println(err, err == gzip.ErrChecksum)
	_, err = codecs[0].expand([]byte("no gzip at all"))
	_, err2 := codecs[1].expand([]byte("no"))
	fmt.Println(err, err2)
	_, err = io.ReadAll(bzip2.NewReader(strings.NewReader("BZ!9")))
	var format bzip2.StructuralError
	fmt.Println(err, errors.As(err, &format))

	var named bytes.Buffer
	gz := gzip.NewWriter(&named)
	gz.Name, gz.Comment, gz.ModTime = "a.txt", "first", time.Unix(1e9, 0)
	io.WriteString(gz, "one ")
	gz.Close()
	gz.Reset(&named)
	io.WriteString(gz, "two")
	gz.Close()
	gr, _ := gzip.NewReader(&named)
	both, err := io.ReadAll(gr)
	fmt.Println(string(both), err)

	z := makeZip()
	r, err := zip.NewReader(bytes.NewReader(z), int64(len(z)))
	fmt.Println(err, r.Comment, len(r.File))
	for _, f := range r.File {
		rc, err := f.Open()
		text, _ := io.ReadAll(rc)
		rc.Close()
		fmt.Println(f.Name, f.Method, f.UncompressedSize64, f.CompressedSize64 <= f.UncompressedSize64+8, f.Mode(), f.Modified.UTC().Format(time.DateOnly), len(text), err)
	}
	text, err := fs.ReadFile(r, "src/main.go")
	fmt.Printf("%q %v\n", text, err)
	fs.WalkDir(r, ".", func(path string, d fs.DirEntry, err error) error {
		fmt.Print(path, d.IsDir(), " ")
		return err
	})
	_, err = r.Open("nothing")
	fmt.Println(err)
	_, err = zip.NewReader(strings.NewReader("short"), 5)
	fmt.Println(err, err == zip.ErrFormat)
	at := bytes.Index(z, []byte("Read me"))
	broken := slices.Clone(z)
	broken[at]++
	r, _ = zip.NewReader(bytes.NewReader(broken), int64(len(broken)))
	_, err = fs.ReadFile(r, "readme.txt")
	fmt.Println(err)

	t := makeTar()
	fmt.Println(len(t)%512, len(codecs[0].compress(t)) < len(t)/4)
	tr := tar.NewReader(bytes.NewReader(t))
	for {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			break
		}
		n, err := io.Copy(io.Discard, tr)
		fmt.Print(h.Name, " ", string(h.Typeflag), " ", h.FileInfo().Mode(), " ", n, h.Linkname, " ", err, "; ")
	}
	fmt.Println()
	_, err = tar.NewReader(bytes.NewReader(bytes.Repeat([]byte("x"), 600))).Next()
	fmt.Println(err)
}
