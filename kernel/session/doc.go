// Package session evaluates the cells of a notebook: one interpreter for the life of a kernel, cells that keep their variables,
// output that goes to the cell that wrote it, interrupts, and one Failure value for whatever goes wrong.
package session
