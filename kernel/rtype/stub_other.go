//go:build !amd64 && !arm64

package rtype

const stride = 0

func stubs() uintptr { return 0 }
