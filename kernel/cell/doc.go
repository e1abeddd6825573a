// Package cell is the front end of the evaluation of Go cells: it cuts a cell into imports, declarations and statements,
// checks it with go/types together with what earlier cells declared, and lowers it to Go that the interpreter runs well.
//
// # Decisions
//
// 2026-11-24, operators on values with methods for them: x*w + b and x[i, a:b] become calls of methods (type operators has the
// table). What has operators is told by its methods, not by its package: this package knows no tensors, and a type of a cell can
// have operators too. Rewriting is by type, so it stands between two checks; only what go/types refused is looked at, hence Go keeps
// its meaning and cells without such operators pay nothing. The calls stand in the tree that later checks and the lowering see.
// Positions are those of the expression, messages are put back into its spelling, and Plain writes the cell as Go.
//
// 2026-11-24, several indices: go/parser reads x[i, j] only where j looks like a type. A cell that does not parse is read again with
// ][ in place of the commas between indices, line directives keeping the positions, and the check refuses what has no such index.
//
// 2026-11-24, comparisons of such values stay errors: == of pointers has a meaning in Go, and < beside it must not have another.
package cell
