package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tapir-go/tapir/eager"
)

// Save writes tensors under their names, and metadata (which may be nil), to the file at path. The file appears whole
// or not at all: a temporary file beside it is written, synced and renamed; an older file of that name stays until then.
// It fails on names that are not UTF-8, on a nil tensor, and where the file cannot be written.
func Save(path string, tensors map[string]*eager.Tensor, metadata map[string]string) error {
	names, header, err := makeHeader(path, tensors, metadata)
	if err != nil {
		return err
	}
	return writeFile(path, func(w io.Writer) error {
		var length [8]byte
		binary.LittleEndian.PutUint64(length[:], uint64(len(header)))
		if _, err := w.Write(length[:]); err != nil {
			return err
		}
		if _, err := w.Write(header); err != nil {
			return err
		}
		for _, name := range names {
			var err error
			if gone := eager.Try(func() { err = writeTensor(w, tensors[name]) }); gone != nil {
				err = gone
			}
			if err != nil {
				return fmt.Errorf("tensor %q: %w", name, err)
			}
		}
		return nil
	})
}

// Load reads the tensors of the file at path by name, and its metadata (empty, not nil, where the file has none).
// F16 and BF16 become f32, and I8, I16, I32, U16 and U32 become i64. A file that is truncated, or whose header claims
// what is not so, gives an *Error with the tensor and the offset.
func Load(path string) (tensors map[string]*eager.Tensor, metadata map[string]string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("loading tensors: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("loading tensors: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, &Error{File: path, Offset: -1, Text: "not a regular file"}
	}
	return read(path, f, info.Size())
}

// Decode reads what Save wrote from memory. The name is used in errors only.
func Decode(name string, data []byte) (tensors map[string]*eager.Tensor, metadata map[string]string, err error) {
	return read(name, bytes.NewReader(data), int64(len(data)))
}

// read reads a file of that size.
func read(file string, r io.Reader, size int64) (map[string]*eager.Tensor, map[string]string, error) {
	cut := func(at int64, err error) error {
		return &Error{File: file, Offset: at, Text: "reading failed: " + err.Error()}
	}
	var first [8]byte
	if n, err := io.ReadFull(r, first[:]); err != nil && size >= 8 {
		return nil, nil, cut(int64(n), err)
	}
	n, err := headerLength(file, first[:], size)
	if err != nil {
		return nil, nil, err
	}
	header := make([]byte, n)
	if k, err := io.ReadFull(r, header); err != nil {
		return nil, nil, cut(8+int64(k), err)
	}
	entries, metadata, err := parseHeader(file, header, size-8-n)
	if err != nil {
		return nil, nil, err
	}
	if metadata == nil {
		metadata = map[string]string{}
	}
	tensors := make(map[string]*eager.Tensor, len(entries))
	var raw []byte
	for _, e := range entries {
		raw = slices.Grow(raw[:0], int(e.end-e.begin))[:e.end-e.begin]
		if k, err := io.ReadFull(r, raw); err != nil {
			return nil, nil, &Error{File: file, Tensor: e.name, Offset: 8 + n + e.begin + int64(k), Text: "reading failed: " + err.Error()}
		}
		var x *eager.Tensor
		var text string
		if err := eager.Try(func() { x, text = makeTensor(e, raw) }); err != nil {
			text = err.Error()
		}
		if text != "" {
			return nil, nil, &Error{File: file, Tensor: e.name, Offset: 8 + n + e.begin, Text: text}
		}
		tensors[e.name] = x
	}
	return tensors, metadata, nil
}

// makeHeader gives the names in the order of their bytes, and the JSON header, padded so that the numbers begin at a
// multiple of eight bytes.
func makeHeader(path string, tensors map[string]*eager.Tensor, metadata map[string]string) (names []string, header []byte, err error) {
	names = slices.Collect(maps.Keys(tensors))
	for _, name := range names {
		switch {
		case name == metadataName:
			return nil, nil, &Error{File: path, Tensor: name, Offset: -1, Text: "the format keeps this name for itself"}
		case !utf8.ValidString(name):
			return nil, nil, &Error{File: path, Tensor: name, Offset: -1, Text: "the name is not UTF-8"}
		case tensors[name] == nil:
			return nil, nil, &Error{File: path, Tensor: name, Offset: -1, Text: "the tensor is nil"}
		}
	}
	size := func(name string) int { return elementSize[dtypeName[tensors[name].DType()]] }
	slices.SortFunc(names, func(a, b string) int {
		if d := size(b) - size(a); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	b := []byte{'{'}
	if len(metadata) > 0 {
		for key, value := range metadata {
			if !utf8.ValidString(key) || !utf8.ValidString(value) {
				return nil, nil, &Error{File: path, Offset: -1, Text: fmt.Sprintf("the metadata %q: %q is not UTF-8", key, value)}
			}
		}
		text, err := json.Marshal(metadata)
		if err != nil {
			return nil, nil, &Error{File: path, Offset: -1, Text: "metadata: " + err.Error()}
		}
		b = append(append(append(b, `"`+metadataName+`":`...), text...), ',')
	}
	at := 0
	for _, name := range names {
		x := tensors[name]
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, nil, &Error{File: path, Tensor: name, Offset: -1, Text: err.Error()}
		}
		end := at + x.Size()*size(name)
		b = append(b, quoted...)
		b = fmt.Appendf(b, `:{"dtype":"%s","shape":[`, dtypeName[x.DType()])
		for i, n := range x.Shape() {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(n), 10)
		}
		b = fmt.Appendf(b, `],"data_offsets":[%d,%d]},`, at, end)
		at = end
	}
	if b[len(b)-1] == ',' {
		b = b[:len(b)-1]
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	if len(b) > headerCap {
		return nil, nil, &Error{File: path, Offset: -1, Text: fmt.Sprintf("names, shapes and metadata take %d bytes; the format allows %d", len(b), headerCap)}
	}
	return names, b, nil
}

// writeFile writes a file so that a reader sees the old contents or the new ones, never a part.
func writeFile(path string, write func(w io.Writer) error) (err error) {
	temporary := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%08x", filepath.Base(path), rand.Uint32()))
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("saving tensors as %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(temporary)
			err = fmt.Errorf("saving tensors as %s: %w", path, err)
		}
	}()
	w := bufio.NewWriterSize(f, 1<<18)
	if err = write(w); err != nil {
		return err
	}
	if err = w.Flush(); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
