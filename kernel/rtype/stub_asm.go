//go:build amd64 || arm64

package rtype

// stubText is where the stubs are, one after the other; it is not called.
func stubText()

var _ = stubText

// stubs is the address of the first stub.
func stubs() uintptr
