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
// numbers are brought to the higher of bool, u8, i64, f32, f64 by elementwise ops; the others want one kind. A number of
// Go beside a tensor takes its kind: x+v is x.Shift(v), v-x is x.SubFrom(v), x*v is x.Scale(v), x/v is x.DivScalar(v), v/x is
// x.DivInto(v).
//
// Tensors do not change, but for leaves through Assign. Views (T, Transpose, Slice, Expand, Detach, and Reshape of a tensor
// whose numbers lie row by row) share numbers with what they were made from.
//
// Misuse panics with *Error, which says what was given and what is wanted. Try turns that into an error.
//
// Ops may run in any number of goroutines at once; two goroutines must not use a tensor while one of them Assigns to it. NoGrad,
// Scope and Trace hold for the goroutine that calls them.
//
// Memory of tensors that nobody can reach comes back by itself. MemoryStats says what they take, SetMemoryLimit makes too much an
// Error instead of the end of the process. Profile says where time and memory go. With TAPIR_POISON=1 in the environment memory is
// filled with NaN when it is given back, and a write to it afterwards is found, with a panic, when it is used again: for who looks
// for a mistake of the engine or writes an op.
//
// # Decisions
//
// 2026-11-23, the tape: no list of what ran is kept. A result refers to its node (op, attributes, arguments, versions), and a
// gradient pass finds the nodes between the result and what is asked for, arguments before results. Slabs of 64 nodes would save
// 30 ns an op, but one reachable node would keep its slab alive, that the slab before, and so on back to the first step. Marks of
// a pass are in the tensors, under a lock; a second pass at the same time uses a map.
//
// 2026-11-26, 8 bits: weights are rounded once, column by column, and what comes in at each product, row by row (dynamic
// quantisation), so that nothing has to be calibrated. Int8 is a type of its own and no element type of tensors: it is for
// products alone, and a recorded graph notes a decision where one is used, so that no export takes it for a constant unseen.
//
// 2026-11-23, gradients: a rule gives the gradient of one argument, so that what nobody asked for is not computed: a generator's
// loss makes no gradient for the critic's weights. Rules are ops, so they can be differentiated again. Where nobody records the
// gradient, a Fast rule may do the same in one pass over memory; it is not used while tracing, which must see every op.
//
// 2026-11-23, memory: blocks of the pool come back in three ways. Within a gradient pass nobody outside sees what is made, so each
// block is counted and comes back with its last tensor. At the end of Scope the results of ops come back that nobody kept; touching
// one later is an Error, never a wrong number. All others come back through the collector. No tensor is freed behind the back of
// code that did not ask for it.
//
// 2026-11-23, the collector's pace: the first leaf sets 32 MiB of address space aside that is never touched. The collector
// counts it, and runs eight times less often in programs whose heap is small; 45 % of the time of small steps was collecting.
// 2026-11-26: not only with the first gradient, since ops without gradients spent a third of their time so, and not when the
// package starts, since that took 2 to 6 ms of a kernel without tensors.
//
// 2026-11-26, no release by the front end of cells: a temporary of a chain may be freed only if it is none of the operands (SetName
// and To may return one), no view counts on its memory, nothing traces, and the next op does not record it. Cells would learn the
// engine's insides for a gain that Scope has, and only where no gradient is wanted.
//
// 2026-11-26, gradients in place: within a pass nobody outside sees a gradient of an intermediate. Where one tensor alone has its
// memory, sums are added to it, and the Fast rule of a function of one argument writes over it: nothing else reads it after that.
//
// 2026-11-26, small memory: from 1 KiB on memory is used again when it is freed, but stays on the Go heap until 64 KiB, so that what
// is not freed costs nothing. Within a gradient pass it is counted as blocks are, and WithGrad frees the gradients too: optimisers
// use it. Scope leaves small results alone, as it always did.
//
// 2026-11-26, one allocation holds a tensor and its node, and one a tiny result and its numbers where no node is: a view of the
// numbers must not keep the tape alive.
//
// 2026-11-26, Steps: one step of an optimiser is one call for all leaves, shared out by spans of numbers and not by leaf. Clipping and
// decay happen to a block of the gradient that stays in the first cache; only the norm reads all gradients once more.
//
// 2026-11-26, Profile belongs to the goroutine that calls it, as Trace does. Allocations are counted for the process, since
// workspaces are made by helpers too. A node knows its line only while a Profile runs: finding it takes as long as a small op.
//
// 2026-11-26, memory limit: it counts tensors of 64 KiB and more, which are what fills a machine. The names in its Error come from
// the stack when it happens, so that nothing is paid before.
//
// 2026-11-23, promotion: elementwise ops bring their operands to the higher of bool, u8, i64, f32, f64. Anything else that mixes
// kinds is an Error: a silent conversion of weights or indices is nearly always a mistake.
//
// 2026-11-23, versions: Assign counts a version up in the memory that views share. A gradient compares it with what the op saw,
// except for ops whose gradient does not look at their arguments' numbers.
//
// 2026-11-23, Gelu is the exact form with erf, the default of PyTorch and of ONNX; the tanh form is within 0.001 of it.
//
// 2026-11-23, Var divides by n. It is what normalisation layers want, and the only form that broadcasts without a special case for 1.
//
// 2026-11-24, numbers beside tensors: x/v is a division and no product with 1/v, which differs in the last bit, nor is v/x one with
// a reciprocal. Both are composed of Div and a scalar of the tensor's kind, as v-x is of Sub, so they have gradients and exports.
//
// 2026-11-26, BatchNorm returns the statistics of the batch beside its result, for running ones; they have no gradient. Running
// statistics are state of a layer, so nn keeps them. A pooling that is recorded notes what its Fast gradient needs, a byte for
// each window of two by two, not the indices that MaxPool2dIndices gives.
//
// 2026-11-26, Conv1d is Conv2d of images of one row: views in, a view out, and no op of its own.
//
// 2026-11-26, gradients together: an op whose gradients share most of their work (normalisations, attention, LSTM, GRU) declares
// them as one function for all arguments beside the formula. What only it needs is kept by Save.
//
// 2026-11-26, Attention handles some 56 queries at a time against all keys that they see, so that a row's softmax is exact and in one
// piece; memory grows with the number of keys, not with its square. Running maxima over blocks of keys, as in FlashAttention, would
// only pay where a row of scores does not fit into the second cache. The way back computes the scores again: keeping them would be
// the matrix that the op avoids.
//
// 2026-11-26, recurrent ops: each is one op over the whole sequence, with weights as PyTorch has them, and with both biases, because
// the formats have that operator. The LSTM's last state c is one more row of its result, since an op has one result; LSTM cuts it
// off as a view. Formulas go through the sequence step by step, and are used only for gradients of gradients.
//
// 2026-11-26, derivatives of functions: VJP, JVP, HVP, Jacobian and Hessian call the function with stand-ins, so that what it uses
// besides by the same name is a constant, as on paper. Whether they record follows from what the function reached, not from a switch:
// in a loss they have gradients, elsewhere they keep no tape. JVP is two passes back: a rule forward for each op would be as much
// code again for a product that most need only along with a Hessian.
//
// 2026-11-26, hooks: a function of OnGrad sees the whole gradient of its tensor, once for each pass, and not the parts that come from
// each use. It belongs to the tensor and not to the pass, so it works for Backward, Grad and Minimize alike. A tensor without
// hooks pays one comparison in a pass.
//
// 2026-11-26, Custom and Checkpoint: a custom op is one node whose gradient is the user's formula; a trace sees what its forward
// function is made of, so it exports. A Checkpoint is one node too; a gradient pass that meets it records the function again and
// walks what it recorded as if it had been there, so sums run in the same order, hooks work inside, and tensors that the function
// captures have their gradients. What it uses from outside is noted as it runs: nobody has to list it.
//
// 2026-11-26, edges: gradients are PyTorch's also where there are several answers: 0 at a bound of Clip, a half for each of equal
// numbers, both arguments of Maximum where one is NaN. The exceptions are for NaN and are listed in torch_test.go, which holds every
// op, and the derivatives of 20 functions, against what PyTorch 2.15 said.
//
// 2026-11-26, CheckGrad looks at every element and not along random directions: what is wrong has a place then. When the whole is
// wrong it checks each op that ran by itself, since that is where the mistake is looked for.
package eager
