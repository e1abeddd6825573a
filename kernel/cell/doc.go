// Package cell is the front end of the evaluation of Go cells: it cuts a cell into imports, declarations and statements,
// checks it with go/types together with what earlier cells declared, and lowers it to Go that the interpreter runs well.
package cell
