// Package weights reads named tensors from files of NumPy (.npz, .npy) and from state dicts of PyTorch (.pt, .pth).
//
//	state, err := weights.Torch("resnet.pt")
//	err = nn.LoadState(net, state)
//
// A .pt file is a pickle, a program that makes objects. Here no program runs: of its instructions those are followed that
// build lists, dicts, numbers and texts, and of its functions the few are known that PyTorch describes a tensor by; any other
// name is an error that says it. A file that lies about itself gives an error and no tensor.
//
// Numbers that the engine does not have are widened where that loses nothing: float16 and bfloat16 become f32; int8, int16,
// int32, uint16 and uint32 become i64. The format to write is that of eager/safetensors.
//
// # Decisions
//
// 2026-11-26. Only reading, and of PyTorch only the zip format that torch.save writes since 1.6 (2020): the one before has a
// pickle for each part, and torch.load and torch.save turn it into the present one.
//
// 2026-11-26. A checkpoint that has dicts and lists within dicts gives dotted names ("model.0.weight"). What is no tensor in
// it, such as the number of an epoch, is left out.
package weights
