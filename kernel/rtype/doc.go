// Package rtype makes types while the program runs: types with a name, a package and methods that are functions, which
// reflect, type assertions and every compiled package take for types that the compiler made.
//
// reflect can make types without a name and without methods. What a cell declares has both, and compiled code looks for
// them: fmt for String, encoding/json for MarshalJSON, errors.As for the type itself.
//
// # Decisions
//
// 2026-11-26: types are laid out in memory as the compiler lays them out, and calls of their methods reach Go functions
// through a table of stubs in assembly, which jump to what reflect.MakeFunc made. The other way, structs that stand in for a
// value and forward the methods known when the tables of the standard library were made, hid a type's name, everything
// inside of slices, maps and fields, and every interface that a package asks for by assertion. The price is a dependence on
// the layout of internal/abi, which Supported checks when the kernel starts and a test holds to the Go release; names and
// methods are registered by reflect.addReflectOff, which the runtime keeps open for such packages. Types are never freed,
// since the runtime's tables of methods refer to them: about a kilobyte each.
package rtype
