// Package onnx writes a recorded graph as an ONNX model, and reads models, its
// own and others', as modules that learn on.
//
// What it writes is opset 17, with a named free batch axis and attributes
// always explicit, and is checked before the file appears:
//
//	report, err := onnx.Save(dynamic.Record(net.Forward, x), "model.onnx")
//
// What it reads are models up to opset 21, with If, Loop, Scan, functions,
// numbers of 8 bits and data in other files:
//
//	net, err := onnx.Load("model.onnx")
//	y := net.Forward(x)           // gradients flow through
//	params := net.Params()        // for an optimiser
//	err = net.Save("better.onnx") // with the parameters as they are by then
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
//
// 2026-11-26. A model's numbers that the engine has no type for are kept in a
// wider one, with their own type beside them: int32 in i64, float16 in f32.
// Each result is brought back into the range of its type. So all of a model's
// types are read without more kinds in the engine. Strings are refused.
//
// 2026-11-26. Initializers of a single number are no parameters: they are the
// constants of formulas (an epsilon, a scale). So are those that an operator
// takes as a setting.
//
// 2026-11-26. Of ONNX's 932 node cases (version 1.12) testdata/cases.txt lists
// those that do not pass, each with its reason. Where that version's cases and
// ONNX Runtime differ (Resize by a scale with align_corners), the cases hold.
package onnx
