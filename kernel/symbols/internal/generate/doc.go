// Package generate writes the tables of kernel/symbols: for each package that a cell may import its symbols in the
// interpreter's form, its export data for go/types, and its documentation.
package generate
