// Package safetensors keeps named tensors in files of the safetensors format, which PyTorch, JAX, MLX and others read
// and write too.
//
// A file is eight bytes of header length, a JSON header with the name, dtype, shape and place of each tensor, and their
// numbers, little-endian and without holes (https://github.com/huggingface/safetensors). Nothing in a file is ever
// executed, and a file that lies about itself gives an error and no tensor.
//
//	err := safetensors.Save("net.safetensors", map[string]*eager.Tensor{"weight": w, "bias": b}, nil)
//	tensors, metadata, err := safetensors.Load("net.safetensors")
//
// # Decisions
//
// 2026-11-23: Named tensors are a plain map[string]*eager.Tensor, here and in the states of eager/nn and eager/optim: a
// type that all three know, although optim may not import this package. The order in a file follows from the contents
// (element size, largest first, then name, as the reference implementation has it), so equal maps give equal bytes.
//
// 2026-11-23: Dtypes that the engine does not have are widened on loading where that loses nothing (F16 and BF16 become
// f32; I8, I16, I32, U16, U32 become i64), and are an error otherwise. A file from PyTorch opens without a detour, and
// nobody is given other numbers than the file holds.
//
// 2026-11-23: The header may be 100 MB, the cap of the reference implementation; tensors must cover the data area
// without overlap and without holes, which that implementation demands as well.
package safetensors
