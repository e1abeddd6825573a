//go:build yaegi

package gotree_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib"
	"github.com/traefik/yaegi/stdlib/unsafe"
)

// aloneEnv names the program that a process is to run with the interpreter alone.
const aloneEnv = "TAPIR_YAEGI_PROGRAM"

func init() {
	f := os.Getenv(aloneEnv)
	if f == "" {
		return
	}
	text, err := os.ReadFile(f)
	if err == nil {
		in := interp.New(interp.Options{})
		if err = in.Use(stdlib.Symbols); err == nil {
			if err = in.Use(unsafe.Symbols); err == nil {
				_, err = in.Eval(string(text))
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// TestAlone gives the programs that do not pass to the interpreter alone: what that passes is to pass here too.
// It has a build tag because the interpreter's own tables of the standard library take a minute to compile.
func TestAlone(t *testing.T) {
	dir := tree(t)
	l, err := readList(listFile)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range programs(t, dir) {
		if l.lists(n) {
			names = append(names, n)
		}
	}
	clear(l.yaegi)
	for n, v := range tryAll(dir, names, aloneEnv) {
		if v.reason == "" {
			l.yaegi[n] = "passes"
			if l.fail[n] != "" {
				t.Logf("%s passes with the interpreter alone; here: %s", n, l.fail[n])
			}
		}
	}
	if *update {
		if err := os.WriteFile(listFile, []byte(l.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
