// Readers and writers: own ones stacked on each other, and those that the package io gives.

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
)

// rot13 changes what it reads.
type rot13 struct{ r io.Reader }

func (r rot13) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	for i, c := range p[:n] {
		switch {
		case 'a' <= c && c <= 'z':
			p[i] = 'a' + (c-'a'+13)%26
		case 'A' <= c && c <= 'Z':
			p[i] = 'A' + (c-'A'+13)%26
		}
	}
	return n, err
}

// upperWriter changes what it writes.
type upperWriter struct{ w io.Writer }

func (u upperWriter) Write(p []byte) (int, error) { return u.w.Write(bytes.ToUpper(p)) }

// lineWriter calls a function for each whole line.
type lineWriter struct {
	rest []byte
	emit func(line string)
}

func (l *lineWriter) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, ok := bytes.Cut(l.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		l.emit(string(line))
		l.rest = rest
	}
}

func (l *lineWriter) Close() error {
	if len(l.rest) > 0 {
		l.emit(string(l.rest) + "\\")
	}
	l.rest = nil
	return nil
}

// letters never ends.
type letters struct{ next byte }

func (l *letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a' + l.next
		l.next = (l.next + 1) % 26
	}
	return len(p), nil
}

// limited fails when too much is written.
type limited struct {
	w    io.Writer
	left int
}

var errFull = errors.New("disk full")

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		n, _ := l.w.Write(p[:l.left])
		l.left = 0
		return n, errFull
	}
	l.left -= len(p)
	return l.w.Write(p)
}

// patch can be written at any place.
type patch struct{ data []byte }

func (p *patch) WriteAt(b []byte, off int64) (int, error) { return copy(p.data[off:], b), nil }

// squeeze is a state machine between a reader and a writer: runs of spaces become one.
type squeeze struct {
	r     io.ByteReader
	space bool
}

func (s *squeeze) WriteTo(w io.Writer) (total int64, err error) {
	for {
		c, err := s.r.ReadByte()
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		isSpace := unicode.IsSpace(rune(c))
		if isSpace && s.space {
			continue
		}
		s.space = isSpace
		n, err := w.Write([]byte{c})
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
}

func (s *squeeze) Read([]byte) (int, error) { return 0, errors.New("WriteTo should be used") }

type closer struct {
	io.Reader
	name string
	log  *[]string
}

func (c closer) Close() error {
	*c.log = append(*c.log, c.name)
	return nil
}

func check(title string, r io.Reader) {
	b, err := io.ReadAll(r)
	fmt.Printf("%s: %q %v\n", title, b, err)
}

func main() {
	check("twice", rot13{rot13{strings.NewReader("Hello")}})
	check("once", rot13{strings.NewReader("Uryyb, Jbeyq!")})
	check("limit", io.LimitReader(&letters{next: 23}, 8))
	check("multi", io.MultiReader(strings.NewReader("a"), bytes.NewBufferString("b"), rot13{strings.NewReader("c")}, io.LimitReader(&letters{}, 2)))
	check("section", io.NewSectionReader(strings.NewReader("0123456789"), 3, 4))

	var copyOf, out bytes.Buffer
	tee := io.TeeReader(strings.NewReader("tee time"), upperWriter{&copyOf})
	head := make([]byte, 3)
	n, err := io.ReadFull(tee, head)
	rest, _ := io.ReadAll(tee)
	fmt.Println(n, err, string(head), string(rest), copyOf.String())
	for _, size := range []int{2, 9} {
		n, err := io.ReadAtLeast(strings.NewReader("12345"), make([]byte, 10), size)
		fmt.Print(n, err, " ", err == io.ErrUnexpectedEOF, "; ")
	}
	_, err = io.ReadFull(strings.NewReader(""), head)
	fmt.Println(err == io.EOF)

	var lines []string
	lw := &lineWriter{emit: func(s string) { lines = append(lines, s) }}
	for _, part := range []string{"one\ntw", "o\n\nthr", "ee"} {
		io.WriteString(lw, part)
	}
	fmt.Printf("%q ", lines)
	lw.Close()
	fmt.Printf("%q\n", lines)

	all := io.MultiWriter(&out, upperWriter{lw}, os.Stdout, io.Discard)
	written, err := io.Copy(all, strings.NewReader("to all of them\n"))
	fmt.Println(written, err, out.String(), lines[len(lines)-1])
	out.Reset()
	written, err = io.CopyN(&out, &letters{}, 30)
	fmt.Println(written, err, out.String())
	written, err = io.CopyN(&out, strings.NewReader("short"), 30)
	fmt.Println(written, err)

	out.Reset()
	written, err = io.Copy(&limited{&out, 7}, strings.NewReader("more than seven"))
	fmt.Println(written, errors.Is(err, errFull), out.String())
	_, err = fmt.Fprintf(&limited{&out, 3}, "%d", 123456)
	fmt.Println(err, out.String())

	out.Reset()
	written, err = io.Copy(&out, &squeeze{r: bytes.NewBufferString("  too   many \n\t spaces ")})
	fmt.Printf("%d %v %q\n", written, err, out.String())

	pr, pw := io.Pipe()
	go func() {
		for i := range 3 {
			fmt.Fprintf(pw, "message %d;", i)
		}
		pw.CloseWithError(errors.New("hung up"))
	}()
	check("pipe", rot13{pr})
	_, err = pw.Write([]byte("late"))
	fmt.Println(err)

	r := strings.NewReader("seekable text")
	fmt.Println(r.Seek(4, io.SeekStart))
	fmt.Println(r.Seek(-4, io.SeekEnd))
	b, _ := r.ReadByte()
	at, _ := r.Seek(0, io.SeekCurrent)
	_, err = r.Seek(-1, io.SeekStart)
	two := make([]byte, 2)
	r.ReadAt(two, 1)
	fmt.Println(string(b), at, err, r.Len(), r.Size(), string(two))

	var closed []string
	for _, name := range []string{"a", "b"} {
		var rc io.ReadCloser = closer{strings.NewReader(name + name), name, &closed}
		check("close "+name, rc)
		rc.Close()
	}
	nop := io.NopCloser(strings.NewReader("x"))
	_, hasWriterTo := nop.(io.WriterTo)
	fmt.Println(closed, nop.Close(), hasWriterTo)
	p := &patch{[]byte("..........")}
	ow := io.NewOffsetWriter(p, 2)
	ow.Write([]byte("ab"))
	ow.WriteAt([]byte("z"), 5)
	fmt.Println(ow.Seek(1, io.SeekCurrent))
	fmt.Println(string(p.data))
}
