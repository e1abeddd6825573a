// Buffered reading: scanners with own split functions, readers that peek, lines that are too long.

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing/iotest"
	"unicode"
	"unicode/utf8"
)

// onComma splits at commas; the last piece counts even when it is empty.
func onComma(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, ','); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF {
		return len(data), data, bufio.ErrFinalToken
	}
	return 0, nil, nil
}

// netstrings are written as length, colon, bytes, comma.
func netstrings(data []byte, atEOF bool) (int, []byte, error) {
	colon := bytes.IndexByte(data, ':')
	if colon < 0 {
		if atEOF && len(data) > 0 {
			return 0, nil, fmt.Errorf("no colon in %q", data)
		}
		return 0, nil, nil
	}
	n, err := strconv.Atoi(string(data[:colon]))
	if err != nil {
		return 0, nil, err
	}
	end := colon + 1 + n
	switch {
	case len(data) > end && data[end] != ',':
		return 0, nil, errors.New("no comma after the bytes")
	case len(data) > end:
		return end + 1, data[colon+1 : end], nil
	case atEOF:
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}

// tokens are words, numbers, and single marks.
func tokens(data []byte, atEOF bool) (int, []byte, error) {
	start := 0
	for start < len(data) && unicode.IsSpace(rune(data[start])) {
		start++
	}
	if start == len(data) {
		return start, nil, nil
	}
	class := func(r rune) int {
		switch {
		case unicode.IsLetter(r):
			return 1
		case unicode.IsDigit(r):
			return 2
		}
		return 0
	}
	first, size := utf8.DecodeRune(data[start:])
	if class(first) == 0 {
		return start + size, data[start : start+size], nil
	}
	for i := start + size; i < len(data); {
		if !utf8.FullRune(data[i:]) && !atEOF {
			return start, nil, nil
		}
		r, n := utf8.DecodeRune(data[i:])
		if class(r) != class(first) {
			return i, data[start:i], nil
		}
		i += n
	}
	if atEOF {
		return len(data), data[start:], nil
	}
	return start, nil, nil
}

func scan(name string, r io.Reader, split bufio.SplitFunc) {
	s := bufio.NewScanner(r)
	s.Split(split)
	var parts []string
	for s.Scan() {
		parts = append(parts, s.Text())
	}
	fmt.Printf("%s %d %q %v\n", name, len(parts), parts, s.Err())
}

// numbered copies lines and counts them, by ReadString.
func numbered(r io.Reader, w io.Writer) (n int, err error) {
	in, out := bufio.NewReaderSize(r, 16), bufio.NewWriter(w)
	defer out.Flush()
	for {
		line, err := in.ReadString('\n')
		if line != "" {
			n++
			fmt.Fprintf(out, "%d:%s|", n, strings.TrimRight(line, "\r\n"))
		}
		if err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}

func main() {
	const text = "one two\r\nthree\n\nfour  é five"
	scan("lines", strings.NewReader(text), bufio.ScanLines)
	scan("words", iotest.OneByteReader(strings.NewReader(text)), bufio.ScanWords)
	scan("runes", strings.NewReader("aé\xff日"), bufio.ScanRunes)
	scan("bytes", strings.NewReader("é!"), bufio.ScanBytes)
	scan("comma", strings.NewReader("a,b,,c,"), onComma)
	scan("nets", iotest.HalfReader(strings.NewReader("5:hello,0:,3:a,b,")), netstrings)
	scan("nets", strings.NewReader("2:ab,3:x"), netstrings)
	scan("nets", strings.NewReader("x:ab,"), netstrings)
	scan("nets", strings.NewReader("1:ab,"), netstrings)
	scan("tokens", iotest.OneByteReader(strings.NewReader("größe42:=x1+ 3é")), tokens)
	scan("failing", io.MultiReader(strings.NewReader("good line\npart"), iotest.ErrReader(errors.New("cable cut"))), bufio.ScanLines)

	long := bufio.NewScanner(strings.NewReader("short\n" + strings.Repeat("x", 100)))
	long.Buffer(make([]byte, 0, 10), 20)
	for long.Scan() {
		fmt.Println(long.Text())
	}
	fmt.Println(long.Err(), long.Err() == bufio.ErrTooLong)

	var out strings.Builder
	n, err := numbered(strings.NewReader("first\nsecond line that is longer than the buffer\r\n\nlast"), &out)
	fmt.Println(n, err, out.String())

	r := bufio.NewReader(strings.NewReader("key=välue;rest"))
	ahead, _ := r.Peek(3)
	key, _ := r.ReadSlice('=')
	fmt.Printf("%s %s %d\n", ahead, key, r.Buffered())
	c, size, _ := r.ReadRune()
	c2, size2, _ := r.ReadRune()
	fmt.Println(string(c), size, string(c2), size2, r.UnreadRune(), r.UnreadRune())
	value, _ := r.ReadBytes(';')
	skipped, err := r.Discard(2)
	b, _ := r.ReadByte()
	fmt.Println(string(value), skipped, err, string(b), r.UnreadByte())
	rest, err := io.ReadAll(r)
	_, eof := r.ReadByte()
	fmt.Println(string(rest), err, eof)

	w := bufio.NewWriterSize(&out, 8)
	out.Reset()
	w.WriteString("abc")
	w.WriteRune('é')
	w.WriteByte('!')
	fmt.Print(out.Len(), " ", w.Buffered(), " ", w.Available(), " ", w.Size())
	w.WriteString("defgh")
	fmt.Println(" ", out.String(), w.Buffered(), w.Flush(), out.String())
	rw := bufio.NewReadWriter(bufio.NewReader(strings.NewReader("12 34")), w)
	var x, y int
	fmt.Fscan(rw, &x, &y)
	fmt.Fprint(rw, x+y)
	rw.Flush()
	line, more, err := bufio.NewReaderSize(strings.NewReader("0123456789abcdefXYZ\n"), 16).ReadLine()
	fmt.Println(out.String(), string(line), more, err)
}
