//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package pool

func advise([]byte) {}

func discard([]byte) {}
