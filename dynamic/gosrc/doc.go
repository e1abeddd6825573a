// Package gosrc writes a recorded function as a Go package that needs nothing but Go: the static model as source that can be
// read, vetted, cross-compiled and put into a program, with no engine, no cgo and no model file beside it.
//
//	report, err := gosrc.Write(dynamic.Record(net.Forward, x), "digits", gosrc.Options{})
//
// The folder is then a package digits:
//
//	m := digits.New(64)             // room for 64 rows; all that is ever allocated
//	err := m.Predict(y, x, n)       // y (n,10) from x (n,1,28,28)
//
// with weights.bin embedded, and model_test.go, which holds the package to the numbers of the engine to 1e-5, checks that it
// allocates nothing, and measures it. A Model is for one goroutine at a time; the weights are shared, so that one for each
// goroutine costs its working memory alone.
//
// # Decisions
//
// 2026-11-26. The source is made of the ONNX form of the function (dynamic/onnx): its operators are few, their attributes
// explicit, and what would be baked for the recorded number of rows is refused there already. Sizes are found by running
// that form with several numbers of rows; each is a multiple of the rows plus a constant, or the function is refused.
//
// 2026-11-26. Weights are in a file, never in the source: compilers do not take megabytes of numbers as text.
//
// 2026-11-26. Elementwise operators whose results are used once are fused into one loop, in the order of the model. Sums are
// in float32 as in the engine, softmax and norms in float64.
package gosrc
