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
package session
