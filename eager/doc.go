// Package eager is the define-by-run tensor engine: call an op, get its value at once, and ask for gradients of whatever ran.
//
//	x := eager.New([]float64{1, 2, 3, 4}, 2, 2)
//	w := eager.Param("w", eager.Eye(2))
//	loss := x.MatMul(w).Tanh().Square().Mean()
//	g := eager.Grad(loss, w)[0] // (2,2)
//
// An op is a method on its first operand; a function makes a tensor or joins several. Axes are counted from 0, or from the end
// by negative numbers. A reduction keeps the axes that it folds with size 1, so that its result broadcasts against what it came
// from; without axes it folds everything to a scalar of shape (). Shapes broadcast as in NumPy. Operands of different kinds of
// numbers are brought to the higher of bool, u8, i64, f32, f64 by elementwise ops; the others want one kind.
//
// Tensors do not change, but for leaves through Assign. Views (T, Transpose, Slice, Expand, Detach, and Reshape of a tensor
// whose numbers lie row by row) share numbers with what they were made from.
//
// Misuse panics with *Error, which says what was given and what is wanted. Try turns that into an error.
//
// Ops may run in any number of goroutines at once; two goroutines must not use a tensor while one of them Assigns to it. NoGrad,
// Scope and Trace hold for the goroutine that calls them.
package eager
