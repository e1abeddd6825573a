//go:build !race

package plain_test

// racing tells that the race detector watches.
const racing = false
