package pool

import "golang.org/x/sys/unix"

// advise asks for huge pages. A kernel without them says no, and that is no matter.
func advise(b []byte) { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }

// discard gives the pages of b back; they read as zeros afterwards.
func discard(b []byte) { _ = unix.Madvise(b, unix.MADV_DONTNEED) }
