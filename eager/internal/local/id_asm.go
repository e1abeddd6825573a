//go:build amd64 || arm64

package local

// ID is the identity of the running goroutine: the address of its g, which does not move while the goroutine lives.
func ID() uintptr
