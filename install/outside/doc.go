// Package outside gets tests the programs that are not Go: Python with pinned packages, a browser, and the tapir command itself.
//
// Without a network a test that needs such a program skips and says why; where CI=true is set it fails instead, so
// that a run that counts leaves nothing out.
//
// # Decisions
//
// 2026-11-23: The browser is the one in PATH, else Debian's chromium package, whose version is Debian's; it is named in the
// test's log. A browser cannot be pinned: Debian keeps only the newest of each release, for its security.
//
// 2026-11-23: What is made is kept in the cache directory and shared by all test processes, under a lock; the tapir command is
// built by the go command, which does nothing when it is up to date.
package outside
