package cell

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
)

// twin is the source of the generic parts of a compiled package: the package's own, or ours where that uses internals.
func (w *World) twin(path string) (*pkgInfo, error) {
	if t := w.twins[path]; t != nil {
		return t, nil
	}
	fset := token.NewFileSet()
	var files []*ast.File
	own := map[string]bool{}
	parse := func(name, text string) error {
		f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("source of %s: %w", path, err)
		}
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil {
				own[fd.Name.Name] = true
			}
		}
		files = append(files, f)
		return nil
	}
	if text := shims[path]; text != "" {
		if err := parse(path+"/shim.go", text); err != nil {
			return nil, err
		}
	}
	if w.imp.lib != nil {
		for name, text := range w.imp.lib.Source(path) {
			f, err := parser.ParseFile(fset, path+"/"+name, text, parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("source of %s: %w", path, err)
			}
			kept := f.Decls[:0]
			for _, d := range f.Decls {
				if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil && own[fd.Name.Name] {
					continue
				}
				kept = append(kept, d)
			}
			f.Decls = kept
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no source of package %s: %w", path, errNoPackage)
	}
	info := newInfo()
	var first error
	conf := types.Config{Importer: w.imp, Sizes: types.SizesFor("gc", "amd64"), Error: func(err error) {
		if te, ok := err.(types.Error); ok && te.Soft {
			return
		}
		if first == nil {
			first = err
		}
	}}
	p, _ := conf.Check(path, fset, files, info)
	if first != nil {
		return nil, fmt.Errorf("source of %s: %w", path, first)
	}
	var decls []*ast.FuncDecl
	for _, f := range files {
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				decls = append(decls, fd)
			}
		}
	}
	l := &lowerer{src: map[*types.Package]*pkgInfo{}}
	t := l.add(p, info, fset, decls)
	t.twin = true
	w.twins[path] = t
	return t, nil
}

func (l *lowerer) twinOf(c *emitter, pos token.Pos, path, what string) *pkgInfo {
	t, err := l.w.twin(path)
	if err != nil {
		c.stop(pos, what+" is generic and cannot be used in a cell: "+err.Error(), "")
	}
	l.src[t.types] = t
	return t
}

// twinFunc is the function of a twin that stands for a generic function of a compiled package.
func (l *lowerer) twinFunc(c *emitter, pos token.Pos, f *types.Func) *types.Func {
	t := l.twinOf(c, pos, f.Pkg().Path(), f.FullName())
	g, ok := t.types.Scope().Lookup(f.Name()).(*types.Func)
	if !ok {
		c.stop(pos, f.FullName()+" is generic and cannot be used in a cell", "")
	}
	return g
}

// twinType is the type of a twin that stands for an instance of a generic type of a compiled package.
func (l *lowerer) twinType(c *emitter, n *types.Named) *types.Named {
	t := l.twinOf(c, token.NoPos, n.Obj().Pkg().Path(), n.String())
	o, ok := t.types.Scope().Lookup(n.Obj().Name()).(*types.TypeName)
	if !ok {
		c.stop(token.NoPos, n.String()+" is generic and cannot be used in a cell", "")
	}
	return instantiate(o.Type(), typeList(n.TypeArgs())).(*types.Named)
}

// twinMethod is the method of the twin of a generic type.
func (l *lowerer) twinMethod(c *emitter, n *types.Named, m *types.Func) (*types.Named, *types.Func) {
	t := l.twinType(c, n)
	o, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, t.Obj().Pkg(), m.Name())
	f, ok := o.(*types.Func)
	if !ok {
		c.stop(token.NoPos, n.String()+"."+m.Name()+" cannot be used in a cell", "")
	}
	return t, f
}

// shims are the generic parts of packages whose own source uses what only the compiler has.
var shims = map[string]string{
	"slices": `package slices
func overlaps[E any](a, b []E) bool {
	if len(a) == 0 || len(b) == 0 { return false }
	for i := range a { if &a[i] == &b[0] { return true } }
	for i := range b { if &b[i] == &a[0] { return true } }
	return false
}
func startIdx[E any](haystack, needle []E) int {
	p := &needle[0]
	for i := range haystack { if p == &haystack[i] { return i } }
	panic("needle not found")
}
func Clone[S ~[]E, E any](s S) S { if s == nil { return nil }; return append(S{}, s...) }
func Grow[S ~[]E, E any](s S, n int) S { if n < 0 { panic("cannot be negative") }; if n -= cap(s) - len(s); n > 0 { t := make(S, len(s), len(s)+n+cap(s)); copy(t, s); s = t }; return s }
func Concat[S ~[]E, E any](ss ...S) S { var r S; for _, s := range ss { r = append(r, s...) }; return r }
func Repeat[S ~[]E, E any](x S, count int) S { if count < 0 { panic("cannot be negative") }; r := make(S, 0, len(x)*count); for i := 0; i < count; i++ { r = append(r, x...) }; return r }
`,
	"iter": `package iter
import "iter"
func Pull[V any](seq iter.Seq[V]) (next func() (V, bool), stop func()) {
	want := make(chan bool); got := make(chan bool); var v V; started, done := false, false
	var pan any
	loop := func() { defer func() { pan = recover(); done = true; got <- false }(); if !<-want { return }; seq(func(x V) bool { v = x; got <- true; return <-want }) }
	next = func() (V, bool) { var zero V; if done { return zero, false }; if !started { started = true; go loop() }; want <- true; ok := <-got; if pan != nil { p := pan; pan = nil; panic(p) }; if !ok { return zero, false }; return v, true }
	stop = func() { if done { return }; if !started { done = true; return }; want <- false; <-got; if pan != nil { p := pan; pan = nil; panic(p) } }
	return next, stop
}
func Pull2[K, V any](seq iter.Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	var k K
	n, s := Pull(func(yield func(V) bool) { seq(func(x K, y V) bool { k = x; return yield(y) }) })
	return func() (K, V, bool) { y, ok := n(); return k, y, ok }, s
}
`,
	"maps": `package maps
import "iter"
func Keys[M ~map[K]V, K comparable, V any](m M) iter.Seq[K] { return func(yield func(K) bool) { for k := range m { if !yield(k) { return } } } }
func Values[M ~map[K]V, K comparable, V any](m M) iter.Seq[V] { return func(yield func(V) bool) { for _, v := range m { if !yield(v) { return } } } }
func All[M ~map[K]V, K comparable, V any](m M) iter.Seq2[K, V] { return func(yield func(K, V) bool) { for k, v := range m { if !yield(k, v) { return } } } }
func Insert[M ~map[K]V, K comparable, V any](m M, seq iter.Seq2[K, V]) { for k, v := range seq { m[k] = v } }
func Collect[K comparable, V any](seq iter.Seq2[K, V]) map[K]V { m := map[K]V{}; Insert(m, seq); return m }
func Equal[M1, M2 ~map[K]V, K, V comparable](a M1, b M2) bool { if len(a) != len(b) { return false }; for k, v := range a { if w, ok := b[k]; !ok || v != w { return false } }; return true }
func EqualFunc[M1 ~map[K]V1, M2 ~map[K]V2, K comparable, V1, V2 any](a M1, b M2, eq func(V1, V2) bool) bool { if len(a) != len(b) { return false }; for k, v := range a { if w, ok := b[k]; !ok || !eq(v, w) { return false } }; return true }
func Clone[M ~map[K]V, K comparable, V any](m M) M { if m == nil { return nil }; r := make(M, len(m)); for k, v := range m { r[k] = v }; return r }
func Copy[M1 ~map[K]V, M2 ~map[K]V, K comparable, V any](dst M1, src M2) { for k, v := range src { dst[k] = v } }
func DeleteFunc[M ~map[K]V, K comparable, V any](m M, del func(K, V) bool) { for k, v := range m { if del(k, v) { delete(m, k) } } }
`,
	"sync/atomic": `package atomic
import "sync"
type Pointer[T any] struct { mu sync.Mutex; p *T }
func (x *Pointer[T]) Load() *T { x.mu.Lock(); p := x.p; x.mu.Unlock(); return p }
func (x *Pointer[T]) Store(p *T) { x.mu.Lock(); x.p = p; x.mu.Unlock() }
func (x *Pointer[T]) Swap(p *T) *T { x.mu.Lock(); o := x.p; x.p = p; x.mu.Unlock(); return o }
func (x *Pointer[T]) CompareAndSwap(o, n *T) bool { x.mu.Lock(); same := x.p == o; if same { x.p = n }; x.mu.Unlock(); return same }
`,
	"sync": `package sync
import s "sync"
func OnceValue[T any](f func() T) func() T { var once s.Once; var v T; return func() T { once.Do(func() { v = f() }); return v } }
func OnceValues[A, B any](f func() (A, B)) func() (A, B) { var once s.Once; var a A; var b B; return func() (A, B) { once.Do(func() { a, b = f() }); return a, b } }
`,
	"reflect": `package reflect
import r "reflect"
func TypeFor[T any]() r.Type { var p *T; return r.TypeOf(p).Elem() }
`,
	"errors": `package errors
import e "errors"
func AsType[E error](err error) (E, bool) { for err != nil { if x, ok := err.(E); ok { return x, true }; err = e.Unwrap(err) }; var z E; return z, false }
`,
	"math/rand/v2": `package rand
import r "math/rand/v2"
func N[I interface{ ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr }](n I) I { if n <= 0 { panic("invalid argument to N") }; return I(r.Uint64N(uint64(n))) }
`,
}
