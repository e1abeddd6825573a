// Package pool lends memory for tensors: big blocks from size-class free lists off the Go heap, small ones from the collector.
//
// A block of 64 KiB or more comes from a last-in-first-out list of its size class, so that what was just freed, and is
// still in the cache, is lent again. It goes back by Free, at once, or with Track, when the collector finds that nobody
// can reach its owner any more. Since the collector does not see these blocks, a count of tracked bytes hurries it.
// Smaller blocks are ordinary Go memory.
//
// Contents of a new block are undefined. The memory of a tracked block lives as long as its owner, not as long as a
// slice of it: who computes on such a slice ends with runtime.KeepAlive(owner).
//
// With TAPIR_POISON=1 in the environment every block is filled with NaN when it is freed and when it is lent, and
// writing to a freed block is found, with a panic, when that memory is lent again.
//
// # Decisions
//
// 2026-11-23: off the Go heap. On it, pooled blocks count as live, the collector's goal doubles with them and the
// cleanups that would return them come too late: 19 GB instead of 1 GB in the trial of 1000 blocks of 1 MiB a step.
//
// 2026-11-23: cleanups only from 64 KiB. One costs 265 ns and two allocations, more than a small block is worth.
//
// 2026-11-26: 32 MiB of room between two collections, and no sleep while their cleanups run. An add of 65,536 numbers in a
// plain loop took 64 us with 48 MiB and sleeps, and takes 16 us; 2 MiB make it 33 us, since the calls cost more than they save.
//
// 2026-11-23: golang.org/x/sys/unix for mmap and madvise instead of package syscall, which is frozen and lacks
// MADV_HUGEPAGE. Huge pages make the first touch of new memory four times cheaper.
package pool
