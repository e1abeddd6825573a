// Package graph draws a recorded graph as SVG: layers from top to bottom, one
// box an op, with its shape, its parameters, and the cell and line that ran it.
//
// # Decisions
//
// 2026-11-23. The layout is our own (layers by longest path, order by
// barycentres, places by averaging) rather than graphviz's: a notebook must
// draw without a program being installed, and a tape is already in
// topological order, which leaves little to solve. Parameters are written
// inside the boxes that use them: as boxes of their own they double the
// drawing and say nothing about the flow.
package graph
