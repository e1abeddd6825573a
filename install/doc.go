// Package install puts Tapir and what it works with on a machine: the cache directory, private Python environments
// of pinned packages, and the kernelspec by which Jupyter finds the kernel.
//
// Nothing is written outside the cache directory and the place that the user names, and nothing is half done: an
// environment counts only once its last step has left a mark, and files appear under their names when they are whole.
//
// # Decisions
//
// 2026-11-23: Requirement lists are complete and pinned (name==version for every package, dependencies included) and
// are installed with pip's --no-deps. Nothing is resolved on the user's machine, so every machine gets the same
// versions, and a release of somebody else's package cannot break a first start. Markers name the few packages that
// only macOS or Windows needs. A test asks pip to check that the lists are complete.
//
// 2026-11-23: An environment lives in a directory named after the set and a hash of its list. A new list makes a new
// environment beside the old one; whoever still runs the old one is not disturbed.
//
// 2026-11-23: Files are locked with flock or LockFileEx and not by the existence of a lock file, so that a process that was
// killed leaves nothing locked.
package install
