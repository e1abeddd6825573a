package safetensors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// headerCap is the largest header in bytes that is read, as in the reference implementation.
const headerCap = 100_000_000

// metadataName is the key of the header that holds strings and not a tensor.
const metadataName = "__metadata__"

// An entry is what the header says of one tensor. Its bytes are data[begin:end].
type entry struct {
	name       string
	dtype      string
	shape      []int
	begin, end int64
}

// An Error says what is wrong with a file of tensors, and where.
type Error struct {
	File   string // the path, as it was given
	Tensor string // the name of the tensor that is meant; "" when it is the file as a whole
	Offset int64  // in bytes from the start of the file; -1 when no place can be named
	Text   string // what is the case, and what should be
}

// Error is file, tensor, offset and text in one line.
func (e *Error) Error() string {
	s := "safetensors: " + e.File
	if e.Tensor != "" {
		s += fmt.Sprintf(": tensor %q", e.Tensor)
	}
	if e.Offset >= 0 {
		s += fmt.Sprintf(" at offset %d", e.Offset)
	}
	return s + ": " + e.Text
}

// headerLength reads the first eight bytes of a file of that size.
func headerLength(file string, first []byte, size int64) (int64, error) {
	fail := func(format string, a ...any) (int64, error) {
		return 0, &Error{File: file, Offset: 0, Text: fmt.Sprintf(format, a...)}
	}
	if size < 8 {
		return fail("the file has %d bytes, but the length of the header alone takes 8: truncated, or not safetensors", size)
	}
	n := uint64(0)
	for i := 7; i >= 0; i-- {
		n = n<<8 | uint64(first[i])
	}
	switch {
	case n > headerCap:
		return fail("the header is said to have %d bytes; at most %d are read: not a safetensors file?", n, headerCap)
	case int64(n) > size-8:
		return fail("the header is said to have %d bytes, but only %d follow: the file is truncated", n, size-8)
	}
	return int64(n), nil
}

// parseHeader reads the JSON header of a file in which room bytes of numbers follow. The entries come in the order of
// their bytes, and cover them all.
func parseHeader(file string, header []byte, room int64) (entries []entry, metadata map[string]string, err error) {
	fail := func(offset int64, format string, a ...any) ([]entry, map[string]string, error) {
		return nil, nil, &Error{File: file, Offset: 8 + offset, Text: fmt.Sprintf(format, a...)}
	}
	if len(header) == 0 || header[0] != '{' {
		return fail(0, "the header does not begin with {")
	}
	if !utf8.Valid(header) {
		return fail(0, "the header is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(header))
	if _, err := d.Token(); err != nil {
		return fail(d.InputOffset(), "the header is not JSON: %v", err)
	}
	seen := map[string]bool{}
	for d.More() {
		at := d.InputOffset()
		token, err := d.Token()
		if err != nil {
			return fail(at, "the header is not JSON: %v", err)
		}
		name, ok := token.(string)
		if !ok {
			return fail(at, "the header is not JSON: a name is wanted here")
		}
		if seen[name] {
			return fail(at, "the name %q occurs twice", name)
		}
		seen[name] = true
		if name == metadataName {
			if err := d.Decode(&metadata); err != nil {
				return fail(at, "%s must map strings to strings: %v", metadataName, err)
			}
			continue
		}
		var raw struct {
			Dtype   string   `json:"dtype"`
			Shape   []uint64 `json:"shape"`
			Offsets []uint64 `json:"data_offsets"`
		}
		if err := d.Decode(&raw); err != nil {
			return nil, nil, &Error{File: file, Tensor: name, Offset: 8 + at, Text: "its entry in the header cannot be read: " + err.Error()}
		}
		e, text := checkEntry(name, raw.Dtype, raw.Shape, raw.Offsets, room)
		if text != "" {
			return nil, nil, &Error{File: file, Tensor: name, Offset: 8 + at, Text: text}
		}
		entries = append(entries, e)
	}
	if _, err := d.Token(); err != nil {
		return fail(d.InputOffset(), "the header is not JSON: it does not end with }")
	}
	if rest := bytes.TrimSpace(header[d.InputOffset():]); len(rest) > 0 {
		return fail(d.InputOffset(), "the header goes on after its closing }")
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		if a.begin != b.begin {
			return int(min(max(a.begin-b.begin, -1), 1))
		}
		return int(min(max(a.end-b.end, -1), 1))
	})
	if err := checkCover(file, entries, int64(len(header)), room); err != nil {
		return nil, nil, err
	}
	return entries, metadata, nil
}

// checkEntry makes an entry from numbers that a file claims. The text says what is wrong; it is empty when nothing is.
func checkEntry(name, dtype string, shape, offsets []uint64, room int64) (e entry, text string) {
	size, known := elementSize[dtype]
	if !known {
		return e, fmt.Sprintf("dtype %q cannot be loaded; known are F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL", dtype)
	}
	if len(offsets) != 2 {
		return e, fmt.Sprintf("data_offsets has %d numbers, want 2", len(offsets))
	}
	if shape == nil {
		return e, "it has no shape"
	}
	begin, end := offsets[0], offsets[1]
	if begin > end || end > uint64(room) {
		return e, fmt.Sprintf("data_offsets [%d,%d] lie outside the %d bytes of numbers that the file has: truncated?", begin, end, room)
	}
	want := uint64(size)
	e = entry{name: name, dtype: dtype, begin: int64(begin), end: int64(end), shape: make([]int, len(shape))}
	for i, n := range shape {
		over, low := bits.Mul64(want, n)
		if over != 0 || n > math.MaxInt>>1 {
			return e, fmt.Sprintf("shape %v is larger than any memory", shape)
		}
		want, e.shape[i] = low, int(n)
	}
	if want != end-begin {
		return e, fmt.Sprintf("%s of shape %v takes %d bytes, but data_offsets [%d,%d] hold %d", dtype, shape, want, begin, end, end-begin)
	}
	return e, ""
}

// checkCover fails unless the entries, which are sorted, follow each other without overlap or hole up to the end.
func checkCover(file string, entries []entry, header, room int64) error {
	at, before := int64(0), ""
	for _, e := range entries {
		switch {
		case e.begin < at:
			return &Error{File: file, Tensor: e.name, Offset: 8 + header + e.begin, Text: fmt.Sprintf("its bytes overlap those of %q", before)}
		case e.begin > at:
			return &Error{File: file, Tensor: e.name, Offset: 8 + header + at, Text: fmt.Sprintf("%d bytes before it belong to no tensor", e.begin-at)}
		}
		at, before = e.end, e.name
	}
	if at != room {
		return &Error{File: file, Offset: 8 + header + at, Text: fmt.Sprintf("%d bytes after the last tensor belong to no tensor", room-at)}
	}
	return nil
}

// elementSize is the size in bytes of an element of each dtype that can be loaded, by its name in files.
var elementSize = map[string]int{
	"F64": 8, "I64": 8, "U64": 8,
	"F32": 4, "I32": 4, "U32": 4,
	"F16": 2, "BF16": 2, "I16": 2, "U16": 2,
	"I8": 1, "U8": 1, "BOOL": 1,
}
