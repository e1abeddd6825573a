package simd

// pause is at least one PAUSE.
//
//go:noescape
func pause(n int)
