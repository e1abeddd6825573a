// Package optim changes parameters so that a loss becomes smaller: SGD, Adam, AdamW and RMSprop, clipping of gradients,
// and schedules of the learning rate.
//
//	opt := optim.NewAdam(net.Params(), 0.001)
//	for ... {
//		loss := nn.CrossEntropy(net.Forward(x), labels)
//		opt.Minimize(loss)
//	}
//
// The update rules are those of PyTorch's documentation, number for number.
//
// # Decisions
//
// 2026-11-23: Minimize takes the gradient of the optimiser's own parameters and steps. No gradient stays anywhere, so
// there is nothing to zero, and the loss of a generator leaves nothing in its critic. Backward, Step and ZeroGrad exist
// with PyTorch's meaning for code that comes from there.
//
// 2026-11-23: Settings are exported fields that may be changed at any time between steps. A schedule is a value with
// Rate(step), set as a field; it needs no call of its own in the loop, so it cannot be called in the wrong place.
//
// 2026-11-23: A parameter without a gradient is left alone, as in PyTorch: neither decay nor momentum acts on it, and its
// count of steps (Adam's bias correction) stands still. Only if a loss reaches no parameter at all is that an error.
//
// 2026-11-23: The state holds moments, steps and the current rate as named tensors and not the other settings: those
// stand in the program. With the state of the parameters it continues a run exactly.
//
// 2026-11-26: What an optimiser keeps of a parameter whose gradient has ended fades below 1.2e-38, where each number costs the
// processor a hundred cycles: a network of 4,600 numbers took 21 of its 35 microseconds a step for that. The vector kernels take such
// numbers for 0. Where eps is below 1e-14 that could be seen, and the plain Go form runs.
package optim
