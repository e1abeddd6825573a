// Package plain writes a notebook as a plain Go program: one that the Go compiler builds and that prints what the
// notebook printed.
//
// Cells become sections. What they declare is at package level; what they do is in main, in their order, or in a function of
// its own for a cell that defers calls, ends early or fails on purpose. A variable that only main uses is main's. The text is
// the author's, comments and layout too; what changes is a name here and there, := where the variable is already there, and
// the last expression of a cell, which is printed.
//
// # Decisions
//
// 2026-11-26: The text of a cell is edited and not printed from its syntax tree, so that comments and layout stay. What a name
// means comes from kernel/cell, which reads the cells as a session does.
//
// 2026-11-26: A name that a later cell declares anew has a version for each meaning (x, x2). Where functions of earlier cells
// call the newest version of a function or method, as they do in a session, a function of that name chooses the version by the
// cell that runs. A variable that is declared again with the same type is the same variable.
//
// 2026-11-26: Numbers, strings and what prints itself are printed with fmt.Println, whatever else is a last expression by a
// function show, which the program brings along where it needs it: it prints what the kernel shows. Only a string of more than
// 20,000 bytes differs: the kernel cuts it, for the eye, and a program does not.
//
// 2026-11-26: A cell that fails on purpose stays, in a function that recovers, for later cells may use what it did before; only
// one that does not compile is left out. os.Exit(0) and runtime.Goexit at the top of a cell end the cell, as in a session; in a
// function they do what they do everywhere in Go.
//
// 2026-11-26: A method String that was declared after values were printed without it prints them as before until its cell is
// reached. Other methods are there from the start: an assertion to an interface succeeds earlier than in the notebook.
package plain
