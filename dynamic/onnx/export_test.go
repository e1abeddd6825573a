package onnx

import "github.com/tapir-go/tapir/eager"

// Raw is a tensor's numbers as ONNX stores them, for tests.
func Raw(x *eager.Tensor) []byte { return encode("", x).Raw }
