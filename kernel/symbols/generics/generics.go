// Package generics has what the generic functions of the standard library do inside of the runtime: cells have those functions
// from source, which calls this. Values are passed as any, with the types that cells give them.
package generics

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"hash"
	"hash/maphash"
	"runtime"
	"unique"
	"unsafe"
	"weak"
)

// Hash is the hash of a comparable value (maphash.Comparable). It panics if v cannot be compared.
func Hash(seed maphash.Seed, v any) uint64 { return maphash.Comparable(seed, v) }

// WriteHash adds a comparable value to a hash (maphash.WriteComparable).
func WriteHash(h *maphash.Hash, v any) { maphash.WriteComparable(h, v) }

// Handle is a comparable value of which there is one copy (unique.Handle).
type Handle struct{ h unique.Handle[any] }

// Unique is the handle of a value: equal values have equal handles.
func Unique(v any) Handle { return Handle{unique.Make(v)} }

// Value is the value of the handle.
func (h Handle) Value() any { return h.h.Value() }

// Weak is a pointer that does not keep what it points to (weak.Pointer).
type Weak struct{ p weak.Pointer[byte] }

// NewWeak makes a weak pointer of p.
func NewWeak(p unsafe.Pointer) Weak { return Weak{weak.Make((*byte)(p))} }

// Pointer is nil once what the weak pointer points to is gone.
func (w Weak) Pointer() unsafe.Pointer { return unsafe.Pointer(w.p.Value()) }

// AddCleanup has f called some time after nothing points to what p points to (runtime.AddCleanup).
func AddCleanup(p unsafe.Pointer, f func()) runtime.Cleanup {
	return runtime.AddCleanup((*byte)(p), func(f func()) { f() }, f)
}

// Extract is hkdf.Extract.
func Extract(h func() hash.Hash, secret, salt []byte) ([]byte, error) {
	return hkdf.Extract(h, secret, salt)
}

// Expand is hkdf.Expand.
func Expand(h func() hash.Hash, key []byte, info string, n int) ([]byte, error) {
	return hkdf.Expand(h, key, info, n)
}

// Password is pbkdf2.Key.
func Password(h func() hash.Hash, password string, salt []byte, iterations, n int) ([]byte, error) {
	return pbkdf2.Key(h, password, salt, iterations, n)
}
