// Package lift makes a static program of a Go function over tensors, from the function's text: its ifs and loops on
// tensors' values become If and Loop, sizes stay symbols, and what cannot be static is refused with its line. Nothing that
// the input decides is fixed silently.
//
//	p, err := lift.Lift(lift.Source{File: "net.go", Text: text, Func: "forward", Values: map[string]any{"net": net}},
//		[]lift.Input{{X: x, Axes: []string{"N"}}})
//
// A Program can be run, printed, and written as ONNX (package dynamic/onnx).
//
// # What is lifted
//
// Assignments, if, for, range over ints and slices, switch, break, continue with labels, return anywhere, calls of the
// text's functions, methods and closures; variables of *eager.Tensor, int, float64, float32, bool, slices, arrays and
// structs of these; reading a tensor by Item, Bool, At, Values, Ints, and its sizes by Dim, Shape, Size; package math;
// the methods and functions of package eager, and modules such as those of eager/nn that are called with tensors. The
// operators of cells on tensors have their meaning.
//
// Functions of cells are lifted by their names (Function), with what other cells declared. Of the notation of cells,
// several indices in one pair of brackets are not read.
//
// What cannot be seen: a compiled method that chooses its ops by a size, beyond what two samples show. Program.Check runs
// the program beside the function on inputs of many sizes and says so.
//
// # Decisions
//
// 2026-11-26. The function is carried out on its syntax tree, with values of the program in place of what is not known
// before it runs; what is known is computed. No types are needed: the values have them, as Go would. It works on the text
// of a cell, a file or a string alike, and whatever a compiled module does comes by a trace.
//
// 2026-11-26. A compiled method is run on samples of two sizes. What differs between the two runs is made for a size: it
// becomes an expression of sizes or is refused. So sizes need no rules beside those that the ops have.
//
// 2026-11-26. Leaving early is a number: 0 goes on, 1 returns, others break and continue. What follows a statement that may
// leave is an If on that number; after an if one of whose ways always leaves, what follows becomes part of the other way.
// The program grows with the text, not with the number of paths.
//
// 2026-11-26. A loop carries what its body changes. The body is carried out until its variables have settled: what changes
// its size from round to round gets a symbol for it. A slice that grows is one tensor with its elements stacked.
//
// 2026-11-26. A loop whose number of rounds is known is written out, up to 64 rounds; so it may choose among captured modules.
package lift
