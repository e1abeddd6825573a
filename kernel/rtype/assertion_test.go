package rtype_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/tapir-go/tapir/kernel/rtype"
)

func TestAssertionErrorsReadAsThoseOfTheRuntime(t *testing.T) {
	for _, c := range []struct {
		from, have, want, missing string
		fail                      func()
	}{
		{"interface {}", "", "int", "", func() { var x any; _ = x.(int) }},
		{"interface {}", "string", "int", "", func() { var x any = "s"; _ = x.(int) }},
		{"io.Reader", "", "*io.PipeReader", "", func() { var x io.Reader; _ = x.(*io.PipeReader) }},
		{"", "", "io.Reader", "", func() { var x any; _ = x.(io.Reader) }},
		{"interface {}", "string", "io.Reader", "Read", func() { var x any = "s"; _ = x.(io.Reader) }},
		{"interface {}", "rtype_test.T", "rtype_test.T", "", func() {
			type T int
			x := func() any { type T int; return T(1) }()
			_ = x.(T)
		}},
	} {
		want := func() (r any) {
			defer func() { r = recover() }()
			c.fail()
			return nil
		}()
		if got := rtype.AssertionError(c.from, c.have, c.want, c.missing); fmt.Sprintf("%T %v", got, got) != fmt.Sprintf("%T %v", want, want) {
			t.Errorf("%T %v, want %T %v", got, got, want, want)
		}
	}
}
