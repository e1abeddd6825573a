// Error chains: wrapping, joining, sentinel values, own error types, and walking the tree.

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

var (
	errNotFound = errors.New("not found")
	errDenied   = errors.New("permission denied")
	errTimeout  = &timeout{"dial", 3}
)

// A fieldError names the field that was wrong, and wraps why.
type fieldError struct {
	Field string
	Err   error
}

func (e *fieldError) Error() string { return e.Field + ": " + e.Err.Error() }
func (e *fieldError) Unwrap() error { return e.Err }

// A timeout is the same as any other timeout of its operation.
type timeout struct {
	op      string
	seconds int
}

func (t *timeout) Error() string   { return fmt.Sprintf("%s: no answer after %ds", t.op, t.seconds) }
func (t *timeout) Temporary() bool { return true }
func (t *timeout) Is(target error) bool {
	other, ok := target.(*timeout)
	return ok && other.op == t.op
}

// status can be seen as a code by errors.As.
type status struct{ code int }
type code int

func (c code) Error() string   { return "code " + strconv.Itoa(int(c)) }
func (s status) Error() string { return "status " + strconv.Itoa(s.code) }
func (s status) As(target any) bool {
	if c, ok := target.(*code); ok {
		*c = code(s.code)
		return true
	}
	return false
}

type problems []error

func (p problems) Error() string {
	texts := make([]string, len(p))
	for i, e := range p {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "; ")
}
func (p problems) Unwrap() []error { return p }

func validate(form map[string]string) error {
	var found problems
	if form["name"] == "" {
		found = append(found, &fieldError{"name", errNotFound})
	}
	if _, err := strconv.Atoi(form["age"]); err != nil {
		found = append(found, &fieldError{"age", err})
	}
	if form["role"] == "root" {
		found = append(found, &fieldError{"role", fmt.Errorf("%w for %q", errDenied, form["role"])})
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

// leaves collects the errors at the ends of the tree.
func leaves(err error) []string {
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		var all []string
		for _, inner := range e.Unwrap() {
			all = append(all, leaves(inner)...)
		}
		return all
	case interface{ Unwrap() error }:
		return leaves(e.Unwrap())
	}
	return []string{fmt.Sprintf("%T", err)}
}

func mayReturnNil(fail bool) error {
	var e *fieldError
	if fail {
		e = &fieldError{"x", errDenied}
		return e
	}
	return nil
}

func typedNil() error {
	var e *fieldError
	return e // not nil: it has a type
}

func retry(n int, f func(int) error) (err error) {
	for i := range n {
		if err = f(i); err == nil {
			return nil
		}
		var temporary interface{ Temporary() bool }
		if !errors.As(err, &temporary) || !temporary.Temporary() {
			return fmt.Errorf("giving up after %d: %w", i+1, err)
		}
	}
	return fmt.Errorf("still failing: %w", err)
}

func main() {
	err := fmt.Errorf("loading user %d: %w", 7, &fieldError{"id", errNotFound})
	fmt.Println(err)
	fmt.Println(errors.Is(err, errNotFound), errors.Is(err, errDenied), errors.Unwrap(err) == errNotFound)
	var field *fieldError
	if errors.As(err, &field) {
		fmt.Println("field", field.Field, "because", field.Err)
	}

	err = validate(map[string]string{"age": "12x", "role": "root"})
	fmt.Println(err)
	fmt.Println(errors.Is(err, errNotFound), errors.Is(err, errDenied), errors.Is(err, strconv.ErrSyntax), errors.Is(err, strconv.ErrRange))
	var number *strconv.NumError
	fmt.Println(errors.As(err, &number), number.Func, number.Num)
	fmt.Println(leaves(err))
	fmt.Println(validate(map[string]string{"name": "Ann", "age": "30"}))

	joined := errors.Join(nil, errNotFound, nil, fmt.Errorf("second: %w", errTimeout))
	fmt.Printf("%q\n", joined.Error())
	fmt.Println(errors.Is(joined, &timeout{op: "dial"}), errors.Is(joined, &timeout{op: "read"}), errors.Join(nil, nil) == nil)
	both := fmt.Errorf("%w and %w, but not %v", errNotFound, io.EOF, errDenied)
	fmt.Println(both, errors.Is(both, io.EOF), errors.Is(both, errDenied), errors.Unwrap(both))

	var c code
	fmt.Println(errors.As(fmt.Errorf("http: %w", status{404}), &c), c, int(c))
	fmt.Println(errors.As(errNotFound, &c), errors.Is(status{1}, status{1}), errors.Is(status{1}, status{2}))

	fmt.Println(mayReturnNil(false) == nil, mayReturnNil(true) == nil, typedNil() == nil)
	fmt.Println(retry(3, func(i int) error {
		if i < 2 {
			return errTimeout
		}
		return nil
	}))
	fmt.Println(retry(3, func(i int) error {
		if i == 1 {
			return status{500}
		}
		return fmt.Errorf("try %d: %w", i, errTimeout)
	}))
	fmt.Println(retry(2, func(i int) error { return errTimeout }))

	_, err = os.Open("/no/such/file")
	var path *fs.PathError
	fmt.Println(errors.Is(err, fs.ErrNotExist), errors.As(err, &path), path.Op, path.Path)
	_, err = strconv.ParseInt("99999999999999999999", 10, 64)
	fmt.Println(err, errors.Is(err, strconv.ErrRange))
	_, err = io.ReadFull(strings.NewReader("ab"), make([]byte, 3))
	fmt.Println(err, err == io.ErrUnexpectedEOF)
	fmt.Printf("%v %s %q %T %T\n", errNotFound, errTimeout, status{2}, err, joined)
	fmt.Println(errors.New("same") == errors.New("same"), fmt.Errorf("plain %d", 1))
}
