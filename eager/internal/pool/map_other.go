//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package pool

func mapMemory(n int) []byte { return make([]byte, n) }

func unmapMemory([]byte) {}

func discard([]byte) {}
