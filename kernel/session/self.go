//go:build amd64 || arm64

package session

// self is the calling goroutine.
func self() *goroutine
