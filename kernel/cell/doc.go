// Package cell is the front end of the evaluation of Go cells: it cuts a cell into imports, declarations and statements,
// checks it with go/types together with what earlier cells declared, and lowers it to Go that the interpreter runs well.
//
// # Decisions
//
// 2026-11-26, what lowering is: text is written from the typed syntax, one emitter a function, since substituting type parameters,
// renaming and temporaries are then nothing special. The text has no names of types but those of structs, no methods, no generics
// and no interfaces of cells: methods are functions whose first parameter is the receiver, and an interface is interface{}. What a
// value is, it knows at run time (package rtype of the session). A cell is two texts, what it declares and what it does, since the
// interpreter keeps a text as long as anything that it declares.
//
// 2026-11-26, redefinition: nothing is replaced in the interpreter. A new version of a name gets a name of its own there, functions
// and methods that refer to it are lowered again, and what still holds the old version keeps it. So an old value has its old
// methods, and a cell that fails leaves nothing behind.
//
// 2026-11-26, calls through interfaces: a function of the text for each name and signature of a method compares the number of the
// value's type and calls the method as a function (dispatch.go). The runtime's own way, by reflection, took twice as long, and is
// left for types that appear later and methods that are declared again.
//
// 2026-11-26, interrupts: functions and loops look at a variable. Loops that count and only compute look every 1,024 rounds
// (counting.go); looking in each took a seventh of their time. To stop the interpreter as a whole would end the goroutines of
// other cells.
//
// 2026-11-26, the seam for a compiled tier: declarations are kept as typed syntax with their bodies (entity.fn, method.fn), in which
// go/types has resolved every name; a function is swapped for another one by giving its entity another name in the text
// (entity.emit) and lowering what calls it again, as a redefinition does (Checked.relower); and each statement of a cell, loops
// first of all, already is a function without parameters whose free variables are the session's (lowerer.stepFunc), so a loop is
// outlined before it runs. What such a tier adds is a choice in lowerer.entity and stepFunc, and symbols to call.
//
// 2026-11-26, operators on values with methods for them: x*w + b and x[i, a:b] become calls of methods (type operators has the
// table). What has operators is told by its methods, not by its package: this package knows no tensors, and a type of a cell can
// have operators too. Rewriting is by type, so it stands between two checks; only what go/types refused is looked at, hence Go keeps
// its meaning and cells without such operators pay nothing. The calls stand in the tree that later checks and the lowering see.
// Positions are those of the expression, messages are put back into its spelling, and Plain writes the cell as Go.
//
// 2026-11-26, several indices: go/parser reads x[i, j] only where j looks like a type. A cell that does not parse is read again with
// ][ in place of the commas between indices, line directives keeping the positions, and the check refuses what has no such index.
//
// 2026-11-26, mistakes: go/parser's first error in an item is told, in words that a table of rules finds from the tokens around it
// (syntax.go); go/types' errors are told all, with a hint where a table finds one by their text (hints.go). Texts of go/types change
// with Go's versions: a hint is then missing, and the tests of mistakes say so.
//
// 2026-11-26, comparisons of such values stay errors: == of pointers has a meaning in Go, and < beside it must not have another.
package cell
