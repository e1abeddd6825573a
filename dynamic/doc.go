// Package dynamic turns a graph that was run into a graph that stands still:
// it records what a function did on eager tensors, as a Graph of ops with
// shapes, dtypes, cells and lines, and can run, print and export it.
//
// Record runs a function once and keeps its tape. A Graph knows, beside its
// nodes, the decisions of the run: the places where Go code read a tensor's
// value and may have chosen its way by it. Exporting resolves them or fails
// with the line; nothing is baked in silently.
//
// # Decisions
//
// 2026-11-23. A free batch axis is found by running the function a second time
// with one more row and comparing the two tapes, rather than by symbolic shape
// rules: it needs nothing from the ops, and it also uncovers what a single run
// hides, such as a branch on a size, or random numbers drawn inside the function.
//
// 2026-11-23. A decision counts only when the value that was read depends on an
// input. Reading a parameter or a constant gives the same answer at every run,
// so nothing is lost by keeping its consequence.
package dynamic
