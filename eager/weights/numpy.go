package weights

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tapir-go/tapir/eager"
)

// NPZ reads the arrays of the file at path, which numpy.savez or savez_compressed wrote, by name.
func NPZ(path string) (map[string]*eager.Tensor, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	return DecodeNPZ(path, b)
}

// DecodeNPZ is NPZ from memory. The name is used in errors only.
func DecodeNPZ(name string, data []byte) (map[string]*eager.Tensor, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("weights: %s is no .npz file: %w", name, err)
	}
	tensors := map[string]*eager.Tensor{}
	for _, f := range archive.File {
		key, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("weights: %s: %q is no array", name, f.Name)
		}
		if tensors[key] != nil {
			return nil, fmt.Errorf("weights: %s has the array %q twice", name, key)
		}
		b, err := entry(f)
		if err == nil {
			tensors[key], err = array(b)
		}
		if err != nil {
			return nil, fmt.Errorf("weights: %s: array %q: %w", name, key, err)
		}
	}
	return tensors, nil
}

// NPY reads the array of the file at path, which numpy.save wrote.
func NPY(path string) (*eager.Tensor, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	x, err := array(b)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", path, err)
	}
	return x, nil
}

// entry reads a file of an archive.
func entry(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// header is the dict that NumPy writes before the numbers, in the order in which it does.
var header = regexp.MustCompile(`^\{'descr': '([<>|=]?)([a-z]\d+)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), \} *\n$`)

var numpyKinds = map[string]kind{
	"f2": f16, "f4": f32, "f8": f64, "i1": i8, "i2": i16, "i4": i32, "i8": i64, "u1": u8, "u2": u16, "u4": u32, "b1": b8,
}

// array reads the format .npy (NEP 1): a magic word, a version, the length of the header, the header, the numbers.
func array(b []byte) (*eager.Tensor, error) {
	rest, ok := bytes.CutPrefix(b, []byte("\x93NUMPY"))
	if !ok || len(rest) < 2 {
		return nil, fmt.Errorf("it does not begin as a .npy file does")
	}
	version, rest := rest[0], rest[2:]
	n, width := 0, 4
	if version == 1 {
		width = 2
	}
	if version < 1 || version > 3 || len(rest) < width {
		return nil, fmt.Errorf("version %d of the format is not known", version)
	}
	if version == 1 {
		n = int(binary.LittleEndian.Uint16(rest))
	} else {
		n = int(binary.LittleEndian.Uint32(rest))
	}
	rest = rest[width:]
	if n > len(rest) {
		return nil, fmt.Errorf("a header of %d bytes in a file of %d", n, len(b))
	}
	m := header.FindSubmatch(rest[:n])
	if m == nil {
		return nil, fmt.Errorf("the header %q is not supported: want numbers of one type", rest[:min(n, 100)])
	}
	k, order := numpyKinds[string(m[2])], binary.ByteOrder(binary.LittleEndian)
	if k == "" {
		return nil, fmt.Errorf("numbers of type %q are not supported", m[2])
	}
	if string(m[1]) == ">" {
		order = binary.BigEndian
	}
	shape := []int{}
	for part := range strings.SplitSeq(string(m[4]), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		d, err := strconv.Atoi(part)
		if err != nil {
			return nil, fmt.Errorf("the shape (%s): %w", m[4], err)
		}
		shape = append(shape, d)
	}
	all, err := count(shape)
	if err != nil {
		return nil, err
	}
	if rest = rest[n:]; len(rest) != all*k.size() {
		return nil, fmt.Errorf("%d bytes for the shape %v of %s, want %d", len(rest), shape, k, all*k.size())
	}
	if string(m[3]) == "False" || len(shape) < 2 {
		return tensor(k, order, rest, shape), nil
	}
	slices.Reverse(shape) // column by column: the last axis first
	return tensor(k, order, rest, shape).Transpose().Contiguous(), nil
}
