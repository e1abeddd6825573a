//go:build !race

package session_test

// racing tells that the race detector watches.
const racing = false
