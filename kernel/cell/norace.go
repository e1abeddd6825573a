//go:build !race

package cell

// racing tells a program that is watched by the race detector: there the lines of functions are noted by the runtime.
const racing = false
