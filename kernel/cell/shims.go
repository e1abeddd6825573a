package cell

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
func Grow[S ~[]E, E any](s S, n int) S { if n < 0 { panic("cannot be negative") }; if n -= cap(s) - len(s); n > 0 { s = append(s[:cap(s)], make([]E, n)...)[:len(s)] }; return s }
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
	return func() (K, V, bool) { y, ok := n(); if !ok { var none K; return none, y, false }; return k, y, true }, s
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
func TypeAssert[T any](v r.Value) (T, bool) { x, ok := v.Interface().(T); return x, ok }
`,
	"errors": `package errors
import e "errors"
func AsType[E error](err error) (E, bool) { var x E; if e.As(err, &x) { return x, true }; var z E; return z, false }
`,
	"math/rand/v2": `package rand
import r "math/rand/v2"
func N[I interface{ ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr }](n I) I { if n <= 0 { panic("invalid argument to N") }; return I(r.Uint64N(uint64(n))) }
`,
	"unique": `package unique
import g "github.com/tapir-go/tapir/kernel/symbols/generics"
type Handle[T comparable] struct { h g.Handle }
func Make[T comparable](v T) Handle[T] { return Handle[T]{g.Unique(v)} }
func (h Handle[T]) Value() T { return h.h.Value().(T) }
`,
	"hash/maphash": `package maphash
import m "hash/maphash"
import g "github.com/tapir-go/tapir/kernel/symbols/generics"
func Comparable[T comparable](seed m.Seed, v T) uint64 { return g.Hash(seed, v) }
func WriteComparable[T comparable](h *m.Hash, v T) { g.WriteHash(h, v) }
`,
	"weak": `package weak
import "unsafe"
import g "github.com/tapir-go/tapir/kernel/symbols/generics"
type Pointer[T any] struct { w g.Weak }
func Make[T any](p *T) Pointer[T] { return Pointer[T]{g.NewWeak(unsafe.Pointer(p))} }
func (p Pointer[T]) Value() *T { return (*T)(p.w.Pointer()) }
`,
	"runtime": `package runtime
import "unsafe"
import r "runtime"
import g "github.com/tapir-go/tapir/kernel/symbols/generics"
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) r.Cleanup { return g.AddCleanup(unsafe.Pointer(ptr), func() { cleanup(arg) }) }
`,
	"crypto/hkdf": `package hkdf
import "hash"
import g "github.com/tapir-go/tapir/kernel/symbols/generics"
func Extract[H hash.Hash](h func() H, secret, salt []byte) ([]byte, error) { return g.Extract(func() hash.Hash { return h() }, secret, salt) }
func Expand[H hash.Hash](h func() H, key []byte, info string, n int) ([]byte, error) { return g.Expand(func() hash.Hash { return h() }, key, info, n) }
func Key[H hash.Hash](h func() H, secret, salt []byte, info string, n int) ([]byte, error) { k, err := Extract(h, secret, salt); if err != nil { return nil, err }; return Expand(h, k, info, n) }
`,
	"crypto/pbkdf2": `package pbkdf2
import "hash"
import g "github.com/tapir-go/tapir/kernel/symbols/generics"
func Key[H hash.Hash](h func() H, password string, salt []byte, iter, n int) ([]byte, error) { return g.Password(func() hash.Hash { return h() }, password, salt, iter, n) }
`,
	"database/sql": `package sql
import "database/sql/driver"
import "fmt"
import r "reflect"
type Null[T any] struct { V T; Valid bool }
func (n *Null[T]) Scan(value any) error {
	var z T
	n.V, n.Valid = z, false
	if value == nil { return nil }
	to, from := r.ValueOf(&n.V).Elem(), r.ValueOf(value)
	if !from.Type().ConvertibleTo(to.Type()) || (from.Kind() == r.String) != (to.Kind() == r.String) && to.Kind() != r.Slice && from.Kind() != r.Slice { return fmt.Errorf("unsupported Scan, storing %T into %T", value, &n.V) }
	to.Set(from.Convert(to.Type()))
	n.Valid = true
	return nil
}
func (n Null[T]) Value() (driver.Value, error) { if !n.Valid { return nil, nil }; return n.V, nil }
`,
}
