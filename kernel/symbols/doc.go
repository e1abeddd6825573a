// Package symbols holds what a cell may import: for each package of the standard library and of this module its symbols for the
// interpreter, its export data for go/types, and its documentation. It is the bridge between the kernel and the engine.
package symbols

//go:generate go run gen.go
