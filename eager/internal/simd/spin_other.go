//go:build !amd64

package simd

//go:noinline
func pause(n int) {
	for range 16 * n {
	}
}
