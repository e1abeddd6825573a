// Package nn has what networks are made of: layers, activations, losses, initial values, and states that are saved as
// safetensors.
//
//	rng := eager.NewRand(1)
//	net := nn.NewSeq([]nn.Layer{
//		nn.NewLinear(rng, 784, 256),
//		nn.Func(nn.Relu),
//		nn.NewLinear(rng, 256, 10),
//	})
//	loss := nn.CrossEntropy(net.Forward(x), labels)
//
// A Layer is anything with Forward and Params, so a struct of one's own, also one that is declared in a cell of a
// notebook, is a layer like those here. What it is made of is found by looking at its fields.
//
// # Decisions
//
// 2026-11-23: Names of parameters and buffers, training mode and summaries come from walking over the fields of
// structs with reflection. A layer then needs two methods and no registration, and a struct of a cell is treated as any
// other. The walk only ever takes
// tensors that Params names (and buffers that a layer lists itself), so it cannot pick up what is no parameter; a
// parameter that it cannot reach, inside a closure, keeps its own name.
//
// 2026-11-23: Training mode is a field, Training, of the layers that care (BatchNorm, Dropout), and of any struct that
// has such a field. Train and Eval set it. It is neither global nor an argument that every Forward must pass on.
//
// 2026-11-23: Constructors take the *eager.Rand for initial values. Two networks that are built in two goroutines do
// not disturb each other, and a seed stands where it acts.
//
// 2026-11-23: Initial values are those of PyTorch (see Linear, Conv2d), not the better ones that one would choose
// today, because course texts and published learning curves assume them. Others are one Assign away.
//
// 2026-11-23: The weight of Linear is (in,out), as it is multiplied, where PyTorch has (out,in). LoadTorch and
// SaveTorch turn it round. A state remains what the parameters are.
//
// 2026-11-23: Losses refuse operands of different shapes. Broadcasting (n,1) against (n) to (n,n) is the most frequent
// silent error in losses.
//
// 2026-11-26: MultiHeadAttention, LSTM and GRU have the batch first, as all layers here, where PyTorch has time first unless
// it is told otherwise. Their weights have PyTorch's names, shapes and order of gates, (out,in), so that published weights load
// as they are; only the Linear within MultiHeadAttention is turned, as every Linear.
package nn
