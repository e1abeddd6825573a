// Package onnx writes a recorded graph as an ONNX model, and reads and runs
// what it writes: opset 17, a named free batch axis, attributes always
// explicit, checked before the file appears.
//
//	report, err := onnx.Save(dynamic.Record(net.Forward, x), "model.onnx")
//
// Ops describe their own ONNX form (eager.Op.Export); this package turns those
// descriptions into a file.
//
// # Decisions
//
// 2026-11-23. Whatever depends on the number of rows is found by exporting two
// recordings that differ in it by one, and comparing the results byte by byte:
// a size, a count or a random number that slipped into an attribute or a
// constant shows itself as a difference, whichever op it is in.
//
// 2026-11-23. Messages are written by hand with protowire
// (google.golang.org/protobuf, kept by the Go protobuf team; only its
// encoding/protowire is used, which drags in nothing). Generated ONNX code
// panics at start when a program links two copies of it.
//
// 2026-11-23. A model is checked before its file appears: the bytes are read
// back and run by the engine as the ONNX specification reads them. It is the
// writer's own reading, so the tests run the files in ONNX Runtime as well.
package onnx
