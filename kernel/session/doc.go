// Package session evaluates the cells of a notebook: one interpreter for the life of a kernel, cells that keep their variables,
// output that goes to the cell that wrote it, interrupts, and one Failure value for whatever goes wrong.
//
// # Decisions
//
// 2026-11-26, types at run time: the interpreter has values without the names and methods of their types, and structs with other
// fields. Where a value goes into an interface it gets the type that its author declared, made by package rtype with the same
// layout, and loses it when it comes back: only the type word of the interface changes. So fmt, reflect, encoding/json, errors.As
// and whatever else is compiled sees what it would see in a compiled program, inside of slices, maps and fields too. A type that
// gets a method later is made anew, with all that mention it, since the runtime keeps what it once found out about a type; values
// that already are in interfaces count as both.
//
// 2026-11-26, whose goroutine it is: goroutines hand their profiler labels on to those that they start, compiled code's too, so the
// labels name the run of a cell; within a run a goroutine is told by its address, which two lines of assembly read (self). That address
// also gives the bounds of its stack and the panic under way (goroutine.go, held by a test and a trial at run time): endless recursion
// is told by the stack of the goroutine itself, and a panic of a goroutine that compiled code started, which nothing of ours
// surrounds, is reported and ended by runtime.Goexit where the interpreter unwinds its innermost function. Wrapping every function
// that is handed to compiled code would cost each call.
//
// 2026-11-26, how a goroutine leaves: by a panic where its stack is shallow, since the interpreter then tells its functions; by
// runtime.Goexit where it is deep, since the interpreter panics anew in each function and the runtime looks through the whole stack
// each time. Only goroutines of the cell that is stopped leave. What they defer has a second.
//
// 2026-11-26, waits: those of package sync cannot be ended, and a helper goroutine that waits in their place would stay. Cells wait in
// queues of the session for the real locks (lock.go). Pipes, commands and requests are ended by closing, killing and their context.
// Whatever else blocks in compiled code is left behind after three seconds, and leaves when the call returns.
package session
